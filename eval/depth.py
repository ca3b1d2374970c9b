"""Depth of the fight arena: what trained agents do, whether a habit beats them, who beats whom by style and character.

Everything is played here, on games of their own: style against style, the judged policy against itself while what each
side starts is counted, and character against character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.lineup import Lineup
from ..agents.policy import MixturePolicy, Policy
from ..agents.ppo_config import PPOConfig
from ..agents.registry import resolve
from ..arenas.arena import Game
from ..arenas.batch import Batch
from ..arenas.fight.choices import LEVELS, STYLES
from ..arenas.fight.depth import EventCounter
from ..arenas.fight.state import Event
from ..league.play import derive_seed
from ..league.store import RunStore
from .answers import SMALLEST_SUPPORT, UNITS, Answers, judge_answers, meetings, support_size
from .cycles import Cycle, nash_support, significant_cycles
from .habits import Habit, search_habits
from .matchups import Meeting, character_chart
from .playing import EvaluationError, Played
from .tournament import play_tournament, standings

ARENA = "fight"
PURPOSES = tuple(event for event in Event if event not in (Event.NONE, Event.TECH))
"""What an attack can be for, as the rules count it when a move starts."""
ASKED = ("poke", "anti air", "throw", "overhead", "low", "projectile", "reversal", "super", "punish")
"""Purposes that a game of many habits has trained agents use, each."""
CHART_LOW, CHART_HIGH = 0.30, 0.70  # where every meeting of two characters is to lie
MOST_BY_TIME = 0.20  # of rounds
CHART_GAMES = 8  # to each unit of the other meetings: members are drawn for each game, which adds to the noise


@dataclass(frozen=True)
class Use:
    """How trained agents use one purpose: starts, their rate per 1,000 decisions, and the share of sides that did."""

    purpose: str
    starts: int
    per_thousand: float
    share: float  # of all attacks started
    sides: float  # share of (match, side) in which it was started at least once


@dataclass(frozen=True)
class Depth:
    """The verdict. `watched` names who was watched, `judged` the policy that was held against habits, and `chart_by`
    who played the matchup chart."""

    watched: str
    judged: str
    matches: int
    decisions: int
    uses: tuple[Use, ...]
    rounds: int
    by_time: int
    judged_by_time: float  # share of the judged policy's rounds against itself that ended on time
    styles: tuple[Meeting, ...]
    cycles: tuple[Cycle, ...]
    support: tuple[tuple[str, float], ...]  # style, weight in the Nash mixture
    chart: tuple[Meeting, ...]
    chart_by: str
    habits: tuple[Habit, ...]
    unit: str
    answers: tuple[Answers, ...] = ()  # what PPO found against each style, one for each training run
    response_steps: int = 0  # decisions that each was trained on
    picked: tuple[Meeting, ...] = ()  # the matchup chart by the members that each side would pick, where there are many

    @property
    def time_share(self) -> float:
        """Share of the rounds watched that ended on time."""
        return self.by_time / max(self.rounds, 1)

    def checks(self) -> list[tuple[str, str, str, bool]]:
        """(what, what was measured, what is asked, whether it holds)."""
        mixed = support_size(self.support)
        unused = [use.purpose for use in self.uses if use.purpose in ASKED and not use.starts]
        rates = [meeting.rate for meeting in self.chart if meeting.row != meeting.column]
        chart = f"{min(rates):.0%} to {max(rates):.0%}" if rates else "not played"
        return [
            (
                "no style beats all", f"significant cycles: {len(self.cycles)}; in the Nash mixture: {mixed}",
                f"a significant cycle, or {SMALLEST_SUPPORT} in the mixture",
                bool(self.cycles) or mixed >= SMALLEST_SUPPORT,
            ),
            *([self._answered()] if self.answers else []),
            ("everything is used", "unused: " + (", ".join(unused) or "none"), "none unused", not unused),
            (
                "rounds ended by time", f"{self.time_share:.1%}", f"under {MOST_BY_TIME:.0%}",
                self.time_share < MOST_BY_TIME,
            ),
            (
                "no habit beats the judged policy",
                "; ".join(f"{habit.kind}: {habit.rate:.0%}" for habit in self.habits),
                "upper bounds under 50%", all(habit.upper < 0.5 for habit in self.habits),
            ),
            (
                "character matchups", chart, f"within {CHART_LOW:.0%} to {CHART_HIGH:.0%}",
                bool(rates) and min(rates) >= CHART_LOW and max(rates) <= CHART_HIGH,
            ),
        ]  # fmt: skip

    def _answered(self) -> tuple[str, str, str, bool]:
        """The check of answers to the styles: every training run has to hold."""
        measured = [
            f"significant cycles with an answer in them: {len(each.cycles)}; answers in the mixture against styles: "
            f"{each.mixed}; against their own style they win {min(met.rate for met in each.scores):.0%} or more"
            for each in self.answers
        ]
        if len(measured) > 1:
            measured = [f"run {each.run}: {text}" for each, text in zip(self.answers, measured, strict=True)]
        return (
            "answers to styles are habits too",
            " · ".join(measured),
            f"a cycle, or {SMALLEST_SUPPORT} in the mixture, and every answer above 50% (lower bound)",
            all(each.holds for each in self.answers),
        )

    def as_values(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_values(cls, saved: Mapping[str, Any]) -> Depth:
        """From what `as_values` gave; before others were watched as well, it was the judged policy that was."""
        share = saved["by_time"] / max(saved["rounds"], 1)
        saved = {"judged": saved["watched"], "judged_by_time": share, "answers": (), **saved}
        kinds = {"uses": Use, "styles": Meeting, "chart": Meeting, "habits": Habit, "picked": Meeting}
        rows = {key: tuple(kind(**row) for row in saved[key]) for key, kind in kinds.items()}
        rows["cycles"] = tuple(map(Cycle.from_values, saved["cycles"]))
        rows["support"] = tuple((name, weight) for name, weight in saved["support"])
        rows["answers"] = tuple(map(Answers.from_values, saved["answers"]))
        known = {field.name for field in fields(cls)}  # answers of another kind were kept under other names once
        return cls(**{key: value for key, value in {**saved, **rows}.items() if key in known})


def measure(
    game: Game,
    policy: Policy,
    store: RunStore,
    *,
    members: Sequence[Policy] = (),
    units: int = 100,
    matches: int = 256,
    response_steps: int = 0,
    response_runs: int = 1,
    settings: PPOConfig | None = None,
    folder: Path | None = None,
    seed: int = 0,
    played: Played | None = None,
    trained: Played | None = None,
) -> Depth:
    """Plays everything and gives the verdict, which the store keeps too. policy: what a run is judged by.

    members: the run's trained ones, drawn alike for both sides of the matches watched; without them the policy itself
    is watched. They play the matchup chart too, but where they know one character only the best scripted level does.
    units: of each meeting of styles; `CHART_GAMES` as many of each of characters. matches: watched, and as many of the
    policy against itself. response_steps: decisions for PPO's answer to each style, trained with `settings` and kept
    in `folder`. 0: none are trained. response_runs: training runs of them all.
    """
    if game.arena.name != ARENA:
        raise EvaluationError(f"depth is defined for {ARENA}, and this is {game.arena.name}")
    styles = {name: resolve(name, game) for name in STYLES}
    by_style, cycles, support, unit = round_robin(game, styles, store, units, derive_seed(seed, "styles"), played)
    answers: tuple[Answers, ...] = ()
    if response_steps and folder is not None:
        own = derive_seed(seed, "responses")
        answers = judge_answers(
            game, response_steps, response_runs, settings, folder, units=UNITS * units, seed=own, trained=trained,
            played=played,
        )  # fmt: skip
    by_trained = game.options["character"] == "random" or game.options["matchup"] in ("random", "pick")
    chosen = [*members] if by_trained and members else [resolve(f"cpu-{LEVELS}", game)]
    chart = character_chart(game, chosen, units=CHART_GAMES * units, seed=seed, played=played)
    several = len(chosen) > 1
    chart_by = f"{len(chosen)} trained members, drawn alike for each game" if several else chosen[0].name
    picked = ()
    if several:
        picked = character_chart(game, chosen, units=CHART_GAMES * units, picked=True, seed=seed, played=played)
    habits = search_habits(game, policy, store, units=2 * units, seed=seed)
    watched = policy
    if len(members) > 1:
        watched = MixturePolicy(members, name=f"{len(members)} trained members, drawn alike")
    uses, counts = watch(game, watched, matches, derive_seed(seed, "watched"))
    own = watch(game, policy, matches, derive_seed(seed, "judged"))[1]
    verdict = Depth(
        watched.name, policy.name, matches, counts["decisions"], uses, counts["rounds"], counts["by_time"],
        own["by_time"] / max(own["rounds"], 1), by_style, cycles, support, chart, chart_by, habits, unit,
        answers=answers, response_steps=response_steps, picked=picked,
    )  # fmt: skip
    store.add_event(0, "depth", verdict.as_values())
    return verdict


def round_robin(
    game: Game, members: Mapping[str, Policy], store: RunStore, units: int, seed: int, played: Played | None
) -> tuple[tuple[Meeting, ...], tuple[Cycle, ...], tuple[tuple[str, float], ...], str]:
    """Everybody against everybody in a store of their own: meetings, significant cycles, Nash mixture, the unit."""
    play_tournament(game, members, store, pairs=units, seed=seed, played=played)
    found = standings(game, store, varies=False)
    mixture = nash_support(found.results, np.random.default_rng(derive_seed(seed, "support"))).mixture
    support = tuple(zip(found.results.names, mixture.tolist(), strict=True))
    unit = "pair" if found.results.games_per_unit == 2 else "single game"
    return meetings(found), tuple(significant_cycles(found.results)), support, unit


def watch(game: Game, policy: Policy, matches: int, seed: int) -> tuple[tuple[Use, ...], dict[str, int]]:
    """The policy against itself, one match in each row of a batch: what its moves were for, and how rounds ended.

    A decision that starts two moves counts the later one. Returns the uses and counts of decisions (of both sides),
    rounds, and rounds that ended on time.
    """
    batch = Batch(game, matches, derive_seed(seed, "batch"))
    both = Lineup(batch, np.arange(2 * matches), policy, np.random.default_rng(derive_seed(seed, "policy")))
    counter, going = EventCounter(batch), np.ones(matches, np.bool_)
    f, k = game.observation.size, game.action.count
    while going.any():
        actions = np.zeros((2 * matches, k), np.int16)
        both.act(batch.observations.reshape(-1, f), batch.masks.reshape(2 * matches, k, -1), actions)
        batch.step(actions.reshape(matches, 2, k))
        counter.update(going)
        both.draw(np.repeat(batch.done, 2))
        going &= ~batch.done
    rounds, decisions = counter.rounds(), 2 * int(counter.decisions.sum())
    started = np.moveaxis(counter.counts[:, :, [int(purpose) for purpose in PURPOSES]], 2, 0)
    uses = [
        Use(
            purpose.name.lower().replace("_", " "),
            int(count.sum()),
            1000 * int(count.sum()) / decisions,
            float(count.sum() / max(started.sum(), 1)),
            float((count > 0).mean()),
        )
        for purpose, count in zip(PURPOSES, started, strict=True)
    ]
    return tuple(uses), {"decisions": decisions, "rounds": rounds.rounds, "by_time": rounds.by_time}
