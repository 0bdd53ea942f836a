"""Answers that are kept: near (this process, seconds) and shared (Django's cache, a day)."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from django.core.cache import cache

from erp_sync import records as r
from erp_sync.conf import Limits, limits

V = TypeVar("V")

# Part of every key: a new shape of `Kept` or of a record must not read what an older release kept.
SHAPE = "2"


@dataclass(frozen=True, slots=True)
class Kept(Generic[V]):
    """An answer, when the ERP gave it, and the id of the call."""

    value: V
    at: dt.datetime
    call_id: str

    def age_s(self, now: dt.datetime) -> float:
        """Return the age in seconds, at least 0 (another machine's clock may be ahead)."""
        return max(0.0, (now - self.at).total_seconds())


class _Near:
    """A bounded memory of this process: saves the shared cache's round trip for some seconds."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, keys: Iterable[str]) -> dict[str, object]:
        now = time.monotonic()
        with self._lock:
            found = {key: self._entries.get(key) for key in keys}
        return {key: entry[1] for key, entry in found.items() if entry and entry[0] > now}

    def set(self, values: dict[str, object], *, keep_s: float, size: int) -> None:
        until = time.monotonic() + keep_s
        with self._lock:
            for key, value in values.items():
                self._entries[key] = (until, value)
                self._entries.move_to_end(key)
            while len(self._entries) > size:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


_near = _Near()
_unanswered = _Near()


def offer_key(context: r.PriceContext, ask: r.Ask, *, per_customer: bool, ladders: bool, warehouses: bool) -> str:
    """Return the key of an offer: everything that the ERP's answer depends on."""
    customer = context.customer_erp_id if per_customer else ""
    parts = (
        *(context.price_list, context.currency, customer, ask.sku, ask.erp_id),
        *(str(ask.quantity.normalize()), "ladder" * ladders, "warehouses" * warehouses),
    )
    return _key("offer", *parts)


def credit_key(customer_erp_id: str) -> str:
    """Return the key of a customer's credit position."""
    return _key("credit", customer_erp_id)


def _key(*parts: str) -> str:
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
    return f"erp{SHAPE}:{digest}"


def get(keys: Iterable[str], now: dt.datetime) -> dict[str, Kept]:
    """Return what is kept, in at most one round trip to the shared cache."""
    wanted = list(keys)
    limit = limits()
    found = _young(_near.get(wanted), limit, now)
    missing = [key for key in wanted if key not in found]
    if not missing:
        return found
    shared = cast("dict[str, Kept]", cache.get_many(missing))
    _near.set(dict(shared), keep_s=limit.near_s, size=limit.near_size)
    return found | shared


def _young(near: dict[str, object], limit: Limits, now: dt.datetime) -> dict[str, Kept]:
    """Leave out what has to be refreshed: another process may have done it already."""
    kept = cast("dict[str, Kept]", near)
    return {key: entry for key, entry in kept.items() if entry.age_s(now) < limit.refresh_after_s}


def put(entries: dict[str, Kept], *, keep_s: float) -> None:
    """Keep answers in both places."""
    limit = limits()
    _near.set(dict(entries), keep_s=limit.near_s, size=limit.near_size)
    cache.set_many(entries, keep_s)


def note_unanswered(keys: Iterable[str]) -> None:
    """Remember for some seconds that the ERP gave no answer for these."""
    limit = limits()
    _unanswered.set(dict.fromkeys(keys, True), keep_s=limit.negative_s, size=limit.near_size)


def unanswered(keys: Iterable[str]) -> set[str]:
    """Return those that the ERP gave no answer for a moment ago."""
    return set(_unanswered.get(keys))


def forget() -> None:
    """Empty what this process keeps (the shared cache stays)."""
    _near.clear()
    _unanswered.clear()
