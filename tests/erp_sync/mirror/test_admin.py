"""Staff see how fresh the mirror is and ask for a pull; nobody edits what the ERP owns."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import sync
from erp_sync.mirror.admin import ReadOnly
from erp_sync.mirror.labels import HIDDEN, LABELS
from erp_sync.mirror.models import Customer, Order, SyncRun
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

PAGE = "admin:erp_sync_syncstate_changelist"
MODELS = (
    "category item customer order delivery invoice payment return quarantine syncrun".split()  # noqa: SIM905
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return what was put on the queue."""
    tasks: list[tuple[str, dict[str, Any]]] = []

    def take(name: str, *, kwargs: dict[str, Any], **options: Any) -> None:
        tasks.append((name, kwargs))

    monkeypatch.setattr(current_app, "send_task", take)
    return tasks


def staff(*permissions: str) -> Client:
    user, _created = User.objects.get_or_create(email="staff@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def everything() -> Client:
    return staff(*[f"view_{name}" for name in (*MODELS, "syncstate")], "change_syncstate", "change_order")


@pytest.fixture
def erp() -> FakeErp:
    erp = FakeErp()
    erp.put("categories", facts.category("a"))
    erp.put("items", facts.item("A"))
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a1"),)))
    erp.put("customers", facts.customer("c2", number="9" * 70))
    erp.put("orders", facts.order("1", total=Decimal(5)))
    erp.put("deliveries", facts.delivery("1", "1"))
    erp.put("invoices", facts.invoice("1"))
    sync.pull_all(now=timezone.now(), asked_by="test", erp=erp)
    return erp


def test_the_page_tells_freshness_quarantine_and_failure(erp: FakeErp) -> None:
    erp.book.is_down = True
    sync.pull_all(now=timezone.now() + dt.timedelta(minutes=1), erp=erp)

    page = everything().get(reverse(PAGE))
    html = page.content.decode()

    assert html.count("1 record") == 1
    assert "not reached: the ERP is down" in html
    assert "Refresh" not in page


def test_a_run_under_way_shows_count_rate_and_time_left(erp: FakeErp) -> None:
    visitor = everything()
    started = timezone.now() - dt.timedelta(seconds=10)
    SyncRun.objects.create(kind="items", started_at=started, seen=500, expected=1000)

    with time_machine.travel(started + dt.timedelta(seconds=10), tick=False):
        page = visitor.get(reverse(PAGE))
    html = " ".join(page.content.decode().split())

    assert page["Refresh"] == "3"
    assert "500 of 1000" in html
    assert "10 s left" in html


def test_the_buttons_queue_a_pull(erp: FakeErp, sent: list[Any]) -> None:
    client = everything()
    ask = reverse("admin:erp_sync_syncstate_ask")
    client.post(ask, {"kind": "orders"})
    client.post(ask, {"full": "1"})
    client.post(ask, {"keys": "1"})
    client.post(ask, {"kind": "no such kind"})

    names = [name.rsplit(".", 1)[1] for name, _ in sent]
    assert names == ["pull", "pull", "reconcile_keys", "pull"]
    assert sent[0][1] == {"kinds": ["orders"], "full": False, "asked_by": "staff@example.com"}
    assert (len(sent[1][1]["kinds"]), sent[1][1]["full"]) == (9, True)


def test_a_broker_that_is_down_is_said(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app, "send_task", refuse)
    page = everything().post(reverse("admin:erp_sync_syncstate_ask"), {}, follow=True)
    assert "does not answer" in page.content.decode()


def test_who_may_only_look_cannot_ask(erp: FakeErp, sent: list[Any]) -> None:
    client = staff("view_syncstate")
    page = client.get(reverse(PAGE))
    assert page.status_code == 200
    assert b"Pull now" not in page.content
    assert client.post(reverse("admin:erp_sync_syncstate_ask"), {}).status_code == 403
    assert staff().get(reverse(PAGE)).status_code == 403
    assert sent == []


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_shown_and_never_edited(erp: FakeErp, name: str) -> None:
    client = everything()
    rows = reverse(f"admin:erp_sync_{name}_changelist")
    assert client.get(rows).status_code == 200
    assert client.get(rows, {"q": "1"}).status_code == 200
    assert client.get(reverse(f"admin:erp_sync_{name}_add")).status_code == 403


def test_an_order_is_read_with_its_lines_and_cannot_be_saved(erp: FakeErp) -> None:
    client = everything()
    order = Order.objects.get()
    change = reverse("admin:erp_sync_order_change", args=[order.pk])
    page = client.get(change).content.decode()
    assert "SO1" in page
    assert 'name="_save"' not in page
    assert client.post(change, {"number": "X"}).status_code == 403
    order.refresh_from_db()
    assert order.number == "SO1"


@pytest.mark.usefixtures("erp")
def test_a_list_of_orders_names_the_customer_and_speaks_the_readers_language() -> None:
    placed = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    Order.objects.update(channel_hint="phone", status="open", placed_at=placed, total=Decimal("1234.5"))
    client = everything()
    name = Customer.objects.get(erp_id=Order.objects.get().customer_erp_id).name
    page = client.get(reverse("admin:erp_sync_order_changelist"), headers={"accept-language": "es"}).content.decode()
    for words in (name, "Cliente", "Teléfono", "abierto", "2 Jul 2026, 00:30", "1.234,50"):
        assert words in page
    assert "Customer erp id" not in page
    chosen = client.get(reverse("admin:erp_sync_order_changelist"), {"channel_hint": "email"}).content.decode()
    assert name not in chosen


def test_every_field_that_people_see_has_a_label() -> None:
    shown = [
        one
        for one in map(site.get_model_admin, filter(site.is_registered, apps.get_models()))
        if isinstance(one, ReadOnly)
    ]
    models = {one.model for one in shown} | {inline.model for one in shown for inline in one.inlines}
    mirrored = [model for model in models if model.__module__.startswith("erp_sync.mirror")]
    assert len(mirrored) > 12
    names = {field.name for model in mirrored for field in model._meta.concrete_fields}
    assert names - HIDDEN - set(LABELS) == set()
