"""Extensive-form fictitious play: both sides answer the other's average plan, and the average moves towards it.

J. Heinrich, M. Lanctot and D. Silver, Fictitious self-play in extensive-form games, 2015, algorithm 1. The average is
of plans, that is of realisation weights: each response is played from the start of a match to its end, as if one of
them were drawn per match. Averaging behaviour at each information set instead is another process, which does not
converge.
"""

from ...league.exact.sequence import Plans, SequenceForm


class FictitiousPlay:
    """Begins with even play. Ties between best responses go to the lowest choice; curves depend on that."""

    def __init__(self, form: SequenceForm):
        self.form, self.iterations = form, 0
        self._average = form.uniform()
        self._response = self._average

    def iterate(self) -> None:
        """Adds each side's best response to the other's average."""
        self.iterations += 1
        self._response, _ = self.form.best_responses(self._average)
        share = 1 / (self.iterations + 1)
        first, second = (a + share * (r - a) for a, r in zip(self._average, self._response, strict=True))
        self._average = first, second

    def current(self) -> Plans:
        """The last responses."""
        return self._response

    def average(self) -> Plans:
        """The average plans."""
        return self._average
