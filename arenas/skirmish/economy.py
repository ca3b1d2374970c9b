"""Work: gathering and production; `building.py` has construction.

A field or geyser is worked by one unit at a time: of several that arrive at once the first by rank gets it, the others
wait or go to a free field nearby. That is why two or three workers a field are as many as pay.
"""

from ..compile import rule
from ..dice import seat
from .muster import enlist
from .plane import facing, ground_at, head_for, rank, side_rows
from .state import FINE, QUEUE, Node, Opt, Order, Role, Terrain

MINING = 62
"""Ticks of work for one load of minerals."""
PUMPING = 32
"""Ticks of work for one load of gas."""
LOAD, GAS_LOAD = 5, 4
TOUCH = FINE // 4
"""How near two edges are that touch."""
FIELD, GEYSER = FINE, 27 * FINE // 16
"""Radius of a mineral field and of a geyser with its refinery."""
NEARBY = 6 * FINE
"""How far from a busy field a worker looks for a free one."""
BIDS = 4096
"""Above every rank."""
MOST_SUPPLY = 400
UNFINISHED = 2
"""Added to the owner of a geyser whose refinery is being built."""
LEFT = -2
"""User of a field that was left in this tick: nobody sees it free before the next."""
FAR = 1 << 60


@rule
def far2(me, x, y):
    """Squared distance of a unit's middle to a point."""
    dx, dy = int(x) - int(me.x), int(y) - int(me.y)
    return dx * dx + dy * dy


@rule
def touches(me, x, y, radius):
    """Whether a unit stands at something round."""
    reach = int(me.radius) + radius + TOUCH
    return far2(me, x, y) <= reach * reach


@rule
def own_node(tables, match, side, k):
    """The k-th node as a side counts them: both count the map's from their own end. Also the other way round."""
    if k < tables.turned.shape[0] and seat(match, side) == 1:
        return int(tables.turned[k])
    return k


@rule
def is_field(tables, match, node, side):
    """Whether a side takes a node for a mineral field. Under the fog it may not have seen that nothing is left."""
    if tables.options[Opt.FOG] == 0:
        return match.node[node].kind == Node.MINERALS
    if node >= tables.nodes.shape[0] or tables.nodes[node, 2] != Node.MINERALS:
        return False
    return match.known[side, node] > 0


@rule
def open_to(tables, match, node, side):
    """Whether a side's workers can gather at a node: minerals, or a geyser with its refinery."""
    it = match.node[node]
    return is_field(tables, match, node, side) or (it.kind == Node.GEYSER and it.owner == side)


@rule(inline=False)
def nearest_field(tables, match, owner, me, reach):
    """The nearest mineral field that nobody works at, or with none free within reach the nearest at all; -1: none. Of
    two as near the first as the side counts them."""
    best, chosen = FAR, -1
    for k in range(match.node.shape[0]):
        node = own_node(tables, match, owner, k)
        it = match.node[node]
        if is_field(tables, match, node, owner):
            key = far2(me, it.x, it.y)
            if it.user != -1 or key > reach * reach:
                key += FAR >> 1
            if key < best:
                best, chosen = key, node
    return chosen


@rule(inline=False)
def nearest_hall(tables, match, me, owner):
    """Row of the side's nearest finished hall, -1: none."""
    best, chosen = FAR, -1
    first = owner * side_rows(match)
    for row in range(first, first + int(match.count[owner])):
        it = match.unit[row]
        if it.kind > 0 and it.fixed and it.work == 0 and tables.units[it.kind].role == Role.HALL:
            key = far2(me, it.x, it.y)
            if key < best:
                best, chosen = key, row
    return chosen


@rule
def leave_field(match, row):
    """Gives up the field a worker works at."""
    me = match.unit[row]
    if me.order == Order.GATHER and me.work > 0:
        me.work = 0
        if match.node[me.target].user == row:
            match.node[me.target].user = LEFT


@rule(inline=False)
def gather(tables, match, row, owner):
    """One tick of a worker that gathers: goes to its field, claims it, works, and turns home with a load."""
    me = match.unit[row]
    if me.carry > 0:
        leave_field(match, row)
        me.order = Order.RETURN
        return
    node = int(me.target)
    if not open_to(tables, match, node, owner):
        me.work = 0
        node = nearest_field(tables, match, owner, me, NEARBY)
        if node < 0:
            me.order = Order.IDLE
            me.target = -1
            return
        me.target = node
    it = match.node[node]
    gas = it.kind == Node.GEYSER
    if not touches(me, it.x, it.y, GEYSER if gas else FIELD):
        head_for(tables, me, facing(match, owner), int(it.x), int(it.y))
    elif it.user == row:
        me.work -= 1
        if me.work <= 0:
            me.work = 0
            it.user = LEFT
            load = min(int(it.amount), GAS_LOAD if gas else LOAD)
            it.amount -= load
            me.carry = load
            me.carry_gas = gas
            me.order = Order.RETURN
    elif it.kind == Node.NONE:
        return  # empty since it was last seen
    elif it.user == -1:
        it.bid = max(int(it.bid), BIDS - rank(match, row))
    elif not gas:
        other = nearest_field(tables, match, owner, me, NEARBY)
        if other >= 0 and match.node[other].user == -1:
            if far2(me, match.node[other].x, match.node[other].y) <= NEARBY * NEARBY:
                me.target = other


