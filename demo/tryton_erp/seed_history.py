# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders of the last weeks, led through the ERP's own steps: quote, confirm, ship, bill, pay."""

import datetime as dt
from typing import Any

from demo.tryton_erp.catalogue import Item, items
from demo.tryton_erp.context import Seed
from demo.tryton_erp.customers import CUSTOMERS
from demo.tryton_erp.history_plan import Planned, plan
from demo.tryton_erp.price_lists import unit_price
from demo.tryton_erp.seed_archive import archive, tracking_number

BATCHES = 4


def history(seed: Seed) -> None:
    """Write the past, the oldest first."""
    options = seed.options
    catalogue = items(min(options.products, 244))
    orders = plan(seed.today, options.days, catalogue, seed.rng)
    first = seed.days_ago(options.full_days)
    seed.do(archive, [order for order in orders if order.ordered_on < first])
    recent = [order for order in orders if order.ordered_on >= first]
    # the dates of a sequence of invoices must not go backwards, so batches follow each other
    size = len(recent) // BATCHES + 1
    state = _State()
    for start in range(0, len(recent), size):
        batch = recent[start : start + size]
        ids = seed.do(orders_of, batch)
        seed.do(ship, ids, state)
        invoices = seed.do(bill, ids, state)
        seed.do(pay, invoices)
    seed.ids["orders"] = len(orders)


class _State:
    """What one batch must know of the batches before."""

    def __init__(self) -> None:
        self.billed_until = dt.date.min
        self.shipped = 0
        # the customers whose buyers show the demo have a partly shipped order; so the others count as having one
        self.split = {customer.code for customer in CUSTOMERS[3:]}


def orders_of(seed: Seed, planned: list[Planned]) -> list[int]:
    """Enter, quote and confirm these orders."""
    from trytond.transaction import Transaction

    Sale = seed.get("sale.sale")
    sales = [new_sale(seed, order) for order in planned]
    # the ERP's own user: warnings (credit limit...) do not stop it
    with Transaction().set_user(0):
        Sale.save(sales)
        Sale.quote(sales)
        Sale.confirm(sales)
    _backdate(seed, sales, planned)
    return [sale.id for sale in sales]


def new_sale(seed: Seed, order: Planned) -> Any:
    """Return an order filled as a client of the ERP fills it: on_change, then lines."""
    Sale = seed.get("sale.sale")
    customer = next(c for c in seed.ids["customers"] if c["code"] == order.customer.code)
    sale = Sale(
        company=seed.ids["company"],
        party=customer["id"],
        lines=[],
        reference=order.reference,
        marketing_medium=seed.ids["channels"][order.channel],
    )
    sale.warehouse = seed.ids["warehouses"]["VLC"]
    for name in ["currency", "invoice_method", "shipment_method", "quotation_validity"]:
        setattr(sale, name, getattr(Sale, f"default_{name}")())
    sale.on_change_party()
    sale.shipment_address = customer["ship_to"][order.site]
    sale.sale_date = sale.quotation_date = order.ordered_on
    sale.carrier = seed.ids["carriers"]["Standard 48 h"]
    if order.web_id:
        sale.web_shop, sale.web_id = seed.ids["web_shop"], order.web_id
    if order.channel == "rep":
        sale.quoted_by = seed.ids["reps"][order.customer.rep]["employee"]
    sale.lines = [_line(seed, order, item, quantity) for item, quantity in order.lines]
    return sale


def _line(seed: Seed, order: Planned, item: Item, quantity: float) -> Any:
    tax = seed.ids["taxes"]["IVA 10%" if item.reduced_tax else "IVA 21%"]
    return seed.get("sale.line")(
        type="line",
        product=seed.products[item.sku],
        quantity=quantity,
        unit=seed.ids["units"][item.pack or item.unit],
        unit_price=unit_price(item, order.customer.price_list, quantity),
        base_price=unit_price(item, None, quantity),
        taxes=[tax],
    )


