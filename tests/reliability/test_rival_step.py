"""Somebody else acts between two steps of what one person does: a test for each rule of A2, A3, A5, A6 (rival_step).

A rival goes the moment a named step is over, in a thread and a database session of his own. Where a lock holds him he
goes on as soon as the first one is done; where none does, all of his deed happens in between. Each rule has a control:
the same race in a shop without what guards the rule.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection

from accounts.models import Membership
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.outbox.signals import write_settled
from shop.errors import ShopError
from shop.orders.models import Order, OrderWish
from shop.payments.models import Payment, PaymentState, ProviderEvent, Refund
from shop.returns.models import Return
from tests.builders import people
from tests.reliability.rival_deeds import (
    Scene,
    a_booked_payment,
    a_checkout,
    a_delivered_line,
    a_message,
    a_payment,
    a_queued_order,
    accept,
    always_ours,
    an_answer,
    an_approval,
    an_invoice,
    an_order_there,
    answer_anew,
    approve,
    at_the_price_that_was_read,
    baskets_of_two,
    cancel,
    careless_close,
    change,
    disable,
    edit,
    export,
    forbid,
    give_back,
    give_up,
    in_the_erp_once,
    money_comes,
    money_counts,
    no_lease,
    no_lock_of_the_company,
    not_more_than_was_paid,
    one_effect,
    one_order,
    one_wins,
    only_what_was_read,
    pay,
    place,
    receive,
    refund,
    refused,
    send,
    take_over,
    told_once,
)
from tests.reliability.test_model_fuzz import careless_move, careless_payment_move, careless_yes

# What a rival is given to finish in between, before the first one goes on without waiting for him.
IN_BETWEEN_S = 1.5


@dataclass(frozen=True)
class Rule:
    """A rule, and a race that would break it.

    Attributes:
        lay: Lays out what they fight over.
        act, rival: What the two do.
        step: After it the rival goes.
        holds: What must be true in the end, given what became of both.
        careless: What guards the rule, and what stands in its place in the control.
    """

    lay: Callable[[Scene], Any]
    act: Callable[[Scene], Any]
    rival: Callable[[Scene], Any]
    step: str
    holds: Callable[[Scene, Any, Any], bool]
    careless: dict[str, Any]


RULES: dict[str, Rule] = {
    "A2 one order for a key, also when the same page is sent twice": Rule(
        a_checkout, place, place, "shop.orders.services.checkout", one_order,
        {"shop.orders.services._done_before": lambda *_about: None},
    ),
    "A2 an order is changed or cancelled, not both": Rule(
        an_order_there, change, cancel, "shop.orders.wishes._refuse_unless_allowed", partial(one_wins, OrderWish),
        {"shop.orders.wishes._keep": lambda wish: wish.save() or wish},
    ),
    "A2 the last pieces go back once": Rule(
        a_delivered_line, partial(give_back, "one"), partial(give_back, "two"),
        "shop.returns.services.asked_of_line", partial(one_wins, Return),
        {"shop.returns.services.lock_line": lambda _line: None},
    ),
    "A2 a quote is accepted at the price that was read": Rule(
        an_answer, partial(accept, "one"), answer_anew,
        "shop.quotes.acceptance.permissions.require", at_the_price_that_was_read,
        {"shop.quotes.acceptance._version_that_holds": careless_yes, "shop.quotes.states.move": careless_move},
    ),
    "A2 an invoice is paid by one of two": Rule(
        an_invoice, partial(pay, "one"), partial(pay, "two"), "shop.payments.selectors.open_documents",
        partial(one_wins, Payment), {"shop.payments.selectors.reserved": lambda **_about: {}},
    ),
    "A2 money that comes while somebody gives up counts": Rule(
        a_payment, give_up, money_comes, "shop.payments.settling.look", money_counts,
        {"shop.payments.services.OPEN": tuple(PaymentState), "shop.payments.states.move": careless_payment_move},
    ),
    "A2 a refund is one refund": Rule(
        a_booked_payment, refund, refund, "shop.payments.given_back.given", not_more_than_was_paid,
        {
            "shop.payments.refunds._locked": lambda payment: Payment.objects.get(pk=payment.pk),
            "shop.payments.refunds.Refund": SimpleNamespace(objects=SimpleNamespace(create=Refund)),
        },
    ),
    "A3 a write is claimed by one worker": Rule(
        a_queued_order, export, export, "erp_sync.outbox.claims.next_due", in_the_erp_once,
        {"erp_sync.outbox.claims._claim": no_lease, "erp_sync.outbox.claims._still_ours": always_ours},
    ),
    "A3 a worker that comes late records nothing": Rule(
        a_queued_order, export, take_over, "erp_sync.adapters.fake.FakeErp.create_order", told_once,
        {"erp_sync.outbox.claims._still_ours": always_ours},
    ),
    "A5 a message has its effect once": Rule(
        a_message, receive, receive, "shop.payments.providers.fake.FakeProvider.confirm", one_effect,
        {
            "shop.payments.webhooks.ProviderEvent": SimpleNamespace(
                objects=SimpleNamespace(
                    filter=lambda **_about: ProviderEvent.objects.none(), get_or_create=lambda **_about: (None, True)
                )
            )
        },
    ),
    "A6 an approval is of the content that was read": Rule(
        an_approval, approve, edit, "shop.orders.approving._asked", only_what_was_read,
        {"shop.approvals.services.refuse_moved": lambda *_about: None, "shop.approvals.services.close": careless_close},
    ),
    "A6 who is disabled meanwhile decides nothing": Rule(
        an_approval, approve, disable, "shop.orders.approving._asked", refused,
        {"shop.approvals.deciding.approvers_of": lambda sold_to: list(Membership.objects.filter(sold_to=sold_to))},
    ),
    "A6 an approver is not who asked, also when the company forbids it meanwhile": Rule(
        partial(an_approval, asker="two"), approve, forbid, "shop.orders.approving._asked", refused,
        {"shop.approvals.services.locked": lambda approval: approval},
    ),
    "A6 what needs approval is not ordered without it by two who share a limit": Rule(
        baskets_of_two, partial(send, "one"), partial(send, "two"), "shop.orders.services.needed",
        partial(one_wins, Order), {"shop.orders.services._must_be_approved": no_lock_of_the_company},
    ),
}  # fmt: skip


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Scene]:
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    one = people.buyer()
    erp.add_customer(one.sold_to.erp_id)
    made = Scene(one, people.buyer(one.sold_to), people.rep(one.sold_to), erp)

    def hear(event: Any, **_about: object) -> None:
        made.heard.append(event.state)

    write_settled.connect(hear)
    yield made
    write_settled.disconnect(hear)
    erp.reset()
    gateway.forget()


def outcome(deed: Callable[[Scene], Any], scene: Scene) -> Any:
    """Return what became of a deed: its result, or the sentence that refused it."""
    try:
        return deed(scene)
    except ShopError as refused:
        return refused


def race(rule: Rule, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Let the first act, and the rival go after the step; return what became of both."""
    second: list[Any] = []

    def go() -> None:
        try:
            second.append(outcome(rule.rival, scene))
        except Exception as error:  # noqa: BLE001 - told to the test
            second.append(error)
        finally:
            connection.close()

    rival = threading.Thread(target=go)
    owner, name = owner_of(rule.step)
    step, first_thread = getattr(owner, name), threading.current_thread()

    def step_then_rival(*given: Any, **named: Any) -> Any:
        done = step(*given, **named)
        if rival.ident is None and threading.current_thread() is first_thread:
            rival.start()
            rival.join(timeout=IN_BETWEEN_S)
        return done

    monkeypatch.setattr(owner, name, step_then_rival)
    first = outcome(rule.act, scene)
    assert rival.ident is not None, "the step was never taken"
    rival.join(timeout=20)
    if isinstance(second[0], Exception) and not isinstance(second[0], ShopError):
        raise second[0]
    return first, second[0]


def owner_of(path: str) -> tuple[Any, str]:
    """Return the module or class that has the name, and the name."""
    before, _dot, name = path.rpartition(".")
    try:
        return importlib.import_module(before), name
    except ModuleNotFoundError:
        owner, _dot, kind = before.rpartition(".")
        return getattr(importlib.import_module(owner), kind), name


def run(rule: Rule, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let them race, and look at the end."""
    first, second = race(rule, scene, monkeypatch)
    assert rule.holds(scene, first, second), (first, second)


@pytest.mark.parametrize("name", RULES)
def test_a_rival_between_two_steps_breaks_no_rule(name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES[name]
    scene.about = rule.lay(scene) or scene.about
    run(rule, scene, monkeypatch)


@pytest.mark.parametrize("name", RULES)
def test_control_without_what_guards_the_rule_the_rival_breaks_it(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = RULES[name]
    scene.about = rule.lay(scene) or scene.about
    for path, variant in rule.careless.items():
        monkeypatch.setattr(*owner_of(path), variant)
    with pytest.raises((AssertionError, DatabaseError)):
        run(rule, scene, monkeypatch)
