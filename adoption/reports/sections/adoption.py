"""Adoption: who buys himself, who may, and who doesn't yet."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from adoption.facts import KINDS, VIEWS
from adoption.reports import blocks as b
from adoption.reports import periods
from adoption.reports.charts import orders_by_month
from adoption.reports.figures import ADOPTION, INVOICE
from adoption.reports.ledger import ledger_of, with_and_without
from adoption.reports.lines import Line, all_open, line_of, opens, tile_of
from adoption.reports.restated import restated_notes
from adoption.reports.sections.baskets import basket_table
from adoption.reports.sections.hours import heat_of_orders
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import BAND_MOODS, band_word

HEADLINE = 3
MOST_SCORES = 50
COMPONENTS = ("orders", "logins", "service", "breadth")


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    lines = [line_of(scene, one) for one in ADOPTION if one.rows != INVOICE or scene.has_payments]
    return [
        *restated_notes(scene),
        b.Tiles(tuple(tile_of(one) for one in lines[:HEADLINE])),
        orders_by_month(scene.question, scene.numbers, periods.last_months(12, scene.book.today)),
        _figures(lines),
        basket_table(scene),
        _strategic(scene),
        _scores(scene),
        ledger_of(scene),
        with_and_without(scene),
        heat_of_orders(scene),
    ]


def _figures(lines: list[Line]) -> b.Table:
    return b.Table(
        key="figures",
        title=_("All figures"),
        code="",
        columns=(
            b.Column(_("Figure")),
            b.Column(_("Now"), b.MIXED),
            b.Column(_("Before"), b.MIXED),
            b.Column(_("Change"), b.MIXED),
            b.Column(_("Counted"), b.MIXED),
            b.Column(_("of"), b.MIXED),
            b.Column(_("Left out"), b.COUNT),
        ),
        rows=tuple(one.row for one in lines),
        note=_("Open one for its definition, its rows and its chart."),
    )


def _strategic(scene: Scene) -> b.Table:
    numbers, period = scene.numbers, scene.question.period
    logins, tracked = numbers.logins(period), numbers.tracking(period).strategic
    searches, scores = numbers.searches_by_account(period, list(logins)), numbers.scores()
    paid = numbers.paid_online_by_account(period, list(logins))
    rows = []
    for account, one in logins.items():
        share = tracked.get(account)
        row = (
            scene.book.name_of(account),
            one.users,
            one.login_days,
            one.logins,
            share.value if share else None,
            paid[account],
            searches.get(account, 0),
            scores[account].value,
        )
        band, own = scores[account].band, partial(opens, scene.question, account=account)
        links = {
            **all_open(own("strategic_logins"), 1, 2, 3),
            4: own("tracking"), 5: own("paid_online"), 6: own("invoice_searches"), 7: own("score", channel=""),
        }  # fmt: skip
        rows.append(b.Row(row, mood_word=band_word(band), mood=BAND_MOODS[band], opens=links))
    return b.Table(
        key="strategic",
        title=_("Strategic accounts"),
        code="M2 M3 M4 M5 M7",
        columns=(
            b.Column(_("Account")),
            b.Column(_("People"), b.COUNT),
            b.Column(_("Days"), b.COUNT),
            b.Column(_("Log-ins"), b.COUNT),
            b.Column(_("Tracked"), b.SHARE),
            b.Column(_("Paid online"), b.SHARE),
            b.Column(_("Invoice searches"), b.COUNT),
            b.Column(_("Score"), b.NUMBER),
        ),
        rows=tuple(rows),
        empty=_("No company is marked as strategic. Mark one under Customer companies."),
    )


def _scores(scene: Scene) -> b.Table:
    scores = scene.numbers.scores()
    ordered = sorted(scores.items(), key=lambda pair: (-pair[1].value, pair[0]))
    bands = {band: band_word(band) for band in BAND_MOODS}
    return b.Table(
        key="scores",
        title=_("Adoption score of every account"),
        code="M7",
        columns=(
            b.Column(_("Account")),
            b.Column(_("Score"), b.NUMBER),
            b.Column(_("Orders online"), b.SHARE),
            b.Column(_("Weeks with a log-in"), b.SHARE),
            b.Column(_("Tracking and payment"), b.SHARE),
            b.Column(_("Functions used"), b.SHARE),
        ),
        rows=tuple(
            b.Row(
                (scene.book.name_of(account), one.value, *(one.components[name] for name in COMPONENTS)),
                mood=BAND_MOODS[one.band],
                mood_word=bands[one.band],
                opens=_score_opens(scene, account) if place < MOST_SCORES else {},
            )
            for place, (account, one) in enumerate(ordered)
        ),
        note=_("Of 100, over the last 12 weeks: 40 for orders, 20 each for log-ins, tracking and payment, functions."),
        most=MOST_SCORES,
    )


def _score_opens(scene: Scene, account: str) -> dict[int, str]:
    """Return where a score and its parts lead; a score looks at all channels."""
    return all_open(opens(scene.question, "score", account=account, channel=""), 1, 2, 3, 4, 5)


SECTION = Section(
    "adoption",
    _("Adoption"),
    _("Who buys in the shop himself, and who could but doesn't."),
    build,
    kinds=(*KINDS, *VIEWS),
)
