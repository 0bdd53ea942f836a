"""ERPNext as the ERP: the class that ERP_ADAPTER names, put together from one file for each noun."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.discounts import refuse_discount
from erp_sync.adapters.erpnext.catalogue import Categories, ItemPrices, Items
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.credit import Credit
from erp_sync.adapters.erpnext.customers import Customers, Linked
from erp_sync.adapters.erpnext.deliveries import Deliveries
from erp_sync.adapters.erpnext.invoices import Invoices
from erp_sync.adapters.erpnext.mapping import line
from erp_sync.adapters.erpnext.needs import needs
from erp_sync.adapters.erpnext.orders_change import OrdersChange
from erp_sync.adapters.erpnext.orders_read import Orders
from erp_sync.adapters.erpnext.orders_write import OrdersWrite
from erp_sync.adapters.erpnext.papers import Papers
from erp_sync.adapters.erpnext.payments import Payments
from erp_sync.adapters.erpnext.payments_write import PaymentsWrite
from erp_sync.adapters.erpnext.prices import Prices
from erp_sync.adapters.erpnext.pulls import Pulls, Source
from erp_sync.adapters.erpnext.quotes_read import QuotesRead
from erp_sync.adapters.erpnext.quotes_write import QuotesWrite
from erp_sync.adapters.erpnext.returns import Returns, ReturnsWrite
from erp_sync.adapters.erpnext.setup import Options, Setup, SetupSource
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline, ErpHttp, writing

CAPABILITIES = ports.Capabilities(
    name="ERPNext",
    enforces_reference=True,
    can_query_reference=True,
    # The web server ends a request after 120 s as it is installed.
    max_processing_s=120.0,
    rounding="document",
    halves="even",
    page_order="changed",
    batch_size=50,
    # Pricing rules may name a customer, his group or his territory.
    prices_follow_list=False,
    max_reference_length=60,
    has_quotes=True,
    has_returns=True,
    has_payments=True,
    has_order_changes=True,
)


class ErpNextErp:
    """Speaks to one ERPNext site; threads share it. See `ports.Erp` for what each method means."""

    def __init__(self, client: ErpNextClient, options: Options, known: Setup | None = None) -> None:
        self.capabilities = replace(CAPABILITIES, halves=options.halves)
        self._client = client
        self._setup = setup = SetupSource(client, options, known)
        self._prices = Prices(client, setup)
        self._credit = Credit(client, setup)
        self._orders = OrdersWrite(client, setup, self._prices)
        self._quotes = QuotesWrite(client, setup, self._orders)
        self._writes = self._writers()
        self._papers = Papers(client, options)
        self._pulls = Pulls(client, setup, _sources(client, setup))

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> ErpNextErp:
        """Return the adapter; `database` is the site, `user` and `password` are key and secret of its user.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        if not user or not password:
            raise ErpMisconfigured("ERP_USER and ERP_PASSWORD must be the API key and secret of a user of the ERP")
        return cls(ErpNextClient(ErpHttp(url), key=user, secret=password, site=database), Options.of(options))

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Return the version, the clock's difference and the time of one call with the key."""
        deadline = Deadline(deadline_s)
        started = time.monotonic()
        self._client.ask("frappe.auth.get_logged_user", deadline)
        latency = time.monotonic() - started
        version = self._version(deadline)
        offset = (self._client.now(deadline) - dt.datetime.now(dt.UTC)).total_seconds()
        return ports.ErpHealth("ERPNext", version, round(offset, 1), round(latency * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return the document types, fields and rights used, by ERPNext's own metadata."""
        return needs(self._client, self._pulls.sources(), self._setup.options, Deadline(deadline_s))

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask by an invoice that is never saved."""
        deadline = Deadline(deadline_s)
        return self._prices.offers(context, asks, ladders=ladders, warehouses=warehouses, deadline=deadline)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order would cost, by the rules of ERPNext's arithmetic."""
        refuse_discount(order, CAPABILITIES.name)
        return self._orders.totals(order, Deadline(deadline_s))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit, use and what is overdue."""
        return self._credit.of(customer_erp_id, Deadline(deadline_s))

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records, by time of change and name."""
        return self._pulls.page(kind, cursor, limit, Deadline(deadline_s))

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        return self._pulls.keys(kind, Deadline(deadline_s))

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the ERP's clock."""
        return self._client.now(Deadline(deadline_s))

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return the orders with this reference."""
        return self._orders.find(reference, Deadline(deadline_s))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create and submit; carries on with what is there."""
        refuse_discount(order, CAPABILITIES.name)
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
        return self._papers.printed("Sales Invoice", erp_id, Deadline(deadline_s))

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the order as the ERP prints it."""
        return self._papers.printed("Sales Order", erp_id, Deadline(deadline_s))

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: the adapter tells of no files."""
        raise ErpRejected(f"There is no file {erp_id[:60]} of an item in the ERP.")

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return an item's picture; the id is the item's."""
        return self._papers.picture(erp_id, Deadline(deadline_s))

    def _version(self, deadline: Deadline) -> str:
        try:
            told = self._client.ask("frappe.utils.change_log.get_versions", deadline)
            return line(told["message"]["erpnext"]["version"], 40)
        except (ErpRejected, ErpMisconfigured, LookupError, TypeError):
            return "of a version that it does not tell"

    def _writers(self) -> Mapping[type, tuple[Do, Find]]:
        """Return which part does a write, and which looks it up."""
        returns, payments = ReturnsWrite(self._client), PaymentsWrite(self._client, self._setup)
        digits = self._setup.options.money_digits
        changes = OrdersChange(self._orders.documents, self._client, digits)
        quotes = self._quotes
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


Do = Callable[[Any, Deadline], r.WrittenDocument]
Find = Callable[[Any, Deadline], list[r.WrittenDocument]]


def _sources(client: ErpNextClient, setup: SetupSource) -> Mapping[str, tuple[Source, ...]]:
    """Return what each kind is read from; what follows the first only tells of further changes."""
    items, customers = Items(client, setup), Customers(client, setup)
    return {
        "categories": (Categories(setup.options),),
        "items": (items, ItemPrices(items, client, setup)),
        "customers": (customers, Linked("Address", customers, client), Linked("Contact", customers, client)),
        "orders": (Orders(client, setup),),
        "deliveries": (Deliveries(client, setup),),
        "invoices": (Invoices(client, setup),),
        "payments": (Payments(client, setup),),
        "returns": (Returns(client, setup),),
        "quotes": (QuotesRead(client, setup),),
    }
