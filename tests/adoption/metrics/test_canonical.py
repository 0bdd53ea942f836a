"""The whole export of the practice sets, value by value."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from adoption.metrics.export import export
from adoption.metrics.facts import Book
from adoption.metrics.spec import read_spec
from tests.adoption import canonical
from tests.adoption.comparison import count, differences

SETS = {canonical.TINY: 368, canonical.DEMO: 4013, canonical.KOLKATA: 3421}


def exported(folder: Path, book: Book | None = None) -> dict[str, Any]:
    return dict(export(book or canonical.read(folder), read_spec(canonical.told(folder, "spec"))))


@pytest.mark.parametrize(("folder", "values"), SETS.items(), ids=lambda one: getattr(one, "name", None))
def test_every_value_agrees_with_the_reference(folder: Path, values: int) -> None:
    expected = canonical.told(folder, "expected")
    assert count(expected) == values
    assert differences(expected, exported(folder)) == []


@pytest.mark.parametrize("folder", [canonical.TINY, canonical.DEMO], ids=lambda one: one.name)
def test_the_export_has_no_name_that_the_reference_lacks(folder: Path) -> None:
    assert differences(exported(folder), canonical.told(folder, "expected")) == []


def test_the_order_of_rows_and_rows_told_twice_change_nothing() -> None:
    book = canonical.read(canonical.DEMO)
    mixed = random.Random(7)  # noqa: S311  # the same mess each time, no secret

    def shuffled(rows: Any) -> list[Any]:
        once_more = [*rows, *rows[::3]]
        mixed.shuffle(once_more)
        return once_more

    names = ("rows", "events", "invoices", "payments", "deliveries", "quotes", "enquiries", "leads")
    again: Book = replace(book, **cast("Any", {name: shuffled(getattr(book, name)) for name in names}))
    rates = {currency: mixed.sample(list(own), len(own)) for currency, own in book.rates.items()}
    assert exported(canonical.DEMO, replace(again, rates=rates)) == exported(canonical.DEMO, book)


def test_facts_at_or_after_the_instant_change_nothing() -> None:
    book = canonical.read(canonical.DEMO)
    earlier = dt.datetime(2025, 4, 1, 12, tzinfo=dt.UTC)
    today = dt.date(2025, 4, 1)
    known = replace(
        book,
        as_of=earlier,
        rows=[one for one in book.rows if one.placed_at < earlier],
        events=[one for one in book.events if one.occurred_at < earlier],
        payments=[one for one in book.payments if one.paid_at < earlier],
        enquiries=[one for one in book.enquiries if one.occurred_at < earlier],
        leads=[one for one in book.leads if one.created_at < earlier],
        quotes=[one for one in book.quotes if one.requested_at < earlier],
        deliveries=[one for one in book.deliveries if one.done_on and one.done_on < today],
        invoices=[one for one in book.invoices if one.invoiced_on and one.invoiced_on < today],
    )
    spec = {**canonical.told(canonical.DEMO, "spec"), "variants": {}}
    assert export(known, read_spec(spec)) == export(replace(book, as_of=earlier), read_spec(spec))
