"""Two customer companies with one of everything, and a word in each text of theirs that nobody else may ever see."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from accounts import assisted, invitations
from accounts.actors import Actor
from accounts.models import (
    AssistedSession,
    ClosedShipTo,
    CostCentre,
    Invitation,
    Membership,
    Role,
    SoldTo,
    User,
)
from accounts.selectors import company_day
from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.mirror import models as mirror
from erp_sync.mirror.writing import write
from erp_sync.outbox.models import OutboxRow
from shop.approvals.models import (
    Approval,
    ApprovalLine,
    ApprovalMove,
    ApprovalRule,
    ApprovalStep,
    BudgetPeriod,
    Commitment,
)
from shop.carts import services as carts
from shop.carts.models import Cart, CartLine
from shop.deliveries.models import ReportLink, WeeklyReport
from shop.knowledge.models import Article
from shop.lists import recurring
from shop.lists import services as lists
from shop.lists.models import ItemList, ItemListChange, ItemListLine, RecurringOrder
from shop.messages import selectors as talks
from shop.messages import services as messages
from shop.messages.models import Message, ReadMark, Thread
from shop.notices import services as notices
from shop.notices.models import Notice, Preference
from shop.orders import services as orders
from shop.orders import substitutions
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderLine, OrderMove, OrderWish, Substitution
from shop.payments import services as payments
from shop.payments.models import Allocation, FakeCharge, Payment, PaymentMove, ProviderEvent
from shop.quick import services as quick
from shop.quick.models import Pad, PadRow
from shop.quick.parsing import TypedRow
from shop.quotes.models import Quote, QuoteLine, QuoteMove, QuoteVersion, QuoteVersionLine
from shop.returns.models import Return
from shop.signals import Told
from shop.uploads.models import StoredFile
from tests.builders import approvals as waiting
from tests.builders import catalogue, files, people
from tests.builders import quotes as asking
from tests.builders.orders import place_order

SKU = "A-1"
DOCUMENT = "doc-1"
# Texts that are keys, codes or words of a fixed list: the canary would break them, not mark them.
CODES = {
    "order_number", "order_reference", "credit_number",
    "calendar", "channel", "channel_hint", "content_hash", "country", "currency", "email", "end_cause", "erp_id",
    "erp_number", "fingerprint", "item_erp_id", "item_type", "kind", "language", "number", "order_erp_id",
    "order_line_erp_id", "password", "price_list", "price_source", "reference", "seen_currency", "session_id",
    "ship_to_erp_id", "sku", "staff_role", "state", "status", "step", "timezone", "token_hash", "tracking_url",
    "via", "web_reference", "provider", "provider_reference", "token", "go_url", "return_url", "cancel_url",
    "from_state", "to_state",
    "customer_erp_id", "invoice_erp_id", "media_type", "subject_key", "path", "sha256",
    "event", "mail",
    "erp_state", "key", "cause", "sent_hash", "category_erp_id",
}  # fmt: skip


@dataclass
class Company:
    """A company, its people, and the keys of what belongs to it.

    Attributes:
        canary: In every text of it; `price` is another one: the price only this company has.
        order_numbers: An order by telephone, one of the shop that the ERP has, one that waits.
    """

    canary: str
    price: str
    sold_to: SoldTo
    buyer: Actor
    approver: Actor
    admin: Actor
    rep: User
    order_numbers: tuple[str, str, str]
    invoice_number: str
    ship_to: str
    payment: str = ""
    charge: str = ""
    rows: dict[type[models.Model], int] = field(default_factory=dict)

    def pk_of(self, model: type[models.Model]) -> int | None:
        """Return the key of one of the company's rows in this table, None where it has none."""
        return self.rows.get(model)


@dataclass
class World:
    """Company A, whose people look around, and company B, which they must never see."""

    a: Company
    b: Company
    picture: str


