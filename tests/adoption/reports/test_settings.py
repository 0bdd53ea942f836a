"""Managers set the definitions: with history, within limits, and every report says so."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from adoption.definitions.forms import SETTINGS, SettingsForm
from adoption.definitions.models import MetricSettings
from adoption.definitions.selectors import current
from adoption.definitions.services import keep
from adoption.definitions.words import FIXED, GROUPS, NAMES
from adoption.metrics.settings import Settings
from adoption.reports import scenes
from tests.builders import people

pytestmark = pytest.mark.django_db
ADD = "admin:adoption_metricsettings_add"


def form_data(**changed: object) -> dict[str, object]:
    initial = SettingsForm().initial
    return {name: initial[name] for name in SETTINGS} | {"note": "asked by the board"} | changed


def test_every_setting_has_words_and_a_place() -> None:
    placed = {name for _title, names in GROUPS for name in names}
    assert placed | FIXED == set(NAMES) == {*SETTINGS, *FIXED}


def test_manager_sets_them_and_reports_count_by_them(client: Client) -> None:
    manager = people.manager()
    client.force_login(manager)
    answer = client.post(reverse(ADD), form_data(tracking_days=30, online=["web_self"], leak_share="0.7"))
    assert answer.status_code == 302
    expected = Settings(tracking_days=30, online=frozenset({"web_self"}), leak_share=Decimal("0.7"))
    assert current() == expected
    assert scenes.scene_of(data={}, now=timezone.now()).book.settings == expected
    row = MetricSettings.objects.get()
    assert (row.set_by, row.note, sorted(row.differences)) == (
        manager,
        "asked by the board",
        ["leak_share", "online", "tracking_days"],
    )


def test_report_names_what_differs_in_words(client: Client) -> None:
    manager = people.manager()
    keep(chosen=Settings(tracking_days=30), by=manager, note="", now=timezone.now())
    client.force_login(manager)
    shown = client.get(reverse("admin:adoption_section", kwargs={"section": "adoption"})).content.decode()
    assert "Tracking counts for days after the order = 30 (90)" in shown
    assert "tracking_days =" not in shown


def test_latest_wins_and_the_former_ones_stay(client: Client) -> None:
    by, now = people.manager(), timezone.now()
    keep(chosen=Settings(tracking_days=30), by=by, note="first", now=now - dt.timedelta(days=1))
    keep(chosen=Settings(), by=by, note="back", now=now)
    assert current() == Settings()
    client.force_login(by)
    history = client.get(reverse("admin:adoption_metricsettings_changelist")).content.decode()
    assert "first" in history
    assert "back" in history


@pytest.mark.parametrize(
    "wrong",
    [
        {"score_days": 0},
        {"leak_share": "1.5"},
        {"tracking_days": "x"},
        {"online": []},
        {"online": ["web_self", "edi"]},
        {"online": ["nonsense"]},
        {},
    ],
)
def test_nonsense_is_refused_and_nothing_saved(client: Client, wrong: dict[str, object]) -> None:
    client.force_login(people.manager())
    answer = client.post(reverse(ADD), form_data(**wrong))
    assert answer.status_code == 200
    assert not MetricSettings.objects.exists()


def test_history_cannot_be_changed_or_deleted(client: Client) -> None:
    manager = people.manager()
    row = keep(chosen=Settings(tracking_days=30), by=manager, note="", now=timezone.now())
    client.force_login(manager)
    change = reverse("admin:adoption_metricsettings_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, form_data(tracking_days=10)).status_code == 403
    assert client.post(reverse("admin:adoption_metricsettings_delete", args=[row.pk])).status_code == 403
    assert current().tracking_days == 30


@pytest.mark.parametrize("who", ["rep", "buyer"])
def test_others_do_not_reach_it(client: Client, who: str) -> None:
    client.force_login(people.rep() if who == "rep" else people.buyer().user)
    assert client.get(reverse(ADD)).status_code in {302, 403, 404}
    client.post(reverse(ADD), form_data(tracking_days=30))
    assert not MetricSettings.objects.exists()
