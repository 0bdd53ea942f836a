"""The channel of an order, decided once, when it is first seen (docs/metrics.md, "Channels")."""

from __future__ import annotations

from typing import NamedTuple

ERP_SOURCES = frozenset({"edi", "phone", "email", "rep", "counter"})
SHOP, PUNCHOUT, BUYER = "shop", "punchout", "buyer"


class Decision(NamedTuple):
    """A channel and the number of the rule that gave it."""

    channel: str
    rule: int


def decide(*, entry: str, erp_source: str, via: str, submitter_role: str, is_impersonated: bool) -> Decision:
    """Return the channel of an order as the canonical files tell it: entry shop or erp, role of who submitted it.

    >>> decide(entry="shop", erp_source="", via="web", submitter_role="buyer", is_impersonated=False)
    Decision(channel='web_self', rule=3)
    >>> decide(entry="erp", erp_source="EDI ", via="", submitter_role="", is_impersonated=False)
    Decision(channel='edi', rule=5)
    """
    if entry == SHOP or via == PUNCHOUT:
        return of_shop_order(
            is_assisted=is_impersonated, submitted_by_buyer=submitter_role == BUYER, via_punchout=via == PUNCHOUT
        )
    return of_erp_order(erp_source.strip().lower())


def of_shop_order(*, is_assisted: bool, submitted_by_buyer: bool, via_punchout: bool = False) -> Decision:
    """Return the channel of an order that was submitted in the shop.

    >>> of_shop_order(is_assisted=False, submitted_by_buyer=True)
    Decision(channel='web_self', rule=3)
    >>> of_shop_order(is_assisted=True, submitted_by_buyer=False)
    Decision(channel='web_assisted', rule=1)
    """
    if is_assisted:
        return Decision("web_assisted", 1)
    if via_punchout:
        return Decision("punchout", 2)
    return Decision("web_self", 3) if submitted_by_buyer else Decision("web_assisted", 4)


def of_erp_order(source: str) -> Decision:
    """Return the channel of an order that was created in the ERP, by what the ERP says of its source.

    >>> of_erp_order("phone"), of_erp_order("")
    (Decision(channel='phone', rule=5), Decision(channel='erp_other', rule=6))
    """
    return Decision(source, 5) if source in ERP_SOURCES else Decision("erp_other", 6)
