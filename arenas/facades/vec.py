"""Many matches as a Stable-Baselines3 `VecEnv`, against opponents or in self-play. Importing it imports torch."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from .. import make_game
from ..arena import ArenaError, Outcome
from ..batch import checked_seed
from .opponents import OpponentChoice
from .seats import BothSides, OneSide, Seats, Shown, row_of
from .spaces import action_space, mask_columns, observation_space


class KumiteVecEnv(VecEnv):
    """N rows for SB3's algorithms and sb3-contrib's `MaskablePPO` (which asks `env_method("action_masks")`).

    One side of each match learns (N = num_envs) and `opponents` play the other: a bot's name, "random", an object with
    `act`, a function, or a mixture drawn once a match, as in `opponents.py`. side: 0, 1, or "random" for each match.
    With `both_sides=True` both learn, in self-play: N = 2 * num_envs, row 2 * i + side is that side of match i. A match
    that ends is followed by the next within the step; the row's info has `terminal_observation`, `outcome` and
    `utility`. For episode statistics wrap it in SB3's `VecMonitor`. reward, threads, planes, options: as in
    `make_batch`; with planes an observation is a dict (`MultiInputPolicy`). Raises ArenaError for a wrong name, option
    or action.
    """

    def __init__(
        self,
        arena: str,
        num_envs: int,
        seed: int = 0,
        opponents: OpponentChoice = None,
        *,
        side: int | str = 0,
        both_sides: bool = False,
        reward: str | None = None,
        threads: int | None = None,
        planes: bool = False,
        **options: Any,
    ):
        self.game = game = make_game(arena, **options)
        settings = {"reward": reward, "threads": threads, "planes": planes}
        self._seats: Seats
        if both_sides:
            if opponents is not None:
                raise ArenaError(f"opponents = {opponents!r}: with both_sides=True there are none")
            self._seats = BothSides(game, num_envs, checked_seed(seed), **settings)
        else:
            self._seats = OneSide(game, num_envs, checked_seed(seed), opponent=opponents, side=side, **settings)
        self.batch = self._seats.batch
        self._columns = mask_columns(game)
        self._actions: np.ndarray | None = None
        self._seed: int | None = None  # for the next reset
        self._attributes: dict[str, list[Any]] = {"render_mode": [None] * len(self._seats)}
        super().__init__(len(self._seats), observation_space(game, planes), action_space(game))

    def action_masks(self) -> np.ndarray:
        """What is legal now, slots one after the other: bool [N, sum of their sizes]."""
        masks = self._seats.masks().reshape(self.num_envs, -1)
        return masks[:, self._columns].astype(bool)

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """The seed of the next reset, one for all rows. None: the matches go on as they are."""
        if seed is not None:
            self._seed = checked_seed(seed)
        return [seed] * self.num_envs

    def reset(self) -> Shown:
        """Starts all matches: the first ones of the seed, or without a new one the next ones."""
        self._seats.restart(self._seed, None)
        self._seed = None
        self.reset_infos = [{} for _ in range(self.num_envs)]
        return self._seats.observations()

    def step_async(self, actions: np.ndarray) -> None:
        """Takes the actions: int [N] (one slot) or [N, K]."""
        given = np.asarray(actions)
        wanted = (self.num_envs, *(self.action_space.shape or ()))
        if given.shape != wanted or given.dtype.kind not in "iu":
            raise ArenaError(f"actions: got {given.dtype} {list(given.shape)}, expected integers {list(wanted)}")
        self._actions = given.reshape(self.num_envs, -1)

    def step_wait(self) -> VecEnvStepReturn:
        """Plays them: (observations [N, F], rewards [N], dones [N], infos)."""
        if self._actions is None:
            raise ArenaError("step_wait: no actions were given: call step_async first")
        actions, self._actions = self._actions, None
        seats = self._seats
        seats.step(actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if seats.ended is not None:
            ended = seats.ended
            for n, row in enumerate(ended.rows.tolist()):
                infos[row] = {
                    "terminal_observation": row_of(ended.observations, n),
                    "TimeLimit.truncated": False,
                    "outcome": Outcome(int(ended.outcome[n])),
                    "utility": float(ended.utility[n]),
                    "side": int(ended.side[n]),
                }
        return seats.observations(), seats.rewards, seats.done, infos

    def close(self) -> None:
        """Nothing to release."""

    # --- what SB3 asks of single environments: there are none, so rows answer from the batch ---

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute for some rows; `action_masks` is a method, and the same for all of them."""
        rows = list(self._get_indices(indices))
        if attr_name in self._attributes:
            return [self._attributes[attr_name][row] for row in rows]
        return [getattr(self, attr_name)] * len(rows)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Keeps a value for some rows, for `get_attr`; nothing in a match depends on it."""
        values = self._attributes.setdefault(attr_name, [None] * self.num_envs)
        for row in self._get_indices(indices):
            values[row] = value

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """The rows' results of `action_masks`, the one method that a row has."""
        if method_name != "action_masks":
            raise AttributeError(f"rows have no method {method_name!r}: they have 'action_masks'")
        masks = self.action_masks()
        return [masks[row] for row in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """No row is wrapped."""
        return [False for _ in self._get_indices(indices)]
