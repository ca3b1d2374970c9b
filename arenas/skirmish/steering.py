"""Which move leads where: for scripts."""

from ..compile import rule
from .plane import facing, via
from .state import FINE, MOVES


@rule
def direction_of(dx, dy):
    """The move nearest to a direction."""
    if 5 * abs(dy) < 2 * abs(dx):
        return 0 if dx > 0 else 4
    if 5 * abs(dx) < 2 * abs(dy):
        return 2 if dy > 0 else 6
    if dy > 0:
        return 1 if dx > 0 else 3
    return 7 if dx > 0 else 5


@rule(inline=False)
def towards(tables, match, side, me, x, y):
    """The move that leads to a point of the side's frame, around walls; 0 where it stands there already."""
    sign = facing(match, side)
    over_x, over_y = via(tables, me, int(me.x) * sign, int(me.y) * sign, x, y)
    dx, dy = over_x - int(me.x) * sign, over_y - int(me.y) * sign
    if abs(dx) + abs(dy) < FINE // 2:
        return 0
    return MOVES + direction_of(dx, dy)
