"""Returns: never more than was delivered, also when two people ask at once; followed until they are credited."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotPermitted
from erp_sync.mirror.models import Invoice, OrderLine
from erp_sync.mirror.models import Return as ErpReturn
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import WrittenDocument
from shop.notices.models import Notice
from shop.returns import selectors, services, watch
from shop.returns.models import Return, ReturnState
from shop.returns.services import ReturnRefused, ReturnWish
from shop.uploads.errors import UploadRefused
from shop.uploads.models import StoredFile
from tests.builders import catalogue, deliveries, files, people

pytestmark = pytest.mark.django_db


def a_line(actor: Actor, *, delivered: int = 5, number: str = "SO-1") -> OrderLine:
    sku = catalogue.item().sku
    return deliveries.line(deliveries.order(actor.sold_to, number), sku, 10, delivered=delivered)


def photo() -> SimpleUploadedFile:
    return files.sent(files.png(), "photo.png", "image/png")


def wish(quantity: int | str = 2, form_key: uuid.UUID | None = None) -> ReturnWish:
    return ReturnWish(form_key or uuid.uuid4(), Decimal(quantity), "damaged", "Scratched")


def ask(actor: Actor, what: ReturnWish | None = None, *uploads: SimpleUploadedFile, number: str = "SO-1") -> Return:
    line = selectors.get_returnable(actor=actor, number=number, line_no=1)
    return services.ask_return(actor=actor, line=line, wish=what or wish(), files=uploads, now=timezone.now())


def in_erp(actor: Actor, **facts: object) -> ErpReturn:
    now = timezone.now()
    known: dict[str, object] = {
        "erp_id": f"ret-{uuid.uuid4().hex[:8]}", "number": "R-77", "customer_erp_id": actor.sold_to.erp_id,
        "state": "requested", "quantity": Decimal(1), "requested_on": now.date(), "version": now, "synced_at": now,
    }  # fmt: skip
    return ErpReturn.objects.create(**known | facts)


def test_a_return_goes_to_the_erp_with_its_photo_and_the_rep_is_told() -> None:
    company = people.sold_to()
    people.rep(company)
    actor = people.buyer(company)
    line = a_line(actor)
    asked = ask(actor, wish(2), photo())
    row = OutboxRow.objects.get()
    assert (row.kind, row.reference) == ("return", asked.reference)
    assert (asked.sku, asked.quantity, asked.state) == (line.sku, 2, ReturnState.ASKED)
    assert [one.media_type for one in asked.files.all()] == ["image/png"]
    assert Notice.objects.filter(event="return_asked").count() == 1


def test_what_is_left_counts_what_was_asked_here_and_what_the_erp_has_by_others() -> None:
    actor = people.buyer()
    line = a_line(actor, delivered=6)
    asked = ask(actor, wish(2))
    ErpReturn.objects.create(
        erp_id="same", number="R-1", customer_erp_id=actor.sold_to.erp_id, state="requested", quantity=2,
        order_line_erp_id=line.erp_id, reference=asked.reference, version=timezone.now(), synced_at=timezone.now(),
    )  # fmt: skip
    in_erp(actor, order_line_erp_id=line.erp_id, quantity=1)
    in_erp(actor, order_line_erp_id=line.erp_id, quantity=1, state="rejected")
    assert selectors.get_returnable(actor=actor, number="SO-1", line_no=1).left == 3


@pytest.mark.parametrize(
    ("delivered", "quantity", "sentence"),
    [
        (0, 1, "Nothing of this line was delivered yet"),
        (5, 6, "Of this line 5 pcs can still go back, 6 were asked for"),
    ],
)
def test_more_than_was_delivered_is_refused_with_a_sentence(delivered: int, quantity: int, sentence: str) -> None:
    actor = people.buyer()
    a_line(actor, delivered=delivered)
    with pytest.raises(ReturnRefused, match=sentence):
        ask(actor, wish(quantity))
    assert not Return.objects.exists()
    assert not OutboxRow.objects.exists()


def test_all_on_its_way_back_is_a_sentence_and_a_refused_return_frees_its_pieces() -> None:
    actor = people.buyer()
    a_line(actor, delivered=2)
    first = ask(actor, wish(2))
    with pytest.raises(ReturnRefused, match="on its way back already"):
        ask(actor, wish(1))
    services.settle(event=settled(first, "rejected", message="Too old."), now=timezone.now())
    assert ask(actor, wish(2)).quantity == 2


def test_a_foreign_line_a_service_and_a_line_that_is_none_are_not_there() -> None:
    actor = people.buyer()
    a_line(people.buyer(), number="SO-F")
    order = deliveries.order(actor.sold_to, "SO-2")
    deliveries.line(order, item_type="freight", delivered=1)
    for number, line_no in (("SO-F", 1), ("SO-2", 1), ("SO-2", 2), ("SO-2", 0), ("SO-2", 10**12), ("", 1)):
        with pytest.raises(Http404):
            selectors.get_returnable(actor=actor, number=number, line_no=line_no)


def test_the_same_form_sent_twice_is_one_return() -> None:
    actor = people.buyer()
    a_line(actor)
    key = uuid.uuid4()
    assert ask(actor, wish(2, key)) == ask(actor, wish(2, key))
    assert Return.objects.count() == OutboxRow.objects.count() == 1


def test_a_file_of_the_wrong_kind_leaves_nothing_behind() -> None:
    actor = people.buyer()
    a_line(actor)
    with pytest.raises(UploadRefused):
        ask(actor, wish(), SimpleUploadedFile("x.svg", b"<svg onload='x'/>"))
    assert not Return.objects.exists()
    assert not StoredFile.objects.exists()
    assert not OutboxRow.objects.exists()


def test_somebody_without_a_role_cannot_return() -> None:
    actor = people.buyer()
    a_line(actor)
    with pytest.raises(NotPermitted):
        ask(Actor(user=actor.user, sold_to=actor.sold_to))


# --- two at once --------------------------------------------------------------------------------------------------


def both_ask(one: Actor, two: Actor) -> list[str]:
    """Let two people return all five pieces at the same moment; return what became of each."""
    outcomes: list[str] = []
    start = Barrier(2, timeout=20)

    def go(actor: Actor) -> None:
        try:
            line = selectors.get_returnable(actor=actor, number="SO-1", line_no=1)
            start.wait()
            services.ask_return(actor=actor, line=line, wish=wish(5), files=(), now=timezone.now())
            outcomes.append("asked")
        except ReturnRefused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=go, args=(actor,)) for actor in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_return_the_same_last_pieces_one_wins() -> None:
    one = people.buyer()
    a_line(one, delivered=5)
    for _round in range(5):
        Return.objects.all().delete()
        assert both_ask(one, people.buyer(one.sold_to)) == ["asked", "refused"]
        assert Return.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_a_rival_step_returns_more_than_was_delivered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = people.buyer()
    a_line(one, delivered=5)
    monkeypatch.setattr(services, "lock_line", lambda _line: None)
    counted, gate = selectors.asked_of_line, Barrier(2, timeout=20)

    def counted_by_both_first(*, actor: Actor, line: OrderLine) -> Decimal:
        asked = counted(actor=actor, line=line)
        gate.wait()
        return asked

    monkeypatch.setattr(services, "asked_of_line", counted_by_both_first)
    assert both_ask(one, people.buyer(one.sold_to)) == ["asked", "asked"]


# --- what the ERP says --------------------------------------------------------------------------------------------


def settled(asked: Return, state: str, *, written: str = "", message: str = "") -> WriteSettled:
    document = WrittenDocument("return", "e-1", "R-1", asked.reference, written) if written else None
    return WriteSettled(kind="return", reference=asked.reference, state=state, written=document, message=message)


def test_the_erps_answer_moves_the_return_and_tells_what_matters() -> None:
    actor = people.buyer()
    a_line(actor)
    asked = ask(actor)
    services.settle(event=settled(asked, "done", written="requested"), now=timezone.now())
    asked.refresh_from_db()
    assert (asked.state, asked.erp_number) == (ReturnState.ASKED, "R-1")
    assert not Notice.objects.filter(event="return_answered").exists()
    other = ask(actor, wish(1))
    services.settle(event=settled(other, "rejected", message="Too old."), now=timezone.now())
    services.settle(event=settled(other, "rejected", message="Too old."), now=timezone.now())
    other.refresh_from_db()
    assert (other.state, other.erp_message) == (ReturnState.REFUSED, "Too old.")
    assert Notice.objects.filter(event="return_answered").count() == 1


def test_the_watch_follows_a_return_to_its_credit_note_and_then_rests() -> None:
    actor = people.buyer()
    a_line(actor)
    asked = ask(actor)
    erp = in_erp(actor, reference=asked.reference, state="approved")
    assert watch.follow_open(now=timezone.now()) == 1
    ErpReturn.objects.filter(pk=erp.pk).update(state="done", credit_number="CN-1")
    watch.follow_open(now=timezone.now())
    asked.refresh_from_db()
    assert (asked.state, asked.credit_number, asked.erp_number) == (ReturnState.CREDITED, "CN-1", "R-77")
    assert [move.state for move in asked.moves.all()] == ["asked", "approved", "credited"]
    assert watch.follow_open(now=timezone.now()) == 0
    assert Notice.objects.filter(event="return_answered").count() == 2


# --- pages --------------------------------------------------------------------------------------------------------


def typed(**changes: object) -> dict[str, object]:
    return {"quantity": "2", "reason": "damaged", "description": "Bent", "form_key": str(uuid.uuid4())} | changes


def test_a_return_is_asked_for_by_the_form_and_shows_its_way(client: Client) -> None:
    actor = people.acting(client)
    line = a_line(actor)
    assert reverse("return-new", kwargs={"number": "SO-1", "line_no": 1}) in client.get("/orders/SO-1/").text
    address = reverse("return-new", kwargs={"number": "SO-1", "line_no": 1})
    assert "can go back" in client.get(address).text
    answer = client.post(address, typed(files=photo()), follow=True)
    assert "We are looking at it" in answer.text
    assert line.sku in answer.text
    assert reverse("file", kwargs={"key": StoredFile.objects.get().key}) in answer.text
    assert line.sku in client.get(reverse("return-list")).text
    assert "No returns" in client.get(reverse("return-list"), {"order": "SO-2"}).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": "0"}, "above zero"),
        ({"quantity": "-1"}, "above zero"),
        ({"quantity": "1e9"}, "number"),
        ({"quantity": "2.5"}, "whole units"),
        ({"quantity": "99"}, "can still go back"),
        ({"quantity": ""}, "Enter how much"),
        ({"reason": "other things"}, "not one of the available choices"),
        ({"form_key": "x"}, "Open it again"),
    ],
)
def test_what_cannot_be_asked_for_comes_back_with_a_sentence(
    client: Client, changes: dict[str, object], sentence: str
) -> None:
    actor = people.acting(client)
    a_line(actor)
    answer = client.post(reverse("return-new", kwargs={"number": "SO-1", "line_no": 1}), typed(**changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Bent" in answer.text
    assert not Return.objects.exists()


def test_a_return_made_in_the_erp_appears_by_itself_with_its_credit_note(client: Client) -> None:
    actor = people.acting(client)
    line = a_line(actor)
    in_erp(
        actor, order_erp_id=line.order.erp_id, order_line_erp_id=line.erp_id, sku=line.sku, state="done",
        credit_number="CN/26/1",
    )  # fmt: skip
    now = timezone.now()
    Invoice.objects.create(
        erp_id="cn", number="CN/26/1", customer_erp_id=actor.sold_to.erp_id, kind="credit", state="open",
        invoiced_on=now.date(), currency="EUR", untaxed_total=10, tax_total=2, total=12, amount_due=12,
        version=now, synced_at=now,
    )  # fmt: skip
    page = client.get(reverse("return-detail", kwargs={"number": "R-77"})).text
    assert reverse("invoice-detail", kwargs={"number": "CN/26/1"}) in page
    assert "€12.00" in page
    assert "SO-1" in page
    assert re.search(r'class="figure">1</span>\s*pcs', page)


def test_the_list_asks_the_same_few_questions_for_one_return_and_for_many(client: Client) -> None:
    actor = people.acting(client)
    asked = []
    for count in (1, 12):
        for n in range(count):
            number = f"SO-{count}-{n}"
            a_line(actor, number=number)
            ask(actor, number=number)
            in_erp(actor, number=f"R-{count}-{n}", sku=catalogue.item().sku)
        with CaptureQueriesContext(connection) as caught:
            selectors.returns_for(actor=actor)
        asked.append(len(caught))
    assert asked[0] == asked[1] <= 6


def test_a_return_of_another_company_is_not_there(client: Client) -> None:
    other = people.buyer()
    a_line(other)
    asked = ask(other)
    in_erp(other)
    people.acting(client)
    for number in (asked.reference, "R-77", "R-none"):
        assert client.get(reverse("return-detail", kwargs={"number": number})).status_code == 404
        assert client.post(reverse("return-message", kwargs={"number": number}), {"text": "x"}).status_code == 404
    assert "R-77" not in client.get(reverse("return-list")).text


def test_dates_of_the_way_are_those_of_its_steps() -> None:
    steps = selectors.steps_of("received", {"asked": dt.date(2026, 1, 1), "approved": dt.date(2026, 1, 3)})
    assert [(step.key, step.state, step.on) for step in steps] == [
        ("asked", "done", dt.date(2026, 1, 1)),
        ("approved", "done", dt.date(2026, 1, 3)),
        ("received", "done", None),
        ("credited", "now", None),
    ]
    assert [step.key for step in selectors.steps_of("refused", {})] == ["asked", "refused"]
