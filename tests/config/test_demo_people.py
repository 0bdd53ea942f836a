"""The demo's people: enough of them, the right ones, and the same ones the second time."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AssistedSession, AuditEntry, Eligibility, Membership, RepAssignment, SoldTo, User
from accounts.selectors import company_day, customers_of_rep, is_eligible
from config import demo_people
from erp_sync.mirror.models import Customer

pytestmark = pytest.mark.django_db
SEED: dict[str, Any] = {
    "customers": [
        {
            "code": "C0001",
            "web_since_days": 400,
            "people": [
                {"name": "Laura Gil", "email": "laura.gil@obras.example"},
                {"name": "Jorge Marín", "email": "jorge.marin@obras.example"},
                {"name": "Rosa Ferrer", "email": "rosa.ferrer@obras.example"},
            ],
        },
        {
            "code": "C0007",
            "web_since_days": 140,
            "people": [{"name": "Toni Soler", "email": "toni@soler.example"}],
        },
        {"code": "C0009", "web_since_days": None, "people": []},
        {"code": "C0013", "web_since_days": None, "people": []},
        {"code": "C0019", "web_since_days": None, "people": []},
    ],
    "reps": [
        {"name": "Ana Ruiz", "email": "ana.ruiz@ribera.example", "customers": ["C0001", "C0007"]},
        {"name": "Luis Pardo", "email": "luis.pardo@ribera.example", "customers": ["C0009"]},
    ],
}


@pytest.fixture
def erp_seed(tmp_path: Path) -> Path:
    """Write what the ERP says of itself, and put its customers into the mirror."""
    for number, entry in enumerate(SEED["customers"]):
        Customer.objects.create(
            erp_id=str(8 + number),
            version=timezone.now(),
            synced_at=timezone.now(),
            number=str(entry["code"]),
            name=f"Company {entry['code']}",
        )
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(SEED), encoding="utf-8")
    return path


def rows() -> list[int]:
    """Count everything that the demo's people consist of."""
    managers = (User, SoldTo, Membership, Eligibility, RepAssignment, AssistedSession, AuditEntry)
    return [model._default_manager.count() for model in managers]


def test_everybody_of_the_list_can_log_in(client: Client, erp_seed: Path) -> None:
    out = StringIO()
    call_command("demo_seed", erp_seed=erp_seed, stdout=out)
    people = json.loads(out.getvalue())
    assert [person["role"] for person in people[:6]] == ["buyer", "approver", "admin", "rep", "rep", "manager"]
    assert {person["company"] for person in people[:3]} == {"Company C0001"}
    for person in people[:6]:
        assert client.login(email=person["email"], password=person["password"]), person
        assert person["try"]


def test_a_second_run_changes_nothing(erp_seed: Path, tmp_path: Path) -> None:
    out = tmp_path / "people.json"
    call_command("demo_seed", erp_seed=erp_seed, people_out=out)
    before, first = rows(), out.read_text(encoding="utf-8")
    call_command("demo_seed", erp_seed=erp_seed, people_out=out)
    assert rows() == before
    assert out.read_text(encoding="utf-8") == first


def test_the_ledger_has_enabled_excluded_and_never_enabled_companies(erp_seed: Path) -> None:
    now = timezone.now()
    demo_people.seed(erp_seed=erp_seed, now=now)
    today = company_day(now)
    can = {one.number: is_eligible(sold_to=one, on=today) for one in SoldTo.objects.all()}
    assert can == {"C0001": True, "C0007": True, "C0009": False, "C0013": False, "C0019": False}
    excluded = Eligibility.objects.filter(can_buy=False)
    assert {row.sold_to.number for row in excluded} == {"C0009", "C0013"}
    assert all(row.reason and row.owner and row.review_on for row in excluded)


def test_reps_have_their_customers_and_the_buyer_a_second_company(erp_seed: Path) -> None:
    now = timezone.now()
    demo_people.seed(erp_seed=erp_seed, now=now)
    ana = User.objects.get(email="ana.ruiz@ribera.example")
    mine = customers_of_rep(rep=ana, on=company_day(now)).values_list("number", flat=True)
    assert set(mine) == {"C0001", "C0007"}
    laura = User.objects.get(email="laura.gil@obras.example")
    assert [one.sold_to.number for one in laura.memberships.order_by("pk")] == ["C0001", "C0007"]


def test_without_customers_or_erp_it_says_what_to_do(tmp_path: Path, erp_seed: Path) -> None:
    with pytest.raises(CommandError, match="Start the demo ERP"):
        call_command("demo_seed", erp_seed=tmp_path / "missing.json")
    Customer.objects.all().delete()
    with pytest.raises(CommandError, match="erp_sync first"):
        call_command("demo_seed", erp_seed=erp_seed)


def test_production_is_refused(settings: Settings, erp_seed: Path) -> None:
    settings.SESSION_COOKIE_SECURE = True
    with pytest.raises(CommandError, match="never on a shop in production"):
        call_command("demo_seed", erp_seed=erp_seed)
    assert not User.objects.exists()
