"""Bad days of the line and of the session: nothing is lost and nothing doubled, with the key table and without."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.sap_b1.adapter import SapB1Erp
from erp_sync.adapters.sap_b1.faults import Conflict
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline
from tests.erp_stubs.transport import Fault, Killed, Seen, sends
from tests.erp_sync.adapters.sap_b1.company import Company
from tests.erp_sync.adapters.sap_b1.world import SECONDS, SapSample, Stub

UNCLEAR = [Fault.ERROR_AFTER, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.GARBAGE, Fault.SLOW]
EVERY = [*Fault]
NOT_DONE = [Fault.REFUSED, Fault.LOST_BEFORE, Fault.TOO_MANY]
both_ways = pytest.mark.parametrize("has_key_table", [True, False], ids=["key table", "looked up only"])


def posts_an_order(seen: Seen) -> bool:
    """Fit the request that posts an order, alone or in a changeset."""
    is_batch = seen.path.endswith("$batch") and b"POST /b1s/v2/Orders HTTP" in seen.body
    return is_batch or (seen.method == "POST" and seen.path == "/b1s/v2/Orders")


def in_batch(words: bytes) -> Callable[[Seen], bool]:
    """Fit the batch that has these words."""
    return lambda seen: seen.path.endswith("$batch") and words in seen.body


def keyed(company: Company, reference: str, entity: str = "Orders") -> list[dict[str, Any]]:
    return [row for row in company.tables[entity] if row.get("U_B2BKey") == reference]


def create(erp: SapB1Erp, order: r.NewOrder, deadline_s: float = SECONDS) -> r.WrittenOrder:
    return erp.create_order(order, deadline_s=deadline_s)


# --- orders, once ---


@both_ways
@pytest.mark.parametrize("fault", UNCLEAR)
def test_an_order_whose_answer_is_lost_is_unclear_and_sent_again_is_one(fault: Fault, has_key_table: bool) -> None:  # noqa: FBT001
    stub = Stub(has_key_table=has_key_table)
    order = SapSample(stub).order()
    plan = stub.line.next(fault, when=posts_an_order)
    with pytest.raises((ErpUnavailable, ErpBroken)) as told:
        create(stub.erp_adapter, order)
    assert plan.struck
    assert not getattr(told.value, "nothing_sent", False)
    assert create(stub.erp_adapter, order).state == "confirmed"
    assert len(keyed(stub.company, order.reference)) == 1


@both_ways
@pytest.mark.parametrize("fault", NOT_DONE)
def test_an_order_that_was_never_taken_is_told_so(fault: Fault, has_key_table: bool) -> None:  # noqa: FBT001
    stub = Stub(has_key_table=has_key_table)
    order = SapSample(stub).order()
    plan = stub.line.next(fault, when=posts_an_order)
    with pytest.raises(ErpUnavailable) as told:
        create(stub.erp_adapter, order)
    assert plan.struck
    assert told.value.nothing_sent
    assert not keyed(stub.company, order.reference)
    create(stub.erp_adapter, order)
    assert len(keyed(stub.company, order.reference)) == 1


@both_ways
@pytest.mark.parametrize("kind", ["order", "payment", "quote", "return"])
def test_once_it_is_posted_no_refused_call_says_that_nothing_was_sent(kind: str, has_key_table: bool) -> None:  # noqa: FBT001
    said: list[bool] = []
    for step in range(1, 12):
        stub = Stub(has_key_table=has_key_table)
        sample = SapSample(stub)
        write, entity = (sample.order(), "Orders") if kind == "order" else _write(sample, kind)
        before = len(stub.company.tables[entity])
        plan = stub.line.next(Fault.REFUSED, at=step)
        with contextlib.suppress(ErpUnavailable):
            _send(stub.erp_adapter, write, said)
        if not plan.struck:
            break
        assert said[-1] is (len(stub.company.tables[entity]) == before), f"request {step}"
        _send(stub.erp_adapter, write, said)
        assert len(stub.company.tables[entity]) == before + 1
    assert set(said) == {True, False}


def _send(erp: SapB1Erp, write: r.NewOrder | r.Write, said: list[bool]) -> None:
    """Write it; note what an error says of whether anything was sent."""
    try:
        if isinstance(write, r.NewOrder):
            create(erp, write)
        else:
            erp.write(write, deadline_s=SECONDS)
    except ErpUnavailable as error:
        said.append(error.nothing_sent)
        raise


@both_ways
def test_twenty_orders_over_a_line_that_breaks_anywhere_are_twenty_orders(has_key_table: bool) -> None:  # noqa: FBT001
    """Each is tried, and after an error tried again, as the outbox does; the line breaks at any of its requests."""
    stub = Stub(has_key_table=has_key_table)
    sample, chance = SapSample(stub), random.Random(20260131)  # noqa: S311 (no secret)
    orders = [sample.order() for _ in range(20)]
    plans = []
    for order in orders:
        for _ in range(3):
            plans.append(stub.line.next(chance.choice(list(EVERY)), at=chance.randint(1, 5)))
            with contextlib.suppress(ErpUnavailable, ErpBroken, Killed):
                create(stub.erp_adapter, order)
            stub.line.plans.clear()
    for order in orders:
        create(stub.erp_adapter, order)
    assert len([plan for plan in plans if plan.struck]) > 30
    assert [len(keyed(stub.company, order.reference)) for order in orders] == [1] * 20
    assert len(stub.company.tables["Orders"]) == 20


def test_a_worker_that_dies_between_sending_and_recording_leaves_one_order() -> None:
    stub = Stub()
    order = SapSample(stub).order()
    stub.line.next(Fault.KILLED_AFTER, when=posts_an_order)
    with pytest.raises(Killed):
        create(stub.erp_adapter, order)
    another = stub.adapter()
    assert [one.state for one in another.find_order(order.reference, deadline_s=SECONDS)] == ["confirmed"]
    create(another, order)
    assert len(keyed(stub.company, order.reference)) == 1


@pytest.mark.parametrize(("has_key_table", "orders"), [(True, 1), (False, 2)])
def test_the_key_table_stops_two_that_did_not_see_each_other(has_key_table: bool, orders: int) -> None:  # noqa: FBT001
    """Without the table there would be two: so `enforces_reference` is said only where it is there."""
    stub = Stub(has_key_table=has_key_table)
    order, erp = SapSample(stub).order(), stub.erp_adapter
    desk = erp._orders  # noqa: SLF001 (without the look-up that comes first)
    body = desk.body(order, Deadline(SECONDS))
    told = [desk.post(body, order.reference, Deadline(SECONDS)) for _ in range(2)]
    assert len(keyed(stub.company, order.reference)) == orders
    assert told[0].erp_id == told[1].erp_id
    assert erp.capabilities.enforces_reference is has_key_table


def test_a_refused_order_leaves_no_key_behind() -> None:
    stub = Stub()
    order = SapSample(stub).over_limit()
    keys = len(stub.company.tables["U_B2BKEY"])
    with pytest.raises(ErpRejected, match="commitment limit"):
        create(stub.erp_adapter, order)
    assert len(stub.company.tables["U_B2BKEY"]) == keys
    assert not keyed(stub.company, order.reference)


@both_ways
def test_an_order_that_needs_an_approval_waits_as_one_draft(has_key_table: bool) -> None:  # noqa: FBT001
    stub = Stub(has_key_table=has_key_table)
    order = SapSample(stub).order()
    stub.company.approve_above = Decimal(1)
    told = [create(stub.erp_adapter, order) for _ in range(2)]
    drafts = keyed(stub.company, order.reference, "Drafts")
    assert [one.state for one in told] == ["draft", "draft"]
    assert (len(drafts), keyed(stub.company, order.reference)) == (1, [])
    stub.company.tables["Drafts"].remove(drafts[0])
    stub.company.tables["Orders"].append(drafts[0])
    assert create(stub.erp_adapter, order).state == "confirmed"
    assert len(keyed(stub.company, order.reference)) == 1


def test_an_order_that_is_approved_while_it_is_looked_for_is_found_and_not_made_again() -> None:
    stub = Stub(has_key_table=False)
    order = SapSample(stub).order()
    stub.company.approve_above = Decimal(1)
    create(stub.erp_adapter, order)
    stub.company.approve_above = None
    read = stub.service._read  # noqa: SLF001 (between two reads of one batch)

    def approved_behind_the_first(path: str, *rest: Any) -> Any:
        said = read(path, *rest)
        for draft in [one for one in keyed(stub.company, order.reference, "Drafts") if path in {"Orders", "Drafts"}]:
            stub.company.tables["Drafts"].remove(draft)
            stub.company.tables["Orders"].append(draft)
        return said

    stub.service._read = approved_behind_the_first  # type: ignore[method-assign,assignment] # noqa: SLF001
    create(stub.erp_adapter, order)
    assert len(keyed(stub.company, order.reference)) == 1
    assert create(stub.erp_adapter, order).state == "confirmed"


# --- the other writes, once ---


@both_ways
@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.LOST_AFTER, Fault.GARBAGE])
@pytest.mark.parametrize("kind", ["payment", "quote", "return"])
def test_other_writes_whose_answer_is_lost_are_there_once(kind: str, fault: Fault, has_key_table: bool) -> None:  # noqa: FBT001
    stub = Stub(has_key_table=has_key_table)
    sample = SapSample(stub)
    write, entity = _write(sample, kind)
    before = len(stub.company.tables[entity])
    words = f"POST /b1s/v2/{entity} HTTP".encode()
    plan = stub.line.next(fault, when=lambda seen: in_batch(words)(seen) or sends("POST", f"/b1s/v2/{entity}")(seen))
    with pytest.raises((ErpUnavailable, ErpBroken)) as told:
        stub.erp_adapter.write(write, deadline_s=SECONDS)
    assert plan.struck
    assert not getattr(told.value, "nothing_sent", False)
    assert len(stub.erp_adapter.find_written(write, deadline_s=SECONDS)) == 1
    stub.erp_adapter.write(write, deadline_s=SECONDS)
    assert len(stub.company.tables[entity]) == before + 1


def _write(sample: SapSample, kind: str) -> tuple[r.Write, str]:
    if kind == "return":
        return sample.returnable(), "ReturnRequest"
    if kind == "payment":
        invoice, _other = sample.open_invoices()
        share = r.Allocation(invoice.erp_id, invoice.amount_due)
        paid = r.NewPayment("PAY-1", "C1", "EUR", invoice.amount_due, invoice.invoiced_on, allocations=(share,))
        return paid, "IncomingPayments"
    line = r.NewQuoteLine(1, "A-1", "A-1", Decimal(5), Decimal("1.1000"))
    return r.NewQuote("RFQ-1", "C1", "1", "EUR", (line,)), "Quotations"


def test_of_a_payment_given_back_in_part_the_rest_is_paid() -> None:
    sample = SapSample()
    first, second = sample.open_invoices()
    shares = tuple(r.Allocation(one.erp_id, one.amount_due) for one in (first, second))
    whole = first.amount_due + second.amount_due
    payment = r.NewPayment("PAY-2", "C1", "EUR", whole, first.invoiced_on, allocations=shares)
    kept = first.amount_due + Decimal("1.00")
    reversal = r.PaymentReversal("PAY-2-R", "PAY-2", "C1", "EUR", whole - kept, first.invoiced_on, kept=kept)
    sample.erp.write(payment, deadline_s=SECONDS)
    told = [sample.erp.write(reversal, deadline_s=SECONDS) for _ in range(2)]
    assert {(one.state, one.total) for one in told} == {("reversed", kept)}
    due = {one.erp_id: one.amount_due for one in sample.pull("invoices")}
    assert (due[first.erp_id], due[second.erp_id]) == (0, second.amount_due - 1)
    counting = [one for one in sample.pull("payments") if one.reference == "PAY-2" and one.state == "succeeded"]
    assert sum(one.amount for one in counting) == kept


def test_money_that_the_erp_does_not_let_go_is_not_told_as_given_back() -> None:
    sample = SapSample()
    invoice, _other = sample.open_invoices()
    share = r.Allocation(invoice.erp_id, invoice.amount_due)
    payment = r.NewPayment("PAY-3", "C1", "EUR", invoice.amount_due, invoice.invoiced_on, allocations=(share,))
    sample.erp.write(payment, deadline_s=SECONDS)
    for kept in (Decimal(0), Decimal(1)):
        back = r.PaymentReversal("PAY-3-R", "PAY-3", "C1", "EUR", Decimal(5), invoice.invoiced_on, kept=kept)
        sample.company.find("Invoices", int(invoice.erp_id[1:]))["PaidToDate"] = 0.0  # the staff settled it otherwise
        with pytest.raises(ErpRejected, match="closed"):
            sample.erp.write(back, deadline_s=SECONDS)
        assert sample.erp.find_written(back, deadline_s=SECONDS) == []
    assert len(keyed(sample.company, "PAY-3", "IncomingPayments")) == 1


def test_a_change_meets_somebody_elses_and_overwrites_nothing() -> None:
    stub = Stub()
    written = create(stub.erp_adapter, SapSample(stub).order())
    change = r.OrderChange("CHG-1", written.erp_id, "", "C1", customer_reference="PO NEW")
    plain = stub.line.application

    def staff_is_quicker(request: Any) -> Any:
        if request.method == "PATCH":
            row = stub.company.find("Orders", int(written.erp_id))
            row["NumAtCard"] = "by staff"
            stub.company.touch(row)
            stub.line.application = plain
        return plain(request)

    stub.line.application = staff_is_quicker
    with pytest.raises(Conflict) as told:
        stub.erp_adapter.write(change, deadline_s=SECONDS)
    assert told.value.nothing_sent
    assert stub.company.find("Orders", int(written.erp_id))["NumAtCard"] == "by staff"
    stub.erp_adapter.write(change, deadline_s=SECONDS)
    assert stub.company.find("Orders", int(written.erp_id))["NumAtCard"] == "PO NEW"


# --- fields that vanish ---


def test_without_our_field_no_order_is_written_and_the_check_names_it() -> None:
    stub = Stub()
    order = SapSample(stub).order()
    before = len(stub.company.tables["Orders"])
    stub.company.types.forget("U_B2BKey")
    with pytest.raises(ErpMisconfigured, match="run erp_check"):
        create(stub.erp_adapter, order)
    missing = [one for one in stub.erp_adapter.needs(deadline_s=SECONDS) if not one.is_there]
    assert "Orders.U_B2BKey" in {one.name for one in missing}
    assert "make the user field B2BKey (text of 50) in ORDR" in missing[0].cure
    assert len(stub.company.tables["Orders"]) == before
    stub.company.types.declare("Document", "U_B2BKey", "s", 50)
    create(stub.erp_adapter, order)
    assert len(keyed(stub.company, order.reference)) == 1


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_come() -> None:
    stub = Stub()
    sample = SapSample(stub)
    sample.open_invoices()
    entry = stub.company.tables["Invoices"][0]
    entry["DocTotal"] = "much"
    seen: list[str] = []
    broken: list[str] = []
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        page: r.Page[Any] = sample.erp.pull("invoices", cursor, limit=10, deadline_s=SECONDS)
        seen += [one.erp_id for one in page.records]
        broken += [one.erp_id for one in page.broken]
        cursor = page.next
    assert broken == [str(entry["DocEntry"])]
    assert len(seen) == len(stub.company.tables["Invoices"]) - 1


def test_a_company_with_branches_gets_the_one_of_the_settings_on_every_document() -> None:
    stub = Stub()
    order = SapSample(stub).order()
    quote, _entity = _write(SapSample(stub), "quote")
    stub.company.branch = 3
    with pytest.raises(ErpRejected, match="branch"):
        create(stub.erp_adapter, order)
    erp = stub.adapter(branch=3)
    create(erp, order)
    erp.write(quote, deadline_s=SECONDS)
    assert keyed(stub.company, order.reference)[0]["BPL_IDAssignedToInvoice"] == 3
    assert keyed(stub.company, "RFQ-1", "Quotations")[0]["BPL_IDAssignedToInvoice"] == 3


def test_a_line_of_another_customer_and_an_unknown_address_are_refused() -> None:
    sample = SapSample()
    foreign = replace(sample.returnable(), customer_erp_id="C3")
    with pytest.raises(ErpRejected, match="of this customer"):
        sample.erp.write(foreign, deadline_s=SECONDS)
    with pytest.raises(ErpRejected, match="not one of this customer"):
        sample.erp.create_order(replace(sample.order(), ship_to_erp_id="C2/S/Store"), deadline_s=SECONDS)
