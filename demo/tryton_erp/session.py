# SPDX-License-Identifier: GPL-3.0-or-later
"""Work inside the ERP's process: transactions with its locks and tasks, and its models by name."""

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

from demo.tryton_erp.options import DATABASE, SERIES, Options, write_config

STARTED = time.monotonic()
# A transaction that needs a lock it has not is started again with it. This process is alone, so
# it takes the ones that orders need from the start.
LOCKS = [
    "account_configuration",
    "account_journal_period",
    "account_move_line",
    "ir_sequence",
    "ir_sequence_strict",
    "product_configuration",
    "sale_configuration",
    "sale_line",
    "sale_sale",
]


def say(message: str) -> None:
    """Print a line of progress with the seconds since the start."""
    print(f"[erp {time.monotonic() - STARTED:5.1f}s] {message}", flush=True)


def load(options: Options) -> Any:
    """Import trytond, which reads its configuration at import; return its database backend."""
    write_config(options)
    import os

    from trytond import config

    config.update_etc(os.environ["TRYTOND_CONFIG"])
    from trytond import __series__, backend

    if __series__ != SERIES:
        raise SystemExit(f"this tool needs trytond {SERIES}, not {__series__}")
    from trytond.pool import Pool

    Pool.start()
    return backend


class Erp:
    """One database of the ERP."""

    def __init__(self) -> None:
        from trytond.pool import Pool

        self.pool = Pool(DATABASE)
        self.user = 0
        self.context: dict[str, Any] = {}
        self.locks = set(LOCKS)

    def get(self, name: str, kind: str = "model") -> Any:
        """Return a model, wizard or report of the ERP."""
        return self.pool.get(name, type=kind)

    def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do `work` in a transaction as the server does: locks, retry, and then its tasks."""
        from trytond.transaction import Transaction, TransactionError

        while True:
            context = dict(self.context)
            locks = sorted(self.locks)
            with Transaction().start(DATABASE, self.user, context=context, _lock_tables=locks) as transaction:
                try:
                    result = work(*args)
                except TransactionError as error:
                    transaction.rollback()
                    transaction.tasks.clear()
                    self._take(error)
                    continue
                transaction.commit()
            self._run_tasks(transaction)
            return result

    def _take(self, error: Any) -> None:
        extras: dict[str, Any] = {}
        error.fix(extras)
        self.locks.update(extras.get("_lock_tables", []))
        self.locks.update(extras.get("_lock_records", {}))

    def _run_tasks(self, transaction: Any) -> None:
        from trytond.worker import run_task

        while transaction.tasks:
            tasks = list(transaction.tasks)
            transaction.tasks.clear()
            for task in self._useful(tasks):
                run_task(self.pool, task)

    def _useful(self, tasks: list[int]) -> list[int]:
        """Leave out the tasks that print invoices: they are printed on demand."""
        from trytond.transaction import Transaction

        with Transaction().start(DATABASE, 0) as transaction:
            queue = self.get("ir.queue")
            queued = queue.search([("id", "in", tasks)], order=[("id", "ASC")])
            dropped = [task for task in queued if task.data["method"] == "print_invoice"]
            keep = [task.id for task in queued if task not in dropped]
            queue.delete(dropped)
            transaction.commit()
        return keep


@contextlib.contextmanager
def no_validation() -> Iterator[None]:
    """Leave the ORM's validation out, which halves the CPU time.

    The modules' own data is released, and ours was validated with `trytond-admin --validate`.
    """
    from trytond.model import ModelStorage

    original = ModelStorage.__dict__["_validate"]
    ModelStorage._validate = classmethod(lambda cls, records, field_names=None: None)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        ModelStorage._validate = original
