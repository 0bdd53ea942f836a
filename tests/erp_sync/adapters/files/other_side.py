"""The other side of the folders: a small ERP that exports batches and takes orders."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Rows = Sequence[Mapping[str, object]]
CENT = Decimal("0.01")


def csv_of(rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return rows as a file; its columns are those of the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def table(text: str) -> bytes:
    """Return a table that is written with spaces around it as a file."""
    lines = [",".join(cell.strip() for cell in line.split(",")) for line in text.strip().splitlines()]
    return ("\n".join(lines) + "\n").encode()


def write_batch(
    folder: Path, sequence: int, contents: Mapping[str, bytes], *, content: str = "full", **said: object
) -> Path:
    """Write a batch, its manifest last; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    files = [
        {
            "name": name,
            "rows": max(0, len(data.splitlines()) - 1),
            "sha256": hashlib.sha256(data).hexdigest(),
            "content": content,
        }
        for name, data in contents.items()
    ]
    manifest = {"sequence": sequence, "exported_at": dt.datetime.now(dt.UTC).isoformat(), "files": files} | said
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


class OtherSide:
    """Exports what it is told, and answers each order that it finds with a number, or with no."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sequence = 0
        self.taken: list[str] = []
        self.limits: dict[str, Decimal] = {}
        for name in ("incoming", "outgoing", "documents/invoices", "documents/orders"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def export(self, files: Mapping[str, Rows | str], *, content: str = "full", name: str = "", **said: object) -> Path:
        """Export the next batch: file without ".csv" -> rows, or the table as text with commas."""
        self.sequence += 1
        contents = {
            f"{file}.csv": table(rows) if isinstance(rows, str) else csv_of(rows) for file, rows in files.items()
        }
        folder = self.root / "incoming" / (name or f"batch-{self.sequence}")
        return write_batch(folder, self.sequence, contents, content=content, **said)

    def waiting(self) -> list[dict[str, object]]:
        """Return the manifests of the orders that were handed over, in their order."""
        found = [json.loads(one.read_text()) for one in (self.root / "outgoing").glob("WEB-*.json")]
        return sorted(found, key=lambda one: int(one["sequence"]))

    def work(self) -> None:
        """Take every order that lies there, and export what became of it."""
        orders: list[dict[str, object]] = []
        lines: list[dict[str, object]] = []
        answers: list[dict[str, object]] = []
        for manifest in self.waiting():
            rows = self._take(manifest)
            untaxed = sum((_amount(row) for row in rows), Decimal("0.00"))
            tax = (untaxed * 21 / 100).quantize(CENT, rounding=ROUND_HALF_UP)
            first = rows[0]
            limit = self.limits.get(first["account_id"])
            if limit is not None and untaxed + tax > limit:
                message = f"Customer {first['account_id']} is over the limit of {limit}."
                answers.append(
                    {"reference": first["reference"], "state": "rejected", "order_id": "", "message": message}
                )
                continue
            self.taken.append(first["reference"])
            order_id = f"SO{len(self.taken):04}"
            answers.append({"reference": first["reference"], "state": "accepted", "order_id": order_id, "message": ""})
            orders.append(_order(order_id, first, untaxed, tax))
            lines += [_line(order_id, row) for row in rows]
        if answers:
            files: dict[str, Rows | str] = {"acknowledgements": answers}
            self.export(files | ({"orders": orders, "order_lines": lines} if orders else {}), content="changes")

    def _take(self, manifest: Mapping[str, object]) -> list[dict[str, str]]:
        """Check an order's file and take it away."""
        path = self.root / "outgoing" / str(manifest["file"])
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        assert len(rows) == manifest["rows"]
        assert rows[0]["reference"] not in self.taken
        path.with_suffix(".json").unlink()
        path.unlink()
        return rows


def _amount(row: Mapping[str, str]) -> Decimal:
    return (Decimal(row["quantity"]) * Decimal(row["net_price"])).quantize(CENT, rounding=ROUND_HALF_UP)


def _order(order_id: str, row: Mapping[str, str], untaxed: Decimal, tax: Decimal) -> dict[str, object]:
    return {
        "order_id": order_id,
        "shop_ref": row["reference"],
        "account_id": row["account_id"],
        "entry": "shop",
        "placed_at": dt.datetime.now(dt.UTC).isoformat(),
        "status": "open",
        "currency": row["currency"],
        "customer_reference": row["customer_reference"],
        "untaxed_total": untaxed,
        "tax_total": tax,
        "total": untaxed + tax,
    }


def _line(order_id: str, row: Mapping[str, str]) -> dict[str, object]:
    return {
        "order_id": order_id,
        "line_no": row["line_no"],
        "sku": row["sku"],
        "qty_ordered": row["quantity"],
        "net_price": row["net_price"],
        "item_type": row["item_type"],
        "description": row["line_note"] if row["item_type"] == "discount" else "",
    }
