"""Papers that the ERP printed, in a folder for each kind: NUMBER.pdf, a slash of the number written as a tilde.

An order and an invoice may have the same number, and belong to different customers.
"""

from __future__ import annotations

import re
from pathlib import Path

from erp_sync.adapters.files.folders import nothing_left, open_plain
from erp_sync.adapters.files.pulls import Pulls
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import MAX_PDF_BYTES
from erp_sync.ports import Pdf

_NUMBER = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9._ /-]{0,80}")


class Papers:
    """Reads them; no other file of the machine can be named."""

    def __init__(self, folder: Path, pulls: Pulls) -> None:
        self._folder = folder
        self._pulls = pulls

    def of(self, kind: str, erp_id: str) -> Pdf:
        """Return the paper of a document.

        Raises:
            ErpRejected: there is no such document, or no paper of it.
            ErpBroken: it is no PDF, or too large.
            ErpUnavailable: the disk does not answer.
        """
        record = self._pulls.one(kind, erp_id)
        if record is None or not _NUMBER.fullmatch(record.number):
            raise ErpRejected("There is no paper of this document.")
        name = record.number.replace("/", "~")
        with nothing_left():
            try:
                with open_plain(self._folder / kind / f"{name}.pdf") as file:
                    content = file.read(MAX_PDF_BYTES + 1)
            except FileNotFoundError as error:
                raise ErpRejected("The ERP has not printed this document yet.") from error
        if not content.startswith(b"%PDF") or len(content) > MAX_PDF_BYTES:
            raise ErpBroken(f"{name}.pdf is no PDF of at most {MAX_PDF_BYTES // 1024 // 1024} MB")
        return Pdf(f"{name}.pdf", content)
