"""The cache in a database table (no Redis configured), with many values written in one statement."""

import base64
import datetime as dt
import pickle
import random
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

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
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined] # the stubs do not know it
        values = ", ".join(["(%s, %s, %s)"] * len(rows))
        statement = (
            f"INSERT INTO {table} AS kept (cache_key, value, expires) VALUES {values} "  # noqa: S608
            "ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires"
        )
        parameters: list[Any] = [part for row in rows for part in row]
        if only_new:
            statement += " WHERE kept.expires < %s"
            parameters.append(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            written = int(cursor.rowcount)
            if random.randrange(PURGE_ONE_IN) == 0:  # noqa: S311 (no secret)
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])  # noqa: S608
        return written


def _text(value: Any) -> str:
    """Return the value as Django's table cache keeps it."""
    return base64.b64encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode("latin1")


def _moment(timestamp: float | None) -> dt.datetime:
    """Return when a value expires; None is for ever."""
    if timestamp is None:
        return dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)
    return dt.datetime.fromtimestamp(int(timestamp), tz=dt.UTC)
