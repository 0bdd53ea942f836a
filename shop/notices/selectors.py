"""Reads notices: who is told, what somebody may see of what he was told, what he wished for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.actors import Actor, is_ours
from accounts.models import Membership, RepAssignment, SoldTo, User
from accounts.selectors import company_day, covers, customers_of_rep
from erp_sync.statements import columns, fetch, from_row, width
from shop.notices.events import EVENTS, Event, events_for
from shop.notices.models import Channel, Notice, Preference
from shop.signals import Told

PAGE = 30


# --- who is told -------------------------------------------------------------------------------------------------


def told_people(*, told: Told, now: dt.datetime) -> list[User]:
    """Return whom a fact is for: only active people, of an active company, who still have to do with it."""
    if told.audience == "person":
        return _told_person(told, now)
    sold_to = SoldTo.objects.filter(pk=told.sold_to_id, is_active=True).first()
    if sold_to is None:
        return []
    if told.audience == "rep":
        return reps_of(sold_to, now=now)
    if told.audience == "buyers":
        return buyers_of(sold_to)
    return []


def _told_person(told: Told, now: dt.datetime) -> list[User]:
    """Return the one person (two queries: every order that the ERP confirms asks this)."""
    rows = fetch(_person_statement(), [told.sold_to_id, told.person_id or 0])
    if not rows:
        return []
    person, sold_to = from_row(User, rows[0][: width(User)]), from_row(SoldTo, rows[0][width(User) :])
    return [person] if may_be_told(person, sold_to, now=now) else []


@cache
def _person_statement() -> str:
    return f"""
SELECT {columns(User, "u")}, {columns(SoldTo, "c")} FROM accounts_user u
JOIN accounts_soldto c ON c.id = %s AND c.is_active WHERE u.id = %s AND u.is_active
"""  # noqa: S608 (names of our own tables)


def buyers_of(sold_to: SoldTo) -> list[User]:
    """Return the active people of a company."""
    members = Membership.objects.filter(sold_to=sold_to, is_active=True, user__is_active=True)
    return [membership.user for membership in members.select_related("user").order_by("pk")]


def reps_of(sold_to: SoldTo, *, now: dt.datetime) -> list[User]:
    """Return the active reps who look after a company today."""
    today = RepAssignment.objects.filter(covers(company_day(now)), sold_to=sold_to, rep__is_active=True)
    return list({one.rep_id: one.rep for one in today.select_related("rep").order_by("pk")}.values())


def may_be_told(person: User, sold_to: SoldTo, *, now: dt.datetime) -> bool:
    """Whether somebody may still be told about a company: its active member, its rep of today, or a manager."""
    if not person.is_active or not sold_to.is_active:
        return False
    if person.is_rep:
        return customers_of_rep(rep=person, on=company_day(now)).filter(pk=sold_to.pk).exists()
    if is_ours(person):
        return True
    there = Q(sold_to=sold_to) | (Q(sold_to=sold_to.parent_id) & ~Q(branches=""))
    return Membership.objects.filter(there, user=person, is_active=True).exists()


# --- what somebody was told --------------------------------------------------------------------------------------


def notices_of(*, user: User, actor: Actor | None, now: dt.datetime) -> QuerySet[Notice]:
    """Return what somebody may see of what he was told, the latest first.

    A buyer's are those of the company he acts for; a rep's those of the customers he looks after today.
    """
    mine = Notice.objects.filter(person=user, is_shown=True).order_by("-occurred_at", "-pk")
    if user.is_rep:
        return mine.filter(sold_to__in=customers_of_rep(rep=user, on=company_day(now)))
    if is_ours(user):
        return mine
    return mine.filter(sold_to=actor.sold_to) if actor is not None else mine.none()


def page_of(*, user: User, actor: Actor | None, page: str | None, now: dt.datetime) -> Page:
    """Return a page of somebody's notices, with their companies (two queries)."""
    found = notices_of(user=user, actor=actor, now=now).select_related("sold_to")
    return Paginator(found, PAGE).get_page(page)


def unread(*, user: User, actor: Actor | None, now: dt.datetime) -> QuerySet[Notice]:
    """Return those that were not opened yet."""
    return notices_of(user=user, actor=actor, now=now).filter(read_at__isnull=True)


def get_notice(*, user: User, pk: int, now: dt.datetime) -> Notice:
    """Return one of somebody's notices, of any company that he may act for.

    Raises:
        Http404: there is none such, it is somebody else's, or he has left the company: all look the same.
    """
    found = Notice.objects.filter(person=user, pk=pk, is_shown=True).select_related("sold_to").first()
    if found is None or not may_be_told(user, found.sold_to, now=now):
        raise Http404
    return found


# --- what he wished for ------------------------------------------------------------------------------------------


def channel_of(event: Event, wish: str | None) -> Channel:
    """Return how somebody is told: his wish where the event allows it, else the event's default."""
    return Channel(wish) if wish in event.channels else Channel(event.channel)


def wishes(*, people: Iterable[User], events: Iterable[str]) -> dict[tuple[int, str], str]:
    """Return what people wished for, by person and event (one query)."""
    found = Preference.objects.filter(person__in=list(people), event__in=list(events))
    return {(person, event): channel for person, event, channel in found.values_list("person", "event", "channel")}


def settings_of(*, user: User) -> list[tuple[Event, Channel]]:
    """Return every event that this person can be told of, with how he is told."""
    known = wishes(people=[user], events=EVENTS)
    return [(event, channel_of(event, known.get((user.pk, event.key)))) for event in events_of(user)]


def events_of(user: User) -> tuple[Event, ...]:
    """Return the events that this person can be told of."""
    return events_for("rep" if is_ours(user) else "buyer")


def waiting(*, person: User, events: Iterable[str]) -> QuerySet[Notice]:
    """Return the notices whose mail has still to go."""
    return Notice.objects.filter(Q(mail_due_at__isnull=False), person=person, event__in=list(events))
