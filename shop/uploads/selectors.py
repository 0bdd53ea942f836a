"""Reads stored files: who may have which, where its bytes lie, which of them nothing points to."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day, customers_of_rep
from shop.uploads.models import StoredFile


def get_file(*, actor: Actor | None, user: User, key: uuid.UUID, now: dt.datetime) -> StoredFile:
    """Return a file of the actor's company, or of one of the rep's companies.

    Raises:
        Http404: there is none such, or it is not his: both look the same.
    """
    found = _visible(actor=actor, user=user, now=now).filter(key=key).first()
    if found is None or not path_of(found.key).is_file():
        raise Http404
    return found


def _visible(*, actor: Actor | None, user: User, now: dt.datetime) -> QuerySet[StoredFile]:
    if user.is_rep:
        return StoredFile.objects.filter(sold_to__in=customers_of_rep(rep=user, on=company_day(now)))
    return StoredFile.objects.filter(sold_to=actor.sold_to) if actor is not None else StoredFile.objects.none()


def path_of(key: uuid.UUID) -> Path:
    """Return where the bytes of a file lie; nothing of what the sender typed is in it."""
    return Path(settings.UPLOADS_DIR) / key.hex[:2] / key.hex


def unattached(*, before: dt.datetime) -> QuerySet[StoredFile]:
    """Return files older than this that no row of any room points to.

    Every foreign key to a file is asked, those of many-to-many tables too: a new room need not say anything.
    """
    found = StoredFile.objects.filter(created_at__lt=before)
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            found = found.filter(~Exists(rows))
    return found
