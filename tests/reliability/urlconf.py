"""Every route of the URLconf in use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern


@dataclass(frozen=True, slots=True)
class Route:
    """An address: `text` is its pattern, `name` with namespaces ("" when it has none), `model` of an admin page."""

    text: str
    name: str
    parameters: tuple[str, ...]
    model: type[models.Model] | None = None

    @property
    def is_admin(self) -> bool:
        """A page of the admin."""
        return self.text.startswith("admin/")

    def path(self, values: dict[str, str]) -> str:
        """Return the address with these values."""
        filled = self.text
        for parameter in self.parameters:
            value = quote(values[parameter], safe="/-")
            filled = re.sub(rf"<(\w+:)?{parameter}>", value.replace("\\", r"\\"), filled)
        return "/" + filled


def routes() -> list[Route]:
    """Return every route of the URLconf in use."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], before: str, namespace: str) -> Iterator[Route]:
    for one in patterns:
        text = before + _text(one)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, text, one.namespace or namespace)
        else:
            name = f"{namespace}:{one.name or ''}" if namespace else one.name or ""
            parameters = tuple(re.findall(r"<(?:\w+:)?(\w+)>", text))
            yield Route(text, name, parameters, _model_of(one))


def _text(one: URLPattern | URLResolver) -> str:
    """Return a pattern as a path with `<parameters>`; of a regular expression its groups and plain signs stay."""
    if isinstance(one.pattern, RoutePattern):
        return str(one.pattern)
    text = re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", str(one.pattern))
    return text.lstrip("^").rstrip("$")


def _model_of(one: URLPattern) -> type[models.Model] | None:
    admin = getattr(one.callback, "model_admin", None)
    found: type[models.Model] | None = getattr(admin, "model", None)
    return found
