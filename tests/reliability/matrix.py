"""Every route of the URLconf x method x role x own, foreign, missing object (bola_matrix).

Routes come from the URLconf itself. What stands for a parameter of an address comes from RECIPES; a route without a
recipe is an error, so that a new route cannot escape.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.utils.http import int_to_base36

from accounts.models import CostCentre, Invitation, Membership, User
from shop.approvals.models import ApprovalRule
from shop.deliveries.models import ReportLink
from shop.lists.models import ItemList
from shop.messages.models import Thread
from shop.notices.models import Notice
from shop.quotes.models import Quote
from shop.uploads.models import StoredFile
from tests.reliability.exchange import Answer, ask, forget_touched, plain, touched_rows_of
from tests.reliability.urlconf import Route
from tests.reliability.world import DOCUMENT, SKU, Company, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LOG_IN_AND_BACK = "/accounts/login/?next="
LOOK_AND_POST = ("GET", "POST")
Shut = AbstractSet[tuple[str, str]]
NO_KEY = "9b2f7f4e-7b43-4a0e-9d0c-0d3b54b8a0ff"

# --- what stands for a parameter ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Objects:
    """Values of one parameter; `foreign` is None where all companies share the object."""

    own: str
    foreign: str | None
    missing: str


Recipe = Callable[[Company, Company, World], list[Objects]]


def _each(value: Callable[[Company], str], missing: str) -> Recipe:
    return lambda mine, other, world: [Objects(value(mine), value(other), missing)]


def _shared(value: str, missing: str) -> Recipe:
    return lambda mine, other, world: [Objects(value, None, missing)]


def _orders(mine: Company, other: Company, world: World) -> list[Objects]:
    return [
        Objects(own, foreign, missing)
        for own, foreign, missing in zip(
            mine.order_numbers,
            other.order_numbers,
            ("SO-none-1", "SO-none-2", "WEB-01J00000000000000000000000"),
            strict=True,
        )
    ]


def _quotes(mine: Company, other: Company, world: World) -> list[Objects]:
    """An answered quote, and one that waits."""
    numbers = [Quote.objects.filter(sold_to=one.sold_to).order_by("pk") for one in (mine, other)]
    missing = "WEB-01J00000000000000000000000"
    return [Objects(own.reference, foreign.reference, missing) for own, foreign in zip(*numbers, strict=True)]


def _person(company: Company) -> str:
    others = Membership.objects.filter(sold_to=company.sold_to).exclude(user=company.admin.user)
    return str(others.latest("pk").pk)


def _invitation(company: Company) -> Invitation:
    return Invitation.objects.get(sold_to=company.sold_to)


def _link(company: Company) -> ReportLink:
    return ReportLink.objects.get(sold_to=company.sold_to)


def _notice(company: Company) -> int:
    return Notice.objects.filter(person=company.admin.user, sold_to=company.sold_to).latest("pk").pk


# By the first word of a route's name and the parameter.
RECIPES: dict[tuple[str, str], Recipe] = {
    ("order", "number"): _orders,
    ("checkout", "number"): _orders,
    ("approval", "number"): _each(lambda company: f"WEB-APPROVAL-{company.invoice_number}", "WEB-APPROVAL-none-1"),
    ("rule", "pk"): _each(lambda company: str(company.pk_of(ApprovalRule) or 0), "999999"),
    ("centre", "pk"): _each(lambda company: str(company.pk_of(CostCentre) or 0), "999999"),
    ("quote", "number"): _quotes,
    ("rep-quote", "number"): _quotes,
    ("rep-quote-extend", "number"): _quotes,
    ("rep-quote-message", "number"): _quotes,
    ("invoice", "number"): _each(lambda company: company.invoice_number, "IN-none-1"),
    ("payment", "reference"): _each(lambda company: company.payment, "WEB-01J00000000000000000000000"),
    ("payment-hook", "provider"): _shared("fake", "none"),
    ("fake", "token"): _each(lambda company: company.charge, "none"),
    ("delivery", "number"): _each(lambda company: f"D-{company.invoice_number}", "D-none-1"),
    ("return", "number"): lambda mine, other, world: [
        Objects(f"WEB-RETURN-{mine.invoice_number}", f"WEB-RETURN-{other.invoice_number}", "WEB-RETURN-none-1"),
        Objects(f"R-{mine.invoice_number}", f"R-{other.invoice_number}", "R-none-1"),
    ],
    ("return-new", "number"): _orders,
    ("return-new", "line_no"): _shared("1", "2"),
    ("rep-request", "pk"): _shared("999998", "999999"),
    ("rep-week-invite", "nudge"): _shared("999998", "999999"),
    ("log", "number"): _each(lambda company: company.sold_to.number, "99999"),
    ("survey", "reference"): _each(lambda company: company.order_numbers[-1], "WEB-01J00000000000000000000000"),
    ("list", "pk"): _each(lambda company: str(company.pk_of(ItemList) or 0), "999999"),
    ("missing-goods-link-end", "pk"): _each(lambda company: str(_link(company).pk), "999999"),
    ("shared", "token"): _each(lambda company: _link(company).token_hash, "0" * 64),
    ("guest", "sku"): _shared(SKU, "A-none"),
    ("help", "topic"): _shared("choose-a-screw", "none"),
    ("rep-customer", "number"): _each(lambda company: company.sold_to.number, "99999"),
    ("assisted", "number"): _each(lambda company: company.sold_to.number, "99999"),
    ("person", "pk"): _each(_person, "999999"),
    ("invitation", "pk"): _each(lambda company: str(_invitation(company).pk), "999999"),
    # What somebody who has seen our database would know: the token itself is only in the mail.
    ("invitation", "token"): _each(lambda company: _invitation(company).token_hash, "0" * 64),
    ("file", "key"): _each(lambda company: str(StoredFile.objects.get(sold_to=company.sold_to).key), NO_KEY),
    ("notice", "pk"): _each(lambda company: str(_notice(company)), "999999"),
    # Whoever holds a real token may end these mails: that is what it is for (tests/shop/notices).
    ("notice", "token"): _shared("none", "none-0"),
    ("report", "token"): _shared("none", "none-0"),
    ("rep-thread", "pk"): _each(lambda company: str(Thread.objects.get(sold_to=company.sold_to).pk), "999999"),
    ("item", "sku"): _shared(SKU, "A-none"),
    ("item", "document"): _shared(DOCUMENT, "doc-none"),
    ("item", "version"): lambda mine, other, world: [Objects(world.picture, None, "0" * 32)],
    ("account_confirm_email", "key"): _shared("key", "none"),
    ("account_reset_password_from_key", "uidb36"): _each(lambda company: int_to_base36(company.buyer.user.pk), "zzzz"),
    ("account_reset_password_from_key", "key"): _shared("set-password", "none"),
    ("admin:view_on_site", "content_type_id"): _shared("1", "999999"),
    ("admin:view_on_site", "object_id"): _shared("1", "999999"),
    ("admin:app_list", "app_label"): _shared("accounts", "auth"),
    ("admin:", "url"): _shared("nothing/", "none/"),
    ("admin:adoption_figure", "key"): _shared("order", "none"),
    ("admin:adoption_nudge_invite", "nudge"): _shared("999998", "999999"),
    ("admin:adoption_section", "section"): _shared("adoption", "none"),
    ("admin:adoption_table", "section"): _shared("adoption", "none"),
    ("admin:adoption_table", "table"): _shared("baskets", "none"),
    ("admin:adoption_workbook", "section"): _shared("adoption", "none"),
    ("admin:erp_sync_outboxrow_step", "name"): _shared("retry", "none"),
    ("admin:shop_payment_step", "name"): _shared("refund", "none"),
}


class NoRecipe(AssertionError):
    """A route that the matrix cannot address."""


@dataclass(frozen=True, slots=True)
class Case:
    """A route with values for one flavour of its objects.

    Attributes:
        is_further: Of a route that the matrix tries in full with another flavour; this one is looked at and posted to.
    """

    route: Route
    objects: dict[str, Objects]
    is_further: bool = False

    @property
    def is_owned(self) -> bool:
        """The address names something that belongs to a company."""
        return any(one.foreign is not None for one in self.objects.values())

    def values(self, kind: str) -> dict[str, str]:
        """Return the parameters for own, foreign or missing; what is shared stays itself."""
        return {
            name: one.own if kind == "own" or (one.foreign is None and self.is_owned) else _of(one, kind)
            for name, one in self.objects.items()
        }


def _of(one: Objects, kind: str) -> str:
    return one.missing if kind == "missing" else one.foreign or one.own


def cases(chosen: list[Route], *, mine: Company, other: Company, world: World) -> list[Case]:
    """Return every route with every flavour of its objects.

    Raises:
        NoRecipe: somebody added a route: say in RECIPES what stands for its parameters.
    """
    found = []
    for route in chosen:
        flavours = {name: _recipe(route, name)(mine, other, world) for name in route.parameters}
        most = max((len(one) for one in flavours.values()), default=1)
        found += [
            Case(route, {name: one[min(n, len(one) - 1)] for name, one in flavours.items()}, is_further=n > 0)
            for n in range(most)
        ]
    return found


def _recipe(route: Route, parameter: str) -> Recipe:
    if route.is_admin and parameter in {"object_id", "pk"} and route.name != "admin:view_on_site":
        return _admin_object(route)
    for key in (route.name, route.name.split("-", maxsplit=1)[0]):
        if (key, parameter) in RECIPES:
            return RECIPES[key, parameter]
    raise NoRecipe(f"no recipe for <{parameter}> of {route.name or route.text}: add one to matrix.RECIPES")


def _admin_object(route: Route) -> Recipe:
    model = route.model or _model_in(route.text)

    def objects(mine: Company, other: Company, world: World) -> list[Objects]:
        own, foreign = mine.pk_of(model), other.pk_of(model)
        return [Objects(str(own or 1), str(foreign) if foreign else None, "999999")]

    return objects


def _model_in(text: str) -> type[models.Model]:
    _admin, app, model, *_rest = text.split("/")
    return apps.get_model(app, model)


# --- the matrix ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who looks around.

    Attributes:
        mine, other: Whose objects count as his own and as foreign.
        sees: Canaries that he may read; a manager reads all of them in the admin.
    """

    name: str
    who: Any
    mine: Company
    other: Company
    sees: frozenset[str]
    is_manager: bool = False


