"""Figures from the sums that name the accounts they count: what the rows of a figure of accounts are read from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from adoption.books.selectors import Used
from adoption.metrics.adoption import Adoption, everybody
from adoption.metrics.facts import Period
from adoption.metrics.service import InvoiceSearches
from adoption.metrics.shares import Share
from adoption.reports.numbers import ordered
from adoption.reports.numbers.by_sums import BySums


class ByAccounts(BySums):
    """The same figures, slower: pages with many of them don't need the names."""

    def adoption(self, period: Period, *, with_excluded: bool = False) -> Adoption:
        """Return M1, its shares of accounts with their names."""
        asked, found = self.asked, super().adoption(period, with_excluded=with_excluded)
        able = everybody(self.book) if with_excluded else self.book.eligible(period)
        online, elsewhere = set[str](), set[str]()
        for channel, accounts in asked.who_ordered(period).items():
            if asked.channel in {"", channel}:
                (online if asked.is_online(channel) else elsewhere).update(accounts & able)
        firsts = {account: one.first_login_on for account, one in asked.states(Used).items() if account in able}
        activated = {account for account, first in firsts.items() if first is not None and first <= period.last}
        active = online | elsewhere
        return replace(
            found,
            customer=_named(found.customer, online, active),
            penetration=_named(found.penetration, online, able),
            online_only=_named(found.online_only, active - elsewhere, active),
            activated=_named(found.activated, activated, able),
        )

    def searches(self, period: Period) -> InvoiceSearches:
        """Return M5."""
        accounts = self.book.accounts if self.asked.is_narrow else self.asked.every
        found = dict(sorted(ordered.searches_by_account(self.asked, period, accounts).items()))
        return InvoiceSearches(sum(found.values()), len(found), found)


def _named(share: Share, part: Collection[str], whole: Collection[str]) -> Share:
    return replace(share, part_rows=tuple(sorted(part)), whole_rows=tuple(sorted(whole)))
