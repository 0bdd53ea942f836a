"""Files for tests: small ones of each kind that we take, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
CSV = b"sku;quantity\nA-1;3\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"


def png(width: int = 2, height: int = 2, *, behind: bytes = b"") -> bytes:
    """Return a PNG that states this size, with something behind its end."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x00" * 3 * 2 for _ in range(2)))
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks) + behind


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(width: int = 2, height: int = 2, *, comment: bytes = b"") -> bytes:
    """Return the beginning of a JPEG that states this size, with a comment."""
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + said + frame + b"\xff\xd9"


def xlsx(parts: dict[str, bytes] | None = None) -> bytes:
    """Return a workbook, with more parts."""
    whole = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"} | (parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in whole.items():
            book.writestr(name, data)
    return out.getvalue()


def sent(data: bytes, name: str = "file.pdf", content_type: str = "application/pdf") -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, data, content_type=content_type)
