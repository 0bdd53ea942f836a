# SPDX-License-Identifier: GPL-3.0-or-later
"""Write many rows at once, as a migration would: without the ERP's own steps."""

from collections.abc import Sequence
from typing import Any

from demo.tryton_erp.context import Seed


class Bulk:
    """Collects rows by model, with their ids known at once, and inserts them at the end."""

    def __init__(self, seed: Seed, order: Sequence[str] = ()) -> None:
        """Begin; `order` names the models whose rows others point to before those others."""
        self.seed = seed
        self.rows: dict[str, list[dict[str, Any]]] = {model: [] for model in order}
        self.next_id: dict[str, int] = {}

    def add(self, model: str, **values: Any) -> int:
        """Take a row and return its id."""
        if model not in self.next_id:
            self.next_id[model] = self._highest(model) + 1
        row_id = self.next_id[model]
        self.next_id[model] += 1
        self.rows.setdefault(model, []).append({"id": row_id, **values})
        return row_id

    def write(self, size: int = 100) -> None:
        """Insert everything."""
        from trytond.transaction import Transaction

        transaction = Transaction()
        cursor = transaction.connection.cursor()
        for model, rows in self.rows.items():
            if not rows:
                continue
            Model = self.seed.get(model)
            table = Model.__table__()
            names = sorted({name for row in rows for name in row})
            columns = [getattr(table, name) for name in names]
            formats = [Model._fields[name].sql_format for name in names]
            for start in range(0, len(rows), size):
                values = [
                    [form(row.get(name)) for name, form in zip(names, formats, strict=True)]
                    for row in rows[start : start + size]
                ]
                cursor.execute(*table.insert(columns, values))
            transaction.database.setnextid(transaction.connection, Model._table, self.next_id[model])
        self.rows.clear()

    def _highest(self, model: str) -> int:
        from sql.aggregate import Max
        from trytond.transaction import Transaction

        table = self.seed.get(model).__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(Max(table.id)))
        return int(cursor.fetchone()[0] or 0)
