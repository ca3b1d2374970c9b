"""What a run records: games by name, who played them, and how they ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Reason(StrEnum):
    """How a game ended. A forfeit counts like any loss and is never dropped."""

    NORMAL = "normal"
    CRASH = "forfeit-crash"
    TIMEOUT = "forfeit-timeout"
    ILLEGAL = "forfeit-illegal"
    MEMORY = "forfeit-memory"
    BOTH = "forfeit-both"  # both sides at one decision: a draw that counts as a forfeit of each


class GameKey(NamedTuple):
    """What makes a game itself: two members by content hash, the setup's seed, and the seat `row` takes (0 or 1)."""

    row: str
    column: str
    seed: int
    seat: int

    def swapped(self) -> GameKey:
        """The same game named from the other member's side."""
        return GameKey(self.column, self.row, self.seed, 1 - self.seat)


@dataclass(frozen=True, slots=True)
class GameRecord:
    """One finished game, seen by `key.row`.

    `outcome` is +1, 0 or −1; `ticks` are the arena's own and `decisions` the policy calls of one side; `trajectory` is
    the hash of what happened without its seed, by which copies are counted; `created` is in Unix seconds.
    """

    key: GameKey
    outcome: int
    utility: float
    ticks: int
    decisions: int
    trajectory: str
    reason: Reason = Reason.NORMAL
    created: float | None = None

    def __post_init__(self) -> None:
        if self.key.seat not in (0, 1) or not 0 <= self.key.seed < 1 << 64:
            raise ValueError(f"a game has a seat of 0 or 1 and an unsigned 64-bit seed: got {self.key}")
        if self.outcome not in (-1, 0, 1) or not math.isfinite(self.utility):
            raise ValueError(f"{self.key} has outcome {self.outcome} (expected 1, 0, -1) and utility {self.utility}")

    def swapped(self) -> GameRecord:
        """The same game seen by the other member."""
        return replace(self, key=self.key.swapped(), outcome=-self.outcome, utility=-self.utility)


@dataclass(frozen=True)
class Member:
    """One policy of the league: `hash` identifies its content, `path` is where it lies relative to the run.

    `population` is 0, or 1 for the column population of a league with two.
    """

    name: str
    kind: str
    role: str
    hash: str
    iteration: int = 0
    parent: str | None = None
    path: str | None = None
    added_at: float | None = None
    population: int = 0


class Pairs(NamedTuple):
    """All complete pairs between two members, in the order of their seeds, seen by the row member."""

    seeds: NDArray[np.uint64]  # [P]
    utility: NDArray[np.float64]  # [P, games of a pair]
    outcome: NDArray[np.int8]  # [P, games of a pair]
    distinct: int  # how many of the P pairs differ in what happened


def canonical(key: GameKey) -> GameKey:
    """Of a game's two names the one that is stored: the smaller hash first."""
    return key if key.row <= key.column else key.swapped()
