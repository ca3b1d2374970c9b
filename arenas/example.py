"""Two sides race along a track of ten squares: the arena that `arenas/README.md` teaches with.

Each tick both sides stay, walk one square, or run two; whoever runs stumbles one time in three and stays. The first
to arrive wins.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .arena import (
    ActionSpec,
    Arena,
    Block,
    Game,
    Layer,
    ObsSpec,
    Outcome,
    PlaneBlock,
    PlaneSpec,
    Rules,
    Slot,
    match_dtype,
)
from .compile import rule
from .dice import STREAM_BOT, draw, seat

STAY, WALK, RUN = range(3)
STUMBLE = 0  # our one stream of chance


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]: forced dice, every arena has it
    length: np.ndarray  # int32 [1]: squares of the track


@rule
def reset(tables, match):
    match.place[0] = 0
    match.place[1] = 0


@rule
def step(tables, match, actions):
    for side in range(2):
        if actions[side, 0] == WALK:
            match.place[side] += 1
        elif actions[side, 0] == RUN and draw(tables, match, STUMBLE, seat(match, side), 3) > 0:
            match.place[side] += 2
        match.score[side] = match.place[side]
    arrived_first = match.place[0] >= tables.length[0]
    arrived_second = match.place[1] >= tables.length[0]
    if arrived_first and arrived_second:
        match.outcome = Outcome.DRAW
    elif arrived_first:
        match.outcome = Outcome.FIRST
    elif arrived_second:
        match.outcome = Outcome.SECOND


@rule
def legal(tables, match, side, mask):
    mask[0, STAY] = 1
    mask[0, WALK] = 1
    mask[0, RUN] = match.place[side] + 2 <= tables.length[0]


@rule
def observe(tables, match, side, out):
    out[0] = match.place[side]
    out[1] = match.place[1 - side]


@rule
def draw_planes(tables, match, side, planes):
    for who in range(2):
        planes[who, 0, min(int(match.place[who ^ side]), int(tables.length[0]))] = 1


@rule
def act(tables, match, side, bot, actions):
    actions[0] = WALK
    room = match.place[side] + 2 <= tables.length[0]
    if bot == 1 and room and draw(tables, match, STREAM_BOT, seat(match, side), 2) == 0:
        actions[0] = RUN


@rule
def mirror(tables, match):
    match.place[0], match.place[1] = int(match.place[1]), int(match.place[0])


@rule
def fork(tables, match, side, seed):
    """Nothing is hidden from a side."""


@dataclass(frozen=True)
class Options:
    """Options of the example arena."""

    length: int = 10


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=np.zeros((1, 0), np.int32), length=np.array([options.length], np.int32)),
        state=match_dtype([("place", np.int32, (2,))], slots=1, setup=0),
        observation=ObsSpec((Block("place", 2, 1 / options.length, "own and other's square"),)),
        action=ActionSpec((Slot("pace", ("stay", "walk", "run")),)),
        setup=(),
        symmetric=True,
        tick_limit=50,
        perfect_information=True,
        planes=PlaneSpec((PlaneBlock("track", (Layer("own", 2), Layer("other", 2)), 1, options.length + 1),)),
    )


ARENA = Arena(
    name="example",
    version=1,
    title="A race of ten squares",
    rules=Rules(reset, step, legal, observe, act=act, mirror=mirror, fork=fork, draw_planes=draw_planes),
    options=Options,
    prepare=prepare,
    describe=lambda game, match: f"squares {match.place[0]} and {match.place[1]} of {game.options['length']}",
    module=__name__,
    bots=("walker", "gambler"),
)
