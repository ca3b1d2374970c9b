"""Construction: where a structure can stand, and the worker who builds it.

What is built is paid for when the work begins; it goes on by itself, and the worker stays until it is done.
"""

from ..compile import rule
from ..dice import seat
from .economy import FAR, UNFINISHED, can_make, far2, leave_field, nearest_hall, own_node, touches
from .muster import enlist
from .plane import facing, head_for, side_rows, via
from .state import FINE, GHOSTS, Node, Opt, Order, Role, Task, Terrain

CLEAR = 1
"""Cells between a structure and a ramp or gate, in the full game."""


@rule(inline=False)
def is_free(tables, match, side, kind, x, y, truly):
    """Whether a structure can be put at a point of the side's frame: ground to build on, clear of structures and of
    the ways to minerals. truly: 0: as far as the side knows, 1: as it is."""
    body = tables.units[kind]
    sign = facing(match, side)
    height, width = tables.ground.shape
    half = int(body.span) * FINE
    if abs(x) + half > width * FINE or abs(y) + half > height * FINE:
        return False
    for line in range(int(body.span)):
        for column in range(int(body.span)):
            px, py = x - half + FINE + column * 2 * FINE, y - half + FINE + line * 2 * FINE
            cell_x, cell_y = (px + width * FINE) // (2 * FINE), (py + height * FINE) // (2 * FINE)
            if tables.ground[cell_y, cell_x] & Terrain.BUILD.value == 0:
                return False
    if tables.options[Opt.TASK] == Task.CONQUEST and blocks_a_way(tables, x, y, half):
        return False
    for node in range(match.node.shape[0]):
        it = match.node[node]
        if it.kind != Node.NONE:
            apart = int(body.radius) + FINE * 5 // 2
            dx, dy = int(it.x) * sign - x, int(it.y) * sign - y
            if dx * dx + dy * dy < apart * apart:
                return False
    for row in range(2 * side_rows(match)):
        it = match.unit[row]
        if it.kind > 0 and it.fixed and (truly or (int(it.seen) >> side) & 1):
            apart = int(body.radius) + int(it.radius) + int(tables.options[Opt.SPACE])
            if tables.units[it.kind].role == Role.HALL:
                apart += FINE * 2
            dx, dy = int(it.x) * sign - x, int(it.y) * sign - y
            if dx * dx + dy * dy < apart * apart:
                return False
    for k in range(GHOSTS):
        ghost = match.ghost[side, k]
        if ghost.kind > 0 and not truly:
            apart = int(body.radius) + int(tables.units[ghost.kind].radius)
            dx, dy = int(ghost.x) * sign - x, int(ghost.y) * sign - y
            if dx * dx + dy * dy < apart * apart:
                return False
    return True


@rule(inline=False)
def blocks_a_way(tables, x, y, half):
    """Whether a ramp or gate, ground that can be walked but not built on, lies too near to a structure's place."""
    height, width = tables.ground.shape
    around = half + CLEAR * 2 * FINE
    left, right = (x - around + width * FINE) // (2 * FINE), (x + around - 1 + width * FINE) // (2 * FINE)
    low, high = (y - around + height * FINE) // (2 * FINE), (y + around - 1 + height * FINE) // (2 * FINE)
    for line in range(max(low, 0), min(high + 1, height)):
        for column in range(max(left, 0), min(right + 1, width)):
            if tables.ground[line, column] & (Terrain.WALK.value | Terrain.BUILD.value) == Terrain.WALK.value:
                return True
    return False


@rule(inline=False)
def free_geyser(tables, match, owner, me):
    """The nearest geyser without a refinery, of two as near the first as the side counts them; -1: none. Under the fog
    one with a refinery of the other side counts as free until it is in sight."""
    best, chosen = FAR, -1
    for k in range(match.node.shape[0]):
        node = own_node(tables, match, owner, k)
        it = match.node[node]
        taken = it.owner >= 0
        if tables.options[Opt.FOG] and (int(it.owner) & 1) != owner:
            taken = taken and (int(it.seen) >> owner) & 1 != 0
        if it.kind == Node.GEYSER and not taken:
            key = far2(me, it.x, it.y)
            if key < best:
                best, chosen = key, node
    return chosen


