"""Money: what was wanted, billed, returned and earned, by channel, and when the shop has paid for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from adoption.metrics.breakeven import BreakEven, break_even
from adoption.metrics.finance import Finance
from adoption.metrics.pnl import SHARED, Pnl, pnl
from adoption.metrics.pnl import Column as Costs
from adoption.reports import blocks as b
from adoption.reports.amounts import amount_given
from adoption.reports.lines import all_open, opens, over, tile_for
from adoption.reports.question import Question
from adoption.reports.restated import restated_notes
from adoption.reports.sections.scene import Scene, Section

STEPS = ("demand", "gross", "discounts", "returns", "net_sales", "cost", "margin")


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    question = scene.question
    now, before = scene.numbers.finance(question.period), scene.numbers.finance(question.beside)
    statement = _statement(scene, now)
    return [
        _tiles(scene, statement),
        *restated_notes(scene),
        *_notes(now, statement),
        _steps(question, now, before),
        _by_channel(question, statement),
        *_break_even(scene, statement),
    ]


def _statement(scene: Scene, money: Finance) -> Pnl:
    """Return M21; costs are of the whole company, so none is held against a part of its customers or channels."""
    book = replace(scene.book, costs=[]) if scene.question.is_narrow else scene.book
    return pnl(book, scene.question.period, money=money)


def _costs_are_of_all(question: Question) -> b.Note:
    link = question.address(channel="", region="", rep="", segment="", account="")
    text = _("Costs are of all customers and channels, so they are not held against a part of them.")
    return b.Note(text, b.INFO, f"?{link}", _("Show all"), is_of_all=True)


def _tiles(scene: Scene, statement: Pnl) -> b.Tiles:
    tiles = [
        tile_for(scene, "demand", note=_("ordered, cancelled orders included")),
        tile_for(scene, "net_sales", note=_("billed less discounts and returns")),
    ]
    if statement.total.sales.gm is not None:
        tiles.append(tile_for(scene, "margin", note=_("net sales less the cost of the goods")))
    if statement.total.roi is not None:
        tiles.append(b.Tile(_("Return on selling costs"), "M21", statement.total.roi, b.SHARE, link="#pnl"))
    return b.Tiles(tuple(tiles))


def _notes(now: Finance, statement: Pnl) -> list[b.Block]:
    notes: list[b.Block] = []
    if now.sales.gm is None:
        text = _("%(count)s billed lines have no cost in the ERP, so cost and margin are hidden rather than guessed.")
        notes.append(b.Note(text % {"count": now.sales.uncosted_lines}, b.ATTENTION))
    left_out = now.unconverted_orders + now.unconverted_invoices + statement.unconverted_costs
    if left_out:
        text = _(
            "%(count)s orders, invoices or costs in a foreign currency have no exchange rate for their day and are in "
            "no amount. Add the rates under Exchange rates."
        )
        notes.append(b.Note(text % {"count": left_out}, b.ATTENTION))
    return notes


def _steps(question: Question, now: Finance, before: Finance) -> b.Table:
    rows = [
        (_("Demand"), now.demand, before.demand),
        (_("Gross sales"), now.sales.gross, before.sales.gross),
        (_("less discounts"), now.sales.discounts, before.sales.discounts),
        (_("less returns"), now.sales.returns, before.sales.returns),
        (_("Net sales"), now.sales.net, before.sales.net),
    ]
    if now.sales.cogs is not None and now.sales.gm is not None:
        rows.append((_("less cost of goods"), now.sales.cogs, before.sales.cogs or Decimal(0)))
        rows.append((_("Gross margin"), now.sales.gm, before.sales.gm or Decimal(0)))
    return b.Table(
        key="steps",
        title=_("From demand to margin"),
        code="M20",
        columns=(
            b.Column(_("Step")),
            b.Column(_("Now"), b.MONEY),
            b.Column(_("Before"), b.MONEY),
            b.Column(_("Change"), b.CHANGE),
        ),
        rows=tuple(
            b.Row((name, one, was, one / was - 1 if was else None), opens=_step_opens(question, key))
            for (name, one, was), key in zip(rows, STEPS, strict=False)
        ),
        note=_("Demand by the order's day, the rest by the day of the invoice or credit note; no tax, no freight."),
    )


def _step_opens(question: Question, key: str) -> dict[int, str]:
    return {1: opens(question, key), 2: opens(question, key, **over(question.beside))}


def _by_channel(question: Question, statement: Pnl) -> b.Table:
    has_margin = statement.total.sales.gm is not None
    columns = [b.Column(_("Channel"), b.CHANNEL), b.Column(_("Net sales"), b.MONEY)]
    if has_margin:
        columns += [b.Column(_("Gross margin"), b.MONEY), b.Column(_("Margin"), b.SHARE)]
    if not question.is_narrow:
        columns += [b.Column(_("Direct costs"), b.MONEY), b.Column(_("Shared costs"), b.MONEY)]
    if has_margin and not question.is_narrow:
        columns += [b.Column(_("Contribution"), b.MONEY), b.Column(_("Return on costs"), b.SHARE)]
    return b.Table(
        key="pnl",
        title=_("Profit and loss by channel"),
        code="M21",
        columns=tuple(columns),
        rows=tuple(_row(question, name, one, has_margin=has_margin) for name, one in statement.channels.items()),
        total=_row(question, "", statement.total, has_margin=has_margin),
        note=_("Shared costs are split by net sales. Enter costs under Costs, or import them."),
        empty=_("Nothing was billed in this period."),
    )


def _row(question: Question, channel: str, one: Costs, *, has_margin: bool) -> b.Row:
    """Return a channel's row, or that of all (""); of a part of the customers without costs."""
    values: list[b.Value] = [channel or _("All channels"), one.sales.net]
    changed = {"channel": channel} if channel else {}
    links = {1: opens(question, "net_sales", **changed)}
    if has_margin:
        values += [one.sales.gm, one.sales.gm_pct]
        links |= all_open(opens(question, "margin", **changed), 2, 3)
    if not question.is_narrow:
        links |= {len(values): _costs_of(question, channel), len(values) + 1: _costs_of(question, SHARED)}
        values += [one.direct, one.shared, *((one.contribution, one.roi) if has_margin else ())]
    return b.Row(tuple(values), opens=links)


