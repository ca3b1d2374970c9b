"""Planted leaks: policies with one weakness that is known, which an exploiter worth believing must find.

A leak wraps another policy, a bot or a network, and changes what it chooses where the leak says so: in everything else
it plays as that does. `leak:never-block-low:cpu-6` names one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from ..arenas.arena import Game, nearest
from ..arenas.imagine import Seats
from .policy import Array, Forfeit, Policy, PolicyError, Refine

PREFIX = "leak:"

Amend = Callable[[Game, Array, Array], Array]
"""(game, observation float32 [N, F], actions int16 [N, K]) -> the actions with the leak, int16 [N, K]."""


@dataclass(frozen=True)
class Leak:
    """A weakness: what it is, in words, and what it makes of a choice."""

    name: str
    words: str
    amend: Amend


# --- fight (semantic actions) ---


def _number(game: Game, slot: str, choice: str) -> int:
    """A choice's number in its slot, by name."""
    return next(spec.choices.index(choice) for spec in game.action.slots if spec.name == slot)


def _never_block_low(game: Game, observation: Array, actions: Array) -> Array:
    """Wherever it would crouch and block, it stands and blocks."""
    crouching = _number(game, "direction", "down-back"), _number(game, "button", "none")
    blocks = (actions[:, 0] == crouching[0]) & (actions[:, 1] == crouching[1])
    actions[blocks, 0] = _number(game, "direction", "back")
    return actions


def _never_tech(game: Game, observation: Array, actions: Array) -> Array:
    """It presses no throw, which is what escapes one."""
    actions[actions[:, 1] == _number(game, "button", "throw"), 1] = _number(game, "button", "none")
    return actions


def _same_rise(game: Game, observation: Array, actions: Array) -> Array:
    """On the ground after a fall it asks for the heavy blow, standing: what is decided there is played as it rises."""
    doing = game.observation.split(observation)["own doing"]
    down = doing[:, DOWN] > 0
    actions[down] = [_number(game, "direction", "neutral"), _number(game, "button", "heavy"), 0]
    return actions


DOWN = 12
"""Entry of fight's block `own doing`: lying, or rising."""

# --- slices of the fight: one slot, whose choices are options of the scripted opponents ---


def _instead(game: Game, actions: Array, choice: str, other: str) -> Array:
    actions[actions[:, 0] == _number(game, "choice", choice), 0] = _number(game, "choice", other)
    return actions


def _never_guard_low(game: Game, observation: Array, actions: Array) -> Array:
    return _instead(game, actions, "guard low", "guard high")


def _never_throw(game: Game, observation: Array, actions: Array) -> Array:
    return _instead(game, actions, "throw", "wait")


def _heavy_rise(game: Game, observation: Array, actions: Array) -> Array:
    down = game.observation.split(observation)["own doing"][:, DOWN] > 0
    actions[down, 0] = _number(game, "choice", "heavy")
    return actions


LEAKS: dict[str, tuple[Leak, ...]] = {
    "fight": (
        Leak("never-block-low", "stands wherever it would block crouching", _never_block_low),
        Leak("never-tech", "never presses throw, so it escapes none", _never_tech),
        Leak("same-rise", "always rises with the heavy blow", _same_rise),
    ),
}
"""By arena."""

SLICE_LEAKS = {
    "guard low": Leak("never-block-low", "guards high wherever it would guard low", _never_guard_low),
    "throw": Leak("never-tech", "never presses throw, so it escapes none", _never_throw),
    "heavy": Leak("same-rise", "always rises with the heavy blow", _heavy_rise),
}
"""The same in slices of the fight, by the choice that a slice must have."""


def leaks(game: Game) -> tuple[Leak, ...]:
    """The leaks that can be planted in a game."""
    if game.options.get("slice"):
        return tuple(leak for choice, leak in SLICE_LEAKS.items() if choice in game.action.slots[0].choices)
    known = LEAKS.get(game.arena.name, ())
    return known if game.options.get("actions", "semantic") == "semantic" else ()


def plant(name: str, base: Policy, game: Game) -> Policy:
    """A policy that plays as `base` but for one leak of the game, by name."""
    known = {leak.name: leak for leak in leaks(game)}
    if not known:
        raise PolicyError(f"no leak can be planted in {game.arena.name} with these options: only in fight, semantic")
    if name not in known:
        raise PolicyError(f"no leak {name!r} in {game.arena.name}" + nearest(name, list(known)))
    if base.bot is not None:
        return LeakyBot(base.bot, known[name], game)
    return LeakyPolicy(base, known[name], game)


class LeakyBot(Policy):
    """A compiled bot with a leak: it is asked for its choice, and what is played is that with the leak in it."""

    needs_seats = True

    def __init__(self, bot: str, leak: Leak, game: Game):
        self.base, self.leak, self.game = bot, leak, game
        self.name = f"{PREFIX}{leak.name}:{bot}"

    def act_seated(
        self, seats: Seats, observation: Array, mask: Array, state: Array, rng: Generator
    ) -> tuple[Array, Array, Mapping[int, Forfeit]]:
        actions = seats.bot_choices(self.base)
        return _allowed(mask, actions, self.leak.amend(self.game, observation, actions.copy())), state, {}

    def identity(self) -> dict[str, Any]:
        return {"kind": "leak", "leak": self.leak.name, "bot": self.base}


class LeakyPolicy(Policy):
    """Any other policy with a leak."""

    def __init__(self, base: Policy, leak: Leak, game: Game):
        self.base, self.leak, self.game = base, leak, game
        self.name = f"{PREFIX}{leak.name}:{base.name}"
        self.state_size, self.most_matches = base.state_size, base.most_matches

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        actions, state = self.base.act(observation, mask, state, rng, refine)
        return self._amended(observation, mask, actions), state

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        """Where an action has one slot: the shares of all choices that the leak makes one choice of, together."""
        told = self.base.probabilities(observation, mask, state)
        if told is None or mask.shape[1] > 1:
            return None
        shares, rows = np.zeros(mask.shape), np.arange(len(mask))
        for choice in range(mask.shape[2]):
            comes_to = self._amended(observation, mask, np.full((len(mask), 1), choice, np.int16))[:, 0]
            shares[rows, 0, comes_to] += told[0][:, 0, choice]
        return shares, told[1]

    def _amended(self, observation: Array, mask: Array, actions: Array) -> Array:
        return _allowed(mask, actions, self.leak.amend(self.game, observation, actions.copy()))

    def close(self) -> None:
        self.base.close()

    def identity(self) -> dict[str, Any]:
        return {"kind": "leak", "leak": self.leak.name, "base": self.base.policy_hash}


def _allowed(mask: Array, actions: Array, amended: Array) -> Array:
    """The amended actions where they are legal, else the actions."""
    legal = np.take_along_axis(mask, amended[..., None].astype(np.int64), -1)[..., 0]
    return np.where(legal.all(-1, keepdims=True), amended, actions).astype(np.int16)
