"""Says whether an article helped."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from shop.knowledge.models import Article, ArticleVote


def vote(*, article: Article, person: User, is_helpful: bool, now: dt.datetime) -> None:
    """Keep whether it helped him; saying it again changes his answer."""
    ArticleVote.objects.update_or_create(article=article, person=person, defaults={"is_helpful": is_helpful, "at": now})
