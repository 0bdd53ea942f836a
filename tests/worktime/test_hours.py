"""Business time: opening hours, holidays, weekends, the hour that a summer night doesn't have."""

import datetime as dt

from worktime.hours import OpeningHours, is_open, moment_after, passed_on_working_days, worked_between

NINE_TO_SIX = ((dt.time(9), dt.time(18)),)
WEEK = OpeningHours(
    "Europe/Madrid",
    dict.fromkeys(range(1, 6), NINE_TO_SIX),
    frozenset({dt.date(2024, 11, 1), dt.date(2024, 12, 6)}),
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def minutes(start: str, end: str, hours: OpeningHours = WEEK) -> float:
    return worked_between(hours, utc(start), utc(end)).total_seconds() / 60


def test_a_holiday_and_a_weekend_are_not_worked() -> None:
    assert minutes("2024-10-31 16:30", "2024-11-04 08:45") == 75
    assert minutes("2024-12-05 15:00", "2024-12-09 10:00") == 240


def test_nothing_is_worked_backwards_or_at_night() -> None:
    assert minutes("2024-11-04 10:00", "2024-11-04 09:00") == 0
    assert minutes("2024-11-04 18:00", "2024-11-05 07:59") == 0


def test_a_lunch_break_is_not_worked() -> None:
    siesta = OpeningHours("Europe/Madrid", {1: ((dt.time(9), dt.time(14)), (dt.time(16), dt.time(19)))})
    assert minutes("2024-11-04 12:30", "2024-11-04 15:30", siesta) == 60


def test_a_day_that_is_an_hour_short_has_its_opening_hours_all_the_same() -> None:
    night = OpeningHours("Europe/Madrid", {7: ((dt.time(0), dt.time(6)),)})
    assert minutes("2026-03-28 12:00", "2026-03-29 12:00", night) == 300  # the clocks go forward at two


def test_four_hours_from_a_friday_afternoon_end_on_monday() -> None:
    assert moment_after(WEEK, utc("2024-11-15 15:00"), dt.timedelta(minutes=240)) == utc("2024-11-18 10:00")
    assert moment_after(WEEK, utc("2024-11-04 08:00"), dt.timedelta(minutes=240)) == utc("2024-11-04 12:00")


def test_what_never_opens_has_no_moment() -> None:
    assert moment_after(OpeningHours("Europe/Madrid"), utc("2024-11-15 15:00"), dt.timedelta(minutes=1)) is None


def test_moment_after_and_worked_between_agree() -> None:
    for start in ("2024-10-31 03:00", "2024-12-05 16:59", "2024-11-02 12:00"):
        for worked in (1, 59, 240, 3_000):
            end = moment_after(WEEK, utc(start), dt.timedelta(minutes=worked))
            assert end is not None
            assert worked_between(WEEK, utc(start), end) == dt.timedelta(minutes=worked)


def test_open_is_at_opening_and_not_at_closing() -> None:
    assert is_open(WEEK, utc("2024-11-04 08:00"))
    assert not is_open(WEEK, utc("2024-11-04 17:00"))
    assert not is_open(WEEK, utc("2024-11-01 10:00"))
    assert not is_open(WEEK, utc("2024-11-02 10:00"))


def test_closed_days_do_not_pass_and_nights_do() -> None:
    def days(start: str, end: str, hours: OpeningHours = WEEK) -> float:
        return passed_on_working_days(hours, utc(start), utc(end)) / dt.timedelta(days=1)

    assert days("2024-11-15 17:00", "2024-11-19 17:00") == 2, "a weekend between"
    assert days("2024-10-31 17:00", "2024-11-05 17:00") == 2, "a holiday, too"
    assert days("2024-11-16 01:00", "2024-11-17 20:00") == 0
    assert days("2024-11-16 01:00", "2024-11-17 01:00", OpeningHours("Europe/Madrid")) == 1, "who never opens"
