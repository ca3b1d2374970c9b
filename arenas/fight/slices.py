"""Slices: short pieces of the game, begun from a position that `assets/fight/slices.toml` describes.

Everything but where it begins, what may be chosen and when it ends is the game's own rules. Both sides choose one of a
few options of the scripted opponents. The meter stands still, so that supers, which no slice has, do not matter.
A slice ends

- `exchange`: when who was hit is free again or lies on the ground, or after its ticks; what counts is damage.
- `round`: with the round, after its ticks at the latest; what counts is who wins it.
"""

import functools
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np

from ..arena import Outcome
from ..compile import rule
from ..content import ContentError, build, decimal, load, text, whole, whole_list, word, word_list
from ..dice import seat
from .choices import Option
from .content import FOLDER
from .inputs import read_semantic
from .state import WALL, Kind, Pose

# Entries of tables.options of a slice; a whole match ends with CHARACTERS, the one before.
ENDS, GAP, PLACE, HEALTH, METER, DOWN, COUNT, CHOICES = 5, 6, 7, 8, 10, 11, 12, 13
WHOLE = 5
"""Length of tables.options of a whole match."""
SOONEST_THROW = 4
"""Ticks in which no throw that is begun now catches: the least startup of a throw that can be escaped."""


class Ends(IntEnum):
    """When a slice is over."""

    EXCHANGE = 0
    ROUND = 1


@rule
def sliced(tables):
    """Whether this is a slice."""
    return tables.options.shape[0] > WHOLE


@rule
def stage(tables, match):
    """Puts both where the slice begins; they stand on their marks, free, with full health."""
    for side in range(2):
        me = match.fighter[side]
        place = seat(match, side)  # 1: the second
        x = int(tables.options[PLACE]) - (1 - place) * int(tables.options[GAP])
        me.x = x if not match.flipped else -x
        if tables.options[HEALTH + place] > 0:
            me.health = tables.options[HEALTH + place]
        me.meter = tables.options[METER]
        if place == 1 and tables.options[DOWN] > 0:
            me.pose = Pose.RISE
            me.left = tables.options[DOWN]


@rule
def enter(tables, me, choice):
    """A choice of the slice as the inputs it stands for."""
    row = int(tables.options[CHOICES + choice])
    read_semantic(tables, me, int(tables.choices[row, 0]), int(tables.choices[row, 1]), int(tables.choices[row, 2]))


@rule
def stand_in(tables, option):
    """The choice that a scripted opponent's option comes to."""
    return int(tables.options[CHOICES + int(tables.options[COUNT]) + option])


@rule
def caught(match):
    """Who is being hit or flies from a hit: bit 0 and bit 1 by combo, bit 2 and bit 3 by fall."""
    found = 0
    for side in range(2):
        me = match.fighter[side]
        if me.combo > 0:
            found |= 1 << side
        if me.pose == Pose.FALL:
            found |= 4 << side
    return found


@rule
def settle(tables, match, before):
    """After a tick: the meter stands still, and the slice may be over. before: who was `caught` when it began."""
    for side in range(2):
        match.fighter[side].meter = tables.options[METER]
    if tables.options[ENDS] != Ends.EXCHANGE or match.outcome != Outcome.RUNNING:
        return
    for side in range(2):
        me = match.fighter[side]
        free = before & (1 << side) and me.combo == 0
        down = before & (4 << side) and me.pose == Pose.DOWN
        if free or down:
            ahead = int(match.score[0]) - int(match.score[1])
            match.outcome = Outcome.FIRST if ahead > 0 else Outcome.SECOND if ahead < 0 else Outcome.DRAW


@rule
def locked(tables, match, side):
    """Whether nothing that a side asks for before its next decision can matter; sure, not complete."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    ticks = int(match.frame_skip)
    if me.pose == Pose.FALL:  # it will lie for longer
        return True
    if me.pose == Pose.SPRING or me.pose == Pose.HOLD or me.pose >= Pose.DOWN or me.pose == Pose.HIT:
        return me.pose != Pose.HELD and me.left > ticks
    if ticks > SOONEST_THROW or (foe.pose == Pose.ATTACK and tables.moves[foe.move].kind == Kind.THROW):
        return False  # it may be caught and escape
    if me.pose == Pose.ATTACK:
        return me.touched == 0 and int(me.frame) + ticks <= tables.moves[me.move].startup
    return (me.pose == Pose.LAND or me.pose == Pose.DASH or me.pose == Pose.BACKDASH) and me.left > ticks


@rule
def choices(tables, match, side, mask):
    """What a side may choose."""
    mask[0, 0] = 1
    if match.outcome == Outcome.RUNNING and not locked(tables, match, side):
        for choice in range(1, int(tables.options[COUNT])):
            mask[0, choice] = 1


# --- content ---


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One row of `slices.toml`."""

    title: str = text()
    ends: Ends = word(Ends)
    ticks: int = whole(4, 600)
    gap: int = decimal(20, 560)
    wall: int = decimal(0, 560)
    health: tuple = whole_list(2, 1, 2000, (0, 0))  # of the first and the second; 0: all they have
    meter: int = whole(0, 1000, 0)
    down: int = whole(0, 60, 0)  # ticks until the second has risen; 0: it stands
    choices: tuple = word_list(Option)

    @property
    def names(self) -> tuple[str, ...]:
        """The choices in words."""
        return tuple(option.name.lower().replace("_", " ") for option in self.choices)


@dataclass(frozen=True, kw_only=True)
class _StandIn:
    """Whose place an option takes, and its own name."""

    option: Option = word(Option)
    instead: Option = word(Option)


@functools.cache
def read_slices(path: Path = FOLDER / "slices.toml") -> dict[str, tuple[Slice, np.ndarray]]:
    """Every slice by name, with what it adds to `tables.options`."""
    given, file = load(path), path.name
    stand_ins = [
        build(_StandIn, {"option": option, "instead": instead}, file=file, row="stand_ins")
        for option, instead in given.pop("stand_ins", {}).items()
    ]
    slices = {}
    for row, entries in given.items():
        found = build(Slice, entries, file=file, row=row)
        if found.choices[0] != Option.WAIT or Option.SUPER in found.choices:
            raise ContentError(
                f"{file}: row {row}: choices: expected `wait` first, and no `super`: the meter stands still"
            )
        slices[row.replace("_", "-")] = found, _entries(found, {one.option: one.instead for one in stand_ins})
    return slices


def _entries(found: Slice, stand_ins: dict[Option, Option]) -> np.ndarray:
    """int32: entries ENDS to CHOICES, the options chosen from, and for every option the choice it comes to."""
    comes_to = []
    for option in Option:
        passed = set()
        while option not in found.choices and option in stand_ins and option not in passed:
            passed.add(option)
            option = stand_ins[option]
        comes_to.append(found.choices.index(option) if option in found.choices else 0)
    row = [found.ends, found.gap, WALL - found.wall, *found.health, found.meter, found.down, len(found.choices)]
    return np.array([*row, *found.choices, *comes_to], np.int32)
