"""From which quantities ERPNext's pricing rules may change a price; the prices themselves are asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.http import Deadline

KEEP_S = 60.0
MOST_STEPS = 12
MOST_RULES = 5000
FIELDS = ("name", "apply_on", "min_qty", "max_qty")


@dataclass(frozen=True, slots=True)
class Steps:
    """Quantities in stock units from which a rule begins, or after which it ends: of all items, and of single ones."""

    common: frozenset[Decimal] = frozenset()
    own: Mapping[str, frozenset[Decimal]] = field(default_factory=dict)

    def of(self, code: str, factor: Decimal) -> list[Decimal]:
        """Return the steps of an item in its sales unit, ascending, beginning with 1."""
        wanted = {to.at_least(step / factor) for step in (*self.common, *self.own.get(code, ()))}
        return sorted({Decimal(1), *(one for one in wanted if one > 0)})[:MOST_STEPS]


class StepSource:
    """Reads the rules' steps at most once a minute; no price is among them."""

    def __init__(self, client: ErpNextClient) -> None:
        self._client = client
        self._kept: tuple[float, Steps] | None = None
        self._lock = threading.Lock()

    def get(self, deadline: Deadline) -> Steps:
        """Return the steps."""
        with self._lock:
            kept = self._kept
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
        found = self._read(deadline)
        with self._lock:
            self._kept = (time.monotonic() + KEEP_S, found)
        return found

    def _read(self, deadline: Deadline) -> Steps:
        filters = [["disable", "=", 0], ["selling", "=", 1]]
        rules = self._client.rows("Pricing Rule", FIELDS, filters, deadline=deadline, limit=MOST_RULES)
        stepped = [rule for rule in rules if _steps(rule)]
        by_item = [str(rule["name"]) for rule in stepped if rule["apply_on"] == "Item Code"]
        fields = ["parent", "idx", "item_code"]
        items = self._client.rows_of("Pricing Rule", "Pricing Rule Item Code", by_item, fields, deadline)
        codes = to.grouped(items)
        common: set[Decimal] = set()
        own: dict[str, set[Decimal]] = {}
        for rule in stepped:
            if rule["apply_on"] != "Item Code":
                common |= _steps(rule)
            for row in codes.get(str(rule["name"]), []):
                own.setdefault(str(row["item_code"]), set()).update(_steps(rule))
        return Steps(frozenset(common), {code: frozenset(steps) for code, steps in own.items()})


def _steps(rule: Row) -> set[Decimal]:
    least, most = to.quantity(rule["min_qty"]), to.quantity(rule["max_qty"])
    return {one for one in (least, most + 1 if most > 0 else Decimal(0)) if one > 1}
