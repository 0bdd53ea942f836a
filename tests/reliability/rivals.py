"""People who press at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from shop.errors import ShopError


def at_once(works: Sequence[Callable[[], object]]) -> Counter[str]:
    """Do all of it at the same moment; return what came of each: "done", or the error's name."""
    gate = Barrier(len(works))

    def run(work: Callable[[], object]) -> str:
        try:
            gate.wait(timeout=30)
            work()
        except ShopError as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(run, works))
