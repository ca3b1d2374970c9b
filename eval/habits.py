"""Habits: play that looks at nothing. Constant actions and fixed sequences are searched for what beats a policy best.

A game in which a habit holds its own against trained play is solved by that habit, whatever else it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.policy import Policy, choose_slots
from ..arenas.arena import Game
from ..league.play import derive_seed
from ..league.store import RunStore
from .intervals import mean_interval
from .playing import play_into, points, unit_games, unit_keys, unit_seeds

MOST_CONSTANTS = 256  # of more, so many are drawn
LENGTHS = (4, 32)  # actions of a sequence, least and most
HOLDS = (1, 8)  # decisions for which each is held
KEPT = 8  # sequences that a generation hands on
SEQUENCES = 40  # tried in a generation
SHOWN = 5  # actions of a sequence put into words


class OpenLoopPolicy(Policy):
    """Plays a sequence of actions over and over, from the match's first decision, whatever happens.

    sequence: int [L, K]. A slot in which a choice is illegal takes its lowest legal one. Memory: the next place in it.
    """

    state_size = 1

    def __init__(self, sequence: NDArray[np.int64] | Sequence[Sequence[int]], name: str = "open-loop"):
        self.sequence = np.atleast_2d(np.asarray(sequence, np.int64))
        self.name = name

    def act(self, observation: Any, mask: Any, state: Any, rng: Any, refine: Any = None) -> tuple[Any, Any]:
        """See `Policy.act`."""
        wanted = self.sequence[state[:, 0].astype(np.int64) % len(self.sequence)]

        def choose(slot: Any, legal: Any) -> Any:
            mine = wanted[:, slot]
            allowed = np.take_along_axis(legal, mine[..., None], -1)[..., 0]
            return np.where(allowed, mine, legal.argmax(-1))

        return choose_slots(mask, refine, choose)[0], state + 1

    def identity(self) -> dict[str, Any]:
        """The sequence."""
        return {"kind": "open-loop", "sequence": self.sequence.tolist()}


@dataclass(frozen=True)
class Habit:
    """The best of its kind that was found, on fresh units: its score with one-sided 95 % bounds."""

    kind: str
    action: str  # in words
    tried: int
    units: int
    rate: float
    lower: float
    upper: float


def search_habits(
    game: Game,
    target: Policy,
    store: RunStore,
    *,
    screen: int = 8,
    units: int = 100,
    generations: int = 3,
    seed: int = 0,
) -> tuple[Habit, ...]:
    """The constant action and the open-loop sequence that score best against `target`, each tested on fresh units.

    screen: units of each candidate, played only for choosing. generations: of sequences, each mutated from the best
    before; their beginnings are drawn at random.
    """
    rng = np.random.default_rng(derive_seed(seed, "habits"))
    constants = [OpenLoopPolicy([action]) for action in _constants(game, rng)]
    found = [_tested(game, target, store, "constant action", constants, screen, units, seed)]
    tried: list[OpenLoopPolicy] = []
    pool = [OpenLoopPolicy(_random(game, rng)) for _ in range(SEQUENCES)]
    for generation in range(generations):
        tried += pool
        rates = _screen(game, target, store, tried, screen, seed)
        best = [tried[i] for i in np.argsort(-rates, kind="stable")[:KEPT]]
        if generation + 1 < generations:
            pool = [OpenLoopPolicy(_mutated(game, best[i % KEPT].sequence, rng)) for i in range(SEQUENCES)]
    found.append(_tested(game, target, store, "open-loop sequence", tried, screen, units, seed))
    return tuple(found)


def _constants(game: Game, rng: np.random.Generator) -> list[tuple[int, ...]]:
    every = list(product(*(range(size) for size in game.action.sizes)))
    if len(every) <= MOST_CONSTANTS:
        return every
    return [every[i] for i in np.sort(rng.choice(len(every), MOST_CONSTANTS, replace=False))]


def _random(game: Game, rng: np.random.Generator) -> NDArray[np.int64]:
    length = int(rng.integers(LENGTHS[0], LENGTHS[1] + 1))
    actions = rng.integers(0, np.array(game.action.sizes), (length, game.action.count))
    return np.repeat(actions, rng.integers(HOLDS[0], HOLDS[1] + 1, length), axis=0)


def _mutated(game: Game, sequence: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A stretch replaced by something random, somewhere in the sequence."""
    start = int(rng.integers(0, len(sequence)))
    new = _random(game, rng)[: int(rng.integers(1, 9))]
    return np.concatenate([sequence[:start], new, sequence[start + int(rng.integers(0, 9)) :]])[: LENGTHS[1] * HOLDS[1]]


def _scores(
    game: Game, target: Policy, store: RunStore, policies: Sequence[Policy], seeds: Sequence[int]
) -> list[NDArray[np.float64]]:
    """Each policy's score in [0, 1] on each seed."""
    games = unit_games(game)
    known = {policy.policy_hash: policy for policy in (target, *policies)}
    keys = [
        key
        for policy in {p.policy_hash: p for p in policies}.values()
        for key in unit_keys(game, policy.policy_hash, target.policy_hash, seeds, games)
    ]
    play_into(store, game, known, keys)
    wanted, scores = set(seeds), []
    for policy in policies:
        by_seed: dict[int, list[int]] = {}
        for record in store.games(policy.policy_hash, target.policy_hash):
            if record.key.seed in wanted:
                by_seed.setdefault(record.key.seed, []).append(record.outcome)
        scores.append(points(np.array(list(by_seed.values()))))
    return scores


def _screen(
    game: Game, target: Policy, store: RunStore, policies: Sequence[Policy], screen: int, seed: int
) -> NDArray[np.float64]:
    scores = _scores(game, target, store, policies, unit_seeds(seed, "habit screen", screen))
    return np.array([float(score.mean()) for score in scores])


def _tested(
    game: Game, target: Policy, store: RunStore, kind: str, tried: Sequence[OpenLoopPolicy], screen: int, units: int,
    seed: int,
) -> Habit:  # fmt: skip
    best = tried[int(_screen(game, target, store, tried, screen, seed).argmax())]
    (scores,) = _scores(game, target, store, [best], unit_seeds(seed, "habit test", units, kind))
    lower = mean_interval(scores, side="lower").lower
    upper = mean_interval(scores, side="upper").upper
    different = list(dict.fromkeys(game.action.text(action) for action in best.sequence.tolist()))
    words = "; ".join(different[:SHOWN]) + (f"; ... ({len(best.sequence)} decisions)" if different[SHOWN:] else "")
    return Habit(kind, words, len(tried), len(scores), float(scores.mean()), lower, upper)
