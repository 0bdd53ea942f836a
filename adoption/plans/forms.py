"""Forms of plans, costs, rates and calendars: the same for a row by hand and for each row of a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adoption.metrics.plan import METRICS, TOTAL
from adoption.plans.goal_metrics import NAMES
from adoption.plans.models import SHARED, Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan
from adoption.reports.words import channel_word, plan_word, weekday_word

CHANNELS = ("web_self", "punchout", "web_assisted", "edi", "phone", "email", "rep", "counter", "erp_other")


def _plan_metrics() -> list[tuple[str, str]]:
    return [(name, plan_word(name)) for name in METRICS]


def _scopes() -> list[tuple[str, Any]]:
    channels = [(one, channel_word(one)) for one in ("online", *CHANNELS)]
    return [(TOTAL, _("all channels")), *channels]


def _channels() -> list[tuple[str, Any]]:
    return [(SHARED, _("shared by all channels")), *((one, channel_word(one)) for one in CHANNELS)]


def _weekdays() -> list[tuple[str, str]]:
    return [(str(day), weekday_word(day)) for day in range(1, 8)]


class CurrencyField(forms.RegexField):
    """A currency's code."""

    def __init__(self, **kwargs: Any) -> None:
        """Take three capitals."""
        wrong = {"invalid": _("A currency is three capital letters, such as EUR.")}
        super().__init__(regex=r"^[A-Z]{3}\Z", error_messages=wrong, **kwargs)


class PlanForm(forms.ModelForm):
    """A year's amount of something that can be measured."""

    metric = forms.ChoiceField(label=_("metric"), choices=_plan_metrics)
    scope = forms.ChoiceField(label=_("scope"), choices=_scopes)

    class Meta:
        model = Plan
        fields: tuple[str, ...] = ("year", "metric", "scope", "amount", "seasonality")


class PlanRowForm(PlanForm):
    """A plan in a file: its months are by hand only."""

    class Meta(PlanForm.Meta):
        fields = ("year", "metric", "scope", "amount")


class GoalForm(forms.ModelForm):
    """A goal names its metric in words; its key is given by us."""

    metric = forms.ChoiceField(label=_("metric"), choices=[("", "—"), *NAMES.items()])

    class Meta:
        model = Goal
        fields = ("title", "metric", "baseline", "target", "start_on", "due_on", "owner")
        help_texts = {"baseline": _("Shares as 0.35 for 35 %."), "target": _("Shares as 0.50 for 50 %.")}


class CostForm(forms.ModelForm):
    """What a channel cost on a day."""

    channel = forms.ChoiceField(label=_("channel"), choices=_channels)
    currency = CurrencyField(label=_("currency"))

    class Meta:
        model = Cost
        fields = ("occurred_on", "channel", "kind", "amount", "currency")


class ExchangeRateForm(forms.ModelForm):
    """What one unit of a currency is worth from a day on."""

    currency = CurrencyField(label=_("currency"))

    class Meta:
        model = ExchangeRate
        fields = ("currency", "since_on", "rate")


class OpeningIntervalForm(forms.ModelForm):
    """Open from … to … on a weekday."""

    weekday = forms.TypedChoiceField(label=_("weekday"), choices=_weekdays, coerce=int)

    class Meta:
        model = OpeningInterval
        fields = ("calendar", "weekday", "opens", "closes")


class HolidayForm(forms.ModelForm):
    """A day on which a calendar is closed."""

    class Meta:
        model = Holiday
        fields = ("calendar", "day", "name")
