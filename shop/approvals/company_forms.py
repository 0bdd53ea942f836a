"""What a company's administrator types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Branches, CostCentre, Membership, Period, Role
from erp_sync.mirror.models import Address
from erp_sync.mirror.tree import CategoryTree, category_tree
from shop.approvals.company_services import CentreData, RuleData
from shop.errors import BadNumber
from shop.money import formats
from shop.money.parsing import parse_decimal

CENT = Decimal("0.01")


class AmountField(forms.CharField):
    """An amount of money as people write it; empty = none."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(
            required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        """Write an amount by the reader's marks."""
        return formats.plain_amount(value, self.currency) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """Return the amount in cents, None when empty."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            amount = parse_decimal(typed, get_language())
        except BadNumber as error:
            raise forms.ValidationError(str(error)) from error
        if amount < 0:
            raise forms.ValidationError(_("Enter an amount of 0 or more, or leave it empty for no limit."))
        return amount.quantize(CENT)


class RuleForm(forms.Form):
    """One approval rule."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Buyers and approvers read it: “Orders above 500 €”.")
    )
    role = forms.ChoiceField(label=_("Orders of"), required=False, choices=[("", _("everybody")), *Role.choices])
    cost_centre = forms.ModelChoiceField(
        label=_("Cost centre"), required=False, queryset=CostCentre.objects.none(), empty_label=_("any")
    )
    category_erp_id = forms.ChoiceField(label=_("Item group"), required=False)
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices)
    approver = forms.ModelChoiceField(
        label=_("Approved by"),
        required=False,
        queryset=Membership.objects.none(),
        empty_label=_("any approver"),
        help_text=_("If this person can't approve any more, any other approver can."),
    )
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        centres: Sequence[CostCentre],
        approvers: Sequence[Membership],
        currency: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order_over"] = AmountField(
            label=_("Above this amount of one order, untaxed"), currency=currency,
            help_text=_("Both amounts empty: every such order needs approval."),
        )  # fmt: skip
        self.fields["period_over"] = AmountField(
            label=_("Above this amount of a period, untaxed"), currency=currency,
            help_text=_("Of the person, or of the cost centre where one is chosen."),
        )  # fmt: skip
        self._choose("cost_centre", CostCentre.objects.filter(pk__in=[one.pk for one in centres]))
        self._choose("approver", Membership.objects.filter(pk__in=[one.pk for one in approvers]).select_related("user"))
        self.fields["approver"].label_from_instance = lambda one: str(one.user)  # type: ignore[attr-defined]
        groups = [("", _("any")), *_groups(category_tree())]
        self.fields["category_erp_id"].choices = groups  # type: ignore[attr-defined]
        self.order_fields(
            ["name", "role", "order_over", "period_over", "period", "cost_centre", "category_erp_id", "approver"]
        )  # fmt: skip

    def _choose(self, name: str, found: Any) -> None:
        self.fields[name].queryset = found  # type: ignore[attr-defined]

    def data_of_rule(self) -> RuleData:
        """Return what the service takes; call after `is_valid()`."""
        return RuleData(**{name: self.cleaned_data[name] for name in RuleData.__dataclass_fields__})


def _groups(tree: CategoryTree, parent: str | None = None, depth: int = 0) -> Iterator[tuple[str, str]]:
    for node in tree.children(parent):
        yield node.erp_id, f"{'· ' * depth}{node.name_in((get_language() or 'en').lower())}"
        yield from _groups(tree, node.erp_id, depth + 1)


class CentreForm(forms.Form):
    """One cost centre with its budget."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    period = forms.ChoiceField(label=_("Budget per"), choices=Period.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget"] = AmountField(
            label=_("Budget, untaxed"), currency=currency, help_text=_("Empty: no limit. Above it nothing is sent.")
        )
        self.order_fields(["code", "name", "budget", "period", "is_active"])

    def data_of_centre(self) -> CentreData:
        """Return what the service takes; call after `is_valid()`."""
        return CentreData(**{name: self.cleaned_data[name] for name in CentreData.__dataclass_fields__})


class PersonForm(forms.Form):
    """What a colleague may do and what his checkout begins with."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    ship_to_erp_id = forms.ChoiceField(label=_("Usual delivery address"), required=False)
    cost_centre = forms.ModelChoiceField(
        label=_("Usual cost centre"), required=False, queryset=CostCentre.objects.none(), empty_label=_("none")
    )
    branches = forms.ChoiceField(label=_("In the branches he may"), required=False, choices=Branches.choices)

    def __init__(
        self,
        *args: Any,
        places: Sequence[Address],
        centres: Sequence[CostCentre],
        currency: str,
        has_branches: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order_limit"] = AmountField(
            label=_("One order without approval up to, untaxed"), currency=currency, help_text=_("Empty: no limit.")
        )
        self.fields["month_limit"] = AmountField(
            label=_("In a month without approval up to, untaxed"), currency=currency, help_text=_("Empty: no limit.")
        )
        known = [("", _("the first of the list")), *((one.erp_id, str(one)) for one in places)]
        self.fields["ship_to_erp_id"].choices = known  # type: ignore[attr-defined]
        found = CostCentre.objects.filter(pk__in=[one.pk for one in centres])
        self.fields["cost_centre"].queryset = found  # type: ignore[attr-defined]
        if not has_branches:
            del self.fields["branches"]
        self.order_fields(["role", "order_limit", "month_limit", "ship_to_erp_id", "cost_centre", "branches"])
