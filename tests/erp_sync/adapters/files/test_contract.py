"""The questions of the conformance kit, put to files with an ERP behind them."""

from pathlib import Path

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Question, Verdict
from tests.erp_sync.adapters.files.wholesaler import FilesSample

# What files cannot, with the words of the reason: everything else passes.
CANNOT = {
    "a_bad_line_is_told_as_what_it_is": "The adapter sends no requests that could be cut.",
    "a_request_is_one_draft": "has_quotes",
    "an_answer_is_kept_exactly": "has_quotes",
    "an_acceptance_is_one_order_at_the_quoted_prices": "has_quotes",
    "two_who_accept_make_one_order": "has_quotes",
    "chosen_lines_alone_are_ordered": "has_quotes",
    "a_declined_quote_stays_declined": "has_quotes",
    "a_quote_that_is_not_there_yet_is_waited_for": "has_quotes",
    "a_return_is_asked_for_once": "has_returns",
    "a_payment_is_allocated_exactly_and_once": "has_payments",
    "too_much_money_is_refused_whole": "has_payments",
    "a_reversed_payment_leaves_the_invoice_open": "has_payments",
    "a_credit_note_helps_to_pay": "settles_credit_notes",
    "a_confirmed_order_is_changed_as_allowed": "has_order_changes",
    "one_line_is_let_go": "has_order_changes",
    "an_order_is_cancelled_while_allowed": "has_order_changes",
    "what_is_on_its_way_cannot_be_cancelled": "has_order_changes",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> FilesSample:
    folder: Path = tmp_path_factory.mktemp("erp")
    return FilesSample(folder)


@pytest.mark.parametrize("question", questions.ALL, ids=lambda one: one.name)
def test_files_keep_the_contract(sample: FilesSample, question: Question) -> None:
    answer = question.answer(sample)
    reason = CANNOT.get(question.name)
    assert answer.verdict is (Verdict.CANNOT if reason else Verdict.PASS), answer.detail
    assert (reason or "") in answer.detail
