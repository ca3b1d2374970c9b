"""Gymnasium environments: one side learns, the other is played for it. `SingleArena` and `VectorArena`."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from .. import make_game
from ..arena import ArenaError, Outcome
from ..batch import checked_seed
from ..dice import SEED_LIMIT
from .opponents import OpponentChoice
from .render import Screen, metadata
from .seats import OneSide, row_of
from .spaces import action_space, mask_columns, mask_cuts, metadata_name, observation_space, only_waiting


class SingleArena(gymnasium.Env[Any, Any]):
    """One match at a time. Observation float32 [F]; action a whole number, or integers [K] for several slots.

    planes: an observation is a dict of `features`, float32 [F], and `planes`, uint8 [P, H, W], as `game.planes` says.

    opponent: a bot's name, "random" (the default), an object with `act`, a function, or a mixture of these drawn once a
    match; forms and protocol in `opponents.py`. A solo arena has none. side: 0, 1, or "random" for each match. reward:
    "outcome" or "score", as in `make_batch`. seed: of the first match if `reset` gets none; without either it comes
    from the operating system, as in Gymnasium. options: the arena's own, and `preset`. Raises ArenaError for a wrong
    name, option or action.

    `info["action_mask"]` is int8 [choices], or a tuple of them, one a slot; `side` is added by `reset`, `outcome` and
    `utility` in the last step. Illegal actions are replaced and counted in `batch.illegal`. Truncated is always False.
    """

    def __init__(
        self,
        arena: str,
        *,
        opponent: OpponentChoice = None,
        side: int | str = 0,
        seed: int | None = None,
        reward: str | None = None,
        render_mode: str | None = None,
        planes: bool = False,
        **options: Any,
    ):
        self.game = game = make_game(arena, **options)
        settings = {"reward": reward, "auto_reset": False, "planes": planes}
        self._seats = OneSide(game, 1, checked_seed(seed or 0), opponent=opponent, side=side, **settings)
        self.batch = self._seats.batch
        self.metadata = metadata(game, metadata_name(game.arena))
        self.render_mode = render_mode
        self._screen = Screen(game, render_mode)
        self.observation_space = observation_space(game, planes)
        self.action_space = action_space(game)
        self._cuts = mask_cuts(game, 0)
        self._columns = mask_columns(game)
        self._given = np.zeros((1, game.action.count), np.int64)
        self._first_seed = seed
        self._started = self._running = False

    @property
    def side(self) -> int:
        """The side that the match has given to the learner."""
        return int(self._seats.side[0])

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Starts a match: the first one of `seed`, or without a seed the next one.

        options: `setup` (integers [L]) makes this match differ from what the environment's options say.
        """
        if seed is None and not self._started:
            seed = self._first_seed if self._first_seed is not None else int(self.np_random.integers(SEED_LIMIT))
        super().reset(seed=seed)
        self._seats.restart(seed, self.np_random if seed is not None else None, None, (options or {}).get("setup"))
        self._started = self._running = True
        if self._screen.live:
            self.render()
        return row_of(self._seats.observations(), 0), {"action_mask": self._mask(), "side": self.side}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """One decision: (observation, reward, terminated, False, info)."""
        if not self._running:
            raise ArenaError("step: no match is running: call reset() first")
        try:
            self._given[0] = action
        except (ValueError, TypeError) as error:
            raise ArenaError(f"step: action = {action!r}: expected one of {self.action_space}") from error
        seats = self._seats
        seats.step(self._given)
        info: dict[str, Any]
        if seats.ended is None:
            observation, info = row_of(seats.observations(), 0), {"action_mask": self._mask()}
        else:
            ended = seats.ended
            observation = row_of(ended.observations, 0)
            info = self._last_info(Outcome(int(ended.outcome[0])), ended.utility[0])
            self._running = False
        if self._screen.live:
            self.render()
        return observation, float(seats.rewards[0]), not self._running, False, info

    def action_masks(self) -> np.ndarray:
        """What is legal now, slots one after the other: bool [sum of their sizes]. The name sb3-contrib looks for."""
        masks = self._seats.masks() if self._running else only_waiting(self.game)
        return masks[0].reshape(-1)[self._columns].astype(bool)

    def render(self) -> Any:
        """The match as it stands or ended: text ("ansi"), uint8 [H, W, 3] ("rgb_array"), or in a window ("human")."""
        return self._screen.show(self.batch)

    def close(self) -> None:
        """Closes the window, if there is one."""
        self._screen.close()

    def _mask(self, masks: np.ndarray | None = None) -> Any:
        masks = self._seats.masks().view(np.int8) if masks is None else masks
        if len(self._cuts) == 1:
            return masks[self._cuts[0]]
        return tuple([masks[cut] for cut in self._cuts])

    def _last_info(self, outcome: Outcome, utility: float) -> dict[str, Any]:
        return {"action_mask": self._mask(only_waiting(self.game)), "outcome": outcome, "utility": float(utility)}


