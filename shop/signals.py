"""The facts that the shop announces, as `accounts.signals.Fact` through `announce`.

Kinds: product_view, search, cart_add, reorder_clicked, order_submitted, order_tracked, invoice_viewed,
invoice_searched, quote_requested, quote_answered, quote_accepted, quote_decided, approval_submitted,
approval_approved, approval_declined, approval_stuck and friction (docs/metrics.md, "Facts").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.dispatch import Signal
from django.utils import translation

from accounts.signals import Fact, Who

shop_fact = Signal()
"""Sent with `event=Fact(...)`.

`order_submitted` has object_type "order", object_id = the shop's reference (`WEB-…`) and props `channel`,
`key` (the checkout's order key), `lines`, `untaxed`, `currency`, and `quote`: the reference of the quote that it came
from, "" for a basket.

Quotes have object_type "quote" and object_id = the shop's reference (docs/metrics.md, M26, is made of these):
`quote_requested` (who: the buyer) has props `lines`, `currency`, `channel`; a quote that began in the ERP has none.
`quote_answered`, once for each version, has props `version`, `human` ("yes": a person of ours; "no": automatic),
`untaxed`, `currency`.
`quote_accepted` has props `order` (the shop's reference), `version`, `channel`.
`quote_decided` has props `status` (won, lost, expired, withdrawn, or open again) and `order`; the latest one holds.

`order_tracked` has object_id = ERP order id, or the shop's reference while the ERP has none.
`search` has props `query`, `hits`; `invoice_searched` has props `query`.
Approvals have object_type "approval" and object_id = the shop's reference of what waits; `approval_submitted`,
`approval_approved`, `approval_declined` and `approval_stuck` have props `untaxed`, `currency`, `reasons` or `order`.
The order counts when it is released, by `order_submitted` of whoever sent it, at the time he sent it.
`friction` has props `cause` (out_of_stock, price_difference, approval_stuck, payment_failed, order_refused, erp_away)
and `about`: the item, the approval, the payment, the order; what went wrong may be why somebody goes back to the phone.
"""


def friction(*, cause: str, about: str, key: str, who: Who, now: dt.datetime) -> Fact:
    """Return the fact that something went wrong for somebody; the same key counts once."""
    return Fact(
        event_id=f"friction:{cause}:{key}",
        kind="friction",
        occurred_at=now,
        who=who,
        props={"cause": cause, "about": about},
    )


facts_wanted = Signal()
"""Sent by adoption's backfill with `since`; the shop answers by announcing its lasting facts again."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that people should be told (room `notices`): sent with `announce(shop_told, Told(...))`.

    Attributes:
        key: Unique for ever; announcing twice tells once ("quote:WEB-01H…:answered:2").
        event: One of `shop.notices.events`: order_accepted, order_changed, order_shipped, order_late,
            quote_asked, quote_answered, quote_expiring, message, return_answered, invoice_due, payment_booked …
        sold_to_id: Primary key of the company it is about.
        audience: buyers (everybody of the company who may buy), person (only `person_id`), rep (its reps).
        path: Address of the page that shows it.
        params: Plain texts for the words: number, amount, date, reason. Amounts come formatted by the notice; what
            only the sender can say in another language comes by `in_languages`.
    """

    key: str
    event: str
    sold_to_id: int
    audience: str
    occurred_at: dt.datetime
    path: str
    person_id: int | None = None
    params: dict[str, str] = field(default_factory=dict)


def in_languages(name: str, say: Callable[[], str]) -> dict[str, str]:
    """Return a param of `Told` in every language of the shop: `{"unit": …, "unit_en": …, "unit_es": …}`."""
    said: dict[str, str] = {}
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            said[f"{name}_{code}"] = say()
    return {name: said[f"{name}_{settings.LANGUAGE_CODE}"]} | said


shop_told = Signal()
"""Sent with `event=Told(...)` in the sender's transaction."""
