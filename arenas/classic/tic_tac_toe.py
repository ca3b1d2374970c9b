"""Tic-tac-toe: three in a row on nine cells. A draw if nobody errs.

In turn a side marks an empty cell. Three of its own marks in a row, column or diagonal win; a full board is a draw.
"""

from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype
from ..compile import rule
from ..dice import seat
from .common import NoOptions, no_tape, settle

WAIT = 0  # then the nine cells
CELLS = ("top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right")
#  0 1 2
#  3 4 5
#  6 7 8
LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    lines: np.ndarray  # int8 [8, 3]: the cells of each row, column and diagonal


@rule
def reset(tables, match):
    match.turn = seat(match, 0)


@rule
def step(tables, match, actions):
    side = int(match.turn)
    match.cell[int(actions[side, 0]) - 1] = mark(match, side)
    match.marks += 1
    match.turn = 1 - side
    if three_in_a_row(tables, match, mark(match, side)):
        settle(match, side, 1)
    elif match.marks == 9:
        settle(match, side, 0)


@rule
def mark(match, side):
    """X for who began, O for the other, whichever side that is."""
    return 1 + seat(match, side)


@rule
def three_in_a_row(tables, match, own):
    for line in range(tables.lines.shape[0]):
        count = 0
        for j in range(3):
            count += int(match.cell[tables.lines[line, j]] == own)
        if count == 3:
            return True
    return False


@rule
def legal(tables, match, side, mask):
    if match.turn != side or match.outcome != Outcome.RUNNING:
        mask[0, WAIT] = 1
        return
    for cell in range(9):
        mask[0, cell + 1] = match.cell[cell] == 0


@rule
def observe(tables, match, side, out):
    out[0] = match.turn == side
    for cell in range(9):
        out[1 + cell] = match.cell[cell] == mark(match, side)
        out[10 + cell] = match.cell[cell] == mark(match, 1 - side)


@rule
def mirror(tables, match):
    match.turn = 1 - int(match.turn)


def prepare(arena: Arena, options: NoOptions) -> Game:
    """The game."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape(), lines=np.array(LINES, np.int8)),
        state=match_dtype(
            [
                ("cell", np.int8, (9,)),  # 0 empty, 1 X, 2 O
                ("marks", np.int8),  # cells marked
                ("turn", np.int8),  # the side to move
            ],
            slots=1,
            setup=0,
        ),
        observation=ObsSpec(
            (
                Block("to move", 1),
                Block("own marks", 9, 1.0, "row by row from the top left"),
                Block("other's marks", 9, 1.0, "the same"),
            )
        ),
        action=ActionSpec((Slot("cell", ("wait", *CELLS)),)),
        setup=(),
        symmetric=False,
        tick_limit=9,
        simultaneous=False,
        perfect_information=True,
        chance=False,
    )


def describe(game: Game, match) -> str:
    """The board."""
    rows = [" ".join(".XO"[mark] for mark in match.cell[3 * row : 3 * row + 3]) for row in range(3)]
    return "\n".join([*rows, f"side {match.turn} to move"])


ARENA = Arena(
    name="classic/tic-tac-toe",
    version=1,
    title="Tic-tac-toe",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=NoOptions,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
