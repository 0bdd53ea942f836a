"""The same questions to the ERP in memory and to a real Tryton."""

from dataclasses import replace

import pytest

from erp_sync.conformance import contract, writes
from erp_sync.conformance.sample import ContractBroken, Question
from tests.erp_sync.adapters.samples import FakeSample, TrytonSample

every_question = pytest.mark.parametrize("question", [*contract.QUESTIONS, *writes.QUESTIONS], ids=lambda q: q.__name__)
every_kind = pytest.mark.parametrize("kind", contract.KINDS)


@every_question
def test_the_erp_in_memory_keeps_the_contract(fake_sample: FakeSample, question: Question) -> None:
    question(fake_sample)


@every_kind
def test_pages_of_the_erp_in_memory_see_everything(fake_sample: FakeSample, kind: str) -> None:
    for _ in range(3):
        fake_sample.erp.create_order(fake_sample.order(), deadline_s=1)
    contract.small_pages_see_everything_once(fake_sample, kind)


@pytest.mark.parametrize(
    "question",
    [
        contract.the_same_reference_twice_is_one_order,
        contract.the_same_reference_in_parallel_is_one_order,
        contract.a_lost_answer_is_found_by_reference,
        contract.an_order_found_halfway_is_carried_on,
    ],
)
def test_an_erp_that_takes_a_reference_twice_is_noticed(fake_sample: FakeSample, question: Question) -> None:
    fake_sample.fake.capabilities = replace(fake_sample.fake.capabilities, enforces_reference=False)
    with pytest.raises(ContractBroken):
        question(fake_sample)


@pytest.mark.tryton
@every_question
def test_tryton_keeps_the_contract(tryton_sample: TrytonSample, question: Question) -> None:
    question(tryton_sample)


@pytest.mark.tryton
@every_kind
def test_pages_of_tryton_see_everything(tryton_sample: TrytonSample, kind: str) -> None:
    few = kind in {"categories", "customers", "returns"}
    contract.small_pages_see_everything_once(tryton_sample, kind, limit=2 if few else 150)
