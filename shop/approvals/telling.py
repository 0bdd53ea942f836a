"""What people are told of approvals, and what adoption counts of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse

from accounts.actors import Actor, who_of
from accounts.models import Membership
from accounts.signals import Fact, Who, announce
from shop.approvals import deciding
from shop.approvals.deciding import Needed
from shop.approvals.models import Approval
from shop.signals import Told, friction, shop_fact, shop_told


def asked(*, approval: Approval, actor: Actor, needed: Needed, now: dt.datetime) -> None:
    """Tell those who may approve it; of what nobody can, whoever must act."""
    _fact(approval, "submitted", who_of(actor), now, reasons=",".join(one.reason.cause for one in needed.asked))
    deciders = {one.pk: one for asked in needed.asked for one in asked.people}
    _tell(approval, "approval_asked", deciders.values(), now)
    if needed.nobody:
        stuck(approval=approval, now=now)


def still_open(*, approval: Approval, now: dt.datetime) -> None:
    """Tell those who must say yes after the first: they may have been told before, then it is no news to them."""
    people = deciding.approvers_of(approval.sold_to)
    left = approval.steps.filter(decided_at=None)
    wanted = {
        one.pk: one
        for step in left
        for one in deciding.deciders(
            step.approver_id, people, asker_id=approval.asked_by_id, sold_to=approval.sold_to
        )
    }  # fmt: skip
    _tell(approval, "approval_asked", wanted.values(), now)


def approved(*, approval: Approval, actor: Actor, price: str, total: str, before: str, now: dt.datetime) -> None:
    """Tell the sender that it is ordered, and whether its price has moved: lower, higher, honoured or "" for not."""
    _fact(approval, "approved", who_of(actor), now, order=approval.order_reference)
    more = {"price": price, "order": approval.order_reference, "total": total, "lower_than": before}
    _tell_asker(approval, "approval_given", now, more | {"person": str(actor.user)})


def declined(*, approval: Approval, actor: Actor, now: dt.datetime) -> None:
    """Tell the sender why not."""
    _fact(approval, "declined", who_of(actor), now)
    _tell_asker(approval, "approval_declined", now, {"reason": approval.reason, "person": str(actor.user)})


def stuck(*, approval: Approval, now: dt.datetime) -> None:
    """Tell everybody who can do something that nobody has decided; it counts as friction of the buyer."""
    who = who_of(sender_of(approval))
    _fact(approval, "stuck", who, now)
    key = f"{approval.reference}:{approval.revision}"
    announce(shop_fact, friction(cause="approval_stuck", about=approval.reference, key=key, who=who, now=now))
    approval.stuck_at = now
    Approval.objects.filter(pk=approval.pk).update(stuck_at=now)
    _tell(approval, "approval_stuck", deciding.approvers_of(approval.sold_to), now)
    _tell_asker(approval, "approval_stuck", now, {})
    _announce(approval, "approval_stuck", now, {}, audience="rep", person_id=None)


def sender_of(approval: Approval) -> Actor:
    """Return who sent it, as he was then."""
    return Actor(
        user=approval.asked_by,
        sold_to=approval.sold_to,
        rep=approval.asked_by if approval.assisted_id else None,
        assisted=approval.assisted,
        session_id=approval.session_id,
    )


def _tell(approval: Approval, event: str, people: Iterable[Membership], now: dt.datetime) -> None:
    for one in people:
        if one.user_id != approval.asked_by_id or event == "approval_asked":
            _announce(approval, event, now, {}, person_id=one.user_id)


def _tell_asker(approval: Approval, event: str, now: dt.datetime, more: dict[str, str]) -> None:
    _announce(approval, event, now, more, person_id=approval.asked_by_id)


def _announce(
    approval: Approval,
    event: str,
    now: dt.datetime,
    more: dict[str, str],
    *,
    audience: str = "person",
    person_id: int | None,
) -> None:
    params = {
        "number": approval.reference,
        "asker": str(approval.asked_by),
        "company": approval.sold_to.name,
        "reference": approval.customer_reference,
        "total": str(approval.shown_total),
        "currency": approval.currency,
    }
    told = Told(
        key=f"approval:{approval.reference}:{approval.revision}:{event}",
        event=event,
        sold_to_id=approval.sold_to_id,
        audience=audience,
        person_id=person_id,
        occurred_at=now,
        path=reverse("approval-detail", kwargs={"number": approval.reference}),
        params=params | more,
    )
    announce(shop_told, told)


def _fact(approval: Approval, what: str, who: Who, now: dt.datetime, **props: str) -> None:
    announce(
        shop_fact,
        Fact(
            event_id=f"approval_{what}:{approval.reference}:{approval.revision}",
            kind=f"approval_{what}",
            occurred_at=now,
            who=who,
            object_type="approval",
            object_id=approval.reference,
            props={"untaxed": str(approval.untaxed_total), "currency": approval.currency} | props,
        ),
    )
