"""The same questions to the ERP in memory and to a real Tryton."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Question, Verdict
from tests.erp_sync.adapters.samples import FakeSample, TrytonSample

every_question = pytest.mark.parametrize("question", questions.ALL, ids=lambda one: one.name)


@every_question
def test_the_erp_in_memory_keeps_the_contract(fake_sample: FakeSample, question: Question) -> None:
    answer = question.answer(fake_sample)
    assert answer.verdict is Verdict.PASS, answer.detail


@pytest.mark.tryton
@every_question
def test_tryton_keeps_the_contract(tryton_sample: TrytonSample, question: Question) -> None:
    answer = question.answer(tryton_sample)
    assert answer.verdict is Verdict.PASS, answer.detail
