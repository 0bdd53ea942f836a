"""The facts of quotes for whoever counts (docs/metrics.md, M26); all of them can be told again from the rows."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Prefetch, Q

from accounts.actors import Actor, who_of
from accounts.models import User
from accounts.signals import Fact, Who, announce
from shop.quotes.models import Origin, Quote, QuoteState, QuoteVersion, Source
from shop.quotes.states import STATUS
from shop.signals import shop_fact


def requested(*, quote: Quote, line_count: int) -> None:
    """Announce that somebody asked for a price."""
    props = {"lines": str(line_count), "currency": quote.currency, "channel": quote.channel}
    who = _of_person(quote, quote.requested_by, is_assisted=quote.assisted_id is not None, session_id=quote.session_id)
    _announce(quote, "quote_requested", "", quote.requested_at, who, props)


def answered(*, quote: Quote, version: QuoteVersion) -> None:
    """Announce an answer; `human` says whether a person of ours gave it."""
    props = {
        "version": str(version.number),
        "human": "no" if version.source == Source.AUTOMATIC else "yes",
        "untaxed": str(version.untaxed_total),
        "currency": version.currency,
    }
    who = _of_ours(quote, version.made_by)
    _announce(quote, "quote_answered", f":{version.number}", version.made_at, who, props)


def accepted(*, quote: Quote, actor: Actor, order: str, now: dt.datetime) -> None:
    """Announce that the answer was accepted in the shop."""
    props = {"order": order, "version": str(quote.current_version), "channel": actor.channel}
    _announce(quote, "quote_accepted", f":{order}", now, who_of(actor), props)


def decided(*, quote: Quote, now: dt.datetime, order: str = "") -> None:
    """Announce how it stands: won, lost, expired, withdrawn, or open again; the latest one holds."""
    props = {"status": STATUS[QuoteState(quote.state)], "order": order}
    who = _of_person(quote, quote.decided_by, is_assisted=False)
    _announce(quote, "quote_decided", f":{now:%Y%m%d%H%M%S%f}", now, who, props)


def announce_again(*, since: dt.datetime) -> None:
    """Announce what happened to quotes since then once more, for who may have missed it; what is known counts once."""
    recent = Q(requested_at__gte=since) | Q(versions__made_at__gte=since) | Q(decided_at__gte=since)
    found = Quote.objects.filter(recent).distinct().select_related("sold_to", "requested_by", "decided_by", "order")
    counted = found.annotate(line_count=Count("lines", distinct=True))
    for quote in counted.prefetch_related(Prefetch("versions", QuoteVersion.objects.select_related("made_by"))):
        if quote.origin == Origin.SHOP:
            requested(quote=quote, line_count=quote.line_count)
        for version in quote.versions.all():
            answered(quote=quote, version=version)
        if quote.decided_at is not None:
            _decided_again(quote)


def _decided_again(quote: Quote) -> None:
    order = quote.order
    if order is not None and quote.decided_at is not None:
        actor = Actor(
            user=order.placed_by,
            sold_to=quote.sold_to,
            rep=order.placed_by if order.assisted_id else None,
            assisted=order.assisted,
            session_id=order.session_id,
        )
        accepted(quote=quote, actor=actor, order=order.reference, now=quote.decided_at)
    if quote.decided_at is not None:
        decided(quote=quote, now=quote.decided_at, order=order.reference if order else quote.erp_number)


def _of_person(quote: Quote, person: User | None, *, is_assisted: bool, session_id: str = "") -> Who:
    key = str(person.person_key) if person else ""
    is_rep = is_assisted or (person is not None and person.is_rep)
    return Who(
        account_id=quote.sold_to.erp_id,
        user_id=key,
        actor="system" if person is None else "rep" if is_rep else "buyer",
        impersonator_id=key if is_assisted else "",
        session_id=session_id,
        is_test=quote.sold_to.is_test or bool(person and person.is_test),
    )


def _of_ours(quote: Quote, person: User | None) -> Who:
    return Who(
        account_id=quote.sold_to.erp_id,
        user_id=str(person.person_key) if person else "",
        actor="rep" if person else "system",
        is_test=quote.sold_to.is_test,
    )


def _announce(quote: Quote, kind: str, what: str, at: dt.datetime, who: Who, props: dict[str, str]) -> None:
    announce(
        shop_fact,
        Fact(
            event_id=f"{kind}:{quote.reference}{what}",
            kind=kind,
            occurred_at=at,
            who=who,
            object_type="quote",
            object_id=quote.reference,
            props=props,
        ),
    )
