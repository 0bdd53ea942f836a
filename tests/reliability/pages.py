"""Every address of the shop that can be looked at, from the URLconf: a new route cannot escape."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

ROOMS = ("shop.", "accounts.")


@dataclass(frozen=True, slots=True)
class Route:
    """A named address and the parameters it wants."""

    name: str
    parameters: tuple[str, ...]


def routes() -> list[Route]:
    """Return the routes whose views are ours, without the admin's (it asks no ERP)."""
    return sorted(_walk(get_resolver().url_patterns), key=lambda route: route.name)


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if not pattern.namespace:
                yield from _walk(pattern.url_patterns)
        elif pattern.callback.__module__.startswith(ROOMS):
            yield Route(pattern.name or "", tuple(pattern.pattern.converters))


def addresses(values: dict[str, dict[str, object]]) -> dict[str, str]:
    """Return name -> path of every route.

    Args:
        values: Parameters by the first word of a route's name; "" is for all.

    Raises:
        KeyError: a route wants a parameter that nobody gave: add it to the test's values.
    """
    found = {}
    for route in routes():
        known = values[""] | values.get(route.name.split("-", maxsplit=1)[0], {})
        found[route.name] = reverse(route.name, kwargs={name: known[name] for name in route.parameters})
    return found
