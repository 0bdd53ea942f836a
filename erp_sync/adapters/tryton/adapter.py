"""Tryton 8 as the ERP: the class that ERP_ADAPTER names, put together from one file for each noun."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.needs import needs
from erp_sync.adapters.tryton.orders_change import OrdersChange
from erp_sync.adapters.tryton.orders_write import OrdersWrite
from erp_sync.adapters.tryton.payments_write import PaymentsWrite
from erp_sync.adapters.tryton.pdf import Papers
from erp_sync.adapters.tryton.prices import Prices
from erp_sync.adapters.tryton.pulls import Pulls
from erp_sync.adapters.tryton.quotes import Quotes
from erp_sync.adapters.tryton.quotes_write import QuotesWrite
from erp_sync.adapters.tryton.returns_write import ReturnsWrite
from erp_sync.adapters.tryton.sales import Sales
from erp_sync.adapters.tryton.setup import Options, SetupSource
from erp_sync.adapters.tryton.writes import Writes
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline, ErpHttp, writing

CAPABILITIES = ports.Capabilities(
    name="Tryton",
    enforces_reference=True,
    can_query_reference=True,
    # A server that was cut works on: confirming 50 lines took 4 s, waiting for locks up to 30 s.
    max_processing_s=60.0,
    rounding="document",
    halves="even",
    prices_follow_list=True,
    has_expected=True,
    max_reference_length=64,
    has_quotes=True,
    has_returns=True,
    has_payments=True,
    settles_credit_notes=True,
    has_order_changes=True,
)


class TrytonErp:
    """Speaks to one Tryton database; threads share it. See `ports.Erp` for what each method means."""

    def __init__(self, client: TrytonClient, options: Options) -> None:
        self.capabilities = dataclasses.replace(CAPABILITIES, has_discount_lines=bool(options.discount_product))
        self._client = client
        setup = SetupSource(client, options)
        self._prices = Prices(client, setup)
        self._quotes = Quotes(client, setup)
        sales = Sales(client, setup)
        self._orders = OrdersWrite(sales, setup, self._quotes)
        self._offers = QuotesWrite(sales, setup, self._quotes)
        self._writes = Writes(
            quotes=self._offers,
            returns=ReturnsWrite(client, setup),
            payments=PaymentsWrite(client, setup),
            changes=OrdersChange(client, sales, setup),
        )
        self._pulls = Pulls(client, setup)
        self._papers = Papers(client)
        self._setup = setup

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> TrytonErp:
        """Return the adapter; `options` are those of setup.Options.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        for name, value in {"ERP_DATABASE": database, "ERP_USER": user}.items():
            if not value:
                raise ErpMisconfigured(f"{name} is not set")
        told = Options.of(options)
        client = TrytonClient(
            ErpHttp(url), database=database, user=user, password=password, language=told.text_language
        )
        return cls(client, told)

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Return the version, the clock's difference and the time of one call with log-in."""
        deadline = Deadline(deadline_s)
        version = self._client.server_version(deadline)
        self._setup.get(deadline)
        started = time.monotonic()
        erp_now = self._pulls.now(deadline)
        latency = time.monotonic() - started
        offset = (erp_now - dt.datetime.now(dt.UTC)).total_seconds()
        return ports.ErpHealth("Tryton", version, round(offset, 1), round(latency * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return the models, fields and rights used, by Tryton's own metadata."""
        deadline = Deadline(deadline_s)
        found = needs(self._client, self._pulls.fields(), deadline)
        code = self._setup.options.discount_product
        if code:
            is_there = self._setup.get(deadline).discount is not None
            found.append(ports.Need("product", code, is_there, "make a service for sale with this code"))
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
        """Return price and stock for each ask; one call for each step of the price list reached."""
        deadline = Deadline(deadline_s)
        return self._prices.offers(context, asks, ladders=ladders, warehouses=warehouses, deadline=deadline)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order will cost once quoted, freight and promotions included."""
        return self._quotes.totals(order, Deadline(deadline_s))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit, use (open balance and open orders) and what is overdue."""
        deadline = Deadline(deadline_s)
        rows = self._client.call(
            "model.party.party.search_read",
            [["id", "=", to.erp_id(customer_erp_id)], ["active", "in", [True, False]]],
            0,
            1,
            None,
            ["credit_limit_amount", "credit_amount", "receivable", "receivable_today"],
            deadline=deadline,
        )
        if not rows:
            raise ErpRejected(f"There is no customer {customer_erp_id}.")
        limit = rows[0]["credit_limit_amount"]
        return r.CreditPosition(
            currency=self._setup.get(deadline).currency_code,
            used=to.number(rows[0]["credit_amount"]),
            open_items=to.number(rows[0]["receivable"]),
            overdue=to.number(rows[0]["receivable_today"]),
            limit=None if limit is None else to.number(limit),
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
        """Return the orders with this reference."""
        return self._orders.find(reference, Deadline(deadline_s))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create, quote and confirm; carries on with what is there."""
        with writing(deadline_s) as deadline:
            return self._orders.create(order, deadline)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quotation an order, lines and prices exactly as accepted."""
        with writing(deadline_s) as deadline:
            return self._offers.accept(acceptance, deadline)

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do one of the other writes, once."""
        with writing(deadline_s) as deadline:
            return self._writes.do(write, deadline)

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        return self._writes.find(write, Deadline(deadline_s))

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the invoice as the ERP prints it."""
        return self._papers.report("account.invoice", to.erp_id(erp_id), Deadline(deadline_s))

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the order as the ERP prints it."""
        return self._papers.report("sale.sale", to.erp_id(erp_id), Deadline(deadline_s))

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return an attachment of an item; the id is that of its DocumentRef."""
        return self._papers.attachment(to.erp_id(erp_id), Deadline(deadline_s))

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return an item's picture; the id is the item's."""
        return self._papers.picture(to.erp_id(erp_id), Deadline(deadline_s))
