"""What changes lists. Two people may have one open: nobody's change is lost, and each is told what the other did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from shop.carts.quantities import MOST, QuantityRule, parse_quantity, rule_of
from shop.carts.selectors import find_cart
from shop.carts.services import orderable_item
from shop.errors import ShopError
from shop.lists.errors import ListRefused
from shop.lists.models import ItemList, ItemListChange, ItemListLine, ListKind
from shop.lists.selectors import is_keeper
from shop.money import formats

MOST_LINES = 1_000
MOST_LISTS = 200
KEPT_REMOVED = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Line:
    """A line for a list; `quantity` None = decided each time."""

    sku: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What somebody typed over a line, and the quantity that he saw there before ("" = none)."""

    seen: str
    typed: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A line that two people changed at once, and whose change stands: the other one's, until this person decides."""

    sku: str
    who: str
    at: dt.datetime
    seen: Decimal | None
    theirs: Decimal | None
    typed: str
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving lines: how many were changed, which clash, and which could not be read (by key)."""

    changed: int = 0
    clashes: Mapping[int, Clash] | None = None
    problems: Mapping[int, str] | None = None

    @property
    def is_clean(self) -> bool:
        """Everything that was typed is saved."""
        return not self.clashes and not self.problems


@transaction.atomic
def create_list(
    *,
    actor: Actor,
    name: str,
    lines: Sequence[Line],
    kind: str = ListKind.LIST,
    is_shared: bool = False,
    customer_reference: str = "",
    now: dt.datetime,
) -> ItemList:
    """Make a list with these lines; the same item twice becomes one line.

    Raises:
        ListRefused: it has no name, or there are too many.
    """
    name = " ".join(name.split())[:80]
    if not name:
        raise ListRefused(_("Give the list a name."))
    if len(lines) > MOST_LINES or ItemList.objects.filter(sold_to=actor.sold_to).count() >= MOST_LISTS:
        raise ListRefused(_("That is too much: at most 1,000 lines in a list, and 200 lists. Nothing was changed."))
    made = ItemList.objects.create(
        sold_to=actor.sold_to, owner=actor.user, name=name, kind=kind, is_shared=is_shared,
        customer_reference=customer_reference[:120], created_at=now, changed_at=now, changed_by=actor.user,
    )  # fmt: skip
    merged: dict[str, Decimal | None] = {}
    for line in lines:
        known = [one for one in (merged.get(line.sku), line.quantity) if one is not None]
        merged[line.sku] = sum(known, Decimal(0)) if known else None
    ItemListLine.objects.bulk_create(
        ItemListLine(item_list=made, sku=sku, quantity=quantity and min(quantity, MOST), position=at)
        for at, (sku, quantity) in enumerate(merged.items(), start=1)
    )
    return made


def basket_lines(*, actor: Actor) -> list[Line]:
    """Return what is in the actor's basket as lines for a list."""
    cart = find_cart(actor=actor)
    return [Line(line.sku, line.quantity) for line in cart.lines.all()] if cart else []


def favourites(*, actor: Actor, now: dt.datetime) -> ItemList:
    """Return the actor's favourites, made when there are none."""
    found, _made = ItemList.objects.get_or_create(
        owner=actor.user,
        sold_to=actor.sold_to,
        kind=ListKind.FAVOURITES,
        defaults={"name": _("Favourites"), "created_at": now, "changed_at": now, "changed_by": actor.user},
    )
    return found


@transaction.atomic
def add_line(
    *, actor: Actor, item_list: ItemList, sku: str, quantity: Decimal | None, now: dt.datetime
) -> ItemListLine:
    """Put an item on a list; one that is there already gets the quantity, if one is given.

    Raises:
        UnknownItem: it can't be ordered.
        ListRefused: the list is full.
    """
    item = orderable_item(sku)
    locked = _locked(item_list)
    line = locked.lines.filter(sku=item.sku).first()
    if line is None:
        if locked.lines.filter(removed_at=None).count() >= MOST_LINES:
            raise ListRefused(_("A list holds at most 1,000 lines. Nothing was changed."))
        last = locked.lines.order_by("-position").values_list("position", flat=True).first() or 0
        line = ItemListLine(item_list=locked, sku=item.sku, position=last + 1)
        _note(locked, actor, now, "added", sku=item.sku, after=_text(quantity))
    elif line.removed_at is not None:
        _note(locked, actor, now, "put_back", sku=item.sku, after=_text(quantity))
    elif quantity is not None and quantity != line.quantity:
        _note(locked, actor, now, "quantity", sku=item.sku, before=_text(line.quantity), after=_text(quantity))
    line.removed_at, line.quantity = None, quantity or line.quantity
    line.save()
    return line


@transaction.atomic
def save_lines(
    *, actor: Actor, item_list: ItemList, edits: Mapping[int, LineEdit], language: str, now: dt.datetime
) -> Saved:
    """Save what was typed, line by line against what the person saw.

    A line that only he changed is saved; one that only somebody else changed stays as it is; where both did, the
    other's stands and the clash is told, so that he decides. A quantity that can't be read costs its own line only.
    """
    locked = _locked(item_list)
    rows = {row.pk: row for row in locked.lines.filter(pk__in=list(edits))}
    items = mirror.items_by_sku([row.sku for row in rows.values()]) if rows else {}
    changed: list[ItemListLine] = []
    clashes: dict[int, Clash] = {}
    problems: dict[int, str] = {}
    for pk, row in rows.items():
        edit = edits[pk]
        seen = _seen(edit.seen)
        try:
            mine = _mine(edit.typed, items.get(row.sku), language)
        except ShopError as error:
            problems[pk] = str(error)
            continue
        if mine == seen or (mine == row.quantity and row.removed_at is None):
            continue
        if row.quantity != seen or row.removed_at is not None:
            clashes[pk] = _clash(locked, row, seen, edit.typed)
            continue
        _note(locked, actor, now, "quantity", sku=row.sku, before=_text(row.quantity), after=_text(mine))
        row.quantity = mine
        changed.append(row)
    ItemListLine.objects.bulk_update(changed, ["quantity"])
    return Saved(len(changed), clashes, problems)


