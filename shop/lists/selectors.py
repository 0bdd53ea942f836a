"""Reads lists: those an actor may see, one with its lines, who changed what, and what his company bought before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.actors import Actor
from accounts.models import Role
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from shop.carts.quantities import rule_of
from shop.catalogue.listing import pending_address
from shop.catalogue.texts import item_name
from shop.lists.models import ItemList, ItemListChange, ItemListLine, ListKind
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_lines
from shop.pricing.units import unit_words

PER_PAGE = 100
CHANGES = 12


def lists_of(*, actor: Actor) -> QuerySet[ItemList]:
    """Return the lists that the actor may see: his own for this company, and those his whole company shares."""
    return ItemList.objects.filter(
        Q(owner=actor.user) | Q(is_shared=True), sold_to=actor.sold_to, removed_at=None
    ).select_related("owner", "changed_by")


def get_list(*, actor: Actor, pk: int) -> ItemList:
    """Return one of these lists.

    Raises:
        Http404: there is none, or it is not his to see.
    """
    return get_object_or_404(lists_of(actor=actor), pk=pk)


def removed_list(*, actor: Actor, pk: int) -> ItemList | None:
    """Return a list that the actor may put back: his own, removed a moment ago."""
    return ItemList.objects.filter(sold_to=actor.sold_to, pk=pk).filter(_mine(actor)).exclude(removed_at=None).first()


def _mine(actor: Actor) -> Q:
    return Q(owner=actor.user) | Q(is_shared=True) if _is_admin(actor) else Q(owner=actor.user)


def is_keeper(*, actor: Actor, item_list: ItemList) -> bool:
    """Whether the actor may rename, share or remove it: its owner; of a shared one the company's administrators too."""
    return item_list.owner_id == actor.user.pk or (item_list.is_shared and _is_admin(actor))


def _is_admin(actor: Actor) -> bool:
    return actor.membership is not None and actor.membership.role == Role.ADMIN


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list in the overview."""

    item_list: ItemList
    lines: int
    next_on: dt.date | None
    is_due: bool


def overview(*, actor: Actor, today: dt.date) -> list[ListRow]:
    """Return the actor's lists, the latest changed first, those that are due to be ordered before all (1 query)."""
    rows = (
        lists_of(actor=actor)
        .annotate(line_count=Count("lines", filter=Q(lines__removed_at=None)))
        .select_related("recurring")
        .order_by("-changed_at", "-pk")
    )
    found = []
    for row in rows:
        recurring = getattr(row, "recurring", None)
        next_on = recurring.next_on if recurring else None
        found.append(ListRow(row, row.line_count, next_on, next_on is not None and next_on <= today))
    return sorted(found, key=lambda one: not one.is_due)


def due_lists(*, actor: Actor, today: dt.date) -> list[ListRow]:
    """Return only the lists whose day to be ordered has come (1 query)."""
    rows = lists_of(actor=actor).filter(recurring__next_on__lte=today).select_related("recurring")
    return [ListRow(row, 0, row.recurring.next_on, is_due=True) for row in rows.order_by("recurring__next_on", "pk")]


@dataclass(frozen=True, slots=True)
class ListLine:
    """A line of a list as it is shown; `item` is None when nobody knows the number any more."""

    line: ItemListLine
    item: Item | None
    name: str
    unit: str
    view: PriceView | None

    @property
    def is_sold(self) -> bool:
        """It can be ordered now."""
        return self.item is not None and self.item.is_active

    @property
    def least(self) -> Decimal:
        """The smallest quantity that can be ordered."""
        return rule_of(self.item).least if self.item else Decimal(1)


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list with its prices; `pending_url` fetches those that are not known yet."""

    page: Page[ItemListLine]
    lines: tuple[ListLine, ...]
    pending_url: str


def list_page(*, actor: Actor, item_list: ItemList, page: int, wait: bool = False) -> ListPage:
    """Return a page of a list: three queries and at most one ERP call, none without `wait`."""
    rows = item_list.lines.filter(removed_at=None)
    found = Paginator(rows, PER_PAGE).get_page(page)
    lines = list(found.object_list)
    items = mirror.items_by_sku([line.sku for line in lines]) if lines else {}
    asks = [(line.sku, line.quantity or rule_of(items[line.sku]).least) for line in lines if line.sku in items]
    views = price_lines(actor=actor, asks=asks, items=items, wait=wait)
    shown = tuple(_line(line, items.get(line.sku), views.get(line.sku)) for line in lines)
    return ListPage(found, shown, pending_address([one.view for one in shown if one.view]))


def _line(line: ItemListLine, item: Item | None, view: PriceView | None) -> ListLine:
    return ListLine(
        line=line,
        item=item,
        name=item_name(item) if item else line.sku,
        unit=unit_words(item.sales_unit) if item else "",
        view=view,
    )


def changes_of(*, item_list: ItemList) -> list[ItemListChange]:
    """Return the latest changes of a list that its reader may see (1 query)."""
    return list(item_list.changes.select_related("by")[:CHANGES])


def lists_to_add_to(*, actor: Actor) -> list[ItemList]:
    """Return the lists that an item can be put on, favourites first (1 query)."""
    rows = lists_of(actor=actor).exclude(kind=ListKind.BASKET)
    return sorted(rows, key=lambda one: (one.kind != ListKind.FAVOURITES, one.name.casefold()))


def lists_with(*, actor: Actor, sku: str) -> set[int]:
    """Return the keys of the actor's lists that hold the item already (1 query)."""
    rows = ItemListLine.objects.filter(item_list__in=lists_of(actor=actor), sku=sku, removed_at=None)
    return set(rows.values_list("item_list_id", flat=True))


def removed_line(*, item_list: ItemList, pk: int) -> ItemListLine | None:
    """Return a line of this list that was removed a moment ago, None when it is there or never was."""
    return item_list.lines.filter(pk=pk).exclude(removed_at=None).first()
