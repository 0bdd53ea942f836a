"""An item's files in their versions: which is in force, in which languages, and what was valid when somebody bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from erp_sync.mirror.models import Item
from erp_sync.statements import fetch

KIB = 1024
ENDLESS = dt.date.max


@dataclass(frozen=True, slots=True)
class Document:
    """A file that the ERP keeps for an item; `language` is a code, "" for any.

    Attributes:
        kind: safety, data or document.
        dated_on: Since when it is valid; None when the ERP doesn't say.
        until_on: The day on which the next version began; None = it is in force.
        size: In bytes.
    """

    id: str
    name: str
    language: str
    kind: str = "document"
    version: str = ""
    dated_on: dt.date | None = None
    until_on: dt.date | None = None
    size: int | None = None

    @property
    def is_in_force(self) -> bool:
        """No later version has taken its place."""
        return self.until_on is None

    @property
    def title(self) -> str:
        """What it is, in the reader's language; a file of no known kind has its own name."""
        if self.kind == "safety":
            return _("Safety data sheet")
        return _("Data sheet") if self.kind == "data" else self.name

    @property
    def kilobytes(self) -> int | None:
        """Its size for people; None = not known."""
        return None if self.size is None else max(1, round(self.size / KIB))

    def was_valid_on(self, day: dt.date) -> bool:
        """Say whether it was the version of that day."""
        return (self.dated_on or dt.date.min) <= day < (self.until_on or ENDLESS)


def documents_of(item: Item) -> tuple[Document, ...]:
    """Return the item's files in all versions: in the reader's language first, safety before data, newest first."""
    reader = _reader()
    families: dict[tuple[str, str, str], list[Document]] = {}
    for one in map(_read, item.documents):
        key = (one.kind, one.language, one.name if one.kind == "document" else "")
        families.setdefault(key, []).append(one)
    found = [one for family in families.values() for one in _in_time(family)]
    return tuple(
        sorted(found, key=lambda d: (d.language not in {reader, ""}, _rank(d), d.language, d.name, _newest_first(d)))
    )


def in_own_language(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return what the reader can read and is in force; where there is nothing in his language, all."""
    current = [one for one in documents if one.is_in_force]
    own = [one for one in current if one.language in {_reader(), ""}]
    return tuple(own or current)


def valid_on(item: Item, *, kind: str, day: dt.date) -> Document | None:
    """Return the version of a kind that was in force on a day, in the reader's language where there is one."""
    return next((one for one in documents_of(item) if one.kind == kind and one.was_valid_on(day)), None)


# In these states of an order nothing was bought.
NOT_BOUGHT = ("draft", "quotation", "cancelled")
_DAYS = """
SELECT DISTINCT (o.placed_at AT TIME ZONE %s)::date
FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
WHERE o.customer_erp_id = %s AND o.gone_at IS NULL AND o.status <> ALL(%s)
    AND l.sku = %s AND l.quantity > 0
"""


def past_documents(*, actor: Actor, sku: str, documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the old versions that were in force when the actor's company bought; nothing is asked without any."""
    old = [one for one in documents if not one.is_in_force]
    if not old:
        return ()
    days = [row[0] for row in fetch(_DAYS, [settings.COMPANY_TZ, actor.sold_to.erp_id, list(NOT_BOUGHT), sku])]
    return tuple(one for one in old if any(one.was_valid_on(day) for day in days))


def _read(told: dict[str, Any]) -> Document:
    day = told.get("dated_on")
    return Document(
        id=told["erp_id"],
        name=told.get("name") or told["erp_id"],
        language=told.get("language", ""),
        kind=told.get("kind", "document"),
        version=told.get("version", ""),
        dated_on=dt.date.fromisoformat(day) if day else None,
        size=told.get("size"),
    )


def _in_time(family: list[Document]) -> Iterable[Document]:
    """Yield the versions of one document, each until the next began; of one day the last in the ERP is in force."""
    ordered = sorted(family, key=lambda one: (one.dated_on or dt.date.min, len(one.id), one.id))
    for one, following in pairwise(ordered):
        yield replace(one, until_on=following.dated_on or dt.date.min)
    yield ordered[-1]


def _rank(document: Document) -> int:
    return ("safety", "data", "document").index(document.kind) if document.kind in {"safety", "data"} else 2


def _newest_first(document: Document) -> int:
    return -(document.dated_on or dt.date.min).toordinal()


def _reader() -> str:
    return (get_language() or "en").split("-")[0]
