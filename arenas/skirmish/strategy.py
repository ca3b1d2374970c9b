"""The scripted strategies of the full game: what is built, trained and gathered. Their plans are rows of data.

assets/skirmish/strategies.toml has them; `army.py` does what those who fight do. A strategy reads what its side
observes, and chooses one choice a unit as any policy does.
"""

from ..compile import rule
from ..dice import STREAM_BOT, draw, seat
from .army import (
    army_of,
    invaders,
    is_fighter,
    make_up_mind,
    march,
    nearest_invader,
    objective,
    rows_left,
    soldier,
)
from .combat import gap
from .economy import can_make, far2, is_field, open_to, own_node, stands
from .labour import PER_GEYSER, at_node, choice_to_make, how_many, workers_of
from .plane import facing, side_rows
from .state import ATTACKS, FINE, Army, Node, Opt, Order, Role

STANDARD = 5
"""The strategy of those that are none."""
FAR = 1 << 60
AHEAD = 5
"""A depot is begun when so little supply is left, in halves, for every structure that trains."""
BASE = 11 * FINE
"""Fields this near a hall belong to it."""
PER_FIELD = 2
HOME_WORKERS = 4
"""Workers that stay at work when all others attack."""
ROOM = 4
"""Rows kept for structures."""
GIVES_UP = STREAM_BOT + 2
"""Stream of who gives up building."""
PATIENCE = 250
"""One in so many decisions on the way to build ends it."""


