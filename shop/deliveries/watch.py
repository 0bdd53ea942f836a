"""Finds in the mirror what people should be told: shipped, late, changed, cancelled.

The watch looks at what the mirror wrote since it last looked. What it announces has a key made of the thing and what
became of it, so that looking twice tells once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import SoldTo
from accounts.signals import announce
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Delivery, DeliveryLine, Item, Order, OrderLine
from shop.approvals import takings
from shop.catalogue.texts import item_words
from shop.deliveries.models import OrderShape, WatchMark
from shop.money import formats
from shop.money.formats import company_zone
from shop.orders.models import Order as ShopOrder
from shop.orders.wishes import tell_cancelled
from shop.signals import Told, in_languages, shop_told

# The mirror writes in transactions: what began before the last look may have ended after it.
OVERLAP = dt.timedelta(minutes=5)
# The first look, and one after a long pause, tells nothing that is older.
MOST_BACK = dt.timedelta(days=2)
STILL_NEWS = dt.timedelta(days=7)
CHUNK = 500
NO_UNITS: Mapping[str, str] = MappingProxyType({})


def look(*, now: dt.datetime) -> dict[str, int]:
    """Look at what the mirror wrote since the last look; return how many things were announced (known ones too)."""
    return {
        "shipped": _since("deliveries", _shipped, now),
        "changed": _since("orders", _changed, now),
    }


def _since(kind: str, tell: Callable[[dt.datetime, dt.datetime], int], now: dt.datetime) -> int:
    with transaction.atomic():
        mark, _made = WatchMark.objects.select_for_update().get_or_create(
            kind=kind, defaults={"seen_until": now - MOST_BACK}
        )
        since = max(mark.seen_until - OVERLAP, now - MOST_BACK)
        told = tell(since, now)
        mark.seen_until = now
        mark.save(update_fields=["seen_until"])
    return told


def _companies(erp_ids: Iterable[str]) -> dict[str, int]:
    """Return the keys of the companies that the shop knows, by the ERP's id: nobody else is told anything."""
    return dict(SoldTo.objects.filter(erp_id__in=set(erp_ids), is_active=True).values_list("erp_id", "pk"))


# --- shipped ------------------------------------------------------------------------------------------------------


def _shipped(since: dt.datetime, now: dt.datetime) -> int:
    news_from = now.astimezone(company_zone()).date() - STILL_NEWS
    rows = list(
        Delivery.objects.filter(
            synced_at__gte=since, gone_at=None, state__in=("shipped", "delivered"), shipped_on__gte=news_from
        ).order_by("pk")
    )
    companies = _companies(row.customer_erp_id for row in rows)
    numbers = _numbers_of(rows)
    for row in rows:
        if row.customer_erp_id in companies:
            params = {
                "number": ", ".join(numbers.get(row.pk, ())),
                "delivery": row.number,
                "carrier": row.carrier,
                "tracking": row.tracking_number,
            }
            path = reverse("delivery-detail", kwargs={"number": row.number})
            _tell(
                f"delivery:{row.erp_id}:shipped",
                "order_shipped",
                companies[row.customer_erp_id],
                path,
                params,
                _left_at(row, now),
            )
    return len(rows)


def _left_at(row: Delivery, now: dt.datetime) -> dt.datetime:
    """Return the end of the day it left, or now: what left days ago is no news when we first see it."""
    if row.shipped_on is None:
        return now
    return min(now, dt.datetime.combine(row.shipped_on, dt.time.max, tzinfo=company_zone()))


def _numbers_of(rows: list[Delivery]) -> dict[int, list[str]]:
    """Return the numbers of the orders that each delivery brings something of (2 queries)."""
    pairs = set(DeliveryLine.objects.filter(delivery__in=rows).values_list("delivery_id", "order_erp_id"))
    known = dict(Order.objects.filter(erp_id__in={erp_id for _pk, erp_id in pairs}).values_list("erp_id", "number"))
    numbers: dict[int, list[str]] = {}
    for pk, erp_id in sorted(pairs):
        if known.get(erp_id):
            numbers.setdefault(pk, []).append(known[erp_id])
    return numbers


# --- late ---------------------------------------------------------------------------------------------------------


def tell_late(*, now: dt.datetime) -> int:
    """Tell of lines whose promise is over, or was moved to a later day; once for each line and promise."""
    today = now.astimezone(company_zone()).date()
    missing = F("quantity") - F("quantity_cancelled") - F("quantity_delivered")
    passed = Q(promised_on__lt=today, promised_on__gte=today - STILL_NEWS)
    moved = Q(promised_on__gt=F("first_promised_on"), order__synced_at__gte=now - STILL_NEWS)
    lines = (
        OrderLine.objects.alias(left=missing)
        .filter(passed | moved, left__gt=0, item_type="goods", order__status="open", order__gone_at=None)
        .filter(order__is_return=False)
        .select_related("order")
        .order_by("order_id", "promised_on", "line_no")
    )
    rows = list(lines[: CHUNK * 20])
    companies = _companies(line.order.customer_erp_id for line in rows)
    told: set[tuple[int, dt.date | None]] = set()
    for line in rows:
        key = (line.order_id, line.promised_on)
        if key not in told and line.order.customer_erp_id in companies:
            told.add(key)
            _tell_late(line, companies[line.order.customer_erp_id], now)
    return len(told)


