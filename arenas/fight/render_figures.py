"""Fighters in the flesh: limbs, clothes and colours over the joints of a skeleton."""

import math
from dataclasses import dataclass, replace
from typing import Any

from ..content import FINE
from .content import Content
from .render_canvas import INK, Canvas, Colour, Point
from .render_poses import TALL, out_cold, skeleton
from .render_skeleton import Skeleton, between, joint
from .state import WALL, Kind, Pose

EDGE = WALL / FINE + 16
"""Where the posts stand at the ends of the stage."""


@dataclass(frozen=True)
class Look:
    """A body and its clothes. Radii are for a fighter 92 units tall; colours are red, green, blue."""

    skin: Colour
    top: Colour  # trunk
    sleeve: Colour  # upper arm
    legs: Colour
    trim: Colour  # belt, gloves, band
    shoes: Colour
    hair: Colour
    hairdo: str  # band, tail, hood, beard
    magic: Colour  # its projectiles
    limb: float = 5.2
    chest: float = 9.5
    waist: float = 6.8
    head: float = 9.0
    bones: tuple[float, float, float, float] = (23.0, 23.0, 18.0, 19.0)  # thigh, shin, upper arm, forearm


LOOKS = {
    "ren": Look(
        skin=(238, 184, 142), top=(244, 242, 236), sleeve=(244, 242, 236), legs=(232, 230, 226), trim=(206, 38, 44),
        shoes=(238, 184, 142), hair=(70, 42, 30), hairdo="band", magic=(96, 190, 255),
    ),
    "kaya": Look(
        skin=(206, 142, 100), top=(34, 116, 214), sleeve=(206, 142, 100), legs=(28, 52, 116), trim=(255, 206, 48),
        shoes=(255, 206, 48), hair=(250, 178, 40), hairdo="tail", magic=(255, 206, 48),
        limb=4.4, chest=7.6, waist=5.4, head=8.8,
    ),
    "ivo": Look(
        skin=(240, 206, 180), top=(104, 62, 160), sleeve=(104, 62, 160), legs=(60, 44, 92), trim=(84, 226, 200),
        shoes=(50, 38, 70), hair=(104, 62, 160), hairdo="hood", magic=(84, 236, 204),
        limb=4.0, chest=7.6, waist=6.0, head=8.2,
    ),
    "bruk": Look(
        skin=(196, 134, 92), top=(196, 134, 92), sleeve=(196, 134, 92), legs=(60, 104, 52), trim=(232, 138, 36),
        shoes=(64, 50, 44), hair=(64, 38, 26), hairdo="beard", magic=(255, 150, 40),
        limb=7.6, chest=15.0, waist=11.5, head=9.6, bones=(21.0, 21.0, 19.0, 20.0),
    ),
}  # fmt: skip
SECOND: dict[str, dict[str, Any]] = {  # the clothes of side 1 where both play one character
    "ren": {"top": (70, 78, 100), "sleeve": (70, 78, 100), "legs": (58, 64, 84), "trim": (236, 190, 50)},
    "kaya": {
        "top": (216, 60, 110), "legs": (96, 26, 64), "trim": (240, 240, 240), "shoes": (240, 240, 240),
        "hair": (60, 40, 44),
    },
    "ivo": {
        "top": (40, 120, 92), "sleeve": (40, 120, 92), "hair": (40, 120, 92), "legs": (26, 66, 60),
        "trim": (255, 196, 70),
    },
    "bruk": {"legs": (160, 40, 40), "trim": (230, 230, 230), "hair": (190, 190, 190), "shoes": (30, 30, 60)},
}  # fmt: skip


def look_of(content: Content, match: Any, side: int) -> Look:
    """The clothes one side wears. Characters without a look of their own wear the others' in turn."""
    number = int(match.fighter[side].character)
    name = content.names[number]
    if name not in LOOKS:
        name = list(LOOKS)[number % len(LOOKS)]
    look = LOOKS[name]
    if side == 1 and match.fighter[0].character == number:
        return replace(look, **SECOND[name])
    return look


def dark(colour: Colour, share: float = 0.72) -> Colour:
    """A colour in the shade."""
    return tuple(round(c * share) for c in colour)


