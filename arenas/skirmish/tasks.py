"""The minigames: how each begins, what scores, what comes next. Two sides at once play the same, for the difference.

Specifications: docs/mini_games.md of github.com/google-deepmind/pysc2. In a race beacons, shards and zerglings are
shared; camps of roaches are fought in a lane of one's own; workers start at bases of their own.
"""

from ..arena import Outcome
from ..compile import rule
from ..dice import draw
from .economy import touches
from .muster import enlist
from .plane import facing, side_rows
from .state import CAMP_ROWS, FINE, HOSTILE, Node, Opt, Order, Stream, Task

BEACON_RADIUS, SHARD_RADIUS = FINE, FINE // 4
FRONT = 7 * FINE
"""From the middle of a lane to the column of marines, and to that of the camp."""
MARGIN = 3 * FINE // 2
"""Nothing is placed nearer to the edge of the map."""
TRIES = 48
MINERALS, GAS = 1800, 2250
"""What a field and a geyser hold."""


@rule(inline=False)
def begin(tables, match):
    """Nodes, units and camps at the start of a minigame."""
    task = int(tables.options[Opt.TASK])
    for node in range(tables.nodes.shape[0]):
        it = match.node[node]
        it.x = int(tables.nodes[node, 0]) * facing(match, HOSTILE)
        it.y = int(tables.nodes[node, 1]) * facing(match, HOSTILE)
        it.kind = tables.nodes[node, 2]
        it.amount = MINERALS if it.kind == Node.MINERALS else GAS
    for side in range(int(tables.options[Opt.SIDES])):
        place = 0
        for kind in range(tables.armies.shape[1]):
            for _ in range(int(tables.armies[0, kind])):
                if task == Task.WAVES:
                    line_up(tables, match, side, kind, place, int(tables.armies[0, kind]))
                elif tables.options[Opt.WORK]:
                    around_hall(tables, match, side, kind, place)
                else:
                    start_here(tables, match, side, kind, place)
                place += 1
        if tables.options[Opt.WORK]:
            sign = facing(match, side)
            hall = int(tables.options[Opt.HALL])
            enlist(tables, match, side, hall, int(tables.starts[0, 0]) * sign, int(tables.starts[0, 1]) * sign, place)
            match.minerals[side] = tables.options[Opt.PURSE]
        if task == Task.WAVES:
            pitch_camp(tables, match, side)
    if task == Task.BEACON:
        scatter_node(tables, match, 0, Node.BEACON.value, 4 * FINE)
    elif task == Task.SHARDS:
        for node in range(int(tables.options[Opt.NODES])):
            scatter_node(tables, match, node, Node.SHARD.value, 2 * FINE)
    elif task == Task.HUNT:
        scatter_swarm(tables, match, 21 * FINE // 2, 2)


@rule
def start_here(tables, match, side, kind, place):
    """Marines near the middle: alone in the middle, a side among two on its own half."""
    x = -FINE if tables.options[Opt.SIDES] == 1 else -4 * FINE
    sign = facing(match, side)
    enlist(tables, match, side, kind, x * sign, (2 * place - 1) * FINE // 2 * sign, 0)


@rule
def around_hall(tables, match, side, kind, place):
    """Workers in rings around the hall."""
    sign = facing(match, side)
    far = 7 * FINE // 2 + place // 8 * FINE
    x = int(tables.starts[0, 0]) + int(tables.turns[place % 8, 0]) * far // 256
    y = int(tables.starts[0, 1]) + int(tables.turns[place % 8, 1]) * far // 256
    enlist(tables, match, side, kind, x * sign, y * sign, 0)


# --- places by chance ---


@rule(inline=False)
def is_clear(tables, match, x, y, of_units, of_creeps):
    """Whether a point keeps these distances from the sides' units and from nodes and hostile units."""
    for row in range(match.unit.shape[0]):
        it = match.unit[row]
        if it.kind > 0:
            apart = of_creeps if row >= HOSTILE * side_rows(match) else of_units
            dx, dy = int(it.x) - x, int(it.y) - y
            if dx * dx + dy * dy < apart * apart:
                return False
    return True


@rule(inline=False)
def scatter(tables, match, index, of_units, of_creeps):
    """A point drawn anywhere on the map that keeps these distances; after many tries any."""
    wide = tables.ground.shape[1] * FINE - MARGIN
    high = tables.ground.shape[0] * FINE - MARGIN
    sign = facing(match, HOSTILE)
    x = y = 0
    for attempt in range(TRIES):
        roll = (index * TRIES + attempt) * 2
        x = sign * (draw(tables, match, Stream.PLACE.value, roll, 2 * wide + 1) - wide)
        y = sign * (draw(tables, match, Stream.PLACE.value, roll + 1, 2 * high + 1) - high)
        if is_clear(tables, match, x, y, of_units, of_creeps):
            break
    return x, y


@rule(inline=False)
def scatter_node(tables, match, node, kind, apart):
    """A beacon or shard at a place drawn away from all units."""
    x, y = scatter(tables, match, node, apart, 0)
    it = match.node[node]
    it.x = x
    it.y = y
    it.kind = kind
    it.amount = 1


@rule(inline=False)
def scatter_swarm(tables, match, apart, near):
    """A swarm of hostile units far from the sides' and from each other; the first `near` of them a little nearer."""
    sign = facing(match, HOSTILE)
    place = 0
    for kind in range(tables.camp.shape[0]):
        for _ in range(int(tables.camp[kind])):
            if place < near:
                turn = draw(tables, match, Stream.PLACE.value, -1 - 2 * place, 8)
                far = 15 * FINE // 2 + draw(tables, match, Stream.PLACE.value, -2 - 2 * place, 2 * FINE)
                x = sign * (int(tables.turns[turn, 0]) * far >> 8)
                y = sign * (int(tables.turns[turn, 1]) * far >> 8)
            else:
                x, y = scatter(tables, match, place, apart, 5 * FINE)
            enlist(tables, match, HOSTILE, kind, x, y, 0)
            place += 1


# --- camps ---


@rule
def front(match):
    """1 or -1: on which side of the middle a side's column stands; drawn for the match."""
    return 1 if match.layout < 4 else -1


@rule
def line_up(tables, match, side, kind, place, count):
    """A new unit at its place in its side's column."""
    sign = facing(match, side)
    y = (2 * place - count + 1) * FINE // 2 - int(tables.options[Opt.LANE])
    enlist(tables, match, side, kind, -FRONT * front(match) * sign, y * sign, 0)


@rule(inline=False)
def pitch_camp(tables, match, side):
    """A side's camp in a column opposite."""
    sign = facing(match, side)
    first = (side ^ int(match.flipped)) * CAMP_ROWS
    count, place = 0, 0
    for kind in range(tables.camp.shape[0]):
        count += int(tables.camp[kind])
    for kind in range(tables.camp.shape[0]):
        for _ in range(int(tables.camp[kind])):
            y = (2 * place - count + 1) * 5 * FINE // 8 - int(tables.options[Opt.LANE])
            enlist(tables, match, HOSTILE, kind, FRONT * front(match) * sign, y * sign, first)
            place += 1


@rule(inline=False)
def next_wave(tables, match, side):
    """The camp is beaten: another comes, with reinforcements. All stand in columns again, survivors as they are."""
    match.wave[side] += 1
    kind = 0
    while tables.armies[0, kind] == 0:
        kind += 1
    first = side * side_rows(match)
    for _ in range(int(tables.options[Opt.REINFORCE])):
        enlist(tables, match, side, kind, 0, 0, 0)
    count, place = 0, 0
    for row in range(first, first + int(match.count[side])):
        count += match.unit[row].kind > 0
    sign = facing(match, side)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0:
            files = 12  # a longer column is doubled
            x = -(FRONT + place // files * FINE) * front(match)
            y = (2 * (place % files) - min(count, files) + 1) * FINE // 2 - int(tables.options[Opt.LANE])
            me.x = x * sign
            me.y = y * sign
            me.goal_x = me.x
            me.goal_y = me.y
            me.order = Order.IDLE
            me.target = -1
            me.aim = -1
            me.windup = 0
            place += 1
    pitch_camp(tables, match, side)


@rule
def camp_of(match, row):
    """The side whose camp a hostile unit belongs to."""
    return ((int(row) - HOSTILE * side_rows(match)) // CAMP_ROWS) ^ int(match.flipped)


@rule(inline=False)
def units_of(match, owner, first, count):
    """Units in some rows of a section."""
    total = 0
    base = owner * side_rows(match)
    for row in range(base + first, base + first + count):
        total += match.unit[row].kind > 0
    return total


# --- what scores ---


@rule
def pay_death(tables, match, row, owner):
    """Points for a unit that dies: to the side whose camp it was of, elsewhere to whoever hit it last; and an own one's
    loss. In the full game it is what the unit cost, to the other side."""
    if tables.options[Opt.TASK] == Task.CONQUEST:
        body = tables.units[match.unit[row].kind]
        match.score[1 - owner] += int(body.minerals) + int(body.gas)
    elif owner != HOSTILE:
        match.score[owner] -= int(tables.options[Opt.LOSS])
    elif tables.options[Opt.TASK] == Task.WAVES:
        match.score[camp_of(match, row)] += int(tables.options[Opt.KILL])
    else:
        for side in range(2):
            match.score[side] += int(tables.options[Opt.KILL]) * ((int(match.unit[row].blame) >> side) & 1)


@rule(inline=False)
def play_task(tables, match):
    """What a minigame does after each tick."""
    task = int(tables.options[Opt.TASK])
    if task == Task.BEACON:
        if reach_node(tables, match, 0, BEACON_RADIUS):
            scatter_node(tables, match, 0, Node.BEACON.value, 5 * FINE)
    elif task == Task.SHARDS:
        left = 0
        for node in range(int(tables.options[Opt.NODES])):
            if match.node[node].kind == Node.SHARD and reach_node(tables, match, node, SHARD_RADIUS):
                match.node[node].kind = Node.NONE
            left += match.node[node].kind == Node.SHARD
        if left == 0:
            for node in range(int(tables.options[Opt.NODES])):
                scatter_node(tables, match, node, Node.SHARD.value, 2 * FINE)
    elif task == Task.HUNT:
        if units_of(match, HOSTILE, 0, side_rows(match) // 2) == 0:
            scatter_swarm(tables, match, 9 * FINE, 0)
    elif task == Task.WAVES:
        for side in range(int(tables.options[Opt.SIDES])):
            first = (side ^ int(match.flipped)) * CAMP_ROWS
            if units_of(match, HOSTILE, first, CAMP_ROWS) == 0 and units_of(match, side, 0, side_rows(match)) > 0:
                next_wave(tables, match, side)
    elif task == Task.HARVEST:
        for side in range(2):
            match.score[side] = match.gathered[side]
    elif task == Task.TRAINING:
        for side in range(2):
            match.score[side] = match.made[side]


@rule
def reach_node(tables, match, node, radius):
    """Pays each side that has a unit at a node; whether any has."""
    reached = False
    for side in range(int(tables.options[Opt.SIDES])):
        first = side * side_rows(match)
        here = False
        for row in range(first, first + int(match.count[side])):
            me = match.unit[row]
            if me.kind > 0 and touches(me, match.node[node].x, match.node[node].y, radius):
                here = True
        match.score[side] += int(here)
        reached = reached or here
    return reached


@rule
def judge_task(tables, match):
    """Minigames with enemies end when nobody is left to fight them; who has more points wins."""
    task = int(tables.options[Opt.TASK])
    if task == Task.HUNT or task == Task.WAVES:
        rows = side_rows(match)
        if units_of(match, 0, 0, rows) + units_of(match, 1, 0, rows) == 0:
            ahead = int(match.score[0]) - int(match.score[1])
            match.outcome = Outcome.FIRST if ahead > 0 else Outcome.SECOND if ahead < 0 else Outcome.DRAW
