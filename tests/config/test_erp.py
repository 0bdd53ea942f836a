"""Which ERP the shop talks to."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.erp import TRYTON, erp_from

SEED = {"url": "http://127.0.0.1:8069", "database": "demo", "user": "webshop", "password": "secret"}


def seed(var_dir: Path, content: str) -> None:
    (var_dir / "erp").mkdir()
    (var_dir / "erp" / "seed.json").write_text(content, encoding="utf-8")


def test_the_demo_erp_is_found_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ERP_URL", raising=False)
    seed(tmp_path, json.dumps(SEED | {"customers": [1, 2]}))
    found = erp_from(tmp_path)
    assert (found.adapter, found.url, found.user) == (TRYTON, "http://127.0.0.1:8069", "webshop")
    assert "secret" not in repr(found)


def test_a_set_address_wins_and_takes_nothing_from_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seed(tmp_path, json.dumps(SEED))
    monkeypatch.setenv("ERP_URL", "https://erp.example.com/")
    found = erp_from(tmp_path)
    assert (found.url, found.user, found.password) == ("https://erp.example.com", "", "")


def test_without_any_erp_the_address_is_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ERP_URL", raising=False)
    assert erp_from(tmp_path).url == ""


def test_a_broken_demo_file_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ERP_URL", raising=False)
    seed(tmp_path, '{"url": ')
    with pytest.raises(ImproperlyConfigured, match=r"seed\.json cannot be read.*make demo-reset"):
        erp_from(tmp_path)
