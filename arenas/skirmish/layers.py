"""A commander's feature layers: screen and minimap, as uint8 planes. Names and scales follow PySC2's.

A thing covers the pixels whose middles it covers, the one it stands in at least. Things are drawn in the order of the
observation: what one gathers at, enemies in sight, one's own units on top.
"""

from enum import IntEnum

from ..arena import Layer, PlaneBlock, PlaneSpec
from ..compile import rule
from .economy import own_node
from .orders import foe_row
from .plane import facing, ground_at, side_rows
from .screen import View, column_of, line_of, node_radius, point_at
from .selection import is_selected
from .sight import in_sight
from .state import CELL, FINE, Node, Opt, Terrain

DENSEST = 15
NODE_KINDS = 4
"""Kinds of nodes, whose types come after those of units."""
MOST_ENERGY = 200


class Relative(IntEnum):
    """Whose a thing is."""

    NOBODY = 0
    OWN = 1
    ALLY = 2
    NEUTRAL = 3
    ENEMY = 4


class Plane(IntEnum):
    """Layers, those of the screen first."""

    VISIBILITY = 0
    HEIGHT = 1
    PATHABLE = 2
    BUILDABLE = 3
    PLAYER_RELATIVE = 4
    UNIT_TYPE = 5
    SELECTED = 6
    HP_RATIO = 7
    SHIELDS_RATIO = 8
    ENERGY_RATIO = 9
    UNIT_DENSITY = 10
    BUILD_PROGRESS = 11
    MINI_VISIBILITY = 12
    MINI_HEIGHT = 13
    MINI_PATHABLE = 14
    MINI_CAMERA = 15
    MINI_PLAYER_RELATIVE = 16
    MINI_UNIT_TYPE = 17
    MINI_SELECTED = 18


