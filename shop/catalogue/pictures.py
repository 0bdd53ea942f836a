"""Product pictures: fetched from the ERP once, kept as files, served to who knows their version.

A picture is not personal. Its address holds a version that only the shop can make, so every cache
may keep it for ever, and a new picture in the ERP gets a new address.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from erp_sync import gateway
from erp_sync.errors import ErpUnavailable
from erp_sync.mirror.models import Item
from shop.errors import ShopError

LARGEST = 5_000_000
LONGEST_WAIT_S = 1.0
VERSION = re.compile(r"[0-9a-f]{32}")
TYPES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


_one_at_a_time = threading.BoundedSemaphore(1)


class WrongVersion(ShopError):
    """The address was not made by the shop, or is of an older picture."""


class NoPicture(ShopError):
    """What the ERP sent is no picture that may be shown."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and their type, told by the bytes themselves."""

    content: bytes
    media_type: str


def version_of(item: Item) -> str:
    """Return the version of an item's picture for its address, "" when it has none."""
    return _version(item.erp_id, item.image_url) if item.image_url else ""


def picture_url(item: Item) -> str:
    """Return the address of an item's picture, "" when it has none."""
    return _address(item.sku, version_of(item)) if item.image_url else ""


@lru_cache(maxsize=50_000)
def _version(erp_id: str, image_url: str) -> str:
    return salted_hmac("item-picture", f"{erp_id}|{image_url}").hexdigest()[:32]


@lru_cache(maxsize=50_000)
def _address(sku: str, version: str) -> str:
    return reverse("item-image", args=[sku, version])


def kept_picture(version: str) -> Picture | None:
    """Return a picture that was fetched before, by its version, else None.

    Raises:
        NoPicture: what the ERP sent for this version was none.
    """
    if not VERSION.fullmatch(version):
        return None
    path = _folder() / version
    if not path.is_file():
        return None
    picture = _picture(path.read_bytes())
    if picture is None:
        raise NoPicture(version)
    return picture


def fetch_picture(item: Item, version: str) -> Picture:
    """Return an item's picture from the ERP and keep it.

    Raises:
        WrongVersion: the item's picture has another version.
        NoPicture: the ERP's answer is no picture.
        ErpError: the ERP did not give it.
    """
    if not version or not constant_time_compare(version, version_of(item)):
        raise WrongVersion(item.sku)
    content = _asked(item)
    picture = _picture(content)
    if picture is None or len(content) > LARGEST:
        _keep(version, b"")  # not asked again until it changes
        raise NoPicture(item.sku)
    _keep(version, content)
    return picture


def missing_pictures() -> list[Item]:
    """Return the items on sale whose picture is not kept yet (only what `fetch_picture` needs)."""
    rows = Item.objects.filter(is_active=True, gone_at=None).exclude(image_url="")
    found = rows.only("erp_id", "sku", "image_url").order_by("sku")
    folder = _folder()
    kept = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return [item for item in found if version_of(item) not in kept]


def _asked(item: Item) -> bytes:
    """Ask the ERP for one picture at a time: twenty at once would keep it from answering prices.

    Raises:
        ErpUnavailable: others are being fetched; the page shows a placeholder until the next visit.
    """
    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT_S):
        raise ErpUnavailable("other pictures are being fetched", nothing_sent=True)
    try:
        return gateway.item_image(item.erp_id).content
    finally:
        _one_at_a_time.release()


def _picture(content: bytes) -> Picture | None:
    for beginning, media_type in TYPES:
        if beginning.match(content):
            return Picture(content, media_type)
    return None


def _keep(version: str, content: bytes) -> None:
    """Write the file in one step, so that nobody reads half of it."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(folder / version)


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "pictures"
