"""Restatements in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from adoption.books.models import Restatement

POINTS = Decimal(100)
METRICS = {
    "adoption.order": _("order adoption"),
    "adoption.revenue": _("revenue adoption"),
    "orders": _("orders"),
    "revenue": _("revenue"),
    "net_sales": _("net sales"),
    "login": _("log-ins"),
    "session_start": _("sessions"),
}
MONEY = frozenset({"revenue", "net_sales"})


def restated(row: Restatement, currency: str) -> str:
    """Return "restated by +1.2 points on 3 June: 4 late credit notes"."""
    return gettext("restated by %(change)s on %(day)s: %(causes)s") % {
        "change": change(row, currency),
        "day": _day(row.day),
        "causes": ", ".join(cause(one) for one in row.causes),
    }


def change(row: Restatement, currency: str) -> str:
    """Return the difference with its sign: points of a share, an amount, a number; a dash from or to nothing."""
    if row.before is None or row.after is None:
        return "\N{EN DASH}"
    difference = row.after - row.before
    sign = "+" if difference >= 0 else "\N{MINUS SIGN}"
    if row.metric.startswith("adoption."):
        size = format_decimal(abs(difference) * POINTS, format="#,##0.0", locale=_locale())
        return gettext("%(number)s points") % {"number": f"{sign}{size}"}
    if row.metric in MONEY:
        return f"{sign}{format_currency(abs(difference), currency, locale=_locale())}"
    return f"{sign}{format_decimal(abs(difference), locale=_locale())}"


def cause(one: Mapping[str, Any]) -> str:
    """Return a cause with its number."""
    count = int(one["count"])
    texts = {
        "late_order": ngettext("%(count)s late order", "%(count)s late orders", count),
        "changed_order": ngettext("%(count)s changed order", "%(count)s changed orders", count),
        "cancelled_order": ngettext("%(count)s cancelled order", "%(count)s cancelled orders", count),
        "late_invoice": ngettext("%(count)s late invoice", "%(count)s late invoices", count),
        "changed_invoice": ngettext("%(count)s changed invoice", "%(count)s changed invoices", count),
        "cancelled_invoice": ngettext("%(count)s cancelled invoice", "%(count)s cancelled invoices", count),
        "late_credit": ngettext("%(count)s late credit note", "%(count)s late credit notes", count),
        "changed_credit": ngettext("%(count)s changed credit note", "%(count)s changed credit notes", count),
        "cancelled_credit": ngettext("%(count)s cancelled credit note", "%(count)s cancelled credit notes", count),
        "late_event": ngettext("%(count)s late event", "%(count)s late events", count),
        "withdrawn_event": ngettext("%(count)s withdrawn event", "%(count)s withdrawn events", count),
    }
    return texts.get(str(one["kind"]), str(one["kind"])) % {"count": count}


def _day(day: dt.date) -> str:
    return str(format_date(day, "d MMMM", locale=_locale()))


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")
