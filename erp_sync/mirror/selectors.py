"""Reads of the mirror. What belongs to a customer is read by his ERP id only; there is no way to leave it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value, Window
from django.db.models.expressions import RawSQL

from erp_sync.mirror import age, quick, words
from erp_sync.mirror.models import (
    Address,
    Customer,
    Delivery,
    Invoice,
    InvoiceLine,
    Item,
    MirrorRow,
    Order,
    OwnPartNumber,
)
from erp_sync.mirror.tree import CategoryTree, Node, category_tree
from erp_sync.statements import fetch

__all__ = ["BriefLine", "BriefOrder", "CategoryTree", "ListedOrder", "Node", "category_tree", "escaped"]

Row = TypeVar("Row")
Mirrored = TypeVar("Mirrored", bound=MirrorRow)

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """A page of rows, and how many there are on all pages."""

    rows: list[Row]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.per_page))


# --- items ---


def items_by_sku(skus: Collection[str]) -> dict[str, Item]:
    """Return the items with these numbers, withdrawn ones too (`is_active` False), by number, in one query.

    Of several items that had a number, the one on sale or else the latest.
    """
    return quick.items_by_sku(skus)


def item_names(skus: Collection[str], *, language: str) -> dict[str, str]:
    """Return what the items with these numbers are called in a language, else in English, else in any (1 query)."""
    return quick.names_by_sku(skus, language=language)


def item_words(skus: Collection[str]) -> list[Item]:
    """Return the items with these numbers, withdrawn ones too, with nothing but number, texts and units (1 query)."""
    return list(quick.items_by_sku(skus, quick.WORDS).values())


def item(sku: str) -> Item | None:
    """Return the item with this number, withdrawn or not."""
    return items_by_sku([sku]).get(sku)


def items_in_order(pks: Sequence[int], *, customer_erp_id: str) -> list[Item]:
    """Return these rows as lists show them, in this order, in one query (none for none).

    Each has `own_numbers`, what the customer calls it; what a list does not show is read when it is asked for.
    """
    return quick.listed_items(pks, customer_erp_id=customer_erp_id) if pks else []


def item_for(*, customer_erp_id: str, sku: str) -> Item | None:
    """Return the item on sale with this number, else the latest, in one query.

    It carries `own_numbers` (what the customer calls it) and `predecessors` (numbers of what it replaces).
    """
    return quick.item_with_numbers(sku, customer_erp_id=customer_erp_id)


# --- customers ---


def customer(erp_id: str) -> Customer | None:
    """Return a customer that the ERP still has."""
    return Customer.objects.filter(erp_id=erp_id, gone_at=None).first()


def customers(erp_ids: Collection[str]) -> dict[str, Customer]:
    """Return several customers by the ERP's id, in one query."""
    return {row.erp_id: row for row in Customer.objects.filter(erp_id__in=list(erp_ids), gone_at=None)}


def addresses(customer_erp_id: str) -> list[Address]:
    """Return the customer's places, ship-tos first."""
    return list(
        Address.objects.filter(customer__erp_id=customer_erp_id, customer__gone_at=None).order_by(
            "-is_delivery", "name", "pk"
        )
    )


def own_part_numbers(*, customer_erp_id: str, skus: Collection[str]) -> dict[str, list[str]]:
    """Return the customer's own numbers for these items, by our number."""
    numbers: dict[str, list[str]] = {}
    rows = OwnPartNumber.objects.filter(customer__erp_id=customer_erp_id, sku__in=list(skus)).order_by("number")
    for sku, number in rows.values_list("sku", "number"):
        numbers.setdefault(sku, []).append(number)
    return numbers


# --- orders ---

BriefOrder = quick.BriefOrder
BriefLine = quick.BriefLine
ListedOrder = quick.ListedOrder
escaped = quick.escaped


def orders_in_brief(*, customer_erp_id: str, latest: int, steps: Sequence[str], most: int) -> list[BriefOrder]:
    """Return the customer's `latest` orders and at most `most` that stand at these steps, latest first (2 queries)."""
    return quick.brief_orders(customer_erp_id=customer_erp_id, latest=latest, steps=steps, most=most)


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """What a buyer looks for.

    Attributes:
        q: Part of the order's number, of his own reference, an item's number (from its
            beginning), or words of its name in any language.
        state: open (something is still to come), completed, cancelled; "" = any.
        placed_from, placed_to: The instant from which, and before which.
    """

    q: str = ""
    state: str = ""
    placed_from: dt.datetime | None = None
    placed_to: dt.datetime | None = None


