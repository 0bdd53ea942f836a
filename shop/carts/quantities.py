"""How much of an item may be ordered, and what to type when it may not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _

from erp_sync.mirror.models import Item
from shop.errors import BadNumber, BadQuantity
from shop.money import formats
from shop.money.parsing import parse_decimal

MOST = Decimal(999_999)


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """Which quantities of an item the ERP takes, in its sales unit.

    Attributes:
        minimum: Least quantity of a line; None = anything above zero.
        multiple: Step; None = free.
        digits: Decimals the unit allows (0 for pieces).
    """

    minimum: Decimal | None = None
    multiple: Decimal | None = None
    digits: int = 0

    @property
    def step(self) -> Decimal:
        """The least amount by which a quantity changes."""
        return self.multiple or Decimal(1).scaleb(-self.digits)

    @property
    def least(self) -> Decimal:
        """The smallest quantity that can be ordered."""
        return self.round_up(self.minimum or self.step)

    def round_up(self, quantity: Decimal) -> Decimal:
        """Return the next quantity that can be ordered, `quantity` itself when it can.

        >>> QuantityRule(minimum=Decimal(10), multiple=Decimal(5)).round_up(Decimal(11))
        Decimal('15')
        """
        wanted = max(quantity, self.minimum or self.step)
        steps = (wanted / self.step).to_integral_value(rounding=ROUND_CEILING)
        return steps * self.step

    def accepts(self, quantity: Decimal) -> bool:
        """Say whether the ERP takes exactly this quantity."""
        return 0 < quantity <= MOST and self.round_up(quantity) == quantity


def rule_of(item: Item) -> QuantityRule:
    """Return the rule of a mirrored item."""
    return QuantityRule(item.minimum, item.multiple, int(item.sales_unit.get("digits") or 0))


def parse_quantity(text: str, *, rule: QuantityRule, language: str) -> Decimal:
    """Read a quantity as people of `language` write it (`1.234,5` or `1,234.5`).

    Raises:
        BadQuantity: what is wrong with it and what to enter instead.
    """
    try:
        quantity = parse_decimal(text, language=language)
    except BadNumber as error:
        raise BadQuantity(str(error)) from error
    check_quantity(quantity, rule=rule, language=language)
    return quantity


def check_quantity(quantity: Decimal, *, rule: QuantityRule, language: str) -> None:
    """Refuse a quantity that can't be ordered.

    Raises:
        BadQuantity: what is wrong with it and what to enter instead.
    """

    def shown(value: Decimal) -> str:
        return formats.quantity(value, language=language)

    if quantity <= 0:
        raise BadQuantity(_("Enter a quantity above zero; to take the item out, use Remove."))
    if quantity > MOST:
        raise BadQuantity(_("The most you can order in one line is %(most)s.") % {"most": shown(MOST)})
    if rule.accepts(quantity):
        return
    above = rule.round_up(quantity)
    if quantity < rule.least:
        raise BadQuantity(_("The least you can order is %(least)s.") % {"least": shown(rule.least)})
    raise BadQuantity(
        _("This item is sold in steps of %(step)s: enter %(below)s or %(above)s.")
        % {"step": shown(rule.step), "below": shown(above - rule.step), "above": shown(above)}
    )
