"""Each rule is broken once on purpose: the references must notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from adoption.metrics import (
    alerts,
    book,
    conversion,
    delivery,
    finance,
    leads,
    lifecycle,
    logins,
    orders,
    plan,
    pnl,
    quotes,
    rounding,
    rows,
    scores,
    service,
    surveys,
)
from adoption.metrics.book import Book
from adoption.metrics.export import export
from adoption.metrics.facts import Period
from adoption.metrics.period import days_before
from adoption.metrics.rounding import CENT
from adoption.metrics.spec import read_spec
from tests.adoption import canonical
from tests.adoption.comparison import differences

Patch = pytest.MonkeyPatch
ONE_DAY = dt.timedelta(days=1)


def convert_at_1(patch: Patch) -> None:
    real = Book.rate
    patch.setattr(Book, "rate", lambda self, currency, day: real(self, currency, day) or Decimal(1))


def convert_by_the_first_rate(patch: Patch) -> None:
    def rate(self: Book, currency: str, _day: dt.date) -> Decimal | None:
        rates = sorted(self.rates.get(currency, ()))
        return Decimal(1) if currency == self.currency else rates[0][1]

    patch.setattr(Book, "rate", rate)


def days_in_utc(patch: Patch) -> None:
    patch.setattr(Book, "day", lambda _self, at: at.astimezone(dt.UTC).date())


def today_is_a_complete_day(patch: Patch) -> None:
    patch.setattr(Book, "today", property(lambda self: self.day(self.as_of) + ONE_DAY))


def events_told_twice_count_twice(patch: Patch) -> None:
    def all_of(self: Book, kind: str) -> tuple[Any, ...]:
        kept = [one for one in self.events if one.kind == kind and one.is_buyers]
        kept = [one for one in kept if not self.is_test_account(one.account_id)]
        return tuple(sorted(kept, key=lambda one: one.occurred_at))

    patch.setattr(Book, "events_of", all_of)


def reps_who_act_for_a_buyer_are_buyers(patch: Patch) -> None:
    patch.setattr(rows.Event, "is_buyers", property(lambda self: self.actor in ("buyer", "rep")))


def facts_of_tests_count(patch: Patch) -> None:
    patch.setattr(Book, "is_test_account", lambda _self, _account: False)
    patch.setattr(Book, "is_test_user", lambda _self, _user: False)


def split_orders_are_two(patch: Patch) -> None:
    patch.setattr(rows.OrderRow, "key", property(lambda self: self.order_id))


def cancelled_orders_count(patch: Patch) -> None:
    patch.setattr(orders, "OPEN_STATES", frozenset({"open", "completed", "cancelled"}))


def cancelled_pieces_count(patch: Patch) -> None:
    patch.setattr(rows.OrderLine, "due", property(lambda self: self.ordered))


def freight_is_revenue(patch: Patch) -> None:
    everything = frozenset({"goods", "service", "discount", "freight"})
    patch.setattr(orders, "VALUE_TYPES", everything)
    patch.setattr(finance, "VALUE_TYPES", everything)


def edi_is_offline(patch: Patch) -> None:
    patch.setattr(Book, "is_offline", lambda self, order: not self.is_online(order))


def half_paid_online_is_online(patch: Patch) -> None:
    def half(_book: Book, payments: Sequence[Any]) -> bool:
        web = sum((one.amount for one in payments if one.via == "web"), Decimal(0))
        return bool(payments) and web * 2 >= sum((one.amount for one in payments), Decimal(0))

    patch.setattr(service, "_is_mostly_web", half)


def a_chat_is_an_offline_enquiry(patch: Patch) -> None:
    patch.setattr(service, "OFFLINE_MEDIA", frozenset({"phone", "email", "visit", "fax", "chat"}))


def one_order_satisfies_every_call(patch: Patch) -> None:
    def generous(found: Book) -> frozenset[str]:
        window = dt.timedelta(days=found.settings.contact_days)
        return frozenset(
            one.enquiry_id
            for own in service.enquiries_by_day(found).values()
            for one in own
            if any(
                order.channel == conversion.CHANNEL_OF_MEDIUM.get(one.medium)
                and found.day(one.occurred_at) <= order.placed_on <= found.day(one.occurred_at) + window
                for order in found.orders_by_account.get(one.account_id, ())
            )
        )

    patch.setattr(conversion, "converted_contacts", generous)


def the_first_answer_of_a_survey_wins(patch: Patch) -> None:
    real = surveys._answers  # noqa: SLF001  # the rule is broken inside
    patch.setattr(surveys, "_answers", lambda name, asked, given: real(name, asked, list(given)[:1]))


def credits_are_forgotten(patch: Patch) -> None:
    patch.setattr(finance, "CREDIT", "none")


def ties_go_to_the_latest_day(patch: Patch) -> None:
    def backwards(exact: Sequence[Fraction], total: Fraction) -> list[Decimal]:
        floors = [part.__floor__() for part in exact]
        order = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], -place))
        for place in order[: int(total) - sum(floors)]:
            floors[place] += 1
        return [Decimal(part) * CENT for part in floors]

    patch.setattr(rounding, "_in_cents", backwards)


def holidays_are_business_days(patch: Patch) -> None:
    patch.setattr(rows.Calendar, "is_business_day", lambda self, day: bool(self.intervals.get(day.isoweekday())))


def weeks_are_counted_from_january(patch: Patch) -> None:
    patch.setattr(plan, "iso_week", lambda day: f"{day.year}-W{(day.timetuple().tm_yday - 1) // 7 + 1:02}")


def a_surplus_fills_another_line(patch: Patch) -> None:
    real = delivery._pieces  # noqa: SLF001  # the rule is broken inside

    def netted(*given: Any) -> tuple[delivery.Pieces, list[str]]:
        one, rows = real(*given)
        lacking = max(Decimal(0), one.ordered - one.delivered)
        return delivery.Pieces(one.ordered, one.delivered, lacking, Decimal(0), one.overdue), rows

    patch.setattr(delivery, "_pieces", netted)


def an_order_is_on_time_when_one_line_is(patch: Patch) -> None:
    real = delivery._promises  # noqa: SLF001  # the rule is broken inside
    patch.setattr(delivery, "_promises", lambda found, order: real(found, order)[:1])


def quotes_are_measured_around_the_clock(patch: Patch) -> None:
    patch.setattr(quotes, "worked_between", lambda _hours, start, end: end - start)


def p90_is_the_largest(patch: Patch) -> None:
    patch.setattr(quotes.Spread, "p90", property(lambda self: max(self.minutes, default=None)))


def lead_identities_are_case_sensitive(patch: Patch) -> None:
    def kept(found: Book) -> list[Any]:
        return leads._all(found)  # noqa: SLF001  # the rule is broken inside

    patch.setattr(leads, "_kept", kept)


def the_first_day_is_a_return(patch: Patch) -> None:
    real = lifecycle.Cohort.shares
    patch.setattr(lifecycle.Cohort, "shares", lambda self, counts: real(self, tuple(one or 0 for one in counts)))


def shared_costs_are_split_evenly(patch: Patch) -> None:
    real = rounding.apportioned
    patch.setattr(pnl, "apportioned", lambda total, weights: real(total, [Decimal(1)] * len(weights)))


def the_baseline_is_not_made_comparable(patch: Patch) -> None:
    real = logins.decay_of
    patch.setattr(logins, "decay_of", lambda found, recent, baseline: real(found, recent=recent, baseline=baseline * 3))


def windows_hold_today(patch: Patch) -> None:
    patch.setattr(scores, "days_before", lambda today, count: days_before(today + ONE_DAY, count))


def the_recent_window_is_the_baseline_too(patch: Patch) -> None:
    patch.setattr(alerts, "days_before", lambda today, count, gap=0: days_before(today, count + 0 * gap))


def everybody_is_eligible(patch: Patch) -> None:
    def eligible(self: Book, _period: Period) -> frozenset[str]:
        return frozenset(self.accounts)

    patch.setattr(Book, "eligible", eligible)


def unknown_sources_are_direct(patch: Patch) -> None:
    patch.setattr(conversion, "UNKNOWN", "direct")
    patch.setattr(book, "UNKNOWN", "direct")


CONTROLS: list[Callable[[Patch], None]] = [
    convert_at_1,
    convert_by_the_first_rate,
    days_in_utc,
    today_is_a_complete_day,
    events_told_twice_count_twice,
    reps_who_act_for_a_buyer_are_buyers,
    facts_of_tests_count,
    split_orders_are_two,
    cancelled_orders_count,
    cancelled_pieces_count,
    freight_is_revenue,
    edi_is_offline,
    half_paid_online_is_online,
    a_chat_is_an_offline_enquiry,
    one_order_satisfies_every_call,
    the_first_answer_of_a_survey_wins,
    credits_are_forgotten,
    ties_go_to_the_latest_day,
    holidays_are_business_days,
    weeks_are_counted_from_january,
    a_surplus_fills_another_line,
    an_order_is_on_time_when_one_line_is,
    quotes_are_measured_around_the_clock,
    p90_is_the_largest,
    lead_identities_are_case_sensitive,
    the_first_day_is_a_return,
    shared_costs_are_split_evenly,
    the_baseline_is_not_made_comparable,
    windows_hold_today,
    the_recent_window_is_the_baseline_too,
    everybody_is_eligible,
    unknown_sources_are_direct,
]


def disagreements() -> int:
    found = 0
    for folder in (canonical.TINY, canonical.DEMO):
        answer = export(canonical.read(folder), read_spec(canonical.told(folder, "spec")))
        found += len(differences(canonical.told(folder, "expected"), answer))
        if found:
            return found
    return found


@pytest.mark.parametrize("broken", CONTROLS, ids=lambda one: one.__name__)
def test_the_references_notice(broken: Callable[[Patch], None], monkeypatch: Patch) -> None:
    broken(monkeypatch)
    assert disagreements() > 0


def test_without_a_broken_rule_they_agree() -> None:
    assert disagreements() == 0
