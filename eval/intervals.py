"""Confidence intervals for win rates and for the mean of bounded scores, where the unit is an independent *pair*.

Counts of wins among independent decisive games take `clopper_pearson` or `wilson`. Anything else that is bounded (pairs
with scores 0, ¼, ½, ¾, 1; draws; chips) takes `mean_interval`: `betting` is the sharp one, `empirical_bernstein` has a
closed form. None of the bounds on a mean assumes more than independent scores with one mean; they hold at every
sample size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ..league.confidence import betting_lower, predictable_bets, predicted_means

Array = NDArray[np.float64]
Side = Literal["two-sided", "lower", "upper"]
Method = Literal["betting", "empirical-bernstein", "hoeffding"]

# Below this share of distinct trajectories most units only repeat others, and their number is no sample size.
MIN_DISTINCT_SHARE = 0.5
# As `league.confidence.TRUNCATION`, for the method that does not bet.
BERNSTEIN_TRUNCATION = 0.5


class CopiesError(ValueError):
    """An interval was asked for on units that are mostly copies of each other."""


@dataclass(frozen=True)
class Interval:
    """An estimate between `lower` and `upper`, both inclusive; on a one-sided interval the other end is the range's.

    `units` is the sample size; `distinct`, where known, is how many of them differ in what happened.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    units: int
    method: str
    distinct: int | None = None


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95, side: Side = "two-sided") -> Interval:
    """Exact interval on a win probability from independent games without draws (Clopper and Pearson 1934)."""
    alpha = _alpha(confidence, side)
    _check_counts(successes, trials)
    lower, upper = 0.0, 1.0
    if side != "upper" and successes > 0:
        lower = float(stats.beta.ppf(alpha, successes, trials - successes + 1))
    if side != "lower" and successes < trials:
        upper = float(stats.beta.ppf(1 - alpha, successes + 1, trials - successes))
    return Interval(successes / trials, lower, upper, confidence, trials, "clopper-pearson")


def wilson(successes: float, trials: int, confidence: float = 0.95, side: Side = "two-sided") -> Interval:
    """Score interval on a win probability (Wilson 1927): nearer to its nominal level on average, not guaranteed.

    `successes` may hold half points for draws, which makes the interval too wide, never too narrow.
    """
    _check_counts(successes, trials)
    z = float(stats.norm.isf(_alpha(confidence, side)))
    rate = successes / trials
    centre = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    reach = z / (1 + z**2 / trials) * np.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    lower = 0.0 if side == "upper" else max(0.0, float(centre - reach))
    upper = 1.0 if side == "lower" else min(1.0, float(centre + reach))
    return Interval(rate, lower, upper, confidence, trials, "wilson")


def mean_interval(
    values: ArrayLike,
    low: float = 0.0,
    high: float = 1.0,
    *,
    confidence: float = 0.95,
    side: Side = "two-sided",
    method: Method = "betting",
    anytime: bool = False,
    distinct: int | None = None,
) -> Interval:
    """Interval on the mean of independent units `values [P]`, each within [low, high].

    They come in an order that has nothing to do with their values, such as that of their seeds: bounds by betting read
    them one by one, and in the order in which games ended the quick wins would come first.
    With `anytime` the interval holds however often one looks and whenever one stops; without, the number of units must
    have been fixed beforehand. `distinct` is the number of distinct trajectories among units whose chance was meant to
    differ: see `require_distinct` (leave it out where the game itself has few trajectories).
    """
    scores = (np.asarray(values, dtype=np.float64).ravel() - low) / (high - low)
    if scores.size == 0:
        raise ValueError("an interval needs at least one unit: got none")
    if not (np.isfinite(scores).all() and scores.min() >= -1e-12 and scores.max() <= 1 + 1e-12):
        raise ValueError(f"units must lie within [{low}, {high}]: got {np.min(values):.6g} to {np.max(values):.6g}")
    if distinct is not None:
        require_distinct(len(scores), distinct)
    if method not in _LOWER:
        raise ValueError(f"unknown method {method!r}, expected one of {', '.join(_LOWER)}")
    scores = np.clip(scores, 0.0, 1.0)
    bound, alpha = _LOWER[method], _alpha(confidence, side)
    # Both sides at half the error each is Waudby-Smith and Ramdas' hedged capital with θ = ½.
    lower = 0.0 if side == "upper" else bound(scores, alpha, anytime)
    upper = 1.0 if side == "lower" else 1.0 - bound(1.0 - scores, alpha, anytime)
    # Bounds by betting hold over all prefixes, so that units that began high can end with their mean outside.
    lower, upper = min(lower, float(scores.mean())), max(upper, float(scores.mean()))
    span = high - low
    found = Interval(float(scores.mean()), lower, upper, confidence, len(scores), method, distinct)
    return replace(found, estimate=low + span * found.estimate, lower=low + span * lower, upper=low + span * upper)


