"""Nobody reaches what belongs to another company, on any route, by any method (bola_matrix)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from erp_sync import gateway
from erp_sync.adapters import fake
from tests.builders import people
from tests.reliability import exchange, matrix, urlconf, world
from tests.reliability.matrix import Case, Role
from tests.reliability.urlconf import Route
from tests.reliability.world import Company, World

pytestmark = pytest.mark.django_db

NAMES = (
    "anonymous",
    "buyer",
    "approver",
    "company administrator",
    "rep in a session",
    "rep without session",
    "manager",
    "buyer of the other company",
)


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies in the shop, and a note of every row that is written."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    exchange.watch_rows()
    yield world.build()
    erp.reset()
    gateway.forget()


def role_of(name: str, two: World) -> Role:
    if name == "buyer of the other company":
        return Role(name, two.b.buyer, mine=two.b, other=two.a, sees=_words(two.b))
    sees = frozenset() if name in {"anonymous", "manager"} else _words(two.a)
    return Role(name, _who(name, two), mine=two.a, other=two.b, sees=sees, is_manager=name == "manager")


def _words(company: Company) -> frozenset[str]:
    return frozenset({company.canary, company.price})


def _who(name: str, two: World) -> Any:
    makers: dict[str, Any] = {
        "anonymous": lambda: None,
        "buyer": lambda: two.a.buyer,
        "approver": lambda: two.a.approver,
        "company administrator": lambda: two.a.admin,
        "rep in a session": lambda: people.assisting(two.a.sold_to, two.a.rep),
        "rep without session": lambda: two.a.rep,
        "manager": people.manager,
    }
    return makers[name]()


def faults_of(role: Role, chosen: list[Route], two: World, **how: Any) -> list[str]:
    found = matrix.cases(chosen, mine=role.mine, other=role.other, world=two)
    return matrix.faults(role, found, world.log_in(role.who), **how)


def shut_methods(chosen: list[Route], two: World) -> matrix.Shut:
    return matrix.shut_methods(matrix.cases(chosen, mine=two.a, other=two.b, world=two))


@pytest.mark.parametrize("names", [NAMES[:4], NAMES[4:]], ids=["four roles", "four more"])
def test_nobody_sees_or_changes_what_is_another_companys(two: World, names: tuple[str, ...]) -> None:
    ours = [route for route in urlconf.routes() if not route.is_admin]
    assert len(ours) > 40
    shut = shut_methods(ours, two)
    assert all(any((route.text, method) not in shut for method in matrix.METHODS) for route in ours)
    assert [fault for name in names for fault in faults_of(role_of(name, two), ours, two, shut=shut)] == []


def test_the_admin_is_shut_to_all_but_managers_and_never_breaks(two: World) -> None:
    pages = [route for route in urlconf.routes() if route.is_admin]
    assert len(pages) > 100
    # Who acts for a customer gets the same refusal whatever he asks (test_assisted looks at the pages).
    methods = {"manager": ("GET",), "rep in a session": ("POST",)}
    for name in ("anonymous", "buyer", "rep in a session", "manager"):
        assert faults_of(role_of(name, two), pages, two, methods=methods.get(name, matrix.LOOK_AND_POST)) == []


def test_the_recipes_name_what_really_is_there(two: World) -> None:
    """An own object answers otherwise than a missing one: else the matrix would compare nothing with nothing."""
    # A token is only in the mail or with whom it was given to, a password's link only with its key: with what the
    # database holds all stay shut. Of an order only the person who placed it is asked how it went.
    shut = {"invitation", "shared-missing-goods", "account_reset_password_from_key", "survey-purchase"}
    doors = {
        case.route.name
        for role in (role_of("rep without session", two), role_of("company administrator", two))
        for case in _opened(role, _owned(role, two))
    }
    owned = {case.route.name for case in _owned(role_of("buyer", two), two)}
    assert owned - doors == shut
    assert len(doors) >= 12


def _owned(role: Role, two: World) -> list[Case]:
    ours = [route for route in urlconf.routes() if not route.is_admin]
    return [case for case in matrix.cases(ours, mine=role.mine, other=role.other, world=two) if case.is_owned]


def _opened(role: Role, found: list[Case]) -> Iterator[Case]:
    client = world.log_in(role.who)
    exchange.forget_touched()
    for case in found:
        paths = case.route.path(case.values("own")), case.route.path(case.values("missing"))
        if any(_differ(client, method, *paths) for method in matrix.LOOK_AND_POST):
            yield case


def _differ(client: Client, method: str, own: str, missing: str) -> bool:
    found = exchange.ask(client, method, own, {"reason": "Called us"}).status
    return found != 405 and found != exchange.ask(client, method, missing, {}).status


def test_control_a_planted_leak_is_caught(two: World, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.reliability.leaky_urls"
    planted = [route for route in urlconf.routes() if route.name.endswith("-leak")]
    assert len(planted) == 4
    shut = shut_methods(planted, two)
    found = {name: faults_of(role_of(name, two), planted, two, shut=shut) for name in ("anonymous", "buyer")}
    for faults in found.values():
        told = "\n".join(faults)
        assert "GET orders/<str:number>/read-leak/ foreign: shows zqbetaqz" in told
        assert "POST orders/<str:number>/write-leak/ foreign: writes" in told
        assert "GET orders/<str:number>/tell-leak/: foreign and missing differ" in told
        assert "PUT orders/<str:number>/method-leak/: foreign and missing differ" in told


def test_control_a_route_without_a_recipe_is_an_error(two: World, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.reliability.leaky_urls"
    strange = [route for route in urlconf.routes() if route.name == "strange"]
    with pytest.raises(matrix.NoRecipe, match="<shoe_size> of strange"):
        faults_of(role_of("anonymous", two), strange, two)
