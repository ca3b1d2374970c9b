"""Meta-solvers: from a payoff matrix of the population to the mixture each side should draw its opponent from.

Every solver takes the row side's utility of a two-sided zero-sum game, `payoff [m, n]`, and returns a `MetaSolution`.
`solve` finds one by name; `solve_symmetric` is for one population playing itself, whose matrix is skew-symmetric.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import linprog

Array = NDArray[np.float64]


class PayoffError(ValueError):
    """A matrix no meta-solver can answer: wrong shape, unplayed or infinite cells, or not skew-symmetric."""


@dataclass(frozen=True)
class MetaSolution:
    """A mixture for each side of a matrix game.

    `row [m]` and `column [n]` are probabilities, `value` is the row side's expected utility when both are played, and
    `gap` is what the two sides together would gain by their best pure deviations (NashConv of the matrix game: 0 at
    an equilibrium; half of it is the exploitability).
    """

    row: Array
    column: Array
    value: float
    gap: float


LEAST_TEMPERATURE = 1e-3
"""Of `logit`, as a share of the payoff's range: cooler, a member's weight would be too small for a float."""

Solver = Callable[[ArrayLike], MetaSolution]


def uniform(payoff: ArrayLike) -> MetaSolution:
    """Every member with equal weight: fictitious play's opponent when the members are successive responses."""
    matrix = _checked(payoff)
    m, n = matrix.shape
    return _solution(matrix, np.full(m, 1 / m), np.full(n, 1 / n))


