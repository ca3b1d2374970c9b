"""Policies that choose from a network's logits: our own networks, and the base of those that come from elsewhere."""

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from .network import ActorCritic, masked_log_probs, sample
from .policy import Array, Policy, PolicyError, Refine, Shown, choose_slots, one_hot


def parse_acting(acting: str) -> float:
    """The temperature that a way of acting stands for: "sample" is 1, "greedy" is 0, "temperature=0.5" is 0.5."""
    if acting in ("sample", "greedy"):
        return float(acting == "sample")
    name, _, number = acting.partition("=")
    try:
        temperature = float(number)
    except ValueError:
        temperature = -1.0
    if name != "temperature" or not 0 < temperature < float("inf"):
        raise PolicyError(f"acting {acting!r}: expected 'sample', 'greedy' or 'temperature=' and a number above 0")
    return temperature


class LogitPolicy(Policy):
    """Logits, and how they become an action, which is part of the policy's identity.

    acting: "sample" (as in training), "greedy" or "temperature=0.5". Illegal choices are masked out, whether or not the
    network has learned with masks.
    """

    def __init__(self, acting: str, name: str):
        self.acting, self.temperature, self.name = acting, parse_acting(acting), name

    def logits(self, observation: Any, state: Tensor) -> tuple[Tensor, Tensor]:
        """[N, K, C] from a tensor float32 [N, F] (or `Shown` tensors) and the memory [N, M]; the memory afterwards."""
        raise NotImplementedError

    @torch.inference_mode()
    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        logits, state_after = self.logits(_tensors(observation), torch.from_numpy(state))
        if self.temperature not in (0, 1):
            logits = logits / self.temperature
        uniform = torch.from_numpy(rng.random(mask.shape[:2], np.float32))

        def choose(slot: Any, legal: Array) -> Array:
            allowed = torch.from_numpy(legal).bool()
            log_probs = masked_log_probs(logits[:, slot], allowed)
            if self.temperature == 0:
                return log_probs.argmax(-1).numpy()
            return sample(log_probs, allowed, uniform[:, slot]).numpy()

        return choose_slots(mask, refine, choose)[0], state_after.numpy()

    @torch.inference_mode()
    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        logits, state_after = self.logits(_tensors(observation), torch.from_numpy(state))
        if self.temperature not in (0, 1):
            logits = logits / self.temperature
        log_probs = masked_log_probs(logits, torch.from_numpy(mask).bool())
        if self.temperature == 0:
            return one_hot(log_probs.argmax(-1).numpy(), mask.shape[-1]), state_after.numpy()
        weights = log_probs.double().exp().numpy() * mask
        return weights / weights.sum(-1, keepdims=True), state_after.numpy()


def _tensors(observation: Any) -> Any:
    """An observation as a tensor, or what is shown as tensors."""
    if isinstance(observation, Shown):
        return Shown(torch.from_numpy(observation.observation), torch.from_numpy(observation.planes))
    return torch.from_numpy(observation)


class NetworkPolicy(LogitPolicy):
    """One of our networks. It is copied and frozen: training the original on changes nothing here."""

    def __init__(self, network: ActorCritic, acting: str = "sample", name: str = "network"):
        super().__init__(acting, name)
        self.network = copy.deepcopy(network).cpu().eval().requires_grad_(False)
        self.state_size = network.state_size
        self.sees_planes = network.planes

    def logits(self, observation: Any, state: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(observation, Shown):
            logits, _, state_after = self.network(observation.observation, state, observation.planes)
        else:
            logits, _, state_after = self.network(observation, state)
        return logits, state_after

    def identity(self) -> dict[str, Any]:
        return {
            "kind": "network",
            "network": self.network.config.as_json(),
            "acting": self.acting,
            "weights": weights_hash(self.network.state_dict()),
        }


def weights_hash(tensors: Mapping[str, Tensor]) -> str:
    """Hash of named tensors, whatever their order."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode() + b"\0" + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
