"""A rep acts for his customer: who may, for how long, what stays shut, what is left behind."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from accounts import assisted, permissions, sessions
from accounts.actors import who_of
from accounts.errors import AssistedDenied, NotPermitted
from accounts.models import AssistedSession, AuditEntry, RepAssignment, User
from accounts.permissions import Action
from accounts.signals import Fact
from tests.builders import people

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)


def begin(client: Client, rep: User, number: str, reason: str = "Called us") -> None:
    """Start an assisted session through its page."""
    client.force_login(rep)
    response = client.post(reverse("assisted-start", args=[number]), {"reason": reason})
    assert response.status_code == 302, response.content


def test_start_leaves_session_audit_entry_and_fact(facts: list[Fact]) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    started = assisted.start(rep=rep, sold_to=company, reason=" Asked  by phone ", now=START, ip="10.0.0.9")
    assert (started.reason, started.expires_at) == (
        "Asked by phone",
        START + dt.timedelta(minutes=60),
    )
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_key, entry.sold_to, entry.assisted, entry.ip) == (
        "assisted_start",
        rep.person_key,
        company,
        started,
        "10.0.0.9",
    )
    [fact] = facts
    assert (fact.event_id, fact.kind) == (
        f"impersonation_start:{started.pk}",
        "impersonation_start",
    )
    assert (fact.who.actor, fact.who.impersonator_id) == ("rep", str(rep.person_key))
    assert fact.who.account_id == company.erp_id


def test_audit_entry_is_committed_before_the_session_may_be_used(client: Client) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    begin(client, rep, company.number)
    entry = AuditEntry.objects.get(action="assisted_start")
    assert client.session[sessions.ASSISTED] == entry.assisted_id


@pytest.mark.parametrize("reason", ["", "  ", "ab"])
def test_start_without_a_reason_is_refused_and_leaves_nothing(reason: str) -> None:
    company = people.sold_to()
    with pytest.raises(AssistedDenied, match="why"):
        assisted.start(rep=people.rep(company), sold_to=company, reason=reason, now=START)
    assert not AssistedSession.objects.exists()
    assert not AuditEntry.objects.exists()


def test_start_for_a_customer_of_another_rep_is_refused() -> None:
    with pytest.raises(AssistedDenied, match="not assigned"):
        assisted.start(rep=people.rep(), sold_to=people.sold_to(), reason="Called us", now=timezone.now())
    assert not AssistedSession.objects.exists()


def test_start_by_somebody_who_is_no_rep_is_refused() -> None:
    company = people.sold_to()
    people.rep(company)
    with pytest.raises(AssistedDenied, match="Only a sales rep"):
        assisted.start(rep=people.manager(), sold_to=company, reason="Called us", now=timezone.now())


def test_start_for_a_company_of_our_own_people_is_refused() -> None:
    company = people.sold_to()
    people.member(company, people.manager())
    with pytest.raises(AssistedDenied, match="People of our own"):
        assisted.start(rep=people.rep(company), sold_to=company, reason="Called us", now=timezone.now())
    assert not AssistedSession.objects.exists()


def test_a_second_session_is_refused_while_one_is_open() -> None:
    one, two = people.sold_to(), people.sold_to()
    rep = people.rep(one, two)
    now = timezone.now()
    assisted.start(rep=rep, sold_to=one, reason="Called us", now=now)
    with pytest.raises(AssistedDenied, match=one.name):
        assisted.start(rep=rep, sold_to=two, reason="Called us", now=now + dt.timedelta(minutes=5))
    assert AssistedSession.objects.count() == 1


def test_a_forgotten_session_does_not_stand_in_the_way() -> None:
    one, two = people.sold_to(), people.sold_to()
    rep = people.rep(one, two)
    now = timezone.now()
    first = assisted.start(rep=rep, sold_to=one, reason="Called us", now=now)
    assisted.start(rep=rep, sold_to=two, reason="Called us", now=now + dt.timedelta(minutes=15))
    first.refresh_from_db()
    assert first.end_cause == "idle"


def test_foreign_and_missing_customers_give_the_same_page(client: Client) -> None:
    foreign = people.sold_to()
    client.force_login(people.rep(people.sold_to()))
    answers = [
        client.post(reverse("assisted-start", args=[n]), {"reason": "Called us"}) for n in (foreign.number, "no")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not AssistedSession.objects.exists()


def test_a_buyer_has_no_desk(client: Client) -> None:
    actor = people.acting(client)
    paths = [reverse("rep-desk"), reverse("assisted-start", args=[actor.sold_to.number])]
    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_start_needs_a_post(client: Client) -> None:
    company = people.sold_to()
    client.force_login(people.rep(company))
    assert client.get(reverse("assisted-start", args=[company.number])).status_code == 200
    assert not AssistedSession.objects.exists()


def test_session_key_changes_at_start_and_at_end_and_the_log_in_stays(client: Client) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    client.force_login(rep)
    keys = [client.session.session_key]
    client.post(reverse("assisted-start", args=[company.number]), {"reason": "Called us"})
    keys.append(client.session.session_key)
    client.post(reverse("assisted-end"))
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert rep.live_sessions.get().session_key == keys[-1]
    assert AssistedSession.objects.get().end_cause == "ended"


def test_the_rep_stays_himself_and_the_buyer_did_not_log_in(client: Client, facts: list[Fact]) -> None:
    company = people.sold_to()
    buyer = people.buyer(company)
    rep = people.rep(company)
    begin(client, rep, company.number)
    actor = client.get(reverse("rep-desk")).wsgi_request.actor  # type: ignore[attr-defined] # set by the middleware
    assert (actor.user, actor.rep, actor.sold_to, actor.channel) == (
        rep,
        rep,
        company,
        "web_assisted",
    )
    buyer.user.refresh_from_db()
    assert buyer.user.last_login is None
    assert {fact.who.actor for fact in facts} == {"rep"}
    assert [fact.kind for fact in facts if fact.who.user_id == str(buyer.user.person_key)] == []


def test_facts_of_an_assisted_actor_name_the_rep_twice() -> None:
    actor = people.assisting()
    who = who_of(actor)
    assert (who.actor, who.user_id, who.impersonator_id) == (
        "rep",
        str(actor.user.person_key),
        str(actor.user.person_key),
    )


@pytest.mark.parametrize(("minutes", "cause"), [([14, 28, 42, 56, 60], "expired"), ([14, 30], "idle")])
def test_session_ends_after_60_minutes_or_15_idle_ones(client: Client, minutes: list[int], cause: str) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        begin(client, rep, company.number)
    for after in minutes:
        with time_machine.travel(now + dt.timedelta(minutes=after), tick=False):
            response = client.get(reverse("rep-desk"))
        is_over = after == minutes[-1]
        assert (response.wsgi_request.actor is None) is is_over  # type: ignore[attr-defined] # see above
    assert AssistedSession.objects.get().end_cause == cause
    assert AuditEntry.objects.filter(action="assisted_end").count() == 1
    assert sessions.ASSISTED not in client.session


def test_session_ends_when_the_customer_is_given_to_another_rep(client: Client) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    begin(client, rep, company.number)
    RepAssignment.objects.update(to_on=timezone.now().date() - dt.timedelta(days=2))
    client.get(reverse("rep-desk"))
    assert AssistedSession.objects.get().end_cause == "unassigned"


def test_session_ends_with_the_log_in_of_the_rep(client: Client, facts: list[Fact]) -> None:
    company = people.sold_to()
    begin(client, people.rep(company), company.number)
    client.post(reverse("account_logout"))
    assert AssistedSession.objects.get().end_cause == "signed_out"
    assert [fact.kind for fact in facts][-2:] == ["impersonation_end", "logout"]


def test_sweep_closes_what_no_browser_came_back_for() -> None:
    company = people.sold_to()
    now = timezone.now()
    assisted.start(rep=people.rep(company), sold_to=company, reason="Called us", now=now)
    assert assisted.end_overdue(now=now + dt.timedelta(minutes=14)) == 0
    assert assisted.end_overdue(now=now + dt.timedelta(minutes=15)) == 1
    assert assisted.end_overdue(now=now + dt.timedelta(minutes=16)) == 0


def test_end_is_recorded_once() -> None:
    company = people.sold_to()
    session = people.assisted_session(people.rep(company), company)
    ends = [assisted.end(assisted=session, cause="ended", now=timezone.now()) for _ in range(2)]
    assert ends == [True, False]
    assert AuditEntry.objects.filter(action="assisted_end").count() == 1


def test_another_rep_cannot_use_the_session_of_the_first(client: Client) -> None:
    company = people.sold_to()
    session = people.assisted_session(people.rep(company), company)
    client.force_login(people.rep(company))
    store = client.session
    store[sessions.ASSISTED] = session.pk
    store.save()
    response = client.get(reverse("rep-desk"))
    assert response.wsgi_request.actor is None  # type: ignore[attr-defined] # see above


# What a customer asks for on the telephone; everything else stays with him (reliability A7).
BY_TELEPHONE = {
    Action.ORDER, Action.REQUEST_QUOTE, Action.ACCEPT_QUOTE, Action.CANCEL, Action.RETURN, Action.EXPORT,
}  # fmt: skip


@pytest.mark.parametrize("action", [action for action in Action if action not in BY_TELEPHONE])
def test_a_rep_may_order_for_the_customer_and_nothing_else(action: Action) -> None:
    actor = people.assisting()
    assert permissions.may(actor, Action.ORDER)
    assert not permissions.may(actor, action)
    with pytest.raises(NotPermitted, match="stay with the customer"):
        permissions.require(actor, action)


def shut_routes() -> list[str]:
    """Return the path of every route that must be shut, taken from the URLconf: nothing can be forgotten."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str, *, in_admin: bool) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(
                    pattern.url_patterns,
                    prefix + str(pattern.pattern),
                    in_admin=in_admin or pattern.app_name == "admin",
                )
            elif in_admin or _is_own_page(pattern):
                found.append(prefix + str(pattern.pattern))

    walk(get_resolver().url_patterns, "/", in_admin=False)
    return found


