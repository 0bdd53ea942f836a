"""People and companies for tests.

Each call makes something valid, and different from the one before.
"""

from __future__ import annotations

import datetime as dt
import itertools

from django.test import Client
from django.utils import timezone

from accounts import assisted, sessions
from accounts.actors import Actor
from accounts.models import (
    AssistedSession,
    Eligibility,
    Membership,
    RepAssignment,
    Role,
    SoldTo,
    StaffRole,
    User,
)
from erp_sync.mirror.models import Address, Customer

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)  # written with five digits: no name is a part of another, and all sort as made


def sold_to(name: str = "", *, price_list: str = "", currency: str = "EUR", eligible: bool = True) -> SoldTo:
    """Return a company with its customer and one ship-to in the mirror.

    By default it can buy since a year.
    """
    number = next(_numbers)
    name = name or f"Ferretería {number:05}"
    customer = Customer.objects.create(
        erp_id=f"C{number:05}",
        version=timezone.now(),
        synced_at=timezone.now(),
        number=f"{10_000 + number}",
        name=name,
        price_list=price_list,
        currency=currency,
    )
    Address.objects.create(
        customer=customer,
        erp_id=f"A{number:05}",
        name=name,
        street="Calle Mayor 1",
        postal_code="28013",
        city="Madrid",
    )
    company = SoldTo.objects.create(erp_id=customer.erp_id, number=customer.number, name=name)
    if eligible:
        since = timezone.now().date() - dt.timedelta(days=365)
        Eligibility.objects.create(sold_to=company, from_on=since)
    return company


def person(email: str = "", *, first_name: str = "Marta", last_name: str = "", **fields: object) -> User:
    """Return somebody without any role; his password is PASSWORD."""
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person{number:05}@example.com",
        PASSWORD,
        first_name=first_name,
        last_name=last_name or f"Gil {number:05}",
        **fields,
    )


def member(company: SoldTo, user: User | None = None, *, role: str = Role.BUYER) -> Membership:
    """Return the membership of a person (a new one by default) in a company."""
    return Membership.objects.create(user=user or person(), sold_to=company, role=role)


def buyer(company: SoldTo | None = None, *, role: str = Role.BUYER) -> Actor:
    """Return the actor of a new buyer for a company (a new one by default)."""
    membership = member(company or sold_to(), role=role)
    return Actor(
        user=membership.user,
        sold_to=membership.sold_to,
        membership=membership,
        session_id=f"browsing-{membership.pk}",
    )


def rep(*companies: SoldTo, first_name: str = "Ana", last_name: str = "Ruiz") -> User:
    """Return a sales rep who looks after the companies since a year."""
    user = person(first_name=first_name, last_name=last_name, staff_role=StaffRole.REP)
    since = timezone.now().date() - dt.timedelta(days=365)
    for company in companies:
        RepAssignment.objects.create(rep=user, sold_to=company, from_on=since)
    return user


def manager() -> User:
    """Return a manager with the rights of `services.grant_manager`."""
    from accounts import services

    user = person(first_name="Marta", last_name="Soler")
    services.grant_manager(person=user, by=None, now=timezone.now())
    return user


def assisted_session(rep_user: User, company: SoldTo, *, reason: str = "Called us") -> AssistedSession:
    """Return an open assisted session of a rep who looks after the company."""
    return assisted.start(rep=rep_user, sold_to=company, reason=reason, now=timezone.now())


def assisting(company: SoldTo | None = None, rep_user: User | None = None) -> Actor:
    """Return the actor of a rep (a new one by default) in an assisted session."""
    company = company or sold_to()
    rep_user = rep_user or rep(company)
    session = assisted_session(rep_user, company)
    return Actor(
        user=rep_user,
        sold_to=company,
        rep=rep_user,
        assisted=session,
        session_id=f"browsing-{session.pk}",
        minutes_left=60,
    )


def log_in(client: Client, who: Actor | User) -> Client:
    """Log somebody in.

    A buyer for his actor's company, a rep with his actor's assisted session open.
    """
    user = who.user if isinstance(who, Actor) else who
    client.force_login(user)
    if isinstance(who, Actor):
        session = client.session
        session[sessions.COMPANY] = who.sold_to.pk
        if who.assisted is not None:
            session[sessions.ASSISTED] = who.assisted.pk
        session.save()
    return client


def acting(client: Client, company: SoldTo | None = None, *, role: str = Role.BUYER) -> Actor:
    """Log a new buyer of the company in and return his actor."""
    actor = buyer(company, role=role)
    log_in(client, actor)
    return actor
