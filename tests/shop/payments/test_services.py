"""A payment from the first click to the ERP's books: each step once, nothing doubled, nothing lost."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from accounts.errors import NotPermitted
from accounts.selectors import company_day
from adoption.events.models import Event
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Invoice
from erp_sync.mirror.models import Payment as MirrorPayment
from erp_sync.outbox.models import OutboxRow
from shop.payments import given_back, providers, refunds, selectors, services, settling, sweep
from shop.payments.errors import AmountChanged, PaymentRefused
from shop.payments.models import Allocation, FakeCharge, Payment, PaymentMove, PaymentState
from shop.payments.services import Wish
from shop.signals import Told
from tests.builders import invoices, people
from tests.shop.payments.conftest import Hook, Pay

pytestmark = pytest.mark.django_db
S = PaymentState


def state_of(payment: Payment) -> str:
    return Payment.objects.values_list("state", flat=True).get(pk=payment.pk)


def test_three_invoices_are_paid_and_booked_once(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, *open_invoices)
    assert (payment.state, payment.amount, payment.currency) == (S.STARTED, Decimal("351.49"), "EUR")
    assert payment.go_url.startswith("/payments/test-provider/")
    hook(payment)
    assert state_of(payment) == S.CAPTURED
    assert OutboxRow.objects.get(kind="payment").reference == payment.reference
    invoices.export()
    assert state_of(payment) == S.SENT_TO_ERP
    invoices.pull()
    assert settling.mark_booked(now=timezone.now()) == 1
    assert settling.mark_booked(now=timezone.now()) == 0
    assert state_of(payment) == S.BOOKED
    paid = MirrorPayment.objects.filter(reference=payment.reference, via="web")
    assert sorted(paid.values_list("amount", flat=True)) == [Decimal("0.99"), Decimal("100.00"), Decimal("250.50")]
    assert selectors.open_documents(sold_to=buyer.sold_to) == []
    moves = PaymentMove.objects.filter(payment=payment).values_list("to_state", flat=True)
    assert list(moves) == [S.STARTED, S.CAPTURED, S.SENT_TO_ERP, S.BOOKED]


def test_money_received_online_is_a_fact_once(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    for _time in range(3):
        hook(payment)
    event = Event.objects.get(kind="payment_online_succeeded")
    assert (event.object_id, event.account_id, event.actor) == (payment.reference, buyer.sold_to.erp_id, "buyer")
    assert event.props == {"amount": "100.00", "currency": "EUR"}


def test_the_same_page_starts_one_payment(buyer: Actor, open_invoices: list[Invoice]) -> None:
    wish, key = Wish((open_invoices[0].number,), provider="fake"), uuid4()
    made = [
        services.start(actor=buyer, key=key, wish=wish, shown=Decimal(100), now=timezone.now()) for _time in range(3)
    ]
    assert len({one.pk for one in made}) == 1
    assert FakeCharge.objects.count() == 1


def test_an_invoice_that_is_being_paid_can_not_be_paid_again(
    buyer: Actor, open_invoices: list[Invoice], pay: Pay
) -> None:
    pay(buyer, open_invoices[0])
    colleague = people.buyer(buyer.sold_to)
    with pytest.raises(PaymentRefused, match="already being paid"):
        pay(colleague, open_invoices[0])
    assert Payment.objects.count() == 1


def test_the_rest_of_an_invoice_stays_payable(buyer: Actor, open_invoices: list[Invoice], pay: Pay) -> None:
    first = open_invoices[0]
    pay(buyer, first, amounts={first.number: Decimal(40)})
    with pytest.raises(PaymentRefused, match=r"at most €60\.00"):
        pay(buyer, first, amounts={first.number: Decimal("60.01")})
    assert pay(buyer, first).amount == 60


def test_a_booked_invoice_stays_reserved_until_it_was_pulled_again(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    invoices.pull()
    hook(pay(buyer, open_invoices[0]))
    invoices.export()
    with pytest.raises(PaymentRefused, match="already being paid"):
        pay(buyer, open_invoices[0])
    invoices.pull()
    assert open_invoices[0].number not in {one.number for one in selectors.open_documents(sold_to=buyer.sold_to)}


def test_the_amount_on_the_button_is_the_amount_that_is_charged(buyer: Actor, open_invoices: list[Invoice]) -> None:
    wish = Wish((open_invoices[0].number,), provider="fake")
    for shown in ("99.99", "0.01", "100.01", "-100", "1E+400"):
        with pytest.raises(AmountChanged):
            services.start(actor=buyer, key=uuid4(), wish=wish, shown=Decimal(shown), now=timezone.now())
    assert not Payment.objects.exists()


def test_a_rep_can_not_pay_for_his_customer(open_invoices: list[Invoice], buyer: Actor, pay: Pay) -> None:
    with pytest.raises(NotPermitted, match="payments"):
        pay(people.assisting(buyer.sold_to), open_invoices[0])
    assert not Payment.objects.exists()


def test_a_wrong_amount_is_kept_for_a_person_and_reaches_no_book(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment, charged=Decimal("99.99"))
    payment.refresh_from_db()
    assert (payment.state, payment.message) == (S.NEEDS_REVIEW, "amount is 99.99, asked for 100.00")
    assert payment.captured_at is not None
    assert not OutboxRow.objects.exists()
    assert not Event.objects.filter(kind="payment_online_succeeded").exists()


def test_an_invoice_paid_by_bank_meanwhile_is_not_paid_twice(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, *open_invoices[:2])
    Invoice.objects.filter(pk=open_invoices[0].pk).update(amount_due=0, state="paid")
    hook(payment)
    payment.refresh_from_db()
    assert payment.state == S.NEEDS_REVIEW
    assert open_invoices[0].number in payment.message
    assert open_invoices[1].number not in payment.message
    assert not OutboxRow.objects.exists()


def test_what_the_erp_refuses_is_kept_for_a_person(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    record = erp.book.records["invoices"].pop(open_invoices[0].erp_id)
    invoices.export()
    payment.refresh_from_db()
    assert payment.state == S.NEEDS_REVIEW
    assert record.erp_id in payment.message


def test_money_for_a_payment_that_was_given_up_still_counts(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    services.give_up(actor=buyer, payment=payment, now=timezone.now())
    assert state_of(payment) == S.ABANDONED
    hook(payment)
    assert state_of(payment) == S.CAPTURED


def test_money_for_a_given_up_payment_whose_invoice_is_paid_again_is_kept_for_a_person(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    first = pay(buyer, open_invoices[0])
    services.give_up(actor=buyer, payment=first, now=timezone.now())
    second = pay(buyer, open_invoices[0])
    hook(first)
    hook(second)
    assert (state_of(first), state_of(second)) == (S.NEEDS_REVIEW, S.NEEDS_REVIEW)
    assert not OutboxRow.objects.exists()


def test_a_person_disabled_in_the_middle_loses_nothing(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    buyer.user.is_active = False
    buyer.user.save()
    hook(payment)
    invoices.export()
    assert state_of(payment) == S.SENT_TO_ERP


def test_a_payment_waits_while_the_erp_is_away(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    row = OutboxRow.objects.get()
    assert (state_of(payment), row.state) == (S.CAPTURED, "ready")
    assert "as soon as it is back" in settling.sentence(Payment.objects.get(pk=payment.pk))


def test_a_provider_that_does_not_answer_frees_the_invoices_and_is_left_alone_for_a_while(
    buyer: Actor, open_invoices: list[Invoice], pay: Pay, settings: Settings
) -> None:
    settings.PAYMENTS = {"fake": settings.PAYMENTS["fake"] | {"is_down": "1"}}
    with pytest.raises(PaymentRefused, match="does not answer, so nothing was charged"):
        pay(buyer, open_invoices[0])
    assert Payment.objects.get().state == S.FAILED
    assert selectors.open_documents(sold_to=buyer.sold_to)[0].free == 100
    assert "does not answer" in selectors.why_not_pay(actor=buyer)
    providers.note_up("fake")
    assert selectors.why_not_pay(actor=buyer) == ""


def test_the_sweep_resolves_what_nobody_came_back_for(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay
) -> None:
    paid, left = pay(buyer, open_invoices[0]), pay(buyer, open_invoices[1])
    FakeCharge.objects.filter(reference=paid.reference).update(state="captured")
    now = timezone.now()
    sweep.sweep(now=now + dt.timedelta(minutes=1))
    assert (state_of(paid), state_of(left)) == (S.CAPTURED, S.STARTED)
    sweep.sweep(now=now + dt.timedelta(hours=4))
    assert state_of(left) == S.ABANDONED
    assert {one.number for one in selectors.open_documents(sold_to=buyer.sold_to) if one.free} == {
        open_invoices[1].number,
        open_invoices[2].number,
    }


def test_a_payment_that_never_reached_its_provider_is_freed(
    buyer: Actor, open_invoices: list[Invoice], pay: Pay
) -> None:
    payment = pay(buyer, open_invoices[0])
    Payment.objects.filter(pk=payment.pk).update(provider_reference="", go_url="")
    sweep.sweep(now=timezone.now() + dt.timedelta(minutes=2))
    assert state_of(payment) == S.FAILED


def test_a_provider_that_is_silent_later_is_asked_again_and_nothing_is_given_up(
    buyer: Actor, open_invoices: list[Invoice], pay: Pay, settings: Settings
) -> None:
    payment = pay(buyer, open_invoices[0])
    known = settings.PAYMENTS
    settings.PAYMENTS = {"fake": known["fake"] | {"is_down": "1"}}
    later = timezone.now() + dt.timedelta(hours=5)
    sweep.sweep(now=later)
    payment.refresh_from_db()
    assert (payment.state, payment.looks) == (S.STARTED, 1)
    assert payment.next_look_at is not None
    assert payment.next_look_at > later
    with pytest.raises(PaymentRefused, match="does not answer"):
        services.give_up(actor=buyer, payment=payment, now=later)
    settings.PAYMENTS = known


def test_a_transfer_waits_for_the_bank_and_is_booked_when_the_erp_shows_it(
    buyer: Actor, open_invoices: list[Invoice], pay: Pay
) -> None:
    payment = pay(buyer, *open_invoices[:2], way="bank_transfer")
    assert payment.state == S.PENDING
    assert settling.arrived_transfers(now=timezone.now()) == 0
    Invoice.objects.filter(pk=open_invoices[0].pk).update(amount_due=0, state="paid")
    assert settling.arrived_transfers(now=timezone.now()) == 0
    Invoice.objects.filter(pk=open_invoices[1].pk).update(amount_due=0, state="paid")
    assert settling.arrived_transfers(now=timezone.now()) == 1
    assert state_of(payment) == S.BOOKED
    assert not OutboxRow.objects.exists()
    assert not Event.objects.filter(kind="payment_online_succeeded").exists()


def test_a_transfer_grants_no_discount_and_uses_no_credit_note(buyer: Actor, pay: Pay) -> None:
    until = company_day(timezone.now()) + dt.timedelta(days=3)
    early = invoices.invoice(buyer.sold_to, "100.00", discount_until=until, discount_amount=Decimal("2.00"))
    invoices.invoice(buyer.sold_to, "10.00", kind="credit")
    assert pay(buyer, early, way="bank_transfer").amount == 100


def test_discount_and_credit_note_are_parts_of_the_payment(erp: FakeErp, buyer: Actor, pay: Pay, hook: Hook) -> None:
    until = company_day(timezone.now()) + dt.timedelta(days=3)
    early = invoices.invoice(buyer.sold_to, "100.00", discount_until=until, discount_amount=Decimal("2.00"))
    note = invoices.invoice(buyer.sold_to, "10.00", kind="credit")
    payment = pay(buyer, early)
    assert payment.amount == 88
    parts = Allocation.objects.filter(payment=payment).values_list("number", "is_credit", "amount", "discount")
    assert set(parts) == {(early.number, False, Decimal(98), Decimal(2)), (note.number, True, Decimal(10), Decimal(0))}
    sent = settling.new_payment(Payment.objects.get(pk=payment.pk))
    assert sum(one.amount for one in sent.allocations) == sent.amount == 88
    hook(payment)
    invoices.export()
    invoices.pull()
    assert state_of(payment) == S.SENT_TO_ERP
    assert not Invoice.objects.filter(amount_due__gt=0).exists()


def test_credit_notes_are_left_alone_where_the_erp_can_not_set_them_off(erp: FakeErp, buyer: Actor, pay: Pay) -> None:
    erp.capabilities = replace(erp.capabilities, settles_credit_notes=False)
    one = invoices.invoice(buyer.sold_to, "100.00")
    note = invoices.invoice(buyer.sold_to, "10.00", kind="credit")
    assert pay(buyer, one, credits=(note.number,)).amount == 100


def test_money_given_back_leaves_the_books_once(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    with pytest.raises(PaymentRefused, match="nothing to give back"):
        refunds.refund(payment=payment, by=people.manager(), reason="twice", now=timezone.now())
    invoices.export()
    with pytest.raises(PaymentRefused, match="Say why"):
        refunds.refund(payment=payment, by=people.manager(), reason=" ", now=timezone.now())
    refunds.refund(payment=payment, by=people.manager(), reason="paid twice", now=timezone.now())
    assert state_of(payment) == S.REFUNDING
    assert FakeCharge.objects.get().state == "refunded"
    assert OutboxRow.objects.filter(kind="payment_reversal").count() == 1
    invoices.export()
    invoices.pull()
    assert state_of(payment) == S.REFUNDED
    assert set(MirrorPayment.objects.values_list("state", flat=True)) == {"reversed"}
    assert Invoice.objects.get(pk=open_invoices[0].pk).amount_due == 100
    with pytest.raises(PaymentRefused, match="nothing to give back"):
        refunds.refund(payment=payment, by=people.manager(), reason="again", now=timezone.now())


def test_a_refund_that_the_provider_does_not_answer_goes_on_by_itself(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook, settings: Settings
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment, charged=Decimal(50))
    known = settings.PAYMENTS
    settings.PAYMENTS = {"fake": known["fake"] | {"is_down": "1"}}
    refunds.refund(payment=payment, by=people.manager(), reason="wrong amount", now=timezone.now())
    assert state_of(payment) == S.REFUNDING
    settings.PAYMENTS = known
    sweep.sweep(now=timezone.now() + dt.timedelta(hours=1))
    assert state_of(payment) == S.REFUNDED
    assert not OutboxRow.objects.exists()


def test_a_part_given_back_opens_the_last_invoice_by_that_much(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook, told: list[Told]
) -> None:
    payment = pay(buyer, *open_invoices)
    hook(payment)
    invoices.export()
    give: dict[str, Any] = {
        "payment": payment,
        "by": people.manager(),
        "reason": "a box was broken",
        "now": timezone.now(),
    }
    for wrong in ("0", "-1", "351.50", "0.001", "NaN"):
        with pytest.raises(PaymentRefused, match="At most"):
            refunds.refund(amount=Decimal(wrong), **give)
    refunds.refund(amount=Decimal("1.49"), **give)
    assert state_of(payment) == S.REFUNDING
    invoices.export()
    invoices.pull()
    assert state_of(payment) == S.SENT_TO_ERP
    assert [Invoice.objects.get(pk=one.pk).amount_due for one in open_invoices] == [0, Decimal("0.50"), Decimal("0.99")]
    settling.mark_booked(now=timezone.now())
    refunds.refund(amount=Decimal(350), **give)
    invoices.export()
    invoices.pull()
    assert state_of(payment) == S.REFUNDED
    assert [Invoice.objects.get(pk=one.pk).amount_due for one in open_invoices] == [
        100,
        Decimal("250.50"),
        Decimal("0.99"),
    ]
    assert [one.params["amount"] for one in told if one.event == "payment_refunded"] == ["1.49", "350.00"]


def test_what_was_given_back_at_the_provider_reaches_the_erp_once_however_often_it_is_told(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook, told: list[Told]
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    for event in ("e1", "e1", "e2"):
        hook(payment, event_id=event, refunds={"theirs": "30.00"})
    assert state_of(payment) == S.REFUNDING
    hook(payment, refunds={"theirs": "30.00", "more": "20.00"})
    for _turn in range(3):
        invoices.export()
    invoices.pull()
    assert state_of(payment) == S.SENT_TO_ERP
    assert [(one.amount, one.is_from_provider, one.state) for one in payment.refunds.all()] == [
        (30, True, "booked"), (20, True, "booked"),
    ]  # fmt: skip
    assert Invoice.objects.get(pk=open_invoices[0].pk).amount_due == 50
    assert OutboxRow.objects.filter(kind="payment_reversal").count() == 2
    assert [one.params["amount"] for one in told if one.event == "payment_refunded"] == ["30.00", "20.00"]


def test_a_refund_at_the_provider_that_nobody_told_us_is_found_by_the_clock(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    invoices.export()
    invoices.pull()
    settling.mark_booked(now=timezone.now())
    FakeCharge.objects.update(refunds={"theirs": "100.00"}, state="refunded")
    sweep.sweep(now=timezone.now() + dt.timedelta(hours=2))
    assert state_of(payment) == S.BOOKED
    for _turn in range(2):
        Payment.objects.update(next_look_at=timezone.now())
        sweep.sweep(now=timezone.now())
    invoices.export()
    assert state_of(payment) == S.REFUNDED
    assert payment.refunds.get().amount == 100


def test_control_a_refund_that_is_not_held_against_the_known_ones_is_booked_twice(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_back, "given", lambda payment: Decimal(0))
    payment = pay(buyer, open_invoices[0])
    hook(payment)
    for event in ("e1", "e2"):
        hook(payment, event_id=event, refunds={"theirs": "30.00"})
    assert payment.refunds.count() == 2


def test_a_person_sends_on_what_was_held_back(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    Invoice.objects.filter(pk=open_invoices[0].pk).update(amount_due=0, state="paid")
    hook(payment)
    Invoice.objects.filter(pk=open_invoices[0].pk).update(amount_due=100, state="open")
    refunds.send_again(payment=payment, by=people.manager(), reason="it was a mistake", now=timezone.now())
    invoices.export()
    assert state_of(payment) == S.SENT_TO_ERP


def test_what_a_person_settled_is_closed_with_his_word(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    payment = pay(buyer, open_invoices[0])
    hook(payment, charged=Decimal(50))
    manager = people.manager()
    refunds.settle_by_hand(payment=payment, by=manager, reason="booked 50.00 in the ERP", now=timezone.now())
    move = PaymentMove.objects.filter(payment=payment).latest("pk")
    assert (state_of(payment), move.by, move.message) == (S.BOOKED, str(manager), "booked 50.00 in the ERP")


def test_payments_cost_the_same_queries_for_one_and_twenty_invoices(buyer: Actor, pay: Pay) -> None:
    costs = []
    for count in (1, 20):
        chosen = [invoices.invoice(buyer.sold_to, "10.00") for _one in range(count)]
        with CaptureQueriesContext(connection) as queries:
            pay(buyer, *chosen)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 25


def test_the_payer_is_told_that_his_money_came_also_when_a_person_must_look(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook, told: list[Told]
) -> None:
    wrong, right = pay(buyer, open_invoices[0]), pay(buyer, open_invoices[1])
    failed = pay(buyer, open_invoices[2])
    hook(wrong, charged=Decimal("99.99"))
    hook(right)
    hook(right)
    hook(failed, "failed")
    invoices.export()
    invoices.pull()
    settling.mark_booked(now=timezone.now())
    assert [one.key for one in told] == [
        f"payment:{wrong.reference}:captured",
        f"payment:{right.reference}:captured",
        f"payment:{failed.reference}:failed",
        f"payment:{right.reference}:booked",
    ]
    trouble = Event.objects.get(kind="friction")
    assert trouble.props == {"cause": "payment_failed", "about": open_invoices[2].number}
    assert (told[1].audience, told[1].person_id) == ("person", buyer.user.pk)
    assert told[1].params == {"amount": "250.50", "currency": "EUR", "invoices": open_invoices[1].number}
