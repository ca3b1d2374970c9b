"""The figures of `kumite exact`: a game's size, value and uniform play, and how exploitable given policies are."""

import statistics
import time
from collections.abc import Sequence
from typing import Any

from ...agents.policy import Policy
from ...arenas.arena import Game
from ...arenas.batch import Batch
from ...league.exact.asking import SAMPLES, ask_both
from ...league.exact.sequence import ExactError
from ...league.exact.tree import LIMIT, Tree, enumerate_game
from .curves import curve
from .linear import solve

TIMED = 21
"""Evaluations whose median is the time of one."""


def examine(game: Game, *, limit: int = LIMIT, solved: bool = True) -> tuple[Tree, dict[str, Any]]:
    """A game's tree, and its figures as JSON values.

    states: histories (decisions, chance, ends). information_sets: by side, where it is to move. value: to the first
    side, off by no more than value_error. uniform_exploitability: NashConv / 2 of even play. seconds: what each took;
    exploitability_seconds is one exact evaluation of a tabular policy. solved: whether the linear programme is run.
    """
    clock = time.perf_counter
    Batch(game)  # compiles the rules where need be: that is not part of the time
    begin = clock()
    tree = enumerate_game(game, limit)
    seconds = {"enumerate": clock() - begin}
    solution = None
    if solved:
        begin = clock()
        solution = solve(tree.form)
        seconds["solve"] = clock() - begin
    uniform = tree.form.exploitability(tree.form.uniform())
    figures = {
        "arena": game.arena.name,
        "options": dict(game.options),
        "states": tree.states,
        "ends": tree.ends,
        "decisions": tree.ticks,
        "information_sets": list(tree.information_sets),
        "sequences": [side.sequences for side in tree.form.sides],
        "value": solution and solution.value,
        "value_error": solution and max(solution.gap, 0.0),
        "uniform_exploitability": uniform,
        "seconds": seconds,
        "exploitability_seconds": evaluation_time(tree),
    }
    return tree, figures


def evaluation_time(tree: Tree) -> float:
    """Median seconds of one exact exploitability of a tabular policy: behaviour to plans, best responses to both."""
    seconds = []
    for _ in range(TIMED):
        begin = time.perf_counter()
        first, second = (side.realise(side.even) for side in tree.form.sides)
        tree.form.exploitability((first, second))
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def judge(tree: Tree, name: str, policies: Sequence[Policy], samples: int = SAMPLES, seed: int = 0) -> dict[str, Any]:
    """How exploitable one policy is that plays both sides, or two that play one each, as JSON values.

    value: to the first side when they meet. best_responses: what a best response wins on average on either side.
    estimated: the policies in it whose probabilities are counts of `samples` draws at each information set.
    """
    if len(policies) not in (1, 2):
        raise ExactError(f"{name}: {len(policies)} policies: expected one, or one a side")
    pair = (policies[0], policies[-1])
    plans, estimated = ask_both(tree, pair, samples, seed)
    _, worth = tree.form.best_responses(plans)
    return {
        "name": name,
        "hashes": [policy.policy_hash for policy in policies],
        "exploitability": sum(worth) / 2,
        "value": tree.form.value(plans),
        "best_responses": list(worth),
        "estimated": list(estimated),
        "samples": samples if estimated else None,
    }


def curves(tree: Tree, methods: Sequence[str], iterations: int) -> dict[str, dict[int, float]]:
    """Exploitability after 1, 10, 100, ... iterations of each method."""
    return {method: curve(tree.form, method, iterations) for method in methods}
