"""What is asked about quotes; part of benchmarks.documents_bench."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

from benchmarks.in_process import TIMES, ok, timed

LINES = 20


def rows(own: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Make a company of so many quotes among others', and measure every question."""
    from django.db import connection
    from django.test import Client

    from erp_sync.adapters import fake
    from tests.builders import catalogue, people

    buyer, other = people.buyer(), people.sold_to()
    rep = people.rep(buyer.sold_to, other)
    fake.shared().add_customer(buyer.sold_to.erp_id)
    skus = [catalogue.item(f"Q-{number:03}").sku for number in range(LINES)]
    _old(buyer.sold_to, own)
    _old(other, 2 * own)
    waiting = [_answered(buyer, rep, skus) for _time in range(TIMES + 3)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser, desk = people.log_in(Client(), buyer), people.log_in(Client(), rep)
    left = iter(waiting[2:])
    page = f"/quotes/{waiting[0].reference}/"
    yield f"list of {own:,} quotes", timed(lambda: ok(browser.get("/quotes/")))
    yield "quotes by item", timed(lambda: ok(browser.get("/quotes/?q=Q-007")))
    yield f"the rep's queue of {3 * own:,}", timed(lambda: ok(desk.get("/rep/quotes/")))
    yield f"page of a quote of {LINES} lines", timed(lambda: ok(browser.get(page)))
    yield "the rep's page of it", timed(lambda: ok(desk.get(f"/rep{page}")))
    yield "PDF of it", timed(lambda: ok(browser.get(f"{page}pdf/")))
    yield f"accept a quote: check, order of {LINES} lines, queue, tell", timed(lambda: _accept(browser, next(left)))


def _old(sold_to: Any, count: int) -> None:
    """Write decided quotes of a line each."""
    from django.utils import timezone

    from shop.quotes.models import Quote, QuoteLine

    now = timezone.now()
    made = Quote.objects.bulk_create(
        (
            Quote(
                reference=f"WEB-{sold_to.pk}-{number:020}", sold_to=sold_to, request_key=uuid4(), state="declined",
                currency="EUR", requested_at=now - dt.timedelta(hours=number + 1), decided_at=now,
            )
            for number in range(count)
        ),
        batch_size=2_000,
    )  # fmt: skip
    QuoteLine.objects.bulk_create(
        (
            QuoteLine(quote=one, line_no=1, sku=f"Q-{at % 500:03}", name="Bolt", quantity=5)
            for at, one in enumerate(made)
        ),
        batch_size=2_000,
    )


def _answered(buyer: Any, rep: Any, skus: list[str]) -> Any:
    from tests.builders import quotes

    quote = quotes.asked(buyer, *((sku, "5") for sku in skus))
    quotes.answered(quote, rep, *["9.1234"] * len(skus))
    quote.refresh_from_db()
    return quote


def _accept(browser: Any, quote: Any) -> object:
    from shop.orders.models import Order
    from shop.quotes.acceptance import fingerprint

    version = quote.versions.get()
    fields = {"shown": fingerprint(version), "ship_to": quote.sold_to.erp_id.replace("C", "A")}
    answer = ok(browser.post(f"/quotes/{quote.reference}/accept/", fields | {f"take-{n}": "on" for n in range(1, 21)}))
    if Order.objects.latest("pk").untaxed_total != Decimal("45.62") * LINES:
        raise AssertionError("the order has other prices than the quote")
    return answer
