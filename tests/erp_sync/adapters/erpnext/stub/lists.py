"""Lists as Frappe answers them: fields, filters, tables joined, order, limit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.erp_sync.adapters.erpnext.stub.refusal import Refusal, invalid
from tests.erp_sync.adapters.erpnext.stub.schema import CHILD, STANDARD, tables

if TYPE_CHECKING:
    from tests.erp_sync.adapters.erpnext.stub.site import Site

Doc = dict[str, Any]
Joined = tuple[Doc, Doc]
KNOWN = frozenset({"fields", "filters", "or_filters", "order_by", "limit_page_length", "limit_start", "parent"})
DEFAULT_LIMIT = 20
_CHILD = re.compile(r"`tab([^`]+)`\.(\w+)")


def listed(site: Site, doctype: str, query: Mapping[str, str]) -> list[Doc]:
    """Return the rows of a list.

    Raises:
        Refusal: a parameter or field is not known, or a table is asked for without what it belongs to.
    """
    if unknown := set(query) - KNOWN:
        raise Refusal(500, "TypeError", f"unexpected argument {sorted(unknown)}")
    fields = json.loads(query.get("fields") or '["name"]')
    filters = json.loads(query.get("filters") or "[]")
    either = json.loads(query.get("or_filters") or "[]")
    child = _child_of(doctype, fields, [*filters, *either])
    rows = [row for row in _rows(site, doctype, child, query) if _fits(site, doctype, row, filters, either)]
    rows = _sorted(rows, query.get("order_by") or "modified desc")
    start, limit = int(query.get("limit_start") or 0), int(query.get("limit_page_length") or DEFAULT_LIMIT)
    if query.get("limit_page_length") == "0":
        limit = len(rows)
    return [_row(site, doctype, fields, row) for row in rows[start : start + limit]]


def _rows(site: Site, doctype: str, child: str, query: Mapping[str, str]) -> list[Joined]:
    parent = query.get("parent")
    if parent:
        if doctype not in tables(parent).values():
            raise Refusal(403, "PermissionError", f"{doctype} is no table of {parent}")
        names = [name for name, of in tables(parent).items() if of == doctype]
        return [(row, {}) for doc in site.docs[parent].values() for name in names for row in doc[name]]
    if _is_table(site, doctype):
        raise Refusal(403, "PermissionError", f"{doctype} needs its parent")
    if not child:
        return [(doc, {}) for doc in site.docs[doctype].values()]
    names = [name for name, of in tables(doctype).items() if of == child]
    found = []
    for doc in site.docs[doctype].values():
        found += [(doc, row) for name in names for row in doc[name]] or [(doc, {})]
    return found


def _is_table(site: Site, doctype: str) -> bool:
    return any(doctype in tables(one).values() for one in site.schema)


def _child_of(doctype: str, fields: Sequence[str], filters: Sequence[Sequence[Any]]) -> str:
    """Return the table that a list is joined with."""
    told = {found[1] for one in fields if (found := _CHILD.fullmatch(one))}
    told |= {str(one[0]) for one in filters if len(one) == 4}
    told -= {doctype}
    if len(told) > 1 or told - set(tables(doctype).values()):
        raise invalid(f"{doctype} cannot be joined with {sorted(told)}", "DataError")
    return told.pop() if told else ""


def _fits(site: Site, doctype: str, row: Joined, filters: Sequence[Any], either: Sequence[Any]) -> bool:
    if not all(_is_met(site, doctype, row, one) for one in filters):
        return False
    return not either or any(_is_met(site, doctype, row, one) for one in either)


def _is_met(site: Site, doctype: str, row: Joined, told: Sequence[Any]) -> bool:
    *where, field, how, wanted = told
    doc = row[1] if where and where[0] != doctype else row[0]
    if not (where and where[0] != doctype):
        _known(site, doctype, field)
    value = _told(doc.get(field))
    if isinstance(value, (int, float)) or isinstance(wanted, (int, float)):
        value, wanted = float(value or 0), float(wanted)
    if how == "in":
        return bool(value in wanted)
    if how == "like":
        return str(value or "").startswith(wanted.rstrip("%")) and wanted.endswith("%")
    compared: dict[str, bool] = {"=": value == wanted, "!=": value != wanted}
    if how in compared:
        return compared[how]
    if value is None:
        return False
    ordered: dict[str, bool] = {
        ">": value > wanted,
        ">=": value >= wanted,
        "<": value < wanted,
        "<=": value <= wanted,
    }
    return ordered[how]


def _known(site: Site, doctype: str, field: str) -> None:
    if field not in site.schema[doctype] and field not in (*STANDARD, *CHILD):
        raise invalid(f"Field not permitted in query: {field}", "DataError")


def _sorted(rows: list[Joined], order: str) -> list[Joined]:
    for told in reversed(order.split(",")):
        field, _, way = told.strip().partition(" ")
        rows = sorted(rows, key=lambda row: row[0][field], reverse=way == "desc")
    return rows


def _row(site: Site, doctype: str, fields: Sequence[str], row: Joined) -> Doc:
    found: Doc = {}
    for one in fields:
        if child := _CHILD.fullmatch(one):
            found[child[2]] = _told(row[1].get(child[2]))
        else:
            _known(site, doctype, one)
            found[one] = _told(row[0].get(one))
    return found


def _told(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
