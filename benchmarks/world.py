"""Fills the database that is measured: items, customers with their people and sessions, orders, baskets.

    python -m benchmarks.world ITEMS CUSTOMERS ARCHIVE FOLDER

ARCHIVE is how many orders the company with the long history has.

It writes FOLDER/book.json (what the ERP knows) and FOLDER/plan.json (who is logged in, what there is to visit).
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import uuid
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

PRICE_LISTS = {"LIST-A": "1", "LIST-B": "0.9", "LIST-C": "0.8"}
ORDERS, LINES, BASKET_LINES = 30, 4, 10
# Who is logged in while it is measured, and how many orders of each have papers.
BUYERS, WITH_PAPERS = 60, 12


def main() -> None:
    """Fill the database and write the two files."""
    import django

    django.setup()
    items, customers, orders, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    book, plan = fill(items=items, customers=customers, archive_orders=orders, now=dt.datetime.now(dt.UTC))
    (folder / "book.json").write_text(json.dumps(book), encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def fill(*, items: int, customers: int, archive_orders: int, now: dt.datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fill the empty database; return the ERP's book and the plan of the visits."""
    from benchmarks import archive, catalogue
    from erp_sync.mirror.models import Item

    made = catalogue.fill(items=items, now=now)
    companies = _companies(customers, now)
    people = _people(companies)
    numbers = _orders(companies, made.skus, now)
    _papers([company.erp_id for company in companies[:BUYERS]], now)
    _baskets(people[:BUYERS], companies, made.skus, now)
    archivist = archive.fill(orders=archive_orders, skus=made.skus, now=now)
    _settle()
    known = Item.objects.values("erp_id", "sku", "list_price")
    book = {
        "items": [row | {"list_price": str(row["list_price"])} for row in known],
        "price_lists": PRICE_LISTS,
        "customers": [{"erp_id": one.erp_id, "price_list": _list_of(n)} for n, one in enumerate(companies)],
    }
    return book, {
        "skus": made.skus,
        "categories": made.leaves,
        "buyers": _buyers(people[:BUYERS], companies, numbers, now),
        "archive": {"session": _session(archivist, now), "orders": archive_orders},
    }


def _list_of(number: int) -> str:
    return list(PRICE_LISTS)[number % len(PRICE_LISTS)]


def _companies(count: int, now: dt.datetime) -> list[Any]:
    from accounts.models import Eligibility, SoldTo
    from erp_sync.mirror.models import Address, Customer

    names = [f"Ferretería {n}" for n in range(count)]
    customers = Customer.objects.bulk_create(
        Customer(
            erp_id=f"C{n}", version=now, synced_at=now, number=f"{10_000 + n}", name=name,
            price_list=_list_of(n), currency="EUR",
        )
        for n, name in enumerate(names)
    )  # fmt: skip
    Address.objects.bulk_create(
        Address(
            customer=customer, erp_id=f"A-{customer.erp_id}", name=customer.name, street="Calle Mayor 1",
            postal_code="28013", city="Madrid",
        )
        for customer in customers
    )  # fmt: skip
    companies = SoldTo.objects.bulk_create(SoldTo(erp_id=c.erp_id, number=c.number, name=c.name) for c in customers)
    since = now.date() - dt.timedelta(days=365)
    Eligibility.objects.bulk_create(Eligibility(sold_to=company, from_on=since) for company in companies)
    return companies


def _people(companies: list[Any]) -> list[Any]:
    from accounts.models import Membership, User

    people = User.objects.bulk_create(
        User(email=f"buyer{n}@example.com", first_name="Marta", last_name=f"Gil {n}", password="!")  # noqa: S106 (none)
        for n in range(len(companies))
    )
    Membership.objects.bulk_create(
        Membership(user=user, sold_to=company) for user, company in zip(people, companies, strict=True)
    )
    return people


def _orders(companies: list[Any], skus: list[str], now: dt.datetime) -> dict[str, list[str]]:
    """Write orders of all channels into the mirror; return their numbers by customer."""
    from erp_sync.mirror.models import Order, OrderLine

    chance = random.Random(2)  # noqa: S311 (data)
    orders = Order.objects.bulk_create(
        (
            Order(
                erp_id=f"o-{company.erp_id}-{n}", version=now, synced_at=now, number=f"SO-{company.pk:04}-{n:03}",
                customer_erp_id=company.erp_id, status="open", step=chance.choice(["confirmed", "picking", "shipped"]),
                placed_at=now - dt.timedelta(days=7 * n, minutes=chance.randrange(600)), currency="EUR",
                channel_hint=chance.choice(["phone", "email", "rep"]), customer_reference=f"PO-{n:05}",
                untaxed_total=Decimal(chance.randrange(1_000, 900_000)) / 100, total=Decimal(100_000) / 100,
                ship_to=f"{company.name}, Calle Mayor 1, 28013 Madrid",
            )
            for company in companies
            for n in range(ORDERS)
        ),
        batch_size=1000,
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        (
            OrderLine(
                order=order, erp_id=f"{order.erp_id}-{n}", line_no=n, sku=sku, description=sku, unit="u",
                quantity=Decimal(chance.randrange(1, 50)), net_price=Decimal(chance.randrange(5, 50_000)) / 100,
            )
            for order in orders
            for n, sku in enumerate(chance.sample(skus, LINES), start=1)
        ),
        batch_size=2000,
    )  # fmt: skip
    numbers: dict[str, list[str]] = {}
    for order in orders:
        numbers.setdefault(order.customer_erp_id, []).append(order.number)
    return numbers


