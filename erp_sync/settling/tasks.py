"""Tasks of the comparison; each is one call, and harmless twice."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from erp_sync.settling import canary, rounds, trust
from erp_sync.settling.models import Round

# An ERP that is busy or saves its data at night: the next round is a day away.
NIGHT_PAUSES_S = (30.0, 120.0, 300.0)


@shared_task(ignore_result=True, soft_time_limit=540, time_limit=600)
def compare_hourly() -> int:
    """Compare the last day's documents; return how many differ."""
    return rounds.compare_documents(round=Round.HOURLY, now=timezone.now()).different


@shared_task(ignore_result=True, soft_time_limit=3540, time_limit=3600)
def compare_nightly() -> int:
    """Compare the documents of 90 days; return how many differ."""
    return rounds.compare_documents(round=Round.NIGHTLY, now=timezone.now(), pauses_s=NIGHT_PAUSES_S).different


@shared_task(ignore_result=True, soft_time_limit=1740, time_limit=1800)
def compare_prices() -> int:
    """Price a sample as the shop and as the ERP; return how many differ."""
    return canary.compare_prices(now=timezone.now()).different


@shared_task(ignore_result=True, soft_time_limit=840, time_limit=900)
def compute_trust() -> int:
    """Write the trust scores anew."""
    now = timezone.now()
    return trust.compute_trust(now=now, today=now.astimezone(ZoneInfo(settings.COMPANY_TZ)).date())
