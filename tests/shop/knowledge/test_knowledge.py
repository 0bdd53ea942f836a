"""Articles: who sees which, in which language, how they are found, and that their text is safe."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from accounts.selectors import company_day
from erp_sync.adapters.fake import FakeErp
from shop.home.receivers import hand_out
from shop.knowledge import selectors
from shop.knowledge.forms import MOST_ITEMS
from shop.knowledge.markup import as_html
from shop.knowledge.models import Article, ArticleVote
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def article(topic: str = "choose-a-screw", language: str = "en", **changes: Any) -> Article:
    given: dict[str, Any] = {
        "title": f"Choosing screws ({topic})",
        "body": "Outside take **stainless** steel.",
        "subject": "choose",
        "published_on": company_day(timezone.now()) - dt.timedelta(days=1),
    }
    return Article.objects.create(topic=topic, language=language, **(given | changes))


def titles(found: Any) -> list[str]:
    return sorted(one.topic + "." + one.language for one in found)


def test_a_topic_is_shown_once_in_the_readers_language_or_another() -> None:
    article("screws")
    article("screws", "es")
    article("gloves", "es")
    now = timezone.now()
    assert titles(selectors.articles_for(is_known=True, now=now)) == ["gloves.es", "screws.en"]
    with translation.override("es"):
        assert titles(selectors.articles_for(is_known=True, now=now)) == ["gloves.es", "screws.es"]


def test_drafts_and_what_is_over_are_not_shown(client: Client) -> None:
    day = company_day(timezone.now())
    article("draft", published_on=None)
    article("over", until_on=day - dt.timedelta(days=1), published_on=day - dt.timedelta(days=9))
    article("soon", published_on=day + dt.timedelta(days=9))
    article("now", until_on=day + dt.timedelta(days=9))
    people.acting(client)
    pages = {
        one: client.get(reverse("help-article", args=[one])).status_code for one in ("draft", "over", "soon", "now")
    }
    assert pages == {"draft": 404, "over": 404, "soon": 404, "now": 200}


@pytest.mark.parametrize("words", ["screw", "choose screws", "stainless", "chipboards"])
def test_a_search_finds_other_forms_of_a_word(words: str) -> None:
    article("screws", tags="chipboard")
    article("gloves", title="Gloves", body="Size and material.")
    found = selectors.search(query=words, is_known=True, now=timezone.now())
    assert titles(found) == ["screws.en"]


def test_a_spanish_article_is_found_by_spanish_stems() -> None:
    article("tornillos", "es", title="Elegir un tornillo", body="En exteriores, acero inoxidable.")
    with translation.override("es"):
        for words in ("tornillos", "inoxidables", "elegir tornillos"):
            assert titles(selectors.search(query=words, is_known=True, now=timezone.now())) == ["tornillos.es"], words


def test_the_title_counts_more_than_the_text() -> None:
    article("b", title="Boards", body="Something about anchors.")
    article("a", title="Anchors", body="Something about walls.")
    found = selectors.search(query="anchor", is_known=True, now=timezone.now())
    assert [one.topic for one in found] == ["a", "b"]


def test_a_message_gets_suggestions_by_any_of_its_words() -> None:
    article("screws")
    article("returns", title="Return goods", body="Open the order and press Return.")
    text = "Good morning, two boxes arrived broken and I want to return them, how do I do it?"
    assert titles(selectors.suggestions(text=text, is_known=True, now=timezone.now())) == ["returns.en"]
    assert selectors.suggestions(text="a b", is_known=True, now=timezone.now()) == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("[a](//evil.example)", "<p>[a](//evil.example)</p>"),
        ('[a](/items/"onclick=x)', "<p>[a](/items/&quot;onclick=x)</p>"),
        ("[a](/items/A-1/)", '<p><a href="/items/A-1/">a</a></p>'),
        ("[a](https://x.example/b)", '<p><a href="https://x.example/b" rel="noopener noreferrer">a</a></p>'),
        (
            "## Why\nso\n- **a**\n- *b*",
            "<h2>Why</h2>\n<p>so</p>\n<ul><li><strong>a</strong></li><li><em>b</em></li></ul>",
        ),
        ("4 * 40, 5 * 50", "<p>4 * 40, 5 * 50</p>"),
        ("1. one\n2. `two`", "<ol><li>one</li><li><code>two</code></li></ol>"),
    ],
)
def test_text_becomes_safe_html(text: str, html: str) -> None:
    assert as_html(text) == html


def test_guests_read_public_articles_only_where_they_may_look(client: Client, settings: Settings) -> None:
    article("public")
    article("inside", is_public=False)
    paths = [reverse("help-index"), reverse("help-article", args=["public"]), reverse("help-article", args=["inside"])]
    settings.GUEST_CATALOGUE = ""
    assert [client.get(path).status_code for path in paths] == [302, 302, 302]
    assert "Choosing screws" not in client.get(reverse("help-suggest"), {"text": "screws"}).content.decode()
    settings.GUEST_CATALOGUE = "items"
    assert [client.get(path).status_code for path in paths] == [200, 200, 404]
    assert "inside" not in client.get(paths[0]).content.decode()
    people.acting(client)
    assert client.get(paths[2]).status_code == 200


def test_a_vote_counts_once_for_a_person_and_can_be_changed(client: Client) -> None:
    article("screws")
    people.acting(client)
    path = reverse("help-vote", args=["screws"])
    for answer in ("yes", "yes", "no"):
        assert client.post(path, {"helpful": answer}).status_code == 302
    assert [one.is_helpful for one in ArticleVote.objects.all()] == [False]
    page = client.get(reverse("help-article", args=["screws"])).content.decode()
    assert "It helped 0 of 1 readers" in page
    told = hand_out(ArticleVote.objects.get().person)["guides judged"]
    assert [(one["article__title"], one["is_helpful"]) for one in told] == [("Choosing screws (screws)", False)]


def test_an_item_shows_guides_of_its_category_and_its_own(client: Client, erp: FakeErp) -> None:
    group = catalogue.category("Fasteners")
    catalogue.item("A-1", category_erp_ids=(group.erp_id,))
    catalogue.item("B-2")
    article("of-category", category_erp_id=group.erp_id)
    article("of-item", skus=["B-2"])
    people.acting(client)
    first = client.get(reverse("item-detail", args=["A-1"])).content.decode()
    second = client.get(reverse("item-detail", args=["B-2"])).content.decode()
    assert ("(of-category)" in first, "(of-item)" in first) == (True, False)
    assert ("(of-category)" in second, "(of-item)" in second) == (False, True)


def test_staff_writes_and_publishes_an_article(client: Client) -> None:
    people.log_in(client, people.manager())
    written = {
        "title": "Anchors",
        "body": "Look into the hole.",
        "language": "en",
        "topic": "anchors",
        "subject": "choose",
    }
    assert client.get(reverse("admin:shop_article_add")).status_code == 200
    again = client.post(reverse("admin:shop_article_add"), written | {"numbers": "NOSUCH"})
    assert list(again.context["adminform"].form.errors) == ["numbers"]
    many = "\n".join(f"A-{number}" for number in range(MOST_ITEMS + 1))
    again = client.post(reverse("admin:shop_article_add"), written | {"numbers": many})
    assert "At most 100 items" in str(again.context["adminform"].form.errors["numbers"])
    assert client.post(reverse("admin:shop_article_add"), written).status_code == 302
    assert client.post(reverse("admin:shop_article_add"), written).status_code == 200  # the same address again
    assert Article.objects.get().published_on is None
    assert client.get(reverse("admin:shop_article_changelist")).status_code == 200


def test_suggestions_count_as_searches(client: Client, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 1
    people.acting(client)
    asked = [client.get(reverse("help-suggest"), {"text": "screws"}).status_code for _time in range(3)]
    assert 429 in asked  # the minute may end between two of them
