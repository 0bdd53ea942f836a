"""Questions that only read: connection, rights, prices, units, stock, credit, documents."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must, promises

CLOCK_LIMIT_S = 300
LISTS = 5
PRICE_DIGITS = Decimal("0.0001")


# --- connection, rights ---


@promises(_("Version and clock come back; the clock is near ours."))
def it_answers_and_knows_the_time(sample: Sample) -> str:
    health = sample.erp.health(deadline_s=sample.unlimited_deadline_s)
    must(health.version, _("no version"))
    must(
        abs(health.clock_offset_s) < CLOCK_LIMIT_S,
        _("the clock is {seconds} s off ours").format(seconds=f"{health.clock_offset_s:.0f}"),
    )
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    must(now.utcoffset() is not None, _("the clock is naive: it does not say its zone"))
    return _("{name} {version}, clock {offset} s, {latency} ms").format(
        name=health.name,
        version=health.version,
        offset=f"{health.clock_offset_s:+.1f}",
        latency=f"{health.latency_ms:.0f}",
    )


@promises(_("Every field, method and right that the adapter uses exists, by the ERP's own metadata."))
def what_the_adapter_needs_is_there(sample: Sample) -> str:
    needs = sample.erp.needs(deadline_s=sample.unlimited_deadline_s)
    if not needs:
        raise CannotAsk(_("This ERP has no metadata to compare with."))
    missing = [one for one in needs if not one.is_there]
    must(not missing, "; ".join(f"{one.kind} {one.name}{f' ({one.cure})' if one.cure else ''}" for one in missing))
    return _("{count} fields, methods and rights are there").format(count=len(needs))


# --- prices ---


@promises(_("Prices are those that the ERP's own form fills in, or its staff confirmed, to 4 decimals."))
def prices_are_those_of_each_agreement(sample: Sample) -> str:
    known = sample.known_prices()
    numbers = {one.erp_id: one.number for one in sample.customers}
    for one in known:
        offer = calls.offers(sample, [one.ask], context=one.context)[0]
        must(
            offer.net_price == one.net_price,
            _(
                "{sku} x {quantity} for customer {customer} (price list {price_list}): "
                "the shop gets {found}, not {wanted}"
            ).format(
                sku=one.ask.sku,
                quantity=one.ask.quantity,
                customer=numbers.get(one.context.customer_erp_id) or one.context.customer_erp_id,
                price_list=one.context.price_list or "—",
                found=offer.net_price,
                wanted=one.net_price,
            ),
        )
    return _("{count} of {count} equal").format(count=len(known))


@promises(_("Customers of different price lists do not all pay the same, let alone all the list price."))
def an_agreement_changes_the_price(sample: Sample) -> str:
    lists = {one.price_list: one for one in sample.customers}
    if not any(lists):
        raise CannotAsk(_("No customer of the sample has a price list of his own."))
    asks = [*sample.asks, *(replace(ask, quantity=ask.quantity * 100) for ask in sample.asks)]
    paid: set[tuple[Decimal | None, ...]] = set()
    for price_list, customer in list(lists.items())[:LISTS]:
        context = r.PriceContext(customer.erp_id, price_list, customer.currency or sample.context.currency)
        offers = calls.offers(sample, asks, context=context)
        paid |= {tuple(one.net_price for one in offers), tuple(one.list_price or one.net_price for one in offers)}
    must(
        len(paid) > 1,
        _("{count} price lists, {prices} prices each: all of them are the list price").format(
            count=min(len(lists), LISTS), prices=len(asks)
        ),
    )
    return _("{count} price lists compared over {prices} prices").format(count=min(len(lists), LISTS), prices=len(asks))


@promises(_("Different quantities in one batch get the price of their own step, in the order asked."))
def a_batch_answers_what_single_calls_answer(sample: Sample) -> None:
    asks = [replace(ask, quantity=ask.quantity * n) for n, ask in zip((1, 10, 100), sample.asks, strict=False)]
    asks.append(replace(sample.asks[0], quantity=sample.asks[0].quantity * 50))
    together = calls.offers(sample, asks)
    must([o.sku for o in together] == [a.sku for a in asks], _("not in the order asked"))
    for ask, offer in zip(asks, together, strict=True):
        alone = calls.offers(sample, [ask])[0]
        must(
            offer.net_price == alone.net_price,
            _("{ask}: {together} in a batch, {alone} alone").format(
                ask=ask, together=offer.net_price, alone=alone.net_price
            ),
        )


@promises(_("One item that does not exist does not spoil the page."))
def an_unknown_item_is_not_for_sale(sample: Sample) -> None:
    unknown = r.Ask(sku="NO-SUCH", erp_id="999999999")
    known, missing = calls.offers(sample, [sample.asks[0], unknown])
    must(known.net_price is not None, _("the known item lost its price"))
    must(missing.net_price is None, _("an unknown item has a price"))
    must(not missing.is_salable, _("an unknown item is for sale"))


@promises(_("Asking the price at each step gives the step's price; steps ascend; known breaks are in a ladder."))
def a_ladder_is_what_its_steps_cost(sample: Sample) -> str:
    offers = calls.offers(sample, sample.asks, ladders=True)
    laddered = [offer for offer in offers if len(offer.steps) > 1]
    if not laddered:
        must(not _breaks_are_known(sample), _("no item has a ladder, but prices with breaks are known"))
        raise CannotAsk(_("No item of the sample has a price break for this customer, as far as the adapter sees."))
    for ask, offer in zip(sample.asks, offers, strict=True):
        quantities = [step.quantity for step in offer.steps]
        must(quantities == sorted(quantities), _("{sku}: steps are not ascending").format(sku=ask.sku))
        for step in offer.steps:
            at_step = calls.offers(sample, [replace(ask, quantity=step.quantity)])[0].net_price
            must(
                at_step == step.net_price,
                _("{sku} from {quantity}: {price}, ladder says {told}").format(
                    sku=ask.sku, quantity=step.quantity, price=at_step, told=step.net_price
                ),
            )
    return _("{count} items with steps").format(count=len(laddered))


def _breaks_are_known(sample: Sample) -> bool:
    """Say whether a known price of an item changes with the quantity."""
    try:
        known = sample.known_prices()
    except CannotAsk:
        return False
    prices: dict[tuple[r.PriceContext, str], set[Decimal]] = {}
    for one in known:
        prices.setdefault((one.context, one.ask.sku), set()).add(one.net_price)
    return any(len(found) > 1 for context_sku, found in prices.items() if context_sku[0] == sample.context)


@promises(_("Every price is an exact decimal with at most 4 places, not negative, in the customer's currency."))
def a_price_has_the_customers_currency_and_four_decimals(sample: Sample) -> None:
    for offer in calls.offers(sample, sample.asks):
        price = offer.net_price
        must(
            isinstance(price, Decimal) and price.is_finite(),
            _("{sku}: {price} is no exact price").format(sku=offer.sku, price=f"{price!r}"),
        )
        assert price is not None  # noqa: S101 (for the type checker)
        must(price >= 0, _("{sku}: {price} is negative").format(sku=offer.sku, price=price))
        must(
            price == price.quantize(PRICE_DIGITS),
            _("{sku}: {price} has more than 4 decimals").format(sku=offer.sku, price=price),
        )
        must(
            offer.currency == sample.context.currency,
            _("{sku}: {currency}, not the customer's currency").format(sku=offer.sku, currency=f"{offer.currency!r}"),
        )


# --- units, stock ---


@promises(_("Prices are per the item's sales unit; its packs have other names and a factor above zero."))
def units_are_those_of_the_item(sample: Sample) -> str:
    packs = 0
    for offer in calls.offers(sample, sample.asks):
        item = sample.items[offer.sku]
        must(
            offer.unit == item.sales_unit.code,
            _("{sku}: priced per {unit}, sold by {code}").format(
                sku=offer.sku, unit=f"{offer.unit!r}", code=f"{item.sales_unit.code!r}"
            ),
        )
        for unit in (item.sales_unit, *item.packs):
            must(
                unit.factor > 0,
                _("{sku}: unit {code} has the factor {factor}").format(
                    sku=offer.sku, code=f"{unit.code!r}", factor=unit.factor
                ),
            )
        codes = [pack.code for pack in item.packs]
        must(len(codes) == len(set(codes)), _("{sku}: a pack twice in {codes}").format(sku=offer.sku, codes=codes))
        must(item.sales_unit.code not in codes, _("{sku}: the sales unit is among its packs").format(sku=offer.sku))
        packs += len(codes)
    return _("{count} items, {packs} further packs").format(count=len(sample.asks), packs=packs)


@promises(_("Least quantity and step of an item fit together."))
def what_may_be_ordered_is_said_in_the_sales_unit(sample: Sample) -> None:
    for ask in sample.asks:
        item = sample.items[ask.sku]
        must(
            item.multiple is None or item.multiple > 0,
            _("{sku}: steps of {multiple}").format(sku=ask.sku, multiple=item.multiple),
        )
        must(
            item.minimum is None or item.minimum >= 0,
            _("{sku}: at least {minimum}").format(sku=ask.sku, minimum=item.minimum),
        )


@promises(
    _("The stock on hand is the sum over named warehouses (packs split between them apart); none is promised twice.")
)
def stock_of_warehouses_adds_up(sample: Sample) -> str:
    split = calls.offers(sample, sample.asks, warehouses=True)
    whole = calls.offers(sample, sample.asks)
    if all(one.stock is None for one in whole):
        raise CannotAsk(_("The ERP says no stock."))
    warehouses: set[str] = set()
    for parts, one in zip(split, whole, strict=True):
        must(parts.stock is not None and one.stock is not None, _("{sku}: no stock").format(sku=one.sku))
        on_hand = sum((s.on_hand for s in parts.stock or ()), Decimal(0))
        total = sum((s.on_hand for s in one.stock or ()), Decimal(0))
        # A pack that is spread over two warehouses is whole in the sum only.
        spread = len(parts.stock or ())
        must(
            on_hand <= total < on_hand + max(spread, 1),
            _("{sku}: {on_hand} in the warehouses, {total} in all").format(sku=one.sku, on_hand=on_hand, total=total),
        )
        must(all(s.available <= s.on_hand for s in parts.stock or ()), _("{sku}: promised twice").format(sku=one.sku))
        names = [s.warehouse for s in parts.stock or ()]
        must(
            len(names) == len(set(names)) and all(names),
            _("{sku}: warehouses without a name of their own: {names}").format(sku=one.sku, names=names),
        )
        warehouses |= set(names)
    return _("{count} warehouses: {names}").format(count=len(warehouses), names=", ".join(sorted(warehouses)))


# --- money ---


@promises(_("The position has a currency, and what is left is limit minus use."))
def credit_is_said(sample: Sample) -> None:
    credit = sample.erp.credit(sample.context.customer_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(credit.currency == sample.context.currency, _("credit in {currency}").format(currency=credit.currency))
    must(credit.limit is None or credit.left == credit.limit - credit.used, _("left is not limit - used"))


@promises(_("Lines, freight and tax make the total; asking for it leaves no order."))
def totals_add_up_and_write_nothing(sample: Sample) -> str:
    order = sample.order(factor=3)
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    must(said.total == said.untaxed + said.tax, _("total is not untaxed + tax: {said}").format(said=said))
    must(said.currency == order.currency, _("totals in {currency}").format(currency=said.currency))
    must(
        sum(said.line_amounts, said.freight) == said.untaxed,
        _("lines and freight are not the untaxed total: {said}").format(said=said),
    )
    if sample.erp.capabilities.can_query_reference:
        must(not calls.found(sample, order), _("asking for totals wrote an order"))
    return _("{untaxed} + {tax} tax = {total} {currency}").format(
        untaxed=said.untaxed, tax=said.tax, total=said.total, currency=said.currency
    )


# --- documents ---


@promises(_("The document is a PDF with a file name; one that does not exist is refused."))
def an_invoice_prints_as_pdf(sample: Sample) -> str:
    if not sample.invoice_erp_id:
        raise CannotAsk(_("There is no invoice to print."))
    pdf = sample.erp.invoice_pdf(sample.invoice_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(pdf.content.startswith(b"%PDF"), _("it begins with {content}").format(content=f"{pdf.content[:10]!r}"))
    must(pdf.filename.endswith(".pdf"), _("it is called {filename}").format(filename=pdf.filename))
    return _("{count} KB").format(count=len(pdf.content) // 1024)
