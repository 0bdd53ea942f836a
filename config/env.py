"""Typed reading of environment variables; a bad value is refused with its cure."""

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding spaces, or the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def required(name: str) -> str:
    """Return the variable.

    Raises:
        ImproperlyConfigured: it is unset or empty.
    """
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; .env.example describes it.")
    return value


def secret(name: str, default: str = "") -> str:
    """Return a secret from NAME, or from the file that NAME_FILE points to.

    Docker and systemd hand secrets over as files.

    Raises:
        ImproperlyConfigured: the file cannot be read.
    """
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE points to {path}, which cannot be read ({error.strerror}). Correct the path or its rights."
        ) from error


def required_secret(name: str) -> str:
    """Return a secret like `secret`.

    Raises:
        ImproperlyConfigured: neither NAME nor NAME_FILE gives one.
    """
    value = secret(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set {name}, or {name}_FILE to a file that holds it.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable (1, true, yes, on / 0, false, no, off).

    Raises:
        ImproperlyConfigured: it is something else.
    """
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is '{value}'. Use 1 or 0 (true/false, yes/no, on/off).")
    return value in TRUE


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number of at least `minimum`.

    Raises:
        ImproperlyConfigured: it is not one.
    """
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        number = minimum - 1
    if number < minimum:
        raise ImproperlyConfigured(f"{name} is '{value}'. Use a whole number of at least {minimum}.")
    return number


def decimal(name: str, default: str) -> Decimal:
    """Return a decimal number written with a point, such as 1.5 (seconds, shares).

    Raises:
        ImproperlyConfigured: it is not one, or not finite.
    """
    value = text(name, default)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ImproperlyConfigured(f"{name} is '{value}'. Use a number with a point, such as {default}.")
    return number


def items(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty items."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def json_object(name: str) -> dict[str, Any]:
    """Return a variable that holds a JSON object, {} when it is unset.

    Raises:
        ImproperlyConfigured: it is not a JSON object.
    """
    value = text(name)
    if not value:
        return {}
    try:
        return dict(json.loads(value))
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(
            f'{name} is not a JSON object ({error}). Write it like {{"key": "value"}}.'
        ) from error


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder; it is created when missing.

    Raises:
        ImproperlyConfigured: it cannot be created or is not a folder.
    """
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is {path}, which is not a folder that can be written ({error.strerror}). Choose another one."
        ) from error
    return path
