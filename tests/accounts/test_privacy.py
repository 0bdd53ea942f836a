"""A person gets all that is held of him, or is forgotten; counts stay."""

import json
import uuid

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.actors import who_of
from accounts.audit import audit
from accounts.errors import AccountsError
from accounts.models import AuditEntry, User
from accounts.signals import Fact, announce
from adoption.events.models import Event
from adoption.voice.models import ContactRequest, Lead
from shop.carts.models import Cart
from shop.signals import shop_fact
from tests.builders import people

pytestmark = pytest.mark.django_db
LIST = "admin:accounts_user_changelist"


def known_buyer() -> User:
    actor = people.buyer()
    announce(shop_fact, Fact("search:1", "search", timezone.now(), who_of(actor), props={"query": "nails"}))
    lead = Lead.objects.create(
        lead_id="1", created_at=timezone.now(), source="direct", identity_key=actor.user.email.lower()
    )
    ContactRequest.objects.create(lead=lead, name="Eva", email=actor.user.email, text="My message")
    Cart.objects.create(user=actor.user, sold_to=actor.sold_to, order_key=uuid.uuid4())
    return actor.user


def test_manager_hands_out_one_file(client: Client) -> None:
    person = known_buyer()
    client.force_login(people.manager())
    answer = client.post(reverse(LIST), {"action": "export_data", "_selected_action": [person.pk]})
    found = json.loads(answer.content)
    assert found["person"]["email"] == person.email
    assert found["facts"][0]["props"] == {"query": "nails"}
    assert found["contact_requests"][0]["text"] == "My message"
    assert {"orders", "quotes", "messages", "files", "basket", "notices", "companies"} <= set(found)
    assert AuditEntry.objects.filter(action="personal_data_exported").exists()


def test_file_holds_nothing_of_others(client: Client) -> None:
    known_buyer()
    other = people.buyer().user
    found = privacy.export(person=other, by=people.manager(), now=timezone.now())
    assert (found["facts"], found["contact_requests"]) == ([], [])


def test_erased_person_is_gone_and_the_counts_stay(client: Client) -> None:
    person = known_buyer()
    email, key = person.email, str(person.person_key)
    client.force_login(people.manager())
    asked = {"action": "erase", "_selected_action": [person.pk]}
    assert "Erase for ever" in client.post(reverse(LIST), asked).content.decode()
    person.refresh_from_db()
    assert person.email == email
    client.post(reverse(LIST), asked | {"confirmed": "yes"})
    person.refresh_from_db()
    assert (person.is_active, person.first_name, person.last_name) == (False, "", "")
    assert email not in person.email
    assert not User.objects.filter(person_key=key).exists()
    assert Event.objects.get(user_id=key).kind == "search"
    assert not ContactRequest.objects.exists()
    assert not Cart.objects.exists()
    assert email.lower() not in Lead.objects.get().identity_key
    assert not client.login(email=email, password=people.PASSWORD)


def test_nobody_erases_himself_a_manager_or_an_administrator(client: Client) -> None:
    manager, admin = people.manager(), people.person(is_superuser=True, is_staff=True)
    with pytest.raises(AccountsError):
        privacy.erase(person=manager, by=manager, now=timezone.now())
    client.force_login(manager)
    client.post(reverse(LIST), {"action": "erase", "confirmed": "yes", "_selected_action": [admin.pk, manager.pk]})
    assert User.objects.filter(email__in=[manager.email, admin.email], is_active=True).count() == 2


def test_rep_erases_nobody(client: Client) -> None:
    person = known_buyer()
    client.force_login(people.rep())
    client.post(reverse(LIST), {"action": "erase", "confirmed": "yes", "_selected_action": [person.pk]})
    person.refresh_from_db()
    assert person.is_active


def test_audit_names_people_by_key_alone_and_an_erased_one_by_nothing(client: Client) -> None:
    manager, person = people.manager(), people.person(first_name="Aurelio", last_name="Quiroga")
    client.force_login(manager)
    rename = reverse("admin:accounts_user_change", args=[person.pk])
    audit(actor=person, action="profile_changed", now=timezone.now())
    log = reverse("admin:accounts_auditentry_changelist")
    assert "Aurelio Quiroga" in client.get(log, {"q": "quirog"}).content.decode()
    assert client.get(rename).status_code == 200
    LogEntry.objects.log_actions(manager.pk, User.objects.filter(pk=person.pk), CHANGE, "changed")
    assert LogEntry.objects.filter(object_repr__contains="Quiroga").exists()
    privacy.erase(person=person, by=manager, now=timezone.now())
    assert "an erased person" in client.get(log).content.decode()
    for model in (AuditEntry, LogEntry):
        rows = json.dumps(list(model.objects.values()), default=str)
        assert "Quiroga" not in rows
        assert person.email not in rows
