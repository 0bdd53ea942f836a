"""Reads for a head office and its branches at once; which branches, `accounts.selectors.branch_memberships` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Sum
from django.http import Http404

from accounts.actors import Actor
from accounts.models import SoldTo
from accounts.selectors import branch_memberships
from erp_sync.mirror.models import Invoice, Order, OrderLine
from shop.catalogue.texts import ItemWords
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items

ORDERS, INVOICES, MISSING = "orders", "invoices", "missing"
WHAT = (ORDERS, INVOICES, MISSING)
PAGE = 25


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A document, or a line that is missing, with the company it belongs to."""

    company: SoldTo
    order: Order | None = None
    invoice: Invoice | None = None
    line: OrderLine | None = None
    item: ItemWords = UNKNOWN_ITEM

    @property
    def name(self) -> str:
        """What the line's item is called in the reader's language, else as the ERP wrote it on the order."""
        return self.item.name or (self.line.description or self.line.sku if self.line else "")

    @property
    def unit(self) -> str:
        """The line's unit in the reader's language."""
        return self.item.unit(self.line.unit) if self.line else ""

    @property
    def order_number(self) -> str:
        """The order's number, or the shop's reference while the ERP has given it none."""
        return self.order.number or self.order.web_reference if self.order else ""

    @property
    def to_come(self) -> Decimal:
        """What is still to be delivered of the line."""
        one = self.line
        return one.quantity - one.quantity_delivered - one.quantity_cancelled if one else Decimal(0)


@dataclass(frozen=True, slots=True)
class BranchSum:
    """What one company has of it, in one currency; `amount` is None where nothing is added up."""

    company: SoldTo
    count: int
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """A page of it. `companies` are all that may be chosen from, the head office first."""

    companies: tuple[SoldTo, ...]
    chosen: SoldTo | None
    sums: tuple[BranchSum, ...]
    rows: tuple[BranchRow, ...]
    page: Page[Any]


def actors_of(*, actor: Actor) -> tuple[Actor, ...]:
    """Return the actor as he stands in his head office and in each of its branches.

    Raises:
        Http404: he has no branches to look into; a rep who acts for the head office hasn't either.
    """
    stand_ins = [] if actor.is_assisted else branch_memberships(actor.user)
    mine = [one for one in stand_ins if one.via is not None and one.via.sold_to_id == actor.sold_to.pk]
    if not mine:
        raise Http404
    branches = sorted(mine, key=lambda one: one.sold_to.name)
    return actor, *(replace(actor, sold_to=one.sold_to, membership=one) for one in branches)


def together(*, actor: Actor, what: str, branch: str, page: str) -> Together:
    """Return a page of the orders, open invoices or missing goods of all branches, or of one by its number.

    Raises:
        Http404: he has no branches, or not this one.
    """
    companies = tuple(one.sold_to for one in actors_of(actor=actor))
    chosen = next((one for one in companies if one.number == branch), None)
    if branch and chosen is None:
        raise Http404
    looked_at = (chosen,) if chosen else companies
    by_id = {one.erp_id: one for one in looked_at}
    rows, sums = {ORDERS: _orders, INVOICES: _invoices, MISSING: _missing}[what](list(by_id))
    found = Paginator(rows, PAGE).get_page(page)
    shown = tuple(_named([_row(one, by_id) for one in found.object_list]))
    return Together(companies, chosen, tuple(_sums(sums, companies)), shown, found)


Found = tuple[QuerySet[Any], Sequence[tuple[str, str, int, Decimal | None]]]


def _orders(customers: list[str]) -> Found:
    orders = Order.objects.filter(customer_erp_id__in=customers, gone_at=None, is_return=False)
    found = orders.exclude(status__in=["draft", "quotation"])
    open_ones = (
        found.filter(status="open").values("customer_erp_id", "currency").annotate(n=Count("pk"), sum=Sum("total"))
    )
    return found.order_by("-placed_at", "-pk"), list(open_ones.values_list("customer_erp_id", "currency", "n", "sum"))


def _invoices(customers: list[str]) -> Found:
    found = Invoice.objects.filter(customer_erp_id__in=customers, gone_at=None, state="open", kind="invoice")
    owed = found.values("customer_erp_id", "currency").annotate(n=Count("pk"), sum=Sum("amount_due"))
    return found.order_by("due_on", "pk"), list(owed.values_list("customer_erp_id", "currency", "n", "sum"))


def _missing(customers: list[str]) -> Found:
    found = OrderLine.objects.filter(
        order__customer_erp_id__in=customers, order__gone_at=None, order__status="open", order__is_return=False,
        item_type="goods", quantity__gt=F("quantity_delivered") + F("quantity_cancelled"),
    )  # fmt: skip
    counted = found.values("order__customer_erp_id").annotate(n=Count("pk"))
    rows = [(customer, "", n, None) for customer, n in counted.values_list("order__customer_erp_id", "n")]
    return found.select_related("order").order_by(F("promised_on").asc(nulls_last=True), "pk"), rows


def _row(one: Order | Invoice | OrderLine, by_id: dict[str, SoldTo]) -> BranchRow:
    if isinstance(one, Order):
        return BranchRow(by_id[one.customer_erp_id], order=one)
    if isinstance(one, Invoice):
        return BranchRow(by_id[one.customer_erp_id], invoice=one)
    return BranchRow(by_id[one.order.customer_erp_id], order=one.order, line=one)


def _named(rows: Sequence[BranchRow]) -> Iterator[BranchRow]:
    words = words_of_items(row.line.sku for row in rows if row.line)
    for row in rows:
        yield replace(row, item=words.get(row.line.sku, UNKNOWN_ITEM)) if row.line else row


def _sums(rows: Sequence[tuple[str, str, int, Decimal | None]], companies: Sequence[SoldTo]) -> list[BranchSum]:
    by_id = {one.erp_id: one for one in companies}
    found = [BranchSum(by_id[customer], n, amount, currency) for customer, currency, n, amount in rows]
    return sorted(found, key=lambda one: (one.company.name, one.currency))
