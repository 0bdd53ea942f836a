"""The older protocol, which Odoo 17 and 18 speak, against Odoo 19: it still answers it."""

import pytest

from erp_sync.conformance import questions
from erp_sync.conformance.question import Question, Verdict
from erp_sync.errors import ErpMisconfigured
from tests.erp_sync.adapters.odoo_sample import SECONDS, OdooAt, OdooSample

pytestmark = pytest.mark.odoo

ASKED = {
    "it_answers_and_knows_the_time",
    "what_the_adapter_needs_is_there",
    "an_agreement_changes_the_price",
    "a_ladder_is_what_its_steps_cost",
    "an_unknown_item_is_not_for_sale",
    "a_change_of_the_same_instant_is_seen_again",
    "an_order_comes_whole",
    "the_same_reference_twice_is_one_order",
    "over_the_limit_is_refused_in_the_erps_words",
    "a_bad_line_is_told_as_what_it_is",
    "an_answer_is_kept_exactly",
    "a_return_is_asked_for_once",
    "a_payment_is_allocated_exactly_and_once",
}


@pytest.fixture(scope="module")
def older_sample(odoo: OdooAt) -> OdooSample:
    return OdooSample(odoo, protocol="jsonrpc")


@pytest.mark.parametrize("question", [one for one in questions.ALL if one.name in ASKED], ids=lambda one: one.name)
def test_the_older_protocol_keeps_the_contract(older_sample: OdooSample, question: Question) -> None:
    answer = question.answer(older_sample)
    assert answer.verdict is Verdict.PASS, answer.detail


def test_the_older_protocol_refuses_a_wrong_key_as_a_wrong_setting(odoo: OdooAt) -> None:
    erp = OdooAt(odoo.url, odoo.database, {"webshop": "wrong"}).erp(protocol="jsonrpc")
    with pytest.raises(ErpMisconfigured, match="ERP_PASSWORD"):
        erp.credit("1", deadline_s=SECONDS)


def test_the_older_protocol_names_a_database_that_is_not_there(odoo: OdooAt) -> None:
    erp = OdooAt(odoo.url, "nosuch", odoo.keys).erp(protocol="jsonrpc")
    with pytest.raises(ErpMisconfigured):
        erp.credit("1", deadline_s=SECONDS)
