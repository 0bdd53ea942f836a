"""Log-in sessions: when they begin, grow old and end.

And the browsing session inside them (30 minutes idle).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import kept_forms
from accounts.actors import is_ours, who_of_user
from accounts.models import LiveSession, Membership, SoldTo, User
from accounts.selectors import branch_memberships, companies_for
from accounts.signals import Fact, Who, account_fact, announce

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
BROWSING = "browsing"
SOURCE = "source"
COMPANY = "company"
ASSISTED = "assisted"
LIVE = "live"

BROWSING_IDLE = dt.timedelta(minutes=30)
# How often a visit is noted; rarer notes save a write on almost every page.
NOTE_EVERY = dt.timedelta(seconds=60)
FAILURES_OF_ONE = 5
FAILURES_OF_ALL = 300

SOURCES = {
    "direct",
    "email",
    "organic_search",
    "paid_search",
    "social",
    "referral",
    "erp_link",
    "rep_link",
    "punchout",
}
MEDIA = {
    "email": "email",
    "cpc": "paid_search",
    "ppc": "paid_search",
    "organic": "organic_search",
    "social": "social",
}
SEARCH_ENGINES = ("google.", "bing.", "duckduckgo.", "ecosia.", "qwant.", "yahoo.")
SOCIAL_SITES = ("linkedin.", "facebook.", "instagram.", "x.com", "t.co", "youtube.")


def open_session(request: HttpRequest, user: User, *, now: dt.datetime) -> None:
    """Note a log-in: the session gets its clock, and a row that lets it end with the person."""
    session = request.session
    if session.session_key is None:  # somebody else was logged in here before
        session.create()
    with transaction.atomic():
        user.live_sessions.filter(started_at__lt=now - settings.SESSION_ABSOLUTE).delete()
        live = LiveSession.objects.create(
            session_key=str(session.session_key), user=user, started_at=now, last_seen_at=now
        )
        session[LIVE] = live.pk
        session[SIGNED_IN_AT] = session[SEEN_AT] = int(now.timestamp())
        who = _begin_browsing(request, user, now=now)
        announce(account_fact, Fact(event_id=f"login:{live.pk}", kind="login", occurred_at=now, who=who))


def close_session(request: HttpRequest, user: User, *, now: dt.datetime) -> None:
    """Note that somebody logs out; the caller empties the session."""
    session = request.session
    with transaction.atomic():
        _live_of(session).delete()
        who = who_of_user(user, sold_to=_company_of(session, user), session_id=session.get(BROWSING, ""))
        event_id = f"logout:{session.get(LIVE)}"
        announce(account_fact, Fact(event_id=event_id, kind="logout", occurred_at=now, who=who))


def has_expired(session: SessionBase, user: User, *, now: dt.datetime) -> bool:
    """Whether the session was idle too long or is too old.

    8 hours and 7 days, ours 30 minutes and 12 hours.
    """
    ours = is_ours(user)
    idle = settings.STAFF_SESSION_IDLE if ours else settings.SESSION_IDLE
    absolute = settings.STAFF_SESSION_ABSOLUTE if ours else settings.SESSION_ABSOLUTE
    return now - _at(session, SEEN_AT) >= idle or now - _at(session, SIGNED_IN_AT) >= absolute


def drop(request: HttpRequest, user: User, *, acting_for: SoldTo | None) -> None:
    """Empty an expired session and forget its row; what he was typing may wait for him, for the same company."""
    company = acting_for or _company_of(request.session, user)
    _live_of(request.session).delete()
    request.session.flush()
    if company is not None:
        request.session[kept_forms.OF] = [user.pk, company.pk]


def visit(request: HttpRequest, user: User, *, now: dt.datetime) -> bool:
    """Note that somebody is there, at most once a minute.

    A new browsing session begins after 30 idle minutes.

    Returns:
        Whether the visit was noted, so that others note theirs at the same pace.
    """
    session = request.session
    gap = now - _at(session, SEEN_AT)
    if gap < NOTE_EVERY:
        return False
    session[SEEN_AT] = int(now.timestamp())
    with transaction.atomic():
        _live_of(session).update(last_seen_at=now)
        if gap >= BROWSING_IDLE:
            session[SOURCE] = source_of(request)
            _begin_browsing(request, user, now=now)
    return True


def choose_company(request: HttpRequest, membership: Membership) -> str:
    """Let the person act for a company from the next page on; return the words that tell him."""
    request.session[COMPANY] = membership.sold_to_id
    cycle(request)
    said = _("You now read %(company)s.") if membership.is_read_only else _("You are now ordering for %(company)s.")
    return said % {"company": membership.sold_to.name_at_end}


def cycle(request: HttpRequest) -> None:
    """Give the session a new key, as at every change of what it may do; one that was ended meanwhile stays so."""
    with transaction.atomic():
        live = _live_of(request.session).select_for_update().first()
        if live is None:
            request.session.flush()
            return
        request.session.cycle_key()
        live.session_key = str(request.session.session_key)
        live.save(update_fields=["session_key"])


def end_sessions(*, user: User) -> int:
    """End every open session of a person, at once and everywhere; return how many there were."""
    with transaction.atomic():
        keys = list(user.live_sessions.select_for_update().values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        user.live_sessions.all().delete()
    return len(keys)


def forget_expired(*, now: dt.datetime) -> int:
    """Delete sessions whose time is over and that nobody came back to; return how many rows went."""
    with transaction.atomic():
        _total, by_model = Session.objects.filter(expire_date__lte=now).delete()
        gone = LiveSession.objects.filter(started_at__lte=now - settings.SESSION_ABSOLUTE)
        return sum(by_model.values()) + gone.delete()[0]


def note_failure(*, email: str, now: dt.datetime) -> None:
    """Announce a failed log-in, at most five an hour for one address and 300 an hour for all."""
    email = email.strip().lower()
    hour = now.strftime("%Y%m%d%H")
    address = hashlib.sha256(email.encode()).hexdigest()[:16]
    if _count(f"login-failed:{hour}:{address}") > FAILURES_OF_ONE or _count(f"login-failed:{hour}") > FAILURES_OF_ALL:
        return
    user = User.objects.filter(email=email).first()
    who = who_of_user(user) if user else Who(account_id="", user_id="", actor="buyer")
    fact = Fact(event_id=f"login_failed:{uuid.uuid4().hex}", kind="login_failed", occurred_at=now, who=who)
    announce(account_fact, fact)


def _count(key: str) -> int:
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key)
    except ValueError:  # it went out between the two calls
        return 1


def note_source(request: HttpRequest) -> None:
    """Remember where a visitor came from until he logs in.

    A plain direct visit needs no memory, so no cookie.
    """
    if request.method != "GET" or SOURCE in request.session:
        return
    source = source_of(request)
    if source != "direct":
        request.session[SOURCE] = source


def source_of(request: HttpRequest) -> str:
    """Return the entry source of a visit (metrics.md, section 2): its marks or referring page.

    The address that a log-in page will return to counts like the page's own.
    """
    marks = _marks(request)
    if marks.get("src", "") in SOURCES:
        return marks["src"]
    if medium := marks.get("utm_medium", ""):
        return MEDIA.get(medium, "referral")
    return _source_of_referrer(request)


def _marks(request: HttpRequest) -> dict[str, str]:
    own = {name: values[-1] for name, values in request.GET.lists() if values}
    after_login = parse_qs(urlsplit(own.get("next", "")).query)
    marks = {name: values[-1] for name, values in after_login.items()} | own
    return {name: value.lower()[:40] for name, value in marks.items()}


def _source_of_referrer(request: HttpRequest) -> str:
    host = urlsplit(request.headers.get("Referer", "")).netloc.lower()
    if not host or host == request.META.get("HTTP_HOST", "").lower():
        return "direct"
    if any(name in host for name in SEARCH_ENGINES):
        return "organic_search"
    return "social" if any(name in host for name in SOCIAL_SITES) else "referral"


def _begin_browsing(request: HttpRequest, user: User, *, now: dt.datetime) -> Who:
    session = request.session
    session[BROWSING] = key = uuid.uuid4().hex
    who = who_of_user(user, sold_to=_company_of(session, user), session_id=key)
    fact = Fact(
        event_id=f"session_start:{key}",
        kind="session_start",
        occurred_at=now,
        who=who,
        props={"source": session.pop(SOURCE, "direct")},
    )
    announce(account_fact, fact)
    return who


def _company_of(session: SessionBase, user: User) -> SoldTo | None:
    companies, wanted = companies_for(user=user), session.get(COMPANY)
    chosen = [company for company in companies if company.pk == wanted]
    if not chosen and wanted is not None:
        chosen = [one.sold_to for one in branch_memberships(user, sold_to_id=wanted)]
    return next(iter(chosen or companies), None)


def _live_of(session: SessionBase) -> QuerySet[LiveSession]:
    return LiveSession.objects.filter(pk=session.get(LIVE, 0))


def _at(session: SessionBase, name: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(session.get(name, 0), tz=dt.UTC)
