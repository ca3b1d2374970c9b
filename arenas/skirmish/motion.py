"""Moving: units keep clear of each other and slide around what stands in their way; walls stop, and do no harm.

Everybody moves at once: each reckons with where the others stood, and what several neighbours do to one is summed.
"""

from ..compile import rule
from .combat import gap
from .plane import after, can_stand, facing, length, nearby, owner_of, portion, rank, square_of
from .state import CELL, FINE, Opt, Order, Task

PUSHED = 64
"""Farthest that neighbours push a unit in a tick."""
CLOSE = FINE
"""A unit that is in somebody's way this near its goal has arrived."""


@rule
def keep_clear(tables, match, row, owner, widest, slim):
    """Where a unit will stand after this tick, other units considered: into `to_x`, `to_y`. widest, slim: `lay_out`.

    Only structures are wide enough to be in the way from squares farther off, and they come first in a square's list.
    """
    me = match.unit[row]
    sign = facing(match, owner)
    speed = int(tables.units[me.kind].speed)
    x, y, vx, vy = int(me.x) * sign, int(me.y) * sign, int(me.vx) * sign, int(me.vy) * sign
    through = me.order == Order.GATHER or me.order == Order.RETURN  # workers at work do not bump into each other
    if tables.options[Opt.TASK] == Task.CONQUEST:
        through = through or me.order == Order.BUILD
    around, near = int(me.radius) + widest + speed, int(me.radius) + slim + speed
    top, bottom = square_of(match, int(me.y) - near), square_of(match, int(me.y) + near)
    left, right = square_of(match, int(me.x) - near), square_of(match, int(me.x) + near)
    push_x = push_y = slide_x = slide_y = 0
    for line in range(square_of(match, int(me.y) - around), square_of(match, int(me.y) + around) + 1):
        for column in range(square_of(match, int(me.x) - around), square_of(match, int(me.x) + around) + 1):
            other = nearby(match, line, column) if match.crowd > 0 or me.close else -1
            every = match.crowd == 0 or (top <= line <= bottom and left <= column <= right and not through)
            while other >= 0:
                it = match.unit[other]
                if it.fixed == 0 and not every:
                    break
                far2 = gap(me, it)
                touch = int(me.radius) + int(it.radius)
                limit = touch + speed
                if far2 < limit * limit and stands_in_the_way(me, it, row, other, through):
                    dx, dy = x - int(it.x) * sign, y - int(it.y) * sign
                    far = length(tables, dx, dy)
                    if far == 0:  # on one spot: each backs off towards its own side of the map, or by rank
                        alike = facing(match, owner_of(match, other)) == sign
                        dx, far = (1 if alike and rank(match, other) < rank(match, row) else -1), 1
                    over = touch - far
                    if over > 0:
                        share = over if it.fixed else (over + 1) // 2
                        push_x += portion(dx * share, far)
                        push_y += portion(dy * share, far)
                    nearing = -(vx * dx + vy * dy)
                    if nearing > 0:
                        # What brings them together is taken away, and half of the speed goes along the edge instead,
                        # to whichever side is nearer the wished direction.
                        slide_x += portion(dx * nearing, max(far2, 1))
                        slide_y += portion(dy * nearing, max(far2, 1))
                        turn = 1 if vx * dy - vy * dx <= 0 else -1
                        slide_x += portion(-turn * dy * speed, 2 * far)
                        slide_y += portion(turn * dx * speed, 2 * far)
                other = after(match, other)
    if slide_x != 0 or slide_y != 0:
        vx, vy = vx + slide_x, vy + slide_y
        fast = length(tables, vx, vy)
        if fast > speed:
            vx, vy = portion(vx * speed, fast), portion(vy * speed, fast)
    hard = length(tables, push_x, push_y)
    if hard > PUSHED:
        push_x, push_y = portion(push_x * PUSHED, hard), portion(push_y * PUSHED, hard)
    if (hard > 0 or slide_x != 0 or slide_y != 0) and (me.order == Order.MOVE or me.order == Order.MARCH):
        if abs(int(me.goal_x) - int(me.x)) < CLOSE and abs(int(me.goal_y) - int(me.y)) < CLOSE:
            me.order = Order.IDLE
    settle(tables, me, sign, x, y, vx + push_x, vy + push_y)


@rule
def stands_in_the_way(me, it, row, other, through):
    """Whether a unit keeps clear of another. through: it walks through those that move."""
    return it.kind > 0 and other != row and it.layer == me.layer and (it.fixed or not through)


@rule
def settle(tables, me, sign, x, y, dx, dy):
    """Where a move of a unit ends at walls and the edge of the map: it slides along them."""
    height, width = tables.ground.shape
    edge_x, edge_y = width * CELL // 2 - int(me.radius), height * CELL // 2 - int(me.radius)
    to_x, to_y = min(max(x + dx, -edge_x), edge_x), min(max(y + dy, -edge_y), edge_y)
    if me.layer == 0 and (to_x != x or to_y != y) and not can_stand(tables, to_x, to_y):
        if can_stand(tables, to_x, y):
            to_y = y
        elif can_stand(tables, x, to_y):
            to_x = x
        else:
            to_x, to_y = x, y
    me.to_x = to_x * sign
    me.to_y = to_y * sign


@rule
def arrive(me):
    """Ends the tick's move."""
    me.vx = int(me.to_x) - int(me.x)
    me.vy = int(me.to_y) - int(me.y)
    me.x = me.to_x
    me.y = me.to_y
    me.to_x = 0
    me.to_y = 0
    me.close = 0
