"""Who plays the seats a learner does not: one policy drawn per match, one forward pass each, bots inside the batch."""

from typing import Any

import numpy as np

from ..arenas.imagine import Seats
from .policy import MixturePolicy, Policy, PolicyError, grouped, shown_to


class Lineup:
    """R seats of a batch and the policies in them.

    seats: flat seats, match * S + side, int64 [R]. A seat keeps its policy until `draw` is called for it, which is to
    be done when its match has ended.
    """

    def __init__(self, batch: Any, seats: np.ndarray, policy: Policy, rng: np.random.Generator):
        mixture = policy if isinstance(policy, MixturePolicy) else MixturePolicy([policy])
        self.batch, self.seats, self.rng = batch, np.asarray(seats, np.int64), rng
        self.members, self.weights = mixture.members, mixture.weights
        sides = batch.game.sides
        self.match, self.side = self.seats // sides, self.seats % sides
        self._bots = np.array([-1 if m.bot is None else batch.arena.bot(m.bot) for m in self.members])
        self.memories = [member.initial_state(len(self.seats)) for member in self.members]
        self.seated = np.zeros(len(self.seats), np.int64)
        self.draw(np.ones(len(self.seats), np.bool_))

    def draw(self, where: np.ndarray) -> None:
        """Seats a policy drawn afresh, with fresh memory, where a match has just begun (bool [R])."""
        self.seat(where, self.rng.choice(len(self.members), size=int(where.sum()), p=self.weights))

    def seat(self, where: np.ndarray, number: np.ndarray | int) -> None:
        """Seats given members (their numbers) with fresh memory at the seats marked in `where` (bool [R])."""
        self.seated[where] = number
        self.batch.state.opponent[self.match[where], self.side[where]] = self._bots[self.seated[where]]
        for member, memory in zip(self.members, self.memories, strict=True):
            member.reset(memory, where)

    def act(self, observations: np.ndarray, masks: np.ndarray, actions: np.ndarray) -> None:
        """Writes the seats' choices into `actions`; all three by flat seat, [B * S, ...]. Bots choose in the step."""
        for number, member, rows in grouped(self.members, self.seated):
            if member.bot is None:
                seats, memory = self.seats[rows], self.memories[number]
                asked = Seats(self.batch, self.match[rows], self.side[rows])
                given = (shown_to(member, self.batch, observations)[seats], masks[seats], memory[rows], self.rng)
                actions[seats], memory[rows], lost = member.act_seated(asked, *given)
                if lost:
                    raise PolicyError(f"{member.name} forfeits: {', '.join(sorted(set(lost.values())))}")

    def state_dict(self) -> dict[str, Any]:
        """Who sits where, and what each remembers; the policies themselves are the caller's to keep."""
        return {
            "hashes": [member.policy_hash for member in self.members],
            "seated": self.seated.copy(),
            "memories": [memory.copy() for memory in self.memories],
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Seats everybody as saved. Refused where the policies are not those of the snapshot."""
        hashes = [member.policy_hash for member in self.members]
        if list(saved["hashes"]) != hashes:
            raise PolicyError(f"saved with opponents {list(saved['hashes'])}, these are {hashes}")
        self.seat(np.ones(len(self.seats), np.bool_), np.asarray(saved["seated"]))
        for memory, kept in zip(self.memories, saved["memories"], strict=True):
            memory[:] = kept
