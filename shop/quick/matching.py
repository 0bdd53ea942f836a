"""Tells which item a typed row means and how much of it; what is not sure is left to the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.recognise import Recognised, recognise
from shop.carts.quantities import MOST, rule_of
from shop.errors import BadNumber
from shop.money import formats
from shop.money.parsing import parse_decimal
from shop.orders.substitutions import Accepted, accepted
from shop.quick.models import PadRow, RowState

REMEMBERED = "remembered"
TYPED = "typed"
EXACT = {"sku", "own", "barcode"}


def match(*, actor: Actor, rows: Sequence[PadRow], language: str) -> None:
    """Fill in item, quantity and state of rows that are not saved yet: three statements, more for texts of words."""
    if not rows:
        return
    texts = [row.typed for row in rows]
    found = recognise(texts, customer_erp_id=actor.sold_to.erp_id)
    known = accepted(actor=actor, numbers=[text for text in texts if not _is_exact(found.get(text))])
    for row in rows:
        _take_item(row, found.get(row.typed), known.get(row.typed.upper()))
    _default_quantities(rows, language)
    for row in rows:
        row.quantity = _quantity(row.typed_quantity, language)
        row.state = RowState.NEW if row.sku and row.quantity is not None else RowState.WRONG
        row.verdicts, row.net_price, row.is_taken = [], None, True


def _is_exact(found: Recognised | None) -> bool:
    return found is not None and found.by in EXACT


def _take_item(row: PadRow, found: Recognised | None, known: Accepted | None) -> None:
    row.sku, row.found_by, row.choices = "", "", []
    if not _is_exact(found) and known is not None:
        row.sku, row.found_by = known.sku, REMEMBERED
    elif found is not None and len(found.skus) == 1:
        row.sku, row.found_by = found.skus[0], found.by
    elif found is not None:
        row.choices = list(found.skus)


def _default_quantities(rows: Iterable[PadRow], language: str) -> None:
    """A single line typed without a quantity means the least that can be ordered; in a paste it is asked."""
    bare = [row for row in rows if row.source == TYPED and row.sku and not row.typed_quantity]
    items = mirror.items_by_sku([row.sku for row in bare]) if bare else {}
    for row in bare:
        if row.sku in items:
            row.typed_quantity = formats.plain_quantity(rule_of(items[row.sku]).least, language)


def _quantity(text: str, language: str) -> Decimal | None:
    try:
        quantity = parse_decimal(text, language=language)
    except BadNumber:
        return None
    return quantity.quantize(Decimal("0.0001")) if Decimal("0.0001") <= quantity <= MOST else None


def problem_of(row: PadRow, language: str) -> str:
    """Return what somebody must put right in a row, "" when it is not wrong; item first, then quantity."""
    if row.state != RowState.WRONG:
        return ""
    if not row.typed:
        return _("Type a number or a name.")
    if row.choices:
        return _("Several items fit: choose one.")
    if not row.sku:
        return _("We find no item for this. Correct the number, or type what it is called.")
    if "not_in_range" in row.verdicts:
        return _("%(sku)s is not in your range.") % {"sku": row.sku}
    return quantity_problem(row.typed_quantity, language) or _("Enter the quantity again.")


def quantity_problem(text: str, language: str) -> str:
    """Return why a quantity can't be taken, "" when it can."""
    try:
        quantity = parse_decimal(text, language=language)
    except BadNumber as error:
        return str(error)
    if quantity <= 0:
        return _("Enter a quantity above zero.")
    if quantity > MOST:
        return _("The most you can order in one line is %(most)s.") % {"most": formats.quantity(MOST, language)}
    return ""
