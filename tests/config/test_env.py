"""Reading the environment."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_a_value_loses_its_spaces_and_an_empty_one_counts_as_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NAME", "  Ribera ")
    monkeypatch.setenv("EMPTY", "   ")
    assert env.text("NAME") == "Ribera"
    assert env.text("EMPTY", "default") == "default"


def test_a_missing_required_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_HOST", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"EMAIL_HOST is not set\..*\.env\.example"):
        env.required("EMAIL_HOST")


def test_a_secret_comes_from_its_file_before_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from file\n", encoding="utf-8")
    monkeypatch.setenv("KEY", "from variable")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))
    assert env.secret("KEY") == "from file"


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match=r"KEY_FILE points to .*absent"):
        env.secret("KEY")


@pytest.mark.parametrize(("written", "meant"), [("1", True), ("Yes", True), ("off", False), ("", True), ("0", False)])
def test_a_flag_is_read_in_words(monkeypatch: pytest.MonkeyPatch, written: str, *, meant: bool) -> None:
    monkeypatch.setenv("FLAG", written)
    assert env.flag("FLAG", default=True) is meant


def test_a_flag_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="FLAG is 'perhaps'"):
        env.flag("FLAG", default=True)


def test_a_whole_number_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "587")
    assert env.integer("PORT", 25) == 587


@pytest.mark.parametrize("written", ["many", "1.5", "-1"])
def test_a_number_that_is_none_or_too_small_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("PORT", written)
    with pytest.raises(ImproperlyConfigured, match=f"PORT is '{written}'.*at least 0"):
        env.integer("PORT", 25)


def test_a_decimal_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDS", "1.1")
    assert env.decimal("SECONDS", "0.5") == Decimal("1.1")


@pytest.mark.parametrize("written", ["1,5", "NaN", "Infinity", "fast"])
def test_a_decimal_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("SECONDS", written)
    with pytest.raises(ImproperlyConfigured, match=f"SECONDS is '{written}'"):
        env.decimal("SECONDS", "0.5")


def test_a_list_has_no_empty_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "a.example, ,b.example,")
    assert env.items("HOSTS") == ["a.example", "b.example"]


def test_a_json_object_is_read_and_anything_else_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIONS", '{"warehouse": "VLC"}')
    assert env.json_object("OPTIONS") == {"warehouse": "VLC"}
    monkeypatch.setenv("OPTIONS", "[1, 2]")
    with pytest.raises(ImproperlyConfigured, match="OPTIONS is not a JSON object"):
        env.json_object("OPTIONS")


def test_a_folder_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "a" / "b"))
    assert env.folder("VAR_DIR", tmp_path) == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_is_a_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file"))
    with pytest.raises(ImproperlyConfigured, match=r"VAR_DIR is .*file, which is not a folder"):
        env.folder("VAR_DIR", tmp_path)
