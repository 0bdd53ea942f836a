"""A small part of Markdown as HTML: headings, paragraphs, lists, bold, emphasis, code, links. All else is plain text.

Everything is escaped first; only tags that are written here come out. Links lead into the shop or to https.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BULLET = re.compile(r"[-*] +(.+)")
_NUMBER = re.compile(r"\d{1,3}[.)] +(.+)")
_HEADING = re.compile(r"(#{2,3}) +(.+)")
_INLINE = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(?! )([^*\n]+)(?<! )\*"), r"<em>\1</em>"),  # "4 * 40 * 2" is a size
    (re.compile(r"\[([^\]\n]{1,200})\]\((/(?!/)[^\s()&]{0,300})\)"), r'<a href="\2">\1</a>'),
    (
        re.compile(r"\[([^\]\n]{1,200})\]\((https://[^\s()]{1,300})\)"),
        r'<a href="\2" rel="noopener noreferrer">\1</a>',
    ),
)


def as_html(text: str) -> SafeString:
    r"""Return the text as safe HTML.

    >>> as_html("## Why\n\n- **one** <b>\n- [two](/items/)")
    '<h2>Why</h2>\n<ul><li><strong>one</strong> &lt;b&gt;</li><li><a href="/items/">two</a></li></ul>'
    >>> as_html("[no](javascript:alert(1)) [no](//elsewhere)")
    '<p>[no](javascript:alert(1)) [no](//elsewhere)</p>'
    """
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return mark_safe("\n".join(part for block in blocks for part in _block(block)))  # noqa: S308 (escaped below)


def _block(block: str) -> Iterator[str]:
    """Yield the HTML of lines that stand together; a list or heading may follow a paragraph at once."""
    kind, lines = "p", list[str]()
    for line in block.split("\n"):
        now, words = _kind(line.strip())
        if now != kind or now[0] == "h":
            yield from _written(kind, lines)
            kind, lines = now, []
        lines.append(words)
    yield from _written(kind, lines)


def _kind(line: str) -> tuple[str, str]:
    if found := _HEADING.fullmatch(line):
        return f"h{len(found[1])}", found[2]
    if found := _BULLET.fullmatch(line):
        return "ul", found[1]
    if found := _NUMBER.fullmatch(line):
        return "ol", found[1]
    return "p", line


def _written(kind: str, lines: list[str]) -> Iterator[str]:
    words = [_inline(line) for line in lines if line]
    if not words:
        return
    if kind in {"ul", "ol"}:
        yield f"<{kind}>{''.join(f'<li>{one}</li>' for one in words)}</{kind}>"
    else:
        yield f"<{kind}>{'<br>'.join(words)}</{kind}>"


def _inline(text: str) -> str:
    found = str(escape(text))
    for pattern, tag in _INLINE:
        found = pattern.sub(tag, found)
    return found
