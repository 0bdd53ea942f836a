"""The eligibility ledger: who can't buy online, why, who answers for it, and when somebody looks again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Eligibility
from adoption.reports import blocks as b
from adoption.reports.lines import opens
from adoption.reports.sections.scene import Scene


def ledger_of(scene: Scene) -> b.Table:
    """Return the companies of the question that can't buy online in the period, those due for review first."""
    period = scene.question.period
    spans = (
        Eligibility.objects.filter(can_buy=False, from_on__lte=period.last, sold_to__is_test=False)
        .filter(Q(to_on=None) | Q(to_on__gte=period.first))
        .select_related("sold_to", "owner")
        .order_by("review_on", "sold_to__name")
    )
    excluded = [one for one in spans if one.sold_to.erp_id in scene.book.accounts]
    sales = scene.numbers.order_values(period, {one.sold_to.erp_id for one in excluded})
    return b.Table(
        key="ledger",
        title=_("Who can't buy online, and why"),
        code="C12",
        columns=(
            b.Column(_("Customer")),
            b.Column(_("Reason")),
            b.Column(_("Owner")),
            b.Column(_("Look again on"), b.DATE),
            b.Column(_("Since"), b.DATE),
            b.Column(_("Order value"), b.MONEY),
        ),
        rows=tuple(_row(one, scene.book.today, sales) for one in excluded),
        note=_("They are in no rate of adoption. Their orders of the period are worth what stands at the right."),
        empty=_("Nobody is left out by hand: every customer that was enabled counts."),
    )


def _row(one: Eligibility, today: dt.date, sales: Mapping[str, Decimal]) -> b.Row:
    is_due = one.review_on is not None and one.review_on <= today
    value = sales.get(one.sold_to.erp_id, Decimal(0))
    return b.Row(
        (one.sold_to.name, one.reason, str(one.owner or ""), one.review_on, one.from_on, value),
        link=reverse("admin:accounts_soldto_change", args=[one.sold_to.pk]),
        mood=b.ATTENTION if is_due else "",
        mood_word=_("review is due") if is_due else "",
    )


def with_and_without(scene: Scene) -> b.Table:
    """Return the rates as reported, and as they would be if nobody were left out."""
    period = scene.question.period
    plain = scene.numbers.adoption(period)
    everybody = scene.numbers.adoption(period, with_excluded=True)
    pairs = (
        ("customer", _("Customer adoption"), plain.customer, everybody.customer),
        ("order", _("Order adoption"), plain.order, everybody.order),
        ("revenue", _("Revenue adoption"), plain.revenue, everybody.revenue),
        ("penetration", _("Penetration"), plain.penetration, everybody.penetration),
    )
    return b.Table(
        key="exclusions",
        title=_("What leaving them out does"),
        code="M1",
        columns=(
            b.Column(_("Rate")),
            b.Column(_("As reported"), b.SHARE),
            b.Column(_("With everybody"), b.SHARE),
            b.Column(_("Difference"), b.POINTS),
        ),
        rows=tuple(
            b.Row(
                (name, one.value, all_.value, _difference(one.value, all_.value)),
                opens={1: opens(scene.question, key), 2: opens(scene.question, key, everyone="1")},
            )
            for key, name, one, all_ in pairs
        ),
        note=_("Exclusions can flatter a rate. This table keeps them honest."),
    )


def _difference(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
