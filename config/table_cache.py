"""The cache in a database table (no Redis configured), with many values written in one statement."""

import base64
import datetime as dt
import pickle
import random
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.utils import timezone

from erp_sync.statements import fetch

# One write in so many removes what has expired; Django's own way counts the table at every write.
PURGE_ONE_IN = 200


class TableCache(DatabaseCache):
    """Django's table cache, made for pages that keep 24 prices at once: one upsert, no counting.

    Nothing is thrown away before it expires, so the table is as large as what is kept for a day.
    """

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """See Django's cache API, as for the methods below."""
        return self._upsert({key: value}, timeout, version, only_new=True) == 1

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """See `add`."""
        self._upsert({key: value}, timeout, version)

    def set_many(self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        """See `add`."""
        self._upsert(data, timeout, version)
        return []

    def _upsert(self, data: dict[str, Any], timeout: Any, version: int | None, *, only_new: bool = False) -> int:
        """Write all values at once, in the order of their keys: two writers never wait in a ring."""
        if not data:
            return 0
        until = _moment(self.get_backend_timeout(timeout))
        rows = sorted(
            (self.make_and_validate_key(key, version=version), _text(value), until) for key, value in data.items()
        )
        parameters: list[Any] = [list(part) for part in zip(*rows, strict=True)]
        if only_new:
            parameters.append(timezone.now())
        written = len(fetch(self._statement(only_new=only_new), parameters))
        if random.randrange(PURGE_ONE_IN) == 0:  # noqa: S311 (no secret)
            fetch(f"DELETE FROM {self._table} WHERE expires < %s RETURNING 1", [timezone.now()])  # type: ignore[attr-defined]  # noqa: S608
        return written

    def _statement(self, *, only_new: bool) -> str:
        return (
            f"INSERT INTO {self._table} AS kept (cache_key, value, expires) "  # type: ignore[attr-defined]  # noqa: S608
            "SELECT * FROM unnest(%s::varchar[], %s::text[], %s::timestamptz[]) "
            "ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires"
            + (" WHERE kept.expires < %s" if only_new else "")
            + " RETURNING 1"
        )

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """See `add`; what has expired is left where it is: a write in so many removes it."""
        names = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not names:
            return {}
        sql = f"SELECT cache_key, value FROM {self._table} WHERE cache_key = ANY(%s::varchar[]) AND expires >= %s"  # type: ignore[attr-defined]  # noqa: S608
        found = fetch(sql, [list(names), timezone.now()])
        # What we wrote ourselves, as Django's own table cache reads it; nobody else writes this table.
        return {names[name]: pickle.loads(base64.b64decode(text)) for name, text in found}  # noqa: S301  # nosec B301


def _text(value: Any) -> str:
    """Return the value as Django's table cache keeps it."""
    return base64.b64encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode("latin1")


def _moment(timestamp: float | None) -> dt.datetime:
    """Return when a value expires; None is for ever."""
    if timestamp is None:
        return dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)
    return dt.datetime.fromtimestamp(int(timestamp), tz=dt.UTC)
