"""What a side sees and may choose, in its own frame: the second side sees the map turned by 180°, own units first.

What stands under the fog is left out; so are the other side's orders, cooldowns, and energy.
"""

from ..arena import Block
from ..compile import rule
from .economy import is_field, own_node
from .orders import foe_row, may
from .plane import facing, ground_at, side_rows
from .setting import Setting
from .state import FINE, GHOSTS, QUEUE, WATCH, WATCHES, Node, Opt, Order, Task, Terrain

PURSE = 7
"""Features of an observation's head."""
OWN_FACTS = 14
FOE_FACTS = 6
NODE_FACTS = 6
MORE_FACTS = 3
"""Of an own unit in the full game."""
GHOST_FACTS = 6


@rule(inline=False)
def spot(tables, match):
    """Who sees whom."""
    for side in range(2):
        spot_for(tables, match, side)


@rule
def spot_for(tables, match, side):
    """Whom a side sees. Nobody on low ground sees what stands on high ground, but from the air."""
    for owner in range(3):
        if owner != side:
            first = owner * side_rows(match)
            for row in range(first, first + int(match.count[owner])):
                it = match.unit[row]
                if it.kind > 0:
                    seen = tables.options[Opt.FOG] == 0 or noticed(tables, match, side, it.x, it.y, it.layer)
                    it.seen = (int(it.seen) & ~(1 << side)) | (int(seen) << side)


@rule(inline=False)
def in_sight(tables, match, side, x, y, layer):
    """Whether a side's units see what is at a point."""
    first = side * side_rows(match)
    high = layer == 0 and ground_at(tables, int(x), int(y)) & Terrain.HIGH.value != 0
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0:
            dx, dy, sight = int(x) - int(me.x), int(y) - int(me.y), int(tables.units[me.kind].sight)
            if dx * dx + dy * dy <= sight * sight:
                if not high or me.layer > 0 or ground_at(tables, int(me.x), int(me.y)) & Terrain.HIGH.value != 0:
                    return True
    return False


@rule
def noticed(tables, match, side, x, y, layer):
    """`in_sight` while the full game's rough map is drawn, which answers most questions."""
    if tables.options[Opt.TASK] == Task.CONQUEST and match.watch[watch_at(y) * WATCHES + watch_at(x)] == 0:
        return False
    return in_sight(tables, match, side, x, y, layer)