def build() -> World:
    """Make the world in the fake ERP, the mirror and the shop; the fake ERP must be empty."""
    sheet = r.DocumentRef(DOCUMENT, "Data sheet")
    item = catalogue.item(SKU, "Bolt", price="9.99", documents=(sheet,), image_url="/a.png", attributes={})
    day = timezone.now().date() - dt.timedelta(days=9)
    Article.objects.create(
        topic="choose-a-screw", language="en", title="Screws", body="Look.", subject="choose", published_on=day
    )
    return World(
        a=_company("alfa", canary="zqalfaqz", price="4158.73"),
        b=_company("beta", canary="zqbetaqz", price="7316.29"),
        picture=_version(item),
    )


def _version(item: mirror.Item) -> str:
    from shop.catalogue.pictures import version_of

    return version_of(item)


def _company(name: str, *, canary: str, price: str) -> Company:
    erp, now = fake.shared(), timezone.now()
    sold_to = people.sold_to(f"{name} {canary}", price_list=f"LIST-{name}")
    erp.add_customer(sold_to.erp_id, price_list=f"LIST-{name}", credit_limit=Decimal(10_000_000))
    erp.set_price(f"LIST-{name}", SKU, (1, price))
    catalogue.own_part_number(customer_erp_id=sold_to.erp_id, sku=SKU, number=canary)
    rep = people.rep(sold_to, last_name=f"Rep {canary}")
    company = Company(
        canary=canary,
        price=f"{Decimal(price):,}",
        sold_to=sold_to,
        buyer=people.buyer(sold_to),
        approver=people.buyer(sold_to, role=Role.APPROVER),
        admin=people.buyer(sold_to, role=Role.ADMIN),
        rep=rep,
        order_numbers=(f"SO-{name}-1", f"SO-{name}-2", ""),
        invoice_number=f"IN-{name}-1",
        ship_to=mirror.Address.objects.get(customer__erp_id=sold_to.erp_id).erp_id,
    )
    _orders(company, now)
    _papers(company, now)
    _quotes(company, now)
    _pay(company, now)
    _people(company, now)
    _after_order(company, now)
    _talk(company, now)
    _tell(company, now)
    _rules(company, now)
    _lists(company, now)
    _mark(company)
    return company


def _orders(company: Company, now: dt.datetime) -> None:
    """Place two orders in the shop, one of which the ERP has; fill the basket again."""
    known, waiting = _ordered(company), _ordered(company)
    Order.objects.filter(pk=known.pk).update(
        erp_id=f"o-{company.order_numbers[1]}", erp_number=company.order_numbers[1]
    )
    known.refresh_from_db()
    company.order_numbers = (*company.order_numbers[:2], waiting.reference)
    one = Decimal(1)
    lines = (r.OrderLineRecord(1, f"ol-{known.pk}", SKU, "Bolt", one, "u", Decimal(9), quantity_delivered=one),)
    with transaction.atomic():
        write(
            "orders",
            [
                r.OrderRecord(
                    erp_id=f"o-{number}",
                    version=now,
                    number=number,
                    customer_erp_id=company.sold_to.erp_id,
                    status="open",
                    placed_at=now,
                    currency="EUR",
                    web_reference=reference,
                    lines=lines,
                    allowed=("cancel", "requested_on", "ship_to", "customer_reference"),
                )
                for number, reference in zip(company.order_numbers, ("", known.reference), strict=False)
            ],
            now=now,
        )
    _fill(company.buyer)


def _fill(actor: Actor) -> None:
    carts.add_line(actor=actor, sku=SKU, quantity=Decimal(3), language="en", now=timezone.now())


def _ordered(company: Company) -> Order:
    _fill(company.buyer)
    now = timezone.now()
    data = orders.CheckoutData(
        ship_to_erp_id=company.ship_to,
        customer_reference=f"PO {company.canary}",
        requested_on=None,
        note=company.canary,
        shown=str(checkout(actor=company.buyer, now=now).fingerprint),
    )
    return place_order(actor=company.buyer, key=uuid.uuid4(), data=data, now=now)


