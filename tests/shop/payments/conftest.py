"""A buyer with open invoices, and short ways to do what payers and providers do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.selectors import company_day
from erp_sync.mirror.models import Invoice
from shop.payments import providers, selectors, services, webhooks
from shop.payments.models import FakeCharge, Payment
from shop.payments.providers.fake import FakeProvider
from shop.payments.services import Wish
from shop.payments.webhooks import Outcome
from shop.signals import Told, shop_told
from tests.builders import invoices, people

Pay = Callable[..., Payment]
Hook = Callable[..., Outcome]


@pytest.fixture
def buyer() -> Actor:
    """Return somebody who may pay for his company."""
    return people.buyer()


@pytest.fixture
def open_invoices(buyer: Actor) -> list[Invoice]:
    """Return three open invoices of his company: 100.00, 250.50 and 0.99."""
    return [invoices.invoice(buyer.sold_to, due) for due in ("100.00", "250.50", "0.99")]


@pytest.fixture
def pay() -> Pay:
    """Return what starts a payment as the page does: it shows an amount, and that amount is confirmed."""

    def start(
        actor: Actor, *chosen: Invoice, amounts: dict[str, Decimal] | None = None, way: str = "fake", **more: Any
    ) -> Payment:
        wish = Wish(tuple(one.number for one in chosen), amounts or {}, provider=way, **more)
        documents = selectors.open_documents(sold_to=actor.sold_to)
        shown = services.planned(documents=documents, wish=wish, today=company_day(timezone.now())).amount
        return services.start(actor=actor, key=uuid4(), wish=wish, shown=shown, now=timezone.now())

    return start


@pytest.fixture
def hook() -> Hook:
    """Return what lets the fake provider capture a payment (or end it otherwise) and send its message."""

    def send(payment: Payment, state: str = "captured", *, event_id: str = "", **facts: Any) -> Outcome:
        charge = FakeCharge.objects.get(reference=payment.reference)
        for name, value in {"state": state, **facts}.items():
            setattr(charge, name, value)
        charge.save()
        provider = providers.provider("fake")
        assert isinstance(provider, FakeProvider)
        now = timezone.now()
        body, headers = provider.message(charge, event_id=event_id or secrets.token_hex(8), now=now)
        return webhooks.receive(name="fake", body=body, headers=headers, query={}, now=now)

    return send


@pytest.fixture
def told() -> Iterator[list[Told]]:
    """Note what people are told."""
    heard: list[Told] = []

    def hear(event: Told, **_about: object) -> None:
        heard.append(event)

    shop_told.connect(hear)
    yield heard
    shop_told.disconnect(hear)