@rule
def watch_at(v):
    """Row or column of the rough map that a coordinate lies in."""
    return min(max((int(v) + WATCHES * WATCH // 2) // WATCH, 0), WATCHES - 1)


@rule
def share(part, whole):
    """A part of a whole in 1/256."""
    return int(part) // max(int(whole), 1)


@rule
def see_purse(match, side, out):
    """The head of an observation, and zeros behind it: time left, scores, minerals, gas, supply used and given."""
    for j in range(out.shape[0]):
        out[j] = 0
    out[0] = int(match.tick_limit) - int(match.tick)
    out[1] = match.score[side]
    out[2] = match.score[1 - side]
    out[3] = match.minerals[side]
    out[4] = match.gas[side]
    out[5] = match.supply[side]
    out[6] = match.room[side]


@rule(inline=False)
def observe(tables, match, side, out):
    """Writes the blocks in the order of `blocks`."""
    see_purse(match, side, out)
    at = PURSE
    sign = facing(match, side)
    kinds = int(tables.options[Opt.KINDS])
    full = tables.options[Opt.TASK] == Task.CONQUEST
    own_facts = OWN_FACTS + MORE_FACTS * full
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0:
            see_body(tables, me, sign, out, at, own_facts)
            out[at + 6] = me.cooldown
            out[at + 7] = me.windup > 0
            out[at + 8] = int(me.energy) // FINE
            out[at + 9] = me.order == Order.MOVE or me.order == Order.MARCH
            out[at + 10] = me.aim >= 0
            out[at + 11] = me.carry
            out[at + 12] = me.queue[0] > 0 or me.work > 0
            out[at + 13] = me.order == Order.GATHER or me.order == Order.RETURN
            if full:
                for place in range(QUEUE):
                    out[at + 14] += me.queue[place] > 0
                out[at + 15] = me.work if me.work > 0 else me.make
                out[at + 16] = me.still
        at += own_facts + kinds
    for k in range(int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
        it = match.unit[foe_row(tables, match, side, k)]
        if it.kind > 0 and (int(it.seen) >> side) & 1:
            see_body(tables, it, sign, out, at, FOE_FACTS)
        at += FOE_FACTS + kinds
    for k in range(int(tables.options[Opt.NODES])):
        number = own_node(tables, match, side, k)
        node = match.node[number]
        if full:
            see_node(tables, match, side, number, out, at)
        elif node.kind != Node.NONE:
            out[at] = 1
            out[at + 1] = int(node.x) * sign
            out[at + 2] = int(node.y) * sign
            out[at + 3] = node.amount
            out[at + 4] = node.kind == Node.GEYSER
            out[at + 5] = node.user >= 0
        at += NODE_FACTS
    if full:
        see_making(tables, match, side, out, at)
        at += kinds
        for k in range(GHOSTS):
            see_ghost(tables, match.ghost[side, k], sign, out, at)
            at += GHOST_FACTS + kinds


@rule
def see_node(tables, match, side, number, out, at):
    """A node as a side last saw it."""
    node = match.node[number]
    geyser = tables.nodes[number, 2] == Node.GEYSER
    if geyser or is_field(tables, match, number, side):
        sign = facing(match, side)
        out[at] = 1
        out[at + 1] = int(node.x) * sign
        out[at + 2] = int(node.y) * sign
        out[at + 3] = match.known[side, number]
        out[at + 4] = geyser
        out[at + 5] = node.user >= 0 and (int(node.seen) >> side) & 1 != 0


@rule
def see_making(tables, match, side, out, at):
    """How many of each kind a side has in production or under construction."""
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        me = match.unit[row]
        if me.kind > 0 and me.fixed:
            if me.work > 0:
                out[at + int(tables.local[me.kind])] += 1
            for place in range(QUEUE):
                if me.queue[place] > 0:
                    out[at + int(tables.local[me.queue[place]])] += 1


@rule
def see_ghost(tables, ghost, sign, out, at):
    """A structure of the other side as it was last seen."""
    if ghost.kind > 0:
        out[at] = 1
        out[at + 1] = int(ghost.x) * sign
        out[at + 2] = int(ghost.y) * sign
        out[at + 3] = ghost.health
        out[at + 4] = ghost.built
        out[at + 5] = ghost.shown
        out[at + GHOST_FACTS + int(tables.local[ghost.kind])] = 1


@rule
def see_body(tables, it, sign, out, at, facts):
    """What can be seen of any unit."""
    kind = tables.units[it.kind]
    out[at] = 1
    out[at + 1] = int(it.x) * sign
    out[at + 2] = int(it.y) * sign
    out[at + 3] = share(it.health, kind.health)
    out[at + 4] = share(it.shield, kind.shield)
    out[at + 5] = (int(it.health) + int(it.shield)) // FINE
    out[at + facts + int(tables.local[it.kind])] = 1


@rule(inline=False)
def legal(tables, match, side, mask):
    """What each unit may be told."""
    for slot in range(mask.shape[0]):
        may(tables, match, side, slot, mask)


def blocks(setting: Setting, ticks: int) -> tuple[Block, ...]:
    """The blocks of an observation. ticks: length of a match."""
    own, foes, creeps, kinds = setting.own, setting.foes, setting.creeps, setting.kinds
    place = 2 / setting.width()
    toughest = max(setting.content.units[name].health + setting.content.units[name].shield for name in kinds)
    body: list[tuple[str, int, float, str]] = [
        ("here", 1, 1.0, ""),
        ("place", 2, place, "east, north of the middle"),
        ("health", 1, 1 / FINE, "share"),
    ]
    body += [("shield", 1, 1 / FINE, "share"), ("life", 1, 1 / toughest, "points of health and shield")]
    mine: list[tuple[str, int, float, str]] = [
        ("cooldown", 1, 1 / 32, "ticks"),
        ("winding", 1, 1.0, "1: an attack has begun"),
        ("energy", 1, 1 / 200, ""),
    ]
    mine += [("walking", 1, 1.0, "1: sent somewhere"), ("fighting", 1, 1.0, "1: has a target"), ("carry", 1, 1 / 5, "")]
    mine += [("busy", 1, 1.0, "1: builds, is built, makes something or works a field"), ("gathering", 1, 1.0, "")]
    if setting.full:
        mine += [
            ("queue", 1, 1 / 5, "units in production"),
            ("left", 1, 1 / 1600, "ticks of construction or production"),
        ]
        mine += [("still", 1, 1 / 48, "ticks a siege unit has stood still")]
    kind = ("kind", len(kinds), 1.0, ", ".join(kinds))
    found = [
        Block("time", 1, 1 / ticks, "ticks left"),
        Block("score", 2, 1 / (1000 if setting.duel else setting.scenario.bound), "own, other's"),
        Block("minerals", 1, 1 / 1000),
        Block("gas", 1, 1 / 1000),
        Block("supply", 2, 1 / 100, "used, given; halves"),
    ]
    for slot in range(own):
        found += [
            Block(f"own {slot} {name}", length, scale, words) for name, length, scale, words in [*body, *mine, kind]
        ]
    for k in range(foes + creeps):
        who = f"foe {k}" if k < foes else f"creep {k - foes}"
        found += [Block(f"{who} {name}", length, scale, words) for name, length, scale, words in [*body, kind]]
    for k in range(setting.shown_nodes):
        node: list[tuple[str, int, float, str]] = [
            ("here", 1, 1.0, ""),
            ("place", 2, place, ""),
            ("amount", 1, 1 / 1800, ""),
            ("geyser", 1, 1.0, ""),
        ]
        node += [("used", 1, 1.0, "1: somebody is at work there")]
        found += [Block(f"node {k} {name}", length, scale, words) for name, length, scale, words in node]
    if setting.full:
        found += full_blocks(place, kind)
    return tuple(found)


def full_blocks(place: float, kind: tuple[str, int, float, str]) -> list[Block]:
    """What only an observation of the full game has."""
    found = [Block("making", kind[1], 1 / 5, "in production and under construction: " + kind[3])]
    ghost: list[tuple[str, int, float, str]] = [
        ("here", 1, 1.0, "1: a structure of the other side is remembered"),
        ("place", 2, place, "east, north of the middle"),
        ("health", 1, 1 / FINE, "share, when last seen"),
        ("built", 1, 1.0, "1: it was finished"),
        ("shown", 1, 1.0, "1: it is in sight now"),
        kind,
    ]
    for k in range(GHOSTS):
        found += [Block(f"ghost {k} {name}", length, scale, words) for name, length, scale, words in ghost]
    return found
