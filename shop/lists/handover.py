"""A rep hands the basket that he filled to the customer: “I have filled it, please confirm”."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership
from accounts.signals import announce
from shop.carts import services as carts
from shop.lists import services
from shop.lists.errors import ListRefused
from shop.lists.models import ItemList, ListKind
from shop.signals import Told, shop_told

MAX_NOTE = 500


def receivers_of(*, actor: Actor) -> QuerySet[Membership]:
    """Return whom a rep who acts for a company can hand its basket to: its people with a log-in.

    Raises:
        Http404: the actor is no rep who acts for a customer.
    """
    if not actor.is_assisted:
        raise Http404
    people = Membership.objects.filter(sold_to=actor.sold_to, is_active=True, user__is_active=True)
    return people.select_related("user").order_by("user__first_name", "user__last_name", "pk")


@transaction.atomic
def hand_over(*, actor: Actor, to: str, note: str, now: dt.datetime) -> ItemList:
    """Make the rep's basket a saved basket of the customer's person, tell him, and empty the rep's own.

    Nothing is ordered: the person looks at each line with its price of that moment, and decides.

    Args:
        actor: A rep in an assisted session.
        to: Primary key of the person's membership, as typed.
        note: What the rep says with it.
        now: Aware UTC.

    Raises:
        Http404: the actor is no rep who acts for a customer.
        ListRefused: the basket is empty, or nobody of the company was chosen.
    """
    chosen = receivers_of(actor=actor).filter(pk=int(to)).first() if to.isascii() and to.isdigit() else None
    if chosen is None:
        raise ListRefused(_("Choose who gets the basket. Nothing was sent."))
    carts.cart_for_update(actor=actor)  # what is added from here on stays in the basket, and a double click waits
    lines = services.basket_lines(actor=actor)
    if not lines:
        raise ListRefused(_("The basket is empty. Put items into it first."))
    with translation.override(chosen.user.language or settings.LANGUAGE_CODE):
        name = _("Basket from %(rep)s") % {"rep": actor.user}
    made = services.create_list(actor=actor, name=name, lines=lines, kind=ListKind.BASKET, now=now)
    made.owner = chosen.user
    made.save(update_fields=["owner"])
    carts.clear(actor=actor, now=now)
    announce(shop_told, _told(made, chosen, note=note.strip()[:MAX_NOTE], lines=len(lines), now=now))
    return made


def _told(made: ItemList, chosen: Membership, *, note: str, lines: int, now: dt.datetime) -> Told:
    return Told(
        key=f"basket:{made.pk}:handed-over",
        event="basket_handed_over",
        sold_to_id=made.sold_to_id,
        audience="person",
        person_id=chosen.user_id,
        occurred_at=now,
        path=reverse("list-detail", kwargs={"pk": made.pk}),
        params={"rep": str(made.changed_by), "note": note, "lines": str(lines)},
    )
