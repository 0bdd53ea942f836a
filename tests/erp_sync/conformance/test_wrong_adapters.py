"""The questions notice an adapter that breaks a promise: a control for each family."""

from collections.abc import Callable

import pytest

from erp_sync.adapters.fake import FakeErp
from erp_sync.conformance import questions
from erp_sync.conformance.question import Family, Verdict
from tests.erp_sync.adapters.samples import FakeSample
from tests.erp_sync.conformance.wrong import WRONG

BY_NAME = {one.name: one for one in questions.ALL}
CAUGHT = [(make, name) for make, names in WRONG.items() for name in names]


@pytest.mark.parametrize(("make", "name"), CAUGHT, ids=[f"{make.__name__}-{name}" for make, name in CAUGHT])
def test_a_wrong_adapter_is_noticed_and_the_advice_says_what_to_do(make: Callable[[], FakeErp], name: str) -> None:
    answer = BY_NAME[name].answer(FakeSample(make()))
    assert answer.verdict is Verdict.FAIL, f"{name} passed"
    assert answer.detail
    assert answer.advice == BY_NAME[name].advice


def test_every_family_has_a_wrong_adapter() -> None:
    assert {BY_NAME[name].family for _make, name in CAUGHT} == set(Family)


def test_every_question_has_a_name_of_its_own_a_promise_and_an_advice() -> None:
    assert len(BY_NAME) == len(questions.ALL)
    assert all(one.promise.endswith(".") and one.advice.endswith(".") for one in questions.ALL)
    assert all(one.instead.endswith(".") for one in questions.ALL if one.needs)
