"""Adapters that are wrong on purpose: each breaks one promise, and the questions of that family must notice."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable


class SlowClock(FakeErp):
    """Its clock is an hour off."""

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Answer with the wrong time."""
        return replace(super().health(deadline_s=deadline_s), clock_offset_s=3600.0)


class LacksField(FakeErp):
    """A field of the ERP vanished."""

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Name what is missing."""
        return [
            *super().needs(deadline_s=deadline_s),
            ports.Need("field", "sale.web_id", is_there=False, cure="add it"),
        ]


class _Priced(FakeErp):
    """Changes what is offered."""

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Answer wrongly."""
        found = super().offers(self.asked(context), asks, ladders=ladders, warehouses=warehouses, deadline_s=deadline_s)
        return [self.told(one, len(asks)) for one in found]

    def asked(self, context: r.PriceContext) -> r.PriceContext:
        """Return the context that reaches the ERP."""
        return context

    def told(self, offer: r.Offer, together: int) -> r.Offer:
        """Return what the shop is told."""
        return offer


class ForgetsPriceList(_Priced):
    """Odoo's trap: without the price list in the call the answer carries list prices, in silence."""

    def asked(self, context: r.PriceContext) -> r.PriceContext:
        """Leave the price list out."""
        return replace(context, price_list="")


class ForgetsQuantity(FakeErp):
    """ERPNext's trap: without the quantity in stock units every rule with a least quantity is skipped."""

    def offers(self, context: r.PriceContext, asks: Sequence[r.Ask], **given: Any) -> list[r.Offer]:
        """Price one of each, whatever was asked."""
        found = super().offers(context, [replace(ask, quantity=Decimal(1)) for ask in asks], **given)
        return [replace(offer, quantity=ask.quantity, steps=()) for offer, ask in zip(found, asks, strict=True)]


class AddsUpTheBatch(_Priced):
    """Lines of one call raise each other's quantity."""

    def told(self, offer: r.Offer, together: int) -> r.Offer:
        """Take a cent off when several are asked."""
        cheaper = offer.net_price and offer.net_price - Decimal("0.0001") * (together - 1)
        return replace(offer, net_price=cheaper)


class Floats(_Priced):
    """Counts with floats."""

    def told(self, offer: r.Offer, together: int) -> r.Offer:
        """Show what a float makes of it."""
        return replace(offer, net_price=offer.net_price and Decimal(float(offer.net_price)))


class PricesBySingles(_Priced):
    """Says the unit of the stock, not the one it is sold in."""

    def told(self, offer: r.Offer, together: int) -> r.Offer:
        """Name another unit."""
        return replace(offer, unit="single")


class PromisesTwice(_Priced):
    """Counts reserved goods as free."""

    def told(self, offer: r.Offer, together: int) -> r.Offer:
        """Promise more than there is."""
        stock = tuple(replace(one, available=one.on_hand + 1) for one in offer.stock or ())
        return replace(offer, stock=stock)


class RoundsElsewhere(FakeErp):
    """Says one total before, and takes another."""

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Round the tax by line, which this ERP does not."""
        said = super().totals(order, deadline_s=deadline_s)
        return replace(said, tax=said.tax + Decimal("0.01"))


class SpreadsTheDiscount(FakeErp):
    """Makes the goods cheaper instead of writing what the offer takes off: the total is right, the order is not."""

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Write no line of its own."""
        written = super().create_order(order, deadline_s=deadline_s)
        orders = self.book.records["orders"]
        goods = tuple(one for one in orders[written.erp_id].lines if one.item_type == "goods")
        orders[written.erp_id] = replace(orders[written.erp_id], lines=goods)
        return written


class DropsTheDiscount(FakeErp):
    """Says the discount, and takes the order without it."""

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Forget what the offer takes off."""
        return super().create_order(replace(order, discount=None, expected_total=None), deadline_s=deadline_s)


class SkipsTheSameSecond(FakeErp):
    """Odoo's trap: `>` with a time that was cut to whole seconds."""

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Leave out what changed at the cursor itself."""
        page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
        since = cursor.changed_at
        return replace(page, records=tuple(one for one in page.records if since is None or one.version > since))


class PagesByOffset(FakeErp):
    """A record at the seam of two pages is lost."""

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Drop the first record of every further page."""
        page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
        return replace(page, records=page.records[1:]) if cursor.last_id else page


class WritesCountriesOut(FakeErp):
    """Tells countries by their names, which the shop's copy has no room for."""

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Give every customer a place in Spain."""
        page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
        if kind != "customers":
            return page
        place = r.AddressRecord("a-1", "Yard", "Calle Mayor 1", "28001", "Madrid", "Spain")
        return replace(page, records=tuple(replace(one, addresses=(place,)) for one in page.records))


class LocalTime(FakeErp):
    """Takes the ERP's local times for UTC."""

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Tell versions two hours ahead."""
        page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
        later = tuple(replace(one, version=one.version + dt.timedelta(hours=2)) for one in page.records)
        return replace(page, records=later)


class RemembersTheDead(FakeErp):
    """Its keys come from a copy that still has what was deleted."""

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield one too many."""
        yield from super().keys(kind, deadline_s=deadline_s)
        yield "deleted"


