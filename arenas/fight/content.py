"""The characters and the numbers common to all: `assets/fight/*.toml` -> tables for the rules."""

import functools
from dataclasses import dataclass, fields
from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np

from ... import assets
from ..content import (
    ContentError,
    box,
    build,
    decimal,
    load,
    only,
    table,
    text,
    unique,
    weights,
    whole,
    whole_list,
    word,
    words,
)
from .choices import CHOICES, LEVELS, STYLES, Option
from .state import MOVES, Against, Cancel, Effect, Kind, Level, Motion, Slot, Where

FOLDER = Path(assets.__file__ or "").parent / "fight"


class Press(IntFlag):
    """Buttons that finish a motion."""

    LIGHT = 1
    MEDIUM = 2
    HEAVY = 4
    THROW = 8


NO_BOX = (0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of frame data. It touches on frames startup + 1 to startup + active."""

    title: str = text()
    startup: int = whole(1, 60)
    active: int = whole(1, 60)
    recovery: int = whole(0, 90)
    kind: Kind = word(Kind, Kind.STRIKE)
    level: Level = word(Level, Level.MID)
    effect: Effect = word(Effect, Effect.STAGGER)
    damage: int = whole(0, 500, 0)
    chip: int = whole(0, 60, 0)  # damage through a block
    hitstun: int = whole(0, 60, 0)
    blockstun: int = whole(0, 60, 0)
    stop: int = whole(0, 20, 0)  # hitstop
    push_hit: int = decimal(0, 20, 0)  # speed the other slides off with
    push_block: int = decimal(0, 20, 0)
    launch_x: int = decimal(-10, 10, 0)  # speed of the fall
    launch_y: int = decimal(0, 20, 0)
    juggle: int = whole(0, 9, 1)  # points it spends on a falling fighter
    hits: int = whole(1, 9, 1)
    every: int = whole(1, 30, 6)  # ticks between its hits
    cancel: Cancel = words(Cancel, Cancel(0))
    against: Against = words(Against, Against(0))  # what it is invulnerable to
    against_until: int = whole(0, 60, 0)  # up to which frame
    armor: int = whole(0, 3, 0)  # hits until its last active frame that hurt but do not stop it
    where: Where = words(Where, Where.GROUND)
    speed: int = decimal(-20, 20, 0)  # forward
    moving: tuple = whole_list(2, 0, 120, (0, 0))  # first and last frame of that
    leap: int = decimal(-20, 20, 0)  # upward speed from frame leap_at
    leap_at: int = whole(0, 60, 0)
    landing: int = whole(0, 60, 3)  # ticks of recovery after coming down
    meter: int = whole(0, 300, 0)  # gained when it hits; half when it is blocked
    cost: int = whole(0, 1000, 0)
    motion: Motion = word(Motion, Motion.NONE)
    press: Press = words(Press, Press(0))
    reach: int = decimal(0, 120, 0)  # of a throw, between the bodies' edges
    tech: int = whole(0, 1, 0)  # 1: a throw that can be escaped
    shot_speed: int = decimal(0, 20, 0)
    shot_life: int = whole(0, 300, 0)
    shot_hits: int = whole(0, 5, 0)
    shot_at: tuple = whole_list(2, -100, 200, (0, 0))  # where it appears, forward and up
    hit: tuple = box(NO_BOX)  # of a projectile: around the projectile
    limb: tuple = box(NO_BOX)  # where it can be hit besides the body, from two ticks before it touches
    limb_recovery: int = whole(0, 60, 6)  # and for how many ticks after


@dataclass(frozen=True, kw_only=True)
class Character:
    """How a character's body moves."""

    title: str = text()
    wins_by: str = text()
    health: int = whole(1, 2000)
    walk: int = decimal(0, 10)
    walk_back: int = decimal(0, 10)
    dash: int = decimal(0, 20)
    dash_ticks: int = whole(1, 60)
    backdash: int = decimal(0, 20)
    backdash_ticks: int = whole(1, 60)
    backdash_safe: int = whole(0, 60)  # ticks of it that cannot be thrown
    spring: int = whole(1, 10)  # ticks before a jump leaves the ground
    jump_height: int = whole(20, 250)
    jump_ticks: int = whole(20, 60)  # in the air
    jump_speed: int = decimal(0, 10)
    width: int = whole(5, 60)  # from the middle to the edge
    stand: int = whole(20, 200)  # height
    crouch: int = whole(20, 200)
    tuck: int = whole(0, 60)  # bottom of the body above the feet in the air


@dataclass(frozen=True, kw_only=True)
class Arc:
    """A character's jump: speed up, and what gravity takes from it each tick, in 1/256."""

    vy: int = whole(0, 32767)
    gravity: int = whole(0, 32767)


@dataclass(frozen=True, kw_only=True)
class Common:
    """Numbers common to all characters."""

    scaling: tuple = whole_list(10, 1, 100)  # per cent of damage by hits already in the combo
    juggle_limit: int = whole(0, 20)
    down: int = whole(1, 120)
    hard_down: int = whole(1, 120)
    rise: int = whole(1, 60)
    hold: int = whole(1, 60)  # ticks in which a throw can be escaped
    throw: int = whole(1, 120)  # ticks from there to letting go
    throw_safe: int = whole(0, 60)  # ticks after stun in which one cannot be thrown
    throw_drop: tuple = whole_list(2, 0, 20)  # speeds with which the thrown fly off, sideways and up
    escape: int = whole(1, 60)  # ticks both step back after an escape
    escape_push: int = decimal(0, 20)
    land: int = whole(0, 30)
    air_hit: tuple = whole_list(2, 0, 20)  # speeds of whoever is hit in a jump, back and up
    counter_percent: int = whole(100, 300)  # damage to whoever is hit in an attack of its own, its recovery included
    counter_stun: int = whole(0, 30)
    slide_keep: int = whole(0, 255)  # 256ths of push-back speed kept each tick
    near: int = whole(0, 640)  # up to this distance push-back that a wall stops goes to the attacker
    taken_percent: int = whole(0, 100)  # of damage that becomes the victim's meter
    block_percent: int = whole(0, 100)  # of a hit's meter that a block gives
    advance_meter: int = whole(0, 100)  # for each tick of walking forward: who only waits gives it away
    press_memory: int = whole(1, 16)  # ticks a pressed button waits to be used
    reversal: int = whole(1, 12)  # ticks after rising in which a special is a reversal
    pause: int = whole(1, 240)  # ticks between rounds
    gap: tuple = whole_list(2, 60, 560)  # least and most units between the fighters at the start
    meter_start: int = whole(0, 1000)  # most meter at the start


@dataclass(frozen=True, kw_only=True)
class Skills:
    """What a scripted opponent manages, in percent of the occasions."""

    skill: int = whole(0, 100, 0)  # of a CPU level: decisions taken from its character's expert, not beginner
    anti_air: int = whole(0, 100)
    punish: int = whole(0, 100)
    guard: int = whole(0, 100)
    escape: int = whole(0, 100)  # of throws, where the delay leaves time
    confirm: int = whole(0, 100)  # cancels of what hit
    leap: int = whole(0, 100)  # of projectiles noticed in time: jumped over, not blocked


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How often an option is drawn, by situation."""

    far: tuple = weights(Option)
    middle: tuple = weights(Option)
    near: tuple = weights(Option)
    waking: tuple = weights(Option)
    pressed: tuple = weights(Option)
    over: tuple = weights(Option)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What scripted opponents know of a character."""

    near: int = whole(0, 300)  # up to this gap the situation is `near`
    middle: int = whole(0, 300)
    anti_air: Option = word(Option)
    punish: Option = word(Option)  # a special
    confirm: Option = word(Option)  # what to cancel a hit into
    air: Option = word(Option)  # in a jump, besides the heavy


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of it, checked. Ids are positions; they only ever grow at the end."""

    names: tuple[str, ...]
    characters: tuple[Character, ...]
    moves: tuple[dict[Slot, Move], ...]
    common: Common
    skills: tuple[Skills, ...]  # CPU levels, then styles
    weights: tuple[Weights, ...]  # experts by character, beginners by character, styles
    habits: tuple[Habits, ...]  # by character

    def move(self, row: int) -> Move:
        """A row of the move table."""
        return self.moves[row // MOVES][Slot(row % MOVES)]


def read(folder: Path = FOLDER) -> Content:
    """The content of a folder, or ContentError."""
    common = load(folder / "common.toml")
    only(common, ("characters", "common"), file="common.toml")
    names = common["characters"]
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise ContentError(f"common.toml: characters = {names!r}: expected a list of names")
    unique([("common.toml", f"characters[{i}]", name) for i, name in enumerate(names)], "name")
    characters, moves = [], []
    for name in names:
        character, own = _character(folder / f"{name}.toml")
        characters.append(character)
        moves.append(own)
    skills, weighted, habits = _bots(folder / "bots.toml", names)
    return Content(
        names=tuple(names),
        characters=tuple(characters),
        moves=tuple(moves),
        common=build(Common, common["common"], file="common.toml", row="common"),
        skills=skills,
        weights=weighted,
        habits=habits,
    )


def _bots(path: Path, names: list[str]) -> tuple[tuple[Skills, ...], tuple[Weights, ...], tuple[Habits, ...]]:
    """Scripted opponents: skills of the CPU levels and styles; weights of experts, beginners and styles; habits."""
    given, file = load(path), path.name
    only(given, ("levels", "beginners", "experts", "habits", "styles"), file=file)
    only(given["habits"], names, file=f"{file}: habits")
    only(given["styles"], STYLES, file=f"{file}: styles")
    if len(given["levels"]) != LEVELS:
        raise ContentError(f"{file}: {len(given['levels'])} levels: expected {LEVELS}")
    skills = [build(Skills, row, file=file, row=f"levels[{i}]") for i, row in enumerate(given["levels"])]
    table = []
    for kind in ("experts", "beginners"):
        only(given[kind], names, file=f"{file}: {kind}")
        table += [build(Weights, given[kind][name], file=file, row=f"{kind}.{name}") for name in names]
    for style in STYLES:
        only(given["styles"][style], ("skills", "weights"), file=f"{file}: styles.{style}")
        skills.append(build(Skills, given["styles"][style]["skills"], file=file, row=f"styles.{style}.skills"))
        table.append(build(Weights, given["styles"][style]["weights"], file=file, row=f"styles.{style}.weights"))
    habits = [build(Habits, given["habits"][name], file=file, row=f"habits.{name}") for name in names]
    return tuple(skills), tuple(table), tuple(habits)


def _character(path: Path) -> tuple[Character, dict[Slot, Move]]:
    given = load(path)
    only(given, ("character", "moves"), file=path.name)
    character = build(Character, given["character"], file=path.name, row="character")
    only(given["moves"], [slot.name.lower() for slot in Slot], file=f"{path.name}: moves")
    moves = {}
    for slot in Slot:
        row = f"moves.{slot.name.lower()}"
        move = build(Move, given["moves"][slot.name.lower()], file=path.name, row=row)
        _check(path.name, row, slot, move)
        moves[slot] = move
    unique([(path.name, f"moves.{slot.name.lower()}", move.title) for slot, move in moves.items()], "title")
    presses = [(path.name, f"moves.{s.name.lower()}", (m.motion, m.press)) for s, m in moves.items() if m.motion]
    unique(presses, "motion and press")
    return character, moves


def _check(file: str, row: str, slot: Slot, move: Move) -> None:
    """What a single value's range cannot say."""

    def need(right: bool, words: str) -> None:
        if not right:
            raise ContentError(f"{file}: row {row}: {words}")

    special = slot >= Slot.SPECIAL_1
    air = Slot.AIR_L <= slot <= Slot.AIR_H
    need(move.motion != Motion.NONE and move.press != 0 if special else True, "a special needs a motion and a press")
    need((move.where == Where.AIR) == air or special, f"where = {move.where!r}: expected {'air' if air else 'ground'}")
    if move.kind == Kind.PROJECTILE:
        need(
            move.shot_speed > 0 and move.shot_life > 0 and move.shot_hits > 0,
            "a projectile needs shot_speed, shot_life, shot_hits",
        )
    if move.kind == Kind.THROW:
        need(move.reach > 0, "a throw needs a reach")
    else:
        need(move.hit != NO_BOX, "a strike or projectile needs a hit box")
        need(
            move.hitstun > 0 or move.effect != Effect.STAGGER, "hitstun = 0: expected 1 or more where effect is stagger"
        )
    if slot == Slot.OVERHEAD:
        need(18 <= move.startup <= 24, f"startup = {move.startup}: expected 18 to 24 for an overhead")
    if slot == Slot.THROW:
        need(4 <= move.startup <= 7, f"startup = {move.startup}: expected 4 to 7 for a throw")


@functools.cache
def default_content() -> Content:
    """The content that ships."""
    return read()


def tables(content: Content) -> dict[str, Any]:
    """The record tables, by name."""
    rows: list[Move | None] = [None] * (MOVES * len(content.names))
    for number, own in enumerate(content.moves):
        for slot, move in own.items():
            rows[number * MOVES + slot] = move
    arcs = []
    for who in content.characters:
        gravity = round(8 * who.jump_height * 256 / who.jump_ticks**2)
        arcs.append(Arc(vy=gravity * (who.jump_ticks - 1) // 2, gravity=gravity))
    return {
        "moves": table(Move, rows),
        "characters": table(Character, content.characters),
        "arcs": table(Arc, arcs),
        "common": table(Common, [content.common]),
        "skills": table(Skills, content.skills),
        "weights": np.array([[getattr(row, f.name) for f in fields(Weights)] for row in content.weights], np.int16),
        "habits": table(Habits, content.habits),
        "choices": np.array(CHOICES, np.int16),
    }
