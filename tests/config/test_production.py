"""Production settings: complete, or a sentence that names what is missing."""

import re

import pytest

from tests.config import processes

COMPLETE = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "a-long-key-of-many-different-letters-0123456789-abcdef",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "ALLOWED_HOSTS": "shop.example.com",
    "SHOP_URL": "https://shop.example.com",
    "EMAIL_HOST": "mail.example.com",
    "ERP_ADAPTER": "erp_sync.adapters.tryton.adapter.TrytonErp",
}


def test_djangos_own_deployment_checks_find_nothing() -> None:
    done = processes.run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **COMPLETE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "EMAIL_HOST", "ERP_ADAPTER"])
def test_a_missing_value_stops_the_start_and_is_named(name: str) -> None:
    variables = COMPLETE | {name: ""}
    done = processes.run("-c", "import django; django.setup()", **variables)
    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr


def test_production_never_starts_a_private_database() -> None:
    question = "import django.conf; print(django.conf.settings.PRIVATE_POSTGRES)"
    done = processes.run("-c", question, **COMPLETE)
    assert done.stdout == "False\n", done.stderr


def test_every_variable_that_is_read_is_described() -> None:
    files = (processes.ROOT / "config").rglob("*.py")
    sources = [path.read_text(encoding="utf-8") for path in files]
    kinds = "text|required|secret|required_secret|flag|integer|decimal|items|json_object"
    reading = rf'env\.(?:{kinds})\(\s*"(\w+)"'
    read = {name for source in sources for name in re.findall(reading, source)}
    described = set(re.findall(r"^(\w+)=", (processes.ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(read) > 25
    assert read - described == set()
