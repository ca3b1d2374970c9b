"""What a side of the full game remembers under the fog: the other's structures and the fields, as last seen.

A change that nobody saw is not shown: a ghost stays until its place is in sight again, a field holds what it held.
"""

from ..compile import rule
from .plane import side_rows
from .sight import noticed, share, spot_for, watch_at
from .state import GHOSTS, WATCHES


@rule(inline=False)
def recall_map(tables, match):
    """At the start both sides know what the fields hold, and nothing of each other."""
    for side in range(2):
        for node in range(tables.nodes.shape[0]):
            match.known[side, node] = match.node[node].amount


@rule(inline=False)
def look_around(tables, match):
    """What both sides see and remember. A rough map of where a side may see anything at all spares most questions."""
    for side in range(2):
        first = side * side_rows(match)
        for row in range(first, first + int(match.count[side])):
            me = match.unit[row]
            if me.kind > 0:
                sight = int(tables.units[me.kind].sight)
                for line in range(watch_at(int(me.y) - sight), watch_at(int(me.y) + sight) + 1):
                    for column in range(watch_at(int(me.x) - sight), watch_at(int(me.x) + sight) + 1):
                        match.watch[line * WATCHES + column] = 1
        spot_for(tables, match, side)
        remember(tables, match, side)
        for square in range(WATCHES * WATCHES):
            match.watch[square] = 0


@rule
def remember(tables, match, side):
    """Takes down what a side sees now."""
    for k in range(GHOSTS):
        match.ghost[side, k].shown = 0
    first = (1 - side) * side_rows(match)
    for row in range(first, first + int(match.count[1 - side])):
        it = match.unit[row]
        if it.kind > 0 and it.fixed and (int(it.seen) >> side) & 1:
            k = place_of(match, side, it)
            if k >= 0:
                ghost = match.ghost[side, k]
                ghost.x = it.x
                ghost.y = it.y
                ghost.health = share(it.health, tables.units[it.kind].health)
                ghost.kind = it.kind
                ghost.built = it.work == 0
                ghost.shown = 1
    for k in range(GHOSTS):
        ghost = match.ghost[side, k]
        if ghost.kind > 0 and ghost.shown == 0 and noticed(tables, match, side, ghost.x, ghost.y, 0):
            ghost.x = 0
            ghost.y = 0
            ghost.health = 0
            ghost.kind = 0
            ghost.built = 0
    for k in range(tables.nodes.shape[0]):
        node = match.node[k]
        seen = noticed(tables, match, side, node.x, node.y, 0)
        node.seen = (int(node.seen) & ~(1 << side)) | (int(seen) << side)
        if seen:
            match.known[side, k] = node.amount


@rule
def place_of(match, side, it):
    """Where a structure is remembered: the ghost that stands there, else the first empty place; -1: none is left."""
    empty = -1
    for k in range(GHOSTS):
        ghost = match.ghost[side, k]
        if ghost.kind > 0:
            if ghost.x == it.x and ghost.y == it.y:
                return k
        elif empty < 0:
            empty = k
    return empty
