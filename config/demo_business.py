"""What a manager of the demo would have written down before today: plans, costs, goals, calls, quotes, leads, promises.

All of it hangs on the ERP's own orders and is drawn by their numbers, so the same ERP gives the same past. Rows have
fixed keys: written again, nothing changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts.models import SoldTo, StaffRole, User
from accounts.selectors import company_day
from adoption.coaching.services import choose_week, keep_scores
from adoption.metrics.period import months_after
from adoption.plans.models import SHARED, Cost, Goal, Plan
from adoption.quotes.models import Outcome, QuoteFact
from adoption.voice.models import ContactRequest, Enquiry, Intent, Lead, Medium, Topic
from config.demo_draw import chosen, draw
from erp_sync.mirror.models import Order
from shop.related.services import count_together

MONTHS = 18
# A month's costs by channel and kind.
COSTS = (
    ("web_self", "platform", "290"),
    ("web_self", "advertising", "140"),
    ("phone", "salaries", "980"),
    ("email", "salaries", "520"),
    ("rep", "travel", "760"),
    ("counter", "salaries", "310"),
    ("edi", "platform", "60"),
    (SHARED, "catalogue", "430"),
)
# What people ask for when they call, and what they want when they mean to buy.
SERVICE = (Topic.ORDER_STATUS, Topic.ORDER_STATUS, Topic.ORDER_STATUS, Topic.INVOICE, Topic.INVOICE, Topic.RETURN)
SALES = (Topic.PRICE, Topic.PRODUCT)
MEDIA = {"phone": Medium.PHONE, "email": Medium.EMAIL, "rep": Medium.VISIT}
SOLD_AFTER_A_TALK, ONLY_TALKED = 45, 12
# Business hours until a quote is answered, by the draw.
ANSWERED_AFTER_H = (1, 1, 2, 2, 3, 3, 4, 6, 9, 26)
QUOTED_IN_100, LOST_IN_100 = 12, 9
GOALS = (
    ("demo-order-adoption", "adoption.order", "0.35", "0.65", 10, 2),
    ("demo-enquiries", "enquiries.per_100_orders", "30", "8", 8, 4),
    ("demo-quotes", "quotes.sla_rate", "0.60", "0.90", 5, 1),
    ("demo-on-time", "delivery.otd", "0.85", "0.97", 6, 6),
)
LEADS = (
    (330, "organic_search", "pedidos@astillerosnorte.example", ""),
    (270, "email", "compras@talleresmiera.example", ""),
    (190, "referral", "almacen@pinturascantabria.example", "C0015"),
    (150, "organic_search", "obra@excavacionesriojanas.example", ""),
    (120, "direct", "compras@puertosygruas.example", "C0011"),
    (75, "organic_search", "info@viverosalba.example", ""),
    (48, "social", "taller@cicloslevante.example", ""),
    (40, "direct", "contratacion@almenar.example", "C0020"),
    (12, "organic_search", "hola@carpinteriaebro.example", ""),
)
WRITES = (
    ("Nuria Ebro", "Carpintería Ebro", "¿Sirven a Logroño? Necesitamos tornillería y anclajes cada dos semanas."),
    "hola@carpinteriaebro.example",
)
WEEKS_CHOSEN = (11, 6, 0)


def write(*, now: dt.datetime) -> None:
    """Write what is missing of the past."""
    today = company_day(now)
    orders = Order.objects.exclude(status__in=("draft", "quotation")).filter(placed_at__lt=now, is_return=False)
    Cost.objects.bulk_create(_costs(today), ignore_conflicts=True)
    Plan.objects.bulk_create(_plans(orders, today), ignore_conflicts=True)
    Goal.objects.bulk_create(_goals(today), ignore_conflicts=True)
    Enquiry.objects.bulk_create(_enquiries(orders, now), ignore_conflicts=True)
    QuoteFact.objects.bulk_create(_quotes(orders, now), ignore_conflicts=True)
    _write_leads(now)
    _promise()
    for weeks in WEEKS_CHOSEN:
        choose_week(now=now - dt.timedelta(weeks=weeks))
    keep_scores(now=now)
    count_together(now=now)


def _months(today: dt.date) -> list[dt.date]:
    return [months_after(today.replace(day=1), -back) for back in range(MONTHS)]


def _costs(today: dt.date) -> list[Cost]:
    return [
        Cost(occurred_on=month, channel=channel, kind=kind, amount=Decimal(amount), currency=settings.COMPANY_CURRENCY)
        for month in _months(today)
        for channel, kind, amount in COSTS
    ]


def _plans(orders: QuerySet[Order], today: dt.date) -> list[Plan]:
    """Plan a twentieth more than the last twelve months brought, in round numbers."""
    year = orders.filter(placed_at__date__gte=months_after(today.replace(day=1), -12))
    count, value = 0, Decimal(0)
    for total in year.values_list("untaxed_total", flat=True):
        count, value = count + 1, value + (total or Decimal(0))
    amount = (value * Decimal("1.05")).quantize(Decimal(1), "ROUND_HALF_UP") // 1000 * 1000
    orders_planned = Decimal(count * 21 // 20 // 10 * 10)
    return [
        Plan(year=year, metric=metric, scope="total", amount=planned)
        for year in (today.year, today.year + 1)
        for metric, planned in (("net_sales", amount), ("orders", orders_planned))
    ]


def _goals(today: dt.date) -> list[Goal]:
    owner = User.objects.filter(staff_role=StaffRole.MANAGER).order_by("pk").first()
    month = today.replace(day=1)
    return [
        Goal(
            goal_id=key,
            metric=metric,
            baseline=Decimal(baseline),
            target=Decimal(target),
            start_on=months_after(month, -began),
            due_on=months_after(month, due) - dt.timedelta(days=1),
            owner=owner,
        )
        for key, metric, baseline, target, began, due in GOALS
    ]


def _enquiries(orders: QuerySet[Order], now: dt.datetime) -> Iterator[Enquiry]:
    """Tell of calls around orders: rarer the later, and rarer still after an order in the shop, where people look."""
    for number, customer, placed_at, hint, reference in orders.values_list(
        "number", "customer_erp_id", "placed_at", "channel_hint", "web_reference"
    ):
        days_ago = (now - placed_at).days
        in_100 = (16 + days_ago // 14) // (2 if reference else 1)
        if draw(number, "asked", 100) < in_100:
            medium = chosen((Medium.PHONE, Medium.PHONE, Medium.EMAIL, Medium.CHAT), number, "medium")
            at = placed_at + dt.timedelta(hours=20 + draw(number, "after", 50))
            yield _enquiry(f"demo-{number}", customer, at, medium, chosen(SERVICE, number, "topic"))
        if hint in MEDIA and draw(number, "talked", 100) < SOLD_AFTER_A_TALK:
            at = placed_at - dt.timedelta(hours=1 + draw(number, "before", 60))
            yield _enquiry(f"demo-{number}-s", customer, at, MEDIA[hint], chosen(SALES, number, "sale"))
        if hint in MEDIA and draw(number, "only talked", 100) < ONLY_TALKED:
            at = placed_at + dt.timedelta(days=4, hours=draw(number, "later", 8))
            yield _enquiry(f"demo-{number}-t", customer, at, MEDIA[hint], chosen(SALES, number, "talk"))


def _enquiry(key: str, customer: str, at: dt.datetime, medium: Medium, topic: Topic) -> Enquiry:
    intent = Intent.SALES if topic in SALES else Intent.SERVICE
    return Enquiry(enquiry_id=key, account_id=customer, occurred_at=at, medium=medium, topic=topic, intent=intent)


def _quotes(orders: QuerySet[Order], now: dt.datetime) -> Iterator[QuoteFact]:
    """Tell of quotes that became web orders, of some that did not, and of two that wait for their answer."""
    web = orders.exclude(web_reference="").order_by("placed_at")
    last: tuple[str, str] | None = None
    for reference, customer, placed_at in web.values_list("web_reference", "customer_erp_id", "placed_at"):
        last = (reference, customer)
        drawn = draw(reference, "quoted", 100)
        if drawn < QUOTED_IN_100:
            asked = placed_at - dt.timedelta(days=2 + draw(reference, "quote days", 6))
            yield _quote(reference, customer, asked, Outcome.WON, placed_at, reference)
        elif drawn < QUOTED_IN_100 + LOST_IN_100:
            asked = placed_at + dt.timedelta(days=1)
            status = chosen((Outcome.LOST, Outcome.LOST, Outcome.EXPIRED), reference, "outcome")
            yield _quote(reference, customer, asked, status, asked + dt.timedelta(days=12), "")
    if last is not None:
        for hours in (30, 2):
            asked = now - dt.timedelta(hours=hours)
            yield QuoteFact(quote_id=f"demo-open-{hours}", account_id=last[1], requested_at=asked)


def _quote(
    reference: str, customer: str, asked: dt.datetime, status: str, decided: dt.datetime, order: str
) -> QuoteFact:
    hours = chosen(ANSWERED_AFTER_H, reference, "answered")
    answered = min(asked + dt.timedelta(hours=hours, minutes=draw(reference, "minutes", 50)), decided)
    return QuoteFact(
        quote_id=f"demo-{reference}",
        account_id=customer,
        requested_at=asked,
        first_response_at=answered,
        status=status,
        decided_at=decided,
        order_key=order,
    )


def _write_leads(now: dt.datetime) -> None:
    numbers = dict(SoldTo.objects.values_list("number", "erp_id"))
    for days, source, identity, number in LEADS:
        Lead.objects.get_or_create(
            lead_id=f"demo-{identity}",
            defaults={
                "created_at": now - dt.timedelta(days=days),
                "source": source,
                "identity_key": identity,
                "account_id": numbers.get(number, ""),
            },
        )
    (name, company, text), email = WRITES
    lead = Lead.objects.get(lead_id=f"demo-{email}")
    ContactRequest.objects.get_or_create(
        lead=lead, defaults={"name": name, "email": email, "company": company, "text": text}
    )


def _promise() -> None:
    """Note what the shop would have noted of old orders: the day they were first promised for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE erp_sync_orderline l SET first_promised_on = (o.placed_at AT TIME ZONE %s)::date"
            " + CASE WHEN o.id %% 5 = 0 THEN 2 ELSE 3 END"
            " FROM erp_sync_order o WHERE o.id = l.order_id AND o.status = 'completed' AND o.number LIKE 'H%%'"
            " AND l.item_type = 'goods' AND l.first_promised_on IS NULL AND l.promised_on IS NULL",
            [settings.COMPANY_TZ],
        )
