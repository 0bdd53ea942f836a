"""SAP Business One as the ERP: the class that ERP_ADAPTER names, put together from one file for each noun."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.discounts import refuse_discount
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1.catalogue import Groups, Items
from erp_sync.adapters.sap_b1.client import Access, B1Client
from erp_sync.adapters.sap_b1.customers import Credit, Customers
from erp_sync.adapters.sap_b1.deliveries import Deliveries
from erp_sync.adapters.sap_b1.invoices import CREDIT_TAG, INVOICE_TAG, Invoices
from erp_sync.adapters.sap_b1.needs import needs
from erp_sync.adapters.sap_b1.orders_change import OrdersChange
from erp_sync.adapters.sap_b1.orders_read import Orders
from erp_sync.adapters.sap_b1.orders_write import OrdersWrite
from erp_sync.adapters.sap_b1.payments import Payments
from erp_sync.adapters.sap_b1.payments_write import PaymentsWrite
from erp_sync.adapters.sap_b1.prices import Prices
from erp_sync.adapters.sap_b1.pulls import Pulls
from erp_sync.adapters.sap_b1.quotes_read import QuotesRead
from erp_sync.adapters.sap_b1.quotes_write import QuotesWrite
from erp_sync.adapters.sap_b1.returns import Returns, ReturnsWrite
from erp_sync.adapters.sap_b1.setup import Options, SetupSource
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline, ErpHttp, writing

CAPABILITIES = ports.Capabilities(
    name="SAP Business One",
    enforces_reference=False,
    can_query_reference=True,
    # What the proxy in front of the Service Layer lets a request take, as it is installed.
    max_processing_s=300.0,
    rounding="line",
    halves="up",
    batch_size=50,
    # A session does one thing after the other anyway.
    serial_writes=True,
    # Discount groups and special prices are of each customer.
    prices_follow_list=False,
    has_pdf=False,
    # It knows what is ordered, not when it comes.
    has_expected=False,
    max_reference_length=45,
    has_quotes=True,
    has_returns=True,
    has_payments=False,
    has_order_changes=True,
)
VERSION = "CompanyService_GetCompanyInfo"
PATHS = ("/b1s/v1", "/b1s/v2")


class SapB1Erp:
    """Speaks to one company of SAP Business One; threads share it. See `ports.Erp` for what each method means."""

    def __init__(self, client: B1Client, options: Options) -> None:
        self.capabilities = replace(
            CAPABILITIES,
            timezone=options.timezone,
            enforces_reference=options.key_table,
            has_payments=bool(options.payment_account),
        )
        self._client = client
        self._options = options
        self._setup = setup = SetupSource(client, options)
        self._prices, self._credit = Prices(client, setup), Credit(client, setup)
        sales = d.Sales(client, setup)
        self._orders = OrdersWrite(sales)
        self._quotes = QuotesWrite(sales, self._orders)
        self._writes = _writes(self._quotes, sales)
        self._pulls = Pulls(
            client,
            {
                "categories": (Groups(setup),),
                "items": (Items(setup),),
                "customers": (Customers(setup),),
                "orders": (Orders(client, setup),),
                "deliveries": (Deliveries(setup),),
                "invoices": (Invoices(client, setup, INVOICE_TAG), Invoices(client, setup, CREDIT_TAG)),
                "payments": (Payments(setup),),
                "returns": (Returns(client, setup),),
                "quotes": (QuotesRead(client, setup),),
            },
        )

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> SapB1Erp:
        """Return the adapter; `options` are those of setup.Options.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        given = {"ERP_DATABASE": database, "ERP_USER": user, "ERP_PASSWORD": password}
        missing = [name for name, value in given.items() if not value]
        if missing:
            raise ErpMisconfigured(f"{', '.join(missing)} must be set: the company database and a user of it")
        found = Options.of(options)
        base = url.rstrip("/")
        for path in PATHS:
            base = base.removesuffix(path)
        http, access = ErpHttp(base, ca_file=found.ca_file), Access(database, user, password)
        return cls(B1Client(http, access, select_lines=found.select_lines), found)

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Log in; return the version, the clock's difference and the time of one call."""
        deadline = Deadline(deadline_s)
        version = self._client.call(VERSION, {}, deadline=deadline).get("Version")
        started = time.monotonic()
        now = self._client.now(deadline)
        latency = time.monotonic() - started
        offset = (now - dt.datetime.now(dt.UTC)).total_seconds()
        return ports.ErpHealth("SAP Business One", str(version or ""), round(offset, 1), round(latency * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return the entities, fields and rights used, by the company's own metadata."""
        return needs(self._client, self._pulls.fields(), self._options, Deadline(deadline_s))

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask: two requests, four with ladders."""
        deadline = Deadline(deadline_s)
        return self._prices.offers(context, asks, ladders=ladders, warehouses=warehouses, deadline=deadline)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order would cost, by the ERP's own preview."""
        refuse_discount(order, CAPABILITIES.name)
        return self._orders.totals(order, Deadline(deadline_s))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit, use and what is overdue."""
        return self._credit.of(customer_erp_id, Deadline(deadline_s))

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records, by the ERP's key."""
        return self._pulls.page(kind, cursor, limit, Deadline(deadline_s))

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        return self._pulls.keys(kind, Deadline(deadline_s))

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the ERP's clock."""
        return self._client.now(Deadline(deadline_s))

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return the orders with this reference, or what waits for an approval under it."""
        return self._orders.find(reference, Deadline(deadline_s))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Post the order, once; a posted order is confirmed."""
        refuse_discount(order, CAPABILITIES.name)
        with writing(deadline_s) as deadline:
            return self._orders.create(order, deadline)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make an order from the quotation, lines and prices exactly as accepted."""
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
        """Refuse: the Service Layer prints nothing."""
        _refuse_papers()

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: the Service Layer prints nothing."""
        _refuse_papers()

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: items have no files here."""
        _refuse_papers()

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: pictures are files of the ERP's server."""
        _refuse_papers()


def _refuse_papers() -> NoReturn:
    raise ErpRejected("SAP Business One prints no papers through its Service Layer.")


Do = Callable[[Any, Deadline], r.WrittenDocument]
Find = Callable[[Any, Deadline], list[r.WrittenDocument]]


def _writes(quotes: QuotesWrite, sales: d.Sales) -> Mapping[type, tuple[Do, Find]]:
    """Return which part does a write, and which looks it up."""
    returns, payments = ReturnsWrite(sales), PaymentsWrite(sales.client, sales.setup)
    changes = OrdersChange(sales)
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
