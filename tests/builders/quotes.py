"""Quotes for tests: asked for by a buyer, answered by a rep."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day
from shop.quotes import acceptance, answering, services
from shop.quotes.acceptance import Acceptance
from shop.quotes.models import Quote, QuoteVersion
from shop.quotes.services import Asked, RequestData


def asked(actor: Actor, *lines: tuple[str, str], now: dt.datetime | None = None, text: str = "", **more: Any) -> Quote:
    """Return a quote that the actor asked for: (SKU, quantity) lines, and one of free text if there is a text."""
    wanted = [Asked(quantity=Decimal(quantity), sku=sku) for sku, quantity in lines]
    if text:
        wanted.append(Asked(quantity=Decimal(1), text=text))
    data = RequestData(key=uuid.uuid4(), lines=tuple(wanted), **more)
    return services.request_quote(actor=actor, data=data, files=(), now=now or timezone.now())


def draft(quote: Quote, *prices: str, now: dt.datetime | None = None, days: int = 14, **more: str) -> answering.Draft:
    """Return an answer to the quote's lines in their order; an empty price leaves the line out."""
    lines = zip(quote.lines.all(), prices, strict=False)
    return answering.Draft(
        lines=tuple(
            answering.Drafted(
                row=str(line.line_no),
                sku=line.sku,
                quantity=line.quantity,
                net_price=Decimal(price),
                asked_line_no=line.line_no,
            )
            for line, price in lines
            if price
        ),
        valid_until=company_day(now or timezone.now()) + dt.timedelta(days=days),
        base_version=Quote.objects.get(pk=quote.pk).current_version,
        **more,
    )


def answered(quote: Quote, rep: User, *prices: str, now: dt.datetime | None = None, days: int = 14) -> QuoteVersion:
    """Let the rep answer the quote's lines at these prices."""
    sent = draft(quote, *prices, now=now, days=days)
    return answering.send_answer(rep=rep, quote=quote, draft=sent, now=now or timezone.now())


def yes_to(quote: Quote, *line_nos: int, **changes: object) -> Acceptance:
    """Return an acceptance of the version that holds now; all lines when none are named."""
    quote = Quote.objects.get(pk=quote.pk)
    version = quote.versions.get(number=quote.current_version)
    chosen = frozenset(line_nos) or frozenset(version.lines.values_list("line_no", flat=True))
    known: dict[str, object] = {
        "shown": acceptance.fingerprint(version),
        "line_nos": chosen,
        "ship_to_erp_id": quote.sold_to.erp_id.replace("C", "A"),
    }
    return Acceptance(**(known | changes))  # type: ignore[arg-type]
