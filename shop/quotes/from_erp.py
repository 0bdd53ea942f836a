"""Quotes that live in the ERP: those made there appear by themselves, and what is changed there shows here."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from accounts.models import SoldTo
from accounts.selectors import company_day, price_context
from erp_sync.mirror.models import Quote as ErpQuote
from erp_sync.mirror.models import QuoteLine as ErpLine
from shop.orders.references import new_reference
from shop.quotes import facts, states
from shop.quotes.models import Origin, Quote, QuoteState, Source
from shop.quotes.rails import rails_for
from shop.quotes.services import decide
from shop.quotes.versions import Answer, Offered, offers_hash, write_version

QUOTED, ACCEPTED, DECLINED = "quoted", "accepted", "declined"
# Rows looked at in one turn; the rest comes with the next one.
MOST = 200


def take_over(*, now: dt.datetime) -> int:
    """Make quotes of what the ERP's people made there, and follow what they changed; return how many were looked at.

    Safe to run twice: each version of the ERP's record is looked at once.
    """
    rows = list(_changed()[:MOST])
    companies = {one.erp_id: one for one in SoldTo.objects.filter(erp_id__in={row.customer_erp_id for row in rows})}
    return sum(_take(row, companies[row.customer_erp_id], now) for row in rows if row.customer_erp_id in companies)


def _changed() -> QuerySet[ErpQuote]:
    by_id = Quote.objects.filter(erp_id=OuterRef("erp_id")).values("erp_version")[:1]
    by_reference = Quote.objects.filter(reference=OuterRef("reference")).values("erp_version")[:1]
    companies = SoldTo.objects.values("erp_id")
    rows = ErpQuote.objects.filter(gone_at=None, customer_erp_id__in=companies).alias(
        seen_by_id=Subquery(by_id), seen_by_reference=Subquery(by_reference)
    )
    new = Q(seen_by_id=None, seen_by_reference=None) & (Q(state=QUOTED) | ~Q(reference=""))
    newer = Q(version__gt=F("seen_by_id")) | Q(version__gt=F("seen_by_reference"))
    return rows.filter(new | newer).prefetch_related("lines").order_by("pk")


def _take(row: ErpQuote, sold_to: SoldTo, now: dt.datetime) -> bool:
    with transaction.atomic():
        found = Quote.objects.select_for_update(of=("self",)).filter(sold_to=sold_to)
        quote = found.filter(Q(erp_id=row.erp_id) | Q(reference=row.reference or row.erp_id)).first()
        if quote is None and row.reference:
            return False  # ours by its reference, but not of this shop's memory
        if quote is None:
            quote = _begin(row, sold_to)
        elif _is_on_its_way(quote):
            return False
        _follow(quote, row, now)
        quote.erp_version, quote.erp_id = row.version, row.erp_id
        quote.erp_number = row.number or quote.erp_number
        quote.save(update_fields=["erp_version", "erp_id", "erp_number"])
    return True


def _begin(row: ErpQuote, sold_to: SoldTo) -> Quote:
    quote, _made = Quote.objects.get_or_create(
        sold_to=sold_to,
        request_key=uuid5(NAMESPACE_URL, f"erp-quote:{row.erp_id}"),
        defaults={
            "reference": new_reference(row.requested_at),
            "origin": Origin.ERP,
            "note": row.note[:2_000],
            "customer_reference": row.customer_reference,
            "currency": row.currency,
            "price_list": price_context(sold_to=sold_to).price_list,
            "requested_at": row.requested_at,
            "erp_id": row.erp_id,
            "erp_number": row.number,
        },
    )
    return quote


def _is_on_its_way(quote: Quote) -> bool:
    """An answer of ours has not reached the ERP yet: what the mirror shows is older than what we know."""
    return quote.versions.filter(number=quote.current_version, erp_state="queued").exists()


def _follow(quote: Quote, row: ErpQuote, now: dt.datetime) -> None:
    if quote.state not in states.OPEN and quote.state != QuoteState.EXPIRED:
        return
    if row.state == QUOTED:
        _follow_answer(quote, row, now)
    elif row.state == DECLINED and quote.state in states.OPEN:
        _decided_there(quote, QuoteState.WITHDRAWN, row, now)
    elif row.state == ACCEPTED:
        _decided_there(quote, QuoteState.ACCEPTED, row, now)


def _follow_answer(quote: Quote, row: ErpQuote, now: dt.datetime) -> None:
    offered = [line for line in row.lines.all() if line.net_price is not None and line.quantity > 0]
    if not offered:
        return
    told = offers_hash((line.sku, line.quantity, line.net_price or Decimal(0)) for line in offered)
    versions = quote.versions.prefetch_related("lines")
    if any(
        told == offers_hash((line.sku, line.quantity, line.net_price) for line in version.lines.all())
        for version in versions
    ):
        return
    answer = Answer(
        lines=tuple(_offered(number, line) for number, line in enumerate(offered, start=1)),
        valid_until=row.valid_until or _last_day(quote, now),
        terms=row.terms,
        note="" if quote.origin == Origin.ERP else row.note,
        source=Source.ERP,
    )
    version = write_version(quote=quote, answer=answer, now=now)
    if row.total is not None:
        version.total = row.total
        version.save(update_fields=["total"])


def _last_day(quote: Quote, now: dt.datetime) -> dt.date:
    """The ERP names no last day: it holds as long as the rails say."""
    return company_day(now) + dt.timedelta(days=rails_for(sold_to=quote.sold_to, rep=None).valid_days)


def _offered(number: int, line: ErpLine) -> Offered:
    return Offered(
        line_no=number,
        sku=line.sku,
        item_erp_id=line.item_erp_id,
        name=line.description or line.sku,
        quantity=line.quantity,
        net_price=line.net_price or Decimal(0),
        unit=line.unit,
        list_price=line.list_price,
        delivery_on=line.delivery_on,
        note=line.note,
    )


def _decided_there(quote: Quote, to: QuoteState, row: ErpQuote, now: dt.datetime) -> None:
    quote.erp_number = row.number or quote.erp_number
    if states.move(quote=quote, to=to, now=now, by="ERP"):
        decide(quote=quote, by=None, now=now)
        facts.decided(quote=quote, now=now, order=row.number if to == QuoteState.ACCEPTED else "")
