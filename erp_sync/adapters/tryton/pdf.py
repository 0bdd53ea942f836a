"""Papers: printed invoices and orders, attachments of items, pictures."""

from __future__ import annotations

import mimetypes
import re
from typing import Any
from urllib.parse import urlsplit

from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import MAX_PDF_BYTES, Deadline
from erp_sync.ports import Pdf

PDF = "application/pdf"
SAFE_TYPES = {PDF, "image/jpeg", "image/png", "image/webp"}
PICTURE_SIZE = 800
# In base64 inside JSON a document takes a third more.
MAX_WIRE_BYTES = MAX_PDF_BYTES * 4 // 3 + 4096


class Papers:
    """Fetches documents; nothing is kept."""

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def report(self, model: str, record: int, deadline: Deadline) -> Pdf:
        """Return the standard report of a document.

        Raises:
            ErpBroken: the ERP cannot make a PDF of it (its template is OpenDocument and it has
                no LibreOffice).
        """
        result = self._client.call(
            f"report.{model}.execute",
            [record],
            {},
            deadline=deadline,
            max_bytes=MAX_WIRE_BYTES,
        )
        if not isinstance(result, list) or len(result) < 4 or not isinstance(result[1], bytes):
            raise ErpBroken(f"report {model}: no document came back")
        extension, content, _, name = result[:4]
        if extension != "pdf" or not content.startswith(b"%PDF"):
            raise ErpBroken(f"report {model} is {extension}, not PDF: the ERP cannot convert it")
        return Pdf(filename=_filename(name, "pdf"), content=content)

    def attachment(self, attachment: int, deadline: Deadline) -> Pdf:
        """Return an attachment of an item; other attachments do not exist for us.

        Raises:
            ErpRejected: there is no such attachment of an item.
        """
        rows = self._client.call(
            "model.ir.attachment.search_read",
            [["id", "=", attachment], ["type", "=", "data"]],
            0,
            1,
            None,
            ["name", "data", "resource"],
            deadline=deadline,
            max_bytes=MAX_WIRE_BYTES,
        )
        if not rows or not _is_of_an_item(rows[0]):
            raise ErpRejected(f"There is no document {attachment}.")
        name, content = to.line(rows[0]["name"]), rows[0]["data"] or b""
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if media_type not in SAFE_TYPES or (media_type == PDF and not content.startswith(b"%PDF")):
            media_type = "application/octet-stream"
        return Pdf(filename=_filename(name, ""), content=content, media_type=media_type)

    def picture(self, product: int, deadline: Deadline) -> Pdf:
        """Return a product's picture.

        Raises:
            ErpRejected: it has none.
        """
        rows = self._client.call(
            "model.product.product.search_read",
            [["id", "=", product], ["active", "in", [True, False]]],
            0,
            1,
            None,
            ["code", "image_url"],
            deadline=deadline,
        )
        if not rows or not rows[0]["image_url"]:
            raise ErpRejected(f"Item {product} has no picture.")
        parts = urlsplit(rows[0]["image_url"])
        version = re.sub(r"(^|&)s=\d+", "", parts.query).strip("&")
        answer = self._client.get(
            f"{parts.path}?s={PICTURE_SIZE}&{version}",
            operation="picture",
            deadline=deadline,
            max_bytes=MAX_PDF_BYTES,
        )
        if answer.status != 200:
            raise ErpRejected(f"Item {product} has no picture.")
        media_type = _picture_type(answer.content)
        return Pdf(_filename(str(rows[0]["code"]), ""), answer.content, media_type)


def _is_of_an_item(row: dict[str, Any]) -> bool:
    model, _, _ = str(row["resource"] or "").partition(",")
    return model in {"product.product", "product.template"}


def _picture_type(content: bytes) -> str:
    if content.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise ErpBroken("the picture is neither JPEG, PNG nor WebP")


def _filename(name: str, extension: str) -> str:
    safe = re.sub(r"[^\w.() -]+", "-", to.line(name, 100)).strip("-. ") or "document"
    return f"{safe}.{extension}" if extension and not safe.endswith(f".{extension}") else safe
