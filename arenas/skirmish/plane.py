"""The plane: whose frame one reckons in, lengths, cells, ways, and the neighbour search.

Every unit reckons in the frame of its side: the second side sees the map turned by 180°. A unit and its mirror image
so do the same arithmetic on the same numbers, and no rounding favours a seat.
"""

from ..compile import rule
from .state import BUCKET, BUCKETS, CELL, HOSTILE, Opt, Terrain


@rule
def side_rows(match):
    """Rows of each side's section of the unit table."""
    return match.unit.shape[0] * 2 // 5


@rule
def owner_of(match, row):
    """Whose a row of the unit table is: a side, or HOSTILE."""
    return int(row) // side_rows(match)


@rule
def facing(match, owner):
    """1 or -1: what turns the map's coordinates into the owner's frame, and back. Hostile units turn with the match."""
    return 1 - 2 * (int(match.flipped) if owner == HOSTILE else int(owner))


@rule
def rank(match, row):
    """A row as ties are broken by it: its number within its section, then the seat."""
    owner = owner_of(match, row)
    local = int(row) - owner * side_rows(match)
    return 4 * local + (2 if owner == 2 else owner ^ int(match.flipped))


@rule
def length(tables, dx, dy):
    """The length of a vector, to 1/256 of itself: the longer leg times sqrt(1 + ratio²), from a table."""
    long, short = abs(dx), abs(dy)
    if short > long:
        long, short = short, long
    if long == 0:
        return 0
    return long * int(tables.hypotenuse[short * 256 // long]) >> 8


@rule
def portion(amount, whole):
    """`amount // whole`, of a positive whole. The amount is made positive first: its sign, which is anybody's guess,
    would decide which of two ways of dividing a processor takes."""
    turned = amount >> 63
    return ((amount ^ turned) // whole) ^ turned


@rule
def row_of(v, cells):
    """Row or column of cells, of so many, that a coordinate lies in; the nearest if it lies beyond the edge."""
    return min(max((v + cells * CELL // 2) // CELL, 0), cells - 1)


@rule
def cell_at(tables, x, y):
    """Number of the cell a point lies in."""
    height, width = tables.ground.shape
    return row_of(y, height) * width + row_of(x, width)


@rule
def ground_at(tables, x, y):
    """Terrain at a point."""
    height, width = tables.ground.shape
    return int(tables.ground[row_of(y, height), row_of(x, width)])


@rule
def can_stand(tables, x, y):
    """Whether a walking unit can be at a point."""
    height, width = tables.ground.shape
    if abs(x) >= width * CELL // 2 or abs(y) >= height * CELL // 2:
        return False
    return ground_at(tables, x, y) & Terrain.WALK.value != 0


@rule
def via(tables, me, x, y, goal_x, goal_y):
    """Where a unit at (x, y) heads first on its way to a goal, around walls. All in its own frame."""
    if tables.way.shape[0] > 1 and me.layer == 0:
        aim = cell_at(tables, goal_x, goal_y)
        over = int(tables.way[cell_at(tables, x, y), aim])
        if over != aim:
            height, width = tables.ground.shape
            goal_x = (2 * (over % width) + 1 - width) * CELL // 2
            goal_y = (2 * (over // width) + 1 - height) * CELL // 2
    return goal_x, goal_y


@rule
def head_for(tables, me, sign, goal_x, goal_y):
    """Sets a unit's velocity towards a point of the map; whether it gets there in this tick."""
    speed = int(tables.units[me.kind].speed)
    x, y = int(me.x) * sign, int(me.y) * sign
    over_x, over_y = via(tables, me, x, y, int(goal_x) * sign, int(goal_y) * sign)
    dx, dy = over_x - x, over_y - y
    far = length(tables, dx, dy)
    if far > speed:
        dx = portion(dx * speed, far)
        dy = portion(dy * speed, far)
    me.vx = dx * sign
    me.vy = dy * sign
    return far <= speed and over_x == goal_x * sign and over_y == goal_y * sign


# --- the neighbour search ---


@rule
def square_of(match, v):
    """Row or column of the square a coordinate lies in; of few units all are in one."""
    if match.crowd == 0:
        return 0
    return min(max((int(v) + BUCKETS * BUCKET // 2) // BUCKET, 0), BUCKETS - 1)


@rule
def square_under(match, me):
    """Number of the square that a unit stands in."""
    return square_of(match, me.y) * BUCKETS + square_of(match, me.x)


@rule
def nearby(match, line, column):
    """The first unit of a square, -1: none. Of few units it is the last row of all: see `after`."""
    if match.crowd == 0:
        return before(match, HOSTILE * side_rows(match) + int(match.count[HOSTILE]))
    return int(match.square[line * BUCKETS + column]) - 1


@rule
def after(match, row):
    """The unit that follows in the same square, -1: none. Of few units these are the rows in use, empty ones too."""
    if match.crowd == 0:
        return before(match, row)
    return int(match.unit[row].next) - 1


@rule
def before(match, row):
    """The row in use before another one, section by section; -1: none."""
    rows = side_rows(match)
    if row == HOSTILE * rows:
        row = rows + int(match.count[1])
    if row == rows:
        row = int(match.count[0])
    return row - 1


@rule
def lay_out(tables, match):
    """Puts every unit into the list of its square, structures before all others. Few units are not, as squares would
    cost more than they save, where none can be new before the tick has moved all. Returns how wide the widest is, and
    the widest that is no structure: whoever looks for neighbours has to look that much farther."""
    crowd = int(match.count[0]) + int(match.count[1]) + int(match.count[HOSTILE])
    match.crowd = crowd if crowd > tables.options[Opt.FEW] or tables.options[Opt.WORK] else 0
    if match.crowd == 0:
        mark_close(tables, match)
        return 0, 0
    slim = enter(match, 0)
    return max(slim, enter(match, 1)), slim


@rule
def enter(match, fixed):
    """Puts structures, or all other units, at the head of their squares' lists; how wide the widest of them is."""
    widest = 0
    for owner in range(3):
        first = owner * side_rows(match)
        for row in range(first, first + int(match.count[owner])):
            me = match.unit[row]
            if me.kind > 0 and me.fixed == fixed:
                square = square_under(match, me)
                me.next = match.square[square]
                match.square[square] = row + 1
                widest = max(widest, int(me.radius))
    return widest


@rule
def mark_close(tables, match):
    """Marks those of few units that another one may get in the way of in this tick: nobody else need look around.

    Each pair is looked at once here; who looks around looks at all.
    """
    row = before(match, HOSTILE * side_rows(match) + int(match.count[HOSTILE]))
    while row >= 0:
        me = match.unit[row]
        reach = int(me.radius) + int(tables.options[Opt.FASTEST])
        other = before(match, row)
        while other >= 0:
            it = match.unit[other]
            dx, dy, limit = int(it.x) - int(me.x), int(it.y) - int(me.y), reach + int(it.radius)
            if dx * dx + dy * dy < limit * limit and me.kind > 0 and it.kind > 0:
                me.close = 1
                it.close = 1
            other = before(match, other)
        row = before(match, row)


@rule
def clear_away(match):
    """Empties the lists again: a record holds nothing that depends on the order of rows. Units stand where they stood
    in `lay_out`."""
    if match.crowd > 0:
        for owner in range(3):
            first = owner * side_rows(match)
            for row in range(first, first + int(match.count[owner])):
                me = match.unit[row]
                if me.kind > 0:
                    match.square[square_under(match, me)] = 0
                    me.next = 0
    match.crowd = 0
