"""Orders that wait: sent for approval, decided, taken back to be changed. Who may do it is asked here."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.actors import Actor
from accounts.audit import audit
from accounts.models import CostCentre, SoldTo
from accounts.permissions import Action
from shop.approvals import budgets, deciding, takings, telling
from shop.approvals.deciding import Needed
from shop.approvals.errors import ApprovalMoved, ApprovalRefused
from shop.approvals.models import Approval, ApprovalLine, ApprovalMove, ApprovalState, ApprovalStep
from shop.carts import services as carts
from shop.carts.models import CartLine
from shop.errors import OrderKeyReused

AGAIN = (ApprovalState.DECLINED, ApprovalState.TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that an order will be: what the approver reads is what is placed.

    Attributes:
        sent_hash: Of what was typed, to know a repeated click.
        lines: Unsaved rows with their receipts.
    """

    order_key: UUID
    sent_hash: str
    customer_reference: str
    ship_to_erp_id: str
    ship_to: str
    requested_on: dt.date | None
    note: str
    cost_centre: CostCentre | None
    currency: str
    untaxed_total: Decimal
    tax_total: Decimal | None
    total: Decimal | None
    lines: tuple[ApprovalLine, ...]

    def content_hash(self, *, revision: int, at: dt.datetime) -> str:
        """Return the hash that an approval binds to; another revision is another content."""
        lines = [[one.line_no, one.sku, f"{one.quantity:f}", f"{one.net_price:f}", one.note] for one in self.lines]
        centre = self.cost_centre.pk if self.cost_centre else None
        content = [
            revision, at.isoformat(), self.customer_reference, self.ship_to_erp_id, str(self.requested_on), self.note,
            centre, self.currency, str(self.untaxed_total), str(self.total), lines,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def asked_before(*, actor: Actor, order_key: UUID, sent_hash: str) -> Approval | None:
    """Return the approval that waits when this very click came before.

    Raises:
        OrderKeyReused: the key belongs to another content that waits.
    """
    found = Approval.objects.filter(sold_to=actor.sold_to, order_key=order_key, state=ApprovalState.WAITING).first()
    if found is not None and found.sent_hash != sent_hash:
        raise OrderKeyReused(
            _("This checkout was already sent for approval. Open the waiting order to change it; nothing was sent.")
        )
    return found


def ask(*, actor: Actor, content: Content, needed: Needed, reference: str, now: dt.datetime) -> Approval:
    """Send an order for approval, or again after a change; its budget is taken. Call inside a transaction.

    Raises:
        BudgetSpent: the cost centre's budget does not hold for it.
        OrderKeyReused: an order of this key waits, or was approved.
    """
    before = Approval.objects.select_for_update(of=("self",)).filter(
        sold_to=actor.sold_to, order_key=content.order_key
    ).first()  # fmt: skip
    if before is not None and before.state not in AGAIN:
        raise OrderKeyReused(_("This order was already sent for approval. Open a new checkout to order more."))
    commit(actor=actor, content=content, now=now)
    approval = before or Approval(reference=reference, sold_to=actor.sold_to, order_key=content.order_key, revision=0)
    _fill(approval, actor, content, now)
    approval.save()
    approval.lines.all().delete()
    approval.steps.all().delete()
    for line in content.lines:
        line.approval = approval
    ApprovalLine.objects.bulk_create(content.lines)
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            approval=approval, position=number, cause=one.reason.cause, params=one.reason.params,
            approver_id=one.reason.approver_id,
        )
        for number, one in enumerate(needed.asked, start=1)
    )  # fmt: skip
    # Somebody's own limit (of his head office) may be all there is: the approvers of this company must find it.
    SoldTo.objects.filter(pk=actor.sold_to.pk, has_rules=False).update(has_rules=True)
    note(approval, "sent" if approval.revision == 1 else "sent_again", by=actor, now=now)
    telling.asked(approval=approval, actor=actor, needed=needed, now=now)
    if actor.is_assisted:
        _audit(approval, "approval.ask", actor, now)
    return approval


def commit(*, actor: Actor, content: Content, now: dt.datetime) -> None:
    """Take what the order costs from its person, cost centre and budget.

    Raises:
        BudgetSpent: the budget does not hold for it.
    """
    budgets.commit(
        sold_to=actor.sold_to, order_key=content.order_key, person=actor.user, cost_centre=content.cost_centre,
        amount=content.untaxed_total, currency=content.currency, now=now,
    )  # fmt: skip


