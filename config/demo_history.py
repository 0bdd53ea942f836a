"""What happened in the demo's shop before today: facts that belong to the web orders that the demo ERP remembers.

The ERP knows the orders of eighteen months; the log-ins, look-ups and submits around them would have been recorded by
the shop. They are made once, from those orders, by their references alone, so the same ERP gives the same history.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from accounts.models import Membership, RepAssignment
from accounts.signals import Fact, Who
from adoption.events.recorder import record
from erp_sync.mirror.models import Invoice, Order

TRACKED_IN_100 = 45
SEARCHED_IN_100 = 30


def write(*, now: dt.datetime) -> int:
    """Write the facts of the past; again it adds what is missing. Return how many are new."""
    buyers = _buyers()
    reps = {row.sold_to.erp_id: str(row.rep.person_key) for row in _assignments()}
    invoices = _an_invoice_of_each()
    orders = Order.objects.exclude(web_reference="").exclude(status__in=("draft", "quotation"))
    facts: list[Fact] = []
    for order in orders.filter(placed_at__lt=now).order_by("placed_at"):
        people = buyers.get(order.customer_erp_id)
        if order.channel_hint == "rep" and order.customer_erp_id in reps:
            facts.extend(_by_rep(order, reps[order.customer_erp_id]))
        elif people:
            facts.extend(_by_buyer(order, people, invoices.get(order.customer_erp_id, "")))
    return sum(record(fact) for fact in facts if fact.occurred_at < now)


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


def _draw(order: Order, what: str, sides: int) -> int:
    """Return a number from 0 that depends on the order and the purpose only."""
    digest = hashlib.sha256(f"{order.web_reference}:{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % sides


def _by_rep(order: Order, rep: str) -> Iterator[Fact]:
    session = f"past-{order.web_reference}"
    who = Who(order.customer_erp_id, rep, "rep", impersonator_id=rep, session_id=session)
    start = order.placed_at - dt.timedelta(minutes=6)
    yield Fact(f"past:start:{session}", "impersonation_start", start, who)
    yield _submitted(order, who, "web_assisted")
    yield Fact(f"past:end:{session}", "impersonation_end", order.placed_at + dt.timedelta(minutes=1), who)


def _by_buyer(order: Order, people: list[str], invoice: str) -> Iterator[Fact]:
    person = people[_draw(order, "person", 3) % len(people)]
    who = Who(order.customer_erp_id, person, "buyer", session_id=f"past-{order.web_reference}")
    minutes = 3 + _draw(order, "minutes", 15)
    yield from _came(who, order.placed_at - dt.timedelta(minutes=minutes))
    yield _submitted(order, who, "web_self")
    if _draw(order, "tracked", 100) < TRACKED_IN_100:
        later = order.placed_at + dt.timedelta(hours=20 + _draw(order, "later", 60))
        back = Who(who.account_id, person, "buyer", session_id=f"{who.session_id}-2")
        yield from _came(back, later)
        yield Fact(
            f"past:tracked:{order.web_reference}", "order_tracked", later + dt.timedelta(minutes=1), back,
            "order", order.erp_id,
        )  # fmt: skip
        if invoice and _draw(order, "searched", 100) < SEARCHED_IN_100:
            at = later + dt.timedelta(minutes=2)
            props = {"query": invoice}
            yield Fact(f"past:searched:{order.web_reference}", "invoice_searched", at, back, "invoice", "", props)


def _came(who: Who, at: dt.datetime) -> Iterator[Fact]:
    yield Fact(f"past:session:{who.session_id}", "session_start", at, who, props={"source": "direct"})
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
