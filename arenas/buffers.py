"""The arrays that a batch and its driver share."""

from math import prod
from typing import NamedTuple

import numpy as np

from .arena import Game


class Buffers(NamedTuple):
    """The arrays a batch shares with its caller. B matches, S sides, K slots, C choices, F features."""

    actions: np.ndarray  # int16 [B, S, K], in: chosen; out: as played
    observations: np.ndarray  # float32 [B, S, F]
    masks: np.ndarray  # uint8 [B, S, K, C]
    rewards: np.ndarray  # float32 [B, S]
    done: np.ndarray  # bool [B]
    outcome: np.ndarray  # int8 [B], of the match that has ended
    utility: np.ndarray  # float32 [B, S], of the match that has ended
    final_observations: np.ndarray  # float32 [B, S, F], of the match that ended, valid where done
    planes: np.ndarray  # uint8 [B, S, P, H, W], empty where nobody asked for them
    final_planes: np.ndarray  # uint8 [B, S, P, H, W], of the match that ended, valid where done
    illegal: np.ndarray  # int32 [B, S], illegal choices given so far
    bot_illegal: np.ndarray  # int32 [B, S], those of bots
    where: np.ndarray  # bool [B], which matches a mode is about
    asked: np.ndarray  # bool [B, S], which sides NARROW, FORK and ASK are about
    row: np.ndarray  # uint8 [B, S, C], out of NARROW, else scratch
    setup: np.ndarray  # int32 [B, length of a setup row], scratch
    scales: np.ndarray  # float32 [F]
    blank: np.ndarray  # one zero record
    auto_reset: np.ndarray  # bool [1], whether a match that ends is followed by the next one at once
    step_reward: (
        np.ndarray
    )  # float32 [1], reward per point of score difference gained, 0: the outcome is the only reward
    final_scale: np.ndarray  # float32 [1], utility per point of score difference, 0: utility is the outcome


def row_bytes(game: Game, planes: bool = False) -> int:
    """Bytes one match of a batch takes: its record and its rows of the buffers, those of planes where asked for."""
    f, k, c, s = game.observation.size, game.action.count, game.action.choices, game.sides
    drawn = 2 * prod(game.planes.shape) if planes and game.planes is not None else 0
    return game.state.itemsize + s * (8 * f + 2 * k + k * c + c + 17 + drawn) + 4 * len(game.setup) + 3


def allocate(game: Game, matches: int, reward: str, auto_reset: bool, planes: bool) -> Buffers:
    """Buffers for so many matches. reward: `outcome` or `score`; planes: those of `game.planes` too."""
    b, s, f = matches, game.sides, game.observation.size
    k, c = game.action.count, game.action.choices
    scale = np.float32(game.score_scale)
    drawn = (b, s, *game.planes.shape) if planes and game.planes is not None else (0, 0, 0, 0, 0)
    return Buffers(
        actions=np.zeros((b, s, k), np.int16),
        observations=np.zeros((b, s, f), np.float32),
        masks=np.zeros((b, s, k, c), np.uint8),
        rewards=np.zeros((b, s), np.float32),
        done=np.zeros(b, np.bool_),
        outcome=np.zeros(b, np.int8),
        utility=np.zeros((b, s), np.float32),
        final_observations=np.zeros((b, s, f), np.float32),
        planes=np.zeros(drawn, np.uint8),
        final_planes=np.zeros(drawn, np.uint8),
        illegal=np.zeros((b, s), np.int32),
        bot_illegal=np.zeros((b, s), np.int32),
        where=np.ones(b, np.bool_),
        asked=np.zeros((b, s), np.bool_),
        row=np.zeros((b, s, c), np.uint8),
        setup=np.zeros((b, len(game.setup)), np.int32),
        scales=game.observation.scales,
        blank=np.zeros(1, game.state).view(np.recarray),
        auto_reset=np.array([auto_reset]),
        step_reward=np.array([scale if reward == "score" else 0], np.float32),
        final_scale=np.array([scale if game.utility == "score" else 0], np.float32),
    )
