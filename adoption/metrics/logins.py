"""M2 strategic log-ins and M8 log-in decay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.period import Period, days_before
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Event
from adoption.metrics.settings import Settings


@dataclass(frozen=True, slots=True)
class Logins:
    """M2 of one account: different people, days with a log-in by a person, log-ins."""

    users: int
    login_days: int
    logins: int


def strategic_logins(book: Book, period: Period) -> dict[str, Logins]:
    """Return M2 for each strategic account of E(P); those without log-ins are there with 0."""
    found = _by_account(book.events_in("login", period))
    return {
        account: _logins(book, found.get(account, []))
        for account in sorted(book.eligible(period))
        if book.accounts[account].is_strategic
    }


def _logins(book: Book, events: list[Event]) -> Logins:
    users = {event.user_id for event in events}
    return Logins(users=len(users), login_days=_login_days(book, events), logins=len(events))


def _login_days(book: Book, events: Iterable[Event]) -> int:
    return len({(event.user_id, book.day(event.occurred_at)) for event in events})


def _by_account(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.account_id, []).append(event)
    return found


@dataclass(frozen=True, slots=True)
class Decay:
    """M8 of one account. `value` 1 = nobody logs in any more; negative = growth; None = nothing to compare with."""

    recent: int
    baseline: Decimal
    is_alert: bool

    @property
    def value(self) -> Decimal | None:
        """1 - recent / baseline."""
        fell_to = divided(self.recent, self.baseline)
        return None if fell_to is None else 1 - fell_to


def login_decay(book: Book) -> dict[str, Decay]:
    """Return M8 of every account as of today; test accounts have no activity that counts."""
    settings = book.settings
    recent_days, baseline_days = settings.decay_recent_days, settings.decay_baseline_days
    recent = _by_account(book.events_in("login", days_before(book.today, recent_days)))
    before = _by_account(book.events_in("login", days_before(book.today, baseline_days, gap=recent_days)))
    windows = Decimal(baseline_days) / recent_days
    return {
        account: decay_of(
            settings,
            recent=_login_days(book, recent.get(account, [])),
            baseline=_login_days(book, before.get(account, [])) / windows,
        )
        for account in sorted(book.accounts)
    }


def decay_of(settings: Settings, *, recent: int, baseline: Decimal) -> Decay:
    """Return M8 of log-in days in the recent days and, on average, in as many days before."""
    decay = Decay(recent, baseline, is_alert=False).value
    alert = decay is not None and baseline >= settings.decay_min and decay >= settings.decay_alert
    return Decay(recent, baseline, is_alert=alert)
