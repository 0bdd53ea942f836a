"""Odoo as the ERP: the class that ERP_ADAPTER names, put together from one file for each noun."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.catalogue import Categories, Items
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.customers import Customers
from erp_sync.adapters.odoo.deliveries import Deliveries
from erp_sync.adapters.odoo.invoices import Invoices
from erp_sync.adapters.odoo.needs import needs
from erp_sync.adapters.odoo.orders_change import OrdersChange
from erp_sync.adapters.odoo.orders_read import Orders
from erp_sync.adapters.odoo.orders_write import OrdersWrite
from erp_sync.adapters.odoo.papers import Papers
from erp_sync.adapters.odoo.payments import Payments, Settlements
from erp_sync.adapters.odoo.payments_write import PaymentsWrite
from erp_sync.adapters.odoo.prices import Prices
from erp_sync.adapters.odoo.pulls import Pulls
from erp_sync.adapters.odoo.quotes_read import QuotesRead
from erp_sync.adapters.odoo.quotes_write import QuotesWrite
from erp_sync.adapters.odoo.returns import Returns, ReturnsWrite
from erp_sync.adapters.odoo.sales import Sales
from erp_sync.adapters.odoo.setup import Options, SetupSource
from erp_sync.adapters.odoo.wires import Access
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline, ErpHttp, writing

CAPABILITIES = ports.Capabilities(
    name="Odoo",
    enforces_reference=True,
    can_query_reference=True,
    # Odoo ends a request after limit_time_real, 120 s as it is installed.
    max_processing_s=120.0,
    rounding="line",
    halves="up",
    batch_size=200,
    # Two confirmations at once wait for the same numbers and stock; Odoo repeats the loser by itself.
    serial_writes=True,
    prices_follow_list=True,
    has_expected=True,
    max_reference_length=60,
    has_quotes=True,
    has_returns=True,
    has_payments=True,
    has_order_changes=True,
)


class OdooErp:
    """Speaks to one Odoo database; threads share it. See `ports.Erp` for what each method means."""

    def __init__(self, client: OdooClient, options: Options) -> None:
        self.capabilities = dataclasses.replace(CAPABILITIES, has_discount_lines=bool(options.discount_product))
        self._client = client
        self._setup = setup = SetupSource(client, options)
        self._prices = Prices(client, setup)
        sales = Sales(client, setup)
        self._orders = OrdersWrite(sales)
        self._quotes = QuotesWrite(sales, self._orders)
        self._writes = _writes(self._quotes, client, setup, OrdersChange(sales))
        self._papers = Papers(client)
        self._pulls = Pulls(
            client,
            {
                "categories": (Categories(client, setup),),
                "items": (Items(client, setup),),
                "customers": (Customers(client, setup),),
                "orders": (Orders(client, setup),),
                "deliveries": (Deliveries(client, setup),),
                "invoices": (Invoices(client, setup),),
                "payments": (Payments(client, setup), Settlements(client, setup)),
                "returns": (Returns(client, setup),),
                "quotes": (QuotesRead(client, setup),),
            },
        )

    @classmethod
    def from_settings(cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]) -> OdooErp:
        """Return the adapter; `password` is an API key, `options` are those of setup.Options.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        if not password:
            raise ErpMisconfigured("ERP_PASSWORD is not set: make an API key for the shop's user in Odoo")
        given = Options.of(options)
        access = Access(database, user, password)
        return cls(OdooClient(ErpHttp(url), access, protocol=given.protocol), given)

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Return the version, the clock's difference and the time of one call with the key."""
        deadline = Deadline(deadline_s)
        version, _date = self._client.greet(deadline)
        self._setup.get(deadline)
        started = time.monotonic()
        self._client.call("res.users", "context_get", deadline=deadline)
        latency = time.monotonic() - started
        offset = (self._pulls.now(deadline) - dt.datetime.now(dt.UTC)).total_seconds()
        return ports.ErpHealth("Odoo", version.text, round(offset, 1), round(latency * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return the models, fields and rights used, by Odoo's own metadata."""
        deadline = Deadline(deadline_s)
        setup = self._setup.get(deadline)
        found = needs(self._client, self._pulls.fields(deadline), setup, deadline)
        if code := self._setup.options.discount_product:
            found.append(ports.Need("product", code, bool(setup.discount), "make a service for sale with this number"))
        return found

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask by one simulated order."""
        deadline = Deadline(deadline_s)
        return self._prices.offers(context, asks, ladders=ladders, warehouses=warehouses, deadline=deadline)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order would cost, by Odoo's own arithmetic."""
        return self._orders.totals(order, Deadline(deadline_s))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit, use (receivable and what is not billed yet) and what is overdue; needs the invoicing right."""
        deadline = Deadline(deadline_s)
        setup = self._setup.get(deadline)
        partner = to.erp_id(customer_erp_id)
        fields = ["credit", "credit_limit", "use_partner_credit_limit", "credit_to_invoice"]
        rows = self._client.rows("res.partner", [["id", "=", partner], ARCHIVED_TOO], fields, deadline=deadline)
        if not rows:
            raise ErpRejected(f"There is no customer {customer_erp_id}.")
        overdue = self._client.rows(
            "account.move",
            [
                ["commercial_partner_id", "=", partner],
                ["move_type", "in", ["out_invoice", "out_refund"]],
                ["state", "=", "posted"],
                ["amount_residual", "!=", 0],
                ["invoice_date_due", "<", dt.datetime.now(dt.UTC).date().isoformat()],
            ],
            ["amount_residual_signed"],
            deadline=deadline,
        )
        step, row = setup.step(setup.currency_code), rows[0]
        owed = to.amount(row["credit"], step)
        late = sum((to.amount(one["amount_residual_signed"], step) for one in overdue), Decimal(0))
        return r.CreditPosition(
            currency=setup.currency_code,
            used=owed + to.amount(row["credit_to_invoice"], step),
            open_items=owed,
            overdue=max(Decimal(0), late),
            limit=to.amount(row["credit_limit"], step) if row["use_partner_credit_limit"] else None,
        )

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records, by id."""
        return self._pulls.page(kind, cursor, limit, Deadline(deadline_s))

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        return self._pulls.keys(kind, Deadline(deadline_s))

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the ERP's clock."""
        return self._pulls.now(Deadline(deadline_s))

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return the order with this reference."""
        return self._orders.find(reference, Deadline(deadline_s))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create and confirm; carries on with what is there."""
        with writing(deadline_s) as deadline:
            return self._orders.create(order, deadline)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quotation an order, lines and prices exactly as accepted."""
        with writing(deadline_s) as deadline:
            return self._quotes.accept(acceptance, deadline)

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do one of the other writes, once."""
        with writing(deadline_s) as deadline:
            return self._writes[type(write)][0](write, deadline)

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        return self._writes[type(write)][1](write, Deadline(deadline_s))

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the invoice as the ERP prints it."""
        return self._papers.report("account.move", to.erp_id(erp_id), Deadline(deadline_s))

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the order as the ERP prints it."""
        return self._papers.report("sale.order", to.erp_id(erp_id), Deadline(deadline_s))

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a file of an item; the id is that of its DocumentRef."""
        return self._papers.document(to.erp_id(erp_id), Deadline(deadline_s))

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return an item's picture; the id is the item's."""
        return self._papers.picture(to.erp_id(erp_id), Deadline(deadline_s))


Do = Callable[[Any, Deadline], r.WrittenDocument]
Find = Callable[[Any, Deadline], list[r.WrittenDocument]]


def _writes(
    quotes: QuotesWrite, client: OdooClient, setup: SetupSource, changes: OrdersChange
) -> Mapping[type, tuple[Do, Find]]:
    """Return which part does a write, and which looks it up."""
    returns, payments = ReturnsWrite(client, setup), PaymentsWrite(client, setup)
    return {
        r.NewQuote: (quotes.create, quotes.find),
        r.QuoteAnswer: (quotes.answer, quotes.find_answer),
        r.QuoteDecline: (quotes.decline, quotes.find_decline),
        r.NewReturn: (returns.create, returns.find),
        r.NewPayment: (payments.create, payments.find),
        r.PaymentReversal: (payments.reverse, payments.find_reversal),
        r.Cancellation: (changes.cancel, changes.find_cancel),
        r.OrderChange: (changes.change, changes.find_change),
    }
