"""A commander's screen and minimap: which points their pixels show, and what stands there.

Both are squares of so many pixels, seen from the side's own end, row 0 in the north. The screen shows the square around
the side's camera, the minimap the whole map.
"""

from enum import IntEnum

from ..compile import rule
from .economy import FIELD, GEYSER, own_node
from .orders import foe_row
from .plane import facing, side_rows
from .state import CELL, Node, Opt
from .tasks import SHARD_RADIUS

FAR = 1 << 60


class View(IntEnum):
    """Entries of `tables.window`: what the options say of a commander's interface."""

    PIXELS = 0  # of the screen and of the minimap, on a side
    SCREEN = 1  # width of what the screen shows, in 1/256 of a unit
    MAP = 2  # width of what the minimap shows
    FUNCTIONS = 3
    APM = 4  # 0: no limit
    PENDING = 5  # decisions in flight under a delay
    LISTS = 6  # 1: an observation has the lists of units, too
    FLAT = 7  # 1: a point is one choice among all pixels, in the slot of its column


@rule
def middle_of(tables, match, side, small):
    """The middle of the screen or (`small`) of the minimap, in the side's frame, and the width it shows."""
    if small:
        return 0, 0, int(tables.window[View.MAP])
    return int(match.camera[side, 0]), int(match.camera[side, 1]), int(tables.window[View.SCREEN])


@rule
def point_at(tables, match, side, px, py, small):
    """The point of the side's frame in the middle of a pixel."""
    x, y, width = middle_of(tables, match, side, small)
    pixels = int(tables.window[View.PIXELS])
    return x + ((2 * px + 1) * width // pixels - width) // 2, y - ((2 * py + 1) * width // pixels - width) // 2


@rule
def column_of(tables, match, side, x, small):
    """The column in which a coordinate of the side's frame lies, beyond the edges, too."""
    middle, _, width = middle_of(tables, match, side, small)
    return (x - middle + width // 2) * int(tables.window[View.PIXELS]) // width


@rule
def line_of(tables, match, side, y, small):
    """The row in which a coordinate of the side's frame lies, beyond the edges, too."""
    _, middle, width = middle_of(tables, match, side, small)
    return (middle - y + width // 2) * int(tables.window[View.PIXELS]) // width


@rule
def point_choices(tables):
    """Choices that the slot of a point's column has, and the slot of its row."""
    pixels = int(tables.window[View.PIXELS])
    return (pixels * pixels, 1) if tables.window[View.FLAT] else (pixels, pixels)


@rule
def chosen_pixel(tables, x, y):
    """The pixel, column and row, that two slots stand for."""
    pixels = int(tables.window[View.PIXELS])
    return (x % pixels, x // pixels) if tables.window[View.FLAT] else (x, y)


@rule
def on_screen(tables, match, side, x, y):
    """Whether a point of the side's frame is on its screen."""
    pixels = int(tables.window[View.PIXELS])
    return 0 <= column_of(tables, match, side, x, 0) < pixels and 0 <= line_of(tables, match, side, y, 0) < pixels


@rule
def look_at(tables, match, side, x, y):
    """Moves the camera to a point, or as near as lets the screen show nothing beyond the map."""
    height, width = tables.ground.shape
    half = int(tables.window[View.SCREEN]) // 2
    wide, high = max(width * CELL // 2 - half, 0), max(height * CELL // 2 - half, 0)
    match.camera[side, 0] = min(max(x, -wide), wide)
    match.camera[side, 1] = min(max(y, -high), high)


# --- what stands at a pixel ---


@rule
def covers(tables, x, y, at_x, at_y, radius):
    """Squared distance of something round at (x, y) to the middle of a pixel, FAR where the pixel does not touch it."""
    half = int(tables.window[View.SCREEN]) // int(tables.window[View.PIXELS]) // 2
    dx, dy = abs(x - at_x), abs(y - at_y)
    beyond_x, beyond_y = max(dx - half, 0), max(dy - half, 0)
    return dx * dx + dy * dy if beyond_x * beyond_x + beyond_y * beyond_y <= radius * radius else FAR


@rule(inline=False)
def own_at(tables, match, side, x, y):
    """Which of its own units (its number among them) a side has at a point of its screen, -1: none."""
    sign = facing(match, side)
    best, chosen = FAR, -1
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0:
            far = covers(tables, int(me.x) * sign, int(me.y) * sign, x, y, int(me.radius))
            if far < best:
                best, chosen = far, slot
    return chosen


@rule(inline=False)
def foe_at(tables, match, side, x, y):
    """Which enemy in sight (as `foe_row` counts them) stands at a point of the screen, -1: none."""
    sign = facing(match, side)
    best, chosen = FAR, -1
    for k in range(int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
        it = match.unit[foe_row(tables, match, side, k)]
        if it.kind > 0 and (int(it.seen) >> side) & 1:
            far = covers(tables, int(it.x) * sign, int(it.y) * sign, x, y, int(it.radius))
            if far < best:
                best, chosen = far, k
    return chosen


@rule
def node_radius(kind):
    """How wide a node is, as it is drawn and pointed at."""
    return GEYSER if kind == Node.GEYSER else SHARD_RADIUS if kind == Node.SHARD else FIELD


@rule(inline=False)
def node_at(tables, match, side, x, y):
    """Which node (as the side counts them) is at a point of the screen, -1: none."""
    sign = facing(match, side)
    best, chosen = FAR, -1
    for k in range(int(tables.options[Opt.NODES])):
        it = match.node[own_node(tables, match, side, k)]
        if it.kind != Node.NONE:
            far = covers(tables, int(it.x) * sign, int(it.y) * sign, x, y, node_radius(int(it.kind)))
            if far < best:
                best, chosen = far, k
    return chosen


@rule
def is_on(tables, match, side, me, left, right, upper, lower):
    """Whether a unit's middle is in a rectangle of pixels of the screen."""
    sign = facing(match, side)
    column = column_of(tables, match, side, int(me.x) * sign, 0)
    line = line_of(tables, match, side, int(me.y) * sign, 0)
    return left <= column <= right and upper <= line <= lower
