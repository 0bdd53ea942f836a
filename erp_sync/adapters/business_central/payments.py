"""Payments as far as the API tells them: lines of payment journals that nobody has posted yet.

What is posted shows as the invoice's remaining amount; the API has no customer ledger.
"""

from __future__ import annotations

from collections.abc import Sequence

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.client import BcClient, Query, Row
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.http import Deadline

JOURNAL_FIELDS = ("id", "code")
PAYMENT_FIELDS = (
    "id", "customerId", "postingDate", "amount", "appliesToInvoiceId", "documentNumber", "externalDocumentNumber",
    "lastModifiedDateTime",
)  # fmt: skip


class Payments:
    """All lines of all payment journals, in one page: they are the few of the last days."""

    def __init__(self, client: BcClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def page(self, cursor: r.Cursor, deadline: Deadline) -> r.Page[r.PaymentRecord]:
        """Return what changed since the cursor."""
        since = cursor.changed_at
        local = self._setup.get(deadline).currency
        found = [_payment(row, local) for row in self._rows(deadline)]
        return r.Page(tuple(one for one in found if since is None or one.version >= since), None)

    def keys(self, deadline: Deadline) -> list[str]:
        """Return the ids."""
        return [to.ref(row["id"]) for row in self._rows(deadline)]

    def _rows(self, deadline: Deadline) -> Sequence[Row]:
        journals = self._client.rows("customerPaymentJournals", Query(JOURNAL_FIELDS), deadline)
        return [
            row
            for journal in journals
            for row in self._client.rows(
                f"customerPaymentJournals({to.ref(journal['id'])})/customerPayments", Query(PAYMENT_FIELDS), deadline
            )
        ]


def _payment(row: Row, local: str) -> r.PaymentRecord:
    return r.PaymentRecord(
        erp_id=to.ref(row["id"]),
        version=to.instant(row["lastModifiedDateTime"]),
        customer_erp_id=to.ref(row["customerId"]),
        paid_on=to.needed_day(row["postingDate"]),
        amount=-to.amount(row["amount"]),  # what a customer pays is negative in the journal
        currency=local,
        invoice_erp_id=to.ref(row["appliesToInvoiceId"]),
        reference=to.line(row["externalDocumentNumber"], 35) or to.line(row["documentNumber"], 20),
    )
