"""Files that people send with a quote, a message or a return."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """A file of one company. Its bytes lie under UPLOADS_DIR by `key`; `name` is only what people call it.

    `media_type` is what the content says, never what the sender said.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="files")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="shop_file_by_age")]

    def __str__(self) -> str:
        return self.name
