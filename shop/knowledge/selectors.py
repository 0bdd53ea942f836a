"""Which articles a reader may see, in his language first; search with the stems of the article's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.http import Http404
from django.utils.translation import get_language

from accounts.models import User
from accounts.selectors import company_day
from erp_sync.mirror.models import Item
from erp_sync.statements import fetch
from shop.knowledge.models import Article, ArticleVote, Subject

MOST_FOUND = 20
MOST_BESIDE = 4
# Of a message that somebody writes only words of some length tell what it is about.
TELLING = re.compile(r"\w{4,30}")
MOST_TELLING = 16


@dataclass(frozen=True, slots=True)
class Opinion:
    """How an article was found, and what the reader said himself (None: nothing yet)."""

    helpful: int
    votes: int
    own: bool | None


def articles_for(*, is_known: bool, now: dt.datetime) -> QuerySet[Article]:
    """Return what is published, each topic once: in the reader's language, else in another. Guests see public ones.

    Lists need no texts: `body` is left in the database.
    """
    day = company_day(now)
    found = Article.objects.filter(Q(until_on=None) | Q(until_on__gte=day), published_on__lte=day)
    if not is_known:
        found = found.filter(is_public=True)
    own = Case(When(language=_reader(), then=Value(0)), default=Value(1), output_field=IntegerField())
    best = found.annotate(own=own).order_by("topic", "own", "language").distinct("topic")
    return Article.objects.filter(pk__in=best.values("pk")).defer("body")


def get_article(*, topic: str, is_known: bool, now: dt.datetime) -> Article:
    """Return an article in the reader's language, or the nearest that there is.

    Raises:
        Http404: there is none, or it is not for him.
    """
    found = articles_for(is_known=is_known, now=now).defer(None).filter(topic=topic.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


_RANKED = """
SELECT a.id FROM shop_article a
CROSS JOIN LATERAL (SELECT (CASE a.language WHEN 'es' THEN 'spanish' ELSE 'english' END)::regconfig AS name) c
CROSS JOIN LATERAL (SELECT setweight(to_tsvector(c.name, a.title || ' ' || a.tags), 'A')
    || setweight(to_tsvector(c.name, a.body), 'C') AS words) v
CROSS JOIN LATERAL (SELECT websearch_to_tsquery(c.name, %s) AS asked) q
WHERE a.id = ANY(%s) AND v.words @@ q.asked ORDER BY ts_rank(v.words, q.asked, 1) DESC, a.title LIMIT %s
"""


def search(*, query: str, is_known: bool, now: dt.datetime, most: int = MOST_FOUND) -> list[Article]:
    """Return the articles that hold these words in any of their forms, the best first (2 queries)."""
    asked = query.replace("\x00", "").strip()[:200]
    known = {one.pk: one for one in articles_for(is_known=is_known, now=now)}
    if not asked or not known:
        return []
    return [known[row[0]] for row in fetch(_RANKED, [asked, list(known), most])]


def suggestions(*, text: str, is_known: bool, now: dt.datetime) -> list[Article]:
    """Return what may answer a message that somebody is writing: any of its words counts, more count more."""
    words = list(dict.fromkeys(TELLING.findall(text[:2000].lower())))[:MOST_TELLING]
    return search(query=" or ".join(words), is_known=is_known, now=now, most=3) if words else []


def articles_beside(*, item: Item, now: dt.datetime) -> list[Article]:
    """Return what to read beside an item, for somebody who is logged in."""
    about = Q(skus__contains=item.sku) | Q(category_erp_id__in=item.category_ids)
    return list(articles_for(is_known=True, now=now).filter(about).order_by("subject", "title")[:MOST_BESIDE])


def opinion_of(*, article: Article, person: User | None) -> Opinion:
    """Return how the article was found, in all its languages."""
    votes = ArticleVote.objects.filter(article__topic=article.topic)
    counted = votes.aggregate(all=Count("pk"), helpful=Count("pk", filter=Q(is_helpful=True)))
    own = votes.filter(person=person).order_by(F("at").desc()).first() if person else None
    return Opinion(counted["helpful"], counted["all"], own.is_helpful if own else None)


def by_subject(articles: Iterable[Article]) -> list[tuple[str, list[Article]]]:
    """Return articles under the words of their subject, in the order of the subjects."""
    found: dict[str, list[Article]] = {}
    order = {subject: place for place, subject in enumerate(Subject.values)}
    for one in sorted(articles, key=lambda one: (order.get(one.subject, 99), one.title)):
        found.setdefault(one.get_subject_display(), []).append(one)
    return list(found.items())


def guests_may_read() -> bool:
    """Whether people without a log-in see public articles: where they see the catalogue."""
    return settings.GUEST_CATALOGUE in {"items", "prices"}


def _reader() -> str:
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]
