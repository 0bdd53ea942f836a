"""The shop's own forms, found by looking at its pages as a browser does, and what a forger would add to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from tests.reliability import exchange
from tests.reliability.exchange import Answer
from tests.reliability.matrix import Case

MARK = "zqforgedqz"


@dataclass
class Form:
    """A form with method POST: where it goes, and what a browser would send from it untouched."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def filled(self) -> dict[str, Any]:
        """Return what is sent: the values that stand there, and something sensible where a person must write."""
        return {name: values if len(values) > 1 else values[0] for name, values in self.fields.items() if values}


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the form that is open."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = said.get("method", "").lower() == "post"
            self._form = Form(urlsplit(urljoin(self.address, said.get("action", ""))).path) if posts else None
        elif self._form is not None:
            self._field(self._form, tag, said)

    def _field(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name = said.get("name", "")
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((said.get("value", ""), "selected" in said))
        elif name:
            form.names.add(name)
            if tag == "textarea":
                form.fields.setdefault(name, ["Some words"])
            elif tag == "input":
                _add(form, name, said)
            elif tag == "button" and name not in form.fields:
                form.fields[name] = [said.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        """Close a form or a choice."""
        if tag == "select" and self._select and self._form is not None:
            self._form.names.add(self._select)
            chosen = [value for value, is_on in self._options if is_on] or [value for value, _on in self._options[:1]]
            self._form.fields[self._select] = chosen
            self._select = ""
        elif tag == "form" and self._form is not None:
            self.found.append(self._form)
            self._form = None


def _add(form: Form, name: str, said: dict[str, str]) -> None:
    kind = said.get("type", "text")
    if kind in {"checkbox", "radio"}:
        if "checked" in said or (kind == "checkbox" and name not in form.fields):
            form.fields.setdefault(name, []).append(said.get("value", "on"))
        elif kind == "radio":
            form.fields.setdefault(name, [said.get("value", "on")])
    elif kind != "file":
        form.fields.setdefault(name, []).append(said.get("value") or _sensible(kind))


def _sensible(kind: str) -> str:
    """Return what a person would write into an empty field of this kind."""
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    return {"number": "1", "email": "new@example.com", "date": tomorrow, "hidden": ""}.get(kind, "1")


def forms_of(client: Client, cases: Iterable[Case]) -> list[Form]:
    """Return the forms of every page that opens to the client, one for each address and set of names."""
    found: dict[tuple[str, frozenset[str]], Form] = {}
    for case in cases:
        address = case.route.path(case.values("own"))
        answer = exchange.ask(client, "GET", address, {})
        if answer.status != 200 or "text/html" not in answer.content[:2_000]:
            continue
        page = _Forms(address)
        page.feed(answer.content.partition("\n\n")[2])
        for form in page.found:
            found.setdefault((form.action, frozenset(form.names)), form)
    return list(found.values())


# --- what a forger adds -------------------------------------------------------------------------------------------


def forged_fields() -> dict[str, str]:
    """Return every field of every model of ours with its aliases, each with a value that would be seen."""
    forged: dict[str, str] = {}
    for app in exchange.APPS:
        for model in apps.get_app_config(app).get_models():
            for one in model._meta.concrete_fields:
                for alias in _aliases(model, one):
                    forged.setdefault(alias, _value(one))
    return forged


def _aliases(model: type[models.Model], one: Any) -> Iterator[str]:
    words = one.name.split("_")
    yield one.name
    yield one.attname
    yield words[0] + "".join(word.title() for word in words[1:])
    yield f"{model._meta.model_name}-{one.name}"
    yield f"form-0-{one.name}"


def _value(one: Any) -> str:
    if isinstance(one, models.BooleanField):
        return "true"
    if isinstance(one, models.DateTimeField):
        return "2001-02-03T04:05:06Z"
    if isinstance(one, models.DateField):
        return "2001-02-03"
    if isinstance(one, models.DecimalField):
        return "0.01"
    if isinstance(one, models.UUIDField):
        return "9b2f7f4e-7b43-4a0e-9d0c-0d3b54b8a0aa"
    if isinstance(one, models.IntegerField | models.ForeignKey | models.AutoField):
        return "1"
    if one.choices:
        return str(list(one.flatchoices)[-1][0])
    return MARK[: one.max_length or 20] if hasattr(one, "max_length") else MARK


# --- what came of it ----------------------------------------------------------------------------------------------

# What is drawn anew at every run, whoever asks: keys, session keys, references, hashes of passwords.
DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\b[A-Z]{1,4}-(…[0-9A-HJKMNP-TV-Z]{5}|[0-9A-HJKMNP-TV-Z]{26})|evt_[0-9a-f]{16}|\b[0-9a-z]{32}\b|\b[0-9a-f]{64}\b|md5\$\S+"
)


def rewind_numbers(numbers: dict[str, int | None]) -> None:
    """Let the database count on from here again: what a request counted is not undone with it."""
    with connection.cursor() as cursor:
        for name, last in numbers.items() - numbers_now().items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])


def numbers_now() -> dict[str, int | None]:
    """Return how far each of the database's counters is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
        return dict(cursor.fetchall())


def written(answer: Answer) -> list[str]:
    """Return the rows that a request wrote, as they became, without what is drawn anew."""
    rows = [json.loads(row) for row in answer.touched]
    return sorted(f"{table}: {DRAWN.sub('…', became or 'deleted')}" for table, _was, became in rows)
