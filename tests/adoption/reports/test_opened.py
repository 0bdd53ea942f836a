"""Every number of a table opens to a figure that says the same, with rows that add up to it."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from adoption import facts
from adoption.facts import KINDS, VIEWS
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.metrics.facts import Period
from adoption.reports import blocks as b
from adoption.reports import scenes
from adoption.reports.behind import Behind
from adoption.reports.figures import BY_KEY, Figure, Reading
from adoption.reports.rows import left_out_of, rows_of
from adoption.reports.sections import registry
from adoption.reports.sections.scene import Scene
from tests.adoption import canonical
from tests.builders import people

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
ALL_KINDS = (*KINDS, *VIEWS, "search", "friction")
QUARTER = {"period": "custom", "first": "2024-10-01", "last": "2024-12-31"}
# Figures of which a table shows what stands in their rows: days and log-ins, the parts of a score, who did not stay.
IN_ITS_ROWS = ("strategic_logins", "score", "retention_", "answer_time", "quote_in_time", "missing", "margin")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small practice set, read once: its facts never change."""
    import_source(source=reading.folder(canonical.TINY), now=NOW, say=lambda _text: None)
    own = facts.company()
    whole = facts.book(as_of=own.instant(NOW), kinds=ALL_KINDS, own=own)
    monkeypatch.setattr(facts, "book", lambda **_asked: whole)
    opened.cache_clear()


def scene_of(asked: dict[str, str]) -> Scene:
    return scenes.scene_by_facts(data=asked, now=NOW, kinds=ALL_KINDS)


def numbers_that_open(asked: dict[str, str]) -> Iterator[tuple[str, Decimal | None, str]]:
    """Where each stands, what it says, and where it leads."""
    scene = scene_of(asked)
    for section in registry.SECTIONS:
        for table in b.tables_of(section.build(scene)):
            for row in (*table.rows, *((table.total,) if table.total else ())):
                for at, link in row.opens.items():
                    value = row.values[at]
                    number = value.number if isinstance(value, b.Figure) else value
                    yield f"{section.key} {table.key}[{row.values[0]}][{at}]", number, link


@functools.cache
def opened(link: str) -> tuple[Scene, Figure, Reading]:
    address = urlsplit(link)
    scene = scene_of(dict(parse_qsl(address.query)))
    figure = BY_KEY[address.path.rstrip("/").rpartition("/")[2]]
    return scene, figure, figure.read(scene.numbers, scene.question.period)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("asked", [QUARTER, QUARTER | {"compare": "year", "channel": "web_self"}])
def test_number_of_a_table_is_the_figure_that_it_opens_to(asked: dict[str, str]) -> None:
    found = [one for one in numbers_that_open(asked) if "/figure/" in one[2]]
    assert len(found) > 150
    for where, number, link in found:
        _scene, figure, reading = opened(link)
        if not figure.key.startswith(IN_ITS_ROWS):
            said = {None if one is None else round(one, 9) for one in (reading.value, reading.part, reading.whole)}
            assert (None if number is None else round(Decimal(number), 9)) in said, f"{where} -> {link}"


@pytest.mark.usefixtures("tiny")
def test_rows_of_a_figure_are_as_many_and_add_up_to_it() -> None:
    scene = scene_of(QUARTER)
    for figure in BY_KEY.values():
        reading = figure.read(scene.numbers, scene.question.period)
        table = rows_of(Behind(scene.numbers, scene.question.period), figure, reading, says=reading)
        if figure.unit == "share" and figure.of_unit == "number":
            assert (len(reading.part_rows), len(reading.whole_rows)) == (reading.part, reading.whole), figure.key
        if "money" in {figure.unit, figure.of_unit} and table.rows and not figure.key.startswith("per_lead"):
            assert table.total is not None
            # Rows of which none counts say nothing instead of 0.
            assert round((table.total.values[-1] or 0) - reading.part, 6) == 0, figure.key  # type: ignore[operator]


@pytest.mark.usefixtures("tiny")
def test_rows_that_are_left_out_are_named_with_the_reason() -> None:
    scene, figure, reading = opened("/figure/customer/?period=custom&first=2024-10-01&last=2024-12-31")
    [table] = left_out_of(Behind(scene.numbers, scene.question.period), figure)
    assert len(table.rows) == reading.excluded_count == 2
    assert {str(row.values[1]) for row in table.rows} == {"never enabled to buy online", "test account"}


def test_figure_of_one_customer_says_so_and_leaves_as_csv(client: Client) -> None:
    client.force_login(people.manager())
    address = "/admin/adoption/adoptionreport/figure/orders/?account=nobody"
    assert "nobody" in client.get(address).content.decode().partition("not over yet")[2][:300]
    assert client.get(f"{address}&format=csv&table=trend").status_code == 200
    assert client.get(f"{address}&format=csv&table=other").status_code == 404


@pytest.mark.usefixtures("tiny")
def test_customers_of_a_month_are_those_of_the_first_one_of_the_period() -> None:
    scene = scene_of(QUARTER)
    year = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    came = {one.month: len(one.accounts) for one in scene.numbers.cohorts(year, 0)}
    months = [year.first.replace(month=number) for number in range(1, 13)]
    assert 0 < len(came) < len(months)
    read = [BY_KEY["cohort_0"].read(scene.numbers, Period(month, year.last)).whole for month in months]
    assert read == [came.get(month, 0) for month in months]
