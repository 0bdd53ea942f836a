"""What changes an order pad. No line that somebody sent is lost, none goes into the basket twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from erp_sync.statements import columns, fetch, from_row
from shop.carts import services as carts
from shop.carts.services import Adding, SeenPrice
from shop.errors import ShopError
from shop.orders import substitutions
from shop.orders.reconcile import ReconciledLine, Verdict, Wanted, reconcile
from shop.quick.matching import match
from shop.quick.models import Pad, PadRow, RowState
from shop.quick.parsing import TypedRow
from shop.signals import shop_fact

MOST_ROWS = 1_000
# Rows that are checked with the ERP before a page answers; the rest follows while it is looked at.
CHECKED_AT_ONCE = 100
LONGEST_LEFTOVER = 200_000
SURE = {"same", "price_changed", "price_unknown"}
AGAIN = ("list", "history")


class PadFull(ShopError):
    """The pad holds as many lines as it can; nothing was lost."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed over a row; None = as it was."""

    item: str | None = None
    quantity: str | None = None
    is_taken: bool | None = None


def pad_for_update(*, actor: Actor) -> Pad:
    """Return the actor's pad, locked; made when there is none. Call inside a transaction."""
    whose = [actor.user.pk, actor.sold_to.pk]
    found = fetch(_lock_statement(), whose)
    if not found:
        Pad.objects.get_or_create(user=actor.user, sold_to=actor.sold_to)
        found = fetch(_lock_statement(), whose)
    return from_row(Pad, found[0])


@cache
def _lock_statement() -> str:
    return f"SELECT {columns(Pad, 'p')} FROM shop_pad p WHERE p.user_id = %s AND p.sold_to_id = %s FOR UPDATE"  # noqa: S608


@transaction.atomic
def add_rows(
    *,
    actor: Actor,
    rows: Sequence[TypedRow],
    source: str,
    language: str,
    key: uuid.UUID | None = None,
    leftover: str = "",
    now: dt.datetime,
) -> list[PadRow]:
    """Put rows on the pad, each matched with an item where one fits; return them, none when `key` was taken before.

    On an empty pad they keep the numbers of the paste or file, else they are counted on.

    Raises:
        PadFull: not one more row fits.
    """
    pad = pad_for_update(actor=actor)
    if key is not None and pad.last_key == key:
        return []
    taken = pad.rows.count()
    if taken + len(rows) > MOST_ROWS:
        raise PadFull(
            _("The pad holds at most %(most)s lines. Put the ready ones into the basket first; nothing was lost.")
            % {"most": MOST_ROWS}
        )
    before = pad.rows.aggregate(last=Max("row"))["last"] or 0
    made = [
        PadRow(
            pad=pad, row=before + one.row, source=source, first_typed=one.item, typed=one.item,
            typed_quantity=one.quantity,
        )
        for one in rows
    ]  # fmt: skip
    match(actor=actor, rows=made, language=language)
    _insert(pad, made)
    pad.last_key = key or pad.last_key
    pad.leftover = leftover[:LONGEST_LEFTOVER]
    pad.save(update_fields=["last_key", "leftover", "updated_at"])
    return made


_INSERT = """
INSERT INTO shop_padrow (pad_id, row, source, first_typed, typed, typed_quantity, sku, found_by, choices, quantity,
    state, is_taken, order_sku, verdicts, missing, currency)
SELECT %s, t.row, %s, t.typed, t.typed, t.typed_quantity, t.sku, t.found_by, string_to_array(t.choices, chr(31)),
    t.quantity, t.state, true, '', '{}', 0, ''
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[])
    t (row, typed, typed_quantity, sku, found_by, choices, quantity, state)
RETURNING id
"""


def _insert(pad: Pad, rows: Sequence[PadRow]) -> None:
    """Write new rows in one statement, however many; each gets its key."""
    if not rows:
        return
    told = zip(*((r.row, r.typed, r.typed_quantity, r.sku, r.found_by, "\x1f".join(r.choices), r.quantity, str(r.state))
                 for r in rows), strict=True)  # fmt: skip
    keys = fetch(_INSERT, [pad.pk, rows[0].source, *(list(column) for column in told)])
    for row, (pk,) in zip(rows, keys, strict=True):
        row.pk = pk


