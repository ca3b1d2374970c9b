"""Small games of states whose values are known: stochastic games that may go on, and a bot that remembers its toss."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kumite.arenas.arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype
from kumite.arenas.compile import rule
from kumite.arenas.dice import STREAM_BOT, draw

KINDS = ("both", "heads", "forever", "twice")
"""Who matches is paid one. `both`: half the matched rounds are followed by another (value 2/3). `heads`: half of those
matched on heads are ((√17 - 3) / 2). `forever`: an unmatched round always is. `twice`: two rounds."""


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray
    kind: np.ndarray  # int32 [1]


@rule
def reset(tables, match):
    match.tossed = 0


@rule
def step(tables, match, actions):
    kind = tables.kind[0]
    matched = actions[0, 0] == actions[1, 0]
    if matched:
        match.score[0] += 1
    goes_on = False
    if kind == 0:
        goes_on = matched and draw(tables, match, 0, 0, 2) == 0
    elif kind == 1:
        goes_on = matched and actions[0, 0] == 0 and draw(tables, match, 0, 0, 2) == 0
    elif kind == 2:
        goes_on = not matched
    else:
        goes_on = match.tick == 0
    if not goes_on:
        match.outcome = Outcome.FIRST


@rule
def legal(tables, match, side, mask):
    mask[0, 0] = 1
    mask[0, 1] = 1


@rule
def observe(tables, match, side, out):
    out[0] = side


@rule
def act(tables, match, side, bot, actions):
    """Tosses a coin that falls heads three times of four, and keeps to it."""
    if match.tossed == 0:
        match.tossed = 1 if draw(tables, match, STREAM_BOT, 0, 4) > 0 else 2
    actions[0] = int(match.tossed) - 1


def canonical(game, records):
    """The score is paid, and `tick` counts in `twice` alone."""
    records["score"] = 0
    if game.options["kind"] != "twice":
        records["tick"] = 0


@dataclass(frozen=True)
class Options:
    """Which of them."""

    kind: str = "both"


def prepare(arena: Arena, options: Options) -> Game:
    """The game."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=np.zeros((1, 0), np.int32), kind=np.array([KINDS.index(options.kind)], np.int32)),
        state=match_dtype([("tossed", np.int32)], slots=1, setup=0),
        observation=ObsSpec((Block("side", 1),)),
        action=ActionSpec((Slot("coin", ("heads", "tails")),)),
        setup=(),
        symmetric=False,
        tick_limit=1 << 30,
        utility="score",
        utility_bound=1e9,
        perfect_information=True,
        chance=options.kind in ("both", "heads"),
    )


ARENA = Arena(
    name="coins",
    version=1,
    title="Matching coins",
    rules=Rules(reset, step, legal, observe, act=act),
    options=Options,
    prepare=prepare,
    describe=lambda game, match: f"tick {match.tick}",
    module=__name__,
    bots=("keeper",),
    canonical=canonical,
)
