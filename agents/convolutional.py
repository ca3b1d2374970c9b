"""A network for games that draw planes and are played on them: a convolutional trunk, and heads that point.

After the fully convolutional agent of Vinyals et al., "StarCraft II: A New Challenge for Reinforcement Learning", 2017:
layers are looked at where they lie, the features of the observation are spread over all pixels, and a choice of a
place is a logit at that place. Layers of categories are given as one plane a category.

Letters for shapes, beside those of `policy.py`: P layers, H rows, W columns; D channels.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn

from ..arenas.arena import Game
from .network import ActorCritic, NetworkConfig
from .policy import PolicyError

FIRST, DEEP = 16, 32
"""Channels of the trunk's two layers: 5x5, then 3x3."""


@dataclass(frozen=True)
class ConvolutionalConfig(NetworkConfig):
    """What decides the shape of such a network. hidden: the layers after the trunk; the first spreads the features."""

    layers: tuple[tuple[int, bool], ...] = ()  # of the planes: scale, whether it is categories
    height: int = 0
    width: int = 0
    axes: tuple[str, ...] = ()  # `Slot.axis` of each slot

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory != "none":
            raise PolicyError(f"memory {self.memory!r}: a convolutional network remembers nothing, expected 'none'")

    @classmethod
    def of(cls, game: Game, **options: Any) -> "ConvolutionalConfig":
        """The configuration that fits a game with planes."""
        assert game.planes is not None
        _, height, width = game.planes.shape
        layers = tuple((layer.scale, layer.categorical) for layer in game.planes.layers)
        axes = tuple(slot.axis for slot in game.action.slots)
        return cls(
            game.observation.size, game.action.sizes, **options, layers=layers, height=height, width=width, axes=axes
        )

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"layers": [list(layer) for layer in self.layers], "axes": list(self.axes)}


def sees_planes(game: Game) -> bool:
    """Whether a convolutional network fits a game: it draws planes, and some of its choices are places on them."""
    return game.planes is not None and any(slot.axis for slot in game.action.slots)


class ConvolutionalActorCritic(ActorCritic):
    """Observations and planes to logits [N, K, C] and values [N].

    A slot of places on the grid ("xy") takes its logits from a 1x1 convolution, one a pixel; of columns ("x") or rows
    ("y") from the mean of such a map over the other axis; any other slot and the value from a layer over all of it.
    """

    planes = True

    def __init__(self, config: ConvolutionalConfig, seed: int = 0):
        nn.Module.__init__(self)
        self.config = config
        self.slots, self.choices = len(config.sizes), max(config.sizes)
        self.state_size = 0
        self.inputs = sum(scale - 1 if categorical else 1 for scale, categorical in config.layers)
        spread, dense = config.hidden[0], config.hidden[-1]
        skip = nn.utils.skip_init  # torch's own initialisation would draw from the global generator
        self.first = skip(nn.Conv2d, self.inputs, FIRST, 5, padding=2)
        self.deep = skip(nn.Conv2d, FIRST, DEEP, 3, padding=1)
        self.spread = skip(nn.Linear, config.features, spread)
        self.places = skip(nn.Conv2d, DEEP + spread, max(1, sum(axis != "" for axis in config.axes)), 1)
        self.dense = skip(nn.Linear, DEEP * config.height * config.width + spread, dense)
        plain = sum(size for size, axis in zip(config.sizes, config.axes, strict=True) if not axis)
        self.plain = skip(nn.Linear, dense, plain) if plain else None
        self.value = skip(nn.Linear, dense, 1)
        self._initialise(torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        gains = {"places": 0.1, "plain": 0.01, "value": 1.0}  # small policy heads start near uniform play
        for name, module in self.named_children():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.orthogonal_(module.weight, gains.get(name, sqrt(2)), generator=generator)
                assert module.bias is not None
                nn.init.zeros_(module.bias)

    def forward(self, observation: Tensor, state: Tensor, planes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One decision of N rows: logits [N, K, C], values [N], the memory, which is none.

        observation float32 [N, F]; state [N, 0]; planes uint8 [N, P, H, W].
        """
        seen = torch.relu(self.deep(torch.relu(self.first(self._channels(planes)))))
        spread = torch.relu(self.spread(observation))
        wide = spread[..., None, None].expand(-1, -1, *seen.shape[-2:])
        maps = self.places(torch.cat([seen, wide], 1))
        dense = torch.relu(self.dense(torch.cat([seen.flatten(1), spread], 1)))
        plain = dense if self.plain is None else self.plain(dense)
        logits = dense.new_zeros(len(dense), self.slots, self.choices)
        at, place = 0, 0
        for slot, (size, axis) in enumerate(zip(self.config.sizes, self.config.axes, strict=True)):
            if axis:
                logits[:, slot, :size] = _of_axis(maps[:, place], axis)
                place += 1
            else:
                logits[:, slot, :size] = plain[:, at : at + size]
                at += size
        return logits, self.value(dense).squeeze(-1), state

    def sequence(self, observation: Tensor, state: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
        """It has no memory, so nobody asks it for sequences."""
        raise PolicyError("a convolutional network has no memory to carry through a sequence")

    def _channels(self, planes: Tensor) -> Tensor:
        """Planes [N, P, H, W] as float32 [N, D, H, W]: amounts up to 1, and one channel for each category but 0."""
        channels = []
        for p, (scale, categorical) in enumerate(self.config.layers):
            layer = planes[:, p : p + 1]
            if categorical:
                numbers = torch.arange(1, scale, dtype=torch.uint8, device=planes.device).view(1, -1, 1, 1)
                channels.append((layer == numbers).float())
            else:
                channels.append(layer.float() / (scale - 1))
        return torch.cat(channels, 1)


def _of_axis(place: Tensor, axis: str) -> Tensor:
    """The logits of a slot [N, size] from its map [N, H, W]."""
    if axis == "xy":
        return place.flatten(1)
    return place.mean(1 if axis == "x" else 2)
