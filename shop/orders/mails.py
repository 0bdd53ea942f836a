"""Mails about an order, in the reader's language, sent after the commit; a mail that fails never harms the order."""

from __future__ import annotations

import logging
from decimal import Decimal
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from shop.orders.models import Order

log = logging.getLogger(__name__)


def tell_confirmed(*, order: Order, lower_than: Decimal | None = None) -> None:
    """Tell the person who ordered that the ERP has the order; with the former total when the ERP made it cheaper."""
    _after_commit(order, "confirmed", {"lower_than": lower_than})


def tell_rejected(*, order: Order) -> None:
    """Tell him that the ERP refused it, in its own words, and that the lines are back in the basket."""
    _after_commit(order, "rejected", {})


def tell_review(*, order: Order) -> None:
    """Tell him that one of us is looking at the order; never silent about money."""
    _after_commit(order, "review", {})


def _after_commit(order: Order, what: str, extra: dict[str, object]) -> None:
    transaction.on_commit(lambda: _send(order, what, extra), robust=True)


def _send(order: Order, what: str, extra: dict[str, object]) -> None:
    person = order.placed_by
    with translation.override(person.language or settings.LANGUAGE_CODE):
        context = {
            "order": order,
            "person": person,
            "url": settings.SHOP_URL + reverse("order-detail", kwargs={"number": order.reference}),
            "company_name": settings.COMPANY_NAME,
            **extra,
        }
        subject = " ".join(render_to_string(f"emails/orders/{what}_subject.txt", context).split())
        mail = EmailMultiAlternatives(
            subject=subject, body=render_to_string(f"emails/orders/{what}.txt", context), to=[person.email]
        )
        mail.attach_alternative(render_to_string(f"emails/orders/{what}.html", context), "text/html")
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        log.warning("mail about order %s could not be sent: %s", order.reference, error)
