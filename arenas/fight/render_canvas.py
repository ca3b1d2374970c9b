"""A surface to draw a fight on: shapes in units of the stage; words and bars in shares of the picture."""

import math
from functools import cache, lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Colour = tuple[int, ...]  # red, green, blue, and how opaque if not wholly

HEIGHT_SHARE = 0.5625  # of the width: 16 to 9
SCALE = 2  # drawn larger, then shrunk: smooth edges
FLOOR = 0.84  # where the floor begins, as a share of the height
INK = (24, 18, 30)
PAPER = (250, 250, 246)


class Canvas:
    """A picture of `width` pixels on which `view` units of the stage are seen, their middle at `centre`."""

    def __init__(self, width: int, centre: float, view: float):
        self.size = (width, round(width * HEIGHT_SHARE))
        self.image = Image.new("RGB", (self.size[0] * SCALE, self.size[1] * SCALE))
        self.pen = ImageDraw.Draw(self.image)
        self.glass = ImageDraw.Draw(self.image, "RGBA")  # for what is seen through
        self.wide, self.high = self.image.size
        self.unit = self.wide / view
        self.centre = centre
        self.floor = self.high * FLOOR

    def at(self, point: Point) -> Point:
        """A point of the stage in pixels."""
        return self.wide / 2 + (point[0] - self.centre) * self.unit, self.floor - point[1] * self.unit

    def _pen(self, colour: Colour) -> Any:
        return self.glass if len(colour) == 4 else self.pen

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self.oval(centre, radius, radius, colour)

    def oval(self, centre: Point, wide: float, high: float, colour: Colour, rim: int = 0) -> None:
        """An upright ellipse with half-axes `wide` and `high`; with `rim`, only its edge, that many units thick."""
        (x, y), a, b = self.at(centre), wide * self.unit, high * self.unit
        if rim:
            self._pen(colour).ellipse((x - a, y - b, x + a, y + b), outline=colour, width=round(rim * self.unit))
        else:
            self._pen(colour).ellipse((x - a, y - b, x + a, y + b), fill=colour)

    def polygon(self, points: list[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._pen(colour).polygon([self.at(point) for point in points], fill=colour)

    def taper(self, start: Point, end: Point, thick: float, thin: float, colour: Colour) -> None:
        """A limb: a capsule with radius `thick` at its start and `thin` at its end."""
        (ax, ay), (bx, by) = self.at(start), self.at(end)
        a, b = thick * self.unit, thin * self.unit
        length = math.hypot(bx - ax, by - ay)
        pen = self._pen(colour)
        if length > 0.5:
            nx, ny = (ay - by) / length, (bx - ax) / length
            pen.polygon(
                [
                    (ax + nx * a, ay + ny * a),
                    (bx + nx * b, by + ny * b),
                    (bx - nx * b, by - ny * b),
                    (ax - nx * a, ay - ny * a),
                ],
                fill=colour,
            )
        if len(colour) == 3:  # see-through ends would show where they overlap
            pen.ellipse((ax - a, ay - a, ax + a, ay + a), fill=colour)
            pen.ellipse((bx - b, by - b, bx + b, by + b), fill=colour)

    def burst(self, centre: Point, radius: float, rays: int, turn: float, colour: Colour) -> None:
        """A star."""
        points = []
        for corner in range(2 * rays):
            reach = radius if corner % 2 == 0 else radius * 0.42
            angle = turn + math.pi * corner / rays
            points.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)))
        self.polygon(points, colour)

    def box(self, box: tuple[float, float, float, float], colour: Colour, filled: bool = True) -> None:
        """A box (left, right, bottom, top), see-through with an edge, or its edge alone."""
        left, top = self.at((min(box[:2]), box[3]))
        right, bottom = self.at((max(box[:2]), box[2]))
        inside = (*colour, 70 if filled else 0)
        self.glass.rectangle((left, top, right, bottom), fill=inside, outline=(*colour, 255), width=2 * SCALE)

    # --- in shares of the picture ---

    def band(self, top: float, bottom: float, colour: Colour) -> None:
        """A stripe across the picture, from and to shares of its height."""
        self.pen.rectangle((0, top * self.high, self.wide, bottom * self.high), fill=colour)

    def bar(self, left: float, top: float, wide: float, high: float, share: float, colours: Any, flip: bool) -> None:
        """A bar filled to `share` from its inner end (the right, or with `flip` the left). colours: filled, empty."""
        x0, y0 = left * self.wide, top * self.high
        x1, y1 = x0 + wide * self.wide, y0 + high * self.high
        edge = 1.5 * SCALE
        self.pen.rectangle((x0 - edge, y0 - edge, x1 + edge, y1 + edge), fill=(244, 244, 240))
        self.pen.rectangle((x0, y0, x1, y1), fill=colours[1])
        filled = max(0.0, min(1.0, share)) * (x1 - x0)
        if filled >= 1:
            self.pen.rectangle((x0, y0, x0 + filled, y1) if flip else (x1 - filled, y0, x1, y1), fill=colours[0])

    def pip(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A dot with an edge; all in shares, radius of the height."""
        px, py, r = x * self.wide, y * self.high, radius * self.high
        self.pen.ellipse((px - r, py - r, px + r, py + r), fill=colour, outline=(244, 244, 240), width=SCALE)

    def text(self, x: float, y: float, words: str, size: float, colour: Colour = PAPER, anchor: str = "m") -> None:
        """Outlined words, their size a share of the height; x: their left, middle or right by `anchor` (l, m, r)."""
        outline, inside = _words(words, round(size * self.high))
        left = round(x * self.wide) - {"l": 0, "m": outline.width // 2, "r": outline.width}[anchor]
        top = round(y * self.high) - outline.height // 2
        self.image.paste(INK, (left, top), outline)
        self.image.paste(colour, (left, top), inside)

    def pixels(self) -> np.ndarray:
        """The picture in its final size: uint8 [H, W, 3]."""
        return np.asarray(self.image.reduce(SCALE))


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


@lru_cache(512)
def _words(words: str, size: int) -> tuple[Image.Image, Image.Image]:
    """Masks of words: with their outline, and without."""
    font, stroke = _font(size), max(2, round(size / 9))
    _, _, right, _ = font.getbbox(words)
    masks = []
    for thick in (stroke, 0):
        mask = Image.new("L", (round(right) + 2 * stroke, round(size * 1.3) + 2 * stroke))
        middle = (stroke, mask.height / 2)
        ImageDraw.Draw(mask).text(middle, words, 255, font, "lm", stroke_width=thick, stroke_fill=255)
        masks.append(mask)
    return masks[0], masks[1]
