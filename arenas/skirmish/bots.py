"""Scripted opponents. They see what `observe` shows and choose as any policy does, one choice a unit."""

from enum import IntEnum

from ..compile import rule
from ..dice import STREAM_BOT, draw, seat
from .combat import gap, within
from .economy import can_make, far2, own_node
from .labour import labour
from .orders import foe_row
from .plane import facing, side_rows
from .state import ATTACKS, FINE, MOVES, Node, Opt, Order, Role, Task
from .steering import direction_of, towards
from .strategy import STANDARD, command, field_for

BOTS = (
    "attack-move",
    "focus-fire",
    "kite",
    "random-biased",
    "worker-rush",
    "early-rush",
    "fast-expand",
    "turtle-tech",
    "harass",
)
"""The strategies of the full game come last, in the order of assets/skirmish/strategies.toml."""
FAR = 1 << 60
NEAR = 3 * FINE
"""This near a place it has been looked at."""
HEED = 8
"""Points of health that a unit of distance is worth to who concentrates fire."""
MARGIN = 3 * FINE // 2
"""How much farther than its reach a kited enemy is kept."""


class Bot(IntEnum):
    """Numbers of the scripted opponents."""

    ATTACK_MOVE = 0
    FOCUS_FIRE = 1
    KITE = 2
    RANDOM = 3
    FIRST_STRATEGY = 4


class Chance(IntEnum):
    """The bots' streams."""

    WHAT = STREAM_BOT
    WHICH = STREAM_BOT + 1


@rule
def act(tables, match, side, bot, actions):
    """All choices of a side. A strategy of the full game attacks elsewhere; there the others play `STANDARD`."""
    if tables.options[Opt.TASK] == Task.CONQUEST:
        if bot == Bot.RANDOM:
            for slot in range(actions.shape[0]):
                actions[slot] = by_chance(tables, match, side, slot)
            return
        plan = bot - int(Bot.FIRST_STRATEGY.value) if bot >= Bot.FIRST_STRATEGY else STANDARD
        command(tables, match, side, plan, actions)
        return
    common = weakest(tables, match, side) if bot == Bot.FOCUS_FIRE else -1
    for slot in range(actions.shape[0]):
        me = match.unit[side * side_rows(match) + slot]
        actions[slot] = 0
        if me.kind > 0 and me.fixed == 0:
            if bot == Bot.RANDOM:
                actions[slot] = wander(tables, match, side, slot)
            elif tables.units[me.kind].role == Role.HEALER:
                actions[slot] = accompany(tables, match, side, slot)
            else:
                actions[slot] = engage(tables, match, side, slot, bot, common)
    if tables.options[Opt.WORK] and bot != Bot.RANDOM:
        labour(tables, match, side, actions)


@rule(inline=False)
def engage(tables, match, side, slot, bot, common):
    """Attacks: the common target, or the nearest enemy in sight; looks for one where there is none."""
    me = match.unit[side * side_rows(match) + slot]
    kind = tables.units[me.kind]
    k = nearest_foe(tables, match, side, slot)
    if k < 0:
        return search(tables, match, side, me)
    it = match.unit[foe_row(tables, match, side, k)]
    if bot == Bot.KITE and me.cooldown > 2:
        reach = int(tables.units[it.kind].range)
        if reach < kind.range and within(me, it, reach + MARGIN):
            sign = facing(match, side)
            dx, dy = (int(me.x) - int(it.x)) * sign, (int(me.y) - int(it.y)) * sign
            return MOVES + direction_of(*inward(tables, me, sign, dx, dy))
    if common >= 0 and can_hit(tables, match, side, me, common):
        k = common
    return ATTACKS + k


@rule
def inward(tables, me, sign, dx, dy):
    """A flight's direction, bent inwards where the edge of the map is near."""
    x, y = int(me.x) * sign, int(me.y) * sign
    wide, high = tables.ground.shape[1] * FINE - NEAR, tables.ground.shape[0] * FINE - NEAR
    if abs(x) > wide and x * dx > 0:
        dx = 0
        if dy == 0:
            dy = 1 if y < 0 else -1
    if abs(y) > high and y * dy > 0:
        dy = 0
        if dx == 0:
            dx = 1 if x < 0 else -1
    return dx, dy


@rule
def can_hit(tables, match, side, me, k):
    """Whether a unit may attack the k-th enemy."""
    if tables.options[Opt.TRUCE] > 0 and k < tables.options[Opt.FOES]:
        return False
    it = match.unit[foe_row(tables, match, side, k)]
    kind = tables.units[me.kind]
    if it.kind == 0 or (int(it.seen) >> side) & 1 == 0:
        return False
    return kind.damage > 0 and (it.layer == 0 or kind.hits_air > 0)


