"""A `$batch` of the Service Layer: several requests in one, those of a changeset all or none."""

from __future__ import annotations

import email
import email.message
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync.errors import ErpBroken

ROOT = "/b1s/v2/"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a batch; `path` comes after /b1s/v2/."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one of them; a changeset that failed has one only."""

    status: int
    body: Any

    @property
    def is_done(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


def packed(asks: Sequence[Ask], *, is_changeset: bool) -> tuple[str, bytes]:
    """Return the content type and the body of a batch of reads, or of one changeset."""
    boundary, inner = f"batch_{secrets.token_hex(8)}", f"changeset_{secrets.token_hex(8)}"
    lines: list[str] = []
    if is_changeset:
        lines += [f"--{boundary}", f"Content-Type: multipart/mixed; boundary={inner}", ""]
    for number, ask in enumerate(asks, 1):
        lines += [f"--{inner if is_changeset else boundary}", *_request(ask, number if is_changeset else 0)]
    if is_changeset:
        lines.append(f"--{inner}--")
    lines += [f"--{boundary}--", ""]
    return f"multipart/mixed; boundary={boundary}", "\r\n".join(lines).encode()


def unpacked(content_type: str, content: bytes) -> list[Told]:
    """Return the answers in order; there are fewer than questions when the ERP stopped at a failure.

    Raises:
        ErpBroken: it is no answer to a batch.
    """
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    if not message.is_multipart():
        raise ErpBroken("$batch: the answer has no parts")
    return [_told(part) for part in message.walk() if not part.is_multipart()]


def _request(ask: Ask, content_id: int) -> list[str]:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"{ask.method} {ROOT}{ask.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in ask.headers.items()]
    if ask.body is None:
        return [*lines, "", ""]
    return [*lines, "Content-Type: application/json", "", json.dumps(ask.body), ""]


def _told(part: email.message.Message) -> Told:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise ErpBroken("$batch: a part of the answer is empty")
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    first = head.split(b"\n", 1)[0].split()
    if len(first) < 2 or not first[0].startswith(b"HTTP/") or not first[1].isdigit():
        raise ErpBroken("$batch: a part of the answer has no status")
    try:
        return Told(int(first[1]), json.loads(body, parse_float=Decimal) if body.strip() else None)
    except ValueError as error:
        raise ErpBroken("$batch: a part of the answer is not JSON") from error
