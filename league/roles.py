"""Main agents and exploiters, trained on side by side: the league of AlphaStar.

O. Vinyals et al., "Grandmaster level in StarCraft II using multi-agent reinforcement learning", 2019, with the
published pseudocode's constants. Of each population there are three learners. The *main* agent plays all that were ever
frozen, the harder the more often, what it seems to forget, and the current main; the *main exploiter* plays the current
main; the *league exploiter* plays all that were frozen. Only a match against oneself trains both seats.

What is done otherwise, and why: a learner is frozen *before* its weights are reset; it is frozen when it surely beats
everybody it should, by a confidence sequence for each at once, not when the least of several noisy averages happens to
be high; and where nobody is there to beat, there is no least one, and only the limit on samples freezes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.policy import mixture
from .confidence import bounds
from .loops import LOOKS, Admission, Assignment, fresh_pairs
from .matchmaking import Meta
from .play import derive_seed
from .population import (
    LEAGUE_EXPLOITER,
    MAIN,
    MAIN_EXPLOITER,
    PASSING,
    RESPONSE,
    Player,
    Population,
    part_of,
)  # fmt: skip
from .solvers import prioritise

if TYPE_CHECKING:
    from .trainer import Trainer

HISTORY, VERIFY = 0.5, 0.15
"""The main agent's shares of matches against all that were frozen, and against what needs verification."""
EXPLOITED, FORGOTTEN, HOPELESS, BEATEN = 0.3, 0.7, 0.3, 0.1
"""Win rates under which: an old exploiter of the main needs attention; an old main counts as forgotten; the main plays
old mains rather than the current one; an exploiter does."""


@dataclass(frozen=True)
class Field:
    """Whom a learner may meet, by name, in the order they were frozen; rates: its win rate against each of them."""

    frozen: Sequence[str]  # all, those from the start included
    mains: Sequence[str]  # of them the states of the main agent
    exploiters: Sequence[str]  # of them the main exploiters
    main: str | None  # the current main, None before there is one
    rates: Mapping[str, float]
    itself: bool = False  # whether the current main is the learner itself

    def prioritised(self, priority: str, names: Sequence[str], share: float = 1.0) -> dict[str, float]:
        """The weights of some of them, which come to `share`."""
        weights = prioritise(priority, [self.rates[name] for name in names])
        return {name: share * float(weight) for name, weight in zip(names, weights, strict=True)}


def opponents_of(part: str, field: Field) -> dict[str, float]:
    """With what probability a learner meets whom; "" is itself, in both seats."""
    if part == MAIN:
        return _main(field)
    if part == MAIN_EXPLOITER:
        return _exploited_main(field, BEATEN)
    return field.prioritised("linear_capped", field.frozen)


def _main(field: Field) -> dict[str, float]:
    drawn: dict[str, float] = {}
    _add(drawn, field.prioritised("squared", field.frozen, HISTORY))
    doubtful = needs_verification(field)
    left = 1 - HISTORY
    if doubtful:
        _add(drawn, field.prioritised("squared", doubtful, VERIFY))
        left -= VERIFY
    current = {"": 1.0} if field.itself else _exploited_main(field, HOPELESS)
    _add(drawn, {name: left * weight for name, weight in current.items()})
    return drawn


def needs_verification(field: Field) -> list[str]:
    """Old exploiters of the main that still beat it, or else old mains it no longer beats; nobody where all is well."""
    if any(field.rates[name] < EXPLOITED for name in field.exploiters):
        return list(field.exploiters)
    known = without_progress(field.mains, [field.rates[name] for name in field.mains])
    return known if any(field.rates[name] < FORGOTTEN for name in known) else []


def without_progress(names: Sequence[str], rates: Sequence[float]) -> list[str]:
    """The names up to the last one that is beaten more often than the one before it.

    After that each newer one is harder, as it should be where a learner makes progress: nothing was forgotten there.
    """
    for last in range(len(rates) - 1, 0, -1):
        if rates[last - 1] < rates[last]:
            return list(names[: last + 1])
    return []


def _exploited_main(field: Field, hopeless: float) -> dict[str, float]:
    """The current main, unless it wins nearly always: then earlier mains, those that are about as good first."""
    if field.main is None:
        return field.prioritised("variance", field.frozen)
    if field.rates[field.main] > hopeless or not field.mains:
        return {field.main: 1.0}
    return field.prioritised("variance", field.mains)


def _add(drawn: dict[str, float], more: Mapping[str, float]) -> None:
    for name, weight in more.items():
        drawn[name] = drawn.get(name, 0.0) + weight


