"""Items and categories for tests: in the fake ERP and in the mirror, as after a pull."""

from __future__ import annotations

import itertools
from typing import Any

from django.db import transaction
from django.utils import timezone

from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.mirror.models import Category, Customer, Item, OwnPartNumber
from erp_sync.mirror.writing import write

_numbers = itertools.count(1)  # written with five digits: no name is a part of another, and all sort as made


def category(name: str = "", *, name_es: str = "", parent: Category | None = None) -> Category:
    """Return a new category."""
    number = next(_numbers)
    name = name or f"Category {number:05}"
    record = r.CategoryRecord(
        erp_id=f"cat-{number:05}",
        version=timezone.now(),
        names={"en": name, "es": name_es or name},
        parent_erp_id=parent.erp_id if parent else "",
        code=f"{number:05}",
    )
    fake.shared().put("categories", record)
    with transaction.atomic():
        write("categories", [record], now=timezone.now())
    return Category.objects.get(erp_id=record.erp_id)


def item(
    sku: str = "",
    name: str = "",
    *,
    name_es: str = "",
    price: str = "10.00",
    stock: int | None = 100,
    **facts: Any,
) -> Item:
    """Return a new item, also in the fake ERP; `facts` are further fields of ItemRecord."""
    number = next(_numbers)
    sku = sku or f"SKU-{number:05}"
    name = name or f"Item {number:05}"
    texts = {"en": r.Text(name=name), "es": r.Text(name=name_es or name)}
    unit = r.PackUnit(code="u", names={"en": "unit", "es": "unidad"})
    known = {"erp_id": f"item-{number:05}", "texts": texts, "sales_unit": unit} | facts
    record = fake.shared().add_item(sku, price, stock=stock, **known)
    with transaction.atomic():
        write("items", [record], now=timezone.now())
    return Item.objects.get(erp_id=record.erp_id)


def own_part_number(*, customer_erp_id: str, sku: str, number: str) -> OwnPartNumber:
    """Let a customer call an item by a number of his own."""
    customer = Customer.objects.get(erp_id=customer_erp_id)
    return OwnPartNumber.objects.create(customer=customer, sku=sku, number=number)
