"""A price as a template gets it: units, packs, breaks, stock words, freshness."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from erp_sync.gateway import CACHE, LAST_KNOWN, LIVE, Stamp, StampedOffer
from erp_sync.mirror.models import Item
from erp_sync.records import Expected, Offer, PriceStep, WarehouseStock
from shop.pricing.price_view import PriceView, cell_of, price_view
from shop.pricing.receipts import receipt_of

NOW = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
D = Decimal


def offer(**changes: Any) -> Offer:
    values: dict[str, Any] = {
        "sku": "A-1",
        "erp_id": "1",
        "quantity": D(1),
        "unit": "u",
        "currency": "EUR",
        "net_price": D("12.4000"),
    }
    return Offer(**(values | changes))


def stamped(source: str = LIVE, *, age_s: int = 5, **changes: Any) -> StampedOffer:
    as_of = NOW - dt.timedelta(seconds=age_s)
    return StampedOffer(offer(**changes), Stamp(as_of=as_of, source=source, rule="Gold", request_id="r1"))


def item(**changes: Any) -> Item:
    values: dict[str, Any] = {
        "sku": "A-1",
        "erp_id": "1",
        "sales_unit": {"code": "u", "names": {"en": "unit", "es": "unidad"}},
    }
    return Item(**(values | changes))


def view(answer: StampedOffer | None, of: Item | None = None, **changes: Any) -> PriceView:
    values: dict[str, Any] = {"currency": "EUR", "pending": False, "now": NOW} | changes
    return price_view(of or item(), values.pop("quantity", D(1)), answer, **values)


def test_a_price_names_its_unit_in_the_language_of_the_reader() -> None:
    with translation.override("es"):
        found = view(stamped())

    assert (found.net_price, found.unit, found.state) == (D("12.4000"), "unidad", "priced")


def test_a_pack_costs_what_so_many_units_cost() -> None:
    packs = [{"code": "box", "names": {"en": "box of 12"}, "factor": "12"}]
    ladder = (PriceStep(D(1), D("12.40")), PriceStep(D(10), D("12.00")))

    plain = view(stamped(), item(packs=packs))
    with_ladder = view(stamped(steps=ladder), item(packs=packs))

    assert [(p.name, p.price) for p in plain.packs] == [("box of 12", D("148.8000"))]
    assert [p.price for p in with_ladder.packs] == [D("144.00")]


def test_of_a_box_the_price_of_one_piece_is_shown_with_four_decimals() -> None:
    packs = [{"code": "pc", "names": {"en": "piece"}, "factor": "0.01"}]

    found = view(stamped(net_price=D("4.1255")), item(packs=packs))

    assert [(p.name, p.price) for p in found.packs] == [("piece", D("0.0413"))]


def test_the_next_break_is_the_first_above_the_quantity() -> None:
    ladder = (PriceStep(D(1), D("12.40")), PriceStep(D(50), D("11.90")), PriceStep(D(100), D(11)))

    assert view(stamped(steps=ladder)).next_step == PriceStep(D(50), D("11.90"))
    assert view(stamped(steps=ladder), quantity=D(50)).next_step == PriceStep(D(100), D(11))
    assert view(stamped(steps=ladder), quantity=D(100)).next_step is None


@pytest.mark.parametrize(
    ("list_price", "struck"),
    [("15.00", D("15.00")), ("12.40", None), ("10.00", None), (None, None)],
)
def test_only_a_higher_list_price_is_struck(list_price: str | None, struck: Decimal | None) -> None:
    answer = stamped(list_price=D(list_price) if list_price else None)

    assert view(answer).list_price == struck


@pytest.mark.parametrize(
    "answer",
    [
        stamped(net_price=None),
        stamped(net_price=D(0)),
        stamped(net_price=D("-1")),
        stamped(currency="USD"),
        None,
    ],
)
def test_what_is_no_price_is_shown_as_on_request_and_never_as_zero(
    answer: StampedOffer | None,
) -> None:
    found = view(answer)

    assert (found.state, found.net_price, found.packs, found.steps) == ("on_request", None, (), ())


def test_an_item_not_asked_yet_is_pending_and_one_not_sold_says_so() -> None:
    assert view(None, pending=True).state == "pending"
    assert view(stamped(is_salable=False)).state == "not_sold"
    assert view(stamped(is_salable=False)).net_price is None


@pytest.mark.parametrize(
    ("source", "age_s", "tone"),
    [(LIVE, 1, "fresh"), (CACHE, 60, "fresh"), (CACHE, 61, "late"), (LAST_KNOWN, 1, "offline")],
)
def test_the_stamp_tells_fresh_from_late_from_last_known(source: str, age_s: int, tone: str) -> None:
    found = view(stamped(source, age_s=age_s)).stamp

    assert found is not None
    assert (found.tone, found.rule, found.request_id) == (tone, "Gold", "r1")


@pytest.mark.parametrize(
    ("here", "coming", "wanted", "words", "tone"),
    [
        (240, (), 1, "In stock: 240", "good"),
        (12, ((60, 3),), 24, "12 today, 60 on 3 Dec", "attention"),
        (12, (), 24, "12 today, rest on order", "attention"),
        (0, ((60, 3),), 1, "60 on 3 Dec", "attention"),
        (0, (), 1, "On order", "bad"),
        (-5, (), 1, "On order", "bad"),
    ],
)
def test_stock_is_told_in_words(
    here: int, coming: tuple[tuple[int, int], ...], wanted: int, words: str, tone: str
) -> None:
    expected = tuple(Expected(D(number), dt.date(2026, 12, day)) for number, day in coming)
    answer = stamped(stock=(WarehouseStock("", D(here), D(here)),), expected=expected, quantity=D(wanted))

    with translation.override("en"):
        found = view(answer, quantity=D(wanted)).stock

    assert found is not None
    assert (found.words, found.tone) == (words, tone)
    assert found.available >= 0


def test_stock_that_is_not_known_is_none_and_not_zero() -> None:
    assert view(stamped(stock=None)).stock is None


def test_the_quantity_box_follows_the_item() -> None:
    by_ten = view(None, item(minimum=D(20), multiple=D(10)))
    metres = view(None, item(sales_unit={"code": "m", "digits": 2}))

    assert (by_ten.minimum, by_ten.step) == (D(20), D(10))
    assert (metres.minimum, metres.step, metres.unit) == (D("0.01"), D("0.01"), "m")


def test_the_id_of_a_cell_is_safe_whatever_the_sku_is() -> None:
    cells = {cell_of(sku) for sku in ("A-1", 'x" onload="', "ñ/..", "<b>")}

    assert len(cells) == 4
    assert all(cell.isalnum() for cell in cells)


def test_a_receipt_keeps_what_the_erp_answered() -> None:
    ladder = (PriceStep(D(1), D("12.40")), PriceStep(D(50), D("11.90")))

    receipt = receipt_of(stamped(quantity=D(60), net_price=D("11.90"), steps=ladder), D(60), price_list="PL")

    assert receipt is not None
    assert (receipt.net_price, receipt.price_break, receipt.price_list) == (D("11.90"), D(50), "PL")
    assert (receipt.price_rule, receipt.price_source, receipt.price_request_id) == (
        "Gold",
        "live",
        "r1",
    )
    assert receipt.price_as_of == NOW - dt.timedelta(seconds=5)


def test_a_receipt_for_another_quantity_takes_the_ladder() -> None:
    ladder = (PriceStep(D(1), D("12.40")), PriceStep(D(50), D("11.90")))

    receipt = receipt_of(stamped(steps=ladder), D(60))

    assert receipt is not None
    assert (receipt.net_price, receipt.price_break) == (D("11.90"), D(50))


def test_there_is_no_receipt_without_a_price() -> None:
    assert receipt_of(stamped(net_price=None), D(1)) is None
