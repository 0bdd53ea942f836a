"""Five customers a week: chosen by what could move, drawn in pairs, invited with one click, judged beside controls."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SoldTo
from accounts.selectors import company_day
from accounts.signals import Fact, Who, account_fact, announce
from adoption.books import rollups
from adoption.coaching import services
from adoption.coaching.choosing import Candidate, candidates, choose, monday_of
from adoption.coaching.errors import NotInvited
from adoption.coaching.models import Nudge
from adoption.coaching.selectors import Outcome, outcomes, usual_order
from adoption.coaching.words import reason_words
from adoption.facts import book as read_book
from adoption.metrics.facts import Book
from adoption.reports.numbers.by_facts import ByFacts
from erp_sync.mirror.models import Item, Order
from shop.notices.models import Notice
from tests.adoption.metrics.builders import account, book, event, order
from tests.adoption.reports.test_report import erp_order, submitted
from tests.builders import people

WEEK = dt.date(2026, 11, 16)


def some(count: int, rep: str = "R1") -> list[Candidate]:
    return [Candidate(f"{rep}-A{n:02}", rep, "never", Decimal(1000 - n)) for n in range(count)]


def ranked(known: Book, share: dict[str, Decimal]) -> list[Candidate]:
    return candidates(known, sold_online=share, habits=services.habits_of(ByFacts(known, known, known)))


def test_each_rep_has_five_calls_and_five_controls_of_similar_effect() -> None:
    chosen = choose([*some(30), *some(4, "R2")], week_on=WEEK, resting=())
    first = [one for one in chosen if one.candidate.rep_id == "R1"]
    assert (len(first), sum(one.is_control for one in first)) == (10, 5)
    for pair in range(1, 6):
        two = [one for one in first if one.pair == pair]
        assert sorted(one.is_control for one in two) == [False, True]
        assert abs(two[0].candidate.expected - two[1].candidate.expected) == 1
    assert sum(one.candidate.rep_id == "R2" for one in chosen) == 4


def test_draw_is_the_same_whenever_it_is_made_and_another_one_next_week() -> None:
    now = choose(some(10), week_on=WEEK, resting=())
    assert now == choose(some(10), week_on=WEEK, resting=())
    later = [choose(some(10), week_on=WEEK + dt.timedelta(weeks=n), resting=()) for n in range(1, 9)]
    assert any([one.is_control for one in week] != [one.is_control for one in now] or week != now for week in later)


def test_who_was_chosen_lately_rests() -> None:
    chosen = choose(some(4), week_on=WEEK, resting={"R1-A00", "R1-A01"})
    assert {one.candidate.account_id for one in chosen} == {"R1-A02", "R1-A03"}


def test_last_one_without_a_neighbour_is_called_without_a_control() -> None:
    chosen = choose(some(3), week_on=WEEK, resting=())
    assert [one.is_control for one in chosen if one.pair == 2] == [False]


def test_expected_effect_is_the_offline_value_of_what_the_shop_sells() -> None:
    rows = [
        order("P1", "2024-12-01T10:00", "phone"),
        order("P2", "2024-12-02T10:00", "phone"),
        order("W1", "2024-12-03T10:00", "web_self"),
        order("P0", "2024-01-03T10:00", "phone"),
        order("E1", "2024-12-03T10:00", "edi"),
    ]
    found = ranked(book(rows), {"P1": Decimal(1), "P2": Decimal("0.5"), "W1": Decimal(1)})
    assert [(one.account_id, one.expected, one.reason) for one in found] == [("A1", Decimal(15), "never")]
    assert found[0].facts == {"orders": "2", "channel": "phone", "share": "75"}


def test_reason_follows_what_is_known() -> None:
    rows = [order("P1", "2024-12-01T10:00", "phone")]
    share = {"P1": Decimal(1)}
    seen = [event("e", "2024-12-01T09:00", "login")]
    assert ranked(book(rows, events=seen), share)[0].reason == "phones"
    gone = [event(f"e{n}", f"2024-10-{n:02}T09:00", "login") for n in range(1, 20)]
    assert ranked(book(rows, events=gone), share)[0].reason == "decay"
    online = [order(f"W{n}", f"2024-07-{n + 1:02}T10:00", "web_self") for n in range(4)]
    offline = [order("P1", "2024-12-01T10:00", "phone"), order("P2", "2024-12-02T10:00", "phone")]
    assert ranked(book([*online, *offline]), share)[0].reason == "leaked"
    assert not ranked(book(rows, accounts=[account(since=None)]), share)


def test_reason_is_told_in_words() -> None:
    words = reason_words("never", {"orders": "13", "channel": "phone", "share": "92"})
    assert words == "orders weekly (Phone), 92 % of the value is in the shop; never logged in"


# --- with the database ---


def sold(sku: str = "A") -> Item:
    now = timezone.now()
    return Item.objects.create(erp_id=f"i-{sku}", sku=sku, version=now, synced_at=now)


def phoning(count: int = 2) -> list[SoldTo]:
    """Companies that order by phone what the shop sells; the first one the most."""
    companies = [people.sold_to() for _n in range(count)]
    for number, company in enumerate(companies):
        placed = erp_order(company, hint="phone", net=str(100 - number))
        Order.objects.filter(pk=placed.pk).update(placed_at=timezone.now() - dt.timedelta(days=3))
    return companies


@pytest.mark.django_db
def test_calls_are_the_same_by_facts_and_by_sums() -> None:
    sold()
    phoning(count=4)
    told, now = [], timezone.now()
    fields = ("account_id", "reason", "expected", "facts", "is_control")
    for _way in ("facts", "sums"):
        assert services.choose_week(now=now) == 2
        told.append(list(Nudge.objects.order_by("account_id").values(*fields)))
        Nudge.objects.all().delete()
        rollups.rebuild(frame=rollups.Frame.at(now), now=now)
    assert told[0] == told[1]


@pytest.mark.django_db
def test_week_is_chosen_once() -> None:
    sold()
    phoning(count=4)
    assert services.choose_week(now=timezone.now()) == 2
    assert services.choose_week(now=timezone.now()) == 0
    assert Nudge.objects.count() == 4
    assert Nudge.objects.filter(is_control=True).count() == 2


@pytest.mark.django_db
def test_what_the_shop_does_not_sell_moves_nobody() -> None:
    phoning(count=2)
    assert services.choose_week(now=timezone.now()) == 0


@pytest.mark.django_db
def test_page_is_looked_at_without_choosing_and_chooses_when_asked(client: Client) -> None:
    sold()
    phoning(count=2)
    client.force_login(people.manager())
    page = reverse("admin:adoption_section", kwargs={"section": "coaching"})
    assert "Choose this week" in client.get(page).content.decode()
    assert client.get(reverse("admin:adoption_nudge_choose")).status_code == 405
    assert not Nudge.objects.exists()
    shown = client.post(reverse("admin:adoption_nudge_choose"), follow=True).content.decode()
    assert "1 customers to call" in shown
    assert "never logged in" in shown
    nudged, control = Nudge.objects.get(is_control=False), Nudge.objects.get(is_control=True)
    assert SoldTo.objects.get(erp_id=nudged.account_id).name in shown
    assert SoldTo.objects.get(erp_id=control.account_id).name not in shown
    table = reverse("admin:adoption_table", kwargs={"section": "coaching", "table": "calls"})
    assert b"never logged in" in b"".join(client.get(table))


def nudge_of(company: SoldTo, **more: object) -> Nudge:
    given = {"week_on": monday_of(company_day(timezone.now())), "pair": 1, "is_control": False, "reason": "never"}
    return Nudge.objects.create(
        account_id=company.erp_id, expected=Decimal(10), chosen_at=timezone.now(), **(given | more)
    )


@pytest.mark.django_db
def test_company_with_log_ins_is_told_of_its_usual_order_once(client: Client) -> None:
    buyer = people.buyer()
    first = erp_order(buyer.sold_to, hint="phone")
    nudge = nudge_of(buyer.sold_to)
    client.force_login(people.manager())
    for _time in range(2):
        client.post(reverse("admin:adoption_nudge_invite", kwargs={"nudge": nudge.pk}))
    notice = Notice.objects.get()
    assert (notice.person, notice.event) == (buyer.user, "usual_order")
    assert notice.path == f"/orders/{first.number}/reorder/"
    nudge.refresh_from_db()
    assert nudge.invited_at is not None


@pytest.mark.django_db
def test_company_without_log_in_leads_to_its_invitation(client: Client) -> None:
    company = people.sold_to()
    nudge = nudge_of(company)
    client.force_login(people.manager())
    answer = client.post(reverse("admin:adoption_nudge_invite", kwargs={"nudge": nudge.pk}))
    assert answer["Location"].startswith(reverse("admin:accounts_invitation_add"))
    assert f"sold_to={company.pk}" in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.django_db
def test_control_is_never_invited() -> None:
    buyer = people.buyer()
    erp_order(buyer.sold_to, hint="phone")
    with pytest.raises(NotInvited, match="left alone"):
        services.invite(nudge=nudge_of(buyer.sold_to, is_control=True), by=people.manager(), now=timezone.now())
    assert not Notice.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["rep", "buyer"])
def test_others_do_not_invite_there(client: Client, who: str) -> None:
    nudge = nudge_of(people.sold_to())
    client.force_login(people.rep() if who == "rep" else people.buyer().user)
    assert client.post(reverse("admin:adoption_nudge_invite", kwargs={"nudge": nudge.pk})).status_code in {
        302,
        403,
        404,
    }
    nudge.refresh_from_db()
    assert nudge.invited_at is None


@pytest.mark.django_db
def test_usual_order_is_the_latest_of_what_comes_most_often() -> None:
    company = people.sold_to()
    erp_order(company, hint="phone")
    second = erp_order(company, hint="phone")
    odd = erp_order(company, hint="phone")
    odd.lines.update(sku="B")
    assert usual_order(company, now=timezone.now()) == second.number


def told() -> tuple[Outcome, Outcome]:
    book = read_book(as_of=timezone.now())
    days = ByFacts(book, book, book).online_days
    return outcomes(today=book.today, accounts=book.accounts, online_days=days)


@pytest.mark.django_db
def test_nudged_ones_are_judged_beside_controls_when_the_28_days_are_over() -> None:
    moved, left, early, alone = (people.sold_to() for _n in range(4))
    today = read_book(as_of=timezone.now()).today
    week_on = monday_of(today) - dt.timedelta(weeks=8)
    nudge_of(moved, week_on=week_on)
    nudge_of(left, week_on=week_on, is_control=True)
    nudge_of(early, week_on=monday_of(today))
    nudge_of(alone, week_on=monday_of(today), is_control=True)
    nudge_of(early, week_on=week_on, pair=2)
    submitted(moved, "WEB-1")
    placed = erp_order(moved, hint="shop", reference="WEB-1")
    at = dt.datetime.combine(week_on + dt.timedelta(days=28), dt.time(12), dt.UTC)
    Order.objects.filter(pk=placed.pk).update(placed_at=at)
    nudged, control = told()
    assert (nudged.n, nudged.moved, nudged.share, nudged.early) == (1, 1, 1, 1)
    assert (control.n, control.moved, control.share, control.early) == (1, 0, 0, 1)
    Order.objects.filter(pk=placed.pk).update(placed_at=at + dt.timedelta(days=1))
    assert told()[0].moved == 0


@pytest.mark.django_db
def test_nobody_judged_is_a_dash() -> None:
    assert [one.share for one in told()] == [None, None]


@pytest.mark.django_db
def test_logged_in_people_are_seen() -> None:
    sold()
    (company,) = phoning(count=1)
    who = Who(account_id=company.erp_id, user_id="u", actor="buyer")
    announce(account_fact, Fact("login:1", "login", timezone.now() - dt.timedelta(days=1), who))
    services.choose_week(now=timezone.now())
    assert Nudge.objects.get().reason == "phones"


@pytest.mark.django_db
def test_rep_sees_and_invites_his_own_only(client: Client) -> None:
    mine, theirs = people.buyer(), people.buyer()
    erp_order(mine.sold_to, hint="phone")
    rep = people.rep(mine.sold_to)
    own = nudge_of(mine.sold_to, rep_id=str(rep.person_key))
    hidden = nudge_of(people.sold_to(), rep_id=str(rep.person_key), is_control=True)
    foreign = nudge_of(theirs.sold_to, rep_id="somebody else")
    client.force_login(rep)
    shown = client.get(reverse("rep-week")).content.decode()
    assert mine.sold_to.name in shown
    assert theirs.sold_to.name not in shown
    for other in (hidden, foreign):
        assert client.post(reverse("rep-week-invite", kwargs={"nudge": other.pk})).status_code == 404
    client.post(reverse("rep-week-invite", kwargs={"nudge": own.pk}))
    assert Notice.objects.get().person == mine.user


@pytest.mark.django_db
def test_rep_cannot_invite_a_first_person(client: Client) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    nudge = nudge_of(company, rep_id=str(rep.person_key))
    client.force_login(rep)
    shown = client.post(reverse("rep-week-invite", kwargs={"nudge": nudge.pk}), follow=True).content.decode()
    assert "Ask your manager" in shown
    nudge.refresh_from_db()
    assert nudge.invited_at is None
