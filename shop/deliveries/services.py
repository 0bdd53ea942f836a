"""Links to the report for people without log-in, and who is told every week."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit import audit
from accounts.models import Membership
from accounts.permissions import Action, require
from accounts.signals import announce
from shop.deliveries.models import ReportLink, WeeklyReport
from shop.deliveries.report import ReportQuery, report_of
from shop.errors import ShopError
from shop.signals import Told, shop_told

DAYS = (7, 30, 90)
MOST_LINKS = 20
_signer = Signer(salt="shop.deliveries.report-link")


class LinkRefused(ShopError):
    """The link can't be made as things stand."""


def make_link(
    *, actor: Actor, query: ReportQuery, label: str, days: int, now: dt.datetime
) -> tuple[ReportLink, str]:  # fmt: skip
    """Make a link to the report as it is filtered now; return it and its token, which is nowhere kept.

    Raises:
        NotPermitted: a rep who acts for the customer may not give his data away.
        LinkRefused: there are too many already, or the time is none of DAYS.
    """
    require(actor, Action.SHARE)
    if days not in DAYS:
        raise LinkRefused(_("Choose how long the link shall work."))
    if links_of(actor=actor, now=now).count() >= MOST_LINKS:
        raise LinkRefused(
            _("There are %(most)s links already. End one of them, then make a new one.") % {"most": MOST_LINKS}
        )
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        link = ReportLink.objects.create(
            sold_to=actor.sold_to, token_hash=_hash(token), label=label[:80], filters=query.chosen(),
            made_by=actor.user, made_at=now, expires_at=now + dt.timedelta(days=days),
        )  # fmt: skip
        audit(
            actor=actor, action="report.share", object_type="report_link", object_id=str(link.pk),
            detail={"days": str(days)}, now=now,
        )  # fmt: skip
    return link, _signer.sign(token)


def address_of(token: str) -> str:
    """Return the whole address of a link."""
    return settings.SHOP_URL + reverse("shared-missing-goods", kwargs={"token": token})


def links_of(*, actor: Actor, now: dt.datetime) -> QuerySet[ReportLink]:
    """Return the company's links that still work, the latest first."""
    rows = ReportLink.objects.filter(sold_to=actor.sold_to, revoked_at=None, expires_at__gt=now)
    return rows.select_related("made_by")


def end_link(*, actor: Actor, pk: int, now: dt.datetime) -> None:
    """End a link of the company at once.

    Raises:
        NotPermitted: see `make_link`.
        Http404: there is none such, or it is another company's, or it has ended.
    """
    require(actor, Action.SHARE)
    with transaction.atomic():
        if not ReportLink.objects.filter(sold_to=actor.sold_to, pk=pk, revoked_at=None).update(revoked_at=now):
            raise Http404
        audit(
            actor=actor, action="report.unshare", object_type="report_link", object_id=str(pk), detail={}, now=now
        )  # fmt: skip


def open_link(*, token: str, now: dt.datetime) -> ReportLink:
    """Return the link of a token that works, and note that it was opened.

    Raises:
        Http404: forged, unknown, over, ended, or the company is shut: all look the same.
    """
    try:
        plain = _signer.unsign(token)
    except BadSignature as error:
        raise Http404 from error
    link = (
        ReportLink.objects.filter(token_hash=_hash(plain), revoked_at=None, expires_at__gt=now, sold_to__is_active=True)
        .select_related("sold_to")
        .first()
    )
    if link is None:
        raise Http404
    ReportLink.objects.filter(pk=link.pk).update(opened_at=now)
    return link


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- every week ---------------------------------------------------------------------------------------------------


def is_told_weekly(*, actor: Actor) -> bool:
    """Say whether the actor gets the report every week."""
    return WeeklyReport.objects.filter(sold_to=actor.sold_to, person=actor.user).exists()


def tell_weekly(*, actor: Actor, wanted: bool, now: dt.datetime) -> None:
    """Begin or end the actor's weekly report; doing it twice does it once.

    Raises:
        NotPermitted: a rep who acts for the customer gets no mail of his.
    """
    require(actor, Action.SHARE)
    if wanted:
        WeeklyReport.objects.get_or_create(sold_to=actor.sold_to, person=actor.user, defaults={"since": now})
    else:
        WeeklyReport.objects.filter(sold_to=actor.sold_to, person=actor.user).delete()


def send_weekly(*, now: dt.datetime) -> int:
    """Tell everybody who wants it what is missing this week; return how many were told.

    Who is no longer of the company, and who misses nothing, is told nothing. Running twice in a week tells once.
    """
    told = 0
    counts: dict[int, int] = {}
    for one in WeeklyReport.objects.select_related("sold_to", "person").order_by("sold_to_id", "pk"):
        if not Membership.objects.filter(
            user=one.person, sold_to=one.sold_to, is_active=True, user__is_active=True, sold_to__is_active=True
        ).exists():
            continue
        if one.sold_to_id not in counts:
            report = report_of(sold_to=one.sold_to, query=ReportQuery(), now=now, per_page=1)
            counts[one.sold_to_id] = report.sums.missing_lines
        if counts[one.sold_to_id]:
            _tell(one, counts[one.sold_to_id], now)
            told += 1
    return told


def _tell(one: WeeklyReport, count: int, now: dt.datetime) -> None:
    year, week, _day = now.isocalendar()
    announce(
        shop_told,
        Told(
            key=f"missing_goods:{one.sold_to_id}:{one.person_id}:{year}-{week:02}",
            event="missing_goods",
            sold_to_id=one.sold_to_id,
            audience="person",
            person_id=one.person_id,
            occurred_at=now,
            path=reverse("missing-goods"),
            params={"count": str(count)},
        ),
    )
