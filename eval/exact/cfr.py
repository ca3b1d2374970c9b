"""Counterfactual regret minimisation, sides updating in turn; and CFR⁺.

M. Zinkevich et al., Regret minimization in games with incomplete information, 2007; O. Tammelin, Solving large
imperfect information games using CFR⁺, 2014 (regrets cut at zero, iteration t weighs t in the average).
"""

import numpy as np

from ...league.exact.sequence import Floats, Plans, SequenceForm


class CFR:
    """Both sides minimise regret at every information set; the average of their plans tends to an equilibrium."""

    def __init__(self, form: SequenceForm, plus: bool = False):
        self.form, self.plus, self.iterations = form, plus, 0
        self.behaviour = [side.even for side in form.sides]
        self._regret = [np.zeros(side.sequences) for side in form.sides]
        self._sum = [np.zeros(side.sequences) for side in form.sides]

    def iterate(self) -> None:
        """One update of the first side, then of the second against what the first has become."""
        self.iterations += 1
        for s, side in enumerate(self.form.sides):
            other = self.form.sides[1 - s].realise(self.behaviour[1 - s])
            choices, sets = side.values(self.form.gradient(s, other), self.behaviour[s])
            regret = self._regret[s]
            regret[1:] += choices[1:] - sets[side.owner[1:]]
            if self.plus:
                np.maximum(regret, 0.0, out=regret)
            self._sum[s] += (self.iterations if self.plus else 1) * side.realise(self.behaviour[s])
            self.behaviour[s] = side.normalise(np.maximum(regret, 0.0))

    def current(self) -> Plans:
        """What the sides would play now."""
        return self._plans(self.behaviour)

    def average(self) -> Plans:
        """The average of the plans so far; even play before the first iteration."""
        return self._plans([side.behave(total) for side, total in zip(self.form.sides, self._sum, strict=True)])

    def _plans(self, behaviour: list[Floats]) -> Plans:
        first, second = (side.realise(b) for side, b in zip(self.form.sides, behaviour, strict=True))
        return first, second
