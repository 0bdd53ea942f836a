"""What two people do to the same thing at once: what they fight over, their deeds, and what must hold after them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership, Role, SoldTo, User
from erp_sync.adapters import fake
from erp_sync.outbox import claims, exporter
from erp_sync.outbox.history import Action
from erp_sync.outbox.models import OutboxRow, OutboxState
from shop.approvals import services as approval_services
from shop.approvals.models import Approval, ApprovalState
from shop.carts import services as carts
from shop.carts.models import Cart, CartLine
from shop.errors import ShopError
from shop.orders import approving, wishes
from shop.orders import services as orders
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderWish
from shop.orders.selectors import get_order
from shop.payments import providers, refunds, services, settling, webhooks
from shop.payments.models import FakeCharge, Payment, PaymentState, ProviderEvent, Refund
from shop.payments.providers.fake import FakeProvider
from shop.payments.services import Wish
from shop.quotes.acceptance import accept_quote
from shop.quotes.models import Quote
from shop.returns import selectors as returnable
from shop.returns.models import Return
from shop.returns.services import ReturnWish, ask_return
from tests.builders import approvals, catalogue, deliveries, invoices, quotes
from tests.builders.orders import place_order


@dataclass
class Scene:
    """Two colleagues, their rep, and what they fight over."""

    one: Actor
    two: Actor
    rep: User
    erp: fake.FakeErp
    heard: list[str] = field(default_factory=list)
    about: Any = None


def now() -> dt.datetime:
    return timezone.now()


# --- A2: orders -------------------------------------------------------------------------------------------------------


def a_checkout(scene: Scene) -> Any:
    carts.add_line(actor=scene.one, sku=catalogue.item().sku, quantity=Decimal(3), language="en", now=now())
    place = scene.one.sold_to.erp_id.replace("C", "A")
    return uuid4(), orders.CheckoutData(place, "PO 1", None, "", str(checkout(actor=scene.one, now=now()).fingerprint))


def place(scene: Scene) -> Order:
    key, data = scene.about
    return place_order(actor=scene.one, key=key, data=data, now=now())


def one_order(_scene: Scene, first: Any, second: Any) -> bool:
    return Order.objects.count() == 1 and first == second == Order.objects.get()


def an_order_there(scene: Scene) -> str:
    row = deliveries.order(scene.one.sold_to, "SO-1", allowed=["cancel", "requested_on", "customer_reference"])
    deliveries.line(row, catalogue.item().sku, 5)
    return row.number


def cancel(scene: Scene) -> OrderWish:
    order = get_order(actor=scene.two, number="SO-1")
    return wishes.cancel_order(actor=scene.two, order=order, reason="Wrong size", now=now())


def change(scene: Scene) -> OrderWish:
    order = get_order(actor=scene.one, number="SO-1")
    return wishes.change_order(actor=scene.one, order=order, change=wishes.Change(customer_reference="PO 2"), now=now())


def one_wins(rows: Any, _scene: Scene, first: Any, second: Any) -> bool:
    """One of the two did it, the other has a sentence, and there is one row of it."""
    return [isinstance(one, ShopError) for one in (first, second)].count(True) == 1 and rows.objects.count() == 1


# --- A2: returns, quotes, payments ------------------------------------------------------------------------------------


def a_delivered_line(scene: Scene) -> None:
    deliveries.line(deliveries.order(scene.one.sold_to, "SO-1"), catalogue.item().sku, 10, delivered=5)


def give_back(who: str, scene: Scene) -> Return:
    actor = getattr(scene, who)
    line = returnable.get_returnable(actor=actor, number="SO-1", line_no=1)
    wish = ReturnWish(uuid4(), Decimal(5), "damaged", "")
    return ask_return(actor=actor, line=line, wish=wish, files=(), now=now())


def an_answer(scene: Scene) -> Any:
    quote = quotes.asked(scene.one, (catalogue.item().sku, "2"))
    quotes.answered(quote, scene.rep, "11.00")
    return quote, quotes.yes_to(quote)


def accept(who: str, scene: Scene) -> Order:
    quote, yes = scene.about
    fresh = Quote.objects.get(pk=quote.pk)
    return accept_quote(actor=getattr(scene, who), quote=fresh, acceptance=yes, now=now())


def answer_anew(scene: Scene) -> Any:
    return quotes.answered(Quote.objects.get(pk=scene.about[0].pk), scene.rep, "99.00")


def at_the_price_that_was_read(_scene: Scene, _first: Any, _second: Any) -> bool:
    """What was ordered, if anything, costs what the buyer had read, and nothing newer had been offered."""
    ordered = Order.objects.values_list("lines__net_price", "quote__current_version")
    return list(ordered) in ([], [(Decimal(11), 1)])


def an_invoice(scene: Scene) -> Any:
    return invoices.invoice(scene.one.sold_to, "100.00")


def pay(who: str, scene: Scene) -> Payment:
    wish = Wish((scene.about.number,), provider="fake")
    return services.start(actor=getattr(scene, who), key=uuid4(), wish=wish, shown=Decimal(100), now=now())


def a_payment(scene: Scene) -> Payment:
    scene.about = an_invoice(scene)
    return pay("one", scene)


def give_up(scene: Scene) -> Payment:
    return services.give_up(actor=scene.one, payment=Payment.objects.get(), now=now())


def money_comes(_scene: Scene) -> Payment:
    FakeCharge.objects.update(state="captured")
    return settling.look(payment=Payment.objects.get(), now=now())


def money_counts(_scene: Scene, _first: Any, _second: Any) -> bool:
    return (
        Payment.objects.get().state == PaymentState.CAPTURED and OutboxRow.objects.filter(kind="payment").count() == 1
    )


def a_booked_payment(scene: Scene) -> Payment:
    payment = a_payment(scene)
    money_comes(scene)
    invoices.export()
    return payment


def refund(scene: Scene) -> Payment:
    return refunds.refund(payment=Payment.objects.get(), by=scene.rep, reason="broken", amount=Decimal(60), now=now())


def not_more_than_was_paid(_scene: Scene, first: Any, second: Any) -> bool:
    given = sum(Decimal(one) for one in FakeCharge.objects.get().refunds.values())
    return given == 60 and Refund.objects.count() == 1 and isinstance(first, ShopError) != isinstance(second, ShopError)


# --- A3: the export ---------------------------------------------------------------------------------------------------


def a_queued_order(scene: Scene) -> None:
    scene.erp.capabilities = replace(scene.erp.capabilities, enforces_reference=False, serial_writes=False)
    scene.about = a_checkout(scene)
    place(scene)


def export(_scene: Scene) -> int:
    return exporter.export_due(now=now() + dt.timedelta(seconds=1))


def in_the_erp_once(scene: Scene, _first: Any, _second: Any) -> bool:
    return len(scene.erp.orders_of(Order.objects.get().reference)) == 1 and OutboxRow.objects.get().attempts == 1


def take_over(_scene: Scene) -> int:
    """The lease runs out, and another worker finds the order in the ERP."""
    return exporter.export_due(now=now() + dt.timedelta(hours=1)) + exporter.export_due(
        now=now() + dt.timedelta(hours=2)
    )


def told_once(scene: Scene, _first: Any, _second: Any) -> bool:
    return scene.heard == ["done"] and OutboxRow.objects.get().attempts > 1


def no_lease(row: OutboxRow, at: dt.datetime) -> claims.Claim:
    """Claim a row without writing it down."""
    state = OutboxState(row.state)
    return claims.Claim(row.pk, row.attempts, state, Action.SEND, row.kind, row.reference, row.payload, at + HOUR)


HOUR = dt.timedelta(hours=1)


def always_ours(claim: claims.Claim, *_about: object) -> OutboxRow:
    return OutboxRow.objects.select_for_update().get(pk=claim.row_id)


# --- A5: messages -----------------------------------------------------------------------------------------------------


def a_message(scene: Scene) -> tuple[bytes, dict[str, str]]:
    a_payment(scene)
    FakeCharge.objects.update(state="captured")
    provider = providers.provider("fake")
    assert isinstance(provider, FakeProvider)
    return provider.message(FakeCharge.objects.get(), event_id="evt-1", now=now())


def receive(scene: Scene) -> Any:
    body, headers = scene.about
    return webhooks.receive(name="fake", body=body, headers=headers, query={}, now=now())


def one_effect(_scene: Scene, first: Any, second: Any) -> bool:
    moves = Payment.objects.get().moves.filter(to_state=PaymentState.CAPTURED).count()
    events = ProviderEvent.objects.filter(event_id="evt-1").count()
    return (moves, events, sorted([str(first), str(second)])) == (1, 1, ["known", "taken"])


# --- A6: who may decide -----------------------------------------------------------------------------------------------


def an_approval(scene: Scene, *, asker: str = "one") -> Approval:
    """Let an order of 100.00 wait, and make `two` an approver who has its page open."""
    sold_to = scene.one.sold_to
    Membership.objects.filter(sold_to=sold_to, user=scene.two.user).update(role=Role.APPROVER)
    SoldTo.objects.filter(pk=sold_to.pk).update(self_approval=True)
    scene.one, scene.two = approvals.again(scene.one), approvals.again(scene.two)
    catalogue.item(approvals.SKU, price="10.00")
    approvals.rule(sold_to)
    return approvals.waiting(getattr(scene, asker))


def approve(scene: Scene) -> Order | None:
    waiting = Approval.objects.get(pk=scene.about.pk)
    return approving.approve(actor=scene.two, approval=waiting, shown=approvals.shown(scene.about), now=now())


def edit(scene: Scene) -> Any:
    approval_services.take_back(actor=scene.one, approval=Approval.objects.get(), now=now())
    CartLine.objects.update(quantity=90)
    return approvals.sent_again(scene.one)


def only_what_was_read(scene: Scene, _first: Any, _second: Any) -> bool:
    return not Order.objects.exists() or Approval.objects.get().content_hash == scene.about.content_hash


def disable(scene: Scene) -> int:
    return Membership.objects.filter(user=scene.two.user).update(is_active=False)


def forbid(scene: Scene) -> int:
    return SoldTo.objects.filter(pk=scene.one.sold_to.pk).update(self_approval=False)


def refused(_scene: Scene, first: Any, _second: Any) -> bool:
    return isinstance(first, ShopError) and not Order.objects.exists()


def baskets_of_two(scene: Scene) -> dict[str, tuple[Any, orders.CheckoutData]]:
    """Let both want 60.00 for a cost centre that may order 100.00 a month."""
    catalogue.item(approvals.SKU, price="10.00")
    centre = approvals.centre(scene.one.sold_to)
    approvals.rule(scene.one.sold_to, over=None, period_over=Decimal(100), cost_centre=centre)
    scene.one, scene.two = approvals.again(scene.one), approvals.again(scene.two)
    found = {}
    for who in ("one", "two"):
        actor = getattr(scene, who)
        approvals.fill(actor, "6")
        found[who] = Cart.objects.get(user=actor.user).order_key, approvals.typed(actor, cost_centre=centre.code)
    return found


def send(who: str, scene: Scene) -> Any:
    key, data = scene.about[who]
    return orders.submit_order(actor=getattr(scene, who), key=key, data=data, now=now())


def no_lock_of_the_company(actor: Actor, current: Any, data: Any, at: dt.datetime) -> bool:
    return vars(orders)["needed"](actor=actor, purchase=current.purchase(), now=at) is not None


def careless_close(*, approval: Approval, **_about: object) -> None:
    Approval.objects.filter(pk=approval.pk).update(state=ApprovalState.APPROVED)
