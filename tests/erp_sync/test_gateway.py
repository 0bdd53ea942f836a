"""Live answers: one call a page, stamped figures, and last known ones when the ERP is silent."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import structlog
import time_machine
from pytest_django import Settings

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.gateway import flight, shelf
from tests.builders.ticks import Ticks

CONTEXT = r.PriceContext("c1", "gold", "EUR")
OTHER = r.PriceContext("c2", "", "EUR")
SKUS = [f"S{n}" for n in range(24)]


@pytest.fixture
def erp(settings: Settings) -> Iterator[fake.FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0, "call_wait_s": 0.05, "page_deadline_s": 0.5}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    for sku in SKUS:
        erp.add_item(sku, "10.0000")
        erp.set_price("gold", sku, (1, "8.5000"), (100, "7.0000"))
    yield erp
    erp.reset()
    gateway.forget()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False) as traveller:
        yield traveller


def ask(*skus: str, quantity: str = "1") -> list[r.Ask]:
    return [r.Ask(sku, f"item-{sku}", Decimal(quantity)) for sku in skus]


def price(found: dict[str, gateway.StampedOffer], sku: str = "S0") -> Decimal | None:
    return found[sku].offer.net_price


def test_a_page_of_24_lines_makes_one_call_and_the_next_page_none(erp: fake.FakeErp) -> None:
    first = gateway.offers(CONTEXT, ask(*SKUS))
    again = gateway.offers(CONTEXT, ask(*SKUS))
    assert erp.book.calls == ["offers"]
    assert price(first) == price(again) == Decimal("8.5000")
    assert {entry.stamp.source for entry in first.values()} == {gateway.LIVE}
    assert {entry.stamp.source for entry in again.values()} == {gateway.CACHE}


def test_every_figure_names_its_call_and_its_rule(erp: fake.FakeErp) -> None:
    stamps = {entry.stamp for entry in gateway.offers(CONTEXT, ask("S0", "S1")).values()}
    assert {stamp.rule for stamp in stamps} == {"gold"}
    assert len({stamp.request_id for stamp in stamps}) == 1
    assert all(len(stamp.request_id) == 32 for stamp in stamps)


def test_customers_never_share_a_price_unless_the_adapter_says_it_follows_the_list(
    erp: fake.FakeErp,
) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    assert price(gateway.offers(OTHER, ask("S0"))) == Decimal("10.0000")
    same_list = dataclasses.replace(CONTEXT, customer_erp_id="c3")
    gateway.offers(same_list, ask("S0"))
    assert len(erp.book.calls) == 3
    erp.capabilities = dataclasses.replace(erp.capabilities, prices_follow_list=True)
    gateway.offers(CONTEXT, ask("S0"))
    gateway.offers(same_list, ask("S0"))
    assert len(erp.book.calls) == 4


@pytest.mark.parametrize("field", ["price_list", "currency"])
def test_another_list_or_currency_is_another_question(erp: fake.FakeErp, field: str) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    other = dataclasses.replace(CONTEXT, **{field: "XXX"})
    assert gateway.known_offers(other, ask("S0")) == {}


def test_another_quantity_or_detail_is_another_question(erp: fake.FakeErp) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    assert gateway.known_offers(CONTEXT, ask("S0", quantity="100")) == {}
    assert gateway.known_offers(CONTEXT, ask("S0"), ladders=True) == {}
    assert gateway.known_offers(CONTEXT, ask("S0"), warehouses=True) == {}
    assert list(gateway.known_offers(CONTEXT, ask("S0", quantity="1.00"))) == ["S0"]


def test_known_offers_never_call_and_are_at_most_a_minute_old(erp: fake.FakeErp, clock: time_machine.Traveller) -> None:
    assert gateway.known_offers(CONTEXT, ask("S0")) == {}
    gateway.offers(CONTEXT, ask("S0"))
    clock.shift(60)
    assert gateway.known_offers(CONTEXT, ask("S0"))["S0"].stamp.refresh
    clock.shift(1)
    assert gateway.known_offers(CONTEXT, ask("S0")) == {}
    assert erp.book.calls == ["offers"]


def test_live_asks_again_for_every_line(erp: fake.FakeErp) -> None:
    gateway.offers(CONTEXT, ask("S0", "S1"))
    erp.set_price("gold", "S0", (1, "9.0000"))
    found = gateway.offers(CONTEXT, ask("S0", "S1"), live=True)
    assert price(found) == Decimal("9.0000")
    assert {entry.stamp.source for entry in found.values()} == {gateway.LIVE}
    assert price(gateway.offers(CONTEXT, ask("S0"))) == Decimal("9.0000")  # and is kept


def test_what_is_a_minute_old_is_asked_again_with_what_is_missing_in_one_call(
    erp: fake.FakeErp, clock: time_machine.Traveller
) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    clock.shift(61)
    erp.set_price("gold", "S0", (1, "9.0000"))
    found = gateway.offers(CONTEXT, ask("S0", "S1"))
    assert price(found) == Decimal("9.0000")
    assert len(erp.book.calls) == 2


def test_without_the_erp_the_last_known_price_is_shown_and_its_stock_for_a_quarter_hour(
    erp: fake.FakeErp, clock: time_machine.Traveller
) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    erp.book.is_down = True
    clock.shift(14 * 60)
    recent = gateway.offers(CONTEXT, ask("S0"))["S0"]
    clock.shift(2 * 60)
    older = gateway.offers(CONTEXT, ask("S0"))["S0"]
    assert recent.stamp.source == older.stamp.source == gateway.LAST_KNOWN
    assert recent.offer.stock
    assert older.offer.stock is None
    assert older.offer.net_price == Decimal("8.5000")
    assert older.stamp.as_of.isoformat() == "2026-03-01T10:00:00+00:00"


def test_a_price_older_than_a_day_is_not_shown(erp: fake.FakeErp, clock: time_machine.Traveller) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    erp.book.is_down = True
    clock.shift(24 * 3600 + 1)
    assert gateway.offers(CONTEXT, ask("S0")) == {}


def test_without_the_erp_live_lines_are_last_known(erp: fake.FakeErp) -> None:
    gateway.offers(CONTEXT, ask("S0"))
    erp.book.is_down = True
    found = gateway.offers(CONTEXT, ask("S0", "S1"), live=True)
    assert list(found) == ["S0"]
    assert found["S0"].stamp.source == gateway.CACHE  # still younger than a minute: it says so


def test_a_failure_is_believed_for_a_moment(
    erp: fake.FakeErp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"negative_s": 5.0}
    ticks = Ticks.instead_of("erp_sync.gateway.shelf", monkeypatch)
    erp.book.is_down = True
    gateway.offers(CONTEXT, ask("S0"))
    gateway.offers(CONTEXT, ask("S0"))
    assert len(erp.book.calls) == 1
    ticks.go_on(5.0)
    gateway.offers(CONTEXT, ask("S0"))
    assert len(erp.book.calls) == 2


def test_after_five_failures_nobody_is_asked_until_a_probe_is_answered(
    erp: fake.FakeErp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"breaker_pause_s": 10.0}
    ticks = Ticks.instead_of("erp_sync.gateway.breaker", monkeypatch)
    erp.book.is_down = True
    for sku in SKUS[:8]:
        assert gateway.offers(CONTEXT, ask(sku), live=True) == {}
    assert len(erp.book.calls) == 5
    assert [part.breaker for part in gateway.status()] == ["open"]
    erp.book.is_down = False
    ticks.go_on(10.0)
    assert price(gateway.offers(CONTEXT, ask("S0"), live=True)) == Decimal("8.5000")
    assert [part.breaker for part in gateway.status()] == ["closed"]


@pytest.mark.parametrize("fault", ["down", "before", "garbage", "reject"])
def test_no_fault_of_the_erp_reaches_the_page(erp: fake.FakeErp, fault: str) -> None:
    erp.fail(fault, "offers", "credit", times=2)
    assert gateway.offers(CONTEXT, ask("S0")) == {}
    assert gateway.credit("c1") is None


def test_an_answer_that_cannot_be_read_is_a_failure_and_not_a_crash(
    erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> list[r.Offer]:
        raise KeyError("net_price")

    monkeypatch.setattr(erp, "offers", broken)
    assert gateway.offers(CONTEXT, ask("S0")) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "USD"},
        {"net_price": Decimal("NaN")},
        {"net_price": Decimal(-1)},
        {"sku": "OTHER"},
    ],
)
def test_a_senseless_offer_is_left_out_and_the_others_stay(
    erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    honest = erp.offers

    def hostile(*args: Any, **kwargs: Any) -> list[r.Offer]:
        first, *others = honest(*args, **kwargs)
        return [dataclasses.replace(first, **change), *others]

    monkeypatch.setattr(erp, "offers", hostile)
    assert list(gateway.offers(CONTEXT, ask("S0", "S1"))) == ["S1"]


def test_a_stampede_on_a_cold_page_makes_one_call(erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = erp.offers

    def slow(*args: Any, **kwargs: Any) -> list[r.Offer]:
        time.sleep(0.1)
        return honest(*args, **kwargs)

    monkeypatch.setattr(erp, "offers", slow)
    found: list[dict[str, gateway.StampedOffer]] = []
    threads = [threading.Thread(target=lambda: found.append(gateway.offers(CONTEXT, ask(*SKUS)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert erp.book.calls == ["offers"]
    assert [price(page) for page in found] == [Decimal("8.5000")] * 8


def test_what_another_process_asks_now_is_waited_for(erp: fake.FakeErp) -> None:
    gateway.offers(CONTEXT, ask("S0"))  # as the other process would keep it
    with time_machine.travel("2030-01-01T00:00:00Z"):
        question = ask("S1")
        keys = _keys_of(question)
        assert flight.claimed(keys, for_s=5)
        late = threading.Timer(0.1, lambda: gateway.offers(CONTEXT, question, live=True))
        late.start()
        assert price(gateway.offers(CONTEXT, question), "S1") == Decimal("8.5000")
        late.join(5)
    assert len(erp.book.calls) == 2


def _keys_of(asks: list[r.Ask]) -> frozenset[str]:
    return frozenset(shelf.offer_key(CONTEXT, one, per_customer=True, ladders=False, warehouses=False) for one in asks)


def test_a_hanging_erp_holds_only_its_places_and_others_get_the_last_known_at_once(
    erp: fake.FakeErp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"calls_at_once": 1, "fresh_s": 0.0, "call_wait_s": 60.0}
    gateway.offers(CONTEXT, ask("S0"))
    hangs, release = threading.Event(), threading.Event()
    honest = erp.offers

    def hanging(*args: Any, **kwargs: Any) -> list[r.Offer]:
        hangs.set()
        release.wait(30)
        return honest(*args, **kwargs)

    monkeypatch.setattr(erp, "offers", hanging)
    holder = threading.Thread(target=lambda: gateway.offers(CONTEXT, ask("S1")))
    holder.start()
    assert hangs.wait(10)
    found = gateway.offers(CONTEXT, ask("S0"))
    still_hangs = holder.is_alive()
    release.set()
    holder.join(10)
    assert found["S0"].stamp.source == gateway.LAST_KNOWN
    assert still_hangs  # who waits for a place gets it only afterwards


def test_who_asks_the_same_as_a_hanging_call_gets_the_last_known_soon(
    erp: fake.FakeErp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"fresh_s": 0.0, "page_deadline_s": 60.0, "call_wait_s": 0.05}
    gateway.offers(CONTEXT, ask("S0"))
    hangs, release = threading.Event(), threading.Event()
    honest = erp.offers

    def hanging(*args: Any, **kwargs: Any) -> list[r.Offer]:
        hangs.set()
        release.wait(30)
        return honest(*args, **kwargs)

    monkeypatch.setattr(erp, "offers", hanging)
    leader = threading.Thread(target=lambda: gateway.offers(CONTEXT, ask("S0")))
    leader.start()
    assert hangs.wait(10)
    found = gateway.offers(CONTEXT, ask("S0"))
    still_hangs = leader.is_alive()
    release.set()
    leader.join(10)
    assert found["S0"].stamp.source == gateway.LAST_KNOWN
    assert still_hangs


def test_old_figures_are_refreshed_behind_the_page(erp: fake.FakeErp, settings: Settings) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"refresh_threads": 2, "refresh_after_s": 0.0}
    gateway.offers(CONTEXT, ask("S0"))
    erp.set_price("gold", "S0", (1, "9.0000"))
    shown = gateway.known_offers(CONTEXT, ask("S0"))
    flight.drain()
    assert price(shown) == Decimal("8.5000")
    assert shown["S0"].stamp.refresh
    assert price(gateway.known_offers(CONTEXT, ask("S0"))) == Decimal("9.0000")


def test_credit_is_kept_a_minute_and_last_known_for_a_day(erp: fake.FakeErp, clock: time_machine.Traveller) -> None:
    erp.add_customer("c1", credit_limit=Decimal(500))
    first = gateway.credit("c1")
    again = gateway.credit("c1")
    erp.book.is_down = True
    clock.shift(3600)
    later = gateway.credit("c1")
    clock.shift(24 * 3600)
    much_later = gateway.credit("c1")
    assert first
    assert again
    assert later
    assert first.credit.limit == later.credit.limit == Decimal(500)
    assert [first.stamp.source, again.stamp.source] == [gateway.LIVE, gateway.CACHE]
    assert later.stamp.source == gateway.LAST_KNOWN
    assert much_later is None
    assert erp.book.calls == ["credit", "credit"]  # the failure was believed for a moment


def test_an_erp_without_credit_says_nobody_knows(erp: fake.FakeErp) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, has_credit=False)
    assert gateway.credit("c1") is None
    assert erp.book.calls == []


def test_totals_and_documents_raise_what_the_erp_says(erp: fake.FakeErp) -> None:
    order = r.NewOrder("WEB-1", "c1", "gold", "EUR", ())
    erp.book.is_down = True
    with pytest.raises(ErpUnavailable):
        gateway.totals(order)
    with pytest.raises(ErpUnavailable):
        gateway.invoice_pdf("7")
    erp.book.is_down = False
    erp.fail("reject", "totals", message="The item is not for sale.")
    with pytest.raises(ErpRejected, match="not for sale"):
        gateway.totals(order)
    assert gateway.invoice_pdf("7").content.startswith(b"%PDF")
    assert gateway.item_image("7").media_type == "image/png"


def test_a_question_about_many_lines_is_given_more_time(erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    totals = erp.totals

    def noted(order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        given.append(deadline_s)
        return totals(order, deadline_s=deadline_s)

    monkeypatch.setattr(erp, "totals", noted)
    with structlog.contextvars.bound_contextvars(request_id="has waited for nothing yet"):
        for count in (50, 250):
            lines = tuple(r.NewOrderLine(n, "S0", "item-S0", Decimal(1), Decimal("8.5")) for n in range(count))
            gateway.totals(r.NewOrder("WEB-1", "c1", "gold", "EUR", lines))
    assert given == [1.5, 3.5]


def test_status_tells_last_success_and_median_time(erp: fake.FakeErp) -> None:
    assert gateway.status() == []
    gateway.offers(CONTEXT, ask("S0"))
    (offers,) = gateway.status()
    assert offers.operation == "offers"
    assert offers.last_success_at is not None
    assert offers.p50_ms is not None


def test_one_page_waits_in_vain_for_one_deadline_and_the_next_page_starts_anew(
    erp: fake.FakeErp,
) -> None:
    erp.fail("slow", "offers", "credit", times=9, seconds=9)
    with structlog.contextvars.bound_contextvars(request_id="page-1"):
        gateway.offers(CONTEXT, ask("S0"), live=True)
        assert gateway.credit("c1") is None
        with pytest.raises(ErpUnavailable):
            gateway.totals(r.NewOrder("WEB-1", "c1", "gold", "EUR", ()))
    assert erp.book.calls == ["offers"]
    with structlog.contextvars.bound_contextvars(request_id="page-2"):
        gateway.credit("c2")
    assert erp.book.calls == ["offers", "credit"]


def test_wrong_settings_look_like_no_answer_to_a_page(erp: fake.FakeErp, settings: Settings) -> None:
    settings.ERP_ADAPTER = "erp_sync.adapters.nowhere.NoErp"
    assert gateway.known_offers(CONTEXT, ask("S0")) == {}
    assert gateway.offers(CONTEXT, ask("S0")) == {}
    assert gateway.credit("c1") is None
    with pytest.raises(ErpUnavailable):
        gateway.totals(r.NewOrder("WEB-1", "c1", "gold", "EUR", ()))


@pytest.mark.parametrize(("halves", "amount"), [("up", "19.85"), ("even", "19.84")])
def test_a_line_is_rounded_as_the_erp_rounds_it(erp: fake.FakeErp, halves: str, amount: str) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, halves=halves)
    assert gateway.line_amount(Decimal("3.969"), Decimal(5)) == Decimal(amount)