def _papers(company: Company, now: dt.datetime) -> None:
    customer, order = company.sold_to.erp_id, f"o-{company.order_numbers[0]}"
    one, price, key = Decimal(1), Decimal(9), company.invoice_number
    billed = r.InvoiceLineRecord(1, f"il-{key}", SKU, "Bolt", one, "u", price, price, order_erp_id=order)
    invoice = r.InvoiceRecord(
        f"i-{key}", now, key, customer, "invoice", "open", now.date(), "EUR", price, Decimal(0), price, price,
        due_on=now.date(), customer_references=(company.canary,), lines=(billed,),
    )  # fmt: skip
    sent = (r.DeliveryLineRecord(order, "", SKU, one, "u"),)
    delivery = r.DeliveryRecord(f"d-{key}", now, f"D-{key}", customer, "shipped", shipped_on=now.date(), lines=sent)
    with transaction.atomic():
        write("invoices", [invoice], now=now)
        write("deliveries", [delivery], now=now)
        write("payments", [r.PaymentRecord(f"p-{key}", now, customer, now.date(), price, "EUR")], now=now)
        write("returns", [r.ReturnRecord(f"r-{key}", now, f"R-{key}", customer, "open", order_erp_id=order)], now=now)


def _pay(company: Company, now: dt.datetime) -> None:
    """Start a payment of the invoice; the fake provider waits for it."""
    wish = payments.Wish((company.invoice_number,), provider="fake")
    payment = payments.start(actor=company.buyer, key=uuid.uuid4(), wish=wish, shown=Decimal(9), now=now)
    ProviderEvent.objects.create(provider="fake", event_id=company.canary, payment=payment, received_at=now)
    company.payment = payment.reference
    company.charge = FakeCharge.objects.get(reference=payment.reference).token


def _after_order(company: Company, now: dt.datetime) -> None:
    """Leave what people do after an order: a return, a wish that was settled, a link to the report, a weekly mail."""
    number, person = company.order_numbers[0], company.buyer.user
    order = {"order_number": number, "order_erp_id": f"o-{number}"}
    Return.objects.create(
        reference=f"WEB-RETURN-{company.invoice_number}", form_key=uuid.uuid4(), sold_to=company.sold_to,
        order_line_erp_id="other", line_no=1, sku=SKU, quantity=1, reason="damaged", description=company.canary,
        asked_by=person, asked_at=now, **order,
    )  # fmt: skip
    OrderWish.objects.create(
        reference=f"WEB-WISH-{company.invoice_number}", sold_to=company.sold_to, kind="change", state="done",
        asked_by=person, asked_at=now, **order,
    )  # fmt: skip
    ReportLink.objects.create(
        sold_to=company.sold_to, token_hash=f"{company.sold_to.pk:064x}", label=company.canary, made_by=person,
        made_at=now, expires_at=now + dt.timedelta(days=7),
    )  # fmt: skip
    WeeklyReport.objects.create(sold_to=company.sold_to, person=person, since=now)


def _people(company: Company, now: dt.datetime) -> None:
    people.member(company.sold_to)
    mirror.Contact.objects.create(
        customer=mirror.Customer.objects.get(erp_id=company.sold_to.erp_id), kind="email", value=company.canary
    )
    invitations.invite(
        email=f"{company.canary}@example.com",
        sold_to=company.sold_to,
        role=Role.BUYER,
        language="en",
        by=company.admin,
        now=now,
    )
    session = people.assisted_session(company.rep, company.sold_to, reason=f"Called {company.canary}")
    assisted.end(assisted=session, cause="ended", now=now)


def _talk(company: Company, now: dt.datetime) -> None:
    """Let the buyer write with a file, and the rep read it."""
    subject = talks.Subject("order", company.order_numbers[0], company.sold_to, "/orders/", company.order_numbers[0])
    message = messages.post(
        actor=company.buyer, subject=subject, text=company.canary, files=[files.sent(files.PDF)], now=now
    )
    messages.mark_read_by_staff(person=company.rep, thread=message.thread, now=now)


def _tell(company: Company, now: dt.datetime) -> None:
    """Tell the buyers and the rep something, and let the buyer wish for fewer mails."""
    for event, audience in (("order_late", "buyers"), ("quote_asked", "rep")):
        fact = Told(f"{company.canary}:{event}", event, company.sold_to.pk, audience, now, "/orders/")
        notices.tell(told=replace(fact, params={"number": company.canary}), now=now)
    notices.choose(person=company.buyer.user, chosen={"order_shipped": "digest"}, now=now)


