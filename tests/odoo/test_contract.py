"""All the questions of the adapter kit, put to a real Odoo 19 over JSON-2."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Question, Verdict
from tests.erp_sync.adapters.odoo_sample import OdooSample

pytestmark = pytest.mark.odoo

ODOO_CANNOT = frozenset(
    {
        # Odoo settles a credit note with an invoice as a whole only, not by the amount that a payment names.
        "a_credit_note_helps_to_pay",
    }
)


@pytest.mark.parametrize("question", questions.ALL, ids=lambda one: one.name)
def test_odoo_keeps_the_contract(odoo_sample: OdooSample, question: Question) -> None:
    answer = question.answer(odoo_sample)
    assert answer.verdict is (Verdict.CANNOT if question.name in ODOO_CANNOT else Verdict.PASS), answer.detail
