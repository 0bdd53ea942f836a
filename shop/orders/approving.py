"""The yes to an order that waits: placed once, by whoever says it first, exactly as it was read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.selectors import price_context
from erp_sync.outbox.services import queue_order
from erp_sync.records import NewOrder, Totals
from shop.approvals import budgets, services, telling
from shop.approvals.errors import ApprovalMoved, ApprovalRefused
from shop.approvals.models import Approval, ApprovalState
from shop.money import formats
from shop.orders import standing as standings
from shop.orders.models import Order, OrderLine, OrderMove, OrderState
from shop.orders.references import new_reference
from shop.orders.services import announce_submitted
from shop.orders.standing import Standing


@dataclass(frozen=True, slots=True)
class Shown:
    """What the approver read: the content, and the higher prices that he would accept with it ("" for none)."""

    content_hash: str
    raised: str

    def __str__(self) -> str:
        return f"{self.content_hash}.{self.raised}"

    @classmethod
    def read(cls, text: str) -> Shown:
        """Read what a form sent back; anything else simply matches nothing."""
        content, _dot, raised = text.partition(".")
        return cls(content[:64], raised[:64])


def approve(*, actor: Actor, approval: Approval, shown: Shown, now: dt.datetime) -> Order | None:
    """Say yes; the last yes that is needed places the order, the ERP gets it right after the commit.

    Returns:
        The order; None while somebody else has still to say yes.

    Raises:
        NotPermitted: the actor may not approve; a rep never may.
        ApprovalMoved: it was decided, changed, or became dearer than he read.
        ApprovalRefused: somebody else must decide, or the order can't be placed as it is.
        BudgetSpent: at the new price the budget does not hold for it.
    """
    steps = services.require_decider(actor, approval, shown.content_hash)
    is_last = not approval.steps.filter(decided_at=None).exclude(pk__in=[one.pk for one in steps]).exists()
    found, totals = _asked(actor, approval, shown, now) if is_last else (None, None)
    with transaction.atomic():
        approval = services.locked(approval)
        steps = services.require_decider(actor, approval, shown.content_hash)
        if not services.give(actor=actor, approval=approval, steps=steps, now=now):
            services.note(approval, "partly", by=actor, now=now)
            telling.still_open(approval=approval, now=now)
            return None
        if found is None:  # the other yes came while this one was on its way: nobody has asked the ERP yet
            raise ApprovalMoved(_("Somebody else has approved his part just now. Press once more to place the order."))
        return _release(actor, approval, shown, found, totals, now)


def _asked(actor: Actor, approval: Approval, shown: Shown, now: dt.datetime) -> tuple[Standing, Totals | None]:
    """Ask the ERP before anything is locked, and refuse what can't be ordered or is dearer than was read."""
    found = standings.standing(actor=actor, approval=approval, now=now, live=True)
    totals, refusal = standings.asked_totals(actor, approval, found)
    said = [*([refusal] if refusal else []), *standings.in_the_way(actor, approval, found, totals, now)]
    if said:
        raise ApprovalRefused(" ".join([*said, _("Nothing was ordered; the order goes on waiting.")]))
    if found.raised != shown.raised and found.raised:
        raise ApprovalMoved(_("Prices went up while you were reading. Nothing was ordered: look at the new total."))
    return found, totals


