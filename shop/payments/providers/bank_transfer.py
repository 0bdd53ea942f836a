"""Bank transfer: the payer gets our account and a reference to write; the ERP sees the money when the bank has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from shop.payments.errors import ProviderRefused, WebhookRefused
from shop.payments.providers.base import Ask, Found, GiveBack, Held, Message, Standing, Started


@dataclass(frozen=True, slots=True)
class Account:
    """Where the money goes."""

    holder: str
    number: str
    bic: str
    bank: str


class BankTransfer:
    """Nothing is charged here: the payment waits until the mirror shows the invoices paid.

    Args:
        options: holder, number (IBAN), bic, bank.
    """

    name = "bank_transfer"
    is_online = False

    def __init__(self, options: Mapping[str, str]) -> None:
        self.account = Account(options["holder"], options["number"], options["bic"], options["bank"])

    def takes(self, currency: str) -> bool:
        """Banks change money."""
        return bool(currency)

    def start(self, ask: Ask) -> Started:
        """There is nobody to ask; the reference is ours."""
        return Started(ask.reference, standing=Standing.PENDING)

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Nobody here knows: the ERP's bank statement tells."""
        return Found(Standing.PENDING)

    def refund(self, held: Held, back: GiveBack) -> None:
        """Money that came by bank goes back by bank."""
        raise ProviderRefused("a transfer is given back by transfer")

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Banks send us nothing."""
        raise WebhookRefused("bank transfers send no messages")
