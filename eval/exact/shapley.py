"""Values and equilibria of a game's states: a matrix game in each, backward or, where states may come again, iterated.

What a pair of choices is worth is what it pays and the value of the state it leads to (L. Shapley, Stochastic games,
1953). Without a way back one pass from the ends is enough. Otherwise values are iterated until the contraction of the
iteration bounds the error: matches must end, however the two sides play, or it is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from ...league.exact.sequence import ExactError
from .kernels import UNSOLVED, kernel
from .states import END, States

TOLERANCE = 1e-9
PRECISE = 1e-9
"""Gap of a matrix, relative to its payoffs, above which its solution is handed to HiGHS."""
MOST_ROUNDS = 1_000_000
Step = Callable[[np.ndarray, int, int], np.ndarray]
"""(what each pair of the states `low` to below `high` is worth, low, high) -> the states' values."""
Mixes = tuple[np.ndarray, np.ndarray]
"""Each side's probabilities, laid out as its choices: float64 [Q] of either."""


@dataclass(frozen=True)
class Solved:
    """A game's solution. values [N]: to the first side; mixes: an equilibrium.

    gap: NashConv of the mixes when a match begins, computed by best responses; the value lies within it. matrices: how
    many states were matrix games proper, and how many of those HiGHS had to solve.
    """

    states: States
    values: np.ndarray
    mixes: Mixes
    value: float
    gap: float
    matrices: int
    handed: int

    def mix(self, side: int, state: int) -> dict[tuple[int, ...], float]:
        """A side's equilibrium in a state, by joint action."""
        choices = self.states.choices[side]
        rows = slice(int(choices.first[state]), int(choices.first[state + 1]))
        actions, mix = choices.actions[rows].tolist(), self.mixes[side][rows]
        return {tuple(action): float(share) for action, share in zip(actions, mix, strict=True)}


def solve_states(states: States, tolerance: float = TOLERANCE) -> Solved:
    """The game's value and an equilibrium. tolerance: of values, where they have to be iterated."""
    room = [int(choices.count.max(initial=1)) for choices in states.choices]
    solver = _Matrices(states, room)
    values = sweep(states, solver, tolerance)
    mixes = (solver.first, solver.second)
    _, (as_first, as_second) = respond_both(states, mixes, tolerance)
    return Solved(
        states=states,
        values=values,
        mixes=mixes,
        value=states.root(values),
        gap=as_first - as_second,
        matrices=int((np.minimum(*(choices.count for choices in states.choices)) > 1).sum()),
        handed=solver.handed,
    )


def respond(states: States, side: int, mix: np.ndarray, tolerance: float = TOLERANCE) -> tuple[np.ndarray, np.ndarray]:
    """A side's best response to the other's mix: values [N] to the first side, and its choice in each state [N]."""
    best = np.zeros(len(states), np.int64)

    def step(worth: np.ndarray, low: int, high: int) -> np.ndarray:
        value = np.zeros(high - low)
        kernel("respond")(worth, *_laid_out(states, low, high), mix, side, value, best[low:high])
        return value

    return sweep(states, step, tolerance), best


def respond_both(
    states: States, mixes: Mixes, tolerance: float = TOLERANCE
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[float, float]]:
    """Both sides' best responses to the other's mix: the choices, and what the first side then has of the match."""
    found = [respond(states, side, mixes[1 - side], tolerance) for side in range(2)]
    return (found[0][1], found[1][1]), (states.root(found[0][0]), states.root(found[1][0]))


def expect(states: States, mixes: Mixes, tolerance: float = TOLERANCE) -> np.ndarray:
    """What two mixes are worth to the first side, by state: [N]."""

    def step(worth: np.ndarray, low: int, high: int) -> np.ndarray:
        value = np.zeros(high - low)
        kernel("expect")(worth, *_laid_out(states, low, high), *mixes, value)
        return value

    return sweep(states, step, tolerance)


def reach(states: States, mixes: Mixes) -> np.ndarray:
    """How probable it is that a match comes to each state, [N]; where no state can come again."""
    if not states.layered:
        raise ExactError(f"{states.game.arena.name}: a state may come again: how often is no probability")
    edges, comes = states.edges, np.zeros(len(states))
    comes[states.start] = states.start_chance
    counts = [choices.count for choices in states.choices]
    for d in range(len(states.levels) - 1):
        rows = np.arange(*states.levels[d : d + 2])
        state = np.repeat(rows, counts[0][rows] * counts[1][rows])
        pair = np.arange(int(edges.pair[rows[0]]), int(edges.pair[rows[-1] + 1]))
        row, column = np.divmod(pair - edges.pair[state], counts[1][state])
        share = comes[state]
        for mix, choices, at in zip(mixes, states.choices, (row, column), strict=True):
            share = share * mix[choices.first[state] + at]
        if edges.first is not None and edges.chance is not None:
            outcomes = np.diff(edges.first[pair[0] : pair[-1] + 2])
            pair = np.arange(int(edges.first[pair[0]]), int(edges.first[pair[-1] + 1]))
            share = np.repeat(share, outcomes) * edges.chance[pair]
        successor = edges.successor[pair]
        on = successor != END
        np.add.at(comes, successor[on], share[on])
    return comes


