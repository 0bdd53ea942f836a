"""A rep who acts for a customer reaches nothing that stays with the customer, on any route (impersonation_rules).

The rules of a session itself (reason, customers of his own, once at a time, its end, the log) are tests/accounts/
test_assisted.py. Here every route of the URLconf is tried, and what is written is read from the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.adapters import fake
from tests.builders import people
from tests.reliability import exchange, matrix, urlconf, world
from tests.reliability.matrix import Role
from tests.reliability.world import World

pytestmark = pytest.mark.django_db

# What stays with the customer (A7): log-ins and people, his company's rules, money, a yes to an order, what is shared
# with strangers, and how he wants to be told.
HIS_OWN = {
    "accounts_membership", "accounts_invitation", "accounts_costcentre", "accounts_user", "shop_approvalrule",
    "shop_approval", "shop_approvalstep", "shop_payment", "shop_paymentmove", "shop_reportlink", "shop_weeklyreport",
    "shop_preference",
}  # fmt: skip
# Filled in as a person who means it would do; what a form does not know it leaves out.
TYPED = {
    "name": "New", "code": "NEW", "email": "new@example.com", "role": "buyer", "language": "en", "first_name": "Ana",
    "last_name": "Ruiz", "order_over": "5", "period": "month", "reason": "Called us", "text": "Hello", "days": "7",
    "label": "Works", "wanted": "1", "message": "mail", "provider": "fake", "confirm": "yes", "places": "none",
    "branches": "none", "self_approval": "on", "do": "save",
}  # fmt: skip


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies with one of everything, and a note of every row that is written."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    exchange.watch_rows()
    yield world.build()
    erp.reset()
    gateway.forget()


def reached(who: Actor, two: World) -> set[str]:
    """Send the forms of every route for what is the company's own; return what of HIS_OWN was written."""
    client, role = world.log_in(who), Role("", who, mine=two.a, other=two.b, sees=frozenset())
    typed = matrix.hostile_fields(role) | TYPED
    chosen = [one for one in urlconf.routes() if not one.is_admin]
    found = matrix.cases(chosen, mine=two.a, other=two.b, world=two)
    exchange.forget_touched()
    return {table for case in found for table in tables(client, case.route.path(case.values("own")), typed)} & HIS_OWN


def tables(client: Client, path: str, typed: dict[str, str]) -> set[str]:
    """Return the tables that a form sent there writes to."""
    return {json.loads(row)[0] for row in exchange.ask(client, "POST", path, typed).touched}


def test_a_rep_who_acts_for_a_customer_writes_nothing_that_stays_with_him(two: World) -> None:
    assert reached(people.assisting(two.a.sold_to, two.a.rep), two) == set()


def test_control_the_customers_administrator_does_it_with_the_same_forms(two: World) -> None:
    assert len(reached(two.a.admin, two)) >= len(HIS_OWN) - 2
