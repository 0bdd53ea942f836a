"""Errors whose text may be shown: what happened, what was kept, what to do."""

from django.core.exceptions import PermissionDenied


class AccountsError(Exception):
    """A sentence for the person at the keyboard, already in his language."""


class NotPermitted(AccountsError, PermissionDenied):
    """The actor may see it but not do it: answered with 403 and the sentence."""


class TooOften(NotPermitted):
    """He asked too often within a while: answered with 429 and the sentence."""

    def __init__(self, sentence: str, *, retry_after_s: int) -> None:
        """Say it, and when to come again."""
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class AssistedDenied(AccountsError):
    """An assisted session may not start."""


class InvitationRefused(AccountsError):
    """The invitation cannot be used, or cannot be written."""


class EligibilityRefused(AccountsError):
    """The entry contradicts the ledger or says too little."""


class CompanyNotInErp(AccountsError):
    """The company has no customer in the mirror of the ERP, so nothing can be priced or sent."""