@rule(inline=False)
def nearest_foe(tables, match, side, slot):
    """Number of the nearest enemy that a unit can attack, -1: none in sight."""
    me = match.unit[side * side_rows(match) + slot]
    best, chosen = FAR, -1
    for k in range(int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
        if can_hit(tables, match, side, me, k):
            far = gap(me, match.unit[foe_row(tables, match, side, k)])
            if far < best:
                best, chosen = far, k
    return chosen


@rule(inline=False)
def weakest(tables, match, side):
    """Number of the enemy whom all attack together: the one with least life, near the middle of one's own units."""
    middle_x, middle_y, count = 0, 0, 0
    sign = facing(match, side)  # rounding down is no mirror image but in one's own frame
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0:
            middle_x += int(me.x) * sign
            middle_y += int(me.y) * sign
            count += 1
    best, chosen = FAR, -1
    for k in range(int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
        it = match.unit[foe_row(tables, match, side, k)]
        if count > 0 and it.kind > 0 and (int(it.seen) >> side) & 1:
            far = abs(int(it.x) * sign - middle_x // count) + abs(int(it.y) * sign - middle_y // count)
            key = int(it.health) + int(it.shield) + HEED * far
            if key < best:
                best, chosen = key, k
    return chosen


@rule(inline=False)
def search(tables, match, side, me):
    """Where to go with no enemy in sight: to the beacon or the nearest shard; else where the other army began, then
    through the quarters of the map in turn. Workers and structures stay."""
    if tables.options[Opt.WORK]:
        return 0
    if tables.options[Opt.NODES] > 0:
        return towards_node(tables, match, side, me)
    turn = (int(match.tick) // 128) % 8
    wide, high = tables.ground.shape[1] * FINE // 2, tables.ground.shape[0] * FINE // 2
    x = wide * int(tables.turns[match.layout, 0]) // 256
    y = high * int(tables.turns[match.layout, 1]) // 256
    if turn >= 4:
        x = wide if turn == 4 or turn == 7 else -wide
        y = high if turn < 6 else -high
    return towards(tables, match, side, me, x, y)


@rule
def towards_node(tables, match, side, me):
    """The move that leads to the nearest beacon or shard."""
    best, chosen = FAR, -1
    for node in range(int(tables.options[Opt.NODES])):
        it = match.node[node]
        if it.kind != Node.NONE:
            far = far2(me, it.x, it.y)
            if far < best:
                best, chosen = far, node
    if chosen < 0:
        return 0
    sign = facing(match, side)
    return towards(tables, match, side, me, int(match.node[chosen].x) * sign, int(match.node[chosen].y) * sign)


@rule(inline=False)
def accompany(tables, match, side, slot):
    """A healer stays near the nearest of its own that is none; healing goes by itself."""
    first = side * side_rows(match)
    me = match.unit[first + slot]
    best, chosen = FAR, -1
    for other in range(int(tables.options[Opt.OWN])):
        it = match.unit[first + other]
        if it.kind > 0 and tables.units[it.kind].role != Role.HEALER:
            far = gap(me, it)
            if far < best:
                best, chosen = far, other
    if chosen < 0:
        return search(tables, match, side, me)
    it = match.unit[first + chosen]
    if best <= NEAR * NEAR:
        return 0 if me.aim >= 0 else 1
    sign = facing(match, side)
    return towards(tables, match, side, me, int(it.x) * sign, int(it.y) * sign)


@rule(inline=False)
def wander(tables, match, side, slot):
    """At random, with a taste for fighting: goes on six times in ten, attacks three times, else moves."""
    index = seat(match, side) * 256 + slot
    roll = draw(tables, match, Chance.WHAT.value, index, 10)
    if roll < 6:
        return 0
    me = match.unit[side * side_rows(match) + slot]
    if roll < 9:
        fitting = 0
        foes = int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])
        for k in range(foes):
            fitting += can_hit(tables, match, side, me, k)
        if fitting > 0:
            left = draw(tables, match, Chance.WHICH.value, index, fitting)
            for k in range(foes):
                if can_hit(tables, match, side, me, k):
                    if left == 0:
                        return ATTACKS + k
                    left -= 1
    return MOVES + draw(tables, match, Chance.WHICH.value, index, 8)


@rule(inline=False)
def by_chance(tables, match, side, slot):
    """A unit of the full game at random: makes something now and then, gathers when idle, fights what it sees, and goes
    from site to site."""
    me = match.unit[side * side_rows(match) + slot]
    if me.kind == 0 or (me.work > 0 and me.order != Order.GATHER):
        return 0
    index = seat(match, side) * 256 + slot
    roll = draw(tables, match, Chance.WHAT.value, index, 100)
    worker = tables.units[me.kind].role == Role.WORKER
    if roll < (10 if me.fixed else 1):
        fitting = 0
        for k in range(tables.makes.shape[0]):
            fitting += can_make(tables, match, side, me, int(tables.makes[k]))
        left = draw(tables, match, Chance.WHICH.value, index, max(fitting, 1))
        for k in range(tables.makes.shape[0]):
            if can_make(tables, match, side, me, int(tables.makes[k])):
                if left == 0:
                    return int(tables.options[Opt.MAKE]) + k
                left -= 1
    if me.fixed or me.order == Order.BUILD:
        return 0
    if worker:
        node = field_for(tables, match, side, me, True) if me.order == Order.IDLE else -1
        return int(tables.options[Opt.GATHER]) + own_node(tables, match, side, node) if node >= 0 else 0
    if nearest_foe(tables, match, side, slot) >= 0:
        return wander(tables, match, side, slot)
    if roll < 3 and me.order == Order.IDLE:
        sites = int(tables.options[Opt.SITES])
        return int(tables.options[Opt.GO]) + draw(tables, match, Chance.WHICH.value, index, sites)
    return 0
