"""What decisions are spent on, counted from the matches of a batch: pokes, throws, projectiles, reversals ...

`control.purpose` notes in the record what each move was begun for; `strikes.py` notes escapes from throws. Here that is
read off after every decision, and how rounds ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..batch import Batch
from .state import Event

COUNTED = tuple(event for event in Event if event != Event.NONE)


@dataclass(frozen=True)
class Rounds:
    """How the rounds of finished matches ended. `matches` counts those matches."""

    matches: int
    rounds: int
    by_time: int

    @property
    def time_share(self) -> float:
        """Share of rounds decided when the clock ran out; 0 where none was played."""
        return self.by_time / max(self.rounds, 1)


class EventCounter:
    """Counts what the fighters of a batch set out to do: call `update` after every `batch.step`.

    counts int64 [B, 2, Event]: by match row, side and purpose. A decision of more than one tick in which a side begins
    two moves counts the later one; what is begun in a match's last decision is gone with its record.
    """

    def __init__(self, batch: Batch):
        self.batch = batch
        self.counts = np.zeros((len(batch), 2, len(Event)), np.int64)
        self.decisions = np.zeros(len(batch), np.int64)  # of each side
        self._matches = self._rounds = self._by_time = 0
        self._remember()

    def _remember(self) -> None:
        state = self.batch.state
        self._tick, self._event = state.fighter.event_tick.copy(), state.fighter.event.copy()
        self._before = state.rounds.astype(np.int64), state.by_time.astype(np.int64)

    def update(self, where: NDArray[np.bool_] | None = None) -> None:
        """Takes in the decision just played. where: bool [B], the rows that count; without it, all."""
        batch, fighter = self.batch, self.batch.state.fighter
        counted = np.ones(len(batch), np.bool_) if where is None else where
        self.decisions[counted] += 1
        begun = (fighter.event_tick != self._tick) | (fighter.event != self._event)
        begun &= (fighter.event != Event.NONE) & (counted & ~batch.done)[:, None]
        rows, sides = np.nonzero(begun)
        self.counts[rows, sides, fighter.event[rows, sides]] += 1
        ended = batch.done & counted
        if ended.any():
            self._matches += int(ended.sum())
            self._rounds += int(self._before[0][ended].sum()) + int(ended.sum())
            self._by_time += int(self._before[1][ended].sum()) + int(self._both_stand(ended).sum())
        self._remember()

    def _both_stand(self, ended: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of the matches that ended, [n]: whether both had health left, so that the clock ended the last round."""
        seen = self.batch.game.observation.split(self.batch.final_observations[ended, 0])
        return (seen["own health"][:, 0] > 0) & (seen["other health"][:, 0] > 0)

    def rounds(self) -> Rounds:
        """How the rounds of the matches that ended were decided."""
        return Rounds(self._matches, self._rounds, self._by_time)

    def shares(self, sides: Sequence[int] = (0, 1)) -> dict[str, float]:
        """Share of all that was counted, by purpose; they sum to 1, or are all 0. sides: whose."""
        total = self.counts[:, list(sides)].sum(axis=(0, 1))
        return {event.name.lower(): float(total[event] / max(total.sum(), 1)) for event in COUNTED}

    def per_thousand(self, sides: Sequence[int] = (0, 1)) -> dict[str, float]:
        """Counts in a thousand decisions of a side, by purpose."""
        total = self.counts[:, list(sides)].sum(axis=(0, 1))
        made = max(len(sides) * int(self.decisions.sum()), 1)
        return {event.name.lower(): 1000 * float(total[event]) / made for event in COUNTED}