def _lists(company: Company, now: dt.datetime) -> None:
    """Share a list that comes again, change it, leave a line on the pad, and accept a replacement."""
    actor = company.buyer
    made = lists.create_list(actor=actor, name=company.canary, lines=[], is_shared=True, now=now)
    lists.add_line(actor=actor, item_list=made, sku=SKU, quantity=Decimal(2), now=now)
    recurring.set_recurring(actor=actor, item_list=made, interval="months-1", next_on=company_day(now), now=now)
    typed = [TypedRow(1, f"X-{company.canary}", "7")]
    quick.add_rows(actor=actor, rows=typed, source="paste", language="en", now=now)
    substitutions.remember(actor=actor, taken={company.canary: SKU}, now=now)


def _rules(company: Company, now: dt.datetime) -> None:
    """Let the company have rules that no order of these tests reaches, and one order that waits for approval."""
    sold_to, person, today = company.sold_to, company.buyer.user, now.date()
    SoldTo.objects.filter(pk=sold_to.pk).update(has_rules=True)
    centre = CostCentre.objects.create(
        sold_to=sold_to, code=company.canary, name="Old", budget=Decimal(9), is_active=False
    )  # fmt: skip
    ApprovalRule.objects.create(sold_to=sold_to, name="Huge", order_over=Decimal(10_000_000), changed_at=now)
    ClosedShipTo.objects.create(sold_to=sold_to, ship_to_erp_id="gone")
    budget = BudgetPeriod.objects.create(cost_centre=centre, starts_on=today, amount=Decimal(9), used=Decimal(9))
    key = uuid.uuid4()
    Commitment.objects.create(
        sold_to=sold_to, order_key=key, person=person, cost_centre=centre, budget=budget, amount=Decimal(9), on=today
    )
    reference = f"WEB-APPROVAL-{company.invoice_number}"
    approval = waiting.row(sold_to, person, price=company.price.replace(",", ""), reference=reference)
    Approval.objects.filter(pk=approval.pk).update(cost_centre=centre, order_key=key)


def _quotes(company: Company, now: dt.datetime) -> None:
    """Ask for two quotes, one of which is answered; and let the ERP have one of its own."""
    answered = asking.asked(company.buyer, (SKU, "2"), now=now, note=company.canary)
    asking.answered(answered, company.rep, company.price.replace(",", ""), now=now)
    asking.asked(company.buyer, (SKU, "3"), now=now, text=company.canary)
    key, customer = f"q-{company.sold_to.erp_id}", company.sold_to.erp_id
    line = r.QuoteLineRecord(1, f"{key}-1", SKU, "i", "Bolt", Decimal(1), "u", Decimal(9))
    quote = r.QuoteRecord(key, now, f"Q-{key}", "", customer, "quoted", "EUR", now, Decimal(9), lines=(line,))
    with transaction.atomic():
        write("quotes", [quote], now=now)


