"""Items as whoever acts sees them: lists with his numbers and prices, and the page of one item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.paginator import Page
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils.translation import get_language

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.hits import Hits
from erp_sync.mirror.models import Item
from erp_sync.mirror.search import find_items
from erp_sync.statements import fetch
from shop.catalogue.documents import Document, documents_of, in_own_language, past_documents
from shop.catalogue.listing import (
    Group,
    Option,
    groups_of,
    item_url,
    page_of,
    pending_address,
    sorts_of,
    title_of,
)
from shop.catalogue.pictures import picture_url
from shop.catalogue.price_order import PriceOrder, in_order, price_order
from shop.catalogue.query import ItemQuery, by_key
from shop.catalogue.texts import (
    Fact,
    Step,
    item_description,
    item_name,
    item_words,
    specification,
    way_to,
)
from shop.pricing.price_view import PriceView, StampView
from shop.pricing.selectors import price_in_full, price_lines

MOST_HISTORY = 6
LONGEST_CHAIN = 10
ONE = Decimal(1)
# Columns that only the search needs.
HEAVY = ("names", "search", "words", "facets", "fingerprint")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in a list; equal to every one that looks the same but for the age of its price.

    Attributes:
        own_numbers: What the actor's company calls it.
        picture_url: "" without a picture.
        price: None when it is withdrawn.
    """

    sku: str
    name: str
    brand: str
    own_numbers: tuple[str, ...]
    url: str
    picture_url: str
    price: PriceView | None

    @property
    def face(self) -> ItemRow:
        """The row as it looks, without the age of its price."""
        return replace(self, price=self.price.face) if self.price else self

    @property
    def stamp(self) -> StampView | None:
        """The age of its price."""
        return self.price.stamp if self.price else None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of a search or category, with what stands around it.

    Attributes:
        total: How many there are; at least so many when `is_capped`.
        corrected: The words searched instead when those typed are found nowhere, "" else.
        pending_url: Fetches the prices that are not known yet; "" when all are.
        order: What the list is sorted or narrowed by, where that is the reader's own price.
    """

    rows: list[ItemRow]
    title: str
    trail: tuple[Step, ...]
    total: int
    is_capped: bool
    page: Page[int]
    groups: tuple[Group, ...]
    sorts: tuple[Option, ...]
    corrected: str
    pending_url: str
    order: PriceOrder | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of an order in which the actor's company bought an item, whatever the channel."""

    number: str
    placed_at: dt.datetime
    channel: str
    quantity: Decimal
    unit: str
    net_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """Everything on the page of one item.

    Attributes:
        is_withdrawn: The ERP does not sell it any more.
        successor: What is sold instead, at the end of the chain; None when there is nothing.
        predecessors: Numbers of the items that it replaces.
        documents: Files in force, in the reader's language; `documents_elsewise` those in other languages.
        past_documents: Old versions, of the days when the actor's company bought it.
        trail: Its category with all above, from the root.
        price: None when it is withdrawn.
    """

    item: Item
    sku: str
    name: str
    description: str
    brand: str
    own_numbers: tuple[str, ...]
    picture_url: str
    facts: tuple[Fact, ...]
    documents: tuple[Document, ...]
    documents_elsewise: tuple[Document, ...]
    past_documents: tuple[Document, ...]
    trail: tuple[Step, ...]
    predecessors: tuple[str, ...]
    is_withdrawn: bool
    successor: ItemRow | None
    price: PriceView | None
    history: tuple[Bought, ...]


def search_items(*, actor: Actor, query: ItemQuery, wait: bool = False) -> ItemPage:
    """Return a page of the items on sale that fit, with the actor's own numbers and prices.

    Without `wait` no ERP is asked: prices that are not known are pending.
    """
    order = price_order(actor=actor, query=query)
    hits = _find(actor, query, order)
    page = page_of(hits.total, query)
    if not hits.items and page.number < query.page:
        hits = _find(actor, replace(query, page=page.number), order)
    rows = rows_of(actor=actor, items=hits.items, wait=wait or (order is not None and order.is_old))
    if order is not None and order.is_old:
        rows = in_order(rows, query.sort)
    return ItemPage(
        rows=rows,
        title=title_of(query),
        trail=way_to(query.category),
        total=hits.total,
        is_capped=hits.total_is_lower_bound,
        page=page,
        groups=groups_of(query, hits),
        sorts=sorts_of(query),
        corrected=hits.corrected_to,
        pending_url=pending_address([row.price for row in rows if row.price is not None]),
        order=order,
    )


def _find(actor: Actor, query: ItemQuery, order: PriceOrder | None) -> Hits:
    return find_items(
        query=query.query,
        customer_erp_id=actor.sold_to.erp_id,
        language=get_language() or "en",
        category_erp_id=query.category or None,
        filters=by_key(query.facets),
        page=query.page,
        per_page=query.size,
        sort=query.sort,
        prices=order.prices if order else None,
    )


