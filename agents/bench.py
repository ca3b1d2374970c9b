"""How fast PPO trains on an arena, and on an environment of the same shapes that costs nothing."""

import copy
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from .. import arenas
from ..arenas.arena import Game
from .network import ActorCritic
from .policy import Policy
from .ppo import PPO, PPOConfig


class NullBatch:
    """The arrays of a batch, filled once with random observations and masks; `step` does nothing, no match ends."""

    def __init__(self, game: Game, matches: int, seed: int = 0):
        rng = np.random.default_rng(seed)
        b, s, k, c = matches, game.sides, game.action.count, game.action.choices
        self.game, self.arena = game, game.arena
        self.actions = np.zeros((b, s, k), np.int16)
        self.observations = rng.random((b, s, game.observation.size), np.float32)
        self.masks = np.zeros((b, s, k, c), np.uint8)
        for slot, size in enumerate(game.action.sizes):
            self.masks[:, :, slot, :size] = rng.random((b, s, size)) < 0.5
        self.masks[..., 0] = 1
        self.rewards, self.utility = np.zeros((b, s), np.float32), np.zeros((b, s), np.float32)
        self.done = np.zeros(b, np.bool_)
        self.state = SimpleNamespace(opponent=np.zeros((b, s), np.int8))

    def __len__(self) -> int:
        return len(self.done)

    def step(self, actions: np.ndarray) -> None:
        """Nothing."""

    def refiner(self, matches: np.ndarray, sides: np.ndarray) -> None:
        """No slot depends on another."""


def bench_ppo(
    arena: Game | str,
    seconds: float = 20.0,
    *,
    config: PPOConfig | None = None,
    opponents: Policy | None = None,
    network: ActorCritic | None = None,
    game_options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Samples/s of the whole training loop on the arena and on a null environment: medians of alternate iterations.

    In self-play, or against `opponents`; then also the bare loop's rate, a null environment without them. seconds: in
    all. network: weights to begin with, so that matches are a trained policy's. settings: fields of `PPOConfig`.
    Returns the rates, the shares of the null and the bare rate that are reached, and what it was measured with.
    """
    game = arenas.make_game(arena, **(game_options or {})) if isinstance(arena, str) else arena
    config = replace(config or PPOConfig(), **settings)

    def loop(null: bool, others: Policy | None) -> PPO:
        batch = NullBatch(game, config.matches) if null else None
        return PPO(game, config, others, network=copy.deepcopy(network), batch=batch)

    loops = {"arena": loop(False, opponents), "null": loop(True, opponents)}
    if opponents is not None:
        loops["bare"] = loop(True, None)
    for each in loops.values():
        each.iterate()  # warm: compiles, allocates
    rates: dict[str, list[float]] = {name: [] for name in loops}
    begin, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - begin < seconds or len(rates["null"]) < 3:
        for name, each in loops.items():
            rates[name].append(each.iterate().steps_per_second)
    wall = time.perf_counter() - begin
    middle = {name: median(values) for name, values in rates.items()}
    middle.setdefault("bare", middle["null"])
    return {
        "arena": game.arena.name,
        "samples_per_second": middle["arena"],
        "null_samples_per_second": middle["null"],
        "share_of_null": middle["arena"] / middle["null"],
        "bare_samples_per_second": middle["bare"],
        "share_of_bare": middle["arena"] / middle["bare"],
        "iterations": len(rates["null"]),
        "cores_used": (time.process_time() - cpu) / wall,
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "torch_threads": torch.get_num_threads(),
        "features": game.observation.size,
        "sizes": list(game.action.sizes),
        "parameters": sum(p.numel() for p in loops["null"].network.parameters()),
        "config": vars(config),
    }