class PrintsHtml(FakeErp):
    """Its PDF tool is not installed."""

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a page of HTML."""
        return ports.Pdf("invoice.pdf", b"<html>no wkhtmltopdf</html>")


class HidesTheOutage(FakeErp):
    """Answers without a price when the line is bad."""

    def offers(self, context: r.PriceContext, asks: Sequence[r.Ask], **given: Any) -> list[r.Offer]:
        """Swallow what went wrong."""
        try:
            return super().offers(context, asks, **given)
        except (ErpUnavailable, ErpBroken):
            return [r.Offer(ask.sku, ask.erp_id, ask.quantity, "u", "EUR", net_price=None) for ask in asks]


class Waits(FakeErp):
    """Takes its time, whatever it was given."""

    def offers(self, context: r.PriceContext, asks: Sequence[r.Ask], **given: Any) -> list[r.Offer]:
        """Sleep through the deadline when a page is asked."""
        if len(asks) >= 24:
            time.sleep(1.51)
        return super().offers(context, asks, **given)


class MakesTwo(FakeErp):
    """Says that it refuses a second order of one reference, and takes it."""

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create another one each time."""
        planned = self._enter("create_order", deadline_s)
        honest, self.capabilities = self.capabilities, replace(self.capabilities, enforces_reference=False)
        try:
            return self._ordered(order, planned)
        finally:
            self.capabilities = honest


class LosesQuietly(FakeErp):
    """Calls a lost answer "nothing sent": it would be sent again at once."""

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Lie about what was sent."""
        try:
            return super().create_order(order, deadline_s=deadline_s)
        except ErpUnavailable as error:
            raise ErpUnavailable(str(error), nothing_sent=True) from error


class WritesTwice(FakeErp):
    """Does every other write again, and puts no reference on it."""

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Post without looking."""
        done = self.post(write, deadline_s=deadline_s)
        return replace(done, erp_id=f"{done.erp_id}-{self.book.next_id()}")


class Allows(FakeErp):
    """Cancels what is on its way."""

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Say yes to everything."""
        try:
            return super().write(write, deadline_s=deadline_s)
        except ErpRejected:
            return r.WrittenDocument("order", "1", "1", write.reference, "cancelled")


# The wrong adapter, and the questions that must notice it; each family is there.
WRONG: dict[Callable[[], FakeErp], tuple[str, ...]] = {
    SlowClock: ("it_answers_and_knows_the_time",),
    LacksField: ("what_the_adapter_needs_is_there",),
    ForgetsPriceList: ("prices_are_those_of_each_agreement", "an_agreement_changes_the_price"),
    ForgetsQuantity: ("prices_are_those_of_each_agreement", "a_ladder_is_what_its_steps_cost"),
    AddsUpTheBatch: ("a_batch_answers_what_single_calls_answer",),
    Floats: ("a_price_has_the_customers_currency_and_four_decimals",),
    PricesBySingles: ("units_are_those_of_the_item",),
    PromisesTwice: ("stock_of_warehouses_adds_up",),
    RoundsElsewhere: ("totals_add_up_and_write_nothing", "totals_equal_the_order_to_the_cent"),
    SpreadsTheDiscount: ("a_discount_of_the_shop_stands_on_the_order_to_the_cent",),
    DropsTheDiscount: ("a_discount_of_the_shop_stands_on_the_order_to_the_cent",),
    SkipsTheSameSecond: ("a_change_of_the_same_instant_is_seen_again",),
    PagesByOffset: ("small_pages_see_everything_once", "nothing_is_missed_while_others_write"),
    WritesCountriesOut: ("small_pages_see_everything_once",),
    LocalTime: ("versions_are_of_the_erps_clock",),
    RemembersTheDead: ("what_is_gone_is_no_key",),
    PrintsHtml: ("an_invoice_prints_as_pdf",),
    HidesTheOutage: ("a_bad_line_is_told_as_what_it_is",),
    Waits: ("a_page_is_priced_in_time",),
    MakesTwo: (
        "the_same_reference_twice_is_one_order",
        "the_same_reference_in_parallel_is_one_order",
        "a_line_cut_at_any_step_leaves_one_order",
    ),
    LosesQuietly: ("a_line_cut_at_any_step_leaves_one_order",),
    WritesTwice: ("a_request_is_one_draft", "a_return_is_asked_for_once", "a_payment_is_allocated_exactly_and_once"),
    Allows: ("what_is_on_its_way_cannot_be_cancelled", "too_much_money_is_refused_whole"),
}
