"""Questions about pulls: pages, the cursor, what is deleted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must, promises
from erp_sync.mirror.labels import NAMES
from erp_sync.mirror.rows import refusal_of
from erp_sync.ports import MIRRORED

# More than so many records of a kind are not walked whole: a report must come in minutes.
WHOLE_UP_TO = 1_000
PAGES = 3
FEW = 30
SMALL = 300
AHEAD = dt.timedelta(minutes=5)


@promises(_("Small pages give every key of a kind once, and the shop's copy can hold what they bring."))
def small_pages_see_everything_once(sample: Sample) -> str:
    told = []
    for kind in MIRRORED:
        keys = set(sample.erp.keys(kind, deadline_s=sample.unlimited_deadline_s))
        is_whole = len(keys) <= WHOLE_UP_TO
        limit = 2 if len(keys) <= FEW else min(500, max(50, len(keys) // 3))
        records = calls.pages(sample, kind, r.Cursor(), limit=limit, most=None if is_whole else PAGES)
        seen = [one.erp_id for one in records]
        must(len(seen) == len(set(seen)), _("{kind}: a record came twice").format(kind=NAMES[kind]))
        must(
            set(seen) <= keys,
            _("{kind}: pulled, but no key of it: {keys}").format(kind=NAMES[kind], keys=sorted(set(seen) - keys)[:5]),
        )
        must(
            not is_whole or set(seen) == keys,
            _("{kind}: never pulled: {keys}").format(kind=NAMES[kind], keys=sorted(keys - set(seen))[:5]),
        )
        unfit = [f"{one.erp_id}: {why}" for one in records if (why := refusal_of(kind, one))]
        must(
            not unfit,
            _("{kind}: the shop's copy can't hold {count} of {total}, {unfit}").format(
                kind=NAMES[kind], count=len(unfit), total=len(records), unfit=unfit[:1]
            ),
        )
        told.append(f"{NAMES[kind]}: {len(keys)}")
    return ", ".join(told)


@promises(_("A pull since a record's own version has that record: `>=`, also where the ERP tells whole seconds only."))
def a_change_of_the_same_instant_is_seen_again(sample: Sample) -> str:
    asked = 0
    for kind in MIRRORED:
        latest = _latest(sample, kind)
        if latest is None:
            continue
        must(
            latest.version.utcoffset() is not None,
            _("{kind} {erp_id}: its version has no zone").format(kind=NAMES[kind], erp_id=latest.erp_id),
        )
        again = calls.pages(sample, kind, r.Cursor(changed_at=latest.version), limit=200, most=PAGES)
        there = latest.erp_id in {one.erp_id for one in again}
        is_cut = len(again) >= 200 * PAGES
        must(
            there or is_cut,
            _("{kind} {erp_id}: not among what changed since its own version {version}").format(
                kind=NAMES[kind], erp_id=latest.erp_id, version=latest.version
            ),
        )
        asked += 1
    if not asked:
        raise CannotAsk(_("Nothing changed in the ERP for a month."))
    return _("{count} kinds asked").format(count=asked)


@promises(_("No record changed in the ERP's future: a wrong zone would make the pull miss changes."))
def versions_are_of_the_erps_clock(sample: Sample) -> None:
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    for kind in MIRRORED:
        since = r.Cursor(changed_at=now - dt.timedelta(days=2))
        for record in calls.pages(sample, kind, since, limit=50, most=1):
            must(
                record.version <= now + AHEAD,
                _("{kind} {erp_id} changed at {version}, it is {now} there").format(
                    kind=NAMES[kind], erp_id=record.erp_id, version=record.version, now=now
                ),
            )


@promises(_("The keys name each record once, and only what a pull still gives: so deletions are found."))
def what_is_gone_is_no_key(sample: Sample) -> str:
    compared = []
    for kind in MIRRORED:
        keys = list(sample.erp.keys(kind, deadline_s=sample.unlimited_deadline_s))
        must(len(keys) == len(set(keys)), _("{kind}: a key twice").format(kind=NAMES[kind]))
        if len(keys) <= SMALL:
            there = {one.erp_id for one in calls.pages(sample, kind, r.Cursor(), limit=SMALL)}
            must(
                set(keys) <= there,
                _("{kind}: keys of records that are not there: {keys}").format(
                    kind=NAMES[kind], keys=sorted(set(keys) - there)[:5]
                ),
            )
            compared.append(str(NAMES[kind]))
    return _("compared whole: {names}").format(names=", ".join(compared))


@promises(_("Orders written while a pull pages through are in it or in the next one from the same cursor."))
def nothing_is_missed_while_others_write(sample: Sample) -> None:
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
    must(before <= seen, _("orders that were there were not pulled: {keys}").format(keys=sorted(before - seen)))
    again = {one.erp_id for one in calls.pages(sample, "orders", r.Cursor(changed_at=since), limit=100)}
    must(
        during <= seen | again,
        _("orders written meanwhile were missed: {keys}").format(keys=sorted(during - seen - again)),
    )


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
