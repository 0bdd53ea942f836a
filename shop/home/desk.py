"""What the shop knows that a customer needs of his rep: quotes, messages, returns, changes, orders that are stuck."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import SoldTo, User
from accounts.needs import DeskAnswer, Need, Urgency
from accounts.selectors import company_day
from accounts.signals import desk_wanted
from erp_sync.statements import fetch
from shop.messages.selectors import unread_by_company

# An answered quote that ends within so many days is worth a call.
ENDS_SOON = dt.timedelta(days=2)
_WAITING = """
SELECT sold_to_id, 'quote', count(*), min(reference), min(answer_by_at) FROM shop_quote
    WHERE sold_to_id = ANY(%s) AND state IN ('requested', 'change_asked') GROUP BY sold_to_id
UNION ALL SELECT sold_to_id, 'ending', count(*), min(reference), NULL FROM shop_quote
    WHERE sold_to_id = ANY(%s) AND state = 'answered' AND valid_until <= %s GROUP BY sold_to_id
UNION ALL SELECT sold_to_id, 'stuck', count(*), '', NULL FROM shop_order
    WHERE sold_to_id = ANY(%s) AND state = 'needs_review' GROUP BY sold_to_id
UNION ALL SELECT sold_to_id, 'change', count(*), '', NULL FROM shop_orderwish
    WHERE sold_to_id = ANY(%s) AND state = 'with_us' GROUP BY sold_to_id
UNION ALL SELECT sold_to_id, 'return', count(*), '', NULL FROM shop_return
    WHERE sold_to_id = ANY(%s) AND state = 'with_us' GROUP BY sold_to_id
"""


@receiver(desk_wanted, dispatch_uid="shop.home.desk")
def needs_of_customers(companies: Sequence[SoldTo], rep: User, now: dt.datetime, **_kwargs: Any) -> DeskAnswer:
    """Answer the rep's desk in two queries, whatever the number of companies."""
    found: dict[int, list[Need]] = {}
    for pk, need in (*_waiting(companies, now), *_messages(rep, now)):
        found.setdefault(pk, []).append(need)
    return DeskAnswer(needs=found)


def _waiting(companies: Sequence[SoldTo], now: dt.datetime) -> Iterable[tuple[int, Need]]:
    ours = [company.pk for company in companies]
    last = company_day(now + ENDS_SOON)
    for pk, kind, n, reference, by in fetch(_WAITING, [ours, ours, last, ours, ours, ours]):
        path = _quote_path(n, reference) if kind in {"quote", "ending"} else ""
        yield pk, Need(_urgency(kind, by, now), _words(kind, n) % {"n": n}, path, by)


def _quote_path(n: int, reference: str) -> str:
    return reverse("rep-quote", args=[reference]) if n == 1 else reverse("rep-quote-list")


def _urgency(kind: str, by: dt.datetime | None, now: dt.datetime) -> Urgency:
    if kind == "stuck" or (by is not None and by < now):
        return Urgency.LATE
    return Urgency.SOON if kind == "ending" else Urgency.TODAY


def _words(kind: str, n: int) -> str:
    words = {
        "quote": ngettext("%(n)s quote to answer", "%(n)s quotes to answer", n),
        "ending": ngettext("%(n)s quote ends soon", "%(n)s quotes end soon", n),
        "stuck": ngettext("%(n)s order waits for our decision", "%(n)s orders wait for our decision", n),
        "change": ngettext("%(n)s change of an order to decide", "%(n)s changes of orders to decide", n),
        "return": ngettext("%(n)s return to decide", "%(n)s returns to decide", n),
    }
    return words[kind]


def _messages(rep: User, now: dt.datetime) -> Iterable[tuple[int, Need]]:
    for pk, n in unread_by_company(rep=rep, now=now).items():
        words = ngettext("%(n)s conversation to answer", "%(n)s conversations to answer", n) % {"n": n}
        yield pk, Need(Urgency.TODAY, words, reverse("rep-inbox"))
