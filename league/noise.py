"""What the noise of a payoff table does to a mixture: posterior draws, their average, and where more games would help.

A mixture solved from measured payoffs treats chance as skill: of equal members it singles out a lucky few, however many
there are. Here the table is taken for what it is, a mean and an uncertainty a cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .payoff import PayoffTable
from .solvers import MetaSolution, logit

Array = NDArray[np.float64]
Mixtures = tuple[Array, Array]
"""The row side's mixture [m] and the column side's [n]."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the payoffs: mean utility of the row [m, n], its posterior standard deviation, and win rates.

    errors: the plain standard errors, for reading; all are 0 where payoffs were computed. win_rate: None there.
    """

    mean: Array
    errors: Array
    deviation: Array
    win_rate: Array | None
    symmetric: bool

    @classmethod
    def of(cls, table: PayoffTable) -> Evidence:
        """From games."""
        return cls(table.mean(), table.standard_error(), posterior_deviation(table), table.win_rate(), table.symmetric)

    @classmethod
    def exact(cls, payoff: Array, *, symmetric: bool) -> Evidence:
        """From payoffs that were computed."""
        nothing = np.zeros_like(payoff)
        return cls(payoff, nothing, nothing, None, symmetric)

    @property
    def temperature(self) -> float:
        """The noise of a cell, as a temperature for `logit`: root mean square of the posterior deviations."""
        cells = self.deviation[~np.eye(len(self.deviation), dtype=bool)] if self.symmetric else self.deviation
        return float(np.sqrt((cells**2).mean())) if cells.size else 0.0


def posterior_deviation(table: PayoffTable) -> Array:
    """How uncertain each cell's mean is [m, n]: its standard error, with two imagined pairs of the table's spread.

    A few pairs that happen to agree are no certainty; the spread of all cells says what pairs of this game are like.
    """
    pairs = table.cells["pairs"].astype(np.float64)
    mean = np.where(pairs > 0, table.cells["utility"] / np.maximum(table.cells["games"], 1), 0.0)
    spread = np.maximum(table.cells["pair_squares"] - pairs * mean**2, 0.0)
    counted = ~np.eye(len(pairs), dtype=bool) if table.symmetric else np.ones_like(pairs, dtype=bool)
    pooled = spread[counted].sum() / max(float((pairs[counted] - 1).clip(0).sum()), 1.0)
    counts = np.where(pairs > 0, pairs, np.nan)
    found = np.sqrt((spread + 2 * pooled) / (counts + 1) / counts)
    if table.symmetric:
        np.fill_diagonal(found, 0.0)
    return found


def draws(evidence: Evidence, samples: int, rng: np.random.Generator) -> Array:
    """Payoff matrices that the games allow, [samples, m, n]: each cell normal about its mean, symmetry kept."""
    noise = rng.standard_normal((samples, *evidence.mean.shape)) * evidence.deviation
    if evidence.symmetric:
        upper = np.triu(noise, 1)
        noise = upper - upper.transpose(0, 2, 1)
    return evidence.mean + noise


def averaged(solver: Callable[[Array], MetaSolution], matrices: Array) -> tuple[Mixtures, tuple[Array, Array]]:
    """A solver's mixtures averaged over payoff matrices [samples, m, n]; each draw's ([samples, m], [samples, n])."""
    found = [solver(matrix) for matrix in matrices]
    rows, columns = np.stack([one.row for one in found]), np.stack([one.column for one in found])
    return (rows.mean(axis=0), columns.mean(axis=0)), (rows, columns)


def tempered(evidence: Evidence, temperature: float = 0.0) -> Mixtures:
    """The logit equilibrium of the mean payoffs; temperature 0: that of their noise."""
    found = logit(evidence.mean, temperature or evidence.temperature)
    if evidence.symmetric:
        mixture = (found.row + found.column) / 2
        return mixture, mixture
    return found.row, found.column


def sensitivity(matrices: Array, mixtures: tuple[Array, Array]) -> Array:
    """How far the mixtures move, in total variation, as each cell moves by its own uncertainty: [m, n].

    The slope of every weight on every cell over the draws, by one regression a cell, times the cell's deviation: the
    covariance divided by the deviation.
    """
    centred = matrices - matrices.mean(axis=0)
    deviation = centred.std(axis=0)
    moved = np.zeros(deviation.shape)
    for mixture in mixtures:
        weights = mixture - mixture.mean(axis=0)
        covariance = np.einsum("sk,sij->kij", weights, centred) / len(matrices)
        moved += np.abs(covariance).sum(axis=0) / 2
    return np.divide(moved, deviation, out=np.zeros_like(moved), where=deviation > 0)


def where_to_play(moved: Array, pairs: NDArray[np.int64], extra: int, *, symmetric: bool) -> NDArray[np.int64]:
    """How many of `extra` pairs each cell [m, n] should get, a whole number each; cells of a symmetric table once.

    Playing k more of n pairs shrinks a cell's deviation by √(n / (n + k)): each of ten parts goes to the cell where
    that takes most off the movement of the mixture.
    """
    given, have = np.zeros(pairs.shape, np.int64), pairs.astype(np.float64)
    open_ = np.triu(np.ones_like(moved), 1) if symmetric else np.ones_like(moved)
    parts = np.diff(np.linspace(0, extra, min(10, extra) + 1).astype(np.int64))
    for part in parts.tolist():
        shrunk = moved * np.sqrt(pairs / np.maximum(have, 1))
        gain = open_ * shrunk * (1 - np.sqrt(have / (have + part)))
        if gain.max() <= 0:
            break
        at = np.unravel_index(int(gain.argmax()), gain.shape)
        given[at] += part
        have[at] += part
    return given