@rule(inline=False)
def bring_home(tables, match, row, owner):
    """One tick of a worker on its way to the nearest hall, where it leaves what it carries."""
    me = match.unit[row]
    hall = nearest_hall(tables, match, me, owner)
    if me.carry == 0 or hall < 0:
        me.order = Order.GATHER if me.target >= 0 else Order.IDLE
        return
    it = match.unit[hall]
    if not touches(me, it.x, it.y, int(it.radius)):
        head_for(tables, me, facing(match, owner), int(it.x), int(it.y))
        return
    if me.carry_gas:
        match.gas[owner] += int(me.carry)
    else:
        match.minerals[owner] += int(me.carry)
    match.gathered[owner] += int(me.carry)
    me.carry = 0
    me.carry_gas = 0
    me.order = Order.GATHER if me.target >= 0 else Order.IDLE


@rule
def grant_claims(tables, match, row):
    """Gives a field to the worker whose claim was the best, once all have claimed."""
    me = match.unit[row]
    if me.order == Order.GATHER and me.target >= 0:
        it = match.node[me.target]
        if it.bid > 0 and it.user == -1 and it.bid == BIDS - rank(match, row):
            it.user = row
            me.work = PUMPING if it.kind == Node.GEYSER else MINING


@rule
def clear_claims(match):
    """Ends a tick's claims: fields that were left are free again, empty ones are gone."""
    for node in range(match.node.shape[0]):
        it = match.node[node]
        it.bid = 0
        if it.user == LEFT:
            it.user = -1
        if it.kind == Node.MINERALS and it.amount <= 0:
            it.kind = Node.NONE


# --- making ---


@rule(inline=False)
def stands(tables, match, side, kind):
    """Whether a side has a finished structure of a kind; kind 0 asks for nothing."""
    if kind == 0:
        return True
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        it = match.unit[row]
        if it.kind == kind and (it.fixed == 0 or it.work == 0):
            return True
    return False


@rule(inline=False)
def can_make(tables, match, side, me, kind):
    """Whether a unit can begin to make another kind now: it is the right one, free, and what it takes is there."""
    body = tables.units[kind]
    if me.kind != tables.made[kind, 0] or match.minerals[side] < body.minerals or match.gas[side] < body.gas:
        return False
    if me.fixed:
        if me.work > 0 or me.queue[QUEUE - 1] != 0:
            return False
        if int(match.supply[side]) + int(body.supply) > min(int(match.room[side]), MOST_SUPPLY):
            return False
    elif me.order == Order.BUILD:
        return False
    return stands(tables, match, side, int(tables.made[kind, 1]))


@rule
def train(tables, match, side, me, kind):
    """Puts a unit in production, and pays for it."""
    place = 0
    while me.queue[place] != 0:
        place += 1
    me.queue[place] = kind
    if place == 0:
        me.make = tables.units[kind].build
    match.minerals[side] -= int(tables.units[kind].minerals)
    match.gas[side] -= int(tables.units[kind].gas)
    match.supply[side] += int(tables.units[kind].supply)


@rule(inline=False)
def produce(tables, match, row, owner):
    """One tick of a structure: of its construction, else of what it has in production."""
    me = match.unit[row]
    if me.work > 0:
        body = tables.units[me.kind]
        me.work -= 1
        me.health = min(int(me.health) + int(body.health) * FINE // max(int(body.build), 1), int(body.health) * FINE)
        if me.work == 0 and body.role == Role.EXTRACTOR:
            own_geyser(match, me, owner)
        return
    if me.queue[0] == 0:
        return
    if me.make > 0:
        me.make -= 1
    if me.make == 0:
        kind = int(me.queue[0])
        x, y = way_out(tables, match, owner, me, int(me.radius) + int(tables.units[kind].radius))
        new = enlist(tables, match, owner, kind, x, y, 0)
        if new < 0:
            return
        it = match.unit[new]
        if it.threat == 3:
            match.made[owner] += 1
        if me.target >= 0 and tables.units[kind].role == Role.WORKER:
            it.order = Order.GATHER
            it.target = me.target
        elif me.rally_x != me.x or me.rally_y != me.y:
            it.order = Order.MARCH
            it.goal_x = me.rally_x
            it.goal_y = me.rally_y
        for place in range(QUEUE - 1):
            me.queue[place] = me.queue[place + 1]
        me.queue[QUEUE - 1] = 0
        me.make = tables.units[int(me.queue[0])].build if me.queue[0] != 0 else 0


@rule
def way_out(tables, match, owner, me, reach):
    """Where a new unit leaves a structure: at the first corner, seen from the own side, that lies in no wall."""
    sign = facing(match, owner)
    x, y = int(me.x) - reach * sign, int(me.y) - reach * sign
    for corner in range(4):
        across = reach * sign * (2 * (corner & 1) - 1)
        along = reach * sign * (2 * (corner >> 1) - 1)
        if ground_at(tables, int(me.x) + across, int(me.y) + along) & Terrain.WALK.value:
            x, y = int(me.x) + across, int(me.y) + along
            break
    return x, y


@rule
def own_geyser(match, me, owner):
    """Whose the geyser under a refinery is; -1: nobody's."""
    for node in range(match.node.shape[0]):
        it = match.node[node]
        if it.kind == Node.GEYSER and it.x == me.x and it.y == me.y:
            it.owner = owner


@rule(inline=False)
def recount(tables, match, side):
    """Supply used, what is in production included, and given."""
    used, room = 0, 0
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0:
            used += int(tables.units[me.kind].supply)
            if me.fixed:
                for place in range(QUEUE):
                    if me.queue[place] != 0:
                        used += int(tables.units[int(me.queue[place])].supply)
                if me.work == 0:
                    room += int(tables.units[me.kind].gives)
    match.supply[side] = used
    match.room[side] = min(room, MOST_SUPPLY)
