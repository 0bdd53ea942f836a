"""Where pages get their figures from: the sums that are kept ready, or the facts themselves. Both say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class Hours:
    """M18, and by order the class of its hour where orders are known one by one."""

    share: Share
    classes: Mapping[str, str]


class Numbers(Protocol):
    """The metrics of docs/metrics.md for what a page asks.

    By facts every share knows its rows; by sums only how many they are. What tells where customers moved to (alerts,
    scores, life cycles, migration, retention, returning, cohorts) looks at all channels, also on a narrowed page.
    """

    @property
    def book(self) -> Book:
        """Companies, settings, days; what happened is not in it when figures come from sums."""

    def orders(self, period: Period) -> Mapping[str, int]:
        """Return counted orders by channel."""

    def orders_by_month(self, months: Sequence[Period]) -> list[Mapping[str, int]]:
        """Return counted orders of each month by channel."""

    def customers(self, period: Period) -> int:
        """Return how many customers have a counted order."""

    def order_values(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal]:
        """Return the value of the orders of some accounts."""

    def channels(self) -> list[str]:
        """Return the channels of all counted orders there are, whatever the page is narrowed to."""

    def adoption(self, period: Period, *, with_excluded: bool = False) -> Adoption:
        """Return M1."""

    def logins(self, period: Period) -> Mapping[str, Logins]:
        """Return M2."""

    def tracking(self, period: Period) -> Tracking:
        """Return M3."""

    def paid_online(self, period: Period) -> Share:
        """Return M4 by count."""

    def paid_online_value(self, period: Period) -> Share:
        """Return M4 by value."""

    def paid_online_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, Decimal | None]:
        """Return M4 by count of some accounts."""

    def searches(self, period: Period) -> InvoiceSearches:
        """Return M5; by account only where searches are known one by one."""

    def searches_by_account(self, period: Period, accounts: Collection[str]) -> Mapping[str, int]:
        """Return M5 of some accounts; without those that did not search."""

    def enquiries(self, period: Period) -> OfflineEnquiries:
        """Return M6."""

    def scores(self) -> Mapping[str, Score]:
        """Return M7."""

    def silent(self) -> list[str]:
        """Return the accounts with an alert of M8."""

    def conversion(self, period: Period) -> Conversion:
        """Return M10; visitors are not told, contacts apart."""

    def contacts(self, period: Period) -> Mapping[str, Share]:
        """Return M10 of sales contacts, by channel."""

    def revenue(self, period: Period) -> Revenue:
        """Return M11."""

    def migration(self, period: Period) -> Share:
        """Return M12."""

    def retention(self, period: Period, days: int | None = None) -> Retention:
        """Return M13."""

    def lifecycles(self, months: Sequence[dt.date]) -> list[Lifecycle]:
        """Return M9 of each month, told by its first day."""

    def cohorts(self, within: Period, months: int) -> list[Cohort]:
        """Return M14."""

    def returning(self, period: Period) -> Returning:
        """Return M15."""

    def baskets(self, period: Period) -> Baskets:
        """Return M16."""

    def alerts(self) -> Alerts:
        """Return M17; leaks know their orders only by facts."""

    def troubles(self, leaks: Collection[Leak]) -> Mapping[str, Friction | None]:
        """Return the last friction before the first offline order of each leak, by account."""

    def off_hours(self, period: Period) -> Hours:
        """Return M18."""

    def heat(self, period: Period) -> dict[tuple[int, int], int]:
        """Return self-service orders by weekday and hour of the customer's clock."""

    def surveys(self, period: Period) -> Mapping[str, Answers]:
        """Return M19."""

    def finance(self, period: Period) -> Finance:
        """Return M20."""

    def actual(self, metric: str, scope: str, period: Period) -> Decimal | None:
        """Return what a plan's metric really was (M22)."""

    def phased(self, amount: PlanAmount) -> Phased:
        """Return a plan by day (M22)."""

    def delivery(self, period: Period) -> DeliveryReport:
        """Return M23."""

    def missing(self, period: Period, most: int) -> Missing:
        """Return M24; of accounts, those that wait for most."""

    def leads(self, period: Period) -> Leads:
        """Return M25."""

    def quotes(self, period: Period) -> Quotes:
        """Return M26."""

    def daily(self, period: Period) -> Daily:
        """Return M28; visitors are not told."""

    def ropo(self, period: Period) -> Share:
        """Return the share of offline orders that were researched in the shop (M28)."""

    def online_days(self, accounts: Collection[str], since: dt.date) -> Mapping[str, set[dt.date]]:
        """Return the days from one on with a self-service order, by account."""
