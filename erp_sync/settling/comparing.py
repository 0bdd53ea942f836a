"""Two sides of one fact, compared: plain values in, differences out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync.settling.models import Kind

PRICE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Line:
    """What is ordered of one item: quantity in its sales unit, price to 4 decimals."""

    sku: str
    quantity: Decimal
    net_price: Decimal


@dataclass(frozen=True, slots=True)
class Ours:
    """What the shop believes of one of its writes.

    Attributes:
        is_done: The ERP took it; otherwise it was refused or given up.
        is_excused: The shop itself changed or cancelled it since: state, total and lines may differ.
        total: As the ERP said it when it took it; None = not known, not compared.
        lines: What was sent, () = not compared.
    """

    reference: str
    customer_erp_id: str
    is_done: bool
    total: Decimal | None = None
    lines: tuple[Line, ...] = ()
    number: str = ""
    is_excused: bool = False


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the ERP holds under a reference; `made_at` is midnight where only the day is known, None = not known."""

    reference: str
    customer_erp_id: str
    number: str
    is_live: bool
    made_at: dt.datetime | None = None
    total: Decimal | None = None
    lines: tuple[Line, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference, with both sides as a person reads them."""

    kind: Kind
    reference: str
    customer_erp_id: str
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)


def compare(ours: Iterable[Ours], theirs: Mapping[str, Sequence[Theirs]]) -> Iterator[Found]:
    """Yield the differences of our writes, at most one for each: the gravest."""
    for one in ours:
        there = theirs.get(one.reference, ())
        kind = _difference(one, there)
        if kind is not None:
            yield Found(kind, one.reference, one.customer_erp_id, shown(one), _all_shown(there))


def ghosts(
    theirs: Mapping[str, Sequence[Theirs]], known: Iterable[str], *, since: dt.datetime | None
) -> Iterator[Found]:
    """Yield what carries a reference of ours that we know nothing of.

    What is older than our first write (`since`; None = there is none) is another shop's, or history that was loaded.
    """
    known_ones = set(known)
    for reference, there in theirs.items():
        is_ours = any(one.is_live and _is_since(one.made_at, since) for one in there)
        if reference not in known_ones and is_ours:
            yield Found(Kind.GHOST, reference, there[0].customer_erp_id, {}, _all_shown(there))


def _is_since(made_at: dt.datetime | None, since: dt.datetime | None) -> bool:
    return since is not None and (made_at is None or made_at >= since)


def _difference(ours: Ours, there: Sequence[Theirs]) -> Kind | None:
    live = [one for one in there if one.is_live]
    if len(live) > 1:
        return Kind.DOUBLE
    if not ours.is_done:
        return Kind.GHOST if live else None
    if not there:
        return Kind.MISSING
    if ours.is_excused:
        return None
    if not live:
        return Kind.CANCELLED
    if ours.lines and not _are_same(ours.lines, live[0].lines):
        return Kind.LINE
    return _of_totals(ours, live[0])


def _of_totals(ours: Ours, there: Theirs) -> Kind | None:
    if ours.total is None or there.total is None or ours.total == there.total:
        return None
    is_money = not ours.lines and ours.total > 0
    is_twice = is_money and there.total > ours.total and there.total % ours.total == 0
    return Kind.DOUBLE if is_twice else Kind.TOTAL


def _are_same(sent: Sequence[Line], there: Sequence[Line]) -> bool:
    """Compare by item what we sent; what the ERP adds itself (freight, a gift) is no difference."""
    wanted, found = _by_item(sent), _by_item(there)
    return all(found.get(sku) == deal for sku, deal in wanted.items())


def _by_item(lines: Sequence[Line]) -> dict[str, tuple[Decimal, frozenset[Decimal]]]:
    by_item: dict[str, list[Line]] = {}
    for line in lines:
        by_item.setdefault(line.sku, []).append(line)
    return {
        sku: (
            sum((line.quantity for line in several), Decimal(0)),
            frozenset(line.net_price.quantize(PRICE) for line in several),
        )
        for sku, several in by_item.items()
    }


def shown(side: Ours | Theirs) -> dict[str, Any]:
    """Return a side as JSON for the page of a difference."""
    state = side.state if isinstance(side, Theirs) else "done" if side.is_done else "refused"
    return {
        "number": side.number,
        "state": state,
        "total": None if side.total is None else str(side.total),
        "lines": [[line.sku, _plain(line.quantity), str(line.net_price.quantize(PRICE))] for line in side.lines],
    }


def _all_shown(there: Sequence[Theirs]) -> dict[str, Any]:
    """Return what the ERP holds; of several the first, with the numbers of all."""
    if not there:
        return {}
    return shown(there[0]) | {"number": ", ".join(one.number for one in there)}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
