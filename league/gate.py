"""The gate: a response joins its population if it surely gains, by a lower confidence bound, not a noisy mean."""

from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .confidence import bounds


@dataclass(frozen=True)
class Verdict:
    """What fresh pairs against the opponents it was trained on say of a response."""

    passed: bool
    gain: float  # mean utility beyond what its side's own mixture has
    bound: float  # lower confidence bound on the gain
    mean: float
    reference: float
    pairs: int

    def as_json(self) -> dict[str, Any]:
        """As JSON values, for the run's record."""
        return asdict(self)


def judge(utilities: NDArray[np.float64], reference: float, reference_error: float, confidence: float) -> Verdict:
    """Whether the mean of a response's pairs is above `reference` at a one-sided `confidence`.

    utilities [pairs], independent; reference: the value to beat and its standard error, independent of them. The bound
    is normal, on the pairs and two imagined ones at the most and the least utility that was seen or is even to
    `reference` (the idea of Agresti and Coull, 1998): pairs that all agree are no proof of certainty.
    """
    reach = max(float(np.abs(utilities - reference).max()), 1e-12)
    shrunk = np.concatenate([utilities, [reference + reach, reference - reach]])
    error = float(np.hypot(shrunk.std(ddof=1) / np.sqrt(len(shrunk)), reference_error))
    bound = float(shrunk.mean()) - reference - NormalDist().inv_cdf(confidence) * error
    mean = float(utilities.mean())
    return Verdict(bound > 0, mean - reference, bound, mean, reference, len(utilities))


def judge_so_far(
    utilities: NDArray[np.float64], reference: float, reference_error: float, confidence: float, bound: float
) -> tuple[Verdict, bool]:
    """As `judge`, but one may look after every pair: a verdict, and whether more pairs could change it.

    utilities [pairs] in the order of their seeds, each within ±`bound`. The bound on the mean is a confidence sequence
    (`confidence.bounds`) and holds at all times at once; where the reference is uncertain, half of the error allowed
    goes to it.
    """
    error = (1 - confidence) / (2 if reference_error > 0 else 1)
    reach = NormalDist().inv_cdf(1 - error) * reference_error
    lower, upper = bounds(utilities, -bound, bound, 1 - error)
    mean = float(utilities.mean())
    gain_at_least, gain_at_most = lower - reference - reach, upper - reference + reach
    passed = gain_at_least > 0
    return Verdict(passed, mean - reference, gain_at_least, mean, reference, len(utilities)), not (
        passed or gain_at_most < 0
    )


def judge_exactly(utility: float, reference: float, tolerance: float = 1e-9) -> Verdict:
    """Whether a computed utility is above a computed reference: no chance in it, and no pairs."""
    gain = utility - reference
    return Verdict(gain > tolerance, gain, gain, utility, reference, 0)
