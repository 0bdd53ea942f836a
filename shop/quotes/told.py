"""What people are told about a quote; the words are the notices' (shop.signals.Told)."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from accounts.models import StaffRole, User
from accounts.signals import announce
from shop.orders.references import short_reference
from shop.quotes.models import Quote, QuoteVersion
from shop.signals import Told, shop_told


def asked(*, quote: Quote, now: dt.datetime, round_no: int = 0) -> None:
    """Tell the company's reps that an answer is wanted, and until when; once for each time it is asked for."""
    answer_by = quote.answer_by_at.isoformat() if quote.answer_by_at else ""
    params = {"company": quote.sold_to.name, "answer_by": answer_by}
    _tell_rep(quote, "quote_asked", f"asked:{round_no}", params, now)


def answered(*, quote: Quote, version: QuoteVersion, now: dt.datetime) -> None:
    """Tell the buyers that there is an answer."""
    params = {
        "total": str(version.untaxed_total),
        "untaxed": str(version.untaxed_total),
        "currency": version.currency,
        "valid_until": version.valid_until.isoformat(),
        "automatic": "yes" if version.is_automatic else "",
    }
    _tell_buyers(quote, "quote_answered", f"answered:{version.number}", params, now)


def expiring(*, quote: Quote, now: dt.datetime) -> None:
    """Tell the buyers that the answer holds only a little longer; once for each last day."""
    day = quote.valid_until.isoformat() if quote.valid_until else ""
    _tell_buyers(quote, "quote_expiring", f"expiring:{day}", {"valid_until": day}, now)


def expired(*, quote: Quote, now: dt.datetime) -> None:
    """Tell the buyers that the answer holds no longer."""
    day = quote.valid_until.isoformat() if quote.valid_until else ""
    _tell_buyers(quote, "quote_expired", f"expired:{day}", {"valid_until": day}, now)


def declined(*, quote: Quote, now: dt.datetime) -> None:
    """Tell the reps that the buyer said no, and why."""
    params = {"company": quote.sold_to.name, "reason": quote.decline_reason}
    _tell_rep(quote, "quote_declined", "declined", params, now)


def accepted(*, quote: Quote, order: str, now: dt.datetime) -> None:
    """Tell the reps that the buyer said yes."""
    params = {"company": quote.sold_to.name, "order": short_reference(order)}
    _tell_rep(quote, "quote_accepted", f"accepted:{order}", params, now)


def refused(*, quote: Quote, order: str, reason: str, now: dt.datetime) -> None:
    """Tell the buyers that the ERP refused the order of a quote they had accepted."""
    params = {"number": short_reference(order), "reason": reason, "quote": short_reference(quote.number)}
    path = reverse("quote-detail", kwargs={"number": quote.reference})
    _announce(quote, "order_rejected", f"refused:{order}", "buyers", path, params, now)


def escalated(*, quote: Quote, now: dt.datetime) -> None:
    """Tell the reps and the managers that nobody has answered in time; once for each clock."""
    params = {
        "company": quote.sold_to.name,
        "answer_by": quote.answer_by_at.isoformat() if quote.answer_by_at else "",
    }
    what = f"escalated:{quote.answer_by_at:%Y%m%d%H%M}" if quote.answer_by_at else "escalated"
    _tell_rep(quote, "quote_escalated", what, params, now)
    page = reverse("admin:shop_quote_change", args=[quote.pk])
    for manager in User.objects.filter(staff_role=StaffRole.MANAGER, is_active=True):
        key = f"{what}:manager:{manager.pk}"
        numbered = params | {"number": short_reference(quote.number)}
        _announce(quote, "quote_escalated", key, "person", page, numbered, now, person_id=manager.pk)


def _tell_rep(quote: Quote, event: str, what: str, params: dict[str, str], now: dt.datetime) -> None:
    path = reverse("rep-quote", kwargs={"number": quote.reference})
    _announce(quote, event, what, "rep", path, {"number": short_reference(quote.number)} | params, now)


def _tell_buyers(quote: Quote, event: str, what: str, params: dict[str, str], now: dt.datetime) -> None:
    path = reverse("quote-detail", kwargs={"number": quote.reference})
    _announce(quote, event, what, "buyers", path, {"number": short_reference(quote.number)} | params, now)


def _announce(
    quote: Quote,
    event: str,
    what: str,
    audience: str,
    path: str,
    params: dict[str, str],
    now: dt.datetime,
    *,
    person_id: int | None = None,
) -> None:
    told = Told(
        key=f"quote:{quote.reference}:{what}",
        event=event,
        sold_to_id=quote.sold_to_id,
        audience=audience,
        occurred_at=now,
        path=path,
        person_id=person_id,
        params=params,
    )
    announce(shop_told, told)
