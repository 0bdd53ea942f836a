"""A report of answers: for a terminal, as a page that can be mailed, and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.template.loader import render_to_string

from erp_sync.conformance.question import Answer, Verdict

WIDTH = 100
MARKS = {Verdict.PASS: "ok    ", Verdict.FAIL: "FAIL  ", Verdict.CANNOT: "cannot"}


@dataclass(frozen=True, slots=True)
class Report:
    """What an ERP answered.

    Attributes:
        erp: Name of the adapter.
        where: Address and database.
        wrote: Whether questions that write were put.
        notes: What else the reader should know, sentences.
    """

    erp: str
    where: str
    asked_at: dt.datetime
    wrote: bool
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """Return how many answers came out so."""
        return Counter(one.verdict for one in self.answers)[verdict]

    @property
    def has_failed(self) -> bool:
        """Whether any promise is broken."""
        return self.count(Verdict.FAIL) > 0

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        counts = (
            f"{self.count(Verdict.PASS)} pass, {self.count(Verdict.FAIL)} fail, {self.count(Verdict.CANNOT)} cannot"
        )
        return f"{self.erp} at {self.where}: {counts}."

    def families(self) -> list[tuple[str, list[Answer]]]:
        """Return the answers by family, families in their order."""
        order = list({one.question.family: None for one in self.answers})
        by_family = sorted(self.answers, key=lambda one: order.index(one.question.family))
        return [(str(name), list(group)) for name, group in groupby(by_family, key=lambda one: one.question.family)]


def lines(report: Report) -> Iterator[str]:
    """Yield the report for a terminal."""
    for family, answers in report.families():
        yield f"\n{family}"
        for answer in answers:
            yield from answer_lines(answer)
    yield ""
    yield from (f"Note: {note}" for note in report.notes)
    yield report.summary


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield one answer: its promise, what was measured, and the advice."""
    yield f"  {MARKS[answer.verdict]}  {answer.question.promise} ({answer.ms} ms)"
    for label, text in (("", answer.detail), ("-> ", answer.advice)):
        yield from textwrap.wrap(text, WIDTH, initial_indent=f"          {label}", subsequent_indent=" " * 13)


def as_json(report: Report) -> str:
    """Return the report for machines."""
    data = {
        "erp": report.erp,
        "where": report.where,
        "asked_at": report.asked_at.isoformat(),
        "wrote": report.wrote,
        "notes": report.notes,
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "answers": [_values(one) for one in report.answers],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_html(report: Report) -> str:
    """Return the report as a page that needs nothing else."""
    counts = {verdict.value: report.count(verdict) for verdict in Verdict}
    values = {"report": report, "families": report.families(), "counts": counts}
    return render_to_string("erp_sync/conformance.html", values)


def _values(answer: Answer) -> dict[str, str | int | bool]:
    return {
        "question": answer.question.name,
        "family": answer.question.family.value,
        "promise": answer.question.promise,
        "writes": answer.question.writes,
        "verdict": answer.verdict.value,
        "detail": answer.detail,
        "advice": answer.advice,
        "ms": answer.ms,
    }
