"""A simulated ERP of any size: every record is worked out of its number, so that it needs no memory of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from benchmarks import catalogue as c
from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp

LINES, CUSTOMERS, CATEGORIES = 4, 500, 100
# Of the documents so many in a hundred are orders, deliveries, invoices.
SHARES = {"orders": 40, "deliveries": 30, "invoices": 30}
BEGAN_AT = dt.datetime(2024, 1, 2, 8, tzinfo=dt.UTC)
# Every so manieth record of a kind is the one that changed.
CHANGED_EACH = 100


class SimulatedErp(FakeErp):
    """Gives out items, documents and what belongs to them by pages, by id; the rest is the ERP in memory.

    Attributes:
        changed_at: When one record in a hundred changed; None = none did.
    """

    def __init__(self, *, items: int, documents: int, changed_at: dt.datetime | None = None) -> None:
        super().__init__()
        self.changed_at = changed_at
        self._items = items
        self.sizes = {"categories": min(CATEGORIES, items), "items": items, "customers": min(CUSTOMERS, documents)}
        self.sizes |= {kind: documents * share // 100 for kind, share in SHARES.items()}

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page by id."""
        size = self.sizes.get(kind, 0)
        first = int(cursor.last_id) + 1 if cursor.last_id else 0
        wanted = iter(range(first, size)) if cursor.changed_at is None else self._changed(first, size)
        numbers = list(islice(wanted, limit + 1))
        has_more, numbers = len(numbers) > limit, numbers[:limit]
        following = r.Cursor(cursor.changed_at, f"{numbers[-1]:08}") if has_more else None
        make = _MAKERS[kind] if numbers else None
        records = tuple(make(self, number) for number in numbers) if make else ()
        return r.Page(records=records, next=following, total=size if cursor.changed_at is None else None)

    def _changed(self, first: int, size: int) -> Iterator[int]:
        if self.changed_at is None:
            return iter(())
        return iter(range(-(-first // CHANGED_EACH) * CHANGED_EACH, size, CHANGED_EACH))

    def is_changed(self, number: int) -> bool:
        """Say whether a record is one of those that changed."""
        return self.changed_at is not None and number % CHANGED_EACH == 0

    def own(self, number: int) -> dict[str, Any]:
        """Return id and version of a record."""
        return {"erp_id": f"{number:08}", "version": self.changed_at if self.is_changed(number) else BEGAN_AT}

    def price(self, number: int) -> Decimal:
        """Return the list price of an item; a cent more since it changed."""
        return Decimal(50 + number * 37 % 40_000 + self.is_changed(number)) / 100

    def word(self, number: int) -> str:
        """Return what the texts of a record begin with."""
        return "Changed " if self.is_changed(number) else ""


def _of(things: list[Any], number: int, step: int) -> Any:
    return things[number // step % len(things)]


def _category(erp: SimulatedErp, number: int) -> r.CategoryRecord:
    families = len(c.FAMILIES)
    spanish, english = c.FAMILIES[number] if number < families else _of(c.THINGS[number % families], number, families)
    parent = "" if number < families else f"{number % families:08}"
    return r.CategoryRecord(
        **erp.own(number), names={"es": spanish, "en": erp.word(number) + english}, parent_erp_id=parent
    )


def _item(erp: SimulatedErp, number: int) -> r.ItemRecord:
    spanish, english = _of(c.THINGS[number % len(c.THINGS)], number, 10)
    material, purpose, adjective = _of(c.MATERIALS, number, 3), _of(c.PURPOSES, number, 7), _of(c.ADJECTIVES, number, 5)
    brand, standard = _of(c.BRANDS, number, 11), _of(c.STANDARDS, number, 13)
    size = f"M{3 + number % 18}x{10 + number // 18 % 40 * 5}"
    return r.ItemRecord(
        **erp.own(number),
        sku=f"{english[:3].upper()}-{number:06}",
        texts={
            "es": r.Text(
                f"{spanish} {purpose[0]} {adjective[0]} {size} {material[0].lower()}",
                f"{spanish} de {material[0].lower()} según {standard}, marca {brand}, uso {size}.",
            ),
            "en": r.Text(
                f"{english} {purpose[1]} {adjective[1]} {size} {material[1].lower()}",
                f"{english} made of {material[1].lower()} to {standard}, by {brand}.",
            ),
        },
        sales_unit=r.PackUnit("u", {"en": "Unit", "es": "Unidad"}),
        packs=(r.PackUnit("box", {"en": "Box", "es": "Caja"}, Decimal(100)),),
        category_erp_ids=(f"{10 + number % 90:08}",),
        barcodes=(f"84{number:011}",),
        brand=brand,
        attributes=_attributes(number, material, standard, size),
        list_price=erp.price(number),
    )


def _attributes(number: int, material: tuple[str, str], standard: str, size: str) -> dict[str, dict[str, str]]:
    colour, use = _of(c.COLOURS, number, 2), _of(c.USES, number, 9)
    return {
        "material": {"es": material[0], "en": material[1]},
        "colour": {"es": colour[0], "en": colour[1]},
        "use": {"es": use[0], "en": use[1]},
        "standard": {"en": standard},
        "thread": {"en": size.split("x", maxsplit=1)[0]},
    }


def _customer(erp: SimulatedErp, number: int) -> r.CustomerRecord:
    place: dict[str, Any] = {
        "name": "",
        "street": f"Calle Mayor {number}",
        "postal_code": f"{46_000 + number}",
        "city": "Valencia",
    }
    addresses = tuple(r.AddressRecord(erp_id=f"a{number}-{n}", **place, country="ES") for n in range(2))
    name, mail = f"{erp.word(number)}Ferretería {number}", r.ContactRecord("email", f"compras{number}@example.com")
    return r.CustomerRecord(
        **erp.own(number), number=f"C{number}", name=name, currency="EUR", addresses=addresses, contacts=(mail,)
    )


def _lines(erp: SimulatedErp, number: int) -> Iterator[tuple[int, str, Decimal, Decimal]]:
    """Yield the lines of an order, its delivery and its invoice: position, number of the item, how many, price."""
    for position in range(1, LINES + 1):
        item = (number * 7 + position * 1_013) % max(erp.sizes["items"], 1)
        _thing, english = _of(c.THINGS[item % len(c.THINGS)], item, 10)
        yield position, f"{english[:3].upper()}-{item:06}", Decimal(1 + (number + position) % 40), erp.price(item)


def _customer_of(erp: SimulatedErp, number: int) -> str:
    return f"{number % max(erp.sizes['customers'], 1):08}"


def _order(erp: SimulatedErp, number: int) -> r.OrderRecord:
    placed_at = BEGAN_AT + dt.timedelta(minutes=23 * number)
    promised_on = placed_at.date() + dt.timedelta(days=3)
    lines = tuple(
        r.OrderLineRecord(
            n, f"{number}-{n}", sku, sku, many, "u", price, list_price=price, quantity_delivered=many,
            promised_on=promised_on, amount=many * price,
        )
        for n, sku, many, price in _lines(erp, number)
    )  # fmt: skip
    return r.OrderRecord(
        **erp.own(number), number=f"SO{number:06}", customer_erp_id=_customer_of(erp, number), status="completed",
        placed_at=placed_at, currency="EUR", channel_hint=list(r.Channel)[number % 5], lines=lines, step="delivered",
        customer_reference=f"{erp.word(number)}PO-{number}", ship_to="Calle Mayor 1", **_sums(lines),
    )  # fmt: skip


def _sums(lines: tuple[Any, ...]) -> dict[str, Any]:
    untaxed = sum((line.amount for line in lines), Decimal(0)).quantize(Decimal("0.01"))
    tax = (untaxed * Decimal("0.21")).quantize(Decimal("0.01"))
    return {"untaxed_total": untaxed, "tax_total": tax, "total": untaxed + tax}


def _delivery(erp: SimulatedErp, number: int) -> r.DeliveryRecord:
    shipped_on = (BEGAN_AT + dt.timedelta(minutes=23 * number)).date() + dt.timedelta(days=2)
    lines = tuple(
        r.DeliveryLineRecord(f"{number:08}", f"{number}-{n}", sku, many, "u")
        for n, sku, many, _price in _lines(erp, number)
    )
    return r.DeliveryRecord(
        **erp.own(number), number=f"D{number:06}", customer_erp_id=_customer_of(erp, number), state="delivered",
        shipped_on=shipped_on, carrier=f"{erp.word(number)}Transportes Turia", tracking_number=f"TT{number:09}",
        lines=lines,
    )  # fmt: skip


def _invoice(erp: SimulatedErp, number: int) -> r.InvoiceRecord:
    invoiced_on = (BEGAN_AT + dt.timedelta(minutes=23 * number)).date() + dt.timedelta(days=4)
    lines = tuple(
        r.InvoiceLineRecord(
            n, f"i{number}-{n}", sku, sku, many, "u", price, many * price, order_erp_id=f"{number:08}",
            order_line_erp_id=f"{number}-{n}",
        )
        for n, sku, many, price in _lines(erp, number)
    )  # fmt: skip
    sums = _sums(lines)
    return r.InvoiceRecord(
        **erp.own(number), number=f"F{number:06}", customer_erp_id=_customer_of(erp, number), kind="invoice",
        state="open", invoiced_on=invoiced_on, due_on=invoiced_on + dt.timedelta(days=30), currency="EUR",
        amount_due=sums["total"], order_numbers=(f"{erp.word(number)}SO{number:06}",), lines=lines, **sums,
    )  # fmt: skip


_MAKERS: dict[str, Callable[[SimulatedErp, int], Any]] = {
    "categories": _category,
    "items": _item,
    "customers": _customer,
    "orders": _order,
    "deliveries": _delivery,
    "invoices": _invoice,
}