def orders_of(
    *,
    customer_erp_id: str,
    filters: OrderFilters = OrderFilters(),
    page: int = 1,
    per_page: int = PAGE_SIZE,
) -> Found[Order]:
    """Return the customer's orders of all channels, latest first, with their lines (2 queries)."""
    rows, total = quick.orders(_order_matches(filters, customer_erp_id), page=max(page, 1), per_page=per_page)
    quick.put_order_lines(rows)
    return Found(rows, total, max(page, 1), per_page)


def listed_orders(
    *, customer_erp_id: str, filters: OrderFilters = OrderFilters(), page: int = 1, per_page: int = PAGE_SIZE
) -> Found[ListedOrder]:
    """Return the same orders as lists show them, with no more of their lines than that (1 query)."""
    rows, total = quick.listed_orders(_order_matches(filters, customer_erp_id), page=max(page, 1), per_page=per_page)
    return Found(rows, total, max(page, 1), per_page)


def order(*, customer_erp_id: str, number: str) -> Order | None:
    """Return one order by the ERP's number or the shop's reference, with its lines and their items (1 query)."""
    return quick.order(customer_erp_id=customer_erp_id, number=number) if number else None


def orders_by_web_reference(*, customer_erp_id: str, references: Collection[str]) -> dict[str, Order]:
    """Return the orders that the shop sent, by our reference, with their lines (2 queries)."""
    wanted = [reference for reference in references if reference]
    if not wanted:
        return {}
    rows = Order.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, web_reference__in=wanted)
    return {row.web_reference: row for row in rows.prefetch_related("lines")}


def _order_matches(filters: OrderFilters, customer_erp_id: str) -> quick.Conditions:
    """Return what an order must be, as SQL with the values it takes; the customer is always among them.

    What an ERP keeps as an order by which goods come back is no order: it is among the returns.
    """
    found: list[tuple[str, list[object]]] = [("o.customer_erp_id = %s AND NOT o.is_return", [customer_erp_id])]
    if text := filters.q.strip():
        part = f"%{quick.escaped(text)}%"
        found.append(_or_called(text, quick.ORDER_HAS_TEXT, [part, part, text, part[1:]]))
    if filters.state in quick.ORDER_IS:
        found.append((quick.ORDER_IS[filters.state], []))
    if filters.placed_from:
        found.append(("o.placed_at >= %s", [filters.placed_from]))
    if filters.placed_to:
        found.append(("o.placed_at < %s", [filters.placed_to]))
    return quick.Conditions(tuple(sql for sql, _ in found), [value for _, values in found for value in values])


def _or_called(text: str, condition: str, values: list[object]) -> tuple[str, list[object]]:
    """Return the condition, or that an item of the order is called so; what looks like a number is no name."""
    typed = words.typed(text)
    if not typed.words or typed.is_number:
        return condition, values
    query, more = typed.tsquery()
    return f"({condition} OR {quick.ORDER_HAS_ITEM.format(query)})", [*values, *more]


def deliveries_of_order(*, customer_erp_id: str, order_erp_id: str) -> list[Delivery]:
    """Return the deliveries that bring something of this order, with all their lines (1 query)."""
    return quick.deliveries_of_order(customer_erp_id=customer_erp_id, order_erp_id=order_erp_id)


# --- invoices ---


@dataclass(frozen=True, slots=True)
class InvoiceFilters:
    """What a buyer looks for.

    Attributes:
        q: Part of the invoice's or order's number, of his own reference, of an item's number or
            name (in any language).
        state: all, open (something is to be paid), overdue (and late), paid, credit (credit notes only).
        invoiced_from, invoiced_to: First and last day.
        ship_to_erp_id: Place that one of its orders was for.
    """

    q: str = ""
    state: str = "all"
    invoiced_from: dt.date | None = None
    invoiced_to: dt.date | None = None
    ship_to_erp_id: str = ""


def invoices_of(
    *,
    customer_erp_id: str,
    today: dt.date,
    filters: InvoiceFilters = InvoiceFilters(),
    page: int = 1,
    per_page: int = PAGE_SIZE,
) -> Found[Invoice]:
    """Return the customer's invoices and credit notes, latest first (1 query).

    `today` is the company's date; it decides what is overdue.
    """
    rows = Invoice.objects.filter(customer_erp_id=customer_erp_id, gone_at=None).exclude(state="cancelled")
    rows = rows.filter(_in_state(filters.state, today))
    if filters.ship_to_erp_id:
        rows = rows.filter(order_numbers__overlap=_numbers_for(customer_erp_id, filters.ship_to_erp_id))
    if filters.invoiced_from:
        rows = rows.filter(invoiced_on__gte=filters.invoiced_from)
    if filters.invoiced_to:
        rows = rows.filter(invoiced_on__lte=filters.invoiced_to)
    if text := filters.q.strip():
        rows = _with_text(rows, text, customer_erp_id)
    return _paged(rows.order_by("-invoiced_on", "-pk"), page, per_page)