def _mine(typed: str, item: Item | None, language: str) -> Decimal | None:
    if not typed.strip():
        return None
    return parse_quantity(typed[:40], rule=rule_of(item) if item else QuantityRule(), language=language)


def _seen(text: str) -> Decimal | None:
    """Return the quantity that a page showed, as `str(Decimal)` wrote it; what is no such text counts as none."""
    plain = text.strip()
    return Decimal(plain) if plain.replace(".", "", 1).isdecimal() and plain.isascii() and len(plain) < 20 else None


def _clash(item_list: ItemList, row: ItemListLine, seen: Decimal | None, typed: str) -> Clash:
    last = item_list.changes.filter(sku=row.sku).select_related("by").first()
    return Clash(
        sku=row.sku,
        who=str(last.by) if last and last.by else _("somebody"),
        at=last.at if last else item_list.changed_at,
        seen=seen,
        theirs=row.quantity,
        typed=typed,
        is_removed=row.removed_at is not None,
    )


@transaction.atomic
def remove_line(*, actor: Actor, item_list: ItemList, pk: int, now: dt.datetime) -> ItemListLine | None:
    """Take a line off a list; it can be put back. None when it is gone already."""
    locked = _locked(item_list)
    line = locked.lines.filter(pk=pk, removed_at=None).first()
    if line is not None:
        line.removed_at = now
        line.save(update_fields=["removed_at"])
        _note(locked, actor, now, "removed", sku=line.sku, before=_text(line.quantity))
    return line


@transaction.atomic
def put_line_back(*, actor: Actor, item_list: ItemList, pk: int, now: dt.datetime) -> ItemListLine | None:
    """Put a removed line back where it was; None when there is none, or it is back already."""
    locked = _locked(item_list)
    line = locked.lines.filter(pk=pk).exclude(removed_at=None).first()
    if line is not None:
        line.removed_at = None
        line.save(update_fields=["removed_at"])
        _note(locked, actor, now, "put_back", sku=line.sku, after=_text(line.quantity))
    return line


@transaction.atomic
def change_list(*, actor: Actor, item_list: ItemList, name: str, is_shared: bool, now: dt.datetime) -> None:
    """Rename a list, share it with the company, or keep it to oneself again.

    Raises:
        ListRefused: it is not his to change, or has no name.
    """
    locked = _locked(item_list)
    _refuse_others(actor, locked)
    name = " ".join(name.split())[:80]
    if not name:
        raise ListRefused(_("Give the list a name."))
    if name != locked.name:
        _note(locked, actor, now, "renamed", before=locked.name, after=name)
    locked.name = name
    locked.is_shared = is_shared and locked.kind != ListKind.FAVOURITES
    locked.save(update_fields=["name", "is_shared"])


@transaction.atomic
def remove_list(*, actor: Actor, item_list: ItemList, now: dt.datetime) -> None:
    """Remove a list; for two days it can be put back.

    Raises:
        ListRefused: it is not his to remove, or it is his favourites.
    """
    locked = _locked(item_list)
    _refuse_others(actor, locked)
    if locked.kind == ListKind.FAVOURITES:
        raise ListRefused(_("Favourites stay; take single items out of them."))
    locked.removed_at = now
    locked.save(update_fields=["removed_at"])


def put_list_back(*, item_list: ItemList) -> None:
    """Put a removed list back as it was."""
    ItemList.objects.filter(pk=item_list.pk).update(removed_at=None)


def forget_removed(*, now: dt.datetime) -> None:
    """Delete lists and lines for good that were removed some days ago."""
    ItemList.objects.filter(removed_at__lt=now - KEPT_REMOVED).delete()
    ItemListLine.objects.filter(removed_at__lt=now - KEPT_REMOVED).delete()


def _locked(item_list: ItemList) -> ItemList:
    """Return the list as it is now, held until the end of the transaction."""
    return next(iter(ItemList.objects.select_for_update(of=("self",)).filter(pk=item_list.pk)))


def _refuse_others(actor: Actor, item_list: ItemList) -> None:
    if not is_keeper(actor=actor, item_list=item_list):
        raise ListRefused(_("Only who made this list, or an administrator of your company, can do that."))


def _note(
    item_list: ItemList, actor: Actor, now: dt.datetime, what: str, *, sku: str = "", before: str = "", after: str = ""
) -> None:
    item_list.revision += 1
    item_list.changed_at, item_list.changed_by = now, actor.user
    item_list.save(update_fields=["revision", "changed_at", "changed_by"])
    ItemListChange.objects.create(
        item_list=item_list, revision=item_list.revision, by=actor.user, at=now, what=what, sku=sku, before=before,
        after=after,
    )  # fmt: skip


def _text(quantity: Decimal | None) -> str:
    return "" if quantity is None else formats.plain_quantity(quantity, "en")
