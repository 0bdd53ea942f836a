"""The rows behind a figure are the same, whether only those of its days are read or all there are."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Eligibility
from adoption import facts
from adoption.books import rollups
from adoption.books.rollups import Frame
from adoption.definitions.selectors import current
from adoption.events.models import Event
from adoption.facts import KINDS, VIEWS
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.metrics.facts import Book
from adoption.reports import blocks as b
from adoption.reports import pages, scenes
from adoption.reports.behind import Behind, behind
from adoption.reports.figures import BY_KEY, Figure, Reading
from adoption.reports.rows import TELLERS, left_out_of, rows_of
from adoption.reports.sections.scene import Scene
from tests.adoption import canonical
from tests.builders import people

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
ALL_KINDS = (*KINDS, *VIEWS, "search", "friction")


def summed(folder: Path) -> Frame:
    import_source(source=reading.folder(folder), now=NOW, say=lambda _text: None)
    frame = Frame.at(NOW, current())
    rollups.rebuild(frame=frame, now=NOW + dt.timedelta(minutes=1))
    return frame


def known(frame: Frame) -> Book:
    return facts.book(as_of=frame.as_of, settings=frame.settings, kinds=ALL_KINDS, own=frame.company)


def told(found: Behind, figure: Figure) -> dict[str, object]:
    """Everything that stands behind a figure, rows in any order."""
    one = read(found, figure)
    table = rows_of(found, figure, one, says=one)
    return {
        "part rows": sorted(one.part_rows),
        "whole rows": sorted(one.whole_rows),
        "per row": dict(one.per_row),
        "rows": sorted(str(plain(row.values)) for row in table.rows),
        "total": None if table.total is None else plain(table.total.values),
        "left out": sorted(str(row.values) for left in left_out_of(found, figure) for row in left.rows),
    }


def plain(values: tuple[object, ...]) -> list[object]:
    return [round(one, 6) + 0 if isinstance(one, Decimal) else one for one in values]


def numbers_of(one: Reading) -> tuple[object, ...]:
    rounded = [None if number is None else round(number, 9) + 0 for number in (one.value, one.part, one.whole)]
    return (*rounded, dict(one.excluded))


def differences(
    asked: dict[str, str],
    frame: Frame,
    whole: Book,
    monkeypatch: pytest.MonkeyPatch,
    figures: Collection[Figure] = (),
) -> Iterator[str]:
    """What the facts of some days say otherwise than all facts."""
    few = scenes.scene_by_sums(data=asked, frame=frame, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(facts, "book", lambda **_asked: whole)
        every = scenes.scene_by_facts(data=asked, now=NOW, kinds=ALL_KINDS)
    for figure in figures or BY_KEY.values():
        one, other = (figure.read(scene.numbers, scene.question.period) for scene in (few, every))
        if numbers_of(one) != numbers_of(other):
            yield f"{figure.key}: {numbers_of(one)} by sums, {numbers_of(other)} by facts"
        near, far = told(behind(few, figure), figure), told(behind(every, figure), figure)
        for name, said in near.items():
            if said != far[name]:
                yield f"{figure.key} {name}: {said} of some days, {far[name]} of all"


def over(first: str, last: str, **more: str) -> dict[str, str]:
    return {"period": "custom", "first": first, "last": last, **more}


# What lies just outside of the days from 5 to 10 December, and changes what is counted on them.
EDGES = {
    "orders": (
        # In a visit that began before midnight; after a talk; parts of one order before, on and after the days.
        "X1,WX1,A1,shop,,web,U1,,,SX1,2024-12-10T23:10:00Z,1,completed,EUR,0",
        "X2,,A3,erp,email,,,,,,2024-12-08T10:00:00Z,1,completed,EUR,0",
        "X3,,A1,erp,email,,,,,,2024-12-14T10:00:00Z,1,completed,EUR,0",
        "X4,WX4,A1,shop,,web,U1,,,SX4,2024-12-04T12:00:00Z,1,completed,EUR,0",
        "X5,WX4,A1,shop,,web,U1,,,SX4,2024-12-05T12:00:00Z,1,completed,EUR,0",
        "X6,WX6,A1,shop,,web,U1,,,SX6,2024-12-05T13:00:00Z,1,completed,EUR,0",
        "X7,WX6,A1,shop,,web,U1,,,SX6,2024-12-20T13:00:00Z,1,completed,EUR,0",
        # Placed long before it is promised; cancelled; out of a quote.
        "X8,,A1,erp,phone,,,,,,2024-11-03T10:00:00Z,1,completed,EUR,0",
        "X9,,A1,erp,phone,,,,,,2024-12-06T10:00:00Z,1,cancelled,EUR,0",
        "X10,,A1,erp,phone,,,,XQ,,2024-10-20T10:00:00Z,1,completed,EUR,0",
    ),
    "order_lines": tuple(f"X{n},1,Z,goods,2,0,20,20,11,2024-12-0{8 if n == 8 else 9}" for n in range(1, 11)),
    "events": (
        "XE1,2024-12-10T22:50:00Z,session_start,SX1,A1,U1,buyer,,,,",
        "XE2,2024-12-04T22:50:00Z,session_start,SX4,A1,U1,buyer,,,,",
        "XE3,2024-12-05T00:10:00Z,session_start,SX4,A1,U1,buyer,,,,",
        "XE4,2024-12-30T10:00:00Z,order_tracked,SX9,A1,U1b,buyer,,order,W15,",
        "XE5,2024-11-25T10:00:00Z,product_view,SX9,A2,U2,buyer,,item,Y,",
    ),
    "deliveries": ("XD,X8,1,2,2024-11-05,2024-11-06",),
    "enquiries": (
        "XN1,A3,2024-12-03T10:00:00Z,email,product,sales",
        "XN2,A3,2024-12-06T10:00:00Z,email,product,sales",
        "XN3,A1,2024-12-10T10:00:00Z,email,product,sales",
    ),
    "quotes": ("XQ,A1,2024-09-10T10:00:00Z,U1,2024-09-11T10:00:00Z,won,2024-10-20T10:00:00Z,",),
    "invoices": ("XI,invoice,X8,A1,2024-12-06,EUR,100,2024-12-06T10:00:00Z",),
    "invoice_lines": ("XI,1,X8,1,goods,5,20,20,11",),
    "payments": (
        "XP1,XI,2024-11-20T10:00:00Z,80,EUR,web,succeeded",
        "XP2,XI,2024-12-06T10:00:00Z,20,EUR,bank,succeeded",
    ),
}  # fmt: skip


def with_edges(folder: Path) -> Path:
    shutil.copytree(canonical.TINY, folder)
    for name, rows in EDGES.items():
        with (folder / f"{name}.csv").open("a") as file:
            file.writelines(f"{row}\n" for row in rows)
    return folder


QUARTER = over("2024-10-01", "2024-12-31")
QUESTIONS = (
    over("2024-12-05", "2024-12-10"), over("2024-12-05", "2024-12-10", channel="phone"),
    over("2024-09-01", "2024-09-30", segment="strategic"), over("2024-11-01", "2024-11-30", channel="web_self"),
    QUARTER | {"rep": "R1", "compare": "year"}, over("2024-07-01", "2024-12-31", account="A1"),
    over("2023-01-01", "2025-12-31", everyone="1"),
)  # fmt: skip


def test_rows_are_the_same_whether_facts_of_some_days_are_read_or_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = summed(with_edges(tmp_path / "edges"))
    whole = known(frame)
    for asked in QUESTIONS:
        assert list(differences(asked, frame, whole, monkeypatch)) == [], asked
    scene = scenes.scene_by_sums(data=QUESTIONS[0], frame=frame, now=NOW)
    counted = {key: read(behind(scene, BY_KEY[key]), BY_KEY[key]) for key in ("ropo", "conversion", "talks_email")}
    assert {key: (len(one.part_rows), len(one.whole_rows)) for key, one in counted.items()} == {
        "ropo": (1, 2), "conversion": (2, 2), "talks_email": (1, 2)
    }  # fmt: skip


def read(found: Behind, figure: Figure) -> Reading:
    return figure.read(found.numbers, found.period)


def test_of_too_many_rows_those_of_the_latest_days_are_shown_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    import_source(source=reading.folder(with_edges(tmp_path / "edges")), now=NOW, say=lambda _text: None)
    # It could buy online on some days of the period; its orders of all of them count.
    Eligibility.objects.filter(sold_to__erp_id="A2").update(to_on=dt.date(2024, 12, 7))
    frame = Frame.at(NOW, current())
    rollups.rebuild(frame=frame, now=NOW)
    scene = scenes.scene_by_sums(data=QUARTER, frame=frame, now=NOW)
    cut = 0
    for figure in BY_KEY.values():
        every = behind(scene, figure)
        with monkeypatch.context() as patched, CaptureQueriesContext(connection) as asked:
            patched.setattr("adoption.reports.behind.MOST", 3)
            few = behind(scene, figure)
            some = read(few, figure)
            table = rows_of(few, figure, read(few, figure), says=some)
        assert len(asked) <= MOST_STATEMENTS, figure.key
        all_of, shown = read(every, figure), set(some.whole_rows)
        assert shown <= set(all_of.whole_rows), figure.key
        assert set(some.part_rows) == set(all_of.part_rows) & shown, figure.key
        assert bool(table.only) == few.is_cut == (few.period != every.period), figure.key
        tell, first = TELLERS[figure.rows](every.numbers.book), few.period.first.isoformat()
        when = {key: str(tell(key)[2]) for key in all_of.whole_rows}
        if few.is_cut and all(when[key] >= first for key in shown):
            cut += 1
            assert not any(when[key] >= first for key in set(when) - shown), figure.key
    assert cut > MOST_FIGURES
    monkeypatch.setattr("adoption.reports.behind.MOST", 3)
    says_which_rows_they_are(client)
    holds_so_many_rows(scene, monkeypatch)


# To read the rows of a figure, however many there are; and so many figures have rows that have a day.
MOST_STATEMENTS, MOST_FIGURES = 20, 20


def says_which_rows_they_are(client: Client) -> None:
    """The page, its last row and its file: three orders are of 11 December and later."""
    client.force_login(people.manager())
    address = f"/admin/adoption/adoptionreport/figure/orders/?{urlencode(QUARTER)}"
    page = client.get(address).content.decode()
    assert "Rows of 11 Dec 2024 to 31 Dec 2024 only" in page
    assert "Counted, of these rows" in page
    lines = client.get(f"{address}&format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == len(["head", "X3", "O09", "X1", "total", "note"])
    assert "Counted, of these rows" in lines[-2]
    assert "Rows of 11 Dec 2024 to 31 Dec 2024 only" in lines[-1]
    few = client.get(address.replace("2024-10-01", "2024-12-11")).content.decode()
    assert "only: the whole period" not in few


def holds_so_many_rows(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of all customers: those that count stand before the others."""
    figure, found = BY_KEY["penetration"], behind(scene, BY_KEY["penetration"])
    monkeypatch.setattr("adoption.reports.rows.MOST", 2)
    table = rows_of(found, figure, read(found, figure), says=read(found, figure))
    assert [str(row.values[1]) for row in table.rows] == ["yes", "yes"]
    assert str(table.only) == "The first 2 of 3 rows, those that count before the others."
    assert table.total is not None
    assert table.total.values[:2] == ("Counted, of these rows", "2 / 2")


def test_rows_whose_events_were_deleted_are_said_to_be_too_few() -> None:
    summed(canonical.TINY)
    said = {}
    for time in ("before", "after"):
        opened = pages.detail(figure=BY_KEY["tracking"], data=QUARTER, now=NOW)
        said[time] = [str(one.text) for one in opened.blocks if isinstance(one, b.Note)]
        assert opened.line.now.part == 1
        Event.objects.filter(kind="order_tracked").delete()
    assert said["before"] == []
    assert "deleted after the agreed time" in said["after"][0]
