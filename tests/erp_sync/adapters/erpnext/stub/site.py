"""The stub's documents and the rules by which they are saved."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.erp_sync.adapters.erpnext.stub import rules
from tests.erp_sync.adapters.erpnext.stub.refusal import Refusal, invalid, missing
from tests.erp_sync.adapters.erpnext.stub.schema import CHILD, LOCAL, SCHEMA, STANDARD, Field, tables

Doc = dict[str, Any]
SERIES = {
    "Sales Order": "SAL-ORD-2026-",
    "Quotation": "SAL-QTN-2026-",
    "Delivery Note": "MAT-DN-2026-",
    "Sales Invoice": "ACC-SINV-2026-",
    "Payment Entry": "ACC-PAY-2026-",
}
NAMED_BY = {
    "Item": "item_code",
    "Customer": "customer_name",
    "Item Group": "item_group_name",
    "Address": "address_title",
}
SUBMITTABLE = frozenset(SERIES)
EMPTY = {"number": Decimal(0), "int": 0, "check": 0}
LONGEST = 140
TICK = dt.timedelta(microseconds=1)


class Site:
    """One site: its documents, its clock (by default of a zone that has no summer time), its settings.

    Attributes:
        rate_digits: Digits that it keeps of a price.
        rounds_totals: New documents have a total that is rounded to the smallest coin.
        allows_same_po: Several orders may have the same number of the customer.
        tax_template: Of every selling document; its rows do not come with its name.
        forbidden: (document type, right) that the shop's user has not.
        item_taxes: Own tax rates of items, by account.
        clock: Tells the time, aware.
    """

    def __init__(self, zone: str = "Asia/Kolkata", *, rate_digits: int = 4) -> None:
        self.zone = ZoneInfo(zone)
        self.clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
        self.rate_digits = rate_digits
        self.rounds_totals = True
        self.allows_same_po = True
        self.tax_template: str | None = None
        # Only a System Manager reads these.
        self.forbidden = {("System Settings", "read")}
        self.item_taxes: dict[str, dict[str, float]] = {}
        self.docs: dict[str, dict[str, Doc]] = defaultdict(dict)
        self.schema: dict[str, dict[str, Field]] = {doctype: dict(fields) for doctype, fields in SCHEMA.items()}
        self._numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._rows = itertools.count(0x954000)
        self._latest = dt.datetime.min.replace(tzinfo=dt.UTC)

    # -- the clock -------------------------------------------------------------

    def stamp(self) -> str:
        """Return a time that no other change has, in the site's zone and without saying so."""
        self._latest = max(self.clock(), self._latest + TICK)
        return self._latest.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S.%f")

    def set_back(self) -> None:
        """Let times be told again that were told before: the clock was set back."""
        self._latest = dt.datetime.min.replace(tzinfo=dt.UTC)

    def today(self) -> str:
        """Return the day there."""
        return self.clock().astimezone(self.zone).date().isoformat()

    # -- documents -------------------------------------------------------------

    def get(self, doctype: str, name: str) -> Doc:
        """Return a document.

        Raises:
            Refusal: there is none.
        """
        if name not in self.docs[doctype]:
            raise missing(doctype, name)
        return self.docs[doctype][name]

    def insert(self, doctype: str, values: Mapping[str, Any], *, is_staff: bool = False) -> Doc:
        """Create a document as Frappe does: the number is taken before anything is refused."""
        is_mapped = bool(values.get("__islocal"))
        doc = self._empty(doctype)
        self._take(doc, values, doctype, is_free=is_staff or is_mapped)
        now = self.stamp()
        doc |= {"name": self._name(doctype, values), "creation": now, "modified": now, "docstatus": 0, "idx": 0}
        doc |= {"owner": "shop@example.com", "modified_by": "shop@example.com", "doctype": doctype}
        self._check(doctype, doc)
        rules.validate(self, doctype, doc)
        self._refuse_twice(doctype, doc)
        self._stamp_rows(doctype, doc)
        self.docs[doctype][doc["name"]] = doc
        if values.get("docstatus") == 1:
            rules.submit(self, doctype, doc)
            doc["docstatus"] = 1
        return doc

    def unsaved(self, doctype: str, values: Mapping[str, Any]) -> Doc:
        """Return a document that is not saved, with its empty fields."""
        doc = self._empty(doctype)
        self._take(doc, values, doctype, is_free=True)
        return {**doc, "doctype": doctype, "docstatus": 0, "__islocal": 1}

    def update(self, doctype: str, name: str, values: Mapping[str, Any], *, is_staff: bool = False) -> Doc:
        """Write fields, submit, or both."""
        old = self.get(doctype, name)
        if "modified" in values and values["modified"] != old["modified"]:
            words = (
                f"Error: Document has been modified after you have opened it ({values['modified']}). Please refresh."
            )
            raise invalid(words, "TimestampMismatchError")
        wanted = int(values.get("docstatus", old["docstatus"]))
        if old["docstatus"] == 2 or wanted < old["docstatus"] or wanted == 2:
            raise invalid(f"Cannot change docstatus from {old['docstatus']} to {wanted}", "DocstatusTransitionError")
        doc = {key: _copied(value) for key, value in old.items()}
        self._take(doc, values, doctype, is_free=is_staff)
        if old["docstatus"] == 1:
            self._refuse_changed(doctype, old, doc)
        doc["docstatus"] = old["docstatus"]
        self._check(doctype, doc)
        if old["docstatus"] == 0:
            rules.validate(self, doctype, doc)
        self._refuse_twice(doctype, doc)
        if wanted == 1 and old["docstatus"] == 0:
            rules.submit(self, doctype, doc)
        doc["docstatus"], doc["modified"] = wanted, self.stamp()
        self._stamp_rows(doctype, doc)
        self.docs[doctype][name] = doc
        return doc

    def cancel(self, doctype: str, name: str) -> Doc:
        """Cancel what is submitted."""
        doc = self.get(doctype, name)
        if doc["docstatus"] != 1:
            raise invalid("Cannot edit cancelled document" if doc["docstatus"] == 2 else "Cannot cancel a draft")
        rules.cancel(self, doctype, doc)
        doc["docstatus"], doc["status"] = 2, "Cancelled"
        self.touch(doctype, name)
        return doc

    def delete(self, doctype: str, name: str) -> None:
        """Delete a draft."""
        if self.get(doctype, name)["docstatus"] == 1:
            raise invalid("Submitted Record cannot be deleted.")
        del self.docs[doctype][name]

    def touch(self, doctype: str, name: str, **values: Any) -> None:
        """Write fields as ERPNext's own code does, past all rules."""
        self.docs[doctype][name] |= {**values, "modified": self.stamp()}

    def drop_field(self, doctype: str, name: str) -> None:
        """Let a custom field vanish, with what it held."""
        del self.schema[doctype][name]
        for doc in self.docs[doctype].values():
            doc.pop(name, None)

    # -- saving ----------------------------------------------------------------

    def _empty(self, doctype: str) -> Doc:
        return {
            field.name: [] if field.kind == "rows" else EMPTY.get(field.kind) for field in self.schema[doctype].values()
        }

    def _take(self, doc: Doc, values: Mapping[str, Any], doctype: str, *, is_free: bool) -> None:
        """Put what was sent into a document; who is free (the ERP's own mapping) may send what is read only."""
        fields = self.schema[doctype]
        for name, value in values.items():
            if name in (*STANDARD, *CHILD, *LOCAL, "item_code") and name not in fields:
                continue
            if name not in fields:
                if name.startswith("b2b_"):
                    continue  # Frappe drops what it does not know, without a word
                raise invalid(f"{doctype} has no property {name!r}")
            if fields[name].kind == "rows":
                doc[name] = [self._row(fields[name].of, doctype, name, row, doc, is_free) for row in value]
            else:
                self._take_one(doc, fields[name], value, doctype, is_free=is_free)

    def _take_one(self, doc: Doc, field: Field, value: Any, doctype: str, *, is_free: bool) -> None:
        if "-" in field.flags and value != _plain(doc.get(field.name)):
            if not is_free:
                raise invalid(f"{doctype}: {field.name} is read only")
            return
        doc[field.name] = _typed(field, value, doctype)

    def _row(self, of: str, parenttype: str, parentfield: str, told: Mapping[str, Any], doc: Doc, is_free: bool) -> Doc:  # noqa: FBT001
        known = {row["name"]: row for row in doc[parentfield]}
        row = dict(known.get(told.get("name"), {})) or self._empty(of)
        self._take(row, told, of, is_free=is_free or told.get("name") in known)
        row.setdefault("name", f"{next(self._rows):x}")
        row |= {"doctype": of, "parenttype": parenttype, "parentfield": parentfield, "docstatus": 0}
        return row

    def _stamp_rows(self, doctype: str, doc: Doc) -> None:
        for table in tables(doctype):
            for count, row in enumerate(doc[table], 1):
                row |= {"idx": count, "parent": doc["name"], "modified": doc["modified"], "docstatus": doc["docstatus"]}

    def _check(self, doctype: str, doc: Doc) -> None:
        """Refuse what is missing, and links to what is not there."""
        for field in self.schema[doctype].values():
            value = doc.get(field.name)
            if "*" in field.flags and value in (None, "", []):
                raise invalid(f"[{doctype}]: {field.name}", "MandatoryError")
            if field.kind == "link" and value and value not in self.docs[field.of]:
                raise Refusal(417, "LinkValidationError", f"Could not find {field.name}: {value}")
            for row in (value or ()) if field.kind == "rows" else ():
                self._check(field.of, row)

    def _refuse_twice(self, doctype: str, doc: Doc) -> None:
        for field in self.schema[doctype].values():
            value = doc.get(field.name)
            if "!" not in field.flags or not value:
                continue
            if any(one[field.name] == value for one in self.docs[doctype].values() if one["name"] != doc["name"]):
                error = f"IntegrityError(1062, \"Duplicate entry '{value}' for key '{field.name}'\")"
                raise Refusal(417, "UniqueValidationError", f"('{doctype}', '{doc['name']}', {error})")

    def _refuse_changed(self, doctype: str, old: Doc, new: Doc) -> None:
        """Refuse changes of a submitted document that are not allowed any more."""
        for field in self.schema[doctype].values():
            before, now = old.get(field.name), new.get(field.name)
            if field.kind == "rows":
                if len(before or []) != len(now or []):
                    raise _too_late(field.name)
                for was, row in zip(before or [], now or [], strict=True):
                    self._refuse_changed(field.of, was, row)
            elif before != now and "+" not in field.flags:
                raise _too_late(field.name)

    def _name(self, doctype: str, values: Mapping[str, Any]) -> str:
        if doctype in SERIES:
            return f"{SERIES[doctype]}{next(self._numbers[doctype]):05}"
        own = values.get("name") or values.get(NAMED_BY.get(doctype, ""))
        if doctype == "Address":
            own = f"{values['address_title']}-{values['address_type']}"
        return str(own or f"{next(self._rows):x}")


def _too_late(name: str) -> Refusal:
    return invalid(f"Not allowed to change <strong>{name}</strong> after submission", "UpdateAfterSubmitError")


def _copied(value: Any) -> Any:
    return [dict(row) for row in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _typed(field: Field, value: Any, doctype: str) -> Any:
    """Return a value as its field keeps it.

    Raises:
        Refusal: it has another type, or is too long.
    """
    if value is None:
        return EMPTY.get(field.kind)
    expected: dict[str, tuple[type, ...]] = {"number": (int, float), "int": (int,), "check": (int,)}
    if not isinstance(value, expected.get(field.kind, (str,))):
        raise invalid(f"{doctype}: {field.name} is a {field.kind}, not {value!r}")
    if field.kind in {"data", "link"} and len(str(value)) > LONGEST:
        raise invalid(f"{doctype}: Value too big for {field.name}", "CharacterLengthExceededError")
    if field.kind == "date":
        dt.date.fromisoformat(str(value))
    return Decimal(str(value)) if field.kind == "number" else value
