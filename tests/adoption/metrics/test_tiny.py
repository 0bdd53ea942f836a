"""Every worked example of the definitions that this version computes."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from adoption.metrics import adoption, baskets, channels, hours, logins, service
from adoption.metrics.facts import Book, Period
from adoption.metrics.shares import Share
from tests.adoption import canonical

QUARTER = Period(dt.date(2024, 10, 1), dt.date(2024, 12, 31))
YEAR = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))


@pytest.fixture(scope="module")
def book() -> Book:
    return canonical.read()


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((canonical.TINY / "expected.json").read_text(encoding="utf-8"))
    return found


def six(share: Share) -> float | None:
    return None if share.value is None else round(float(share.value), 6)


def test_adoption(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = adoption.adoption(book, QUARTER), expected["adoption"]
    for name in ("customer", "order", "revenue", "penetration", "online_only", "activated"):
        assert six(getattr(found, name)) == wanted[name], name
    for name in ("customer_with_assisted", "order_with_assisted", "order_digital"):
        assert six(getattr(found, name)) == wanted[name], name
    assert (found.revenue.part, found.revenue.whole) == (Decimal("350.00"), Decimal("900.00"))
    assert (found.penetration.whole, found.customer.whole, found.order.whole) == (3, 3, 8)
    assert found.unconverted_orders == wanted["unconverted_orders"]


def test_strategic_logins(book: Book, expected: dict[str, Any]) -> None:
    found = logins.strategic_logins(book, QUARTER)
    as_told = {k: {"login_days": v.login_days, "logins": v.logins, "users": v.users} for k, v in found.items()}
    assert as_told == expected["strategic_logins"]


def test_tracking(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = service.tracking(book, QUARTER), expected["tracking"]
    assert (six(found.overall), found.overall.part, found.overall.whole) == (wanted["rate"], 1, 8)
    assert {account: six(share) for account, share in found.strategic.items()} == wanted["strategic"]


def test_invoices_paid_online(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = service.invoices_paid_online(book, QUARTER), expected["invoices_paid_online"]
    assert (six(found.count), six(found.value)) == (wanted["rate"], wanted["value_rate"])
    assert (str(found.value.part), str(found.value.whole)) == (wanted["value_online"], wanted["value_total"])


def test_invoice_searches(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = service.invoice_searches(book, QUARTER), expected["invoice_searches"]
    assert (found.total, found.per_account) == (wanted["total"], wanted["per_account"])


def test_migration(book: Book, expected: dict[str, Any]) -> None:
    found = channels.migration(book, QUARTER)
    assert (found.whole, found.part, six(found)) == (1, 1, expected["migration"]["rate"])


@pytest.mark.parametrize("days", [60, 180])
def test_channel_retention(book: Book, expected: dict[str, Any], days: int) -> None:
    found, wanted = channels.channel_retention(book, YEAR, horizon_days=days), expected["channel_retention"][f"H{days}"]
    assert six(found.rate) == wanted["rate"]
    assert list(found.leaked) == wanted["leaked_accounts"]
    assert (len(found.retained), len(found.immature), len(found.inactive)) == (
        wanted["retained"],
        wanted["immature"],
        wanted["inactive"],
    )


def test_basket(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = baskets.basket(book, QUARTER), dict(expected["basket"])
    assert found.rep_vs_online_aov is wanted.pop("rep_vs_online_aov")
    told = {"online": found.online, **found.channels}
    assert {
        name: {"aov": f"{one.aov:.2f}", "orders": one.orders, "upt": round(float(one.upt or 0), 6)}
        for name, one in told.items()
    } == wanted


def test_off_hours(book: Book, expected: dict[str, Any]) -> None:
    found, wanted = hours.off_hours(book, QUARTER), expected["off_hours"]
    assert {name: len(keys) for name, keys in found.classes.items()} == wanted["classes"]
    assert (six(found.share), found.share.whole, found.time_unknown) == (wanted["share"], 3, 0)
