"""Ratings that know draws: Davidson's model, in which equals draw more often than the unequal.

Its strengths are on another scale than Bradley–Terry's with draws as half wins (each point of strength is worth less
where games are drawn), so expected scores are what may be compared and published, not strengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ..league.payoff import PayoffTable
from .ratings import ELO_PER_LOGIT, RatingError, Results, bradley_terry

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Davidson:
    """A fit: strengths `elo [n]` with mean 0 and `standard_error [n]` against that mean (games taken as independent).

    `drawishness` is ν: two equal members draw a share ν / (2 + ν) of their games.
    """

    names: tuple[str, ...]
    elo: Array
    standard_error: Array
    drawishness: float

    def probabilities(self) -> tuple[Array, Array]:
        """The chance that i beats j, and that they draw: `[n, n]` each."""
        return _probabilities(self.elo / ELO_PER_LOGIT, np.log(self.drawishness))

    def expected(self) -> Array:
        """The expected score of i against j, a draw being half: `[n, n]`."""
        win, draw = self.probabilities()
        return win + draw / 2


def davidson(names: Sequence[str], wins: ArrayLike, draws: ArrayLike) -> Davidson:
    """Maximum likelihood of P(i beats j) = π_i / (π_i + π_j + ν √(π_i π_j)), P(draw) = ν √(π_i π_j) / (the same).

    Davidson, "On extending the Bradley–Terry model to accommodate ties in paired comparison experiments" (1970).
    wins: games i won against j, `[n, n]`; draws: games i and j drew, `[n, n]`, symmetric.
    """
    won, drawn = np.asarray(wins, dtype=np.float64), np.asarray(draws, dtype=np.float64)
    n = len(names)
    if won.shape != (n, n) or drawn.shape != (n, n) or not np.array_equal(drawn, drawn.T):
        raise RatingError(f"wins and draws are {n} by {n}, draws symmetric: got shapes {won.shape} and {drawn.shape}")
    games = won + won.T + drawn
    total_draws = drawn.sum() / 2
    if not 0 < total_draws < games.sum() / 2:
        raise RatingError(
            f"Davidson's model needs some draws and some decisive games: got {total_draws:.0f} draws in "
            f"{games.sum() / 2:.0f} games; use bradley_terry"
        )
    points = won + drawn / 2
    squares = won + drawn / 4
    # Bradley–Terry refuses groups that never met and finds who always wins: such strengths are infinite here too.
    start = bradley_terry(Results(tuple(names), games, points, squares))
    if start.regularised:
        raise RatingError(
            f"infinite strengths: {', '.join(start.separated)} took every point or none; use bradley_terry"
        )
    share = total_draws / (games.sum() / 2)
    theta = np.append(start.elo / ELO_PER_LOGIT, np.log(2 * share / (1 - share)))
    best = _log_likelihood(theta, won, drawn)
    for _ in range(100):
        gradient, hessian = _derivatives(theta, games, points, drawn)
        step: Array = np.linalg.solve(hessian, gradient).astype(np.float64)
        if np.abs(step).max() < 1e-11:
            break
        while (found := _log_likelihood(theta + step, won, drawn)) < best - 1e-9 and np.abs(step).max() > 1e-11:
            step /= 2
        theta, best = theta + step, max(found, best)
    else:
        raise RatingError("Davidson's model did not settle in 100 Newton steps")
    # The direction in which all strengths move together was given curvature 1 (see `_derivatives`); taken out again.
    covariance = np.linalg.inv(_derivatives(theta, games, points, drawn)[1])[:n, :n] - 1 / n
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0)) * ELO_PER_LOGIT
    logits = theta[:n] - theta[:n].mean()
    return Davidson(tuple(names), logits * ELO_PER_LOGIT, error, float(np.exp(theta[n])))


def davidson_from_payoff(table: PayoffTable) -> Davidson:
    """From a symmetric payoff table, every game for itself."""
    if not table.symmetric:
        raise RatingError("ratings need one population whose members all meet: this payoff table has two")
    return davidson(table.rows, table.cells["wins"], table.cells["draws"])


def _probabilities(logits: Array, log_nu: float) -> tuple[Array, Array]:
    gap = (logits[:, None] - logits[None, :]) / 2
    scale = special.logsumexp(np.stack([gap, -gap, np.full(gap.shape, log_nu)]), axis=0)
    return np.exp(gap - scale), np.exp(log_nu - scale)


def _log_likelihood(theta: Array, won: Array, drawn: Array) -> float:
    win, draw = _probabilities(theta[:-1], theta[-1])
    return float((won * np.log(win)).sum() + (drawn * np.log(draw)).sum() / 2)


def _derivatives(theta: Array, games: Array, points: Array, drawn: Array) -> tuple[Array, Array]:
    """Gradient of the log-likelihood and minus its Hessian in (logits, log ν): a multinomial logit, hence concave."""
    n = len(games)
    win, draw = _probabilities(theta[:n], theta[n])
    score = win + draw / 2
    gradient = np.append((points - games * score).sum(axis=1), (drawn - games * draw).sum() / 2)
    weight = games * (win + draw / 4 - score**2)
    cross = (games * draw * (0.5 - score)).sum(axis=1)
    hessian = np.zeros((n + 1, n + 1))
    hessian[:n, :n] = np.diag(weight.sum(axis=1)) - weight + 1 / n
    hessian[:n, n] = hessian[n, :n] = cross
    hessian[n, n] = (games * draw * (1 - draw)).sum() / 2
    return gradient, hessian
