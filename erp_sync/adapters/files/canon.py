"""The files that a batch may hold. The template, the reader and the docs follow from it.

They are the canonical files of the metrics with what a shop needs besides: items, prices, stock, addresses.
"""

from __future__ import annotations

from erp_sync.adapters.files.layout import Column, Kind, Layout
from erp_sync.errors import ErpBroken


def _id(name: str, words: str, *, must: bool = False) -> Column:
    return Column(name, Kind.ID, words, must)


def _text(name: str, words: str, *, must: bool = False) -> Column:
    return Column(name, Kind.TEXT, words, must)


def _number(name: str, words: str, *, must: bool = False) -> Column:
    return Column(name, Kind.NUMBER, words, must)


def _flag(name: str, words: str) -> Column:
    return Column(name, Kind.FLAG, words)


def _date(name: str, words: str, *, must: bool = False) -> Column:
    return Column(name, Kind.DATE, words, must)


def _instant(name: str, words: str, *, must: bool = False) -> Column:
    return Column(name, Kind.INSTANT, words, must)


def _choice(name: str, words: str, *choices: str, must: bool = False) -> Column:
    return Column(name, Kind.CHOICE, words, must, choices)


ITEM_TYPES = ("goods", "service", "discount", "freight")
SOURCES = ("edi", "phone", "email", "rep", "fax", "counter")

CATALOGUE = (
    Layout(
        "categories",
        "The tree of the catalogue.",
        (
            _id("category_id", "Key of the category.", must=True),
            _text("name", "Its name; name_es, name_pt ... for other languages.", must=True),
            _id("parent_id", "Key of the category above it; empty at the root."),
            _id("code", "Short code, if there is one."),
        ),
        ("category_id",),
        record="categories",
        is_main=True,
        texts=("name",),
    ),
    Layout(
        "items",
        "What is sold.",
        (
            _id("sku", "The item's number.", must=True),
            _text("name", "Its name; name_es ... for other languages.", must=True),
            _id("unit", "The unit that prices and quantities are in: pc, kg, BOX.", must=True),
            _number("tax_rate", "Tax in per cent: 21 or 10.", must=True),
            _text("description", "Longer text; description_es ... for other languages."),
            _id("category_id", "Key of its category."),
            _text("unit_name", "Name of the unit; unit_name_es ..."),
            _number("unit_digits", "Decimals of a quantity: 0 for pieces."),
            _text("packs", "Further units with what they hold of the unit: BOX=100;PALLET=4000."),
            _number("minimum", "Least quantity of an order line."),
            _number("multiple", "Step of an order line."),
            _number("list_price", "Untaxed price per unit, for customers without one of their own."),
            _id("barcode", "GTIN."),
            _text("brand", "Brand."),
            _text("attributes", "Technical facts: material=Steel;thread=M8."),
            _id("replaced_by", "Number of the successor."),
            _flag("is_active", "0 once it is withdrawn from sale."),
        ),
        ("sku",),
        record="items",
        is_main=True,
        texts=("name", "description", "unit_name"),
    ),
    Layout(
        "prices",
        "Prices of a list or of one customer, from a quantity on.",
        (
            _id("sku", "The item's number.", must=True),
            _number("price", "Untaxed, per unit.", must=True),
            _id("currency", "ISO code: EUR.", must=True),
            _id("price_list", "Key of the list; empty when account_id is given."),
            _id("account_id", "The customer whose own price it is."),
            _number("quantity_from", "From so many units on; empty = 1."),
            _id("unit", "The sales unit (empty) or one of the item's packs."),
            _date("valid_from", "First day."),
            _date("valid_to", "Last day."),
        ),
        ("account_id", "price_list", "sku"),
        ("quantity_from", "unit", "currency", "valid_from", "valid_to"),
        either=("account_id", "price_list"),
    ),
    Layout(
        "stock",
        "Stock in each warehouse.",
        (
            _id("sku", "The item's number.", must=True),
            _id("warehouse", "Name of the warehouse.", must=True),
            _number("on_hand", "What is there, in the sales unit.", must=True),
            _number("available", "What can be promised; empty = all that is there."),
            _number("expected", "What is on its way in."),
            _date("expected_on", "When it comes."),
        ),
        ("sku",),
        ("warehouse",),
    ),
)

