"""Questions about bad lines, and about speed: what a page may count on."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from decimal import Decimal

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must
from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.faults import LineFault

# A page's deadline of reliability A4, and what a call may overrun its own.
PAGE_S = 1.5
OVERRUN_S = 1.0
TINY_S = 0.005
PAGE_ITEMS = 24
SIZES = (1, 10, 24, 50, 100, 200)


def a_short_time_is_kept(sample: Sample) -> None:
    """A call that has no time left comes back at once, with an answer or without."""
    started = time.perf_counter()
    with contextlib.suppress(ErpUnavailable):
        sample.erp.offers(sample.context, sample.asks, deadline_s=TINY_S)
    took = time.perf_counter() - started
    must(took < TINY_S + OVERRUN_S, f"given {TINY_S} s it took {took:.1f} s")


def a_bad_line_is_told_as_what_it_is(sample: Sample) -> None:
    """A read over a refused, lost, failing or garbled line is "unavailable" or "broken", never a price."""
    calls.offers(sample, sample.asks[:1])  # logs in, so that the fault strikes the call itself
    for fault in LineFault:
        answered = False
        with sample.broken_line(fault) as line:
            try:
                calls.offers(sample, sample.asks)
                answered = True
            except ErpUnavailable as error:
                is_refused = fault is LineFault.REFUSED
                must(error.nothing_sent == is_refused, f'{fault}: nothing_sent is {error.nothing_sent}: "{error}"')
            except ErpBroken:
                must(fault is not LineFault.REFUSED, "a line that was never there is told as a broken answer")
        if not line.struck:
            raise CannotAsk("The adapter sends no requests that could be cut.")
        must(not answered, f"{fault}: it answered all the same")


def a_page_is_priced_in_time(sample: Sample) -> str:
    """24 items are priced within a page's 1.5 seconds; the report says what each call takes."""
    asks = _asks(sample, PAGE_ITEMS)
    page_s = _seconds(sample, asks)
    if page_s > PAGE_S:  # the first one may have logged in
        page_s = min(_seconds(sample, asks) for _ in range(2))
    credit = f", credit {_credit_s(sample) * 1000:.0f} ms" if sample.erp.capabilities.has_credit else ""
    must(page_s <= PAGE_S, f"{PAGE_ITEMS} items take {page_s:.2f} s; a page waits {PAGE_S} s at most")
    return f"{PAGE_ITEMS} items {page_s * 1000:.0f} ms{credit}"


def _credit_s(sample: Sample) -> float:
    started = time.perf_counter()
    sample.erp.credit(sample.context.customer_erp_id, deadline_s=sample.unlimited_deadline_s)
    return time.perf_counter() - started


def the_declared_batch_is_efficient(sample: Sample) -> str:
    """An item in a batch of the declared size costs at most three times what it costs in the best size measured."""
    sizes = sorted({*SIZES, sample.erp.capabilities.batch_size})
    per_item = {}
    for size in sizes:
        asks = _asks(sample, size)
        per_item[size] = min(_seconds(sample, asks) for _ in range(2)) * 1000 / size
    best = min(per_item, key=lambda size: per_item[size])
    declared = sample.erp.capabilities.batch_size
    told = ", ".join(f"{size}: {ms:.1f}" for size, ms in per_item.items())
    must(
        per_item[declared] <= 3 * per_item[best] or per_item[declared] < 1,
        f"declared {declared}, best {best}; ms an item: {told}",
    )
    return f"declared {declared}, best measured {best}; ms an item by size: {told}"


def _seconds(sample: Sample, asks: list[r.Ask]) -> float:
    started = time.perf_counter()
    calls.offers(sample, asks)
    return time.perf_counter() - started


def _asks(sample: Sample, size: int) -> list[r.Ask]:
    """Return so many asks of one of each item; items repeat when the sample has fewer."""
    items = list(sample.items.values())
    known = [r.Ask(item.sku, item.erp_id, Decimal(1)) for item in items] or list(sample.asks)
    return [replace(known[number % len(known)]) for number in range(size)]
