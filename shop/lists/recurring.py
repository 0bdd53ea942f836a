"""Orders that come again: a list, an interval, a reminder on the day, and one click that fills the basket."""

from __future__ import annotations

import calendar
import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.selectors import company_day
from accounts.signals import announce
from shop.lists.errors import ListRefused
from shop.lists.models import ItemList, RecurringOrder
from shop.signals import Told, shop_told

INTERVALS = (("weeks", 1), ("weeks", 2), ("weeks", 4), ("months", 1), ("months", 2), ("months", 3))
FARTHEST = dt.timedelta(days=366)


@transaction.atomic
def set_recurring(
    *, actor: Actor, item_list: ItemList, interval: str, next_on: dt.date | None, now: dt.datetime
) -> RecurringOrder:
    """Order a list again and again: `interval` as "weeks-2", first on `next_on`. The actor is reminded.

    Raises:
        ListRefused: no such interval, or a day that is over or too far.
    """
    today = company_day(now)
    chosen = next((one for one in INTERVALS if f"{one[0]}-{one[1]}" == interval), None)
    if chosen is None or next_on is None or not today <= next_on <= today + FARTHEST:
        raise ListRefused(_("Choose how often, and a first day from today on within a year. Nothing was changed."))
    found, _made = RecurringOrder.objects.update_or_create(
        item_list=item_list,
        defaults={
            "person": actor.user, "unit": chosen[0], "every": chosen[1], "day": next_on.day, "next_on": next_on,
            "reminded_on": None,
        },
    )  # fmt: skip
    return found


def stop(*, item_list: ItemList) -> None:
    """End it; the list stays."""
    RecurringOrder.objects.filter(item_list=item_list).delete()


@transaction.atomic
def move_on(*, item_list: ItemList, released: bool, now: dt.datetime) -> None:
    """Set the next day, after it was released or skipped; twice on one day moves it once."""
    one = RecurringOrder.objects.select_for_update(of=("self",)).filter(item_list=item_list).first()
    today = company_day(now)
    if one is None or one.next_on > today:
        return
    while one.next_on <= today:
        one.next_on = following(one)
    one.reminded_on = None
    one.released_at = now if released else one.released_at
    one.save(update_fields=["next_on", "reminded_on", "released_at"])


def following(one: RecurringOrder) -> dt.date:
    """Return the day after `next_on`; the 31st becomes the last day of a shorter month, and the 31st again later."""
    if one.unit == RecurringOrder.Unit.WEEKS:
        return one.next_on + dt.timedelta(weeks=one.every)
    months = one.next_on.month - 1 + one.every
    year, month = one.next_on.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(one.day, calendar.monthrange(year, month)[1]))


def remind_due(*, now: dt.datetime) -> int:
    """Tell whoever set it up that the day has come, once for each day; return how many were told."""
    today = company_day(now)
    due = RecurringOrder.objects.filter(next_on__lte=today, item_list__removed_at=None).exclude(
        Q(reminded_on__isnull=False) & Q(reminded_on=F("next_on"))
    )
    count = 0
    for one in due.select_related("item_list"):
        with transaction.atomic():
            announce(shop_told, _told(one, now))
            RecurringOrder.objects.filter(pk=one.pk).update(reminded_on=one.next_on)
            count += 1
    return count


def _told(one: RecurringOrder, now: dt.datetime) -> Told:
    return Told(
        key=f"recurring:{one.pk}:{one.next_on.isoformat()}",
        event="recurring_due",
        sold_to_id=one.item_list.sold_to_id,
        audience="person",
        person_id=one.person_id,
        occurred_at=now,
        path=reverse("list-detail", args=[one.item_list_id]),
        params={"list": one.item_list.name, "due_on": one.next_on.isoformat()},
    )
