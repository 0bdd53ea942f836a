"""What a notice can be about, and the shape of its words.

Texts name the params of `shop.signals.Told` as `%(number)s`; `shop.notices.words` writes them in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.notices.models import Channel

Text = str | Promise

ORDERS, QUOTES, MONEY, TALK = "orders", "quotes", "money", "talk"
GROUPS: dict[str, Text] = {
    ORDERS: _("Orders, deliveries and returns"),
    QUOTES: _("Quotes"),
    MONEY: _("Invoices and payments"),
    TALK: _("Messages"),
}
BUYER, REP = frozenset({"buyer"}), frozenset({"rep"})
BOTH = BUYER | REP
# Of money there is always a mail: at once, or once a day.
CHANNELS_OF_MONEY = (Channel.MAIL, Channel.DIGEST)


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for a case: where the param has this value (`value` None: any value but "")."""

    param: str
    value: str | None = None
    title: Text = ""
    what: Text = ""
    next: Text = ""

    def fits(self, params: dict[str, str]) -> bool:
        """Whether it is this case."""
        said = params.get(self.param, "")
        return bool(said) if self.value is None else said == self.value


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of notice.

    Attributes:
        label: What the settings page calls it.
        sides: Who can be told of it: buyer, rep, or both.
        next: What comes next, or what to do; "" when nothing has to be said.
        facts: Params shown as a small table, where they have a value.
        icon, tone: Its mark in the shop's list.
        is_money: Never silent.
    """

    key: str
    group: str
    label: Text
    title: Text
    what: Text
    action: Text
    next: Text = ""
    facts: tuple[str, ...] = ()
    sides: frozenset[str] = BUYER
    icon: str = "info"
    tone: str = "info"
    is_money: bool = False
    channel: str = Channel.MAIL
    variants: tuple[Variant, ...] = ()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What the reader may choose."""
        return CHANNELS_OF_MONEY if self.is_money else tuple(Channel)
