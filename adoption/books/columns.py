"""Columns and indexes that sums are made of."""

from __future__ import annotations

from decimal import Decimal

from django.db import models


def count() -> models.IntegerField[int, int]:
    """Return a whole number."""
    # Not "positive": what is added to a month may be less than 0 on its way (keeping.py).
    return models.IntegerField(default=0)


def amount() -> models.DecimalField[Decimal | int, Decimal]:
    """Return an exact amount or quantity."""
    return models.DecimalField(max_digits=38, decimal_places=14, default=0)


def key(length: int = 64) -> models.CharField[str, str]:
    """Return a name of something."""
    return models.CharField(max_length=length, blank=True)


def once(name: str, *fields: str, holds: tuple[str, ...] = ()) -> list[models.BaseConstraint]:
    """Return that there is one row of them."""
    return [models.UniqueConstraint(fields=fields, include=holds, name=name)]


def by(name: str, *fields: str, holds: tuple[str, ...] = (), only: models.Q | None = None) -> list[models.Index]:
    """Return an index; `holds`: what is read of the rows besides, so that the index is enough. `only`: which rows."""
    return [models.Index(fields=fields, include=holds, condition=only, name=name)]
