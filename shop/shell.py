"""What the frame of every page needs: names, languages, the basket's count, the age of the ERP's data.

Each value is asked only when a template prints it, so a page without the frame (a fragment, the admin) pays nothing.
"""

from __future__ import annotations

import datetime as dt
import time
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from accounts.actors import Actor
from accounts.models import User
from erp_sync.connection import selectors as connection
from erp_sync.connection.selectors import Frame
from erp_sync.statements import fetch
from shop.approvals.selectors import waiting_count
from shop.carts.selectors import line_count
from shop.guests.selectors import are_welcome, guest_way
from shop.notices.selectors import unread
from shop.quotes.selectors import waiting_for_rep

_COUNTS = """
SELECT
    (SELECT count(*) FROM shop_cart c JOIN shop_cartline l ON l.cart_id = c.id
        WHERE c.user_id = %s AND c.sold_to_id = %s),
    (SELECT count(*) FROM shop_notice WHERE person_id = %s AND sold_to_id = %s AND read_at IS NULL AND is_shown)
"""
# The foot says minutes; asking the database more often than this would be waste.
AGE_S = 15


class Shell:
    """The frame's facts for one request."""

    def __init__(self, request: HttpRequest) -> None:
        """Keep the request; ask nothing yet."""
        self._request = request
        self._actor = getattr(request, "actor", None)

    @property
    def company_name(self) -> str:
        """Our company's name."""
        return str(settings.COMPANY_NAME)

    @property
    def other_languages(self) -> tuple[tuple[str, str], ...]:
        """Code and own name of each language but the one in use."""
        return tuple(
            (code, get_language_info(code)["name_local"].capitalize())
            for code, _ in settings.LANGUAGES
            if code != get_language()
        )

    @property
    def has_company(self) -> bool:
        """Whoever looks acts for a company."""
        return self._actor is not None

    @property
    def basket_count(self) -> int:
        """Lines in the basket of whoever acts; 0 without a company."""
        return self._counts[0]

    @property
    def unread_count(self) -> int:
        """Notices that whoever looks has not opened yet."""
        return self._counts[1]

    @property
    def guest_url(self) -> str:
        """Where a guest goes on: the item or search that he wanted, else the catalogue; "" where none may look."""
        return guest_way(self._request.GET.get("next", "")) if are_welcome() else ""

    @cached_property
    def _counts(self) -> tuple[int, int]:
        """The two figures of the head; one question for a buyer, who is almost everybody."""
        actor: Actor | None = self._actor
        if actor is not None and not actor.is_assisted:
            lines, new = fetch(_COUNTS, [actor.user.pk, actor.sold_to.pk] * 2)[0]
            return int(lines), int(new)
        user = getattr(self._request, "user", None)
        new = unread(user=user, actor=actor, now=timezone.now()).count() if isinstance(user, User) else 0
        return line_count(actor=actor) if actor is not None else 0, new

    @cached_property
    def approvals_waiting(self) -> int:
        """Orders that wait for the yes of whoever looks; asked only where his company has rules."""
        return waiting_count(actor=self._actor) if self._actor is not None else 0

    @property
    def has_rules(self) -> bool:
        """The company has rules of its own."""
        return self._actor is not None and self._actor.is_under_rules

    @cached_property
    def quotes_waiting(self) -> int:
        """Quotes that wait for the rep who looks; 0 for everybody else, without asking."""
        user = getattr(self._request, "user", None)
        return waiting_for_rep(rep=user, now=timezone.now()) if isinstance(user, User) and user.is_rep else 0

    @property
    def erp_as_of(self) -> dt.datetime | None:
        """When orders were last pulled from the ERP; None before the first pull."""
        return frame(int(time.monotonic() // AGE_S)).orders_as_of

    @property
    def announcement(self) -> str:
        """What staff announce to buyers now, in the reader's language; "" when nothing is."""
        return frame(int(time.monotonic() // AGE_S)).text_in(get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=1)
def frame(_tick: int) -> Frame:
    """Return the age of the copy and what is announced; kept in the process for AGE_S seconds."""
    return connection.frame(now=timezone.now())


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for templates/base.html."""
    return {"shell": Shell(request)}
