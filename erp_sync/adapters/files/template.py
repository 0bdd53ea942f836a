"""Writes what an ERP consultant begins with: a first batch with the columns of each file, and what they mean."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from erp_sync.adapters.files.canon import LAYOUTS
from erp_sync.adapters.files.layout import Column, Kind, Layout
from erp_sync.adapters.files.manifest import MANIFEST

FOLDERS = ("incoming", "outgoing", "documents/invoices", "documents/orders")
EXAMPLE = "000001"
_KINDS = {
    Kind.ID: "key, at most 64 characters",
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.FLAG: "1 or 0",
    Kind.DATE: "date, 2026-11-22",
    Kind.INSTANT: "time, 2026-11-22T23:10:00+01:00",
}


def write(folder: Path) -> list[Path]:
    """Write the folders, `README.md`, and in `template` a batch without rows; return the files.

    Raises:
        FileExistsError: the folder holds something.
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    batch = folder / "template" / EXAMPLE
    batch.mkdir(parents=True)
    contents = {one.file: header(one) for one in LAYOUTS.values()}
    contents[MANIFEST] = manifest(contents)
    for name, content in contents.items():
        (batch / name).write_bytes(content)
    (folder / "README.md").write_text(readme(), encoding="utf-8")
    return [folder / "README.md", *(batch / name for name in contents)]


def header(layout: Layout) -> bytes:
    """Return a file without rows."""
    text = io.StringIO()
    csv.writer(text).writerow([column.name for column in layout.columns])
    return text.getvalue().encode()


def manifest(contents: dict[str, bytes], *, exported_at: str = "2026-11-21T23:10:00+01:00") -> bytes:
    """Return the manifest of such files."""
    said = {
        "sequence": 1,
        "exported_at": exported_at,
        "zone": "Europe/Madrid",
        "encoding": "utf-8",
        "decimal": ".",
        "files": [
            {"name": name, "rows": 0, "sha256": hashlib.sha256(content).hexdigest(), "content": "full"}
            for name, content in contents.items()
        ],
    }
    return (json.dumps(said, indent=2) + "\n").encode()


def readme() -> str:
    """Return what each column means."""
    return _BEGINNING + "".join(_table(one) for one in LAYOUTS.values())


def _table(layout: Layout) -> str:
    rows = "".join(
        f"| {column.name} | {_kind(column)} | {'yes' if column.is_required else ''} | {column.words} |\n"
        for column in layout.columns
    )
    key = ", ".join((*layout.group, *layout.line))
    head = "| column | holds | must | what |\n|---|---|---|---|\n"
    return f"\n## {layout.file}\n\n{layout.words} Key: {key}.\n\n{head}{rows}"


def _kind(column: Column) -> str:
    return " / ".join(column.choices) if column.choices else _KINDS[column.kind]


_BEGINNING = """# Files between an ERP and the shop

1. Write a new folder into `incoming`, named as you like (`000001`, `20261121-2310`). Write the data files into it,
   then **last** `manifest.json`.
   `template/000001` is an example without rows. A file that has nothing to say may be left out.
2. `sequence` goes up by one with each batch. `rows` counts the rows without the first line, `sha256` is that of the
   file's bytes.
      `"content": "full"`: what the file lacks is gone. `"changes"`: it has every row of each key that it names (all
   lines of an order, all prices of an
   item in a list), the rest stays.
3. `encoding` (utf-8, cp1252 ...), `decimal` ("." or ","), `delimiter` (found by itself) and `zone` say how your ERP
   writes.
4. What became of a batch stands in `outgoing/batches/NAME.json`: taken, with rows that could not be read, or refused,
   and why.
   A refused batch stays in `incoming`: correct it (a new manifest, last) or remove it.
5. Orders come as `outgoing/REFERENCE.csv` with `REFERENCE.json`, which comes last: take none without it, and check
   its sha256. Move both away when you
   have the order. A reference is one order for ever: refuse it if you have it already.
   With the option `discounts` a last row may have the `item_type` discount: no item, quantity 1, a price below zero,
   its name as `line_note`. It is taken from the lines that `taken_from` names (1;3), from all when it is empty, by
   their amounts, and taxed as they are: spread it over their rates of tax, the cents left over to the largest.
6. Say what became of an order in `acknowledgements.csv`, or export it in `orders.csv` with the reference as
   `shop_ref`.
7. Papers: `documents/invoices/NUMBER.pdf` and `documents/orders/NUMBER.pdf`; a slash of the number becomes a tilde.

Columns that must be filled are marked. Others may be empty or missing; further columns are ignored, and named in the
answer.
"""
