"""What a scripted side of the full game does with those who fight: wait, defend, go, raid.

As all scripts it reads what its side observes: own units, enemies in sight, remembered structures, the map.
"""

from ..compile import rule
from .combat import gap
from .economy import far2
from .orders import foe_row
from .plane import facing, side_rows
from .state import ATTACKS, FINE, GHOSTS, Army, Opt, Order, Role
from .steering import towards

FAR = 1 << 60
AT_HOME = 14 * FINE
"""An enemy this near a hall of one's own is dealt with."""
AT_POST = 5 * FINE
"""Who is this near the place where the army waits stays where it is."""
RAIDER = 44
"""Who goes so far in a tick raids: 2.75 units a second."""
AWARE = 9 * FINE
"""How far a raider looks around."""
NEAR = 3 * FINE
FULL = 6
"""Rows left when a side may as well attack: there is no room for more."""
SWEEP = 512
"""Ticks for which one place is searched when nothing of the other side is known."""


@rule
def is_fighter(tables, me):
    """Whether a unit belongs to the army: it moves, and is no worker."""
    return me.kind > 0 and me.fixed == 0 and tables.units[me.kind].role != Role.WORKER


@rule(inline=False)
def army_of(tables, match, side):
    """Supply of a side's fighters, in halves."""
    first = side * side_rows(match)
    total = 0
    for row in range(first, first + int(match.count[side])):
        if is_fighter(tables, match.unit[row]):
            total += int(tables.units[match.unit[row].kind].supply)
    return total


@rule(inline=False)
def rows_left(tables, match, side):
    """Units and structures that a side still has room for."""
    first = side * side_rows(match)
    left = int(tables.options[Opt.OWN])
    for row in range(first, first + int(match.count[side])):
        left -= match.unit[row].kind > 0
    return left


@rule(inline=False)
def near_base(tables, match, side, it):
    """Whether something is near a hall of a side."""
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.fixed and tables.units[me.kind].role == Role.HALL and gap(me, it) < AT_HOME * AT_HOME:
            return True
    return False


@rule
def in_view(match, side, it):
    """Whether a side sees a unit."""
    return it.kind > 0 and (int(it.seen) >> side) & 1 != 0


@rule(inline=False)
def invaders(tables, match, side):
    """Armed enemies in sight that are near one's halls."""
    total = 0
    for k in range(int(tables.options[Opt.FOES])):
        it = match.unit[foe_row(tables, match, side, k)]
        if in_view(match, side, it) and it.fixed == 0 and tables.units[it.kind].damage > 0:
            total += near_base(tables, match, side, it)
    return total


@rule(inline=False)
def nearest_invader(tables, match, side, me):
    """Number of the nearest enemy near one's halls that a unit can hit, -1: none."""
    best, chosen = FAR, -1
    for k in range(int(tables.options[Opt.FOES])):
        it = match.unit[foe_row(tables, match, side, k)]
        if in_view(match, side, it) and (it.layer == 0 or tables.units[me.kind].hits_air > 0):
            far = gap(me, it)
            if far < best and near_base(tables, match, side, it):
                best, chosen = far, k
    return chosen


@rule(inline=False)
def prey(tables, match, side, me):
    """Number of the worker in sight that a raider goes for, -1: none around."""
    best, chosen = AWARE * AWARE, -1
    for k in range(int(tables.options[Opt.FOES])):
        it = match.unit[foe_row(tables, match, side, k)]
        if in_view(match, side, it) and tables.units[it.kind].role == Role.WORKER and gap(me, it) < best:
            best, chosen = gap(me, it), k
    return chosen


@rule(inline=False)
def danger(tables, match, side, me):
    """Supply of enemies around a raider that can hit it, in halves, less that of its own fighters there."""
    total = 0
    for k in range(int(tables.options[Opt.FOES])):
        it = match.unit[foe_row(tables, match, side, k)]
        if in_view(match, side, it) and gap(me, it) < AWARE * AWARE:
            kind = tables.units[it.kind]
            if kind.role != Role.WORKER and kind.damage > 0 and (me.layer == 0 or kind.hits_air > 0):
                total += int(kind.supply) if it.fixed == 0 else 8
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        it = match.unit[row]
        if is_fighter(tables, it) and gap(me, it) < AWARE * AWARE:
            total -= int(tables.units[it.kind].supply)
    return total


