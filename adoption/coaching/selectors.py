"""What the week's customers are chosen and judged by."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, F, Q, QuerySet, Sum

from accounts.models import SoldTo
from adoption.coaching.choosing import monday_of
from adoption.coaching.models import Nudge
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from erp_sync.mirror.models import Contact, Item, OrderLine
from erp_sync.mirror.models import Order as MirrorOrder

WATCHED_DAYS = 28
USUAL_DAYS = 365
OnlineDays = Callable[[Collection[str], dt.date], Mapping[str, set[dt.date]]]


def sold_online(orders: Iterable[Order]) -> dict[str, Decimal]:
    """Return by order the share of its value in items that the shop sells today."""
    ids = {erp_id: order.key for order in orders for erp_id in order.ids}
    amount = (F("quantity") - F("quantity_cancelled")) * F("net_price")
    on_sale = Item.objects.filter(is_active=True, gone_at=None).values("sku")
    rows = (
        OrderLine.objects.filter(order__erp_id__in=list(ids), item_type="goods")
        .order_by()
        .values_list("order__erp_id")
        .annotate(
            value=Sum(amount, output_field=DecimalField()),
            online=Sum(amount, filter=Q(sku__in=on_sale), output_field=DecimalField()),
        )
    )
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for erp_id, value, online in rows:
        before = sums.get(ids[erp_id], (Decimal(0), Decimal(0)))
        sums[ids[erp_id]] = (before[0] + value, before[1] + (online or Decimal(0)))
    return {key: online / value for key, (value, online) in sums.items() if value > 0}


def week(week_on: dt.date) -> QuerySet[Nudge]:
    """Return everybody who was chosen for a week, the controls too."""
    return Nudge.objects.filter(week_on=week_on).order_by("rep_id", "pair", "is_control")


def week_of_rep(*, rep_id: str, today: dt.date) -> list[Nudge]:
    """Return a rep's own customers of this week; nobody sees who is left alone."""
    return list(week(monday_of(today)).filter(rep_id=rep_id, is_control=False).order_by("-expected"))


def resting(week_on: dt.date) -> set[str]:
    """Return who was chosen in the four weeks before."""
    since = week_on - dt.timedelta(days=WATCHED_DAYS)
    return set(Nudge.objects.filter(week_on__gte=since, week_on__lt=week_on).values_list("account_id", flat=True))


def usual_order(sold_to: SoldTo, *, now: dt.datetime) -> str:
    """Return the number of the order that stands for what a company orders most often, the latest of its kind; ""."""
    since = now - dt.timedelta(days=USUAL_DAYS)
    orders = MirrorOrder.objects.filter(
        customer_erp_id=sold_to.erp_id, gone_at=None, is_return=False, placed_at__gte=since
    ).filter(status__in=["open", "completed"])
    baskets: dict[str, set[str]] = {}
    lines = OrderLine.objects.filter(order__in=orders, item_type="goods").exclude(sku="")
    for number, reference, sku in lines.order_by("order__placed_at").values_list(
        "order__number", "order__web_reference", "sku"
    ):
        baskets.setdefault(number or reference, set()).add(sku)
    if not baskets:
        return ""
    times = Counter(frozenset(skus) for skus in baskets.values())
    most = max(times.values())
    return [number for number, skus in baskets.items() if times[frozenset(skus)] == most][-1]


def address_in_erp(sold_to: SoldTo) -> str:
    """Return the e-mail of a person whom the ERP knows at a company; "" for none."""
    emails = Contact.objects.filter(customer__erp_id=sold_to.erp_id, kind="email").order_by("pk")
    return emails.values_list("value", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of a group ordered online within 28 days; `early`: not over yet, and in no number."""

    group: str
    n: int
    moved: int
    early: int

    @property
    def share(self) -> Decimal | None:
        """None when there is nobody (C4)."""
        return Decimal(self.moved) / self.n if self.n else None


NUDGED, CONTROL = "nudged", "control"


def outcomes(*, today: dt.date, accounts: Collection[str], online_days: OnlineDays) -> tuple[Outcome, Outcome]:
    """Return what became of whole pairs: the nudged and, beside them, those who were left alone.

    Everybody who was drawn counts, called or not: leaving out who was not called would flatter the call.

    Args:
        today: The company's date.
        accounts: Whose pairs.
        online_days: Gives the days with a self-service order of some accounts from a day on.
    """
    pairs: dict[tuple[dt.date, str, int], list[Nudge]] = {}
    for one in Nudge.objects.order_by("pk"):
        if one.account_id in accounts:
            pairs.setdefault((one.week_on, one.rep_id, one.pair), []).append(one)
    whole = [one for two in pairs.values() if len(two) == 2 for one in two]
    since = min((one.week_on for one in whole), default=today)
    days = online_days({one.account_id for one in whole}, since)
    return _outcome(NUDGED, whole, today, days), _outcome(CONTROL, whole, today, days)


def _outcome(group: str, nudges: Iterable[Nudge], today: dt.date, days: Mapping[str, set[dt.date]]) -> Outcome:
    own = [one for one in nudges if one.is_control == (group == CONTROL)]
    over = [one for one in own if _watched(one).last < today]
    moved = sum(any(day in _watched(one) for day in days.get(one.account_id, ())) for one in over)
    return Outcome(group, len(over), moved, len(own) - len(over))


def _watched(nudge: Nudge) -> Period:
    """Return the 28 days after the nudge's Monday."""
    return Period(nudge.week_on + dt.timedelta(days=1), nudge.week_on + dt.timedelta(days=WATCHED_DAYS))
