"""Changes to people and companies, and what the database itself refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts import services
from accounts.errors import AccountsError, EligibilityRefused
from accounts.models import AuditEntry, Eligibility, RepAssignment, SoldTo
from erp_sync.mirror.models import Customer
from tests.builders import people

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
MARCH = dt.date(2026, 3, 1)


def test_the_audit_log_refuses_update_and_delete() -> None:
    entry = services.audit(actor=None, action="test", now=NOW, detail={"a": 1})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()
    assert AuditEntry.objects.get().action == "test"


def test_an_entry_of_an_actor_names_company_session_and_address() -> None:
    actor = people.assisting()
    entry = services.audit(actor=actor, action="order_placed", object_type="order", now=NOW)
    assert (entry.sold_to, entry.assisted, entry.actor_key, entry.actor_label) == (
        actor.sold_to,
        actor.assisted,
        actor.user.person_key,
        "",
    )


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [
        (dt.date(2026, 3, 31), None),
        (dt.date(2026, 2, 1), dt.date(2026, 3, 1)),
        (dt.date(2026, 3, 10), dt.date(2026, 3, 20)),
        (dt.date(2026, 1, 1), None),
    ],
)
def test_overlapping_days_are_refused_and_leave_the_ledger_as_it_was(from_on: dt.date, to_on: dt.date | None) -> None:
    company = people.sold_to(eligible=False)
    services.set_eligible(sold_to=company, from_on=MARCH, to_on=dt.date(2026, 3, 31), by=None, now=NOW)
    with pytest.raises(EligibilityRefused, match="overlap another entry"):
        services.set_eligible(sold_to=company, from_on=from_on, to_on=to_on, by=None, now=NOW)
    assert Eligibility.objects.count() == AuditEntry.objects.count() == 1


def test_the_database_refuses_an_overlap_that_slipped_through() -> None:
    company = people.sold_to(eligible=False)
    Eligibility.objects.create(sold_to=company, from_on=MARCH)
    with pytest.raises(IntegrityError), transaction.atomic():
        Eligibility.objects.create(sold_to=company, from_on=dt.date(2026, 6, 1))
    Eligibility.objects.create(sold_to=people.sold_to(eligible=False), from_on=MARCH)


def test_an_exclusion_without_reason_is_refused() -> None:
    company, boss = people.sold_to(eligible=False), people.person()
    with pytest.raises(EligibilityRefused, match="reason, an owner and a review date"):
        services.exclude(sold_to=company, from_on=MARCH, reason="", owner=boss, review_on=MARCH, by=boss, now=NOW)
    assert not Eligibility.objects.exists()


def test_days_in_the_wrong_order_are_refused() -> None:
    company = people.sold_to(eligible=False)
    with pytest.raises(EligibilityRefused, match="ends before it begins"):
        services.set_eligible(sold_to=company, from_on=MARCH, to_on=dt.date(2026, 2, 1), by=None, now=NOW)


def test_a_company_of_the_erp_is_linked_once_and_follows_its_name() -> None:
    customer = Customer.objects.create(erp_id="C-9", version=NOW, synced_at=NOW, number="9", name="Old")
    first = services.create_from_erp(customer=customer, by=None, now=NOW)
    customer.name = "New"
    again = services.create_from_erp(customer=customer, by=None, now=NOW)
    assert (first.pk, again.name) == (again.pk, "New")
    assert SoldTo.objects.count() == AuditEntry.objects.filter(action="company_linked").count() == 1


def test_only_a_rep_gets_customers() -> None:
    company = people.sold_to()
    with pytest.raises(AccountsError, match="not a sales rep"):
        services.assign_rep(rep=people.person(), sold_to=company, from_on=MARCH, by=None, now=NOW)
    services.assign_rep(rep=people.rep(), sold_to=company, from_on=MARCH, by=None, now=NOW)
    assert RepAssignment.objects.count() == 1


def test_a_manager_gets_the_admin_and_no_more_rights_than_he_needs() -> None:
    person = people.person()
    services.grant_manager(person=person, by=None, now=timezone.now())
    assert (person.is_staff, person.is_superuser, person.is_manager) == (True, False, True)
    rights = person.get_all_permissions()
    assert {"accounts.view_auditentry", "adoption.view_event", "accounts.change_soldto"} <= rights
    writes = {name for name in rights if not name.split(".")[1].startswith("view_")}
    assert writes == set(services.MANAGER_CHANGES)
    deletes = {name for name in rights if ".delete_" in name}
    assert deletes == {"shop.delete_guardrails", "shop.delete_offer", "shop.delete_article"}


def test_a_rep_has_no_admin() -> None:
    person = people.person()
    services.grant_manager(person=person, by=None, now=NOW)
    services.grant_rep(person=person, by=None, now=NOW)
    assert (person.is_staff, person.is_rep) == (False, True)
    assert not person.groups.exists()
