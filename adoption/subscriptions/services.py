"""Begins and ends weekly mails."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from adoption.reports import question
from adoption.subscriptions import selectors
from adoption.subscriptions.errors import NotSubscribed
from adoption.subscriptions.models import Subscription, Weekday
from adoption.subscriptions.times import next_due

FIXED = "custom"


def subscribe(*, reader: User, section: str, query: str, weekday: int, now: dt.datetime) -> Subscription:
    """Send a page to somebody every week from the next such weekday on; asked for again it changes the weekday.

    Raises:
        NotSubscribed: he may not see that page, or the same days would come every week.
    """
    if weekday not in Weekday.values:
        raise NotSubscribed(_("Choose a weekday. Nothing was saved."))
    if not selectors.may_get(reader, section):
        raise NotSubscribed(_("This page shows amounts that this person may not see. Nothing was saved."))
    asked = question.asked(QueryDict(query).dict(), today=now.date())
    if asked.chosen.key == FIXED:
        raise NotSubscribed(
            _("Choose a period such as “This month”: fixed days would bring the same mail every week. ")
            + _("Nothing was saved.")
        )
    row, _is_new = Subscription.objects.update_or_create(
        reader=reader,
        section=section,
        query=kept_of(asked),
        defaults={
            "weekday": weekday,
            "due_at": next_due(weekday=weekday, now=now),
            "attempts": 0,
            "error": "",
        },
        create_defaults={
            "weekday": weekday,
            "due_at": next_due(weekday=weekday, now=now),
            "created_at": now,
        },
    )
    return row


def kept_of(asked: question.Question) -> str:
    """Return the filters as they are kept: always in the same order."""
    found = QueryDict(asked.address()).dict()
    return urlencode(sorted(found.items()))[:300]


def end(*, subscription: Subscription) -> None:
    """End it; again changes nothing."""
    Subscription.objects.filter(pk=subscription.pk).delete()
