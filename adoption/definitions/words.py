"""Settings in words: what each one is called and what it changes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

Text = str | Promise

NAMES: dict[str, Text] = {
    "online": _("Channels that count as self-service"),
    "neutral": _("Digital channels that are not the shop"),
    "retention_days": _("Staying online: days watched"),
    "retained_share": _("Staying online: share of online orders"),
    "migration_look_back_days": _("Moving online: how old an offline order may be, in days"),
    "returning_days": _("Ordering again: within days"),
    "tracking_days": _("Tracking counts for days after the order"),
    "search_window_s": _("The same invoice search counts again after seconds"),
    "contact_days": _("A sales contact may lead to an order for days"),
    "leak_recent_days": _("Back to the phone: recent days"),
    "leak_baseline_days": _("Back to the phone: days before those"),
    "leak_min_online": _("Back to the phone: online orders before, at least"),
    "leak_share": _("Back to the phone: online share before, at least"),
    "leak_min_recent": _("Back to the phone: recent orders, at least"),
    "leak_recent_share": _("Back to the phone: online share now, at most"),
    "leak_clear_share": _("Back to the phone: over when the online share is at least"),
    "reactivation_days": _("Came back: days without an online order before"),
    "score_days": _("Adoption score: days"),
    "decay_recent_days": _("Fewer log-ins: recent days"),
    "decay_baseline_days": _("Fewer log-ins: days before those"),
    "decay_min": _("Fewer log-ins: days with a log-in before, at least"),
    "decay_alert": _("Fewer log-ins: alert from a fall of"),
    "sla_minutes": _("Quotes: answered within business minutes"),
    "quote_to_order_days": _("Quotes: an order follows within days"),
    "lead_days": _("Leads: revenue counts for days"),
    "lead_dedupe_days": _("Leads: the same person is one lead for days"),
    "delivery_tolerance_days": _("Delivery: days late that still count as on time"),
    "ropo_days": _("Looked online, bought offline: days between"),
    "session_timeout_minutes": _("A visit ends after minutes without a click"),
}
# Told by whoever records visits, not by a report: nothing to choose here.
FIXED = frozenset({"session_timeout_minutes"})
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (_("Channels"), ("online", "neutral")),
    (
        _("Moving online and staying"),
        ("migration_look_back_days", "retention_days", "retained_share", "returning_days", "reactivation_days"),
    ),
    (
        _("Back to the phone"),
        (
            "leak_recent_days", "leak_baseline_days", "leak_min_online", "leak_share", "leak_min_recent",
            "leak_recent_share", "leak_clear_share",
        ),
    ),
    (
        _("Use of the shop"),
        (
            "tracking_days", "search_window_s", "score_days", "decay_recent_days", "decay_baseline_days", "decay_min",
            "decay_alert", "ropo_days",
        ),
    ),
    (
        _("Sales and service"),
        (
            "contact_days", "sla_minutes", "quote_to_order_days", "lead_days", "lead_dedupe_days",
            "delivery_tolerance_days",
        ),
    ),
)  # fmt: skip


def setting_word(name: str) -> str:
    """Return a setting's name as people say it."""
    return str(NAMES.get(name, name))


def value_word(value: object) -> str:
    """Return a setting's value as people say it.

    >>> value_word(Decimal("0.60")), value_word(["web_self", "punchout"]), value_word(30)
    ('0.6', 'punchout, web_self', '30')
    """
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return ", ".join(sorted(str(one) for one in value)) if isinstance(value, Iterable) and value else _now("none")
