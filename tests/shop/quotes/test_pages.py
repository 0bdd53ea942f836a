"""Pages of quotes: the right company, a sentence for every refusal, a fixed number of queries."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.actors import Actor
from accounts.models import User
from erp_sync.adapters.fake import FakeErp
from shop.carts import services as carts
from shop.messages.models import Message
from shop.money import formats
from shop.orders.models import Order
from shop.quotes import acceptance, services
from shop.quotes.models import Quote, QuoteState, QuoteVersion
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db


def png() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (2, 2)).save(drawn, "PNG")
    return drawn.getvalue()


@pytest.fixture
def buyer(client: Client, erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    catalogue.item("B-2", "Nut", price="2.00")
    return people.acting(client, company)


@pytest.fixture
def rep(buyer: Actor) -> User:
    return people.rep(buyer.sold_to)


@pytest.fixture
def desk(rep: User) -> Client:
    return people.log_in(Client(), rep)


@pytest.fixture
def quote(buyer: Actor, rep: User) -> Quote:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"), note="for the new hall")
    quotes.answered(quote, rep, "8.7654", "1.90")
    return Quote.objects.get(pk=quote.pk)


def page_of(quote: Quote, what: str = "quote-detail") -> str:
    return reverse(what, kwargs={"number": quote.reference})


def yes(quote: Quote, *lines: int) -> dict[str, str]:
    """Return what the open page would send."""
    version = quote.versions.get(number=quote.current_version)
    taken = lines or tuple(version.lines.values_list("line_no", flat=True))
    return {
        "shown": acceptance.fingerprint(version),
        "ship_to": quote.sold_to.erp_id.replace("C", "A"),
        "customer_reference": "PO-9",
        "requested_on": "",
    } | {f"take-{line}": "on" for line in taken}


def test_a_request_in_words_with_a_file_is_one_quote(client: Client, buyer: Actor) -> None:
    typed = {
        "key": str(uuid.uuid4()),
        "source": "rows",
        "what-1": "A-1", "quantity-1": "500", "note-1": "zinc",
        "what-2": "something red", "quantity-2": "2", "note-2": "",
        "note": "please hurry",
        "files": SimpleUploadedFile("sketch.png", png()),
    }  # fmt: skip
    answer = client.post(reverse("quote-new"), typed)
    quote = Quote.objects.get()
    assert answer.headers["Location"] == page_of(quote)
    assert [(line.sku, line.text, line.note) for line in quote.lines.all()] == [
        ("A-1", "", "zinc"), ("", "something red", ""),
    ]  # fmt: skip
    assert [file.name for file in quote.files.all()] == ["sketch.png"]
    page = client.get(page_of(quote)).content.decode()
    assert "Answer by" in page
    assert "sketch.png" in page


def test_a_bad_row_loses_nothing_that_was_typed(client: Client, buyer: Actor) -> None:
    typed = {"key": str(uuid.uuid4()), "what-1": "A-1", "quantity-1": "many", "what-2": "a thing", "quantity-2": "2"}
    answer = client.post(reverse("quote-new"), typed | {"note": "urgent"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for kept in ('value="many"', 'value="a thing"', "urgent", "is not a number"):
        assert kept in page, kept
    assert not Quote.objects.exists()


def test_an_svg_is_refused_with_its_name_and_nothing_is_asked(client: Client, buyer: Actor) -> None:
    typed = {"key": str(uuid.uuid4()), "what-1": "A-1", "quantity-1": "5"}
    svg = SimpleUploadedFile("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    answer = client.post(reverse("quote-new"), typed | {"files": svg})
    assert answer.status_code == 422
    assert "plan.svg" in answer.content.decode()
    assert not Quote.objects.exists()


def test_the_basket_is_asked_for_as_it_is_and_stays(client: Client, buyer: Actor) -> None:
    carts.add_line(actor=buyer, sku="A-1", quantity=Decimal(7), language="en", now=timezone.now())
    page = client.get(reverse("quote-new"), {"from": "basket"}).content.decode()
    assert "1 line of your basket" in page
    client.post(reverse("quote-new"), {"key": str(uuid.uuid4()), "source": "basket", "price-1": "0.01"})
    assert [(line.sku, line.quantity) for line in Quote.objects.get().lines.all()] == [("A-1", 7)]
    assert "A-1" in client.get(reverse("basket")).content.decode()


def test_an_item_page_leads_to_a_request_for_it(client: Client, buyer: Actor) -> None:
    page = client.get(reverse("quote-new"), {"sku": "A-1"}).content.decode()
    assert 'value="A-1"' in page


def test_foreign_and_missing_quotes_look_the_same(client: Client, buyer: Actor) -> None:
    stranger = people.buyer()
    foreign = quotes.asked(stranger, ("A-1", "5"))
    answers = [client.get(page_of(foreign)), client.get(page_of(foreign).replace(foreign.reference, "WEB-none"))]
    assert [one.status_code for one in answers] == [404, 404]
    texts = [re.sub(r"[A-Za-z0-9]{64}", "", one.content.decode()) for one in answers]
    assert texts[0].replace(foreign.reference, "WEB-none") == texts[1]


def test_the_page_accepts_the_ticked_lines_at_the_quoted_price(client: Client, quote: Quote) -> None:
    page = client.get(page_of(quote)).content.decode()
    assert "8.7654" in page
    answer = client.post(page_of(quote, "quote-accept"), yes(quote, 1) | {"price-1": "0.01", "net_price": "0.01"})
    order = Order.objects.get()
    assert answer.headers["Location"] == reverse("checkout-done", kwargs={"number": order.reference})
    assert [(line.sku, line.net_price) for line in order.lines.all()] == [("A-1", Decimal("8.7654"))]
    assert order.customer_reference == "PO-9"
    assert "Accepted by" in client.get(page_of(quote)).content.decode()


def test_what_was_quoted_is_said_also_while_the_erp_is_away(client: Client, quote: Quote, erp: FakeErp) -> None:
    form = yes(quote)
    erp.book.is_down = True
    page = client.post(page_of(quote, "quote-accept"), form, follow=True).content.decode()
    assert formats.money(Order.objects.get().untaxed_total, "EUR") in page
    assert "comes with the confirmation" in page


def test_a_second_person_reads_who_was_quicker(client: Client, buyer: Actor, quote: Quote) -> None:
    form = yes(quote)
    client.post(page_of(quote, "quote-accept"), form)
    colleague = people.log_in(Client(), people.buyer(buyer.sold_to))
    answer = colleague.post(page_of(quote, "quote-accept"), form)
    assert answer.status_code == 409
    assert "Nothing was ordered twice" in answer.content.decode()
    assert Order.objects.count() == 1


def test_a_new_version_is_shown_before_it_can_be_accepted(client: Client, rep: User, quote: Quote) -> None:
    form = yes(quote, 2)
    quotes.answered(quote, rep, "9.00", "1.95")
    answer = client.post(page_of(quote, "quote-accept"), form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Version 2 came at" in page
    assert 'name="take-2"' in page
    current = acceptance.fingerprint(QuoteVersion.objects.get(quote=quote, number=2))
    assert current in page
    assert not Order.objects.exists()


def test_asking_for_a_change_writes_into_the_conversation(client: Client, quote: Quote) -> None:
    client.post(page_of(quote, "quote-change"), {"text": "boxes of 100, please"})
    quote.refresh_from_db()
    assert quote.state == QuoteState.CHANGE_ASKED
    assert Message.objects.get().text == "boxes of 100, please"


def test_an_empty_change_asks_for_nothing(client: Client, quote: Quote) -> None:
    assert client.post(page_of(quote, "quote-change"), {"text": " "}).status_code == 422
    quote.refresh_from_db()
    assert quote.state == QuoteState.ANSWERED


def test_declining_needs_a_reason(client: Client, quote: Quote) -> None:
    assert client.post(page_of(quote, "quote-decline"), {}).status_code == 422
    client.post(page_of(quote, "quote-decline"), {"reason": "price", "more": "10 % too much"})
    quote.refresh_from_db()
    assert (quote.state, quote.decline_reason) == (QuoteState.DECLINED, "The price is too high: 10 % too much")


def test_two_versions_stand_side_by_side_with_what_differs(client: Client, rep: User, quote: Quote) -> None:
    quotes.answered(quote, rep, "8.60", "")
    page = client.get(page_of(quote, "quote-versions")).content.decode()
    for words in ("8.7654", "8.60", "left out", "price"):
        assert words in page, words
    assert client.get(page_of(quote, "quote-versions"), {"old": "7", "new": "9"}).status_code == 404


def test_the_pdf_is_ours_in_the_readers_language(client: Client, quote: Quote) -> None:
    for language in ("en", "es"):
        answer = client.get(page_of(quote, "quote-pdf"), headers={"accept-language": language})
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{quote.reference}-V1.pdf"'


def test_a_name_that_no_font_knows_breaks_no_pdf(client: Client, quote: Quote) -> None:
    QuoteVersion.objects.filter(quote=quote).update(note="Ж <b>bold</b> 漢字 & more", terms="30 días → fin de mes")
    assert client.get(page_of(quote, "quote-pdf")).content.startswith(b"%PDF-")


def test_the_reps_queue_has_his_customers_alone_and_the_most_urgent_first(
    desk: Client, quote: Quote, buyer: Actor
) -> None:
    waiting = quotes.asked(buyer, ("A-1", "1"))
    foreign = quotes.asked(people.buyer(), ("A-1", "1"))
    page = desk.get(reverse("rep-quote-list")).content.decode()
    assert foreign.reference not in page
    assert page.index(waiting.reference) < page.index(quote.reference)
    assert desk.get(page_of(foreign, "rep-quote")).status_code == 404


def answer_form(quote: Quote, **changes: str) -> dict[str, str]:
    fresh = Quote.objects.get(pk=quote.pk)
    known = {
        "base_version": str(fresh.current_version),
        "valid_until": "2099-01-01",
        "terms": "30 days",
        "note": "",
        "offer-1": "on", "sku-1": "A-1", "quantity-1": "500", "price-1": "9.00", "delivery-1": "2030-02-01",
        "sku-2": "B-2", "quantity-2": "10", "price-2": "1.90",
        "sku-new-1": "", "quantity-new-1": "", "price-new-1": "",
    }  # fmt: skip
    return known | changes


def test_a_rep_answers_line_by_line(desk: Client, buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"))
    page = desk.get(page_of(quote, "rep-quote")).content.decode()
    for words in ("list €10.00", "lowest €8.50", "his €10.00"):
        assert words in page, words
    soon = (timezone.now() + dt.timedelta(days=9)).date().isoformat()
    answer = desk.post(page_of(quote, "rep-quote"), answer_form(quote, valid_until=soon))
    assert answer.status_code == 302, answer.content.decode()
    version = QuoteVersion.objects.get(quote=quote)
    assert [(line.sku, line.net_price, str(line.delivery_on)) for line in version.lines.all()] == [
        ("A-1", 9, "2030-02-01"),
    ]  # fmt: skip
    assert (version.terms, str(version.valid_until)) == ("30 days", soon)


def test_a_price_outside_the_rails_is_refused_and_stays_typed(desk: Client, buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"))
    soon = (timezone.now() + dt.timedelta(days=9)).date().isoformat()
    answer = desk.post(page_of(quote, "rep-quote"), answer_form(quote, **{"price-1": "5.00"}, valid_until=soon))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "below the list price" in page
    assert 'value="5.00"' in page
    assert not QuoteVersion.objects.exists()


def test_a_rep_who_is_overtaken_keeps_what_he_typed(desk: Client, buyer: Actor, rep: User) -> None:
    quote = quotes.asked(buyer, ("A-1", "500"), ("B-2", "10"))
    soon = (timezone.now() + dt.timedelta(days=9)).date().isoformat()
    form = answer_form(quote, valid_until=soon)
    quotes.answered(quote, rep, "9.50", "")
    answer = desk.post(page_of(quote, "rep-quote"), form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Your answer was not sent" in page
    assert 'value="9.00"' in page
    assert desk.post(page_of(quote, "rep-quote"), form | {"base_version": "1"}).status_code == 302


def test_the_rep_extends_and_writes(desk: Client, quote: Quote) -> None:
    until = (timezone.now() + dt.timedelta(days=40)).date()
    desk.post(page_of(quote, "rep-quote-extend"), {"until": until.isoformat()})
    desk.post(page_of(quote, "rep-quote-message"), {"text": "Here you are"})
    quote.refresh_from_db()
    assert quote.valid_until == until
    assert Message.objects.get().is_staff_side


def test_a_buyer_has_no_reps_page(client: Client, quote: Quote) -> None:
    for what in ("rep-quote", "rep-quote-extend", "rep-quote-message"):
        assert client.post(page_of(quote, what), {}).status_code == 404
    assert client.get(reverse("rep-quote-list")).status_code == 404


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return sum(1 for one in caught.captured_queries if "SAVEPOINT" not in one["sql"])


def test_pages_cost_the_same_for_few_lines_and_for_many(client: Client, buyer: Actor, rep: User, desk: Client) -> None:
    skus = [catalogue.item().sku for _ in range(30)]
    short, long = quotes.asked(buyer, (skus[0], "5")), quotes.asked(buyer, *((sku, "5") for sku in skus))
    for quote, count in ((short, 1), (long, 30)):
        quotes.answered(quote, rep, *["9.00"] * count)
    assert queries(client, page_of(short)) == queries(client, page_of(long)) <= 26
    assert queries(desk, page_of(short, "rep-quote")) == queries(desk, page_of(long, "rep-quote")) <= 26


def test_lists_cost_the_same_for_few_quotes_and_for_many(client: Client, buyer: Actor, desk: Client) -> None:
    quotes.asked(buyer, ("A-1", "5"))
    few = queries(client, reverse("quote-list")), queries(desk, reverse("rep-quote-list"))
    for _ in range(20):
        quotes.asked(buyer, ("A-1", "5"), ("B-2", "1"))
    assert (queries(client, reverse("quote-list")), queries(desk, reverse("rep-quote-list"))) == few
    assert max(few) <= 10


def test_empty_lists_say_what_to_do(client: Client, buyer: Actor, desk: Client) -> None:
    assert "No quotes yet" in client.get(reverse("quote-list")).content.decode()
    assert "No quote waits for you" in desk.get(reverse("rep-quote-list")).content.decode()


def test_a_request_is_taken_back_before_it_is_answered(client: Client, buyer: Actor) -> None:
    quote = quotes.asked(buyer, ("A-1", "5"))
    services_page = client.get(page_of(quote)).content.decode()
    assert "Take the request back" in services_page
    client.post(page_of(quote, "quote-decline"), {"reason": "not_needed"})
    quote.refresh_from_db()
    assert quote.state == QuoteState.WITHDRAWN
    assert services.decided_sentence(quote)
