"""Reads of deliveries and returns over all orders of a customer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce

from erp_sync.mirror.models import Delivery, DeliveryLine, Invoice, Order, OrderLine, Return
from erp_sync.mirror.selectors import Found

NOT_GONE = ("waiting", "picking")
ON_THE_WAY = ("waiting", "picking", "shipped")
STATES = {"": ON_THE_WAY, "delivered": ("delivered",), "all": (*ON_THE_WAY, "delivered")}
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class DeliveryFilters:
    """What a buyer looks for.

    Attributes:
        q: Part of the number of the delivery, its tracking, an order or his own reference, beginning of a SKU.
        state: A key of STATES: "" = on its way.
    """

    q: str = ""
    state: str = ""


def deliveries_of(
    *, customer_erp_id: str, filters: DeliveryFilters = DeliveryFilters(), page: int = 1, per_page: int = PAGE_SIZE
) -> Found[Delivery]:
    """Return the customer's deliveries with their lines, the latest first (2 queries)."""
    rows = Delivery.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, state__in=STATES[filters.state])
    rows = rows.exclude(_of_cancelled_orders(customer_erp_id))
    if text := filters.q.strip():
        rows = rows.filter(_matches(customer_erp_id, text))
    rows = rows.prefetch_related("lines").alias(day=Coalesce("delivered_on", "shipped_on", "planned_on"))
    return _paged(rows.order_by("-day", "-pk"), page, per_page)


def _of_cancelled_orders(customer_erp_id: str) -> Q:
    """Return the condition for what will never leave: all its orders are cancelled, the ERP only keeps its paper."""
    cancelled = Order.objects.filter(customer_erp_id=customer_erp_id, status="cancelled").values("erp_id")
    parts = DeliveryLine.objects.filter(delivery=OuterRef("pk"))
    has_cancelled = Exists(parts.filter(order_erp_id__in=cancelled))
    return Q(has_cancelled, ~Exists(parts.exclude(order_erp_id__in=cancelled)), state__in=NOT_GONE)


def _matches(customer_erp_id: str, text: str) -> Q:
    orders = Order.objects.filter(customer_erp_id=customer_erp_id, gone_at=None).filter(
        Q(number__icontains=text) | Q(customer_reference__icontains=text)
    )
    parts = DeliveryLine.objects.filter(Q(sku__istartswith=text) | Q(order_erp_id__in=orders.values("erp_id")))
    return (
        Q(number__icontains=text)
        | Q(tracking_number__icontains=text)
        | Q(pk__in=parts.filter(delivery__customer_erp_id=customer_erp_id).values("delivery_id"))
    )


def _paged(rows: QuerySet[Delivery], page: int, per_page: int) -> Found[Delivery]:
    start = (max(page, 1) - 1) * per_page
    found: list[Delivery] = list(rows.annotate(on_all_pages=Window(Count("*")))[start : start + per_page])
    total = int(getattr(found[0], "on_all_pages", 0)) if found else rows.count()
    return Found(found, total, max(page, 1), per_page)


def delivery(*, customer_erp_id: str, number: str) -> Delivery | None:
    """Return one delivery with its lines (2 queries)."""
    rows = Delivery.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, number=number)
    return rows.prefetch_related("lines").order_by("-pk").first() if number else None


def orders_by_erp_id(*, customer_erp_id: str, erp_ids: Collection[str]) -> dict[str, Order]:
    """Return these orders of the customer with their lines, by the ERP's id (2 queries)."""
    rows = Order.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, erp_id__in=list(erp_ids))
    return {row.erp_id: row for row in rows.prefetch_related("lines")}


def order_line(*, customer_erp_id: str, number: str, line_no: int) -> OrderLine | None:
    """Return a line of an order by the order's number or the shop's reference, with its order (1 query)."""
    if not number:
        return None
    rows = OrderLine.objects.filter(
        Q(order__number=number) | Q(order__web_reference=number),
        order__customer_erp_id=customer_erp_id,
        order__gone_at=None,
        line_no=line_no,
    ).exclude(order__status__in=["draft", "quotation"])
    return rows.select_related("order").order_by("-order__placed_at").first()


# --- returns ---


def returns_of(*, customer_erp_id: str, order_erp_id: str = "") -> list[Return]:
    """Return the customer's returns, those of one order where it is named, the latest first (1 query)."""
    rows = Return.objects.filter(customer_erp_id=customer_erp_id, gone_at=None)
    if order_erp_id:
        rows = rows.filter(order_erp_id=order_erp_id)
    return list(rows.order_by("-requested_on", "-pk"))


def returns_of_line(*, customer_erp_id: str, order_line_erp_id: str) -> list[Return]:
    """Return the returns of one order line that the ERP did not refuse (1 query)."""
    rows = Return.objects.filter(
        customer_erp_id=customer_erp_id, gone_at=None, order_line_erp_id=order_line_erp_id
    ).exclude(state="rejected")
    return list(rows)


def credit_notes(*, customer_erp_id: str, numbers: Collection[str]) -> dict[str, Invoice]:
    """Return the customer's credit notes with these numbers (1 query; none for none)."""
    wanted = [number for number in numbers if number]
    if not wanted:
        return {}
    rows = Invoice.objects.filter(customer_erp_id=customer_erp_id, gone_at=None, kind="credit", number__in=wanted)
    return {row.number: row for row in rows.exclude(state="cancelled")}
