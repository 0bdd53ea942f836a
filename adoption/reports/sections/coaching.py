"""Coaching: whom each rep calls this week and why, and whether the calls of the past moved anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from adoption.coaching.choosing import monday_of
from adoption.coaching.models import Nudge
from adoption.coaching.selectors import NUDGED, outcomes, week
from adoption.coaching.words import reason_words
from adoption.reports import blocks as b
from adoption.reports.names import rep_names
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import change_text


@dataclass(frozen=True, slots=True)
class Call:
    """A customer to call, in words."""

    nudge: Nudge
    name: str
    rep: str
    why: str


@dataclass(frozen=True, slots=True)
class Week:
    """What the page asks for: the calls by rep, or to choose them."""

    week: str
    reps: tuple[tuple[str, tuple[Call, ...]], ...]
    is_chosen: bool


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    monday = monday_of(scene.whole.today)
    chosen = [one for one in week(monday) if one.account_id in scene.book.accounts]
    calls = _calls(scene, [one for one in chosen if not one.is_control])
    by_rep: dict[str, list[Call]] = {}
    for one in calls:
        by_rep.setdefault(one.rep, []).append(one)
    reps = tuple((rep, tuple(own)) for rep, own in sorted(by_rep.items()))
    is_chosen = bool(chosen) or week(monday).exists()
    data = Week(f"{monday:%G-W%V}", reps, is_chosen)
    return [b.Included("admin/adoption/_coaching.html", data, exported=_table(calls)), *_outcomes(scene)]


def _calls(scene: Scene, nudges: Sequence[Nudge]) -> list[Call]:
    names = rep_names({one.rep_id for one in nudges if one.rep_id})
    ordered = sorted(nudges, key=lambda one: (names.get(one.rep_id, one.rep_id), -one.expected))
    return [
        Call(
            one,
            scene.book.accounts[one.account_id].name or one.account_id,
            names.get(one.rep_id, one.rep_id) or str(_("no rep")),
            reason_words(one.reason, one.facts),
        )
        for one in ordered
    ]


def _table(calls: Sequence[Call]) -> b.Table:
    return b.Table(
        key="calls",
        title=_("This week's calls"),
        code="",
        columns=(
            b.Column(_("Customer")),
            b.Column(_("Sales rep")),
            b.Column(_("Reason")),
            b.Column(_("Could move in 90 days"), b.MONEY),
            b.Column(_("Invited"), b.MOMENT),
        ),
        rows=tuple(b.Row((one.name, one.rep, one.why, one.nudge.expected, one.nudge.invited_at)) for one in calls),
    )


def _outcomes(scene: Scene) -> list[b.Block]:
    nudged, control = outcomes(
        today=scene.book.today, accounts=scene.book.accounts, online_days=scene.numbers.online_days
    )
    words = {NUDGED: _("nudged")}
    rows = tuple(
        b.Row((words.get(one.group, _("left alone")), one.n, one.moved, one.share, one.early))
        for one in (nudged, control)
    )
    table = b.Table(
        key="moved",
        title=_("Did the calls move them?"),
        code="",
        columns=(
            b.Column(_("Group")),
            b.Column(_("n"), b.COUNT),
            b.Column(_("Ordered online within 28 days"), b.COUNT),
            b.Column(_("Share"), b.SHARE),
            b.Column(_("Too early to tell"), b.COUNT),
        ),
        rows=rows,
        note=_(
            "Of each pair with a similar effect one customer is drawn to be nudged, the other is left alone. All who "
            "were drawn count, called or not. With few pairs a difference may be chance."
        ),
    )
    if nudged.share is None or control.share is None:
        return [table]
    difference = change_text(nudged.share - control.share, b.SHARE)
    text = _("Nudged customers moved online more often by %(difference)s, n = %(nudged)s and %(control)s.")
    return [table, b.Note(text % {"difference": difference, "nudged": nudged.n, "control": control.n})]


SECTION = Section(
    "coaching", _("Coaching"), _("Five customers for each rep to call this week, and whether it helps."), build
)
