"""Hands orders over to the ERP: one file and its manifest for each, named by the reference, and never a second one.

Four steps, each whole or not there at all, so that a process may die between any two of them:

1. sent/REFERENCE.ready: the manifest that will be published.
2. sent/REFERENCE.csv: a name can be given once; who comes second finds it there. From here on the order is made.
3. outgoing/REFERENCE.csv: the copy for the ERP, which takes nothing without its manifest.
4. sent/REFERENCE.ready becomes outgoing/REFERENCE.json: published. What is not in `sent` any more was published.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from erp_sync import records as r
from erp_sync.adapters.files.customers import own_place
from erp_sync.adapters.files.folders import Folders, claim, locked, move, nothing_left, open_plain, unclear, write_whole
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from sheets.cells import escaped, plain

COLUMNS = (
    "reference", "account_id", "currency", "price_list", "ship_to", "customer_reference", "requested_date", "note",
    "channel", "placed_by", "total_accepted", "line_no", "sku", "quantity", "net_price", "line_note",
    "item_type", "taken_from",
)  # fmt: skip
# What people typed: a spreadsheet must not take it for a formula.
TYPED = {"customer_reference", "note", "placed_by", "line_note"}
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
GOODS, DISCOUNT = "goods", "discount"
LONGEST_WAIT_S = 10.0
COUNTER, WITHDRAWN = "sequence", ".withdrawn"


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that was handed over; `is_published` False: it was cut on the way, and is carried on or withdrawn."""

    order: r.NewOrder
    is_published: bool
    is_withdrawn: bool = False


