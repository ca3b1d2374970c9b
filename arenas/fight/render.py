"""A fight in words, and as a picture drawn from the record: no sprites, only joints and boxes."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..arena import Game
from ..content import FINE
from .content import Content, default_content
from .render_canvas import Canvas, Colour, Point
from .render_figures import EDGE, Figure, dark, invulnerable, look_of
from .render_poses import out_cold
from .state import FULL_METER, MOVES, WALL, Event, Kind, Level, Phase, Pose, Slot

POSES = {pose: pose.name.lower() for pose in Pose}


def describe(game: Game, match: Any) -> str:
    """Time, rounds, and what each fighter is doing."""
    content = default_content()
    seconds = -(-int(match.clock) // 60)
    state = {Phase.FIGHT: "fighting", Phase.BREAK: "between rounds", Phase.PICK: "picking characters"}[
        Phase(int(match.phase))
    ]
    lines = [f"round {int(match.rounds) + (match.phase == Phase.FIGHT)}, {seconds} s left, {state}"]
    for side, it in enumerate(match.fighter):
        who = content.characters[it.character]
        doing = POSES[Pose(int(it.pose))]
        if it.pose == Pose.ATTACK:
            move = content.move(int(it.move))
            doing = f"{move.title} {it.frame}/{move.startup}+{move.active}+{move.recovery}"
        elif it.left > 0:
            doing += f" for {it.left}"
        place = f"x {it.x / FINE:+.1f}" + (f" y {it.y / FINE:.1f}" if it.y else "")
        shot = f", {content.move(int(it.shot_move)).title} at {it.shot_x / FINE:+.0f}" if it.shot_left > 0 else ""
        lines.append(
            f"side {side} {who.title}: {it.health}/{who.health} health, {it.meter} meter, {it.wins} won, {place} "
            f"facing {'right' if it.facing > 0 else 'left'}, {doing}{shot}"
        )
    return "\n".join(lines)


GOLD, WHITE, RED, GREEN, BLUE, YELLOW = (
    (255, 214, 64),
    (252, 252, 246),
    (240, 44, 52),
    (60, 224, 92),
    (70, 140, 255),
    (255, 226, 50),
)
EMPTY = (52, 40, 58)
STAGE = WALL / FINE + 30  # what of the stage is ever seen, from its middle
NEAREST, MARGIN = 430.0, 190.0  # units seen at least, and besides the distance between the fighters


def draw(game: Game, match: Any, *, boxes: bool = False, width: int = 640) -> np.ndarray:
    """The match as a picture: uint8 [H, W, 3], H = 9/16 W.

    boxes: also what the rules compare: where a fighter can be hit (green), where it hits (red), how far its throw
    reaches (yellow), what pushes the other aside (blue).
    """
    content, match = default_content(), _plain(match)
    canvas = _camera(match, width)
    _stage(canvas, _super_begins(content, match))
    figures = [Figure(canvas, content, match, side) for side in (0, 1)]
    for figure in figures:
        figure.shadow()
    front = _in_front(match)
    for side in (1 - front, front):
        if invulnerable(content, match.fighter[side]):
            _aura(canvas, figures[side])
        figures[side].trace()
        figures[side].paint()
    for side in (0, 1):
        _projectile(canvas, content, match, side)
        _impact(canvas, content, match, side)
        if boxes:
            _boxes(canvas, content, match, side)
    _display(canvas, content, game, match)
    return canvas.pixels()


def _plain(match: Any) -> SimpleNamespace:
    """What is drawn of a record, as plain numbers: fields of a record array cost ten times as much to read."""

    def values(record: Any, names: Any) -> dict[str, Any]:
        return {name: record[name].item() for name in names if record[name].ndim == 0}

    header = ("tick", "clock", "pause", "phase", "rounds")
    fighters = [SimpleNamespace(**values(it, it.dtype.names)) for it in match["fighter"]]
    return SimpleNamespace(**values(match, header), fighter=fighters)


# --- the stage ------------------------------------------------------------------------------------------------------


def _camera(match: Any, width: int) -> Canvas:
    """Sees both fighters, and no further than the walls; rises a little with a jump."""
    first, second = (it.x / FINE for it in match.fighter)
    view = min(2 * STAGE, max(NEAREST, abs(first - second) + MARGIN))
    room = STAGE - view / 2
    canvas = Canvas(width, max(-room, min(room, (first + second) / 2)), view)
    canvas.floor += 0.28 * max(it.y / FINE for it in match.fighter) * canvas.unit
    return canvas


def _super_begins(content: Content, match: Any) -> bool:
    """Whether somebody gathers for a super: the lights go down."""
    return any(
        it.pose == Pose.ATTACK and int(it.move) % MOVES == Slot.SUPER and it.frame <= content.move(int(it.move)).startup
        for it in match.fighter
    )


def _stage(canvas: Canvas, night: bool) -> None:
    """Evening sky, sun and hills far off, a wooden floor, and at each end the post that no one passes."""

    def lit(*colour: int) -> Colour:
        return dark(colour, 0.4) if night else colour

    horizon = (canvas.floor - 9 * canvas.unit) / canvas.high
    skies = ((92, 104, 168), (134, 124, 176), (190, 146, 172), (240, 178, 158), (252, 206, 158))
    for number, colour in enumerate(skies):
        canvas.band(horizon * number / 5, horizon * (number + 1) / 5 + 0.01, lit(*colour))
    far = canvas.centre * 0.7  # what is far away moves less
    canvas.disc((far + 60, 62), 34, lit(255, 236, 190))
    for middle, high, wide in ((-330, 96, 190), (-120, 62, 150), (40, 84, 170), (230, 104, 180), (400, 70, 150)):
        ridge = ((-1.0, 8 / high), (-0.25, 0.8), (0.0, 1.0), (0.4, 0.6), (1.0, 8 / high))
        canvas.polygon([(far + middle + x * wide, y * high) for x, y in ridge], lit(116, 98, 140))
    near = canvas.centre * 0.35
    for post in range(-9, 10):
        x = near + 62 * post
        canvas.polygon([(x - 2.5, 8), (x - 2.5, 40), (x + 2.5, 40), (x + 2.5, 8)], lit(94, 60, 66))
    for rail in (24, 37):
        canvas.polygon([(-700, rail - 2), (-700, rail + 2), (700, rail + 2), (700, rail - 2)], lit(110, 70, 72))
    canvas.band(horizon, 1.0, lit(176, 122, 86))
    for plank in range(-22, 23):
        x = 32 * plank
        canvas.polygon([(x - 0.5, 9), (x + 0.5, 9), (x * 1.28 + 1.2, -60), (x * 1.28 - 1.2, -60)], lit(138, 92, 68))
    canvas.band(horizon, horizon + 0.008, lit(232, 182, 130))
    for way in (-1, 1):
        edge = way * EDGE
        canvas.polygon([(edge, -60), (edge, 400), (edge + 90 * way, 400), (edge + 90 * way, -60)], lit(66, 40, 50))
        canvas.polygon([(edge, -8), (edge, 400), (edge + 9 * way, 400), (edge + 9 * way, -8)], lit(172, 52, 50))
        canvas.polygon([(edge, 118), (edge, 126), (edge + 90 * way, 126), (edge + 90 * way, 118)], lit(172, 52, 50))


# --- fighters and what flies ----------------------------------------------------------------------------------------


def _in_front(match: Any) -> int:
    """Who is drawn over the other: whoever attacks or holds; else side 0."""
    poses = [int(it.pose) for it in match.fighter]
    if poses[0] == Pose.HELD or (poses[1] in (Pose.ATTACK, Pose.HOLD) and poses[0] not in (Pose.ATTACK, Pose.HOLD)):
        return 1
    return 0


def _aura(canvas: Canvas, figure: Figure) -> None:
    """A shine around a fighter who cannot be hit, or takes a blow without flinching."""
    middle = figure.place((figure.body.hip[0], figure.body.hip[1] + 6))
    for radius, glow in ((58, 60), (46, 80)):
        canvas.burst(middle, radius * figure.size, 11, figure.root[0] / 20 + radius, (*figure.look.magic, glow))


def _projectile(canvas: Canvas, content: Content, match: Any, side: int) -> None:
    """A low one is a ring, a fast one a dart, others a ball; as large as what it hits."""
    it = match.fighter[side]
    if it.shot_left <= 0:
        return
    move, magic = content.move(int(it.shot_move)), look_of(content, match, side).magic
    x, y, way = it.shot_x / FINE, it.shot_y / FINE, 1 if it.shot_vx > 0 else -1
    wide, high = (move.hit[1] - move.hit[0]) / 2, (move.hit[3] - move.hit[2]) / 2
    x += way * (move.hit[0] + move.hit[1]) / 2
    throb = 1 + 0.12 * math.sin(int(match.tick) * 0.9)
    if move.level == Level.LOW:
        for rim, colour in ((7, (*magic, 130)), (4, magic), (2, WHITE)):
            canvas.oval((x, y), wide * throb + rim / 2, high * throb + rim / 2, colour, rim)
        return
    fast = abs(int(it.shot_vx)) > 5 * FINE
    for back, glass in ((3.4, 70), (2.2, 120)):
        canvas.taper((x, y), (x - way * wide * back, y), high * 0.9, 1.0, (*magic, glass))
    canvas.oval((x, y), wide * 1.15, high * 1.15 * throb, (*magic, 120))
    if fast:
        point = [(x + way * wide * 1.3, y), (x, y + high * 0.8), (x - way * wide, y), (x, y - high * 0.8)]
        canvas.polygon(point, magic)
        canvas.polygon([(x + (px - x) * 0.55, y + (py - y) * 0.55) for px, py in point], WHITE)
    else:
        canvas.oval((x, y), wide * 0.9, high * 0.9, magic)
        canvas.oval((x + way * wide * 0.2, y), wide * 0.55, high * 0.55, WHITE)


def _impact(canvas: Canvas, content: Content, match: Any, side: int) -> None:
    """What arrives at this side while both are stopped by it: a star for a hit, a shield for a block."""
    it, other = match.fighter[side], match.fighter[1 - side]
    if it.pose == Pose.BREAK and it.left > content.common.escape - 6 and side == 0:
        middle = ((it.x + other.x) / (2 * FINE), 66.0)
        canvas.burst(middle, 20, 6, 0.3, WHITE)
    blocked, struck = it.pose == Pose.BLOCK, it.pose in (Pose.HIT, Pose.FALL)
    trading = it.pose == Pose.ATTACK and other.pose == Pose.ATTACK
    absorbed = trading and other.touched == 1 and not it.touched  # by armour
    if out_cold(content, match, it) > 0.35 or it.stop <= 0 or not (blocked or struck or absorbed):
        return
    x, y = _contact(content, it, other)
    age = max(0, 12 - int(it.stop))
    if blocked:
        for radius, glass in ((15, 120), (10, 190)):
            canvas.oval((x, y), radius * 0.55, radius * 1.5, (120, 200, 255, glass))
        canvas.burst((x, y), 11 + 0.5 * age, 4, 0.4, (214, 240, 255))
        return
    size = 15 + 0.8 * age + 0.5 * int(it.stop)
    canvas.burst((x, y), size * 1.35, 8, 0.2 + 0.05 * age, (255, 120, 30))
    canvas.burst((x, y), size, 8, 0.45, GOLD)
    canvas.disc((x, y), size * 0.36, WHITE)


def _contact(content: Content, it: Any, other: Any) -> Point:
    """About where a strike or projectile met this body."""
    who = content.characters[it.character]
    x, y = it.x / FINE, it.y / FINE
    ahead = 1 if other.x >= it.x else -1
    height = y + 0.68 * (who.crouch if it.low else who.stand)
    if other.pose == Pose.ATTACK and other.touched:
        move = content.move(int(other.move))
        bottom, top = other.y / FINE + move.hit[2], other.y / FINE + move.hit[3]
        height = max(bottom, min((bottom + top) / 2, y + who.stand - 8))
    return x + ahead * who.width * 0.7, height


def _boxes(canvas: Canvas, content: Content, match: Any, side: int) -> None:
    """The boxes the rules compare."""
    it = match.fighter[side]
    who, x, y, facing = content.characters[it.character], it.x / FINE, it.y / FINE, int(it.facing)
    top = y + (who.crouch if it.pose in (Pose.CROUCH, Pose.FALL) or (it.low and it.y == 0) else who.stand)
    bottom = y + (who.tuck if it.y > 0 and it.pose != Pose.FALL else 0)

    def ahead(box: tuple[int, ...]) -> tuple[float, float, float, float]:
        return x + facing * box[0], x + facing * box[1], y + box[2], y + box[3]

    if it.pose not in (Pose.DOWN, Pose.HELD, Pose.FALL):
        canvas.box((x - who.width, x + who.width, y, y + 60), BLUE, filled=False)
    if it.pose < Pose.DOWN:  # nothing strikes a fighter on the floor or in a throw
        canvas.box((x - who.width, x + who.width, bottom, top), GREEN)
    if it.pose == Pose.ATTACK:
        move, frame = content.move(int(it.move)), int(it.frame)
        touching = move.startup < frame <= move.startup + move.active
        if move.limb[1] > move.limb[0] and move.startup - 1 <= frame <= move.startup + move.active + move.limb_recovery:
            canvas.box(ahead(move.limb), GREEN)
        if touching and move.kind == Kind.STRIKE:
            canvas.box(ahead(move.hit), RED)
        elif touching and move.kind == Kind.THROW:
            canvas.box((x, x + facing * (who.width + move.reach / FINE), y + 30, y + 70), YELLOW)
    if it.shot_left > 0:
        hit, way = content.move(int(it.shot_move)).hit, 1 if it.shot_vx > 0 else -1
        sx, sy = it.shot_x / FINE, it.shot_y / FINE
        canvas.box((sx + way * hit[0], sx + way * hit[1], sy + hit[2], sy + hit[3]), RED)


# --- what is written over it ----------------------------------------------------------------------------------------


def _display(canvas: Canvas, content: Content, game: Game, match: Any) -> None:
    """Health, meter, names, rounds won, the clock, and how a round ended."""
    wins_needed = int(game.options["rounds"]) // 2 + 1
    for side, it in enumerate(match.fighter):
        who, look = content.characters[it.character], look_of(content, match, side)
        left, outer, anchor = (0.025, 0.025, "l") if side == 0 else (0.555, 0.975, "r")
        share = it.health / who.health
        colour = GOLD if share > 0.3 else (250, 104, 40)
        canvas.bar(left, 0.045, 0.42, 0.045, share, (colour, (126, 22, 34)), flip=side == 1)
        canvas.text(outer, 0.135, who.title, 0.05, look.trim if sum(look.trim) > 330 else WHITE, anchor)
        for won in range(wins_needed):
            x = 0.432 - 0.028 * won if side == 0 else 0.568 + 0.028 * won
            canvas.pip(x, 0.13, 0.014, GOLD if won < it.wins else EMPTY)
        full = it.meter >= FULL_METER
        left = 0.025 if side == 0 else 0.695
        canvas.bar(left, 0.945, 0.28, 0.024, it.meter / FULL_METER, (GOLD if full else BLUE, EMPTY), flip=side == 0)
        if full:
            canvas.text(outer, 0.905, "SUPER", 0.042, GOLD, anchor)
        if match.fighter[1 - side].combo > 1:  # counted on whoever is being hit
            canvas.text(outer, 0.29, f"{match.fighter[1 - side].combo} hits", 0.06, GOLD, anchor)
        if caption := _caption(content, match, it):
            canvas.text(outer, 0.205, caption, 0.042, WHITE, anchor)
    canvas.text(0.5, 0.07, str(-(-int(match.clock) // 60)), 0.085)
    words = _announcement(match)
    if words:
        canvas.text(0.5, 0.42, words, 0.16, GOLD)


def _caption(content: Content, match: Any, it: Any) -> str:
    """What is worth a word: a special by its name, a throw escaped, a reversal."""
    recent = int(match.tick) - int(it.event_tick) < 40
    if recent and it.event == Event.TECH:
        return "escape!"
    if it.pose == Pose.ATTACK and int(it.move) % MOVES >= Slot.SPECIAL_1:
        title = content.move(int(it.move)).title
        return f"{title} (reversal)" if recent and it.event == Event.REVERSAL else title
    return content.move(int(it.move)).title if it.pose == Pose.HOLD else ""


def _announcement(match: Any) -> str:
    """Large words between rounds."""
    if match.phase == Phase.PICK:
        return "CHOOSE"
    if match.phase != Phase.BREAK or match.rounds == 0:
        return ""
    fallen = sum(it.health <= 0 for it in match.fighter)
    return ("TIME", "K.O.", "DOUBLE K.O.")[fallen]
