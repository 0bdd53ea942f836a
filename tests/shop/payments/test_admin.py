"""What staff do with a payment in the administration."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.actors import Actor
from erp_sync.mirror.models import Invoice
from shop.payments.models import Payment, PaymentState
from tests.builders import people
from tests.shop.payments.conftest import Hook, Pay

pytestmark = pytest.mark.django_db
S = PaymentState


@pytest.fixture
def waiting(buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook) -> Payment:
    """Return a payment of a wrong amount."""
    payment = pay(buyer, open_invoices[0])
    hook(payment, charged=Decimal("99.99"))
    return payment


def test_a_manager_sees_why_a_payment_waits_and_gives_it_back(client: Client, waiting: Payment) -> None:
    people.log_in(client, people.manager())
    assert "amount is 99.99" in client.get("/admin/shop/payment/").content.decode()
    text = client.get(f"/admin/shop/payment/{waiting.pk}/change/").content.decode()
    assert f"/admin/shop/payment/{waiting.pk}/do/refund/" in text
    step = f"/admin/shop/payment/{waiting.pk}/do/refund/"
    assert "can&#x27;t be undone" in client.get(step).content.decode()
    for wrong in ({"reason": ""}, {"reason": "x", "amount": "much"}, {"reason": "x", "amount": "30.00"}):
        client.post(step, wrong)
        waiting.refresh_from_db()
        assert waiting.state == S.NEEDS_REVIEW
    client.post(step, {"reason": "wrong amount"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.refunds.get().reason) == (S.REFUNDED, "wrong amount")


def test_nobody_else_moves_a_payment(client: Client, waiting: Payment, buyer: Actor) -> None:
    step = f"/admin/shop/payment/{waiting.pk}/do/refund/"
    people.log_in(client, buyer)
    assert client.post(step, {"reason": "mine"}).status_code in {302, 403, 404}
    onlooker = people.person(is_staff=True)
    people.log_in(client, onlooker)
    assert client.post(step, {"reason": "mine"}).status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == S.NEEDS_REVIEW
