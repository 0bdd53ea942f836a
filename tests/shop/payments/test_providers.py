"""Each real provider against a strict stand-in: start, pay, ask, refund, messages; and answers that say nothing."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from shop.payments.errors import ProviderError, ProviderRefused, ProviderUnavailable, WebhookRefused
from shop.payments.providers.base import Ask, GiveBack, Held, Standing, signed
from shop.payments.providers.mercado_pago import MercadoPago
from shop.payments.providers.stripe import Stripe
from shop.payments.providers.webpay_plus import WebpayPlus
from tests.shop.payments.stubs import MercadoPagoStub, StripeStub, WebpayStub, serving

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SECRET = "whsec_of_the_test"
REFERENCE = "WEB-01KDVDABCDEFGHJKMNPQRSTVWX"
ASK = Ask(
    reference=REFERENCE,
    amount=Decimal("1912.40"),
    currency="EUR",
    description="Suministros Ribera: F1, F2",
    return_url="https://shop.example.com/payments/x/return/",
    cancel_url="https://shop.example.com/payments/x/return/",
    hook_url="https://shop.example.com/payments/hooks/x/",
    language="es",
    now=NOW,
)
PESOS = replace(ASK, amount=Decimal("129990"), currency="CLP")


def held(ask: Ask, provider_reference: str, charge: str = "") -> Held:
    return Held(ask.reference, provider_reference, charge, ask.amount, ask.currency)


# --- Stripe ---


@pytest.fixture
def stripe() -> Iterator[tuple[Stripe, StripeStub]]:
    stub = StripeStub()
    with serving(stub) as url:
        yield Stripe({"url": url, "secret_key": "sk_test_1", "webhook_secret": SECRET}), stub


def test_stripe_takes_a_payment_and_gives_it_back_once(stripe: tuple[Stripe, StripeStub]) -> None:
    provider, stub = stripe
    started = provider.start(ASK)
    assert started.go_url == f"https://checkout.stripe.com/c/pay/{started.provider_reference}"
    assert provider.start(ASK) == started
    one = held(ASK, started.provider_reference)
    assert provider.confirm(one).standing == Standing.OPEN
    stub.pay(started.provider_reference)
    found = provider.confirm(one)
    assert (found.standing, found.reference, found.amount, found.currency, found.is_our_account, found.charge) == (
        Standing.CAPTURED, REFERENCE, Decimal("1912.40"), "EUR", True, "pi_1",
    )  # fmt: skip
    one = held(ASK, started.provider_reference, "pi_1")
    for amount, key, in_all in (("2.40", "R", "2.40"), ("2.40", "R", "2.40"), ("10", "S", "12.40")):
        provider.refund(one, GiveBack(Decimal(amount), key))
        assert provider.confirm(one).refunded == Decimal(in_all)
    with pytest.raises(ProviderRefused):
        provider.refund(one, GiveBack(None, "T"))
    assert stub.refunded == {"pi_1": 1240}


def test_stripe_counts_pesos_without_cents(stripe: tuple[Stripe, StripeStub]) -> None:
    provider, stub = stripe
    started = provider.start(PESOS)
    assert stub.sessions[started.provider_reference]["amount_total"] == 129990
    stub.pay(started.provider_reference)
    assert provider.confirm(held(PESOS, started.provider_reference)).amount == 129990


@pytest.mark.parametrize(
    ("change", "standing"),
    [({"status": "expired"}, Standing.EXPIRED), ({"status": "complete"}, Standing.PENDING)],
)
def test_stripe_sessions_stand_as_they_say(
    stripe: tuple[Stripe, StripeStub], change: dict[str, str], standing: Standing
) -> None:
    provider, stub = stripe
    number = provider.start(ASK).provider_reference
    stub.sessions[number] |= change
    assert provider.confirm(held(ASK, number)).standing == standing


def test_money_of_another_mode_is_not_ours(stripe: tuple[Stripe, StripeStub]) -> None:
    provider, stub = stripe
    number = provider.start(ASK).provider_reference
    stub.pay(number)
    stub.sessions[number]["livemode"] = True
    assert not provider.confirm(held(ASK, number)).is_our_account


def stripe_message(stub: StripeStub, **facts: object) -> bytes:
    event = {"id": "evt_1", "object": "event", "type": "checkout.session.completed"}
    return json.dumps({**event, "data": {"object": stub.sessions["cs_test_1"]}, **facts}).encode()


def test_stripe_messages_are_proved(stripe: tuple[Stripe, StripeStub]) -> None:
    provider, stub = stripe
    provider.start(ASK)
    stub.pay("cs_test_1")
    body, at = stripe_message(stub), str(int(NOW.timestamp()))
    good = signed(SECRET, at.encode() + b"." + body)
    headers = {"Stripe-Signature": f"t={at},v1={'0' * 64},v1={good},v0=old"}
    message = provider.read_webhook(body=body, headers=headers, query={}, now=NOW)
    assert (message.event_id, message.reference, message.provider_reference) == ("evt_1", REFERENCE, "cs_test_1")
    assert message.claimed is not None
    assert message.claimed.standing == Standing.CAPTURED
    for bad, now in (
        ({}, NOW),
        ({"Stripe-Signature": f"t={at},v0={good}"}, NOW),
        ({"Stripe-Signature": f"v1={good}"}, NOW),
        (headers, NOW + dt.timedelta(seconds=301)),
        (headers, NOW - dt.timedelta(seconds=301)),
    ):
        with pytest.raises(WebhookRefused):
            provider.read_webhook(body=body, headers=bad, query={}, now=now)
    with pytest.raises(WebhookRefused):
        provider.read_webhook(body=body + b" ", headers=headers, query={}, now=NOW)


def test_stripe_messages_about_something_else_are_about_nothing_of_ours(stripe: tuple[Stripe, StripeStub]) -> None:
    provider, _stub = stripe
    body = b'{"id": "evt_2", "type": "invoice.paid", "data": {"object": {"object": "invoice", "id": "in_1"}}}'
    at = str(int(NOW.timestamp()))
    headers = {"Stripe-Signature": f"t={at},v1={signed(SECRET, at.encode() + b'.' + body)}"}
    message = provider.read_webhook(body=body, headers=headers, query={}, now=NOW)
    assert (message.reference, message.provider_reference) == ("", "")


# --- Mercado Pago ---


@pytest.fixture
def mercado() -> Iterator[tuple[MercadoPago, MercadoPagoStub]]:
    stub = MercadoPagoStub()
    options = {"access_token": "TEST-1", "webhook_secret": SECRET, "collector_id": "987"}
    with serving(stub) as url:
        yield MercadoPago({"url": url, **options}), stub


def test_mercado_pago_takes_a_payment_and_gives_it_back_once(mercado: tuple[MercadoPago, MercadoPagoStub]) -> None:
    provider, stub = mercado
    started = provider.start(PESOS)
    one = held(PESOS, started.provider_reference)
    assert provider.confirm(one).standing == Standing.OPEN
    stub.pay(started.provider_reference, "rejected")
    assert provider.confirm(one).standing == Standing.OPEN
    payment_id = stub.pay(started.provider_reference)
    found = provider.confirm(one)
    assert (found.standing, found.reference, found.amount, found.currency, found.is_our_account) == (
        Standing.CAPTURED, REFERENCE, Decimal(129990), "CLP", True,
    )  # fmt: skip
    assert found.charge == str(payment_id)
    for _time in range(2):
        provider.refund(held(PESOS, started.provider_reference, found.charge), GiveBack(Decimal(990), "WEB-R"))
    assert len(stub.refunds) == 1
    assert (provider.confirm(one).standing, provider.confirm(one).refunded) == (Standing.CAPTURED, 990)
    provider.refund(held(PESOS, started.provider_reference, found.charge), GiveBack(Decimal(129000), "WEB-S"))
    assert (provider.confirm(one).standing, provider.confirm(one).refunded) == (Standing.REFUNDED, 129990)
    assert stub.refusals == []


def test_mercado_pago_keeps_cents(mercado: tuple[MercadoPago, MercadoPagoStub]) -> None:
    provider, stub = mercado
    ask = replace(ASK, currency="ARS", amount=Decimal("1912.40"))
    started = provider.start(ask)
    stub.pay(started.provider_reference)
    assert provider.confirm(held(ask, started.provider_reference)).amount == Decimal("1912.40")


def test_money_of_another_collector_is_not_ours(mercado: tuple[MercadoPago, MercadoPagoStub]) -> None:
    provider, stub = mercado
    started = provider.start(PESOS)
    stub.pay(started.provider_reference, collector_id=1)
    assert not provider.confirm(held(PESOS, started.provider_reference)).is_our_account


@pytest.mark.parametrize("unit", [1, 1000])
def test_mercado_pago_messages_are_proved_and_the_payment_is_fetched(
    mercado: tuple[MercadoPago, MercadoPagoStub], unit: int
) -> None:
    provider, stub = mercado
    payment_id = stub.pay(provider.start(PESOS).provider_reference)
    at = str(int(NOW.timestamp()) * unit)
    proof = signed(SECRET, f"id:{payment_id};request-id:req-1;ts:{at};".encode())
    headers = {"x-signature": f"ts={at},v1={proof}", "x-request-id": "req-1"}
    query = {"data.id": str(payment_id), "type": "payment"}
    body = json.dumps({"type": "payment", "data": {"id": str(payment_id)}}).encode()
    message = provider.read_webhook(body=body, headers=headers, query=query, now=NOW)
    assert (message.reference, message.event_id) == (REFERENCE, f"{payment_id}:req-1")
    for bad in (
        {},
        headers | {"x-request-id": "req-2"},
        headers | {"x-signature": f"ts={int(at) + 1},v1={proof}"},
        headers | {"x-signature": f"v1={proof}"},
    ):
        with pytest.raises(WebhookRefused):
            provider.read_webhook(body=body, headers=bad, query=query, now=NOW)
    with pytest.raises(WebhookRefused):
        provider.read_webhook(body=body, headers=headers, query={"data.id": "1", "type": "payment"}, now=NOW)
    with pytest.raises(WebhookRefused):
        provider.read_webhook(body=body, headers=headers, query=query, now=NOW + dt.timedelta(seconds=301))


# --- Webpay Plus ---


@pytest.fixture
def webpay() -> Iterator[tuple[WebpayPlus, WebpayStub]]:
    stub = WebpayStub()
    with serving(stub) as url:
        yield WebpayPlus({"url": url, "commerce_code": "597055555532", "api_key": "579B532A7440BB0C"}), stub


def test_webpay_takes_the_money_when_the_payer_is_back_and_once(webpay: tuple[WebpayPlus, WebpayStub]) -> None:
    provider, stub = webpay
    started = provider.start(PESOS)
    assert started.go_fields == {"token_ws": started.provider_reference}
    one = held(PESOS, started.provider_reference)
    assert provider.confirm(one).standing == Standing.OPEN
    stub.pay(started.provider_reference)
    assert provider.confirm(one).standing == Standing.OPEN
    for _time in range(2):
        found = provider.confirm(one, has_returned=True)
        assert (found.standing, found.reference, found.amount) == (Standing.CAPTURED, REFERENCE, Decimal(129990))
    part, rest = GiveBack(Decimal(990), "WEB-R"), GiveBack(Decimal(129000), "WEB-S", before=Decimal(990))
    for back in (part, part, rest, rest):
        provider.refund(one, back)
    assert sum(call.endswith("/refunds") for call in stub.calls) == 2
    assert (provider.confirm(one).standing, provider.confirm(one).refunded) == (Standing.REFUNDED, 129990)
    assert stub.refusals == []


def test_webpay_gives_all_of_it_back_once(webpay: tuple[WebpayPlus, WebpayStub]) -> None:
    provider, stub = webpay
    one = held(PESOS, provider.start(PESOS).provider_reference)
    stub.pay(one.provider_reference)
    provider.confirm(one, has_returned=True)
    for _time in range(2):
        provider.refund(one, GiveBack(None, "WEB-R"))
    assert sum(call.endswith("/refunds") for call in stub.calls) == 1


def test_webpay_says_when_the_card_was_refused_or_the_payer_broke_off(webpay: tuple[WebpayPlus, WebpayStub]) -> None:
    provider, stub = webpay
    refused = provider.start(PESOS).provider_reference
    stub.pay(refused, response_code=-1)
    assert provider.confirm(held(PESOS, refused), has_returned=True).standing == Standing.FAILED
    broken_off = provider.start(replace(PESOS, reference="WEB-01KDVDABCDEFGHJKMNPQRSTVWZ")).provider_reference
    assert provider.confirm(held(PESOS, broken_off), has_returned=True).standing == Standing.OPEN


def test_webpay_takes_pesos_only_and_sends_no_messages(webpay: tuple[WebpayPlus, WebpayStub]) -> None:
    provider, _stub = webpay
    assert (provider.takes("CLP"), provider.takes("EUR")) == (True, False)
    with pytest.raises(WebhookRefused):
        provider.read_webhook(body=b"{}", headers={}, query={}, now=NOW)


# --- all of them ---


@pytest.mark.parametrize(
    "garbage", [b"", b"<html>", b"[]", b"{}", b'{"id": 1, "url": 2, "status": "paid"}', b"\xff\x00"]
)
@pytest.mark.parametrize("name", ["stripe", "mercado", "webpay"])
def test_an_answer_that_says_nothing_is_no_payment(request: pytest.FixtureRequest, name: str, garbage: bytes) -> None:
    provider, stub = request.getfixturevalue(name)
    stub.garbage += [garbage, garbage]
    with pytest.raises(ProviderUnavailable):
        provider.start(PESOS)
    with pytest.raises(ProviderUnavailable):
        provider.confirm(held(PESOS, "x"))


@pytest.mark.parametrize("name", ["stripe", "mercado", "webpay"])
def test_a_stand_in_refuses_what_the_reference_does_not_know(request: pytest.FixtureRequest, name: str) -> None:
    """The control of all these: an amount or a name that is not allowed never passes."""
    provider, stub = request.getfixturevalue(name)
    with pytest.raises(ProviderRefused):
        provider.start(replace(PESOS, description="x" * 900, return_url="nowhere"))
    assert len(stub.refusals) == 1


def test_a_provider_that_is_not_there_is_unavailable() -> None:
    gone = Stripe({"url": "http://127.0.0.1:9", "secret_key": "sk_test_1", "webhook_secret": SECRET})
    with pytest.raises(ProviderUnavailable):
        gone.start(ASK)
    assert issubclass(ProviderUnavailable, ProviderError)
