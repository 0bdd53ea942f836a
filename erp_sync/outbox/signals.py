"""What the exporter tells whoever asked for a write, in the transaction that records it."""

from __future__ import annotations

from dataclasses import dataclass

from django.dispatch import Signal

from erp_sync.records import WrittenDocument, WrittenOrder


@dataclass(frozen=True, slots=True)
class WriteSettled:
    """A write came to rest, or moved to a person.

    Attributes:
        kind, reference: Of the outbox row.
        state: An `OutboxState` value: done, rejected, needs_review, needs_check or dead. Of an order also "handed": the
            ERP can take it, its number is still to come; another event follows.
        written: What the ERP holds now, when state is done or handed (else None): the order for the kinds "order" and
            "quote_accept", the document for the others.
        message: The ERP's own words, or why a person is needed.
    """

    kind: str
    reference: str
    state: str
    written: WrittenOrder | WrittenDocument | None
    message: str


write_settled = Signal()
"""Sent by `Signal.send` (not robust).

If a listener fails, the result is not recorded and the write is looked up again.
"""
