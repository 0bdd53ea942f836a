"""Why a customer may have gone back to the phone: the last friction before his first offline order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adoption.metrics.book import Book
from adoption.metrics.facts import Event, Order

FAILED_SEARCH, UNANSWERED_QUOTE, UNKNOWN = "failed_search", "unanswered_quote", ""
# A "friction" event says in props.cause which of these it was.
TOLD = frozenset({"out_of_stock", "price_difference", "approval_stuck", "payment_failed", "order_refused", "erp_away"})
LOOK_BACK = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Friction:
    """Something that went wrong for a customer. `about`: the words searched, the SKU, the quote."""

    cause: str
    at: dt.datetime
    about: str = ""


def last_friction(book: Book, account_id: str, order: Order) -> Friction | None:
    """Return the last friction in the 30 days before an order was placed; None when nothing was noted."""
    since = order.placed_at - LOOK_BACK
    found = [one for one in book.indexed(_by_account).get(account_id, ()) if since <= one.at < order.placed_at]
    waiting = [
        Friction(UNANSWERED_QUOTE, one.requested_at, one.quote_id)
        for one in book.quotes
        if one.account_id == account_id
        and since <= one.requested_at < order.placed_at
        and (one.first_response_at is None or one.first_response_at > order.placed_at)
    ]
    return max([*found, *waiting], key=lambda one: one.at, default=None)


def _by_account(book: Book) -> Mapping[str, list[Friction]]:
    """Index: friction that events tell of, by account."""
    found: dict[str, list[Friction]] = {}
    for account_id, one in _told(book.events_of("friction")):
        found.setdefault(account_id, []).append(one)
    for account_id, one in _searches(book.events_of("search")):
        found.setdefault(account_id, []).append(one)
    return found


def _told(events: Iterable[Event]) -> Iterable[tuple[str, Friction]]:
    for event in events:
        cause = str(event.props.get("cause", ""))
        if cause in TOLD:
            yield event.account_id, Friction(cause, event.occurred_at, str(event.props.get("about", event.object_id)))


def _searches(events: Iterable[Event]) -> Iterable[tuple[str, Friction]]:
    for event in events:
        if str(event.props.get("hits", "")) == "0":
            yield event.account_id, Friction(FAILED_SEARCH, event.occurred_at, str(event.props.get("query", "")))
