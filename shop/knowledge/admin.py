"""Articles for our staff: written here, with how many readers they helped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.knowledge.forms import ArticleForm
from shop.knowledge.models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """Write, publish, see what helped."""

    form = ArticleForm
    list_display = ("title", "language", "subject", "published_on", "until_on", "helped")
    list_filter = ("language", "subject")
    search_fields = ("title", "topic", "tags", "body")
    fieldsets = (
        (None, {"fields": ("title", "body", "language", "topic")}),
        (_("Found by"), {"fields": ("subject", "tags", "category_erp_id", "numbers")}),
        (_("Published"), {"fields": ("published_on", "until_on", "is_public")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Count the votes of each."""
        found: QuerySet[Article] = super().get_queryset(request)
        return found.annotate(asked=Count("votes"), helpful=Count("votes", filter=Q(votes__is_helpful=True)))

    def view_on_site(self, obj: Article) -> str:
        """Return where readers see it."""
        return reverse("help-article", args=[obj.topic])

    @admin.display(description=_("found helpful"))
    def helped(self, obj: Any) -> str:
        """Return of how many it helped how many."""
        return _("%(helpful)s of %(all)s") % {"helpful": obj.helpful, "all": obj.asked} if obj.asked else ""
