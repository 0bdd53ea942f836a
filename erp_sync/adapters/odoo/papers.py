"""Documents as Odoo prints them, files and pictures of items."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import MAX_PDF_BYTES, Deadline
from erp_sync.ports import Pdf

PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


class Papers:
    """Fetches papers; the link that opens one is a secret and goes no further than here."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client

    def report(self, model: str, number: int, deadline: Deadline) -> Pdf:
        """Return a document of the portal.

        Raises:
            ErpRejected: there is none, or the server cannot print (it needs wkhtmltopdf).
        """
        rows = self._client.rows(model, [["id", "=", number]], ["name"], deadline=deadline)
        if not rows:
            raise ErpRejected(f"There is no document {number} in the ERP.")
        path = self._client.call(
            model, "get_portal_url", ids=[number], report_type="pdf", download=True, deadline=deadline
        )
        if not isinstance(path, str) or not path.startswith("/my/"):
            raise ErpBroken(f"{model}.get_portal_url: the answer is no path of the portal")
        answer = self._client.get(path, operation=f"{model}.pdf", deadline=deadline, max_bytes=MAX_PDF_BYTES)
        if answer.status != 200 or not answer.content.startswith(b"%PDF"):
            raise ErpRejected("The ERP cannot print this document: its server lacks the program for it (wkhtmltopdf).")
        name = to.line(rows[0]["name"], 60).replace("/", "-") or str(number)
        return Pdf(f"{name}.pdf", answer.content)

    def document(self, number: int, deadline: Deadline) -> Pdf:
        """Return a file of an item."""
        rows = self._client.call(
            "product.document",
            "search_read",
            domain=[["id", "=", number], ["res_model", "=", "product.template"], ["type", "=", "binary"]],
            fields=["name", "mimetype", "datas"],
            deadline=deadline,
            max_bytes=MAX_PDF_BYTES * 2,
        )
        if not rows:
            raise ErpRejected(f"There is no file {number} in the ERP.")
        kind = to.line(rows[0]["mimetype"], 100) or "application/octet-stream"
        return Pdf(to.line(rows[0]["name"]) or f"{number}", _bytes(rows[0]["datas"]), kind)

    def picture(self, number: int, deadline: Deadline) -> Pdf:
        """Return an item's picture."""
        rows = self._client.call(
            "product.product",
            "search_read",
            domain=[["id", "=", number], ARCHIVED_TOO],
            fields=["image_512"],
            deadline=deadline,
            max_bytes=MAX_PDF_BYTES * 2,
        )
        if not rows or not rows[0]["image_512"]:
            raise ErpRejected(f"Item {number} has no picture in the ERP.")
        content = _bytes(rows[0]["image_512"])
        for start, kind in PICTURES.items():
            if content.startswith(start):
                return Pdf(f"{number}.{kind.removeprefix('image/')}", content, kind)
        raise ErpBroken("product.product: the picture is of no kind that a browser shows safely")


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(str(value or ""), validate=True)
    except binascii.Error as error:
        raise ErpBroken("a file of the ERP cannot be read") from error