def _costs_of(question: Question, channel: str) -> str:
    """Return the list of the costs of a channel in the period."""
    days = {"occurred_on__gte": question.period.first, "occurred_on__lte": question.period.last}
    own = {"channel": channel} if channel else {}
    return f"{reverse('admin:adoption_cost_changelist')}?{urlencode(days | own)}"


@dataclass(frozen=True, slots=True)
class OwnCosts:
    """What the manager says an order costs to handle, and what came of it. `kept`: the rest of the address."""

    offline: Decimal | None
    online: Decimal | None
    found: BreakEven | None
    problem: b.Text
    kept: Mapping[str, str]


def _break_even(scene: Scene, statement: Pnl) -> list[b.Block]:
    if scene.question.is_narrow:
        return [_costs_are_of_all(scene.question)]
    asked = _own_costs(scene, statement)
    blocks: list[b.Block] = [b.Included("admin/adoption/_own_costs.html", asked)]
    if asked.found is not None:
        blocks.append(_break_even_table(asked.found))
    return blocks


def _own_costs(scene: Scene, statement: Pnl) -> OwnCosts:
    offline, online = amount_given(scene.given, "offline_cost"), amount_given(scene.given, "online_cost")
    is_wrong = offline.is_wrong or online.is_wrong
    problem = _("Enter amounts such as 12.50, from 0 to a million. Nothing was calculated.") if is_wrong else ""
    found = None
    if offline.amount is not None and online.amount is not None:
        shop_cost = sum((statement.channels[key].direct for key in _online(scene, statement)), Decimal(0))
        counts = scene.numbers.orders(scene.question.period)
        orders = sum(count for channel, count in counts.items() if channel in scene.book.settings.online)
        found = break_even(shop_cost=shop_cost, offline_cost=offline.amount, online_cost=online.amount, orders=orders)
    kept = {name: value for name, value in offline.kept.items() if name != "online_cost"}
    return OwnCosts(offline.amount, online.amount, found, problem, kept)


def _online(scene: Scene, statement: Pnl) -> list[str]:
    return [name for name in statement.channels if name in scene.book.settings.online]


def _break_even_table(found: BreakEven) -> b.Table:
    return b.Table(
        key="break-even",
        title=_("When the shop has paid for itself"),
        code="",
        columns=(b.Column(_("Step")), b.Column(_("Value"), b.MIXED)),
        rows=(
            b.Row((_("Cost of the shop in this period"), b.Figure(found.shop_cost, b.MONEY))),
            b.Row((_("An order that moves online saves"), b.Figure(found.saved_per_order, b.MONEY))),
            b.Row((_("Self-service orders that pay for it"), b.Figure(_number(found.needed), b.COUNT))),
            b.Row((_("Self-service orders there were"), b.Figure(Decimal(found.orders), b.COUNT))),
            b.Row((_("Still missing"), b.Figure(_number(found.missing), b.COUNT))),
            b.Row((_("Saved less cost"), b.Figure(found.result, b.MONEY))),
        ),
        note=_(
            "The cost of the shop is the direct cost of the self-service channels; a dash means that it never pays."
        ),
    )


def _number(count: int | None) -> Decimal | None:
    return None if count is None else Decimal(count)


SECTION = Section("money", _("Money"), _("What each channel sells, costs and earns."), build)
