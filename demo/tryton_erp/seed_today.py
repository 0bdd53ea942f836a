# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand today: stock, expected supply, quotations, returns, a promotion."""

import datetime as dt
from typing import Any

from demo.tryton_erp.catalogue import EXPECTED, ONE_WAREHOUSE, OUT_OF_STOCK, Item, items
from demo.tryton_erp.context import Seed
from demo.tryton_erp.customers import CUSTOMERS
from demo.tryton_erp.history_plan import Planned, quantity_of
from demo.tryton_erp.seed_history import new_sale


def sequences(seed: Seed) -> None:
    """Give the documents numbers that tell them apart."""
    Sequence = seed.get("ir.sequence")
    configuration = seed.get("sale.configuration")(1)
    stock = seed.get("stock.configuration")(1)
    company = seed.ids["company"]
    for record, name, prefix in [
        (configuration, "sale_sequence", "P"),
        (stock, "shipment_out_sequence", "A"),
    ]:
        sequence = record.get_multivalue(name, company=company)
        Sequence.write([Sequence(sequence.id)], {"prefix": prefix, "padding": 5})


def promotion(seed: Seed) -> None:
    """Make a promotion that the ERP applies when an order is quoted."""
    paint = seed.ids["categories"]["PIN"]
    seed.get("sale.promotion")(
        name="Paint fortnight: 10% from 20 units",
        company=seed.ids["company"],
        start_date=seed.days_ago(7),
        end_date=seed.today + dt.timedelta(days=60),
        quantity=20,
        unit=seed.ids["units"]["unit"],
        categories=[paint],
        formula="unit_price * 0.9",
    ).save()


def stock(seed: Seed) -> None:
    """Count both warehouses: what is there now, whatever the past moved."""
    Inventory, Line = seed.get("stock.inventory"), seed.get("stock.inventory.line")
    Location, Product = seed.get("stock.location"), seed.get("product.product")
    catalogue = items(seed.options.products)
    inventories = []
    for code, warehouse in seed.ids["warehouses"].items():
        lines = [
            Line(product=Product(seed.products[item.sku]), quantity=_quantity(seed, item, code)) for item in catalogue
        ]
        inventories.append(
            Inventory(
                location=Location(warehouse).storage_location, date=seed.today, company=seed.ids["company"], lines=lines
            )
        )
    Inventory.save(inventories)
    Inventory.confirm(inventories)
    seed.ids["out_of_stock"] = sorted(OUT_OF_STOCK & set(seed.products))


def _quantity(seed: Seed, item: Item, warehouse: str) -> float:
    rng = seed.rng
    elsewhere = any(item.line in lines for code, lines in ONE_WAREHOUSE.items() if code != warehouse)
    here = item.line in ONE_WAREHOUSE[warehouse]
    if item.sku in OUT_OF_STOCK or (elsewhere and not here):
        return 0.0
    if warehouse == "BIO" and not here and rng.random() < 0.35:
        return 0.0
    if item.successor:
        return 0.0
    if item.price < 1:
        level = rng.choice([1200, 2500, 4800, 9500, 24000])
    elif item.price < 10:
        level = rng.choice([60, 140, 320, 700])
    else:
        level = rng.choice([3, 8, 15, 36, 80])
    return float(level if item.price >= 10 else level + 10 * rng.randrange(9))


def supply(seed: Seed) -> None:
    """Expect goods of a supplier on known days."""
    Party, Address = seed.get("party.party"), seed.get("party.address")
    Shipment, Move = seed.get("stock.shipment.in"), seed.get("stock.move")
    Location, Product = seed.get("stock.location"), seed.get("product.product")
    supplier = Party(
        name="Distribuciones Ebro S.A.",
        code="S0001",
        addresses=[
            Address(
                street_unstructured="Polígono Cogullada 14",
                postal_code="50014",
                city="Zaragoza",
                country=seed.ids["country"],
            )
        ],
    )
    supplier.save()
    warehouse = Location(seed.ids["warehouses"]["VLC"])
    for number, (sku, days, quantity) in enumerate(EXPECTED, 1):
        product = Product(seed.products[sku])
        date = seed.today + dt.timedelta(days=days)
        move = Move(
            product=product,
            unit=product.default_uom,
            quantity=float(quantity),
            from_location=supplier.supplier_location,
            to_location=warehouse.input_location,
            planned_date=date,
            company=seed.ids["company"],
            currency=seed.ids["currency"],
            unit_price=product.cost_price,
        )
        Shipment(
            supplier=supplier,
            contact_address=supplier.addresses[0],
            warehouse=warehouse,
            warehouse_input=warehouse.input_location,
            warehouse_storage=warehouse.storage_location,
            planned_date=date,
            company=seed.ids["company"],
            reference=f"EB-{7400 + number}",
            incoming_moves=[move],
        ).save()