def exploitability(states: States, mixes: Mixes) -> float:
    """NashConv / 2 of two mixes."""
    as_first, as_second = respond_both(states, mixes)[1]
    return (as_first - as_second) / 2


def sweep(states: States, step: Step, tolerance: float = TOLERANCE) -> np.ndarray:
    """Values [N] of a rule that makes a state's value from what its pairs are worth: step(worth, low, high) -> [n]."""
    values = np.zeros(len(states))
    if states.layered:
        for d in range(len(states.levels) - 2, -1, -1):
            low, high = states.levels[d : d + 2]
            values[low:high] = step(states.edges.worth(values, low, high), low, high)
        return values
    weight, rate = durations(states)
    for _ in range(MOST_ROUNDS):
        after = step(states.edges.worth(values), 0, len(states))
        change = float((np.abs(after - values) / weight).max())
        values = after
        if change * rate / (1 - rate) * float(weight.max()) <= tolerance:
            return values
    raise ExactError(
        f"{states.game.arena.name}: values have not settled within {MOST_ROUNDS:,} rounds: matches may last too long"
    )


def durations(states: States) -> tuple[np.ndarray, float]:
    """How many decisions a match may last on average from each state at most, w [N], and the largest ratio of what
    remains of it after a decision to what there was: the rate at which values settle, in the norm weighted by w.

    Refused where that is 1: both sides together can keep a match going for ever.
    """
    edges, longest = states.edges, np.ones(len(states))
    starts = edges.pair[:-1]
    paid_nothing = type(edges)(edges.pair, edges.first, edges.chance, edges.successor, np.zeros_like(edges.paid))
    for _ in range(10_000):
        remains = np.maximum.reduceat(paid_nothing.worth(longest), starts)
        if (remains <= longest * (1 - 1e-6)).all() and float((remains + 1 - longest).max()) < 1e-3:
            return longest, float((remains / longest).max())
        longest = 1 + remains
        if longest.max() > 1e5:
            break
    raise ExactError(
        f"{states.game.arena.name}: the two sides can keep a match going for ever (or for {longest.max():,.0f} "
        "decisions on average): its states have no certain value; expected a game that ends, however it is played"
    )


def _laid_out(states: States, low: int, high: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the states from `low` to below `high`: their pairs counted from 0, and where their choices lie."""
    pair = states.edges.pair[low : high + 1]
    first, second = (choices.first[low : high + 1] for choices in states.choices)
    return pair - pair[0], first, second


class _Matrices:
    """Solves the matrices of some states, and keeps their mixes."""

    def __init__(self, states: States, room: list[int]):
        self.states, self.handed = states, 0
        self.first, self.second = (np.zeros(int(choices.first[-1])) for choices in states.choices)
        self._tableau = np.zeros((room[0] + 1, room[0] + room[1] + 1))
        self._basis = np.zeros(room[0], np.int64)

    def __call__(self, worth: np.ndarray, low: int, high: int) -> np.ndarray:
        pair, first_at, second_at = _laid_out(self.states, low, high)
        value, gap = np.zeros(high - low), np.zeros(high - low)
        kernel("solve_matrices")(
            worth, pair, first_at, second_at, self.first, self.second, value, gap, self._tableau, self._basis
        )
        scale = np.maximum(np.abs(value), 1e-3)
        for s in np.flatnonzero((gap == UNSOLVED) | (gap > PRECISE * scale)):
            rows, columns = slice(*first_at[s : s + 2]), slice(*second_at[s : s + 2])
            matrix = worth[pair[s] : pair[s + 1]].reshape(rows.stop - rows.start, -1)
            value[s], self.first[rows], self.second[columns] = by_linear_programme(matrix)
            self.handed += 1
        return value


def by_linear_programme(matrix: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Value and equilibrium of a matrix game [m, n] by HiGHS."""
    m, n = matrix.shape
    found = linprog(
        np.append(np.zeros(m), -1.0),
        A_ub=np.column_stack([-matrix.T, np.ones(n)]),
        b_ub=np.zeros(n),
        A_eq=[np.append(np.ones(m), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
        method="highs",
    )
    if not found.success:
        raise ExactError(f"a matrix game of {m} x {n} was not solved: {found.message}")
    first, second = np.maximum(found.x[:m], 0.0), np.maximum(-found.ineqlin.marginals, 0.0)
    return float(found.x[-1]), first / first.sum(), second / second.sum()