def _fill(approval: Approval, actor: Actor, content: Content, now: dt.datetime) -> None:
    approval.revision += 1
    approval.asked_by, approval.assisted = actor.user, actor.assisted
    approval.channel, approval.session_id = actor.channel, actor.session_id
    approval.state, approval.sent_hash = ApprovalState.WAITING, content.sent_hash
    approval.customer_reference, approval.note = content.customer_reference, content.note
    approval.ship_to_erp_id, approval.ship_to = content.ship_to_erp_id, content.ship_to
    approval.requested_on, approval.cost_centre = content.requested_on, content.cost_centre
    approval.currency, approval.untaxed_total = content.currency, content.untaxed_total
    approval.tax_total, approval.total = content.tax_total, content.total
    approval.asked_at, approval.prices_valid_until = now, now + settings.PRICE_VALIDITY
    approval.decided_at = approval.decided_by = approval.stuck_at = None
    approval.reason = ""
    approval.content_hash = content.content_hash(revision=approval.revision, at=now)


# --- deciding -----------------------------------------------------------------------------------------------------


def my_steps(actor: Actor, approval: Approval) -> list[ApprovalStep]:
    """Return the open reasons that the actor may approve now; a rep never may."""
    if not permissions.may(actor, Action.APPROVE) or not approval.is_waiting:
        return []
    return deciding.steps_for(
        actor.membership, list(approval.steps.all()), asker_id=approval.asked_by_id, sold_to=approval.sold_to
    )


def require_decider(actor: Actor, approval: Approval, shown: str) -> list[ApprovalStep]:
    """Return the actor's open reasons, or refuse.

    Raises:
        NotPermitted: his role does not allow it.
        ApprovalMoved: it is not what he was shown any more.
        ApprovalRefused: somebody else must decide.
    """
    permissions.require(actor, Action.APPROVE)
    refuse_moved(approval, shown)
    steps = my_steps(actor, approval)
    if steps:
        return steps
    if approval.asked_by_id == actor.user.pk:
        raise ApprovalRefused(_("You sent this order yourself; somebody else must approve it. It goes on waiting."))
    raise ApprovalRefused(_("You have said yes already, or somebody else must decide. The order goes on waiting."))


def refuse_moved(approval: Approval, shown: str) -> None:
    """Refuse what was decided, changed or taken back since the page was opened.

    Raises:
        ApprovalMoved: with the sentence that says what has happened.
    """
    if approval.is_waiting and approval.content_hash == shown:
        return
    sentences = {
        ApprovalState.APPROVED: _("%(who)s has approved it in the meantime. It was ordered once; nothing was added."),
        ApprovalState.DECLINED: _("%(who)s has declined it in the meantime. Nothing was ordered."),
        ApprovalState.TAKEN_BACK: _("%(asker)s has taken it back to change it. Nothing was ordered."),
        ApprovalState.WAITING: _(
            "%(asker)s has changed it since you opened it. Nothing was ordered: look at it again."
        ),
    }
    said = {"who": approval.decided_by or "", "asker": approval.asked_by}
    raise ApprovalMoved(sentences[ApprovalState(approval.state)] % said)


def locked(approval: Approval) -> Approval:
    """Return the approval as it is now, locked. Call inside a transaction."""
    rows = Approval.objects.select_for_update(of=("self",)).select_related("asked_by", "sold_to", "cost_centre")
    return rows.get(pk=approval.pk)


def give(*, actor: Actor, approval: Approval, steps: Sequence[ApprovalStep], now: dt.datetime) -> bool:
    """Write the actor's yes to his reasons; return whether nothing is open any more. The approval is locked."""
    ApprovalStep.objects.filter(pk__in=[one.pk for one in steps], decided_at=None).update(
        decided_by=actor.user, decided_at=now
    )
    return not approval.steps.filter(decided_at=None).exists()


def close(
    *, actor: Actor, approval: Approval, shown: str, to: str, reason: str, now: dt.datetime, order: str = ""
) -> None:
    """Decide a waiting approval of exactly this content: of two who try, one wins. Call inside a transaction.

    Raises:
        ApprovalMoved: it was decided, changed or taken back.
    """
    same = Approval.objects.filter(pk=approval.pk, state=ApprovalState.WAITING, content_hash=shown)
    moved = same.update(state=to, decided_at=now, decided_by=actor.user, reason=reason[:300], order_reference=order)
    if not moved:
        approval.refresh_from_db()
        refuse_moved(approval, shown)
    approval.state, approval.decided_at, approval.decided_by = to, now, actor.user
    approval.reason, approval.order_reference = reason[:300], order
    note(approval, to, by=actor, now=now, message=reason or order)
    _audit(approval, f"approval.{to}", actor, now)


