"""Conversations: who writes to whom, who has read what, who is told."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import RepAssignment, SoldTo
from shop.messages import selectors, services
from shop.messages.models import Message, Thread
from shop.messages.selectors import Subject
from shop.signals import Told, shop_told
from shop.uploads.models import StoredFile
from shop.uploads.services import UploadRefused
from tests.builders import files, people

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def told() -> Iterator[list[Told]]:
    heard: list[Told] = []

    def hear(event: Told, **_kwargs: Any) -> None:
        heard.append(event)

    shop_told.connect(hear)
    yield heard
    shop_told.disconnect(hear)


def subject(company: SoldTo, number: str = "SO-1") -> Subject:
    return Subject(kind="order", key=f"o-{number}", sold_to=company, path=f"/orders/{number}/", title=number)


def say(actor: Actor, text: str = "Is it coming?", *, number: str = "SO-1", now: dt.datetime | None = None) -> Message:
    about = subject(actor.sold_to, number)
    return services.post(actor=actor, subject=about, text=text, files=[], now=now or timezone.now())


def test_a_buyers_message_reaches_the_rep_and_the_answer_the_buyers(told: list[Told]) -> None:
    actor, now = people.buyer(), timezone.now()
    rep = people.rep(actor.sold_to)
    first = say(actor, now=now)
    services.post_as_staff(
        person=rep, subject=selectors.subject_of(first.thread), text="Tomorrow.", files=[], now=now + MINUTE
    )
    assert [(one.event, one.audience, one.path) for one in told] == [
        ("message", "rep", reverse("rep-thread", kwargs={"pk": first.thread.pk})),
        ("message", "buyers", "/orders/SO-1/"),
    ]
    assert told[0].params == {
        "kind": "order", "subject": "SO-1", "author": str(actor.user), "company": actor.sold_to.name,
        "excerpt": "Is it coming?",
    }  # fmt: skip
    view = selectors.thread(actor=actor, subject=subject(actor.sold_to))
    assert [(one.text, one.is_mine, one.is_staff, one.is_new) for one in view.messages] == [
        ("Is it coming?", True, False, False),
        ("Tomorrow.", False, True, True),
    ]
    assert view.unread == 1


def test_what_a_rep_writes_while_acting_is_ours_and_the_customer_is_told(told: list[Told]) -> None:
    actor = people.assisting()
    assert say(actor).is_staff_side
    assert told[0].audience == "buyers"


def test_read_by_stands_under_the_last_message_that_was_read_with_the_time_of_the_first_look() -> None:
    actor, now = people.buyer(), timezone.now()
    rep = people.rep(actor.sold_to)
    thread = say(actor, "one", now=now).thread
    say(actor, "two", now=now + MINUTE)
    assert services.mark_read_by_staff(person=rep, thread=thread, now=now + 2 * MINUTE)
    assert not services.mark_read_by_staff(person=rep, thread=thread, now=now + 5 * MINUTE)
    say(actor, "three", now=now + 6 * MINUTE)
    view = selectors.thread(actor=actor, subject=subject(actor.sold_to))
    assert [one.read_by for one in view.messages] == [(), (selectors.Read(str(rep), now + 2 * MINUTE),), ()]


def test_reading_ends_what_is_new_for_the_reader_and_not_for_his_colleague() -> None:
    actor, now = people.buyer(), timezone.now()
    colleague = people.member(actor.sold_to).user
    rep = people.rep(actor.sold_to)
    about = subject(actor.sold_to)
    services.post_as_staff(person=rep, subject=about, text="Hello", files=[], now=now)
    services.mark_read(actor=actor, subject=about, now=now + MINUTE)
    assert selectors.thread(actor=actor, subject=about).unread == 0
    other = Actor(user=colleague, sold_to=actor.sold_to)
    assert selectors.thread(actor=other, subject=about).unread == 1


@pytest.mark.parametrize(("text", "words"), [("  \r\n ", "empty"), ("x" * 4001, "4001 characters")])
def test_a_message_that_cannot_be_sent_says_why_and_leaves_nothing(text: str, words: str) -> None:
    with pytest.raises(services.MessageRefused, match=words):
        say(people.buyer(), text)
    assert (Thread.objects.count(), Message.objects.count()) == (0, 0)


def test_a_refused_file_leaves_no_message() -> None:
    actor = people.buyer()
    with pytest.raises(UploadRefused):
        services.post(
            actor=actor, subject=subject(actor.sold_to), text="See this", files=[files.sent(files.SVG, "a.svg")],
            now=timezone.now(),
        )  # fmt: skip
    assert (Thread.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_nobody_reads_or_writes_about_what_is_another_companys() -> None:
    stranger, about = people.buyer(), subject(people.sold_to())
    with pytest.raises(Http404):
        selectors.thread(actor=stranger, subject=about)
    with pytest.raises(Http404):
        services.post(actor=stranger, subject=about, text="Hello", files=[], now=timezone.now())
    with pytest.raises(Http404):
        services.post_as_staff(person=people.rep(), subject=about, text="Hello", files=[], now=timezone.now())
    assert Thread.objects.count() == 0


def test_the_inbox_holds_what_waits_first_and_costs_the_same_for_one_and_for_many(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    one, two, now = people.buyer(), people.buyer(), timezone.now()
    rep = people.rep(one.sold_to, two.sold_to)
    people.log_in(client, rep)
    answered = say(one, "old", now=now - 5 * MINUTE).thread
    services.mark_read_by_staff(person=rep, thread=answered, now=now)
    say(two, "waiting", now=now - 10 * MINUTE)
    say(people.buyer(), "of nobody", now=now)
    found = list(selectors.inbox(rep=rep, page=None, now=now))
    assert [(thread.sold_to, thread.has_unread, thread.last_text) for thread in found] == [
        (two.sold_to, True, "waiting"),
        (one.sold_to, False, "old"),
    ]
    for number in range(8):
        say(one, number=f"SO-{number}")
    client.get(reverse("rep-inbox"))
    with django_assert_max_num_queries(8):
        assert client.get(reverse("rep-inbox")).status_code == 200


def test_a_rep_answers_from_his_inbox_with_a_file(client: Client) -> None:
    actor = people.buyer()
    rep = people.rep(actor.sold_to)
    people.log_in(client, rep)
    thread = say(actor).thread
    address = reverse("rep-thread", kwargs={"pk": thread.pk})
    assert "Is it coming?" in client.get(address).content.decode()
    assert [one.has_unread for one in selectors.inbox(rep=rep, page=None, now=timezone.now())] == [False]
    sent = {"text": "On Friday", "files": [files.sent(files.PDF, "plan.pdf")]}
    assert client.post(address, sent).status_code == 302
    answer = thread.messages.get(is_staff_side=True)
    assert (answer.text, [file.name for file in answer.files.all()]) == ("On Friday", ["plan.pdf"])
    refused = client.post(address, {"text": "and this", "files": [files.sent(files.HTML, "x.html")]})
    assert refused.status_code == 422
    assert "and this" in refused.content.decode()
    assert "x.html" in refused.content.decode()


def test_a_rep_who_lost_the_customer_lost_the_thread(client: Client) -> None:
    actor = people.buyer()
    rep = people.rep(actor.sold_to)
    people.log_in(client, rep)
    address = reverse("rep-thread", kwargs={"pk": say(actor).thread.pk})
    RepAssignment.objects.filter(rep=rep).update(to_on=timezone.now().date() - dt.timedelta(days=2))
    assert client.get(address).status_code == 404
    assert client.post(address, {"text": "Hello"}).status_code == 404
    assert Message.objects.filter(is_staff_side=True).count() == 0
