"""Questions about pulls: pages, the cursor, what is deleted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must
from erp_sync.mirror.rows import refusal_of
from erp_sync.ports import MIRRORED

# More than so many records of a kind are not walked whole: a report must come in minutes.
WHOLE_UP_TO = 1_000
PAGES = 3
FEW = 30
SMALL = 300
AHEAD = dt.timedelta(minutes=5)


def small_pages_see_everything_once(sample: Sample) -> str:
    """Small pages give every key of a kind once, and the shop's copy can hold what they bring."""
    told = []
    for kind in MIRRORED:
        keys = set(sample.erp.keys(kind, deadline_s=sample.unlimited_deadline_s))
        is_whole = len(keys) <= WHOLE_UP_TO
        limit = 2 if len(keys) <= FEW else min(500, max(50, len(keys) // 3))
        records = calls.pages(sample, kind, r.Cursor(), limit=limit, most=None if is_whole else PAGES)
        seen = [one.erp_id for one in records]
        must(len(seen) == len(set(seen)), f"{kind}: a record came twice")
        must(set(seen) <= keys, f"{kind}: pulled, but no key of it: {sorted(set(seen) - keys)[:5]}")
        must(not is_whole or set(seen) == keys, f"{kind}: never pulled: {sorted(keys - set(seen))[:5]}")
        unfit = [f"{one.erp_id}: {why}" for one in records if (why := refusal_of(kind, one))]
        must(not unfit, f"{kind}: the shop's copy can't hold {len(unfit)} of {len(records)}, {unfit[:1]}")
        told.append(f"{len(keys)} {kind}")
    return ", ".join(told)


def a_change_of_the_same_instant_is_seen_again(sample: Sample) -> str:
    """A pull since a record's own version has that record: `>=`, also where the ERP tells whole seconds only."""
    asked = 0
    for kind in MIRRORED:
        latest = _latest(sample, kind)
        if latest is None:
            continue
        must(latest.version.utcoffset() is not None, f"{kind} {latest.erp_id}: its version has no zone")
        again = calls.pages(sample, kind, r.Cursor(changed_at=latest.version), limit=200, most=PAGES)
        there = latest.erp_id in {one.erp_id for one in again}
        is_cut = len(again) >= 200 * PAGES
        must(there or is_cut, f"{kind} {latest.erp_id}: not among what changed since its own version {latest.version}")
        asked += 1
    if not asked:
        raise CannotAsk("Nothing changed in the ERP for a month.")
    return f"{asked} kinds asked"


def versions_are_of_the_erps_clock(sample: Sample) -> None:
    """No record changed in the ERP's future: a wrong zone would make the pull miss changes."""
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    for kind in MIRRORED:
        since = r.Cursor(changed_at=now - dt.timedelta(days=2))
        for record in calls.pages(sample, kind, since, limit=50, most=1):
            must(
                record.version <= now + AHEAD, f"{kind} {record.erp_id} changed at {record.version}, it is {now} there"
            )


def what_is_gone_is_no_key(sample: Sample) -> str:
    """The keys name each record once, and only what a pull still gives: so deletions are found."""
    compared = []
    for kind in MIRRORED:
        keys = list(sample.erp.keys(kind, deadline_s=sample.unlimited_deadline_s))
        must(len(keys) == len(set(keys)), f"{kind}: a key twice")
        if len(keys) <= SMALL:
            there = {one.erp_id for one in calls.pages(sample, kind, r.Cursor(), limit=SMALL)}
            must(set(keys) <= there, f"{kind}: keys of records that are not there: {sorted(set(keys) - there)[:5]}")
            compared.append(kind)
    return f"compared whole: {', '.join(compared)}"


def nothing_is_missed_while_others_write(sample: Sample) -> None:
    """Orders written while a pull pages through are in it or in the next one from the same cursor."""
    since = sample.erp.now(deadline_s=sample.unlimited_deadline_s).replace(microsecond=0)
    before = {calls.create(sample, sample.order()).erp_id for _ in range(2)}
    seen: set[str] = set()
    during: set[str] = set()
    cursor: r.Cursor | None = r.Cursor(changed_at=since)
    while cursor is not None:
        page = sample.erp.pull("orders", cursor, limit=1, deadline_s=sample.unlimited_deadline_s)
        seen |= {_id(one) for one in page.records}
        if len(during) < 2:
            during.add(calls.create(sample, sample.order()).erp_id)
        cursor = page.next
    must(before <= seen, f"orders that were there were not pulled: {sorted(before - seen)}")
    again = {one.erp_id for one in calls.pages(sample, "orders", r.Cursor(changed_at=since), limit=100)}
    must(during <= seen | again, f"orders written meanwhile were missed: {sorted(during - seen - again)}")


def _id(record: Any) -> str:
    return str(record.erp_id)


def _latest(sample: Sample, kind: str) -> Any:
    """Return a record that changed lately, None when none did."""
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    for days in (1, 30):
        since = r.Cursor(changed_at=now - dt.timedelta(days=days))
        if records := calls.pages(sample, kind, since, limit=50, most=1):
            return max(records, key=lambda one: one.version)
    return None
