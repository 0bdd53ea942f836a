"""Why an approval does not go on; each text may be shown."""

from __future__ import annotations

from shop.errors import ShopError


class ApprovalMoved(ShopError):
    """It was decided, changed or taken back in the meantime: look again (409)."""


class ApprovalRefused(ShopError):
    """It can't be done as it is; the approval stays as it was."""


class BudgetSpent(ShopError):
    """The cost centre's budget does not hold for it; the sentence says who can raise it."""


class RuleRefused(ShopError):
    """A rule, limit or cost centre can't be saved like this."""
