"""Where an order stands, as a line of at most five steps with their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from erp_sync.mirror.models import Delivery
from shop.money import formats
from shop.orders.models import OrderState

DONE, NOW, TODO, OFF = "done", "now", "todo", "off"
RANK = {"received": 0, "confirmed": 1, "picking": 2, "shipped": 3, "delivered": 4}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `state` is done, now, todo or off; `note` adds a few words ("8 of 12 shipped")."""

    key: str
    state: str
    words: str
    on: dt.date | dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of an order's way: its step by the ERP, the shop's own state, and its deliveries."""

    step: str
    shop_state: str
    placed_at: dt.datetime
    confirmed_at: dt.datetime | None
    deliveries: Sequence[Delivery]
    ordered: Decimal
    delivered: Decimal


def steps_of(progress: Progress) -> tuple[Step, ...]:
    """Return the steps, the delivered one only where the ERP tells when goods arrived."""
    received = Step("received", DONE, _("Received"), progress.placed_at)
    if progress.shop_state == OrderState.REJECTED:
        return (received, Step("rejected", OFF, _("Refused by the ERP")))
    if progress.step == "cancelled" or progress.shop_state == OrderState.CANCELLED:
        return (received, Step("cancelled", OFF, _("Cancelled")))
    if progress.shop_state == OrderState.NEEDS_REVIEW:
        return (received, Step("review", NOW, _("We are checking it")), _confirmed(progress, TODO))
    steps = [received, *_from_erp(progress)]
    return tuple(steps)


def _from_erp(progress: Progress) -> list[Step]:
    reached = RANK.get(progress.step, 0)
    shipped_on = max((one.shipped_on for one in progress.deliveries if one.shipped_on), default=None)
    delivered_on = max((one.delivered_on for one in progress.deliveries if one.delivered_on), default=None)
    planned_on = min((one.planned_on for one in progress.deliveries if one.planned_on), default=None)
    confirmed = _confirmed(progress, DONE if reached >= 1 else NOW)
    picking = Step("picking", _state(reached, 2), _("Picking"), planned_on if reached < 3 else None)
    shipped = Step("shipped", _shipped_state(progress, reached), _("Shipped"), shipped_on, _shipped_note(progress))
    if delivered_on is None and reached < 4:
        return [confirmed, picking, shipped]
    return [confirmed, picking, shipped, Step("delivered", _state(reached, 4), _("Delivered"), delivered_on)]


def _confirmed(progress: Progress, state: str) -> Step:
    return Step("confirmed", state, _("Confirmed"), progress.confirmed_at)


def _state(reached: int, rank: int) -> str:
    if reached > rank or (reached == rank and rank == RANK["delivered"]):
        return DONE
    return NOW if reached == rank else TODO


def _shipped_state(progress: Progress, reached: int) -> str:
    if reached >= RANK["shipped"] and progress.delivered >= progress.ordered:
        return DONE
    return NOW if progress.delivered > 0 or reached >= RANK["shipped"] else TODO


def _shipped_note(progress: Progress) -> str:
    if not 0 < progress.delivered < progress.ordered:
        return ""
    return _("%(delivered)s of %(ordered)s shipped") % {
        "delivered": formats.quantity(progress.delivered),
        "ordered": formats.quantity(progress.ordered),
    }