@rule
def draw_planes(tables, match, side, planes):
    """Draws the screen, then the minimap."""
    draw_ground(tables, match, side, planes)
    sign = facing(match, side)
    kinds = int(tables.options[Opt.KINDS])
    for k in range(int(tables.options[Opt.NODES])):
        it = match.node[own_node(tables, match, side, k)]
        if it.kind != Node.NONE:
            x, y = int(it.x) * sign, int(it.y) * sign
            radius = node_radius(int(it.kind))
            draw_thing(tables, match, side, planes, x, y, radius, Relative.NEUTRAL.value, kinds + int(it.kind), -1)
    for k in range(int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
        row = foe_row(tables, match, side, k)
        it = match.unit[row]
        if it.kind > 0 and (int(it.seen) >> side) & 1:
            draw_unit(tables, match, side, planes, row, Relative.ENEMY.value)
    for slot in range(int(tables.options[Opt.OWN])):
        row = side * side_rows(match) + slot
        if match.unit[row].kind > 0:
            draw_unit(tables, match, side, planes, row, Relative.OWN.value)


@rule(inline=False)
def draw_ground(tables, match, side, planes):
    """What the ground is like at each pixel, and whether one sees it."""
    pixels = int(tables.window[View.PIXELS])
    height, width = tables.ground.shape
    half = int(tables.window[View.SCREEN]) // 2
    sign = facing(match, side)
    for small in range(2):
        for line in range(pixels):
            for column in range(pixels):
                x, y = point_at(tables, match, side, column, line, small)
                if abs(x) < width * CELL // 2 and abs(y) < height * CELL // 2:
                    ground = ground_at(tables, x * sign, y * sign)
                    seen = tables.options[Opt.FOG] == 0 or in_sight(tables, match, side, x * sign, y * sign, 0)
                    at = small * Plane.MINI_VISIBILITY.value
                    planes[at, line, column] = seen
                    planes[at + 1, line, column] = ground & Terrain.HIGH.value != 0
                    planes[at + 2, line, column] = ground & Terrain.WALK.value != 0
                    if small:
                        near = abs(x - int(match.camera[side, 0])) <= half
                        near = near and abs(y - int(match.camera[side, 1])) <= half
                        planes[Plane.MINI_CAMERA, line, column] = near
                    else:
                        planes[Plane.BUILDABLE, line, column] = ground & Terrain.BUILD.value != 0


@rule(inline=False)
def draw_unit(tables, match, side, planes, row, whose):
    """A unit, and what can be seen of how it is."""
    it = match.unit[row]
    sign = facing(match, side)
    x, y = int(it.x) * sign, int(it.y) * sign
    draw_thing(tables, match, side, planes, x, y, int(it.radius), whose, int(tables.local[it.kind]) + 1, row)


@rule(inline=False)
def draw_thing(tables, match, side, planes, x, y, radius, whose, kind, row):
    """Something round on the screen and on the minimap. row: of the unit that it is, -1: it is none."""
    pixels = int(tables.window[View.PIXELS])
    for small in range(2):
        middle, level = column_of(tables, match, side, x, small), line_of(tables, match, side, y, small)
        left = max(column_of(tables, match, side, x - radius, small), 0)
        right = min(column_of(tables, match, side, x + radius, small), pixels - 1)
        upper = max(line_of(tables, match, side, y + radius, small), 0)
        lower = min(line_of(tables, match, side, y - radius, small), pixels - 1)
        for line in range(upper, lower + 1):
            for column in range(left, right + 1):
                px, py = point_at(tables, match, side, column, line, small)
                inside = (px - x) * (px - x) + (py - y) * (py - y) <= radius * radius
                if inside or (column == middle and line == level):
                    dab(tables, match, planes, column, line, small, whose, kind, row)


@rule(inline=False)
def dab(tables, match, planes, column, line, small, whose, kind, row):
    """One pixel of a thing."""
    if small:
        planes[Plane.MINI_PLAYER_RELATIVE, line, column] = whose
        planes[Plane.MINI_UNIT_TYPE, line, column] = kind
    else:
        planes[Plane.PLAYER_RELATIVE, line, column] = whose
        planes[Plane.UNIT_TYPE, line, column] = kind
        planes[Plane.UNIT_DENSITY, line, column] = min(int(planes[Plane.UNIT_DENSITY, line, column]) + 1, DENSEST)
    if row >= 0:
        it = match.unit[row]
        body = tables.units[it.kind]
        marked = whose == Relative.OWN and is_selected(it)
        if small:
            planes[Plane.MINI_SELECTED, line, column] = marked
        else:
            planes[Plane.SELECTED, line, column] = marked
            planes[Plane.HP_RATIO, line, column] = part_of(int(it.health), int(body.health))
            planes[Plane.SHIELDS_RATIO, line, column] = part_of(int(it.shield), int(body.shield))
            planes[Plane.ENERGY_RATIO, line, column] = 0
            planes[Plane.BUILD_PROGRESS, line, column] = 0
            if whose == Relative.OWN:
                planes[Plane.ENERGY_RATIO, line, column] = part_of(int(it.energy), MOST_ENERGY)
                if it.fixed and it.work > 0:
                    whole = max(int(body.build), 1)
                    planes[Plane.BUILD_PROGRESS, line, column] = min(255, 256 * (whole - int(it.work)) // whole)


@rule
def part_of(amount, whole):
    """An amount in 1/256 as a part of a whole, in 1/255; what is there at all is 1 at least."""
    if amount <= 0 or whole <= 0:
        return 0
    return max(1, min(255, amount * 255 // (whole * FINE)))


def plane_spec(pixels: int, kinds: list[str]) -> PlaneSpec:
    """The planes of a commander's interface. kinds: of the units that can be."""
    types = ("minerals", "geyser", "shard", "beacon")
    number = len(kinds) + len(types) + 1
    named = ", ".join(f"{k} {name}" for k, name in enumerate((*kinds, *types), 1))
    common = (
        Layer("visibility", 2, help="1: in sight"),
        Layer("height", 2, help="1: high ground"),
        Layer("pathable", 2),
    )
    whose = Layer("player_relative", 5, True, "1 own, 3 neutral, 4 enemy")
    kind = Layer("unit_type", number, True, named)
    selected = Layer("selected", 2, help="1: own and selected")
    screen = (
        *common,
        Layer("buildable", 2),
        whose,
        kind,
        selected,
        Layer("hp_ratio", help="health"),
        Layer("shields_ratio", help="shields"),
        Layer("energy_ratio", help="energy, of own units"),
        Layer("unit_density", DENSEST + 1, help="how many things"),
        Layer("build_progress", help="of own structures under construction"),
    )
    small = (*common, Layer("camera", 2, help="1: on the screen"), whose, kind, selected)
    return PlaneSpec((PlaneBlock("screen", screen, pixels, pixels), PlaneBlock("minimap", small, pixels, pixels)))
