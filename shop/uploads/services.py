"""Keeps the files that people send, and clears away those that nobody used."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import SoldTo, User
from shop.uploads.content import BrokenContent, TooLarge, UnknownContent, media_type_of
from shop.uploads.errors import UploadRefused
from shop.uploads.models import StoredFile
from shop.uploads.names import shown_name, stored_name
from shop.uploads.selectors import path_of, unattached

__all__ = ["UploadRefused", "clear_unused", "keep", "keep_for"]

MAX_FILES = 10
MAX_SIZE = 5 * 1024 * 1024
# A file that nothing points to after this time was sent with a form that was refused, or never sent on.
UNUSED_FOR = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Checked:
    name: str
    media_type: str
    data: bytes


def keep(*, actor: Actor, files: Sequence[UploadedFile], now: dt.datetime) -> list[StoredFile]:
    """Keep the files of somebody who acts for a company; all of them or none.

    Call it in the transaction that attaches them to something: what nothing points to is cleared away.

    Raises:
        UploadRefused: with a sentence that names the file and says what to do.
    """
    return keep_for(sold_to=actor.sold_to, by=actor.user, files=files, now=now)


def keep_for(*, sold_to: SoldTo, by: User, files: Sequence[UploadedFile], now: dt.datetime) -> list[StoredFile]:
    """Keep the files that one of ours sends to a company; the caller has asked whether he may.

    Raises:
        UploadRefused: with a sentence that names the file and says what to do.
    """
    if len(files) > MAX_FILES:
        raise UploadRefused(
            _("You sent %(count)s files; at most %(most)s go with one message. Nothing was sent: choose fewer.")
            % {"count": len(files), "most": MAX_FILES}
        )
    checked = [_check(file) for file in files]
    return [_store(one, sold_to=sold_to, by=by, now=now) for one in checked]


def _check(file: UploadedFile) -> _Checked:
    name = shown_name(file.name or "")
    if not file.size:
        raise UploadRefused(_("“%(name)s” is empty. Nothing was sent: choose the file again.") % {"name": name})
    if file.size > MAX_SIZE:
        raise UploadRefused(
            _("“%(name)s” is larger than 5 MB. Nothing was sent: make it smaller or divide it, then send it again.")
            % {"name": name}
        )
    data = file.read(MAX_SIZE + 1)
    return _Checked(name=file.name or "", media_type=_media_type(data, name), data=data)


def _media_type(data: bytes, name: str) -> str:
    try:
        return media_type_of(data)
    except UnknownContent as error:
        raise UploadRefused(
            _(
                "“%(name)s” is not a PDF, a picture (PNG or JPEG), a CSV table or an Excel workbook without macros "
                "(XLSX). Nothing was sent: save it as one of these and send it again."
            )
            % {"name": name}
        ) from error
    except BrokenContent as error:
        raise UploadRefused(
            _("“%(name)s” is damaged or incomplete. Nothing was sent: save or export it anew and send it again.")
            % {"name": name}
        ) from error
    except TooLarge as error:
        raise UploadRefused(
            _(
                "“%(name)s” unfolds to more than the shop takes (40 megapixels, 50 MB). "
                "Nothing was sent: make it smaller and send it again."
            )
            % {"name": name}
        ) from error


def _store(one: _Checked, *, sold_to: SoldTo, by: User, now: dt.datetime) -> StoredFile:
    key = uuid.uuid4()
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(one.data)
    path.chmod(0o600)
    return StoredFile.objects.create(
        key=key,
        sold_to=sold_to,
        uploaded_by=by,
        name=stored_name(one.name, one.media_type),
        media_type=one.media_type,
        size=len(one.data),
        sha256=hashlib.sha256(one.data).hexdigest(),
        created_at=now,
    )


def clear_unused(*, now: dt.datetime) -> int:
    """Delete files that nothing points to, two days after they came; return how many.

    Also bytes whose row never was (the sender's transaction was undone).
    """
    unused = list(unattached(before=now - UNUSED_FOR))
    for file in unused:
        file.delete()
        path_of(file.key).unlink(missing_ok=True)
    return len(unused) + _clear_rowless(before=now - UNUSED_FOR)


def _clear_rowless(*, before: dt.datetime) -> int:
    old = [path for path in Path(settings.UPLOADS_DIR).glob("??/*") if path.stat().st_mtime < before.timestamp()]
    known = set(StoredFile.objects.filter(key__in=[_key_of(path) for path in old]).values_list("key", flat=True))
    rowless = [path for path in old if _key_of(path) not in known]
    for path in rowless:
        path.unlink(missing_ok=True)
    return len(rowless)


def _key_of(path: Path) -> uuid.UUID:
    return uuid.UUID(hex=path.name)
