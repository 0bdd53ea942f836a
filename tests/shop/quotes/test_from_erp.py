"""Quotes of the ERP: they appear by themselves, follow what is changed there, and can be accepted here."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import SoldTo
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Quote as ErpQuote
from erp_sync.mirror.models import QuoteLine as ErpLine
from erp_sync.outbox.models import OutboxRow
from shop.quotes import from_erp
from shop.quotes.acceptance import accept_quote
from shop.quotes.models import Origin, Quote, QuoteState, QuoteVersion, Source
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def buyer(erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    return people.buyer(company)


def mirrored(
    company: SoldTo, price: str, *, reference: str = "", state: str = "quoted", erp_id: str = "q1"
) -> ErpQuote:
    """Return the ERP's quote as it was just pulled, at a new version."""
    known = ErpQuote.objects.filter(erp_id=erp_id).first()
    version = known.version + dt.timedelta(minutes=1) if known else NOW
    row, _made = ErpQuote.objects.update_or_create(
        erp_id=erp_id,
        defaults={
            "version": version, "synced_at": NOW, "number": "P-77", "reference": reference, "state": state,
            "customer_erp_id": company.erp_id, "currency": "EUR", "requested_at": NOW,
            "untaxed_total": Decimal(price) * 5, "total": Decimal(price) * 6,
            "valid_until": NOW.date() + dt.timedelta(days=9),
        },
    )  # fmt: skip
    row.lines.all().delete()
    ErpLine.objects.create(
        quote=row, erp_id=f"{erp_id}-1", line_no=1, sku="A-1", item_erp_id="i", quantity=5, net_price=Decimal(price)
    )
    return row


def test_a_quote_made_in_the_erp_appears_once_and_can_be_accepted(buyer: Actor) -> None:
    mirrored(buyer.sold_to, "9.10")
    assert (from_erp.take_over(now=NOW), from_erp.take_over(now=NOW)) == (1, 0)
    quote = Quote.objects.get()
    assert (quote.origin, quote.state, quote.erp_number) == (Origin.ERP, QuoteState.ANSWERED, "P-77")
    assert (quote.requested_by, quote.response_minutes) == (None, None)
    assert not OutboxRow.objects.exists()
    order = accept_quote(actor=buyer, quote=quote, acceptance=quotes.yes_to(quote), now=timezone.now())
    assert [line.net_price for line in order.lines.all()] == [Decimal("9.10")]
    payload = OutboxRow.objects.get(kind="quote_accept").payload
    assert "q1" in str(payload)


def test_what_is_changed_there_is_a_new_version_and_the_same_again_is_none(buyer: Actor) -> None:
    mirrored(buyer.sold_to, "9.10")
    from_erp.take_over(now=NOW)
    mirrored(buyer.sold_to, "9.10")
    from_erp.take_over(now=NOW)
    assert QuoteVersion.objects.count() == 1
    mirrored(buyer.sold_to, "8.80")
    from_erp.take_over(now=NOW)
    assert list(QuoteVersion.objects.values_list("number", "untaxed_total")) == [(1, 45.5), (2, 44)]


def test_the_mirror_of_our_own_answer_is_no_new_version(buyer: Actor) -> None:
    rep = people.rep(buyer.sold_to)
    quote = quotes.asked(buyer, ("A-1", "5"))
    quotes.answered(quote, rep, "9.00")
    mirrored(buyer.sold_to, "10.00", reference=quote.reference)
    assert from_erp.take_over(now=NOW) == 0  # ours has not reached the ERP yet
    quote.versions.update(erp_state="written")
    mirrored(buyer.sold_to, "9.00", reference=quote.reference)
    from_erp.take_over(now=NOW)
    assert quote.versions.count() == 1
    assert Quote.objects.get().erp_number == "P-77"


def test_a_rep_who_answers_in_the_erp_answers_the_buyer(buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    mirrored(buyer.sold_to, "9.30", reference=quote.reference)
    from_erp.take_over(now=NOW)
    quote.refresh_from_db()
    assert (quote.state, quote.versions.get().source) == (QuoteState.ANSWERED, Source.ERP)
    assert quote.first_response_at == NOW


@pytest.mark.parametrize(("state", "becomes"), [("declined", QuoteState.WITHDRAWN), ("accepted", QuoteState.ACCEPTED)])
def test_what_is_decided_there_is_decided_here(buyer: Actor, state: str, becomes: QuoteState) -> None:
    mirrored(buyer.sold_to, "9.10")
    from_erp.take_over(now=NOW)
    mirrored(buyer.sold_to, "9.10", state=state)
    from_erp.take_over(now=NOW)
    assert Quote.objects.get().state == becomes


def test_a_draft_or_a_stranger_of_the_erp_is_left_alone(buyer: Actor) -> None:
    mirrored(buyer.sold_to, "9.10", state="draft")
    mirrored(SoldTo(erp_id="C-nobody"), "9.10", erp_id="q2")
    mirrored(buyer.sold_to, "9.10", reference="WEB-01J00000000000000000000000", erp_id="q3")
    from_erp.take_over(now=NOW)
    assert not Quote.objects.exists()
