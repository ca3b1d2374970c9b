"""What a side of the full game remembers of what lies under the fog: the other's structures and the fields, as last seen.

A change that nobody saw is not shown: a ghost stays until its place is in sight again, a field holds what it held.
"""

from ..compile import rule
from .plane import side_rows
from .sight import in_sight, share
from .state import GHOSTS


@rule(inline=False)
def recall_map(tables, match):
    """At the start both sides know what the fields hold, and nothing of each other."""
    for side in range(2):
        for node in range(tables.nodes.shape[0]):
            match.known[side, node] = match.node[node].amount


@rule(inline=False)
def remember(tables, match, side):
    """Takes down what a side sees now, after `spot`."""
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
        if ghost.kind > 0 and ghost.shown == 0 and in_sight(tables, match, side, ghost.x, ghost.y, 0):
            ghost.x = 0
            ghost.y = 0
            ghost.health = 0
            ghost.kind = 0
            ghost.built = 0
    for k in range(tables.nodes.shape[0]):
        node = match.node[k]
        seen = in_sight(tables, match, side, node.x, node.y, 0)
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
