"""Reads invoices and credit notes of all channels, for the actor's company only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.http import Http404

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Address, Invoice, InvoiceLine
from shop.catalogue.texts import ItemWords
from shop.invoices.ageing import Ageing, ageings_of
from shop.money.formats import company_zone
from shop.orders.models import OrderLine
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in a list; `is_overdue` when something of it is late."""

    invoice: Invoice
    is_overdue: bool
    days_late: int

    @property
    def minor(self) -> int:
        """What is to be paid in the smallest unit of its currency, for the bar that adds up what is ticked."""
        invoice = self.invoice
        is_open = invoice.kind == "invoice" and invoice.state == "open" and invoice.amount_due > 0
        return int(invoice.amount_due.scaleb(get_currency_precision(invoice.currency))) if is_open else 0


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of invoices."""

    rows: tuple[InvoiceRow, ...]
    total: int
    page: int
    pages: int
    per_page: int = PER_PAGE

    @property
    def first(self) -> int:
        """Position of the first row of this page."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the last row of this page."""
        return self.first + len(self.rows) - 1 if self.rows else 0


@dataclass(frozen=True, slots=True)
class InvoiceLineView:
    """A billed line, beside the receipt of what was ordered in the shop.

    `difference` is billed less ordered money of this line; None when it was not ordered in the shop.
    """

    line: InvoiceLine
    name: str
    unit: str
    receipt: OrderLine | None
    difference: Decimal | None


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """Everything an invoice's page shows."""

    row: InvoiceRow
    lines: tuple[InvoiceLineView, ...]
    as_of: dt.datetime | None

    @property
    def invoice(self) -> Invoice:
        """The mirrored invoice."""
        return self.row.invoice

    @property
    def has_receipts(self) -> bool:
        """Some line was ordered in the shop, so its price can be proved."""
        return any(line.receipt for line in self.lines)

    @property
    def difference(self) -> Decimal:
        """Billed less ordered, over the lines with a receipt; 0 = billed as ordered."""
        return sum((line.difference for line in self.lines if line.difference is not None), Decimal(0))


def company_today(now: dt.datetime) -> dt.date:
    """Return the company's date."""
    return now.astimezone(company_zone()).date()


def invoices_for(
    *,
    actor: Actor,
    now: dt.datetime,
    filters: mirror.InvoiceFilters,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> InvoicePage:
    """Return invoices and credit notes of all channels, latest first (1 query)."""
    today = company_today(now)
    found = mirror.invoices_of(
        customer_erp_id=actor.sold_to.erp_id,
        today=today,
        filters=filters,
        page=page,
        per_page=per_page,
    )
    rows = tuple(_row(one, today) for one in found.rows)
    return InvoicePage(rows=rows, total=found.total, page=found.page, pages=found.pages, per_page=per_page)


def _row(invoice: Invoice, today: dt.date) -> InvoiceRow:
    days = (today - invoice.due_on).days if invoice.due_on and invoice.amount_due > 0 else 0
    is_overdue = days > 0 and invoice.kind == "invoice" and invoice.state == "open"
    return InvoiceRow(invoice=invoice, is_overdue=is_overdue, days_late=max(days, 0) if is_overdue else 0)


def get_invoice(*, actor: Actor, number: str, now: dt.datetime) -> InvoiceView:
    """Return one invoice with its lines and their price proof (5 queries).

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    invoice = mirror.invoice(customer_erp_id=actor.sold_to.erp_id, number=number)
    if invoice is None:
        raise Http404
    lines = list(invoice.lines.all())
    receipts = _receipts(actor, lines)
    words = words_of_items(line.sku for line in lines)
    return InvoiceView(
        row=_row(invoice, company_today(now)),
        lines=tuple(
            _line(line, words.get(line.sku, UNKNOWN_ITEM), receipts.get((line.order_erp_id, line.sku)))
            for line in lines
        ),
        as_of=mirror.freshness("invoices"),
    )


def _receipts(actor: Actor, lines: list[InvoiceLine]) -> dict[tuple[str, str], OrderLine]:
    """Return the receipts by (ERP order, SKU) of what these lines bill, of the actor's own orders only."""
    orders = {line.order_erp_id for line in lines if line.order_erp_id}
    if not orders:
        return {}
    found = OrderLine.objects.filter(order__sold_to=actor.sold_to, order__erp_id__in=orders).select_related("order")
    return {(line.order.erp_id, line.sku): line for line in found}


def _line(line: InvoiceLine, item: ItemWords, receipt: OrderLine | None) -> InvoiceLineView:
    difference = None
    if receipt is not None:
        difference = ((line.net_price - receipt.net_price) * line.quantity).quantize(Decimal("0.01"))
    name = item.name or line.description or line.sku
    return InvoiceLineView(line, name, item.unit(line.unit), receipt, difference)


def places_of(*, actor: Actor) -> list[Address]:
    """Return the places that the company's goods go to (1 query)."""
    return [place for place in mirror.addresses(actor.sold_to.erp_id) if place.is_delivery]


def money_owed(*, actor: Actor, now: dt.datetime) -> tuple[Ageing, ...]:
    """Return what the company owes by age, one entry for each currency; () = nothing is open (1 query)."""
    invoices = mirror.open_invoices(customer_erp_id=actor.sold_to.erp_id)
    return ageings_of(invoices, today=company_today(now))


def credit_position(*, actor: Actor) -> gateway.StampedCredit | None:
    """Return the credit position with its stamp, asked live where it isn't fresh; None when nobody knows."""
    return gateway.credit(actor.sold_to.erp_id)
