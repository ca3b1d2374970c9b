"""Self-play held by a magnet: the scheme that needs no payoff table, only one learner that is trained on and on.

Magnetic mirror descent (S. Sokota et al., "A unified approach to reinforcement learning, quantal response equilibria,
and two-player zero-sum games", 2023) improves a policy while it holds it near another, the magnet. Where the magnet
stays, play settles near it; where it follows slowly, or its hold is annealed, play goes on to an equilibrium. Here the
learner is PPO with the reverse divergence KL(policy, magnet) in its loss (`magnet_coefficient`, `magnet_rate` and
`magnet_steps` of its settings), which has no such guarantee: it is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loops import Admission, Assignment
from .matchmaking import Meta
from .population import RESPONSE, Player, Population

if TYPE_CHECKING:
    from .trainer import Trainer


class Magnet:
    """One learner in both seats, frozen once an iteration; its magnet goes on with it."""

    parts: tuple[str, ...] = ("",)
    goes_on = True

    def __init__(self, trainer: Trainer):
        self.run, self.config = trainer.run, trainer.run.config

    def assign(self, iteration: int, population: Population, part: str, meta: Meta) -> Assignment:
        """On from where it was left."""
        return Assignment(
            name=self.run.member_name(0, iteration),
            population=population,
            part=part,
            parent=None,
            opponents=None,
            continues=self.run.member_name(0, iteration - 1) if iteration > 1 else "",
            until=iteration * self.config.steps,
        )

    def admit(self, iteration: int, work: Assignment, candidate: Player, meta: Meta) -> Admission:
        """It is one more point of the learner's way."""
        return Admission(RESPONSE, f"{candidate.member.name} is reached")
