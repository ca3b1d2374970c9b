"""How far a payoff is from a ladder: its cyclic share, the cycles that are surely there, the size of Nash support.

Noise looks cyclic: eleven equal agents show a cyclic share of 0.9. So the share comes with what noise alone would show,
a cycle counts only when every edge of it is significant, and a support comes with its spread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from ..league.solvers import solve_symmetric
from .ratings import Ratings, Results

Array = NDArray[np.float64]
Scale = Literal["logit", "rate"]

# Mixture weights below this are a solver's round-off, not support.
SUPPORT_THRESHOLD = 1e-4


@dataclass(frozen=True)
class CyclicShare:
    """‖cyclic part‖ / ‖payoff‖ of the observed payoff, and what it is worth.

    `null_mean`, `null_lower` and `null_upper` (95 %) are what the share would be if the fitted ladder were the truth
    and all cyclic part noise; `p_value` is how often noise is as cyclic as what was observed. `debiased` has the
    expected noise taken out of both norms, and is NaN where the payoff as a whole does not stand out from noise.
    """

    share: float
    debiased: float
    null_mean: float
    null_lower: float
    null_upper: float
    p_value: float
    scale: Scale
    resamples: int


@dataclass(frozen=True)
class Cycle:
    """`members[0]` beats `members[1]` beats `members[2]` beats `members[0]`.

    `scores` are the three winners' mean scores in that order; `p_value` is the weakest edge's, adjusted for all edges.
    """

    members: tuple[str, str, str]
    scores: tuple[float, float, float]
    p_value: float

    @classmethod
    def from_values(cls, saved: Mapping[str, Any]) -> Cycle:
        """From its JSON values."""
        return cls(tuple(saved["members"]), tuple(saved["scores"]), saved["p_value"])


@dataclass(frozen=True)
class NashSupport:
    """The Nash mixture of the measured payoff `[n]`, and its spread over payoffs that the games leave possible.

    `sizes [resamples]` are the numbers of members with weight; `presence [n]` is how often each has weight; `lower`
    and `upper` `[n]` hold the middle 95 % of each weight.
    """

    names: tuple[str, ...]
    mixture: Array
    size: int
    sizes: NDArray[np.int64]
    mean: Array
    lower: Array
    upper: Array
    presence: Array


def decompose(payoff: Array) -> tuple[Array, Array, Array]:
    """Split a skew-symmetric payoff `[n, n]` into a rating difference and the rest: `(ratings [n], ladder, cyclic)`.

    The Hodge decomposition of Jiang et al., "Statistical ranking and combinatorial Hodge theory" (2011), with all
    played edges weighing the same: `ladder[i, j] = ratings[i] − ratings[j]` is the nearest gradient in least squares,
    on a complete payoff with ratings = row means (the form of Balduzzi et al., "Re-evaluating Evaluation", 2018,
    section 3); `cyclic` is what is left, orthogonal to it. NaN cells are unplayed and stay NaN.
    """
    played = np.isfinite(payoff) & ~np.eye(len(payoff), dtype=bool)
    laplacian = np.diag(played.sum(axis=1)) - played.astype(float)
    ratings = np.linalg.pinv(laplacian, hermitian=True) @ np.where(played, payoff, 0.0).sum(axis=1)
    ladder = ratings[:, None] - ratings[None, :]
    return ratings, ladder, payoff - ladder


def multidimensional_elo(payoff: Array, cycles: int = 1) -> tuple[Array, Array]:
    """mElo_2k of a complete skew-symmetric payoff of log odds `[n, n]`: `(ratings [n], vectors [n, 2k])`.

    Balduzzi et al., "Re-evaluating Evaluation" (2018), section 3: the log odds of i over j are
    `ratings[i] − ratings[j] + vectors[i] Ω vectors[j]`, where Ω has k blocks [[0, 1], [−1, 0]]. Ratings are the row
    means; the vectors come from the k largest blocks of the remainder's Schur form, its nearest of that rank.
    """
    if not np.isfinite(payoff).all():
        raise ValueError("mElo needs everybody to have met everybody: got unplayed cells")
    ratings, _, cyclic = decompose(payoff)
    values, basis = np.linalg.eigh(1j * cyclic)  # i times a skew matrix is Hermitian: its values come in pairs ±σ
    largest = np.argsort(-values, kind="stable")[: min(cycles, len(payoff) // 2)]
    # A vector x + iy of value σ > 0 stands for the plane of √2 x and √2 y, which Ω turns.
    scaled = basis[:, largest] * np.sqrt(2 * np.maximum(values[largest], 0.0))
    vectors = np.stack([np.real(scaled), -np.imag(scaled)], axis=2).reshape(len(payoff), -1)
    return ratings, vectors


def melo_log_odds(ratings: Array, vectors: Array) -> Array:
    """The log odds `[n, n]` that `multidimensional_elo`'s figures stand for."""
    even, odd = vectors[:, 0::2], vectors[:, 1::2]
    return ratings[:, None] - ratings[None, :] + even @ odd.T - odd @ even.T


