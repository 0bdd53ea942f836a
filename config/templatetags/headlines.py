"""What the administration's first page tells a manager: a few figures, each a way into where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from adoption.books.models import RollupRun
from adoption.reports import blocks as b
from adoption.reports import headlines as kept_headlines
from adoption.reports.words import change_text, moment_word, plan_word, unit_text
from adoption.voice.models import ContactRequest
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.settling.models import Difference
from shop.money import formats

register = template.Library()
OVER = (OutboxState.DONE, OutboxState.REJECTED)


@dataclass(frozen=True, slots=True)
class Headline:
    """A card: what, how much, and beside what."""

    title: str
    value: str
    of: str
    link: str


@register.inclusion_tag("admin/_headlines.html")
def headlines() -> dict[str, Any]:
    """`{% headlines %}`: the cards, and as of when the figures are (four statements)."""
    run = kept_headlines.kept()
    return {
        "cards": [*_figures(run), _differences(), _waiting(), _messages()],
        "as_of": "" if run is None else moment_word(run.ran_at),
    }


def _figures(run: RollupRun | None) -> list[Headline]:
    known = {} if run is None else run.headlines
    channels, plans = (reverse("admin:adoption_section", kwargs={"section": name}) for name in ("channels", "plan"))
    change, metric = _number(known.get("change")), known.get("plan", "")
    beside = _("%(change)s against last month") % {"change": change_text(change, b.SHARE)}
    no_plan = _("no plan for this year yet")
    return [
        Headline(
            _("Orders placed online this month"),
            unit_text(_number(known.get("online")), b.SHARE, ""),
            "" if change is None else beside,
            reverse("admin:adoption_figure", kwargs={"key": "order"}) + "?period=month",
        ),
        Headline(
            _("Customers back on the phone"),
            unit_text(known.get("leaks"), b.COUNT, ""),
            _("who ordered online before"),
            f"{channels}#leaks",
        ),
        Headline(
            _("Of the year's plan so far"),
            unit_text(_number(known.get("reached")), b.SHARE, ""),
            plan_word(metric) if metric else no_plan,
            plans,
        ),
    ]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _differences() -> Headline:
    count = Difference.objects.filter(gone_at=None, settled_at=None).count()
    link = reverse("admin:erp_sync_difference_changelist")
    return Headline(_("Differences to the ERP"), unit_text(count, b.COUNT, ""), _("wait for a person"), link)


def _waiting() -> Headline:
    rows = OutboxRow.objects.exclude(state__in=OVER).aggregate(count=Count("pk"), oldest=Min("created_at"))
    oldest = _("the oldest: %(ago)s") % {"ago": formats.ago(rows["oldest"], timezone.now())} if rows["oldest"] else ""
    link = reverse("admin:erp_sync_outboxrow_changelist")
    return Headline(_("Not in the ERP yet"), unit_text(rows["count"], b.COUNT, ""), oldest, link)


def _messages() -> Headline:
    count = ContactRequest.objects.filter(answered_at=None).count()
    link = reverse("admin:adoption_contactrequest_changelist") + "?answered_at__isempty=1"
    return Headline(_("Messages without an answer"), unit_text(count, b.COUNT, ""), "", link)
