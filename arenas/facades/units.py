"""One match as a PettingZoo environment in which every unit is an agent: `UnitsArena`."""

from typing import Any

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

from ..arena import ArenaError, nearest
from .parallel import ParallelArena


class UnitsArena(ParallelEnv[str, Any, Any]):
    """A `ParallelArena` whose sides are split into their units. Agents: `side_0_unit_0` and so on, in order of slots.

    An agent sees what its side sees, then which of the units it is: float32 [F + K]. Its action is one choice of its
    slot, `info["action_mask"]` int8 [choices]. Its reward is its side's. A unit that is not on the map (any more, or
    yet) stays an agent, with nothing to choose: agents neither leave nor come before the match ends.

    Takes what `ParallelArena` takes. Raises ArenaError where slots are not units, or exclude one another.
    """

    def __init__(self, name: str, seed: int = 0, **settings: Any):
        self.sides = sides = ParallelArena(name, seed, **settings)
        self.game = game = sides.game
        if not game.slots_are_units or game.arena.rules.refine is not None:
            raise ArenaError(f"agents = 'units': the slots of {game.arena.name} are not units with these options")
        self.batch, self.metadata, self.render_mode = sides.batch, sides.metadata, sides.render_mode
        slots = [(k, slot.name.replace(" ", "_")) for k, slot in enumerate(game.action.slots)]
        self._units = {f"{side}_{name}": (side, k) for side in sides.possible_agents for k, name in slots}
        self.possible_agents = [*self._units]
        self.agents: list[str] = []
        self._which = np.eye(game.action.count, dtype=np.float32)
        self._one_slot = game.action.count == 1
        box: Any = sides.observation_spaces[sides.possible_agents[0]]
        which = np.zeros(len(slots), np.float32), np.ones(len(slots), np.float32)
        low, high = np.concatenate([box.low, which[0]]), np.concatenate([box.high, which[1]])
        self.observation_spaces = {agent: spaces.Box(low, high, dtype=np.float32) for agent in self._units}
        self.action_spaces = {agent: spaces.Discrete(game.action.sizes[k]) for agent, (_, k) in self._units.items()}
        self.state_space = sides.state_space

    def observation_space(self, agent: str) -> Any:
        """Box float32 [F + K], the same object in every call."""
        return self._of(self.observation_spaces, agent)

    def action_space(self, agent: str) -> Any:
        """Discrete, the same object in every call."""
        return self._of(self.action_spaces, agent)

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """As `ParallelArena.reset`."""
        observations, infos = self.sides.reset(seed, options)
        self.agents = self.possible_agents[:]
        return self._seen(observations), self._told(infos)

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One decision of all units. actions: agent -> its choice, for each of `agents`."""
        if not self.agents:
            raise ArenaError("step: no match is running: call reset() first")
        chosen: dict[str, Any] = {side: [0] * self.game.action.count for side in self.sides.possible_agents}
        for agent, (side, k) in self._units.items():
            if agent not in actions:
                raise ArenaError(f"step: no action of {agent!r} among those of {list(actions)[:4]} ...")
            chosen[side][k] = int(actions[agent])
        if self._one_slot:
            chosen = {side: row[0] for side, row in chosen.items()}
        observations, rewards, terminations, truncations, infos = self.sides.step(chosen)
        self.agents = self.agents if self.sides.agents else []
        return (
            self._seen(observations),
            {agent: rewards[side] for agent, (side, _) in self._units.items()},
            {agent: terminations[side] for agent, (side, _) in self._units.items()},
            {agent: truncations[side] for agent, (side, _) in self._units.items()},
            self._told(infos),
        )

    def state(self) -> np.ndarray:
        """As `ParallelArena.state`: float32 [S * F]."""
        return self.sides.state()

    def render(self) -> Any:
        """As `ParallelArena.render`."""
        return self.sides.render()

    def close(self) -> None:
        """Closes the window, if there is one."""
        self.sides.close()

    def _seen(self, observations: dict[str, Any]) -> dict[str, Any]:
        return {agent: np.concatenate([observations[side], self._which[k]]) for agent, (side, k) in self._units.items()}

    def _told(self, infos: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        told = {}
        for agent, (side, k) in self._units.items():
            mask = infos[side]["action_mask"]
            told[agent] = {**infos[side], "action_mask": mask if self._one_slot else mask[k]}
        return told

    def _of(self, spaces: dict[str, Any], agent: str) -> Any:
        if agent not in spaces:
            raise ArenaError(f"{self.game.arena.name} has no agent {agent!r}" + nearest(str(agent), [*spaces]))
        return spaces[agent]
