"""What `kumite exact --states` and `--slice` print: a game solved by its states, what is played in those that come up
most, and how exploitable policies are there. And slices of the fight as controls of exploiters.
"""

import time
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from ...agents.policy import Array, Policy, PolicyError
from ...arenas import make_game
from ...arenas.arena import Game, nearest
from ...arenas.batch import Batch
from ...arenas.fight.choices import Option, option_of
from ...arenas.fight.slices import read_slices
from .judging import SAMPLES, best_response_gain, judge_in_states
from .shapley import Solved, exploitability, reach, solve_states
from .states import States, looks
from .walk import LIMIT, Told, enumerate_states

NAMED = 4
"""States that are told, besides those in which a match begins."""
SHOWN = 1e-6
"""Least share of a mix that is told."""


def slice_game(name: str, **options: Any) -> Game:
    """A slice of the fight by name, as its preset has it; options change the grid (`frame_skip`) or the characters."""
    if name not in read_slices():
        raise PolicyError(f"no slice {name!r} of the fight" + nearest(name, list(read_slices())))
    return make_game("fight", preset=name, **options)


def exploiter_control(name: str, policy: Policy, side: int, **options: Any) -> float:
    """What a best response wins on average, in utility, in a slice of the fight from the policy that plays `side`.

    It is the true gain of an exploiter's positive control: train the exploiter in `slice_game(name, **options)` against
    the policy; what it wins there on average, over this, is the share that it has found of what is to be found. Exact
    where the policy can say its probabilities; of a bot it is an estimate from above (`judging`), so that the share
    found looks smaller than it is.
    """
    return best_response_gain(enumerate_states(slice_game(name, **options)), policy, side)


def examine_states(game: Game, *, limit: int = LIMIT, told: Told | None = None) -> tuple[Solved, dict[str, Any]]:
    """A game solved by its states, and its figures as JSON values.

    states: distinct records in which a match goes on; deciding: where anybody has a choice; matrices: where both have.
    value: to the first side, off by no more than value_error. roots: where a match begins, with the equilibrium there
    and what each pair of choices is worth; named: the states with a mix that equilibrium play comes to most.
    seen_apart: the share of states that one look tells from all others; what it does not show follows from what was
    seen and done so far. damage: points of damage to one of utility, in slices of the fight.
    """
    clock = time.perf_counter
    Batch(game)  # compiles the rules where need be: that is not part of the time
    begin = clock()
    states = enumerate_states(game, limit, told)
    enumerated = clock()
    solved = solve_states(states)
    seconds = {"enumerate": enumerated - begin, "solve": clock() - enumerated}
    uniform = tuple(np.repeat(1 / choices.count, choices.count) for choices in states.choices)
    figures = {
        "arena": game.arena.name,
        "options": dict(game.options),
        "utility": game.utility,
        "damage": 1 / game.score_scale if game.options.get("slice") and game.utility == "score" else None,
        "states": len(states),
        "deciding": int(states.decisive.sum()),
        "matrices": solved.matrices,
        "outcomes": len(states.edges.successor),
        "decisions": len(states.levels) - 1 if states.layered else None,
        "value": solved.value,
        "value_error": max(solved.gap, 0.0),
        "uniform_exploitability": exploitability(states, (uniform[0], uniform[1])),
        "seen_apart": seen_apart(states),
        "roots": [
            {**_state(solved, int(s)), "chance": float(chance)}
            for s, chance in zip(states.start, states.start_chance, strict=True)
        ][:NAMED],
        "named": named_states(solved),
        "seconds": seconds,
    }
    return solved, figures


def named_states(solved: Solved) -> list[dict[str, Any]]:
    """The states besides the first in which somebody mixes that equilibrium play comes to most."""
    states = solved.states
    if not states.layered:
        return []
    comes = reach(states, solved.mixes)
    mixing = np.zeros(len(states), np.bool_)
    for choices, mix in zip(states.choices, solved.mixes, strict=True):
        owner = np.repeat(np.arange(len(states)), choices.count)
        mixing |= np.bincount(owner, mix > SHOWN, len(states)) > 1
    mixing[states.start] = False
    order = np.argsort(-comes * mixing, kind="stable")[:NAMED]
    return [{**_state(solved, int(s)), "reach": float(comes[s])} for s in order if comes[s] * mixing[s] > SHOWN]