def hostile_fields(role: Role) -> dict[str, str]:
    """Return fields for any form: each names something foreign, or gives what only the server may decide."""
    other = role.other
    stranger = User.objects.filter(memberships__sold_to=other.sold_to).first()
    return {
        "company": other.sold_to.number,
        "sold_to": str(other.sold_to.pk),
        "customer": other.sold_to.erp_id,
        "ship_to": other.ship_to,
        "user": str(stranger.pk if stranger else 0),
        "order_key": "9b2f7f4e-7b43-4a0e-9d0c-0d3b54b8a001",
        "shown": "none.none",
        "take-1": "on",
        "base_version": "0",
        "valid_until": "2099-01-01",
        "until": "2099-01-01",
        "sku-1": SKU,
        "price-1": "0.01",
        "offer-1": "on",
        "what-1": SKU,
        "sku": SKU,
        "quantity": "1",
        "quantity-1": "1",
        "reason": "Called us",
        "q": other.order_numbers[0],
        "state": "open",
        "role": "admin",
        "email": "somebody@example.com",
        "do": "set",
        "price": "0.01",
        "text": "Hello",
    }


def shut_methods(found: list[Case]) -> Shut:
    """Return route and method of what the method alone shuts, before anybody or anything is looked at.

    That is so where a visitor without log-in is answered 405, with no text, and nothing asked of the database: then the
    check stands outside of every other, so nobody's answer can differ, whatever object the address names.
    """
    visitor = Client(raise_request_exception=False)
    forget_touched()
    return {
        (case.route.text, method)
        for case in found
        for method in METHODS
        if not case.is_further and _is_blind(ask(visitor, method, case.route.path(case.values("foreign")), {}))
    }


