"""All the questions of the adapter kit, put to the strict stub of ERPNext 15."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Family, Question, Verdict
from tests.erp_sync.adapters.erpnext.erpnext_sample import ErpNextSample

CANNOT = frozenset(
    {
        # A payment entry takes what is owed; its staff settles credit notes (Payment Reconciliation).
        "a_credit_note_helps_to_pay",
        # "Update Items" takes a line out of an order altogether: nothing would tell that it had been there.
        "one_line_is_let_go",
        # Rates below zero are a setting of the site, and were never seen on a real one.
        "a_discount_of_the_shop_stands_on_the_order_to_the_cent",
    }
)


# How fast a stub is says nothing of ERPNext, and something of this machine.
ASKED = [one for one in questions.ALL if one.family is not Family.SPEED]


@pytest.fixture(scope="module")
def sample() -> ErpNextSample:
    return ErpNextSample()


@pytest.mark.parametrize("question", ASKED, ids=lambda one: one.name)
def test_erpnext_keeps_the_contract(sample: ErpNextSample, question: Question) -> None:
    answer = question.answer(sample)
    assert answer.verdict is (Verdict.CANNOT if question.name in CANNOT else Verdict.PASS), answer.detail
