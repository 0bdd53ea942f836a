"""Questions that only read: connection, rights, prices, units, stock, credit, documents."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must

CLOCK_LIMIT_S = 300
LISTS = 5
PRICE_DIGITS = Decimal("0.0001")


# --- connection, rights ---


def it_answers_and_knows_the_time(sample: Sample) -> str:
    """Version and clock come back; the clock is near ours."""
    health = sample.erp.health(deadline_s=sample.unlimited_deadline_s)
    must(health.version, "no version")
    must(abs(health.clock_offset_s) < CLOCK_LIMIT_S, f"the clock is {health.clock_offset_s:.0f} s off ours")
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    must(now.utcoffset() is not None, "the clock is naive: it does not say its zone")
    return f"{health.name} {health.version}, clock {health.clock_offset_s:+.1f} s, {health.latency_ms:.0f} ms"


def what_the_adapter_needs_is_there(sample: Sample) -> str:
    """Every field, method and right that the adapter uses exists, by the ERP's own metadata."""
    needs = sample.erp.needs(deadline_s=sample.unlimited_deadline_s)
    if not needs:
        raise CannotAsk("This ERP has no metadata to compare with.")
    missing = [one for one in needs if not one.is_there]
    must(not missing, "; ".join(f"{one.kind} {one.name}{f' ({one.cure})' if one.cure else ''}" for one in missing))
    return f"{len(needs)} fields, methods and rights are there"


# --- prices ---


def prices_are_those_of_each_agreement(sample: Sample) -> str:
    """Prices are those that the ERP's own form fills in, or its staff confirmed, to 4 decimals."""
    known = sample.known_prices()
    for one in known:
        offer = calls.offers(sample, [one.ask], context=one.context)[0]
        must(
            offer.net_price == one.net_price,
            f"{one.ask.sku} x {one.ask.quantity} for customer {one.context.customer_erp_id} "
            f"(price list {one.context.price_list or 'none'}): the shop gets {offer.net_price}, not {one.net_price}",
        )
    return f"{len(known)} of {len(known)} equal"


def an_agreement_changes_the_price(sample: Sample) -> str:
    """Customers of different price lists do not all pay the same, let alone all the list price."""
    lists = {one.price_list: one for one in sample.customers}
    if not any(lists):
        raise CannotAsk("No customer of the sample has a price list of his own.")
    asks = [*sample.asks, *(replace(ask, quantity=ask.quantity * 100) for ask in sample.asks)]
    paid: set[tuple[Decimal | None, ...]] = set()
    for price_list, customer in list(lists.items())[:LISTS]:
        context = r.PriceContext(customer.erp_id, price_list, customer.currency or sample.context.currency)
        offers = calls.offers(sample, asks, context=context)
        paid |= {tuple(one.net_price for one in offers), tuple(one.list_price or one.net_price for one in offers)}
    must(
        len(paid) > 1, f"{min(len(lists), LISTS)} price lists, {len(asks)} prices each: all of them are the list price"
    )
    return f"{min(len(lists), LISTS)} price lists compared over {len(asks)} prices"


def a_batch_answers_what_single_calls_answer(sample: Sample) -> None:
    """Different quantities in one batch get the price of their own step, in the order asked."""
    asks = [replace(ask, quantity=ask.quantity * n) for n, ask in zip((1, 10, 100), sample.asks, strict=False)]
    asks.append(replace(sample.asks[0], quantity=sample.asks[0].quantity * 50))
    together = calls.offers(sample, asks)
    must([o.sku for o in together] == [a.sku for a in asks], "not in the order asked")
    for ask, offer in zip(asks, together, strict=True):
        alone = calls.offers(sample, [ask])[0]
        must(offer.net_price == alone.net_price, f"{ask}: {offer.net_price} in a batch, {alone.net_price} alone")


def an_unknown_item_is_not_for_sale(sample: Sample) -> None:
    """One item that does not exist does not spoil the page."""
    unknown = r.Ask(sku="NO-SUCH", erp_id="999999999")
    known, missing = calls.offers(sample, [sample.asks[0], unknown])
    must(known.net_price is not None, "the known item lost its price")
    must(missing.net_price is None, "an unknown item has a price")
    must(not missing.is_salable, "an unknown item is for sale")


def a_ladder_is_what_its_steps_cost(sample: Sample) -> str:
    """Asking the price at each step gives the step's price; steps ascend; known breaks are in a ladder."""
    offers = calls.offers(sample, sample.asks, ladders=True)
    laddered = [offer for offer in offers if len(offer.steps) > 1]
    if not laddered:
        must(not _breaks_are_known(sample), "no item has a ladder, but prices with breaks are known")
        raise CannotAsk("No item of the sample has a price break for this customer, as far as the adapter sees.")
    for ask, offer in zip(sample.asks, offers, strict=True):
        quantities = [step.quantity for step in offer.steps]
        must(quantities == sorted(quantities), f"{ask.sku}: steps are not ascending")
        for step in offer.steps:
            at_step = calls.offers(sample, [replace(ask, quantity=step.quantity)])[0].net_price
            must(at_step == step.net_price, f"{ask.sku} from {step.quantity}: {at_step}, ladder says {step.net_price}")
    return f"{len(laddered)} items with steps"


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


