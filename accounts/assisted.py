"""Assisted sessions.

A rep acts for one of his customers, with his own log-in, a reason and a time limit.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.audit import audit
from accounts.errors import AssistedDenied
from accounts.models import AssistedSession, RepAssignment, SoldTo, User
from accounts.selectors import company_day, covers, customers_of_rep, open_assisted
from accounts.signals import Fact, Who, account_fact, announce

__all__ = ["AssistedDenied", "announce_again", "current", "end", "end_open", "end_overdue", "start"]

MIN_REASON = 3


def start(
    *, rep: User, sold_to: SoldTo, reason: str, now: dt.datetime, session_id: str = "", ip: str = ""
) -> AssistedSession:
    """Open an assisted session. When it returns, the session and its audit entry are committed.

    The caller then cycles the rep's session key and notes the session in it.

    Raises:
        AssistedDenied: no reason, not the rep's customer, one of our own companies, or one is open
            already.
    """
    reason = " ".join(reason.split())
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=rep.pk)
        _refuse_wrong_start(rep=rep, sold_to=sold_to, reason=reason, now=now)
        end_overdue(now=now, rep=rep)
        _refuse_second(rep=rep)
        assisted = AssistedSession.objects.create(
            rep=rep,
            sold_to=sold_to,
            reason=reason[:200],
            started_at=now,
            last_seen_at=now,
            expires_at=now + settings.ASSISTED_ABSOLUTE,
        )
        _record(assisted, "start", {"reason": assisted.reason}, now=now, session_id=session_id, ip=ip)
    return assisted


def end(*, assisted: AssistedSession, cause: str, now: dt.datetime, session_id: str = "", ip: str = "") -> bool:
    """Close an assisted session; False when it was closed already.

    `cause` is ended, expired, idle, signed_out, unassigned or disabled.
    """
    with transaction.atomic():
        still_open = AssistedSession.objects.filter(pk=assisted.pk, ended_at__isnull=True)
        if not still_open.update(ended_at=now, end_cause=cause):
            return False
        _record(assisted, "end", {"cause": cause}, now=now, session_id=session_id, ip=ip)
    return True


def end_open(*, rep: User, cause: str, now: dt.datetime) -> AssistedSession | None:
    """Close whatever assisted session the person has open, and return it."""
    assisted = open_assisted(rep=rep)
    if assisted is not None:
        end(assisted=assisted, cause=cause, now=now)
    return assisted


def end_overdue(*, now: dt.datetime, rep: User | None = None) -> int:
    """Close sessions whose time is over and whose browser never came back; return how many."""
    late = Q(expires_at__lte=now) | Q(last_seen_at__lte=now - settings.ASSISTED_IDLE)
    found = AssistedSession.objects.filter(late, ended_at__isnull=True).select_related("rep", "sold_to")
    if rep is not None:
        found = found.filter(rep=rep)
    return sum(end(assisted=one, cause=_cause(one, now=now), now=now) for one in found)


def current(*, rep: User, pk: int, now: dt.datetime, noted: bool) -> AssistedSession | None:
    """Return the rep's open session while it may go on, else close it and return None.

    One query when all is well. `noted` says whether the visit counts as activity (once a minute).
    """
    mine = RepAssignment.objects.filter(covers(company_day(now)), rep=rep, sold_to=OuterRef("sold_to"))
    assisted = (
        AssistedSession.objects.filter(pk=pk, rep=rep, ended_at__isnull=True)
        .select_related("sold_to", "rep")
        .annotate(is_mine=Exists(mine))
        .first()
    )
    if assisted is None:
        return None
    cause = _cause(assisted, now=now) or ("" if assisted.is_mine and assisted.sold_to.is_active else "unassigned")
    if cause:
        end(assisted=assisted, cause=cause, now=now)
        return None
    if noted:
        AssistedSession.objects.filter(pk=pk).update(last_seen_at=now)
    return assisted


def _cause(assisted: AssistedSession, *, now: dt.datetime) -> str:
    """Return why time is over, or "" when it is not."""
    if now >= assisted.expires_at:
        return "expired"
    return "idle" if now - assisted.last_seen_at >= settings.ASSISTED_IDLE else ""


def _refuse_wrong_start(*, rep: User, sold_to: SoldTo, reason: str, now: dt.datetime) -> None:
    if not rep.is_rep or not rep.is_active:
        raise AssistedDenied(_("Only a sales rep can act for a customer."))
    if not customers_of_rep(rep=rep, on=company_day(now)).filter(pk=sold_to.pk).exists():
        raise AssistedDenied(_("This company is not assigned to you. Ask your manager to assign it."))
    ours = Q(user__is_staff=True) | Q(user__is_superuser=True) | ~Q(user__staff_role="")
    if sold_to.memberships.filter(ours, is_active=True).exists():
        raise AssistedDenied(_("People of our own belong to this company; nobody may act for them."))
    if len(reason) < MIN_REASON:
        raise AssistedDenied(_("Say in a few words why you act for the customer; he will see it."))


def _refuse_second(*, rep: User) -> None:
    other = open_assisted(rep=rep)
    if other is not None:
        raise AssistedDenied(
            _("You are already acting for %(company)s: end that session first.") % {"company": other.sold_to.name}
        )


def _record(
    assisted: AssistedSession,
    step: str,
    detail: dict[str, str],
    *,
    now: dt.datetime,
    session_id: str,
    ip: str,
) -> None:
    audit(
        actor=assisted.rep,
        action=f"assisted_{step}",
        object_type="assisted_session",
        object_id=str(assisted.pk),
        detail=detail,
        now=now,
        sold_to=assisted.sold_to,
        assisted=assisted,
        ip=ip,
    )
    _announce(assisted, step, detail, at=now, session_id=session_id)


def announce_again(*, since: dt.datetime) -> None:
    """Announce the starts and ends of assisted sessions since then once more, for who may have missed them.

    The browsing session they happened in is not kept, so it is missing from what is announced.
    """
    recent = Q(started_at__gte=since) | Q(ended_at__gte=since)
    for session in AssistedSession.objects.filter(recent).select_related("rep", "sold_to").iterator():
        _announce(session, "start", {"reason": session.reason}, at=session.started_at)
        if session.ended_at is not None:
            _announce(session, "end", {"cause": session.end_cause}, at=session.ended_at)


def _announce(
    assisted: AssistedSession, step: str, detail: dict[str, str], *, at: dt.datetime, session_id: str = ""
) -> None:
    rep_key = str(assisted.rep.person_key)
    who = Who(
        account_id=assisted.sold_to.erp_id,
        user_id=rep_key,
        actor="rep",
        impersonator_id=rep_key,
        session_id=session_id,
        is_test=assisted.rep.is_test or assisted.sold_to.is_test,
    )
    announce(
        account_fact,
        Fact(
            event_id=f"impersonation_{step}:{assisted.pk}",
            kind=f"impersonation_{step}",
            occurred_at=at,
            who=who,
            object_type="assisted_session",
            object_id=str(assisted.pk),
            props=detail,
        ),
    )
