"""Confidence sequences: bounds on a mean that hold however often one looks; one may stop as soon as one knows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TRUNCATION = 0.75
"""How much of its capital a bet may risk, as a share of what would bankrupt it: Waudby-Smith and Ramdas suggest ½ or ¾.
Near a mean of 0 or 1, where exploiters should end, ¾ is sharper."""


def bounds(values: ArrayLike, low: float, high: float, confidence: float) -> tuple[float, float]:
    """A lower and an upper bound on the mean of independent values [P] within [low, high], in the order they came.

    Each of the two holds with `confidence` for all sample sizes at once.
    """
    scores = (np.asarray(values, np.float64) - low) / (high - low)
    if not len(scores):
        return low, high
    if scores.min() < -1e-9 or scores.max() > 1 + 1e-9:
        raise ValueError(f"values must lie within [{low}, {high}]: got {np.min(values):.6g} to {np.max(values):.6g}")
    scores = np.clip(scores, 0.0, 1.0)
    lower = betting_lower(scores, 1 - confidence, anytime=True)
    upper = 1 - betting_lower(1 - scores, 1 - confidence, anytime=True)
    return low + (high - low) * lower, low + (high - low) * upper


def betting_lower(scores: Array, alpha: float, anytime: bool) -> float:
    """The smallest mean not refuted by a gambler who bets on scores [P] in [0, 1] above it.

    Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (JRSS-B 86, 2024; arXiv
    2010.09686), Theorem 3 (hedged capital), one side of it: if the mean is m, the capital Π (1 + λ_t (X_t − m)) with
    predictable λ_t in [0, c/m] is a nonnegative martingale, so by Ville's inequality it ever reaches 1/α with
    probability at most α. It falls as m grows, hence bisection.
    """
    bets = predictable_bets(scores, alpha, anytime)
    low, high = 0.0, 1.0
    for _ in range(45):
        mean = (low + high) / 2
        capital = np.cumsum(np.log1p(np.minimum(bets, TRUNCATION / mean) * (scores - mean)))
        if capital.max() >= -np.log(alpha):
            low = mean
        else:
            high = mean
    return low


def predictable_bets(scores: Array, alpha: float, anytime: bool) -> Array:
    """λ_t of Theorems 2 and 3, before truncation, from the scores before t only: large when they vary little."""
    n = len(scores)
    t = np.arange(1, n + 1)
    means = predicted_means(scores)
    # σ̂²_{t−1}, with one imagined score of variance ¼.
    variance = np.append(0.25, (0.25 + np.cumsum((scores - means[1:]) ** 2))[:-1]) / t
    horizon = t * np.log1p(t) if anytime else n
    return np.sqrt(-2 * np.log(alpha) / (variance * horizon))


def predicted_means(scores: Array) -> Array:
    """Mean of the first t scores and one imagined ½, for t = 0 … n: `[n + 1]`."""
    return np.append(0.5, 0.5 + np.cumsum(scores)) / np.arange(1, len(scores) + 2)
