"""A masked actor-critic sized from an arena's specs, feed-forward or with a GRU, and operations on its distribution.

The one here reads an observation as one row of features; `networks.py` knows the others, which override its hooks.

The heads of all slots and the value are one linear layer, padded to the widest slot: no slot needs a tensor of its own,
and padding is masked like any other illegal choice. Slots are independent given the observation; where an arena's
`refine` narrows later slots, they depend on the earlier ones through the mask.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..arenas.arena import Game, nearest
from .policy import PolicyError
from .tokens import TokenLayout, TokenReader

ILLEGAL = -1e9
"""Logit of an illegal choice, far below any a network gives; -inf would make the entropy NaN."""
FLOOR = -80.0
"""Least log-probability: exp of less is no normal float32, and six times slower on a CPU. The most probable choice,
which is legal, lies far above it."""
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that decides a network's shape."""

    features: int
    sizes: tuple[int, ...]  # choices of each slot
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "relu"
    memory: str = "none"  # or "gru": after the first layer, as wide as it
    tokens: TokenLayout | None = None  # None: the observation as it is
    kind: str = "flat"  # one of `networks.NETWORKS`
    layout: tuple[Any, ...] = ()  # what its kind has to know of the specs
    sees: tuple[tuple[int, int], ...] = ()  # (first, count) of the features it is given; (): all

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise PolicyError(f"activation {self.activation!r}" + nearest(self.activation, list(ACTIVATIONS)))
        if self.memory not in ("none", "gru"):
            raise PolicyError(f"memory {self.memory!r}: expected 'none' or 'gru'")
        if not self.hidden or min(self.hidden) < 1:
            raise PolicyError(f"hidden {self.hidden}: expected one or more widths of 1 or more")

    @classmethod
    def of(cls, game: Game, network: str = "flat", **options: Any) -> "NetworkConfig":
        """The configuration that fits a game. network: "flat", or "tokens" as its blocks name them (`tokens.py`)."""
        if network not in ("flat", "tokens"):
            raise ValueError(f"network {network!r}: expected 'flat' or 'tokens'")
        tokens = TokenLayout.of(game) if network == "tokens" else None
        return cls(game.observation.size, game.action.sizes, tokens=tokens, **options)

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `NetworkConfig.from_json` reads it back."""
        return {key: value for key, value in _lists(asdict(self)).items() if key not in ADDED or value != ADDED[key]}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "NetworkConfig":
        """From what `as_json` gave."""
        fields = _tuples(saved)
        if saved.get("tokens"):
            fields["tokens"] = TokenLayout.from_json(saved["tokens"])
        return cls(**fields)


ADDED = {"tokens": None, "kind": "flat", "layout": [], "sees": []}
"""Fields that are left out where they say nothing: an identity from before there were others stays what it is."""
WAVES = 16
"""A feature of few, seen alone, is given as so many cosines of it: any course over a match can be learned from time."""


def _lists(value: Any) -> Any:
    """Tuples as lists, at any depth."""
    if isinstance(value, dict):
        return {key: _lists(inside) for key, inside in value.items()}
    return [_lists(inside) for inside in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    """Lists as tuples, at any depth."""
    if isinstance(value, dict):
        return {key: _tuples(inside) for key, inside in value.items()}
    return tuple(_tuples(inside) for inside in value) if isinstance(value, list) else value


class ActorCritic(nn.Module):
    """Observations to logits [..., K, C] and values [...].

    Initialised orthogonally from `seed`: gain √2 for relu, 5/3 for tanh, 0.01 for the policy and 1 for the value head
    (Andrychowicz et al., "What Matters In On-Policy Reinforcement Learning?", 2020: a small policy head starts near
    uniform play).
    """

    planes = False
    """Whether `forward` is given planes, too, as its third argument."""
    _inputs: Tensor
    _frequencies: Tensor

    def __init__(self, config: NetworkConfig, seed: int = 0):
        super().__init__()
        self.config = config
        self.slots, self.choices = len(config.sizes), max(config.sizes)
        generator = torch.Generator().manual_seed(seed)
        self.reader = TokenReader(config.tokens, config.features, generator) if config.tokens else None
        self.state_size = config.hidden[0] if config.memory == "gru" else 0
        self._activate = ACTIVATIONS[config.activation]
        self._build()
        if self.state_size:
            self.gate_input = linear(self.state_size, 3 * self.state_size)  # reset, update, candidate
            self.gate_memory = linear(self.state_size, 3 * self.state_size)
        self._initialise(generator)

    # --- hooks: what a kind of network is, but for its memory ---

    def _build(self) -> None:
        """Makes the layers, not yet initialised."""
        widths = (self._choose_inputs(), *self.config.hidden)
        self.layers = nn.ModuleList(linear(a, b) for a, b in pairwise(widths))
        self.head = linear(widths[-1], self.slots * self.choices + 1)

    def _initialise_layers(self, gain: float, generator: torch.Generator) -> None:
        """Gives the weights of the layers; biases become 0."""
        for layer in self.layers.parameters():
            if layer.ndim == 2:
                nn.init.orthogonal_(layer, gain, generator=generator)
        nn.init.orthogonal_(self.head.weight[:-1], 0.01, generator=generator)
        nn.init.orthogonal_(self.head.weight[-1:], 1.0, generator=generator)

    def _first(self, observation: Tensor) -> tuple[Tensor, Any]:
        """What is remembered of an observation [..., F]: [..., hidden[0]], and what else the heads are given."""
        if self.reader is not None:
            observation = self.reader(observation)
        elif self.config.sees:
            observation = observation[..., self._inputs]
            observation = torch.cos(observation.unsqueeze(-1) * self._frequencies).flatten(-2)
        return self._activate(self.layers[0](observation)), None

    def _heads(self, x: Tensor, seen: Any) -> tuple[Tensor, Tensor]:
        """Logits [..., K, C] and values [...] from what `_first` gave, after the memory."""
        for layer in self.layers[1:]:
            x = self._activate(layer(x))
        out = self.head(x)
        return out[..., :-1].unflatten(-1, (self.slots, self.choices)), out[..., -1]

    @torch.no_grad()
    def lean(self, bias: Tensor) -> None:
        """Adds to the logits of the slots' choices, [K, C]: what a policy begins with a taste for."""
        self.head.bias[:-1].view(self.slots, self.choices).add_(bias)

    # --- the same for all ---

    def _choose_inputs(self) -> int:
        """Which features the first layer is given; how many numbers that makes."""
        if self.reader is not None:
            return self.reader.features
        if not self.config.sees:
            return self.config.features
        inputs = torch.cat([torch.arange(first, first + count) for first, count in self.config.sees])
        self.register_buffer("_inputs", inputs, persistent=False)
        self.register_buffer("_frequencies", torch.pi * torch.arange(WAVES), persistent=False)
        return WAVES * len(inputs)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        self._initialise_layers(sqrt(2) if self.config.activation == "relu" else 5 / 3, generator)
        if self.state_size:
            for gate in (*self.gate_input.weight.chunk(3), *self.gate_memory.weight.chunk(3)):
                nn.init.orthogonal_(gate, generator=generator)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, observation: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One decision of N rows: logits [N, K, C], values [N], memory afterwards [N, M].

        observation [N, F]; state [N, M], M = 0 without memory.
        """
        x, seen = self._first(observation)
        if self.state_size:
            x = state = self._remember(self.gate_input(x), state)
        return (*self._heads(x, seen), state)

    def sequence(self, observation: Tensor, state: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
        """T decisions of N rows, in order: logits [T, N, K, C], values [T, N].

        observation [T, N, F]; state [N, M] before the first; fresh bool [T, N]: a match begins, nothing is remembered.
        """
        x, seen = self._first(observation)
        if self.state_size:
            memories = []  # unbind: indexing by t would write a gradient of the whole sequence at each step
            for gates, kept in zip(self.gate_input(x).unbind(), (~fresh).unsqueeze(-1).unbind(), strict=True):
                state = self._remember(gates, state * kept)
                memories.append(state)
            x = torch.stack(memories)
        return self._heads(x, seen)

    def _remember(self, gates: Tensor, memory: Tensor) -> Tensor:
        """A gated recurrent unit, in the form of torch.nn.GRU. gates [N, 3M]: from the input; memory [N, M]."""
        reset_in, update_in, candidate_in = gates.chunk(3, -1)
        reset_mem, update_mem, candidate_mem = self.gate_memory(memory).chunk(3, -1)
        reset, update = torch.sigmoid(reset_in + reset_mem), torch.sigmoid(update_in + update_mem)
        return torch.lerp(torch.tanh(candidate_in + reset * candidate_mem), memory, update)


def linear(inputs: int, outputs: int) -> nn.Linear:
    """A layer not yet initialised: torch's own initialisation would draw from the global generator."""
    return nn.utils.skip_init(nn.Linear, inputs, outputs)


def masked_log_probs(logits: Tensor, mask: Tensor) -> Tensor:
    """Log-probabilities over the legal choices [..., C], `FLOOR` for others. mask: bool [..., C], never all false."""
    return F.log_softmax(logits.masked_fill(~mask, ILLEGAL), -1).clamp_min(FLOOR)


def sample(log_probs: Tensor, mask: Tensor, uniform: Tensor) -> Tensor:
    """Draws a choice [...], never an illegal one: the cumulative distribution inverted at `uniform` [...] in [0, 1)."""
    cumulative = log_probs.exp().cumsum(-1)
    at = uniform.unsqueeze(-1) * cumulative[..., -1:] * (1 - 2**-20)  # below the total whatever the rounding
    return ((cumulative > at) & mask).to(torch.uint8).argmax(-1)


def entropy(log_probs: Tensor) -> Tensor:
    """Entropy in nats, summed over slots: [...] from [..., K, C]."""
    return -(log_probs.exp() * log_probs).sum((-2, -1))


def chosen(log_probs: Tensor, actions: Tensor) -> Tensor:
    """Log-probability of actions (int64 [..., K]), summed over slots: [...]."""
    return log_probs.gather(-1, actions.unsqueeze(-1)).sum((-2, -1))
