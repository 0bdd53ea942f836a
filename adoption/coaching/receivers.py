"""What adoption knows of a rep's customers: how far each orders online, and whom to call this week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import SoldTo, User
from accounts.needs import DeskAnswer, Need, Standing, Urgency
from accounts.selectors import company_day
from accounts.signals import desk_wanted
from adoption.coaching.choosing import LEAKED
from adoption.coaching.models import AccountScore
from adoption.coaching.selectors import week_of_rep
from adoption.reports.words import BAND_MOODS, band_word


@receiver(desk_wanted, dispatch_uid="adoption.coaching.desk")
def standing_of_customers(companies: Sequence[SoldTo], rep: User, now: dt.datetime, **_kwargs: Any) -> DeskAnswer:
    """Answer with each customer's band, and with the week's calls that are still to be made (2 queries)."""
    by_account = {company.erp_id: company.pk for company in companies}
    scores = AccountScore.objects.filter(account_id__in=by_account)
    calls = week_of_rep(rep_id=str(rep.person_key), today=company_day(now))
    return DeskAnswer(
        needs={
            by_account[call.account_id]: [_call(call.reason)]
            for call in calls
            if call.invited_at is None and call.account_id in by_account
        },
        standings={by_account[one.account_id]: _standing(one) for one in scores},
    )


def _call(reason: str) -> Need:
    words = _("Went back to the phone: call") if reason == LEAKED else _("On your list of calls")
    return Need(Urgency.SOON, words, reverse("rep-week"))


def _standing(score: AccountScore) -> Standing:
    note = _("%(score)s of 100") % {"score": f"{score.score:.0f}"}
    return Standing(word=band_word(score.band), mood=BAND_MOODS[score.band], note=note)
