"""By which channel an order of the ERP came: an ordered list of (field, value, channel), the first that fits counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from erp_sync.errors import ErpMisconfigured
from erp_sync.records import Channel


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Orders whose field has this value came by this channel; "EDI-*" fits all that begin so, "*" anything.

    Capitals make no difference; an empty field fits nothing.
    """

    field: str
    value: str
    channel: Channel

    def fits(self, words: str) -> bool:
        """Say whether what stands in the field is meant."""
        told, wanted = words.lower(), self.value.lower()
        return bool(told) and (told.startswith(wanted[:-1]) if wanted.endswith("*") else told == wanted)


def rules_of(triples: Iterable[Sequence[str]]) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples, as ERP_OPTIONS gives them.

    Raises:
        ErpMisconfigured: one is no triple or names no channel of ours.
    """
    try:
        return tuple(ChannelRule(name, str(value), Channel(channel)) for name, value, channel in triples)
    except ValueError as error:
        raise ErpMisconfigured(f"ERP_OPTIONS['channels']: {error}") from error


def first_that_fits(rules: Iterable[ChannelRule], words_in: Callable[[str], str]) -> Channel:
    """Return the channel of the first rule that fits, else UNKNOWN; `words_in` gives what stands in a field."""
    return next((rule.channel for rule in rules if rule.fits(words_in(rule.field))), Channel.UNKNOWN)
