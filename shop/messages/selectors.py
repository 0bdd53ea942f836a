"""Reads conversations: one for the page of its subject, all of a rep's customers for his inbox."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import Http404

from accounts.actors import Actor
from accounts.models import SoldTo, User
from accounts.selectors import company_day, customers_of_rep
from erp_sync.statements import columns, fetch, from_row
from shop.messages.models import Message, ReadMark, Thread
from shop.uploads.models import StoredFile

PAGE = 25
# No conversation of the trade is longer; an older message stays in the database.
SHOWN = 200
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a conversation is about.

    Attributes:
        kind: order, quote or return.
        key: The room's own key of it, up to 64 characters.
        path: The buyer's page that shows the conversation.
        title: The number that people call it by ("P00049"), without the word "order": readers have their own.
    """

    kind: str
    key: str
    sold_to: SoldTo
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Read:
    """Who of the other side has read a message, and when."""

    name: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message for its reader.

    Attributes:
        is_mine: He wrote it himself; `is_staff` one of ours wrote it; `is_new` he has not read it yet.
        read_by: Who of the other side has read it; shown under the last one that was read.
    """

    author: str
    text: str
    files: tuple[StoredFile, ...]
    at: dt.datetime
    is_mine: bool
    is_staff: bool
    is_new: bool
    read_by: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A conversation for its reader; without messages there is none yet."""

    messages: tuple[MessageView, ...]
    unread: int

    @property
    def is_empty(self) -> bool:
        """Nobody has written yet."""
        return not self.messages


def thread(*, actor: Actor, subject: Subject) -> ThreadView:
    """Return the conversation of the actor's company about something: one query without messages, else four.

    Raises:
        Http404: the subject is another company's.
    """
    if subject.sold_to.pk != actor.sold_to.pk:
        raise Http404
    found = find(subject)
    return view_of(found, person=actor.user, is_staff=actor.is_assisted) if found else ThreadView((), 0)


def find(subject: Subject) -> Thread | None:
    """Return the thread of a subject, None while nobody has written."""
    rows = fetch(_thread_statement(), [subject.sold_to.pk, subject.kind, subject.key[:64]])
    return from_row(Thread, rows[0]) if rows else None


@cache
def _thread_statement() -> str:
    return (
        f"SELECT {columns(Thread, 't')} FROM shop_thread t"  # noqa: S608 (names of our own table)
        " WHERE t.sold_to_id = %s AND t.subject_kind = %s AND t.subject_key = %s"
    )


def view_of(thread: Thread, *, person: User, is_staff: bool) -> ThreadView:
    """Return a thread as this person sees it; who may see it was asked before."""
    newest = thread.messages.select_related("author").prefetch_related("files").order_by("-created_at", "-id")[:SHOWN]
    marks = list(thread.marks.select_related("person"))
    mine = next((mark.read_until for mark in marks if mark.person_id == person.pk), LONG_AGO)
    others = [mark for mark in marks if mark.is_staff_side is not is_staff]
    shown = tuple(_view(one, person, mine=mine, is_staff=is_staff, others=others) for one in reversed(newest))
    return ThreadView(messages=_marked_once(shown), unread=sum(one.is_new for one in shown))


def _view(one: Message, person: User, *, mine: dt.datetime, is_staff: bool, others: list[ReadMark]) -> MessageView:
    is_own_side = one.is_staff_side is is_staff
    return MessageView(
        author=str(one.author),
        text=one.text,
        files=tuple(one.files.all()),
        at=one.created_at,
        is_mine=one.author_id == person.pk,
        is_staff=one.is_staff_side,
        is_new=not is_own_side and one.created_at > mine,
        read_by=tuple(Read(str(mark.person), mark.read_until) for mark in others if mark.read_until >= one.created_at)
        if is_own_side
        else (),
    )


def _marked_once(shown: tuple[MessageView, ...]) -> tuple[MessageView, ...]:
    """Keep "read by" only under the last message that somebody has read: it holds for those before."""
    last = max((number for number, one in enumerate(shown) if one.read_by), default=-1)
    return tuple(
        one if number == last or not one.read_by else _without_readers(one) for number, one in enumerate(shown)
    )


def _without_readers(one: MessageView) -> MessageView:
    return replace(one, read_by=())


# --- the rep's inbox ---------------------------------------------------------------------------------------------


def inbox(*, rep: User, page: str | None, now: dt.datetime) -> Page:
    """Return a page of the threads of the rep's customers, those with something unread first (two queries).

    Each has `has_unread`, `sold_to`, `last_text`, `last_is_staff` and `last_author` of its last message.
    """
    return Paginator(_with_last(_threads_of(rep, now)), PAGE).get_page(page)


def _with_last(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    last = Message.objects.filter(thread=OuterRef("pk")).order_by("-created_at", "-pk")
    author = Concat("author__first_name", Value(" "), "author__last_name")
    return threads.annotate(
        last_text=Subquery(last.values("text")[:1]),
        last_is_staff=Subquery(last.values("is_staff_side")[:1]),
        last_author=Subquery(last.values_list(author)[:1]),
    )


def unread_by_company(*, rep: User, now: dt.datetime) -> dict[int, int]:
    """Return how many of the rep's conversations hold something unread, by company (1 query)."""
    waiting = _marked_threads(rep, now).filter(Exists(_unread())).order_by()
    return dict(waiting.values("sold_to_id").annotate(n=Count("pk")).values_list("sold_to_id", "n"))


def thread_of_rep(*, rep: User, pk: int, now: dt.datetime) -> Thread:
    """Return a thread of one of the rep's customers.

    Raises:
        Http404: there is none such, or it is not his: both look the same.
    """
    found = _threads_of(rep, now).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def subject_of(thread: Thread) -> Subject:
    """Return what a thread is about."""
    return Subject(
        kind=thread.subject_kind,
        key=thread.subject_key,
        sold_to=thread.sold_to,
        path=thread.path,
        title=thread.title,
    )


def _threads_of(rep: User, now: dt.datetime) -> QuerySet[Thread]:
    """Return the threads of the rep's customers with `has_unread`, those first, then the latest."""
    threads = _marked_threads(rep, now).select_related("sold_to").annotate(has_unread=Exists(_unread()))
    return threads.order_by("-has_unread", "-last_message_at", "-pk")


def _marked_threads(rep: User, now: dt.datetime) -> QuerySet[Thread]:
    read_until = ReadMark.objects.filter(thread=OuterRef("pk"), person=rep).values("read_until")[:1]
    mine = Thread.objects.filter(sold_to__in=customers_of_rep(rep=rep, on=company_day(now)))
    return mine.annotate(mark=Coalesce(Subquery(read_until), Value(LONG_AGO)))


def _unread() -> QuerySet[Message]:
    """Return what customers wrote after the `mark` of the thread it is asked for."""
    return Message.objects.filter(thread=OuterRef("pk"), is_staff_side=False, created_at__gt=OuterRef("mark"))
