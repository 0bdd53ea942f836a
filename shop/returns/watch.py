"""Follows what the ERP says of the returns that the shop asked for."""

from __future__ import annotations

import datetime as dt

from erp_sync.mirror.models import Return as ErpReturn
from shop.returns import services
from shop.returns.models import Return

MOST = 1_000


def follow_open(*, now: dt.datetime) -> int:
    """Bring every open return to where the mirror says it stands; return how many were looked at (2 queries)."""
    waiting = {one.reference: one for one in Return.objects.exclude(state__in=services.SETTLED).order_by("pk")[:MOST]}
    known = ErpReturn.objects.filter(reference__in=list(waiting), gone_at=None) if waiting else ErpReturn.objects.none()
    for erp in known:
        services.follow(asked=waiting[erp.reference], erp=erp, now=now)
    return len(waiting)
