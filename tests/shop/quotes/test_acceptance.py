"""Accepting: exactly the quoted prices, exactly once, whoever clicks, and a sentence for everybody else."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from adoption.events.models import Event
from adoption.quotes.models import QuoteFact
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from erp_sync.outbox import exporter
from erp_sync.outbox.models import OutboxRow
from shop.carts.models import CartLine
from shop.orders.models import Order, OrderState
from shop.quotes import answering, services
from shop.quotes.acceptance import Acceptance, accept_quote
from shop.quotes.errors import QuoteMoved, QuoteRefused
from shop.quotes.models import Quote, QuoteState
from shop.signals import facts_wanted
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    catalogue.item("B-2", "Nut", price="2.00")
    return people.buyer(company)


@pytest.fixture
def rep(buyer: Actor) -> User:
    return people.rep(buyer.sold_to)


@pytest.fixture
def quote(buyer: Actor, rep: User) -> Quote:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"))
    quotes.answered(quote, rep, "8.7654", "1.90")
    return Quote.objects.get(pk=quote.pk)


def accept(actor: Actor, quote: Quote, *lines: int, **changes: object) -> Order:
    yes = quotes.yes_to(quote, *lines, **changes)
    return accept_quote(actor=actor, quote=Quote.objects.get(pk=quote.pk), acceptance=yes, now=timezone.now())


def test_the_order_has_exactly_the_quoted_prices_and_says_where_they_come_from(buyer: Actor, quote: Quote) -> None:
    order = accept(buyer, quote)
    quote.refresh_from_db()
    assert (quote.state, quote.order, quote.decided_by) == (QuoteState.ACCEPTED, order, buyer.user)
    assert [(line.sku, line.quantity, line.net_price) for line in order.lines.all()] == [
        ("A-1", 500, Decimal("8.7654")),
        ("B-2", 10, Decimal("1.9")),
    ]
    assert {line.price_source for line in order.lines.all()} == {"quote"}
    assert {line.price_rule for line in order.lines.all()} == {f"{quote.reference} V1"}
    assert (order.untaxed_total, order.channel, order.state) == (Decimal("4401.70"), "web_self", OrderState.PLACED)
    row = OutboxRow.objects.get(kind="quote_accept")
    assert row.reference == order.reference
    submitted = Event.objects.get(kind="order_submitted")
    assert (submitted.object_id, submitted.props["channel"], submitted.actor) == (order.reference, "web_self", "buyer")
    assert Event.objects.get(kind="quote_accepted").props["order"] == order.reference
    assert Event.objects.get(kind="quote_decided").props["status"] == "won"


def test_the_metrics_know_when_it_was_asked_answered_and_won(buyer: Actor, quote: Quote) -> None:
    order = accept(buyer, quote)
    fact = QuoteFact.objects.get(quote_id=quote.reference)
    quote.refresh_from_db()
    assert (fact.account_id, fact.requested_by) == (buyer.sold_to.erp_id, str(buyer.user.person_key))
    assert (fact.requested_at, fact.first_response_at) == (quote.requested_at, quote.first_response_at)
    assert (fact.status, fact.decided_at, fact.order_key) == ("won", quote.decided_at, order.reference)
    before = list(Event.objects.order_by("event_id").values_list("event_id", "props"))
    Event.objects.all().delete()
    facts_wanted.send(sender=None, since=quote.requested_at)
    assert list(Event.objects.order_by("event_id").values_list("event_id", "props")) == before


def test_only_the_chosen_lines_are_ordered(buyer: Actor, quote: Quote) -> None:
    order = accept(buyer, quote, 2)
    assert [(line.sku, line.quantity) for line in order.lines.all()] == [("B-2", 10)]
    assert order.untaxed_total == Decimal("19.00")


def test_the_same_click_twice_is_one_order_and_one_answer(buyer: Actor, quote: Quote) -> None:
    yes = quotes.yes_to(quote)
    first = accept_quote(actor=buyer, quote=quote, acceptance=yes, now=timezone.now())
    again = accept_quote(actor=buyer, quote=Quote.objects.get(pk=quote.pk), acceptance=yes, now=timezone.now())
    stale = accept_quote(actor=buyer, quote=quote, acceptance=yes, now=timezone.now())
    assert {first.pk, again.pk, stale.pk} == {first.pk}
    assert Order.objects.count() == OutboxRow.objects.filter(kind="quote_accept").count() == 1


def test_the_second_person_is_told_who_was_quicker(buyer: Actor, quote: Quote) -> None:
    yes = quotes.yes_to(quote)
    order = accept_quote(actor=buyer, quote=quote, acceptance=yes, now=timezone.now())
    colleague = people.buyer(buyer.sold_to)
    with pytest.raises(QuoteMoved, match=f"{buyer.user} accepted this quote on .* it is order {order.reference}"):
        accept_quote(actor=colleague, quote=quote, acceptance=yes, now=timezone.now())
    assert Order.objects.count() == 1


def test_a_version_that_came_while_he_was_reading_is_not_accepted_unseen(buyer: Actor, rep: User, quote: Quote) -> None:
    yes = quotes.yes_to(quote)
    quotes.answered(quote, rep, "9.90", "1.99")
    with pytest.raises(QuoteMoved, match="Version 2 came at"):
        accept_quote(actor=buyer, quote=Quote.objects.get(pk=quote.pk), acceptance=yes, now=timezone.now())
    assert not Order.objects.exists()


def test_a_rep_who_was_writing_is_told_that_the_buyer_accepted(buyer: Actor, rep: User, quote: Quote) -> None:
    written = quotes.draft(quote, "9.90", "1.99")
    accept(buyer, quote)
    with pytest.raises(QuoteMoved, match=f"Your answer was not sent. {buyer.user} accepted this quote"):
        answering.send_answer(rep=rep, quote=quote, draft=written, now=timezone.now())
    assert quote.versions.count() == 1


def test_after_its_last_day_nothing_is_ordered_even_before_the_sweep(buyer: Actor, quote: Quote) -> None:
    yes = quotes.yes_to(quote)
    late = timezone.now() + dt.timedelta(days=16)
    with pytest.raises(QuoteMoved, match="This quote held until"):
        accept_quote(actor=buyer, quote=Quote.objects.get(pk=quote.pk), acceptance=yes, now=late)
    assert not Order.objects.exists()


def test_an_item_withdrawn_meanwhile_is_refused_and_the_rest_can_be_had(buyer: Actor, quote: Quote) -> None:
    Item.objects.filter(sku="A-1").update(is_active=False)
    with pytest.raises(QuoteRefused, match="A-1 was withdrawn from sale"):
        accept(buyer, quote)
    assert not Order.objects.exists()
    assert [line.sku for line in accept(buyer, quote, 2).lines.all()] == ["B-2"]


def test_no_line_at_all_is_no_order(buyer: Actor, quote: Quote) -> None:
    with pytest.raises(QuoteRefused, match="Tick at least one line"):
        accept(buyer, quote, line_nos=frozenset({99}))


def test_a_foreign_address_is_refused(buyer: Actor, quote: Quote) -> None:
    with pytest.raises(QuoteRefused, match="one of your delivery addresses"):
        accept(buyer, quote, ship_to_erp_id=people.sold_to().erp_id.replace("C", "A"))


def test_a_company_that_may_not_order_keeps_its_quote(buyer: Actor, quote: Quote) -> None:
    buyer.sold_to.eligibility.all().delete()
    with pytest.raises(QuoteRefused, match=r"can't order online .* the quote stays open"):
        accept(buyer, quote)


def test_what_waits_for_an_answer_cannot_be_accepted(buyer: Actor, rep: User, quote: Quote) -> None:
    yes = quotes.yes_to(quote)
    services.ask_for_change(actor=buyer, quote=quote, now=timezone.now())
    with pytest.raises(QuoteMoved, match="A change of this quote was asked for"):
        accept_quote(actor=buyer, quote=Quote.objects.get(pk=quote.pk), acceptance=yes, now=timezone.now())


def test_with_the_erp_down_the_order_waits_at_the_quoted_price(buyer: Actor, quote: Quote, erp: FakeErp) -> None:
    erp.book.is_down = True
    order = accept(buyer, quote)
    assert (order.state, order.untaxed_total, order.total) == (
        OrderState.PENDING_CONFIRMATION, Decimal("4401.70"), None,
    )  # fmt: skip


def test_a_rep_who_accepts_for_the_customer_is_no_self_service(buyer: Actor, rep: User, quote: Quote) -> None:
    order = accept(people.assisting(buyer.sold_to, rep), quote)
    assert order.channel == "web_assisted"
    submitted = Event.objects.get(kind="order_submitted")
    assert (submitted.actor, submitted.props["channel"]) == ("rep", "web_assisted")


@pytest.mark.django_db(transaction=True)
def test_the_erp_confirms_the_order_of_a_quote(buyer: Actor, quote: Quote, erp: FakeErp) -> None:
    order = accept(buyer, quote)
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    quote.refresh_from_db()
    assert (order.state, order.total) == (OrderState.CONFIRMED, order.total)
    assert order.erp_number
    assert quote.erp_id
    assert quote.versions.get().erp_state == "written"


@pytest.mark.django_db(transaction=True)
def test_an_order_that_the_erp_refuses_opens_the_quote_again(buyer: Actor, quote: Quote, erp: FakeErp) -> None:
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order = accept(buyer, quote)
    erp.fail("reject", "accept_quote", message="Blocked in accounting.")
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    quote.refresh_from_db()
    assert order.state == OrderState.REJECTED
    assert (quote.state, quote.order, quote.erp_message) == (QuoteState.ANSWERED, None, "Blocked in accounting.")
    assert not CartLine.objects.exists()
    second = accept(buyer, quote)
    assert second.pk != order.pk


@pytest.mark.django_db(transaction=True)
def test_ten_people_who_click_at_once_get_one_order(buyer: Actor, quote: Quote) -> None:
    colleagues = [people.buyer(buyer.sold_to) for _ in range(10)]
    yes, gate = quotes.yes_to(quote), threading.Barrier(10)
    said: list[str] = []

    def click(actor: Actor) -> None:
        fresh = Quote.objects.get(pk=quote.pk)
        gate.wait(timeout=30)
        try:
            said.append(accept_quote(actor=actor, quote=fresh, acceptance=yes, now=timezone.now()).reference)
        except QuoteMoved as error:
            said.append(f"moved: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(one,)) for one in colleagues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert Order.objects.count() == OutboxRow.objects.filter(kind="quote_accept").count() == 1
    assert len([one for one in said if one.startswith("WEB-")]) == 1
    assert len([one for one in said if "Nothing was ordered twice" in one]) == 9


@pytest.mark.django_db(transaction=True)
def test_of_a_yes_and_a_new_version_at_the_same_moment_one_wins_and_the_other_is_told(
    buyer: Actor, rep: User, erp: FakeErp
) -> None:
    for _round in range(4):
        quote = quotes.asked(buyer, ("A-1", "500"))
        quotes.answered(quote, rep, "9.00")
        yes, written, gate = quotes.yes_to(quote), quotes.draft(quote, "8.80"), threading.Barrier(2)
        said: list[str] = []

        def click(
            quote: Quote = quote, yes: Acceptance = yes, gate: threading.Barrier = gate, said: list[str] = said
        ) -> None:
            fresh = Quote.objects.get(pk=quote.pk)
            gate.wait(timeout=30)
            try:
                accept_quote(actor=buyer, quote=fresh, acceptance=yes, now=timezone.now())
            except QuoteMoved as error:
                said.append(f"buyer: {error}")
            finally:
                connection.close()

        def send(
            quote: Quote = quote,
            draft: answering.Draft = written,
            gate: threading.Barrier = gate,
            said: list[str] = said,
        ) -> None:
            fresh = Quote.objects.get(pk=quote.pk)
            gate.wait(timeout=30)
            try:
                answering.send_answer(rep=rep, quote=fresh, draft=draft, now=timezone.now())
            except QuoteMoved as error:
                said.append(f"rep: {error}")
            finally:
                connection.close()

        both = [threading.Thread(target=click), threading.Thread(target=send)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(timeout=60)
        quote.refresh_from_db()
        assert len(said) == 1, said
        won = quote.state == QuoteState.ACCEPTED
        assert said[0].startswith("rep: Your answer was not sent" if won else "buyer: Version 2 came at")
        assert (quote.current_version, quote.order is None) == ((1, False) if won else (2, True))
        prices = Order.objects.filter(quote=quote).values_list("lines__net_price", flat=True)
        assert list(prices) == ([Decimal(9)] if won else [])