def _is_own_page(pattern: URLPattern) -> bool:
    name = pattern.name or ""
    if name == "account_logout":
        return False
    return name.startswith(("account_", "mfa_")) or name in {
        "profile",
        "company-switch",
        "people",
        "person-invite",
        "person-disable",
        "person-enable",
        "invitation-resend",
        "invitation-revoke",
        "person-edit",
        "rule-list",
        "rule-new",
        "rule-own",
        "rule-edit",
        "rule-remove",
        "centre-list",
        "centre-new",
        "centre-edit",
        "company-places",
        "approval-approve",
        "approval-decline",
    }


def test_every_page_of_credentials_people_and_admin_is_shut(client: Client) -> None:
    company = people.sold_to()
    begin(client, people.rep(company), company.number)
    paths = [path for path in shut_routes() if "<" not in path and "(" not in path and "^" not in path]
    assert len(paths) > 25, paths
    before = AuditEntry.objects.count()
    for path in paths:
        # To the administration's pages test_bola_matrix posts.
        posted = [] if path.startswith("/admin/") else [client.post(path, {"email": "x@example.com"})]
        for response in (client.get(path), *posted):
            assert response.status_code == 403, (path, response.status_code)
            assert b"acting for" in response.content, path
    assert AuditEntry.objects.count() == before
    assert len(shut_routes()) > len(paths)  # those with a key in the address:
    for path in (
        "/account/people/1/disable/",
        "/approvals/WEB-1/approve/",
        "/approvals/WEB-1/decline/",
        "/company/people/1/",
        "/company/rules/1/remove/",
        "/accounts/password/reset/key/1-x/",
        "/admin/accounts/user/1/change/",
    ):
        assert permissions.is_denied_while_assisted(resolve(path)), path
        assert client.post(path).status_code == 403


def test_the_desk_the_log_out_and_the_end_stay_open(client: Client) -> None:
    company = people.sold_to()
    begin(client, people.rep(company), company.number)
    assert client.get(reverse("rep-desk")).status_code == 200
    assert client.post(reverse("assisted-end")).status_code == 302
