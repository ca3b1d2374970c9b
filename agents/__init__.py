"""Agents: whatever can play a side, from scripted bots to trained networks."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..arenas.arena import Game
    from .policy import Policy


def resolve(name: str, game: "Game", **options: Any) -> "Policy":
    """A policy by name or file, as `registry.resolve` says: `uniform`, `cpu-3`, `best.safetensors`, `mixture.json`."""
    from .registry import resolve

    return resolve(name, game, **options)
