"""What a customer needs of his rep today, told by whichever room knows: how the desk is put in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from accounts.models import SoldTo, User
from accounts.signals import desk_wanted


class Urgency(IntEnum):
    """How soon the rep should act."""

    SOON = 1
    TODAY = 2
    LATE = 3


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do for a customer.

    Attributes:
        words: What it is, in the reader's language.
        path: Where it is done; "" when a call does it.
        by: Until when, None without a clock; the earlier comes first among equals.
    """

    urgency: Urgency
    words: str
    path: str = ""
    by: dt.datetime | None = None

    @property
    def rank(self) -> tuple[int, float]:
        """Sorts the most pressing first."""
        return -self.urgency, self.by.timestamp() if self.by else float("inf")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a customer orders online: a band's word, its mood (good, middling, bad, quiet) and the score behind."""

    word: str
    mood: str
    note: str


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """What one room knows of some companies, by their ids."""

    needs: Mapping[int, Sequence[Need]] = field(default_factory=dict)
    standings: Mapping[int, Standing] = field(default_factory=dict)


def ask(companies: Sequence[SoldTo], *, rep: User, now: dt.datetime) -> DeskAnswer:
    """Ask every room at once; each answers in a fixed number of queries. Needs come the most pressing first."""
    needs: dict[int, list[Need]] = {}
    standings: dict[int, Standing] = {}
    for answer in _answers(companies, rep=rep, now=now):
        standings.update(answer.standings)
        for pk, found in answer.needs.items():
            needs.setdefault(pk, []).extend(found)
    return DeskAnswer({pk: sorted(found, key=lambda one: one.rank) for pk, found in needs.items()}, standings)


def _answers(companies: Sequence[SoldTo], *, rep: User, now: dt.datetime) -> Iterable[DeskAnswer]:
    if not companies:
        return ()
    answers: Iterable[tuple[Any, Any]] = desk_wanted.send(sender=None, companies=companies, rep=rep, now=now)
    return [answer for _room, answer in answers]
