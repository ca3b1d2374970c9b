"""Value and equilibrium by linear programming over the sequence form, with HiGHS.

The first side maximises what the second side's best response leaves it; the duals of the second side's sequences are
the second side's plan (D. Koller, N. Megiddo and B. von Stengel, Efficient computation of equilibria for extensive
two-person games, 1996). Both plans are then checked against each other by best responses: that gap, not the solver's
word, is what bounds the error of the value.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from ...league.exact.sequence import ExactError, Floats, Plans, SequenceForm, Side

TOLERANCE = 1e-10
"""HiGHS's smallest, of feasibility in units of the largest payoff."""


@dataclass(frozen=True)
class Solution:
    """An equilibrium. gap: its NashConv as evaluated, so that `value` is off by no more than that."""

    plans: Plans
    value: float
    gap: float


def solve(form: SequenceForm) -> Solution:
    """The first side's value and a plan for each side."""
    first, second = form.sides
    scale = float(np.abs(form.payoff.data).max(initial=0.0)) or 1.0
    payoff = form.payoff / scale
    # Variables: the first side's plan x, and u, what each of the second side's information sets is worth (u_0: root).
    # maximise u_0 with constraint(first) x = (1, 0, ...) and constraint(second)ᵀ u <= payoffᵀ x, x >= 0.
    worths = len(second.parent) + 1
    answer = linprog(
        c=np.append(np.zeros(first.sequences), np.append(-1.0, np.zeros(worths - 1))),
        A_ub=sparse.hstack([-payoff.T, constraints(second).T], format="csr"),
        b_ub=np.zeros(second.sequences),
        A_eq=sparse.hstack([constraints(first), sparse.csr_array((len(first.parent) + 1, worths))], format="csr"),
        b_eq=np.append(1.0, np.zeros(len(first.parent))),
        bounds=[(0, None)] * first.sequences + [(None, None)] * worths,
        method="highs",
        options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
    )
    if not answer.success:
        raise ExactError(f"the linear programme of {payoff.shape} sequences was not solved: {answer.message}")
    plans = (_plan(first, answer.x[: first.sequences]), _plan(second, -answer.ineqlin.marginals))
    return Solution(plans, form.value(plans), form.nash_conv(plans))


def constraints(side: Side) -> sparse.csr_array:
    """What makes a plan a plan: its empty sequence is 1, and each information set's choices sum to what leads there.

    [I + 1, Q].
    """
    sets, sequences = np.arange(len(side.parent)) + 1, np.arange(side.sequences)
    row = np.concatenate([[0], side.owner[1:] + 1, sets])
    column = np.concatenate([[0], sequences[1:], side.parent])
    value = np.concatenate([np.ones(side.sequences), -np.ones(len(sets))])
    return sparse.csr_array(sparse.coo_array((value, (row, column)), shape=(len(sets) + 1, side.sequences)))


def _plan(side: Side, found: Floats) -> Floats:
    """A solver's answer as a true plan: rounding below zero and in the sums is taken out."""
    plan = np.maximum(found, 0.0)
    return side.realise(side.normalise(plan))
