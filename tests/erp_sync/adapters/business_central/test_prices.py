"""Prices in the two ways without our bridge: by a quote that is deleted again, and the list price alone."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from erp_sync import records as r
from erp_sync.adapters.business_central.setup import LONGEST_DRAFT
from erp_sync.conformance import questions
from erp_sync.conformance.question import Family, Question, Verdict
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from tests.erp_stubs.transport import Fault, sends
from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.sample import SECONDS, BcSample, World

QUOTES = f"{stub.ROOT}/api/v2.0/companies({stub.COMPANY})/salesQuotes"
# What needs the bridge: a ladder of prices, and (for a list price alone) any agreement at all.
WITHOUT_BRIDGE = {"a_ladder_is_what_its_steps_cost"}
LIST_ONLY = WITHOUT_BRIDGE | {"prices_are_those_of_each_agreement"}
FAMILIES = {Family.PRICES, Family.UNITS, Family.STOCK, Family.TOTALS}
ASKED = [one for one in questions.ALL if one.family in FAMILIES]


class PlainSample(BcSample):
    """The same company without further addresses of a customer."""

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order to the customer himself."""
        return replace(super().order(factor=factor), ship_to_erp_id=self.context.customer_erp_id)


@pytest.fixture
def world() -> World:
    world = World()
    world.stub.has_bridge = False
    return world


@pytest.mark.parametrize("question", ASKED, ids=lambda one: one.name)
@pytest.mark.parametrize("source", ["draft_document", "list"])
def test_without_the_bridge_the_adapter_keeps_what_it_can(world: World, source: str, question: Question) -> None:
    answer = question.answer(PlainSample(world, price_source=source))
    fails = WITHOUT_BRIDGE if source == "draft_document" else LIST_ONLY
    wanted = {Verdict.FAIL} if question.name in fails else {Verdict.PASS, Verdict.CANNOT}
    assert answer.verdict in wanted, answer.detail
    left = [row["number"] for row in world.book.rows["salesQuotes"].values() if row["externalDocumentNumber"]]
    assert not left, "a price quote was left behind"


def test_a_long_question_writes_no_quote_and_gets_no_price(world: World) -> None:
    erp = world.erp(price_source="draft_document", draft_lines=2)
    few = erp.offers(world.context(), [world.ask("A", 10), world.ask("B")], deadline_s=SECONDS)
    assert [one.net_price for one in few] == [Decimal("1.0505"), Decimal("2.1111")]
    many = erp.offers(world.context(), [world.ask(sku) for sku in "ABC"], deadline_s=SECONDS)
    assert [(one.net_price, one.list_price, one.is_salable) for one in many] == [
        (None, Decimal(f"{n}.3333"), True) for n in (1, 2, 3)
    ]
    assert len(world.line.sent("POST", QUOTES)) == 1
    assert erp.capabilities.price_source == "draft_document"
    assert erp.capabilities.batch_size > LONGEST_DRAFT, "a round through the catalogue would write quotes"


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.ERROR_AFTER, Fault.GARBAGE])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_price_quote_that_was_cut_off_is_cleared_away_later(world: World, fault: Fault, method: str) -> None:
    erp = world.erp(price_source="draft_document")
    asks = [world.ask("A")]
    world.line.next(fault, when=sends(method, QUOTES))
    if method == "POST":
        with pytest.raises((ErpUnavailable, ErpBroken)):
            erp.offers(world.context(), asks, deadline_s=20)
    else:
        erp.offers(world.context(), asks, deadline_s=20)
    left = [row for row in world.book.rows["salesQuotes"].values() if row["externalDocumentNumber"] == "PRICE-CHECK"]
    assert len(left) == (method == "POST")
    world.erp(price_source="draft_document").offers(world.context(), asks, deadline_s=SECONDS)
    assert all(row["number"] in {one["number"] for one in world.book.rows["salesQuotes"].values()} for row in left), (
        "a young one may be in use"
    )
    for row in left:
        row["lastModifiedDateTime"] -= dt.timedelta(hours=1)
    world.erp(price_source="draft_document").offers(world.context(), asks, deadline_s=SECONDS)
    assert not [one for one in world.book.rows["salesQuotes"].values() if one["externalDocumentNumber"]]


def test_a_list_price_in_another_currency_or_with_tax_is_none(world: World) -> None:
    erp = world.erp(price_source="list")
    (local,) = erp.offers(world.context(), [world.ask("A", 100)], warehouses=True, deadline_s=SECONDS)
    assert (local.net_price, local.currency) == (Decimal("1.3333"), "EUR")
    assert [(one.warehouse, one.available) for one in local.stock or ()] == [("All locations", 40)]
    (foreign,) = erp.offers(replace(world.context(), currency="USD"), [world.ask("A")], deadline_s=SECONDS)
    assert foreign.net_price is None
    world.book.find("items", number="A")["priceIncludesTax"] = True
    (taxed,) = erp.offers(world.context(), [world.ask("A")], deadline_s=SECONDS)
    assert (taxed.net_price, taxed.list_price, taxed.is_salable) == (None, None, True)
    assert erp.capabilities.price_source == "list"


def test_a_list_price_is_corrected_by_the_order_but_never_above_the_total_accepted(world: World) -> None:
    erp = world.erp(price_source="list")
    order = world.order("WEB-LIST")
    lines = tuple(replace(one, net_price=Decimal("0.5")) for one in order.lines)
    written = erp.create_order(replace(order, lines=lines), deadline_s=SECONDS)
    assert [price for _, _, price in written.lines] == [Decimal("1.1111"), Decimal("2.1111")]
    dear = replace(order, reference="WEB-LIST2", lines=lines, expected_total=written.totals.total - Decimal("0.01"))
    with pytest.raises(ErpRejected):
        erp.create_order(dear, deadline_s=SECONDS)
    assert world.orders("WEB-LIST2") == []


def test_a_blocked_item_is_not_for_sale_in_any_way() -> None:
    for source in ("bridge", "draft_document", "list"):
        world = World()
        erp = world.erp(price_source=source)
        offers = erp.offers(world.context(), [world.ask("D"), world.ask("A")], deadline_s=SECONDS)
        assert [(one.is_salable, one.net_price is None) for one in offers] == [(False, True), (True, False)]
        order = world.order("WEB-D")
        blocked = replace(order.lines[0], sku="D", item_erp_id=world.ask("D").erp_id)
        with pytest.raises(ErpRejected, match="D"):
            erp.create_order(replace(order, lines=(blocked,)), deadline_s=SECONDS)
