"""Hostile files: refused with a sentence, or handed out as an attachment that no browser shows (uploads)."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shop.messages import services as talks
from shop.messages.models import Message
from shop.messages.selectors import Subject
from shop.uploads import content, services
from shop.uploads.models import StoredFile
from tests.builders import files, people

pytestmark = pytest.mark.django_db

GIF = b"GIF89a\x01\x00\x01\x00"
EXE = b"MZ\x90\x00" + b"\x00" * 64


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    """An empty place for files."""
    settings.UPLOADS_DIR = tmp_path
    return tmp_path


def bomb() -> bytes:
    """A workbook of 60 kB that unpacks to 60 MB."""
    return files.xlsx({f"xl/worksheets/sheet{n}.xml": b"\x00" * 12_000_000 for n in range(5)})


def lying_bomb() -> bytes:
    """The same, but it states that each part is small."""
    data = bytearray(bomb())
    real = struct.pack("<I", 12_000_000)
    return bytes(data.replace(real, struct.pack("<I", 1_000)))


def overlapping_bomb() -> bytes:
    """Many entries that share the bytes of one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in content.WORKBOOK:
            book.writestr(name, b"<a/>")
        book.writestr("xl/a.xml", b"\x01" * 200_000)
        one = book.infolist()[-1]
        for number in range(200):
            twin = zipfile.ZipInfo(f"xl/b{number}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type", "flag_bits"):
                setattr(twin, name, getattr(one, name))
            book.filelist.append(twin)
            book.NameToInfo[twin.filename] = twin
    return out.getvalue()


def many_entries() -> bytes:
    return files.xlsx({f"xl/{number}.xml": b"" for number in range(1_001)})


def broken_png() -> bytes:
    return files.png()[:-12]