CUSTOMERS = (
    Layout(
        "accounts",
        "Customers.",
        (
            _id("account_id", "Key of the customer.", must=True),
            _text("name", "Name of the company.", must=True),
            _id("number", "Number that people use; empty = the key."),
            _id("country", "ISO code: ES."),
            _id("currency", "ISO code; empty = the company's."),
            _id("price_list", "Key of the price list."),
            _id("tax_number", "VAT number."),
            _flag("is_tax_free", "1 when no tax is billed."),
            _text("payment_term", "In words: 30 days."),
            _text("rep_name", "Sales rep."),
            _text("email", "Mail address."),
            _text("phone", "Phone."),
            _flag("is_active", "0 once it is closed."),
            _number("credit_limit", "Limit; empty = none (with the option credit)."),
            _number("credit_used", "What of it is used."),
            _number("credit_overdue", "What is overdue."),
        ),
        ("account_id",),
        record="customers",
        is_main=True,
    ),
    Layout(
        "addresses",
        "Places of a customer.",
        (
            _id("address_id", "Key of the address.", must=True),
            _id("account_id", "Whose it is.", must=True),
            _text("street", "Street and number.", must=True),
            _text("city", "City.", must=True),
            _text("name", "Name at the door."),
            _id("postal_code", "Postal code."),
            _id("country", "ISO code."),
            _flag("is_delivery", "1 for a ship-to; empty = 1."),
            _flag("is_invoice", "1 for the bill-to."),
        ),
        ("account_id",),
        ("address_id",),
        record="customers",
    ),
    Layout(
        "part_numbers",
        "Customers' own numbers for items.",
        (
            _id("account_id", "Whose number it is.", must=True),
            _id("sku", "The item's number.", must=True),
            _id("own_number", "The customer's own number.", must=True),
        ),
        ("account_id",),
        ("sku", "own_number"),
        record="customers",
    ),
)

ORDERS = (
    Layout(
        "orders",
        "Orders of every channel, the shop's own among them.",
        (
            _id("order_id", "Key of the order.", must=True),
            _id("account_id", "The customer.", must=True),
            _instant("placed_at", "When it was placed; a date alone where time_known is 0.", must=True),
            _choice("status", "Where it stands.", "draft", "open", "completed", "cancelled", "rejected", must=True),
            _id("currency", "ISO code; empty = the company's."),
            _id("number", "Number that people use; empty = the key."),
            _id("shop_ref", "The shop's reference (WEB-...) of an order that came from it."),
            _choice("entry", "Where it was born.", "shop", "erp"),
            _choice("erp_source", "How it came, when it was born in the ERP.", *SOURCES),
            _flag("time_known", "0 where only the date is known."),
            _text("customer_reference", "The customer's own order number."),
            _number("untaxed_total", "Untaxed total; empty = the sum of the lines."),
            _number("tax_total", "Tax."),
            _number("total", "Total."),
            _date("requested_date", "Wanted on."),
            _id("ship_to", "Key of the address."),
            _flag("is_return", "1 when goods come back by it."),
        ),
        ("order_id",),
        record="orders",
        is_main=True,
        other=("", "shop_ref"),
    ),
    Layout(
        "order_lines",
        "Lines of orders.",
        (
            _id("order_id", "The order.", must=True),
            _number("line_no", "Number of the line.", must=True),
            _id("sku", "The item's number; empty on a line of text."),
            _number("qty_ordered", "Quantity, in the sales unit.", must=True),
            _number("net_price", "Untaxed price after discounts.", must=True),
            _choice("item_type", "What it is; empty = goods.", *ITEM_TYPES),
            _number("qty_cancelled", "What of it was cancelled."),
            _number("qty_delivered", "What of it went out; empty = what deliveries.csv says."),
            _number("list_price", "Before discounts."),
            _number("unit_cost", "Cost of one."),
            _date("promised_date", "Promised for."),
            _text("description", "Text of the line."),
            _id("unit", "Unit; empty = the item's."),
        ),
        ("order_id",),
        ("line_no",),
        record="orders",
    ),
    Layout(
        "deliveries",
        "What was sent: one row for each order line of a delivery.",
        (
            _id("delivery_id", "Key of the delivery.", must=True),
            _id("order_id", "The order.", must=True),
            _number("line_no", "Its line.", must=True),
            _number("qty", "Quantity, in the sales unit.", must=True),
            _date("shipped_date", "When it left."),
            _date("delivered_date", "When it arrived."),
            _date("planned_date", "When it is to leave."),
            _id("number", "Number that people use; empty = the key."),
            _text("carrier", "Carrier."),
            _id("tracking_number", "The carrier's number."),
            _text("tracking_url", "Page of the carrier."),
        ),
        ("delivery_id",),
        ("order_id", "line_no"),
        record="deliveries",
        is_main=True,
        other=("orders", "order_id"),
    ),
    Layout(
        "returns",
        "Goods that came back.",
        (
            _id("return_id", "Key of the return.", must=True),
            _id("account_id", "The customer.", must=True),
            _number("qty", "Quantity.", must=True),
            _choice("status", "Where it stands.", "requested", "approved", "rejected", "done", must=True),
            _id("order_id", "The order."),
            _number("line_no", "Its line."),
            _id("sku", "The item's number."),
            _text("reason", "Why."),
            _date("requested_date", "When it was asked for."),
            _id("number", "Number that people use; empty = the key."),
            _id("shop_ref", "The shop's reference of it."),
            _id("credit_number", "Number of the credit note."),
        ),
        ("return_id",),
        record="returns",
        is_main=True,
    ),
    Layout(
        "quotes",
        "Quotes, for the figures of the report: the shop keeps its own.",
        (
            _id("quote_id", "Key of the quote.", must=True),
            _id("account_id", "The customer.", must=True),
            _instant("requested_at", "When it was asked for.", must=True),
            _choice("status", "Where it stands.", "open", "won", "lost", "expired", "withdrawn", must=True),
            _id("currency", "ISO code; empty = the company's."),
            _number("total", "Total."),
            _instant("first_response_at", "First answer of a person."),
            _instant("decided_at", "When it was decided."),
            _id("order_id", "The order that came of it."),
        ),
        ("quote_id",),
        record="quotes",
        is_main=True,
    ),
)

