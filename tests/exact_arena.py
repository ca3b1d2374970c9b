"""The example's race with something odd in its rules, which one an option says: compiled once for all tests of it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from kumite.arenas import example
from kumite.arenas.arena import Arena, Game, Outcome
from kumite.arenas.compile import rule
from kumite.arenas.dice import draw

ODDITIES = ("blind", "peeking bot", "scribbling bot", "rolls on rolls", "rolls after the end")


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray
    length: np.ndarray
    odd: np.ndarray  # int32 [1]: number of the oddity


@rule
def step(tables, match, actions):
    odd = tables.odd[0]
    if odd < 3:
        example.step(tables, match, actions)
        return
    if draw(tables, match, 0, 0, 2) == 0:
        draw(tables, match, 0, 1, 2 + int(actions[0, 0]))
    if match.tick == 1:
        match.outcome = Outcome.FIRST
        if odd == 4 and draw(tables, match, 0, 2, 4) == 3:
            match.outcome = Outcome.SECOND


@rule
def observe(tables, match, side, out):
    out[0] = match.place[side] if tables.odd[0] != 0 else 0  # blind: it does not know where it is
    out[1] = match.place[1 - side] if tables.odd[0] > 1 else 0


@rule
def act(tables, match, side, bot, actions):
    actions[0] = 0
    if tables.odd[0] == 1:  # peeking: it steps as the other's square says, which its side does not see
        actions[0] = int(match.place[1 - side]) % 2
    if tables.odd[0] == 2:
        match.place[side] -= 1


@dataclass(frozen=True)
class Options:
    """The race's length, and what is odd about it."""

    length: int = 2
    odd: str = "blind"


def prepare(arena: Arena, options: Options) -> Game:
    """The race of two decisions."""
    game = example.prepare(arena, example.Options(options.length))
    tables = Tables(*game.tables, odd=np.array([ODDITIES.index(options.odd)], np.int32))
    return replace(game, options=vars(options), tables=tables, tick_limit=2)


ARENA = replace(
    example.ARENA,
    name="odd-race",
    rules=example.ARENA.rules._replace(step=step, observe=observe, act=act, mirror=None),
    options=Options,
    prepare=prepare,
    module=__name__,
)
