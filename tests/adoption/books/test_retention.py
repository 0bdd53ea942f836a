"""Raw events go after 13 months; what companies did stays, whatever is made anew afterwards."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actors import who_of
from accounts.signals import Fact, account_fact, announce
from adoption.books import retention, rollups
from adoption.books.models import CompanyBook
from adoption.books.sums import ALL, ActivityDay, ActivityMonth, LoginDay
from adoption.events.models import Event
from adoption.facts import book
from adoption.metrics.adoption import adoption
from adoption.metrics.facts import Period
from tests.builders import people

pytestmark = pytest.mark.django_db
LONG_AGO, LATELY = dt.timedelta(days=500), dt.timedelta(days=100)


def logged_in(*ages: dt.timedelta) -> str:
    actor = people.buyer()
    for number, age in enumerate(ages):
        at = timezone.now() - age
        announce(account_fact, Fact(f"login:{actor.user.pk}:{number}", "login", at, who_of(actor)))
    return str(actor.user.person_key)


def months() -> list[tuple[object, ...]]:
    rows = ActivityMonth.objects.exclude(account_id=ALL).order_by("month")
    return list(rows.values_list("month", "account_id", "kind", "events"))


def test_old_events_go_and_their_months_stay() -> None:
    key = logged_in(LONG_AGO, LONG_AGO - dt.timedelta(minutes=1), LATELY)
    now = timezone.now()
    rollups.rebuild(frame=rollups.Frame.at(now), now=now)
    before = months()
    assert len(before) == 2
    assert retention.forget_old(now=now) == 1
    assert Event.objects.filter(user_id=key).count() == 1
    assert months() == before
    for model in (ActivityDay, LoginDay):
        assert not model._default_manager.filter(day__lt=now.date() - dt.timedelta(days=430)).exists()


def test_sums_made_anew_keep_what_was_forgotten() -> None:
    logged_in(LONG_AGO, LONG_AGO - dt.timedelta(minutes=1), LATELY)
    now = timezone.now()
    frame = rollups.Frame.at(now)
    rollups.rebuild(frame=frame, now=now)
    before = months()
    retention.forget_old(now=now)
    rollups.rebuild(frame=frame, now=now)
    assert months() == before
    assert retention.forget_old(now=now) == 0
    assert months() == before


def test_company_that_once_logged_in_stays_activated() -> None:
    logged_in(LONG_AGO)
    now = timezone.now()
    retention.forget_old(now=now)
    whole = book(as_of=now)
    today = Period(whole.today, whole.today)
    assert adoption(whole, today).activated.part == 1
    assert not Event.objects.exclude(user_id="").exists()


def test_imported_books_keep_what_their_files_hold() -> None:
    logged_in(LONG_AGO, LONG_AGO - dt.timedelta(minutes=1))
    CompanyBook.objects.create(
        timezone="Europe/Madrid", currency="EUR", calendar="ES", as_of=timezone.now(), imported_at=timezone.now()
    )
    assert retention.forget_old(now=timezone.now()) == 0
    assert Event.objects.count() == 2
