"""A provider's messages, replayed, reordered, aged, forged or wrong: one effect at most, and never a false one."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from adoption.events.models import Event
from erp_sync.adapters import fake
from erp_sync.outbox.models import OutboxRow
from shop.payments import providers, services
from shop.payments.models import FakeCharge, Payment, PaymentMove, PaymentState, ProviderEvent
from shop.payments.providers import base
from shop.payments.providers.fake import HEADER, FakeProvider
from shop.payments.services import Wish
from tests.builders import invoices, people

pytestmark = pytest.mark.django_db
SECRET = "only-for-tests"
S = PaymentState


@pytest.fixture
def payment() -> Payment:
    """Return a payment of 100.00 that was started."""
    fake.shared().reset()
    buyer: Actor = people.buyer()
    one = invoices.invoice(buyer.sold_to, "100.00")
    wish = Wish((one.number,), provider="fake")
    return services.start(actor=buyer, key=uuid4(), wish=wish, shown=Decimal(100), now=timezone.now())


def message(payment: Payment, *, at: dt.datetime | None = None, **changes: Any) -> tuple[bytes, dict[str, str]]:
    """Return a signed message about the payment; `changes` are fields of it."""
    charge = FakeCharge.objects.get(reference=payment.reference)
    provider = providers.provider("fake")
    assert isinstance(provider, FakeProvider)
    body, _headers = provider.message(charge, event_id="evt_1", now=at or timezone.now())
    return sign(json.dumps(json.loads(body) | changes).encode(), at=at)


def sign(body: bytes, *, at: dt.datetime | None = None, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    stamp = str(int((at or timezone.now()).timestamp()))
    return body, {HEADER: f"t={stamp},v1={base.signed(secret, stamp.encode() + b'.' + body)}"}


def post(sent: tuple[bytes, dict[str, str]], *, name: str = "fake") -> tuple[int, str]:
    body, headers = sent
    answer = Client().post(f"/payments/hooks/{name}/", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.content.decode()


def captured(payment: Payment, **changes: Any) -> None:
    FakeCharge.objects.filter(reference=payment.reference).update(**({"state": "captured"} | changes))


def effects(payment: Payment) -> dict[str, int]:
    return {
        "moves": PaymentMove.objects.filter(payment=payment).exclude(to_state=S.STARTED).count(),
        "writes": OutboxRow.objects.count(),
        "facts": Event.objects.filter(kind="payment_online_succeeded").count(),
    }


NOTHING = {"moves": 0, "writes": 0, "facts": 0}
ONCE = {"moves": 1, "writes": 1, "facts": 1}


def test_a_message_replayed_fifty_times_has_one_effect(payment: Payment) -> None:
    captured(payment)
    sent = message(payment)
    answers = [post(sent) for _time in range(50)]
    assert answers[0] == (200, "taken")
    assert set(answers[1:]) == {(200, "known")}
    assert effects(payment) == ONCE
    assert ProviderEvent.objects.count() == 1


def test_messages_in_any_order_end_in_what_the_provider_says(payment: Payment) -> None:
    stages = [("pending", "evt_p"), ("open", "evt_o"), ("captured", "evt_c"), ("failed", "evt_f")]
    sent = []
    for state, event_id in stages:
        captured(payment, state=state)
        sent.append(message(payment, id=event_id))
    captured(payment)
    random.Random(7).shuffle(sent)  # noqa: S311 (an order, no secret)
    assert {post(one)[0] for one in sent} == {200}
    payment.refresh_from_db()
    assert payment.state == S.CAPTURED
    assert effects(payment) == ONCE


@pytest.mark.parametrize("seconds", [-301, 301, 3600, -86400])
def test_a_message_of_another_time_is_refused(payment: Payment, seconds: int) -> None:
    captured(payment)
    assert post(message(payment, at=timezone.now() + dt.timedelta(seconds=seconds)))[0] == 400
    assert effects(payment) == NOTHING


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "v1=ab",
        "t=1.5,v1=ab",
        "t=nan,v1=ab",
        "t=" + "9" * 40 + ",v1=ab",
        "t=-1,v1=ab",
        ",,,===",
        "t=\uff11,v1=\u00e9",
    ],
)
def test_a_message_without_time_or_signature_is_refused(payment: Payment, header: str) -> None:
    captured(payment)
    body, _headers = message(payment)
    assert post((body, {HEADER: header.encode("utf-8").decode("latin-1")} if header else {}))[0] == 400
    assert effects(payment) == NOTHING


def test_a_forged_or_changed_message_is_refused(payment: Payment) -> None:
    captured(payment)
    body, headers = message(payment)
    assert post((body + b" ", headers))[0] == 400
    assert post(sign(body, secret="guess"))[0] == 400
    assert post(sign(body, secret=""))[0] == 400
    assert effects(payment) == NOTHING


def test_without_a_secret_everything_is_refused(payment: Payment, settings: Settings) -> None:
    captured(payment)
    settings.PAYMENTS = {"fake": {"webhook_secret": ""}}
    assert post(sign(message(payment)[0], secret=""))[0] == 400
    assert effects(payment) == NOTHING


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "99.99"}, {"amount": "100.01"}, {"currency": "CLP"}, {"account": "theirs"}, {"reference": "WEB-OTHER"}],
)
def test_a_message_that_claims_something_else_is_kept_for_a_person(
    payment: Payment, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    captured(payment)
    assert post(message(payment, **wrong))[0] == 200
    payment.refresh_from_db()
    assert payment.state == S.NEEDS_REVIEW
    assert effects(payment) == {"moves": 1, "writes": 0, "facts": 0}
    assert "payment_needs_review" in caplog.text


@pytest.mark.parametrize("wrong", [{"charged": Decimal("99.99")}, {"currency": "USD"}])
def test_a_wrong_payment_is_kept_for_a_person_whatever_the_message_claims(
    payment: Payment, wrong: dict[str, Any]
) -> None:
    captured(payment, **wrong)
    assert post(message(payment, amount="100.00", currency="EUR"))[0] == 200
    payment.refresh_from_db()
    assert payment.state == S.NEEDS_REVIEW
    assert effects(payment)["writes"] == 0


def test_a_message_is_not_believed_when_the_provider_says_otherwise(payment: Payment) -> None:
    assert post(message(payment, standing="captured"))[0] == 200
    payment.refresh_from_db()
    assert payment.state == S.STARTED
    assert effects(payment) == NOTHING


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": 1}', b'{"id":"e","standing":"x"}', b"[" * 9999]
)
def test_a_signed_message_that_says_nothing_is_refused(payment: Payment, body: bytes) -> None:
    assert post(sign(body))[0] == 400
    assert effects(payment) == NOTHING


def test_an_unknown_provider_or_payment_gives_nothing_away(payment: Payment) -> None:
    assert post(message(payment), name="none")[0] == 404
    assert post(message(payment), name="stripe")[0] == 404
    assert post(message(payment, token="x", reference="WEB-OTHER")) == (200, "not_ours")


def test_a_provider_that_can_not_be_asked_shall_send_again(payment: Payment, settings: Settings) -> None:
    captured(payment)
    sent, known = message(payment), settings.PAYMENTS
    settings.PAYMENTS = {"fake": known["fake"] | {"is_down": "1"}}
    assert post(sent)[0] == 503
    assert not ProviderEvent.objects.exists()
    settings.PAYMENTS = known
    assert post(sent) == (200, "taken")
    assert effects(payment) == ONCE


def test_control_without_the_note_of_messages_and_states_a_replay_counts_twice(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wrong variant: messages are not remembered, and a captured payment may be captured again."""
    from shop.payments import settling, states

    captured(payment)
    monkeypatch.setattr(settling, "UNFINISHED", tuple(S))
    monkeypatch.setitem(states.ALLOWED, S.CAPTURED, states.ALLOWED[S.CAPTURED] | {S.CAPTURED})
    monkeypatch.setattr(settling, "queue_payment", lambda **_payment: None)
    for number in range(3):
        post(message(payment, id=f"evt_{number}"))
    assert effects(payment)["moves"] == 3


def test_control_without_the_proof_a_forged_message_is_taken(payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    from shop.payments.providers import fake as fake_provider

    captured(payment)
    monkeypatch.setattr(fake_provider, "prove", lambda **_anything: None)
    assert post((message(payment)[0], {})) == (200, "taken")
    assert effects(payment) == ONCE
