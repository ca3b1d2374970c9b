"""Stopping a match early: the sequential probability ratio test on pairs, and what may be said after it stopped.

"Better by elo1" against "better by elo0" is asked after every batch, and the match ends as soon as either is refuted.
Outcomes are counts of equally spaced scores: five for pairs of games (both lost, ..., both won), three for games.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import brentq

Array = NDArray[np.float64]
Model = Literal["normalised", "logistic"]

NELO_PER_DEVIATION = 800 / np.log(10)
"""Normalised Elo of a score one standard deviation (of a game) above ½; near ½ it is Elo where no game is drawn."""
UNSEEN = 1e-3  # outcomes not seen yet count as so many, as fishtest has it: no hypothesis is impossible
MOST_ELO = 3200  # looked for; beyond it an estimate is infinite
SHORT_TIME = 1e-2  # of the squared distance of the bounds: before this hardly any path has touched both


@dataclass(frozen=True)
class Estimate:
    """Elo after stopping: median-unbiased, between the ends of an interval that stopping does not bend."""

    elo: float
    lower: float
    upper: float
    confidence: float


@dataclass(frozen=True)
class Progress:
    """A test after so many units. `decision` is "better" (elo1 holds), "not better" (elo0 holds), or None: go on."""

    units: int
    counts: tuple[int, ...]
    score: float
    llr: float
    decision: Literal["better", "not better"] | None


@dataclass(frozen=True)
class SPRT:
    """Wald's test (1945) with estimated spread: `alpha` bounds false "better" at elo0, `beta` the contrary at elo1.

    model: "normalised" measures strength in standard deviations of a game (nElo), so that one test costs as many games
    where draws are many as where they are few; "logistic" is plain Elo.
    """

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05
    model: Model = "normalised"

    def __post_init__(self) -> None:
        if not self.elo0 < self.elo1:
            raise ValueError(f"an SPRT asks elo1 against a smaller elo0: got {self.elo0:g},{self.elo1:g}")
        if not (0 < self.alpha < 0.5 and 0 < self.beta < 0.5):
            raise ValueError(f"errors lie between 0 and 1/2: got alpha = {self.alpha}, beta = {self.beta}")
        if self.model not in ("normalised", "logistic"):
            raise ValueError(f"unknown model {self.model!r}, expected 'normalised' or 'logistic'")

    @property
    def bounds(self) -> tuple[float, float]:
        """The log-likelihood ratios at which elo0 and elo1 are taken."""
        return float(np.log(self.beta / (1 - self.alpha))), float(np.log((1 - self.beta) / self.alpha))

    def progress(self, counts: ArrayLike) -> Progress:
        """Where the test stands on outcome counts `[5]` of pairs or `[3]` of single games."""
        seen = np.asarray(counts, dtype=np.int64)
        if not seen.sum():
            return Progress(0, tuple(seen.tolist()), 0.5, 0.0, None)
        low, high = self.bounds
        llr = log_likelihood_ratio(seen, self.elo0, self.elo1, self.model)
        decision = "better" if llr >= high else "not better" if llr <= low else None
        return Progress(int(seen.sum()), tuple(seen.tolist()), _moments(*_distribution(seen))[0], llr, decision)

    def estimate(self, counts: ArrayLike, confidence: float = 0.95) -> Estimate:
        """Elo after the test, stopped or not, by the order of outcomes: fast losses, slow ones, slow wins, fast wins.

        The log-likelihood ratio is taken as a Brownian motion between the bounds (Siegmund, "Sequential Analysis",
        1985, chapter 3). At the Elo given as estimate half of all tests would have ended worse than this one. The naive
        mean is biased away from the middle, because tests stop on lucky streaks.
        """
        units = float(np.sum(counts))
        score, variance = _moments(*_distribution(np.asarray(counts)))
        below, above = (self._score(elo, variance, len(np.asarray(counts))) for elo in (self.elo0, self.elo1))
        low, high = self.bounds
        llr = _approximate(units, score, variance, below, above)
        end = float(np.clip(llr, low, high))
        time = units * end / llr if end != llr else units  # a batch may have run past the bound

        def worse(elo: float) -> float:
            true = float(expected_score(elo))
            spread = variance + (true - score) ** 2
            drift = (true - (below + above) / 2) * (above - below) / spread
            return _ended_worse(time, end - low, -low, high - low, drift, (above - below) ** 2 / spread)

        tail = (1 - confidence) / 2
        elo, lower, upper = (_solve(worse, share) for share in (0.5, 1 - tail, tail))
        return Estimate(elo, lower, upper, confidence)

    def _score(self, elo: float, variance: float, outcomes: int) -> float:
        if self.model == "logistic":
            return float(expected_score(elo))
        return 0.5 + _deviations(elo, outcomes) * float(np.sqrt(variance))


def expected_score(elo: ArrayLike) -> Array:
    """The score of one who is better by `elo`."""
    return np.asarray(1 / (1 + 10 ** (-np.asarray(elo, dtype=np.float64) / 400)))


def normalised_elo(counts: ArrayLike) -> float:
    """The observed score in standard deviations of a game, as nElo."""
    seen = np.asarray(counts)
    score, variance = _moments(*_distribution(seen))
    return float((score - 0.5) / np.sqrt(variance * _games(len(seen))) * NELO_PER_DEVIATION)


def log_likelihood_ratio(
    counts: ArrayLike, elo0: float, elo1: float, model: Model = "normalised", *, exact: bool = True
) -> float:
    """Of "elo1" against "elo0", the distribution of outcomes being otherwise whatever fits best under each.

    counts: `[5]` of pairs or `[3]` of games. The generalised ratio, maximised exactly (Van den Bergh, "A practical
    introduction to the GSPRT", 2020), or by its normal approximation N (s₁ − s₀)(2ŝ − s₀ − s₁) / 2σ̂².
    """
    seen = np.asarray(counts)
    values, shares = _distribution(seen)
    score, variance = _moments(values, shares)
    units, outcomes = float(seen.sum()), len(seen)
    if model == "logistic":
        below, above = float(expected_score(elo0)), float(expected_score(elo1))
        fitted = [_with_mean(values, shares, mean) for mean in (below, above)] if exact else []
    else:
        deviations = [_deviations(elo, outcomes) for elo in (elo0, elo1)]
        below, above = (0.5 + t * np.sqrt(variance) for t in deviations)
        fitted = [_with_deviation(values, shares, t) for t in deviations] if exact else []
    if not exact:
        return _approximate(units, score, variance, below, above)
    return units * float((shares * np.log(fitted[1] / fitted[0])).sum())


def bayes_elo_ratio(counts: ArrayLike, elo0: float, elo1: float) -> float:
    """The log-likelihood ratio of single games `[3]` in the BayesElo model of draws, as older testing sites print it.

    A win has chance 1 / (1 + 10^((drawelo − elo) / 400)), a loss the same with −elo; drawelo is fitted to the counts.
    """
    losses, draws, wins = shares = np.asarray(counts) / np.sum(counts)
    if min(shares) <= 0:
        raise ValueError(f"the BayesElo model needs wins, draws and losses: got {list(np.asarray(counts))}")
    draw_elo = 200 * np.log10((1 - losses) / losses * (1 - wins) / wins)
    logs = []
    for elo in (elo0, elo1):
        win, loss = expected_score(elo - draw_elo), expected_score(-elo - draw_elo)
        logs.append(losses * np.log(loss) + draws * np.log(1 - win - loss) + wins * np.log(win))
    return float(np.sum(counts) * (logs[1] - logs[0]))


# --- outcomes ---


def _games(outcomes: int) -> int:
    """Games of a unit with so many outcomes. A game's variance is so many times a unit's, were games independent."""
    if outcomes not in (3, 5):
        raise ValueError(f"outcomes are 5 of pairs or 3 of single games: got {outcomes}")
    return (outcomes - 1) // 2


def _deviations(elo: float, outcomes: int) -> float:
    """Normalised Elo in standard deviations of a unit."""
    return float(elo / NELO_PER_DEVIATION * np.sqrt(_games(outcomes)))


def _distribution(counts: NDArray[np.int64]) -> tuple[Array, Array]:
    """Scores from 0 to 1 and the share of each."""
    _games(len(counts))
    seen = np.where(counts > 0, counts, UNSEEN)
    return np.linspace(0, 1, len(seen)), seen / seen.sum()


def _moments(values: Array, shares: Array) -> tuple[float, float]:
    mean = float(values @ shares)
    return mean, float((values - mean) ** 2 @ shares)


def _approximate(units: float, score: float, variance: float, below: float, above: float) -> float:
    return units * (above - below) * (2 * score - below - above) / (2 * variance)


def _tilted(shares: Array, excess: Array) -> Array:
    """The likeliest shares under which `excess` has mean 0: `shares / (1 + x excess)` for the one x that does it."""
    room = 1e-12
    low, high = -1 / excess.max(), -1 / excess.min()  # where a share would become infinite

    def mean(x: float) -> float:
        return float((shares * excess / (1 + x * excess)).sum())

    return shares / (1 + brentq(mean, low + room * abs(low), high - room * abs(high), xtol=1e-15) * excess)


def _with_mean(values: Array, shares: Array, mean: float) -> Array:
    return _tilted(shares, values - mean)


def _with_deviation(values: Array, shares: Array, deviations: float) -> Array:
    """The likeliest shares whose mean is so many of their own standard deviations above ½.

    The constraint is not linear in the shares, so it is linearised around the last answer until that stays.
    """
    fitted = np.full(len(values), 1 / len(values))
    for _ in range(100):
        before = fitted
        mean, variance = _moments(values, fitted)
        reach = deviations * np.sqrt(variance) * (1 + (values - mean) ** 2 / variance) / 2
        fitted = _tilted(shares, values - 0.5 - reach)
        if np.abs(fitted - before).max() < 1e-12:
            break
    return fitted


# --- after stopping ---


def _solve(worse: Callable[[float], float], share: float) -> float:
    """The Elo at which this share of tests ends worse (`worse` falls as Elo rises); infinite where all end so."""
    low, high = -50.0, 50.0
    while worse(low) < share and low > -MOST_ELO:
        low *= 2
    while worse(high) > share and high < MOST_ELO:
        high *= 2
    if worse(low) < share:
        return -np.inf
    if worse(high) > share:
        return np.inf
    return float(brentq(lambda elo: worse(elo) - share, low, high, xtol=1e-9))


def _ended_worse(time: float, end: float, start: float, width: float, drift: float, variance: float) -> float:
    """How probably a Brownian motion has left at 0, or is at most at `end`, by `time`; it ends at 0 and at `width`.

    With `end` at a bound this is the chance of a worse end: of leaving at 0 any sooner, or of not yet having left at
    `width`. The eigenfunction series of the killed motion; for short times the first reflections at either bound.
    """
    pull, spread = drift / variance, variance * time
    if spread < SHORT_TIME * width**2:
        return _ended_worse_soon(spread, end, start, width, pull)
    if pull > 0:
        ever = np.exp(-2 * pull * start) * np.expm1(-2 * pull * (width - start)) / np.expm1(-2 * pull * width)
    elif pull < 0:
        ever = np.expm1(2 * pull * (width - start)) / np.expm1(2 * pull * width)
    else:
        ever = 1 - start / width
    wave = np.arange(1, 10 + int(np.sqrt(80 * width**2 / (np.pi**2 * spread)))) * np.pi / width
    decay = np.exp(-(wave**2 + pull**2) * spread / 2 + pull * (end - start))
    terms = np.sin(wave * start) * decay * (pull * np.sin(wave * end) - wave * np.cos(wave * end)) / (wave**2 + pull**2)
    return float(np.clip(ever + 2 / width * terms.sum(), 0.0, 1.0))


def _ended_worse_soon(spread: float, end: float, start: float, width: float, pull: float) -> float:
    """The same before a path can have met both bounds: reflection at each by itself."""
    deviation = np.sqrt(spread)
    here, up = end - start, width - start
    free = special.ndtr((here - pull * spread) / deviation)
    left_high = np.exp(2 * pull * up + special.log_ndtr((here - 2 * up - pull * spread) / deviation))
    left_low = np.exp(-2 * pull * start + special.log_ndtr((-2 * start - here + pull * spread) / deviation))
    return float(np.clip(free - left_high + left_low, 0.0, 1.0))
