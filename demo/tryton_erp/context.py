# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of the seed share: the ERP, the options, chance, and the ids found so far."""

import datetime as dt
import random
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from demo.tryton_erp.options import Options
from demo.tryton_erp.session import Erp, say

COMPANY_ZONE = ZoneInfo("Europe/Madrid")


class Seed:
    """One run of the seed."""

    def __init__(self, erp: Erp, options: Options) -> None:
        self.erp = erp
        self.options = options
        self.rng = random.Random(options.random_seed)  # noqa: S311 (demo data)
        self.today = dt.datetime.now(COMPANY_ZONE).date()
        # what goes to seed.json
        self.ids: dict[str, Any] = {}
        # product records' ids and what we know of them, by SKU
        self.products: dict[str, int] = {}

    def get(self, name: str, kind: str = "model") -> Any:
        """Return a model, wizard or report of the ERP."""
        return self.erp.get(name, kind)

    def xml(self, module: str, name: str) -> int:
        """Return the id of a record that a module brought."""
        return int(self.get("ir.model.data").get_id(module, name))

    def do(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do a step of the seed in a transaction, and print how long it took."""
        started = time.monotonic()
        result = self.erp.run(work, self, *args)
        say(f"  {work.__name__.lstrip('_'):<18} {time.monotonic() - started:5.1f}s")
        return result

    def days_ago(self, days: int) -> dt.date:
        """Return the date that many days before the day of the seed."""
        return self.today - dt.timedelta(days=days)

    @staticmethod
    def save(model: Any, records: list[Any], size: int = 40) -> None:
        """Save records; more unique ones at once overflow SQLite's expression parser."""
        for start in range(0, len(records), size):
            model.save(records[start : start + size])

    @staticmethod
    def in_spanish() -> Any:
        """Return a context in which names are written in Spanish."""
        from trytond.transaction import Transaction

        return Transaction().set_context(language="es")

    def translate(self, model: Any, texts: dict[int, dict[str, str]]) -> None:
        """Write the Spanish texts of records, by id."""
        actions: list[Any] = []
        for record_id, values in texts.items():
            actions += [[model(record_id)], values]
        with self.in_spanish():
            for start in range(0, len(actions), 80):
                model.write(*actions[start : start + 80])
