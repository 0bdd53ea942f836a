"""Whose eyes? The answer travels as one value through every read and write."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import AssistedSession, Membership, SoldTo, User


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
    """

    user: User
    sold_to: SoldTo
    rep: User | None = None
    membership: Membership | None = None
    assisted: AssistedSession | None = None
    session_id: str = ""

    @property
    def is_assisted(self) -> bool:
        """A rep acts for the customer: never counted as adoption."""
        return self.assisted is not None

    @property
    def channel(self) -> str:
        """The channel of an order that this actor submits (metrics.md, section 2, rules 1 and 3)."""
        return "web_assisted" if self.is_assisted else "web_self"


class ActorRequest(HttpRequest):
    """A request of somebody who acts for a company: `require_actor` has seen to it."""

    actor: Actor
