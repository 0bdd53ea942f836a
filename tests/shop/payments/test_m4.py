"""M4: an invoice paid here counts as paid online once the ERP has booked it."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from adoption import facts
from adoption.metrics.period import Period
from adoption.metrics.service import invoices_paid_online
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Invoice
from shop.money.formats import company_zone
from tests.builders import invoices
from tests.shop.payments.conftest import Hook, Pay

pytestmark = pytest.mark.django_db


def test_m4_moves_when_a_web_payment_is_booked(
    erp: FakeErp, buyer: Actor, open_invoices: list[Invoice], pay: Pay, hook: Hook
) -> None:
    today = Period(timezone.now().astimezone(company_zone()).date(), timezone.now().astimezone(company_zone()).date())
    first = open_invoices[0]
    assert invoices_paid_online(facts.book(as_of=timezone.now()), today).count.value is None
    hook(pay(buyer, first))
    invoices.export()
    invoices.pull()
    found = invoices_paid_online(facts.book(as_of=timezone.now()), today)
    assert (found.count.value, found.value.value) == (1, 1)
    assert found.count.whole == 1
