"""Matrix games: one choice each, at the same time, and a table that says who pays whom how much.

An entry is what the player of the rows wins and the player of the columns loses. The option `game` names a matrix of
`matrices.py`, or a CSV or TOML file of one's own.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Rules, Slot, match_dtype
from ..compile import rule
from ..dice import seat
from .common import no_tape, settle
from .matrices import choice_names, load, whole


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    payoff: np.ndarray  # int32 [rows, columns], to the player of the rows, times the unit
    facts: np.ndarray  # int32 [2]: unit (1, or the power of ten that makes all entries whole), whether it is symmetric


@rule
def reset(tables, match):
    match.row = -1
    match.column = -1


@rule
def step(tables, match, actions):
    rows = seat(match, 0)  # the side that chooses the row
    match.row = actions[rows, 0]
    match.column = actions[1 - rows, 0]
    won = int(tables.payoff[match.row, match.column])
    settle(match, rows if won > 0 else 1 - rows, abs(won))


@rule
def legal(tables, match, side, mask):
    for choice in range(tables.payoff.shape[seat(match, side)]):
        mask[0, choice] = 1


@rule
def observe(tables, match, side, out):
    column = tables.facts[1] == 0 and seat(match, side) == 1
    out[0] = not column
    out[1] = column


@rule
def mirror(tables, match):
    """Who chooses the row is the seat's affair: nothing else belongs to a side."""


@dataclass(frozen=True)
class Options:
    """Options of a matrix game."""

    game: str = "rock-paper-scissors"  # a known matrix, or a path to a .csv or .toml file


def prepare(arena: Arena, options: Options) -> Game:
    """The game with this matrix."""
    matrix = load(options.game)
    payoff, unit = whole(options.game, matrix)
    symmetric = payoff.shape[0] == payoff.shape[1] and bool((payoff == -payoff.T).all())
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape(), payoff=payoff, facts=np.array([unit, symmetric], np.int32)),
        state=match_dtype([("row", np.int16), ("column", np.int16)], slots=1, setup=0),
        observation=ObsSpec((Block("seat", 2, 1.0, "chooses a row, a column; a row for both if roles are equal"),)),
        action=ActionSpec((Slot("choice", choice_names(matrix)),)),
        setup=(),
        symmetric=symmetric,
        tick_limit=1,
        utility="score",
        score_scale=0.5 / unit,  # a side's winnings are half the difference of the two scores
        utility_bound=float(np.abs(payoff).max()) / unit or 1.0,  # where nothing can be won, any bound holds
        perfect_information=True,
        chance=False,
    )


def describe(game: Game, match) -> str:
    """What was chosen."""
    rows, columns = game.tables.payoff.shape
    if match.row < 0:
        return f"{rows} rows against {columns} columns, nothing chosen yet"
    names = game.action.slots[0].choices
    return f"{names[match.row]} against {names[match.column]}"


ARENA = Arena(
    name="classic/matrix",
    version=1,
    title="Matrix games",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
