"""What a section is built from, and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from adoption.facts import KINDS
from adoption.metrics.facts import Book
from adoption.reports.blocks import Block, Text
from adoption.reports.numbers import Numbers
from adoption.reports.question import Question


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a section may look at.

    Attributes:
        numbers: The figures; sections ask nothing else what happened.
        book: Companies, settings, days; narrowed to what the question asks for. `whole`: of all customers and channels.
        has_payments: The ERP tells what was paid, and how.
        now: When it is looked at; `book.as_of` is up to when facts count.
        given: What else the address says, for sections that ask something of their own.
    """

    numbers: Numbers
    book: Book
    whole: Book
    question: Question
    now: dt.datetime
    has_payments: bool
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the report.

    Attributes:
        key: Its place in the address.
        lead: One sentence: what this page tells.
        build: Its blocks, top first.
        kinds: Events that its metrics need.
    """

    key: str
    title: Text
    lead: Text
    build: Callable[[Scene], list[Block]]
    kinds: Collection[str] = field(default=KINDS)