def _backdate(seed: Seed, sales: list[Any], planned: list[Planned]) -> None:
    from trytond.transaction import Transaction

    table = seed.get("sale.sale").__table__()
    cursor = Transaction().connection.cursor()
    for sale, order in zip(sales, planned, strict=True):
        user = seed.ids["user_id"] if order.web_id else seed.erp.user
        cursor.execute(
            *table.update([table.create_date, table.create_uid], [order.placed_at, user], where=table.id == sale.id)
        )


def ship(seed: Seed, ids: list[int], state: _State) -> None:
    """Ship most orders, only a part of some; those of the last days wait."""
    Shipment, Move = seed.get("stock.shipment.out"), seed.get("stock.move")
    shipments, moves = [], []
    for sale in _by_date(seed.get("sale.sale").browse(ids)):
        age = (seed.today - sale.sale_date).days
        if age < 2 or (age < 5 and seed.rng.random() < 0.6):
            continue
        for shipment in sale.shipments:
            if shipment.state == "waiting":
                state.shipped += 1
                if state.shipped % 7 == 3 or sale.party.code not in state.split:
                    state.split.add(sale.party.code)
                    moves.extend(_split(shipment))
                shipment.effective_date = min(seed.today, sale.sale_date + dt.timedelta(days=1))
                shipment.shipping_reference = tracking_number(seed.rng)
                shipments.append(shipment)
    Move.save(moves)
    Shipment.save(shipments)
    Shipment.assign_force(shipments)
    Shipment.pick(shipments)
    Shipment.pack(shipments)
    Shipment.do(shipments)


def _split(shipment: Any) -> list[Any]:
    """Leave half of the largest line for a later shipment."""
    move = max(shipment.inventory_moves, key=lambda move: move.quantity)
    if move.quantity < 2:
        return []
    step = move.product.template.sale_quantity_rounding or 1
    move.quantity = float(max(step, move.quantity // 2 // step * step))
    return [move]


def bill(seed: Seed, ids: list[int], state: _State) -> list[int]:
    """Post the invoices that the shipments made, in order of their dates."""
    from trytond.transaction import Transaction

    Invoice = seed.get("account.invoice")
    todo = {}
    for sale in seed.get("sale.sale").browse(ids):
        date = min(seed.today, sale.sale_date + dt.timedelta(days=1))
        for invoice in sale.invoices:
            if invoice.state == "draft":
                invoice.invoice_date = invoice.payment_term_date = max(date, state.billed_until)
                todo[invoice.id] = invoice
    invoices = sorted(todo.values(), key=lambda invoice: invoice.invoice_date)
    if not invoices:
        return []
    state.billed_until = invoices[-1].invoice_date
    Invoice.save(invoices)
    with Transaction().set_user(0):
        Invoice.validate_invoice(invoices)
        Invoice.post(invoices)
    return [invoice.id for invoice in invoices]


def pay(seed: Seed, ids: list[int]) -> None:
    """Pay and reconcile most of the invoices whose time has come."""
    Line = seed.get("account.move.line")
    Method = seed.get("account.invoice.payment.method")
    methods = [Method(method) for method in seed.ids["payment_methods"].values()]
    groups = []
    for invoice in seed.get("account.invoice").browse(ids):
        lines = [line for line in invoice.lines_to_pay if not line.reconciliation]
        due = max((line.maturity_date for line in lines), default=seed.today)
        late = dt.timedelta(days=seed.rng.choice([-12, -5, 0, 4, 20]))
        date = max(invoice.invoice_date, due + late)
        if lines and date <= seed.today and seed.rng.random() < 0.9:
            method = methods[seed.rng.random() < 0.3]
            paid = invoice.pay_invoice(invoice.amount_to_pay, method, date)
            groups.append(lines + list(paid))
    Line.reconcile(*groups)


def _by_date(sales: Any) -> list[Any]:
    return sorted(sales, key=lambda sale: (sale.sale_date, sale.id))
