"""What an ERP adapter must do: protocols and the capabilities it declares.

An adapter is one class that fulfils `Erp`. It is named by its dotted path in the setting `ERP_ADAPTER` and built by
`erp_sync.gateway` with the connection settings. It speaks records (records.py) and raises errors (errors.py), nothing
else. It holds no business rule of the shop and caches no price.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from erp_sync import records as r

MIRRORED = (
    "categories",
    "items",
    "customers",
    "orders",
    "deliveries",
    "invoices",
    "payments",
    "returns",
    "quotes",
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this ERP can and cannot do. The shop asks these flags, never the adapter's name.

    Attributes:
        enforces_reference: The ERP itself refuses a second order with the same reference.
        can_query_reference: An order can be looked up by our reference.
        max_processing_s: Longest time after which a request that was cut may still take effect.
        rounding: "line" or "document": where the ERP rounds tax.
        halves: "up" or "even": how it rounds an amount that lies exactly between two cents.
        timezone: Zone of its naive times.
        reports_deletions: A pull tells what was deleted.
        page_order: Order of a pull: "changed" (changed_at, id) or "id".
        price_and_stock_together: One call answers both.
        batch_size: Items a price call takes efficiently.
        serial_writes: Orders must be confirmed one at a time.
        prices_follow_list: Price and salability depend on the price list alone, so customers of one list may share
            a cached answer; False: every customer has his own.
        has_pdf, has_credit, has_expected: Optional parts.
        has_quotes, has_returns, has_payments, has_order_changes: Whether these can be written.
        settles_credit_notes: A payment's negative parts use up credit notes.
        has_discount_lines: An order may carry a `NewDiscount`.
        price_source: "engine" (the ERP computes the price when asked), "draft_document" (it prices an unsaved document)
            or "list" (it exports price lists: the shop shows a list price, the ERP confirms it with the order).
        confirms_at_once: A written order has its number; False: it may be "handed" for hours (`WrittenOrder.state`).
    """

    name: str
    enforces_reference: bool
    can_query_reference: bool
    max_processing_s: float
    rounding: str = "line"
    halves: str = "up"
    timezone: str = "UTC"
    reports_deletions: bool = False
    page_order: str = "id"
    price_and_stock_together: bool = True
    batch_size: int = 100
    serial_writes: bool = True
    prices_follow_list: bool = False
    has_pdf: bool = True
    has_credit: bool = True
    has_expected: bool = False
    max_reference_length: int = 35
    has_quotes: bool = False
    has_returns: bool = False
    has_payments: bool = False
    has_order_changes: bool = False
    settles_credit_notes: bool = False
    has_discount_lines: bool = False
    price_source: str = "engine"
    confirms_at_once: bool = True


@dataclass(frozen=True, slots=True)
class ErpHealth:
    """Answer to "are you there?": version, the ERP's clock minus ours in seconds, call time in ms."""

    name: str
    version: str
    clock_offset_s: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Need:
    """Something that an adapter uses, compared with the ERP's own metadata.

    Attributes:
        kind: "model", "field", "method" or "right".
        name: As the ERP calls it: "sale.sale.web_id", "read account.invoice".
        is_there: Whether the ERP has it, for this user.
        cure: What to do in the ERP when it is missing.
    """

    kind: str
    name: str
    is_there: bool
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A document's bytes; `media_type` is application/pdf unless the ERP cannot make one."""

    filename: str
    content: bytes
    media_type: str = "application/pdf"


class Erp(Protocol):
    """Everything the shop asks of an ERP. `deadline_s` is the total time a call may take, in seconds.

    Raises (all methods): ErpUnavailable, ErpRejected, ErpBroken, ErpMisconfigured.
    """

    @property
    def capabilities(self) -> Capabilities:
        """Return what this ERP can do."""
        ...

    def health(self, *, deadline_s: float) -> ErpHealth:
        """Log in and say which version answers, and how fast."""
        ...

    def needs(self, *, deadline_s: float) -> list[Need]:
        """Return what the adapter uses of the ERP, each compared with the ERP's own metadata; [] = it has none."""
        ...

    # -- live reads, in batches only
    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask, in the order asked; one ERP round trip a quantity step.

        With `ladders` each offer has its price steps; with `warehouses` its stock is split per warehouse
        (else one entry named ""). An item that the ERP does not sell to this customer has `is_salable` False.
        """
        ...

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what this unsaved order would cost, writing nothing."""
        ...

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return what the customer owes and may still order on account."""
        ...

    # -- pulls for the mirror: pages of records changed at or after the cursor, all channels
    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[object]:
        """Return a page of `kind` (one of MIRRORED) changed since `cursor.changed_at`, keyset by id or time."""
        ...

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the erp_id of every record of `kind` that exists now (nightly reconciliation)."""
        ...

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the ERP's clock, aware UTC; a pull's next cursor never comes from our clock."""
        ...

    # -- writes, called only by the outbox
    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return every order that carries this reference: none, one, or (an alarm) more."""
        ...

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create the order and carry it as far as a confirmed order; safe to call again with one that exists.

        An order found half-way (created, not confirmed) is carried on, never created twice.
        """
        ...

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quote an order with exactly these lines and prices; `find_order` finds it from then on.

        Safe to call again; a quote that became another order, or was declined, is refused.
        """
        ...

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do one of the other writes (see `Capabilities.has_…`); safe to call again, done once.

        What has a key (a quote, return, payment, reversal) is looked up by it first, always; what changes a document
        (answer, decline, cancel, change) is left as it is when the document stands so already.
        """
        ...

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is in the ERP of this write: nothing, the document as the write wants it, or (an alarm) more.

        A document that the write would change and has not is nothing; one with state "partial" is carried on.
        """
        ...

    # -- documents
    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> Pdf:
        """Return the ERP's own document of an invoice or credit note."""
        ...

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> Pdf:
        """Return the ERP's own document of an order."""
        ...

    def item_document(self, erp_id: str, *, deadline_s: float) -> Pdf:
        """Return a file of an item by `DocumentRef.erp_id`."""
        ...

    def item_image(self, erp_id: str, *, deadline_s: float) -> Pdf:
        """Return the picture of an item with its media type."""
        ...


@runtime_checkable
class Exports(Protocol):
    """An ERP that is not asked: it exports, and what it tells is as old as its export."""

    def exported_at(self, kind: str) -> dt.datetime | None:
        """Return when what pulls of `kind` give was exported (asks nobody); None = nothing was yet.

        Raises:
            ErpUnavailable: what was exported cannot be read.
        """
        ...
