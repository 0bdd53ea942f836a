"""Questions about orders: whole, once, refused in words, and pulled as they were written."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must, promises
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.faults import LineFault

PARALLEL = 4
MOST_STEPS = 40
WRITTEN = ("confirmed", r.HANDED)
TAKEN_OFF = Decimal("1.03")
OFFER = "Autumn offer"
Lines = tuple[tuple[int, Decimal, Decimal], ...]


@promises(_("What an unsaved order is said to cost is what it costs, freight and tax included."))
def totals_equal_the_order_to_the_cent(sample: Sample) -> None:
    order = sample.order(factor=7)
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    must(not calls.found(sample, order), "asking for totals wrote an order")
    written = calls.create(sample, order, may_wait=True).totals
    must(said == written, f"said {said}, the order has {written}")
    must(said.total == said.untaxed + said.tax, f"total is not untaxed + tax: {said}")


@promises(
    _("Reference, state, number, lines and their prices are those that were sent; list prices may become the ERP's.")
)
def an_order_comes_whole(sample: Sample) -> None:
    order = sample.order()
    written = calls.create(sample, order)
    must(written.state == "confirmed", f"the order is {written.state}")
    must(written.reference == order.reference and written.number, f"no number or reference: {written}")
    is_list = sample.erp.capabilities.price_source == "list"
    sent = tuple((one.line_no, one.quantity, one.net_price) for one in order.lines)
    lines = _as_sent(written.lines, sent) if is_list else written.lines
    must(lines == sent, f"lines are {written.lines}, sent were {sent}")
    must(calls.found(sample, order) == [written], "looking it up gives something else")


def _as_sent(lines: Lines, sent: Lines) -> Lines:
    """Return the lines with the prices that were sent: this ERP sets its own when it takes the order."""
    prices = {number: price for number, _quantity, price in sent}
    return tuple((number, quantity, prices.get(number, price)) for number, quantity, price in lines)


@promises(_("What an offer of the shop takes off is a line of its own: less by exactly that, with its tax."))
def a_discount_of_the_shop_stands_on_the_order_to_the_cent(sample: Sample) -> str:
    whole = sample.order(factor=7)
    before = sample.erp.totals(whole, deadline_s=sample.unlimited_deadline_s)
    order = replace(whole, discount=_discount(before))
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    must(before.untaxed - said.untaxed == _off(order), f"it costs {said.untaxed} instead of {before.untaxed}")
    must(said.tax < before.tax or not before.tax, f"the tax stays {said.tax}")
    since = sample.erp.now(deadline_s=sample.unlimited_deadline_s).replace(microsecond=0)
    written, again = (calls.create(sample, replace(order, expected_total=said.total)) for _ in range(2))
    must(written == again, f"sent again it is {again}")
    must(_sums(written.totals) == _sums(said), f"said {said}, the order has {written.totals}")
    _pulled_with_discount(sample, order, before, written, since)
    return _("{amount} off {untaxed}, tax {tax} instead of {before}").format(
        amount=_off(order), untaxed=before.untaxed, tax=said.tax, before=before.tax
    )


def _pulled_with_discount(
    sample: Sample, order: r.NewOrder, before: r.Totals, written: r.WrittenOrder, since: dt.datetime
) -> None:
    """Look at the order as the mirror reads it: the goods cost what they did without the discount."""
    pulled = {one.erp_id: one for one in calls.pages(sample, "orders", r.Cursor(changed_at=since), limit=50)}
    must(written.erp_id in pulled, "the order is not among the changed ones")
    lines = pulled[written.erp_id].lines
    less = [one for one in lines if one.item_type == "discount" and one.description == OFFER]
    must(sum((one.amount or 0 for one in less), Decimal(0)) == -_off(order), f"its discount is {less}")
    goods = tuple(one.amount for one in lines if one.line_no in {own.line_no for own in order.lines})
    must(goods == before.line_amounts, f"its goods are {goods}, without the discount they were {before.line_amounts}")


def _discount(before: r.Totals) -> r.NewDiscount:
    """Return an odd amount, whole where the order's currency has no cents."""
    amount = TAKEN_OFF if before.untaxed % 1 else TAKEN_OFF.to_integral_value()
    if before.untaxed <= amount:
        raise CannotAsk(
            _("The order of {untaxed} is too small to take {amount} off.").format(untaxed=before.untaxed, amount=amount)
        )
    return r.NewDiscount(amount, OFFER)


def _off(order: r.NewOrder) -> Decimal:
    return order.discount.amount if order.discount else Decimal(0)


def _sums(totals: r.Totals) -> tuple[Decimal, Decimal, Decimal]:
    return totals.untaxed, totals.tax, totals.total


@promises(_("The second call gives the first order."))
def the_same_reference_twice_is_one_order(sample: Sample) -> None:
    order = sample.order()
    first, second = (calls.create(sample, order, may_wait=True) for _ in range(2))
    must(first == second, "the second answer differs")
    must(len(calls.found(sample, order)) == 1, "there are two orders")


