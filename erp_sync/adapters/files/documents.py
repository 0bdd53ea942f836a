"""Orders, deliveries, invoices, payments, returns and quotes of the files as records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from erp_sync import records as r
from erp_sync.adapters.files.catalogue import number
from erp_sync.adapters.files.customers import place_id
from erp_sync.adapters.files.store import Values

CENT = Decimal("0.01")
NOTHING = Decimal(0)
_SOURCES = {one.value: one for one in r.Channel}
_QUOTES = {"open": "quoted", "won": "accepted", "lost": "declined", "expired": "declined", "withdrawn": "declined"}


def order(
    values: Values,
    version: dt.datetime,
    lines: Sequence[Values],
    sent: Sequence[Values],
    units: Mapping[str, str],
    currency: str,
) -> r.OrderRecord:
    """Return an order.

    Args:
        values: Its row.
        version: When the shop learned of it.
        lines: Rows of order_lines.
        sent: Rows of deliveries for it.
        units: SKU -> sales unit.
        currency: Where it says none.
    """
    made = tuple(_order_line(one, sent, units) for one in sorted(lines, key=_line_no))
    status = "cancelled" if values["status"] == "rejected" else values["status"]
    untaxed = number(values, "untaxed_total")
    if untaxed is None:
        untaxed = sum((one.amount or NOTHING for one in made), Decimal("0.00"))
    total, tax = number(values, "total"), number(values, "tax_total")
    return r.OrderRecord(
        erp_id=values["order_id"],
        version=version,
        number=values.get("number", values["order_id"]),
        customer_erp_id=values["account_id"],
        status=status,
        placed_at=instant(values, "placed_at") or version,
        currency=values.get("currency", currency),
        channel_hint=_channel(values),
        time_known=values.get("time_known") != "0",
        web_reference=values.get("shop_ref", ""),
        customer_reference=values.get("customer_reference", ""),
        untaxed_total=untaxed,
        tax_total=tax if tax is not None or total is None else total - untaxed,
        total=total if total is not None or tax is None else untaxed + tax,
        step=_step(status, made, sent),
        requested_on=day(values, "requested_date"),
        is_return=values.get("is_return") == "1",
        ship_to_erp_id=place_id(values["account_id"], values["ship_to"]) if "ship_to" in values else "",
        lines=made,
    )


def _order_line(values: Values, sent: Sequence[Values], units: Mapping[str, str]) -> r.OrderLineRecord:
    sku, quantity = values.get("sku", ""), Decimal(values["qty_ordered"])
    price, cancelled = Decimal(values["net_price"]), number(values, "qty_cancelled") or NOTHING
    gone = [one for one in sent if one["line_no"] == values["line_no"] and _is_gone(one)]
    delivered = number(values, "qty_delivered")
    if delivered is None:
        delivered = sum((Decimal(one["qty"]) for one in gone), NOTHING)
    return r.OrderLineRecord(
        line_no=_line_no(values),
        erp_id=f"{values['order_id']}-{values['line_no']}",
        sku=sku,
        description=values.get("description", sku),
        quantity=quantity,
        unit=values.get("unit", units.get(sku, "")),
        net_price=price,
        list_price=number(values, "list_price"),
        unit_cost=number(values, "unit_cost"),
        quantity_delivered=delivered,
        quantity_cancelled=cancelled,
        item_type=values.get("item_type", "goods"),
        promised_on=day(values, "promised_date"),
        amount=((quantity - cancelled) * price).quantize(CENT, rounding=ROUND_HALF_UP),
    )


def _is_gone(values: Values) -> bool:
    return "shipped_date" in values or "delivered_date" in values


def _step(status: str, lines: Sequence[r.OrderLineRecord], sent: Sequence[Values]) -> str:
    """Return where it stands for a buyer."""
    if status in {"draft", "cancelled"}:
        return "received" if status == "draft" else "cancelled"
    goods = [one for one in lines if one.item_type == "goods"]
    is_out = bool(goods) and all(one.quantity_delivered >= one.quantity - one.quantity_cancelled for one in goods)
    if not is_out and status == "open":
        return "confirmed"
    return "delivered" if sent and all("delivered_date" in one for one in sent) else "shipped"


def _channel(values: Values) -> r.Channel:
    if "shop_ref" in values or values.get("entry") == "shop":
        return r.Channel.SHOP
    return _SOURCES.get(values.get("erp_source", ""), r.Channel.UNKNOWN)


def delivery(
    erp_id: str,
    version: dt.datetime,
    rows: Sequence[Values],
    orders: Mapping[str, Values],
    lines: Mapping[str, Sequence[Values]],
) -> r.DeliveryRecord:
    """Return a delivery; `orders` and `lines` are the rows of the orders that it brings."""
    first = rows[0]
    owner = next((orders[one["order_id"]]["account_id"] for one in rows if one["order_id"] in orders), "")
    return r.DeliveryRecord(
        erp_id=erp_id,
        version=version,
        number=first.get("number", erp_id),
        customer_erp_id=owner,
        state="delivered" if "delivered_date" in first else "shipped" if "shipped_date" in first else "waiting",
        shipped_on=day(first, "shipped_date"),
        delivered_on=day(first, "delivered_date"),
        planned_on=day(first, "planned_date"),
        carrier=first.get("carrier", ""),
        tracking_number=first.get("tracking_number", ""),
        tracking_url=first.get("tracking_url", ""),
        lines=tuple(_delivery_line(one, lines) for one in rows),
    )


def _delivery_line(values: Values, lines: Mapping[str, Sequence[Values]]) -> r.DeliveryLineRecord:
    order_id, line_no = values["order_id"], values["line_no"]
    found: Values = next((one for one in lines.get(order_id, ()) if one["line_no"] == line_no), {})
    return r.DeliveryLineRecord(
        order_id, f"{order_id}-{line_no}", found.get("sku", ""), Decimal(values["qty"]), found.get("unit", "")
    )


def invoice(
    values: Values,
    version: dt.datetime,
    lines: Sequence[Values],
    paid: Sequence[Values],
    orders: Mapping[str, Values],
    zone: ZoneInfo,
    currency: str,
) -> r.InvoiceRecord:
    """Return an invoice or credit note; `paid` are the rows of payments for it, days are those of `zone`."""
    made = tuple(_invoice_line(one) for one in sorted(lines, key=_line_no))
    total = Decimal(values["total"])
    tax, untaxed = number(values, "tax_total"), number(values, "untaxed_total")
    if untaxed is None:
        untaxed = sum((one.amount for one in made), Decimal("0.00")) if tax is None else total - tax
    due, paid_at = _due(values, total, paid), instant(values, "paid_at")
    order_ids = dict.fromkeys([values.get("order_id", ""), *(one.order_erp_id for one in made)])
    billed = [orders[one] for one in order_ids if one in orders]
    state = "cancelled" if values.get("is_cancelled") == "1" else "open" if due else "paid"
    return r.InvoiceRecord(
        erp_id=values["invoice_id"],
        version=version,
        number=values.get("number", values["invoice_id"]),
        customer_erp_id=values["account_id"],
        kind=values["kind"],
        state=state,
        invoiced_on=dt.date.fromisoformat(values["invoice_date"]),
        currency=values.get("currency", currency),
        untaxed_total=untaxed,
        tax_total=total - untaxed if tax is None else tax,
        total=total,
        amount_due=due,
        due_on=day(values, "due_date"),
        paid_on=paid_at.astimezone(zone).date() if paid_at else None,
        order_numbers=tuple(one.get("number", one["order_id"]) for one in billed),
        customer_references=tuple(one["customer_reference"] for one in billed if "customer_reference" in one),
        lines=made,
    )


def _due(values: Values, total: Decimal, paid: Sequence[Values]) -> Decimal:
    if (said := number(values, "amount_due")) is not None:
        return said
    if "paid_at" in values:
        return NOTHING
    came = sum((Decimal(one["amount"]) for one in paid if one.get("status") != "reversed"), NOTHING)
    return max(total - came, NOTHING)


def _invoice_line(values: Values) -> r.InvoiceLineRecord:
    quantity, price = Decimal(values["qty"]), Decimal(values["net_price"])
    order_id, order_line = values.get("order_id", ""), values.get("order_line_no", "")
    return r.InvoiceLineRecord(
        line_no=_line_no(values),
        erp_id=f"{values['invoice_id']}-{values['line_no']}",
        sku=values.get("sku", ""),
        description=values.get("description", values.get("sku", "")),
        quantity=quantity,
        unit=values.get("unit", ""),
        net_price=price,
        amount=(quantity * price).quantize(CENT, rounding=ROUND_HALF_UP),
        list_price=number(values, "list_price"),
        unit_cost=number(values, "unit_cost"),
        item_type=values.get("item_type", "goods"),
        order_erp_id=order_id,
        order_line_erp_id=f"{order_id}-{order_line}" if order_id and order_line else "",
    )


def payment(
    values: Values, version: dt.datetime, invoices: Mapping[str, Values], zone: ZoneInfo, currency: str
) -> r.PaymentRecord:
    """Return a payment; its day is that of the company's zone."""
    paid: Values = invoices.get(values.get("invoice_id", ""), {})
    at = instant(values, "paid_at") or version
    return r.PaymentRecord(
        erp_id=values["payment_id"],
        version=version,
        customer_erp_id=values.get("account_id", paid.get("account_id", "")),
        paid_on=at.astimezone(zone).date(),
        amount=Decimal(values["amount"]),
        currency=values.get("currency", paid.get("currency", currency)),
        via=values.get("via", "bank"),
        state=values.get("status", "succeeded"),
        invoice_erp_id=values.get("invoice_id", ""),
        reference=values.get("reference", ""),
    )


