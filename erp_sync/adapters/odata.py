"""OData as an adapter speaks it: literals, keys and filters that nothing can break out of, queries, next pages, tags.

For every ERP with an OData door (Business Central, SAP Business One). Pure functions: no sockets, no state. What the
ERPs do not share (how errors read, how one logs in) stays with them.

    path = f"/Items({key('O''Ring')})" + query({"$filter": f"Price gt {literal(Decimal('1.5'))}", "$select": "Code"})
    rows = rows_of(answer.json()); further = next_path(answer.json(), base_url=http.base_url, path=path)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from uuid import UUID

from erp_sync.errors import ErpBroken

# A filter is a part of the address; longer addresses are refused by servers on the way.
MOST_IN_A_FILTER = 40
# `O'Brien` is told as O''Brien; control signs have no place in an address.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NEXT = ("@odata.nextLink", "odata.nextLink")
_TAG = ("@odata.etag", "odata.etag")

Literal = str | int | Decimal | bool | dt.date | UUID


def literal(value: Literal) -> str:
    """Return a value as a filter or key takes it: text in quotes (doubled inside), the rest bare; times in UTC.

    Raises:
        ErpBroken: a text holds control signs, or a time has no zone.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise ErpBroken(f"not a text to ask for: {value[:40]!r}")
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, dt.datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def instant(value: dt.datetime) -> str:
    """Return a time in UTC with milliseconds, rounded down: `ge` then never leaves the record itself out.

    Raises:
        ErpBroken: it has no zone.
    """
    if value.utcoffset() is None:
        raise ErpBroken("a time without a zone cannot be asked for")
    utc = value.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def key(value: Literal) -> str:
    """Return what stands between the brackets of `Items(...)`, safe as a part of a path."""
    return quote(literal(value), safe="'")


def guid(value: str) -> UUID:
    """Return a GUID.

    Raises:
        ErpBroken: it is none.
    """
    try:
        return UUID(value)
    except ValueError as error:
        raise ErpBroken(f"not an id of this ERP: {value[:40]!r}") from error


def any_of(field: str, values: Iterable[Literal]) -> str:
    """Return the filter for a field that has one of these values, "" for none (ask nothing then)."""
    told = [f"{field} eq {literal(one)}" for one in values]
    return f"({' or '.join(told)})" if len(told) > 1 else "".join(told)


def all_of(*filters: str) -> str:
    """Return the filter for all of these; empty ones do not count."""
    return " and ".join(one for one in filters if one)


def chunks(values: Iterable[str], size: int = MOST_IN_A_FILTER) -> Iterator[list[str]]:
    """Yield the values in parts that an address can carry, each value once, empty ones left out."""
    known = [one for one in dict.fromkeys(values) if one]
    for start in range(0, len(known), size):
        yield known[start : start + size]


def query(options: Mapping[str, str]) -> str:
    """Return `?$filter=…&$select=…`, quoted; options without a value are left out, "" when there is none."""
    told = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in options.items() if value)
    return f"?{told}" if told else ""


def rows_of(answer: Any) -> list[dict[str, Any]]:
    """Return the rows of a collection.

    Raises:
        ErpBroken: the answer is no collection.
    """
    rows = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ErpBroken("the answer is no list of rows")
    return rows


def next_path(answer: Mapping[str, Any], *, base_url: str, path: str) -> str:
    """Return where the next page is, as a path below `base_url`; "" when this was the last one.

    The link may be whole or relative to `path`. It comes from outside: another host, port or scheme, or a path that
    is not below the base, is refused and never asked.

    Args:
        answer: The page.
        base_url: As of `ErpHttp.base_url`: scheme, host, and the path that all calls begin with.
        path: The path (below the base) that this page was asked at.

    Raises:
        ErpBroken: the link leads elsewhere.
    """
    link = next((answer[name] for name in _NEXT if answer.get(name)), "")
    if not link:
        return ""
    base = urlsplit(base_url)
    target = urlsplit(urljoin(base_url.rstrip("/") + path, str(link)))
    start = base.path.rstrip("/")
    is_ours = (target.scheme, target.netloc) == (base.scheme, base.netloc) and target.path.startswith(f"{start}/")
    if not is_ours or "/../" in target.path or "\\" in target.path:
        raise ErpBroken(f"the next page is said to be on {target.netloc[:80]!r}, not on the ERP")
    below = target.path.removeprefix(start)
    return f"{below}?{target.query}" if target.query else below


def tag_of(row: Mapping[str, Any]) -> str:
    """Return the ETag of a row, for If-Match.

    Raises:
        ErpBroken: it has none; "*" in its place would overwrite what somebody else just changed.
    """
    tag = next((row[name] for name in _TAG if row.get(name)), "")
    if not tag:
        raise ErpBroken("a record came without its version")
    return str(tag)


def selected(fields: Sequence[str]) -> str:
    """Return the fields of a $select, each once."""
    return ",".join(dict.fromkeys(fields))
