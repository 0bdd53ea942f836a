"""Product pictures: one fetch from the ERP, one address for each version, the same for everybody."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from shop.catalogue.pictures import version_of
from shop.catalogue.services import fetch_pictures
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def address(item: Item, version: str = "") -> str:
    return reverse("item-image", args=[item.sku, version or version_of(item)])


def test_a_picture_is_fetched_once_and_may_be_kept_by_every_cache(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    people.acting(client)

    first = client.get(address(item))
    second = client.get(address(item))

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["Content-Type"] == "image/png"
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert erp.book.calls == ["item_image"]


def test_a_picture_needs_no_log_in_and_no_query_once_it_is_kept(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    client.get(address(item))

    with django_assert_num_queries(0):
        answer = client.get(address(item))

    assert answer.status_code == 200
    assert not answer.cookies


def test_a_new_picture_in_the_erp_has_a_new_address(client: Client) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    old = version_of(item)
    item.image_url = "/img/1?t=2"
    item.save()

    assert version_of(item) != old
    assert client.get(address(item, old)).status_code == 404


@pytest.mark.parametrize("version", ["0" * 32, "x", "..%2F..%2Fsecret_key", "é"])
def test_an_address_that_the_shop_did_not_make_finds_nothing(client: Client, erp: FakeErp, version: str) -> None:
    item = catalogue.item(image_url="/img/1?t=1")

    assert client.get(address(item, version)).status_code == 404
    assert erp.book.calls == []


def test_without_the_erp_a_placeholder_is_shown_and_not_kept(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    erp.book.is_down = True

    answer = client.get(address(item))

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("placeholder.svg")
    assert "public" not in answer.headers.get("Cache-Control", "")


def test_what_is_no_picture_is_never_handed_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    monkeypatch.setattr("erp_sync.adapters.fake.PNG", b"<svg onload='alert(1)'/>")

    assert client.get(address(item)).status_code == 302


def test_an_answer_that_is_no_picture_is_not_asked_for_again(
    client: Client, erp: FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = catalogue.item(image_url="/img/1?t=1")
    monkeypatch.setattr("erp_sync.adapters.fake.PNG", b"<html>")

    answers = [client.get(address(item)).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert erp.book.calls == ["item_image"]


def test_pictures_are_fetched_ahead_and_only_those_that_are_missing(client: Client, erp: FakeErp) -> None:
    kept = catalogue.item(image_url="/img/1?t=1")
    missing = catalogue.item(image_url="/img/2?t=1")
    catalogue.item()
    catalogue.item(image_url="/img/3?t=1", is_active=False)
    client.get(address(kept))
    erp.book.calls.clear()

    counts = [fetch_pictures(for_s=5), fetch_pictures(for_s=5)]

    assert counts == [1, 0]
    assert erp.book.calls == ["item_image"]
    assert client.get(address(missing)).status_code == 200
    assert erp.book.calls == ["item_image"]


def test_fetching_ahead_stops_while_the_erp_is_down_and_when_time_is_up(erp: FakeErp) -> None:
    for number in range(3):
        catalogue.item(image_url=f"/img/{number}")

    out_of_time = fetch_pictures(for_s=0)
    erp.book.is_down = True
    down = fetch_pictures(for_s=5)

    assert (out_of_time, down) == (0, 0)
    assert erp.book.calls.count("item_image") <= 1