def _papers(customers: list[str], now: dt.datetime) -> None:
    """Write a delivery and an invoice for the latest orders of these customers."""
    from erp_sync.mirror.models import Delivery, DeliveryLine, Invoice, InvoiceLine, Order

    chosen = Order.objects.filter(customer_erp_id__in=customers, placed_at__gt=now - dt.timedelta(weeks=WITH_PAPERS))
    for order in chosen.prefetch_related("lines"):
        lines = list(order.lines.all())
        common = {"version": now, "synced_at": now, "customer_erp_id": order.customer_erp_id}
        delivery = Delivery.objects.create(
            erp_id=f"d-{order.erp_id}", number=f"D-{order.number}", state="shipped", shipped_on=now.date(),
            carrier="Correo", tracking_number=f"T{order.pk}", **common,
        )  # fmt: skip
        DeliveryLine.objects.bulk_create(
            DeliveryLine(
                delivery=delivery, order_erp_id=order.erp_id, order_line_erp_id=line.erp_id, sku=line.sku,
                quantity=line.quantity, unit="u",
            )
            for line in lines[:2]
        )  # fmt: skip
        amount = sum((line.quantity * line.net_price for line in lines), Decimal(0))
        invoice = Invoice.objects.create(
            erp_id=f"i-{order.erp_id}", number=f"F-{order.number}", kind="invoice", state="open", currency="EUR",
            invoiced_on=now.date(), due_on=now.date() + dt.timedelta(days=30), untaxed_total=amount,
            tax_total=Decimal(0), total=amount, amount_due=amount, order_numbers=[order.number], **common,
        )  # fmt: skip
        InvoiceLine.objects.bulk_create(
            InvoiceLine(
                invoice=invoice, line_no=line.line_no, erp_id=f"il-{line.erp_id}", sku=line.sku, description=line.sku,
                quantity=line.quantity, unit="u", net_price=line.net_price, amount=line.quantity * line.net_price,
                order_erp_id=order.erp_id, order_line_erp_id=line.erp_id,
            )
            for line in lines
        )  # fmt: skip


def _baskets(people: list[Any], companies: list[Any], skus: list[str], now: dt.datetime) -> None:
    """Give each of the first half of the buyers a basket of ten lines; the others start with an empty one."""
    from shop.carts.models import Cart, CartLine

    chance = random.Random(3)  # noqa: S311 (data)
    for user, company in zip(people, companies, strict=False):
        cart = Cart.objects.create(user=user, sold_to=company, order_key=uuid.uuid4())
        if user.pk <= people[len(people) // 2].pk:
            CartLine.objects.bulk_create(
                CartLine(cart=cart, sku=sku, quantity=Decimal(10), position=n, added_at=now)
                for n, sku in enumerate(chance.sample(skus, BASKET_LINES), start=1)
            )


def _buyers(people: list[Any], companies: list[Any], numbers: dict[str, list[str]], now: dt.datetime) -> list[Any]:
    return [
        {
            "session": _session(user, now),
            "ship_to": f"A-{company.erp_id}",
            "customer": company.erp_id,
            "price_list": _list_of(number),
            "orders": numbers[company.erp_id],
        }
        for number, (user, company) in enumerate(zip(people, companies, strict=False))
    ]


def _session(user: Any, now: dt.datetime) -> str:
    """Log somebody in as the log-in page does, without its password hash; return the cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts import sessions
    from accounts.models import LiveSession

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[sessions.SIGNED_IN_AT] = store[sessions.SEEN_AT] = int(now.timestamp())
    store[sessions.BROWSING] = uuid.uuid4().hex
    store.create()
    live = LiveSession.objects.create(session_key=store.session_key, user=user, started_at=now, last_seen_at=now)
    store[sessions.LIVE] = live.pk
    store.save()
    return str(store.session_key)


def _settle() -> None:
    """Do now what PostgreSQL would do by itself within minutes, in the middle of what is measured.

    Until the rows written last are merged into the GIN indexes a search takes half as long again.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


if __name__ == "__main__":
    main()
