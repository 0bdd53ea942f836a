"""What a file really is, by its bytes: never by its name, nor by what the sender calls it.

Nothing is decoded: of pictures the stated size is read, of workbooks the stated length of each part first.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", CSV: ".csv", XLSX: ".xlsx"}

MAX_PIXELS = 40_000_000
MAX_ENTRIES = 1_000
MAX_UNPACKED = 50 * 1024 * 1024
LOOKED_AT = 1_024

PNG_MARK = b"\x89PNG\r\n\x1a\n"
# Frames that hold a picture's size; C4, C8 and CC are tables.
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_ALONE = {0x01, *range(0xD0, 0xD8)}
MARKUP = re.compile(rb"<\s*(!doctype|\?xml|html|head|body|script|svg|iframe|img|style|link|meta|a\s)", re.IGNORECASE)
ENTITIES = re.compile(rb"<!\s*(doctype|entity)", re.IGNORECASE)
WORKBOOK = ("[Content_Types].xml", "xl/workbook.xml")
ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class UnknownContent(ValueError):
    """None of the kinds that we take."""


class BrokenContent(ValueError):
    """It begins as one of them and does not go on like it: cut, damaged, or two things in one."""


class TooLarge(ValueError):
    """It would unfold to more than we take: a picture of too many points, a workbook that is a bomb."""


def media_type_of(data: bytes) -> str:
    """Return the media type of a file's bytes: PDF, PNG, JPEG, XLSX or CSV.

    Raises:
        UnknownContent, BrokenContent, TooLarge: see there.
    """
    for mark, media_type, check in KINDS:
        if data.startswith(mark):
            check(data)
            return media_type
    _check_csv(data)
    return CSV


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-LOOKED_AT:]:
        raise BrokenContent("a PDF without an end")


def _check_png(data: bytes) -> None:
    """Walk over the chunks: the first states the size, the last ends the file."""
    at, first = len(PNG_MARK), True
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if first:
            if kind != b"IHDR" or length != 13:
                raise BrokenContent("a PNG without a head")
            _check_pixels(*struct.unpack(">II", data[at + 8 : at + 16]))
            first = False
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        raise BrokenContent("a PNG without an end")
    if at != len(data):
        raise BrokenContent("something follows the picture")


def _check_jpeg(data: bytes) -> None:
    """Walk over the segments up to the frame, which states the size."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF or kind in JPEG_ALONE:
            at += 1 if kind == 0xFF else 2
            continue
        if kind in JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            _check_pixels(width, height)
            return
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    raise BrokenContent("a JPEG without a picture")


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise BrokenContent("a picture without a size")
    if width * height > MAX_PIXELS:
        raise TooLarge("a picture of too many points")


def _check_xlsx(data: bytes) -> None:
    """Check what the workbook states, then that its parts hold what it states (never more is unpacked)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            _check_stated(book, len(data))
            _check_parts(book)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeDecodeError) as error:
        raise BrokenContent(str(error)) from error


def _check_stated(book: zipfile.ZipFile, length: int) -> None:
    parts = book.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_ENTRIES or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise TooLarge("a workbook that unpacks to too much")
    if not names.issuperset(WORKBOOK):
        raise UnknownContent("an archive, no workbook")
    if any("vbaproject" in name.lower() for name in names):
        raise UnknownContent("a workbook with macros")
    if len(names) != len(parts) or sum(part.compress_size for part in parts) > length:
        raise BrokenContent("parts that share their bytes")
    if any(part.flag_bits & 1 or part.compress_type not in ZIP_METHODS for part in parts):
        raise BrokenContent("parts that cannot be read")
    if any(_leads_outside(name) for name in names):
        raise BrokenContent("a part with a path")


def _leads_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name)


def _check_parts(book: zipfile.ZipFile) -> None:
    for part in book.infolist():
        with book.open(part) as opened:
            head = opened.read(LOOKED_AT)
            if ENTITIES.search(head):
                raise BrokenContent("a part that declares entities")
            while opened.read(1 << 20):
                pass


def _check_csv(data: bytes) -> None:
    head = data[:LOOKED_AT]
    if b"\x00" in data or MARKUP.search(head) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise UnknownContent("no table")
    text = _decoded(data)
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
        raise UnknownContent("no text")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not any(mark in first for mark in ",;\t"):
        raise UnknownContent("no table")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownContent("no text")


KINDS: tuple[tuple[bytes, str, Callable[[bytes], None]], ...] = (
    (b"%PDF-", PDF, _check_pdf),
    (PNG_MARK, PNG, _check_png),
    (b"\xff\xd8\xff", JPEG, _check_jpeg),
    (b"PK\x03\x04", XLSX, _check_xlsx),
)
