"""Writes a weekly mail: the top of a page of the report in the reader's language, with what he may see of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from adoption.mailing import written
from adoption.reports import blocks as b
from adoption.reports import pages
from adoption.reports.moneyless import without_money
from adoption.reports.sections.registry import BY_KEY
from adoption.reports.words import unit_text
from adoption.subscriptions import selectors, tokens
from adoption.subscriptions.models import Subscription
from adoption.subscriptions.times import next_due

MOST_TABLES, MOST_ROWS, MOST_COLUMNS = 4, 8, 6
FROM_MAIL = "src=email"


@dataclass(frozen=True, slots=True)
class Figure:
    """A tile in words."""

    title: str
    value: str
    of: str
    change: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The top of a table in words. `more`: how many rows the page has besides."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int


def weekly(subscription: Subscription, *, now: dt.datetime) -> EmailMultiAlternatives:
    """Return the mail of this week."""
    reader, section = subscription.reader, BY_KEY[subscription.section]
    path = tokens.path_of(subscription)
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        page = pages.page(section=section, data=selectors.asked_by(subscription), now=now)
        shown = list(page.blocks) if selectors.sees_money(reader) else _of_own(without_money(page.blocks))
        title = str(section.title)
        return written(
            to=reader.email,
            subject=_("Your week: %(page)s · %(company)s") % {"page": title, "company": settings.COMPANY_NAME},
            template="reports/weekly",
            context={
                "title": title,
                "lead": section.lead,
                "question": page.frame.question,
                "as_of": page.frame.as_of,
                "figures": figures_of(shown, page.frame.currency),
                "notes": [str(one.text) for one in shown if isinstance(one, b.Note)],
                "tables": tables_of(shown, page.frame.currency),
                "url": _open_url(subscription),
                "stop_url": settings.SHOP_URL + path,
            },
            # One id until the next mail is due, however often this one is tried.
            key=f"{subscription.pk}-{next_due(weekday=subscription.weekday, now=now)}",
            headers={
                # RFC 8058: a mail program may end these mails with one POST.
                "List-Unsubscribe": f"<{settings.SHOP_URL}{path}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )


def _of_own(blocks: Sequence[b.Block]) -> list[b.Block]:
    """Leave out what is said of the whole company: the reader gets his own customers."""
    return [one for one in blocks if not (isinstance(one, b.Note) and one.is_of_all)]


def _open_url(subscription: Subscription) -> str:
    """Return the page behind the mail: for managers the report, for a rep his week's calls."""
    if not selectors.sees_money(subscription.reader):
        return f"{settings.SHOP_URL}{reverse('rep-week')}?{FROM_MAIL}"
    path = reverse("admin:adoption_section", kwargs={"section": subscription.section})
    return f"{settings.SHOP_URL}{path}?{'&'.join(part for part in (subscription.query, FROM_MAIL) if part)}"


def figures_of(blocks: Sequence[b.Block], currency: str) -> list[Figure]:
    """Return the tiles in words."""
    tiles = [tile for block in blocks if isinstance(block, b.Tiles) for tile in block.tiles]
    return [_figure(one, currency) for one in tiles]


def _figure(tile: b.Tile, currency: str) -> Figure:
    change = b.POINTS if tile.unit == b.SHARE else b.CHANGE
    of = ""
    if tile.whole is not None:
        part = unit_text(tile.part, tile.part_unit or tile.of_unit, currency)
        of = f"{part} / {unit_text(tile.whole, tile.of_unit, currency)}"
    return Figure(
        str(tile.title),
        unit_text(tile.value, tile.unit, currency),
        of,
        "" if tile.change is None else unit_text(tile.change, change, currency),
    )


def tables_of(blocks: Sequence[b.Block], currency: str) -> list[Lines]:
    """Return the first tables that have rows, cut to what a mail can show."""
    tables = [one for block in blocks for one in _tables(block) if one.rows and not one.folded]
    return [_lines(one, currency) for one in tables[:MOST_TABLES]]


def _tables(block: b.Block) -> list[b.Table]:
    if isinstance(block, b.Included):
        return [] if block.exported is None else [block.exported]
    return [block] if isinstance(block, b.Table) else []


def _lines(table: b.Table, currency: str) -> Lines:
    columns = table.columns[:MOST_COLUMNS]
    rows = tuple(
        tuple(unit_text(value, column.unit, currency) for value, column in zip(row.values, columns, strict=False))
        for row in table.rows[:MOST_ROWS]
    )
    return Lines(str(table.title), tuple(str(one.title) for one in columns), rows, len(table.rows) - len(rows))
