"""Pure strategies written out: what to do after everything a side may have seen on the way. No learning, no network."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from safetensors.torch import save

from ..arenas.arena import Game
from .checkpoint import TABLE, read_safetensors, refuse_other_rules, write_atomically
from .policy import Array, Policy, PolicyError, Refine, choose_slots, one_hot


class TablePolicy(Policy):
    """Looks up where it is: a node follows on the node before by what is seen, and says what to do there.

    parent int64 [N]: the node before, 0: a match begins; node i is called i + 1. observation float32 [N, F]; action
    int16 [N, K]. The memory is the node's name, or -1 beyond the table, where every legal choice is taken alike. A side
    that plays by the table always knows what it did itself, so what it has seen says where it is.
    """

    state_size = 1

    def __init__(self, parent: Array, observation: Array, action: Array, name: str = "table"):
        self.parent, self.name = np.asarray(parent, np.int64), name
        self.observation, self.action = np.asarray(observation, np.float32), np.asarray(action, np.int16)
        if len(self.parent) >= 1 << 24:
            raise PolicyError(f"a table of {len(self.parent):,} nodes: expected fewer than {1 << 24:,}")
        self._after = {
            (before, seen.tobytes()): number
            for number, (before, seen) in enumerate(zip(self.parent.tolist(), self.observation, strict=True), 1)
        }

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        told, state_after = self._told(observation, mask, state)
        uniform = rng.random(mask.shape[:2])

        def choose(slot: Any, legal: Array) -> Array:
            weight = (told[:, slot] * legal).cumsum(-1)
            return (weight > uniform[:, slot, None] * weight[..., -1:]).argmax(-1)

        return choose_slots(mask, refine, choose)[0], state_after

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        return self._told(observation, mask, state)

    def _told(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array]:
        """With what probability each choice is made, and the nodes afterwards."""
        seen = np.ascontiguousarray(observation, np.float32)
        keys = zip(state[:, 0].astype(np.int64).tolist(), seen, strict=True)
        node = np.array([self._after.get((before, row.tobytes()), -1) for before, row in keys], np.int64)
        told = mask / mask.sum(-1, keepdims=True, dtype=np.float64)
        known = node > 0
        told[known] = one_hot(self.action[node[known] - 1].astype(np.int64), mask.shape[-1])
        return told, node[:, None].astype(np.float32)

    def identity(self) -> dict[str, Any]:
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.parent, self.observation, self.action):
            digest.update(np.ascontiguousarray(array).tobytes())
        return {"kind": "table", "nodes": len(self.parent), "content": digest.hexdigest()}


def save_table(path: Path | str, policy: TablePolicy, game: Game, metadata: Mapping[str, Any] | None = None) -> None:
    """Writes a table atomically, as safetensors. metadata: JSON values about how it was made."""
    header = {
        "format": TABLE,
        "name": policy.name,
        "policy_hash": policy.policy_hash,
        "arena": game.arena.name,
        "arena_version": game.arena.version,
        "options": dict(game.options),
        "content_hash": game.content_hash,
        "training": dict(metadata or {}),
    }
    arrays = {"parent": policy.parent, "observation": policy.observation, "action": policy.action}
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}
    write_atomically(Path(path), save(tensors, {"kumite": json.dumps(header)}))


def load_table(path: Path | str, game: Game, *, any_rules: bool = False) -> TablePolicy:
    """Reads a table for a game. Refused if it is for another arena, or other rules or options."""
    header, tensors = read_safetensors(Path(path), TABLE)
    refuse_other_rules(Path(path), header, game, any_rules=any_rules)
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    policy = TablePolicy(arrays["parent"], arrays["observation"], arrays["action"], header["name"])
    if policy.policy_hash != header["policy_hash"]:
        raise PolicyError(
            f"{path} is damaged: its hash is {policy.policy_hash}, it was saved as {header['policy_hash']}"
        )
    return policy
