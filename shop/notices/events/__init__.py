"""Every notice that there is: its words, whom it concerns, and how it may reach them."""

from __future__ import annotations

from types import MappingProxyType

from shop.notices.events import approvals, money, orders, quotes
from shop.notices.events.kinds import GROUPS, Event, Text

__all__ = ["ALL", "EVENTS", "GROUPS", "Event", "Text", "events_for"]

ALL: tuple[Event, ...] = (*orders.ALL, *approvals.ALL, *quotes.ALL, *money.ALL)
EVENTS = MappingProxyType({event.key: event for event in ALL})


def events_for(side: str) -> tuple[Event, ...]:
    """Return the events of which a buyer or a rep can be told."""
    return tuple(event for event in ALL if side in event.sides)
