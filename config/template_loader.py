"""Templates that are kept, and in them what says the same each time: words and addresses without a variable.

A page has dozens of them; Django looks each one up anew, which takes longer than writing it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings
from django.template import Context, Template
from django.template.base import FilterExpression
from django.template.defaulttags import URLNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.urls import get_script_prefix, get_urlconf
from django.utils.translation import get_language


class Loader(cached.Loader):
    """Django's own, whose templates write constant words and addresses from memory after the first time."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """See Django's loader."""
        is_new = self.cache_key(template_name, skip) not in self.get_template_cache
        template: Template = super().get_template(template_name, skip)
        if is_new:
            for node in template.nodelist.get_nodes_by_type(TranslateNode):
                _keep_words(node)
            for node in template.nodelist.get_nodes_by_type(URLNode):
                _keep_address(node)
        return template


def _keep_words(node: Any) -> None:
    is_plain = node.message_context is None and not node.filter_expression.filters
    if is_plain and node.filter_expression.var.lookups is None:
        _keep(node, get_language)


def _keep_address(node: Any) -> None:
    if not node.args and not node.kwargs and _is_plain_name(node.view_name):
        _keep(node, _addresses)


def _is_plain_name(name: FilterExpression) -> bool:
    """Whether it is a name in quotes; one with a namespace may mean another page in another application."""
    return isinstance(name.var, str) and not name.filters and ":" not in name.var


def _addresses() -> Hashable:
    """Return what decides which page an address leads to."""
    return settings.ROOT_URLCONF, get_urlconf(), get_script_prefix()


def _keep(node: Any, depends_on: Callable[[], Hashable]) -> None:
    """Let a node remember what it wrote, for each of the things that it depends on."""
    render, asvar = node.render, node.asvar
    kept: dict[Hashable, str] = {}

    def remembered(context: Context) -> str:
        key = depends_on(), context.autoescape
        if key not in kept:
            text = render(context)
            kept[key] = context[asvar] if asvar else text
        if not asvar:
            return kept[key]
        context[asvar] = kept[key]
        return ""

    node.render = remembered
