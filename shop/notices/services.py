"""Tells people, notes what they have read, and keeps how they want to be told. Mails are sent by `sending`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from accounts.actors import Actor
from accounts.models import User
from shop.money import formats
from shop.notices import selectors
from shop.notices.events import EVENTS, Event
from shop.notices.models import Channel, Notice, Preference
from shop.notices.times import NEWS_FOR, next_morning
from shop.notices.tokens import DIGEST, Subscription
from shop.signals import Told

KEPT_FOR = dt.timedelta(days=396)


def tell(*, told: Told, now: dt.datetime) -> int:
    """Write a notice for everybody it is for, as each of them wishes; return for how many people.

    Telling twice tells once: the key is unique for each person.

    Raises:
        KeyError: there is no such event.
    """
    event = EVENTS[told.event]
    people = selectors.told_people(told=told, now=now)
    wishes = selectors.wishes(people=people, events=[event.key])
    rows = [
        _notice(told, person, selectors.channel_of(event, wishes.get((person.pk, event.key))), now) for person in people
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _notice(told: Told, person: User, channel: Channel, now: dt.datetime) -> Notice:
    is_news = now - told.occurred_at < NEWS_FOR
    mail = channel if is_news and channel in (Channel.MAIL, Channel.DIGEST) else ""
    return Notice(
        key=told.key[:160],
        person=person,
        sold_to_id=told.sold_to_id,
        event=told.event,
        path=told.path[:300],
        params={name: str(text) for name, text in told.params.items()},
        occurred_at=told.occurred_at,
        created_at=now,
        is_shown=channel != Channel.OFF,
        read_at=None if is_news else now,
        mail=mail,
        mail_due_at=_due_at(mail, now),
    )


def _due_at(mail: str, now: dt.datetime) -> dt.datetime | None:
    if not mail:
        return None
    return now if mail == Channel.MAIL else next_morning(now)


# --- read --------------------------------------------------------------------------------------------------------


def mark_read(*, notice: Notice, now: dt.datetime) -> None:
    """Note that somebody has opened a notice."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now)


def mark_all_read(*, user: User, actor: Actor | None, now: dt.datetime) -> int:
    """Note that somebody has seen all that his list shows; return how many were new."""
    new = selectors.unread(user=user, actor=actor, now=now)
    return Notice.objects.filter(pk__in=new.values("pk")).update(read_at=now)


def mark_read_at(*, person_id: int, path: str, event: str, now: dt.datetime) -> int:
    """Note that somebody has seen what a page shows, however he came to it."""
    return Notice.objects.filter(person_id=person_id, path=path, event=event, read_at__isnull=True).update(read_at=now)


def forget_old(*, now: dt.datetime) -> int:
    """Delete notices older than thirteen months; return how many went."""
    return Notice.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def forget_name(*, name: str) -> None:
    """Take the name of an erased person out of what others were told of him; other words that hold it stay."""
    whole_name = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for notice in Notice.objects.annotate(said=Cast("params", TextField())).filter(said__contains=name):
        notice.params = {key: _without(whole_name, value) for key, value in notice.params.items()}
        notice.save(update_fields=["params"])


def _without(name: re.Pattern[str], value: object) -> object:
    return name.sub(formats.NOTHING, value) if isinstance(value, str) else value


# --- wishes ------------------------------------------------------------------------------------------------------


@transaction.atomic
def choose(*, person: User, chosen: Mapping[str, str], now: dt.datetime) -> None:
    """Keep how somebody wants to be told, by event; what an event does not allow is left as it was.

    Mails that have not gone yet follow the new wish.
    """
    allowed = {key: Channel(wish) for key, wish in chosen.items() if key in EVENTS and wish in EVENTS[key].channels}
    Preference.objects.bulk_create(
        [Preference(person=person, event=key, channel=wish) for key, wish in allowed.items()],
        update_conflicts=True,
        unique_fields=["person", "event"],
        update_fields=["channel"],
    )
    for channel in set(allowed.values()):
        _redirect(person, [key for key, wish in allowed.items() if wish == channel], channel, now)


def _redirect(person: User, events: Sequence[str], channel: Channel, now: dt.datetime) -> None:
    """Let the mails that wait go by the new channel."""
    waiting = selectors.waiting(person=person, events=events)
    if channel in (Channel.IN_APP, Channel.OFF):
        waiting.update(mail="", mail_due_at=None)
    elif channel == Channel.DIGEST:
        waiting.filter(mail=Channel.MAIL, mail_attempts=0).update(mail=channel, mail_due_at=next_morning(now))
    else:
        waiting.filter(mail=Channel.DIGEST, mail_attempts=0).update(mail=channel, mail_due_at=now)


def unsubscribe(*, subscription: Subscription, now: dt.datetime) -> None:
    """End the mails that a link stands under; what they tell stays in the shop. Doing it again changes nothing.

    Of money there is never silence: its mails become the day's mail, and stay in it.
    """
    person = subscription.person
    if subscription.event == DIGEST:
        keys = [event.key for event, channel in selectors.settings_of(user=person) if channel == Channel.DIGEST]
    else:
        keys = [subscription.event]
    choose(person=person, chosen={key: quieter(EVENTS[key]) for key in keys}, now=now)


def quieter(event: Event) -> Channel:
    """Return what becomes of an event when somebody ends its mails."""
    return Channel.DIGEST if event.is_money else Channel.IN_APP
