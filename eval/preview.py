"""The team preview as a matrix game: two teams and who plays them are fixed, and each side only picks whom to bring.

Every cell of the matrix is a pair of picks, played in sampled games; the matrix is solved as the zero-sum game that it
is (von Neumann and Morgenstern, 1944). What the players would have picked themselves is not asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.lineup import Lineup
from ..agents.policy import Policy
from ..arenas.arena import Game
from ..arenas.batch import Batch
from ..arenas.battle.choices import SWITCH
from ..league.play import derive_seed
from ..league.solvers import MetaSolution, nash
from .intervals import Interval, mean_interval
from .playing import EvaluationError

Pick = tuple[int, ...]
"""Numbers on the team sheet from 0, those who lead first."""
ARENA = "battle"
ROWS = 4096
RESAMPLES = 100


@dataclass(frozen=True)
class Preview:
    """What was measured. outcome: of each cell's games for the row side (+1, 0, −1), int8 [m, n, games].

    solution: the equilibrium of the mean outcomes. lower, upper: where the value of 95 % of the matrices lay whose
    cells were drawn again from their own games (percentile bootstrap): how much the sampling of games moves it.
    """

    picks: tuple[Pick, ...]
    outcome: NDArray[np.int8]
    solution: MetaSolution
    lower: float
    upper: float

    @property
    def payoff(self) -> NDArray[np.float64]:
        """Mean outcome by cell, [m, n]."""
        return self.outcome.mean(axis=2, dtype=np.float64)

    def cell(self, row: int, column: int) -> Interval:
        """One cell's mean outcome with its own 95 % interval."""
        return mean_interval(self.outcome[row, column], -1.0, 1.0)


def all_picks(game: Game) -> tuple[Pick, ...]:
    """Every way to bring Pokemon that differs in play: who leads (in no order), and who else comes (in none)."""
    width, bring, lead_only = (int(x) for x in game.tables.book[0].options[:3])
    led = [(lead, [k for k in range(6) if k not in lead]) for lead in combinations(range(6), width)]
    if lead_only:
        return tuple(lead for lead, _ in led)
    return tuple(lead + back for lead, rest in led for back in combinations(rest, bring - width))


def preview_matrix(
    game: Game,
    row: Policy,
    column: Policy,
    teams: tuple[int, int] = (0, 0),
    *,
    games: int = 16,
    seed: int = 0,
    played: Callable[[int, int], Any] | None = None,
    threads: int | None = None,
) -> Preview:
    """Plays `games` games of every pair of picks and solves the matrix.

    row, column: who plays on from the picks, the row's team on the first side. teams: numbers in the game's pool. Cell
    by cell the games have seeds of their own. played: told (games finished, games wanted).
    """
    if game.arena.name != ARENA:
        raise EvaluationError(f"{game.arena.name} has no team preview: expected {ARENA}")
    if games < 2:
        raise EvaluationError(f"games = {games}: expected 2 or more, for intervals")
    picks = all_picks(game)
    size, total = len(picks), len(picks) ** 2 * games
    cells = np.arange(total) // games
    seeds = np.random.default_rng(derive_seed(seed, "preview")).integers(0, 2**62, total)
    outcome = np.zeros(total, np.int8)
    for begin in range(0, total, ROWS):
        part = slice(begin, begin + ROWS)
        chosen = np.array(picks)[np.stack([cells[part] // size, cells[part] % size], 1)]  # [B, 2, brought]
        outcome[part] = _play(game, (row, column), teams, chosen, seeds[part], derive_seed(seed, begin), threads)
        if played:
            played(min(begin + ROWS, total), total)
    table = outcome.reshape(size, size, games)
    rng = np.random.default_rng(derive_seed(seed, "bootstrap"))
    values = [nash(_again(table, rng)).value for _ in range(RESAMPLES)]
    low, high = np.quantile(values, [0.025, 0.975])
    return Preview(picks, table, nash(table.mean(axis=2, dtype=np.float64)), float(low), float(high))


def _again(table: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.float64]:
    """Mean outcomes of games drawn with repetition, cell by cell."""
    drawn = rng.integers(0, table.shape[2], table.shape)
    return np.take_along_axis(table, drawn, axis=2).mean(axis=2, dtype=np.float64)


def _play(
    game: Game,
    players: tuple[Policy, Policy],
    teams: tuple[int, int],
    chosen: NDArray[np.int64],
    seeds: NDArray[np.int64],
    chance: int,
    threads: int | None,
) -> NDArray[np.int8]:
    """One game for each pair of picks, [B, 2, brought]: outcomes for the first side, int8 [B]."""
    batch = Batch(game, len(seeds), auto_reset=False, threads=threads)
    batch.reset(seeds=seeds, setup=np.tile(np.array(teams, np.int32), (len(seeds), 1)))
    b, s, k = batch.actions.shape
    for first in range(0, chosen.shape[2], k):
        batch.step(SWITCH + chosen[:, :, first : first + k])
    if batch.illegal.any():
        raise EvaluationError(f"{int(batch.illegal.sum())} picks were illegal")
    rng = np.random.default_rng(chance)
    seats = [Lineup(batch, np.arange(b) * s + side, player, rng) for side, player in enumerate(players)]
    while not batch.done.all():
        actions = np.zeros((b * s, k), np.int16)
        for seat in seats:
            seat.act(batch.observations.reshape(b * s, -1), batch.masks.reshape(b * s, k, -1), actions)
        batch.step(actions.reshape(b, s, k))
    return np.sign(batch.utility[:, 0]).astype(np.int8)
