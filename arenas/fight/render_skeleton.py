"""A fighter as joints, and the geometry of limbs.

Joints are points (forward, up) from the place between the feet.
"""

import math
from dataclasses import dataclass, field

Point = tuple[float, float]
STAFF = 88.0
"""Length of a staff."""


@dataclass
class Skeleton:
    """A fighter's joints; of hands and feet the first is the far one. Angles are in degrees, forward over head."""

    hip: Point = (0.0, 43.0)
    chest: Point = (4.0, 69.0)
    head: Point = (8.0, 83.0)
    hands: list[Point] = field(default_factory=lambda: [(13.0, 60.0), (24.0, 66.0)])
    feet: list[Point] = field(default_factory=lambda: [(-15.0, 0.0), (17.0, 0.0)])
    turn: float = 0.0  # of the whole body about its hip
    tip: Point | None = None  # where a strike ends, if one is going on
    back: Point | None = None  # where the trace of that strike begins
    sweep: tuple[float, float, float] | None = None  # or an arc about the chest: radius, from angle, to angle
    staff: tuple[Point, Point] | None = None  # its lower and upper end
    glow: tuple[Point, float] | None = None  # a charge in the hands
    pillar: tuple[float, float, float, float] | None = None  # light that rises: left, right, bottom, top
    lift: Point = (0.0, 0.0)  # shifts the whole body: somebody carries it


def between(start: Point, end: Point, share: float) -> Point:
    """The point a share of the way from one to the other."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def joint(root: Point, end: Point, upper: float, lower: float, bend: int) -> Point:
    """Knee or elbow of a limb from `root` to `end`; bones stretch where the end is out of reach."""
    dx, dy = end[0] - root[0], end[1] - root[1]
    reach = math.hypot(dx, dy) or 1e-6
    if reach >= upper + lower:
        return between(root, end, upper / (upper + lower))
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    aside = bend * math.sqrt(max(0.0, upper**2 - along**2))
    return root[0] + (along * dx - aside * dy) / reach, root[1] + (along * dy + aside * dx) / reach
