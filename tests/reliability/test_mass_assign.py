"""Whatever a browser adds to a form, nothing but the form's own fields is written (mass_assign).

The forms are those of the shop's own pages, the additions every field of every model of ours. Each form is sent twice,
as it stands and with the additions: the rows that it wrote must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
import time_machine
from django import forms as django_forms
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework import serializers

from erp_sync import gateway
from erp_sync.adapters import fake
from tests.builders import people
from tests.reliability import exchange, forms, matrix, urlconf, world
from tests.reliability.exchange import Answer
from tests.reliability.forms import Form
from tests.reliability.world import World

pytestmark = pytest.mark.django_db
NOW = timezone.now()
APPS = ("accounts", "erp_sync", "shop", "adoption")
# Fields that only the server decides; a form or serializer of the shop may show them, never take them.
SERVERS = {
    "sold_to", "sold_to_id", "user", "user_id", "owner", "person", "placed_by", "author", "state", "status", "price",
    "net_price", "list_price", "total", "untaxed_total", "amount", "currency", "is_staff", "is_superuser",
    "staff_role", "is_staff_side", "channel", "erp_id", "erp_number",
}  # fmt: skip
# Forms of the shop that take a price, an amount or a company's field on purpose: who may is asked by their services.
REVIEWED: dict[str, set[str]] = {}
# Words that a page's script adds to a form, or that a view takes besides: read on purpose.
BESIDES = {"next", "q", "page", "csrfmiddlewaretoken"}


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies in the shop, and a note of every row that is written."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    # All additions travel at once; in the shop a forger needs several tries for them.
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100_000
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    exchange.watch_rows()
    yield world.build()
    erp.reset()
    gateway.forget()


def who(name: str, two: World) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "company administrator": lambda: two.a.admin,
        "buyer": lambda: two.a.buyer,
        "rep": lambda: two.a.rep,
        "rep in a session": lambda: people.assisting(two.a.sold_to, two.a.rep),
    }
    return makers[name]()


def shop_forms(client: Client, two: World, beginning: str = "") -> list[Form]:
    routes = [route for route in urlconf.routes() if not route.is_admin and route.name.startswith(beginning)]
    found = matrix.cases(routes, mine=two.a, other=two.b, world=two)
    exchange.forget_touched()
    return forms.forms_of(client, found)


def differences(client: Client, found: list[tuple[Form, Answer]]) -> dict[str, list[str]]:
    """Return, by address, what was written otherwise because of something that was added.

    What another form of the same address lists is its own field too (a line typed, or a list pasted).
    """
    forged, numbers = forms.forged_fields(), forms.numbers_now()
    listed: dict[str, set[str]] = {}
    for form, _plain in found:
        listed.setdefault(form.action, set()).update(form.names)
    wrong: dict[str, list[str]] = {}
    for form, plain in found:
        allowed = listed[form.action] | BESIDES
        more = {name: value for name, value in forged.items() if name not in allowed}
        answer = _sent(client, form, more, numbers)
        if forms.written(answer) != forms.written(plain) or answer.status != plain.status:
            wrong.setdefault(form.action, []).extend(_changes(plain, answer))
    return wrong


def as_they_stand(client: Client, found: list[Form]) -> list[tuple[Form, Answer]]:
    """Send each form untouched."""
    numbers = forms.numbers_now()
    return [(form, _sent(client, form, {}, numbers)) for form in found]


def _sent(client: Client, form: Form, more: dict[str, str], numbers: dict[str, int | None]) -> Answer:
    """Send a form at one and the same moment, with nothing left of the time before."""
    cache.clear()
    gateway.forget()
    exchange.forget_touched()
    with time_machine.travel(NOW, tick=False):
        answer = exchange.ask(client, "POST", form.action, form.filled() | more)
    forms.rewind_numbers(numbers)
    return answer


def _changes(plain: Answer, answer: Answer) -> list[str]:
    before, after = forms.written(plain), forms.written(answer)
    return [f"{plain.status} -> {answer.status}", *(row[:600] for row in after if row not in before)]


@pytest.mark.parametrize("name", ["company administrator", "buyer", "rep", "rep in a session"])
def test_nothing_but_a_forms_own_fields_is_written(two: World, name: str) -> None:
    client = world.log_in(who(name, two))
    found = as_they_stand(client, shop_forms(client, two))
    writes = [form for form, plain in found if forms.written(plain)]
    assert len(found) >= 4, "the pages show forms"
    assert len(writes) >= 2, "and some of them write, else nothing is compared with nothing"
    assert differences(client, found) == {}


def test_every_model_is_forged() -> None:
    forged = forms.forged_fields()
    assert {"net_price", "netPrice", "sold_to", "sold_to_id", "staff_role", "form-0-total", "user-is_staff"} <= set(
        forged
    )
    assert len(forged) > 800


# --- what forms and serializers list ------------------------------------------------------------------------------


def defined(kind: type) -> list[type]:
    """Return the classes of a kind that our own modules define."""
    found: set[type] = set()
    for app in APPS:
        package = import_module(app)
        names = [one.name for one in walk_packages(package.__path__, f"{app}.") if ".migrations" not in one.name]
        for name in names:
            module = import_module(name)
            found |= {
                one
                for one in vars(module).values()
                if isinstance(one, type) and issubclass(one, kind) and one.__module__ == name
            }
    return sorted(found, key=lambda one: one.__qualname__)


def test_no_form_of_a_model_lists_all_its_fields() -> None:
    for one in defined(django_forms.ModelForm):
        options = one._meta  # type: ignore[attr-defined]
        assert options.fields not in (None, django_forms.models.ALL_FIELDS), one
        assert options.exclude is None, one


def test_no_form_of_the_shop_takes_what_only_the_server_decides() -> None:
    listed = {
        one.__qualname__: set(one.base_fields) & SERVERS  # type: ignore[attr-defined]
        for one in defined(django_forms.BaseForm)
        if one.__module__.startswith("shop.") and ".admin" not in one.__module__
    }
    assert {name: fields for name, fields in listed.items() if fields - REVIEWED.get(name, FILTERS)} == {}


# A filter of a list is called like the column that it narrows.
FILTERS = {"state", "status", "channel"}


def test_no_serializer_takes_what_only_the_server_decides() -> None:
    for one in defined(serializers.BaseSerializer):
        meta = getattr(one, "Meta", None)
        assert getattr(meta, "fields", ()) != "__all__", one
        assert not hasattr(meta, "exclude"), one
        taken = {name for name, part in one().fields.items() if not part.read_only}
        assert not taken & SERVERS, one


# --- controls -----------------------------------------------------------------------------------------------------


def test_control_views_that_take_more_than_their_form_are_caught(two: World, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.reliability.greedy_urls"
    client = world.log_in(two.a.buyer)
    greedy = shop_forms(client, two, "greedy-")
    assert len(greedy) == 2
    wrong = differences(client, as_they_stand(client, greedy))
    assert set(wrong) == {"/greedy-profile/", "/greedy-alias/"}
    assert '"staff_role": "manager"' in " ".join(wrong["/greedy-profile/"])


def test_control_a_careless_form_and_a_careless_serializer_are_seen() -> None:
    class Careless(serializers.Serializer):
        price = serializers.DecimalField(max_digits=9, decimal_places=2)

    class CarelessForm(django_forms.Form):
        sold_to = django_forms.CharField()

    assert {name for name, part in Careless().fields.items() if not part.read_only} & SERVERS
    assert set(CarelessForm.base_fields) & SERVERS
    assert issubclass(CarelessForm, django_forms.BaseForm)
