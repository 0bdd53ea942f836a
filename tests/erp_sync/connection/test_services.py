"""The pulse of the connection, what a month of it says, and announcements."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake import FakeErp
from erp_sync.connection import charts, selectors, services
from erp_sync.connection.models import Announcement, Pulse
from erp_sync.mirror.models import SyncState
from erp_sync.outbox.models import OutboxRow
from erp_sync.records import Ask, PriceContext
from erp_sync.settling.models import Comparison

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 9, 0, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def erp(settings: Any) -> Iterator[FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0, "breaker_failures": 2}
    settings.COMPANY_TZ = "Europe/Madrid"
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    yield erp
    erp.reset()
    gateway.forget()


def test_a_pulse_says_how_the_erp_the_copy_and_the_writes_are(erp: FakeErp) -> None:
    SyncState.objects.create(kind="orders", last_success_at=NOW - dt.timedelta(seconds=40))
    SyncState.objects.create(kind="items", last_success_at=NOW - dt.timedelta(seconds=90))
    OutboxRow.objects.create(
        kind="order", reference="WEB-1", payload={}, created_at=NOW - dt.timedelta(minutes=20), due_at=NOW
    )
    pulse = services.feel_pulse(now=NOW)
    assert pulse.latency_ms is not None
    assert (pulse.error, pulse.breaker, pulse.mirror_lag_s, pulse.oldest_write_s) == ("", "closed", 90, 1200)
    services.feel_pulse(now=NOW)
    assert Pulse.objects.count() == 1
    state = selectors.now_of(now=NOW)
    assert state.waits_long
    assert not state.is_late


def test_an_erp_that_is_away_is_told_since_when_with_its_words(erp: FakeErp) -> None:
    services.feel_pulse(now=NOW)
    erp.book.is_down = True
    for _ in range(3):
        gateway.offers(PriceContext("c1", "", "EUR"), [Ask("A", "item-A")])
        gateway.forget()
    services.feel_pulse(now=NOW + MINUTE)
    pulse = services.feel_pulse(now=NOW + 2 * MINUTE)
    state = selectors.now_of(now=NOW + 2 * MINUTE)
    assert "the ERP is down" in pulse.error
    assert state.away_since == (NOW + MINUTE).replace(second=0)
    assert state.failures == 3
    assert selectors.now_of(now=NOW + 10 * MINUTE).pulse is None


def test_a_write_a_copy_or_a_breaker_that_stays_so_is_an_alarm() -> None:
    calm = Pulse(at=NOW, latency_ms=5.0, oldest_write_s=900, mirror_lag_s=1800, breaker="open")
    assert services.alarms(calm) == []
    for minute in range(1, 6):
        Pulse.objects.create(at=NOW - minute * MINUTE, breaker="open" if minute % 2 else "probing")
    bad = Pulse(at=NOW, latency_ms=5.0, oldest_write_s=901, mirror_lag_s=1801, breaker="open")
    assert [one.split()[1] for one in services.alarms(bad)] == ["oldest", "copy", "ERP"]
    Pulse.objects.filter(at=NOW - 3 * MINUTE).update(breaker="closed")
    assert len(services.alarms(bad)) == 2


def test_thirty_days_are_by_the_companys_calendar_and_bad_ones_are_marked(erp: FakeErp) -> None:
    late = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)  # already the 2nd in Madrid
    Pulse.objects.create(at=late, latency_ms=100.0, oldest_write_s=1000)
    Pulse.objects.create(at=late + MINUTE, latency_ms=None, error="away", failures=4)
    Pulse.objects.create(at=late - dt.timedelta(days=3), latency_ms=50.0)
    Comparison.objects.create(round="prices", started_at=late, compared=100, different=1)
    days = selectors.days(now=NOW)
    assert len(days) == 30
    today = days[-1]
    assert (today.on, today.answered, today.latency_ms, today.failures) == (dt.date(2026, 3, 2), Decimal("0.5"), 100, 4)
    assert today.parity == Decimal("0.99")
    assert days[-4].latency_ms == 50
    assert days[0].answered is None
    by_key = {chart.key: chart for chart in charts.charts(days)}
    assert [bar.is_bad for bar in by_key["answered"].bars] == [False, True]
    assert by_key["parity"].bars[-1].is_bad
    assert by_key["writes"].latest == "17 min"
    assert by_key["lag"].is_empty


def test_old_pulses_are_forgotten(erp: FakeErp) -> None:
    Pulse.objects.create(at=NOW - dt.timedelta(days=32))
    Pulse.objects.create(at=NOW)
    assert services.forget_pulses(now=NOW) == 1


def announce(starts: dt.timedelta, ends: dt.timedelta, **texts: str) -> Announcement:
    return services.announce(texts=texts, starts_at=NOW + starts, ends_at=NOW + ends, by="ana", now=NOW)


def test_an_announcement_is_shown_for_its_time_in_the_readers_language() -> None:
    hour = dt.timedelta(hours=1)
    assert selectors.frame(now=NOW).text_in("en") == ""
    announce(-hour, hour, en="Maintenance tonight", es="Mantenimiento esta noche")
    announce(hour, 2 * hour, en="Later")
    assert selectors.frame(now=NOW).text_in("es") == "Mantenimiento esta noche"
    assert selectors.frame(now=NOW + hour).text_in("es") == "Later"
    assert selectors.frame(now=NOW + 3 * hour).text_in("en") == ""


def test_withdrawing_ends_what_runs_and_deletes_what_is_still_to_come() -> None:
    hour = dt.timedelta(hours=1)
    running, coming = announce(-hour, hour, en="Now"), announce(hour, 2 * hour, en="Later")
    services.withdraw(announcement=running, now=NOW)
    services.withdraw(announcement=coming, now=NOW)
    assert [one.ends_at for one in Announcement.objects.all()] == [NOW]
    assert selectors.frame(now=NOW).text_in("en") == ""
