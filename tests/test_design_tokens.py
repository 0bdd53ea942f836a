"""Every pair of colours that the interface puts together can be read, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parent.parent / "static" / "css" / "tokens.css").read_text()
TEXT, MARK = 4.5, 3.0
MEANINGS = ("good", "attention", "bad", "info")
SURFACES = ("ground", "surface", "sunken")

Theme = dict[str, str]
Colour = tuple[float, float, float]


def block(text: str) -> Theme:
    """Return the custom properties of a rule's body."""
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", text))


def themes(brand: str | None = None) -> dict[str, Theme]:
    """Return light and dark as the browser sees them, with another brand colour if given."""
    light_css, dark_css = TOKENS.split("@media screen and (prefers-color-scheme: dark)")
    light = block(light_css)
    if brand:
        light["brand"] = brand
    return {"light": light, "dark": light | block(dark_css.split("@media")[0])}


def colour(value: str, theme: Theme) -> Colour:
    """Return a value as red, green, blue from 0 to 255: a hex colour, var(--x), or color-mix in srgb."""
    value = value.strip()
    if value.startswith("#"):
        return (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))
    if named := re.fullmatch(r"var\(--([a-z0-9-]+)\)", value):
        return colour(theme[named[1]], theme)
    mixed = re.fullmatch(r"color-mix\(in srgb, (.+?) (\d+)%, (.+?)\)", value)
    assert mixed, f"a colour this test cannot read: {value}"
    first, second = colour(mixed[1], theme), colour(mixed[3], theme)
    part = int(mixed[2]) / 100
    red, green, blue = (a * part + b * (1 - part) for a, b in zip(first, second, strict=True))
    return (red, green, blue)


def luminance(of: Colour) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in of)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front: str, back: str, theme: Theme) -> float:
    """Return the contrast of two tokens, from 1 to 21."""
    a, b = (luminance(colour(theme[name], theme)) for name in (front, back))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


TEXT_PAIRS = [
    *((ink, surface) for ink in ("ink", "ink-2", "ink-3", "brand-ink") for surface in SURFACES),
    *((meaning, f"{meaning}-soft") for meaning in MEANINGS),
    *((meaning, surface) for meaning in MEANINGS for surface in SURFACES),
    *((ink, f"{meaning}-soft") for ink in ("ink", "ink-2") for meaning in MEANINGS),
    ("on-brand", "brand-fill"),
    ("on-brand", "brand-hover"),
    ("brand-ink", "brand-soft"),
    ("ink-2", "brand-soft"),
    ("ink-3", "brand-soft"),
    ("on-assisted", "assisted"),
    ("surface", "ink"),
    ("paper-ink", "paper"),
]
MARK_PAIRS = [
    *((mark, "surface") for mark in ("line-strong", "brand-ink")),
    *((f"chart-{hue}", "surface") for hue in ("online", "assisted", "offline", "past")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT_PAIRS)
def test_text_can_be_read(front: str, back: str, theme: str) -> None:
    assert contrast(front, back, themes()[theme]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), MARK_PAIRS)
def test_marks_can_be_seen(front: str, back: str, theme: str) -> None:
    assert contrast(front, back, themes()[theme]) >= MARK


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("brand", ["#1d4ed8", "#9a3412", "#166534", "#7c2d5c", "#334155"])
def test_another_brand_colour_needs_no_other_change(brand: str, theme: str) -> None:
    other = themes(brand)[theme]
    pairs = [(front, back) for front, back in TEXT_PAIRS if "brand" in front + back]
    assert all(contrast(front, back, other) >= TEXT for front, back in pairs)


def test_dark_leaves_no_colour_of_light_behind() -> None:
    light_css, dark_css = TOKENS.split("@media screen and (prefers-color-scheme: dark)")
    fixed = {"brand", "on-brand", "assisted", "on-assisted", "paper", "paper-ink"}
    coloured = {name for name, value in block(light_css).items() if "#" in value or "var(--brand" in value}
    assert coloured - set(block(dark_css.split("@media")[0])) == fixed


def test_no_stylesheet_brings_its_own_colour() -> None:
    folder = Path(__file__).parent.parent / "static" / "css"
    strays = {
        path.name: re.findall(r":[^;{}]*#[0-9a-f]{3,8}\b", path.read_text())
        for path in folder.glob("*.css")
        if path.name not in {"tokens.css", "icons.css"}
    }
    assert {name: found for name, found in strays.items() if found} == {}
