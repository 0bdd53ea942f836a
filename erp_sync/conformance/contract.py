"""The questions. Each takes a sample and raises ContractBroken with what was promised and what came."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.conformance.sample import Question, Sample, must
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable

PARALLEL = 4


def it_answers_and_knows_the_time(sample: Sample) -> None:
    """Version and clock come back; the clock is near ours."""
    health = sample.erp.health(deadline_s=sample.unlimited_deadline_s)
    must(health.version, "no version")
    must(abs(health.clock_offset_s) < 300, f"the clock is {health.clock_offset_s} s off")
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    must(now.utcoffset() is not None, "the clock is naive")


def prices_are_those_of_each_agreement(sample: Sample) -> None:
    """List price, percentage, quantity break and contract price are the ERP's own to 4 decimals."""
    known = sample.known_prices()
    for one in known:
        offer = _offers(sample, [one.ask], context=one.context)[0]
        must(
            offer.net_price == one.net_price,
            f"{one.ask.sku} x {one.ask.quantity} for {one.context}: {offer.net_price}, not {one.net_price}",
        )


def a_batch_answers_what_single_calls_answer(sample: Sample) -> None:
    """Different quantities in one batch get the price of their own step, in the order asked."""
    asks = [replace(ask, quantity=ask.quantity * n) for n, ask in zip((1, 10, 100), sample.asks, strict=False)]
    asks.append(replace(sample.asks[0], quantity=sample.asks[0].quantity * 50))
    together = _offers(sample, asks)
    must([o.sku for o in together] == [a.sku for a in asks], "not in the order asked")
    for ask, offer in zip(asks, together, strict=True):
        alone = _offers(sample, [ask])[0]
        must(offer.net_price == alone.net_price, f"{ask}: {offer.net_price} in a batch, {alone.net_price} alone")


def an_unknown_item_is_not_for_sale(sample: Sample) -> None:
    """One item that does not exist does not spoil the page."""
    unknown = r.Ask(sku="NO-SUCH", erp_id="999999999")
    known, missing = _offers(sample, [sample.asks[0], unknown])
    must(known.net_price is not None, "the known item lost its price")
    must(missing.net_price is None, "an unknown item has a price")
    must(not missing.is_salable, "an unknown item is for sale")


def a_ladder_is_what_its_steps_cost(sample: Sample) -> None:
    """Asking the price at each step gives the step's price; the ladder begins at 1 or below."""
    offers = _offers(sample, sample.asks, ladders=True)
    must(any(len(offer.steps) > 1 for offer in offers), "no item of the sample has a ladder")
    for ask, offer in zip(sample.asks, offers, strict=True):
        quantities = [step.quantity for step in offer.steps]
        must(quantities == sorted(quantities), f"{ask.sku}: steps are not ascending")
        for step in offer.steps:
            at_step = _offers(sample, [replace(ask, quantity=step.quantity)])[0].net_price
            must(at_step == step.net_price, f"{ask.sku} from {step.quantity}: {at_step}, ladder says {step.net_price}")


def stock_of_warehouses_adds_up(sample: Sample) -> None:
    """The stock on hand is the sum over warehouses, and nobody promises more than there is."""
    split = _offers(sample, sample.asks, warehouses=True)
    whole = _offers(sample, sample.asks)
    for parts, one in zip(split, whole, strict=True):
        must(parts.stock is not None and one.stock is not None, f"{one.sku}: no stock")
        on_hand = sum((s.on_hand for s in parts.stock or ()), Decimal(0))
        total = sum((s.on_hand for s in one.stock or ()), Decimal(0))
        must(on_hand == total, f"{one.sku}: {on_hand} in the warehouses, {total} in all")
        must(all(s.available <= s.on_hand for s in parts.stock or ()), f"{one.sku}: promised twice")