def _rows(company: Company) -> list[models.Model]:
    """Return every row that belongs to the company."""
    sold_to, customer = company.sold_to, company.sold_to.erp_id
    own: list[models.QuerySet[Any]] = [
        SoldTo.objects.filter(pk=sold_to.pk),
        User.objects.filter(memberships__sold_to=sold_to) | User.objects.filter(pk=company.rep.pk),
        Membership.objects.filter(sold_to=sold_to),
        Invitation.objects.filter(sold_to=sold_to),
        AssistedSession.objects.filter(sold_to=sold_to),
        Cart.objects.filter(sold_to=sold_to),
        CartLine.objects.filter(cart__sold_to=sold_to),
        Order.objects.filter(sold_to=sold_to),
        OrderLine.objects.filter(order__sold_to=sold_to),
        OrderMove.objects.filter(order__sold_to=sold_to),
        StoredFile.objects.filter(sold_to=sold_to),
        Thread.objects.filter(sold_to=sold_to),
        Message.objects.filter(thread__sold_to=sold_to),
        Notice.objects.filter(sold_to=sold_to),
        Preference.objects.filter(person__memberships__sold_to=sold_to),
        ReadMark.objects.filter(thread__sold_to=sold_to),
        Payment.objects.filter(sold_to=sold_to),
        Allocation.objects.filter(payment__sold_to=sold_to),
        PaymentMove.objects.filter(payment__sold_to=sold_to),
        ProviderEvent.objects.filter(payment__sold_to=sold_to),
        FakeCharge.objects.filter(reference=company.payment),
        OutboxRow.objects.filter(payload__order__customer_erp_id=customer),
        mirror.Customer.objects.filter(erp_id=customer),
        mirror.Address.objects.filter(customer__erp_id=customer),
        mirror.Contact.objects.filter(customer__erp_id=customer),
        mirror.Order.objects.filter(customer_erp_id=customer),
        mirror.OrderLine.objects.filter(order__customer_erp_id=customer),
        mirror.Delivery.objects.filter(customer_erp_id=customer),
        mirror.DeliveryLine.objects.filter(delivery__customer_erp_id=customer),
        mirror.Invoice.objects.filter(customer_erp_id=customer),
        mirror.InvoiceLine.objects.filter(invoice__customer_erp_id=customer),
        mirror.Payment.objects.filter(customer_erp_id=customer),
        mirror.Return.objects.filter(customer_erp_id=customer),
        mirror.Quote.objects.filter(customer_erp_id=customer),
        mirror.QuoteLine.objects.filter(quote__customer_erp_id=customer),
        Quote.objects.filter(sold_to=sold_to),
        QuoteLine.objects.filter(quote__sold_to=sold_to),
        QuoteMove.objects.filter(quote__sold_to=sold_to),
        QuoteVersion.objects.filter(quote__sold_to=sold_to),
        QuoteVersionLine.objects.filter(version__quote__sold_to=sold_to),
        Return.objects.filter(sold_to=sold_to),
        OrderWish.objects.filter(sold_to=sold_to),
        ReportLink.objects.filter(sold_to=sold_to),
        WeeklyReport.objects.filter(sold_to=sold_to),
        CostCentre.objects.filter(sold_to=sold_to),
        ClosedShipTo.objects.filter(sold_to=sold_to),
        BudgetPeriod.objects.filter(cost_centre__sold_to=sold_to),
        Commitment.objects.filter(sold_to=sold_to),
        ApprovalRule.objects.filter(sold_to=sold_to),
        Approval.objects.filter(sold_to=sold_to),
        ApprovalLine.objects.filter(approval__sold_to=sold_to),
        ApprovalStep.objects.filter(approval__sold_to=sold_to),
        ApprovalMove.objects.filter(approval__sold_to=sold_to),
        ItemList.objects.filter(sold_to=sold_to),
        ItemListLine.objects.filter(item_list__sold_to=sold_to),
        ItemListChange.objects.filter(item_list__sold_to=sold_to),
        RecurringOrder.objects.filter(item_list__sold_to=sold_to),
        Pad.objects.filter(sold_to=sold_to),
        PadRow.objects.filter(pad__sold_to=sold_to),
        Substitution.objects.filter(sold_to=sold_to),
    ]
    return [row for rows in own for row in rows.distinct()]


def _mark(company: Company) -> None:
    """Write the canary into every text of the company's rows, found from the models: no field can be forgotten."""
    for row in _rows(company):
        company.rows.setdefault(type(row), row.pk)
        texts = [
            one
            for one in row._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField) and one.name not in CODES and not one.choices
        ]
        for one in texts:
            if company.canary not in str(getattr(row, one.attname)):
                setattr(row, one.attname, f"{one.name} {company.canary}"[-(one.max_length or 200) :])
        if texts:
            row.save(update_fields=[one.name for one in texts])
    for actor in (company.buyer, company.approver, company.admin):
        actor.user.refresh_from_db()
        actor.sold_to.refresh_from_db()
    gateway.forget()


def log_in(who: Actor | User | None) -> Client:
    """Return a client that answers 500 like a real server, logged in as `who`."""
    client = Client(raise_request_exception=False)
    return client if who is None else people.log_in(client, who)
