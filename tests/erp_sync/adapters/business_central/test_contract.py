"""The kit's questions, put to the adapter on the stub, with our bridge in the ERP."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Question, Verdict
from tests.erp_sync.adapters.business_central.sample import BcSample

CANNOT = {
    "an_agreement_changes_the_price": "the API does not tell a customer's price list",
    "the_same_reference_in_parallel_is_one_order": "no field of a sales document is unique",
    "a_discount_of_the_shop_stands_on_the_order_to_the_cent": "no line says its tax",
    "a_return_is_asked_for_once": "there are no return orders",
    "a_payment_is_allocated_exactly_and_once": "a journal line is booked by a person",
    "too_much_money_is_refused_whole": "the same",
    "a_reversed_payment_leaves_the_invoice_open": "the same",
    "a_credit_note_helps_to_pay": "the same",
}


@pytest.mark.parametrize("question", questions.ALL, ids=lambda one: one.name)
def test_business_central_keeps_the_contract(question: Question) -> None:
    answer = question.answer(BcSample())
    wanted = Verdict.CANNOT if question.name in CANNOT else Verdict.PASS
    assert answer.verdict is wanted, answer.detail
