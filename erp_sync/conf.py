"""Limits of talking to an ERP: times, sizes and counts, from the setting ERP_LIMITS (a dict)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

LARGE_FROM = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults of reliability A3 and A4; a deployment overrides single ones in ERP_LIMITS.

    Attributes:
        page_deadline_s, totals_deadline_s, document_deadline_s: Total time of one ERP call for a
            page, for the totals of a basket, and for a document.
        line_s: What each line above LARGE_FROM adds to the time of prices and totals: an ERP computes them one by one.
        read_deadline_s, write_deadline_s: The same in a worker: a look-up, and a whole order
            (create and confirm).
        fresh_s: A figure this young is shown without asking; from `refresh_after_s` on it is asked
            again behind it.
        price_last_known_s, stock_last_known_s: How old a figure may be when the ERP does not
            answer.
        negative_s: For how long "no answer" is believed.
        calls_at_once: ERP calls at the same time in one web process: a quarter of its threads.
        call_wait_s: How long a page without any figure waits for its turn.
        refresh_threads: Background refreshes at once in one process; 0 leaves refreshing to the
            pages.
        near_s, near_size: Age and number of the figures kept in the process itself.
        breaker_failures, breaker_window, breaker_pause_s: Opens after so many failures in a row, or
            when half of the window failed; one probe after the pause.
        lease_margin_s: A claimed row is left to its worker for the write deadline and this long.
        backoff_s: Waits between tries; the last one repeats until `give_up_s`.
        give_up_s: Then a person has it. Of what was handed over and not answered, only working days count.
        publish_pause_s: After the broker failed, nobody is woken for this long; the sweep finds the
            row.
        sweep_s: How long one sweep goes on claiming rows.
    """

    page_deadline_s: float = 1.5
    totals_deadline_s: float = 1.5
    document_deadline_s: float = 10.0
    line_s: float = 0.01
    read_deadline_s: float = 10.0
    write_deadline_s: float = 60.0
    fresh_s: float = 60.0
    refresh_after_s: float = 5.0
    price_last_known_s: float = 24 * 3600.0
    stock_last_known_s: float = 15 * 60.0
    negative_s: float = 5.0
    calls_at_once: int = 4
    call_wait_s: float = 0.2
    refresh_threads: int = 2
    near_s: float = 5.0
    near_size: int = 5000
    breaker_failures: int = 5
    breaker_window: int = 20
    breaker_pause_s: float = 10.0
    lease_margin_s: float = 35.0
    backoff_s: tuple[float, ...] = (10.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
    give_up_s: float = 48 * 3600.0
    publish_pause_s: float = 10.0
    sweep_s: float = 45.0

    def for_lines(self, seconds: float, lines: int) -> float:
        """Return a deadline for a question of so many lines.

        >>> Limits().for_lines(1.5, 24), Limits().for_lines(1.5, 250)
        (1.5, 3.5)
        """
        return seconds + self.line_s * max(0, lines - LARGE_FROM)


class _Last:
    """The limits of the dict that the settings held last: a page asks for them a hundred times."""

    given: object = None
    limits = Limits()


def limits() -> Limits:
    """Return the limits in force."""
    given = getattr(settings, "ERP_LIMITS", None)
    if given is not _Last.given:
        _Last.limits = Limits(**(given or {}))
        _Last.given = given
    return _Last.limits
