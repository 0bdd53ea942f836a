"""Accepting a quote: one order at exactly the quoted prices, once, whoever clicks and however often."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.actors import Actor, who_of
from accounts.audit import audit
from accounts.permissions import Action
from accounts.selectors import company_day, price_context, ship_tos
from erp_sync import gateway
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Address
from erp_sync.outbox.services import queue_quote_acceptance
from erp_sync.records import NewOrder, NewOrderLine, NewQuoteLine, QuoteAcceptance, Totals
from shop.approvals import budgets
from shop.approvals.deciding import Purchase, needed
from shop.money import formats
from shop.orders.checkout import company_obstacles
from shop.orders.models import Order, OrderLine, OrderMove, OrderState
from shop.orders.references import new_reference
from shop.orders.services import announce_submitted
from shop.quotes import facts, states, told
from shop.quotes.errors import QuoteMoved, QuoteRefused
from shop.quotes.models import Quote, QuoteState, QuoteVersion, QuoteVersionLine, Source
from shop.quotes.services import decide, decided_sentence, erp_reference

# What a receipt says about where its price comes from.
SOURCE = "quote"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the buyer sent: which version he read, which of its lines he takes, and his own words.

    Attributes:
        shown: `fingerprint` of the version that was on his page. No price comes from him.
        line_nos: Lines of that version; None = all of them.
    """

    shown: str
    line_nos: frozenset[int] | None
    ship_to_erp_id: str
    customer_reference: str = ""
    requested_on: dt.date | None = None

    def content_hash(self) -> str:
        """Return the hash that tells a repeated click from a different one."""
        lines = None if self.line_nos is None else sorted(self.line_nos)
        content = [self.shown, lines, self.ship_to_erp_id, self.customer_reference, str(self.requested_on)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def fingerprint(version: QuoteVersion) -> str:
    """Return what ties an acceptance to a version: its number and the hash of its content."""
    return f"{version.number}.{version.content_hash[:32]}"


def accept_quote(*, actor: Actor, quote: Quote, acceptance: Acceptance, now: dt.datetime) -> Order:
    """Place the order of a quote at exactly the quoted prices; the ERP gets it right after the commit.

    The same person sending the same again gets the same order.

    Raises:
        NotPermitted: the actor's role does not allow it.
        QuoteMoved: it was decided, answered anew or has expired in the meantime.
        QuoteRefused: a line can't be ordered any more, or the company can't order now.
    """
    permissions.require(actor, Action.ACCEPT_QUOTE)
    placed = _placed_before(actor, quote, acceptance)
    if placed is not None:
        return placed
    version = _version_that_holds(quote, acceptance, now)
    lines = _chosen(version, acceptance.line_nos)
    place = _place(actor, acceptance.ship_to_erp_id)
    totals = _asked_totals(quote, lines)
    _refuse_obstacles(actor, version, lines, totals, now)
    _refuse_unapproved(actor, quote, lines, totals, now)
    with transaction.atomic():
        quote = states.locked(quote)
        placed = _placed_before(actor, quote, acceptance)
        if placed is not None:
            return placed
        _version_that_holds(quote, acceptance, now)
        order = _create_order(actor, quote, version, lines, place, acceptance, totals, now)
        _settle_quote(actor, quote, order, now)
        _hand_to_erp(quote, order, lines, now)
        if actor.is_under_rules and order.untaxed_total is not None:
            budgets.commit(
                sold_to=actor.sold_to, order_key=order.order_key, person=actor.user, cost_centre=None,
                amount=order.untaxed_total, currency=order.currency, now=now,
            )  # fmt: skip
        announce_submitted(order=order, who=who_of(actor), line_count=len(lines), quote=quote.reference)
        facts.accepted(quote=quote, actor=actor, order=order.reference, now=now)
        facts.decided(quote=quote, now=now, order=order.reference)
        told.accepted(quote=quote, order=order.reference, now=now)
        if actor.is_assisted:
            detail = {"order": order.reference, "untaxed": str(order.untaxed_total)}
            audit(
                actor=actor, action="quote.accept", object_type="quote", object_id=quote.reference,
                detail=detail, now=now,
            )  # fmt: skip
    return order


def _placed_before(actor: Actor, quote: Quote, acceptance: Acceptance) -> Order | None:
    """Return the order when this very click came before; refuse when somebody else's or another one did."""
    if quote.order_id is None:
        return None
    order = Order.objects.get(pk=quote.order_id)
    if order.placed_by_id == actor.user.pk and order.content_hash == acceptance.content_hash():
        return order
    raise QuoteMoved(decided_sentence(quote))


def _version_that_holds(quote: Quote, acceptance: Acceptance, now: dt.datetime) -> QuoteVersion:
    if quote.state != QuoteState.ANSWERED:
        raise QuoteMoved(decided_sentence(quote))
    if is_over(quote, now):
        raise QuoteMoved(_expired_sentence(quote))
    version = quote.versions.prefetch_related("lines").get(number=quote.current_version)
    if acceptance.shown != fingerprint(version):
        raise QuoteMoved(
            _(
                "Version %(number)s came at %(when)s while you were reading. Nothing was ordered: "
                "look at what has changed and accept again."
            )
            % {"number": version.number, "when": formats.time_short(version.made_at)}
        )
    return version


def is_over(quote: Quote, now: dt.datetime) -> bool:
    """The last day, by our own clock, is past."""
    return quote.valid_until is not None and company_day(now) > quote.valid_until


def _expired_sentence(quote: Quote) -> str:
    return _("This quote held until %(day)s. Nothing was ordered; write below and your sales rep can extend it.") % {
        "day": formats.date_short(quote.valid_until)
    }


def _chosen(version: QuoteVersion, line_nos: Collection[int] | None) -> list[QuoteVersionLine]:
    lines = [line for line in version.lines.all() if line_nos is None or line.line_no in line_nos]
    if not lines:
        raise QuoteRefused(_("Tick at least one line. Nothing was ordered."))
    return lines


def _place(actor: Actor, ship_to_erp_id: str) -> Address:
    place = next((one for one in ship_tos(actor=actor) if one.erp_id == ship_to_erp_id), None)
    if place is None:
        raise QuoteRefused(_("Choose one of your delivery addresses. Nothing was ordered."))
    return place


def _asked_totals(quote: Quote, lines: Sequence[QuoteVersionLine]) -> Totals | None:
    """Return what the ERP makes of exactly these prices, None while it does not answer.

    Raises:
        QuoteRefused: it refuses the order, in its own words.
    """
    order = NewOrder(
        reference="",
        customer_erp_id=quote.sold_to.erp_id,
        price_list=quote.price_list,
        currency=quote.currency,
        lines=tuple(NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price) for one in lines),
        prices_agreed=True,
    )
    try:
        return gateway.totals(order)
    except ErpRejected as error:
        raise QuoteRefused(
            _("The ERP refuses this order: %(words)s Nothing was ordered; write to your sales rep below.")
            % {"words": error.message}
        ) from error
    except (ErpUnavailable, ErpBroken):
        return None