class Roles:
    """Three learners a population; an iteration trains each of them for `steps` samples."""

    parts: tuple[str, ...] = (MAIN, MAIN_EXPLOITER, LEAGUE_EXPLOITER)
    goes_on = False

    def __init__(self, trainer: Trainer):
        self.trainer, self.run, self.config, self.store = trainer, trainer.run, trainer.run.config, trainer.run.store

    def assign(self, iteration: int, population: Population, part: str, meta: Meta) -> Assignment:
        """Whom a learner meets is settled by the meta-game before the iteration: no matter who trains first."""
        other = self._other(population)
        drawn = opponents_of(part, self._field(population, part, meta))
        alone = drawn.pop("", 0.0)
        names, weights = list(drawn), list(drawn.values())
        players = [other.player(name).policy for name in names]
        return Assignment(
            name=self.run.member_name(population.number, iteration, part),
            population=population,
            part=part,
            parent=self._parent(iteration, population, part),
            opponents=mixture(players, weights, "opponents") if sum(weights) > 0 else None,
            self_play=alone,
            until=self.config.steps,
        )

    def admit(self, iteration: int, work: Assignment, candidate: Player, meta: Meta) -> Admission:
        """Frozen, or only passing; a frozen exploiter's weights may be given up, once they are kept."""
        number, part, name = work.population.number, work.part, candidate.member.name
        samples = self._samples_since_frozen(iteration, number, part)
        facts: dict[str, Any] = {"samples": samples, "reset": False}
        if samples >= self.config.snapshot_limit:
            why = f"after {samples:,} samples"
        elif samples >= self.config.snapshot_steps and (least := self._least(iteration, work, candidate)) is not None:
            facts["win_rate_at_least"] = least
            if least <= self.config.snapshot_win_rate:
                return Admission(PASSING, f"{name} goes on: wins at least {least:.2f} of games", facts)
            why = f"wins at least {least:.2f} of games against each"
        else:
            return Admission(PASSING, f"{name} goes on", facts)
        facts["reset"] = self._resets(iteration, number, part)
        begins = ", and begins anew" if facts["reset"] else ""
        return Admission(RESPONSE, f"{name} is frozen {why}{begins}", facts)

    # --- who is who ---

    def _other(self, population: Population) -> Population:
        return self.run.populations[-1 - population.number] if self.run.count == 2 else population

    def _field(self, population: Population, part: str, meta: Meta) -> Field:
        """Whom a population's learner may meet, as the meta-game knows them."""
        other = self._other(population)
        names = meta.names[other.number]
        met = {name: other.player(name).member for name in names}
        frozen = [name for name in names if met[name].role != PASSING]
        of = {which: [name for name in frozen if part_of(met[name]) == which] for which in (MAIN, MAIN_EXPLOITER)}
        states = [name for name in names if part_of(met[name]) == MAIN]
        return Field(
            frozen=frozen,
            mains=of[MAIN],
            exploiters=of[MAIN_EXPLOITER],
            main=states[-1] if states else None,
            rates=self._rates(population, part, meta),
            itself=part == MAIN and self.run.count == 1,
        )

    def _rates(self, population: Population, part: str, meta: Meta) -> dict[str, float]:
        """A learner's win rate against everybody. One that has not begun, or begins anew, has beaten nobody: even."""
        own, other = meta.names[population.number], meta.names[self._other(population).number]
        states = [i for i, name in enumerate(own) if part_of(population.player(name).member) == part]
        if not states or self._begins_anew(own[states[-1]]) or meta.win_rate is None:
            return dict.fromkeys(other, 0.5)
        at = states[-1]
        won = meta.win_rate[at] if population.number == 0 else 1 - meta.win_rate[:, at]
        return dict(zip(other, won.tolist(), strict=True))

    def _parent(self, iteration: int, population: Population, part: str) -> Player | None:
        """The learner's last state; where there is none or it begins anew, a checkpoint from the start, if any."""
        states = [p for p in population.players if part_of(p.member) == part and p.member.iteration < iteration]
        if states and not self._begins_anew(states[-1].member.name):
            return states[-1]
        return next((player for player in population.players if player.member.iteration == 0 and player.learned), None)

    def _begins_anew(self, name: str) -> bool:
        """Whether a learner was reset after this state."""
        return any(data["name"] == name and data["reset"] for _, _, data in self.store.events("judged"))

    # --- freezing ---

    def _samples_since_frozen(self, iteration: int, number: int, part: str) -> int:
        """What a learner was trained on since it was last frozen, this iteration included."""
        judged = self.store.events("judged")
        frozen = [at for at, _, data in judged if _is_of(data, number, part) and data["role"] == RESPONSE]
        since = max(frozen, default=0)
        trained = self.store.events("trained")
        return sum(data["steps"] for at, _, data in trained if since < at <= iteration and _is_of(data, number, part))

    def _least(self, iteration: int, work: Assignment, candidate: Player) -> float | None:
        """What a learner wins at least against each whom it should beat, all of them together; None: against nobody.

        A confidence sequence for each; it looks until all are above what is asked for, or one surely is not.
        """
        other = self._other(work.population)
        if work.part == MAIN_EXPLOITER:
            rivals = [p for p in other.players if part_of(p.member) == MAIN][-1:]
        else:
            rivals = [player for player in other.players if player.member.role != PASSING]
        if not rivals:
            return None
        confidence = 1 - (1 - self.config.gate_confidence) / len(rivals)
        return min(self._won(iteration, work, candidate, rival, confidence) for rival in rivals)

    def _won(self, iteration: int, work: Assignment, candidate: Player, rival: Player, confidence: float) -> float:
        """The lower bound on its win rate against one rival."""
        number, points, lower = work.population.number, np.zeros(0), 0.0
        words = ("freeze", iteration, number, work.part, rival.member.name)
        looks = np.linspace(0, self.config.gate_pairs, min(LOOKS, self.config.gate_pairs) + 1).astype(int).tolist()
        for begin, end in pairwise(looks):
            more = fresh_pairs(self.trainer, words, candidate, rival.policy, number, begin, end, points=True)
            points = np.concatenate([points, more])
            lower, upper = bounds(points, 0.0, 1.0, confidence)
            if lower > self.config.snapshot_win_rate or upper < self.config.snapshot_win_rate:
                break
        return lower

    def _resets(self, iteration: int, number: int, part: str) -> bool:
        """Whether a learner that was just frozen begins anew: main exploiters always, league exploiters by chance."""
        thrown = np.random.default_rng(derive_seed(self.config.seed, "reset", iteration, number, part)).random()
        return part == MAIN_EXPLOITER or (part == LEAGUE_EXPLOITER and thrown < self.config.reset_chance)


def _is_of(data: Mapping[str, Any], number: int, part: str) -> bool:
    return data["population"] == number and data["part"] == part
