"""Notices about quotes, and of messages."""

from django.utils.translation import gettext_lazy as _

from shop.notices.events.kinds import BOTH, QUOTES, REP, TALK, Event, Variant
from shop.notices.models import Channel

ALL = (
    Event(
        key="quote_asked",
        group=QUOTES,
        label=_("A customer asks for a quote"),
        title=_("%(company)s asks for a quote: answer by %(answer_by)s"),
        what=_("%(company)s waits for your answer to request %(number)s."),
        next=_("The customer sees the same time on his page."),
        action=_("Answer the request"),
        facts=("answer_by",),
        sides=REP,
        icon="clock",
        tone="attention",
    ),
    Event(
        key="quote_escalated",
        group=QUOTES,
        label=_("A request for a quote is overdue"),
        title=_("Request %(number)s is not answered yet"),
        what=_("%(company)s was to have an answer to request %(number)s by %(answer_by)s."),
        next=_("Answer it now, or tell the customer when you will."),
        action=_("Answer the request"),
        facts=("answer_by",),
        sides=REP,
        icon="triangle-alert",
        tone="bad",
    ),
    Event(
        key="quote_accepted",
        group=QUOTES,
        label=_("A customer accepts a quote"),
        title=_("Quote %(number)s is accepted"),
        what=_("%(company)s has accepted quote %(number)s; the order is %(order)s."),
        action=_("Open the quote"),
        facts=("order",),
        sides=REP,
        icon="circle-check",
        tone="good",
    ),
    Event(
        key="quote_declined",
        group=QUOTES,
        label=_("A customer declines a quote"),
        title=_("Quote %(number)s is declined"),
        what=_("%(company)s does not want quote %(number)s."),
        next=_("A word on its page may show what would have been right."),
        action=_("Open the quote"),
        facts=("reason",),
        sides=REP,
        icon="circle-x",
        tone="attention",
    ),
    Event(
        key="quote_answered",
        group=QUOTES,
        label=_("A quote is answered"),
        title=_("Your quote %(number)s is here: %(total)s"),
        what=_("We have answered your request %(number)s."),
        next=_(
            "Accept all of it or single lines, ask for a change, or decline; the prices hold until %(valid_until)s."
        ),
        action=_("See the quote"),
        facts=("untaxed", "valid_until"),
        icon="file-text",
        tone="good",
        variants=(
            Variant(
                "automatic",
                what=_(
                    "Outside our hours the shop has answered request %(number)s by itself, with prices from our ERP."
                ),
            ),
        ),
    ),
    Event(
        key="quote_expiring",
        group=QUOTES,
        label=_("A quote is about to expire"),
        title=_("Quote %(number)s holds until %(valid_until)s"),
        what=_("The prices of quote %(number)s hold until the end of %(valid_until)s."),
        next=_("Accept it by then, or ask your sales rep for more time on its page."),
        action=_("See the quote"),
        facts=("valid_until",),
        icon="clock",
        tone="attention",
    ),
    Event(
        key="quote_expired",
        group=QUOTES,
        label=_("A quote has expired"),
        title=_("Quote %(number)s has expired"),
        what=_("The prices of quote %(number)s held until %(valid_until)s."),
        next=_("Ask for the same again with one click; nothing has to be typed anew."),
        action=_("See the quote"),
        facts=("valid_until",),
        icon="clock",
        channel=Channel.IN_APP,
    ),
    Event(
        key="message",
        group=TALK,
        label=_("Somebody writes to you"),
        title=_("%(author)s has written to you"),
        what=_("%(author)s writes: “%(excerpt)s”"),
        next=_("Answer on the page, so that it stays with the matter."),
        action=_("Read and answer"),
        sides=BOTH,
        icon="mail",
        variants=(
            Variant("kind", "order", title=_("%(author)s has written about order %(subject)s")),
            Variant("kind", "quote", title=_("%(author)s has written about quote %(subject)s")),
            Variant("kind", "return", title=_("%(author)s has written about return %(subject)s")),
        ),
    ),
)
