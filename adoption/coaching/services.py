"""Chooses the week, and invites."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, SoldTo, User
from accounts.signals import announce
from adoption import facts
from adoption.books import rollups
from adoption.books.rollups import Frame
from adoption.coaching import selectors
from adoption.coaching.choosing import WINDOW_DAYS, Chosen, Habits, candidates, choose, monday_of, offline_orders
from adoption.coaching.errors import NotInvited
from adoption.coaching.models import AccountScore, Nudge
from adoption.metrics.period import days_before
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.by_facts import ByFacts
from adoption.reports.numbers.by_sums import BySums
from shop.signals import Told, shop_told


def choose_week(*, now: dt.datetime) -> int:
    """Choose this week's customers, once; return how many calls were added. Doing it again changes nothing."""
    numbers = _numbers(now)
    week_on = monday_of(numbers.book.today)
    with transaction.atomic():
        if selectors.week(week_on).exists():
            return 0
        recent = numbers.book_of_orders(days_before(numbers.book.today, WINDOW_DAYS))
        orders = [order for own in offline_orders(recent).values() for order in own]
        found = candidates(recent, sold_online=selectors.sold_online(orders), habits=habits_of(numbers))
        rows = [_row(one, week_on, now) for one in choose(found, week_on=week_on, resting=selectors.resting(week_on))]
        Nudge.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(not row.is_control for row in rows)


def habits_of(numbers: BySums | ByFacts) -> Habits:
    """Return what the facts tell of everybody's habits."""
    return Habits(frozenset(numbers.alerts().channel_leak), frozenset(numbers.silent()), numbers.seen())


def _numbers(now: dt.datetime) -> BySums | ByFacts:
    """Return the sums of all customers, brought up to date; of an instant before they were made, the facts."""
    frame, last = Frame.at(now), rollups.last_run()
    if last is None or last.ran_at > now:
        whole = facts.book(as_of=frame.as_of, settings=frame.settings, own=frame.company, with_lines=False)
        return ByFacts(whole, whole, whole)
    rollups.bring_up_to_date(frame=frame, now=now)
    book = facts.frame_book(as_of=frame.as_of, settings=frame.settings, own=frame.company)
    return BySums(Asked(book, is_narrow=False, channel=""))


def _row(one: Chosen, week_on: dt.date, now: dt.datetime) -> Nudge:
    return Nudge(
        week_on=week_on,
        account_id=one.candidate.account_id,
        rep_id=one.candidate.rep_id,
        pair=one.pair,
        is_control=one.is_control,
        reason=one.candidate.reason,
        facts=dict(one.candidate.facts),
        expected=one.candidate.expected,
        chosen_at=now,
    )


def keep_scores(*, now: dt.datetime) -> int:
    """Keep every account's adoption score of now for the reps' desks; return how many there are."""
    rows = [
        AccountScore(account_id=account, score=one.value, band=one.band, as_of=now)
        for account, one in _numbers(now).scores().items()
    ]
    with transaction.atomic():
        AccountScore.objects.all().delete()
        AccountScore.objects.bulk_create(rows)
    return len(rows)


def invite(*, nudge: Nudge, by: User, now: dt.datetime) -> str:
    """Invite a company to its usual order; return the address of the invitation page when it has no log-in yet.

    People who may order get a notice that opens their usual order, ready to be confirmed line by line. Inviting twice
    tells once.

    Raises:
        NotInvited: it is left alone to compare with, or there is nothing to order again.
    """
    if nudge.is_control:
        raise NotInvited(_("This customer is left alone this month, to compare with. Nothing was sent."))
    sold_to = SoldTo.objects.filter(erp_id=nudge.account_id).first()
    if sold_to is None:
        raise NotInvited(_("This customer is not in the shop. Take the company over from the ERP first."))
    has_log_in = Membership.objects.filter(sold_to=sold_to, is_active=True, user__is_active=True).exists()
    if not has_log_in and not by.is_manager and not by.is_superuser:
        raise NotInvited(_("Nobody of this company has a log-in yet. Ask your manager to invite the first person."))
    with transaction.atomic():
        if has_log_in:
            _tell(nudge, sold_to, now)
        Nudge.objects.filter(pk=nudge.pk, invited_at=None).update(invited_at=now, invited_by=str(by.person_key))
    return "" if has_log_in else _invitation_page(sold_to)


def _tell(nudge: Nudge, sold_to: SoldTo, now: dt.datetime) -> None:
    number = selectors.usual_order(sold_to, now=now)
    if not number:
        raise NotInvited(_("This company has no order of the last year to begin with. Call instead; nothing was sent."))
    told = Told(
        key=f"usual-order:{nudge.week_on}:{sold_to.pk}",
        event="usual_order",
        sold_to_id=sold_to.pk,
        audience="buyers",
        occurred_at=now,
        path=reverse("order-reorder", kwargs={"number": number}),
        params={"number": number},
    )
    announce(shop_told, told)


def _invitation_page(sold_to: SoldTo) -> str:
    asked = {"sold_to": str(sold_to.pk), "email": selectors.address_in_erp(sold_to), "role": "admin"}
    return f"{reverse('admin:accounts_invitation_add')}?{urlencode({k: v for k, v in asked.items() if v})}"
