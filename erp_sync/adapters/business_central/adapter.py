"""Business Central as the ERP: the class that ERP_ADAPTER names, put together from one file for each noun."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.business_central.access import Access, Basic, ClientCredentials
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.catalogue import Categories, Items
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.customers import Customers, credit
from erp_sync.adapters.business_central.deliveries import Deliveries
from erp_sync.adapters.business_central.invoices import CreditMemos, Invoices
from erp_sync.adapters.business_central.needs import needs
from erp_sync.adapters.business_central.orders_change import OrdersChange
from erp_sync.adapters.business_central.orders_read import BilledOrders, OpenOrders
from erp_sync.adapters.business_central.orders_write import OrdersWrite
from erp_sync.adapters.business_central.papers import Papers
from erp_sync.adapters.business_central.payments import Payments
from erp_sync.adapters.business_central.prices import Prices
from erp_sync.adapters.business_central.pulls import Pulls, Source
from erp_sync.adapters.business_central.quotes_read import BilledQuotes, OpenQuotes, OrderedQuotes
from erp_sync.adapters.business_central.quotes_write import QuotesWrite
from erp_sync.adapters.business_central.setup import Options, SetupSource
from erp_sync.adapters.discounts import refuse_discount
from erp_sync.adapters.values import server_time
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline, ErpHttp, writing

# More at once are queued by the ERP, and refused beyond its limits.
CONNECTIONS = 5
CAPABILITIES = ports.Capabilities(
    name="Business Central",
    enforces_reference=False,
    can_query_reference=True,
    # The service ends a request after 8 minutes, the gateway before it after 10.
    max_processing_s=600.0,
    rounding="document",
    halves="up",
    page_order="changed",
    # Two at once wait for the same number series, and nothing but us keeps a reference from being written twice.
    serial_writes=True,
    max_reference_length=31,
    has_quotes=True,
    has_order_changes=True,
)
ENGINES = {"bridge": "engine", "draft_document": "draft_document", "list": "list"}


class BusinessCentralErp:
    """Speaks to one company; threads share it. See `ports.Erp` for what each method means."""

    def __init__(self, client: BcClient, options: Options) -> None:
        # The batch stays larger than a draft may be: rounds through the whole catalogue write none.
        self.capabilities = replace(CAPABILITIES, price_source=ENGINES[options.price_source])
        self._client = client
        self._setup = setup = SetupSource(client, options)
        self._bridge = bridge = Bridge(client, options) if options.price_source == "bridge" else None
        self._orders = OrdersWrite(client, setup, bridge)
        self._quotes = QuotesWrite(client, setup, self._orders)
        self._prices = Prices(client, setup, bridge, self._orders)
        self._writes = _writes(self._quotes, OrdersChange(client, self._orders, has_places=bridge is not None))
        self._papers = Papers(client)
        self._payments = Payments(client, setup)
        self._pulls = Pulls(client, _sources(client, setup, bridge))

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> BusinessCentralErp:
        """Return the adapter; `database` is the company, `options` are those of setup.Options.

        `user` and `password` are the app's client id and secret, or a user's name and his web service key.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        if not user or not password:
            raise ErpMisconfigured("ERP_USER and ERP_PASSWORD must be set: the app registration's client id and secret")
        given = Options.of(options)
        access: Access
        if given.is_basic(url):
            access = Basic(user, password)
        else:
            host, path = given.token_place(url)
            access = ClientCredentials(ErpHttp(host, pool_size=1, log_as="erp_token"), path, user, password)
        http = ErpHttp(url, pool_size=CONNECTIONS)
        return cls(BcClient(http, access, company=database, language=given.language), given)

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Return the version, the clock's difference and the time of one call."""
        deadline = Deadline(deadline_s)
        company = self._client.company(deadline)
        self._setup.get(deadline)
        started = time.monotonic()
        now = self._now(deadline)
        latency = time.monotonic() - started
        offset = (now - dt.datetime.now(dt.UTC)).total_seconds()
        return ports.ErpHealth("Business Central", company.version, round(offset, 1), round(latency * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return what is used, by the ERP's own metadata."""
        return needs(self._client, self._pulls.tables(), self._bridge, Deadline(deadline_s))

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask, by the way that the settings chose."""
        return self._prices.offers(context, asks, Deadline(deadline_s), ladders=ladders, warehouses=warehouses)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order would cost; without the bridge by a quote that is deleted again."""
        refuse_discount(order, CAPABILITIES.name)
        return self._prices.totals(order, Deadline(deadline_s))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit, use (balance and what is not billed yet) and what is overdue."""
        return credit(self._client, self._setup, customer_erp_id, Deadline(deadline_s))

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records, in the order of their change."""
        if kind == "payments":
            return self._payments.page(cursor, Deadline(deadline_s))
        return self._pulls.page(kind, cursor, limit, Deadline(deadline_s))

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        if kind == "payments":
            return iter(self._payments.keys(Deadline(deadline_s)))
        return self._pulls.keys(kind, Deadline(deadline_s))

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the ERP's clock."""
        return self._now(Deadline(deadline_s))

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return every order with this reference: open, shipped, or billed and gone."""
        return self._orders.found.all(reference, Deadline(deadline_s))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create and confirm; carries on with what is there."""
        refuse_discount(order, CAPABILITIES.name)
        with writing(deadline_s) as deadline:
            return self._orders.create(order, deadline)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quote an order, lines and prices exactly as accepted."""
        with writing(deadline_s) as deadline:
            return self._quotes.accept(acceptance, deadline)

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do one of the other writes, once."""
        with writing(deadline_s) as deadline:
            return self._part(write)[0](write, deadline)

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        return self._part(write)[1](write, Deadline(deadline_s))

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the invoice as the ERP prints it."""
        return self._papers.invoice(erp_id, Deadline(deadline_s))

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the order as the ERP prints it."""
        return self._papers.order(erp_id, Deadline(deadline_s))

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a file of an item; the id is that of its DocumentRef."""
        return self._papers.attached(erp_id, Deadline(deadline_s))

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return an item's picture; the id is the item's."""
        return self._papers.picture(erp_id, Deadline(deadline_s))

    def _now(self, deadline: Deadline) -> dt.datetime:
        return server_time(self._client.companies(deadline)[1].headers.get("Date", ""))

    def _part(self, write: r.Write) -> tuple[Do, Find]:
        found = self._writes.get(type(write))
        if found is None:
            raise ErpRejected(f"Business Central's API takes no {type(write).__name__}: its staff enters it.")
        return found


Do = Callable[[Any, Deadline], r.WrittenDocument]
Find = Callable[[Any, Deadline], list[r.WrittenDocument]]


def _writes(quotes: QuotesWrite, changes: OrdersChange) -> Mapping[type, tuple[Do, Find]]:
    """Return which part does a write, and which looks it up."""
    return {
        r.NewQuote: (quotes.create, quotes.find),
        r.QuoteAnswer: (quotes.answer, quotes.find_answer),
        r.QuoteDecline: (quotes.decline, quotes.find_decline),
        r.Cancellation: (changes.cancel, changes.find_cancel),
        r.OrderChange: (changes.change, changes.find_change),
    }


def _sources(client: BcClient, setup: SetupSource, bridge: Bridge | None) -> Mapping[str, tuple[Source, ...]]:
    """Return what each kind is read from. Open documents come before what becomes of them: none falls between."""
    return {
        "categories": (Categories(setup),),
        "items": (Items(setup, bridge),),
        "customers": (Customers(client, setup, bridge),),
        "orders": (OpenOrders(setup, has_places=bridge is not None), BilledOrders(client, setup)),
        "deliveries": (Deliveries(bridge),),
        "invoices": (Invoices(setup), CreditMemos(setup)),
        "returns": (),  # the API has no return orders
        "quotes": (OpenQuotes(setup), OrderedQuotes(setup), BilledQuotes(client, setup)),
    }