class Outgoing:
    """The orders for the ERP."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def hand_over(self, order: r.NewOrder) -> None:
        """Hand an order over, or see that it was.

        Raises:
            ErpRejected: another order was handed over with this reference, or it can be no name of a file.
            ErpUnavailable: the disk does not answer, or is full.
        """
        name, content = _name(order.reference), content_of(order)
        self._folders.make()
        with nothing_left(), self._alone():
            ours, ready = self._folders.sent / f"{name}.csv", self._folders.sent / f"{name}.ready"
            if not ours.exists():
                write_whole(ready, self._manifest(name, content, ready))
                self._count(ready)
            with unclear():
                claim(ours, content)
                _refuse_another(ours, content, order.reference)
                if ready.exists():
                    write_whole(self._folders.outgoing / f"{name}.csv", content)
                    move(ready, self._folders.outgoing / f"{name}.json")

    def find(self, reference: str) -> Sent | None:
        """Return what was handed over with this reference, None when nothing was.

        Raises:
            ErpUnavailable: the disk does not answer.
            ErpBroken: the copy in `sent` was changed.
        """
        if not _REFERENCE.fullmatch(reference):
            return None
        self._folders.make()
        path = self._folders.sent / f"{reference}.csv"
        with nothing_left():
            try:
                with open_plain(path) as file:
                    content = file.read()
            except FileNotFoundError:
                return None
            is_withdrawn = path.with_suffix(WITHDRAWN).exists()
            is_published = not is_withdrawn and not path.with_suffix(".ready").exists()
            return Sent(order_of(content, path), is_published, is_withdrawn)

    def withdraw(self, reference: str) -> bool:
        """Let an order go that was not published yet; False when the ERP has it, or it was never handed over.

        Raises:
            ErpUnavailable: the disk does not answer.
        """
        sent = self.find(reference)
        if sent is None or sent.is_withdrawn:
            return sent is not None
        with nothing_left(), self._alone():
            ready = self._folders.sent / f"{reference}.ready"
            is_ours = move(ready, ready.with_suffix(WITHDRAWN))
            if is_ours:
                (self._folders.outgoing / f"{reference}.csv").unlink(missing_ok=True)
            return is_ours

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with locked(self._folders.state / "outgoing.lock", wait_s=LONGEST_WAIT_S) as is_ours:
            if not is_ours:
                raise ErpUnavailable("another process holds the outgoing folder for too long", nothing_sent=True)
            yield

    def _manifest(self, name: str, content: bytes, ready: Path) -> bytes:
        """Return what tells that the file is whole; an order that was cut before keeps its number."""
        said = {
            "sequence": _sequence_in(ready) or self._next(),
            "reference": name,
            "file": f"{name}.csv",
            "rows": content.count(b"\r\n") - 1,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        return (json.dumps(said, indent=2) + "\n").encode()

    def _next(self) -> int:
        """Return the next number: after the one counted last, and after those of orders that are on their way."""
        path = self._folders.sent / COUNTER
        counted = int(path.read_text() or 0) if path.exists() else 0
        return max([counted, *(_sequence_in(one) for one in self._folders.sent.glob("*.ready"))]) + 1

    def _count(self, ready: Path) -> None:
        write_whole(self._folders.sent / COUNTER, str(max(self._next() - 1, _sequence_in(ready))).encode())


def content_of(order: r.NewOrder) -> bytes:
    """Return an order as CSV: a row for each line, the last for its discount; the same order is the same bytes.

    Quantities and prices have a decimal point; free text that a spreadsheet could take for a formula has an apostrophe.
    """
    head = {
        "reference": order.reference,
        "account_id": order.customer_erp_id,
        "currency": order.currency,
        "price_list": order.price_list,
        "ship_to": own_place(order.ship_to_erp_id, order.customer_erp_id),
        "customer_reference": order.customer_reference,
        "requested_date": order.requested_on.isoformat() if order.requested_on else "",
        "note": order.note,
        "channel": order.channel,
        "placed_by": order.placed_by,
        "total_accepted": "" if order.expected_total is None else format(order.expected_total, "f"),
    }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in [*(_row(one) for one in order.lines), *_less(order)]:
        row = head | line
        writer.writerow([escaped(_flat(row[name])) if name in TYPED else row[name] for name in COLUMNS])
    return text.getvalue().encode()


def _row(line: r.NewOrderLine) -> dict[str, str]:
    return {
        "line_no": str(line.line_no),
        "sku": line.sku,
        "quantity": format(line.quantity, "f"),
        "net_price": format(line.net_price, "f"),
        "line_note": line.note,
        "item_type": GOODS,
        "taken_from": "",
    }


def _less(order: r.NewOrder) -> list[dict[str, str]]:
    """Return the row of what the order costs less, after its lines."""
    if order.discount is None:
        return []
    row = {
        "line_no": str(max(one.line_no for one in order.lines) + 1),
        "sku": "",
        "quantity": "1",
        "net_price": format(-order.discount.amount, "f"),
        "line_note": order.discount.words,
        "item_type": DISCOUNT,
        "taken_from": ";".join(str(number) for number in order.discount.line_nos),
    }
    return [row]


def order_of(content: bytes, where: Path) -> r.NewOrder:
    """Return the order that `content_of` wrote.

    Raises:
        ErpBroken: somebody changed it.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        first = rows[0]
        total = first["total_accepted"]
        return r.NewOrder(
            reference=first["reference"],
            customer_erp_id=first["account_id"],
            price_list=first["price_list"],
            currency=first["currency"],
            lines=tuple(_line(row) for row in rows if row.get("item_type", GOODS) == GOODS),
            customer_reference=plain(first["customer_reference"]),
            expected_total=Decimal(total) if total else None,
            discount=next((_discount(row) for row in rows if row.get("item_type") == DISCOUNT), None),
        )
    except (UnicodeDecodeError, csv.Error, LookupError, InvalidOperation, ValueError, TypeError) as error:
        raise ErpBroken(f"{where} was changed: it is the shop's own record of what it handed over") from error


def _line(row: dict[str, str]) -> r.NewOrderLine:
    return r.NewOrderLine(
        int(row["line_no"]), row["sku"], row["sku"], Decimal(row["quantity"]), Decimal(row["net_price"])
    )


def _discount(row: dict[str, str]) -> r.NewDiscount:
    numbers = tuple(int(number) for number in row["taken_from"].split(";") if number)
    return r.NewDiscount(-Decimal(row["net_price"]), plain(row["line_note"]), numbers)


def _name(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise ErpRejected(f"The reference {reference[:64]!r} can be no name of a file.")
    return reference


def _flat(text: str) -> str:
    """Return a text on one line: a row of the file is a line of it."""
    return " ".join(text.split())


def _refuse_another(ours: Path, content: bytes, reference: str) -> None:
    with open_plain(ours) as file:
        if file.read() != content:
            raise ErpRejected(f"Another order was handed over with the reference {reference}; it stays as it is.")


def _sequence_in(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes())["sequence"])
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return 0
