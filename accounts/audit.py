"""The append-only record of what was done, by whom and for whom.

It holds the key of a person, never his name: who is erased stays in it as a key that names nobody (accounts.privacy).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.actors import Actor
from accounts.models import AssistedSession, AuditEntry, SoldTo, User


def audit(
    *,
    actor: Actor | User | None,
    action: str,
    object_type: str = "",
    object_id: str = "",
    detail: dict[str, Any] | None = None,
    now: dt.datetime,
    sold_to: SoldTo | None = None,
    assisted: AssistedSession | None = None,
    ip: str = "",
) -> AuditEntry:
    """Write one entry, inside the caller's transaction.

    `actor` is who did it, None for the system; of an `Actor`, his company, assisted session and
    address go with it. `detail` holds plain values; for a change, `before` and `after`.
    """
    user = actor.user if isinstance(actor, Actor) else actor
    if isinstance(actor, Actor):
        sold_to, assisted, ip = sold_to or actor.sold_to, assisted or actor.assisted, ip or actor.ip
    return AuditEntry.objects.create(
        at=now,
        actor_key=user.person_key if user else None,
        sold_to=sold_to,
        assisted=assisted,
        action=action,
        object_type=object_type,
        object_id=object_id,
        detail=detail or {},
        ip=ip or None,
    )
