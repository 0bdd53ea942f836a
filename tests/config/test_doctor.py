"""manage.py doctor: a line and a cure for each part."""

import os
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from config import doctor
from tests.config import processes

pytestmark = pytest.mark.django_db


def finding(name: str) -> doctor.Finding:
    (found,) = [each for each in doctor.examine(now=timezone.now()) if each.name == name]
    return found


def test_it_looks_at_every_part_and_has_a_cure_for_each_that_is_not_well() -> None:
    findings = doctor.examine(now=timezone.now())
    assert {each.name for each in findings} >= {
        *("settings", "database", "migrations", "cache", "broker", "workers"),
        *("mirror", "outbox", "mail", "erp", "static", "locale"),
    }
    assert all(bool(each.cure) == (each.state != "ok") for each in findings)


def test_an_erp_that_is_not_there_is_broken_and_ends_with_1(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ERP_ADAPTER = "erp_sync.adapters.absent.Erp"
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    said = capsys.readouterr().out
    assert "BROKEN    erp " in said
    assert "-> Start the ERP, or correct ERP_URL" in said


def test_only_degraded_parts_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    assert "degraded  workers" in capsys.readouterr().out


def test_the_fake_erp_of_the_tests_answers() -> None:
    assert finding("erp").state == "ok"


def test_texts_that_are_older_than_their_source_are_named(settings: LazySettings, tmp_path: Path) -> None:
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    settings.LOCALE_PATHS = [tmp_path]
    (folder / "django.po").touch()
    assert doctor.locale_finding().detail == "not compiled: es"
    (folder / "django.mo").touch()
    assert doctor.locale_finding().state == "ok"
    os.utime(folder / "django.mo", (1, 1))
    assert doctor.locale_finding().state == "degraded"
    assert "pybabel compile" in doctor.locale_finding().cure


def test_a_mail_server_that_is_not_there_is_broken(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert finding("mail").state == "down"
    assert "127.0.0.1:1" in finding("mail").detail


def test_without_a_database_it_says_so_and_looks_at_the_rest() -> None:
    done = processes.run(
        "manage.py",
        "doctor",
        DJANGO_SETTINGS_MODULE="config.settings.demo",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 1, done.stderr
    assert re.search(r"BROKEN    database +no answer", done.stdout)
    assert "-> Start PostgreSQL, or correct DATABASE_URL" in done.stdout
    assert "mail" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