def item_cards(*, actor: Actor, skus: Sequence[str], wait: bool = False) -> list[ItemRow]:
    """Return items on sale by their numbers, in the order given, with the actor's numbers and prices."""
    found = mirror.items_by_sku(skus)
    items = [found[sku] for sku in skus if sku in found and is_on_sale(found[sku])]
    own = mirror.own_part_numbers(customer_erp_id=actor.sold_to.erp_id, skus=[item.sku for item in items])
    for item in items:
        item.own_numbers = own.get(item.sku, ())  # type: ignore[attr-defined] # as `mirror.items_in_order` has them
    return rows_of(actor=actor, items=items, wait=wait)


def rows_of(*, actor: Actor, items: Sequence[Item], wait: bool) -> list[ItemRow]:
    """Return the rows of a list, priced in one question; without `wait` only what is known."""
    if not items:
        return []
    prices = price_lines(
        actor=actor,
        asks=[(item.sku, ONE) for item in items],
        items={item.sku: item for item in items},
        wait=wait,
    )
    return [_row(item, _own_numbers(item), prices.get(item.sku)) for item in items]


def get_item(*, actor: Actor, sku: str, wait: bool = False) -> ItemDetail:
    """Return the page of an item, on sale or withdrawn, with the actor's price and history.

    Raises:
        Http404: there never was an item with this number.
    """
    item = mirror.item_for(customer_erp_id=actor.sold_to.erp_id, sku=sku)
    if item is None:
        raise Http404
    sold = is_on_sale(item)
    documents = documents_of(item)
    readable = in_own_language(documents)
    price = price_in_full(actor=actor, item=item, wait=wait) if sold else None
    return ItemDetail(
        item=item,
        sku=item.sku,
        name=item_name(item),
        description=item_description(item),
        brand=item.brand,
        own_numbers=_own_numbers(item),
        picture_url=picture_url(item),
        facts=specification(item),
        documents=readable,
        documents_elsewise=tuple(one for one in documents if one.is_in_force and one not in readable),
        past_documents=past_documents(actor=actor, sku=item.sku, documents=documents),
        trail=_trail(item),
        predecessors=tuple(getattr(item, "predecessors", ())),
        is_withdrawn=not sold,
        successor=None if sold else successor_of(item, actor=actor),
        price=price,
        history=bought(actor=actor, item=item),
    )


def find_document(*, actor: Actor, sku: str, document: str) -> Document:
    """Return a file of an item by the ERP's id; an old version only to whose company bought when it was in force.

    Raises:
        Http404: no such item, the file is not one of its own, or an old version of no concern to him.
    """
    item = _whatever_its_state(sku).first()
    found = documents_of(item) if item else ()
    wanted = next((one for one in found if one.id == document), None)
    if wanted is None:
        raise Http404
    if not wanted.is_in_force and wanted not in past_documents(actor=actor, sku=sku, documents=found):
        raise Http404
    return wanted


def item_with_picture(sku: str) -> Item | None:
    """Return the item on sale, or the latest, with this number."""
    return _whatever_its_state(sku).first()


def is_on_sale(item: Item) -> bool:
    """Whether the ERP sells the item now."""
    return item.is_active and item.gone_at is None


def successor_of(item: Item, *, actor: Actor) -> ItemRow | None:
    """Return what is sold instead of a withdrawn item, following the chain to its end."""
    seen = {item.sku}
    current: Item | None = item
    while current is not None and current.replaced_by and len(seen) < LONGEST_CHAIN:
        if current.replaced_by in seen:
            return None
        seen.add(current.replaced_by)
        current = mirror.item_for(customer_erp_id=actor.sold_to.erp_id, sku=current.replaced_by)
        if current is not None and is_on_sale(current):
            return _row(current, _own_numbers(current), None)
    return None


_BOUGHT = """
SELECT o.number, o.placed_at, o.channel_hint, l.quantity, l.unit, l.net_price, o.currency
FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
WHERE o.customer_erp_id = %s AND o.gone_at IS NULL AND o.status NOT IN ('draft', 'quotation', 'cancelled')
    AND l.sku = %s AND l.quantity > 0
ORDER BY o.placed_at DESC, l.id DESC LIMIT %s
"""


def bought(*, actor: Actor, item: Item) -> tuple[Bought, ...]:
    """Return the last lines in which the actor's company ordered an item, by whatever channel."""
    words = item_words(item)
    lines = (Bought(*row) for row in fetch(_BOUGHT, [actor.sold_to.erp_id, item.sku, MOST_HISTORY]))
    return tuple(replace(line, unit=words.unit(line.unit)) for line in lines)


def _row(item: Item, own_numbers: Sequence[str], price: PriceView | None) -> ItemRow:
    return ItemRow(
        sku=item.sku,
        name=item_name(item),
        brand=item.brand,
        own_numbers=tuple(own_numbers),
        url=item_url(item.sku),
        picture_url=picture_url(item),
        price=price,
    )


def _own_numbers(item: Item) -> tuple[str, ...]:
    return tuple(getattr(item, "own_numbers", ()))


def _trail(item: Item) -> tuple[Step, ...]:
    own = item.own_category_ids or item.category_ids
    return way_to(own[0]) if own else ()


def _whatever_its_state(sku: str) -> QuerySet[Item]:
    """Return the rows with a number, the one on sale first, else the latest."""
    rows = Item.objects.filter(sku=sku.replace("\x00", "")).defer(*HEAVY)
    return rows.order_by("-is_active", F("gone_at").desc(nulls_first=True), "-pk")