def room_left(*, actor: Actor) -> int:
    """Return how many more rows the actor's pad takes."""
    return MOST_ROWS - PadRow.objects.filter(pad__user=actor.user, pad__sold_to=actor.sold_to).count()


def check_next(*, actor: Actor, most: int = CHECKED_AT_ONCE) -> int:
    """Ask the ERP about the next rows that are not checked yet; return how many were.

    The ERP is asked outside of any transaction. A row that was changed meanwhile stays unchecked: its turn comes.
    """
    rows = list(
        PadRow.objects.filter(pad__user=actor.user, pad__sold_to=actor.sold_to, state=RowState.NEW)
        .order_by("row", "id")[:most]
    )  # fmt: skip
    wanted = [Wanted(row=row.pk, sku=row.sku, quantity=row.quantity or Decimal(1)) for row in rows]
    if not wanted:
        return 0
    compared = reconcile(actor=actor, wanted=wanted)
    _write_verdicts(actor, compared.lines, compared.currency)
    return len(rows)


# The pad is locked as by every change of it: two that write many rows at once would wait for each other's.
_VERDICTS = """
WITH mine AS MATERIALIZED (SELECT p.id FROM shop_pad p WHERE p.user_id = %s AND p.sold_to_id = %s FOR UPDATE)
UPDATE shop_padrow r SET state = told.state, is_taken = told.is_taken, order_sku = told.order_sku,
    order_quantity = told.order_quantity, verdicts = string_to_array(told.verdicts, ','), missing = told.missing,
    expected_on = told.expected_on, net_price = told.net_price, currency = told.currency, priced_at = told.priced_at
FROM mine, unnest(%s::bigint[], %s::varchar[], %s::numeric[], %s::varchar[], %s::bool[], %s::varchar[], %s::numeric[],
        %s::varchar[], %s::numeric[], %s::date[], %s::numeric[], %s::varchar[], %s::timestamptz[])
    told (id, sku, quantity, state, is_taken, order_sku, order_quantity, verdicts, missing, expected_on, net_price,
        currency, priced_at)
WHERE r.pad_id = mine.id AND r.id = told.id AND r.state = 'new' AND r.sku = told.sku AND r.quantity = told.quantity
RETURNING r.id
"""


def _write_verdicts(actor: Actor, lines: Sequence[ReconciledLine], currency: str) -> None:
    """Write what the ERP said, in one statement, on rows that are still what was asked about."""
    told = zip(*(_verdict_values(line, currency) for line in lines), strict=True)
    fetch(_VERDICTS, [actor.user.pk, actor.sold_to.pk, *(list(column) for column in told)])


def _verdict_values(line: ReconciledLine, currency: str) -> tuple[object, ...]:
    is_wrong = line.verdict is Verdict.NOT_IN_RANGE
    has_price = line.offer is not None and line.new_price is not None
    return (
        line.wanted.row, line.wanted.sku, line.wanted.quantity,
        RowState.WRONG.value if is_wrong else RowState.READY.value, line.is_proposed,
        line.item.sku if line.item else "", line.quantity, ",".join(verdict.value for verdict in line.verdicts),
        line.missing, line.expected.on if line.expected else None, line.new_price if has_price else None,
        currency if has_price else "", line.offer.stamp.as_of if line.offer and has_price else None,
    )  # fmt: skip


@transaction.atomic
def edit_rows(*, actor: Actor, edits: Mapping[int, Edit], language: str) -> None:
    """Write what was typed over rows; those whose item or quantity changed are matched and checked anew."""
    pad = pad_for_update(actor=actor)
    rows = list(pad.rows.filter(pk__in=list(edits)))
    changed = [row for row in rows if _apply(row, edits[row.pk])]
    match(actor=actor, rows=changed, language=language)
    PadRow.objects.bulk_update(
        rows,
        [
            "typed",
            "typed_quantity",
            "sku",
            "found_by",
            "choices",
            "quantity",
            "state",
            "is_taken",
            "verdicts",
            "net_price",
        ],
    )


