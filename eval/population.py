"""What a population as a whole says of its members: alpha-rank and Nash averaging, with their spread by resampling.

Both answer "who matters" where strength is no ladder, and both are nearly arbitrary among equals: of eleven equal
members at 200 games a pair, alpha-rank gives the first a quarter of all mass. So neither is shown without the spread
over payoffs that the games leave possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ..league.solvers import PayoffError, solve_symmetric
from .ratings import Results

Array = NDArray[np.float64]

POPULATION = 50  # alpha-rank's imagined number of individuals, as in its paper
# In the limit of strong selection a worse mutant takes over this rarely: only which of several sinks is left, and when.
TAKES_OVER = 1e-6
# Nash averaging's log odds are cut here (a score of 0.9999): a certain win is worth no more than a nearly certain one.
LARGEST_LOGIT = float(special.logit(0.9999))


def alpha_rank(payoff: ArrayLike, alpha: float = np.inf, population: int = POPULATION) -> Array:
    """The share of time `[n]` that an evolving population spends at each member, of `payoff [n, n]` (the row's).

    Omidshafiei et al., "α-Rank: Multi-Agent Evaluation by Evolution" (2019), the single-population model: mutants of
    one kind at a time meet a uniform population of `population`, imitation follows fitness with intensity `alpha`, and
    the mass is the stationary distribution of the Markov chain of take-overs. With `alpha` infinite a better mutant
    always takes over and an equal one half of the time, so that only who wins counts and not by how much.
    """
    matrix = np.asarray(payoff, dtype=np.float64)
    n = len(matrix)
    if matrix.shape != (n, n) or n == 0 or not np.isfinite(matrix).all():
        raise PayoffError(f"alpha-rank takes a square payoff matrix, every cell played: got shape {matrix.shape}")
    if n == 1:
        return np.ones(1)
    if np.isinf(alpha):
        # Cell [s, r]: a mutant r among members s.
        better = matrix.T - matrix
        takeover = np.where(better > 1e-14, 1 - TAKES_OVER, np.where(better < -1e-14, TAKES_OVER, 0.5))
    else:
        takeover = _fixation(matrix, alpha, population)
    chain = takeover / (n - 1)
    np.fill_diagonal(chain, 0.0)
    return _stationary(chain)


@dataclass(frozen=True)
class Averaged:
    """Nash averaging: the maximum-entropy equilibrium `mixture [n]`, and each member's log odds against it `[n]`."""

    mixture: Array
    skill: Array


def nash_averaging(score: ArrayLike) -> Averaged:
    """Skill against the strongest mixture of the population, from mean scores `[n, n]` in [0, 1].

    Balduzzi et al., "Re-evaluating Evaluation" (2018), section 4: the payoff is the log odds A = logit(score), the
    opponent its Nash equilibrium p of largest entropy, the skill A p. Copies of a member change nobody's skill.
    """
    odds = np.clip(special.logit(np.asarray(score, dtype=np.float64)), -LARGEST_LOGIT, LARGEST_LOGIT)
    mixture = solve_symmetric("max_entropy_nash", odds).row
    return Averaged(mixture, odds @ mixture)


@dataclass(frozen=True)
class Spread:
    """A figure of every member `[n]` from the scores measured, and over payoffs that the games leave possible.

    `mean` is over those payoffs; `lower` and `upper` hold the middle 95 % of them.
    """

    names: tuple[str, ...]
    value: Array
    mean: Array
    lower: Array
    upper: Array


def spread(
    results: Results, measure: Callable[[Array], Array], rng: np.random.Generator, *, resamples: int = 200
) -> Spread:
    """A measure of score matrices (`[n, n]` in (0, 1) to `[n]`), with its spread over draws from their posterior.

    The measured scores have half a win and half a loss added to every cell, like the posterior they are drawn from.
    All members must have met.
    """
    drawn = np.array([measure(rate) for rate in results.posterior(rng, resamples)])
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Spread(results.names, measure(results.shrunk()), drawn.mean(axis=0), lower, upper)


def alpha_rank_spread(results: Results, rng: np.random.Generator, *, resamples: int = 200) -> Spread:
    """Alpha-rank mass under strong selection, with its spread."""
    return spread(results, alpha_rank, rng, resamples=resamples)


def nash_averaging_spread(results: Results, rng: np.random.Generator, *, resamples: int = 200) -> Spread:
    """Nash averaging's skill (log odds), with its spread."""
    return spread(results, lambda rate: nash_averaging(rate).skill, rng, resamples=resamples)


def _fixation(payoff: Array, alpha: float, population: int) -> Array:
    """The chance `[s, r]` that one mutant r takes over a population of s.

    A birth and death chain: 1 / (1 + Σ_l Π_{p ≤ l} exp(−α (f_r − f_s))), the fitnesses f being mean payoffs against
    the others when p individuals are r. Where payoffs sum to a constant this is the closed form
    (1 − e^{−u}) / (1 − e^{−m u}).
    """
    mutants = np.arange(1, population)
    own = np.diag(payoff)
    gain = (
        (mutants - 1) * own[None, :, None]
        + (population - mutants) * payoff.T[:, :, None]
        - mutants * payoff[:, :, None]
        - (population - mutants - 1) * own[:, None, None]
    ) / (population - 1)
    terms = np.cumsum(-alpha * gain, axis=2)
    log_sum = special.logsumexp(np.concatenate([np.zeros((*payoff.shape, 1)), terms], axis=2), axis=2)
    return np.maximum(np.exp(-log_sum), 1e-300)  # never quite 0, or the chain falls apart


def _stationary(chain: Array) -> Array:
    """The stationary distribution `[n]` of jumps `[n, n]` whose diagonal does not matter.

    Grassmann, Taksar and Heyman's elimination (1985): no subtractions, so that the rarest jumps keep all their digits.
    """
    jumps = chain.copy()
    n = len(jumps)
    for k in range(n - 1, 0, -1):
        jumps[:k, k] /= jumps[k, :k].sum()
        jumps[:k, :k] += np.outer(jumps[:k, k], jumps[k, :k])
    mass = np.ones(n)
    for k in range(1, n):
        mass[k] = mass[:k] @ jumps[:k, k]
    return mass / mass.sum()