def _tell_late(line: OrderLine, sold_to_id: int, now: dt.datetime) -> None:
    order, promised = line.order, line.first_promised_on or line.promised_on
    number = order.number or order.web_reference
    is_moved = line.promised_on != promised
    params = {
        "number": number,
        "sku": line.sku,
        "promised": promised.isoformat() if promised else "",
        "now": line.promised_on.isoformat() if is_moved and line.promised_on else "",
    }
    key = f"order:{order.erp_id}:late:{line.promised_on}{':moved' if is_moved else ''}"
    _tell(key, "order_late", sold_to_id, reverse("order-detail", kwargs={"number": number}), params, now)


# --- changed ------------------------------------------------------------------------------------------------------


def _changed(since: dt.datetime, now: dt.datetime) -> int:
    """Hold our own orders that the mirror wrote against how they were when last seen."""
    rows = list(
        Order.objects.filter(synced_at__gte=since, gone_at=None, is_return=False)
        .exclude(web_reference="")
        .prefetch_related("lines")
        .order_by("pk")
    )
    own = ShopOrder.objects.in_bulk([row.web_reference for row in rows], field_name="reference")
    seen = {one.order_erp_id: one for one in OrderShape.objects.filter(order_erp_id__in=[row.erp_id for row in rows])}
    return sum(
        _compare(row, seen.get(row.erp_id), own[row.web_reference], now) for row in rows if row.web_reference in own
    )


def _compare(row: Order, before: OrderShape | None, own: ShopOrder, now: dt.datetime) -> bool:
    sold_to_id = own.sold_to_id
    if row.status == "cancelled":
        with transaction.atomic():
            takings.give_back(sold_to_id=sold_to_id, order_key=own.order_key)
            tell_cancelled(sold_to_id=sold_to_id, order_erp_id=row.erp_id, number=row.number, now=now)
        return True
    shape = shape_of(row)
    if before is None:
        OrderShape.objects.get_or_create(order_erp_id=row.erp_id, defaults={"shape": shape, "seen_at": now})
        return False
    was = before.shape
    if not differences(was, shape):
        return False
    items = mirror.items_by_sku([line.sku for line in row.lines.all()])
    what = in_languages("what", lambda: "; ".join(differences(was, shape, _units(row, items), row.currency))[:300])
    before.shape, before.seen_at = shape, now
    before.save(update_fields=["shape", "seen_at"])
    digest = hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]
    path = reverse("order-detail", kwargs={"number": row.number})
    params = {"number": row.number} | what
    _tell(f"order:{row.erp_id}:changed:{digest}", "order_changed", sold_to_id, path, params, now)
    return True


def shape_of(row: Order) -> dict[str, object]:
    """Return what a buyer agreed to, as JSON: quantities, prices, the day he wants it, where it goes."""
    lines = {
        line.erp_id: [line.sku, _text(line.quantity - line.quantity_cancelled), _text(line.net_price)]
        for line in row.lines.all()
        if line.item_type == "goods"
    }
    return {"lines": lines, "wanted": str(row.requested_on or ""), "ship_to": row.ship_to, "po": row.customer_reference}


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _units(row: Order, items: Mapping[str, Item]) -> dict[str, str]:
    """Return what the unit of each line is called in the reader's language, by SKU."""
    return {
        line.sku: item_words(items[line.sku]).unit(line.unit) if line.sku in items else line.unit
        for line in row.lines.all()
    }


def differences(
    before: Mapping[str, object], after: Mapping[str, object], units: Mapping[str, str] = NO_UNITS, currency: str = ""
) -> list[str]:
    """Say what differs, in signs that need few words: "A-1: 10 → 8 boxes", "2026-12-01 → 2026-12-08"."""
    return [*_of_lines(before.get("lines"), after.get("lines"), units, currency), *_of_head(before, after)]


def _of_lines(before: object, after: object, units: Mapping[str, str], currency: str) -> list[str]:
    was: dict[str, list[str]] = before if isinstance(before, dict) else {}
    now: dict[str, list[str]] = after if isinstance(after, dict) else {}
    gone = [was[key] for key in was if key not in now]
    come = [now[key] for key in now if key not in was]
    # An ERP may write lines anew, as Tryton does with those of an accepted quote: only the key is another.
    for line in [one for one in gone if one in come]:
        if line in come:
            gone.remove(line)
            come.remove(line)
    found = [_moved(line[0], line[1], "0", units) for line in gone]
    for key in (key for key in was if key in now):
        (old_sku, old, old_price), (sku, new, price) = was[key], now[key]
        found += [f"{old_sku} → {sku}"] if old_sku != sku else []
        found += [_moved(sku, old, new, units)] if old != new else []
        found += [f"{sku}: {_price(old_price, currency)} → {_price(price, currency)}"] if old_price != price else []
    return [*found, *(_moved(line[0], "0", line[1], units) for line in come)]


def _moved(sku: str, old: str, new: str, units: Mapping[str, str]) -> str:
    amounts = f"{formats.quantity(Decimal(old))} → {formats.quantity(Decimal(new))}"
    return f"{sku}: {amounts} {units.get(sku, '')}".strip()


def _price(text: str, currency: str) -> str:
    return formats.unit_price(Decimal(text), currency)


def _of_head(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    pairs = [(before.get(name), after.get(name)) for name in ("wanted", "ship_to", "po")]
    return [f"{old or '-'} → {new or '-'}" for old, new in pairs if old is not None and old != new]


def _tell(key: str, event: str, sold_to_id: int, path: str, params: dict[str, str], now: dt.datetime) -> None:
    told = Told(
        key=key, event=event, sold_to_id=sold_to_id, audience="buyers", occurred_at=now, path=path, params=params
    )
    announce(shop_told, told)
