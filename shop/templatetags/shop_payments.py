"""What the invoice pages need to know about paying: the room of invoices stands below that of payments."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template import Context

from accounts.actors import Actor
from shop.payments import selectors

register = template.Library()


@dataclass(frozen=True, slots=True)
class Paying:
    """Whether invoices can be paid here.

    Attributes:
        reason: Why not, "" when they can.
        held: The ERP id of a document that is being paid -> the payment's reference.
    """

    reason: str
    held: dict[str, str]

    @property
    def is_on(self) -> bool:
        """Whether the page offers to pay."""
        return not self.reason


@register.simple_tag(takes_context=True)
def paying(context: Context) -> Paying:
    """Return what the page's reader may pay: `{% paying as pay %}` (one query, once a page)."""
    actor: Actor = context["request"].actor
    return Paying(selectors.why_not_pay(actor=actor), selectors.on_their_way(actor=actor))


@register.filter
def get(values: dict[str, str], key: str) -> str:
    """Return a value of a dictionary, "" when there is none."""
    return values.get(key, "")
