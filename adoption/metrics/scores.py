"""M7 adoption score: one number from 0 to 100 for each account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

from adoption.metrics.book import Book, Row
from adoption.metrics.orders import Order
from adoption.metrics.period import Period, days_before
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Invoice
from adoption.metrics.service import paid_in, paid_online_of, tracked_of

KINDS = ("reorder_clicked", "quote_requested", "invoice_searched", "order_tracked", "payment_online_succeeded")
WEEK = 7
WEIGHTS = {"orders": Decimal(40), "logins": Decimal(20), "service": Decimal(20), "breadth": Decimal(20)}
# Thirds and twelfths do not end: what they leave behind the 15th decimal must not decide a tie.
NOISE = Decimal("1e-15")
BANDS = ((Decimal(25), "dormant"), (Decimal(50), "starting"), (Decimal(75), "adopting"))


@dataclass(frozen=True)
class Score:
    """M7 of one account. `components` are between 0 and 1; a null one drops out and the others weigh more."""

    components: Mapping[str, Decimal | None]

    @cached_property
    def value(self) -> Decimal:
        """0 to 100 with one decimal, a tie to the even one.

        >>> Score({"orders": Decimal(0), "logins": Decimal("0.2625"), "service": None, "breadth": None}).value
        Decimal('8.8')
        """
        known = {name: one for name, one in self.components.items() if one is not None}
        weight = sum((WEIGHTS[name] for name in known), Decimal(0))
        points = sum((WEIGHTS[name] * one for name, one in known.items()), Decimal(0))
        exact = (points * 100 / weight).quantize(NOISE)
        return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)

    @cached_property
    def band(self) -> str:
        """Return dormant, starting, adopting or adopted."""
        return next((name for limit, name in BANDS if self.value < limit), "adopted")


def adoption_scores(book: Book) -> dict[str, Score]:
    """Return M7 of every account over the days before today."""
    window = days_before(book.today, book.settings.score_days)
    orders = _grouped((order.account_id, order) for order in book.orders_in(window))
    invoices = _grouped((one.account_id, one) for one in paid_in(book, window))
    weeks = _weeks_with_login(book, window)
    kinds = _grouped((event.account_id, kind) for kind in KINDS for event in book.events_in(kind, window))
    blocks = -(-book.settings.score_days // WEEK)
    return {
        account: Score(
            {
                "orders": _online_share(book, orders.get(account, [])),
                "logins": Decimal(len(weeks.get(account, ()))) / blocks,
                "service": _service(book, orders.get(account, []), invoices.get(account, [])),
                "breadth": Decimal(len(set(kinds.get(account, ())))) / len(KINDS),
            }
        )
        for account in sorted(book.accounts)
    }


def _grouped(pairs: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for account, row in pairs:
        found.setdefault(account, []).append(row)
    return found


def _online_share(book: Book, orders: list[Order]) -> Decimal | None:
    return divided(sum(book.is_online(order) for order in orders), len(orders))


def _weeks_with_login(book: Book, window: Period) -> dict[str, set[int]]:
    """Return the 7-day blocks, counted back from yesterday, in which an account logged in."""
    found: dict[str, set[int]] = {}
    for event in book.events_in("login", window):
        block = (window.last - book.day(event.occurred_at)).days // WEEK
        found.setdefault(event.account_id, set()).add(block)
    return found


def _service(book: Book, orders: list[Order], invoices: list[Invoice]) -> Decimal | None:
    """Mean of the tracking and online payment rates that there are."""
    tracked = divided(len(tracked_of(book, orders)), len(orders))
    paid = paid_online_of(book, invoices).count.value
    known = [rate for rate in (tracked, paid) if rate is not None]
    return divided(sum(known, Decimal(0)), len(known))
