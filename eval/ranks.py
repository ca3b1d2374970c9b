"""Ranks that hold together: for every member the places it may have, all of them true at once with one confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ratings import Ratings


@dataclass(frozen=True)
class RankSets:
    """Places from 1 (the best): member i lies between `best[i]` and `worst[i]`, `[n]` each.

    critical: how many standard errors a difference of two ratings must have to be sure among all differences.
    """

    names: tuple[str, ...]
    best: NDArray[np.int64]
    worst: NDArray[np.int64]
    critical: float
    confidence: float


def rank_sets(
    ratings: Ratings, rng: np.random.Generator, *, confidence: float = 0.95, resamples: int = 20_000
) -> RankSets:
    """Simultaneous confidence sets for ranks, by the largest |t| over all differences of two ratings.

    The max-t method of Mogstad, Romano, Shaikh and Wilhelm, "Inference for Ranks with Applications to Mobility across
    Neighbourhoods and Academic Achievement across Countries" (2024): a member's place is one more than the number that
    are surely better, up to n less the number that are surely worse. Draws are normal with the ratings' covariance (or
    of Student's t, where that is estimated with few degrees of freedom), so that the dependence of differences on each
    other is used and the sets are narrower than by Bonferroni.
    """
    n = len(ratings.names)
    i, j = np.triu_indices(n, 1)
    covariance = ratings.covariance
    error = np.sqrt(np.maximum(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j], 0.0))
    known = error > 0  # two anchors differ by what was given
    values, basis = np.linalg.eigh(covariance)
    root = basis * np.sqrt(np.maximum(values, 0.0))
    largest = np.zeros(resamples)
    for part in np.array_split(np.arange(resamples), max(1, resamples // 2000)):
        drawn = rng.standard_normal((len(part), n)) @ root.T
        if np.isfinite(ratings.degrees):
            drawn *= np.sqrt(ratings.degrees / rng.chisquare(ratings.degrees, (len(part), 1)))
        gaps = np.abs(drawn[:, i[known]] - drawn[:, j[known]]) / error[known]
        largest[part] = gaps.max(axis=1, initial=0.0)
    critical = float(np.quantile(largest, confidence))
    gap = ratings.elo[i] - ratings.elo[j]
    better = np.zeros((n, n), dtype=np.bool_)
    better[i, j], better[j, i] = gap > critical * error, -gap > critical * error
    best, worst = 1 + better.sum(axis=0), n - better.sum(axis=1)
    return RankSets(ratings.names, best.astype(np.int64), worst.astype(np.int64), critical, confidence)
