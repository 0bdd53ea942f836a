"""Service: what was promised and kept, asked and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext_lazy as _

from adoption.metrics.delivery import Pieces
from adoption.metrics.surveys import Answers
from adoption.reports import blocks as b
from adoption.reports.amounts import amount_given
from adoption.reports.figures import BY_KEY
from adoption.reports.lines import all_open, opens, over, tile_for
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import source_word

TOP = ("on_time", "in_full", "answer_time", "quotes_won", "enquiries", "satisfied")
MOST_WAITING = 20
SURVEY_FIGURES = ("satisfied", "csat_mean", "nps", "found", "found_partly", "found_nothing")
QUOTE_FIGURES = (
    "answer_time", "answer_time", "answer_time", "quote_p90", "quote_in_time", "quote_in_time", "quotes_won",
    "quote_to_order",
)  # fmt: skip


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    return [
        b.Tiles(tuple(tile_for(scene, key) for key in TOP)),
        _missing(scene),
        _quotes(scene),
        *_enquiries(scene),
        _surveys(scene),
        _leads(scene),
    ]


def _missing(scene: Scene) -> b.Table:
    found = scene.numbers.missing(scene.question.period, MOST_WAITING)
    return b.Table(
        key="missing",
        title=_("Who is waiting for goods"),
        code="M24",
        columns=(
            b.Column(_("Customer")),
            b.Column(_("Ordered"), b.NUMBER),
            b.Column(_("Delivered"), b.NUMBER),
            b.Column(_("Missing"), b.NUMBER),
            b.Column(_("Overdue"), b.NUMBER),
        ),
        rows=tuple(
            _pieces(scene.book.name_of(key), one, partial(opens, scene.question, account=key))
            for key, one in found.per_account.items()
        ),
        total=_pieces(_("All customers"), found.total, partial(opens, scene.question)),
        note=_("Pieces of orders placed in the period. Overdue: promised for a day before today."),
        empty=_("Nobody is waiting: everything ordered in this period has arrived."),
    )


def _pieces(name: b.Text, one: Pieces, own: Callable[[str], str]) -> b.Row:
    """Return a row of pieces; `own` says where a figure of these opens."""
    links = {**all_open(own("missing"), 1, 3, 4), 2: own("delivered")}
    return b.Row((name, one.ordered, one.delivered, one.missing, one.overdue), opens=links)


def _quotes(scene: Scene) -> b.Table:
    found = scene.numbers.quotes(scene.question.period)
    rows = (
        (_("Asked for"), b.Figure(Decimal(len(found.requested)), b.COUNT)),
        (_("Not answered yet"), b.Figure(Decimal(len(found.unanswered)), b.COUNT)),
        (_("Half were answered within"), b.Figure(found.business.median, b.MINUTES)),
        (_("Nine of ten were answered within"), b.Figure(found.business.p90, b.MINUTES)),
        (_("Answered in the time promised"), b.Figure(found.sla_rate.value, b.SHARE)),
        (_("Still within their time"), b.Figure(Decimal(len(found.sla["pending"])), b.COUNT)),
        (_("Won, of those decided"), b.Figure(found.won.value, b.SHARE)),
        (_("Became an order within 90 days"), b.Figure(found.to_order.value, b.SHARE)),
    )
    return b.Table(
        key="quotes",
        title=_("Quotes"),
        code="M26",
        columns=(b.Column(_("Step")), b.Column(_("Figure"), b.MIXED)),
        rows=tuple(
            b.Row(one, opens={1: opens(scene.question, key)}) for one, key in zip(rows, QUOTE_FIGURES, strict=True)
        ),
        note=_("Times are minutes of opening hours; only a person's answer counts, not the automatic one."),
    )


def _enquiries(scene: Scene) -> list[b.Block]:
    found, past = scene.numbers.enquiries(scene.question.period), scene.numbers.enquiries(scene.question.beside)
    cost = amount_given(scene.given, "enquiry_cost")
    blocks: list[b.Block] = [
        b.Table(
            key="enquiries",
            title=_("Questions that the shop could have answered"),
            code="M6",
            columns=(
                b.Column(_("Period")),
                b.Column(_("Questions"), b.COUNT),
                b.Column(_("Orders"), b.COUNT),
                b.Column(_("Per 100 orders"), b.NUMBER),
            ),
            rows=(
                b.Row(
                    (_("now"), found.enquiries, found.orders, found.per_100_orders),
                    opens=all_open(opens(scene.question, "enquiries"), 1, 2, 3),
                ),
                b.Row(
                    (_("before"), past.enquiries, past.orders, past.per_100_orders),
                    opens=all_open(opens(scene.question, "enquiries", **over(scene.question.beside)), 1, 2, 3),
                ),
            ),
            note=_("By phone, mail, fax or visit, about an order's status, an invoice or a return."),
        ),
        b.Included("admin/adoption/_enquiry_cost.html", cost),
    ]
    now, before = found.per_100_orders, past.per_100_orders
    if cost.amount is not None and now is not None and before is not None:
        saved = (before - now) / 100 * found.orders * cost.amount
        blocks.append(b.Tiles((b.Tile(_("Answering fewer questions saved"), "M6", saved, b.MONEY),)))
    return blocks


def _surveys(scene: Scene) -> b.Table:
    found = scene.numbers.surveys(scene.question.period)
    csat, exits = found["csat"], found["exit"]
    rows = (
        _survey(
            _("After an order: satisfied (4 or 5 of 5)"),
            found["csat"],
            b.Figure(found["csat"].share("4", "5"), b.SHARE),
        ),
        _survey(_("After an order: average of 5"), csat, b.Figure(csat.mean, b.NUMBER)),
        _survey(_("Would recommend us (from 100 down to -100)"), found["nps"], b.Figure(found["nps"].nps, b.NUMBER)),
        _survey(_("Left without an order: found everything"), exits, b.Figure(exits.share("yes"), b.SHARE)),
        _survey(_("Left without an order: found part of it"), exits, b.Figure(exits.share("partly"), b.SHARE)),
        _survey(_("Left without an order: found nothing"), exits, b.Figure(exits.share("no"), b.SHARE)),
    )
    return b.Table(
        key="surveys",
        title=_("What buyers say"),
        code="M19",
        columns=(
            b.Column(_("Question")),
            b.Column(_("Result"), b.MIXED),
            b.Column(_("Answers"), b.COUNT),
            b.Column(_("Asked"), b.COUNT),
            b.Column(_("Answered"), b.SHARE),
        ),
        rows=tuple(
            replace(row, opens=all_open(opens(scene.question, key), 1, 2))
            for row, key in zip(rows, SURVEY_FIGURES, strict=True)
        ),
    )


def _survey(title: b.Text, answers: Answers, result: b.Figure) -> b.Row:
    return b.Row((title, result, answers.n, answers.prompted, answers.response))


def _leads(scene: Scene) -> b.Table:
    found = scene.numbers.leads(scene.question.period)
    total = found.overall
    return b.Table(
        key="leads",
        title=_("Contacts that became customers"),
        code="M25",
        columns=(
            b.Column(_("Source")),
            b.Column(_("Leads"), b.COUNT),
            b.Column(_("Sales in half a year"), b.MONEY),
            b.Column(_("Sales per lead"), b.MONEY),
        ),
        rows=tuple(
            b.Row(
                (source_word(key), len(one.leads), one.revenue, one.per_lead),
                opens=all_open(opens(scene.question, f"per_lead_{key}"), 1, 2, 3)
                if f"per_lead_{key}" in BY_KEY
                else {},
            )
            for key, one in found.by_source.items()
        ),
        total=b.Row(
            (_("All sources"), len(total.leads), total.revenue, total.per_lead),
            opens=all_open(opens(scene.question, "per_lead"), 1, 2, 3),
        ),
        empty=_("Nobody wrote through the contact form in this period."),
    )


def _of_source(scene: Scene, source: str) -> dict[int, str]:
    key = f"per_lead_{source}"
    return all_open(opens(scene.question, key), 1, 2, 3) if key in BY_KEY else {}


SECTION = Section("service", _("Service"), _("Promises kept, questions answered, and what buyers say."), build)
