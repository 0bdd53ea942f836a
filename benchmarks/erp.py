"""A stand-in for the ERP in a process of its own: real HTTP, every call takes as long as it is told.

    python -m benchmarks.erp BOOK

BOOK is what `benchmarks.world` wrote. The first line printed is the address. Then each line read is a command, and each
answers with a line: `latency 0.3` (seconds a call takes), `calls` (how many there were), `orders` (how many it holds).
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from erp_sync.adapters.fake import FakeErp
from erp_sync.adapters.fake_book import PlannedFault
from erp_sync.adapters.fake_server import FakeServer

# Quantity steps of every price: from so many on, so much of the list's price.
STEPS = ((1, Decimal("1")), (10, Decimal("0.93")), (100, Decimal("0.85")))


class SlowErp(FakeErp):
    """The ERP in memory, with a pause before every answer."""

    latency_s = 0.0

    def _enter(self, operation: str, deadline_s: float) -> PlannedFault | None:
        planned = super()._enter(operation, deadline_s)
        if self.latency_s:
            time.sleep(self.latency_s)
        return planned


def filled(book: dict[str, Any]) -> SlowErp:
    """Return the ERP with the items, price lists and customers of a book."""
    erp = SlowErp()
    for item in book["items"]:
        erp.add_item(item["sku"], item["list_price"], erp_id=item["erp_id"])
        for name, share in book["price_lists"].items():
            price = Decimal(item["list_price"]) * Decimal(share)
            erp.set_price(name, item["sku"], *((step, str(round(price * off, 4))) for step, off in STEPS))
    for customer in book["customers"]:
        erp.add_customer(customer["erp_id"], price_list=customer["price_list"])
    return erp


def answer(erp: SlowErp, command: str) -> str:
    """Do what a line says."""
    name, _space, value = command.partition(" ")
    if name == "latency":
        erp.latency_s = float(value)
        return value
    return str(len(erp.book.calls if name == "calls" else erp.book.orders))


def main() -> None:
    """Serve until the input ends."""
    erp = filled(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    server = FakeServer(erp=erp)
    server.start()
    print(server.url, flush=True)
    for line in sys.stdin:
        print(answer(erp, line.strip()), flush=True)


if __name__ == "__main__":
    main()
