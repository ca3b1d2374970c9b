"""Seats of a batch as policies may use them: copies of their matches, imagined, and what a bot would do."""

from collections.abc import Callable

import numpy as np

from .arena import Game, Outcome
from .batch import Batch


def bytes_of(batch: Batch) -> np.ndarray:
    """The records of a batch as bytes, uint8 [B, size]: numpy copies records field by field, 40 times slower."""
    return batch.state.view(np.ndarray).view(np.uint8).reshape(len(batch), -1)


class Seats:
    """N seats of a batch, none twice. matches, sides: which, int [N].

    Whoever has the batch makes it. Records get out only forked, so that search knows what its side knows.
    """

    def __init__(self, batch: Batch, matches: np.ndarray, sides: np.ndarray):
        self._batch, self._matches, self.sides = batch, np.asarray(matches), np.asarray(sides)

    @property
    def game(self) -> Game:
        """The game that is played."""
        return self._batch.game

    @property
    def refine(self) -> Callable[..., np.ndarray] | None:
        """What earlier slots leave to later ones, as policies take it."""
        return self._batch.refiner(self._matches, self.sides)

    def bot_choices(self, bot: str) -> np.ndarray:
        """What a bot chooses for the seats at this decision, int16 [N, K]; see `Batch.bot_choices`."""
        return self._batch.bot_choices(self._matches, self.sides, bot)

    def imagine(self, rows: np.ndarray, seeds: np.ndarray, into: Batch) -> None:
        """Puts matches that seats may imagine into the first matches of another batch; its others stand ended.

        rows: whose, int [n], at most one for each match of `into`; a seat may come as often as it likes. seeds: of the
        chance of each and of what it imagines, int64 [n].
        """
        n = len(rows)
        bytes_of(into)[:n] = bytes_of(self._batch)[self._matches[rows]]
        into.state.outcome[n:] = Outcome.DRAW
        for side in range(self.game.sides):
            mine = np.flatnonzero(self.sides[rows] == side)
            if len(mine):
                into.fork(mine, side, seeds[mine])
