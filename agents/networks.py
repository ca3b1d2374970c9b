"""Which network fits a game: the one list of kinds, each by facts on the specs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from ..arenas.arena import Game, nearest
from .convolutional import ConvolutionalActorCritic, ConvolutionalConfig, sees_planes
from .entities import EntityActorCritic, entity_layout
from .network import ActorCritic, NetworkConfig
from .policy import PolicyError
from .ppo_config import PPOConfig


class Kind(NamedTuple):
    """A kind of network."""

    build: Callable[[NetworkConfig, int], ActorCritic]
    layout: Callable[[Game], tuple[Any, ...] | None]  # what it has to know of a game's specs; None: it does not fit


NETWORKS = {
    "entities": Kind(EntityActorCritic, entity_layout),
    "tokens": Kind(ActorCritic, lambda game: () if any(block.token for block in game.observation.blocks) else None),
    "flat": Kind(ActorCritic, lambda game: ()),
}
"""`auto` takes the first that fits."""
NEEDS = {
    "entities": "its observation has no row of blocks for each slot",
    "tokens": "no block of its observation belongs to a token (Block.token)",
}


def configure(game: Game, kind: str = "auto", sees: str = "", **options: Any) -> NetworkConfig:
    """The configuration of a network for a game.

    kind: one of NETWORKS, or "auto"; where choices are places on the planes that a game draws, "flat" is convolutional,
    too: a row of features would not show them. sees: the observation's blocks it is given, with commas between; "":
    all. Such a network is flat. Of skirmish and most arenas, `sees="time"` makes an open-loop policy. options: see
    `NetworkConfig`.
    """
    if kind not in ("auto", *NETWORKS):
        raise PolicyError(f"network {kind!r}" + nearest(kind, ["auto", *NETWORKS]))
    seen = _columns(game, sees)
    if seen and kind not in ("auto", "flat"):
        raise PolicyError(f"network {kind!r} with sees = {sees!r}: what sees some blocks only is 'flat'")
    if sees_planes(game) and not seen and kind in ("auto", "flat"):
        return ConvolutionalConfig.of(game, **options)
    for name, each in NETWORKS.items():
        layout = each.layout(game) if kind in (name, "auto") and (not seen or name == "flat") else None
        if layout is not None:
            if name == "tokens":  # a flat network, but for how it reads
                return NetworkConfig.of(game, name, **options)
            return NetworkConfig.of(game, kind=name, layout=layout, sees=seen, **options)
    raise PolicyError(f"network {kind!r} does not fit {game.arena.name} with these options: " + NEEDS[kind])


def of_settings(game: Game, settings: PPOConfig) -> NetworkConfig:
    """The configuration that a learner's settings ask for."""
    body = {"hidden": settings.hidden, "activation": settings.activation, "memory": settings.memory}
    return configure(game, settings.network, settings.sees, **body)


def build(config: NetworkConfig, seed: int = 0) -> ActorCritic:
    """A fresh network."""
    if isinstance(config, ConvolutionalConfig):
        return ConvolutionalActorCritic(config, seed)
    if config.kind not in NETWORKS:
        raise PolicyError(f"network {config.kind!r}" + nearest(config.kind, [*NETWORKS]))
    return NETWORKS[config.kind].build(config, seed)


def config_from_json(saved: dict[str, Any]) -> NetworkConfig:
    """A configuration of any kind from what `as_json` gave."""
    if "layers" not in saved:
        return NetworkConfig.from_json(saved)
    layers = tuple((int(scale), bool(categorical)) for scale, categorical in saved["layers"])
    lists = {"sizes": tuple(saved["sizes"]), "hidden": tuple(saved["hidden"]), "axes": tuple(saved["axes"])}
    return ConvolutionalConfig(**{**saved, **lists, "layers": layers})


def taste(game: Game, lean: str) -> torch.Tensor:
    """What is added to the logits of the slots' choices [K, C], by their first words: "attack:1, nothing:2"."""
    slots = [[choice.split()[0] for choice in slot.choices] for slot in game.action.slots]
    known = dict.fromkeys(word for words in slots for word in words)
    bias = torch.zeros(len(slots), max(map(len, slots)))
    for part in lean.split(","):
        word, _, number = (text.strip() for text in part.partition(":"))
        if word not in known:
            raise PolicyError(f"lean = {lean!r}: no choice {word!r}" + nearest(word, [*known]))
        try:
            for row, words in zip(bias, slots, strict=True):
                row[[at for at, each in enumerate(words) if each == word]] = float(number)
        except ValueError:
            raise PolicyError(f"lean = {lean!r}: expected WORD:NUMBER, as in attack:1") from None
    return bias


def _columns(game: Game, sees: str) -> tuple[tuple[int, int], ...]:
    """(first, count) of the features of blocks by name."""
    lengths = {block.name: block.length for block in game.observation.blocks}
    names = [name.strip() for name in sees.split(",") if name.strip()]
    for name in names:
        if name not in lengths:
            raise PolicyError(f"sees = {sees!r}: no observation block {name!r}" + nearest(name, [*lengths]))
    return tuple((game.observation.offset(name), lengths[name]) for name in names)
