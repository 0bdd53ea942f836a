"""Sessions in the database, read together with who is logged in: one question instead of three on every page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import LiveSession, Membership, SoldTo, User
from erp_sync.statements import columns, fetch, from_row, width

Row = tuple[Any, ...]


class SessionStore(DatabaseStore):
    """Django's own store; only its reading takes the person and his companies along."""

    _found: list[Row] | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds, {} when there is none or its time is over."""
        self._found = fetch(_statement(), [self.session_key, timezone.now()])
        if not self._found:
            self._session_key = None
            return {}
        return self.decode(self._found[0][0])

    def person(self) -> User | None:
        """Return who the session's row says is logged in, with his companies; nobody has checked yet that it holds."""
        SESSION_KEY in self  # noqa: B015 (reads the row)
        if not self._found or self._found[0][1] is None:
            return None
        end = 1 + width(User)
        user = from_row(User, self._found[0][1:end])
        user.open_memberships = [_membership(user, row[end:]) for row in self._found if row[end] is not None]
        return user


def known_person(session: SessionBase) -> User | None:
    """Return the person of a session when all holds that Django asks for; None leaves the question to Django."""
    if (
        not isinstance(session, SessionStore)
        or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS
    ):
        return None
    user = session.person()
    if user is None or not user.is_active or session.get(SESSION_KEY) != str(user.pk):
        return None
    is_his = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if is_his else None


def _membership(user: User, values: Row) -> Membership:
    end = width(Membership)
    membership = from_row(Membership, values[:end])
    membership.user = user
    membership.sold_to = from_row(SoldTo, values[end:-2])
    membership.sold_to.price_terms = None if values[-2] is None else (values[-2], values[-1])
    return membership


@cache
def _statement() -> str:
    """Return the statement: a row for each open membership, one without for a person who has none."""
    tables = {model: f'"{model._meta.db_table}"' for model in (LiveSession, User, Membership, SoldTo)}
    return f"""
SELECT s.session_data, {columns(User, "u")}, {columns(Membership, "m")}, {columns(SoldTo, "c")},
    t.price_list, t.currency
FROM django_session s
LEFT JOIN {tables[LiveSession]} l ON l.session_key = s.session_key
LEFT JOIN {tables[User]} u ON u.id = l.user_id
LEFT JOIN ({tables[Membership]} m JOIN {tables[SoldTo]} c ON c.id = m.sold_to_id AND c.is_active)
    ON m.user_id = u.id AND m.is_active
LEFT JOIN erp_sync_customer t ON t.erp_id = c.erp_id
WHERE s.session_key = %s AND s.expire_date > %s
ORDER BY m.id
"""  # noqa: S608 (names of our own tables)
