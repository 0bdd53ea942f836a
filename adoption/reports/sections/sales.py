"""Orders and their value by channel."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.conversion import Revenue
from adoption.reports import blocks as b
from adoption.reports.figures import BY_KEY
from adoption.reports.lines import opens, over
from adoption.reports.question import Question
from adoption.reports.sections.scene import Scene


def sales_table(scene: Scene) -> b.Table:
    """Return orders, order value and shares by channel, beside the other period (M11)."""
    now, before = (scene.numbers.revenue(one) for one in (scene.question.period, scene.question.beside))
    names = [*now.by_channel, *(one for one in before.by_channel if one not in now.by_channel)]
    question = scene.question
    return b.Table(
        key="revenue",
        title=_("Orders and order value by channel"),
        code="M11",
        columns=(
            b.Column(_("Channel"), b.CHANNEL),
            b.Column(_("Orders"), b.COUNT),
            b.Column(_("before"), b.COUNT),
            b.Column(_("Value"), b.MONEY),
            b.Column(_("before"), b.MONEY),
            b.Column(_("Share"), b.SHARE),
            b.Column(_("before"), b.SHARE),
        ),
        rows=tuple(
            b.Row(
                (
                    key,
                    now.orders.get(key, 0),
                    before.orders.get(key, 0),
                    now.by_channel.get(key, Decimal(0)),
                    before.by_channel.get(key, Decimal(0)),
                    _share(now, key),
                    _share(before, key),
                ),
                opens=_opens(question, channel=key),
            )
            for key in names
        ),
        total=b.Row(
            (
                _("All channels"),
                sum(now.orders.values()),
                sum(before.orders.values()),
                now.total,
                before.total,
                _all(now),
                _all(before),
            ),
            opens=_opens(question),
        ),
        empty=_("No order in this period."),
    )


def _opens(question: Question, **narrowed: str) -> dict[int, str]:
    """Return where orders and value lead, now and before."""
    then = narrowed | over(question.beside)
    share = f"share_{narrowed.get('channel', '')}"
    shares = {5: opens(question, share), 6: opens(question, share, **over(question.beside))} if share in BY_KEY else {}
    return shares | {
        1: opens(question, "orders", **narrowed),
        2: opens(question, "orders", **then),
        3: opens(question, "sales", **narrowed),
        4: opens(question, "sales", **then),
    }


def _share(found: Revenue, channel: str) -> Decimal | None:
    if channel in found.by_channel:
        return found.share(channel)
    return Decimal(0) if found.total else None


def _all(found: Revenue) -> Decimal | None:
    return Decimal(1) if found.total else None