MONEY = (
    Layout(
        "invoices",
        "Invoices and credit notes.",
        (
            _id("invoice_id", "Key of the invoice.", must=True),
            _choice("kind", "Which of them.", "invoice", "credit", must=True),
            _id("account_id", "The customer.", must=True),
            _date("invoice_date", "Its date.", must=True),
            _number("total", "Total with tax; positive in credits too.", must=True),
            _id("currency", "ISO code; empty = the company's."),
            _id("number", "Number that people use; empty = the key."),
            _id("order_id", "The order that it bills."),
            _number("untaxed_total", "Untaxed total; empty = the sum of the lines."),
            _number("tax_total", "Tax."),
            _number("amount_due", "What is still to be paid; empty = total less the payments."),
            _date("due_date", "Due on."),
            _instant("paid_at", "When it was fully paid."),
            _flag("is_cancelled", "1 when it no longer counts."),
        ),
        ("invoice_id",),
        record="invoices",
        is_main=True,
    ),
    Layout(
        "invoice_lines",
        "Lines of invoices and credit notes.",
        (
            _id("invoice_id", "The invoice.", must=True),
            _number("line_no", "Number of the line.", must=True),
            _number("qty", "Quantity; positive in credits too.", must=True),
            _number("net_price", "Untaxed price.", must=True),
            _id("order_id", "The order that it bills."),
            _number("order_line_no", "Its line."),
            _choice("item_type", "What it is; empty = goods.", *ITEM_TYPES),
            _number("list_price", "Before discounts."),
            _number("unit_cost", "Cost of one; 0 in a credit whose goods are scrapped."),
            _id("sku", "The item's number."),
            _text("description", "Text of the line."),
            _id("unit", "Unit."),
        ),
        ("invoice_id",),
        ("line_no",),
        record="invoices",
    ),
    Layout(
        "payments",
        "Money received.",
        (
            _id("payment_id", "Key of the payment.", must=True),
            _instant("paid_at", "When.", must=True),
            _number("amount", "How much.", must=True),
            _id("invoice_id", "What it pays."),
            _id("account_id", "The customer; empty = the invoice's."),
            _id("currency", "ISO code; empty = the company's."),
            _choice("via", "How; empty = bank.", "web", "bank", "cash"),
            _choice("status", "Empty = succeeded.", "succeeded", "reversed"),
            _text("reference", "The shop's or the bank's reference."),
        ),
        ("payment_id",),
        record="payments",
        is_main=True,
        other=("invoices", "invoice_id"),
    ),
    Layout(
        "acknowledgements",
        "What became of the orders that the shop handed over.",
        (
            _id("reference", "The shop's reference (WEB-...), as in the order's file.", must=True),
            _choice("state", "Taken or not.", "accepted", "rejected", must=True),
            _id("order_id", "Key that the order has in orders.csv."),
            _id("number", "Number that people use; empty = the key."),
            _text("message", "Why it was rejected; the buyer reads it."),
            _number("untaxed_total", "Untaxed total by the ERP; empty = the shop's."),
            _number("tax_total", "Tax by the ERP."),
            _number("total", "Total by the ERP."),
        ),
        ("reference",),
    ),
)

LAYOUTS: dict[str, Layout] = {one.name: one for one in (*CATALOGUE, *CUSTOMERS, *ORDERS, *MONEY)}
MAIN: dict[str, Layout] = {one.record: one for one in LAYOUTS.values() if one.is_main}


def layout_of(file: str) -> Layout | None:
    """Return the layout of "items.csv"; None when there is no such file."""
    return LAYOUTS.get(file.removesuffix(".csv")) if file.endswith(".csv") else None


def main_of(kind: str) -> Layout:
    """Return the file that holds the records of a mirrored kind.

    Raises:
        ErpBroken: there is no such kind.
    """
    if kind not in MAIN:
        raise ErpBroken(f"there is no file of {kind}")
    return MAIN[kind]