def quotations(seed: Seed) -> None:
    """Leave quotations open, and two requests for one."""
    Sale = seed.get("sale.sale")
    catalogue = {item.sku: item for item in items(244)}
    sales = []
    for number, customer in enumerate(CUSTOMERS[:6]):
        date = seed.days_ago(6 - number)
        family = [item for item in catalogue.values() if item.family in customer.families.split()]
        chosen = seed.rng.sample([i for i in family if not i.successor], 3)
        moment = dt.datetime.combine(date, dt.time(9 + number, 20))
        order = Planned(
            customer=customer,
            placed_at=moment,
            ordered_on=date,
            channel=["email", "phone"][number % 2],
            web_id=None,
            reference=f"OF-{date:%m%d}",
            site=0,
            lines=[(item, quantity_of(item, seed.rng) * 4) for item in chosen],
        )
        sale = new_sale(seed, order)
        sale.sale_date = None
        sale.description = "Presupuesto para obra" if number < 4 else "Solicitud de oferta"
        sales.append(sale)
    Sale.save(sales)
    Sale.quote(sales[:4])


def complaints(seed: Seed) -> int | None:
    """Take two complaints and approve one; return its id."""
    Complaint = seed.get("sale.complaint")
    (model,) = seed.get("ir.model").search([("name", "=", "sale.line")])
    kind = seed.get("sale.complaint.type")(name="Return of goods", origin=model)
    kind.save()
    seed.translate(seed.get("sale.complaint.type"), {kind.id: {"name": "Devolución"}})
    seed.ids["complaint_type"] = kind.id
    for numbers in seed.get("ir.sequence").search([("name", "=", "Customer Complaint")]):
        numbers.prefix, numbers.padding = "D", 4  # a bare 1 is no number of a document
        numbers.save()
    lines = _returnable(seed)
    records = [
        Complaint(
            company=seed.ids["company"],
            customer=line.sale.party,
            type=kind,
            origin=line,
            date=seed.today,
            description=text,
            actions=[seed.get("sale.complaint.action")(action="sale_return", quantity=1.0)],
        )
        for line, text in zip(lines, ["Medida equivocada", "Llegó dañado"], strict=False)
    ]
    Complaint.save(records)
    Complaint.wait(records)
    if not records:
        return None
    Complaint.approve(records[:1])
    return int(records[0].id)


def return_order(seed: Seed, complaint: int) -> int:
    """Return the id of the order that takes back what an approved complaint is about."""
    return int(seed.get("sale.complaint")(complaint).actions[0].result.id)


def _returnable(seed: Seed) -> list[Any]:
    """Return a delivered line of each of the two customers who show the demo first, or of whoever has one."""
    found = [
        line
        for customer in seed.ids["customers"][:2]
        for line in _delivered(seed, ("sale.party", "=", customer["id"]))[:1]
    ]
    return found if len(found) == 2 else list(_delivered(seed))[:2]


def _delivered(seed: Seed, *domain: Any) -> Any:
    # not of a product with a minimum: the return would be under it
    return seed.get("sale.line").search(
        [
            ("sale.shipment_state", "=", "sent"),
            ("sale.number", "like", "P%"),
            ("product.type", "=", "goods"),
            ("quantity", ">=", 2),
            ("product.template.sale_quantity_minimal", "=", None),
            *domain,
        ],
        order=[("id", "ASC")],
        limit=2,
    )


def confirm_return(seed: Seed, sale_id: int) -> None:
    """Quote and confirm the return order."""
    from trytond.transaction import Transaction

    sale = seed.get("sale.sale")(sale_id)
    with Transaction().set_user(0):
        type(sale).quote([sale])
        type(sale).confirm([sale])


def receive_return(seed: Seed, sale_id: int) -> None:
    """Take the goods back into the warehouse."""
    sale = seed.get("sale.sale")(sale_id)
    shipments = list(sale.shipment_returns)
    Shipment = seed.get("stock.shipment.out.return")
    Shipment.receive(shipments)
    Shipment.do(shipments)


def credit_note(seed: Seed, sale_id: int) -> None:
    """Post the credit note of the return."""
    from trytond.transaction import Transaction

    Invoice = seed.get("account.invoice")
    notes = [note for note in seed.get("sale.sale")(sale_id).invoices if note.state == "draft"]
    for note in notes:
        note.invoice_date = seed.today
    Invoice.save(notes)
    with Transaction().set_user(0):
        Invoice.validate_invoice(notes)
        Invoice.post(notes)
    seed.ids["credit_notes"] = [note.number for note in notes]
