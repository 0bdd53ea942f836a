"""Settling a difference: a person says what was done about it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from erp_sync.settling.errors import SettlingRefused
from erp_sync.settling.models import Difference


def settle(*, difference: Difference, by: str, note: str, now: dt.datetime) -> Difference:
    """Note that a person took care of it; it stays settled until either side changes again.

    Raises:
        SettlingRefused: without a word on what was done, or it is not open any more.
    """
    if not note.strip():
        raise SettlingRefused(_("Nothing was changed: write in a few words what was done or agreed."))
    with transaction.atomic():
        locked = Difference.objects.select_for_update().get(pk=difference.pk)
        if locked.settled_at is not None:
            raise SettlingRefused(
                _("Nothing was changed: %(person)s settled it already.") % {"person": locked.settled_by}
            )
        locked.settled_at, locked.settled_by, locked.note = now, by[:254], note.strip()[:500]
        locked.save(update_fields=["settled_at", "settled_by", "note"])
    return locked
