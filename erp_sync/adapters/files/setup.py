"""The options of the connection (ERP_OPTIONS), and the folders that ERP_URL names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_sync.adapters.files.folders import Folders
from erp_sync.errors import ErpMisconfigured


@dataclass(frozen=True, slots=True)
class Options:
    """What ERP_OPTIONS may say.

    Attributes:
        incoming, outgoing, done, sent, state, documents: Names of folders in the one of ERP_URL, or absolute paths.
            `state` must lie on a disk of the machine; `sent` on the disk of `outgoing`, `done` on that of `incoming`.
        zone: Of times without one, and of the days on which prices hold.
        currency: Where a file says none.
        language: Of names without a language.
        rounding: Where tax is rounded: "document" or "line"; `halves` "up" or "even".
        max_age_hours: Prices that were exported longer ago are not shown; 0 = always.
        credit: The accounts have credit_limit and credit_used.
        discounts: The ERP takes a row of an order whose `item_type` is "discount".
    """

    incoming: str = "incoming"
    outgoing: str = "outgoing"
    done: str = "done"
    sent: str = "sent"
    state: str = "state"
    documents: str = "documents"
    zone: str = "UTC"
    currency: str = "EUR"
    language: str = "en"
    rounding: str = "document"
    halves: str = "up"
    max_age_hours: float = 72
    credit: bool = False
    discounts: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """Return the options.

        Raises:
            ErpMisconfigured: there is no such option, or it cannot be what is said.
        """
        known = {one.name: type(one.default) for one in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise ErpMisconfigured(f"ERP_OPTIONS has no {name!r}; there are {', '.join(sorted(known))}")
            wanted = (int, float) if known[name] in {int, float} else known[name]
            if not isinstance(value, wanted) or (isinstance(value, bool) and known[name] is not bool):
                raise ErpMisconfigured(f"ERP_OPTIONS: {name} cannot be {value!r}")
        made = cls(**given)
        if made.rounding not in {"document", "line"} or made.halves not in {"up", "even"}:
            raise ErpMisconfigured('ERP_OPTIONS: rounding is "document" or "line", halves "up" or "even"')
        made.zone_info()
        return made

    def zone_info(self) -> ZoneInfo:
        """Return the zone.

        Raises:
            ErpMisconfigured: there is none of that name.
        """
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ErpMisconfigured(f"ERP_OPTIONS: there is no zone {self.zone!r}") from error

    @property
    def rounds(self) -> str:
        """Return how halves are rounded, for `Decimal.quantize`."""
        return ROUND_HALF_EVEN if self.halves == "even" else ROUND_HALF_UP


def folders_of(url: str, options: Options) -> Folders:
    """Return the folders of file:///srv/erp.

    Raises:
        ErpMisconfigured: it is no address of a folder.
    """
    parts = urlsplit(url)
    root = Path(unquote(parts.path))
    if parts.scheme != "file" or parts.netloc or not root.is_absolute() or root == Path("/"):
        raise ErpMisconfigured(f"ERP_URL is {url!r}; it must be the address of a folder: file:///srv/erp")
    return Folders(
        root=root,
        incoming=root / options.incoming,
        done=root / options.done,
        outgoing=root / options.outgoing,
        sent=root / options.sent,
        state=root / options.state,
        documents=root / options.documents,
    )
