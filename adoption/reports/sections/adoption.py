"""Adoption: who buys himself, who may, and who doesn't yet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from adoption.metrics.baskets import basket
from adoption.metrics.logins import strategic_logins
from adoption.metrics.service import tracking
from adoption.reports import blocks as b
from adoption.reports import periods
from adoption.reports.charts import orders_by_month
from adoption.reports.figures import ADOPTION, INVOICE
from adoption.reports.lines import Line, line_of, tile_of
from adoption.reports.sections.hours import heat_of_orders
from adoption.reports.sections.scene import Scene, Section

HEADLINE = 3


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    lines = [line_of(scene, one) for one in ADOPTION if one.rows != INVOICE or scene.book.payments]
    return [
        b.Tiles(tuple(tile_of(one) for one in lines[:HEADLINE])),
        orders_by_month(scene.book, periods.last_months(12, scene.book.today)),
        _figures(lines),
        _baskets(scene),
        _strategic(scene),
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
            b.Column(_("Counted"), b.NUMBER),
            b.Column(_("of"), b.NUMBER),
            b.Column(_("Left out"), b.COUNT),
        ),
        rows=tuple(one.row for one in lines),
        note=_("Open one for its definition, its rows and its chart."),
    )


def _baskets(scene: Scene) -> b.Table:
    found = basket(scene.book, scene.question.period)
    channels = (("online", found.online), *found.channels.items())
    return b.Table(
        key="baskets",
        title=_("Basket by channel"),
        code="M16",
        columns=(
            b.Column(_("Channel"), b.CHANNEL),
            b.Column(_("Orders"), b.COUNT),
            b.Column(_("Value an order"), b.MONEY),
            b.Column(_("Pieces an order"), b.NUMBER),
        ),
        rows=tuple(b.Row((key, one.orders, one.aov, one.upt)) for key, one in channels),
        empty=_("No order in this period."),
    )


def _strategic(scene: Scene) -> b.Table:
    book, period = scene.book, scene.question.period
    tracked = tracking(book, period).strategic
    rows = []
    for account, one in strategic_logins(book, period).items():
        share = tracked.get(account)
        name = book.accounts[account].name or account
        rows.append(b.Row((name, one.users, one.login_days, one.logins, share.value if share else None)))
    return b.Table(
        key="strategic",
        title=_("Strategic accounts"),
        code="M2, M3",
        columns=(
            b.Column(_("Account")),
            b.Column(_("People"), b.COUNT),
            b.Column(_("Days"), b.COUNT),
            b.Column(_("Log-ins"), b.COUNT),
            b.Column(_("Tracked"), b.SHARE),
        ),
        rows=tuple(rows),
        empty=_("No company is marked as strategic. Mark one under Customer companies."),
    )


SECTION = Section("adoption", _("Adoption"), _("Who buys in the shop himself, and who could but doesn't."), build)
