"""A small wholesaler as files, and what it offers to the questions of erp_sync.conformance."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, cast

from erp_sync import records as r
from erp_sync.adapters.files.adapter import FilesErp
from erp_sync.conformance.sample import CannotAsk, KnownPrice
from erp_sync.faults import BrokenLine, LineFault, broken_line
from erp_sync.ports import Erp
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.samples import SECONDS, new_order

OPTIONS = {"credit": True, "discounts": True, "zone": "Europe/Madrid"}
SKUS = ("TOR-0440", "CAB-0025", "AMO-0115", "GUA-0009")


WHOLESALER = {
    "categories": """
        category_id, name,  name_es
        bolts,       Bolts, Tornillos
    """,
    "items": """
        sku,      name,      name_es,    unit, tax_rate, list_price, packs,   category_id, attributes
        TOR-0440, Article 1, Artículo 1, pc,   21,       1.3333,     BOX=100, bolts,       material=Steel
        CAB-0025, Article 2, Artículo 2, pc,   21,       2.3333,     BOX=100, bolts,       material=Steel
        AMO-0115, Article 3, Artículo 3, pc,   21,       3.3333,     BOX=100, bolts,       material=Steel
        GUA-0009, Article 4, Artículo 4, pc,   21,       4.3333,     BOX=100, bolts,       material=Steel
    """,
    "prices": """
        sku,      price_list, account_id, quantity_from, unit, price,  currency
        TOR-0440, breaks,     ,           ,              ,     1.1111, EUR
        TOR-0440, breaks,     ,           10,            ,     1.0505, EUR
        TOR-0440, breaks,     ,           100,           ,     1.0101, EUR
        CAB-0025, breaks,     ,           ,              ,     2.1111, EUR
        CAB-0025, breaks,     ,           10,            ,     2.0505, EUR
        AMO-0115, breaks,     ,           ,              ,     3.1111, EUR
        AMO-0115, breaks,     ,           50,            ,     3.0505, EUR
        GUA-0009, breaks,     ,           ,              ,     4.1111, EUR
        TOR-0440, ,           c2,         ,              ,     0.9999, EUR
        GUA-0009, boxes,      ,           2,             BOX,  250.00, EUR
    """,
    "stock": """
        sku,      warehouse, on_hand, available, expected, expected_on
        TOR-0440, Main,      40,      35,        60,       2030-01-15
        TOR-0440, North,     40,      35,        ,
        CAB-0025, Main,      40,      ,          ,
        AMO-0115, Main,      40,      35,        ,
        GUA-0009, North,     40,      35,        ,
    """,
    "accounts": """
        account_id, name,           currency, price_list, credit_limit, credit_used
        c1,         Ferretería Uno, EUR,      breaks,     ,             12.50
        c2,         Taller Dos,     EUR,      boxes,      100,          0
        c3,         Obras Tres,     EUR,      ,           ,
    """,
    "addresses": """
        address_id, account_id, street,        city
        c1-1,       c1,         Calle Mayor 1, Madrid
        c2-1,       c2,         Calle Mayor 2, Madrid
        c3-1,       c3,         Calle Mayor 3, Madrid
    """,
    "part_numbers": """
        account_id, sku,      own_number
        c1,         TOR-0440, F-1
    """,
    "orders": """
        order_id, account_id, placed_at,  time_known, status,    erp_source
        SO1,      c1,         2026-11-02, 0,          completed, phone
    """,
    "order_lines": """
        order_id, line_no, sku,      qty_ordered, net_price, promised_date
        SO1,      1,       TOR-0440, 10,          1.05,      2026-11-05
    """,
    "deliveries": """
        delivery_id, order_id, line_no, qty, shipped_date, delivered_date
        D1,          SO1,      1,       10,  2026-11-04,   2026-11-05
    """,
    "invoices": """
        invoice_id, number, kind,    account_id, invoice_date, total, order_id
        I1,         2026/1, invoice, c1,         2026-11-06,   12.71, SO1
    """,
    "invoice_lines": """
        invoice_id, line_no, order_id, order_line_no, qty, net_price, sku
        I1,         1,       SO1,      1,             10,  1.05,      TOR-0440
    """,
    "payments": """
        payment_id, invoice_id, paid_at,                   amount
        P1,         I1,         2026-11-20T23:30:00+01:00, 2.71
    """,
    "returns": """
        return_id, account_id, order_id, line_no, sku,      qty, status
        R1,        c1,         SO1,      1,       TOR-0440, 1,   approved
    """,
    "quotes": """
        quote_id, account_id, requested_at,        status, order_id
        Q1,       c1,         2026-11-10T09:00:00, won,    SO1
    """,
}


def connected(side: OtherSide, **options: Any) -> FilesErp:
    """Return an adapter of its own, as another process has one."""
    given = OPTIONS | options
    return FilesErp.from_settings(url=side.root.as_uri(), database="", user="", password="", options=given)


def started(root: Path, **options: Any) -> tuple[OtherSide, FilesErp]:
    """Return both sides, after the first batch was exported; it is not taken yet."""
    side = OtherSide(root)
    side.export(WHOLESALER)
    side.limits["c2"] = Decimal(100)
    (root / "documents" / "invoices" / "2026~1.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    return side, connected(side, **options)


class Answering:
    """The adapter with an ERP behind it that works as soon as an order is handed over."""

    def __init__(self, erp: FilesErp, side: OtherSide) -> None:
        self._erp = erp
        self._side = side
        # One ERP: it takes an order once, whoever hands another one over meanwhile.
        self._works = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Hand it over, let the ERP work, and look again."""
        self._erp.create_order(order, deadline_s=deadline_s)
        with self._works:
            self._side.work()
        return self._erp.create_order(order, deadline_s=deadline_s)


