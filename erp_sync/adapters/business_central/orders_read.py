"""Orders of every channel: the open ones, and those that are billed and live on in their invoices only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.adapters.business_central.found_orders import merged
from erp_sync.adapters.business_central.pulls import Builder, Table, erp_ids
from erp_sync.adapters.business_central.remarks import Remark, first
from erp_sync.adapters.business_central.setup import Options, SetupSource
from erp_sync.http import Deadline

STEPS = {"Draft": "received", "In Review": "received", "Open": "confirmed"}


class OpenOrders:
    """What stands in salesOrders."""

    table = Table(s.ORDER.place, s.ORDER.fields, s.ORDER.part, most=200, key_fields=("id", "number"))

    def __init__(self, setup: SetupSource, *, has_places: bool) -> None:
        self._setup = setup
        self._has_places = has_places

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the numbers."""
        return erp_ids(rows, "number")

    def builder(self, _rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Return what makes a record."""
        local = self._setup.get(deadline).currency
        return lambda row: _open(row, local, self._setup.options, has_places=self._has_places)


class BilledOrders:
    """What came of orders that are gone: told with the invoice of an order that changed last."""

    table = Table(
        s.INVOICE.place,
        s.INVOICE.fields,
        s.INVOICE.part,
        most=200,
        where="orderNumber ne ''",
        key_fields=("id", "orderNumber", "status"),
    )

    def __init__(self, client: BcClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the numbers of the orders; those that are still open are among them, once."""
        return erp_ids([row for row in rows if is_posted(row)], "orderNumber")

    def builder(self, rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Read the invoices of the orders of a page, and which of these are still open."""
        local = self._setup.get(deadline).currency
        options = self._setup.options
        invoices = invoices_of_gone(self._client, rows, deadline)

        def build(row: s.Row) -> r.OrderRecord | None:
            of_order = invoices.get(to.line(row["orderNumber"], 20), [])
            is_last = bool(of_order) and latest(of_order)["id"] == row["id"]
            return _billed(of_order, local, options) if is_last else None

        return build


def is_posted(row: s.Row) -> bool:
    """Say whether an invoice is one."""
    return to.word(row["status"]) not in s.UNPOSTED


def latest(rows: Sequence[s.Row]) -> s.Row:
    """Return the row that changed last."""
    return max(rows, key=lambda row: (to.instant(row["lastModifiedDateTime"]), str(row["id"])))


def invoices_of_gone(client: BcClient, rows: Sequence[s.Row], deadline: Deadline) -> Mapping[str, list[s.Row]]:
    """Return all posted invoices of the orders on a page by the order's number, for those that are not open."""
    numbers = [to.line(row["orderNumber"], 20) for row in rows]
    found: defaultdict[str, list[s.Row]] = defaultdict(list)
    for part in odata.chunks(numbers):
        still = client.rows(s.ORDER.place, Query(("id", "number"), odata.any_of("number", part)), deadline)
        gone = sorted(set(part) - {to.line(one["number"], 20) for one in still})
        if gone:
            query = s.INVOICE.query(odata.any_of("orderNumber", gone))
            for one in client.rows(s.INVOICE.place, query, deadline):
                if is_posted(one):
                    found[to.line(one["orderNumber"], 20)].append(one)
    return found


def _open(row: s.Row, local: str, options: Options, *, has_places: bool) -> r.OrderRecord:
    lines = s.lines_of(row, s.ORDER)
    number = to.line(row["number"], 20)
    reference = to.order_reference(row["externalDocumentNumber"], options.order_prefix)
    is_let_go = s.is_cancelled(lines)
    is_sent = any(to.number(one["shippedQuantity"]) for one in s.items_of(lines))
    status = to.word(row["status"])
    is_draft = bool(reference) and to.is_new(row["externalDocumentNumber"])
    sold = [one for one in lines if to.word(one["lineType"]) != "Comment"]
    return r.OrderRecord(
        erp_id=number,
        version=to.instant(row["lastModifiedDateTime"]),
        number=number,
        customer_erp_id=to.ref(row["customerId"]),
        status="cancelled" if is_let_go else "draft" if is_draft else "open",
        placed_at=to.noon(to.needed_day(row["orderDate"])),
        time_known=False,
        currency=s.currency_of(row, local),
        channel_hint=_channel(row, reference, options),
        web_reference=reference,
        customer_reference=first(lines, Remark.REFERENCE),
        untaxed_total=to.amount(row["totalAmountExcludingTax"]),
        tax_total=to.amount(row["totalTaxAmount"]),
        total=to.amount(row["totalAmountIncludingTax"]),
        step="cancelled" if is_let_go else "shipped" if is_sent else STEPS.get(status, "confirmed"),
        requested_on=to.day(row["requestedDeliveryDate"]),
        ship_to=s.ship_to(row),
        placed_by=first(lines, Remark.PERSON)[:120],
        lines=tuple(_line(count, one, number) for count, one in enumerate(sold, 1)),
        allowed=allowed(row, lines, has_places=has_places),
        quote_erp_id=first(lines, Remark.QUOTE)[:20],
    )


def allowed(row: s.Row, lines: Sequence[s.Row], *, has_places: bool) -> tuple[str, ...]:
    """Return what may still be changed: all until the ERP's staff releases the order or ships of it."""
    items = s.items_of(lines)
    is_begun = any(to.number(one["shippedQuantity"]) or to.number(one["invoicedQuantity"]) for one in items)
    if is_begun or to.word(row["status"]) != "Draft" or s.is_cancelled(lines):
        return ()
    if to.is_new(row["externalDocumentNumber"]):
        return ("cancel",)
    return ("cancel", "requested_on", *(("ship_to",) if has_places else ()), "customer_reference", "lines")


def _line(count: int, one: s.Row, order: str) -> r.OrderLineRecord:
    return r.OrderLineRecord(
        line_no=count,
        erp_id=s.line_key(order, one),
        sku=to.line(one["lineObjectNumber"], 20) if to.word(one["lineType"]) == s.ITEM else "",
        description=to.line(one["description"], 100),
        quantity=to.quantity(one["quantity"]),
        unit=to.line(one["unitOfMeasureCode"], 10),
        net_price=to.net_price(one),
        quantity_delivered=to.quantity(one["shippedQuantity"]),
        item_type=s.item_type(one),
        promised_on=to.day(one["shipmentDate"]),
        amount=to.amount(one["netAmount"]),
    )


def _billed(invoices: Sequence[s.Row], local: str, options: Options) -> r.OrderRecord:
    row = latest(invoices)
    number = to.line(row["orderNumber"], 20)
    reference = to.order_reference(row["externalDocumentNumber"], options.order_prefix)
    lines = s.lines_of(row, s.INVOICE)
    totals = [s.totals_of(one, s.lines_of(one, s.INVOICE), local) for one in invoices]
    # The order's own day is gone with it: that of its first invoice is the nearest, where the shop never saw the order.
    placed_on = min(to.needed_day(one["invoiceDate"]) for one in invoices)
    return r.OrderRecord(
        erp_id=number,
        version=to.instant(row["lastModifiedDateTime"]),
        number=number,
        customer_erp_id=to.ref(row["customerId"]),
        status="completed",
        placed_at=to.noon(placed_on),
        time_known=False,
        currency=s.currency_of(row, local),
        channel_hint=_channel(row, reference, options),
        web_reference=reference,
        customer_reference=to.line(row["customerPurchaseOrderReference"], 35) or first(lines, Remark.REFERENCE),
        untaxed_total=sum((one.untaxed for one in totals), Decimal(0)),
        tax_total=sum((one.tax for one in totals), Decimal(0)),
        total=sum((one.total for one in totals), Decimal(0)),
        step="shipped",
        ship_to=s.ship_to(row),
        placed_by=first(lines, Remark.PERSON)[:120],
        lines=tuple(
            _billed_line(count, one, many, number) for count, (one, many) in enumerate(merged(invoices, s.INVOICE), 1)
        ),
        quote_erp_id=first(lines, Remark.QUOTE)[:20],
        forgotten=("placed_at", "requested_on"),
    )


def _billed_line(count: int, one: s.Row, many: Decimal, order: str) -> r.OrderLineRecord:
    return r.OrderLineRecord(
        line_no=count,
        erp_id=s.line_key(order, one),
        sku=to.line(one["lineObjectNumber"], 20),
        description=to.line(one["description"], 100),
        quantity=many,
        unit=to.line(one["unitOfMeasureCode"], 10),
        net_price=to.net_price(one),
        quantity_delivered=many,
        item_type=s.item_type(one),
        promised_on=to.day(one["shipmentDate"]),
        amount=to.amount((to.net_price(one) * many).quantize(to.CENT)),
    )


def _channel(row: s.Row, reference: str, options: Options) -> r.Channel:
    return r.Channel.SHOP if reference else to.channel_of(row, options.channels)
