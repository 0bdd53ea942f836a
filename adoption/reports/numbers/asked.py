"""What a page asks the sums: whose, of which channel, and what is known of each account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Q

from adoption.books import selectors
from adoption.books.keeping import ORDERS, Family
from adoption.books.selectors import Key, Numbers, State, Who
from adoption.metrics.facts import Book, Period

Found = TypeVar("Found")


@dataclass(frozen=True)
class Asked:
    """A page's question to the sums.

    Attributes:
        book: Companies, settings, days; narrowed to the companies asked for.
        is_narrow: Only those companies count. Otherwise everybody does, those that nobody knows too.
        channel: Only this one; "" = all.
        kept: What was read already.
    """

    book: Book
    is_narrow: bool
    channel: str
    kept: dict[object, Any] = field(default_factory=dict)

    def states(self, part: type[State]) -> Mapping[str, State]:
        """Return a part of what is known of each account that has sums, by its id; one without a name is nobody."""
        return self.once(("states", part), lambda: selectors.states(part))

    @cached_property
    def every(self) -> frozenset[str]:
        """Every account that has sums."""
        return selectors.accounts()

    def people(self, part: type[State]) -> Mapping[str, State]:
        """Return the same of the accounts asked for."""
        asked_for = self.book.accounts
        known = self.states(part).items()
        return {account: one for account, one in known if (account in asked_for if self.is_narrow else account)}

    @property
    def ids(self) -> Collection[str] | None:
        """The accounts whose facts count; None = everybody's, also of those that nobody knows."""
        return self.book.accounts if self.is_narrow else None

    @cached_property
    def who(self) -> Who:
        """Whose sums are read."""
        return self.who_of(frozenset(self.book.accounts)) if self.is_narrow else Who()

    def who_of(self, accounts: frozenset[str]) -> Who:
        """Return the sums of some of the accounts."""
        return Who(accounts, self.every)

    @cached_property
    def where(self) -> Q:
        """The channel asked for."""
        return Q(channel=self.channel) if self.channel else Q()

    def ordered(self, period: Period, *, who: Who | None = None) -> dict[str, Numbers]:
        """Return orders by channel; only channels that have any."""
        key = ("ordered", period, (who or self.who).ids)
        if key not in self.kept:
            found = self.added(ORDERS, period, by=("channel",), who=who)
            self.kept[key] = {channel: row for (channel,), row in sorted(found.items()) if row["orders"]}
        rows: dict[str, Numbers] = self.kept[key]
        return rows

    def added(
        self,
        family: Family,
        period: Period | None,
        *,
        by: tuple[str, ...] = (),
        who: Who | None = None,
        where: Q | None = None,
    ) -> dict[Key, Numbers]:
        """Return the numbers of a family for what the page asks; of its channel, if the family has channels."""
        wanted = (where or Q()) & (self.where if "channel" in family.keys else Q())
        whose = who or self.who
        return self.once(
            (family, period, by, whose, wanted),
            lambda: selectors.added(family, period, by=by, who=whose, where=wanted),
        )

    def total(self, family: Family, period: Period | None, *, where: Q | None = None) -> Numbers:
        """Return the same added up."""
        return self.added(family, period, where=where).get((), dict.fromkeys(family.numbers, 0))

    def once(self, key: object, make: Callable[[], Found]) -> Found:
        """Return what was made for a key before, else make it."""
        if key not in self.kept:
            self.kept[key] = make()
        found: Found = self.kept[key]
        return found

    def who_ordered(self, period: Period) -> dict[str, set[str]]:
        """Return the accounts with a counted order in the period, by channel: all channels."""
        key = ("who", period)
        if key not in self.kept:
            self.kept[key] = selectors.who_ordered(period)
        found: dict[str, set[str]] = self.kept[key]
        return found

    def is_online(self, channel: str) -> bool:
        """It is self-service in the shop."""
        return channel in self.book.settings.online

    def is_neutral(self, channel: str) -> bool:
        """It is digital, but not the shop."""
        return channel in self.book.settings.neutral and not self.is_online(channel)

    def is_offline(self, channel: str) -> bool:
        """It is neither."""
        return not self.is_online(channel) and channel not in self.book.settings.neutral