def _apply(row: PadRow, edit: Edit) -> bool:
    """Change a row; return whether it has to be matched again."""
    if edit.is_taken is not None and row.state == RowState.READY:
        row.is_taken = edit.is_taken
    item = row.typed if edit.item is None else " ".join(edit.item.split())[:200]
    quantity = row.typed_quantity if edit.quantity is None else edit.quantity.strip()[:60]
    if (item, quantity) == (row.typed, row.typed_quantity):
        return False
    row.typed, row.typed_quantity = item, quantity
    return True


@transaction.atomic
def remove_row(*, actor: Actor, pk: int) -> PadRow | None:
    """Take a row off the pad; return it as it was, so that it can be put back, or None."""
    row = pad_for_update(actor=actor).rows.filter(pk=pk).first()
    if row is not None:
        PadRow.objects.filter(pk=pk).delete()
    return row


@transaction.atomic
def clear(*, actor: Actor) -> None:
    """Take every row off the pad; as text they stay beside it, in case it was a slip."""
    pad = pad_for_update(actor=actor)
    lines = [f"{row.typed}\t{row.typed_quantity}" for row in pad.rows.all()]
    pad.leftover = "\n".join([*lines, pad.leftover])[:LONGEST_LEFTOVER]
    pad.rows.all().delete()
    pad.save(update_fields=["leftover", "updated_at"])


@transaction.atomic
def take_ready(*, actor: Actor, only: Collection[int] | None = None, now: dt.datetime) -> int:
    """Put every row that is ready and ticked into the basket and take it off the pad; return how many.

    Of `only` some rows (ordering a list with one click) those are taken that need nobody's eye: as wanted, or with a
    replacement that was accepted before.

    The price that was shown goes along, so the basket tells a change. What was accepted for another number is
    remembered for the company.

    Raises:
        BadQuantity: the basket can't hold so much; nothing was changed.
    """
    pad = pad_for_update(actor=actor)
    rows = list(pad.rows.filter(state=RowState.READY, is_taken=True).exclude(order_sku=""))
    if only is not None:
        rows = _sure([row for row in rows if row.pk in only], actor)
    if not rows:
        return 0
    carts.add_lines(actor=actor, adding=[_adding(row) for row in rows], now=now)
    substitutions.remember(actor=actor, taken=_accepted(rows), now=now)
    pad.rows.filter(pk__in=[row.pk for row in rows]).delete()
    _announce(actor=actor, pad=pad, rows=rows, now=now)
    return len(rows)


def _sure(rows: Sequence[PadRow], actor: Actor) -> list[PadRow]:
    known = substitutions.accepted(actor=actor, numbers=[row.sku for row in rows if row.sku != row.order_sku])
    return [row for row in rows if set(row.verdicts) <= _needs_no_eye(row, known)]


def _needs_no_eye(row: PadRow, known: Mapping[str, substitutions.Accepted]) -> set[str]:
    before = known.get(row.sku.upper())
    return SURE | {"replaced"} if before and before.sku == row.order_sku else SURE


def _adding(row: PadRow) -> Adding:
    seen = None
    if row.net_price is not None and row.priced_at is not None:
        seen = SeenPrice(row.net_price, row.currency, row.priced_at)
    return Adding(sku=row.order_sku, quantity=row.order_quantity or Decimal(1), seen=seen)


def _accepted(rows: Iterable[PadRow]) -> dict[str, str]:
    """Return what was taken for numbers that are not that item: replacements, and what somebody corrected by hand."""
    taken = {}
    for row in rows:
        if row.sku != row.order_sku:
            taken[row.sku] = row.order_sku
        if row.first_typed and row.typed != row.first_typed and " " not in row.first_typed:
            taken[row.first_typed] = row.sku
    return taken


def _announce(*, actor: Actor, pad: Pad, rows: Sequence[PadRow], now: dt.datetime) -> None:
    """Tell one fact for all lines; with lines of a list or of the history it is ordering again (M7)."""
    sources = sorted({row.source for row in rows})
    kind = "reorder_clicked" if set(sources) & set(AGAIN) else "cart_add"
    announce(
        shop_fact,
        Fact(
            event_id=f"{kind}:pad:{pad.pk}:{now:%Y%m%d%H%M%S%f}",
            kind=kind,
            occurred_at=now,
            who=who_of(actor),
            object_type="pad",
            props={"lines": str(len(rows)), "from": ",".join(sources)},
        ),
    )
