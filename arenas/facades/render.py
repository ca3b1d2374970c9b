"""Showing a match: as text for every arena, as a picture where the arena has a renderer.

A renderer is the module `render` in the package of an arena's rules, with the function
`draw(game, match, boxes=False, width=640)` -> uint8 [H, W, 3].
"""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arena import Arena, ArenaError, Game, nearest
from ..batch import Batch

TURNS_PER_SECOND = 2.0
"""How fast an arena without a clock of its own is shown."""


def find_draw(arena: Arena) -> Callable[..., np.ndarray] | None:
    """An arena's `draw`, or None where its package has no module `render` with one."""
    package = importlib.import_module(arena.module).__package__
    if not package:
        return None
    try:
        return getattr(importlib.import_module(f"{package}.render"), "draw", None)
    except ModuleNotFoundError as error:
        if error.name != f"{package}.render":
            raise
        return None


def render_modes(arena: Arena) -> list[str]:
    """The render modes of an arena."""
    return ["ansi"] if find_draw(arena) is None else ["ansi", "rgb_array", "human"]


def pace(game: Game) -> float:
    """Decisions a second at which a match is shown: as it is played, where there is a clock."""
    return game.arena.ticks_per_second / game.frame_skip or TURNS_PER_SECOND


def metadata(game: Game, name: str) -> dict[str, Any]:
    """What PettingZoo and Gymnasium want to know of an environment."""
    return {"name": name, "render_modes": render_modes(game.arena), "render_fps": pace(game)}


class Screen:
    """Where one environment's match is shown: nowhere, as text, as arrays, or in a window."""

    def __init__(self, game: Game, mode: str | None):
        modes = render_modes(game.arena)
        if mode is not None and mode not in modes:
            raise ArenaError(f"{game.arena.name} has no render mode {mode!r}" + nearest(str(mode), modes))
        self.game, self.mode = game, mode
        self.live = mode == "human"
        self._window: Any = None
        self._clock: Any = None

    def show(self, batch: Batch) -> Any:
        """Match 0 in the chosen mode, as it stands or as it ended."""
        if self.mode is None:
            modes = nearest("", render_modes(self.game.arena))
            raise ArenaError(f"render: no render_mode was chosen when the environment was made{modes}")
        if self.mode == "ansi":
            return batch.describe(0)
        draw = find_draw(self.game.arena)
        assert draw is not None  # the constructor refuses the mode otherwise
        picture = draw(self.game, batch.state[0])
        if self.mode == "rgb_array":
            return picture
        self._display(picture)
        return None

    def _display(self, picture: np.ndarray) -> None:
        import pygame

        size = (picture.shape[1], picture.shape[0])
        if self._window is None:
            pygame.display.init()
            self._window = pygame.display.set_mode(size)
            pygame.display.set_caption(self.game.arena.title)
            self._clock = pygame.time.Clock()
        pygame.event.pump()
        pygame.surfarray.blit_array(self._window, picture.swapaxes(0, 1))
        pygame.display.flip()
        self._clock.tick(metadata(self.game, "")["render_fps"])

    def close(self) -> None:
        """Closes the window, if there is one. More than once does no harm."""
        if self._window is not None:
            import pygame

            pygame.display.quit()
            self._window = None