def _numbers_for(customer_erp_id: str, ship_to_erp_id: str) -> ArraySubquery:
    """Return the numbers of the customer's orders for a place, as an array made in the same query."""
    orders = Order.objects.filter(customer_erp_id=customer_erp_id, ship_to_erp_id=ship_to_erp_id)
    return ArraySubquery(orders.values("number"))


def open_invoices(*, customer_erp_id: str) -> list[Invoice]:
    """Return all invoices and credit notes with something left to pay, longest due first (1 query)."""
    return quick.open_invoices(customer_erp_id=customer_erp_id)


def due_between(*, first: dt.date, last: dt.date) -> Iterator[Invoice]:
    """Yield the open invoices of all customers that fall due on these days, in chunks."""
    rows = Invoice.objects.filter(kind="invoice", state="open", amount_due__gt=0, gone_at=None)
    return rows.filter(due_on__gte=first, due_on__lte=last).order_by("pk").iterator(chunk_size=500)


def credit_notes_since(day: dt.date) -> list[Invoice]:
    """Return the credit notes of all customers written on this day or later."""
    rows = Invoice.objects.filter(kind="credit", gone_at=None, invoiced_on__gte=day)
    return list(rows.exclude(state="cancelled").order_by("pk"))


def invoice(*, customer_erp_id: str, number: str) -> Invoice | None:
    """Return one invoice with its lines (2 queries)."""
    if not number:
        return None
    rows = Invoice.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, number=number)
    return rows.exclude(state="cancelled").prefetch_related("lines").first()


def invoice_lines_of_order(*, customer_erp_id: str, order_erp_id: str) -> list[InvoiceLine]:
    """Return the lines that bill something of this order, each with its invoice (1 query)."""
    return quick.invoice_lines_of_order(customer_erp_id=customer_erp_id, order_erp_id=order_erp_id)


def _in_state(state: str, today: dt.date) -> Q:
    if state == "open":
        return Q(state="open", amount_due__gt=0)
    if state == "overdue":
        return Q(state="open", amount_due__gt=0, due_on__lt=today)
    if state == "paid":
        return Q(state="paid")
    return Q(kind="credit") if state == "credit" else Q()


def _with_text(rows: QuerySet[Invoice], text: str, customer_erp_id: str) -> QuerySet[Invoice]:
    joined = Func(F("customer_references"), Value(" "), function="array_to_string", output_field=TextField())
    orders = Func(F("order_numbers"), Value(" "), function="array_to_string", output_field=TextField())
    has_item = Q(sku__istartswith=text) | Q(description__icontains=text)
    if (typed := words.typed(text)).words and not typed.is_number:
        query, values = typed.tsquery()
        has_item |= Q(sku__in=RawSQL(quick.CALLED.format(query), values))  # noqa: S611  # nosec B611
    with_item = InvoiceLine.objects.filter(has_item, invoice__customer_erp_id=customer_erp_id)
    return rows.alias(their_references=joined, their_orders=orders).filter(
        Q(number__icontains=text)
        | Q(their_references__icontains=text)
        | Q(their_orders__icontains=text)
        | Q(pk__in=with_item.values("invoice_id"))
    )


# --- freshness ---


def freshness(kind: str) -> dt.datetime | None:
    """Return the instant to which the mirror of this kind is complete, None before the first whole pull."""
    found = fetch("SELECT s.last_success_at FROM erp_sync_syncstate s WHERE s.kind = %s", [kind])
    return age.as_told(kind, found[0][0]) if found else None


def _paged(rows: QuerySet[Mirrored], page: int, per_page: int) -> Found[Mirrored]:
    """Return one page, counted in the same query; a page beyond the end is empty and costs one more."""
    start = (max(page, 1) - 1) * per_page
    found = list(rows.annotate(on_all_pages=Window(Count("*")))[start : start + per_page])
    total = int(found[0].on_all_pages) if found else rows.count()  # type: ignore[attr-defined]  # annotated above
    return Found(found, total, max(page, 1), per_page)
