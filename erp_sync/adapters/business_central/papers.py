"""Documents as the ERP prints them, and what is attached to an item."""

from __future__ import annotations

from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient, Query, at
from erp_sync.adapters.business_central.invoices import CREDIT_TAG
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import MAX_PDF_BYTES, Deadline
from erp_sync.ports import Pdf

PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class Papers:
    """Reads documents."""

    def __init__(self, client: BcClient) -> None:
        self._client = client

    def invoice(self, erp_id: str, deadline: Deadline) -> Pdf:
        """Return an invoice or credit memo."""
        document = s.CREDIT if erp_id.startswith(CREDIT_TAG) else s.INVOICE
        return self._printed(document.place, erp_id.removeprefix(CREDIT_TAG), deadline)

    def order(self, number: str, deadline: Deadline) -> Pdf:
        """Return an order.

        Raises:
            ErpRejected: it is billed and gone; its invoice is there.
        """
        row = s.by_number(self._client, s.ORDER, number, deadline)
        if row is None:
            raise ErpRejected(f"Order {number} is billed: the ERP keeps its invoice only.")
        return self._printed(s.ORDER.place, str(row["id"]), deadline)

    def attached(self, erp_id: str, deadline: Deadline) -> Pdf:
        """Return a file that is attached to an item."""
        place = at("documentAttachments", erp_id)
        row = self._client.row("documentAttachments", erp_id, deadline, Query(("id", "fileName", "parentType")))
        if to.word(row["parentType"]) != "Item":
            raise ErpRejected("This file does not belong to an item.")
        content = self._client.content(f"{place}/attachmentContent", deadline, max_bytes=MAX_PDF_BYTES).content
        kind = "application/pdf" if content.startswith(b"%PDF") else "application/octet-stream"
        return Pdf(to.line(row["fileName"]) or "document", content, kind)

    def picture(self, erp_id: str, deadline: Deadline) -> Pdf:
        """Return an item's picture.

        Raises:
            ErpRejected: it has none that a browser shows.
        """
        place = f"{at('items', erp_id)}/picture"
        row = self._client.row_at(place, deadline)
        kind = to.line(row.get("contentType"), 100)
        if kind not in PICTURES:
            raise ErpRejected("The item has no picture.")
        content = self._client.content(f"{place}/pictureContent", deadline, max_bytes=MAX_PDF_BYTES).content
        return Pdf(f"{erp_id}.{PICTURES[kind]}", content, kind)

    def _printed(self, place: str, erp_id: str, deadline: Deadline) -> Pdf:
        row = self._client.row(place, erp_id, deadline, Query(("id", "number")))
        path = f"{at(place, erp_id)}/pdfDocument/pdfDocumentContent"
        content = self._client.content(path, deadline, max_bytes=MAX_PDF_BYTES).content
        if not content.startswith(b"%PDF"):
            raise ErpBroken(f"{place}: the ERP printed something that is no PDF")
        name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in to.line(row["number"], 20))
        return Pdf(f"{name}.pdf", content)
