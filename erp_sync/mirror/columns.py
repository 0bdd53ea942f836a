"""Columns and filters of the mirror's admin lists, in the reader's words rather than the fields' names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.labels import HIDDEN, LABELS
from erp_sync.mirror.models import Customer

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHANNELS = {
    "shop": _("Online"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "rep": _("Sales rep"),
    "counter": _("Counter"),
    "fax": _("Fax"),
    "edi": _("EDI"),
    "unknown": _("Not recorded"),
}
STATES = {
    "draft": _("draft"),
    "quotation": _("quotation"),
    "open": _("open"),
    "completed": _("completed"),
    "cancelled": _("cancelled"),
    "received": _("received"),
    "confirmed": _("confirmed"),
    "picking": _("being prepared"),
    "planned": _("planned"),
    "shipped": _("shipped"),
    "delivered": _("delivered"),
    "paid": _("paid"),
    "invoice": _("invoice"),
    "credit": _("credit note"),
    "quoted": _("quoted"),
    "accepted": _("accepted"),
    "declined": _("declined"),
}


ITEM_TYPES = {
    "goods": _("goods"),
    "service": _("service"),
    "discount": _("discount"),
    "freight": _("freight"),
}
TRUTH = {
    "True": _("yes"),
    "False": _("no"),
}
VIAS = {
    "web": _("in the shop"),
    "bank": _("by bank"),
    "cash": _("in cash"),
}
OUTCOMES = {
    "succeeded": _("succeeded"),
    "reversed": _("taken back"),
}
CONTACTS = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "mobile": _("Mobile"),
    "fax": _("Fax"),
    "website": _("Web page"),
}
# Values that have words, by field.
WORDS: Mapping[str, Mapping[str, Any]] = {
    "channel_hint": CHANNELS,
    "status": STATES,
    "step": STATES,
    "state": STATES | OUTCOMES,
    "item_type": ITEM_TYPES,
    "via": VIAS,
}


@cache
def named(field: str) -> Callable[[Model], Any]:
    """Return the column of a field under its label, in words."""
    return column(field, LABELS[field], WORDS.get(field))


def shown_fields(model: type[Model], *, but: Collection[str] = ()) -> list[Callable[[Model], Any]]:
    """Return what people see of a row: its fields under their labels, without what only the code reads."""
    return [named(one.name) for one in model._meta.concrete_fields if one.name not in HIDDEN and one.name not in but]


def column(
    field: str, title: str | _StrPromise, words: Mapping[str, str | _StrPromise] | None = None
) -> Callable[[Model], Any]:
    """Return a column that shows a field under this title; its values in words where there are some."""

    @admin.display(description=title, ordering=field)
    def shown(row: Model) -> Any:
        value = getattr(row, field)
        return str(words.get(value, value)) if words is not None else _written(value)

    shown.__name__ = field
    return shown


def _written(value: Any) -> Any:
    """Return an instant by the company's clock and an amount with its thousands apart; anything else as it is."""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value, ZoneInfo(settings.COMPANY_TZ))
        return formats.date_format(local, "SHORT_DATETIME_FORMAT")
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Decimal):
        return format_decimal(value, format="#,##0.00##", locale=to_locale(get_language() or "en"))
    return value


def choice(
    field: str, title_words: str | _StrPromise, words: Mapping[str, str | _StrPromise]
) -> tuple[str, type[admin.AllValuesFieldListFilter]]:
    """Return a filter by the values that occur, under this title and in words."""

    class InWords(admin.AllValuesFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title_words

        def choices(self, changelist: Any) -> Any:
            for one in super().choices(changelist):
                yield {**one, "display": words.get(str(one["display"]), one["display"])}

    return field, InWords


class OfCustomer:
    """An admin list whose rows belong to a customer: shows and finds him by name."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the customer's name along."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc] # beside a ModelAdmin
        name = Customer.objects.filter(erp_id=OuterRef("customer_erp_id")).values("name")[:1]
        named: QuerySet[Any] = rows.annotate(customer_name=Subquery(name))
        return named


CUSTOMER = column("customer_name", _("Customer"))