@rule(inline=False)
def make_up_mind(tables, match, side, plan):
    """Whether the army goes or waits: into `mood`."""
    style = tables.strategies[plan]
    strength = army_of(tables, match, side)
    size = int(style.force) * (192 + int(match.whim[side]) % 128) // 256
    if strength >= size or rows_left(tables, match, side) < FULL:
        match.mood[side] = 1
    elif strength == 0 or (style.army != Army.RUSH and strength < size // 3):
        match.mood[side] = 0


@rule(inline=False)
def objective(tables, match, side):
    """Number of the place that is attacked: the remembered structure nearest to one's own main base, else the other
    side's halls and all other sites in turn."""
    sign = facing(match, side)
    sites = int(tables.options[Opt.SITES])
    best, chosen = FAR, -1
    for k in range(GHOSTS):
        ghost = match.ghost[side, k]
        if ghost.kind > 0:
            dx = int(ghost.x) * sign - int(tables.starts[0, 0])
            dy = int(ghost.y) * sign - int(tables.starts[0, 1])
            if dx * dx + dy * dy < best:
                best, chosen = dx * dx + dy * dy, sites + k
    if chosen >= 0:
        return chosen
    halls = tables.starts.shape[0]
    turn = (int(match.tick) // SWEEP + int(match.whim[side]) // 128) % (2 * sites)
    if turn & 1 == 0:
        return halls - 1 - turn // 2 % 2
    return turn // 2


@rule(inline=False)
def march(tables, match, side, me, place):
    """The choice that sends a unit to a place; nothing where it goes there already."""
    sign = facing(match, side)
    sites = int(tables.options[Opt.SITES])
    if place < sites:
        x, y = int(tables.sites[place, 0]) * sign, int(tables.sites[place, 1]) * sign
    else:
        x, y = int(match.ghost[side, place - sites].x), int(match.ghost[side, place - sites].y)
    if me.order == Order.MARCH and abs(int(me.goal_x) - x) < FINE and abs(int(me.goal_y) - y) < FINE:
        return 0
    if me.order == Order.IDLE and far2(me, x, y) < AT_POST * AT_POST:
        return 0
    return int(tables.options[Opt.GO]) + place


@rule(inline=False)
def soldier(tables, match, side, slot, plan, threatened, goal):
    """What one fighter does."""
    me = match.unit[side * side_rows(match) + slot]
    style = tables.strategies[plan]
    if tables.units[me.kind].role == Role.HEALER:
        return escort(tables, match, side, me, int(style.post))
    if style.army == Army.RAID and tables.units[me.kind].speed >= RAIDER:
        return raid(tables, match, side, me, plan)
    if threatened:
        k = nearest_invader(tables, match, side, me)
        if k >= 0:
            it = match.unit[foe_row(tables, match, side, k)]
            if gap(me, it) < AT_HOME * AT_HOME or match.mood[side] == 0:
                return 0 if me.aim >= 0 else ATTACKS + k
    return march(tables, match, side, me, goal if match.mood[side] else int(style.post))


@rule(inline=False)
def raid(tables, match, side, me, plan):
    """A raider goes for workers at the other side's natural or main base, and home from more than it can take."""
    style = tables.strategies[plan]
    health = int(tables.units[me.kind].health) * FINE
    at_risk = danger(tables, match, side, me) > 0
    if at_risk or int(me.health) * 3 < health:
        return withdraw(tables, match, side, me, int(style.post))
    k = prey(tables, match, side, me)
    if k >= 0:
        return ATTACKS + k
    halls = tables.starts.shape[0]
    turn = (int(match.whim[side]) + int(match.tick) // SWEEP) % 2
    return march(tables, match, side, me, halls - 1 - turn)


@rule
def withdraw(tables, match, side, me, post):
    """The move that leads away to a site, without a fight."""
    sign = facing(match, side)
    x, y = int(tables.sites[post, 0]), int(tables.sites[post, 1])
    if far2(me, x * sign, y * sign) < AT_POST * AT_POST:
        return 0
    return towards(tables, match, side, me, x, y)


@rule(inline=False)
def escort(tables, match, side, me, post):
    """A healer stays near the nearest fighter that is none; healing goes by itself."""
    first = side * side_rows(match)
    best, chosen = FAR, -1
    for row in range(first, first + int(match.count[side])):
        it = match.unit[row]
        if is_fighter(tables, it) and tables.units[it.kind].role != Role.HEALER and gap(me, it) < best:
            best, chosen = gap(me, it), row
    if chosen < 0:
        return withdraw(tables, match, side, me, post)
    if best < NEAR * NEAR:
        return 0 if me.aim >= 0 or me.order == Order.IDLE else 1
    sign = facing(match, side)
    it = match.unit[chosen]
    return towards(tables, match, side, me, int(it.x) * sign, int(it.y) * sign)
