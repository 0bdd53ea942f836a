"""Files of plans, costs, rates and calendars: each row is checked as if it were typed, and all or none are kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from adoption.plans import forms as f
from adoption.plans.errors import BadFile, Problem

MOST_BYTES = 500_000
MOST_ROWS = 2_000
UTF16 = (b"\xff\xfe", b"\xfe\xff")
Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of file.

    Attributes:
        columns: Their names in the file, as in docs/imports.md -> field.
        key: Fields that tell a row again.
        replaced: Field of what a file gives as a whole: rows of the same calendar that are not in it go. "" = none.
        examples: A cell of each column.
    """

    name: str
    form: type[forms.ModelForm]
    columns: Mapping[str, str]
    key: tuple[str, ...]
    examples: tuple[str, ...]
    replaced: str = ""

    @property
    def model(self) -> type[models.Model]:
        """Whose rows they are."""
        found: type[models.Model] = self.form._meta.model
        return found


PLANS = Table(
    "plans",
    f.PlanRowForm,
    {"year": "year", "metric": "metric", "scope": "scope", "amount": "amount"},
    ("year", "metric", "scope"),
    ("2027", "net_sales", "total", "480000.00"),
)
COSTS = Table(
    "costs",
    f.CostForm,
    {"date": "occurred_on", "channel": "channel", "kind": "kind", "amount": "amount", "currency": "currency"},
    ("occurred_on", "channel", "kind", "currency"),
    ("2027-01-31", "phone", "salaries", "980.00", "EUR"),
)
RATES = Table(
    "fx",
    f.ExchangeRateForm,
    {"currency": "currency", "date": "since_on", "rate": "rate"},
    ("currency", "since_on"),
    ("USD", "2027-01-04", "0.9213"),
)
HOURS = Table(
    "calendars",
    f.OpeningIntervalForm,
    {"calendar": "calendar", "weekday": "weekday", "open": "opens", "close": "closes"},
    ("calendar", "weekday", "opens"),
    ("ES", "1", "09:00", "14:00"),
    replaced="calendar",
)
HOLIDAYS = Table(
    "holidays",
    f.HolidayForm,
    {"calendar": "calendar", "date": "day", "name": "name"},
    ("calendar", "day"),
    ("ES", "2027-01-06", "Epifanía"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file: rows by what was done with them."""

    new: int
    changed: int
    same: int
    removed: int


def keep(table: Table, raw: bytes) -> Kept:
    """Take a file over: rows that are known by their key are changed, the others are new. Again: nothing changes.

    Raises:
        BadFile: something is wrong; nothing was kept.
    """
    rows = list(_rows(table, raw))
    checked = _checked(table, rows)
    try:
        with transaction.atomic():
            removed = _remove(table, [form for _line, form in checked])
            new = sum(form.instance.pk is None for _line, form in checked)
            changed = [form for _line, form in checked if _says_more(form)]
            for form in changed:
                form.save()
    except IntegrityError as error:
        reason = _("Somebody changed the same rows just now. Nothing of the file was kept; send it again.")
        raise BadFile([Problem(0, "", reason)]) from error
    return Kept(new, len(changed) - new, len(checked) - len(changed), removed)


def _says_more(form: forms.ModelForm) -> bool:
    """Whether a row is new, or says something else than what is kept."""
    return form.instance.pk is None or any(form.initial.get(name) != value for name, value in form.cleaned_data.items())


def template_rows(table: Table) -> Iterator[list[Any]]:
    """Return what there is now as rows of such a file, to be changed and sent back."""
    for one in table.model._default_manager.order_by(*table.key)[:MOST_ROWS]:
        yield [_cell(getattr(one, field)) for field in table.columns.values()]


def _cell(value: Any) -> Any:
    return value.isoformat(timespec="minutes") if hasattr(value, "minute") else value


# --- reading ---


def _rows(table: Table, raw: bytes) -> Iterator[Row]:
    """Return rows with their line, cells by column."""
    lines = _csv(_text(raw))
    header = [cell.strip().lower() for cell in next(lines, (1, []))[1]]
    missing = [name for name in table.columns if name not in header]
    if missing:
        reason = _("The columns %(names)s are missing. The first line names the columns, as in the template.")
        raise BadFile([Problem(1, missing[0], reason % {"names": ", ".join(missing)})])
    problems = []
    count = 0
    for line, cells in lines:
        count += 1
        if len(cells) == len(header):
            yield line, dict(zip(header, (cell.strip() for cell in cells), strict=True))
        else:
            reason = _("The row has %(cells)s cells, %(columns)s were expected.")
            problems.append(Problem(line, "", reason % {"cells": len(cells), "columns": len(header)}))
        if count > MOST_ROWS:
            problems = [Problem(0, "", _("The file has more than %(most)s rows. Split it.") % {"most": MOST_ROWS})]
            break
    if not count:
        problems = [Problem(0, "", _("The file has no rows below its first line."))]
    if problems:
        raise BadFile(problems)


def _text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise BadFile([Problem(0, "", _("The file is too large: 500 kB at most. Split it."))])
    if raw.startswith(UTF16):
        raise BadFile([Problem(1, "", _("The file is written in UTF-16. Save it as CSV UTF-8."))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        reason = _("A sign here is not UTF-8. Save the file as CSV UTF-8.")
        raise BadFile([Problem(line, "", reason)]) from error


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return lines as cells; commas or, as spreadsheets in Spanish write them, semicolons."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [_point(cell) if delimiter == ";" else cell for cell in cells]
    except csv.Error as error:
        reason = _("From here on it can't be read as comma-separated text: %(reason)s.") % {"reason": error}
        raise BadFile([Problem(reader.line_num, "", reason)]) from error


def _point(cell: str) -> str:
    """Return a number with a decimal comma with a point.

    >>> _point("980,50"), _point("1.980,50"), _point("ES")
    ('980.50', '1.980,50', 'ES')
    """
    whole, comma, rest = cell.strip().partition(",")
    return f"{whole}.{rest}" if comma and (whole + rest).lstrip("-").isdigit() else cell


# --- checking ---


def _checked(table: Table, rows: Sequence[Row]) -> list[tuple[int, forms.ModelForm]]:
    """Return the rows as valid forms; all that is wrong is told at once."""
    known = {tuple(getattr(one, name) for name in table.key): one for one in table.model._default_manager.all()}
    found: list[tuple[int, forms.ModelForm]] = []
    problems: list[Problem] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, cells in rows:
        data = {field: cells[column] for column, field in table.columns.items()}
        key = _key(table, data)
        if key in seen:
            reason = _("The row is there twice: see line %(line)s. Keep one of them.") % {"line": seen[key]}
            problems.append(Problem(line, "", reason))
            continue
        if key is not None:
            seen[key] = line
        form = table.form(data, instance=None if key is None else known.get(key))
        problems += _problems(table, line, form)
        found.append((line, form))
    if problems:
        raise BadFile(problems)
    return found


def _key(table: Table, data: Mapping[str, str]) -> tuple[Any, ...] | None:
    """Return what tells a row again; None when it can't be read, which the form says then."""
    fields = table.form.base_fields
    try:
        return tuple(fields[name].clean(data[name]) for name in table.key)
    except ValidationError:
        return None


def _problems(table: Table, line: int, form: forms.ModelForm) -> Iterator[Problem]:
    columns = {field: column for column, field in table.columns.items()}
    for field, reasons in form.errors.items():
        for reason in reasons:
            yield Problem(line, columns.get(field, ""), str(reason))


def _remove(table: Table, kept: Sequence[forms.ModelForm]) -> int:
    """Take away what a file that is given as a whole no longer holds."""
    if not table.replaced:
        return 0
    named = {form.cleaned_data[table.replaced] for form in kept}
    stays = {form.instance.pk for form in kept if form.instance.pk}
    gone = table.model._default_manager.filter(**{f"{table.replaced}__in": named}).exclude(pk__in=stays)
    return gone.delete()[0]
