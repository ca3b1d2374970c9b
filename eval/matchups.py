"""Character against character (fight), in the matches of trained members, in two ways.

One policy playing both sides says little of a matchup: it may have learned one character later than the other, or have
answers that only fit itself. So a chart is played by many: by all members alike on both sides, or by those that each
side would pick, at the equilibrium of the members' payoffs in this matchup. Picked ones show what a character is worth
in the hands of who plays it best; with few members that is one of them, and the chart is as steep as their differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..agents.policy import Policy
from ..agents.registry import mixture
from ..arenas.arena import Game
from ..league.play import derive_seed, play_keys
from ..league.records import GameKey
from ..league.solvers import nash
from .intervals import mean_interval
from .ladder import against, characters
from .playing import Played, unit_seeds

SIDE_BY_SIDE = 512
"""Matches played at once."""


@dataclass(frozen=True)
class Meeting:
    """Row's score against column: characters or styles."""

    row: str
    column: str
    games: int
    rate: float
    lower: float
    upper: float


def character_chart(
    game: Game,
    members: Sequence[Policy],
    *,
    units: int,
    picked: bool = False,
    screen: int = 24,
    seed: int = 0,
    played: Played | None = None,
) -> tuple[Meeting, ...]:
    """Every meeting of two characters: the row's score when both sides are drawn from `members`, afresh for each game.

    picked: each side draws from the mixture that it would pick in this matchup, found by `screen` games of each member
    with each other; otherwise from all alike. units: fresh games. The row always has side 0: a match and its mirror
    image are the same, so a unit is a single game. The same seeds give the same games, and no store keeps them.
    """
    met = list(combinations(characters(game), 2))
    cells = len(members) ** 2 if picked and len(members) > 1 else 0
    wanted, done, found = len(met) * (cells * screen + units), 0, []
    for row, column in met:
        meeting = against(game, row, column)
        weights = np.full((2, len(members)), 1 / len(members))
        if cells:
            solution = nash(_payoffs(meeting, members, screen, derive_seed(seed, "chart screen", row, column)))
            weights = np.array([solution.row, solution.column])
        sides = [mixture(members, w.tolist(), f"{who} mixture") for who, w in zip((row, column), weights, strict=True)]
        seeds = unit_seeds(seed, "chart", units, row, column)
        interval = mean_interval((_outcomes(meeting, sides[0], sides[1], seeds) + 1) / 2)
        found.append(Meeting(row, column, units, interval.estimate, interval.lower, interval.upper))
        done += cells * screen + units
        if played is not None:
            played(done, wanted)
    return tuple(found)


def _payoffs(meeting: Game, members: Sequence[Policy], screen: int, seed: int) -> np.ndarray:
    """Mean outcome [members, members] of each member in seat 0 with each in seat 1, on games of their own."""
    policies = {member.policy_hash: member for member in members}
    keys, cells = [], {}
    for i, row in enumerate(members):
        for j, column in enumerate(members):
            for one in unit_seeds(seed, "cell", screen, i, j):
                keys.append(GameKey(row.policy_hash, column.policy_hash, one, 0))
                cells[one] = (i, j)
    total = np.zeros((len(members), len(members)))
    for records in play_keys(meeting, policies, keys, matches=SIDE_BY_SIDE):
        for record in records:
            total[cells[record.key.seed]] += record.outcome
    return total / screen


def _outcomes(meeting: Game, first: Policy, second: Policy, seeds: Sequence[int]) -> np.ndarray:
    """The outcome of each seed's game, in the order of the seeds.

    Games that end early come first, and bounds by betting read scores in order: in the order of their ends the quick
    wins would count for more.
    """
    keys = [GameKey(first.policy_hash, second.policy_hash, one, 0) for one in seeds]
    policies = {policy.policy_hash: policy for policy in (first, second)}
    finished = play_keys(meeting, policies, keys, matches=SIDE_BY_SIDE)
    outcomes = {record.key.seed: record.outcome for records in finished for record in records}
    return np.array([outcomes[one] for one in seeds], np.float64)
