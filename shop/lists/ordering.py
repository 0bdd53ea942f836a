"""A whole list into the basket with one click: what is as expected goes in, the rest waits on the order pad."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.actors import Actor
from shop.errors import BadQuantity
from shop.lists.errors import ListRefused
from shop.lists.models import ItemList
from shop.lists.services import Line
from shop.money.formats import plain_quantity
from shop.quick import services as pad
from shop.quick.parsing import TypedRow

# More lines than this are checked while the pad is looked at: one request must not take long.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Ordered:
    """How many lines went into the basket, and how many wait on the pad for a look."""

    taken: int
    left: int


def order_list(*, actor: Actor, item_list: ItemList, key: uuid.UUID | None, language: str, now: dt.datetime) -> Ordered:
    """Order every line of a list that has a standing quantity; the same `key` again does nothing.

    Raises:
        ListRefused: no line has a quantity.
        PadFull: it does not fit; nothing was changed.
    """
    rows = item_list.lines.filter(removed_at=None).exclude(quantity=None)
    lines = [Line(row.sku, row.quantity) for row in rows]
    if not lines:
        raise ListRefused(_("No line has a standing quantity. Enter how much you usually order, then try again."))
    return order_lines(actor=actor, lines=lines, source="list", key=key, language=language, now=now)


def order_lines(
    *, actor: Actor, lines: Collection[Line], source: str, key: uuid.UUID | None, language: str, now: dt.datetime
) -> Ordered:
    """Put lines on the pad, check them, and take those that are as expected into the basket."""
    pairs = [(line.sku, plain_quantity(line.quantity or Decimal(1), language)) for line in lines]
    return order_typed(actor=actor, lines=pairs, source=source, key=key, language=language, now=now)


def order_typed(
    *,
    actor: Actor,
    lines: Collection[tuple[str, str]],
    source: str = "history",
    key: uuid.UUID | None,
    language: str,
    now: dt.datetime,
) -> Ordered:
    """Do the same with pairs of item and quantity as somebody typed them."""
    typed = [TypedRow(number, sku, quantity) for number, (sku, quantity) in enumerate(lines, start=1)]
    rows = pad.add_rows(actor=actor, rows=typed, source=source, language=language, key=key, now=now)
    if len(rows) > AT_ONCE:
        return Ordered(0, len(rows))
    pad.check_next(actor=actor, most=pad.MOST_ROWS)
    try:
        taken = pad.take_ready(actor=actor, only={row.pk for row in rows}, now=now)
    except BadQuantity:  # the basket can't hold so much: all of it waits on the pad, whose button says why
        taken = 0
    return Ordered(taken, len(rows) - taken)