def _release(
    actor: Actor, approval: Approval, shown: Shown, found: Standing, totals: Totals | None, now: dt.datetime
) -> Order:
    sender = telling.sender_of(approval)
    order = _create(actor, approval, found, totals, now)
    services.close(
        actor=actor, approval=approval, shown=shown.content_hash, to=ApprovalState.APPROVED, reason="",
        now=now, order=order.reference,
    )  # fmt: skip
    if order.untaxed_total is not None and order.untaxed_total != approval.untaxed_total:
        budgets.commit(
            sold_to=approval.sold_to, order_key=approval.order_key, person=approval.asked_by,
            cost_centre=approval.cost_centre, amount=order.untaxed_total, currency=order.currency, now=now,
        )  # fmt: skip
    _hand_to_erp(approval, order, found, now)
    announce_submitted(order=order, who=who_of(sender), line_count=len(found.lines))
    verdict = found.verdict if found.verdict in (standings.LOWER, standings.HONOURED, standings.HIGHER) else ""
    total = order.total if order.total is not None else order.untaxed_total
    telling.approved(
        approval=approval, actor=actor, price=verdict, total=str(total if total is not None else ""),
        before=str(approval.shown_total) if verdict in (standings.LOWER, standings.HIGHER) else "", now=now,
    )  # fmt: skip
    if verdict:
        words = standings.price_sentence(found, approval.currency)
        services.note(approval, "price", by=None, now=now, message=words)
    return order


def _create(actor: Actor, approval: Approval, found: Standing, totals: Totals | None, now: dt.datetime) -> Order:
    """Make the order of whoever sent it: his channel and his time, not the approver's (metrics.md, edge cases)."""
    is_waiting = found.is_offline or totals is None
    is_raised = bool(found.raised)
    order = Order.objects.create(
        reference=new_reference(now),
        sold_to=approval.sold_to,
        placed_by=approval.asked_by,
        assisted=approval.assisted,
        channel=approval.channel,
        session_id=approval.session_id,
        order_key=approval.order_key,
        content_hash=approval.sent_hash,
        state=OrderState.PENDING_CONFIRMATION if is_waiting else OrderState.PLACED,
        customer_reference=approval.customer_reference,
        ship_to_erp_id=approval.ship_to_erp_id,
        ship_to=approval.ship_to,
        requested_on=_day_to_come(approval, now),
        note=approval.note,
        cost_centre=str(approval.cost_centre or ""),
        approved_by=str(actor.user)[:200],
        currency=approval.currency,
        untaxed_total=totals.untaxed if totals else approval.untaxed_total,
        tax_total=totals.tax if totals else approval.tax_total,
        freight_total=totals.freight if totals else None,
        total=totals.total if totals else approval.total,
        placed_at=approval.asked_at,
        prices_valid_until=now + settings.PRICE_VALIDITY if is_raised else approval.prices_valid_until,
    )
    OrderMove.objects.create(
        order=order, to_state=order.state, at=now, by=str(approval.asked_by)[:120],
        message=_("approved by %(who)s") % {"who": actor.user},
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            line_no=one.line.line_no,
            sku=one.line.sku,
            item_erp_id=one.line.item_erp_id,
            name=one.line.name,
            quantity=one.line.quantity,
            note=one.line.note,
            **one.receipt,
        )
        for one in found.lines
    )
    return order


def _day_to_come(approval: Approval, now: dt.datetime) -> dt.date | None:
    """Return the wanted day; one that went by while the order waited means: as soon as possible."""
    today = now.astimezone(formats.company_zone()).date()
    wanted = approval.requested_on
    return wanted if wanted is None or wanted >= today else None


def _hand_to_erp(approval: Approval, order: Order, found: Standing, now: dt.datetime) -> None:
    context = price_context(sold_to=approval.sold_to)
    honours = any(one.verdict == standings.HONOURED for one in found.lines)
    queue_order(
        order=NewOrder(
            reference=order.reference,
            customer_erp_id=context.customer_erp_id,
            price_list=context.price_list,
            currency=order.currency,
            lines=standings.new_lines(found),
            ship_to_erp_id=order.ship_to_erp_id,
            customer_reference=order.customer_reference,
            requested_on=order.requested_on,
            note=order.note,
            channel=order.channel,
            placed_by=str(order.placed_by),
            expected_total=order.total,
            discount=found.discount.as_sent() if found.discount else None,
        ),
        recheck=order.state == OrderState.PENDING_CONFIRMATION or honours,
        prices_valid_until=order.prices_valid_until,
        now=now,
    )
