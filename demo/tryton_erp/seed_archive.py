# SPDX-License-Identifier: GPL-3.0-or-later
"""The older orders with their shipments, invoices and payments, written as a migration would.

An order led through the ERP's own steps costs 0.3 s, one of these 2 ms; every row that the steps
would leave behind is written, except the tax report's.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.tryton_erp.amounts import CENT, SHIPPING, TERM_DAYS, Line, Totals, totals_of
from demo.tryton_erp.bulk import Bulk
from demo.tryton_erp.context import Seed
from demo.tryton_erp.history_plan import Planned
from demo.tryton_erp.price_lists import unit_price
from demo.tryton_erp.units import PACKS

ORDER = [
    "sale.sale",
    "sale.line",
    "sale.line-account.tax",
    "stock.shipment.out",
    "stock.move",
    "account.move",
    "account.move.reconciliation",
    "account.move.line",
    "account.invoice",
    "account.invoice.line",
    "account.invoice.line-account.tax",
    "account.invoice.tax",
    "account.invoice.line-stock.move",
    "account.invoice-account.move.line",
]


def archive(seed: Seed, orders: list[Planned]) -> None:
    """Write the orders, the oldest first."""
    writer = _Writer(seed)
    for number, order in enumerate(orders, 1):
        writer.write(order, number)
    writer.bulk.write()
    seed.ids["archived_orders"] = len(orders)


class _Writer:
    """Turns planned orders into rows."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.ids = seed.ids
        self.bulk = Bulk(seed, ORDER)
        self.parties = {customer["code"]: customer for customer in seed.ids["customers"]}
        self.locations = _locations(seed)
        self.periods = [
            (period.start_date, period.end_date, period.id)
            for period in seed.get("account.period").search([("type", "=", "standard")])
        ]
        Carrier = seed.get("carrier")
        self.carrier = Carrier(seed.ids["carriers"]["Standard 48 h"])
        self.shipping = self.carrier.carrier_product.id
        self.moves = 0
        self.invoice_numbers: dict[int, int] = {}

    def write(self, order: Planned, number: int) -> None:
        lines = self._order_lines(order)
        totals = totals_of(lines)
        shipped_on = min(self.seed.today, _working(order.ordered_on + dt.timedelta(days=1)))
        paid_on = self._paid_on(order, shipped_on)
        paid = None not in paid_on
        sale = self._sale(order, number, totals, paid=paid)
        self._sale_lines(sale, lines, order)
        self._shipment(order, number, lines, shipped_on)
        self._invoice(order, lines, totals, shipped_on, paid_on)

    def _order_lines(self, order: Planned) -> list[Line]:
        units = self.ids["units"]
        lines = []
        for item, quantity in order.lines:
            price = unit_price(item, order.customer.price_list, quantity)
            tax = "IVA 10%" if item.reduced_tax else "IVA 21%"
            unit = units[item.pack or item.unit]
            product = self.seed.products[item.sku]
            base = unit_price(item, None, quantity)
            lines.append(Line(product, item, quantity, unit, price, tax, base))
        lines.append(Line(self.shipping, None, 1.0, units["unit"], SHIPPING, "IVA 21%", SHIPPING))
        return lines

    def _paid_on(self, order: Planned, invoiced_on: dt.date) -> list[dt.date | None]:
        """Return when each part was paid; None where it still is open."""
        rng = self.seed.rng
        late = rng.choice([-10, -4, -1, 0, 0, 2, 5, 12, 25])
        forgotten = rng.random() < 0.04 and (self.seed.today - invoiced_on).days < 150
        result: list[dt.date | None] = []
        for days in TERM_DAYS[order.customer.term]:
            paid = max(invoiced_on, _working(invoiced_on + dt.timedelta(days=days + late)))
            result.append(None if forgotten or paid > self.seed.today else paid)
        return result

    def _sale(self, order: Planned, number: int, totals: Totals, *, paid: bool) -> int:
        party = self.parties[order.customer.code]
        web = order.web_id is not None
        return self.bulk.add(
            "sale.sale",
            **_created(order, self.ids["user_id"] if web else self.seed.erp.user),
            company=self.ids["company"],
            party=party["id"],
            currency=self.ids["currency"],
            number=f"H{number:05}",
            reference=order.reference,
            sale_date=order.ordered_on,
            quotation_date=order.ordered_on,
            invoice_address=party["invoice_address"],
            shipment_address=party["ship_to"][order.site],
            invoice_method="fulfillment",
            shipment_method="order",
            shipment_cost_method="order",
            payment_term=self.ids["terms"][order.customer.term],
            price_list=order.customer.price_list and self.ids["price_lists"][order.customer.price_list],
            warehouse=self.ids["warehouses"]["VLC"],
            carrier=self.carrier.id,
            marketing_medium=self.ids["channels"][order.channel],
            web_shop=self.ids["web_shop"] if web else None,
            web_id=order.web_id,
            quoted_by=self.ids["reps"][order.customer.rep]["employee"] if order.channel == "rep" else None,
            state="done" if paid else "processing",
            shipment_state="sent",
            invoice_state="paid" if paid else "awaiting payment",
            revision=0,
            untaxed_amount_cache=totals.untaxed,
            tax_amount_cache=totals.tax,
            total_amount_cache=totals.total,
        )

    def _sale_lines(self, sale: int, lines: list[Line], order: Planned) -> None:
        for line in lines:
            line.sale_line = self.bulk.add(
                "sale.line",
                **_created(order, self.seed.erp.user),
                sale=sale,
                type="line",
                product=line.product,
                quantity=line.quantity,
                actual_quantity=line.quantity,
                unit=line.unit,
                unit_price=line.price,
                base_price=line.base_price,
                quantity_to_invoice=0.0,
                quantity_to_ship=0.0 if line.item else None,
                shipment_cost=None if line.item else SHIPPING,
            )
            self.bulk.add("sale.line-account.tax", line=line.sale_line, tax=self.ids["taxes"][line.tax])

    def _shipment(self, order: Planned, number: int, lines: list[Line], shipped_on: dt.date) -> None:
        party = self.parties[order.customer.code]
        stock = self.locations
        common = dict(_created(order, self.seed.erp.user), company=self.ids["company"])
        days = {"planned_date": shipped_on, "effective_date": shipped_on, "origin_planned_date": shipped_on}
        shipment = self.bulk.add(
            "stock.shipment.out",
            **common,
            **days,
            customer=party["id"],
            delivery_address=party["ship_to"][order.site],
            number=f"H{number:05}-1",
            state="done",
            warehouse=self.ids["warehouses"]["VLC"],
            warehouse_storage=stock["storage"],
            warehouse_output=stock["output"],
            carrier=self.carrier.id,
            shipping_reference=tracking_number(self.seed.rng),
            cost=Decimal(0),
            cost_edit=False,
            cost_currency=self.ids["currency"],
            cost_sale_method="order",
        )
        for line in lines:
            if line.item is None:
                continue
            pieces = line.quantity * (PACKS[line.item.pack].size if line.item.pack else 1)
            move = dict(
                common,
                **days,
                product=line.product,
                quantity=line.quantity,
                unit=line.unit,
                internal_quantity=pieces,
                state="done",
                unit_price_updated=True,
                shipment=f"stock.shipment.out,{shipment}",
            )
            line.move = self.bulk.add(
                "stock.move",
                **move,
                from_location=stock["output"],
                to_location=stock["customer"],
                origin=f"sale.line,{line.sale_line}",
                unit_price=line.price,
                currency=self.ids["currency"],
                cost_price=(line.item.price * Decimal("0.62")).quantize(Decimal("0.0001")),
            )
            self.bulk.add(
                "stock.move",
                **move,
                from_location=stock["storage"],
                to_location=stock["output"],
                origin=f"stock.move,{line.move}",
            )

    def _invoice(
        self,
        order: Planned,
        lines: list[Line],
        totals: Totals,
        date: dt.date,
        paid_on: list[dt.date | None],
    ) -> None:
        party = self.parties[order.customer.code]
        common = dict(_created(order, self.seed.erp.user), company=self.ids["company"])
        number = self._invoice_number(date)
        move = self._move(common, date, "revenue")
        invoice = self.bulk.add(
            "account.invoice",
            **common,
            type="out",
            number=number,
            number_alnum="".join(c for c in number if c.isalnum()),
            number_digit=int("".join(c for c in number if c.isdigit())),
            state="paid" if None not in paid_on else "posted",
            party=party["id"],
            invoice_address=party["invoice_address"],
            currency=self.ids["currency"],
            account=self.ids["accounts"]["receivable"],
            journal=self.ids["journals"]["revenue"],
            move=move,
            invoice_date=date,
            payment_term_date=date,
            payment_term=self.ids["terms"][order.customer.term],
            sequence_type_cache="invoice",
            untaxed_amount_cache=totals.untaxed,
            tax_amount_cache=totals.tax,
            total_amount_cache=totals.total,
        )
        self.bulk.rows["account.move"][-1]["origin"] = f"account.invoice,{invoice}"
        self._invoice_lines(common, invoice, move, lines)
        for name, (base, tax) in totals.by_rate.items():
            row = self.bulk.add(
                "account.invoice.tax",
                invoice=invoice,
                tax=self.ids["taxes"][name],
                base=base,
                amount=tax,
                account=self.ids["accounts"]["tax"],
                description=name,
                manual=False,
            )
            self._move_line(move, "tax", credit=tax, origin=f"account.invoice.tax,{row}")
        self._receivables(order, common, invoice, move, totals, date, paid_on)

    def _invoice_lines(self, common: dict[str, Any], invoice: int, move: int, lines: list[Line]) -> None:
        for line in lines:
            line.invoice_line = self.bulk.add(
                "account.invoice.line",
                **common,
                invoice=invoice,
                invoice_type="out",
                type="line",
                currency=self.ids["currency"],
                account=self.ids["accounts"]["revenue"],
                product=line.product,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.price,
                taxes_deductible_rate=Decimal(1),
                correction=False,
                origin=f"sale.line,{line.sale_line}",
            )
            self.bulk.add("account.invoice.line-account.tax", line=line.invoice_line, tax=self.ids["taxes"][line.tax])
            if line.move:
                self.bulk.add("account.invoice.line-stock.move", invoice_line=line.invoice_line, stock_move=line.move)
            self._move_line(move, "revenue", credit=line.amount, origin=f"account.invoice.line,{line.invoice_line}")

    def _receivables(
        self,
        order: Planned,
        common: dict[str, Any],
        invoice: int,
        move: int,
        totals: Totals,
        date: dt.date,
        paid_on: list[dt.date | None],
    ) -> None:
        party = self.parties[order.customer.code]["id"]
        terms = TERM_DAYS[order.customer.term]
        half = (totals.total / 2).quantize(CENT, ROUND_HALF_UP)
        amounts = [totals.total] if len(terms) == 1 else [half, totals.total - half]
        for days, amount, paid in zip(terms, amounts, paid_on, strict=True):
            due = date + dt.timedelta(days=days)
            reconciliation = None
            if paid:
                self.moves += 1
                reconciliation = self.bulk.add(
                    "account.move.reconciliation", **common, date=paid, number=f"H{self.moves}"
                )
                payment = self._move(common, paid, "cash")
                self.bulk.rows["account.move"][-1]["origin"] = f"account.invoice,{invoice}"
                self._move_line(payment, "cash", debit=amount)
                line = self._move_line(payment, "receivable", credit=amount, party=party, reconciliation=reconciliation)
                self.bulk.add("account.invoice-account.move.line", invoice=invoice, line=line)
            self._move_line(
                move, "receivable", debit=amount, party=party, maturity_date=due, reconciliation=reconciliation
            )

    def _move(self, common: dict[str, Any], date: dt.date, journal: str) -> int:
        self.moves += 1
        period = next(p for start, end, p in self.periods if start <= date <= end)
        return self.bulk.add(
            "account.move",
            **common,
            number=f"H{date.year}-{self.moves}",
            date=date,
            post_date=date,
            period=period,
            journal=self.ids["journals"][journal],
            state="posted",
        )

    def _move_line(
        self,
        move: int,
        account: str,
        *,
        debit: Decimal = Decimal(0),
        credit: Decimal = Decimal(0),
        **values: Any,
    ) -> int:
        return self.bulk.add(
            "account.move.line",
            move=move,
            account=self.ids["accounts"][account],
            debit=debit,
            credit=credit,
            state="valid",
            **values,
        )

    def _invoice_number(self, date: dt.date) -> str:
        self.invoice_numbers[date.year] = self.invoice_numbers.get(date.year, 0) + 1
        return f"H{date.year}-{self.invoice_numbers[date.year]:05}"


def tracking_number(rng: Any) -> str:
    """Return a carrier's number of a parcel."""
    return f"TE{rng.randrange(10**10):010}ES"


def _created(order: Planned, user: int) -> dict[str, Any]:
    return {"create_date": order.placed_at, "create_uid": user}


def _working(date: dt.date) -> dt.date:
    """Return the date, or the Monday after it."""
    return date + dt.timedelta(days=max(0, 7 - date.weekday())) if date.weekday() > 4 else date


def _locations(seed: Seed) -> dict[str, int]:
    warehouse = seed.get("stock.location")(seed.ids["warehouses"]["VLC"])
    return {
        "storage": warehouse.storage_location.id,
        "output": warehouse.output_location.id,
        "customer": seed.xml("stock", "location_customer"),
    }
