"""A two-sided zero-sum game in sequence form, and what follows from it: values, best responses, exploitability.

A *sequence* is what one side has chosen so far, at the information sets where it had a choice; sequence 0 is the empty
one. A side's whole strategy is a *plan*: the probability of each of its sequences as far as it depends on that side
(its realisation weights). The game is then one sparse matrix, and the first side's value is bilinear in the two plans
(B. von Stengel, Efficient computation of behavior strategies, 1996; D. Koller, N. Megiddo and B. von Stengel, 1996).

Shapes: Q sequences and I information sets of a side. Every array over sequences is [Q], over information sets [I].
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Plans = tuple[Floats, Floats]
"""A plan for each side."""

TIE = 1e-12
"""Choices whose values differ by less than this, relative to the largest payoff, are equally good."""


class ExactError(ValueError):
    """A game that cannot be solved here, or a policy that cannot be judged exactly."""


@dataclass(frozen=True)
class Side:
    """One side's information sets, in levels: those of a level follow only on sequences of earlier levels.

    The choices of information set i are the sequences `start[i]` up to `start[i + 1]`; they follow on `parent[i]`.
    """

    parent: Ints  # [I]
    start: Ints  # [I + 1]; start[0] is 1, start[I] is Q
    levels: tuple[tuple[int, int], ...]  # (first, last + 1) information set of each level
    owner: Ints = field(init=False)  # [Q]: the information set a sequence belongs to; -1 for the empty one
    before: Ints = field(init=False)  # [Q]: the sequence it follows on; 0 for the empty one
    even: Floats = field(init=False)  # [Q]: behaviour that takes all choices alike
    _steps: tuple["Level", ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = np.diff(self.start)
        owner = np.append(-1, np.repeat(np.arange(len(counts)), counts))
        object.__setattr__(self, "owner", owner)
        object.__setattr__(self, "before", np.append(0, np.repeat(self.parent, counts)))
        object.__setattr__(self, "even", np.append(1.0, np.repeat(1 / counts, counts)))
        object.__setattr__(self, "_steps", tuple(self._step(*level) for level in self.levels if level[1] > level[0]))

    def _step(self, first: int, last: int) -> "Level":
        at, end = int(self.start[first]), int(self.start[last])
        return Level(
            sets=slice(first, last),
            sequences=slice(at, end),
            edges=self.start[first:last] - at,
            parent=self.parent[first:last],
            before=self.before[at:end],
            local=self.owner[at:end] - first,
        )

    @property
    def sequences(self) -> int:
        """Q."""
        return int(self.start[-1])

    def realise(self, behaviour: Floats) -> Floats:
        """A plan from the probabilities of choices at their information sets [Q]."""
        plan = np.ones(self.sequences)
        for level in self._steps:
            plan[level.sequences] = plan[level.before] * behaviour[level.sequences]
        return plan

    def behave(self, plan: Floats) -> Floats:
        """The probabilities of choices [Q] that realise a plan; even where the plan never comes."""
        reached = plan[self.before]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(reached > 0, plan / reached, self.even)

    def normalise(self, weights: Floats) -> Floats:
        """Behaviour [Q] from weights of 0 or more; even where an information set has none."""
        total = np.add.reduceat(weights, self.start[:-1])[self.owner] if len(self.parent) else weights
        with np.errstate(invalid="ignore", divide="ignore"):
            behaviour = np.where(total > 0, weights / total, self.even)
        behaviour[0] = 1.0
        return behaviour

    def values(self, gradient: Floats, behaviour: Floats) -> tuple[Floats, Floats]:
        """What each choice [Q] and each information set [I] is worth when this side behaves like that.

        gradient: `SequenceForm.gradient`. Worth is weighted by how often chance and the other side let it come:
        counterfactual values.
        """
        return self.backward(gradient, lambda level, worth: level.sum(worth * behaviour[level.sequences]))

    def backward(self, gradient: Floats, fold: Callable[["Level", Floats], Floats]) -> tuple[Floats, Floats]:
        """From the last level to the first: `fold` turns the worth of a level's choices into its information sets'.

        That is added to the sequence they follow on. Returns the worth of choices [Q] and information sets [I].
        """
        worth, sets = gradient.copy(), np.zeros(len(self.parent))
        for level in reversed(self._steps):
            folded = fold(level, worth[level.sequences])
            sets[level.sets] = folded
            np.add.at(worth, level.parent, folded)
        return worth, sets

    def best(self, gradient: Floats) -> tuple[float, Floats]:
        """The value of a best response, and the response as behaviour [Q]: among equals the lowest choice."""
        worth, sets = self.backward(gradient, lambda level, worth: level.max(worth))
        slack = TIE * max(1.0, float(np.abs(worth).max()))
        good = worth[1:] >= sets[self.owner[1:]] - slack
        at = np.where(good, np.arange(1, self.sequences), self.sequences)
        behaviour = np.zeros(self.sequences)
        behaviour[0] = 1.0
        if len(self.parent):
            behaviour[np.minimum.reduceat(at, self.start[:-1] - 1)] = 1.0
        return float(worth[0]), behaviour

    def best_value(self, gradient: Floats) -> float:
        """The value of a best response."""
        worth = gradient.copy()
        for level in reversed(self._steps):
            np.add.at(worth, level.parent, level.max(worth[level.sequences]))
        return float(worth[0])


@dataclass(frozen=True)
class Level:
    """One level of a side, with what loops over it need looked up beforehand: L of its sequences, M of its sets."""

    sets: slice
    sequences: slice
    edges: Ints  # [M]: where each information set begins within the level
    parent: Ints  # [M]
    before: Ints  # [L]
    local: Ints  # [L]: which of the level's information sets a sequence belongs to

    def sum(self, worth: Floats) -> Floats:
        """Of each information set [M], from its sequences [L]."""
        return np.add.reduceat(worth, self.edges)

    def max(self, worth: Floats) -> Floats:
        """Of each information set [M], from its sequences [L]."""
        return np.maximum.reduceat(worth, self.edges)


@dataclass(frozen=True)
class SequenceForm:
    """Both sides, and the first side's expected utility of each pair of sequences: chance is in it."""

    sides: tuple[Side, Side]
    payoff: sparse.csr_array  # [Q of the first side, Q of the second]
    _gradients: tuple[sparse.csr_array, sparse.csr_array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_gradients", (self.payoff, sparse.csr_array(-self.payoff.T)))

    def gradient(self, side: int, other: Floats) -> Floats:
        """What each sequence of a side pays it directly, where a match ends, against the other side's plan: [Q]."""
        return self._gradients[side] @ other

    def value(self, plans: Plans) -> float:
        """The first side's expected utility."""
        return float(plans[0] @ (self.payoff @ plans[1]))

    def uniform(self) -> Plans:
        """All choices alike, everywhere."""
        first, second = (side.realise(side.even) for side in self.sides)
        return first, second

    def best_responses(self, plans: Plans) -> tuple[Plans, tuple[float, float]]:
        """Each side's best response to the other's plan as plans, and what they are worth to the sides."""
        found = [side.best(self.gradient(s, plans[1 - s])) for s, side in enumerate(self.sides)]
        first, second = (side.realise(behaviour) for side, (_, behaviour) in zip(self.sides, found, strict=True))
        return (first, second), (found[0][0], found[1][0])

    def nash_conv(self, plans: Plans) -> float:
        """What the two sides together would gain by best responses; 0 at an equilibrium."""
        return sum(side.best_value(self.gradient(s, plans[1 - s])) for s, side in enumerate(self.sides))

    def exploitability(self, plans: Plans) -> float:
        """NashConv / 2."""
        return self.nash_conv(plans) / 2


def mix(plans: Sequence[Floats], weights: Sequence[float] | Floats) -> Floats:
    """The plan of drawing one of several at the start of a match: weighs sequences, never behaviour."""
    return np.einsum("m,mq->q", np.asarray(weights, np.float64), np.stack(plans))
