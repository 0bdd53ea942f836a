"""M25 leads: who got in touch, and what they bought since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import value_of
from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Lead

# By lead: the value of its account's orders since, and how many of them have no exchange rate.
Sold = Mapping[str, tuple[Decimal, int]]


@dataclass(frozen=True, slots=True)
class LeadGroup:
    """M25 of a source, or of all: ids of the leads and the revenue that came from them."""

    leads: tuple[str, ...]
    revenue: Decimal

    @property
    def per_lead(self) -> Decimal | None:
        """Revenue / leads, converted or not."""
        return divided(self.revenue, len(self.leads))


@dataclass(frozen=True, slots=True)
class Leads:
    """M25. `repeated`: leads of the period that were dropped as the same person again."""

    overall: LeadGroup
    by_source: dict[str, LeadGroup]
    repeated: int
    unconverted_orders: int


def leads(book: Book, period: Period, *, sold: Callable[[Sequence[Lead]], Sold] | None = None) -> Leads:
    """Return M25 for the leads created in the period; an account's revenue goes to its earliest kept lead.

    `sold`: how to find out what the accounts of some leads bought since; by the book's orders unless somebody knows
    better.
    """
    kept, first = book.indexed(_kept), book.indexed(_first_leads)
    ours = [one for one in kept if book.day(one.created_at) in period]
    created = sum(book.day(one.created_at) in period for one in book.indexed(_all))
    earliest = [one for one in ours if first.get(one.account_id) == one.lead_id]
    found = sold(earliest) if sold else {one.lead_id: worth(bought_since(book, one)) for one in earliest}
    revenue = {one.lead_id: found.get(one.lead_id, (Decimal(0), 0)) for one in ours}
    sources = sorted({one.source for one in ours})
    return Leads(
        overall=_group(ours, revenue),
        by_source={source: _group([one for one in ours if one.source == source], revenue) for source in sources},
        repeated=created - len(ours),
        unconverted_orders=sum(lost for _value, lost in revenue.values()),
    )


def _group(own: list[Lead], revenue: Mapping[str, tuple[Decimal, int]]) -> LeadGroup:
    ids = tuple(one.lead_id for one in own)
    return LeadGroup(ids, sum((revenue[lead_id][0] for lead_id in ids), Decimal(0)))


def _all(book: Book) -> list[Lead]:
    """Index: leads before `as_of`, oldest first, each once, without test accounts."""
    once = {one.lead_id: one for one in book.leads}.values()
    found = [one for one in once if one.created_at < book.as_of and not book.is_test_account(one.account_id)]
    return sorted(found, key=lambda one: (one.created_at, one.lead_id))


def _kept(book: Book) -> list[Lead]:
    """Index: leads without those of the same person soon after the last kept one."""
    window = dt.timedelta(hours=24 * book.settings.lead_dedupe_days)
    last: dict[str, dt.datetime] = {}
    kept = []
    for one in book.indexed(_all):
        identity = one.identity_key.strip().casefold() or one.lead_id
        if identity in last and one.created_at - last[identity] < window:
            continue
        last[identity] = one.created_at
        kept.append(one)
    return kept


def _first_leads(book: Book) -> Mapping[str, str]:
    """Index: an account's earliest kept lead."""
    found: dict[str, str] = {}
    for one in book.indexed(_kept):
        if one.account_id:
            found.setdefault(one.account_id, one.lead_id)
    return found


def counts_until(book: Book, lead: Lead) -> dt.datetime:
    """Return the last instant at which an order counts for a lead."""
    return lead.created_at + dt.timedelta(hours=24 * book.settings.lead_days)


def bought_since(book: Book, lead: Lead) -> list[Order]:
    """Return the orders of the account that count for a lead."""
    end = counts_until(book, lead)
    return [one for one in book.orders_by_account.get(lead.account_id, ()) if lead.created_at <= one.placed_at <= end]


def worth(orders: Sequence[Order]) -> tuple[Decimal, int]:
    """Return the value of orders, and how many had no rate."""
    return value_of(orders), sum(order.value is None for order in orders)
