"""A solved game's equilibrium as a player, which a tournament can enter and a leak can be planted in."""

import hashlib
from typing import Any

import numpy as np
from numpy.random import Generator

from ...agents.policy import Array, Policy, PolicyError, Refine
from .judging import Looks
from .shapley import Solved
from .states import CHUNK


class SolutionPolicy(Policy):
    """Mixes in each state as the solution does, and knows the state by what it sees of it.

    Where states look alike, it plays the mean of what the solution does in them; what that costs,
    `judging.judge_in_states` computes like any other policy's exploitability. What the solution never comes to see, it
    plays evenly.
    """

    def __init__(self, solved: Solved, name: str = "solution"):
        game, self.name = solved.states.game, name
        if game.action.count != 1:
            raise PolicyError(f"{game.arena.name} has {game.action.count} slots with these options: expected one")
        looks, sums = Looks(solved.states), {}
        for low in range(0, len(solved.states), CHUNK):
            rows = np.arange(low, min(low + CHUNK, len(solved.states)))
            for side, (choices, mix) in enumerate(zip(solved.states.choices, solved.mixes, strict=True)):
                seen = looks(rows, side)[0]
                shares = np.zeros((len(rows), game.action.choices))
                here = slice(int(choices.first[rows[0]]), int(choices.first[rows[-1] + 1]))
                owner = np.repeat(np.arange(len(rows)), choices.count[rows])
                shares[owner, choices.actions[here, 0]] = mix[here]
                for look, share in zip(seen, shares, strict=True):
                    key = look.tobytes()
                    sums[key] = sums.get(key, 0) + share
        self._mix: dict[bytes, Array] = {key: total / total.sum() for key, total in sums.items()}

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        weight = self._shares(observation, mask).cumsum(-1)
        drawn = rng.random(len(mask))[:, None] * weight[:, -1:]
        return (weight > drawn).argmax(-1).astype(np.int16)[:, None], state

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        return self._shares(observation, mask)[:, None], state

    def _shares(self, observation: Array, mask: Array) -> Array:
        """Of each choice, float64 [N, C]."""
        even = mask[:, 0] / mask[:, 0].sum(-1, keepdims=True, dtype=np.float64)
        seen = np.ascontiguousarray(observation, np.float32)
        told = even.copy()
        for row, look in enumerate(seen):
            if (mix := self._mix.get(look.tobytes())) is not None:
                told[row] = mix
        return told

    def identity(self) -> dict[str, Any]:
        digest = hashlib.blake2b(digest_size=16)
        for key in sorted(self._mix):
            digest.update(key + self._mix[key].tobytes())
        return {"kind": "solution", "looks": len(self._mix), "content": digest.hexdigest()}
