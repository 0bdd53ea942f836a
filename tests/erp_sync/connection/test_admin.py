"""The connection's page and the pages of differences, as staff use them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from erp_sync import gateway
from erp_sync.connection import services
from erp_sync.connection.models import Announcement, Pulse
from erp_sync.mirror.models import Customer, SyncRun
from erp_sync.settling.models import Comparison, CustomerTrust, Difference
from shop import shell
from tests.builders import people

pytestmark = pytest.mark.django_db
PAGE = "admin:erp_sync_pulse_changelist"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    gateway.forget()
    shell.frame.cache_clear()
    yield
    shell.frame.cache_clear()


def staff(*permissions: str) -> Client:
    user, _created = User.objects.get_or_create(email="staff@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def difference(**values: Any) -> Difference:
    now = timezone.now()
    given: dict[str, Any] = {
        "subject": "order",
        "kind": "line",
        "reference": "WEB-1",
        "customer_erp_id": "c1",
        "ours": {"number": "SO1", "state": "done", "total": "12.10", "lines": [["BOLT", "5", "2.0000"]]},
        "theirs": {"number": "SO1", "state": "open", "total": "14.52", "lines": [["BOLT", "6", "2.0000"]]},
        "first_seen_at": now,
        "last_seen_at": now,
    }
    return Difference.objects.create(**given | values)


def test_the_page_says_that_nobody_looked_before_the_first_pulse() -> None:
    page = staff("view_pulse").get(reverse(PAGE)).content.decode()
    assert "Nobody has looked at the ERP yet." in page
    assert page.count("Nothing was measured yet.") == 1
    assert page.count("within a minute</span>") == 4
    assert "Look now" not in page
    assert "Announce</button>" not in page
    assert "Pull what changed now" not in page


def test_the_page_shows_pulse_runs_comparisons_and_the_numbers() -> None:
    now = timezone.now()
    services.feel_pulse(now=now)
    SyncRun.objects.create(kind="orders", started_at=now, ended_at=now, seen=12, changed=3)
    Comparison.objects.create(round="prices", started_at=now, ended_at=now, compared=120, different=0)
    Comparison.objects.create(round="hourly", started_at=now, ended_at=now, error="no answer in time")
    page = staff("view_pulse", "change_syncstate").get(reverse(PAGE)).content.decode()
    for words in (
        "The ERP answers, in",
        "12 seen, 3 written",
        "120 compared, 0 different",
        "no answer in time",
        "<svg",
    ):
        assert words in page
    assert "100" in page
    assert "Pull what changed now" in page


def test_whoever_may_pull_looks_now_and_reads_when_prices_come() -> None:
    operator = staff("view_pulse", "change_syncstate")
    assert "Look now" in operator.get(reverse(PAGE)).content.decode()
    assert operator.post(reverse("admin:erp_sync_pulse_look"))["Location"] == reverse(PAGE)
    page = operator.get(reverse(PAGE)).content.decode()
    assert "The ERP answers, in" in page
    assert "The first figure comes after the first night." in page
    assert "Nothing was measured yet." not in page


def test_the_page_needs_its_right_and_the_buttons_need_theirs(client: Client) -> None:
    people.acting(client)
    assert client.get(reverse(PAGE)).status_code == 302
    assert staff("view_order").get(reverse(PAGE)).status_code == 403
    running = _announced()
    viewer = staff("view_pulse", "view_difference")
    assert viewer.post(reverse("admin:erp_sync_pulse_announce"), {}).status_code == 403
    assert viewer.post(reverse("admin:erp_sync_pulse_look")).status_code == 403
    assert viewer.post(reverse("admin:erp_sync_pulse_withdraw", args=[running.pk])).status_code == 403
    assert viewer.post(reverse("admin:erp_sync_difference_settle", args=[difference().pk])).status_code == 403
    assert Announcement.objects.get().ends_at == running.ends_at


def test_pulling_from_here_comes_back_here(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_options: asked.append(name))
    answer = staff("view_pulse", "view_syncstate", "change_syncstate").post(
        reverse("admin:erp_sync_syncstate_ask"), {"from": "connection"}
    )
    assert answer["Location"] == reverse(PAGE)
    assert asked == ["erp_sync.mirror.tasks.pull"]


def _announced() -> Announcement:
    now = timezone.now()
    hour = dt.timedelta(hours=1)
    texts = {"en": "The warehouse counts <b>stock</b>", "es": "Inventario en el almacén"}
    return services.announce(texts=texts, starts_at=now - hour, ends_at=now + hour, by="ana", now=now)


def test_buyers_read_an_announcement_in_their_language_escaped_and_strangers_do_not(client: Client) -> None:
    _announced()
    assert "The warehouse counts" not in client.get("/accounts/login/").content.decode()
    people.acting(client)
    assert "The warehouse counts &lt;b&gt;stock&lt;/b&gt;" in client.get("/").content.decode()
    client.post("/i18n/setlang/", {"language": "es", "next": "/"})
    assert "Inventario en el almacén" in client.get("/").content.decode()


def test_announcing_is_checked_kept_and_withdrawn() -> None:
    who = staff("view_pulse", "add_announcement")
    url = reverse("admin:erp_sync_pulse_announce")
    wrong = {"starts_at": "2030-01-02T10:00", "ends_at": "2030-01-02T09:00", "text_en": " ", "text_es": ""}
    page = who.post(url, wrong).content.decode()
    assert "Write the text in at least one language." in page
    assert "It must end after it starts." in page or not Announcement.objects.exists()
    right = wrong | {"ends_at": "2030-01-02T12:00", "text_es": "Mantenimiento del ERP"}
    assert who.post(url, right).status_code == 302
    made = Announcement.objects.get()
    assert (made.texts, made.made_by) == ({"es": "Mantenimiento del ERP"}, "staff@example.com")
    assert "Mantenimiento del ERP" in who.get(reverse(PAGE)).content.decode()
    who.post(reverse("admin:erp_sync_pulse_withdraw", args=[made.pk]))
    assert not Announcement.objects.exists()


def test_a_difference_shows_both_sides_and_is_settled_with_a_word() -> None:
    row = difference()
    Customer.objects.create(
        erp_id="c1", number="C0001", name="Ferretería Sol", version=timezone.now(), synced_at=timezone.now()
    )
    who = staff("view_difference", "change_difference")
    listed = who.get(reverse("admin:erp_sync_difference_changelist")).content.decode()
    assert "WEB-1" in listed
    assert "Ferretería Sol" in listed
    page = who.get(reverse("admin:erp_sync_difference_change", args=[row.pk])).content.decode()
    for words in ("12.10", "14.52", "5 x 2.00", "6 x 2.00", "Ferretería Sol", "Somebody changed it in the ERP"):
        assert words in page
    url = reverse("admin:erp_sync_difference_settle", args=[row.pk])
    assert "write in a few words" in who.post(url, {"note": ""}, follow=True).content.decode()
    who.post(url, {"note": "The customer wanted six."})
    row.refresh_from_db()
    assert (row.settled_by, row.note) == ("staff@example.com", "The customer wanted six.")
    assert "WEB-1" not in who.get(reverse("admin:erp_sync_difference_changelist")).content.decode()
    settled = who.get(reverse("admin:erp_sync_difference_changelist"), {"is": "settled"}).content.decode()
    assert "The customer wanted six." in settled


def test_trust_and_rounds_are_lists() -> None:
    now = timezone.now()
    CustomerTrust.objects.create(
        customer_erp_id="c1",
        name="Ferretería Sol",
        orders=8,
        kept=6,
        price_kept=8,
        complete=7,
        on_time=7,
        billed=8,
        computed_at=now,
    )
    Comparison.objects.create(round="nightly", started_at=now, compared=5)
    who = staff("view_customertrust", "view_comparison")
    assert "75\u00a0%" in who.get(reverse("admin:erp_sync_customertrust_changelist")).content.decode()
    assert "documents of the last 90 days" in who.get(reverse("admin:erp_sync_comparison_changelist")).content.decode()


def test_empty_lists_say_when_something_comes() -> None:
    who = staff("view_difference", "view_comparison")
    assert "what differs waits here" in who.get(reverse("admin:erp_sync_difference_changelist")).content.decode()
    assert "both need a worker" in who.get(reverse("admin:erp_sync_comparison_changelist")).content.decode()


def test_a_pulse_is_no_row_to_be_edited() -> None:
    pulse = Pulse.objects.create(at=timezone.now())
    who = staff("view_pulse", "change_pulse", "delete_pulse", "add_pulse")
    assert who.get(reverse("admin:erp_sync_pulse_add")).status_code == 403
    assert who.post(reverse("admin:erp_sync_pulse_delete", args=[pulse.pk]), {"post": "yes"}).status_code == 403
