"""Showing replays: frames from an arena's `render.draw`, in a pygame window or a GIF."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .arena import Arena, ArenaError
from .facades.render import find_draw, pace
from .replay import Replay


def drawer(arena: Arena) -> Callable[..., np.ndarray]:
    """The arena's `draw(game, match, boxes=, width=) -> uint8 [H, W, 3]`; refused in words where it has none."""
    draw = find_draw(arena)
    if draw is None:
        raise ArenaError(f"{arena.name} has no picture to draw; its matches can be read: Batch.describe(i)")
    return draw


def frames(replay: Replay, start: int = 0, stop: int | None = None, **drawing: Any) -> Iterator[np.ndarray]:
    """A picture for each decision from `start` to `stop`: uint8 [H, W, 3]. The last shows the match as it ended."""
    draw = drawer(replay.game().arena)
    for t, batch in enumerate(replay.play()):
        if stop is not None and t > stop:
            return
        if t >= start:
            yield draw(batch.game, batch.state[0], **drawing)


def write_gif(
    file: Path,
    out: Path,
    *,
    boxes: bool = False,
    width: int = 640,
    speed: float = 1.0,
    start: int = 0,
    stop: int | None = None,
) -> int:
    """Writes a replay as a GIF, atomically; returns the number of frames."""
    from PIL import Image

    replay = Replay.load(file)
    pictures = [Image.fromarray(frame) for frame in frames(replay, start, stop, boxes=boxes, width=width)]
    if not pictures:
        raise ArenaError(f"{file}: no decision between {start} and {stop}; it has {len(replay.actions)}")
    # One palette for all frames, made from a picture of a few of them: a palette each would make the picture flicker.
    sampled = pictures[:: max(1, len(pictures) // 8)]
    sheet = Image.new("RGB", (pictures[0].width, pictures[0].height * len(sampled)))
    for row, picture in enumerate(sampled):
        sheet.paste(picture, (0, row * picture.height))
    palette = sheet.quantize(64)
    flat = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    duration = max(20, round(1000 / (pace(replay.game()) * speed)))
    temporary = out.with_name(f"{out.name}.{os.getpid()}.tmp")
    out.parent.mkdir(parents=True, exist_ok=True)
    flat[0].save(
        temporary, format="GIF", save_all=True, append_images=flat[1:], duration=duration, loop=0, optimize=True
    )
    temporary.replace(out)
    return len(flat)


def show(
    file: Path,
    *,
    boxes: bool = False,
    width: int = 640,
    speed: float = 1.0,
    start: int = 0,
    stop: int | None = None,
    limit: int | None = None,
) -> int:
    """Shows a replay in a window until it is closed, or `limit` pictures were shown; returns how many were."""
    import pygame

    replay = Replay.load(file)
    draw = drawer(replay.game().arena)
    records = [batch.state[0].copy() for batch in replay.play()][start:stop]
    if not records:
        raise ArenaError(f"{file}: no decision between {start} and {stop}; it has {len(replay.actions)}")
    pygame.init()
    pygame.display.set_caption("kumite: " + " against ".join(replay.players or ("replay",)))
    clock, at, shown, paused, window = pygame.time.Clock(), 0, 0, False, None
    try:
        while limit is None or shown < limit:
            picture = draw(replay.game(), records[at], boxes=boxes, width=width)
            window = window or pygame.display.set_mode((picture.shape[1], picture.shape[0]))
            pygame.surfarray.blit_array(window, picture.swapaxes(0, 1))
            pygame.display.flip()
            shown += 1
            step = 0 if paused else 1
            for event in pygame.event.get():
                if event.type == pygame.QUIT or (event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE):
                    return shown
                if event.type == pygame.KEYDOWN:
                    paused ^= event.key == pygame.K_SPACE
                    boxes ^= event.key == pygame.K_b
                    step += (event.key == pygame.K_RIGHT) - (event.key == pygame.K_LEFT)
            at = min(max(at + step, 0), len(records) - 1)
            clock.tick(pace(replay.game()) * speed)
    finally:
        pygame.quit()
    return shown
