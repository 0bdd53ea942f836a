"""Why somebody should be called, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from adoption.coaching.choosing import DECAY, LEAKED, NEVER, PHONES
from adoption.reports.words import channel_word

WEEKLY, FORTNIGHTLY, MONTHLY = 12, 6, 3


def reason_words(reason: str, facts: Mapping[str, str]) -> str:
    """Return the reason as one says it: how they order, how much of it is online, and what is missing."""
    how = _("orders %(often)s (%(channel)s), %(share)s %% of the value is in the shop") % {
        "often": often_words(int(facts.get("orders", 0))),
        "channel": channel_word(facts.get("channel", "")),
        "share": facts.get("share", ""),
    }
    what = {
        NEVER: _("never logged in"),
        PHONES: _("logs in, yet orders past the shop"),
        LEAKED: _("ordered online before and went back"),
        DECAY: _("logs in less and less"),
    }
    return f"{how}; {what.get(reason, reason)}"


def often_words(orders: int) -> str:
    """Return how often somebody ordered in 90 days."""
    if orders >= WEEKLY:
        return _("weekly")
    if orders >= FORTNIGHTLY:
        return _("every two weeks")
    return _("monthly") if orders >= MONTHLY else _("now and then")
