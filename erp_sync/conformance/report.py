"""A report of answers: for a terminal, as a page that can be mailed, and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from erp_sync.conformance.question import HELD_BACK, Answer, Verdict

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a report: an answer, or all of a family that cannot be had for one reason."""

    verdict: Verdict
    detail: str
    advice: str
    ms: int
    promises: tuple[str, ...]

    @property
    def promise(self) -> str:
        """The promise of a single answer, "" where there are several."""
        return self.promises[0] if len(self.promises) == 1 else ""


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
    def failed(self) -> list[Answer]:
        """The answers that break a promise."""
        return [one for one in self.answers if one.verdict is Verdict.FAIL]

    @property
    def conclusion(self) -> str:
        """What it comes to, for whoever decides."""
        if self.has_failed:
            corrected = _("Do not go live yet: {count} to correct, each says what to do.")
            return corrected.format(count=self.count(Verdict.FAIL))
        held = sum(one.detail == str(HELD_BACK) for one in self.answers)
        if held:
            writing = _(
                "Nothing to correct so far. {count} questions write: put them on a copy of the company (--write)."
            )
            return writing.format(count=held)
        return gettext("Nothing to correct. Where it says cannot, the shop does without, in the way that is told.")

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        return _("{erp} at {where}: {passed} pass, {failed} fail, {cannot} cannot.").format(
            erp=self.erp,
            where=self.where,
            passed=self.count(Verdict.PASS),
            failed=self.count(Verdict.FAIL),
            cannot=self.count(Verdict.CANNOT),
        )

    def families(self) -> list[tuple[str, list[Entry]]]:
        """Return the answers by family, families in their order."""
        order = list({one.question.family: None for one in self.answers})
        by_family = sorted(self.answers, key=lambda one: order.index(one.question.family))
        return [
            (str(name.label), _entries(group))
            for name, group in groupby(by_family, key=lambda one: one.question.family)
        ]


def lines(report: Report) -> Iterator[str]:
    """Yield the report for a terminal."""
    for family, answers in report.families():
        yield f"\n{family}"
        for answer in answers:
            yield from entry_lines(answer)
    yield ""
    yield from (_("Note: {text}").format(text=note) for note in report.notes)
    yield report.summary
    yield report.conclusion
    yield from (line for one in report.failed for line in _wrapped("- ", f"{one.question.promise} {one.advice}", 2))


def entry_lines(entry: Entry) -> Iterator[str]:
    """Yield one entry: its promise, what was measured, and the advice."""
    ms = f" ({entry.ms} ms)" if entry.ms else ""
    mark = _mark(entry.verdict)
    indent = len(mark)
    yield from _wrapped(mark, f"{entry.promise or entry.detail}{ms if entry.promise else ''}", 0)
    if entry.promise:
        yield from _wrapped("", entry.detail, indent)
    else:
        for promise in entry.promises:
            yield from _wrapped("- ", promise, indent)
    yield from _wrapped("-> ", entry.advice, indent)


def _mark(verdict: Verdict) -> str:
    """Return the verdict as wide as the widest; a failure stands out."""
    word = str(verdict.label)
    widest = max(len(one) for one in Verdict.labels)
    return f"  {(word.upper() if verdict is Verdict.FAIL else word).ljust(widest)}  "


def _wrapped(label: str, text: str, indent: int) -> list[str]:
    further = " " * (indent + len(label))
    return textwrap.wrap(text, WIDTH, initial_indent=f"{' ' * indent}{label}", subsequent_indent=further)


def _entries(answers: Iterable[Answer]) -> list[Entry]:
    """Return the answers of a family; those that cannot be had for one reason are one entry, where the first stood."""
    grouped: dict[object, list[Answer]] = {}
    for one in answers:
        key = (one.detail, one.advice) if one.verdict is Verdict.CANNOT and one.detail else one.question.name
        grouped.setdefault(key, []).append(one)
    return [
        Entry(
            some[0].verdict,
            some[0].detail,
            some[0].advice,
            sum(one.ms for one in some),
            tuple(one.question.promise for one in some),
        )
        for some in grouped.values()
    ]


def as_json(report: Report) -> str:
    """Return the report for machines: question, family and verdict are codes, whatever the language of the rest."""
    data = {
        "language": get_language(),
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
    counts = [(verdict, report.count(verdict)) for verdict in Verdict]
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