class Figure:
    """One fighter's joints in the world, ready to be painted."""

    def __init__(self, canvas: Canvas, content: Content, match: Any, side: int):
        it = match.fighter[side]
        self.canvas, self.look = canvas, look_of(content, match, side)
        self.body: Skeleton = skeleton(content, match, side)
        self.size = content.characters[it.character].stand / TALL
        self.facing = int(it.facing)
        shaken = 2.0 * (-1) ** int(it.stop) if it.stop > 0 and it.pose in (Pose.HIT, Pose.FALL) else 0.0
        sunk = min(1.0, 3 * out_cold(content, match, it))
        self.root = (it.x / FINE + shaken, it.y / FINE * (1 - sunk))
        if it.y == 0 and not self.body.turn:  # stout ones sit no deeper than their girth
            look, body = self.look, self.body
            body.hip = (body.hip[0], max(body.hip[1], look.waist * self.size))
            body.chest = (body.chest[0], max(body.chest[1], (look.chest + 4) * self.size))
        self.angle = math.radians(self.body.turn)
        ends = [self.place(point)[0] for point in (self.body.head, *self.body.feet)]
        inwards = max(0.0, -EDGE + 8 - min(ends)) - max(0.0, max(ends) - EDGE + 8)
        self.root = (self.root[0] + inwards, self.root[1])  # who lies in a corner lies along the wall

    def place(self, point: Point) -> Point:
        """A joint in the world: turned about the hip, facing its way, on its spot."""
        x, y = point
        if self.angle:
            hx, hy = self.body.hip
            cos, sin = math.cos(self.angle), math.sin(self.angle)
            x, y = hx + (x - hx) * cos - (y - hy) * sin, hy + (x - hx) * sin + (y - hy) * cos
        x, y = x + self.body.lift[0], y + self.body.lift[1]
        return self.root[0] + self.facing * x, self.root[1] + y

    def paint(self) -> None:
        """Far limbs, trunk, head, near limbs; each over a dark edge, so that the figure stands out."""
        body, look = self.body, self.look
        for edge in (1.6, 0.0):
            self._arm(0, edge, 0.74)
            self._leg(0, edge, 0.74)
            if edge:
                self._staff(edge)
                self._trunk(edge)
                self._leg(1, edge, 1.0)
                self._head(edge)
        self._leg(1, 0.0, 1.0)
        self._trunk(0.0)
        self._head(0.0)
        self._staff(0.0)
        for edge in (1.4, 0.0):
            self._arm(1, edge, 1.0)
        if body.glow:
            centre, radius = self.place(body.glow[0]), body.glow[1]
            self.canvas.disc(centre, radius * 1.6, (*look.magic, 90))
            self.canvas.disc(centre, radius, look.magic)
            self.canvas.disc(centre, radius * 0.55, (255, 255, 246))

    def _limb(
        self, points: tuple[Point, Point, Point], radii: tuple[float, float, float], colours: Any, edge: float
    ) -> None:
        """Two bones from joint to joint. colours: of the upper, of the lower."""
        a, b, c = (self.place(point) for point in points)
        first, second = (INK, INK) if edge else colours
        r = [radius * self.size + edge for radius in radii]
        self.canvas.taper(a, b, r[0], r[1], first)
        self.canvas.taper(b, c, r[1], r[2], second)

    def _arm(self, which: int, edge: float, light: float) -> None:
        look, body, s = self.look, self.body, self.size
        hand = body.hands[which]
        shoulder = (body.chest[0] + (-3.0 if which == 0 else 1.0) * s, body.chest[1] - 3.0 * s)
        elbow = joint(shoulder, hand, look.bones[2] * s, look.bones[3] * s, -1)
        colours = (dark(look.sleeve, light), dark(look.skin, light))
        self._limb((shoulder, elbow, hand), (look.limb, look.limb * 0.86, look.limb * 0.66), colours, edge)
        fist = self.place(hand)
        self.canvas.disc(fist, look.limb * 1.08 * s + edge, INK if edge else dark(look.trim, light))

    def _leg(self, which: int, edge: float, light: float) -> None:
        look, body, s = self.look, self.body, self.size
        foot = (body.feet[which][0], body.feet[which][1] + 4.0)
        hip = (body.hip[0] + (-3.0 if which == 0 else 2.5) * s, body.hip[1])
        knee = joint(hip, foot, look.bones[0] * s, look.bones[1] * s, 1)
        colours = (dark(look.legs, light), dark(look.legs, light * 0.95))
        self._limb((hip, knee, foot), (look.limb * 1.45, look.limb * 1.1, look.limb * 0.8), colours, edge)
        along = math.atan2(foot[1] - knee[1], foot[0] - knee[0]) + math.pi / 2  # the sole is square to the shin
        toe = (foot[0] + 8.5 * s * math.cos(along), foot[1] + 8.5 * s * math.sin(along))
        if foot[1] < 8 and toe[1] < foot[1]:
            toe = (toe[0], max(toe[1], 2.5))
        colour = INK if edge else dark(look.shoes, light)
        self.canvas.taper(
            self.place(foot), self.place(toe), look.limb * 0.85 * s + edge, look.limb * 0.62 * s + edge, colour
        )

    def _trunk(self, edge: float) -> None:
        look, body, s, canvas = self.look, self.body, self.size, self.canvas
        hip, chest = self.place(body.hip), self.place((body.chest[0], body.chest[1] - 5 * s))
        wide, slim = look.chest * s + edge, look.waist * s + edge
        canvas.taper(hip, chest, slim, wide, INK if edge else look.top)
        if look.hairdo == "hood":  # a long coat
            down = body.hip[1] * 0.42
            tails = [(body.hip[0] - 13, down), (body.hip[0] + 9, down)]
            if body.turn or body.hip[1] < 15:
                tails = [(body.hip[0] + 16, body.hip[1] + 9), (body.hip[0] + 18, body.hip[1] - 7)]
            left, right = (body.hip[0] - slim, body.hip[1] + 4), (body.hip[0] + slim, body.hip[1] + 4)
            grown = [left, right, tails[1], tails[0]]
            if edge:
                middle = between(between(tails[0], tails[1], 0.5), body.hip, 0.5)
                grown = [between(middle, point, 1 + edge / 14) for point in grown]
            canvas.polygon([self.place(point) for point in grown], INK if edge else look.top)
        if edge:
            return
        upper = between(hip, chest, 0.1)
        if look.hairdo == "beard":  # bare above the trunks, with straps
            canvas.taper(hip, upper, slim * 0.98, slim * 0.98, look.legs)
            canvas.taper(upper, between(chest, self.place(body.head), 0.1), 2.6 * s, 2.6 * s, look.trim)
        elif look.hairdo == "band":  # a lapel
            neck = self.place((body.chest[0] + 4 * s, body.chest[1] + 2 * s))
            canvas.taper(neck, between(hip, chest, 0.35), 2.4 * s, 0.8 * s, dark(look.skin, 0.9))
        belt = between(hip, chest, 0.12)
        dx, dy = chest[0] - hip[0], chest[1] - hip[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length * slim * 0.86, dx / length * slim * 0.86
        canvas.taper((belt[0] - nx, belt[1] - ny), (belt[0] + nx, belt[1] + ny), 2.4 * s, 2.4 * s, look.trim)

    def _head(self, edge: float) -> None:
        look, body, s, canvas = self.look, self.body, self.size, self.canvas
        radius = look.head * s

        def at(forward: float, up: float) -> Point:
            """A point about the head, in its radii; the head nods as the neck leans."""
            return self.place((body.head[0] + forward * radius, body.head[1] + up * radius))

        skull = self.place(body.head)
        hair = INK if edge else look.hair
        if look.hairdo == "tail":
            wave = 0.5 * math.sin(self.root[0] / 9)
            canvas.taper(at(-0.7, 0.5), at(-2.3, -0.5 + wave), 3.6 * s + edge, 3.0 * s + edge, hair)
            canvas.taper(at(-2.3, -0.5 + wave), at(-2.9, -2.1 + wave), 3.0 * s + edge, 0.8 * s + edge, hair)
        elif look.hairdo == "band":
            wave = 0.35 * math.sin(self.root[0] / 8)
            for tip in ((-2.5, 0.1 + wave), (-2.2, -0.7 + wave)):
                canvas.taper(at(-0.8, 0.4), at(*tip), 1.8 * s + edge, 1.2 * s + edge, INK if edge else look.trim)
        if edge:
            canvas.disc(skull, radius + edge, INK)
            if look.hairdo == "hood":
                canvas.taper(at(-0.2, 0.2), at(-1.3, 0.9), radius * 1.1 + edge, 1 + edge, INK)
            return
        canvas.disc(skull, radius, look.skin)
        if look.hairdo == "hood":
            canvas.taper(at(-0.2, 0.25), at(-1.3, 0.9), radius * 1.08, 1.0, look.hair)
            canvas.disc(at(0.35, -0.12), radius * 0.68, dark(look.skin, 0.86))
            canvas.taper(at(-0.9, -0.9), at(0.6, -1.05), 2.4 * s, 2.0 * s, look.trim)
        elif look.hairdo == "beard":
            canvas.taper(at(-0.35, -0.75), at(0.6, -0.75), 4.2 * s, 3.6 * s, look.hair)
            canvas.taper(at(-0.7, 0.75), at(0.35, 0.85), 2.6 * s, 2.2 * s, look.hair)
        else:
            canvas.taper(at(-0.45, 0.35), at(0.25, 0.62), radius * 0.72, radius * 0.5, look.hair)
            canvas.disc(at(0.3, -0.2), radius * 0.68, look.skin)
        if look.hairdo == "band":
            canvas.taper(at(-0.9, 0.32), at(0.85, 0.34), 1.8 * s, 1.8 * s, look.trim)
        closed = self.body.turn or body.hip[1] < 12
        eye = at(0.62, 0.0)
        canvas.disc(eye, 1.3 * s, dark(look.skin, 0.5) if closed else INK)

    def _staff(self, edge: float) -> None:
        if self.body.staff is None:
            return
        low, high = (self.place(point) for point in self.body.staff)
        self.canvas.taper(low, high, 1.7 + edge, 1.7 + edge, INK if edge else (150, 104, 62))
        self.canvas.disc(high, 4.2 + edge, INK if edge else self.look.trim)

    def trace(self) -> None:
        """The path a strike takes through the air, behind the figure."""
        body = self.body
        if body.pillar:
            left, right, low, high = body.pillar
            for inset, colour in ((0, (*self.look.magic, 120)), (6, (*self.look.magic, 200)), (13, (255, 255, 246))):
                foot, peak = [(left + inset, low), (right - inset, low)], ((left + right) / 2, high - inset)
                self.canvas.polygon([self.place(point) for point in (*foot, peak)], colour)
        if body.tip is None:
            return
        glass = (255, 255, 240, 120)
        if body.sweep:
            radius, start, end = body.sweep
            angles = [math.radians(start + (end - start) * step / 8) for step in range(9)]
            rim = [(angle, 1.06 * radius) for angle in angles]
            inner = [(angle, (0.62 + 0.44 * step / 8) * radius) for step, angle in enumerate(reversed(angles))]
            arc = [
                self.place((body.chest[0] + r * math.cos(angle), body.chest[1] + r * math.sin(angle)))
                for angle, r in rim + inner
            ]
            self.canvas.polygon(arc, glass)
        elif body.back:
            self.canvas.taper(self.place(body.back), self.place(body.tip), 1.0, self.look.limb * 1.7 * self.size, glass)
        tip = self.place(body.tip)
        self.canvas.disc(tip, self.look.limb * 1.9 * self.size, glass)

    def shadow(self) -> None:
        """On the floor below."""
        x = self.place((self.body.hip[0], 0.0))[0]
        wide = 26 * self.size / (1 + self.root[1] / 160)
        self.canvas.oval((x, -2.5), wide, 4.2, (60, 46, 52))


def invulnerable(content: Content, it: Any) -> bool:
    """Whether some kind of attack passes through a fighter's move now: shown as an aura."""
    if it.pose != Pose.ATTACK:
        return False
    move = content.move(int(it.move))
    return (bool(move.against) and it.frame <= move.against_until) or (it.armor > 0 and move.kind == Kind.STRIKE)
