"""sync_drift: six writers, late commits, equal stamps, another zone, both changes of the clock; nothing is missed.

The ERP here has a clock of its own, which moves on with every call, so that transactions end
between two pages.
"""

import datetime as dt
import heapq
import random
from collections.abc import Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from erp_sync import records as r
from erp_sync.mirror import keys, limits, sync
from erp_sync.mirror.models import Order
from erp_sync.ports import Erp
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

MADRID = ZoneInfo("Europe/Madrid")
WRITERS = 6
LASTS = dt.timedelta(minutes=70)
EVERY = dt.timedelta(seconds=60)
LONGEST = 150  # seconds a transaction may take
STARTS = {
    "winter": dt.datetime(2026, 1, 15, 9, 0, tzinfo=dt.UTC),
    "spring": dt.datetime(2026, 3, 29, 0, 10, tzinfo=dt.UTC),  # 02:00 becomes 03:00 at 01:00 UTC
    "autumn": dt.datetime(2026, 10, 25, 0, 10, tzinfo=dt.UTC),  # 02:00 to 03:00 comes twice
}


class Ledger:
    """An ERP that stamps a row with the second in which its transaction began, in local time without a zone."""

    def __init__(self, start: dt.datetime, zone: dt.tzinfo, seed: int) -> None:
        self.clock = start
        self.zone = zone
        self.chance = random.Random(seed)  # noqa: S311 (data, not secrets)
        self.rows: dict[str, tuple[dt.datetime, r.OrderRecord]] = {}
        self.coming: list[tuple[dt.datetime, int, dt.datetime, str]] = []
        self.made = 0
        self._plan(start)

    def _plan(self, start: dt.datetime) -> None:
        """Let each writer begin, last and end; most make a new order, some change an old one."""
        for writer in range(WRITERS):
            at = start
            while at < start + LASTS:
                at += dt.timedelta(seconds=self.chance.choice([0, 0, 1, 5, 30]))
                took = self.chance.choice([0, 0, 1, 20, 90, LONGEST])
                self.made += 1
                erp_id = str(self.made if self.chance.random() < 0.8 else self.chance.randint(1, self.made))
                ends = at + dt.timedelta(seconds=took, milliseconds=self.chance.randint(0, 999))
                heapq.heappush(self.coming, (ends, self.made + writer * 10**6, at, erp_id))
                at = ends

    def tick(self, seconds: float) -> None:
        """Let time pass, and what ends by then show up."""
        self.clock += dt.timedelta(seconds=seconds)
        while self.coming and self.coming[0][0] <= self.clock:
            _ends, revision, began, erp_id = heapq.heappop(self.coming)
            stamp = self._local(began).replace(microsecond=0)
            version = stamp.replace(tzinfo=self.zone).astimezone(dt.UTC)
            record = facts.order(erp_id.zfill(8), version=version, customer_reference=str(revision), lines=())
            self.rows[record.erp_id] = stamp, record

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page by id; it takes a moment."""
        self.tick(self.chance.uniform(0.1, 2))
        since = dt.datetime.min  # noqa: DTZ901 (its times have no zone)
        if cursor.changed_at is not None:
            # Before the hour that comes twice a later row may have a smaller stamp.
            hour = dt.timedelta(hours=1)
            since = min(self._local(cursor.changed_at), self._local(cursor.changed_at + hour) - hour)
        changed = (key for key, (stamp, _) in self.rows.items() if stamp >= since and key > cursor.last_id)
        found = sorted(changed)
        page = tuple(self.rows[key][1] for key in found[:limit])
        following = r.Cursor(cursor.changed_at, page[-1].erp_id) if len(found) > limit else None
        return r.Page(page, following)

    def _local(self, at: dt.datetime) -> dt.datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield every id."""
        yield from list(self.rows)

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return its own clock."""
        return self.clock


def drive(ledger: Ledger, ours_ahead: dt.timedelta) -> None:
    """Pull every minute until the writers have ended and their last rows were seen."""
    end = ledger.clock + LASTS + dt.timedelta(seconds=2 * LONGEST)
    while ledger.clock < end:
        progress = sync.pull(kind="orders", now=ledger.clock + ours_ahead, erp=cast("Erp", ledger))
        assert progress.is_done
        ledger.tick(EVERY.total_seconds())


def missed(ledger: Ledger) -> int:
    mirrored = dict(Order.objects.values_list("erp_id", "customer_reference"))
    return sum(mirrored.get(key) != record.customer_reference for key, (_, record) in ledger.rows.items())


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.MIRROR_LONGEST_TRANSACTION = dt.timedelta(seconds=LONGEST)
    settings.MIRROR_PAGE_SIZE = {"orders": 25}


@pytest.mark.parametrize(
    ("season", "zone", "ours_ahead"),
    [
        ("winter", dt.UTC, dt.timedelta()),
        ("winter", MADRID, dt.timedelta(minutes=40)),
        ("spring", MADRID, dt.timedelta(minutes=-40)),
        ("autumn", MADRID, dt.timedelta()),
    ],
)
def test_nothing_is_missed(season: str, zone: dt.tzinfo, ours_ahead: dt.timedelta) -> None:
    ledger = Ledger(STARTS[season], zone, seed=7)

    drive(ledger, ours_ahead)

    assert len(ledger.rows) > 300
    assert not ledger.coming
    assert missed(ledger) == 0


def test_control_without_the_overlap_rows_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "overlap", lambda: dt.timedelta())
    ledger = Ledger(STARTS["winter"], dt.UTC, seed=7)
    drive(ledger, dt.timedelta())
    assert missed(ledger) > len(ledger.rows) / 50


def test_control_with_our_own_clock_as_cursor_rows_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(STARTS["winter"], dt.UTC, seed=7)
    ahead = dt.timedelta(minutes=40)
    monkeypatch.setattr(ledger, "now", lambda *, deadline_s: ledger.clock + ahead)
    drive(ledger, ahead)
    assert missed(ledger) > len(ledger.rows) / 50


def test_what_was_deleted_is_gone_after_the_next_night() -> None:
    ledger = Ledger(STARTS["winter"], dt.UTC, seed=7)
    drive(ledger, dt.timedelta())
    deleted = sorted(ledger.rows)[:5]
    for key in deleted:
        del ledger.rows[key]

    keys.compare(kind="orders", now=ledger.clock, erp=cast("Erp", ledger))

    assert sorted(Order.objects.exclude(gone_at=None).values_list("erp_id", flat=True)) == deleted
