"""Lines, areas and words on a PNG, smooth at the edges."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
_FINER: Final = 2  # drawn so much larger, then shrunk


class Canvas:
    """A white picture, in points from its top left corner.

    Parameters
    ----------
    width, height
        Of the PNG, in its pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * _FINER, height * _FINER), "#ffffff")
        self._draw = ImageDraw.Draw(self._image)

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        """Fill a rectangle."""
        low, high = _finer((left, top)), _finer((max(left, right), max(top, bottom)))
        self._draw.rectangle((low, high), fill=color)

    def area(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        if len(points) > 2:
            self._draw.polygon([_finer(point) for point in points], fill=color)

    def line(self, points: Sequence[Point], color: str, *, thickness: float = 2.0) -> None:
        """Draw a line through points."""
        fine = [_finer(point) for point in points]
        self._draw.line(fine, fill=color, width=round(thickness * _FINER), joint="curve")

    def dashes(self, start: Point, end: Point, color: str, *, thickness: float = 2.0) -> None:
        """Draw a dashed line, level or upright."""
        length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        for at in range(0, int(length), 14):
            parts = [min(1.0, part / length) for part in (at, at + 8)]
            self.line([_between(start, end, part) for part in parts], color, thickness=thickness)

    def dot(self, center: Point, color: str, *, radius: float = 4.0) -> None:
        """Draw a dot."""
        x, y = center
        low, high = _finer((x - radius, y - radius)), _finer((x + radius, y + radius))
        self._draw.ellipse((low, high), fill=color)

    def words(
        self, at: Point, text: str, color: str, *, size: float = 20.0, anchor: str = "ls"
    ) -> None:
        """Write text; ``anchor`` is Pillow's: ``ls`` begins at the point, on its base line."""
        font = _font(size)
        self._draw.text(_finer(at), text, fill=color, font=font, anchor=anchor)

    def fitting(self, text: str, width: float, *, size: float) -> str:
        """Return as much of a text as fits into a width."""
        font = _font(size)
        if font.getlength(text) <= width * _FINER:
            return text
        while text and font.getlength(text + "…") > width * _FINER:
            text = text[:-1]
        return text.rstrip() + "…"

    def lines(self, text: str, width: float, *, size: float, most: int) -> list[str]:
        """Return a text in lines that fit into a width; the last is cut."""
        font, found, words = _font(size), [""], text.split()
        while words:
            longer = f"{found[-1]} {words[0]}".strip()
            if not found[-1] or font.getlength(longer) <= width * _FINER:
                found[-1] = longer
                words.pop(0)
            elif len(found) < most:
                found.append("")
            else:
                found[-1] = " ".join([found[-1], *words])
                words = []
        return [self.fitting(line, width, size=size) for line in found]

    def png(self) -> bytes:
        """Return the picture."""
        image = self._image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        # Few colours, so that a mail stays small.
        image.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()


def _finer(point: Point) -> Point:
    return point[0] * _FINER, point[1] * _FINER


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _font(size: float) -> ImageFont.FreeTypeFont:
    # Pillow brings this one along: the picture is the same on every machine.
    font = ImageFont.load_default(size * _FINER)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