def credit_is_said(sample: Sample) -> None:
    """The position has a currency, and what is left is limit minus use."""
    credit = sample.erp.credit(sample.context.customer_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(credit.currency == sample.context.currency, f"credit in {credit.currency}")
    must(credit.limit is None or credit.left == credit.limit - credit.used, "left is not limit - used")


def totals_equal_the_order_to_the_cent(sample: Sample) -> None:
    """What an unsaved order is said to cost is what it costs, freight and tax included."""
    order = sample.order(factor=7)
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    must(not _found(sample, order), "asking for totals wrote an order")
    written = _create(sample, order).totals
    must(said == written, f"said {said}, the order has {written}")
    must(said.total == said.untaxed + said.tax, f"total is not untaxed + tax: {said}")


def an_order_comes_whole(sample: Sample) -> None:
    """Reference, state, number, lines and their prices are those that were sent."""
    order = sample.order()
    written = _create(sample, order)
    must(written.state == "confirmed", f"the order is {written.state}")
    must(written.reference == order.reference and written.number, f"no number or reference: {written}")
    sent = tuple((one.line_no, one.quantity, one.net_price) for one in order.lines)
    must(written.lines == sent, f"lines are {written.lines}, sent were {sent}")
    must(_found(sample, order) == [written], "looking it up gives something else")


def the_same_reference_twice_is_one_order(sample: Sample) -> None:
    """The second call gives the first order."""
    order = sample.order()
    must(_create(sample, order) == _create(sample, order), "the second answer differs")
    must(len(_found(sample, order)) == 1, "there are two orders")


def the_same_reference_in_parallel_is_one_order(sample: Sample) -> None:
    """Four at once: one order, and whoever got an answer got that one."""
    order = sample.order()
    answers: list[r.WrittenOrder] = []
    failures: list[Exception] = []

    def send() -> None:
        try:
            answers.append(_create(sample, order))
        except (ErpUnavailable, ErpRejected, ErpBroken) as error:
            failures.append(error)

    threads = [threading.Thread(target=send) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    must(answers, f"nobody got an answer: {failures}")
    must(len({one.erp_id for one in answers}) == 1, f"different orders: {answers}")
    must(len(_found(sample, order)) == 1, "there are two orders")
    must(_create(sample, order).state == "confirmed", "it was not confirmed in the end")


def a_lost_answer_is_found_by_reference(sample: Sample) -> None:
    """The answer to the creation is lost: not "nothing sent"; the look-up finds it; again is once."""
    order = sample.order()
    try:
        sample.lose_answer().create_order(order, deadline_s=sample.unlimited_deadline_s)
    except ErpUnavailable as error:
        must(not error.nothing_sent, "it says that nothing was sent")
    else:
        must(condition=False, message="the answer was not lost")
    must(len(_found(sample, order)) == 1, "the order is not found by its reference")
    must(_create(sample, order).state == "confirmed", "it was not carried on")
    must(len(_found(sample, order)) == 1, "there are two orders")


def an_order_found_halfway_is_carried_on(sample: Sample) -> None:
    """Created, not confirmed: the next call confirms it and creates nothing."""
    order = sample.order()
    sample.leave_halfway(order)
    before = _found(sample, order)
    must(len(before) == 1 and before[0].state != "confirmed", f"not half-way: {before}")
    after = _create(sample, order)
    must(after.state == "confirmed" and after.erp_id == before[0].erp_id, f"not carried on: {after}")
    must(len(_found(sample, order)) == 1, "there are two orders")


def over_the_limit_is_refused_in_the_erps_words(sample: Sample) -> None:
    """The refusal is a sentence, and the order is not confirmed."""
    order = sample.over_limit()
    try:
        _create(sample, order)
    except ErpRejected as error:
        must(len(error.message.split()) > 2, f"no sentence: {error.message!r}")
    else:
        must(condition=False, message="the order was taken")
    must(all(one.state != "confirmed" for one in _found(sample, order)), "it was confirmed")


def more_than_the_buyer_accepted_is_not_confirmed(sample: Sample) -> None:
    """An expected total below the ERP's stops the order before it is confirmed."""
    order = sample.order()
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    try:
        _create(sample, replace(order, expected_total=said.total - Decimal("0.01")))
    except ErpRejected:
        must(all(one.state != "confirmed" for one in _found(sample, order)), "it was confirmed")
    else:
        must(condition=False, message="the order was taken at a higher total")


def an_unconfirmed_order_can_be_cancelled(sample: Sample) -> None:
    """Cancelled once or twice is cancelled; one that does not exist is refused."""
    order = sample.order()
    sample.leave_halfway(order)
    for _ in range(2):
        written = sample.erp.write(_cancellation(order.reference), deadline_s=sample.unlimited_deadline_s)
        must(written.state == "cancelled", f"it is {written.state}")
    try:
        sample.erp.write(_cancellation("WEB-NOSUCH"), deadline_s=sample.unlimited_deadline_s)
    except ErpRejected:
        return
    must(condition=False, message="an order that does not exist was cancelled")


def a_new_order_is_pulled_with_its_channel(sample: Sample) -> None:
    """A pull since just before has it, with our reference, as an order of the shop."""
    order = sample.order()
    # The clock may tell whole seconds only.
    since = sample.erp.now(deadline_s=sample.unlimited_deadline_s).replace(microsecond=0)
    written = _create(sample, order)
    pulled = {one.erp_id: one for one in _pulled(sample, "orders", r.Cursor(changed_at=since), limit=50)}
    must(written.erp_id in pulled, "the order is not among the changed ones")
    record = pulled[written.erp_id]
    must(isinstance(record, r.OrderRecord), "it is no order")
    must(record.web_reference == order.reference, f"reference is {record.web_reference!r}")
    must(record.channel_hint is r.Channel.SHOP, f"channel is {record.channel_hint}")
    must(record.total == written.totals.total, f"total is {record.total}")
    must(record.version >= since, f"version {record.version} is before {since}")


def small_pages_see_everything_once(sample: Sample, kind: str, *, limit: int = 2) -> None:
    """Pages of two records give every key once, in order."""
    keys = list(sample.erp.keys(kind, deadline_s=sample.unlimited_deadline_s))
    pulled = [one.erp_id for one in _pulled(sample, kind, r.Cursor(), limit=limit)]
    must(len(pulled) == len(set(pulled)), f"{kind}: a record came twice")
    must(set(pulled) == set(keys), f"{kind}: pages and keys differ by {set(pulled) ^ set(keys)}")


def an_invoice_prints_as_pdf(sample: Sample) -> None:
    """The document is a PDF with a file name."""
    if not sample.erp.capabilities.has_pdf:
        return
    pdf = sample.erp.invoice_pdf(sample.invoice_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(pdf.content.startswith(b"%PDF"), f"it begins with {pdf.content[:10]!r}")
    must(pdf.filename.endswith(".pdf"), f"it is called {pdf.filename}")


QUESTIONS: tuple[Question, ...] = (
    it_answers_and_knows_the_time,
    prices_are_those_of_each_agreement,
    a_batch_answers_what_single_calls_answer,
    an_unknown_item_is_not_for_sale,
    a_ladder_is_what_its_steps_cost,
    stock_of_warehouses_adds_up,
    credit_is_said,
    totals_equal_the_order_to_the_cent,
    an_order_comes_whole,
    the_same_reference_twice_is_one_order,
    the_same_reference_in_parallel_is_one_order,
    a_lost_answer_is_found_by_reference,
    an_order_found_halfway_is_carried_on,
    over_the_limit_is_refused_in_the_erps_words,
    more_than_the_buyer_accepted_is_not_confirmed,
    an_unconfirmed_order_can_be_cancelled,
    a_new_order_is_pulled_with_its_channel,
    an_invoice_prints_as_pdf,
)
KINDS = ports.MIRRORED


def _offers(
    sample: Sample,
    asks: Sequence[r.Ask],
    *,
    context: r.PriceContext | None = None,
    ladders: bool = False,
    warehouses: bool = False,
) -> list[r.Offer]:
    return sample.erp.offers(
        context or sample.context,
        asks,
        ladders=ladders,
        warehouses=warehouses,
        deadline_s=sample.unlimited_deadline_s,
    )


def _create(sample: Sample, order: r.NewOrder) -> r.WrittenOrder:
    return sample.erp.create_order(order, deadline_s=sample.unlimited_deadline_s)


def _cancellation(order_reference: str) -> r.Cancellation:
    return r.Cancellation(f"{order_reference}-CANCEL", "", order_reference, "", "ordered by mistake")


def _found(sample: Sample, order: r.NewOrder) -> list[r.WrittenOrder]:
    return sample.erp.find_order(order.reference, deadline_s=sample.unlimited_deadline_s)


def _pulled(sample: Sample, kind: str, cursor: r.Cursor, *, limit: int) -> list[Any]:
    records: list[Any] = []
    following: r.Cursor | None = cursor
    while following is not None:
        page = sample.erp.pull(kind, following, limit=limit, deadline_s=sample.unlimited_deadline_s)
        must(not page.broken, f"{kind}: {page.broken[:1]}")
        records.extend(page.records)
        following = page.next
    return records
