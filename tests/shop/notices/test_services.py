"""Who is told, once, as he wishes."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Membership, RepAssignment, SoldTo, User
from accounts.signals import announce
from shop.notices import selectors, services
from shop.notices.events import ALL
from shop.notices.models import Channel, Notice, Preference
from shop.notices.times import next_morning
from shop.signals import shop_told
from tests.builders import people
from tests.builders.notices import told

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def told_people() -> set[User]:
    return {notice.person for notice in Notice.objects.select_related("person")}


def test_all_active_people_of_the_company_are_told_and_nobody_else() -> None:
    actor, other = people.buyer(), people.buyer()
    colleague = people.member(actor.sold_to).user
    gone = people.member(actor.sold_to)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    disabled = people.member(actor.sold_to).user
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    people.rep(actor.sold_to)
    services.tell(told=told("order_cancelled", actor.sold_to, at=NOW), now=NOW)
    assert told_people() == {actor.user, colleague}
    assert other.user not in told_people()


def test_reps_of_today_are_told_once_each() -> None:
    company = people.sold_to()
    ana = people.rep(company)
    RepAssignment.objects.create(rep=ana, sold_to=company, from_on=NOW.date() - dt.timedelta(days=3))
    former = people.rep(company)
    RepAssignment.objects.filter(rep=former).update(to_on=NOW.date() - dt.timedelta(days=2))
    people.member(company)
    services.tell(told=told("quote_asked", company, at=NOW, audience="rep"), now=NOW)
    assert [notice.person for notice in Notice.objects.all()] == [ana]


def test_a_person_is_told_only_while_he_has_to_do_with_the_company() -> None:
    actor = people.buyer()
    for person in (actor.user, people.buyer().user, people.rep(), people.person(is_active=False)):
        services.tell(told=told("order_changed", actor.sold_to, at=NOW, audience="person", person=person), now=NOW)
    assert told_people() == {actor.user}


def test_nobody_of_a_closed_company_is_told() -> None:
    actor = people.buyer()
    SoldTo.objects.filter(pk=actor.sold_to.pk).update(is_active=False)
    assert services.tell(told=told("order_changed", actor.sold_to, at=NOW), now=NOW) == 0


def test_told_twice_is_one_notice() -> None:
    actor = people.buyer()
    fact = told("order_shipped", actor.sold_to, at=timezone.now(), key="delivery:1")
    announce(shop_told, fact)
    announce(shop_told, fact)
    assert Notice.objects.count() == 1


def test_what_is_older_than_a_day_when_it_is_first_heard_of_is_kept_as_read_without_a_mail() -> None:
    actor = people.buyer()
    services.tell(told=told("order_shipped", actor.sold_to, at=NOW - dt.timedelta(hours=25)), now=NOW)
    services.tell(told=told("order_shipped", actor.sold_to, at=NOW - dt.timedelta(hours=23)), now=NOW)
    assert list(Notice.objects.order_by("occurred_at").values_list("read_at", "mail", "mail_due_at")) == [
        (NOW, "", None),
        (None, "mail", NOW),
    ]


@pytest.mark.parametrize(
    ("channel", "is_shown", "mail", "due_at"),
    [
        (Channel.MAIL, True, "mail", NOW),
        (Channel.DIGEST, True, "digest", next_morning(NOW)),
        (Channel.IN_APP, True, "", None),
        (Channel.OFF, False, "", None),
    ],
)
def test_each_is_told_as_he_wishes(channel: Channel, is_shown: bool, mail: str, due_at: dt.datetime | None) -> None:  # noqa: FBT001
    actor = people.buyer()
    services.choose(person=actor.user, chosen={"order_late": channel}, now=NOW)
    services.tell(told=told("order_late", actor.sold_to, at=NOW), now=NOW)
    notice = Notice.objects.get()
    assert (notice.is_shown, notice.mail, notice.mail_due_at) == (is_shown, mail, due_at)


def test_a_wish_is_of_one_person_and_one_event() -> None:
    actor = people.buyer()
    colleague = people.member(actor.sold_to).user
    services.choose(person=actor.user, chosen={"order_late": "off"}, now=NOW)
    for event in ("order_late", "order_shipped"):
        services.tell(told=told(event, actor.sold_to, at=NOW), now=NOW)
    assert set(Notice.objects.filter(mail="mail").values_list("person", "event")) == {
        (actor.user.pk, "order_shipped"),
        (colleague.pk, "order_shipped"),
        (colleague.pk, "order_late"),
    }


@pytest.mark.parametrize("event", [event.key for event in ALL if event.is_money])
@pytest.mark.parametrize("wish", ["off", "in_app"])
def test_money_is_never_silent(event: str, wish: str) -> None:
    actor = people.buyer()
    services.choose(person=actor.user, chosen={event: wish}, now=NOW)
    assert Preference.objects.count() == 0
    Preference.objects.create(person=actor.user, event=event, channel=wish)  # even if somebody wrote it past us
    services.tell(told=told(event, actor.sold_to, at=NOW), now=NOW)
    assert Notice.objects.get().mail == "mail"


def test_mails_that_wait_follow_a_new_wish() -> None:
    actor = people.buyer()
    services.tell(told=told("order_late", actor.sold_to, at=NOW), now=NOW)
    notice = Notice.objects.get()
    services.choose(person=actor.user, chosen={"order_late": "digest"}, now=NOW)
    notice.refresh_from_db()
    assert (notice.mail, notice.mail_due_at) == ("digest", next_morning(NOW))
    services.choose(person=actor.user, chosen={"order_late": "in_app"}, now=NOW)
    notice.refresh_from_db()
    assert (notice.mail, notice.mail_due_at) == ("", None)


def test_a_buyer_sees_what_is_of_the_company_he_acts_for_and_a_rep_what_is_of_his_customers() -> None:
    actor = people.buyer()
    second = people.member(people.sold_to(), actor.user)
    rep = people.rep(actor.sold_to, second.sold_to)
    for company in (actor.sold_to, second.sold_to):
        services.tell(told=told("order_late", company, at=NOW), now=NOW)
        services.tell(told=told("quote_asked", company, at=NOW, audience="rep"), now=NOW)
    mine = selectors.notices_of(user=actor.user, actor=actor, now=NOW)
    assert [notice.sold_to for notice in mine] == [actor.sold_to]
    RepAssignment.objects.filter(rep=rep, sold_to=second.sold_to).update(to_on=NOW.date() - dt.timedelta(days=2))
    his = selectors.notices_of(user=rep, actor=None, now=NOW)
    assert [notice.sold_to for notice in his] == [actor.sold_to]
    assert not selectors.notices_of(user=people.manager(), actor=None, now=NOW).exists()


def test_old_notices_are_forgotten() -> None:
    actor = people.buyer()
    services.tell(told=told("order_late", actor.sold_to, at=NOW), now=NOW - dt.timedelta(days=400))
    services.tell(told=told("order_late", actor.sold_to, at=NOW), now=NOW)
    assert services.forget_old(now=NOW) == 1
    assert Notice.objects.count() == 1


def test_an_erased_name_goes_from_what_others_were_told_and_words_that_hold_it_stay() -> None:
    actor = people.buyer()
    services.tell(told=told("message", actor.sold_to, at=NOW), now=NOW)
    said = {"person": "Ana", "note": "Ana wants banAnas and Anabel too", "lines": "2"}
    Notice.objects.update(params=said)
    services.forget_name(name="Ana")
    assert Notice.objects.get().params == said | {"person": "—", "note": "— wants banAnas and Anabel too"}
