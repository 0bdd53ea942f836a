"""The outbox's page: what staff see and may do, and that nobody else may."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from erp_sync.adapters import fake
from erp_sync.outbox.models import OutboxRow, OutboxState

from . import writes
from .conftest import Desk


def person(email: str, *permissions: str) -> User:
    user = User(email=email, is_staff=True, is_active=True)
    user.set_password("x")
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def manager(db: None, client: Client) -> Client:
    client.force_login(person("m@example.com", "view_outboxrow", "change_outboxrow"))
    return client


@pytest.fixture
def rejected(desk: Desk, erp: fake.FakeErp) -> OutboxRow:
    erp.fail("reject", "create_order", message="Over the <limit>.")
    row = desk.queue()
    desk.export()
    row.refresh_from_db()
    return row


def step(row: OutboxRow, name: str) -> str:
    return reverse("admin:erp_sync_outboxrow_step", args=[row.pk, name])


def test_the_list_shows_counts_states_and_next_steps(manager: Client, rejected: OutboxRow, desk: Desk) -> None:
    desk.queue("WEB-2")
    page = manager.get(reverse("admin:erp_sync_outboxrow_changelist")).content.decode()
    assert "refused by the ERP" in page
    assert "will be sent in a few seconds" in page
    assert "Over the &lt;limit&gt;." in page


def test_the_row_shows_its_lines_attempts_and_what_can_be_done(manager: Client, rejected: OutboxRow) -> None:
    page = manager.get(reverse("admin:erp_sync_outboxrow_change", args=[rejected.pk]))
    text = page.content.decode()
    assert "BOLT" in text
    assert "Over the &lt;limit&gt;." in text
    assert "correct the cause in the ERP and retry" in text
    for name in ("retry", "check", "hand-over"):
        assert step(rejected, name) in text
    assert "_save" not in text


def test_a_step_is_asked_first_and_taken_on_post(
    manager: Client, rejected: OutboxRow, desk: Desk, erp: fake.FakeErp
) -> None:
    asked = manager.get(step(rejected, "retry"))
    assert "at the prices the buyer accepted" in asked.content.decode()
    rejected.refresh_from_db()
    assert rejected.state == OutboxState.REJECTED
    done = manager.post(step(rejected, "retry"), follow=True)
    assert "will be sent again" in done.content.decode()
    rejected.refresh_from_db()
    assert rejected.state == OutboxState.READY
    assert rejected.history.get(action="retry").by == "m@example.com"


def test_a_step_that_came_too_late_says_so_and_changes_nothing(manager: Client, rejected: OutboxRow) -> None:
    OutboxRow.objects.update(state=OutboxState.DONE)
    answer = manager.post(step(rejected, "retry"), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    rejected.refresh_from_db()
    assert rejected.state == OutboxState.DONE


def test_who_may_only_look_sees_no_buttons_and_is_refused(client: Client, rejected: OutboxRow) -> None:
    client.force_login(person("v@example.com", "view_outboxrow"))
    page = client.get(reverse("admin:erp_sync_outboxrow_change", args=[rejected.pk]))
    assert step(rejected, "retry") not in page.content.decode()
    assert client.post(step(rejected, "retry")).status_code == 403
    rejected.refresh_from_db()
    assert rejected.state == OutboxState.REJECTED


def test_nobody_else_sees_the_outbox(client: Client, rejected: OutboxRow) -> None:
    client.force_login(person("n@example.com"))
    assert client.get(reverse("admin:erp_sync_outboxrow_changelist")).status_code == 403
    client.logout()
    assert client.get(step(rejected, "retry")).status_code == 302


def test_an_unknown_step_is_not_found(manager: Client, rejected: OutboxRow) -> None:
    assert manager.post(step(rejected, "explode")).status_code == 404


def test_a_row_whose_payload_cannot_be_read_can_still_be_seen(manager: Client, rejected: OutboxRow) -> None:
    OutboxRow.objects.update(payload={"order": 7})
    page = manager.get(reverse("admin:erp_sync_outboxrow_change", args=[rejected.pk]))
    assert page.status_code == 200


def test_rows_are_neither_added_changed_nor_deleted_by_hand(manager: Client, rejected: OutboxRow) -> None:
    assert manager.get(reverse("admin:erp_sync_outboxrow_add")).status_code == 403
    delete = reverse("admin:erp_sync_outboxrow_delete", args=[rejected.pk])
    assert manager.post(delete, {"post": "yes"}).status_code == 403
    change = reverse("admin:erp_sync_outboxrow_change", args=[rejected.pk])
    assert manager.post(change, {"state": "done"}).status_code == 403


def test_other_kinds_are_shown_in_words(manager: Client, desk: Desk, erp: fake.FakeErp) -> None:
    writes.furnish(erp)
    rows = {kind: writes.queue(kind, writes.write_of(kind, erp), now=desk.now) for kind in ("payment", "quote")}
    listed = manager.get(reverse("admin:erp_sync_outboxrow_changelist")).content.decode()
    assert "Payment" in listed
    assert "Quote request" in listed
    page = manager.get(reverse("admin:erp_sync_outboxrow_change", args=[rows["payment"].pk])).content.decode()
    assert "120.50" in page
    assert "i2: 20.50" in page
    page = manager.get(reverse("admin:erp_sync_outboxrow_change", args=[rows["quote"].pk])).content.decode()
    assert "Please by noon." in page
    assert "special bracket" in page


def test_a_write_of_an_unknown_kind_is_shown_all_the_same(manager: Client, rejected: OutboxRow) -> None:
    OutboxRow.objects.filter(pk=rejected.pk).update(kind="telegram")
    assert "telegram" in manager.get(reverse("admin:erp_sync_outboxrow_changelist")).content.decode()
    page = manager.get(reverse("admin:erp_sync_outboxrow_change", args=[rejected.pk]))
    assert page.status_code == 200
