"""How a quote moves: requested -> answered <-> change_asked -> accepted | declined | expired | withdrawn."""

from __future__ import annotations

import datetime as dt

from shop.quotes.models import Quote, QuoteMove, QuoteState

ALLOWED: dict[str, frozenset[str]] = {
    QuoteState.REQUESTED: frozenset({QuoteState.ANSWERED, QuoteState.ACCEPTED, QuoteState.WITHDRAWN}),
    QuoteState.ANSWERED: frozenset(
        {
            QuoteState.ANSWERED, QuoteState.CHANGE_ASKED, QuoteState.ACCEPTED,
            QuoteState.DECLINED, QuoteState.EXPIRED, QuoteState.WITHDRAWN,
        }
    ),
    QuoteState.CHANGE_ASKED: frozenset(
        {QuoteState.ANSWERED, QuoteState.ACCEPTED, QuoteState.DECLINED, QuoteState.EXPIRED, QuoteState.WITHDRAWN}
    ),
    # A rep may extend it or answer anew; the ERP may refuse what was accepted.
    QuoteState.EXPIRED: frozenset({QuoteState.ANSWERED, QuoteState.ACCEPTED}),
    QuoteState.ACCEPTED: frozenset({QuoteState.ANSWERED}),
    QuoteState.DECLINED: frozenset(),
    QuoteState.WITHDRAWN: frozenset(),
}  # fmt: skip
WAITING_FOR_US = (QuoteState.REQUESTED, QuoteState.CHANGE_ASKED)
OPEN = (*WAITING_FOR_US, QuoteState.ANSWERED)
# The words of docs/metrics.md, M26.
STATUS = {
    QuoteState.REQUESTED: "open",
    QuoteState.ANSWERED: "open",
    QuoteState.CHANGE_ASKED: "open",
    QuoteState.ACCEPTED: "won",
    QuoteState.DECLINED: "lost",
    QuoteState.EXPIRED: "expired",
    QuoteState.WITHDRAWN: "withdrawn",
}


def move(*, quote: Quote, to: str, now: dt.datetime, by: str = "", message: str = "") -> bool:
    """Move the quote if its state allows it; write who and why. Return False when it had moved already.

    The update is conditional in the database, so of two movers one wins. Call inside a transaction.
    """
    came_from = [state for state, targets in ALLOWED.items() if to in targets]
    before = quote.state
    if not Quote.objects.filter(pk=quote.pk, state__in=came_from).update(state=to):
        return False
    quote.state = to
    note(quote=quote, before=before, now=now, by=by, message=message)
    return True


def note(*, quote: Quote, now: dt.datetime, by: str = "", message: str = "", before: str | None = None) -> None:
    """Write down what happened to a quote, whether it moved its state or not."""
    QuoteMove.objects.create(
        quote=quote,
        from_state=quote.state if before is None else before,
        to_state=quote.state,
        at=now,
        by=by[:120],
        message=message[:500],
    )


def locked(quote: Quote) -> Quote:
    """Return the quote as it is now, locked until the end of the transaction."""
    return Quote.objects.select_for_update(of=("self",)).select_related("sold_to", "requested_by").get(pk=quote.pk)
