"""A pixel lights up on a grid of 6 by 6, and one points at it: eight times a match. Only planes tell where it is."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kumite.arenas.arena import (
    ActionSpec,
    Arena,
    Block,
    Game,
    Layer,
    ObsSpec,
    PlaneBlock,
    PlaneSpec,
    Rules,
    Slot,
    match_dtype,
)
from kumite.arenas.compile import rule
from kumite.arenas.dice import draw

SIZE, TURNS, LIGHT = 6, 8, 0


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray
    flat: np.ndarray  # int32 [1]: 1: a point is one choice


@rule
def reset(tables, match):
    match.lit = draw(tables, match, LIGHT, 0, SIZE * SIZE)


@rule
def step(tables, match, actions):
    place = int(actions[0, 0])
    if tables.flat[0] == 0:
        place = int(actions[0, 1]) * SIZE + int(actions[0, 0])
    match.score[0] += place == match.lit
    match.lit = draw(tables, match, LIGHT, 1, SIZE * SIZE)


@rule
def legal(tables, match, side, mask):
    for choice in range(SIZE * SIZE if tables.flat[0] else SIZE):
        mask[0, choice] = 1
    for choice in range(1 if tables.flat[0] else SIZE):
        mask[1, choice] = 1


@rule
def observe(tables, match, side, out):
    out[0] = match.tick


@rule
def draw_planes(tables, match, side, planes):
    planes[0, match.lit // SIZE, match.lit % SIZE] = 2
    planes[1, match.lit // SIZE, match.lit % SIZE] = 255


@dataclass(frozen=True)
class Options:
    """How one points."""

    points: str = "flat"


def prepare(arena: Arena, options: Options) -> Game:
    """The game."""
    flat = options.points == "flat"
    pixels, columns = tuple(map(str, range(SIZE * SIZE))), tuple(map(str, range(SIZE)))
    point = (
        (Slot("x", pixels, "xy"), Slot("y", ("as said",)))
        if flat
        else (Slot("x", columns, "x"), Slot("y", columns, "y"))
    )
    layers = (Layer("what", 3, True), Layer("light"))
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(np.zeros((1, 0), np.int32), np.array([flat], np.int32)),
        state=match_dtype([("lit", np.int32)], slots=2, setup=0),
        observation=ObsSpec((Block("tick", 1, 1 / TURNS),)),
        action=ActionSpec(point),
        setup=(),
        symmetric=True,
        tick_limit=TURNS,
        sides=1,
        utility="score",
        utility_bound=TURNS,
        planes=PlaneSpec((PlaneBlock("grid", layers, SIZE, SIZE),)),
    )


ARENA = Arena(
    name="lights",
    version=1,
    title="Point at the light",
    rules=Rules(reset, step, legal, observe, draw_planes=draw_planes),
    options=Options,
    prepare=prepare,
    describe=lambda game, match: f"pixel {match.lit} is lit",
    module=__name__,
)