def withdrawn(version: QuoteVersion, lines: Iterable[QuoteVersionLine]) -> list[str]:
    """Return the SKUs of these lines that are no longer sold (1 query).

    What the ERP's own people offered need not be in the catalogue (freight, a special part).
    """
    items = mirror.items_by_sku({line.sku for line in lines if line.sku})
    is_from_erp = version.source == Source.ERP
    return [
        line.sku or line.name
        for line in lines
        if (not items[line.sku].is_active if line.sku in items else not is_from_erp)
    ]


def _refuse_obstacles(
    actor: Actor, version: QuoteVersion, lines: Sequence[QuoteVersionLine], totals: Totals | None, now: dt.datetime
) -> None:
    gone = withdrawn(version, lines)
    if gone:
        raise QuoteRefused(
            _(
                "%(skus)s was withdrawn from sale in the meantime. Nothing was ordered: untick it and accept the rest, "
                "or ask for a change and we will offer a substitute."
            )
            % {"skus": ", ".join(gone[:10])}
        )
    credit = gateway.credit(actor.sold_to.erp_id) if totals is not None else None
    obstacles = company_obstacles(actor, totals, credit, now)
    if obstacles:
        raise QuoteRefused(" ".join([*obstacles, _("Nothing was ordered; the quote stays open.")]))


def _refuse_unapproved(
    actor: Actor, quote: Quote, lines: Sequence[QuoteVersionLine], totals: Totals | None, now: dt.datetime
) -> None:
    """What the company's rules want approved is accepted by somebody who may approve it."""
    if not actor.is_under_rules:
        return
    items = mirror.items_by_sku({line.sku for line in lines if line.sku})
    groups = {sku: frozenset(item.category_ids) for sku, item in items.items()}
    purchase = Purchase(
        amount=totals.untaxed if totals else sum((line.amount for line in lines), Decimal(0)),
        currency=quote.currency,
        parts=tuple((groups.get(line.sku, frozenset()), line.amount) for line in lines),
        cost_centre_id=None,
        cost_centre="",
        order_key=None,
    )
    found = needed(actor=actor, purchase=purchase, now=now, asker=quote.requested_by)
    if found is None or found.may_be_given_by(actor):
        return
    why = " ".join(one.reason.sentence for one in found.asked)
    who = found.nobody or _("It can be accepted by %(names)s.") % {"names": found.names or found.all_names}
    raise QuoteRefused(
        _("Your company's rules want this approved. %(why)s %(who)s Nothing was ordered; the quote stays open.")
        % {"why": why, "who": who}
    )


