"""Names of our own people by their key."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User


def rep_names(keys: set[str]) -> dict[str, str]:
    """Return the names of reps by their person key."""
    readable = [key for key in keys if is_person_key(key)]
    return {str(one.person_key): str(one) for one in User.objects.filter(person_key__in=readable)}


def is_person_key(key: str) -> bool:
    """Imported reps have ids of their own that name nobody here."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
