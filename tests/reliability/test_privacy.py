"""Of an erased person nothing is left outside legal documents, and no card number is kept or logged (privacy).

All tables are read whole, as a dump would hold them; what the tests write names one person by a rare name.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.actors import Actor
from accounts.models import Role, User
from adoption.voice.models import ContactRequest
from erp_sync import gateway
from erp_sync.adapters import fake
from shop.deliveries import services as deliveries
from shop.lists import services as lists
from shop.messages import services as messages
from shop.messages.selectors import Subject
from shop.payments import services as payments
from shop.payments import webhooks
from shop.payments.models import FakeCharge, Payment
from shop.watches.models import StockWatch
from tests.builders import approvals, invoices, people, quotes
from tests.reliability.test_webhook_abuse import message, post, sign

pytestmark = pytest.mark.django_db
NAME, EMAIL = "Quiroga", "aurelio.quiroga@example.com"
# What the law asks to keep whole, and what the ERP was sent of it: orders, quotes, approvals and their histories.
LEGAL = {
    "shop_order", "shop_ordermove", "shop_approval", "shop_approvalmove", "shop_quotemove", "erp_sync_outboxrow",
}  # fmt: skip


@pytest.fixture(autouse=True)
def erp() -> Iterator[fake.FakeErp]:
    shared = fake.shared()
    shared.reset()
    gateway.forget()
    yield shared
    shared.reset()
    gateway.forget()


def dump() -> dict[str, str]:
    """Return all that the database holds, by table."""
    return {
        model._meta.db_table: json.dumps(list(model._default_manager.values()), default=str, ensure_ascii=False)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


def traces() -> set[str]:
    """Return the tables that name the person."""
    return {table for table, rows in dump().items() if NAME.casefold() in rows.casefold()}


def a_busy_person(client: Client) -> Actor:
    """Let him do a bit of everything that leaves something behind."""
    now = timezone.now()
    office = approvals.office()
    person = people.person(EMAIL, first_name="Aurelio", last_name=NAME)
    membership = people.member(office.sold_to, person, role=Role.ADMIN)
    actor = Actor(user=person, sold_to=office.sold_to, membership=membership, session_id="browsing")
    people.log_in(client, actor)
    client.get("/items/", {"q": "bolt"})
    people.rep(office.sold_to)
    approvals.submitted(actor)
    approvals.rule(office.sold_to)
    approvals.waiting(actor)
    approvals.fill(actor)
    quotes.asked(actor, (approvals.SKU, "2"))
    subject = Subject(kind="order", key="SO-1", title="SO-1", sold_to=office.sold_to, path="/orders/SO-1/")
    messages.post(actor=actor, subject=subject, text="Is it coming?", files=(), now=now)
    lists.create_list(actor=actor, name="Mine", lines=[lists.Line(approvals.SKU, Decimal(2))], now=now)
    deliveries.tell_weekly(actor=actor, wanted=True, now=now)
    StockWatch.objects.create(person=person, sold_to=office.sold_to, sku=approvals.SKU, asked_at=now)
    client.post("/contact/", {"name": f"Aurelio {NAME}", "email": EMAIL, "text": "Call me"})
    return actor


def test_of_an_erased_person_nothing_is_left_outside_legal_documents(client: Client) -> None:
    actor = a_busy_person(client)
    assert len(traces()) > 3  # control: what is looked for is really there
    assert ContactRequest.objects.exists()
    privacy.erase(person=actor.user, by=people.manager(), now=timezone.now() + dt.timedelta(minutes=1))
    assert traces() - LEGAL == set()
    assert left_of(actor.user) == {"Membership"}  # closed; who acted for the company stays to be seen there


def left_of(person: User) -> set[str]:
    """Return the models that still hold rows of a person that would go with him."""
    own = [one for one in User._meta.related_objects if one.on_delete is models.CASCADE]
    return {
        one.related_model.__name__
        for one in own
        if one.related_model._default_manager.filter(**{one.field.name: person})
    }


# --- card numbers -----------------------------------------------------------------------------------------------------

CARD = "4111111111111111"
UUIDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
LONG_NUMBERS = re.compile(r"(?<![\w.])[3-6]\d(?:[ -]?\d){11,17}(?!\w)")


def card_numbers(text: str) -> list[str]:
    """Return what looks like the number of a card: 13 to 19 digits that add up as Luhn's do; random keys are none."""
    found = [re.sub("[ -]", "", one) for one in LONG_NUMBERS.findall(UUIDS.sub("", text))]
    return [one for one in found if adds_up(one)]


def adds_up(number: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return (sum(doubled) + sum(map(int, number[::-2]))) % 10 == 0


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Give all that was logged, whatever its level, as it is written."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: "\n".join(str(record.__dict__) for record in caplog.records)


def card_everywhere(client: Client) -> None:
    """Let a provider and a payer's browser send a card's number wherever they could."""
    buyer = people.buyer()
    one = invoices.invoice(buyer.sold_to, "100.00")
    wish = payments.Wish((one.number,), provider="fake")
    payment = payments.start(actor=buyer, key=uuid4(), wish=wish, shown=Decimal(100), now=timezone.now())
    people.log_in(client, buyer)
    FakeCharge.objects.update(state="captured")
    for sent in (
        message(payment, card={"number": CARD}, card_number=CARD),
        (message(payment)[0] + CARD.encode(), {}),
        sign(json.dumps({"card": CARD}).encode()),
    ):
        post(sent)
    client.get(f"/payments/{payment.reference}/return/", {"card": CARD})
    client.post("/payments/new/", {"card_number": CARD, "pay": one.number})
    assert Payment.objects.get().state == "captured"


def test_no_card_number_is_kept_or_logged(client: Client, told: Callable[[], str]) -> None:
    card_everywhere(client)
    assert told()
    assert card_numbers(told()) == []
    assert {table: found for table, rows in dump().items() if (found := card_numbers(rows))} == {}


def test_control_a_shop_that_notes_messages_as_they_come_is_caught(
    client: Client, told: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = webhooks.receive

    def careless(*, body: bytes, **given: Any) -> Any:
        structlog.get_logger("payments").info("message", body=body.decode())
        return receive(body=body, **given)

    monkeypatch.setattr(webhooks, "receive", careless)
    card_everywhere(client)
    assert card_numbers(told())
    assert card_numbers(f"Card {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}.") == [CARD]
    assert card_numbers(f"Order {CARD[:-1]}2, key {uuid4()}") == []