def bonferroni(confidence: float, comparisons: int) -> float:
    """The confidence each of several statements needs so that all of them hold together with `confidence`."""
    if comparisons < 1:
        raise ValueError(f"the number of comparisons is at least 1: got {comparisons}")
    return 1 - (1 - confidence) / comparisons


def pair_scores(utility: ArrayLike, low: float = -1.0, high: float = 1.0) -> Array:
    """The score in [0, 1] of each pair, from its games' utilities `[P, games of a pair]` within [low, high]."""
    games = np.asarray(utility, dtype=np.float64)
    if games.ndim != 2 or games.shape[1] not in (1, 2):
        raise ValueError(f"pairs come as rows of one or two games: got shape {games.shape}")
    return (games.mean(axis=1) - low) / (high - low)


def pentanomial(scores: ArrayLike) -> NDArray[np.int64]:
    """How many pairs scored 0, ¼, ½, ¾ and 1, `[5]`: the five outcomes of two games with win, draw and loss."""
    quarters = np.asarray(scores, dtype=np.float64).ravel() * 4
    if not np.isin(quarters, np.arange(5)).all():
        raise ValueError("the five pair outcomes need scores in quarters: utility here is not the game's outcome")
    return np.bincount(quarters.astype(np.int64), minlength=5)


def require_distinct(units: int, distinct: int, minimum_share: float = MIN_DISTINCT_SHARE) -> None:
    """Refuse a sample in which copies dominate: fewer than `minimum_share` of its units have a trajectory of their own.

    Deterministic agents in a deterministic game repeat themselves: a thousand pairs over a few setups are those few
    setups, known exactly, and an interval for a thousand would be far too narrow. The test is for games in which
    independent play hardly ever repeats a trajectory; in a game with a small tree (Kuhn poker, a matrix game)
    independent pairs repeat by nature, and no test is due. Between `minimum_share` and 1 the interval is given and
    carries `distinct`, which every table prints beside `units`.
    """
    if not 1 <= distinct <= units:
        raise ValueError(f"{units} units have between 1 and {units} distinct trajectories: got {distinct}")
    if distinct < minimum_share * units:
        raise CopiesError(
            f"interval refused: {units} units hold only {distinct} distinct trajectories, expected at least "
            f"{int(np.ceil(minimum_share * units))}. The agents replay the same games: sample their actions, or draw "
            "more setups"
        )


def _bernstein_lower(scores: Array, alpha: float, anytime: bool) -> float:
    """Waudby-Smith and Ramdas (as above), Theorem 2 (predictable plug-in empirical Bernstein), the lower side."""
    bets = np.minimum(predictable_bets(scores, alpha, anytime), BERNSTEIN_TRUNCATION)
    before = predicted_means(scores)[:-1]
    cost = np.cumsum((scores - before) ** 2 * (-np.log1p(-bets) - bets))
    bounds = (np.cumsum(bets * scores) - cost + np.log(alpha)) / np.cumsum(bets)
    return max(0.0, float(bounds.max()))


def _hoeffding_lower(scores: Array, alpha: float, anytime: bool) -> float:
    """Hoeffding's bound (1963), which knows nothing of the variance: for comparison."""
    if anytime:
        raise ValueError("the hoeffding interval holds at one fixed sample size only: use betting for anytime=True")
    return max(0.0, float(scores.mean() - np.sqrt(-np.log(alpha) / (2 * len(scores)))))


_LOWER: dict[str, Callable[[Array, float, bool], float]] = {
    "betting": betting_lower,
    "empirical-bernstein": _bernstein_lower,
    "hoeffding": _hoeffding_lower,
}


def _alpha(confidence: float, side: Side) -> float:
    """The error allowed to each side that is bounded."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1: got {confidence}")
    if side not in ("two-sided", "lower", "upper"):
        raise ValueError(f"side is 'two-sided', 'lower' or 'upper': got {side!r}")
    return (1 - confidence) / 2 if side == "two-sided" else 1 - confidence


def _check_counts(successes: float, trials: int) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes lie between 0 and the number of trials, at least 1: got {successes} of {trials}")
