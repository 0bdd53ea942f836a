"""Sums of enquiries, quotes and answers follow each change of their facts, and of the orders that they hang on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Sum

from accounts.models import SoldTo
from adoption.books import reconciling, rollups
from adoption.books.rollups import Frame
from adoption.books.sums import ALL
from adoption.books.sums_voice import EnquiryMonth, QuoteMonth, ResponseMonth
from adoption.events.models import Event
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.quotes.models import QuoteFact
from adoption.voice.models import Enquiry
from erp_sync.mirror.models import Order, OrderLine
from tests.adoption import canonical

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
NOON = dt.datetime(2024, 10, 16, 12, tzinfo=dt.UTC)
MEDIUM = {"medium": "phone", "topic": "price", "intent": "sales"}


class Shop:
    """The small practice set with its sums. `clock`: each change comes an hour after the one before."""

    def __init__(self) -> None:
        import_source(source=reading.folder(canonical.TINY), now=NOW, say=lambda _text: None)
        self.clock, self.frame = NOW, Frame.at(NOW)
        self.account = Order.objects.order_by("erp_id")[0].customer_erp_id
        rollups.rebuild(frame=self.frame, now=NOW)

    def changes(self) -> dt.datetime:
        """Return when the next change comes."""
        self.clock += dt.timedelta(hours=1)
        return self.clock

    def refreshed(self) -> None:
        """Bring the sums up to date; the facts, asked for all at once, say the same."""
        rollups.bring_up_to_date(frame=self.frame, now=self.clock + dt.timedelta(minutes=1))
        assert reconciling.compare(frame=self.frame) == []

    def order(self, key: str, days: int, **fields: str) -> Order:
        """The ERP tells an order by phone."""
        at = self.changes()
        found = Order.objects.create(
            erp_id=key, number=key, customer_erp_id=self.account, status="completed", currency="EUR",
            placed_at=NOON + dt.timedelta(days=days), channel_hint="phone", version=at, synced_at=at, **fields,
        )  # fmt: skip
        OrderLine.objects.create(order=found, erp_id=f"{key}/1", line_no="1", sku="S", quantity=1, net_price=1)
        return found

    def says(self, order: Order, status: str) -> None:
        """The ERP tells another status."""
        Order.objects.filter(pk=order.pk).update(status=status, synced_at=self.changes())

    def talks(self, key: str, days: int) -> None:
        """Somebody logs a sales talk by phone."""
        self.changes()
        at = NOON + dt.timedelta(days=days)
        Enquiry.objects.create(enquiry_id=key, account_id=self.account, occurred_at=at, **MEDIUM)

    def event(self, kind: str, days: int, *, account: str | None = None, **fields: object) -> None:
        """Something is recorded of a buyer."""
        self.changes()
        Event.objects.create(
            event_id=f"{kind} {days} {account} {fields}"[:120], kind=kind, actor="buyer", user_id="U",
            account_id=account or self.account, occurred_at=NOON + dt.timedelta(days=days), **fields,
        )  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    return Shop()


def followed() -> tuple[int, int]:
    """Sales talks by phone, and those that an order followed."""
    known = EnquiryMonth.objects.filter(account_id=ALL, medium="phone").aggregate(a=Sum("talks"), b=Sum("followed"))
    return known["a"] or 0, known["b"] or 0


def test_talks_follow_their_orders(shop: Shop) -> None:
    talks, before = followed()
    shop.talks("A", -7)
    shop.refreshed()
    assert followed() == (talks + 1, before)
    first = shop.order("first", -6)
    shop.refreshed()
    assert followed() == (talks + 1, before + 1)
    shop.talks("B", -5)
    shop.order("second", 0)
    shop.refreshed()
    assert followed() == (talks + 2, before + 2)
    shop.says(first, "cancelled")
    shop.refreshed()
    # The first talk takes the second order now, and the second talk goes without.
    assert followed() == (talks + 2, before + 1)
    shop.says(first, "completed")
    shop.refreshed()
    assert followed() == (talks + 2, before + 2)


def ordered(channel: str = "") -> int:
    known = QuoteMonth.objects.filter(account_id=ALL, channel=channel).aggregate(all=Sum("ordered"))
    return known["all"] or 0


def test_quotes_follow_their_orders(shop: Shop) -> None:
    before = ordered()
    for number in range(3):
        QuoteFact.objects.create(quote_id=f"late {number}", account_id=shop.account, requested_at=NOON)
    order = shop.order("named", 4, quote_erp_id="late 0")
    shop.refreshed()
    assert (ordered(), ordered("phone")) == (before + 1, 1)
    shop.says(order, "cancelled")
    shop.refreshed()
    assert (ordered(), ordered("phone")) == (before, 0)
    other = shop.order("other", 5)
    shop.refreshed()
    QuoteFact.objects.filter(quote_id="late 1").update(order_key="other")
    shop.event("quote_decided", 5, object_id="late 1")
    shop.refreshed()
    assert ordered() == before + 1
    shop.says(other, "cancelled")
    shop.refreshed()
    assert ordered() == before
    one = shop.order("one part", 6, web_reference="W", quote_erp_id="late 2")
    two = shop.order("other part", 6, web_reference="W")
    shop.refreshed()
    assert ordered() == before + 1
    shop.says(one, "cancelled")
    shop.refreshed()
    assert ordered() == before + 1
    shop.says(two, "cancelled")
    shop.refreshed()
    assert ordered() == before


def test_answers_follow_what_is_said_on_other_days_and_for_other_companies(shop: Shop) -> None:
    def answered() -> int:
        return ResponseMonth.objects.filter(account_id=ALL, survey="nps").aggregate(all=Sum("people"))["all"] or 0

    said = {"survey": "nps", "score": "9"}
    before = answered()
    shop.event("survey_answered", 0, session_id="late", props=said)
    shop.refreshed()
    assert answered() == before + 1
    shop.event("survey_answered", 3, session_id="late", props=said)
    shop.refreshed()
    assert answered() == before
    shop.event("survey_answered", 0, session_id="both", props=said)
    shop.refreshed()
    assert answered() == before + 1
    other = SoldTo.objects.filter(is_test=False).exclude(erp_id=shop.account).order_by("erp_id")[0].erp_id
    shop.event("survey_answered", 0, account=other, session_id="both", props=said)
    shop.refreshed()
    assert answered() == before
