"""Whose book it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CompanyBook(models.Model):
    """The company that imported facts belong to; one row at most. Without a row the shop's settings apply.

    `as_of`: the instant up to which the imported facts are complete; reports stand still there.
    """

    timezone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    calendar = models.CharField(_("calendar"), max_length=64, blank=True)
    as_of = models.DateTimeField(_("facts up to"))
    source = models.CharField(_("imported from"), max_length=200, blank=True)
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("imported book")
        verbose_name_plural = _("imported books")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="one_company_book")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.as_of:%Y-%m-%d %H:%M}"
