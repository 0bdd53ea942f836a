"""Companies with rules, and orders that wait for approval."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import CostCentre, Membership, Role, SoldTo, User
from erp_sync.adapters import fake
from erp_sync.mirror.models import Address, Item
from shop.approvals.models import Approval, ApprovalLine, ApprovalMove, ApprovalRule, ApprovalStep
from shop.carts import services as carts
from shop.carts.models import Cart
from shop.orders import services
from shop.orders.approving import Shown
from shop.orders.checkout import checkout
from shop.orders.models import Order
from shop.orders.services import CheckoutData
from tests.builders import catalogue, people

SKU = "A-1"


@dataclass
class Office:
    """A company with a buyer, two approvers and an administrator."""

    sold_to: SoldTo
    buyer: Actor
    approver: Actor
    second: Actor
    admin: Actor


def office() -> Office:
    """Return a company without rules; the fake ERP knows it, and one item at 10.00."""
    sold_to = people.sold_to()
    fake.shared().add_customer(sold_to.erp_id)
    if not Item.objects.filter(sku=SKU).exists():
        catalogue.item(SKU, price="10.00")
    roles = (Role.BUYER, Role.APPROVER, Role.APPROVER, Role.ADMIN)
    return Office(sold_to, *(people.buyer(sold_to, role=role) for role in roles))


def rule(sold_to: SoldTo, name: str = "Above 50", *, over: str | None = "50.00", **more: object) -> ApprovalRule:
    """Return a rule in force; by default every order above 50.00 needs any approver."""
    limit = Decimal(over) if over is not None else None
    made = ApprovalRule.objects.create(
        sold_to=sold_to, name=name, order_over=limit, changed_at=timezone.now(), **more
    )  # fmt: skip
    note_rules(sold_to)
    return made


def note_rules(sold_to: SoldTo) -> None:
    """Let every actor's company say that it has rules, as the next request would."""
    SoldTo.objects.filter(pk=sold_to.pk).update(has_rules=True)
    sold_to.has_rules = True


def centre(sold_to: SoldTo, code: str = "WS", *, budget: str | None = None) -> CostCentre:
    """Return a cost centre."""
    made = CostCentre.objects.create(
        sold_to=sold_to, code=code, name="Workshop", budget=Decimal(budget) if budget else None
    )  # fmt: skip
    note_rules(sold_to)
    return made


def again(actor: Actor) -> Actor:
    """Return the actor as the next request makes him."""
    if actor.membership is None:
        return replace(actor, sold_to=SoldTo.objects.get(pk=actor.sold_to.pk))
    membership = Membership.objects.select_related("user", "sold_to").get(pk=actor.membership.pk)
    return replace(actor, sold_to=membership.sold_to, membership=membership)


def typed(actor: Actor, *, cost_centre: str | None = None, **changes: object) -> CheckoutData:
    """Return what the actor's open checkout page would send."""
    current = checkout(actor=actor, now=timezone.now(), cost_centre=cost_centre)
    known: dict[str, object] = {
        "ship_to_erp_id": current.places[-1].erp_id,
        "customer_reference": "PO-77",
        "requested_on": timezone.localdate() + dt.timedelta(days=9),
        "note": "Gate 3",
        "shown": str(current.fingerprint),
        "cost_centre": current.cost_centre.code if current.cost_centre else "",
        "approval": current.approval,
    }
    return CheckoutData(**(known | changes))  # type: ignore[arg-type]


def fill(actor: Actor, quantity: str = "10") -> None:
    """Put pieces of the item into the basket."""
    carts.add_line(actor=actor, sku=SKU, quantity=Decimal(quantity), language="en", now=timezone.now())


def submitted(actor: Actor, quantity: str = "10", **changes: object) -> Order | Approval:
    """Fill the basket and send it, whatever comes of it."""
    fill(actor, quantity)
    key = Cart.objects.get(user=actor.user, sold_to=actor.sold_to).order_key
    actor = again(actor)
    return services.submit_order(actor=actor, key=key, data=typed(actor, **changes), now=timezone.now())  # type: ignore[arg-type]


def waiting(actor: Actor, quantity: str = "10", **changes: object) -> Approval:
    """Return an order that waits for approval."""
    found = submitted(actor, quantity, **changes)
    assert isinstance(found, Approval)
    return found


def row(sold_to: SoldTo, asker: User, *, price: str = "9.00", reference: str = "WEB-APPROVAL-1") -> Approval:
    """Return a waiting order as it is stored, without asking the ERP anything."""
    now = timezone.now()
    place = Address.objects.filter(customer__erp_id=sold_to.erp_id).values_list("erp_id", flat=True)[0]
    approval = Approval.objects.create(
        reference=reference, sold_to=sold_to, asked_by=asker, channel="web_self", order_key=uuid4(),
        content_hash="none", sent_hash="none", ship_to_erp_id=place, currency="EUR", untaxed_total=Decimal(price),
        asked_at=now, prices_valid_until=now + dt.timedelta(days=1),
    )  # fmt: skip
    ApprovalLine.objects.create(
        approval=approval, line_no=1, sku=SKU, item_erp_id="item", name="Bolt", quantity=1, unit="u",
        net_price=Decimal(price), currency="EUR", price_as_of=now, price_source="live",
    )  # fmt: skip
    ApprovalStep.objects.create(approval=approval, position=1, cause="always", params={"rule": "All"})
    ApprovalMove.objects.create(approval=approval, revision=1, what="sent", at=now)
    return approval


def sent_again(actor: Actor) -> Order | Approval:
    """Send what is in the basket."""
    actor = again(actor)
    key = Cart.objects.get(user=actor.user, sold_to=actor.sold_to).order_key
    return services.submit_order(actor=actor, key=key, data=typed(actor), now=timezone.now())


def shown(approval: Approval, raised: str = "") -> Shown:
    """Return what the approver's page carries."""
    return Shown(approval.content_hash, raised)