@promises(_("Four at once: one order, and whoever got an answer got that one."))
def the_same_reference_in_parallel_is_one_order(sample: Sample) -> None:
    order = sample.order()
    answers: list[r.WrittenOrder] = []
    failures: list[Exception] = []

    def send() -> None:
        try:
            answers.append(calls.create(sample, order, may_wait=True))
        except (ErpUnavailable, ErpRejected, ErpBroken) as error:
            failures.append(error)

    threads = [threading.Thread(target=send) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    must(answers, f"nobody got an answer: {failures}")
    numbered = {one.erp_id for one in answers if one.state != r.HANDED}
    must(len(numbered) <= 1, f"different orders: {answers}")
    must(len(calls.found(sample, order)) == 1, "there are two orders")
    must(calls.create(sample, order, may_wait=True).state in WRITTEN, "it was not confirmed in the end")


@promises(_("The refusal is a sentence, and the order is not confirmed."))
def over_the_limit_is_refused_in_the_erps_words(sample: Sample) -> None:
    order = sample.over_limit()
    try:
        calls.create(sample, order)
    except ErpRejected as error:
        must(len(error.message.split()) > 2, f"no sentence: {error.message!r}")
    else:
        must(condition=False, message="the order was taken")
    must(all(one.state != "confirmed" for one in calls.found(sample, order)), "it was confirmed")


@promises(_("An expected total below the ERP's stops the order before it is confirmed."))
def more_than_the_buyer_accepted_is_not_confirmed(sample: Sample) -> None:
    order = sample.order()
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    try:
        calls.create(sample, replace(order, expected_total=said.total - Decimal("0.01")))
    except ErpRejected:
        must(all(one.state != "confirmed" for one in calls.found(sample, order)), "it was confirmed")
    else:
        must(condition=False, message="the order was taken at a higher total")


@promises(_("Cancelled once or twice is cancelled; one that does not exist is refused."))
def an_unconfirmed_order_can_be_cancelled(sample: Sample) -> None:
    order = sample.order()
    _left_halfway(sample, order)
    for _time in range(2):
        written = sample.erp.write(_cancellation(order.reference), deadline_s=sample.unlimited_deadline_s)
        must(written.state == "cancelled", f"it is {written.state}")
    try:
        sample.erp.write(_cancellation("WEB-NOSUCH"), deadline_s=sample.unlimited_deadline_s)
    except ErpRejected:
        return
    must(condition=False, message="an order that does not exist was cancelled")


@promises(_("A pull since just before has it, with our reference, as an order of the shop."))
def a_new_order_is_pulled_with_its_channel(sample: Sample) -> None:
    order = sample.order()
    # The clock may tell whole seconds only.
    since = sample.erp.now(deadline_s=sample.unlimited_deadline_s).replace(microsecond=0)
    written = calls.create(sample, order)
    pulled = {one.erp_id: one for one in calls.pages(sample, "orders", r.Cursor(changed_at=since), limit=50)}
    must(written.erp_id in pulled, "the order is not among the changed ones")
    record = pulled[written.erp_id]
    must(isinstance(record, r.OrderRecord), "it is no order")
    must(record.web_reference == order.reference, f"reference is {record.web_reference!r}")
    must(record.channel_hint is r.Channel.SHOP, f"channel is {record.channel_hint}")
    must(record.total == written.totals.total, f"total is {record.total}")
    must(record.version >= since, f"version {record.version} is before {since}")


def _cancellation(order_reference: str) -> r.Cancellation:
    return r.Cancellation(f"{order_reference}-CANCEL", "", order_reference, "", "ordered by mistake")


@promises(
    _('Whichever answer is lost: not "nothing sent" when something is there; sent again it is one confirmed order.')
)
def a_line_cut_at_any_step_leaves_one_order(sample: Sample) -> str:
    for step in range(1, MOST_STEPS):
        order = sample.order()
        order = replace(order, lines=order.lines[:1])
        with sample.broken_line(LineFault.LOST, step=step) as line:
            try:
                calls.create(sample, order, may_wait=True)
            except ErpUnavailable as error:
                must(not error.nothing_sent, f"request {step}: it says that nothing was sent")
            except ErpBroken:
                pass
        if not line.struck:
            must(step > 1, "no request could be cut")
            return _("cut at each of {count} requests").format(count=step - 1)
        must(len(calls.found(sample, order)) <= 1, f"request {step}: there are two orders")
        again = calls.create(sample, order, may_wait=True)
        must(again.state in WRITTEN, f"request {step}: sent again it is {again.state}")
        there = calls.found(sample, order)
        must([one.erp_id for one in there] == [again.erp_id], f"request {step}: found {there}")
    return _("cut at each of the first {count} requests").format(count=MOST_STEPS - 1)


@promises(_('An order whose first request was refused is "nothing sent", and nothing is there.'))
def what_never_left_is_told_so(sample: Sample) -> None:
    order = sample.order()
    with sample.broken_line(LineFault.REFUSED) as line:
        try:
            calls.create(sample, order)
        except ErpUnavailable as error:
            must(error.nothing_sent, "it does not say that nothing was sent")
    must(not line.struck or not calls.found(sample, order), "it is there")


def _left_halfway(sample: Sample, order: r.NewOrder) -> r.WrittenOrder:
    """Return the order created and not confirmed: the line is cut later and later until it is there."""
    for step in range(1, MOST_STEPS):
        line_broken = sample.broken_line(LineFault.LOST, step=step)
        with line_broken as line, contextlib.suppress(ErpUnavailable, ErpBroken):
            calls.create(sample, order, may_wait=True)
        there = calls.found(sample, order)
        if there and there[0].state != "confirmed":
            return there[0]
        if there or not line.struck:
            break
    raise CannotAsk(_("The adapter creates and confirms an order in one request: nothing is ever half-way."))
