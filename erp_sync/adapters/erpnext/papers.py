"""Documents as ERPNext prints them, and pictures of items."""

from __future__ import annotations

from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.setup import Options
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import MAX_PDF_BYTES, Deadline
from erp_sync.ports import Pdf

DOWNLOAD = "/api/method/frappe.utils.print_format.download_pdf"
PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
FOLDERS = ("/files/", "/private/files/")


class Papers:
    """Fetches papers. The shop keeps them: printing takes ERPNext more than a second."""

    def __init__(self, client: ErpNextClient, options: Options) -> None:
        self._client = client
        self._format = options.print_format

    def printed(self, doctype: str, name: str, deadline: Deadline) -> Pdf:
        """Return a document as PDF.

        Raises:
            ErpRejected: there is none, or the server cannot print (it needs wkhtmltopdf).
        """
        query = {"doctype": doctype, "name": name, "format": self._format, "no_letterhead": 1}
        try:
            answer = self._client.fetch(DOWNLOAD, query, deadline, max_bytes=MAX_PDF_BYTES)
        except ErpBroken as error:
            raise ErpRejected(f"The ERP cannot print {to.line(name, 60)}: its server says so.") from error
        if not answer.content.startswith(b"%PDF"):
            raise ErpRejected(f"The ERP cannot print {to.line(name, 60)}: its server lacks wkhtmltopdf.")
        return Pdf(f"{to.line(name, 60).replace('/', '-')}.pdf", answer.content)

    def picture(self, code: str, deadline: Deadline) -> Pdf:
        """Return an item's picture.

        Raises:
            ErpRejected: it has none, or one that lies outside of the ERP.
        """
        rows = self._client.rows("Item", ["image"], [["name", "=", code]], deadline=deadline, limit=1)
        path = str(rows[0]["image"] or "") if rows else ""
        if not path.startswith(FOLDERS) or ".." in path or "?" in path or "#" in path:
            raise ErpRejected(f"Item {to.line(code, 60)} has no picture in the ERP.")
        answer = self._client.fetch(path, {}, deadline, max_bytes=MAX_PDF_BYTES)
        for start, kind in PICTURES.items():
            if answer.content.startswith(start):
                return Pdf(path.rpartition("/")[2], answer.content, kind)
        raise ErpRejected(f"The picture of item {to.line(code, 60)} is of no kind that can be shown.")