def decline(*, actor: Actor, approval: Approval, shown: str, reason: str, now: dt.datetime) -> None:
    """Say no, with a reason that the buyer reads; what it had taken of the budget is given back.

    Raises:
        NotPermitted, ApprovalMoved, ApprovalRefused: see `require_decider`.
    """
    reason = reason.strip()
    if not reason:
        raise ApprovalRefused(_("Say why in a few words: the buyer reads it. Nothing was decided."))
    with transaction.atomic():
        approval = locked(approval)
        require_decider(actor, approval, shown)
        close(actor=actor, approval=approval, shown=shown, to=ApprovalState.DECLINED, reason=reason, now=now)
        takings.give_back(sold_to_id=approval.sold_to_id, order_key=approval.order_key)
        telling.declined(approval=approval, actor=actor, now=now)


def take_back(*, actor: Actor, approval: Approval, now: dt.datetime) -> Approval:
    """Put a waiting or declined order back into its sender's basket, to be changed and sent again.

    Its lines join what is there; address, date, PO number and note come along. Sent again it is the same approval.

    Raises:
        ApprovalRefused: it is somebody else's.
        ApprovalMoved: it was approved in the meantime.
    """
    if approval.asked_by_id != actor.user.pk:
        raise ApprovalRefused(_("Only %(asker)s can change it. Nothing was changed.") % {"asker": approval.asked_by})
    with transaction.atomic():
        cart = carts.cart_for_update(actor=actor)
        approval = locked(approval)
        if approval.state == ApprovalState.TAKEN_BACK:
            return approval
        if approval.state == ApprovalState.APPROVED:
            raise ApprovalMoved(_("It was approved in the meantime and is ordered. Nothing was changed."))
        approval.state = ApprovalState.TAKEN_BACK
        approval.save(update_fields=["state"])
        takings.give_back(sold_to_id=approval.sold_to_id, order_key=approval.order_key)
        cart.order_key = approval.order_key
        cart.customer_reference, cart.note = approval.customer_reference, approval.note
        cart.ship_to_erp_id, cart.requested_on = approval.ship_to_erp_id, approval.requested_on
        cart.save()
        _put_back(approval, cart.pk, now)
        note(approval, ApprovalState.TAKEN_BACK, by=actor, now=now)
    return approval


def _put_back(approval: Approval, cart_id: int, now: dt.datetime) -> None:
    present = set(CartLine.objects.filter(cart_id=cart_id).values_list("sku", flat=True))
    CartLine.objects.bulk_create(
        CartLine(
            cart_id=cart_id, sku=line.sku, quantity=line.quantity, note=line.note, position=1_000 + line.line_no,
            added_at=now, seen_price=line.net_price, seen_currency=line.currency, seen_at=line.price_as_of,
        )
        for line in approval.lines.all()
        if line.sku not in present
    )  # fmt: skip


def settle_ordered(*, actor: Actor, order_key: UUID, order: str, now: dt.datetime) -> None:
    """Note that what had been taken back was changed so that it needs no approval, and is ordered."""
    found = Approval.objects.select_for_update(of=("self",)).filter(
        sold_to=actor.sold_to, order_key=order_key, state__in=AGAIN
    )
    for approval in found:
        approval.state, approval.order_reference, approval.decided_at = ApprovalState.APPROVED, order, now
        approval.save(update_fields=["state", "order_reference", "decided_at"])
        note(approval, "not_needed", by=actor, now=now, message=order)


def note(approval: Approval, what: str, *, by: Actor | None, now: dt.datetime, message: str = "") -> None:
    """Write down what happened to an approval, for ever."""
    ApprovalMove.objects.create(
        approval=approval, revision=approval.revision, what=what, at=now, by=str(by.user)[:120] if by else "",
        message=message[:300], untaxed_total=approval.untaxed_total,
    )  # fmt: skip


def _audit(approval: Approval, action: str, actor: Actor, now: dt.datetime) -> None:
    detail = {
        "revision": approval.revision, "content": approval.content_hash, "untaxed": str(approval.untaxed_total),
        "order": approval.order_reference,
    }  # fmt: skip
    audit(
        actor=actor, action=action, object_type="approval", object_id=approval.reference, detail=detail, now=now
    )  # fmt: skip
