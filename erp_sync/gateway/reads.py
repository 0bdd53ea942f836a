"""Prices, stock, totals and credit: asked in one call, kept with their age."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import structlog
from django.utils import timezone

from erp_sync import adapters
from erp_sync import records as r
from erp_sync.conf import limits
from erp_sync.errors import ErpError, ErpMisconfigured
from erp_sync.gateway import door, flight, shelf
from erp_sync.gateway.shelf import Kept
from erp_sync.gateway.stamps import CACHE, LAST_KNOWN, LIVE, Stamp, StampedCredit, StampedOffer
from erp_sync.ports import Erp

log = structlog.get_logger("erp")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Question:
    """What one page asks: the same context and details for every ask, which is found by its key."""

    context: r.PriceContext
    asks: dict[str, r.Ask]
    ladders: bool
    warehouses: bool

    def only(self, keys: Iterable[str]) -> _Question:
        return dataclasses.replace(self, asks={key: self.asks[key] for key in keys})

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.asks)


def _question(context: r.PriceContext, asks: Sequence[r.Ask], *, ladders: bool, warehouses: bool) -> _Question:
    key = functools.partial(
        shelf.offer_key,
        context,
        per_customer=not _prices_follow_list(),
        ladders=ladders,
        warehouses=warehouses,
    )
    return _Question(context, {key(ask): ask for ask in asks}, ladders, warehouses)


def _prices_follow_list() -> bool:
    try:
        return adapters.load().capabilities.prices_follow_list
    except ErpMisconfigured:
        return False


def line_amount(net_price: Decimal, quantity: Decimal) -> Decimal:
    """Return what a line comes to, untaxed, rounded to the cent as this ERP rounds halves; nothing is asked."""
    return (net_price * quantity).quantize(CENT, rounding=_halves())


def _halves() -> str:
    try:
        return ROUND_HALF_EVEN if adapters.load().capabilities.halves == "even" else ROUND_HALF_UP
    except ErpMisconfigured:
        return ROUND_HALF_UP


def known_offers(
    context: r.PriceContext,
    asks: Sequence[r.Ask],
    *,
    ladders: bool = False,
    warehouses: bool = False,
) -> dict[str, StampedOffer]:
    """Return what is known without asking the ERP (at most the freshness limit old), by SKU.

    It never waits. What is a few seconds old is refreshed behind the page. Each SKU may be asked
    once.
    """
    now = timezone.now()
    question = _question(context, asks, ladders=ladders, warehouses=warehouses)
    kept = shelf.get(question.asks, now)
    fresh_s = limits().fresh_s
    fresh = {key: entry for key, entry in kept.items() if entry.age_s(now) <= fresh_s}
    _refresh_behind(question, fresh, now)
    return _stamped(question, fresh, {}, now)


def offers(
    context: r.PriceContext,
    asks: Sequence[r.Ask],
    *,
    live: bool = False,
    ladders: bool = False,
    warehouses: bool = False,
) -> dict[str, StampedOffer]:
    """Return price and stock by SKU in one ERP round trip for all that is not fresh.

    Never raises because of the ERP: what it does not answer in time comes back as LAST_KNOWN (price
    up to 24 h, stock up to 15 min old) or is missing from the result ("price on request"). With
    `live` nothing cached is taken
    as fresh: every line is asked now (basket, checkout). Each SKU may be asked once.
    """
    now = timezone.now()
    question = _question(context, asks, ladders=ladders, warehouses=warehouses)
    if live:
        answered = _ask(question, until=_page_end(len(asks)), wait_s=limits().call_wait_s)
        rest = question.keys - answered.keys()
        return _stamped(question, shelf.get(rest, now) if rest else {}, answered, now)
    kept = shelf.get(question.asks, now)
    due = _due(question, kept, now)
    if not due:
        _refresh_behind(question, kept, now)
        return _stamped(question, kept, {}, now)
    answered = _ask_once(question.only([*due, *_old(kept, now)]), kept)
    return _stamped(question, kept, answered, now)


def _due(question: _Question, kept: dict[str, Kept], now: dt.datetime) -> list[str]:
    """Return the keys that must be asked before the page can be shown."""
    fresh_s = limits().fresh_s
    due = [key for key in question.asks if key not in kept or kept[key].age_s(now) > fresh_s]
    hopeless = shelf.unanswered(due)
    return [key for key in due if key not in hopeless]


def _old(kept: dict[str, Kept], now: dt.datetime) -> list[str]:
    """Return the keys that are old enough to be refreshed: the next call takes them along."""
    limit = limits()
    return [key for key, entry in kept.items() if limit.refresh_after_s <= entry.age_s(now) <= limit.fresh_s]


def _page_end(lines: int) -> float:
    limit = limits()
    return time.monotonic() + limit.for_lines(limit.page_deadline_s, lines)


# --- asking ---


def _ask_once(question: _Question, kept: dict[str, Kept]) -> dict[str, Kept]:
    """Ask, unless another thread or process asks the same now: then take its answer."""
    until = _page_end(len(question.asks))
    has_last_known = question.keys <= kept.keys()
    wait_s = 0.0 if has_last_known else limits().call_wait_s
    # Behind another's call nobody waits long who has something to show: an ERP that hangs would hold every thread.
    behind_until = min(until, time.monotonic() + limits().call_wait_s) if has_last_known else until

    def look() -> dict[str, Kept] | None:
        found = shelf.get(question.asks, timezone.now())
        return found if not _due(question, found, timezone.now()) else None

    def ask() -> dict[str, Kept]:
        if flight.claimed(question.keys, for_s=limits().page_deadline_s):
            try:
                return _ask(question, until=until, wait_s=wait_s)
            finally:
                flight.release(question.keys)
        found = flight.awaited(question.keys, look, until=min(behind_until, until - limits().page_deadline_s / 2))
        return found or _ask(question, until=until, wait_s=wait_s)

    return flight.once(question.keys, ask, until=behind_until)


def _ask(question: _Question, *, until: float, wait_s: float) -> dict[str, Kept]:
    """Ask the ERP once and keep what it says; what it does not say is missing from the result."""
    keys = list(question.asks)
    left_s = until - time.monotonic()
    if not keys or left_s <= 0:
        return {}
    try:
        answer = door.call("offers", functools.partial(_call, question), deadline_s=left_s, wait_s=wait_s)
    except ErpError as error:
        log.info("offers_not_answered", error=str(error), lines=len(keys))
        shelf.note_unanswered(keys)
        return {}
    found = {key: Kept(offer, answer.at, answer.call_id) for key, offer in _matched(question, answer.value).items()}
    shelf.put(found, keep_s=limits().price_last_known_s)
    shelf.note_unanswered(key for key in keys if key not in found)
    return found


def _call(question: _Question, erp: Erp, deadline_s: float) -> list[r.Offer]:
    return erp.offers(
        question.context,
        list(question.asks.values()),
        ladders=question.ladders,
        warehouses=question.warehouses,
        deadline_s=deadline_s,
    )


def _matched(question: _Question, answers: list[r.Offer]) -> dict[str, r.Offer]:
    """Return the sensible answers by key: neither texts nor figures of an ERP are trusted."""
    key_of = {(ask.sku, ask.quantity): key for key, ask in question.asks.items()}
    found: dict[str, r.Offer] = {}
    for offer in answers:
        key = key_of.get((offer.sku, offer.quantity))
        if key and _is_sensible(offer, question.context):
            found[key] = offer
        else:
            log.warning("offer_ignored", sku=offer.sku[:64], currency=offer.currency[:8])
    return found


def _is_sensible(offer: r.Offer, context: r.PriceContext) -> bool:
    """Say whether an offer can be shown: the customer's currency, prices from 0 up."""
    prices = [offer.net_price, offer.list_price, *(step.net_price for step in offer.steps)]
    if any(price is not None and not (price.is_finite() and price >= 0) for price in prices):
        return False
    return not context.currency or offer.currency == context.currency


