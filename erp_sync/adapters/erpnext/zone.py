"""The site's clock: ERPNext writes times in the zone of its site and does not say so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_sync.errors import ErpBroken, ErpMisconfigured

# What tells the time of an answer counts whole seconds.
SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SiteZone:
    """Times of one site: "2026-10-25 02:30:00.000000" and nothing more."""

    zone: ZoneInfo

    @classmethod
    def named(cls, name: str) -> SiteZone:
        """Return the zone of this name.

        Raises:
            ErpMisconfigured: there is none.
        """
        try:
            return cls(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ErpMisconfigured(f"the ERP's time zone {name[:40]!r} is not known here") from error

    def utc(self, told: Any, seen_at: dt.datetime) -> dt.datetime:
        """Return a time of the ERP, aware UTC.

        In the autumn night an hour comes twice. A time of it is taken as the second one as soon as that one is past
        (`seen_at` is when the ERP told it): what changed later is then never told as earlier.

        Raises:
            ErpBroken: it is no time.
        """
        try:
            naive = dt.datetime.fromisoformat(str(told))
        except ValueError as error:
            raise ErpBroken(f"not a time: {str(told)[:40]!r}") from error
        if naive.tzinfo is not None:
            raise ErpBroken(f"a time with a zone, which ERPNext does not write: {str(told)[:40]!r}")
        first, second = (naive.replace(tzinfo=self.zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        return second if second <= seen_at + SECOND else first

    def since(self, moment: dt.datetime) -> str:
        """Return the earliest time that something changed at or after `moment` can carry."""
        local = moment.astimezone(self.zone)
        offsets = [one.utcoffset() or dt.timedelta() for one in (local, local.replace(fold=1))]
        naive = moment.astimezone(dt.UTC).replace(tzinfo=None) + min(offsets)
        return naive.strftime("%Y-%m-%d %H:%M:%S.%f" if naive.microsecond else "%Y-%m-%d %H:%M:%S")

    def day(self, moment: dt.datetime) -> dt.date:
        """Return which day it is there."""
        return moment.astimezone(self.zone).date()
