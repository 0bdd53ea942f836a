"""What happened in the demo's shop before today: facts that belong to the web orders that the demo ERP remembers.

The ERP knows the orders of eighteen months; the visits, log-ins, look-ups, answers and submits around them would have
been recorded by the shop. They are made once, from those orders, by their references alone, so the same ERP gives the
same history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from accounts.models import Membership, RepAssignment
from accounts.signals import Fact, Who
from adoption.events.recorder import record_all
from config.demo_draw import chosen, draw
from erp_sync.mirror.models import Invoice, Order, OrderLine

TRACKED_IN_100 = 45
SEARCHED_IN_100 = 30
LOOKED_IN_100 = 55
ASKED_IN_100, ANSWERED_IN_100 = 40, 62
EXIT_IN_100 = 30
RESEARCHED_IN_100 = 24
# Where visits came from; a word that stands twice is twice as frequent.
SOURCES = (*["direct"] * 10, *["email"] * 4, *["erp_link"] * 3, *["rep_link"] * 2, *["organic_search"] * 2)
SCORES = ("5", "5", "5", "4", "4", "4", "4", "3", "3", "2")
NPS_SCORES = ("10", "9", "9", "9", "8", "8", "7", "6", "10", "5")
FOUND = ("yes", "yes", "partly", "partly", "no")
SEARCHES = ("brida dn80", "taco químico m16", "guante anticorte talla 9", "cinta ptfe", "válvula 3 vías")
CAUSES = ("price_difference", "out_of_stock", "payment_failed", "erp_away")


def write(*, now: dt.datetime) -> int:
    """Write the facts of the past; again it adds what is missing. Return how many are new."""
    return record_all(fact for fact in _facts(now) if fact.occurred_at < now)


def _facts(now: dt.datetime) -> Iterator[Fact]:
    buyers = _buyers()
    reps = {row.sold_to.erp_id: str(row.rep.person_key) for row in _assignments()}
    invoices, skus = _an_invoice_of_each(), _an_item_of_each()
    before: dict[str, Order] = {}
    orders = Order.objects.exclude(status__in=("draft", "quotation")).filter(placed_at__lt=now)
    for order in orders.order_by("placed_at"):
        customer = order.customer_erp_id
        people = buyers.get(customer)
        if not order.web_reference:
            if people and customer in before:
                yield from _offline(order, people[0], skus.get(order.pk, ""), before.pop(customer))
        elif order.channel_hint == "rep" and customer in reps:
            yield from _by_rep(order, reps[customer])
        elif people:
            before[customer] = order
            yield from _by_buyer(order, people, invoices.get(customer, ""))


def _assignments() -> Iterator[RepAssignment]:
    return RepAssignment.objects.select_related("rep", "sold_to").iterator()


def _buyers() -> dict[str, list[str]]:
    """Return the person keys of each company's people, by its ERP id."""
    found: dict[str, list[str]] = {}
    for row in Membership.objects.select_related("user", "sold_to").order_by("pk"):
        found.setdefault(row.sold_to.erp_id, []).append(str(row.user.person_key))
    return found


def _an_invoice_of_each() -> dict[str, str]:
    return dict(Invoice.objects.order_by("invoiced_on").values_list("customer_erp_id", "number"))


def _an_item_of_each() -> dict[int, str]:
    """Return an item of each order."""
    lines = OrderLine.objects.filter(item_type="goods").exclude(sku="")
    return dict(lines.order_by("order", "-line_no").values_list("order", "sku"))


def _by_rep(order: Order, rep: str) -> Iterator[Fact]:
    session = f"past-{order.web_reference}"
    who = Who(order.customer_erp_id, rep, "rep", impersonator_id=rep, session_id=session)
    start = order.placed_at - dt.timedelta(minutes=6)
    yield Fact(f"past:start:{session}", "impersonation_start", start, who)
    yield _submitted(order, who, "web_assisted")
    yield Fact(f"past:end:{session}", "impersonation_end", order.placed_at + dt.timedelta(minutes=1), who)


def _by_buyer(order: Order, people: list[str], invoice: str) -> Iterator[Fact]:
    reference = order.web_reference
    person = people[draw(reference, "person", 3) % len(people)]
    who = Who(order.customer_erp_id, person, "buyer", session_id=f"past-{reference}")
    yield from _came(who, order.placed_at - dt.timedelta(minutes=3 + draw(reference, "minutes", 15)))
    if draw(reference, "again", 3) == 0:
        clicked = order.placed_at - dt.timedelta(minutes=2)
        yield Fact(f"past:reorder:{reference}", "reorder_clicked", clicked, who, "order", reference)
    yield _submitted(order, who, "web_self")
    yield from _answers(order, who)
    if draw(reference, "tracked", 100) < TRACKED_IN_100:
        yield from _tracked(order, who, invoice)
    if draw(reference, "looked", 100) < LOOKED_IN_100:
        yield from _looked_around(order, who)


