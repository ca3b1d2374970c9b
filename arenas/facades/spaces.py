"""A game's Gymnasium spaces, and its masks in the forms that libraries want."""

import numpy as np
from gymnasium import spaces

from ..arena import Arena, Game

EXACT = 2**24
"""A rule writes whole numbers into float32, which holds them exactly up to here: the bound of an observation."""


def observation_space(game: Game, planes: bool = False) -> "spaces.Box | spaces.Dict":
    """What one side sees: float32 [F]. Bounds are what its integers can be, times the scale of their block.

    planes: a dict of this as `features`, and of `planes`: uint8 [P, H, W], up to 255 as libraries expect of a picture.
    """
    high = np.abs(game.observation.scales) * np.float32(EXACT)
    features = spaces.Box(-high, high, dtype=np.float32)
    if not planes or game.planes is None:
        return features
    return spaces.Dict({"features": features, "planes": spaces.Box(0, 255, game.planes.shape, np.uint8)})


def state_space(game: Game) -> spaces.Box:
    """What all sides see, one after the other: float32 [S * F]."""
    high = np.tile(np.abs(game.observation.scales) * np.float32(EXACT), game.sides)
    return spaces.Box(-high, high, dtype=np.float32)


def action_space(game: Game) -> "spaces.Discrete | spaces.MultiDiscrete":
    """What one side chooses: one number where there is one slot, else one a slot."""
    sizes = game.action.sizes
    return spaces.Discrete(sizes[0]) if len(sizes) == 1 else spaces.MultiDiscrete(list(sizes))


def mask_columns(game: Game) -> np.ndarray:
    """Where the choices that exist lie in a mask flattened from [K, C]: intp [sum of the slots' sizes]."""
    width = game.action.choices
    return np.concatenate([k * width + np.arange(size) for k, size in enumerate(game.action.sizes)])


def mask_cuts(game: Game, side: int) -> list[tuple[int, int, slice]]:
    """Where each slot's choices lie in a match's masks [S, K, C], for one side: as `space.sample(mask)` takes them."""
    return [(side, k, slice(size)) for k, size in enumerate(game.action.sizes)]


def only_waiting(game: Game) -> np.ndarray:
    """The masks of a match that is over: int8 [S, K, C], only choice 0, the one that does nothing."""
    masks = np.zeros((game.sides, game.action.count, game.action.choices), np.int8)
    masks[:, :, 0] = 1
    return masks


def metadata_name(arena: Arena) -> str:
    """`classic/kuhn`, version 1 -> `classic_kuhn_v1`, PettingZoo's form."""
    return f"{arena.name.replace('/', '_')}_v{arena.version}"
