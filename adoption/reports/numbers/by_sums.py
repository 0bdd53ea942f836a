"""Figures from the sums that are kept ready, and from the few facts that no sum can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.books import lookups, selectors
from adoption.books.keeping import ORDERS
from adoption.books.selectors import Used, Who
from adoption.metrics.adoption import Adoption
from adoption.metrics.alerts import Alerts, Leak
from adoption.metrics.baskets import Baskets
from adoption.metrics.causes import Friction
from adoption.metrics.channels import Retention
from adoption.metrics.conversion import Conversion, Revenue
from adoption.metrics.daily import Daily
from adoption.metrics.delivery import DeliveryReport, Missing
from adoption.metrics.facts import Book, Period
from adoption.metrics.finance import Finance
from adoption.metrics.leads import Leads
from adoption.metrics.lifecycle import Cohort, Lifecycle, Returning
from adoption.metrics.logins import Logins
from adoption.metrics.plan import Phased
from adoption.metrics.quotes import Quotes
from adoption.metrics.rows import PlanAmount
from adoption.metrics.scores import Score
from adoption.metrics.service import InvoiceSearches, OfflineEnquiries, Tracking
from adoption.metrics.shares import Share
from adoption.metrics.surveys import Answers
from adoption.reports.numbers import Hours, earned, moved, ordered, served
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.few import ONE_DAY, begin, book_of, orders_of


@dataclass(frozen=True, slots=True)
class BySums:
    """Figures of a question to the sums; each method says what its namesake by facts says."""

    asked: Asked

    @property
    def book(self) -> Book:
        """Companies, settings, days."""
        return self.asked.book

    def orders(self, period: Period) -> Mapping[str, int]:
        """Return counted orders by channel."""
        return {channel: row["orders"] for channel, row in self.asked.ordered(period).items()}

    def orders_by_month(self, months: Sequence[Period]) -> list[Mapping[str, int]]:
        """Return counted orders of each month by channel."""
        wanted = [one.first for one in months]
        found = selectors.by_month(ORDERS, wanted, by=("channel",), who=self.asked.who)
        asked_for = self.asked.channel
        return [
            {channel: row["orders"] for (channel,), row in found.get(one, {}).items() if asked_for in {"", channel}}
            for one in wanted
        ]

    def customers(self, period: Period) -> int:
        """Return how many customers have a counted order."""
        return moved.customers(self.asked, period)

    def order_values(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal]:
        """Return the value of the orders of some accounts."""
        found = self.asked.added(ORDERS, period, by=("account_id",), who=Who(frozenset(accounts)))
        return {account: row["value"] for (account,), row in found.items()}

    def channels(self) -> list[str]:
        """Return the channels of all counted orders there are."""
        return selectors.channels_ever()

    def adoption(self, period: Period, *, with_excluded: bool = False) -> Adoption:
        """Return M1."""
        return ordered.adoption(self.asked, period, with_excluded=with_excluded)

    def logins(self, period: Period) -> Mapping[str, Logins]:
        """Return M2."""
        return ordered.logins(self.asked, period)

    def tracking(self, period: Period) -> Tracking:
        """Return M3."""
        return ordered.tracking(self.asked, period)

    def paid_online(self, period: Period) -> Share:
        """Return M4 by count."""
        return ordered.paid_online(self.asked, period)

    def paid_online_value(self, period: Period) -> Share:
        """Return M4 by value."""
        return ordered.paid_online_value(self.asked, period)

    def paid_online_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal | None]:
        """Return M4 by count of some accounts."""
        return ordered.paid_online_by_account(self.asked, period, accounts)

    def searches(self, period: Period) -> InvoiceSearches:
        """Return M5."""
        return ordered.searches(self.asked, period)

    def searches_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, int]:
        """Return M5 of some accounts."""
        return ordered.searches_by_account(self.asked, period, accounts)

    def enquiries(self, period: Period) -> OfflineEnquiries:
        """Return M6."""
        return served.enquiries(self.asked, period)

    def scores(self) -> Mapping[str, Score]:
        """Return M7."""
        return self.asked.once("scores", lambda: moved.scores(self.asked))

    def silent(self) -> list[str]:
        """Return the accounts with an alert of M8."""
        return moved.silent(self.asked)

    def conversion(self, period: Period) -> Conversion:
        """Return M10."""
        return ordered.conversion(self.asked, period)

    def contacts(self, period: Period) -> Mapping[str, Share]:
        """Return M10 of sales contacts, by channel."""
        return ordered.contacts(self.asked, period)

    def revenue(self, period: Period) -> Revenue:
        """Return M11."""
        return ordered.revenue(self.asked, period)

    def migration(self, period: Period) -> Share:
        """Return M12."""
        return moved.migration(self.asked, period)

    def retention(self, period: Period, days: int | None = None) -> Retention:
        """Return M13."""
        return moved.retention(self.asked, period, days)

    def lifecycles(self, months: Sequence[dt.date]) -> list[Lifecycle]:
        """Return M9 of each month, told by its first day."""
        return moved.lifecycles(self.asked, months)

    def cohorts(self, within: Period, months: int) -> list[Cohort]:
        """Return M14."""
        return moved.cohorts(self.asked, within, months)

    def returning(self, period: Period) -> Returning:
        """Return M15."""
        return moved.returning(self.asked, period)

    def baskets(self, period: Period) -> Baskets:
        """Return M16."""
        return ordered.baskets(self.asked, period)

    def alerts(self) -> Alerts:
        """Return M17."""
        return moved.alerts(self.asked)

    def troubles(self, leaks: Collection[Leak]) -> Mapping[str, Friction | None]:
        """Return the last friction before the first offline order of each leak, by account."""
        return moved.troubles(self.asked, leaks)

    def off_hours(self, period: Period) -> Hours:
        """Return M18."""
        return ordered.off_hours(self.asked, period)

    def heat(self, period: Period) -> dict[tuple[int, int], int]:
        """Return self-service orders by weekday and hour of the customer's clock."""
        return ordered.heat(self.asked, period)

    def surveys(self, period: Period) -> Mapping[str, Answers]:
        """Return M19."""
        return served.surveys(self.asked, period)

    def finance(self, period: Period) -> Finance:
        """Return M20."""
        return earned.finance(self.asked, period)

    def actual(self, metric: str, scope: str, period: Period) -> Decimal | None:
        """Return what a plan's metric really was (M22)."""
        return earned.actual(self.asked, metric, scope, period)

    def phased(self, amount: PlanAmount) -> Phased:
        """Return a plan by day (M22)."""
        return earned.plan_by_day(self.asked, amount)

    def delivery(self, period: Period) -> DeliveryReport:
        """Return M23."""
        return served.delivery(self.asked, period)

    def missing(self, period: Period, most: int) -> Missing:
        """Return M24; of accounts, those that wait for most."""
        return served.missing(self.asked, period, most)

    def leads(self, period: Period) -> Leads:
        """Return M25."""
        return served.leads(self.asked, period)

    def quotes(self, period: Period) -> Quotes:
        """Return M26."""
        return served.quotes(self.asked, period)

    def daily(self, period: Period) -> Daily:
        """Return M28."""
        return earned.daily(self.asked, period)

    def ropo(self, period: Period) -> Share:
        """Return the share of offline orders that were researched in the shop (M28)."""
        return ordered.ropo(self.asked, period)

    def seen(self) -> frozenset[str]:
        """Return the accounts of which somebody ever logged in."""
        return frozenset(account for account, one in self.asked.people(Used).items() if one.first_login_on is not None)

    def book_of_orders(self, period: Period) -> Book:
        """Return the book with the orders of a period in it, and all their parts."""
        since, until = begin(self.asked, period.first), begin(self.asked, period.last + ONE_DAY)
        spans = [(account, since, until) for account in self.book.accounts]
        return book_of(self.asked, rows=orders_of(self.asked, spans))

    def online_days(self, accounts: Collection[str], since: dt.date) -> Mapping[str, set[dt.date]]:
        """Return the days from one on with a self-service order, by account."""
        days = lookups.online_days(accounts, since, channels=self.book.settings.online)
        return {one: days.get(one, set()) for one in accounts}
