"""Figures from the facts themselves: each share knows its rows. What the sums are held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics import (
    adoption,
    baskets,
    daily,
    finance,
    hours,
    leads,
    lifecycle,
    logins,
    plan,
    quotes,
    scores,
    service,
    surveys,
)
from adoption.metrics import alerts as moves
from adoption.metrics import channels as paths
from adoption.metrics import conversion as visits
from adoption.metrics import delivery as goods
from adoption.metrics.causes import Friction, last_friction
from adoption.metrics.facts import Book, Invoice, Period
from adoption.metrics.rows import PlanAmount
from adoption.metrics.shares import Share
from adoption.reports.numbers import Hours


@dataclass(frozen=True, slots=True)
class ByFacts:
    """Figures of a book.

    Attributes:
        book: Narrowed to what the question asks for.
        across: The same with all paths. `whole`: of everybody.
    """

    book: Book
    across: Book
    whole: Book

    def orders(self, period: Period) -> Mapping[str, int]:
        """Return counted orders by channel."""
        found: dict[str, int] = {}
        for order in self.book.orders_in(period):
            found[order.channel] = found.get(order.channel, 0) + 1
        return found

    def orders_by_month(self, months: Sequence[Period]) -> list[Mapping[str, int]]:
        """Return counted orders of each month by channel."""
        return [self.orders(period) for period in months]

    def customers(self, period: Period) -> int:
        """Return how many customers have a counted order."""
        return len(adoption.accounts_of(self.book.orders_in(period)))

    def order_values(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal]:
        """Return the value of the orders of some accounts."""
        found: dict[str, Decimal] = {}
        for order in self.book.orders_in(period, of=frozenset(accounts)):
            found[order.account_id] = found.get(order.account_id, Decimal(0)) + (order.value or Decimal(0))
        return found

    def channels(self) -> list[str]:
        """Return the channels of all counted orders there are."""
        return sorted({order.channel for order in self.whole.orders})

    def adoption(self, period: Period, *, with_excluded: bool = False) -> adoption.Adoption:
        """Return M1."""
        return adoption.adoption(self.book, period, with_excluded=with_excluded)

    def logins(self, period: Period) -> Mapping[str, logins.Logins]:
        """Return M2."""
        return logins.strategic_logins(self.book, period)

    def tracking(self, period: Period) -> service.Tracking:
        """Return M3."""
        return service.tracking(self.book, period)

    def paid_online(self, period: Period) -> Share:
        """Return M4 by count."""
        return service.invoices_paid_online(self.book, period).count

    def paid_online_value(self, period: Period) -> Share:
        """Return M4 by value."""
        return service.invoices_paid_online(self.book, period).value

    def paid_online_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal | None]:
        """Return M4 by count of some accounts."""
        paid: dict[str, list[Invoice]] = {account: [] for account in accounts}
        for invoice in service.paid_in(self.book, period):
            if invoice.account_id in paid:
                paid[invoice.account_id].append(invoice)
        return {account: service.paid_online_of(self.book, own).count.value for account, own in paid.items()}

    def searches(self, period: Period) -> service.InvoiceSearches:
        """Return M5."""
        return service.invoice_searches(self.book, period)

    def searches_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, int]:
        """Return M5 of some accounts."""
        found = service.invoice_searches(self.book, period).per_account
        return {account: found[account] for account in accounts if account in found}

    def enquiries(self, period: Period) -> service.OfflineEnquiries:
        """Return M6."""
        return service.offline_enquiries(self.book, period)

    def scores(self) -> Mapping[str, scores.Score]:
        """Return M7."""
        return scores.adoption_scores(self.across)

    def silent(self) -> list[str]:
        """Return the accounts with an alert of M8."""
        return [account for account, one in logins.login_decay(self.across).items() if one.is_alert]

    def conversion(self, period: Period) -> visits.Conversion:
        """Return M10."""
        return visits.conversion(self.book, period)

    def contacts(self, period: Period) -> Mapping[str, Share]:
        """Return M10 of sales contacts, by channel."""
        return visits.conversion(self.book, period).offline

    def revenue(self, period: Period) -> visits.Revenue:
        """Return M11."""
        return visits.revenue(self.book, period)

    def migration(self, period: Period) -> Share:
        """Return M12."""
        return paths.migration(self.across, period)

    def retention(self, period: Period, days: int | None = None) -> paths.Retention:
        """Return M13."""
        return paths.channel_retention(self.across, period, horizon_days=days)

    def lifecycles(self, months: Sequence[dt.date]) -> list[lifecycle.Lifecycle]:
        """Return M9 of each month, told by its first day."""
        return [lifecycle.lifecycle(self.across, month) for month in months]

    def cohorts(self, within: Period, months: int) -> list[lifecycle.Cohort]:
        """Return M14."""
        return lifecycle.cohorts(self.across, within=within, months=months)

    def returning(self, period: Period) -> lifecycle.Returning:
        """Return M15."""
        return lifecycle.returning(self.across, period)

    def baskets(self, period: Period) -> baskets.Baskets:
        """Return M16."""
        return baskets.basket(self.book, period)

    def alerts(self) -> moves.Alerts:
        """Return M17."""
        return moves.alerts(self.across)

    def troubles(self, leaks: Collection[moves.Leak]) -> Mapping[str, Friction | None]:
        """Return the last friction before the first offline order of each leak, by account."""
        found: dict[str, Friction | None] = {}
        for one in leaks:
            order = self.across.order_of_id.get(one.offline_orders[0]) if one.offline_orders else None
            found[one.account_id] = last_friction(self.across, one.account_id, order) if order else None
        return found

    def off_hours(self, period: Period) -> Hours:
        """Return M18."""
        found = hours.off_hours(self.book, period)
        return Hours(found.share, {key: name for name, keys in found.classes.items() for key in keys})

    def heat(self, period: Period) -> dict[tuple[int, int], int]:
        """Return self-service orders by weekday and hour of the customer's clock."""
        counts: dict[tuple[int, int], int] = {}
        for order in self.book.orders_in(period):
            if self.book.is_online(order) and order.time_known:
                local = hours.local_time(self.book, order, self.book.accounts.get(order.account_id))
                place = local.isoweekday(), local.hour
                counts[place] = counts.get(place, 0) + 1
        return counts

    def surveys(self, period: Period) -> Mapping[str, surveys.Answers]:
        """Return M19."""
        return surveys.surveys(self.book, period)

    def finance(self, period: Period) -> finance.Finance:
        """Return M20."""
        return finance.finance(self.book, period)

    def actual(self, metric: str, scope: str, period: Period) -> Decimal | None:
        """Return what a plan's metric really was (M22)."""
        return plan.actual(self.book, metric, scope, period)

    def phased(self, amount: PlanAmount) -> plan.Phased:
        """Return a plan by day (M22)."""
        return plan.phased_plan(self.book, amount)

    def delivery(self, period: Period) -> goods.DeliveryReport:
        """Return M23."""
        return goods.delivery(self.book, period)

    def missing(self, period: Period, most: int) -> goods.Missing:
        """Return M24; of accounts, those that wait for most."""
        found = goods.missing(self.book, period)
        ordered = sorted(found.per_account.items(), key=lambda pair: (-pair[1].overdue, -pair[1].missing, pair[0]))
        waiting = {account: one for account, one in ordered if one.missing > 0}
        return goods.Missing(dict(list(waiting.items())[:most]), found.total, found.rows)

    def leads(self, period: Period) -> leads.Leads:
        """Return M25."""
        return leads.leads(self.book, period)

    def quotes(self, period: Period) -> quotes.Quotes:
        """Return M26."""
        return quotes.quotes(self.book, period)

    def daily(self, period: Period) -> daily.Daily:
        """Return M28."""
        return daily.daily(self.book, period)

    def ropo(self, period: Period) -> Share:
        """Return the share of offline orders that were researched in the shop (M28)."""
        return visits.ropo(self.book, period)

    def seen(self) -> frozenset[str]:
        """Return the accounts of which somebody ever logged in."""
        return frozenset(event.account_id for event in self.across.events_of("login"))

    def book_of_orders(self, period: Period) -> Book:
        """Return the book with the orders of a period in it, and all their parts."""
        return self.whole

    def online_days(self, accounts: Collection[str], since: dt.date) -> Mapping[str, set[dt.date]]:
        """Return the days from one on with a self-service order, by account."""
        days = self.across.indexed(lifecycle.online_days)
        return {one: {day for day in days.get(one, ()) if day >= since} for one in accounts}