def returned(values: Values, version: dt.datetime) -> r.ReturnRecord:
    """Return a return."""
    order_id, line_no = values.get("order_id", ""), values.get("line_no", "")
    return r.ReturnRecord(
        erp_id=values["return_id"],
        version=version,
        number=values.get("number", values["return_id"]),
        customer_erp_id=values["account_id"],
        state=values["status"],
        order_erp_id=order_id,
        order_line_erp_id=f"{order_id}-{line_no}" if order_id and line_no else "",
        sku=values.get("sku", ""),
        quantity=Decimal(values["qty"]),
        reason=values.get("reason", ""),
        requested_on=day(values, "requested_date"),
        reference=values.get("shop_ref", ""),
        credit_number=values.get("credit_number", ""),
    )


def quote(values: Values, version: dt.datetime, currency: str) -> r.QuoteRecord:
    """Return a quote: its lines stay in the ERP."""
    is_answered = values["status"] != "open" or "first_response_at" in values
    return r.QuoteRecord(
        erp_id=values["quote_id"],
        version=version,
        number=values["quote_id"],
        reference="",
        customer_erp_id=values["account_id"],
        state=_QUOTES[values["status"]] if is_answered else "draft",
        currency=values.get("currency", currency),
        requested_at=instant(values, "requested_at") or version,
        total=number(values, "total"),
    )


def day(values: Values, name: str) -> dt.date | None:
    """Return a day, None where the cell was empty."""
    return dt.date.fromisoformat(values[name]) if name in values else None


def instant(values: Values, name: str) -> dt.datetime | None:
    """Return an instant, None where the cell was empty."""
    return dt.datetime.fromisoformat(values[name]) if name in values else None


def _line_no(values: Values) -> int:
    return int(Decimal(values["line_no"]))
