"""The same questions to SAP Business One's adapter, on a strict stub; what it cannot has its reason here."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Family, Question, Verdict
from tests.erp_sync.adapters.sap_b1.world import SapSample, Stub

CANNOT = frozenset(
    {
        "an_invoice_prints_as_pdf",  # the Service Layer prints nothing
        "an_unconfirmed_order_can_be_cancelled",  # a posted order is confirmed: there is no half-way
        "a_credit_note_helps_to_pay",  # how a credit note is put into a payment is not known well enough
        "a_discount_of_the_shop_stands_on_the_order_to_the_cent",  # a document has one discount only, of all lines
    }
)
# How fast a stub in this process is says nothing of SAP Business One.
ASKED = [one for one in questions.ALL if one.family is not Family.SPEED]


@pytest.fixture(scope="module")
def sap_sample() -> SapSample:
    sample = SapSample(Stub(most_rows=2))
    sample.open_invoices()
    return sample


@pytest.mark.parametrize("question", ASKED, ids=lambda one: one.name)
def test_sap_business_one_keeps_the_contract(sap_sample: SapSample, question: Question) -> None:
    answer = question.answer(sap_sample)
    assert answer.verdict is (Verdict.CANNOT if question.name in CANNOT else Verdict.PASS), answer.detail
