"""One match as a PettingZoo environment: `ParallelArena`, and `aec_env` by PettingZoo's own conversion."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from pettingzoo import ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec
from pettingzoo.utils.env import AECEnv

from .. import make_game
from ..arena import ArenaError, Outcome, nearest
from ..batch import Batch
from .render import Screen, metadata
from .spaces import action_space, mask_cuts, metadata_name, observation_space, only_waiting, state_space


class ParallelArena(ParallelEnv[str, Any, Any]):
    """One match of an arena, all sides choosing at once. Agents: `side_0` and `side_1`; a solo arena has `side_0` only.

    An observation is float32 [F]; with `planes=True` a dict of `features`, that, and `planes`, uint8 [P, H, W]. An
    action is a whole number where the arena has one slot, else one a slot: integers [K]. `info["action_mask"]` is int8
    [choices], or a tuple of them, one a slot, as `action_space(agent).sample(mask)` takes it. An illegal action is
    replaced by the choice that does nothing and counted in `batch.illegal`. The tick limit is a rule with an outcome:
    truncations are always False. In the last step's info: `outcome` (an `Outcome`) and `utility`.

    seed: of the first match; later ones follow from it. `reset()` without a seed goes on to the next match.
    opponents: {side: bot name} are played inside and are no agents. reward: "outcome" or "score", as in `make_batch`.
    options: the arena's own, and `preset`. Raises ArenaError for a wrong name, option or action.
    """

    def __init__(
        self,
        name: str,
        seed: int = 0,
        *,
        opponents: Mapping[int, str | Sequence[str]] | None = None,
        reward: str | None = None,
        render_mode: str | None = None,
        planes: bool = False,
        **options: Any,
    ):
        self.game = game = make_game(name, **options)
        settings = {"reward": reward, "opponents": opponents, "auto_reset": False, "planes": planes}
        self.batch = batch = Batch(game, 1, seed, **settings)
        self.metadata = metadata(game, metadata_name(game.arena))
        self.render_mode = render_mode
        self._screen = Screen(game, render_mode)
        self._seats = [(f"side_{side}", side) for side in range(game.sides) if batch.state.opponent[0, side] < 0]
        if not self._seats:
            raise ArenaError(
                f"opponents = {opponents!r}: bots play every side, expected at least one side for an agent"
            )
        self.possible_agents = [agent for agent, _ in self._seats]
        self.agents: list[str] = []
        self.observation_spaces = {agent: observation_space(game, planes) for agent in self.possible_agents}
        self.action_spaces = {agent: action_space(game) for agent in self.possible_agents}
        self.state_space = state_space(game)

        # Views of the batch's buffers, and the methods that copy them, are made once: this is what makes a step quick.
        self._rewards = batch.rewards[0]
        self._look = [(agent, self._looker(side)) for agent, side in self._seats]
        masks = batch.masks[0].view(np.int8)
        self._legal = [(agent, [masks[cut].copy for cut in mask_cuts(game, side)]) for agent, side in self._seats]
        nothing = only_waiting(game)
        self._legal_last = [
            (agent, [nothing[cut].copy for cut in mask_cuts(game, side)]) for agent, side in self._seats
        ]
        self._given = np.zeros((1, game.sides, game.action.count), np.int64)
        self._rows = [(agent, self._given[0, side]) for agent, side in self._seats]
        self._one_slot = game.action.count == 1
        self._started = False

    def _looker(self, side: int) -> Callable[[], Any]:
        """What gives a side's observation as it is now."""
        features, planes = self.batch.observations[0, side].copy, self.batch.planes
        if planes is None:
            return features
        return lambda: {"features": features(), "planes": planes[0, side].copy()}

    def observation_space(self, agent: str) -> Any:
        """Box float32 [F], or with planes a Dict, the same object in every call."""
        return self._of(self.observation_spaces, agent)

    def action_space(self, agent: str) -> Any:
        """Discrete, or MultiDiscrete [K], the same object in every call."""
        return self._of(self.action_spaces, agent)

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Starts a match: the first one of `seed`, or without a seed the next one.

        options: `setup` (integers [L]) makes this match differ from what the environment's options say.
        """
        first = self.batch.seed if seed is None and not self._started else seed
        self.batch.reset(np.ones(1, np.bool_), seed=first, setup=(options or {}).get("setup"))
        self._started = True
        self.agents = self.possible_agents[:]
        if self._screen.live:
            self.render()
        return {agent: look() for agent, look in self._look}, self._infos(self._legal)

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One decision of all agents. actions: agent -> action, for each of `agents`."""
        if not self.agents:
            raise ArenaError("step: no match is running: call reset() first")
        agent = ""
        try:
            if self._one_slot:
                for agent, row in self._rows:
                    row[0] = actions[agent]
            else:
                for agent, row in self._rows:
                    row[:] = actions[agent]
        except (KeyError, ValueError, TypeError) as error:
            raise self._refusal(actions, agent) from error
        batch = self.batch
        batch.step(self._given)
        rewards = self._rewards.tolist()
        names = self.possible_agents
        over = bool(batch.done[0])
        if over:
            infos = self._last_infos()
            self.agents = []
        else:
            infos = self._infos(self._legal)
        if self._screen.live:
            self.render()
        return (
            {agent: look() for agent, look in self._look},
            {agent: rewards[side] for agent, side in self._seats},
            dict.fromkeys(names, over),
            dict.fromkeys(names, False),
            infos,
        )

    def state(self) -> np.ndarray:
        """What all sides would see if nothing were hidden, one after the other: float32 [S * F]; for training."""
        return self.batch.global_state()[0].copy()

    def render(self) -> Any:
        """The match as it stands or ended: text ("ansi"), uint8 [H, W, 3] ("rgb_array"), or in a window ("human")."""
        return self._screen.show(self.batch)

    def close(self) -> None:
        """Closes the window, if there is one."""
        self._screen.close()

    # --- what agents are told ---

    def _infos(self, legal: list[tuple[str, list[Any]]]) -> dict[str, dict[str, Any]]:
        if self._one_slot:
            return {agent: {"action_mask": slots[0]()} for agent, slots in legal}
        return {agent: {"action_mask": tuple([slot() for slot in slots])} for agent, slots in legal}

    def _last_infos(self) -> dict[str, dict[str, Any]]:
        outcome, utility = Outcome(int(self.batch.outcome[0])), self.batch.utility[0].tolist()
        infos = self._infos(self._legal_last)
        for agent, side in self._seats:
            infos[agent] |= {"outcome": outcome, "utility": utility[side]}
        return infos

    def _of(self, spaces: dict[str, Any], agent: str) -> Any:
        if agent not in spaces:
            raise ArenaError(
                f"{self.game.arena.name} has no agent {agent!r}" + nearest(str(agent), self.possible_agents)
            )
        return spaces[agent]

    def _refusal(self, actions: Any, agent: str) -> ArenaError:
        wanted = self.action_spaces[agent]
        if not isinstance(actions, Mapping):
            return ArenaError(f"step: actions are a {type(actions).__name__}: expected a dict of agent -> action")
        if agent not in actions:
            unknown = [key for key in actions if key not in self.possible_agents]
            hint = nearest(str(unknown[0]), self.possible_agents) if unknown else ""
            return ArenaError(f"step: no action of {agent!r} among those of {list(actions)}{hint}")
        return ArenaError(f"step: action of {agent!r} = {actions[agent]!r}: expected one of {wanted}")


def aec_env(name: str, **options: Any) -> AECEnv:
    """The same match turn by turn (PettingZoo's AEC form), converted by PettingZoo. options: as for `ParallelArena`."""
    return parallel_to_aec(ParallelArena(name, **options))
