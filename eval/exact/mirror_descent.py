"""Magnetic mirror descent with dilated entropy.

S. Sokota et al., A unified approach to reinforcement learning, quantal response equilibria, and two-player zero-sum
games, 2023. Each iteration every information set, from the last to the first, turns its choices' worth h into

    h = (step * gradient + log behaviour) / (1 + step * alpha) + what the information sets after the choice are worth

and behaves like softmax(h); it is worth log sum exp(h) itself. That pulls towards drawing a whole plan evenly: a choice
that more plans begin with is likelier. At a fixed alpha > 0 the last plans tend to the quantal response equilibrium of
the reduced normal form (`gap` says how near they are), at alpha = 0 the average of all plans tends to a Nash
equilibrium up to the step, and with alpha and step falling as 1/√t the last plans do.
"""

from collections.abc import Callable

import numpy as np

from ...league.exact.sequence import Floats, Level, Plans, SequenceForm, Side


def annealed(iteration: int) -> tuple[float, float]:
    """Alpha and step of an iteration, both 1/√t."""
    return iteration**-0.5, iteration**-0.5


class MirrorDescent:
    """Both sides move at once. alpha and step: numbers, or given by `schedule` for each iteration from 1 on."""

    def __init__(
        self,
        form: SequenceForm,
        alpha: float = 0.0,
        step: float = 1.0,
        schedule: Callable[[int], tuple[float, float]] | None = None,
    ):
        self.form, self.iterations, self.alpha, self.step = form, 0, alpha, step
        self._schedule = schedule
        self._logs = [np.log(side.even) for side in form.sides]
        self._sum = list(form.uniform())

    def iterate(self) -> None:
        """One step of both sides."""
        self.iterations += 1
        if self._schedule is not None:
            self.alpha, self.step = self._schedule(self.iterations)
        plans = self.current()
        for s, side in enumerate(self.form.sides):
            gradient = self.form.gradient(s, plans[1 - s])
            pulled = (self.step * gradient + self._logs[s]) / (1 + self.step * self.alpha)
            _, self._logs[s] = soft_best(side, pulled)
        for total, plan in zip(self._sum, self.current(), strict=True):
            total += plan

    def current(self) -> Plans:
        """The last plans."""
        first, second = (side.realise(np.exp(log)) for side, log in zip(self.form.sides, self._logs, strict=True))
        return first, second

    def average(self) -> Plans:
        """The average of all plans, the even play of the start included."""
        first, second = (total / (self.iterations + 1) for total in self._sum)
        return first, second

    def gap(self) -> float:
        """How far the last plans are from the quantal response equilibrium: the gain left in the regularised game."""
        if self.alpha <= 0:
            raise ValueError(f"alpha = {self.alpha}: the regularised game needs alpha above 0")
        total = 0.0
        for s, (side, plan) in enumerate(zip(self.form.sides, self.current(), strict=True)):
            worth, _ = soft_best(side, self.form.gradient(s, self.current()[1 - s]) / self.alpha)
            entropy = -float((plan[1:] * self._logs[s][1:]).sum())
            total += self.alpha * (worth - entropy)
        return total


def soft_best(side: Side, gradient: Floats) -> tuple[float, Floats]:
    """The best plan where dilated entropy is added to its worth: that worth, and log behaviour [Q]."""
    logs = np.zeros(side.sequences)

    def fold(level: Level, worth: Floats) -> Floats:
        top = level.max(worth)
        folded = top + np.log(level.sum(np.exp(worth - top[level.local])))
        logs[level.sequences] = worth - folded[level.local]
        return folded

    choices, _ = side.backward(gradient, fold)
    return float(choices[0]), logs
