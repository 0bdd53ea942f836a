"""Figures from the sums that name the accounts they count: what the rows of a figure of accounts are read from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from adoption.books.selectors import Used
from adoption.metrics.adoption import Adoption
from adoption.metrics.adoption import adoption as adoption_of
from adoption.metrics.facts import Event, OrderLine, OrderRow, Period
from adoption.metrics.service import InvoiceSearches
from adoption.reports.numbers import ordered
from adoption.reports.numbers.by_sums import BySums
from adoption.reports.numbers.few import begin, book_of

ONE = (OrderLine("goods", Decimal(1), Decimal(0), Decimal(0)),)


class ByAccounts(BySums):
    """The same figures, slower: pages with many of them don't need the names."""

    def adoption(self, period: Period, *, with_excluded: bool = False) -> Adoption:
        """Return M1: by the metric itself, over one order for each channel that an account ordered by."""
        asked, first = self.asked, begin(self.asked, period.first)
        rows = [
            OrderRow(f"{channel} {account}", "", account, channel, first, "open", self.book.currency, ONE)
            for channel, accounts in asked.who_ordered(period).items()
            if asked.channel in {"", channel}
            for account in accounts
        ]
        log_ins = [
            self._log_in(account, one.first_login_on)
            for account, one in asked.states(Used).items()
            if one.first_login_on is not None
        ]
        return adoption_of(book_of(asked, rows=rows, events=log_ins), period, with_excluded=with_excluded)

    def _log_in(self, account: str, day: dt.date) -> Event:
        return Event(account, begin(self.asked, day), "login", "buyer", account)

    def searches(self, period: Period) -> InvoiceSearches:
        """Return M5."""
        accounts = self.book.accounts if self.asked.is_narrow else self.asked.every
        found = dict(sorted(ordered.searches_by_account(self.asked, period, accounts).items()))
        return InvoiceSearches(sum(found.values()), len(found), found)
