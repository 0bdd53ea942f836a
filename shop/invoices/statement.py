"""The statement of account: every open invoice and credit note of a company, as of now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Invoice
from sheets.cells import Cell, Column
from shop.invoices.ageing import Ageing, ageings_of
from shop.invoices.selectors import company_today

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """An open document; credit notes have negative figures."""

    invoice: Invoice
    days_late: int

    @property
    def total(self) -> Decimal:
        """What it was written for."""
        return self._signed(self.invoice.total)

    @property
    def settled(self) -> Decimal:
        """What of it is paid or used."""
        return self.total - self.due

    @property
    def due(self) -> Decimal:
        """What is left of it."""
        return self._signed(self.invoice.amount_due)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return _("Credit note") if self.invoice.kind == "credit" else _("Invoice")

    @property
    def references(self) -> str:
        """The buyer's own numbers."""
        return ", ".join(self.invoice.customer_references)

    def _signed(self, amount: Decimal) -> Decimal:
        return -amount if self.invoice.kind == "credit" else amount


@dataclass(frozen=True, slots=True)
class Sheet:
    """The documents of one currency. `balance` is what the company owes, credit notes taken off."""

    ageing: Ageing
    rows: tuple[StatementRow, ...]

    @property
    def currency(self) -> str:
        """Of all its figures."""
        return self.ageing.currency

    @property
    def balance(self) -> Decimal:
        """What is owed."""
        return sum((row.due for row in self.rows), ZERO)


@dataclass(frozen=True, slots=True)
class Statement:
    """The whole statement; currencies are never added up.

    Attributes:
        as_of: The instant to which the ERP's data is complete.
    """

    company: str
    number: str
    today: dt.date
    as_of: dt.datetime | None
    sheets: tuple[Sheet, ...]


def statement(*, actor: Actor, now: dt.datetime) -> Statement:
    """Return the company's statement of account (2 queries)."""
    invoices = mirror.open_invoices(customer_erp_id=actor.sold_to.erp_id)
    today = company_today(now)
    sheets = [Sheet(one, _rows(invoices, one.currency, today)) for one in ageings_of(invoices, today=today)]
    return Statement(
        company=actor.sold_to.name,
        number=actor.sold_to.number,
        today=today,
        as_of=mirror.freshness("invoices"),
        sheets=tuple(sheets),
    )


def _rows(invoices: list[Invoice], currency: str, today: dt.date) -> tuple[StatementRow, ...]:
    return tuple(StatementRow(one, _late(one, today)) for one in invoices if one.currency == currency)


def _late(invoice: Invoice, today: dt.date) -> int:
    if invoice.kind == "credit" or invoice.due_on is None:
        return 0
    return max((today - invoice.due_on).days, 0)


def columns() -> list[Column]:
    """Return the columns of the export, in the reader's language."""
    money = "#,##0.00"
    return [
        Column(_("Document"), 18),
        Column(_("Kind"), 14),
        Column(_("Date"), 12),
        Column(_("Due"), 12),
        Column(_("Days late"), 10),
        Column(_("Your PO number"), 20),
        Column(_("Order"), 20),
        Column(_("Total"), 14, money),
        Column(_("Paid so far"), 14, money),
        Column(_("To pay"), 14, money),
        Column(_("Currency"), 9),
    ]


def cells(found: Statement) -> Iterator[list[Cell]]:
    """Yield the rows of the export."""
    for sheet in found.sheets:
        for row in sheet.rows:
            one = row.invoice
            yield [
                one.number,
                row.kind,
                one.invoiced_on,
                one.due_on,
                row.days_late,
                row.references,
                ", ".join(one.order_numbers),
                row.total,
                row.settled,
                row.due,
                one.currency,
            ]
