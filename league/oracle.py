"""Oracles: what trains a response to the opponents it is given, behind one protocol."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..agents.checkpoint import save_policy
from ..agents.networks import of_settings
from ..agents.policy import Policy
from ..agents.ppo import PPO, PPOConfig
from ..agents.trained import NetworkPolicy
from ..arenas.arena import Game, nearest
from .config import LeagueConfig, LeagueError


@dataclass(frozen=True)
class Task:
    """A response to be trained. opponents: None asks for one policy that plays both seats against itself."""

    game: Game
    config: LeagueConfig
    opponents: Policy | None
    side: int | None  # the seat it learns, None: both by turns
    seed: int
    parent: Policy | None = None  # whose weights it starts from
    writer: Any = None  # of TensorBoard
    self_play: float = 0.0  # share of matches in which it plays both seats itself


class Progress(Protocol):
    """What one iteration of a learner did; `agents.ppo.Progress` has these figures."""

    steps: int
    steps_per_second: float
    win_rate: float

    def scalars(self) -> dict[str, float]:
        """Its curves' values by name, NaN where there is none."""
        ...


class Learner(Protocol):
    """A response in training. Between two iterations it can be saved, and goes on from there as if nothing had been."""

    steps: int  # samples seen

    def iterate(self) -> Progress:
        """Trains a little, seconds at most."""
        ...

    def policy(self, acting: str = "sample", name: str = "") -> Policy:
        """What was learned so far, frozen."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how training goes on, as `agents.checkpoint.save_snapshot` takes it."""
        ...

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes back to a saved state of a learner with the same task."""
        ...


class Oracle(Protocol):
    """A way of training responses."""

    suffix: str  # of the files it saves policies in, which `agents.resolve` reads
    at_once: bool  # whether one iteration is the whole answer, however many `steps` a response may have

    def settings(self) -> dict[str, Any]:
        """The learner's own settings and their defaults: what `learner_options` may hold."""
        ...

    def start(self, task: Task) -> Learner:
        """A learner at its beginning."""
        ...

    def save(self, path: Path, policy: Policy, game: Game, metadata: Mapping[str, Any]) -> None:
        """Writes a learner's policy atomically."""
        ...


class PPOOracle:
    """Our own PPO. A response takes its parent's weights; its optimiser, its matches and its chance are new."""

    suffix = ".safetensors"
    at_once = False

    def settings(self) -> dict[str, Any]:
        """The fields of `PPOConfig` but for those the league decides itself."""
        decided = ("matches", "threads", "side", "self_play")
        return {f.name: f.default for f in fields(PPOConfig) if f.name not in decided}

    def start(self, task: Task) -> PPO:
        """A learner for the task."""
        config = task.config
        settings = replace(
            PPOConfig(**config.learner_options),
            matches=config.matches,
            threads=config.threads or None,
            side=task.side,
            self_play=task.self_play,
        )
        network = None
        if isinstance(task.parent, NetworkPolicy):
            network = copy.deepcopy(task.parent.network).requires_grad_(True).train()
        return PPO(task.game, settings, task.opponents, task.seed, network=network, writer=task.writer)

    def save(self, path: Path, policy: Policy, game: Game, metadata: Mapping[str, Any]) -> None:
        """As safetensors."""
        if not isinstance(policy, NetworkPolicy):
            raise TypeError(f"{policy!r} is not a network's policy")
        save_policy(path, policy, game, metadata)


def check_settings(game: Game, config: LeagueConfig) -> None:
    """Refuses settings that our own PPO could not begin with."""
    if config.learner == "ppo":
        of_settings(game, PPOConfig(**config.learner_options))


def _stable_baselines() -> Oracle:
    from ..agents.sb3 import SB3Oracle  # optional: imports Stable-Baselines3

    return SB3Oracle()


def _exact() -> Oracle:
    from .exact.oracle import ExactOracle

    return ExactOracle()


ORACLES = {"ppo": PPOOracle, "sb3-ppo": _stable_baselines, "exact": _exact}
"""The learners there are, made on demand."""


def get_oracle(name: str) -> Oracle:
    """A learner by name."""
    if name not in ORACLES:
        raise LeagueError(f"no learner {name!r}" + nearest(name, [*ORACLES]))
    return ORACLES[name]()


def learner_settings(name: str) -> dict[str, Any]:
    """A learner's own settings and their defaults."""
    return get_oracle(name).settings()


def figures(progress: Progress) -> dict[str, float]:
    """The curves of an iteration that have a value."""
    return {name: float(value) for name, value in progress.scalars().items() if np.isfinite(value)}
