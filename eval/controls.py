"""Positive controls on solved games: an exploiter class is believed only where it finds what is known to be there.

The same code that attacks a league's policy attacks uniform play in a game that can be enumerated, by its histories or,
as the slices of the fight, by its states; or a slice's solution with one leak planted in it. What its exploiter really
wins there is computed exactly, without games, and held against what a best response wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import arenas
from ..agents.checkpoint import load_policy
from ..agents.leaks import leaks, plant
from ..agents.policy import Policy, UniformPolicy
from ..agents.ppo import PPOConfig
from ..arenas.arena import Game, nearest
from .exact import ask_both, enumerate_game
from .exact.judging import ask_in_states, judge_in_states
from .exact.shapley import expect, solve_states
from .exact.solution import SolutionPolicy
from .exact.walk import enumerate_states
from .exploitability import Attempt, Budget, Control, LeakControl, class_name
from .exploiter import Exploiter, Watched
from .intervals import bonferroni, mean_interval
from .playing import EvaluationError, open_store

TEST_UNITS = 200
LEAK_UNITS = 1000


@dataclass(frozen=True)
class SolvedGame:
    """A control: the game, the share of a best response's gain that is asked, decisions to train on.

    by_states: whether it is solved by its distinct states, or by its histories. leak: what is attacked is the game's
    solution with this leak planted in it, so that all there is to win comes from the leak; "": uniform play is.
    """

    arena: str
    asked: float
    steps: int
    options: Mapping[str, Any] = field(default_factory=dict)
    by_states: bool = False
    leak: str = ""

    def game(self) -> Game:
        """The game as it is attacked."""
        return arenas.make_game(self.arena, **self.options)

    def target(self) -> Policy:
        """Who is attacked."""
        if not self.leak:
            return UniformPolicy()
        game = self.game()
        return plant(self.leak, SolutionPolicy(solve_states(enumerate_states(game))), game)

    def gains(self, exploiter: Policy, target: Policy) -> tuple[float, float]:
        """What a policy wins from another on average over both seats, in utility, and what a best response does.

        Both exactly. By states neither may remember anything.
        """
        game = self.game()
        if self.by_states:
            states = enumerate_states(game)
            mixes = [[ask_in_states(states, side, policy)[0] for side in (0, 1)] for policy in (exploiter, target)]
            first = states.root(expect(states, (mixes[0][0], mixes[1][1])))
            second = states.root(expect(states, (mixes[1][0], mixes[0][1])))
            return (first - second) / 2, judge_in_states(states, [target]).exploitability
        tree = enumerate_game(game)
        first = tree.form.value(ask_both(tree, (exploiter, target))[0])
        second = tree.form.value(ask_both(tree, (target, exploiter))[0])
        return (first - second) / 2, tree.form.exploitability(ask_both(tree, (target, target))[0])


def _slice(name: str) -> SolvedGame:
    return SolvedGame("fight", 0.8, 500_000, {"preset": name}, by_states=True)


SOLVED = {
    "kuhn": SolvedGame("classic/kuhn", 0.95, 250_000),
    "leduc": SolvedGame("classic/leduc", 0.85, 1_000_000),
    "goofspiel": SolvedGame("classic/goofspiel", 0.85, 500_000),
    "wake-up": _slice("wake-up"),
    "corner": _slice("corner"),
    "last-round": _slice("last-round"),
    **{leak: replace(_slice("wake-up"), leak=leak) for leak in ("never-block-low", "never-tech", "same-rise")},
}


def check_on_solved(
    name: str,
    config: PPOConfig,
    folder: Path,
    *,
    seed: int = 0,
    steps: int | None = None,
    target: Policy | None = None,
) -> Control:
    """Attacks what a control (`SOLVED`) attacks, in its solved game, with these settings of an exploiter.

    folder: where its store and exploiter are kept; what is there is not done again. steps: instead of the control's own
    budget. target: attacked instead.
    """
    control = _control(name, config)
    target = target or control.target()
    game = control.game()
    with open_store(folder / f"control-{name}.sqlite", game, {"seed": seed}) as store:
        attacker = Exploiter(game, target, store, folder, config=config, test_units=TEST_UNITS, seed=seed)
        (attempt,) = attacker.run(1, Budget(steps or control.steps), kept={}).attempts
    gain, best = control.gains(load_policy(folder / attempt.path, game), target)
    return Control(
        name, class_name(config), attempt.policy_hash, attempt.steps, gain, best, control.asked, attempt.lower
    )


def _control(name: str, config: PPOConfig | None = None) -> SolvedGame:
    """A control by name, for exploiters with these settings."""
    if name not in SOLVED:
        raise EvaluationError(f"no solved game {name!r}" + nearest(name, list(SOLVED)))
    if config is not None and SOLVED[name].by_states and config.memory != "none":
        raise EvaluationError(
            f"{name} is solved by its states, but what an exploiter with memory = {config.memory!r} does is no matter "
            "of the state alone: expected memory = 'none'"
        )
    return SOLVED[name]


def check_all(
    names: Sequence[str], configure: Callable[[Game], PPOConfig], folder: Path, *, seed: int = 0
) -> tuple[Control, ...]:
    """Every control asked for; names are checked before any is trained.

    configure: the settings of the exploiter class in a game.
    """
    for name in names:
        _control(name)
    configs = [configure(SOLVED[name].game()) for name in names]
    for name, config in zip(names, configs, strict=True):
        _control(name, config)
    return tuple(check_on_solved(name, config, folder, seed=seed) for name, config in zip(names, configs, strict=True))


def check_on_leaks(
    game: Game,
    base: Policy,
    config: PPOConfig,
    folder: Path,
    *,
    budget: Budget,
    seed: int = 0,
    units: int = LEAK_UNITS,
    confidence: float = 0.95,
    watched: Watched | None = None,
    only: Sequence[str] = (),
) -> tuple[LeakControl, ...]:
    """Attacks a policy of this game, and the same with each leak that the arena knows planted in it.

    One exploiter is trained against each, within one budget, and tested on the same fresh units; a leak is found where
    the exploiter of the leaky policy surely wins more than that of the policy without it. folder: where stores and
    exploiters are kept; what is there is not done again. only: these leaks, by name.
    """
    known = [leak for leak in leaks(game) if not only or leak.name in only]
    if not known:
        raise EvaluationError(f"no leak {', '.join(only)!r} can be planted in {game.arena.name} with these options")
    level = bonferroni(confidence, len(known))
    with open_store(folder / f"leaks-{game.content_hash}.sqlite", game, {"seed": seed}) as store:

        def attack(policy: Policy) -> tuple[Attempt, NDArray[np.float64]]:
            attacker = Exploiter(
                game, policy, store, folder, config=config, test_units=units, seed=seed, watched=watched
            )
            (attempt,) = attacker.run(1, budget, kept={}).attempts
            return attempt, attacker.fresh_gains(load_policy(folder / attempt.path, game))

        _, without = attack(base)
        found = []
        for leak in known:
            leaky = plant(leak.name, base, game)
            attempt, gains = attack(leaky)
            # Paired by unit: what a setup gives both exploiters cancels.
            difference = mean_interval(
                gains - without, -2 * game.utility_bound, 2 * game.utility_bound, confidence=level, side="lower"
            )
            found.append(
                LeakControl(
                    leaky.name, class_name(config), attempt.policy_hash, attempt.steps, float(gains.mean()),
                    float(without.mean()), difference.lower, level,
                )
            )  # fmt: skip
    return tuple(found)
