"""Notices about invoices and payments."""

from django.utils.translation import gettext_lazy as _

from shop.notices.events.kinds import MONEY, Event

ALL = (
    Event(
        key="invoice_due",
        group=MONEY,
        label=_("An invoice is due soon"),
        title=_("Invoice %(number)s is due on %(due_on)s: %(amount)s"),
        what=_("Invoice %(number)s is due on %(due_on)s."),
        next=_("Pay it here with others in one go, or by bank transfer. If it is paid already, do nothing."),
        action=_("See the invoice"),
        facts=("due_on", "amount"),
        icon="receipt",
    ),
    Event(
        key="invoice_overdue",
        group=MONEY,
        label=_("An invoice is overdue"),
        title=_("Invoice %(number)s is overdue: %(amount)s"),
        what=_("Invoice %(number)s was due on %(due_on)s, and our books show no payment yet."),
        next=_(
            "Pay it here or by bank transfer. If you have paid, do nothing: it shows as soon as it is in our books."
        ),
        action=_("See the invoice"),
        facts=("due_on", "amount"),
        icon="triangle-alert",
        tone="bad",
        is_money=True,
    ),
    Event(
        key="credit_note",
        group=MONEY,
        label=_("A credit note is written"),
        title=_("Credit note %(number)s: %(total)s"),
        what=_("We have written credit note %(number)s for you."),
        next=_("You may set it against an invoice when you pay."),
        action=_("See the credit note"),
        facts=("total",),
        icon="receipt",
        tone="good",
        is_money=True,
    ),
    Event(
        key="payment_captured",
        group=MONEY,
        label=_("A payment has come in"),
        title=_("We have your payment of %(amount)s"),
        what=_("Your payment of %(amount)s has come in."),
        next=_("It is being written into our books; we tell you when it stands there."),
        action=_("See the payment"),
        facts=("amount", "invoices"),
        icon="credit-card",
        is_money=True,
    ),
    Event(
        key="payment_booked",
        group=MONEY,
        label=_("A payment is in our books"),
        title=_("Your payment of %(amount)s is booked"),
        what=_("Your payment of %(amount)s stands in our books; its invoices no longer ask for it."),
        action=_("See the payment"),
        facts=("amount", "invoices"),
        icon="circle-check",
        tone="good",
        is_money=True,
    ),
    Event(
        key="payment_failed",
        group=MONEY,
        label=_("A payment has failed"),
        title=_("Your payment of %(amount)s did not go through"),
        what=_("Your payment of %(amount)s was not made; nothing was taken."),
        next=_("The invoices are as before. Try again, or pay by bank transfer."),
        action=_("See the payment"),
        facts=("amount", "invoices", "reason"),
        icon="circle-x",
        tone="bad",
        is_money=True,
    ),
)
