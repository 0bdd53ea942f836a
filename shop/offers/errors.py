"""What can go wrong with an offer; the text may be shown to a buyer."""

from shop.errors import BasketChanged


class OfferGone(BasketChanged):
    """It ended, or somebody else took the last of it, since the buyer saw the total: he must confirm the new one."""
