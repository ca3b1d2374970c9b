"""What the classic games share: tables with nothing in them, no options, and how a match between two is settled."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arena import Outcome
from ..compile import rule


class Tables(NamedTuple):
    """Read-only arrays shared by all matches, of a game that needs none: the dice tape alone."""

    tape: np.ndarray  # int32 [rows, values]


def no_tape() -> np.ndarray:
    """The tape of normal play: int32 [1, 0]."""
    return np.zeros((1, 0), np.int32)


@dataclass(frozen=True)
class NoOptions:
    """The options of a game that has none."""


@rule
def settle(match, winner, amount):
    """Ends the match: `winner` takes `amount` from the other side. With nothing to take it is a draw."""
    match.score[winner] = amount
    match.score[1 - winner] = -amount
    if amount == 0:
        match.outcome = Outcome.DRAW
    else:
        match.outcome = Outcome.FIRST if winner == 0 else Outcome.SECOND


@rule
def exchange(pair):
    """Swaps what belongs to side 0 and to side 1: the one step of every mirror image."""
    pair[0], pair[1] = int(pair[1]), int(pair[0])
