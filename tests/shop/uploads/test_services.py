"""Stored files: what is taken, what is refused, who may have it, when it goes."""

import datetime as dt
import os
import uuid
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SoldTo
from shop.messages import services as talks
from shop.messages.selectors import Subject
from shop.uploads import content, services
from shop.uploads.models import StoredFile
from shop.uploads.selectors import path_of
from tests.builders import files, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads_dir(settings: LazySettings, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = tmp_path
    return tmp_path


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def subject(company: SoldTo) -> Subject:
    return Subject(kind="order", key="o-1", sold_to=company, path="/orders/SO-1/", title="SO-1")


@pytest.mark.parametrize(
    ("data", "given", "name", "media_type"),
    [
        (files.PDF, "plan.pdf", "plan.pdf", "application/pdf"),
        (files.png(), "photo.jpeg", "photo.png", "image/png"),
        (files.jpeg(6000, 4000), "IMG 1.JPEG", "IMG 1.jpg", "image/jpeg"),
        (files.CSV, "lista.csv", "lista.csv", "text/csv"),
        ("referencia;uds\nÑ-1;3\n".encode("cp1252"), "lista.txt", "lista.csv", "text/csv"),
        (files.xlsx(), "pedido.xlsx", "pedido.xlsx", content.XLSX),
    ],
)  # fmt: skip
def test_a_file_is_kept_as_what_its_bytes_are(data: bytes, given: str, name: str, media_type: str) -> None:
    actor = people.buyer()
    (kept,) = services.keep(actor=actor, files=[files.sent(data, given, "text/html")], now=timezone.now())
    assert (kept.name, kept.media_type, kept.size, kept.sold_to) == (name, media_type, len(data), actor.sold_to)
    assert path_of(kept.key).read_bytes() == data


def test_all_files_of_a_form_are_kept_or_none(uploads_dir: Path) -> None:
    two = [files.sent(files.PDF), files.sent(files.HTML, "two.html")]
    with pytest.raises(services.UploadRefused, match=r"two\.html"):
        services.keep(actor=people.buyer(), files=two, now=timezone.now())
    assert StoredFile.objects.count() == 0
    assert kept_files(uploads_dir) == []


def test_a_file_is_downloaded_by_its_company_and_its_rep_and_by_nobody_else(client: Client) -> None:
    actor = people.acting(client)
    (kept,) = services.keep(actor=actor, files=[files.sent(files.PDF, "plan.pdf")], now=timezone.now())
    address = reverse("file", kwargs={"key": kept.key})

    answer = client.get(address)
    assert answer.content == files.PDF
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"

    rep = people.log_in(Client(), people.rep(actor.sold_to))
    assert rep.get(address).status_code == 200

    stranger = Client()
    people.acting(stranger)
    missing = reverse("file", kwargs={"key": uuid.uuid4()})
    assert stranger.get(address).status_code == stranger.get(missing).status_code == 404
    assert people.log_in(Client(), people.rep()).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_file_that_nothing_points_to_goes_after_two_days_and_its_bytes_with_it(uploads_dir: Path) -> None:
    actor, now = people.buyer(), timezone.now()
    services.keep(actor=actor, files=[files.sent(files.PDF, "loose.pdf")], now=now - dt.timedelta(days=3))
    services.keep(actor=actor, files=[files.sent(files.PDF, "young.pdf")], now=now)
    talks.post(
        actor=actor, subject=subject(actor.sold_to), text="", files=[files.sent(files.PDF, "sent.pdf")],
        now=now - dt.timedelta(days=3),
    )  # fmt: skip
    assert services.clear_unused(now=now) == 1
    assert set(StoredFile.objects.values_list("name", flat=True)) == {"young.pdf", "sent.pdf"}
    assert len(kept_files(uploads_dir)) == 2


def test_bytes_without_a_row_go_too(uploads_dir: Path) -> None:
    stray = path_of(uuid.uuid4())
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    now = timezone.now()
    assert services.clear_unused(now=now) == 0
    old = (now - dt.timedelta(days=3)).timestamp()
    os.utime(stray, (old, old))
    assert services.clear_unused(now=now) == 1
    assert kept_files(uploads_dir) == []
