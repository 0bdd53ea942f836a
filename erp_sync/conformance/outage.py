"""Questions about bad lines, and about speed: what a page may count on."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must, promises
from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.faults import LineFault

# A page's deadline of reliability A4, and what a call may overrun its own.
PAGE_S = 1.5
OVERRUN_S = 1.0
TINY_S = 0.005
PAGE_ITEMS = 24
SIZES = (1, 10, 24, 50, 100, 200)


@promises(_("A call that has no time left comes back at once, with an answer or without."))
def a_short_time_is_kept(sample: Sample) -> None:
    started = time.perf_counter()
    with contextlib.suppress(ErpUnavailable):
        sample.erp.offers(sample.context, sample.asks, deadline_s=TINY_S)
    took = time.perf_counter() - started
    must(took < TINY_S + OVERRUN_S, _("given {given} s it took {took} s").format(given=TINY_S, took=f"{took:.1f}"))


@promises(_('A read over a refused, lost, failing or garbled line is "unavailable" or "broken", never a price.'))
def a_bad_line_is_told_as_what_it_is(sample: Sample) -> None:
    calls.offers(sample, sample.asks[:1])  # logs in, so that the fault strikes the call itself
    for fault in LineFault:
        answered = False
        with sample.broken_line(fault) as line:
            try:
                calls.offers(sample, sample.asks)
                answered = True
            except ErpUnavailable as error:
                is_refused = fault is LineFault.REFUSED
                must(
                    error.nothing_sent == is_refused,
                    _('{fault}: nothing_sent is {nothing_sent}: "{error}"').format(
                        fault=fault, nothing_sent=error.nothing_sent, error=error
                    ),
                )
            except ErpBroken:
                must(fault is not LineFault.REFUSED, _("a line that was never there is told as a broken answer"))
        if not line.struck:
            raise CannotAsk(_("The adapter sends no requests that could be cut."))
        must(not answered, _("{fault}: it answered all the same").format(fault=fault))


@promises(_("24 items are priced within a page's 1.5 seconds; the report says what each call takes."))
def a_page_is_priced_in_time(sample: Sample) -> str:
    asks = _asks(sample, PAGE_ITEMS)
    page_s = _seconds(sample, asks)
    if page_s > PAGE_S:  # the first one may have logged in
        page_s = min(_seconds(sample, asks) for _ in range(2))
    must(
        page_s <= PAGE_S,
        _("{count} items take {seconds} s; a page waits {limit} s at most").format(
            count=PAGE_ITEMS, seconds=f"{page_s:.2f}", limit=PAGE_S
        ),
    )
    took = _("{count} items {ms} ms").format(count=PAGE_ITEMS, ms=f"{page_s * 1000:.0f}")
    if not sample.erp.capabilities.has_credit:
        return took
    return _("{took}, credit {ms} ms").format(took=took, ms=f"{_credit_s(sample) * 1000:.0f}")


def _credit_s(sample: Sample) -> float:
    started = time.perf_counter()
    sample.erp.credit(sample.context.customer_erp_id, deadline_s=sample.unlimited_deadline_s)
    return time.perf_counter() - started


@promises(
    _("An item in a batch of the declared size costs at most three times what it costs in the best size measured.")
)
def the_declared_batch_is_efficient(sample: Sample) -> str:
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
        _("declared {declared}, best {best}; ms an item: {told}").format(declared=declared, best=best, told=told),
    )
    return _("declared {declared}, best measured {best}; ms an item by size: {told}").format(
        declared=declared, best=best, told=told
    )


def _seconds(sample: Sample, asks: list[r.Ask]) -> float:
    started = time.perf_counter()
    calls.offers(sample, asks)
    return time.perf_counter() - started


def _asks(sample: Sample, size: int) -> list[r.Ask]:
    """Return so many asks of one of each item; items repeat when the sample has fewer."""
    items = list(sample.items.values())
    known = [r.Ask(item.sku, item.erp_id, Decimal(1)) for item in items] or list(sample.asks)
    return [replace(known[number % len(known)]) for number in range(size)]
