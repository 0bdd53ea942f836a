"""Pages of approvals: found by who must decide, decided in one press, nothing of others, nothing lost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Role, SoldTo
from shop.approvals.models import Approval, ApprovalState
from shop.carts.models import Cart, CartLine
from shop.orders.checkout import checkout
from shop.orders.models import Order
from tests.builders import approvals, people
from tests.builders.approvals import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """A company whose orders above 50.00 need approval."""
    found = approvals.office()
    approvals.rule(found.sold_to)
    return found


def checkout_fields(office: Office) -> dict[str, str]:
    from django.utils import timezone

    current = checkout(actor=approvals.again(office.buyer), now=timezone.now())
    return {
        "ship_to": current.places[0].erp_id,
        "customer_reference": "PO-9",
        "requested_on": "",
        "note": "",
        "order_key": str(Cart.objects.get(user=office.buyer.user).order_key),
        "shown": str(current.fingerprint),
        "approval": current.approval,
    }


def detail(approval: Approval, name: str = "approval-detail") -> str:
    return reverse(name, kwargs={"number": approval.reference})


def test_the_checkout_says_who_and_why_and_sends_it_for_approval(client: Client, office: Office) -> None:
    approvals.fill(office.buyer)
    people.log_in(client, office.buyer)
    page = client.get(reverse("checkout"))
    assertContains(page, "Needs approval by")
    assertContains(page, str(office.approver.user))
    assertContains(page, "Above 50: €100.00 is above €50.00.")
    assertContains(page, "Send for approval")
    answer = client.post(reverse("checkout"), checkout_fields(office))
    approval = Approval.objects.get()
    assert answer.headers["Location"] == detail(approval)
    page = client.get(detail(approval))
    assertContains(page, "Waits for")
    assertNotContains(page, "approve/")
    assertContains(client.get("/"), "Sent for approval")


def test_a_checkout_that_did_not_say_so_shows_it_first(client: Client, office: Office) -> None:
    approvals.fill(office.buyer)
    people.log_in(client, office.buyer)
    answer = client.post(reverse("checkout"), checkout_fields(office) | {"approval": ""})
    assert answer.status_code == 409
    assertContains(answer, "Needs approval by", status_code=409)
    assert 'value="PO-9"' in answer.content.decode()
    assert not Approval.objects.exists()


def test_the_approver_finds_it_at_home_in_the_menu_and_decides_with_one_press(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    people.log_in(client, office.approver)
    home = client.get("/")
    assertContains(home, "Waiting for your approval")
    assertContains(home, '<span class="badge attention">1</span>')
    assertContains(client.get(reverse("approval-list")), str(office.buyer.user))
    page = client.get(detail(approval))
    assertContains(page, "Approve €121.00?")
    answer = client.post(detail(approval, "approval-approve"), {"shown": str(approvals.shown(approval))}, follow=True)
    assertContains(answer, "Approved. The order is on its way to the ERP")
    order = Order.objects.get()
    assertContains(client.get(reverse("order-detail", kwargs={"number": order.reference})), order.reference[-5:])
    again = client.post(detail(approval, "approval-approve"), {"shown": str(approvals.shown(approval))})
    assertContains(again, "It was ordered once", status_code=409)


def test_a_decline_without_reason_keeps_what_was_typed_and_one_with_reason_reaches_the_buyer(
    client: Client, office: Office
) -> None:
    approval = approvals.waiting(office.buyer)
    people.log_in(client, office.approver)
    fields = {"shown": str(approvals.shown(approval)), "reason": "  "}
    assertContains(client.post(detail(approval, "approval-decline"), fields), "Say why", status_code=409)
    client.post(detail(approval, "approval-decline"), fields | {"reason": "Half is enough <b>"})
    people.log_in(client, office.buyer)
    page = client.get(detail(approval))
    assertContains(page, "Half is enough &lt;b&gt;")
    client.post(detail(approval, "approval-change"))
    assert CartLine.objects.get().quantity == 10
    approval.refresh_from_db()
    assert approval.state == ApprovalState.TAKEN_BACK


def test_a_colleague_may_read_it_and_decides_nothing(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    people.acting(client, office.sold_to)
    assert client.get(detail(approval)).status_code == 200
    fields = {"shown": str(approvals.shown(approval)), "reason": "No"}
    for name in ("approval-approve", "approval-decline"):
        assert client.post(detail(approval, name), fields).status_code == 403
    assert client.post(detail(approval, "approval-change")).status_code == 409
    approval.refresh_from_db()
    assert approval.is_waiting


def test_a_foreign_approval_looks_exactly_like_a_missing_one(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    people.acting(client, role=Role.ADMIN)
    fields = {"shown": str(approvals.shown(approval)), "reason": "No"}
    for name in ("approval-approve", "approval-decline", "approval-change"):
        foreign = client.post(detail(approval, name), fields)
        missing = client.post(reverse(name, kwargs={"number": "WEB-01J00000000000000000000000"}), fields)
        assert (foreign.status_code, missing.status_code) == (404, 404)
    assert client.get(detail(approval)).status_code == 404
    approval.refresh_from_db()
    assert approval.is_waiting


def test_a_rep_who_acts_for_the_customer_reads_and_never_approves(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    people.log_in(client, people.assisting(office.sold_to))
    assert client.get(detail(approval)).status_code == 200
    fields = {"shown": str(approvals.shown(approval)), "reason": "No"}
    for name in ("approval-approve", "approval-decline"):
        assertContains(client.post(detail(approval, name), fields), "approvals", status_code=403)
    approval.refresh_from_db()
    assert approval.is_waiting


def test_whoever_comes_from_the_mail_logs_in_and_is_back_on_the_page(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    answer = client.get(detail(approval) + "?src=email")
    assert answer.status_code == 302
    assert "next=/approvals/" in answer.headers["Location"]


def test_where_nobody_can_approve_the_page_says_who_must_act(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    for actor in (office.approver, office.second, office.admin):
        assert actor.membership is not None
        actor.membership.is_active = False
        actor.membership.save()
    rep = people.rep(office.sold_to)
    people.log_in(client, office.buyer)
    page = client.get(detail(approval))
    assertContains(page, "Nobody can approve it at the moment")
    assertContains(page, str(rep))


def test_the_page_and_the_list_cost_the_same_for_one_and_for_many(client: Client, office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    people.log_in(client, office.approver)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught.captured_queries)

    one = cost(reverse("approval-list"))
    assert cost(detail(approval)) <= 20
    for _number in range(3):
        approvals.waiting(office.buyer)
    assert cost(reverse("approval-list")) == one


def test_a_company_without_rules_has_no_menu_of_approvals_and_pays_no_question(client: Client) -> None:
    actor = people.acting(client)
    with CaptureQueriesContext(connection) as caught:
        page = client.get("/")
    assert not SoldTo.objects.get(pk=actor.sold_to.pk).has_rules
    assertNotContains(page, 'class="badge attention"')
    assert not [one["sql"] for one in caught.captured_queries if "shop_approval" in one["sql"]]
