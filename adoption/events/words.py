"""Events in words (docs/metrics.md, "Facts")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
KINDS: dict[str, Text] = {
    "session_start": _("visit began"),
    "login": _("log-in"),
    "login_failed": _("log-in refused"),
    "logout": _("log-out"),
    "impersonation_start": _("rep began to act for a customer"),
    "impersonation_end": _("rep ended acting for a customer"),
    "product_view": _("item looked at"),
    "search": _("search"),
    "cart_add": _("put into the basket"),
    "reorder_clicked": _("order repeated"),
    "quote_requested": _("quote asked for"),
    "quote_answered": _("quote answered"),
    "quote_accepted": _("quote accepted"),
    "quote_decided": _("quote decided"),
    "order_submitted": _("order placed"),
    "order_tracked": _("order's status opened"),
    "invoice_viewed": _("invoice opened"),
    "invoice_searched": _("invoice searched"),
    "payment_online_succeeded": _("paid online"),
    "survey_prompted": _("question asked"),
    "survey_answered": _("question answered"),
    "friction": _("something in the way"),
}
ACTORS: dict[str, Text] = {
    "buyer": _("buyer"),
    "rep": _("sales rep"),
    "staff": _("staff"),
    "system": _("the system"),
    "bot": _("a robot"),
}
OBJECTS: dict[str, Text] = {
    "order": _("order"),
    "quote": _("quote"),
    "invoice": _("invoice"),
    "item": _("item"),
    "session": _("visit"),
    "payment": _("payment"),
}
# By their number in docs/metrics.md, "Channels".
RULES: dict[int, Text] = {
    1: _("1: a rep submitted it for the customer"),
    2: _("2: it came back from the customer's procurement system"),
    3: _("3: a buyer submitted it in the shop"),
    4: _("4: a rep submitted it in the shop"),
    5: _("5: the ERP says how it came"),
    6: _("6: the ERP does not say how it came"),
}


def word(words: Mapping[Any, Text], value: Any) -> str:
    """Return a value in words; one without words as it is."""
    return str(words.get(value, value))