class VectorArena(VectorEnv[Any, np.ndarray, np.ndarray]):
    """N matches at once, in one `Batch`: observations float32 [N, F], actions int [N] (one slot) or [N, K].

    Autoreset is `SAME_STEP`, declared in `metadata["autoreset_mode"]`: a match that ends is followed by the next within
    the step, so no step is wasted and the returned observation is the new match's. The last one is in
    `infos["final_obs"][i]`, its outcome and utility in `infos["final_info"]`, both marked by `infos["_final_obs"]`
    (Gymnasium's form). `infos["action_mask"]` is int8 [N, sum of the slots' sizes], slots one after the other;
    `action_masks()` is the same as bool.

    opponent, side, seed, reward, planes, options: as for `SingleArena`; a mixture is drawn for each match, and each
    policy in it is asked once a step for all its matches. threads: most CPU threads used. After `reset(seed=s)` row i
    plays the matches of row i of a `Batch` of seed s.
    """

    def __init__(
        self,
        arena: str,
        num_envs: int = 1,
        *,
        opponent: OpponentChoice = None,
        side: int | str = 0,
        seed: int | None = None,
        reward: str | None = None,
        threads: int | None = None,
        render_mode: str | None = None,
        planes: bool = False,
        **options: Any,
    ):
        if render_mode is not None:
            raise ArenaError(f"render_mode = {render_mode!r}: many matches are not shown at once; use one environment")
        self.game = game = make_game(arena, **options)
        settings = {"reward": reward, "threads": threads, "planes": planes}
        self._seats = OneSide(game, num_envs, checked_seed(seed or 0), opponent=opponent, side=side, **settings)
        self.batch = self._seats.batch
        self.num_envs = num_envs
        self.metadata = {**metadata(game, metadata_name(game.arena)), "autoreset_mode": AutoresetMode.SAME_STEP}
        self.metadata["render_modes"] = []
        self.single_observation_space = observation_space(game, planes)
        self.single_action_space = action_space(game)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._columns = mask_columns(game)
        self._everywhere = np.ones(num_envs, np.bool_)
        self._first_seed = seed
        self._started = False

    @property
    def sides(self) -> np.ndarray:
        """The side each match has given to the learner: int [N], a copy."""
        return self._seats.side.copy()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Starts all matches, or those in `options["reset_mask"]` (bool [N]): the first of `seed`, or the next ones.

        options["setup"]: of these matches and those that follow them, integers [L] or [N, L].
        """
        where = (options or {}).get("reset_mask")
        if where is not None and (getattr(where, "shape", None), getattr(where, "dtype", None)) != (
            (self.num_envs,),
            bool,
        ):
            raise ArenaError(f"options['reset_mask'] = {where!r}: expected a bool array of shape ({self.num_envs},)")
        if seed is None and not self._started:
            seed = self._first_seed if self._first_seed is not None else int(self.np_random.integers(SEED_LIMIT))
        super().reset(seed=seed)
        setup = (options or {}).get("setup")
        self._seats.restart(seed, self.np_random if seed is not None else None, where, setup)
        self._started = True
        return self._seats.observations(), {**self._mask_info(), "side": self.sides, "_side": self._everywhere.copy()}

    def step(self, actions: Any) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One decision of all matches: (observations, rewards, terminations, truncations, infos)."""
        if not self._started:
            raise ArenaError("step: no match is running: call reset() first")
        given = np.asarray(actions)
        if given.shape != self.action_space.shape or given.dtype.kind not in "iu":
            raise ArenaError(
                f"step: got actions {given.dtype} {list(given.shape)}, "
                f"expected integers {list(self.action_space.shape or ())}"
            )
        seats = self._seats
        seats.step(given.reshape(self.num_envs, -1))
        infos = self._mask_info()
        if seats.ended is not None:
            infos |= self._ended_info(seats.ended)
        rewards = seats.rewards.astype(np.float64)
        return seats.observations(), rewards, seats.done, np.zeros(self.num_envs, np.bool_), infos

    def action_masks(self) -> np.ndarray:
        """What is legal now, slots one after the other: bool [N, sum of their sizes]."""
        return self._flat_masks().astype(bool)

    def _flat_masks(self) -> np.ndarray:
        return self._seats.masks().reshape(self.num_envs, -1)[:, self._columns]

    def _mask_info(self) -> dict[str, Any]:
        return {"action_mask": self._flat_masks().view(np.int8), "_action_mask": self._everywhere.copy()}

    def _ended_info(self, ended: Any) -> dict[str, Any]:
        final = np.full(self.num_envs, None, dtype=object)
        for n, row in enumerate(ended.rows):
            final[row] = row_of(ended.observations, n)
        outcome = np.zeros(self.num_envs, np.int8)
        utility = np.zeros(self.num_envs, np.float32)
        outcome[ended.rows], utility[ended.rows] = ended.outcome, ended.utility
        there = self._seats.done
        return {
            "final_obs": final,
            "_final_obs": there.copy(),
            "final_info": {
                "outcome": outcome,
                "_outcome": there.copy(),
                "utility": utility,
                "_utility": there.copy(),
            },
            "_final_info": there.copy(),
        }


def make_single(arena: str, **settings: Any) -> SingleArena:
    """One match as a Gymnasium environment: the entry point of `kumite/...` ids. settings: as for `SingleArena`."""
    return SingleArena(arena, **settings)


def make_vector(arena: str, num_envs: int = 1, **settings: Any) -> VectorArena:
    """Many matches as a Gymnasium vector environment: the vector entry point of `kumite/...` ids."""
    return VectorArena(arena, num_envs, **settings)
