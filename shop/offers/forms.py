"""An offer as staff write it: what is wrong is said at its field, and nothing is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.selectors import company_day
from erp_sync.mirror.models import Customer
from erp_sync.mirror.tree import CategoryTree, category_tree
from shop.offers.models import Audience, Gives, Offer
from shop.skus import typed_skus

MOST_ITEMS = 500
MOST_PERCENT = Decimal(50)
LONGEST = dt.timedelta(days=400)
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class Area(forms.Textarea):
    """Two lines are enough."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"rows": 2} | (attrs or {}))


class OfferForm(forms.ModelForm):
    """The offer's own fields, its words in each language, its items as numbers one below the other."""

    price_list = forms.ChoiceField(label=_("Price list"), required=False)
    category_erp_id = forms.ChoiceField(label=_("Category, with all below it"), required=False)
    numbers = forms.CharField(
        label=_("Items"),
        required=False,
        help_text=_("Numbers, one on each line. Empty: all items."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Offer
        fields: ClassVar[list[str]] = [
            "starts_on", "ends_on", "audience", "price_list", "companies", "gives", "value", "minimum",
            "category_erp_id", "is_once", "budget", "is_self_service", "is_active",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("price_list", _price_lists())
        self._choose("category_erp_id", _categories(category_tree()))
        for code in LANGUAGES:
            language = {"language": get_language_info(code)["name_translated"]}
            for kind, label, most, area, kept in (
                ("name", _("Name in %(language)s"), 80, forms.TextInput, self.instance.names),
                ("text", _("Text in %(language)s"), 300, Area, self.instance.texts),
            ):
                self.fields[f"{kind}_{code}"] = forms.CharField(
                    label=label % language, max_length=most, required=False, widget=area(attrs={"lang": code})
                )
                self.initial.setdefault(f"{kind}_{code}", kept.get(code, ""))
        self.initial.setdefault("numbers", "\n".join(self.instance.skus))

    def _choose(self, name: str, found: Iterable[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [("", "-"), *found]

    def clean_numbers(self) -> list[str]:
        """Refuse numbers that no item has."""
        return typed_skus(self.cleaned_data["numbers"], most=MOST_ITEMS)

    def clean(self) -> dict[str, Any]:
        """Refuse an offer that says nothing, is over, gives more than is good, or is for nobody."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, why in _mistakes(cleaned, self.instance):
            self.add_error(name, why)
        if cleaned.get("audience") == Audience.NEW:
            cleaned["is_once"] = True
        return cleaned

    def save(self, commit: bool = True) -> Offer:  # noqa: FBT001, FBT002 (Django's own)
        """Keep the words by language and the items as a list."""
        cleaned = self.cleaned_data
        self.instance.names = {code: cleaned[f"name_{code}"].strip() for code in LANGUAGES}
        self.instance.texts = {code: cleaned[f"text_{code}"].strip() for code in LANGUAGES}
        self.instance.skus = cleaned["numbers"]
        offer: Offer = super().save(commit=commit)
        return offer


def _mistakes(cleaned: dict[str, Any], offer: Offer) -> Iterable[tuple[str, Any]]:
    if not any(cleaned.get(f"name_{code}", "").strip() for code in LANGUAGES):
        yield f"name_{LANGUAGES[0]}", _("Write the name in at least one language: buyers and the ERP read it.")
    yield from _days(cleaned, offer)
    yield from _amounts(cleaned, offer)
    if cleaned.get("audience") == Audience.PRICE_LIST and not cleaned.get("price_list"):
        yield "price_list", _("Choose the price list that it is for.")
    if cleaned.get("audience") == Audience.CHOSEN and not cleaned.get("companies"):
        yield "companies", _("Choose the companies that it is for.")


def _days(cleaned: dict[str, Any], offer: Offer) -> Iterable[tuple[str, Any]]:
    starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
    if starts_on and ends_on:
        if ends_on < starts_on:
            yield "ends_on", _("It must end after it starts.")
        elif ends_on < company_day(timezone.now()) and not offer.pk:
            yield "ends_on", _("That is over already.")
        elif ends_on - starts_on > LONGEST:
            yield "ends_on", _("An offer may run for 400 days at most.")


def _amounts(cleaned: dict[str, Any], offer: Offer) -> Iterable[tuple[str, Any]]:
    value, minimum, budget = cleaned.get("value"), cleaned.get("minimum"), cleaned.get("budget")
    if value is not None and value <= 0:
        yield "value", _("Write what it takes off, above 0.")
    if value is not None and cleaned.get("gives") == Gives.PERCENT and value > MOST_PERCENT:
        yield "value", _("At most 50 %: an offer of more is a mistake of typing.")
    is_amount = cleaned.get("gives") == Gives.AMOUNT and value is not None
    if value is not None and is_amount and (minimum is None or minimum < 2 * value):
        yield "minimum", _("An amount needs an order value of at least twice as much, so that nothing is given away.")
    if budget is not None and budget < offer.used:
        yield "budget", _("Orders have taken %(used)s of it already.") % {"used": offer.used}
    if is_amount and budget is not None and budget < value:
        yield "budget", _("The budget must hold for one order at least.")


def _price_lists() -> Iterator[tuple[str, str]]:
    found = Customer.objects.filter(gone_at=None).exclude(price_list="").values("price_list")
    for row in found.annotate(n=Count("pk")).order_by("price_list"):
        yield row["price_list"], _("price list %(key)s (%(n)s companies)") % {"key": row["price_list"], "n": row["n"]}


def _categories(tree: CategoryTree, of: str | None = None, depth: int = 0) -> Iterator[tuple[str, str]]:
    for node in tree.children(of):
        yield node.erp_id, f"{'- ' * depth}{node.name_in(get_language() or 'en')}"
        yield from _categories(tree, node.erp_id, depth + 1)
