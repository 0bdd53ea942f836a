"""What our extension in the ERP (the "bridge") answers. Its contract: docs/adapters-business-central.md.

Prices come from an unbound action of a published codeunit, all else from API pages of its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.adapters.business_central.setup import Options
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import Deadline

FIELDS: Mapping[str, tuple[str, ...]] = {
    "itemAvailability": ("itemNumber", "locationCode", "inventory", "available"),
    "itemUnitsOfMeasure": ("itemNumber", "unitOfMeasureCode", "displayName", "quantityPerUnitOfMeasure"),
    "shipToAddresses": (
        "id", "customerId", "code", "name", "addressLine1", "addressLine2", "city", "postalCode", "country", "contact",
    ),
    "orderTracking": ("shipmentNumber", "carrier", "trackingNumber", "trackingUrl"),
}  # fmt: skip
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line to be priced: item number or id, quantity in its base unit; `net_price` fixes the price."""

    item: str
    quantity: Decimal
    net_price: Decimal | None = None

    def as_sent(self) -> dict[str, Any]:
        """Return it as the bridge takes it."""
        told: dict[str, Any] = {"itemId": self.item, "quantity": str(self.quantity)}
        return told if self.net_price is None else {**told, "netUnitPrice": str(self.net_price)}


class Bridge:
    """Asks the extension."""

    def __init__(self, client: BcClient, options: Options) -> None:
        self._client = client
        self.api = f"/api/{options.bridge_api.strip('/')}"
        self._service = options.bridge_service

    def price(
        self,
        customer: str,
        currency: str,
        lines: Sequence[Wanted],
        deadline: Deadline,
        *,
        ladders: bool = False,
    ) -> dict[str, Any]:
        """Return what the ERP's own price calculation makes of the lines: totals and, in their order, each line.

        Raises:
            ErpRejected: the ERP says no (customer blocked, currency unknown).
            ErpBroken: the answer is not that of the contract.
        """
        company = quote(self._client.company(deadline).name, safe="")
        request = {
            "customerId": str(odata.guid(customer)),
            "currencyCode": currency,
            "withSteps": ladders,
            "lines": [one.as_sent() for one in lines],
        }
        path = f"/ODataV4/{self._service}_priceLines?company={company}"
        told = self._client.ask(path, {"request": json.dumps(request)}, deadline)
        try:
            answer = json.loads(told, parse_float=Decimal)
        except (TypeError, ValueError, RecursionError) as error:
            raise ErpBroken("the bridge's answer is no JSON") from error
        if not isinstance(answer, dict) or len(answer.get("lines") or ()) != len(lines):
            raise ErpBroken("the bridge did not answer every line")
        if answer.get("currencyCode") != currency:
            raise ErpRejected(f"The ERP sells to this customer in {answer.get('currencyCode')}, not in {currency}.")
        return answer

    def stock(self, numbers: Sequence[str], deadline: Deadline) -> dict[str, list[r.WarehouseStock]]:
        """Return the stock of items by location; what is reserved cannot be promised."""
        found: defaultdict[str, list[r.WarehouseStock]] = defaultdict(list)
        for row in self._of("itemAvailability", "itemNumber", numbers, deadline):
            on_hand = max(to.quantity(row["inventory"]), Decimal(0))
            free = min(max(to.quantity(row["available"]), Decimal(0)), on_hand)
            found[to.line(row["itemNumber"], 20)].append(
                r.WarehouseStock(to.line(row["locationCode"], 10) or "-", on_hand, free)
            )
        return found

    def units(self, numbers: Sequence[str], deadline: Deadline) -> list[Row]:
        """Return the units of items with their factors."""
        return self._of("itemUnitsOfMeasure", "itemNumber", numbers, deadline)

    def places(self, customers: Sequence[str], deadline: Deadline) -> list[Row]:
        """Return the ship-to addresses of customers, by their ids."""
        return self._of("shipToAddresses", "customerId", [odata.guid(one) for one in customers], deadline)

    def place(self, customer: str, erp_id: str, deadline: Deadline) -> Row:
        """Return a ship-to address of a customer.

        Raises:
            ErpRejected: he has none with this id.
        """
        found = next((one for one in self.places([customer], deadline) if to.ref(one["id"]) == erp_id.lower()), None)
        if found is None:
            raise ErpRejected("The delivery address does not belong to this customer.")
        return found

    def tracking(self, numbers: Sequence[str], deadline: Deadline) -> dict[str, Row]:
        """Return carrier and tracking number by the number of the shipment."""
        rows = self._of("orderTracking", "shipmentNumber", numbers, deadline)
        return {to.line(one["shipmentNumber"], 20): one for one in rows}

    def _of(self, entity_set: str, field: str, values: Sequence[Any], deadline: Deadline) -> list[Row]:
        known = list(dict.fromkeys(one for one in values if one))
        found: list[Row] = []
        for start in range(0, len(known), odata.MOST_IN_A_FILTER):
            part = known[start : start + odata.MOST_IN_A_FILTER]
            query = Query(FIELDS[entity_set], odata.any_of(field, part))
            found += self._client.each(self._client.path(entity_set, deadline, query, api=self.api), deadline=deadline)
        return found


def valid_until(line: Row) -> dt.date | None:
    """Return until when a price holds, None when the ERP does not say."""
    return to.day(line.get("validUntil"))
