"""Form fields written without templates: the boxes of a form cost more than all its words otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

INPUTS = ("text", "hidden", "date", "number", "email", "password", "tel", "url", "search", "input")


class FormRenderer(DjangoTemplates):
    """Django's own, which writes plain inputs and text areas itself, with the same letters."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """See Django's renderers."""
        write = _WRITTEN.get(template_name)
        text = write(context["widget"]) if write else super().render(template_name, context, request)
        return mark_safe(text)  # noqa: S308 (each value is escaped below, or by the template)


def _input(widget: dict[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
    start = f'<input type="{conditional_escape(widget["type"])}" name="{conditional_escape(widget["name"])}"'
    return f"{start}{value}{_attributes(widget)}>"


def _textarea(widget: dict[str, Any]) -> str:
    text = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _attributes(widget: dict[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}" + ("" if value is True else f'="{conditional_escape(value)}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )


_WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
}
