"""What a rep sees of his customers: who they are, what they ordered last and how, what they owe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts import needs
from accounts.models import SoldTo, User
from accounts.needs import Need, Standing
from accounts.selectors import company_day, customers_of_rep
from erp_sync.mirror.models import Address, Invoice, Order, OrderLine

PAGE = 50


@dataclass(frozen=True, slots=True)
class Owed:
    """Overdue invoices of one customer in one currency."""

    amount: Decimal
    currency: str
    count: int


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One customer on the desk; facts come from the mirror, None = the ERP knows none.

    `open_orders` counts the orders of which goods are still to come; `needs` the most pressing first.
    """

    sold_to: SoldTo
    city: str
    last_order: Order | None
    open_orders: int
    overdue: tuple[Owed, ...]
    needs: tuple[Need, ...]
    standing: Standing | None


def desk(*, rep: User, query: str, page: str | None, now: dt.datetime) -> tuple[Page, list[DeskRow]]:
    """Return a page of the rep's customers with their facts, those first who need him soonest.

    The number of queries does not depend on theirs. `query` is part of a name, a customer number or a city.
    """
    on = company_day(now)
    everybody = list(_matching(customers_of_rep(rep=rep, on=on), query))
    told = needs.ask(everybody, rep=rep, now=now)
    everybody.sort(key=lambda company: _rank(told.needs.get(company.pk, ())))
    found = Paginator(everybody, PAGE).get_page(page)
    companies = list(found.object_list)
    erp_ids = [company.erp_id for company in companies]
    cities, last = _cities(erp_ids), _last_orders(erp_ids)
    waiting, owed = _open_orders(erp_ids), _overdue(erp_ids, on=on)
    rows = [
        DeskRow(
            sold_to=company,
            city=cities.get(company.erp_id, ""),
            last_order=last.get(company.erp_id),
            open_orders=waiting.get(company.erp_id, 0),
            overdue=tuple(owed.get(company.erp_id, ())),
            needs=tuple(told.needs.get(company.pk, ())),
            standing=told.standings.get(company.pk),
        )
        for company in companies
    ]
    return found, rows


def _rank(found: Sequence[Need]) -> tuple[float, float]:
    return found[0].rank if found else (0, 0)


def _matching(companies: QuerySet[SoldTo], query: str) -> QuerySet[SoldTo]:
    query = query.strip()
    if not query:
        return companies.order_by("name", "pk")
    there = Address.objects.filter(city__icontains=query).values("customer__erp_id")
    wanted = Q(name__icontains=query) | Q(number__istartswith=query) | Q(erp_id__in=there)
    return companies.filter(wanted).order_by("name", "pk")


def _cities(erp_ids: Sequence[str]) -> dict[str, str]:
    places = Address.objects.filter(customer__erp_id__in=erp_ids).exclude(city="")
    pairs = places.order_by("-pk").values_list("customer__erp_id", "city")
    return dict(pairs)  # the first address of each customer comes last and stays


def _last_orders(erp_ids: Sequence[str]) -> dict[str, Order]:
    orders = Order.objects.filter(customer_erp_id__in=erp_ids, is_return=False)
    newest = orders.exclude(status__in=["draft", "quotation", "cancelled"]).order_by(
        "customer_erp_id", "-placed_at", "-pk"
    )
    return {order.customer_erp_id: order for order in newest.distinct("customer_erp_id")}


def _open_orders(erp_ids: Sequence[str]) -> dict[str, int]:
    handled = F("quantity_delivered") + F("quantity_cancelled")
    to_come = OrderLine.objects.filter(order=OuterRef("pk"), item_type="goods", quantity__gt=handled)
    orders = Order.objects.filter(Exists(to_come), customer_erp_id__in=erp_ids, status="open", is_return=False)
    return dict(orders.values("customer_erp_id").annotate(n=Count("pk")).values_list("customer_erp_id", "n"))


def _overdue(erp_ids: Sequence[str], *, on: dt.date) -> dict[str, list[Owed]]:
    late = Invoice.objects.filter(
        customer_erp_id__in=erp_ids, kind="invoice", state="open", due_on__lt=on, amount_due__gt=0
    )
    sums = late.values("customer_erp_id", "currency").annotate(owed=Sum("amount_due"), n=Count("pk"))
    found: dict[str, list[Owed]] = {}
    for row in sums.order_by("customer_erp_id", "currency"):
        owed = Owed(amount=row["owed"], currency=row["currency"], count=row["n"])
        found.setdefault(row["customer_erp_id"], []).append(owed)
    return found