def a_price_has_the_customers_currency_and_four_decimals(sample: Sample) -> None:
    """Every price is an exact decimal with at most 4 places, not negative, in the customer's currency."""
    for offer in calls.offers(sample, sample.asks):
        price = offer.net_price
        must(isinstance(price, Decimal) and price.is_finite(), f"{offer.sku}: {price!r} is no exact price")
        assert price is not None  # noqa: S101 (for the type checker)
        must(price >= 0, f"{offer.sku}: {price} is negative")
        must(price == price.quantize(PRICE_DIGITS), f"{offer.sku}: {price} has more than 4 decimals")
        must(offer.currency == sample.context.currency, f"{offer.sku}: {offer.currency!r}, not the customer's currency")


# --- units, stock ---


def units_are_those_of_the_item(sample: Sample) -> str:
    """Prices are per the item's sales unit; its packs have other names and a factor above zero."""
    packs = 0
    for offer in calls.offers(sample, sample.asks):
        item = sample.items[offer.sku]
        must(
            offer.unit == item.sales_unit.code,
            f"{offer.sku}: priced per {offer.unit!r}, sold by {item.sales_unit.code!r}",
        )
        for unit in (item.sales_unit, *item.packs):
            must(unit.factor > 0, f"{offer.sku}: unit {unit.code!r} has the factor {unit.factor}")
        codes = [pack.code for pack in item.packs]
        must(len(codes) == len(set(codes)), f"{offer.sku}: a pack twice in {codes}")
        must(item.sales_unit.code not in codes, f"{offer.sku}: the sales unit is among its packs")
        packs += len(codes)
    return f"{len(sample.asks)} items, {packs} further packs"


def what_may_be_ordered_is_said_in_the_sales_unit(sample: Sample) -> None:
    """Least quantity and step of an item fit together."""
    for ask in sample.asks:
        item = sample.items[ask.sku]
        must(item.multiple is None or item.multiple > 0, f"{ask.sku}: steps of {item.multiple}")
        must(item.minimum is None or item.minimum >= 0, f"{ask.sku}: at least {item.minimum}")


def stock_of_warehouses_adds_up(sample: Sample) -> str:
    """The stock on hand is the sum over named warehouses (packs split between them apart); none is promised twice."""
    split = calls.offers(sample, sample.asks, warehouses=True)
    whole = calls.offers(sample, sample.asks)
    if all(one.stock is None for one in whole):
        raise CannotAsk("The ERP says no stock.")
    warehouses: set[str] = set()
    for parts, one in zip(split, whole, strict=True):
        must(parts.stock is not None and one.stock is not None, f"{one.sku}: no stock")
        on_hand = sum((s.on_hand for s in parts.stock or ()), Decimal(0))
        total = sum((s.on_hand for s in one.stock or ()), Decimal(0))
        # A pack that is spread over two warehouses is whole in the sum only.
        spread = len(parts.stock or ())
        must(on_hand <= total < on_hand + max(spread, 1), f"{one.sku}: {on_hand} in the warehouses, {total} in all")
        must(all(s.available <= s.on_hand for s in parts.stock or ()), f"{one.sku}: promised twice")
        names = [s.warehouse for s in parts.stock or ()]
        must(
            len(names) == len(set(names)) and all(names), f"{one.sku}: warehouses without a name of their own: {names}"
        )
        warehouses |= set(names)
    return f"{len(warehouses)} warehouses: {', '.join(sorted(warehouses))}"


# --- money ---


def credit_is_said(sample: Sample) -> None:
    """The position has a currency, and what is left is limit minus use."""
    credit = sample.erp.credit(sample.context.customer_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(credit.currency == sample.context.currency, f"credit in {credit.currency}")
    must(credit.limit is None or credit.left == credit.limit - credit.used, "left is not limit - used")


def totals_add_up_and_write_nothing(sample: Sample) -> str:
    """Lines, freight and tax make the total; asking for it leaves no order."""
    order = sample.order(factor=3)
    said = sample.erp.totals(order, deadline_s=sample.unlimited_deadline_s)
    must(said.total == said.untaxed + said.tax, f"total is not untaxed + tax: {said}")
    must(said.currency == order.currency, f"totals in {said.currency}")
    must(sum(said.line_amounts, said.freight) == said.untaxed, f"lines and freight are not the untaxed total: {said}")
    if sample.erp.capabilities.can_query_reference:
        must(not calls.found(sample, order), "asking for totals wrote an order")
    return f"{said.untaxed} + {said.tax} tax = {said.total} {said.currency}"


# --- documents ---


def an_invoice_prints_as_pdf(sample: Sample) -> str:
    """The document is a PDF with a file name; one that does not exist is refused."""
    if not sample.invoice_erp_id:
        raise CannotAsk("There is no invoice to print.")
    pdf = sample.erp.invoice_pdf(sample.invoice_erp_id, deadline_s=sample.unlimited_deadline_s)
    must(pdf.content.startswith(b"%PDF"), f"it begins with {pdf.content[:10]!r}")
    must(pdf.filename.endswith(".pdf"), f"it is called {pdf.filename}")
    return f"{len(pdf.content) // 1024} KB"
