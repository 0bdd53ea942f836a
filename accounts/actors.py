"""Whose eyes? The answer travels as one value through every read and write."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import AssistedSession, Membership, SoldTo, User
from accounts.signals import Who


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is at the keyboard and for which customer company.

    Attributes:
        user: The log-in, always the real person (a rep stays the rep).
        sold_to: The company acted for; every selector of the shop filters by it.
        rep: The same as `user` when one of our reps acts in an assisted session, else None.
        membership: The buyer's membership; None in an assisted session.
        assisted: The open assisted session, or None.
        session_id: Opaque key of the browsing session (30 minutes idle), for events.
        ip: Where the request came from, for the audit log.
        minutes_left: Of the assisted session, rounded up.
        company_count: How many companies the person may choose from.
    """

    user: User
    sold_to: SoldTo
    rep: User | None = None
    membership: Membership | None = None
    assisted: AssistedSession | None = None
    session_id: str = ""
    ip: str = ""
    minutes_left: int = 0
    company_count: int = 1

    @property
    def is_assisted(self) -> bool:
        """A rep acts for the customer: never counted as adoption."""
        return self.assisted is not None

    @property
    def is_read_only(self) -> bool:
        """Somebody of the head office reads a branch's documents, and changes nothing."""
        return self.membership is not None and self.membership.is_read_only

    @property
    def is_under_rules(self) -> bool:
        """His orders are held against rules of his company or limits of his own; known without asking."""
        limited = self.membership is not None and self.membership.is_limited
        return self.sold_to.has_rules or limited

    @property
    def channel(self) -> str:
        """The channel of an order that this actor submits (metrics.md, section 2)."""
        return "web_assisted" if self.is_assisted else "web_self"


class ActorRequest(HttpRequest):
    """A request of somebody who acts for a company: `require_actor` has seen to it."""

    actor: Actor
    user: User


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in, with or without a company."""

    actor: Actor | None
    user: User


def who_of(actor: Actor) -> Who:
    """Return the actor of a fact: a buyer for his company, or a rep who is his own impersonator."""
    key = str(actor.user.person_key)
    return Who(
        account_id=actor.sold_to.erp_id,
        user_id=key,
        actor="rep" if actor.is_assisted else "buyer",
        impersonator_id=key if actor.is_assisted else "",
        session_id=actor.session_id,
        is_test=actor.user.is_test or actor.sold_to.is_test,
    )


def who_of_user(user: User, *, sold_to: SoldTo | None = None, session_id: str = "") -> Who:
    """Return the actor of a fact that belongs to the person himself, such as a log-in.

    `sold_to` is the buyer's company; our own people have none.
    """
    ours = "rep" if user.is_rep else "staff"
    kind = ours if is_ours(user) else "buyer"
    return Who(
        account_id=sold_to.erp_id if sold_to else "",
        user_id=str(user.person_key),
        actor=kind,
        session_id=session_id,
        is_test=user.is_test or bool(sold_to and sold_to.is_test),
    )


def is_ours(user: User) -> bool:
    """Whether the person is one of our own people (rep, manager or administrator), not a buyer."""
    return bool(user.staff_role) or user.is_staff or user.is_superuser
