"""What an iteration trains and whom it lets join: the kinds of loop that a scheme may ask for.

`Responses` answers the others' mixture, one response a population and iteration. `roles.Roles` trains main agents and
exploiters on, side by side. `magnet.Magnet` trains one policy on by self-play, held by an earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..agents.policy import Policy
from .gate import Verdict, judge, judge_exactly, judge_so_far
from .matchmaking import Meta, chosen, parent_of
from .play import derive_seed, pair_keys, pair_utilities
from .population import REFUSED, RESPONSE, Player, Population
from .records import GameKey, GameRecord

if TYPE_CHECKING:
    from .trainer import Trainer

LOOKS = 16
"""How often a sequential gate looks at most."""


@dataclass(frozen=True)
class Assignment:
    """One learner's work in an iteration."""

    name: str  # of the member that it will be
    population: Population
    part: str  # which of the population's learners, if it has several
    parent: Player | None  # whose weights it starts from
    opponents: Policy | None  # None: itself, in both seats
    self_play: float = 0.0  # share of matches against itself, where there are opponents too
    continues: str = ""  # the member whose training this goes on with, exactly as it was left
    until: int = 0  # samples its learner is to have seen


@dataclass(frozen=True)
class Admission:
    """What becomes of a trained learner. role: the new member's."""

    role: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


class Loop(Protocol):
    """A kind of loop."""

    parts: tuple[str, ...]
    """The learners of each population; one without a name where there is but one."""
    goes_on: bool
    """Whether an iteration's learner is the last one's, its optimiser and matches included."""

    def assign(self, iteration: int, population: Population, part: str, meta: Meta) -> Assignment:
        """What a learner is to do."""
        ...

    def admit(self, iteration: int, work: Assignment, candidate: Player, meta: Meta) -> Admission:
        """What becomes of it."""
        ...


class Responses:
    """Each response is trained against what the scheme chooses from the others, and joins if the gate lets it."""

    parts: tuple[str, ...] = ("",)
    goes_on = False

    def __init__(self, trainer: Trainer):
        self.trainer, self.run, self.config = trainer, trainer.run, trainer.run.config

    def assign(self, iteration: int, population: Population, part: str, meta: Meta) -> Assignment:
        """Against the chosen opponents, from its parent's weights."""
        return Assignment(
            name=self.run.member_name(population.number, iteration),
            population=population,
            part=part,
            parent=parent_of(self.config, population, meta),
            opponents=None if self.config.opponents == "self" else self._opponents(population, meta),
            self_play=self.config.self_play,
            until=1 if self.trainer.oracle.at_once else self.config.steps,
        )

    def admit(self, iteration: int, work: Assignment, candidate: Player, meta: Meta) -> Admission:
        """By the gate's verdict, if there is a gate."""
        name = candidate.member.name
        if self.config.gate == "none":
            return Admission(RESPONSE, f"{name} joins")
        verdict = self._judge(iteration, work.population, meta, candidate)
        gains = f"gains {verdict.gain:+.3f}, at least {verdict.bound:+.3f}"
        if verdict.passed:
            return Admission(RESPONSE, f"{name} joins: {gains}", verdict.as_json())
        return Admission(REFUSED, f"the oracle failed to improve: {name} is refused, {gains}", verdict.as_json())

    def _opponents(self, population: Population, meta: Meta) -> Policy:
        """Whom a population's responses are trained against, one drawn for each match."""
        other = self.run.populations[-1 - population.number] if self.run.count == 2 else population
        drawn = chosen(self.config, meta)
        return other.mixture(drawn.names[other.number], drawn.mixtures[other.number], "opponents")

    def _judge(self, iteration: int, population: Population, meta: Meta, candidate: Player) -> Verdict:
        """What a response gains, computed or by fresh pairs."""
        config, number = self.config, population.number
        opponents = self._opponents(population, meta)
        drawn = chosen(config, meta)
        reference = drawn.value if number == 0 else -drawn.value
        if config.payoffs == "exact":
            return judge_exactly(self._computed(candidate.policy, opponents, number), reference)
        words = ("gate", iteration, number)
        if config.gate == "lower-bound":
            utilities = fresh_pairs(self.trainer, words, candidate, opponents, number, 0, config.gate_pairs)
            return judge(utilities, reference, drawn.value_error, config.gate_confidence)
        looks = np.linspace(0, config.gate_pairs, min(LOOKS, config.gate_pairs) + 1).astype(int).tolist()
        utilities = np.zeros(0)
        for begin, end in pairwise(looks):
            more = fresh_pairs(self.trainer, words, candidate, opponents, number, begin, end)
            utilities = np.concatenate([utilities, more])
            verdict, open_ = judge_so_far(
                utilities, reference, drawn.value_error, config.gate_confidence, self.run.game.utility_bound
            )
            if not open_:
                break
        return verdict

    def _computed(self, policy: Policy, opponents: Policy, number: int) -> float:
        """A policy's utility against others, from the seats it plays."""
        book = self.trainer.book
        if self.run.count == 1:
            return (book.value(policy, opponents) - book.value(opponents, policy)) / 2
        return book.value(policy, opponents) if number == 0 else -book.value(opponents, policy)


def fresh_pairs(
    trainer: Trainer, words: tuple[str | int, ...], candidate: Player, opponents: Policy, number: int, begin: int,
    end: int, points: bool = False,
) -> NDArray[np.float64]:  # fmt: skip
    """A candidate's mean utility in pairs `begin` to `end` of a series named by `words`, [pairs], by seed.

    number: its population. points: win 1, draw ½, loss 0 instead. These are no payoff games: those that chose a
    response would flatter it in the table.
    """
    run = trainer.run
    hashes = candidate.member.hash, opponents.policy_hash
    seeds = [derive_seed(run.config.seed, *words, pair) for pair in range(begin, end)]
    if number == 1 and not run.game.symmetric:
        keys = [GameKey(*hashes, seed, 1) for seed in seeds]
    else:
        keys = pair_keys(run.game, *hashes, seeds, run.per_pair)
    policies = {candidate.member.hash: candidate.policy, opponents.policy_hash: opponents}
    records = list(trainer.play(f"{words[0]} {candidate.member.name}", policies, keys, keep=False))
    return by_seed(records, points)


def by_seed(records: list[GameRecord], points: bool) -> NDArray[np.float64]:
    """Pairs in the order of their seeds: in the order in which games end, short ones would come first."""
    ordered = sorted(records, key=lambda record: record.key.seed)
    if not points:
        return pair_utilities(ordered)
    scores: dict[int, list[float]] = {}
    for record in ordered:
        scores.setdefault(record.key.seed, []).append((record.outcome + 1) / 2)
    return np.array([sum(score) / len(score) for score in scores.values()])
