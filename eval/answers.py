"""PPO's answers to the scripted styles of the fight: whether what beats one habit is itself a habit that others beat.

Every answer is trained from nothing against one style alone. Then everybody meets everybody, six styles and six
answers. Two things show that answers are habits too: a cycle with an answer in it, as in anti-turtle > turtle >
anti-jumper > anti-turtle; and, where each side picks from its own six, an equilibrium that mixes answers.

Answers among themselves say less: who learned more of the game on the way wins, whatever it answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.checkpoint import load_policy, save_policy
from ..agents.policy import Policy
from ..agents.ppo import PPO, PPOConfig
from ..agents.registry import resolve
from ..arenas.arena import Game
from ..arenas.fight.choices import STYLES
from ..league.play import derive_seed
from ..league.solvers import nash, solve_symmetric
from .cycles import Cycle, significant_cycles
from .matchups import Meeting
from .playing import Played, open_store
from .ratings import Results
from .tournament import Standings, play_tournament, standings

UNITS = 2  # to each unit of the meetings of styles
SUPPORT = 1e-3  # who plays less than one game in a thousand shows nothing, even where that is no round-off
SMALLEST_SUPPORT = 3  # of a mixture that shows that there is no best one, where no cycle of three is significant


@dataclass(frozen=True)
class Answers:
    """One training run of each answer. Answers are named `anti-STYLE`.

    `mixture` and `against` are the equilibrium where one side picks an answer and the other a style: (name, weight),
    and `value` the utility that it has for answers. `alone` counts significant cycles of answers only, and `everybody`
    is the Nash mixture of all twelve: a single one beats everybody else.
    """

    run: int
    meetings: tuple[Meeting, ...]
    cycles: tuple[Cycle, ...]  # with an answer in them, the clearest first
    mixture: tuple[tuple[str, float], ...]
    against: tuple[tuple[str, float], ...]
    value: float
    alone: int
    everybody: tuple[tuple[str, float], ...]

    @property
    def mixed(self) -> int:
        """How many answers the equilibrium against styles mixes."""
        return support_size(self.mixture)

    @property
    def answered(self) -> bool:
        """Whether each answer surely beats its style: untrained networks are in cycles, too."""
        return all(meeting.lower > 0.5 for meeting in self.scores)

    @property
    def holds(self) -> bool:
        """Whether these are answers, and there is a cycle with one of them, or a mixture of three or more."""
        return self.answered and (bool(self.cycles) or self.mixed >= SMALLEST_SUPPORT)

    @property
    def scores(self) -> tuple[Meeting, ...]:
        """What each answer scores against the style that it answers."""
        return tuple(meeting for meeting in self.meetings if meeting.row == answer_to(meeting.column))

    def as_values(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_values(cls, saved: Mapping[str, Any]) -> Answers:
        """From what `as_values` gave."""
        own = {
            "meetings": tuple(Meeting(**row) for row in saved["meetings"]),
            "cycles": tuple(map(Cycle.from_values, saved["cycles"])),
        }
        for key in ("mixture", "against", "everybody"):
            own[key] = tuple((name, weight) for name, weight in saved[key])
        return cls(**{**saved, **own})


def answer_to(style: str) -> str:
    """What an answer is called."""
    return f"anti-{style}"


def support_size(mixture: Sequence[tuple[str, float]]) -> int:
    """How many of a mixture have weight."""
    return sum(weight > SUPPORT for _, weight in mixture)


def meetings(found: Standings) -> tuple[Meeting, ...]:
    """Every meeting of a tournament that has an interval."""
    return tuple(
        Meeting(cell.row, cell.column, cell.games, cell.rate, cell.interval.lower, cell.interval.upper)
        for cell in found.cells
        if cell.interval is not None
    )


def judge_answers(
    game: Game,
    steps: int,
    runs: int,
    settings: PPOConfig | None,
    folder: Path,
    *,
    units: int,
    seed: int = 0,
    trained: Played | None = None,
    played: Played | None = None,
) -> tuple[Answers, ...]:
    """Trains answers of `steps` decisions, each in so many independent runs, and judges every run by itself.

    settings: of the learner; it meets the style alone, whatever they say of self-play. What was trained and played
    before is found in `folder`, and not done again. units: of each meeting. trained: called with decisions trained on
    and decisions wanted in all.
    """
    found = []
    for run in range(1, runs + 1):

        def told(done: int, _: int, run: int = run) -> None:
            if trained is not None:
                trained((run - 1) * len(STYLES) * steps + done, runs * len(STYLES) * steps)

        answers = train_answers(game, steps, run, settings, folder, seed, told)
        everybody = answers | {name: resolve(name, game) for name in STYLES}
        with open_store(folder / f"answers-{steps}-{run}.sqlite", game, {"seed": seed}) as store:
            play_tournament(game, everybody, store, pairs=units, seed=derive_seed(seed, "answers", run), played=played)
            robin = standings(game, store, varies=False)
        found.append(judged(run, robin.results, meetings(robin)))
    return tuple(found)


def train_answers(
    game: Game,
    steps: int,
    run: int,
    settings: PPOConfig | None,
    folder: Path,
    seed: int,
    trained: Played | None = None,
) -> dict[str, Policy]:
    """One answer to each style, by name; kept in `folder`, and trained only where it is not there.

    They start from nothing. Those that start from a trained player differ most in how much of what it knew they forget
    against a style that does not ask for it.
    """
    found: dict[str, Policy] = {}
    config = replace(settings or PPOConfig(), self_play=0.0)
    for number, style in enumerate(STYLES):
        path = folder / f"answer-{style}-{steps}-{run}.safetensors"
        if not path.is_file():
            learner = PPO(game, config, resolve(style, game), derive_seed(seed, style, run))
            for _ in learner.iterations(steps):
                if trained is not None:
                    trained(number * steps + min(learner.steps, steps), len(STYLES) * steps)
            save_policy(path, learner.policy(name=answer_to(style)), game, {"against": style, "steps": steps})
        found[answer_to(style)] = load_policy(path, game)
    return found


def judged(run: int, results: Results, met: tuple[Meeting, ...]) -> Answers:
    """What the round robin of styles and answers says."""
    rows, columns = ([results.names.index(name) for name in names] for names in (list(map(answer_to, STYLES)), STYLES))
    payoff = 2 * results.rate() - 1
    solution = nash(payoff[np.ix_(rows, columns)])
    names = [results.names[row] for row in rows]
    at = np.ix_(rows, rows)
    among = Results(tuple(names), results.units[at], results.points[at], results.squares[at], results.games_per_unit)
    return Answers(
        run,
        met,
        tuple(cycle for cycle in significant_cycles(results) if not set(cycle.members) <= set(STYLES)),
        tuple(zip(names, solution.row.tolist(), strict=True)),
        tuple(zip(STYLES, solution.column.tolist(), strict=True)),
        float(solution.row @ payoff[np.ix_(rows, columns)] @ solution.column),
        len(significant_cycles(among)),
        tuple(zip(results.names, solve_symmetric("nash", payoff).row.tolist(), strict=True)),
    )