def judge_states(
    solved: Solved, name: str, policies: Sequence[Policy], samples: int = SAMPLES, seed: int = 0,
    told: Told | None = None,
) -> dict[str, Any]:  # fmt: skip
    """How exploitable one policy is that plays both sides, or two that play one each, as JSON values.

    estimated: names, if what it does had to be counted in `samples` draws a state. from_above: of bots, whose plans the
    best response knows. root: what it does where a match begins, by side.
    """
    states = solved.states
    judged = judge_in_states(states, policies, samples, seed, told)
    mixes = []
    if judged.mixes is not None and len(states.start):
        s = int(states.start[0])
        mixes = [_named(states, side, s, mix) for side, mix in enumerate(judged.mixes)]
    return {
        "name": name,
        "hashes": [policy.policy_hash for policy in policies],
        "exploitability": judged.exploitability,
        "value": judged.value,
        "best_responses": list(judged.best_responses),
        "estimated": [policy.name for policy in policies] if judged.estimated else [],
        "from_above": judged.from_above,
        "samples": samples if judged.estimated else None,
        "root": mixes,
    }


def seen_apart(states: States) -> float:
    """The share of states that one look, of both sides together, tells from all others."""
    seen = looks(states)
    _, which, count = np.unique(seen, axis=0, return_inverse=True, return_counts=True)
    return float((count[which.ravel()] == 1).mean()) if len(states) else 1.0


def _state(solved: Solved, s: int) -> dict[str, Any]:
    states = solved.states
    record = states.records[s : s + 1].view(np.recarray)[0]
    first, second = (_named(states, side, s, mix) for side, mix in enumerate(solved.mixes))
    return {
        "state": s,
        "tick": int(record.tick),
        "words": states.game.arena.describe(states.game, record),
        "value": float(solved.values[s]),
        "first": first,
        "second": second,
        "worth": _matrix(solved, s),
    }


def _named(states: States, side: int, s: int, mix: np.ndarray) -> dict[str, float]:
    """A side's mix in a state, by choice in words."""
    choices, action = states.choices[side], states.game.action
    rows = range(int(choices.first[s]), int(choices.first[s + 1]))
    return {action.text(choices.actions[row]): float(mix[row]) for row in rows if mix[row] > SHOWN}


def _matrix(solved: Solved, s: int) -> dict[str, Any]:
    """What each pair of choices in a state is worth to the first side, if both play on in equilibrium."""
    states, action = solved.states, solved.states.game.action
    names = []
    for choices in states.choices:
        rows = slice(int(choices.first[s]), int(choices.first[s + 1]))
        names.append([action.text(chosen) for chosen in choices.actions[rows]])
    worth = states.edges.worth(solved.values, s, s + 1).reshape(len(names[0]), len(names[1]))
    return {"first": names[0], "second": names[1], "worth": worth.tolist()}


class InSlice(Policy):
    """A policy of whole fights in a slice: what it may do comes to the choice that it is, or to that one's stand-in."""

    def __init__(self, policy: Policy, game: Game):
        whole = make_game("fight", **{**game.options, "slice": ""})
        self.policy, self.name, self.state_size = policy, policy.name, policy.state_size
        if whole.observation.size != game.observation.size:
            raise PolicyError(f"{policy.name}: a slice is seen by {game.observation.size} numbers, not otherwise")
        slots = whole.action.sizes
        comes_to = read_slices()[game.options["slice"]][1][-len(Option) :]
        choice = np.array([comes_to[option_of(*action)] for action in product(*map(range, slots))]).reshape(slots)
        self._one_hot = np.eye(game.action.choices)[choice]  # [directions, buttons, specials, choices]
        self._mask = np.zeros((len(slots), max(slots)), np.uint8)
        for slot, size in enumerate(slots):
            self._mask[slot, :size] = 1
        self._mask[2, 3] = 0  # no meter for a super

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        told = self.policy.probabilities(observation, np.repeat(self._mask[None], len(mask), axis=0), state)
        if told is None:
            return None
        d, b, s, _ = self._one_hot.shape
        slots = told[0]
        chosen = np.einsum("nd,nb,ns,dbsc->nc", slots[:, 0, :d], slots[:, 1, :b], slots[:, 2, :s], self._one_hot)
        chosen = chosen * mask[:, 0]
        chosen[:, 0] += 1 - chosen.sum(axis=1)  # where nothing matters, nothing is asked for
        return chosen[:, None], told[1]

    def identity(self) -> dict[str, Any]:
        return {"kind": "in slice", "policy": self.policy.identity()}