def _refresh_behind(question: _Question, kept: dict[str, Kept], now: dt.datetime) -> None:
    old = _old(kept, now)
    if old:
        part = question.only(old)
        flight.behind(part.keys, lambda: _ask(part, until=_page_end(len(part.asks)), wait_s=0.0))


# --- stamping ---


def _stamped(
    question: _Question, kept: dict[str, Kept], answered: dict[str, Kept], now: dt.datetime
) -> dict[str, StampedOffer]:
    result = {}
    is_list, oldest_s = _prices_are_exported(), limits().price_last_known_s
    for key, ask in question.asks.items():
        if key in answered:
            result[ask.sku] = _as_live(answered[key], is_list=is_list)
        elif key in kept and kept[key].age_s(now) <= oldest_s:
            result[ask.sku] = _as_kept(kept[key], now, is_list=is_list)
    return result


def _prices_are_exported() -> bool:
    try:
        return adapters.load().capabilities.price_source == "list"
    except ErpMisconfigured:
        return False


def _as_live(entry: Kept[r.Offer], *, is_list: bool) -> StampedOffer:
    offer = entry.value
    return StampedOffer(offer, Stamp(offer.as_of or entry.at, LIVE, offer.rule, entry.call_id, is_list=is_list))


def _as_kept(entry: Kept[r.Offer], now: dt.datetime, *, is_list: bool) -> StampedOffer:
    offer = entry.value
    if entry.age_s(now) > limits().stock_last_known_s:
        offer = dataclasses.replace(offer, stock=None, expected=())
    stamp = _stamp(entry, now, as_of=offer.as_of or entry.at, rule=offer.rule, is_list=is_list)
    return StampedOffer(offer, stamp)


