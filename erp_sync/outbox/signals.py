"""What the exporter tells whoever asked for a write, in the transaction that records it."""

from __future__ import annotations

from dataclasses import dataclass

from django.dispatch import Signal

from erp_sync.records import WrittenOrder


@dataclass(frozen=True, slots=True)
class WriteSettled:
    """A write came to rest, or moved to a person.

    Attributes:
        kind, reference: Of the outbox row.
        state: An `OutboxState` value: done, rejected, needs_review, needs_check or dead.
        written: The order as the ERP holds it, when state is done (or found twice: None).
        message: The ERP's own words, or why a person is needed.
    """

    kind: str
    reference: str
    state: str
    written: WrittenOrder | None
    message: str


write_settled = Signal()
"""Sent by `Signal.send` (not robust).

If a listener fails, the result is not recorded and the write is looked up again.
"""