def cyclic_share(
    results: Results, ratings: Ratings, rng: np.random.Generator, *, scale: Scale = "logit", resamples: int = 500
) -> CyclicShare:
    """The cyclic share of the results, against noise around the ladder that was fitted to them.

    `scale` is what is decomposed: "logit" of the scores (a Bradley–Terry ladder has no cyclic part there; half a win
    and half a loss are added to every cell against infinities) or "rate", the score minus ½. Noise is binomial,
    scaled by the fit's dispersion.
    """
    if results.names != ratings.names:
        raise ValueError("the ratings are of other members than the results")
    games = results.units * results.games_per_unit
    expected = ratings.expected()
    cyclic, ladder = _energies(_scaled(results.rate(), games, scale))
    _, truth = _energies(_scaled(np.where(games > 0, expected, np.nan), games, scale))
    noise = np.array([_energies(_scaled(rate, games, scale)) for rate in _noisy(results, ratings, rng, resamples)])
    shares = np.sqrt(noise[:, 0] / np.maximum(noise[:, 0] + ladder, 1e-300))
    excess = max(cyclic - float(noise[:, 0].mean()), 0.0)
    signal = excess + max(ladder - (float(noise[:, 1].mean()) - truth), 0.0)
    stands_out = signal > 2 * float(noise.sum(axis=1).std())
    return CyclicShare(
        share=float(np.sqrt(cyclic / (cyclic + ladder))) if cyclic + ladder > 0 else 0.0,
        debiased=float(np.sqrt(excess / signal)) if stands_out else float("nan"),
        null_mean=float(shares.mean()),
        null_lower=float(np.quantile(shares, 0.025)),
        null_upper=float(np.quantile(shares, 0.975)),
        p_value=float((1 + (noise[:, 0] >= cyclic).sum()) / (1 + resamples)),
        scale=scale,
        resamples=resamples,
    )


def edge_p_values(results: Results) -> Array:
    """How surely i and j are unequal, `[n, n]`: two-sided, by units, Holm-adjusted over all that met (NaN elsewhere).

    The score test of a mean of ½: the variance is that around ½, with one imagined unit of independent games, so that
    a few equal results are no certainty and nothing is assumed about how the games inside a pair hang together.
    """
    i, j = results.edges()
    units, points, squares = (m[i, j] for m in (results.units, results.points, results.squares))
    spread = squares - points + units / 4 + 0.25 / results.games_per_unit
    statistic = (points / units - 0.5) / np.sqrt(spread / (units + 1) / units)
    p_values = 2 * stats.t.sf(np.abs(statistic), units)
    order = np.argsort(p_values)
    # Holm 1979: the r-th smallest of m times m − r + 1, kept monotone.
    adjusted = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    table = np.full(results.units.shape, np.nan)
    table[i[order], j[order]] = table[j[order], i[order]] = np.minimum(adjusted, 1.0)
    return table


def significant_cycles(results: Results, confidence: float = 0.95) -> list[Cycle]:
    """Every cycle of three whose edges all hold together with `confidence`, the clearest first."""
    p_values, rate = edge_p_values(results), results.rate()
    beats = (p_values < 1 - confidence) & (rate > 0.5)
    cycles = []
    for i, j in np.argwhere(beats):
        for k in np.nonzero(beats[j] & beats[:, i])[0]:
            if i < min(j, k):  # each cycle once, from its first member
                edges = ((i, j), (j, k), (k, i))
                members = (results.names[i], results.names[j], results.names[k])
                scores = (float(rate[i, j]), float(rate[j, k]), float(rate[k, i]))
                cycles.append(Cycle(members, scores, max(float(p_values[edge]) for edge in edges)))
    return sorted(cycles, key=lambda cycle: -min(cycle.scores))


def nash_support(
    results: Results, rng: np.random.Generator, *, solver: str = "nash", resamples: int = 200
) -> NashSupport:
    """The meta-game's Nash mixture with its spread over draws of the payoff from its posterior.

    All members must have met. Among equal members the mixture of one measured payoff is arbitrary, and this spread is
    what shows it.
    """
    mixture = solve_symmetric(solver, 2 * results.rate() - 1).row
    drawn = np.array([solve_symmetric(solver, 2 * rate - 1).row for rate in results.posterior(rng, resamples)])
    held = drawn > SUPPORT_THRESHOLD
    return NashSupport(
        results.names, mixture, int((mixture > SUPPORT_THRESHOLD).sum()), held.sum(axis=1), drawn.mean(axis=0),
        np.quantile(drawn, 0.025, axis=0), np.quantile(drawn, 0.975, axis=0), held.mean(axis=0),
    )  # fmt: skip


def _energies(payoff: Array) -> tuple[float, float]:
    """Squared norms of the cyclic and the ladder part over the played cells."""
    _, ladder, cyclic = decompose(payoff)
    return float(np.nansum(cyclic**2)), float((ladder[np.isfinite(payoff)] ** 2).sum())


def _scaled(rate: Array, games: Array, scale: Scale) -> Array:
    if scale == "rate":
        return rate - 0.5
    if scale == "logit":
        return special.logit((rate * games + 0.5) / (games + 1))
    raise ValueError(f"unknown scale {scale!r}, expected 'logit' or 'rate'")


def _noisy(results: Results, ratings: Ratings, rng: np.random.Generator, resamples: int) -> Iterator[Array]:
    """Score matrices as they would come if the fitted ladder were the truth."""
    i, j = results.edges()
    games = results.units[i, j] * results.games_per_unit
    expected = ratings.expected()[i, j]
    spread = np.sqrt(ratings.fit.dispersion)
    for _ in range(resamples):
        noise = rng.binomial(games.astype(np.int64), expected) / games - expected
        rate = np.full(results.units.shape, np.nan)
        rate[i, j] = np.clip(expected + spread * noise, 0.0, 1.0)
        rate[j, i] = 1 - rate[i, j]
        np.fill_diagonal(rate, 0.5)
        yield rate
