"""Adapter to `fake_server`: the ERP in memory seen through real sockets, for reliability tests."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from erp_sync import ports
from erp_sync import records as r
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline, ErpHttp
from erp_sync.wire import from_json, to_json

KINDS: dict[str, Any] = {
    "categories": r.CategoryRecord,
    "items": r.ItemRecord,
    "customers": r.CustomerRecord,
    "orders": r.OrderRecord,
    "deliveries": r.DeliveryRecord,
    "invoices": r.InvoiceRecord,
    "payments": r.PaymentRecord,
    "returns": r.ReturnRecord,
    "quotes": r.QuoteRecord,
}
CAPABILITIES = ports.Capabilities(
    name="fake over HTTP",
    enforces_reference=True,
    can_query_reference=True,
    max_processing_s=0.5,
    has_pdf=False,
    has_expected=True,
    has_quotes=True,
    has_returns=True,
    has_payments=True,
    has_order_changes=True,
)


class FakeHttpErp:
    """The ERP. Options: any field of `ports.Capabilities`, to play another kind of ERP."""

    def __init__(self, url: str, *, capabilities: ports.Capabilities = CAPABILITIES) -> None:
        self.capabilities = capabilities
        self._http = ErpHttp(url)

    @classmethod
    def from_settings(
        cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]
    ) -> FakeHttpErp:
        """Return the adapter of the fake server at `url`."""
        return cls(url, capabilities=replace(CAPABILITIES, **options))

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Ask the server."""
        return cast("ports.ErpHealth", self._call("health", ports.ErpHealth, deadline_s))

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Ask the server what it keeps."""
        return list(self._call("needs", tuple[ports.Need, ...], deadline_s))

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask, in one call."""
        found = self._call(
            "offers",
            tuple[r.Offer, ...],
            deadline_s,
            context=context,
            asks=list(asks),
            ladders=ladders,
            warehouses=warehouses,
        )
        return list(found)

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return the totals of an unsaved order."""
        return cast("r.Totals", self._call("totals", r.Totals, deadline_s, order=order))

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return the credit position."""
        found = self._call("credit", r.CreditPosition, deadline_s, customer_erp_id=customer_erp_id)
        return cast("r.CreditPosition", found)

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records."""
        data = self._json("pull", deadline_s, kind=kind, cursor=cursor, limit=limit)
        records = tuple(_decode(KINDS[kind], one) for one in data["records"])
        return r.Page(records=records, next=_decode(r.Cursor | None, data["next"]), total=data["total"])

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield every erp_id of a kind."""
        yield from self._json("keys", deadline_s, kind=kind)

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the server's clock."""
        return cast("dt.datetime", self._call("now", dt.datetime, deadline_s))

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return every order with this reference."""
        return list(self._call("find_order", tuple[r.WrittenOrder, ...], deadline_s, reference=reference))

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create and confirm the order."""
        return cast("r.WrittenOrder", self._call("create_order", r.WrittenOrder, deadline_s, order=order))

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quote an order."""
        found = self._call("accept_quote", r.WrittenOrder, deadline_s, acceptance=acceptance)
        return cast("r.WrittenOrder", found)

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Look it up, and do it when it is not there: two calls, as with a real ERP."""
        deadline = Deadline(deadline_s)
        found = self.find_written(write, deadline_s=deadline_s)
        if found:
            return found[0]
        done = self._call("write", r.WrittenDocument, deadline.left(), name=type(write).__name__, write=write)
        return cast("r.WrittenDocument", done)

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        name = type(write).__name__
        return list(self._call("find_written", tuple[r.WrittenDocument, ...], deadline_s, name=name, write=write))

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Refuse: this ERP has no documents."""
        raise ErpRejected("This ERP has no documents.")

    order_pdf = item_document = item_image = invoice_pdf

    def _call(self, operation: str, kind: Any, deadline_s: float, **arguments: Any) -> Any:
        return _decode(kind, self._json(operation, deadline_s, **arguments))

    def _json(self, operation: str, deadline_s: float, **arguments: Any) -> Any:
        answer = self._http.request(
            "POST",
            f"/call/{operation}",
            operation=operation,
            deadline=Deadline(deadline_s),
            content=json.dumps(to_json(arguments)).encode(),
            headers={"Content-Type": "application/json"},
        )
        data = answer.json()
        if answer.status == 422:
            raise ErpRejected(str(data["message"]))
        if answer.status == 409:
            raise ErpUnavailable(str(data["message"]), nothing_sent=True)
        return data


def _decode(kind: Any, data: Any) -> Any:
    try:
        return from_json(kind, data)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ErpBroken(f"the answer has the wrong shape: {error!r}") from error