def _tracked(order: Order, who: Who, invoice: str) -> Iterator[Fact]:
    reference = order.web_reference
    later = order.placed_at + dt.timedelta(hours=20 + draw(reference, "later", 60))
    back = Who(who.account_id, who.user_id, "buyer", session_id=f"{who.session_id}-2")
    yield from _came(back, later)
    at = later + dt.timedelta(minutes=1)
    yield Fact(f"past:tracked:{reference}", "order_tracked", at, back, "order", order.erp_id)
    if invoice and draw(reference, "searched", 100) < SEARCHED_IN_100:
        at, props = later + dt.timedelta(minutes=2), {"query": invoice}
        yield Fact(f"past:searched:{reference}", "invoice_searched", at, back, "invoice", "", props)


def _looked_around(order: Order, who: Who) -> Iterator[Fact]:
    """Tell of a visit that ended without an order; some are asked about it."""
    reference = order.web_reference
    at = order.placed_at - dt.timedelta(hours=30 + draw(reference, "before", 90))
    visit = Who(who.account_id, who.user_id, "buyer", session_id=f"{who.session_id}-0")
    yield from _came(visit, at)
    query, hits = chosen(SEARCHES, reference, "words"), str(draw(reference, "hits", 4))
    props = {"query": query, "hits": hits}
    yield Fact(f"past:search:{reference}", "search", at + dt.timedelta(minutes=1), visit, props=props)
    if draw(reference, "exit", 100) < EXIT_IN_100:
        yield from _survey("exit", reference, visit, at + dt.timedelta(minutes=9), "found", FOUND)


def _answers(order: Order, who: Who) -> Iterator[Fact]:
    reference, at = order.web_reference, order.placed_at + dt.timedelta(minutes=1)
    if draw(reference, "asked", 100) < ASKED_IN_100:
        yield from _survey("csat", reference, who, at, "score", SCORES)
    elif draw(reference, "nps", 9) == 0:
        yield from _survey("nps", reference, who, at, "score", NPS_SCORES)


def _survey(
    survey: str, reference: str, who: Who, at: dt.datetime, prop: str, answers: tuple[str, ...]
) -> Iterator[Fact]:
    said = {"survey": survey}
    kind = "session" if survey == "exit" else "order"
    yield Fact(f"past:asked:{survey}:{reference}", "survey_prompted", at, who, kind, reference, said)
    if draw(reference, f"{survey} answered", 100) < ANSWERED_IN_100:
        said = said | {prop: chosen(answers, reference, f"{survey} answer")}
        at += dt.timedelta(seconds=20)
        yield Fact(f"past:answer:{survey}:{reference}", "survey_answered", at, who, kind, reference, said)


def _offline(order: Order, person: str, sku: str, last: Order) -> Iterator[Fact]:
    """Tell what came before the first order past the shop after one in it: a look at the item, or something in the way.

    `last` is the web order before.
    """
    if order.placed_at - last.placed_at < dt.timedelta(hours=3):
        return
    at = max(order.placed_at - dt.timedelta(hours=2 + draw(order.number, "hours", 40)), last.placed_at)
    at += dt.timedelta(minutes=30)
    who = Who(order.customer_erp_id, person, "buyer", session_id=f"past-{order.number}")
    yield from _came(who, at)
    later = at + dt.timedelta(minutes=2)
    if draw(order.number, "researched", 100) < RESEARCHED_IN_100:
        yield Fact(f"past:viewed:{order.number}", "product_view", later, who, "item", sku)
        return
    cause = chosen(CAUSES, order.number, "cause")
    about = last.number if cause == "payment_failed" else sku
    said = {"cause": cause, "about": about}
    yield Fact(f"past:friction:{order.number}", "friction", later, who, "item", sku, said)


def _came(who: Who, at: dt.datetime) -> Iterator[Fact]:
    source = {"source": chosen(SOURCES, who.session_id, "source")}
    yield Fact(f"past:session:{who.session_id}", "session_start", at, who, props=source)
    yield Fact(f"past:login:{who.session_id}", "login", at + dt.timedelta(seconds=20), who)


def _submitted(order: Order, who: Who, channel: str) -> Fact:
    return Fact(
        event_id=f"order_submitted:{order.web_reference}",
        kind="order_submitted",
        occurred_at=order.placed_at,
        who=who,
        object_type="order",
        object_id=order.web_reference,
        props={"channel": channel, "currency": order.currency},
    )
