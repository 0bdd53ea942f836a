"""A batch's manifest: what the folder holds, which comes last and says that the batch is whole."""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_sync.adapters.files.canon import layout_of
from erp_sync.adapters.files.folders import open_plain
from erp_sync.adapters.files.layout import Layout
from erp_sync.adapters.files.values import Dialect

MANIFEST = "manifest.json"
MOST_BYTES = 1 << 20
AHEAD = dt.timedelta(minutes=5)
FULL, CHANGES = "full", "changes"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """The batch is not taken; the text says why and what to do, and nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Part:
    """A data file of a batch; `is_full`: what it does not hold is gone."""

    layout: Layout
    rows: int
    sha256: str
    is_full: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a batch says of itself. `digest` tells two batches of the same number apart."""

    sequence: int
    exported_at: dt.datetime
    dialect: Dialect
    parts: tuple[Part, ...]
    is_restart: bool
    digest: str


def read(folder: Path, *, zone: ZoneInfo, now: dt.datetime) -> Manifest:
    """Return the manifest of a folder that has one.

    Args:
        folder: The batch.
        zone: Of its times, where it names none.
        now: The present, which it cannot be ahead of.

    Raises:
        Refused: it cannot be read, or says what cannot be.
        OSError: the disk does not answer.
    """
    path = folder / MANIFEST
    with open_plain(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(f"{MANIFEST} is larger than 1 MB")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{MANIFEST} is no JSON: {str(error)[:100]}") from error
    if not isinstance(data, dict):
        raise Refused(f"{MANIFEST} must be an object with sequence, exported_at and files")
    dialect = _dialect(data, zone)
    manifest = Manifest(
        sequence=_whole(data, "sequence", least=1),
        exported_at=_exported_at(data, dialect.zone, now),
        dialect=dialect,
        parts=_parts(data),
        is_restart=data.get("restart") is True,
        digest=hashlib.sha256(content).hexdigest(),
    )
    if manifest.is_restart and not all(part.is_full for part in manifest.parts):
        raise Refused('a batch with "restart" may hold whole files only ("content": "full")')
    return manifest


def _whole(data: dict[str, Any], name: str, *, least: int) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 53:
        raise Refused(f"{MANIFEST}: {name} must be a whole number from {least} on")
    return value


def _exported_at(data: dict[str, Any], zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(str(data.get("exported_at")))
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{MANIFEST}: exported_at must be a time like 2026-11-21T23:10:00+01:00") from error
    if at > now + AHEAD:
        raise Refused(
            f"{MANIFEST}: it says that it was exported at {at:%Y-%m-%d %H:%M} UTC, which is to come: its zone?"
        )
    return at


def _dialect(data: dict[str, Any], zone: ZoneInfo) -> Dialect:
    decimal, encoding = data.get("decimal", "."), str(data.get("encoding", "utf-8"))
    delimiter = str(data.get("delimiter", ""))
    if decimal not in (".", ","):
        raise Refused(f'{MANIFEST}: decimal must be "." or ","')
    if len(delimiter) > 1:
        raise Refused(f"{MANIFEST}: delimiter must be one character")
    try:
        encoding = codecs.lookup(encoding).name
        zone = ZoneInfo(data["zone"]) if "zone" in data else zone
    except (LookupError, ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise Refused(f"{MANIFEST}: there is no such encoding or zone: {str(error)[:100]}") from error
    return Dialect(decimal, zone, "utf-8-sig" if encoding == "utf-8" else encoding, delimiter)


def _parts(data: dict[str, Any]) -> tuple[Part, ...]:
    given = data.get("files")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Refused(f"{MANIFEST}: files must be a list of name, rows, sha256 and content")
    parts = tuple(_part(one) for one in given)
    names = [part.layout.name for part in parts]
    if len(set(names)) != len(names):
        raise Refused(f"{MANIFEST} names a file twice")
    return parts


def _part(data: dict[str, Any]) -> Part:
    name = str(data.get("name"))
    layout = layout_of(name)
    if layout is None:
        raise Refused(f"{MANIFEST}: there is no file {name[:60]!r}; names are those of the template, without a folder")
    digest, content = str(data.get("sha256")).lower(), data.get("content")
    if not _DIGEST.fullmatch(digest):
        raise Refused(f"{MANIFEST}: sha256 of {name} must be 64 hexadecimal digits")
    if content not in (FULL, CHANGES):
        raise Refused(f'{MANIFEST}: content of {name} must be "full" or "changes"')
    return Part(layout, _whole(data, "rows", least=0), digest, content == FULL)