class FilesSample:
    """Files with an ERP that answers at once."""

    unlimited_deadline_s = SECONDS
    invoice_erp_id = "I1"

    def __init__(self, root: Path) -> None:
        self.side, self.files = started(root)
        self.files.now(deadline_s=SECONDS)
        self.erp = cast("Erp", Answering(self.files, self.side))
        self.customers: Sequence[r.CustomerRecord] = self._all("customers")
        self.context = r.PriceContext("c1", "breaks", "EUR")
        self.asks: Sequence[r.Ask] = [r.Ask(sku, sku) for sku in SKUS]

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return the items as they were pulled."""
        return {one.sku: one for one in self._all("items")}

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices as they were exported."""
        ask, own = self.asks[0], r.PriceContext("c2", "boxes", "EUR")
        box = replace(self.asks[3], quantity=Decimal(200))
        return [
            KnownPrice(r.PriceContext("c3", "", "EUR"), ask, Decimal("1.3333")),
            KnownPrice(self.context, ask, Decimal("1.1111")),
            KnownPrice(self.context, replace(ask, quantity=Decimal(99)), Decimal("1.0505")),
            KnownPrice(self.context, replace(ask, quantity=Decimal(100)), Decimal("1.0101")),
            KnownPrice(own, ask, Decimal("0.9999")),
            KnownPrice(own, box, Decimal("2.5000")),
            KnownPrice(own, replace(box, quantity=Decimal(199)), Decimal("4.3333")),
        ]

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order."""
        return new_order(self.erp, self.context, [replace(a, quantity=a.quantity * factor) for a in self.asks])

    def over_limit(self) -> r.NewOrder:
        """Return an order of 200 for a customer with a limit of 100."""
        ask = replace(self.asks[1], quantity=Decimal(200))
        return new_order(self.erp, r.PriceContext("c2", "boxes", "EUR"), [ask])

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break at a step on the disk."""
        return broken_line(fault, step=step)

    def returnable(self) -> NoReturn:
        """Refuse: returns are not written."""
        raise CannotAsk("Returns are not written.")

    def open_invoices(self) -> NoReturn:
        """Refuse: payments are not written."""
        raise CannotAsk("Payments are not written.")

    def credit_note(self) -> NoReturn:
        """Refuse: payments are not written."""
        raise CannotAsk("Payments are not written.")

    def _all(self, kind: str) -> list[Any]:
        return list(self.files.pull(kind, r.Cursor(), limit=100, deadline_s=SECONDS).records)


def at(text: str) -> dt.datetime:
    """Return an instant."""
    return dt.datetime.fromisoformat(text)
