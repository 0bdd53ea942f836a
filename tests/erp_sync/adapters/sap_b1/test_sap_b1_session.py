"""The session of the Service Layer: it ends whenever it likes, and nothing is lost or done twice."""

from __future__ import annotations

import threading

import pytest

from erp_sync.errors import ErpError, ErpMisconfigured
from tests.erp_stubs.transport import Fault
from tests.erp_sync.adapters.sap_b1.test_sap_b1_bad_days import create, keyed, posts_an_order
from tests.erp_sync.adapters.sap_b1.world import SECONDS, SapSample, Stub


@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_session_that_ends_in_the_middle_of_paging_loses_and_doubles_nothing(at: int) -> None:
    stub = Stub(most_rows=2)
    sample = SapSample(stub)
    sample.open_invoices()
    wanted = {one.erp_id for one in sample.pull("invoices")}
    sample.open_invoices()
    log_ins = stub.service.log_ins
    stub.line.next(Fault.UNAUTHORIZED, at=at)
    seen = [one.erp_id for one in sample.pull("invoices")]
    assert stub.service.log_ins == log_ins + 1
    assert len(seen) == len(set(seen)) == len(wanted) + 2


def test_an_order_whose_session_ended_is_sent_again_once() -> None:
    stub = Stub()
    order = SapSample(stub).order()
    stub.line.next(Fault.UNAUTHORIZED, when=posts_an_order)
    assert create(stub.erp_adapter, order).state == "confirmed"
    assert len(keyed(stub.company, order.reference)) == 1
    assert len([one for one in stub.line.requests if posts_an_order(one) and order.reference.encode() in one.body]) == 2


def test_many_threads_that_meet_an_ended_session_log_in_once() -> None:
    stub = Stub()
    erp = stub.erp_adapter
    erp.now(deadline_s=SECONDS)
    stub.service.expire()
    failures: list[ErpError] = []
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        try:
            erp.credit("C1", deadline_s=SECONDS)
        except ErpError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stub.service.log_ins == 2


def test_a_log_in_that_is_refused_is_the_operators_to_mend() -> None:
    stub = Stub()
    stub.service.refuse_log_in = True
    with pytest.raises(ErpMisconfigured, match="ERP_PASSWORD"):
        stub.erp_adapter.now(deadline_s=SECONDS)
