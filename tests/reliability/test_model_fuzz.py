"""Buyers, a rep, a payer, the clock and the ERP do anything in any order: what must be true stays true (model_fuzz).

The model knows little: what lies in each basket, what each page showed, which quotes were accepted. After every step it
is compared with the shop and the in-memory ERP. What can happen is in histories.py, what must be true in buyers.py.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.outbox import exporter
from shop.payments.models import Payment
from shop.quotes.models import Quote
from tests.reliability.buyers import Market
from tests.reliability.histories import START, Shop

pytestmark = pytest.mark.django_db

# The whole suite: 200 histories of 30 steps. Nightly: MODEL_FUZZ_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("MODEL_FUZZ_EXAMPLES", "200"))
bounded = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=EXAMPLES == 200,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _market(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the market once for all histories of a test: each is a savepoint in its transaction."""
    with time_machine.travel(START, tick=True):
        monkeypatch.setattr(Shop, "market", Market(), raising=False)
    yield
    fake.shared().reset()
    gateway.forget()


def test_whatever_happens_nothing_is_lost_nothing_doubled_and_no_price_moves() -> None:
    run_state_machine_as_test(Shop, settings=bounded)


# --- a history for each mistake: right in this shop, caught in a wrong one -----------------------------------------


def refused_order(shop: Shop) -> None:
    """The ERP refuses an order."""
    shop.put(who=0, sku="A-1", quantity=3)
    shop.open_checkout(who=0)
    shop.order(pick=0)
    shop.plan_trouble(fault="reject", operation="create_order")
    shop.send_at_once()


def unclear_order(shop: Shop) -> None:
    """The ERP takes an order, and its answer is lost."""
    shop.put(who=0, sku="A-1", quantity=3)
    shop.open_checkout(who=0)
    shop.order(pick=0)
    shop.plan_trouble(fault="after", operation="create_order")
    for _turn in range(3):
        shop.carry()


def dearer_meanwhile(shop: Shop) -> None:
    """A price rises while the checkout page is open."""
    shop.put(who=1, sku="B-2", quantity=2)
    shop.open_checkout(who=1)
    shop.reprice(sku="B-2", price="12.3456")
    shop.order(pick=0)


def answered_meanwhile(shop: Shop) -> None:
    """The rep answers anew while the buyer reads the first answer."""
    shop.ask(who=0, skus=["A-1"], quantity=2)
    shop.answer(pick=0, price="10.00", days=14)
    shop.read(pick=0, who=0)
    shop.answer(pick=0, price="12.3456", days=14)
    shop.accept(pick=0)


def accepted_by_both(shop: Shop) -> None:
    """Two colleagues accept the same quote."""
    shop.ask(who=0, skus=["A-1"], quantity=2)
    shop.answer(pick=0, price="10.00", days=14)
    shop.read(pick=0, who=0)
    shop.read(pick=0, who=1)
    shop.accept(pick=0)
    shop.all_is_true()
    shop.accept(pick=1)


def paid_by_both(shop: Shop) -> None:
    """Two colleagues pay the same invoices."""
    shop.pay(who=0, count=2, share=100)
    shop.pay(who=1, count=2, share=100)


def late_money(shop: Shop) -> None:
    """The money of a payment comes after it had failed."""
    shop.pay(who=0, count=1, share=100)
    shop.end(pick=0, outcome="failed", is_silent=False)
    shop.end(pick=0, outcome="captured", is_silent=False)
    shop.carry()


def careless_yes(quote: Quote, *_about: object) -> Any:
    return quote.versions.prefetch_related("lines").get(number=quote.current_version)


def careless_move(*, quote: Quote, to: str, **_about: object) -> bool:
    return bool(Quote.objects.filter(pk=quote.pk).update(state=to))


def careless_payment_move(*, payment: Payment, to: str, now: dt.datetime, **_about: object) -> bool:
    payment.state = to
    payment.save(update_fields=["state"])
    return True


def resend(claim: Any, message: str, erp: object, clock: Any) -> Any:
    return exporter._not_sent(claim, message, clock)  # noqa: SLF001 (the mistake)


def nothing(**_about: object) -> None:
    return None


MISTAKES: dict[str, tuple[Callable[[Shop], None], dict[str, Any]]] = {
    "a refused order's lines are gone": (refused_order, {"shop.orders.settling._put_back": nothing}),
    "an unclear order is sent again": (unclear_order, {"erp_sync.outbox.exporter._unclear": resend}),
    "a price moves under the buyer": (
        dearer_meanwhile,
        {"shop.orders.checkout.Fingerprint.agrees_with": lambda self, other: True},
    ),
    "a version nobody read is accepted": (
        answered_meanwhile,
        {"shop.quotes.acceptance._version_that_holds": careless_yes},
    ),
    "a quote is accepted twice": (
        accepted_by_both,
        {
            "shop.quotes.acceptance._version_that_holds": careless_yes,
            "shop.quotes.acceptance._placed_before": lambda *_about: None,
            "shop.quotes.states.move": careless_move,
        },
    ),
    "an invoice is paid twice": (paid_by_both, {"shop.payments.selectors.reserved": lambda **_about: {}}),
    "a step is not written down": (late_money, {"shop.payments.states.move": careless_payment_move}),
}


def play(history: Callable[[Shop], None]) -> None:
    """Let a history happen, and look at the end."""
    shop = Shop()
    try:
        shop.open_the_shop(enforces=False)
        history(shop)
        shop.all_is_true()
    finally:
        shop.undo_all()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_control_a_shop_with_this_mistake_is_caught(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    history, wrong = MISTAKES[mistake]
    play(history)
    for name, variant in wrong.items():
        monkeypatch.setattr(name, variant)
    with pytest.raises(AssertionError):
        play(history)
