"""Files as the ERP: the class that ERP_ADAPTER names."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.files.canon import main_of
from erp_sync.adapters.files.customers import Credit
from erp_sync.adapters.files.folders import Folders
from erp_sync.adapters.files.intake import Intake
from erp_sync.adapters.files.needs import needs
from erp_sync.adapters.files.orders import Orders
from erp_sync.adapters.files.outgoing import Outgoing
from erp_sync.adapters.files.papers import Papers
from erp_sync.adapters.files.prices import Prices
from erp_sync.adapters.files.pulls import Pulls
from erp_sync.adapters.files.setup import Options, folders_of
from erp_sync.adapters.files.store import Store
from erp_sync.adapters.files.totals import Sums
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.http import note_call

CAPABILITIES = ports.Capabilities(
    name="Files",
    enforces_reference=True,
    can_query_reference=True,
    # A step is done when the operating system says so: nothing goes on behind.
    max_processing_s=0.0,
    reports_deletions=True,
    page_order="changed",
    serial_writes=False,
    has_credit=False,
    has_expected=True,
    max_reference_length=64,
    price_source="list",
    confirms_at_once=False,
)
VERSION = "1"
_ELSEWHERE = "The ERP is connected by files: {what} goes to its staff."


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class FilesErp:
    """Reads what was exported and hands orders over. See `ports.Erp` for what each method means.

    Calls of a worker (`now`, `pull`, `find_order`, `create_order`) take the batches that came; calls of a page read the
    tables only.
    """

    def __init__(self, folders: Folders, options: Options, clock: Callable[[], dt.datetime] = _utc_now) -> None:
        self._folders = folders
        self._options = options
        self._clock = clock
        self._store = Store(folders.state / "taken.sqlite3")
        self._intake = Intake(folders, self._store, options.zone_info(), clock)
        self._prices = Prices(self._store, options, clock)
        self._sums = Sums(self._store, options)
        self._credit = Credit(self._store, options)
        self._pulls = Pulls(self._store, options)
        self._papers = Papers(folders.documents, self._pulls)
        self._orders = Orders(self._store, self._pulls, Outgoing(folders), self._sums)
        self.capabilities = dataclasses.replace(
            CAPABILITIES,
            rounding=options.rounding,
            halves=options.halves,
            timezone=options.zone,
            has_credit=options.credit,
            has_discount_lines=options.discounts,
            has_pdf=next(folders.documents.glob("*/*.pdf"), None) is not None,
        )

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> FilesErp:
        """Return the adapter; `options` are those of setup.Options. Nobody logs in to a folder.

        Raises:
            ErpMisconfigured: a setting is missing or wrong.
        """
        made = Options.of(options)
        return cls(folders_of(url, made), made)

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Say which batch was taken last.

        Raises:
            ErpBroken: a batch was refused; the shop goes on with what it has.
        """
        note_call("health")
        started = time.monotonic()
        self._folders.make()
        last, trouble = self._store.last(), self._store.trouble()
        if trouble:
            folder, sentence = next(iter(trouble.items()))
            more = f" (and {len(trouble) - 1} more)" if len(trouble) > 1 else ""
            raise ErpBroken(f"Batch {folder} was not taken: {sentence}{more}")
        if last is None:
            raise ErpUnavailable(f"no batch was taken yet: put one into {self._folders.incoming}", nothing_sent=True)
        version = f"{VERSION}, batch {last.sequence} of {last.exported_at:%Y-%m-%d %H:%M} UTC"
        return ports.ErpHealth("Files", version, 0.0, round((time.monotonic() - started) * 1000, 1))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return folders, rights and files."""
        note_call("needs")
        self._take(deadline_s)
        return needs(self._folders, self._store)

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock of the last export, each with its time."""
        note_call("offers")
        return self._prices.offers(context, asks, ladders=ladders, warehouses=warehouses)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return what the order costs by the tax rates of its items."""
        note_call("totals")
        return self._sums.checked(order)

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit and use of the last export."""
        note_call("credit")
        return self._credit.position(customer_erp_id)

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of records, by the time at which the shop learned of them; the first takes what came."""
        note_call("pull")
        if not cursor.last_id:
            self._take(deadline_s)
        return self._pulls.page(kind, cursor, limit)

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        note_call("keys")
        self._take(deadline_s)
        return self._pulls.keys(kind)

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Take what came, and return the time from which on nothing more will be learned of the past."""
        note_call("now")
        is_ours = self._take(deadline_s)
        last = self._store.last()
        if last is None and not is_ours:
            raise ErpUnavailable("the first batch is being taken", nothing_sent=True)
        # While another process takes a batch, its time is not known yet: it comes after the one before.
        return max(self._clock(), last.taken_at) if is_ours and last else last.taken_at if last else self._clock()

    def exported_at(self, kind: str) -> dt.datetime | None:
        """Return when the records of a kind were exported last; of a file that never came, when the last batch was."""
        last = self._store.last()
        return self._store.freshness().get(main_of(kind).name, last.exported_at if last else None)

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return what the ERP has under the reference, or what was handed over."""
        note_call("find_order")
        self._take(deadline_s)
        return self._orders.find(reference)

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Hand the order over; it is "handed" until the ERP acknowledges it."""
        note_call("create_order")
        self._take(deadline_s)
        return self._orders.create(order)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Refuse: quotes live in the shop."""
        raise ErpRejected(_ELSEWHERE.format(what="a quote"))

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Cancel an order that never left whole; everything else is refused."""
        note_call("write")
        if isinstance(write, r.Cancellation):
            return self._orders.cancel(write)
        raise ErpRejected(_ELSEWHERE.format(what="this"))

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return nothing: it is never written."""
        return []

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the paper of an invoice that lies in the folder of documents."""
        note_call("invoice_pdf")
        return self._papers.of("invoices", erp_id)

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return the paper of an order that lies in the folder of documents."""
        note_call("order_pdf")
        return self._papers.of("orders", erp_id)

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: the files know no documents of items."""
        raise ErpRejected("The ERP exports no documents of items.")

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: the files know no pictures."""
        raise ErpRejected("The ERP exports no pictures of items.")

    def _take(self, deadline_s: float) -> bool:
        return self._intake.take(deadline_s)
