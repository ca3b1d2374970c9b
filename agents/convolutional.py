"""A network for games that draw planes and are played on them: a convolutional trunk, and heads that point.

After the fully convolutional agent of Vinyals et al., "StarCraft II: A New Challenge for Reinforcement Learning", 2017:
layers are looked at where they lie, the features of the observation are spread over all pixels, and a choice of a
place is a logit at that place. Layers of categories are one plane a category, mixed to few channels pixel by pixel.

Letters for shapes, beside those of `policy.py`: P layers, H rows, W columns; D channels, which come last.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn

from ..arenas.arena import Game
from .network import ActorCritic, NetworkConfig, linear
from .policy import PolicyError

WIDE = 16
"""Channels all through the trunk."""
STEPS = (1, 2)
"""How far apart the pixels are that the 3x3 kernels of the trunk's layers join: together a square of 7."""


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

    A slot of places on the grid ("xy") takes its logits from a map, one a pixel; of columns ("x") or rows ("y") from
    the mean of such a map over the other axis; any other slot and the value from a layer over all of it.
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
        self.mix = linear(self.inputs, WIDE)
        self.trunk = nn.ModuleList(skip(nn.Conv2d, WIDE, WIDE, 3, padding=step, dilation=step) for step in STEPS)
        self.spread = linear(config.features, spread)
        self.seen, self.told = linear(WIDE, WIDE), linear(spread, WIDE)
        self.places = linear(WIDE, max(1, sum(axis != "" for axis in config.axes)))
        self.dense = linear(WIDE * config.height * config.width + spread, dense)
        plain = sum(size for size, axis in zip(config.sizes, config.axes, strict=True) if not axis)
        self.plain = linear(dense, plain) if plain else None
        self.value = linear(dense, 1)
        self._initialise(torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        gains = {"places": 0.1, "plain": 0.01, "value": 1.0}  # small policy heads start near uniform play
        for name, module in self.named_modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.orthogonal_(module.weight, gains.get(name, sqrt(2)), generator=generator)
                assert module.bias is not None
                nn.init.zeros_(module.bias)

    @torch.no_grad()
    def lean(self, bias: Tensor) -> None:
        pointed = torch.tensor([axis != "" for axis in self.config.axes])
        if bias[pointed].any():
            raise ValueError("a convolutional network has no bias on places: lean on other choices")
        if self.plain is not None:
            plain = [
                row[:size]
                for row, size, axis in zip(bias, self.config.sizes, self.config.axes, strict=True)
                if not axis
            ]
            self.plain.bias.add_(torch.cat(plain))

    def forward(self, observation: Tensor, state: Tensor, planes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One decision of N rows: logits [N, K, C], values [N], the memory, which is none.

        observation float32 [N, F]; state [N, 0]; planes uint8 [N, P, H, W].
        """
        picture = torch.relu(self.mix(self._channels(planes))).permute(0, 3, 1, 2)
        for layer in self.trunk:
            picture = torch.relu(layer(picture))
        picture = picture.permute(0, 2, 3, 1)
        spread = torch.relu(self.spread(observation))
        maps = self.places(torch.relu(self.seen(picture) + self.told(spread)[:, None, None]))
        dense = torch.relu(self.dense(torch.cat([picture.flatten(1), spread], 1)))
        plain = dense if self.plain is None else self.plain(dense)
        logits = dense.new_zeros(len(dense), self.slots, self.choices)
        at, place = 0, 0
        for slot, (size, axis) in enumerate(zip(self.config.sizes, self.config.axes, strict=True)):
            if axis:
                logits[:, slot, :size] = _of_axis(maps[..., place], axis)
                place += 1
            else:
                logits[:, slot, :size] = plain[:, at : at + size]
                at += size
        return logits, self.value(dense).squeeze(-1), state

    def sequence(self, observation: Tensor, state: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
        """It has no memory, so nobody asks it for sequences."""
        raise PolicyError("a convolutional network has no memory to carry through a sequence")

    def _channels(self, planes: Tensor) -> Tensor:
        """Planes [N, P, H, W] as float32 [N, H, W, D]: amounts up to 1, and one channel for each category but 0."""
        channels = []
        for (scale, categorical), layer in zip(self.config.layers, planes.unbind(1), strict=True):
            if categorical:
                numbers = torch.arange(1, scale, dtype=torch.uint8, device=planes.device)
                channels.append(layer.unsqueeze(-1) == numbers)
            else:
                channels.append(layer.unsqueeze(-1) / (scale - 1))
        return torch.cat(channels, -1)


def _of_axis(place: Tensor, axis: str) -> Tensor:
    """The logits of a slot [N, size] from its map [N, H, W]."""
    if axis == "xy":
        return place.flatten(1)
    return place.mean(1 if axis == "x" else 2)
