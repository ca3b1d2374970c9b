"""A skirmish in words, and as a picture from above."""

from typing import Any

import numpy as np

from ..arena import Game
from .content import default_content, unit_table
from .state import CELL, FINE, HOSTILE, Attribute, Node, Opt, Order, Role, Terrain

COLOURS = ((66, 135, 245), (235, 82, 70), (176, 120, 200))
GROUND, WALL, HIGH, BEYOND = (54, 62, 50), (24, 26, 30), (78, 86, 66), (14, 15, 18)
NODE_COLOURS = {
    Node.MINERALS: (96, 214, 232),
    Node.GEYSER: (98, 206, 96),
    Node.SHARD: (150, 232, 244),
    Node.BEACON: (250, 214, 90),
}
LIFE, SHIELD, SHOT = (120, 220, 100), (120, 170, 250), (255, 240, 170)
LETTERS = {Role.WORKER: "w", Role.HEALER: "+", Role.BOMB: "*"}
FINER = 2
"""The picture is drawn this much larger and then reduced, for smooth edges."""


def name_of(kind: int) -> str:
    """A unit's name."""
    return [*default_content().units][int(kind) - 1]


def units_of(match: Any) -> list[tuple[int, int, Any]]:
    """Every unit: its owner, its row within the section, the unit."""
    rows = len(match.unit) * 2 // 5
    return [(row // rows, row % rows, me) for row, me in enumerate(match.unit) if me.kind > 0]


def describe(game: Game, match: Any) -> str:
    """What each side has, then every unit on a line: whose, what, where, how well, and what it is about."""
    lines = []
    rows = len(match.unit) * 2 // 5
    if game.tables.options[Opt.WORK]:
        for side in range(int(game.tables.options[Opt.SIDES])):
            supply = f"{match.supply[side] / 2:g} of {match.room[side] / 2:g} supply"
            lines.append(f"side {side}: {match.minerals[side]} minerals, {match.gas[side]} gas, {supply}")
            for it in match.ghost[side]:
                if it.kind > 0 and not it.shown:
                    place = f"({it.x / FINE:+.2f}, {it.y / FINE:+.2f})"
                    lines.append(
                        f"side {side} remembers {name_of(it.kind)} at {place}, {it.health / FINE:.0%} of its health"
                    )
    for owner, row, me in units_of(match):
        who = "hostile" if owner == HOSTILE else f"side {owner}"
        shield = f" + {me.shield / FINE:.0f} shield" if me.shield > 0 else ""
        doing = "under construction" if me.fixed and me.work > 0 else Order(int(me.order)).name.lower()
        making = ", ".join(name_of(kind) for kind in me.queue if kind)
        aim = f", fights {me.aim // rows}.{me.aim % rows}" if me.aim >= 0 else ""
        lines.append(
            f"{who} {row} {name_of(me.kind)}: {me.health / FINE:.1f}{shield}, at "
            f"({me.x / FINE:+.2f}, {me.y / FINE:+.2f}), {doing}{aim}" + (f", makes {making}" if making else "")
        )
    for node, it in enumerate(match.node):
        if it.kind != Node.NONE:
            used = f", worked by {it.user // rows}.{it.user % rows}" if it.user >= 0 else ""
            place = f"({it.x / FINE:+.2f}, {it.y / FINE:+.2f})"
            lines.append(f"{Node(int(it.kind)).name.lower()} {node} at {place}, {it.amount} left{used}")
    return "\n".join(lines)


def draw(game: Game, match: Any, *, boxes: bool = False, width: int = 640) -> np.ndarray:
    """The map from above, first side blue, second red, hostile units violet: uint8 [H, W, 3].

    boxes: also each unit's range. Bars show health and shield, lines who fights whom.
    """
    from PIL import Image, ImageDraw

    ground = game.tables.ground
    scale = FINER * width / (ground.shape[1] * CELL)
    size = (FINER * width, round(ground.shape[0] * CELL * scale))
    band = FINER * 18
    picture = Image.new("RGB", (size[0], size[1] + band), BEYOND)
    pen = ImageDraw.Draw(picture)

    def at(x: float, y: float) -> tuple[float, float]:
        """A point of the map in the picture: north is up."""
        return size[0] / 2 + float(x) * scale, band + size[1] / 2 - float(y) * scale

    def disc(x: float, y: float, radius: float, **style: Any) -> None:
        px, py = at(x, y)
        r = max(float(radius) * scale, 2.0)
        pen.ellipse((px - r, py - r, px + r, py + r), **style)

    for line in range(ground.shape[0]):
        for column in range(ground.shape[1]):
            cell = ground[line, column]
            colour = WALL if not cell & Terrain.WALK else HIGH if cell & Terrain.HIGH else GROUND
            left = column * CELL * scale
            top = band + size[1] - (line + 1) * CELL * scale
            pen.rectangle((left, top, left + CELL * scale, top + CELL * scale), fill=colour)
    for it in match.node:
        if it.kind != Node.NONE:
            radius = FINE // 3 if it.kind == Node.SHARD else FINE
            disc(it.x, it.y, radius, fill=NODE_COLOURS[Node(int(it.kind))])
    kinds: Any = unit_table()
    every = sorted(units_of(match), key=lambda unit: not unit[2].fixed)
    for owner, _, me in every:
        _draw_unit(pen, at, disc, kinds[me.kind], owner, me, scale, boxes)
    for owner, _, me in every:
        if me.aim >= 0 and match.unit[me.aim].kind > 0 and me.windup + me.cooldown > 0:
            it = match.unit[me.aim]
            colour = LIFE if kinds[me.kind].role == Role.HEALER else SHOT if owner == HOSTILE else COLOURS[owner]
            pen.line((*at(me.x, me.y), *at(it.x, it.y)), fill=colour, width=FINER)
    seconds = int(match.tick) / (game.arena.ticks_per_second or 1)
    text = f"{seconds:.1f} s   score {match.score[0]}" + (f" : {match.score[1]}" if _two(game) else "")
    pen.text((FINER * 4, FINER * 2), text, fill=(235, 235, 235), font_size=FINER * 12)
    if game.tables.options[Opt.WORK] and _two(game):
        for side in range(2):
            supply = f"{match.supply[side] // 2} of {match.room[side] // 2} supply"
            goods = f"{match.minerals[side]} minerals, {match.gas[side]} gas, {supply}"
            place = (FINER * (220 + 210 * side), FINER * 3)
            pen.text(place, goods, fill=COLOURS[side], font_size=FINER * 10)
    return np.asarray(picture.reduce(FINER))


def _two(game: Game) -> bool:
    return int(game.tables.options[Opt.SIDES]) == 2


def _draw_unit(pen: Any, at: Any, disc: Any, kind: Any, owner: int, me: Any, scale: float, boxes: bool) -> None:
    """One unit: a disc, a square for a structure, with bars of shield and health above."""
    colour = COLOURS[owner]
    px, py = at(me.x, me.y)
    reach = int(me.radius) * scale
    if me.fixed:
        built = 1.0 if me.work == 0 else 0.4
        shade = tuple(round(part * built) for part in colour)
        pen.rectangle((px - reach, py - reach, px + reach, py + reach), fill=shade, outline=(230, 230, 230))
        initials = "".join(part[0] for part in name_of(me.kind).split("-")).upper()
        pen.text((px, py), initials, fill=(255, 255, 255), anchor="mm", font_size=max(8, reach))
    else:
        edge = (250, 250, 250) if kind.attributes & Attribute.AIR else (12, 12, 12)
        disc(me.x, me.y, me.radius, fill=colour, outline=edge, width=FINER)
        letter = LETTERS.get(Role(int(kind.role)), name_of(me.kind)[0])
        pen.text((px, py), letter, fill=(255, 255, 255), anchor="mm", font_size=max(8, reach * 1.3))
    if me.carry > 0:
        disc(me.x + me.radius // 2, me.y + me.radius // 2, 50, fill=NODE_COLOURS[Node.MINERALS])
    if boxes and kind.damage > 0:
        disc(me.x, me.y, int(kind.range) + int(me.radius), outline=colour)
    wide, top = max(reach, 6.0), py - reach - 3 * FINER
    for share, bar in ((me.health / FINE / kind.health, LIFE), (me.shield / FINE / max(kind.shield, 1), SHIELD)):
        if share > 0:
            pen.rectangle((px - wide, top, px - wide + 2 * wide * min(share, 1), top + FINER), fill=bar)
        top -= 2 * FINER