def nash(payoff: ArrayLike) -> MetaSolution:
    """A Nash equilibrium by linear programming, where the duals of the row side's programme are the column's mixture.

    The row side maximises v subject to (payoffᵀ x)_j ≥ v for every column j (von Neumann and Morgenstern's programme,
    solved by HiGHS). Where equilibria are many, which one comes back depends on the order of the members:
    `max_entropy_nash` does not.
    """
    matrix = _checked(payoff)
    m, n = matrix.shape
    unit, _, span = _unit_range(matrix)
    if span == 0.0:
        return uniform(matrix)
    # Variables (x, v) in the payoff's unit range [0, 1], where HiGHS's absolute tolerances mean the same for any game.
    answer = linprog(
        c=np.append(np.zeros(m), -1.0),
        A_ub=np.hstack([-unit.T, np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(m), 0.0)[None, :],
        b_eq=np.ones(1),
        bounds=[(0, None)] * m + [(None, None)],  # a bound on v would take over a part of the duals
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if not answer.success:
        raise PayoffError(f"the linear programme of a {m} by {n} payoff matrix was not solved: {answer.message}")
    return _solution(matrix, _simplex(answer.x[:m]), _simplex(-answer.ineqlin.marginals))


def regret_matching(payoff: ArrayLike, iterations: int = 5_000) -> MetaSolution:
    """The average play of `iterations` rounds of regret matching⁺ against itself, without any chance.

    Sides update in turn, negative regrets are cut to zero and round t has weight t (Tammelin, "Solving large
    imperfect information games using CFR+", 2014, section 3; plain regret matching is Hart and Mas-Colell 2000).
    The gap falls at least as fast as 1/√iterations; in practice nearer to 1/iterations.
    """
    matrix = _checked(payoff)
    unit, _, _ = _unit_range(matrix)
    m, n = matrix.shape
    row_regret, column_regret = np.zeros(m), np.zeros(n)
    row_sum, column_sum = np.zeros(m), np.zeros(n)
    column = np.full(n, 1 / n)
    for step in range(1, iterations + 1):
        row = _positive_part(row_regret)
        gain = row @ unit
        column_regret = np.maximum(column_regret + gain @ column - gain, 0.0)
        column = _positive_part(column_regret)
        gain = unit @ column
        row_regret = np.maximum(row_regret + gain - gain @ row, 0.0)
        row_sum += step * row
        column_sum += step * column
    return _solution(matrix, _simplex(row_sum), _simplex(column_sum))


def max_entropy_nash(payoff: ArrayLike, slack: float = 1e-7) -> MetaSolution:
    """The equilibrium that spreads its weight most: equal members get equal weight and copies share one weight.

    Nash averaging (Balduzzi et al., "Re-evaluating Evaluation", 2018, section 4) asks for this one because it does not
    depend on the order or the copies of members. Each side's answer is within `slack`, as a share of the payoff's
    range, of guaranteeing the value: the room an interior-point method needs.
    """
    matrix = _checked(payoff)
    start = nash(matrix)
    unit, _, span = _unit_range(matrix)
    if span == 0.0:
        return start
    row = _spread(unit, start.row, slack)
    theirs = 1.0 - unit.T
    # A symmetric game asks the same of both sides, and the answer is the only one.
    symmetric = theirs.shape == unit.shape and np.allclose(theirs, unit, rtol=0.0, atol=1e-14)
    column = row if symmetric else _spread(theirs, start.column, slack)
    return _solution(matrix, row, column)


def logit(payoff: ArrayLike, temperature: float | None = None) -> MetaSolution:
    """The logit quantal response equilibrium: each side plays a member in proportion to exp(its utility / temperature).

    McKelvey and Palfrey, "Quantal Response Equilibria for Normal Form Games", 1995. In a zero-sum game it is the one
    saddle point of utility plus temperature times entropy, so it moves smoothly with the payoffs: two members that
    differ by less than the temperature are not told apart, and as that falls to 0 an equilibrium is left. temperature:
    in units of utility, `LEAST_TEMPERATURE` of the payoff's range by default and at least.

    The column's mixture y minimises τ log Σ exp((payoff y)_i / τ) + τ Σ y log y by Newton's method, τ halved until it
    is the one asked for; the row's follows from it.
    """
    matrix = _checked(payoff)
    unit, _, span = _unit_range(matrix)
    if span == 0.0:
        return uniform(matrix)
    wanted = max((temperature or 0.0) / span, LEAST_TEMPERATURE)
    y = np.full(unit.shape[1], 1 / unit.shape[1])
    for heat in (*np.geomspace(max(wanted, 1.0), wanted, 1 + max(0, int(np.ceil(-np.log2(wanted))))), wanted):
        y = _cooled(unit, y, float(heat))
    return _solution(matrix, _softmax(unit @ y / wanted), y)


# The one registry: what a scheme's `meta_solver` may name.
SOLVERS: dict[str, Solver] = {
    "uniform": uniform,
    "nash": nash,
    "regret_matching": regret_matching,
    "max_entropy_nash": max_entropy_nash,
    "logit": logit,
}

PRIORITIES: dict[str, Callable[[Array], Array]] = {
    "squared": lambda rates: (1 - rates) ** 2,
    "variance": lambda rates: rates * (1 - rates),
    "linear": lambda rates: 1 - rates,
    "linear_capped": lambda rates: np.minimum(0.5, 1 - rates),
}
"""How prioritised fictitious self-play weighs an opponent by one's own win rate against it: hard ones, or even ones."""


def prioritise(priority: str, win_rates: ArrayLike) -> Array:
    """The weights of opponents [n] by one's own win rate against each, all alike where none is worth playing.

    Prioritised fictitious self-play (Vinyals et al., "Grandmaster level in StarCraft II using multi-agent reinforcement
    learning", 2019, "Matchmaking").
    """
    rates = np.asarray(win_rates, np.float64)
    if not len(rates) or not ((rates >= 0) & (rates <= 1)).all():
        raise PayoffError(f"win rates {rates.tolist()}: expected one or more between 0 and 1, each of them played")
    weights = PRIORITIES[priority](rates)
    total = weights.sum()
    return weights / total if total > 1e-10 else np.full(len(rates), 1 / len(rates))


def solve(name: str, payoff: ArrayLike) -> MetaSolution:
    """The named solver's answer to `payoff [m, n]` (row utility, zero-sum)."""
    return _named(name)(payoff)


def solve_symmetric(name: str, payoff: ArrayLike, tolerance: float = 1e-9) -> MetaSolution:
    """One mixture `row == column [n]` for a population that meets itself; the value is 0.

    `payoff [n, n]` must be skew-symmetric within `tolerance` times its largest entry: a symmetric shortcut on a game
    whose sides differ would answer another question. Either side's equilibrium mixture is one for both sides, and so
    is their mean, which is what is returned.
    """
    solver = _named(name)
    matrix = _checked(payoff)
    m, n = matrix.shape
    if m != n:
        raise PayoffError(f"a symmetric game has one population: got a payoff matrix of {m} by {n}, expected square")
    excess = np.abs(matrix + matrix.T)
    if excess.max() > tolerance * max(np.abs(matrix).max(), 1.0):
        i, j = np.unravel_index(int(excess.argmax()), excess.shape)
        raise PayoffError(
            f"{name} was asked for a symmetric solution, but the payoff matrix is not skew-symmetric: cell ({i}, {j}) "
            f"is {matrix[i, j]:.6g} and cell ({j}, {i}) is {matrix[j, i]:.6g}, expected {-matrix[i, j]:.6g}"
        )
    found = solver(matrix)
    mixture = (found.row + found.column) / 2
    return _solution(matrix, mixture, mixture)


def _named(name: str) -> Solver:
    if name not in SOLVERS:
        near = difflib.get_close_matches(name, SOLVERS, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise KeyError(f"unknown meta-solver {name!r}, expected one of {', '.join(SOLVERS)}{hint}")
    return SOLVERS[name]


def _checked(payoff: ArrayLike) -> Array:
    matrix = np.asarray(payoff, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0:
        raise PayoffError(f"a payoff matrix has two dimensions and at least one cell: got shape {matrix.shape}")
    bad = ~np.isfinite(matrix)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise PayoffError(
            f"{int(bad.sum())} of {matrix.size} payoff cells are unplayed or not finite, first ({i}, {j}) = "
            f"{matrix[i, j]}: play them first (an unplayed cell has no value, not an even one)"
        )
    return matrix


def _unit_range(matrix: Array) -> tuple[Array, float, float]:
    """The matrix moved to [0, 1], with the offset and the span that move it back."""
    low, span = float(matrix.min()), float(np.ptp(matrix))
    return ((matrix - low) / span if span > 0.0 else np.zeros_like(matrix)), low, span


def _simplex(weights: Array) -> Array:
    """Solver output as probabilities: what is negative by round-off becomes zero."""
    clipped = np.maximum(weights, 0.0)
    return clipped / clipped.sum()


def _positive_part(regret: Array) -> Array:
    total = regret.sum()
    return regret / total if total > 0.0 else np.full(len(regret), 1 / len(regret))


def _solution(matrix: Array, row: Array, column: Array) -> MetaSolution:
    row_gain, column_loss = matrix @ column, row @ matrix
    return MetaSolution(row, column, float(row @ row_gain), float(row_gain.max() - column_loss.min()))


def _softmax(scores: Array) -> Array:
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


def _cooled(unit: Array, y: Array, heat: float) -> Array:
    """The minimiser of `logit`'s convex function at one temperature, by damped Newton steps from `y`."""
    for _ in range(100):
        scores = unit @ y / heat
        x = _softmax(scores)
        gradient = x @ unit + heat * (np.log(y) + 1.0)
        # In the variables step / √y: temperature + √y unitᵀ (diag x − x xᵀ) unit √y / temperature, never singular.
        root = np.sqrt(y)
        scaled = unit * root
        mean = x @ scaled
        hessian = ((scaled - mean).T * x) @ (scaled - mean) / heat + heat * np.eye(len(y))
        descent, along = np.linalg.solve(hessian, np.column_stack([-root * gradient, root])).T
        step = root * (descent - along * (root @ descent) / (root @ along))
        decrement = -float(gradient @ step)
        if decrement < 1e-14 * heat:
            break
        length, now = min(1.0, 0.95 * _reach(y, step)), _soft_cost(unit, y, heat)
        while length > 1e-10 and _soft_cost(unit, y + length * step, heat) > now - 0.1 * length * decrement:
            length /= 2
        if length <= 1e-10:
            break
        y = y + length * step
        y /= y.sum()
    return y


def _soft_cost(unit: Array, y: Array, heat: float) -> float:
    scores = unit @ y / heat
    top = scores.max()
    return float(heat * (top + np.log(np.exp(scores - top).sum()) + y @ np.log(y)))


def _spread(unit: Array, optimal: Array, slack: float) -> Array:
    """The mixture of largest entropy among those within `slack` of what `optimal [m]` guarantees in `unit [m, n]`.

    Minimises Σ x log x − μ (Σ_i log x_i + Σ_j log room_j) on the simplex by Newton's method while μ falls to nothing
    (Boyd and Vandenberghe, "Convex Optimization", 2004, sections 10.2 and 11.3), where room = unitᵀ x − floor and the
    barrier on x keeps Newton's steps sound where a weight is tiny. At the end the entropy is within (m + n) μ of the
    best, unless near ties leave less room than double precision can tell from none: then the last sound x is returned.
    """
    m = len(unit)
    # The floor is under what the given mixture does guarantee: the value as solved may lie above that by a tolerance.
    # x sums to 1, so the floor is taken from every entry, which keeps the digits that near ties need.
    margins = unit - ((optimal @ unit).min() - slack)
    # A little of the uniform mixture costs at most its own share of the range: this start is strictly inside.
    x = (1 - slack / 4) * optimal + slack / 4 / m
    x, room = x / x.sum(), (x / x.sum()) @ margins
    for barrier in np.geomspace(1.0, 1e-11, 12):
        for _ in range(100):
            gradient = np.log(x) + 1.0 - barrier * (1.0 / x + (margins / room).sum(axis=1))
            step = _newton_step(x, margins / room, gradient, barrier)
            decrement = -gradient @ step
            if decrement < max(1e-12, 0.01 * barrier):  # near enough to the central path to go on along it
                break
            # Longest step inside the constraints, halved until the merit falls enough (Armijo).
            reach = min(_reach(x, step), _reach(room, step @ margins))
            length, merit = min(1.0, 0.95 * reach), _merit(x, room, barrier)
            while length > 1e-12:
                trial = x + length * step
                trial /= trial.sum()
                left = trial @ margins
                # Judged by the room that is left as computed: rounding must not put a step outside.
                if left.min() > 0 and _merit(trial, left, barrier) <= merit - 0.1 * length * decrement:
                    break
                length /= 2
            else:
                break
            x, room = trial, left
            if room.min() < 1e-13:
                return x
    return x


def _newton_step(x: Array, scaled: Array, gradient: Array, barrier: float) -> Array:
    """The Newton step of `_spread`'s merit that keeps the sum of x; scaled [m, n]: the margins over the room.

    In the variables step / √x the Hessian is I + μ/x + μ √x scaled scaledᵀ √x = RᵀR; R comes from a QR decomposition of
    its root, which has half as many digits to lose as the Hessian itself.
    """
    root = np.sqrt(x)
    stacked = np.vstack([np.diag(np.sqrt(1.0 + barrier / x)), np.sqrt(barrier) * (root[:, None] * scaled).T])
    factor = np.linalg.qr(stacked, mode="r")
    both = np.column_stack([-root * gradient, root])
    descent, along = solve_triangular(factor, solve_triangular(factor, both, trans=1)).T
    return root * (descent - along * (root @ descent) / (root @ along))


def _reach(room: Array, change: Array) -> float:
    """How many times `change` fits before some room is used up."""
    falling = change < 0
    return float((-room[falling] / change[falling]).min()) if falling.any() else np.inf


def _merit(x: Array, room: Array, barrier: float) -> float:
    return float(x @ np.log(x) - barrier * (np.log(x).sum() + np.log(room).sum()))
