# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet to draw flat icons on; coordinates and lengths are parts of 100."""

import io
from collections.abc import Sequence

from PIL import Image, ImageColor, ImageDraw

SIZE = 360
SCALE = 2
INK = "#2b3440"
STEEL = "#b8c4d0"
DARK = "#56616d"
WOOD = "#b07d48"
PAPER = "#f4f1ea"
Points = Sequence[tuple[float, float]]


class Board:
    """A sheet to draw on, with the item's colour as `main`."""

    def __init__(self, main: str) -> None:
        self.main = main
        red, green, blue = ImageColor.getrgb(main)[:3]
        tint = [int(244 + (channel - 244) * 0.10) for channel in (red, green, blue)]
        self.paper = "#{:02x}{:02x}{:02x}".format(*tint)
        side = SIZE * SCALE
        self.image = Image.new("RGB", (side, side), self.paper)
        self.draw = ImageDraw.Draw(self.image)
        self.unit = side / 100

    def _to(self, points: Points) -> list[tuple[float, float]]:
        return [(x * self.unit, y * self.unit) for x, y in points]

    def shape(self, points: Points, fill: str | None = None) -> None:
        """Draw a filled outline."""
        corners = self._to(points)
        self.draw.polygon(corners, fill=fill or self.main)
        self.draw.line([*corners, corners[0]], fill=INK, width=round(self.unit * 1.2), joint="curve")

    def box(self, x: float, y: float, width: float, height: float, fill: str | None = None, radius: float = 2) -> None:
        """Draw a rectangle with round corners."""
        self.draw.rounded_rectangle(
            self._to([(x, y), (x + width, y + height)]),
            radius=radius * self.unit,
            fill=fill or self.main,
            outline=INK,
            width=round(self.unit * 1.2),
        )

    def disc(self, x: float, y: float, radius: float, fill: str | None = None) -> None:
        """Draw a circle."""
        self.draw.ellipse(
            self._to([(x - radius, y - radius), (x + radius, y + radius)]),
            fill=fill or self.main,
            outline=INK,
            width=round(self.unit * 1.2),
        )

    def hole(self, x: float, y: float, radius: float) -> None:
        """Draw a circle in the colour of the sheet."""
        self.disc(x, y, radius, self.paper)

    def stroke(self, points: Points, width: float = 2, fill: str | None = None) -> None:
        """Draw an open line, with round ends."""
        path = self._to(points)
        colour = fill or INK
        self.draw.line(path, fill=colour, width=round(width * self.unit), joint="curve")
        for x, y in (path[0], path[-1]):
            half = width * self.unit / 2
            self.draw.ellipse([x - half, y - half, x + half, y + half], fill=colour)

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, width: float = 2, fill: str | None = None
    ) -> None:
        """Draw a part of a circle; degrees, clockwise from three o'clock."""
        self.draw.arc(
            self._to([(x - radius, y - radius), (x + radius, y + radius)]),
            start,
            end,
            fill=fill or INK,
            width=round(width * self.unit),
        )

    def jpeg(self) -> bytes:
        """Return the picture, half as large and so with soft edges."""
        small = self.image.resize((SIZE, SIZE), Image.Resampling.BOX)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=82)
        return out.getvalue()
