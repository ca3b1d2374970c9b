"""Claims about a scheme: the unit is the training run, so they need several seeds and an interval over runs.

R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", 2021: the interquartile mean,
and percentile intervals from a bootstrap that is stratified by task, here by game.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
RESAMPLES = 2_000


@dataclass(frozen=True)
class Aggregate:
    """An interquartile mean over runs, and its interval."""

    value: float
    lower: float
    upper: float
    runs: int


def interquartile_mean(scores: ArrayLike) -> Array:
    """The mean of the middle half along the last axis [..., n], runs at the edge counted by the part that is inside."""
    ordered = np.sort(np.asarray(scores, np.float64), axis=-1)
    n = ordered.shape[-1]
    edges = np.arange(n + 1)
    inside = np.clip(np.minimum(edges[1:], 0.75 * n) - np.maximum(edges[:-1], 0.25 * n), 0.0, 1.0)
    return ordered @ (inside / inside.sum())


def aggregate(
    strata: Sequence[ArrayLike], rng: np.random.Generator, confidence: float = 0.95, resamples: int = RESAMPLES
) -> Aggregate:
    """The interquartile mean of all runs' scores together; strata: one list of scores a game, resampled by itself."""
    groups = [np.asarray(scores, np.float64) for scores in strata]
    if not groups or min(len(group) for group in groups) == 0:
        raise ValueError("an aggregate needs one run at least in each stratum: got none")
    drawn = np.concatenate([group[rng.integers(0, len(group), (resamples, len(group)))] for group in groups], axis=1)
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(interquartile_mean(drawn), [tail, 1 - tail])
    every = np.concatenate(groups)
    return Aggregate(float(interquartile_mean(every)), float(lower), float(upper), len(every))
