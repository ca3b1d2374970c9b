"""Kuhn poker by hand, to check the solver that knows nothing of it: both sides' strategies as tables [card, situation].

The first side bets at the start or calls after its check was bet into; the second bets after a check or calls a bet.
"""

from itertools import permutations, product

import numpy as np
from exact_games import tree

DEALS = list(permutations(range(3), 2))
PURE = [np.array(bets, float).reshape(3, 2) for bets in product((0, 1), repeat=6)]
"""Every pure strategy of a side: [card, its first or second situation] -> 1 if it bets there."""


def first_wins(first, second, bet, call, bet_after_check, call_after_check):
    """Expected chips of the first side for one deal, from the probabilities of betting and calling."""
    sign = 1 if first > second else -1
    checked = (1 - bet_after_check) * sign + bet_after_check * (call_after_check * 2 * sign - (1 - call_after_check))
    return bet * (call * 2 * sign + (1 - call)) + (1 - bet) * checked


def value(row, column):
    """Chips that the first side's strategy wins on average, exactly. Strategies: [card, situation] -> P(bet)."""
    deals = [
        first_wins(a, b, row[a, 0], column[b, 1], column[b, 0], row[a, 1]) for a, b in DEALS
    ]  # fmt: skip
    return float(np.mean(deals))


def gap(rows, columns):
    """NashConv / 2 in chips of two lists of (probability, strategy), by trying all 64 pure strategies of each side.

    A mixture drawn once a match is weighed by the whole game's value, which is what realisation weights come to.
    """
    best = max(sum(w * value(pure, other) for w, other in columns) for pure in PURE)
    worst = min(sum(w * value(other, pure) for w, other in rows) for pure in PURE)
    return (best - worst) / 2


def plan(side, table):
    """A strategy as the solver's plan: its information sets found by the arena's observation."""
    found = tree("classic/kuhn")
    form, where = found.form.sides[side], found.decisions[side]
    behaviour = form.even.copy()
    for sights in found.sights[side]:
        for number in range(*sights.sets):
            seen = found.game.observation.split(sights.observation[where.sight[number]])
            card, answers = int(seen["card"].argmax()), bool(seen["bet"][1])
            bet = table[card, int(answers)]
            behaviour[form.start[number] : form.start[number + 1]] = 1 - bet, bet
    return form.realise(behaviour)
