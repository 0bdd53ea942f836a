"""Asking, answering within the rails, asking for a change, declining, extending, expiring."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from accounts.errors import NotPermitted
from accounts.models import User
from adoption.events.models import Event
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item, Order, OrderLine
from erp_sync.outbox.models import OutboxRow
from shop.quotes import answering, clock, services, sweeping
from shop.quotes.errors import AnswerRefused, QuoteMoved, QuoteRefused
from shop.quotes.models import GuardRails, Quote, QuoteState, QuoteVersion, Source
from shop.quotes.services import Asked, RequestData
from shop.signals import Told, shop_told
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db
# A Tuesday in the middle of the morning, in Madrid; nobody is on holiday.
TUESDAY = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 11, 22, 11, 0, tzinfo=dt.UTC)


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
def told() -> Iterator[list[Told]]:
    heard: list[Told] = []

    def hear(event: Told, **_kwargs: object) -> None:
        heard.append(event)

    shop_told.connect(hear)
    yield heard
    shop_told.disconnect(hear)


def events_of(told: list[Told]) -> list[str]:
    return [one.event for one in told if one.event.startswith("quote_")]


def test_a_request_goes_to_the_erp_once_and_the_reps_are_told(buyer: Actor, told: list[Told]) -> None:
    key = uuid.uuid4()
    data = RequestData(
        key=key, lines=(Asked(Decimal(500), sku="A-1"), Asked(Decimal(1), text="a red one")), note="hurry"
    )
    quote = services.request_quote(actor=buyer, data=data, files=(), now=TUESDAY)
    again = services.request_quote(actor=buyer, data=data, files=(), now=TUESDAY)
    assert quote.pk == again.pk
    assert quote.reference.startswith("WEB-")
    assert [(row.kind, row.reference) for row in OutboxRow.objects.all()] == [("quote", quote.reference)]
    assert [(line.sku, line.text, line.quantity) for line in quote.lines.all()] == [
        ("A-1", "", 500),
        ("", "a red one", 1),
    ]
    assert [(one.event, one.audience) for one in told if one.event == "quote_asked"] == [("quote_asked", "rep")]
    event = Event.objects.get(kind="quote_requested")
    assert (event.object_id, event.actor, event.props["lines"]) == (quote.reference, "buyer", "2")


def test_a_quote_can_be_asked_for_while_the_erp_is_down(buyer: Actor, erp: FakeErp) -> None:
    erp.book.is_down = True
    quote = quotes.asked(buyer, ("A-1", "5"))
    assert quote.state == QuoteState.REQUESTED
    assert OutboxRow.objects.get().reference == quote.reference


def test_what_nobody_knows_is_asked_for_in_words(buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("NO-SUCH", "5"))
    assert [(line.sku, line.text) for line in quote.lines.all()] == [("", "NO-SUCH")]


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000"])
def test_a_quantity_that_cannot_be_is_refused(buyer: Actor, quantity: str) -> None:
    with pytest.raises(QuoteRefused, match="Nothing was sent"):
        quotes.asked(buyer, ("A-1", quantity))
    assert not Quote.objects.exists()


def test_nobody_asks_without_end(buyer: Actor, settings: Settings) -> None:
    settings.QUOTES_PER_HOUR = 2
    quotes.asked(buyer, ("A-1", "1"))
    quotes.asked(buyer, ("A-1", "1"))
    with pytest.raises(QuoteRefused, match="2 quotes within an hour"):
        quotes.asked(buyer, ("A-1", "1"))


def test_a_foreign_address_is_refused(buyer: Actor) -> None:
    foreign = people.sold_to().erp_id.replace("C", "A")
    with pytest.raises(QuoteRefused, match="one of your delivery addresses"):
        quotes.asked(buyer, ("A-1", "1"), ship_to_erp_id=foreign)


def test_an_answer_is_a_version_for_ever_and_stops_the_clock(buyer: Actor, rep: User, told: list[Told]) -> None:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"), now=TUESDAY)
    first = quotes.answered(quote, rep, "9.00", "1.90", now=TUESDAY + dt.timedelta(minutes=42))
    second = quotes.answered(quote, rep, "8.80", "", now=TUESDAY + dt.timedelta(minutes=80))
    quote.refresh_from_db()
    assert (quote.state, quote.current_version, quote.response_minutes) == (QuoteState.ANSWERED, 2, 42)
    assert quote.answer_by_at is None
    assert (first.untaxed_total, second.untaxed_total) == (Decimal(4519), Decimal(4400))
    assert [line.net_price for line in first.lines.all()] == [Decimal(9), Decimal("1.9")]
    assert list(OutboxRow.objects.filter(kind="quote_answer").order_by("pk").values_list("reference", flat=True)) == [
        f"{quote.reference}-V1",
        f"{quote.reference}-V2",
    ]
    assert events_of(told) == ["quote_asked", "quote_answered", "quote_answered"]
    assert {event.props["human"] for event in Event.objects.filter(kind="quote_answered")} == {"yes"}


def test_more_than_the_allowed_discount_is_refused_with_the_lowest_price(buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"))
    with pytest.raises(AnswerRefused) as refused:
        quotes.answered(quote, rep, "8.49", "1.90")
    assert refused.value.rows == {
        "1": "A-1: €8.49 is more than 15\N{NO-BREAK SPACE}% below the list price of €10.00. "
        "The lowest price you may give is €8.50."
    }
    assert not QuoteVersion.objects.exists()
    assert quotes.answered(quote, rep, "8.50", "1.90").number == 1


def sold_at_cost(company_erp_id: str, sku: str, cost: str) -> None:
    now = timezone.now()
    order = Order.objects.create(
        erp_id=f"o-{sku}", version=now, synced_at=now, number=f"S-{sku}", customer_erp_id=company_erp_id, status="open",
        step="confirmed", placed_at=now, currency="EUR", channel_hint="phone",
    )  # fmt: skip
    OrderLine.objects.create(
        order=order, erp_id=f"l-{sku}", line_no=1, sku=sku, quantity=1, net_price=10, unit_cost=Decimal(cost)
    )


def test_less_than_the_least_margin_is_refused(buyer: Actor, rep: User) -> None:
    sold_at_cost(people.sold_to().erp_id, "A-1", "8.10")
    quote = quotes.asked(buyer, ("A-1", "500"))
    with pytest.raises(AnswerRefused) as refused:
        quotes.answered(quote, rep, "8.99")
    assert "leaves less than 10" in refused.value.rows["1"]
    assert quotes.answered(quote, rep, "9.00").number == 1


def test_the_companys_rails_hold_before_the_reps(buyer: Actor, rep: User) -> None:
    GuardRails.objects.create(rep=rep, max_discount=50, min_margin=0)
    GuardRails.objects.create(sold_to=buyer.sold_to, max_discount=5, min_margin=0)
    quote = quotes.asked(buyer, ("A-1", "500"))
    with pytest.raises(AnswerRefused):
        quotes.answered(quote, rep, "9.00")
    GuardRails.objects.filter(sold_to=buyer.sold_to).delete()
    assert quotes.answered(quote, rep, "5.00").number == 1


def test_the_customers_own_price_is_allowed_however_low_it_is(buyer: Actor, rep: User, erp: FakeErp) -> None:
    erp.set_price("", "A-1", (1, "7.00"))
    quote = quotes.asked(buyer, ("A-1", "500"))
    assert quotes.answered(quote, rep, "7.00").number == 1


def test_a_withdrawn_item_cannot_be_offered_but_its_substitute_can(buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    Item.objects.filter(sku="A-1").update(is_active=False)
    with pytest.raises(AnswerRefused) as refused:
        quotes.answered(quote, rep, "9.00")
    assert "no longer sold" in refused.value.rows["1"]
    drafted = quotes.draft(quote, "9.00")
    line = answering.Drafted("1", "B-2", Decimal(5), Decimal("1.90"), asked_line_no=1)
    draft = answering.Draft((line,), drafted.valid_until, 0)
    version = answering.send_answer(rep=rep, quote=quote, draft=draft, now=timezone.now())
    assert [(one.sku, one.asked_line_no) for one in version.lines.all()] == [("B-2", 1)]


def test_two_reps_who_answer_at_once_one_gets_a_sentence(buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    stale = quotes.draft(quote, "9.50")
    quotes.answered(quote, rep, "9.00")
    with pytest.raises(QuoteMoved, match=r"Your answer was not sent: Ana Ruiz sent version 1 at"):
        answering.send_answer(rep=rep, quote=quote, draft=stale, now=timezone.now())
    assert QuoteVersion.objects.count() == 1


def test_asking_for_a_change_starts_a_new_clock(buyer: Actor, rep: User, told: list[Told]) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
    quotes.answered(quote, rep, "9.00", now=TUESDAY)
    services.ask_for_change(actor=buyer, quote=quote, now=TUESDAY)
    quote.refresh_from_db()
    assert quote.state == QuoteState.CHANGE_ASKED
    assert quote.answer_by_at == clock.answer_by(TUESDAY)
    assert events_of(told) == ["quote_asked", "quote_answered", "quote_asked"]


def test_declining_tells_the_erp_and_the_rep_why(buyer: Actor, rep: User, told: list[Told]) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    quotes.answered(quote, rep, "9.00")
    services.decline_quote(actor=buyer, quote=quote, reason="too dear", now=timezone.now())
    services.decline_quote(actor=buyer, quote=quote, reason="too dear", now=timezone.now())
    quote.refresh_from_db()
    assert (quote.state, quote.decline_reason, quote.decided_by) == (QuoteState.DECLINED, "too dear", buyer.user)
    assert OutboxRow.objects.filter(kind="quote_decline").count() == 1
    assert [one.params["reason"] for one in told if one.event == "quote_declined"] == ["too dear"]
    assert Event.objects.get(kind="quote_decided").props["status"] == "lost"
    with pytest.raises(QuoteMoved, match="Your answer was not sent"):
        quotes.answered(quote, rep, "8.90")


def test_a_request_without_an_answer_is_taken_back(buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    services.decline_quote(actor=buyer, quote=quote, reason="", now=timezone.now())
    assert Event.objects.get(kind="quote_decided").props["status"] == "withdrawn"


def test_a_quote_holds_to_the_end_of_its_last_day_in_our_own_zone(buyer: Actor, rep: User, told: list[Told]) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
    quotes.answered(quote, rep, "9.00", now=TUESDAY, days=0)
    last_minute = dt.datetime(2026, 11, 17, 22, 59, tzinfo=dt.UTC)  # 23:59 in Madrid
    assert sweeping.expire(now=last_minute) == 0
    assert sweeping.expire(now=last_minute + dt.timedelta(minutes=1)) == 1
    assert sweeping.expire(now=last_minute + dt.timedelta(minutes=1)) == 0
    quote.refresh_from_db()
    assert quote.state == QuoteState.EXPIRED
    assert "quote_expired" in events_of(told)
    assert Event.objects.get(kind="quote_decided").props["status"] == "expired"


def test_a_rep_may_extend_an_expired_quote_and_it_is_logged(buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
    quotes.answered(quote, rep, "9.00", now=TUESDAY, days=0)
    later = TUESDAY + dt.timedelta(days=3)
    sweeping.expire(now=later)
    until = dt.date(2026, 11, 30)
    answering.extend(rep=rep, quote=quote, until=until, now=later + dt.timedelta(minutes=1))
    quote.refresh_from_db()
    assert (quote.state, quote.valid_until, quote.current_version) == (QuoteState.ANSWERED, until, 1)
    assert "holds until 30 Nov 2026 instead of 17 Nov 2026" in quote.moves.latest("pk").message
    assert OutboxRow.objects.filter(reference=f"{quote.reference}-E1", kind="quote_answer").exists()
    assert Event.objects.filter(kind="quote_decided").latest("occurred_at").props["status"] == "open"


def test_the_buyers_are_warned_once_for_each_last_day(buyer: Actor, rep: User, told: list[Told]) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
    quotes.answered(quote, rep, "9.00", now=TUESDAY, days=2)
    assert (sweeping.warn(now=TUESDAY), sweeping.warn(now=TUESDAY)) == (1, 0)
    answering.extend(rep=rep, quote=quote, until=dt.date(2026, 11, 20), now=TUESDAY)
    assert sweeping.warn(now=TUESDAY + dt.timedelta(days=1)) == 1
    assert events_of(told).count("quote_expiring") == 2


def test_a_clock_that_runs_out_is_told_once(buyer: Actor, rep: User, told: list[Told]) -> None:
    people.manager()
    quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
    assert quote.answer_by_at is not None
    assert sweeping.escalate(now=quote.answer_by_at - dt.timedelta(seconds=1)) == 0
    assert sweeping.escalate(now=quote.answer_by_at) == 1
    assert sweeping.escalate(now=quote.answer_by_at) == 0
    escalated = [one for one in told if one.event == "quote_escalated"]
    assert {one.audience for one in escalated} == {"rep", "person"}


def test_after_hours_the_erps_own_prices_are_the_answer_and_no_human_gave_it(buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=SUNDAY)
    assert answering.answer_after_hours(now=SUNDAY) == 1
    quote.refresh_from_db()
    version = quote.versions.get()
    assert (quote.state, version.source, version.untaxed_total) == (QuoteState.ANSWERED, Source.AUTOMATIC, Decimal(50))
    assert (quote.first_response_at, quote.response_minutes) == (None, None)
    assert quote.answer_by_at is not None  # the clock of a person's answer goes on
    assert Event.objects.get(kind="quote_answered").props["human"] == "no"
    assert answering.answer_after_hours(now=SUNDAY) == 0


@pytest.mark.parametrize(
    "why", ["free text", "switched off", "of this company", "no live price", "below margin", "open"]
)
def test_what_waits_for_a_person_is_not_answered_by_itself(
    buyer: Actor, rep: User, erp: FakeErp, settings: Settings, why: str
) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"), now=SUNDAY, text="a red one" if why == "free text" else "")
    now = SUNDAY
    if why == "switched off":
        settings.QUOTE_AUTOMATIC = False
    elif why == "of this company":
        GuardRails.objects.create(sold_to=buyer.sold_to, max_discount=15, min_margin=0, may_answer_automatically=False)
    elif why == "no live price":
        erp.book.is_down = True
    elif why == "below margin":
        sold_at_cost(people.sold_to().erp_id, "A-1", "9.50")
    elif why == "open":
        now = TUESDAY
    assert answering.answer_after_hours(now=now) == 0
    assert not quote.versions.exists()


def test_the_median_is_made_of_what_people_answered(buyer: Actor, rep: User) -> None:
    assert clock.median_minutes(now=TUESDAY) is None
    for minutes in (10, 42, 300):
        quote = quotes.asked(buyer, ("A-1", "5"), now=TUESDAY)
        quotes.answered(quote, rep, "9.00", now=TUESDAY + dt.timedelta(minutes=minutes))
    assert clock.median_minutes(now=TUESDAY + dt.timedelta(days=1)) == 42


def test_the_clock_is_business_time(buyer: Actor) -> None:
    assert django_settings.QUOTE_ANSWER_MINUTES == 240
    assert clock.answer_by(TUESDAY) == TUESDAY + dt.timedelta(hours=4)
    assert clock.answer_by(SUNDAY) == dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


def test_a_rep_who_acts_for_the_customer_may_ask_too_and_it_shows(erp: FakeErp) -> None:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", price="10.00")
    quote = quotes.asked(people.assisting(company), ("A-1", "5"))
    assert quote.channel == "web_assisted"
    assert Event.objects.get(kind="quote_requested").actor == "rep"


def test_who_has_no_membership_may_not_ask(buyer: Actor) -> None:
    stranger = Actor(user=people.person(), sold_to=buyer.sold_to)
    with pytest.raises(NotPermitted):
        quotes.asked(stranger, ("A-1", "5"))
