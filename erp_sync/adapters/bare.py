"""What an adapter begins with: every call is there, none is done yet. Derive from it and take one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NoReturn

from erp_sync import ports
from erp_sync import records as r
from erp_sync.errors import ErpRejected


class BareErp:
    """An ERP that has nothing and does nothing, and says so; what it needs not do stays as it is here.

    `health`, `now` and `from_settings` are the deriving class's own from the first day.
    """

    capabilities: ports.Capabilities

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return nothing: no metadata is compared."""
        return []

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Sell nothing."""
        currency = context.currency
        return [r.Offer(one.sku, one.erp_id, one.quantity, "", currency, None, is_salable=False) for one in asks]

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Refuse."""
        self._refuse("an unsaved order is not priced")

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Refuse (has_credit)."""
        self._refuse("credit is not told")

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[object]:
        """Return an empty page."""
        return r.Page((), None)

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield the ids that a pull gives; an ERP that can give ids alone does so."""
        cursor: r.Cursor | None = r.Cursor()
        while cursor is not None:
            page = self.pull(kind, cursor, limit=500, deadline_s=deadline_s)
            yield from (str(getattr(one, "erp_id", "")) for one in page.records)
            cursor = page.next

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Find nothing."""
        return []

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Refuse."""
        self._refuse("orders are not written")

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Refuse (has_quotes)."""
        self._refuse("quotes are not written")

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Refuse (has_quotes, has_returns, has_payments, has_order_changes)."""
        self._refuse(f"{type(write).__name__} is not written")

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Find nothing."""
        return []

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse (has_pdf)."""
        self._refuse("invoices are not printed")

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse (has_pdf)."""
        self._refuse("orders are not printed")

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse."""
        self._refuse("items have no documents")

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse."""
        self._refuse("items have no pictures")

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the clock of this machine: the ERP's own is wanted."""
        return dt.datetime.now(dt.UTC)

    def _refuse(self, what: str) -> NoReturn:
        raise ErpRejected(f"{self.capabilities.name}: {what}.")