def _stamp(
    entry: Kept, now: dt.datetime, *, as_of: dt.datetime | None = None, rule: str = "", is_list: bool = False
) -> Stamp:
    limit = limits()
    age_s = entry.age_s(now)
    source = CACHE if age_s <= limit.fresh_s else LAST_KNOWN
    return Stamp(
        as_of or entry.at, source, rule, entry.call_id, refresh=age_s >= limit.refresh_after_s, is_list=is_list
    )


# --- totals and credit ---


def totals(order: r.NewOrder) -> r.Totals:
    """Return the ERP's own totals of an unsaved order, asked now.

    Raises:
        ErpUnavailable, ErpRejected, ErpBroken.
    """
    limit = limits()
    return door.call(
        "totals",
        lambda erp, deadline_s: erp.totals(order, deadline_s=deadline_s),
        deadline_s=limit.for_lines(limit.totals_deadline_s, len(order.lines)),
        wait_s=limit.call_wait_s,
    ).value


def credit(customer_erp_id: str) -> StampedCredit | None:
    """Return the credit position (fresh 60 s, last known up to 24 h), or None when nobody knows."""
    now = timezone.now()
    limit = limits()
    key = shelf.credit_key(customer_erp_id)
    kept: Kept[r.CreditPosition] | None = shelf.get([key], now).get(key)
    if kept and kept.age_s(now) <= limit.fresh_s:
        return StampedCredit(kept.value, _stamp(kept, now))
    asked = None if shelf.unanswered([key]) else _ask_credit(customer_erp_id, key)
    if asked:
        return StampedCredit(asked.value, Stamp(asked.at, LIVE, request_id=asked.call_id))
    if kept and kept.age_s(now) <= limit.price_last_known_s:
        return StampedCredit(kept.value, _stamp(kept, now))
    return None


def _ask_credit(customer_erp_id: str, key: str) -> Kept[r.CreditPosition] | None:
    limit = limits()

    def ask(erp: Erp, deadline_s: float) -> r.CreditPosition | None:
        if not erp.capabilities.has_credit:
            return None
        return erp.credit(customer_erp_id, deadline_s=deadline_s)

    try:
        answer = door.call("credit", ask, deadline_s=limit.page_deadline_s, wait_s=limit.call_wait_s)
    except ErpError as error:
        log.info("credit_not_answered", error=str(error))
        answer = None
    if answer is None or answer.value is None:
        shelf.note_unanswered([key])
        return None
    entry = Kept(answer.value, answer.at, answer.call_id)
    shelf.put({key: entry}, keep_s=limit.price_last_known_s)
    return entry


def takes_payments() -> bool:
    """Whether payments can be written to the ERP (asks nobody)."""
    try:
        return adapters.load().capabilities.has_payments
    except ErpMisconfigured:
        return False


def settles_credit_notes() -> bool:
    """Whether a payment can use up credit notes in the ERP (asks nobody)."""
    try:
        return adapters.load().capabilities.settles_credit_notes
    except ErpMisconfigured:
        return False


def takes_discounts() -> bool:
    """Whether an order in the ERP can carry a discount as a line (asks nobody)."""
    try:
        return adapters.load().capabilities.has_discount_lines
    except ErpMisconfigured:
        return False
