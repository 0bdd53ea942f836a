"""What staff see of quotes: everything to look up, only the guard rails to change."""

import pytest
from django.test import Client
from django.urls import reverse

from erp_sync.adapters.fake import FakeErp
from shop.quotes.models import GuardRails
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db


def admin_client() -> Client:
    user = people.person(is_staff=True, is_superuser=True)
    return people.log_in(Client(), user)


def test_a_quote_is_looked_up_with_its_versions_and_never_changed(erp: FakeErp) -> None:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", price="10.00")
    quote = quotes.asked(people.buyer(company), ("A-1", "5"))
    quotes.answered(quote, people.rep(company), "9.00")
    client = admin_client()
    assert quote.reference in client.get(reverse("admin:shop_quote_changelist")).content.decode()
    address = reverse("admin:shop_quote_change", args=[quote.pk])
    page = client.get(address).content.decode()
    assert "Ana Ruiz" in page
    assert client.post(address, {"state": "accepted"}).status_code == 403
    assert client.get(reverse("admin:shop_quote_add")).status_code == 403


def test_guard_rails_are_for_a_company_or_a_rep_and_once_for_everybody(erp: FakeErp) -> None:
    company, rep = people.sold_to(), people.rep()
    client, address = admin_client(), reverse("admin:shop_guardrails_add")
    rails = {"max_discount": "20", "min_margin": "5", "valid_days": "10"}
    both = client.post(address, rails | {"sold_to": company.pk, "rep": rep.pk})
    assert "Choose a company or a sales rep, not both" in both.content.decode()
    assert client.post(address, rails).status_code == 302
    assert "guard rails for everybody already" in client.post(address, rails).content.decode()
    assert client.post(address, rails | {"rep": rep.pk}).status_code == 302
    assert client.post(address, rails | {"rep": "", "sold_to": company.pk, "max_discount": "101"}).status_code == 200
    assert GuardRails.objects.count() == 2


def test_a_manager_is_sent_to_a_page_he_may_see(erp: FakeErp) -> None:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    quote = quotes.asked(people.buyer(company), text="a red one")
    client = people.log_in(Client(), people.manager())
    assert client.get(reverse("admin:shop_quote_change", args=[quote.pk])).status_code == 200
    rails = {"max_discount": "20", "min_margin": "5", "valid_days": "10"}
    assert client.post(reverse("admin:shop_guardrails_add"), rails).status_code == 302
