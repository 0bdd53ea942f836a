"""Articles, one row for each language of a topic, and who found them helpful."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    """What an article is about."""

    CHOOSE = "choose", _("How to choose")
    USE = "use", _("Use and safety")
    ORDER = "order", _("Ordering")
    DELIVERY = "delivery", _("Delivery and returns")
    INVOICE = "invoice", _("Invoices and payment")


class Article(models.Model):
    """An article in one language; those of the same `topic` say the same in others.

    Attributes:
        body: A small part of Markdown, see `shop.knowledge.markup`.
        skus, category_erp_id: Items that it is shown beside: these, and those of the category with all below it.
        is_public: Shown to guests too, where guests may look.
    """

    topic = models.SlugField(_("address"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"), max_length=20_000)
    subject = models.CharField(_("about"), max_length=20, choices=Subject.choices)
    tags = models.CharField(
        _("tags"), max_length=200, blank=True, help_text=_("Words people search for, with commas between them.")
    )
    skus = models.JSONField(_("items"), default=list, blank=True)
    category_erp_id = models.CharField(_("category"), max_length=64, blank=True)
    is_public = models.BooleanField(_("for guests too"), default=True)
    published_on = models.DateField(_("published from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering: ClassVar[list[str]] = ["subject", "title"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["topic", "language"],
                name="article_once_in_a_language",
                violation_error_message=_("There is an article with this address in this language already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class ArticleVote(models.Model):
    """Whether an article helped somebody; the last answer counts."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="votes", verbose_name=_("article"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_helpful = models.BooleanField(_("helpful"))
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("vote on an article")
        verbose_name_plural = _("votes on articles")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["article", "person"], name="one_vote_of_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.is_helpful}"