def _create_order(
    actor: Actor,
    quote: Quote,
    version: QuoteVersion,
    lines: Sequence[QuoteVersionLine],
    place: Address,
    acceptance: Acceptance,
    totals: Totals | None,
    now: dt.datetime,
) -> Order:
    untaxed = sum((line.amount for line in lines), Decimal(0))
    state = OrderState.PLACED if totals else OrderState.PENDING_CONFIRMATION
    order = Order.objects.create(
        reference=new_reference(now),
        sold_to=actor.sold_to,
        placed_by=actor.user,
        assisted=actor.assisted,
        channel=actor.channel,
        session_id=actor.session_id,
        # One key for each time that a quote can be accepted: the database itself refuses a second order.
        order_key=uuid5(NAMESPACE_URL, f"quote:{quote.reference}:{quote.attempts}"),
        content_hash=acceptance.content_hash(),
        state=state,
        customer_reference=acceptance.customer_reference[:120],
        ship_to_erp_id=place.erp_id,
        ship_to=str(place)[:500],
        requested_on=acceptance.requested_on,
        currency=quote.currency,
        untaxed_total=totals.untaxed if totals else untaxed,
        tax_total=totals.tax if totals else None,
        freight_total=totals.freight if totals else None,
        total=totals.total if totals else None,
        placed_at=now,
        prices_valid_until=now + settings.PRICE_VALIDITY,
    )
    OrderMove.objects.create(order=order, to_state=state, at=now, by=str(actor.user)[:120])
    price_list = price_context(sold_to=actor.sold_to).price_list
    OrderLine.objects.bulk_create(
        _receipt(order, number, line, version, price_list) for number, line in enumerate(lines, start=1)
    )
    return order


def _receipt(order: Order, number: int, line: QuoteVersionLine, version: QuoteVersion, price_list: str) -> OrderLine:
    """Return the order line; its receipt names the version that was accepted."""
    return OrderLine(
        order=order,
        line_no=number,
        sku=line.sku,
        item_erp_id=line.item_erp_id,
        name=line.name,
        quantity=line.quantity,
        unit=line.unit,
        net_price=line.net_price,
        list_price=line.list_price,
        currency=version.currency,
        note=line.note,
        price_list=price_list[:64],
        price_rule=f"{version.quote.number} V{version.number}"[:120],
        price_as_of=version.made_at,
        price_source=SOURCE,
        price_request_id=version.quote.reference[:64],
    )


def _settle_quote(actor: Actor, quote: Quote, order: Order, now: dt.datetime) -> None:
    if not states.move(quote=quote, to=QuoteState.ACCEPTED, now=now, by=str(actor.user), message=order.reference):
        raise QuoteMoved(decided_sentence(quote))
    quote.order, quote.attempts = order, quote.attempts + 1
    quote.save(update_fields=["order", "attempts"])
    decide(quote=quote, by=actor, now=now)


def _hand_to_erp(quote: Quote, order: Order, lines: Sequence[QuoteVersionLine], now: dt.datetime) -> None:
    queue_quote_acceptance(
        acceptance=QuoteAcceptance(
            reference=order.reference,
            quote_reference=erp_reference(quote),
            quote_erp_id=quote.erp_id,
            customer_erp_id=quote.sold_to.erp_id,
            currency=quote.currency,
            lines=tuple(
                NewQuoteLine(
                    line_no=number,
                    sku=line.sku,
                    item_erp_id=line.item_erp_id,
                    quantity=line.quantity,
                    net_price=line.net_price,
                    note=line.note,
                    delivery_on=line.delivery_on,
                )
                for number, line in enumerate(lines, start=1)
            ),
            customer_reference=order.customer_reference,
            ship_to_erp_id=order.ship_to_erp_id,
            requested_on=order.requested_on,
            channel=order.channel,
            placed_by=str(order.placed_by),
            expected_total=order.total,
        ),
        now=now,
    )
