"""Writes into conversations and notes what was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day, customers_of_rep
from accounts.signals import announce
from shop.messages.errors import MessageRefused
from shop.messages.models import MAX_TEXT, Message, ReadMark, Thread
from shop.messages.selectors import Subject, find
from shop.messages.signals import ThreadRead, thread_read
from shop.signals import Told, shop_told
from shop.uploads import services as uploads

__all__ = ["MessageRefused", "mark_read", "mark_read_by_staff", "post", "post_as_staff"]

EXCERPT = 140


def post(*, actor: Actor, subject: Subject, text: str, files: Sequence[UploadedFile], now: dt.datetime) -> Message:
    """Write a message for the actor's company and tell the other side.

    What a rep writes while he acts for the customer is his own: the customer is told.

    Raises:
        Http404: the subject is another company's.
        MessageRefused, UploadRefused: with a sentence for the page; nothing was sent.
    """
    if subject.sold_to.pk != actor.sold_to.pk:
        raise Http404
    return _post(person=actor.user, is_staff=actor.is_assisted, subject=subject, text=text, files=files, now=now)


def post_as_staff(
    *, person: User, subject: Subject, text: str, files: Sequence[UploadedFile], now: dt.datetime
) -> Message:
    """Write to one of the rep's customers and tell the customer's people.

    Raises:
        Http404: the company is not his.
        MessageRefused, UploadRefused: with a sentence for the page; nothing was sent.
    """
    mine = customers_of_rep(rep=person, on=company_day(now))
    if not person.is_rep or not mine.filter(pk=subject.sold_to.pk).exists():
        raise Http404
    return _post(person=person, is_staff=True, subject=subject, text=text, files=files, now=now)


@transaction.atomic
def _post(
    *, person: User, is_staff: bool, subject: Subject, text: str, files: Sequence[UploadedFile], now: dt.datetime
) -> Message:
    text = text.replace("\r\n", "\n").strip()
    _refuse_unless_sendable(text, files)
    kept = uploads.keep_for(sold_to=subject.sold_to, by=person, files=files, now=now)
    thread = _thread_for(subject, now=now)
    message = Message.objects.create(thread=thread, author=person, is_staff_side=is_staff, text=text, created_at=now)
    message.files.set(kept)
    _tell_other_side(message, subject)
    return message


def _refuse_unless_sendable(text: str, files: Sequence[UploadedFile]) -> None:
    if not text and not files:
        raise MessageRefused(_("The message is empty. Write a few words or add a file; nothing was sent."))
    if len(text) > MAX_TEXT:
        raise MessageRefused(
            _("The message has %(count)s characters; at most %(most)s go. Nothing was sent: shorten it or add a file.")
            % {"count": len(text), "most": MAX_TEXT}
        )


def _thread_for(subject: Subject, *, now: dt.datetime) -> Thread:
    """Return the thread, made when it is new, with what is known of its subject now."""
    known = {"title": subject.title[:120], "path": subject.path[:300], "last_message_at": now}
    thread, _made = Thread.objects.update_or_create(
        sold_to=subject.sold_to,
        subject_kind=subject.kind,
        subject_key=subject.key[:64],
        defaults=known,
    )
    return thread


def _tell_other_side(message: Message, subject: Subject) -> None:
    thread = message.thread
    told = Told(
        key=f"message:{message.pk}",
        event="message",
        sold_to_id=thread.sold_to_id,
        audience="buyers" if message.is_staff_side else "rep",
        occurred_at=message.created_at,
        path=thread.path if message.is_staff_side else reverse("rep-thread", kwargs={"pk": thread.pk}),
        params={
            "kind": thread.subject_kind,
            "subject": thread.title,
            "author": str(message.author),
            "company": subject.sold_to.name,
            "excerpt": _excerpt(message),
        },
    )
    announce(shop_told, told)


def _excerpt(message: Message) -> str:
    """Return the beginning of a message, or what its files are called."""
    text = " ".join(message.text.split()) or ", ".join(file.name for file in message.files.all())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"


def mark_read(*, actor: Actor, subject: Subject, now: dt.datetime) -> bool:
    """Note that the actor has seen everything in the conversation; False when there was nothing new."""
    thread = find(subject) if subject.sold_to.pk == actor.sold_to.pk else None
    return thread is not None and _mark(thread, actor.user, is_staff=actor.is_assisted, now=now)


def mark_read_by_staff(*, person: User, thread: Thread, now: dt.datetime) -> bool:
    """Note that a rep has seen everything in a thread of his customer; False when there was nothing new."""
    return _mark(thread, person, is_staff=True, now=now)


@transaction.atomic
def _mark(thread: Thread, person: User, *, is_staff: bool, now: dt.datetime) -> bool:
    mark = ReadMark.objects.filter(thread=thread, person=person).first()
    unread = thread.messages.filter(is_staff_side=not is_staff, created_at__lte=now)
    if mark is not None:
        unread = unread.filter(created_at__gt=mark.read_until)
    if not unread.exists():
        return False
    ReadMark.objects.update_or_create(
        thread=thread, person=person, defaults={"read_until": now, "is_staff_side": is_staff}
    )
    path = reverse("rep-thread", kwargs={"pk": thread.pk}) if is_staff else thread.path
    announce(thread_read, ThreadRead(person_id=person.pk, path=path))
    return True
