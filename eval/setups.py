"""How the scores of a tournament hang together through the setups they were played on.

All meetings of a tournament share their setups, and who is good on one of them is good on it against everybody. So
units on one setup are no independent evidence, and an interval that counts them as such is too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

FEWEST_SETUPS = 10
"""Below so many setups their spread is known too badly to give errors."""

Cell = tuple[int, int, ArrayLike, ArrayLike, float]
"""(row, column, the setup of each unit [units], the row's score in [0, 1] [units], how many units each one counts)."""


@dataclass(frozen=True)
class SetupSpread:
    """What the setups make of the members' points: `covariance [n, n]` of their sums over `setups` setups.

    Scores are taken around the mean of their cell: how far a model misses the cells is no matter of chance, since the
    same members would meet again (a cycle does not widen the intervals of a ladder fitted to it).
    """

    covariance: Array
    setups: int

    @classmethod
    def of(cls, members: int, cells: Iterable[Cell]) -> SetupSpread:
        """From every cell's units: the sum over setups of what each moved the points of all members by.

        The cluster-robust covariance (Liang and Zeger, "Longitudinal data analysis using generalized linear models",
        1986), the setup as cluster, without a correction for few of them.
        """
        known = [
            (row, column, np.asarray(setup), np.asarray(score, float), w) for row, column, setup, score, w in cells
        ]
        names = np.unique(np.concatenate([setup for _, _, setup, _, _ in known])) if known else np.zeros(0)
        moved = np.zeros((len(names), members))
        for row, column, setup, score, weight in known:
            # Units that count for less than one are copies: their sum varies as that of fewer independent ones.
            apart = (score - score.mean()) * np.sqrt(weight)
            total = np.bincount(np.searchsorted(names, setup), apart, len(names))
            moved[:, row] += total
            moved[:, column] -= total
        return cls(moved.T @ moved, len(names))
