"""Two at once: one payment, one capture, whoever is faster."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.mirror.models import Invoice
from erp_sync.outbox.models import OutboxRow
from shop.payments import selectors, services, settling
from shop.payments.errors import PaymentRefused
from shop.payments.models import FakeCharge, Payment, PaymentState
from shop.payments.services import Wish
from tests.builders import invoices, people

S = PaymentState


@pytest.fixture
def one(transactional_db: None) -> tuple[Actor, Actor, Invoice]:
    """Return two people of a company and an invoice of it."""
    buyer = people.buyer()
    return buyer, people.buyer(buyer.sold_to), invoices.invoice(buyer.sold_to, "100.00")


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads that start together; return results and errors."""
    found: list[object] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait(timeout=10)
        try:
            found.append(call())
        except PaymentRefused as refused:
            found.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == len(calls)
    return found


def start(actor: Actor, invoice: Invoice) -> Payment:
    wish = Wish((invoice.number,), provider="fake")
    return services.start(actor=actor, key=uuid4(), wish=wish, shown=Decimal(100), now=timezone.now())


@pytest.mark.parametrize("turn", range(3))
def test_two_people_pay_the_same_invoice_at_once_and_one_does(one: tuple[Actor, Actor, Invoice], turn: int) -> None:
    buyer, colleague, invoice = one
    found = at_once(*[lambda who=who: start(who, invoice) for who in (buyer, colleague) * 3])
    assert sum(isinstance(result, Payment) for result in found) == 1
    assert Payment.objects.count() == 1


def test_the_return_page_and_ten_messages_capture_once(one: tuple[Actor, Actor, Invoice]) -> None:
    buyer, _colleague, invoice = one
    payment = start(buyer, invoice)
    FakeCharge.objects.update(state="captured")
    at_once(*[lambda: settling.look(payment=Payment.objects.get(pk=payment.pk), now=timezone.now())] * 10)
    assert OutboxRow.objects.filter(kind="payment").count() == 1
    assert payment.moves.filter(to_state=S.CAPTURED).count() == 1


def test_a_rival_between_reading_and_writing_is_seen(
    one: tuple[Actor, Actor, Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """rival_step: the rival starts right after the company was locked; he must wait, and then find it reserved."""
    buyer, colleague, invoice = one
    results: list[object] = []
    read = selectors.open_documents
    rivals: list[threading.Thread] = []

    def rival() -> None:
        try:
            results.append(start(colleague, invoice))
        except PaymentRefused as refused:
            results.append(refused)
        finally:
            connection.close()

    def read_then_rival(**about: object) -> object:
        documents = read(**about)  # type: ignore[arg-type] # handed on
        if not rivals:
            rivals.append(threading.Thread(target=rival))
            rivals[0].start()
            rivals[0].join(timeout=0.5)
            assert rivals[0].is_alive()
        return documents

    monkeypatch.setattr(selectors, "open_documents", read_then_rival)
    start(buyer, invoice)
    rivals[0].join(timeout=10)
    assert isinstance(results[0], PaymentRefused)
    assert Payment.objects.count() == 1


def test_control_without_the_lock_both_pay(one: tuple[Actor, Actor, Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong variant: what is free is read before anybody can reserve it."""
    buyer, colleague, invoice = one
    stale = selectors.open_documents(sold_to=buyer.sold_to)
    monkeypatch.setattr(selectors, "open_documents", lambda **_about: stale)
    start(buyer, invoice)
    start(colleague, invoice)
    assert Payment.objects.count() == 2


def test_giving_up_while_the_money_comes_loses_nothing(one: tuple[Actor, Actor, Invoice]) -> None:
    buyer, _colleague, invoice = one
    payment = start(buyer, invoice)
    FakeCharge.objects.update(state="captured")
    found = at_once(
        lambda: services.give_up(actor=buyer, payment=Payment.objects.get(pk=payment.pk), now=timezone.now()),
        lambda: settling.look(payment=Payment.objects.get(pk=payment.pk), now=timezone.now()),
    )
    assert any(isinstance(one, PaymentRefused) for one in found)
    payment.refresh_from_db()
    assert payment.state == S.CAPTURED