@rule(inline=False)
def free_site(tables, match, side, kind):
    """The first place for a hall, from the own side, that is free as far as the side knows; -1: none."""
    for site in range(tables.starts.shape[0]):
        if is_free(tables, match, side, kind, int(tables.starts[site, 0]), int(tables.starts[site, 1]), 0):
            return site
    return -1


@rule(inline=False)
def plan(tables, match, row, owner, kind):
    """Sends a worker to build: on the nearest free geyser; in the full game a hall on the first free site for one; else
    at the free place nearest to a hall, what is armed where the other side would come from."""
    me = match.unit[row]
    sign = facing(match, owner)
    if tables.units[kind].role == Role.EXTRACTOR:
        node = free_geyser(tables, match, owner, me)
        if node < 0:
            return
        x, y = int(match.node[node].x) * sign, int(match.node[node].y) * sign
    elif tables.units[kind].role == Role.HALL and tables.options[Opt.TASK] == Task.CONQUEST:
        site = free_site(tables, match, owner, kind)
        if site < 0:
            return
        x, y = int(tables.starts[site, 0]), int(tables.starts[site, 1])
    else:
        hall = nearest_hall(tables, match, me, owner)
        near = me if hall < 0 else match.unit[hall]
        odd = int(tables.units[kind].span) & 1  # even sizes stand on the corners of cells
        height, width = tables.ground.shape
        corner_x, corner_y = ((width + odd) & 1) * FINE, ((height + odd) & 1) * FINE
        base_x, base_y = int(near.x) * sign, int(near.y) * sign
        if tables.units[kind].damage > 0 and tables.options[Opt.TASK] == Task.CONQUEST:
            enemy_x, enemy_y = -int(tables.starts[0, 0]), -int(tables.starts[0, 1])
            over_x, over_y = via(tables, me, base_x, base_y, enemy_x, enemy_y)
            base_x, base_y = (base_x + over_x) // 2, (base_y + over_y) // 2
        base_x = (base_x - corner_x) // (2 * FINE) * 2 * FINE + corner_x
        base_y = (base_y - corner_y) // (2 * FINE) * 2 * FINE + corner_y
        found = False
        x = y = 0
        for place in range(tables.rings.shape[0]):
            x, y = base_x + int(tables.rings[place, 0]) * 2 * FINE, base_y + int(tables.rings[place, 1]) * 2 * FINE
            if is_free(tables, match, owner, kind, x, y, 0):
                found = True
                break
        if not found:
            return
    leave_field(match, row)
    me.order = Order.BUILD
    me.target = kind
    me.aim = -1
    me.windup = 0
    me.goal_x = x * sign
    me.goal_y = y * sign


@rule(inline=False)
def build(tables, match, row, owner):
    """One tick of a worker that builds: goes there, begins if it still can, stays until it is done."""
    me = match.unit[row]
    if me.work > 0:
        me.work -= 1
        if me.work == 0:
            me.order = Order.IDLE
            me.target = -1
        return
    kind = int(me.target)
    body = tables.units[kind]
    if not touches(me, me.goal_x, me.goal_y, int(body.radius)):
        head_for(tables, me, facing(match, owner), int(me.goal_x), int(me.goal_y))
        return
    if tables.options[Opt.TASK] == Task.CONQUEST and (int(match.tick) + seat(match, owner)) & 1:
        return  # the sides begin in turn: of two at one place in one tick neither could be the first
    sign = facing(match, owner)
    node = -1
    free = True
    if body.role == Role.EXTRACTOR:
        node = free_geyser(tables, match, owner, me)
        free = node >= 0 and match.node[node].x == me.goal_x and match.node[node].y == me.goal_y
        free = free and match.node[node].owner < 0
    else:
        free = is_free(tables, match, owner, kind, int(me.goal_x) * sign, int(me.goal_y) * sign, 1)
    me.order = Order.IDLE
    me.target = -1
    if not free or not can_make(tables, match, owner, me, kind):
        return
    new = enlist(tables, match, owner, kind, int(me.goal_x), int(me.goal_y), 0)
    if new < 0:
        return
    match.minerals[owner] -= int(body.minerals)
    match.gas[owner] -= int(body.gas)
    match.unit[new].work = body.build
    match.unit[new].health = int(body.health) * FINE // 10
    if node >= 0:
        match.node[node].owner = owner + UNFINISHED
    me.order = Order.BUILD
    me.target = kind
    me.work = body.build
