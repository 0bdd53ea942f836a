"""The calls that the questions make, each with the sample's deadline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance.sample import CannotAsk, Sample, must
from erp_sync.errors import ErpRejected

JUST_NOW = dt.timedelta(seconds=60)


def offers(
    sample: Sample,
    asks: Sequence[r.Ask],
    *,
    context: r.PriceContext | None = None,
    ladders: bool = False,
    warehouses: bool = False,
) -> list[r.Offer]:
    """Return price and stock of the asks, for the sample's customer unless another is named."""
    return sample.erp.offers(
        context or sample.context,
        asks,
        ladders=ladders,
        warehouses=warehouses,
        deadline_s=sample.unlimited_deadline_s,
    )


def create(sample: Sample, order: r.NewOrder, *, may_wait: bool = False) -> r.WrittenOrder:
    """Create an order.

    Raises:
        CannotAsk: it waits for its number, and the question needs one (not with `may_wait`).
    """
    written = sample.erp.create_order(order, deadline_s=sample.unlimited_deadline_s)
    if written.state == r.HANDED and not may_wait:
        raise CannotAsk(_("The ERP had not taken the order yet: look there at those that the notes name."))
    return written


def found(sample: Sample, order: r.NewOrder) -> list[r.WrittenOrder]:
    """Return what carries the order's reference."""
    return sample.erp.find_order(order.reference, deadline_s=sample.unlimited_deadline_s)


def write(sample: Sample, wish: r.Write) -> r.WrittenDocument:
    """Do one of the other writes."""
    return sample.erp.write(wish, deadline_s=sample.unlimited_deadline_s)


def find(sample: Sample, wish: r.Write) -> list[r.WrittenDocument]:
    """Return what is there of a write."""
    return sample.erp.find_written(wish, deadline_s=sample.unlimited_deadline_s)


def accept(sample: Sample, acceptance: r.QuoteAcceptance) -> r.WrittenOrder:
    """Make a quote an order."""
    return sample.erp.accept_quote(acceptance, deadline_s=sample.unlimited_deadline_s)


def pages(sample: Sample, kind: str, cursor: r.Cursor, *, limit: int, most: int | None = None) -> list[Any]:
    """Return every record of a kind from `cursor` on, page by page (at most so many pages).

    Raises:
        ContractBroken: a record could not be read.
    """
    records: list[Any] = []
    following: r.Cursor | None = cursor
    count = 0
    while following is not None and (most is None or count < most):
        page = sample.erp.pull(kind, following, limit=limit, deadline_s=sample.unlimited_deadline_s)
        must(not page.broken, f"{kind}: {page.broken[:1]}")
        records.extend(page.records)
        following, count = page.next, count + 1
    return records


def changed(sample: Sample, kind: str) -> list[Any]:
    """Return what changed in the last minute."""
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    return pages(sample, kind, r.Cursor(changed_at=now - JUST_NOW), limit=100)


def pulled(sample: Sample, kind: str, erp_id: str) -> Any:
    """Return a record that was just written, as the mirror's next pull sees it.

    Raises:
        ContractBroken: it is not there, or more than once.
    """
    there = [one for one in changed(sample, kind) if one.erp_id == erp_id]
    must(len(there) == 1, f"{kind}: {erp_id} was pulled {len(there)} times")
    return there[0]


def refused(act: Callable[[], object], what: str) -> None:
    """Raise unless the ERP refuses, in a sentence.

    Raises:
        ContractBroken: it did it, or said nothing that a person understands.
    """
    try:
        act()
    except ErpRejected as error:
        must(len(error.message.split()) > 2, f"no sentence: {error.message!r}")
    else:
        must(condition=False, message=f"it was done: {what}")
