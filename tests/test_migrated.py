"""A test that commits leaves nothing behind."""

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from accounts.audit import audit
from accounts.models import AuditEntry, SoldTo, User
from erp_sync.mirror.models import Address
from tests import migrated
from tests.builders import people


@pytest.mark.django_db(transaction=True)
def test_all_rows_are_gone_and_what_migrating_wrote_is_there() -> None:
    permissions = Permission.objects.count()
    noted(people.buyer().user)
    migrated.empty_as_at_first(TransactionTestCase())
    assert not any(model._default_manager.exists() for model in (User, SoldTo, Address, AuditEntry))
    assert Permission.objects.count() == permissions > 0


@pytest.mark.django_db(transaction=True)
def test_what_guards_the_rows_is_on_again_afterwards() -> None:
    migrated.empty_as_at_first(TransactionTestCase())
    noted(people.buyer().user)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


def noted(user: User) -> None:
    audit(actor=user, action="looked", now=timezone.now())
