"""The kept secret key."""

from pathlib import Path

from config.keys import kept_key


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = kept_key(tmp_path)
    assert len(first) >= 50
    assert kept_key(tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_two_copies_have_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept_key(tmp_path / "a") != kept_key(tmp_path / "b")
