"""The scripted economy: spreads workers over fields, keeps the hall busy, adds supply, gas and barracks in time."""

from ..compile import rule
from .economy import can_make, far2, open_to, own_node
from .plane import side_rows
from .state import Node, Opt, Order, Role

PER_FIELD, PER_GEYSER = 2, 3
"""Workers that a field and a geyser keep busy."""
AHEAD = 6
"""A depot is begun when so little supply is left, in halves, for every hall and barracks."""
FAR = 1 << 60


@rule
def choice_to_make(tables, kind):
    """The choice that makes a kind, 0 where the scenario does not offer it."""
    for k in range(tables.makes.shape[0]):
        if tables.makes[k] == kind:
            return int(tables.options[Opt.MAKE]) + k
    return 0


@rule(inline=False)
def kind_with(tables, role, gives):
    """The kind on offer with a role, and with supply to give or without; 0: none. Fighters come from a structure."""
    for k in range(tables.makes.shape[0]):
        body = tables.units[tables.makes[k]]
        if body.role == role and (body.gives > 0) == (gives > 0):
            return int(tables.makes[k])
    return 0


@rule(inline=False)
def how_many(match, side, kind):
    """Units of a kind that a side has, in the making included."""
    first = side * side_rows(match)
    total = 0
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0:
            total += me.kind == kind or (me.order == Order.BUILD and me.target == kind and me.work == 0)
            if me.fixed:
                for place in range(me.queue.shape[0]):
                    total += me.queue[place] == kind
    return total


@rule(inline=False)
def at_node(match, side, node):
    """Workers of a side that a node has."""
    first = side * side_rows(match)
    total = 0
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.fixed == 0 and me.target == node:
            total += me.order == Order.GATHER or me.order == Order.RETURN
    return total


@rule(inline=False)
def best_node(tables, match, side, me, kind):
    """The nearest node of a kind with room for one more worker, -1: none."""
    best, chosen = FAR, -1
    most = PER_FIELD if kind == Node.MINERALS else PER_GEYSER
    for k in range(int(tables.options[Opt.NODES])):
        node = own_node(tables, match, side, k)
        it = match.node[node]
        if it.kind == kind and open_to(tables, match, node, side) and far2(me, it.x, it.y) < best:
            if at_node(match, side, node) < most:
                best, chosen = far2(me, it.x, it.y), node
    return chosen


@rule(inline=False)
def wanted_building(tables, match, side):
    """What a worker should build now: a depot when supply runs short, a refinery, barracks; 0: nothing."""
    depot = kind_with(tables, Role.BUILDING.value, 1)
    refinery = kind_with(tables, Role.EXTRACTOR.value, 0)
    barracks = kind_with(tables, Role.BUILDING.value, 0)
    works = 1 + (how_many(match, side, barracks) if barracks > 0 else 0)
    room = int(match.room[side]) - int(match.supply[side])
    coming = how_many(match, side, depot) * int(tables.units[depot].gives) + int(
        tables.units[int(tables.options[Opt.HALL])].gives
    )
    if depot > 0 and room < AHEAD * works and coming <= int(match.room[side]):
        return depot
    if refinery > 0 and how_many(match, side, refinery) < 4 and workers_of(tables, match, side) >= 12:
        return refinery
    if barracks > 0 and how_many(match, side, barracks) < 5:
        return barracks
    return 0


@rule(inline=False)
def workers_of(tables, match, side):
    """Workers a side has."""
    first = side * side_rows(match)
    total = 0
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        total += me.kind > 0 and tables.units[me.kind].role == Role.WORKER
    return total


@rule(inline=False)
def enough_workers(tables, match, side):
    """Whether the fields and geysers are all busy."""
    wanted = 0
    for node in range(int(tables.options[Opt.NODES])):
        if open_to(tables, match, node, side):
            wanted += PER_FIELD if match.node[node].kind == Node.MINERALS else PER_GEYSER
    if tables.options[Opt.SIDES] == 2:
        wanted = wanted * 2 // 3
    return workers_of(tables, match, side) >= wanted


@rule(inline=False)
def labour(tables, match, side, actions):
    """Chooses for the workers and structures of a side; the others' choices are left as they are."""
    building = wanted_building(tables, match, side)
    moved = False  # one worker changes over to gas at a time
    for slot in range(actions.shape[0]):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind == 0 or (me.work > 0 and me.order != Order.GATHER):
            continue
        role = int(tables.units[me.kind].role)
        if me.fixed:
            if me.queue[1] == 0:
                worker = kind_with(tables, Role.WORKER.value, 0)
                kind = worker if role == Role.HALL else kind_with(tables, Role.FIGHTER.value, 0)
                if kind > 0 and can_make(tables, match, side, me, kind):
                    if kind != worker or (me.queue[0] == 0 and not enough_workers(tables, match, side)):
                        actions[slot] = choice_to_make(tables, kind)
        elif role == Role.WORKER and me.order != Order.BUILD and me.carry == 0 and me.work == 0:
            if building > 0 and can_make(tables, match, side, me, building):
                actions[slot] = choice_to_make(tables, building)
                building = 0
                continue
            node = -1
            on_gas = me.target >= 0 and me.order == Order.GATHER and match.node[me.target].kind == Node.GEYSER
            if not moved and not on_gas:
                node = best_node(tables, match, side, me, Node.GEYSER.value)
                moved = node >= 0
            if node < 0 and me.order == Order.IDLE:
                node = best_node(tables, match, side, me, Node.MINERALS.value)
                if node < 0 and tables.options[Opt.NODES] > 0:
                    turn = int(match.tick // 8 + slot) % int(tables.options[Opt.NODES])
                    node = own_node(tables, match, side, turn)
                    node = node if open_to(tables, match, node, side) else -1
            if node >= 0:
                actions[slot] = int(tables.options[Opt.GATHER]) + own_node(tables, match, side, node)
