"""Notices about orders that wait for approval in the customer's own company."""

from django.utils.translation import gettext_lazy as _

from shop.notices.events.kinds import BOTH, ORDERS, Event, Variant

ALL = (
    Event(
        key="approval_asked",
        group=ORDERS,
        label=_("An order waits for your approval"),
        title=_("%(asker)s asks you to approve %(total)s"),
        what=_("An order of %(asker)s for %(company)s waits for your yes."),
        next=_("Look at it and decide: it fits on one screen of a phone. Nothing is ordered before you say yes."),
        action=_("Look and decide"),
        facts=("total", "reference"),
        icon="user-round-check",
        tone="attention",
    ),
    Event(
        key="approval_given",
        group=ORDERS,
        label=_("Your order is approved"),
        title=_("Your order of %(total)s is approved"),
        what=_("%(person)s approved it, and it is on its way to our ERP."),
        next=_("We write again when it is confirmed."),
        action=_("Open the order"),
        facts=("person", "total", "lower_than", "reference"),
        sides=BOTH,
        icon="circle-check",
        tone="good",
        variants=(
            Variant(
                "price",
                "lower",
                what=_("%(person)s approved it. Prices went down: it is %(total)s instead of %(lower_than)s."),
            ),
            Variant(
                "price",
                "higher",
                what=_(
                    "%(person)s approved it at the new prices: they went up after the time to honour the old ones. "
                    "It is %(total)s instead of %(lower_than)s."
                ),
            ),
            Variant(
                "price",
                "honoured",
                what=_("%(person)s approved it. Prices went up meanwhile; the ones that you saw are honoured."),
            ),
        ),
    ),
    Event(
        key="approval_declined",
        group=ORDERS,
        label=_("Your order is declined"),
        title=_("%(person)s declined your order of %(total)s"),
        what=_("Nothing was ordered. The reason: %(reason)s"),
        next=_("All of it is kept: change it on its page and send it again."),
        action=_("Change it"),
        facts=("total", "reference"),
        sides=BOTH,
        icon="circle-x",
        tone="bad",
    ),
    Event(
        key="approval_stuck",
        group=ORDERS,
        label=_("An approval is overdue"),
        title=_("The order of %(asker)s still waits for approval"),
        what=_("Nobody has decided about the order of %(total)s that %(asker)s sent for %(company)s."),
        next=_("Its page says who may approve it, and who must act when nobody can."),
        action=_("Open the order"),
        facts=("total", "reference"),
        sides=BOTH,
        icon="clock",
        tone="attention",
    ),
)
