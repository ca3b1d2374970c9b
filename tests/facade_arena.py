"""Arenas for the facades' tests: several slots of different sizes with an order between them, and a solo one."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from kumite.arenas.arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype
from kumite.arenas.compile import rule
from kumite.arenas.dice import draw, seat


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray


@rule
def reset(tables, match):
    match.coins[0] = 3 + draw(tables, match, 0, seat(match, 0), 3)
    match.coins[1] = 3 + draw(tables, match, 0, seat(match, 1), 3)


@rule
def step(tables, match, actions):
    for side in range(match.playing):
        match.score[side] += int(actions[side, 0]) * (1 + int(actions[side, 1]))
        match.coins[side] -= int(actions[side, 0])
    if match.coins[0] == 0 and (match.playing == 1 or match.coins[1] == 0):
        first, second = int(match.score[0]), int(match.score[1])
        match.outcome = Outcome.FIRST if first > second else Outcome.SECOND if first < second else Outcome.DRAW


@rule
def legal(tables, match, side, mask):
    for spent in range(4):
        mask[0, spent] = spent <= match.coins[side]
    mask[1, 0] = 1
    mask[1, 1] = 1


@rule
def refine(tables, match, side, slot, actions, row):
    if slot == 1 and actions[0] == 0:
        row[1] = 0  # nothing spent cannot be doubled


@rule
def observe(tables, match, side, out):
    for j in range(2):
        out[j] = match.coins[(side + j) % 2]
        out[2 + j] = match.score[(side + j) % 2]


@rule
def act(tables, match, side, bot, actions):
    actions[0] = 1 if match.coins[side] > 0 else 0
    actions[1] = 0


@rule
def reset_solo(tables, match):
    reset(tables, match)
    match.playing = 1


@rule
def reset_both(tables, match):
    reset(tables, match)
    match.playing = 2


@dataclass(frozen=True)
class Options:
    """No options."""


def prepare(arena: Arena, options: Options) -> Game:
    """The game."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=np.zeros((1, 0), np.int32)),
        state=match_dtype([("coins", np.int32, (2,)), ("playing", np.int32)], slots=2, setup=0),
        observation=ObsSpec((Block("coins", 2, 0.2, "own, other's"), Block("score", 2, 0.1, "own, other's"))),
        action=ActionSpec((Slot("spend", ("none", "one", "two", "three")), Slot("double", ("no", "yes")))),
        setup=(),
        symmetric=True,
        tick_limit=12,
        sides=1 if arena.rules.reset is reset_solo else 2,
        utility="score",
        score_scale=0.1,
        utility_bound=1.0,
    )


ARENA = Arena(
    name="two-slots",
    version=3,
    title="Coins to spend",
    rules=Rules(reset_both, step, legal, observe, refine=refine, act=act),
    options=Options,
    prepare=prepare,
    describe=lambda game, match: f"coins {match.coins[0]} and {match.coins[1]}",
    module=__name__,
    bots=("miser",),
)
SOLO = replace(ARENA, name="solo", rules=ARENA.rules._replace(reset=reset_solo), bots=())