def cut_xlsx() -> bytes:
    return files.xlsx()[:-30]


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.exe", EXE)
    return out.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "svg": (lambda: files.SVG, "plan.svg", "is not a PDF"),
    "svg as png": (lambda: files.SVG, "plan.png", "is not a PDF"),
    "svg with an xml head": (lambda: b'<?xml version="1.0"?>' + files.SVG, "plan.csv", "is not a PDF"),
    "svg behind a mark": (lambda: b"\xef\xbb\xbf \n" + files.SVG, "plan.csv", "is not a PDF"),
    "html": (lambda: files.HTML, "page.html", "is not a PDF"),
    "html as csv": (lambda: b"a,b\n" + files.HTML, "table.csv", "is not a PDF"),
    "html as pdf": (lambda: files.HTML + files.PDF, "page.pdf", "is not a PDF"),
    "gif": (lambda: GIF, "a.gif", "is not a PDF"),
    "program": (lambda: EXE, "a.pdf", "is not a PDF"),
    "text": (lambda: b"just words", "a.txt", "is not a PDF"),
    "csv in utf-16": (lambda: "sku;qty\n".encode("utf-16"), "a.csv", "is not a PDF"),
    "archive": (plain_zip, "a.xlsx", "is not a PDF"),
    "macros": (lambda: files.xlsx({"xl/vbaProject.bin": b"x"}), "a.xlsm", "is not a PDF"),
    "empty": (lambda: b"", "a.pdf", "is empty"),
    "too big": (lambda: files.PDF + b" " * services.MAX_SIZE, "a.pdf", "larger than 5 MB"),
    "pdf without an end": (lambda: b"%PDF-1.4\n", "a.pdf", "damaged"),
    "png without an end": (broken_png, "a.png", "damaged"),
    "png and html in one": (lambda: files.png(behind=files.HTML), "a.png", "damaged"),
    "png without a size": (lambda: files.png(0, 5), "a.png", "damaged"),
    "jpeg without a picture": (lambda: b"\xff\xd8\xff\xe0\x00\x02\xff\xd9", "a.jpg", "damaged"),
    "xlsx that is cut": (cut_xlsx, "a.xlsx", "damaged"),
    "xlsx with a path": (lambda: files.xlsx({"../../etc/cron.d/x": b"x"}), "a.xlsx", "damaged"),
    "xlsx with entities": (lambda: files.xlsx({"xl/a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}), "a.xlsx", "damaged"),
    "xlsx whose parts overlap": (overlapping_bomb, "a.xlsx", "damaged"),
    "xlsx bomb that lies": (lying_bomb, "a.xlsx", "damaged"),
    "xlsx bomb": (bomb, "a.xlsx", "unfolds"),
    "xlsx of too many parts": (many_entries, "a.xlsx", "unfolds"),
    "100 megapixels in a png": (lambda: files.png(10_000, 10_000), "a.png", "unfolds"),
    "4 gigapixels in a jpeg": (lambda: files.jpeg(65_500, 65_500), "a.jpg", "unfolds"),
}


BOMBS = ("xlsx bomb", "xlsx bomb that lies", "xlsx whose parts overlap", "4 gigapixels in a jpeg")


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_hostile_file_is_refused_with_a_sentence_and_leaves_nothing(case: str, folder: Path) -> None:
    make, name, words = REFUSED[case]
    actor = people.buyer()
    subject = Subject("order", "o-1", actor.sold_to, "/orders/", "SO-1")
    with pytest.raises(services.UploadRefused) as refused:
        talks.post(actor=actor, subject=subject, text="See this", files=[files.sent(make(), name)], now=timezone.now())
    assert words in str(refused.value)
    assert name in str(refused.value)
    assert "Nothing was sent" in str(refused.value)
    assert (StoredFile.objects.count(), Message.objects.count()) == (0, 0)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_eleven_files_are_refused_before_one_is_read() -> None:
    actor = people.buyer()
    eleven = [files.sent(files.PDF) for _number in range(11)]
    with pytest.raises(services.UploadRefused, match="11 files; at most 10"):
        services.keep(actor=actor, files=eleven, now=timezone.now())
    assert {file.tell() for file in eleven} == {0}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_not_unfolded(case: str) -> None:
    data = REFUSED[case][0]()
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises((content.TooLarge, content.BrokenContent)):
        content.media_type_of(data)
    took, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert took < 2


HARMLESS_NAMES = {
    "../../etc/passwd": "passwd.pdf",
    "..\\..\\windows\\system32\\a.pdf": "a.pdf",
    "/abs/olute.pdf": "olute.pdf",
    "a\x00b.pdf": "ab.pdf",
    "a\r\nX-Evil: 1.pdf": "aX-Evil 1.pdf",
    "photo\u202efdp.exe": "photofdp.pdf",
    "page.html": "page.pdf",
    "....": "file.pdf",
    ".htaccess": "htaccess.pdf",
    "x" * 300 + ".pdf": "x" * 116 + ".pdf",
    'say "hi" <b>.pdf': "say hi b.pdf",
}


@pytest.mark.parametrize("given", list(HARMLESS_NAMES))
def test_no_name_leads_anywhere(client: Client, folder: Path, given: str) -> None:
    actor = people.acting(client)
    upload = files.sent(files.PDF)
    upload._name = given  # type: ignore[attr-defined] # noqa: SLF001 (Django would have cut it already)
    (kept,) = services.keep(actor=actor, files=[upload], now=timezone.now())
    assert kept.name == HARMLESS_NAMES[given]
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    assert path == folder / kept.key.hex[:2] / kept.key.hex
    answer = client.get(reverse("file", kwargs={"key": kept.key}))
    assert "\n" not in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.PDF.replace(b"%%EOF", files.HTML + b"%%EOF"), "both.pdf"),
        (files.jpeg(comment=files.HTML), "both.jpg"),
        (b"sku,name\n" + b"A-1,Bolt\n" * 200 + b'"<script>alert(1)</script>",x\n', "cells.csv"),
        (files.xlsx({"xl/sharedStrings.xml": b"<t>=cmd|' /C calc'!A0</t>"}), "formula.xlsx"),
    ],
)
def test_what_is_two_things_in_one_is_never_shown_as_a_page(client: Client, data: bytes, name: str) -> None:
    actor = people.acting(client)
    (kept,) = services.keep(actor=actor, files=[files.sent(data, name)], now=timezone.now())
    answer = client.get(reverse("file", kwargs={"key": kept.key}))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Type"] in content.ENDINGS
    assert answer["Cache-Control"] == "private, no-store"


def test_files_lie_outside_of_what_the_web_server_serves(settings: LazySettings) -> None:
    place = Path(settings.UPLOADS_DIR).resolve()
    served = [Path(settings.STATIC_ROOT), *map(Path, settings.STATICFILES_DIRS)]
    assert not any(place.is_relative_to(one.resolve()) for one in served)


# --- controls: the same checks against a shop that believes the sender ---------------------------------------------


def test_control_a_shop_that_believes_names_keeps_what_is_refused_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes by the ending of the name takes nearly all of them; each test above would fail."""
    monkeypatch.setattr(services, "media_type_of", lambda data: content.PDF)
    actor = people.buyer()
    taken = [
        case
        for case, (make, name, _words) in REFUSED.items()
        if case not in {"empty", "too big"}
        and services.keep(actor=actor, files=[files.sent(make(), name)], now=timezone.now())
    ]
    assert len(taken) == len(REFUSED) - 2


def test_control_a_shop_that_unpacks_first_pays_for_the_bomb() -> None:
    data = bomb()
    assert len(data) < 200_000
    tracemalloc.start()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert sum(len(book.read(part)) for part in book.infolist()) > content.MAX_UNPACKED
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak > 10_000_000