def _is_blind(answer: Answer) -> bool:
    return answer.status == 405 and not answer.statements and answer.content.endswith("\n\n")


def faults(
    role: Role, found: list[Case], client: Client, *, methods: tuple[str, ...] = METHODS, shut: Shut = frozenset()
) -> list[str]:
    """Go through the matrix for one role, but for what is `shut`, and return what is wrong, one sentence each."""
    fields = hostile_fields(role)
    cache.clear()  # what limits how often somebody may ask begins anew with each role
    forget_touched()
    gate = {method: ask(client, method, "/admin/", fields).statements for method in LOOK_AND_POST}
    wrong: list[str] = []
    for case in found:
        for method in LOOK_AND_POST if case.is_further else methods:
            if (case.route.text, method) not in shut:
                wrong += _faults_of(role, case, client, method, fields, gate)
    return wrong


def _faults_of(
    role: Role, case: Case, client: Client, method: str, fields: dict[str, str], gate: dict[str, tuple[str, ...]]
) -> list[str]:
    # A manager looks at every company in the admin, and writes enquiries down for every one.
    free = role.is_manager and (case.route.is_admin or case.route.name in {"log-enquiry", "log-undo"})
    answers = {}
    for kind in _kinds(case, method, free=free):
        answers[kind] = ask(client, method, case.route.path(case.values(kind)), fields)
        # Asked for any page of the admin, the gate asks the same of the database: it has not looked at the object.
        if case.route.is_admin and not free and answers[kind].statements == gate[method]:
            break
    cell = f"{role.name} {method} {case.route.text}"
    wrong = [f"{cell} {kind}: {answer.status}" for kind, answer in answers.items() if answer.status >= 500]
    # The log-in sends whoever is logged in back to where he came from: for ever.
    circles = [kind for kind, answer in answers.items() if answer.leads_to.startswith(LOG_IN_AND_BACK)]
    wrong += [f"{cell} {kind}: is sent to log in again" for kind in circles if role.who is not None]
    if free:
        return wrong
    for kind, answer in answers.items():
        wrong += [f"{cell} {kind}: shows {word}" for word in _leaks(role, answer)]
        wrong += [f"{cell} {kind}: writes {row[:300]}" for row in touched_rows_of(role.other, answer)]
    if case.is_owned and {"foreign", "missing"} <= answers.keys():
        wrong += [f"{cell}: foreign and missing differ: {words}" for words in _differences(case, answers)]
    return wrong


def _kinds(case: Case, method: str, *, free: bool) -> tuple[str, ...]:
    """Return which objects are tried: the own one where its answer can differ from that for a foreign one."""
    if not case.objects:
        return ("own",)
    if case.route.is_admin:
        return ("own", "missing") if free else ("foreign", "missing")
    return ("own", "foreign", "missing") if method in LOOK_AND_POST else ("foreign", "missing")


def _leaks(role: Role, answer: Answer) -> list[str]:
    words = {role.mine.canary, role.mine.price, role.other.canary, role.other.price}
    return sorted(word for word in words - role.sees if word in answer.content)


def _differences(case: Case, answers: dict[str, Answer]) -> list[str]:
    name = next(name for name, one in case.objects.items() if one.foreign is not None)
    numbers = (case.values("foreign")[name], case.values("missing")[name])
    foreign, missing = plain(answers["foreign"], numbers), plain(answers["missing"], numbers)
    lines = zip(foreign.split("\n"), missing.split("\n"), strict=False)
    first = next((f"{one.strip()[:150]!r} / {two.strip()[:150]!r}" for one, two in lines if one != two), "length")
    return [] if foreign == missing else [first]