@rule(inline=False)
def command(tables, match, side, plan, actions):
    """Chooses for every unit of a side by a strategy."""
    make_up_mind(tables, match, side, plan)
    style = tables.strategies[plan]
    threats = invaders(tables, match, side)
    goal = objective(tables, match, side)
    wanted = next_goal(tables, match, side, plan)
    builder = -1
    if wanted > 0 and tables.made[wanted, 0] == worker_kind(tables):
        builder = choose_builder(tables, match, side, plan, wanted)
    saved_minerals, saved_gas = put_aside(tables, match, side, wanted)
    militia = min(int(style.militia), threats + threats // 2 - army_of(tables, match, side) // 2) if threats > 0 else 0
    swarm = workers_of(tables, match, side) - HOME_WORKERS if style.army == Army.SWARM else 0
    moved = False  # one worker changes its field at a time
    for slot in range(actions.shape[0]):
        row = side * side_rows(match) + slot
        me = match.unit[row]
        actions[slot] = 0
        if me.kind == 0 or (me.work > 0 and me.order != Order.GATHER):
            continue
        if me.fixed:
            kind = to_train(tables, match, side, me, plan, wanted, saved_minerals, saved_gas)
            if kind > 0:
                actions[slot] = choice_to_make(tables, kind)
                if kind == wanted:
                    wanted = 0
                elif wanted > 0:
                    saved_minerals += int(tables.units[kind].minerals)
                    saved_gas += int(tables.units[kind].gas)
        elif is_fighter(tables, me):
            actions[slot] = soldier(tables, match, side, slot, plan, threats > 0, goal)
        elif slot == builder:
            actions[slot] = choice_to_make(tables, wanted)
        elif me.order == Order.BUILD:
            if draw(tables, match, GIVES_UP, seat(match, side) * 256 + slot, PATIENCE) == 0:
                actions[slot] = 1  # it may be stuck
        elif swarm > 0:
            swarm -= 1
            actions[slot] = swarm_choice(tables, match, side, me, goal)
        elif militia > 0 and defends(tables, match, side, me):
            militia -= 1
            actions[slot] = ATTACKS + nearest_invader(tables, match, side, me)
        else:
            node = field_for(tables, match, side, me, moved)
            if node >= 0:
                moved = moved or me.order == Order.GATHER
                actions[slot] = int(tables.options[Opt.GATHER]) + own_node(tables, match, side, node)


# --- what to build ---


@rule(inline=False)
def worker_kind(tables):
    """The kind that builds."""
    return int(tables.made[int(tables.options[Opt.HALL]), 0])


@rule(inline=False)
def training_places(tables, match, side):
    """Finished structures of a side that train something, and workers' halls twice."""
    first = side * side_rows(match)
    total = 0
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.fixed and me.work == 0 and tables.units[me.kind].supply == 0:
            for k in range(tables.makes.shape[0]):
                if tables.made[tables.makes[k], 0] == me.kind:
                    total += 1
                    break
    return total


@rule(inline=False)
def depot_kind(tables):
    """The structure that gives supply and is no hall."""
    for k in range(tables.makes.shape[0]):
        body = tables.units[tables.makes[k]]
        if body.gives > 0 and body.role == Role.BUILDING:
            return int(tables.makes[k])
    return 0


@rule(inline=False)
def next_goal(tables, match, side, plan):
    """What is saved for: a depot when supply runs short, else the first goal that is not met and can be begun; 0: all
    is there."""
    depot = depot_kind(tables)
    room = int(match.room[side]) - int(match.supply[side])
    coming = how_many(match, side, depot) * int(tables.units[depot].gives)
    coming += how_many(match, side, int(tables.options[Opt.HALL])) * int(
        tables.units[int(tables.options[Opt.HALL])].gives
    )
    if room < AHEAD * training_places(tables, match, side) and coming <= int(match.room[side]):
        if match.supply[side] > 24 and rows_left(tables, match, side) > ROOM:
            return depot
    for place in range(tables.goals.shape[1]):
        kind, count = int(tables.goals[plan, place, 0]), int(tables.goals[plan, place, 1])
        if kind == 0:
            return 0
        if how_many(match, side, kind) < count and stands(tables, match, side, int(tables.made[kind, 1])):
            if stands(tables, match, side, int(tables.made[kind, 0])):
                return kind
    return 0


@rule(inline=False)
def put_aside(tables, match, side, wanted):
    """Minerals and gas not to be spent on anything else: of the goal, and of what workers are on their way to build."""
    minerals, gas = int(tables.units[wanted].minerals), int(tables.units[wanted].gas)
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.order == Order.BUILD and me.work == 0:
            minerals += int(tables.units[me.target].minerals)
            gas += int(tables.units[me.target].gas)
    return minerals, gas


@rule(inline=False)
def choose_builder(tables, match, side, plan, wanted):
    """The slot of the worker that builds: the nearest to the main base, for what is armed to where the army waits; -1:
    nobody can. Goods for what others are about to build are spoken for."""
    kind = tables.units[wanted]
    others_minerals, others_gas = put_aside(tables, match, side, 0)
    if match.minerals[side] < others_minerals + int(kind.minerals) or match.gas[side] < others_gas + int(kind.gas):
        return -1
    site = int(tables.strategies[plan].post) if kind.damage > 0 else 0
    sign = facing(match, side)
    x, y = int(tables.sites[site, 0]) * sign, int(tables.sites[site, 1]) * sign
    best, chosen = FAR, -1
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0 and me.fixed == 0 and me.carry == 0 and (me.work == 0 or me.order == Order.GATHER):
            if can_make(tables, match, side, me, wanted) and far2(me, x, y) < best:
                best, chosen = far2(me, x, y), slot
    return chosen


@rule(inline=False)
def to_train(tables, match, side, me, plan, wanted, saved_minerals, saved_gas):
    """The kind that a structure trains now, 0: none. Workers come first; then the goal; then by the strategy's mix what
    there is least of."""
    if me.work > 0 or me.queue[1] != 0 or (me.queue[0] != 0 and me.make > 8):
        return 0
    style = tables.strategies[plan]
    worker = worker_kind(tables)
    if tables.made[worker, 0] == me.kind:
        enough = how_many(match, side, worker) >= style.workers or saturated(tables, match, side)
        return worker if not enough and can_make(tables, match, side, me, worker) else 0
    if wanted > 0 and tables.made[wanted, 0] == me.kind:
        return wanted if can_make(tables, match, side, me, wanted) else 0
    if rows_left(tables, match, side) <= ROOM:
        return 0
    least, chosen = FAR, 0
    for kind in range(tables.wishes.shape[1]):
        weight = int(tables.wishes[plan, kind])
        body = tables.units[kind]
        if weight > 0 and can_make(tables, match, side, me, kind):
            spare_minerals = int(match.minerals[side]) - saved_minerals
            if spare_minerals >= int(body.minerals) and int(match.gas[side]) - saved_gas >= int(body.gas):
                share = (how_many(match, side, kind) + 1) * 64 // weight
                if share < least:
                    least, chosen = share, kind
    return chosen


# --- what workers do ---


@rule(inline=False)
def belongs(tables, match, side, node):
    """Whether a node lies near a finished hall of a side."""
    it = match.node[node]
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.fixed and me.work == 0 and tables.units[me.kind].role == Role.HALL:
            if far2(me, it.x, it.y) < BASE * BASE:
                return True
    return False


@rule(inline=False)
def saturated(tables, match, side):
    """Whether the fields and geysers of a side's bases keep all its workers busy."""
    wanted = 2
    for node in range(tables.nodes.shape[0]):
        if open_to(tables, match, node, side) and belongs(tables, match, side, node):
            wanted += PER_FIELD if is_field(tables, match, node, side) else PER_GEYSER
    return workers_of(tables, match, side) >= wanted


@rule(inline=False)
def roomy(tables, match, side, me, gas):
    """The nearest geyser, or field, of a side's bases that has room for one more worker; -1: none."""
    best, chosen = FAR, -1
    for k in range(tables.nodes.shape[0]):
        node = own_node(tables, match, side, k)
        it = match.node[node]
        if open_to(tables, match, node, side) and (it.kind == Node.GEYSER) == gas and far2(me, it.x, it.y) < best:
            if belongs(tables, match, side, node):
                if at_node(match, side, node) < (PER_GEYSER if gas else PER_FIELD):
                    best, chosen = far2(me, it.x, it.y), node
    return chosen


@rule(inline=False)
def field_for(tables, match, side, me, moved):
    """The node a worker should change to, -1: it goes on. Geysers first; from a crowded field to one with room."""
    if me.carry > 0 or (me.order == Order.GATHER and me.work > 0):
        return -1
    works = me.order == Order.GATHER or me.order == Order.RETURN
    if works and (moved or me.target < 0 or match.node[me.target].kind == Node.GEYSER):
        return -1
    node = roomy(tables, match, side, me, True)
    if node >= 0:
        return node
    if works and at_node(match, side, int(me.target)) <= PER_FIELD:
        return -1
    node = roomy(tables, match, side, me, False)
    if node < 0 and not works:  # too many: any field of one's own
        for k in range(tables.nodes.shape[0]):
            own = own_node(tables, match, side, k)
            if is_field(tables, match, own, side) and belongs(tables, match, side, own):
                return own
    return node


@rule(inline=False)
def defends(tables, match, side, me):
    """Whether there is an enemy near that a worker can hit."""
    k = nearest_invader(tables, match, side, me)
    if k < 0:
        return False
    it = match.unit[(1 - side) * side_rows(match) + k]
    return gap(me, it) < BASE * BASE


@rule(inline=False)
def swarm_choice(tables, match, side, me, goal):
    """What a worker of a swarm does: goes there, and fights whoever is near."""
    if me.aim >= 0:
        return 0
    return march(tables, match, side, me, goal)
