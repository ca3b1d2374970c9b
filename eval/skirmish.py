"""Tables of the skirmish arena: what trained units reach in the minigames, and who wins the micro battles.

Policies are trained here by the ordinary PPO and kept in a folder; what is there already is not trained again. A score
is a match of a fresh seed; a meeting's unit is the pair, two matches over one seed with the sides exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import arenas
from ..agents.checkpoint import load_policy, save_policy
from ..agents.lineup import Lineup
from ..agents.policy import BotPolicy, Policy, UniformPolicy
from ..agents.ppo import PPO, PPOConfig
from ..arenas.arena import Game
from ..arenas.batch import Batch
from ..league.play import derive_seed, play_keys
from .intervals import CopiesError, Interval, mean_interval
from .playing import points, unit_keys, unit_seeds

ARENA = "skirmish"
SCRIPTS = ("attack-move", "focus-fire", "kite")
RIVAL = "attack-move"
"""Whom micro policies are trained and judged against."""
AIM = 0.5
"""Normalised score that a minigame's policy is to reach."""
OFTEN = 1 / 3
"""Score against attack-move from which an open-loop policy is said to win often: equal policies score one half."""
TIME = "time"
"""The block of the observation that an open-loop policy sees."""

Trained = Callable[[str, int, int], Any]
"""(what is trained, samples seen, samples wanted)."""

PUBLISHED = {
    "move-to-beacon": (28, 26, 27),
    "collect-mineral-shards": (177, 103, 196),
    "find-and-defeat-zerglings": (61, 45, 62),
    "defeat-roaches": (215, 100, 303),
    "defeat-zerglings-and-banelings": (727, 62, 736),
    "collect-minerals-and-gas": (7566, 3978, 5055),
    "build-marines": (133, 3, 123),
}
"""Mean scores on the original maps: a grandmaster, the best agent of arXiv 1708.04782, that of arXiv 1806.01830, as the
README of github.com/inoryy/reaver gives them. Other maps, other pathing: context, not comparable."""


@dataclass(frozen=True)
class Recipe:
    """How the policy of a scenario is trained. share: of the samples that were asked for, where matches are costly.
    options: of the game."""

    settings: PPOConfig
    share: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)


_SMALL = PPOConfig(matches=128, horizon=32, epochs=3, minibatch=1024, threads=1, shaping=1.0)
_SOLO = replace(_SMALL, outcome=0.0)
"""In the minigames the reward is the change of the score, scaled to about one a decision."""
_ROWS = {"network": "entities", "hidden": (64, 64)}
"""Where it matters most which of many things is near. Elsewhere the flat network learns more in the same time."""
_CAMP = {"shaping": 0.1, "entropy_coefficient": 0.003, "epochs": 2, "lean": "attack:2"}
"""Units that wander at random never beat a camp, and learn to hide from it: they begin with a taste for attacking."""
_WORK = {"matches": 64, "horizon": 64, "entropy_coefficient": 0.0003, "gamma": 0.997}
"""Workers who are told something new at every decision never bring anything home: they begin with a strong taste for
going on, and some for the rest that an economy is made of."""
MINIGAMES = {
    "move-to-beacon": Recipe(_SOLO, 0.4),
    "collect-mineral-shards": Recipe(replace(_SOLO, **_ROWS, epochs=2), 0.6),
    "find-and-defeat-zerglings": Recipe(replace(_SOLO, **_ROWS), 0.4),
    "defeat-roaches": Recipe(replace(_SOLO, **_CAMP), 0.8),
    "defeat-zerglings-and-banelings": Recipe(replace(_SOLO, **_CAMP), 0.4),
    "collect-minerals-and-gas": Recipe(replace(_SOLO, **_WORK, shaping=0.02, lean="nothing:8, make:4, gather:2"), 0.2),
    "build-marines": Recipe(replace(_SOLO, **_WORK, lean="nothing:8, gather:2, make:2"), 0.2),
}
_COMMANDER = replace(
    _SOLO,
    epochs=2,
    minibatch=512,
    hidden=(16, 128),
    gamma=0.95,
    learning_rate=2e-3,
    network="auto",
    lean="no_op:5, move_screen:4, select_army:4",
)
"""Who is sent somewhere else at every decision arrives nowhere: commanders begin with a taste for letting units go on,
and for two functions that the task needs; all others stay open to them."""
_SCREEN = {"interface": "commander", "view": 24, "points": "flat"}
"""Which shows all of these maps: the minimap shows nothing else."""
COMMANDER = {
    "move-to-beacon": Recipe(_COMMANDER, 0.3, {**_SCREEN, "screen": 10}),
    "collect-mineral-shards": Recipe(_COMMANDER, 0.8, {**_SCREEN, "screen": 8}),
    "defeat-roaches": Recipe(
        replace(_COMMANDER, shaping=0.1, lean="no_op:5, attack_screen:4, select_army:4"), 0.2, {**_SCREEN, "screen": 12}
    ),
}
"""Minigames through the commander's interface."""
_BATTLE = replace(_SMALL, entropy_coefficient=0.003, lean="nothing:5")
"""In battles the difference of the damage done is paid beside the outcome. Units that are told nothing fight whoever
comes near, as those of attack-move do: from there on there is something to be learned. At random, they lose all."""
MICRO = {
    "3m": Recipe(replace(_BATTLE, lean=""), 0.8),
    "8m": Recipe(replace(_BATTLE, lean="nothing:3"), 1.0),
    "2s3z": Recipe(_BATTLE, 0.4),
    "3s5z": Recipe(replace(_BATTLE, lean="nothing:6", learning_rate=2e-3), 2.0),
    "5m_vs_6m": Recipe(_BATTLE, 0.4),
    "10m_vs_11m": Recipe(_BATTLE, 0.15),
    "27m_vs_30m": Recipe(replace(_BATTLE, lean="nothing:7", learning_rate=5e-4), 0.05),
    "3s_vs_5z": Recipe(replace(_BATTLE, lean="attack:2"), 0.4),
    "random": Recipe(_BATTLE, 0.4),
}
BLIND = 0.5
"""An open-loop policy is trained on this share of the samples of the other."""


@dataclass(frozen=True)
class Score:
    """Scores of matches: their mean, its standard error, and the best of them."""

    mean: float
    error: float
    best: float
    matches: int


@dataclass(frozen=True)
class Minigame:
    """One row of the minigames' table. normalised: (trained - random) / (script - random)."""

    scenario: str
    random: Score
    script: Score
    script_by: str
    trained: tuple[Score, ...]  # one a training seed
    normalised: tuple[float, ...]
    samples: int
    published: tuple[float, float, float]  # see PUBLISHED; not comparable
    note: str


@dataclass(frozen=True)
class Meeting:
    """A row's score against a column, by pairs; without an interval where most pairs were copies of each other."""

    row: str
    column: str
    rate: float
    lower: float | None
    upper: float | None
    pairs: int
    distinct: int

    @property
    def split(self) -> bool:
        """Whether nearly every pair was split: the side of the match that won had the same army in both."""
        tight = self.lower is not None and self.upper is not None and self.upper - self.lower < 0.05
        return tight and abs(self.rate - 0.5) < 0.02


@dataclass(frozen=True)
class Battle:
    """One row of the micro battles' table. open_loop, trained: the best of the training seeds, by other games."""

    scenario: str
    scripts: tuple[Meeting, ...]
    open_loop: Meeting
    trained: Meeting
    samples: int
    seeds: int
    note: str


def as_values(row: Minigame | Battle) -> dict[str, Any]:
    """As JSON values."""
    return asdict(row)


# --- minigames ---


def minigame(
    scenario: str,
    folder: Path,
    *,
    commander: bool = False,
    steps: int,
    seeds: int = 1,
    matches: int = 64,
    seed: int = 0,
    trained: Trained,
) -> Minigame:
    """Random play, the scripts, and PPO on one minigame. commander: through that interface. matches: of each score.
    seeds: PPO runs."""
    recipe = (COMMANDER if commander else MINIGAMES)[scenario]
    name = f"commander-{scenario}" if commander else scenario
    game = arenas.make_game(ARENA, scenario=scenario, **recipe.options)
    judged = derive_seed(seed, "scores", scenario)
    chance = scores(game, UniformPolicy(), matches, judged)
    by_script = {bot: scores(game, BotPolicy(bot), matches, judged) for bot in SCRIPTS if bot in game.arena.bots}
    script_by = max(by_script, key=lambda bot: by_script[bot].mean)
    script, found, samples = by_script[script_by], [], 0
    for number in range(seeds):
        chosen = derive_seed(seed, name, number)
        policy, samples = learn(game, name, recipe, None, folder, steps, chosen, trained)
        found.append(scores(game, policy, matches, judged))
    normalised = tuple((score.mean - chance.mean) / (script.mean - chance.mean) for score in found)
    note = "" if np.mean(normalised) >= AIM else f"below {AIM}"
    return Minigame(scenario, chance, script, script_by, tuple(found), normalised, samples, PUBLISHED[scenario], note)


def scores(game: Game, policy: Policy, matches: int, seed: int) -> Score:
    """Plays so many matches of a solo task to their end. Planes are drawn where there are any: one compiled driver."""
    batch = Batch(game, matches, derive_seed(seed, "matches"), auto_reset=False, planes=game.planes is not None)
    player = Lineup(batch, np.arange(matches), policy, np.random.default_rng(derive_seed(seed, "policy")))
    f, k = game.observation.size, game.action.count
    while not batch.done.all():
        actions = np.zeros((matches, k), np.int16)
        player.act(batch.observations.reshape(-1, f), batch.masks.reshape(matches, k, -1), actions)
        batch.step(actions.reshape(matches, 1, k))
    found = batch.utility[:, 0] / game.score_scale
    error = found.std(ddof=1) / np.sqrt(matches) if matches > 1 else np.nan
    return Score(float(found.mean()), float(error), float(found.max()), matches)


# --- micro battles ---


def battle(
    scenario: str, folder: Path, *, steps: int, seeds: int = 1, pairs: int = 200, seed: int = 0, trained: Trained
) -> Battle:
    """The scripts among themselves, and PPO with open eyes and seeing only the time, against attack-move."""
    game = arenas.make_game(ARENA, scenario=scenario)
    scripts = {name: BotPolicy(name) for name in SCRIPTS}
    met = [("focus-fire", RIVAL), ("kite", RIVAL), ("kite", "focus-fire")]
    among = tuple(meet(game, scripts[a], scripts[b], pairs, derive_seed(seed, "scripts", a, b)) for a, b in met)
    recipe, best, samples = MICRO[scenario], {}, 0
    blind = Recipe(replace(recipe.settings, network="flat", sees=TIME), BLIND * recipe.share)
    for name, each in (("open-loop", blind), ("trained", recipe)):
        found = []
        for number in range(seeds):
            chance = derive_seed(seed, scenario, name, number)
            policy, samples = learn(game, f"{name}-{scenario}", each, scripts[RIVAL], folder, steps, chance, trained)
            found.append(policy)
        chosen = _best(game, found, scripts[RIVAL], pairs, derive_seed(seed, "choose", name))
        best[name] = meet(game, chosen, scripts[RIVAL], pairs, derive_seed(seed, "judge", name), name)
    return Battle(scenario, among, best["open-loop"], best["trained"], samples, seeds, _note(best))


def _best(game: Game, policies: Sequence[Policy], rival: Policy, pairs: int, seed: int) -> Policy:
    """The policy that scores most against a rival, by games of its own."""
    if len(policies) == 1:
        return policies[0]
    return max(policies, key=lambda policy: meet(game, policy, rival, pairs, seed).rate)


def _note(best: dict[str, Meeting]) -> str:
    """What a scenario's figures say against it."""
    trained, blind = best["trained"], best["open-loop"]
    said = []
    if trained.lower is None or trained.lower <= 0.5:
        said.append(f"trained does not beat {RIVAL}")
    if all(meeting.split for meeting in best.values()):
        said.append("who has which army decides")
    elif blind.rate >= OFTEN:
        said.append("open-loop wins often")
    return "; ".join(said)


def meet(game: Game, row: Policy, column: Policy, pairs: int, seed: int, name: str = "") -> Meeting:
    """One policy against another, with the interval of the mean over pairs at 95 %."""
    keys = unit_keys(game, row.policy_hash, column.policy_hash, unit_seeds(seed, "pairs", pairs))
    policies = {row.policy_hash: row, column.policy_hash: column}
    found = {record.key: record for records in play_keys(game, policies, keys, matches=256) for record in records}
    each = len(keys) // pairs
    units = [tuple(found[key] for key in keys[i : i + each]) for i in range(0, len(keys), each)]
    distinct = len({tuple(record.trajectory for record in unit) for unit in units})
    values = points(np.array([[record.outcome for record in unit] for unit in units]))
    interval: Interval | None = None
    with suppress(CopiesError):
        interval = mean_interval(values, distinct=distinct)
    ends = (interval.lower, interval.upper) if interval else (None, None)
    return Meeting(name or row.name, column.name, float(values.mean()), *ends, pairs, distinct)


# --- training ---


def learn(
    game: Game, name: str, recipe: Recipe, rival: Policy | None, folder: Path, steps: int, seed: int, trained: Trained
) -> tuple[Policy, int]:
    """PPO's policy for a scenario, from the folder if it is there; and on how many samples it was trained."""
    wanted = round(steps * recipe.share)
    settings = replace(recipe.settings, anneal_steps=wanted)
    path = folder / f"{name}-{wanted}-{derive_seed(seed, repr(settings), repr(recipe.options)):x}.safetensors"
    if not path.is_file():
        learner = PPO(game, settings, rival, seed)
        reached = float("nan")
        for progress in learner.iterations(wanted):
            reached = progress.mean_return if np.isfinite(progress.mean_return) else reached  # nan: no match ended
            trained(f"{name}: {reached:.2f}", min(learner.steps, wanted), wanted)
        save_policy(path, learner.policy(name=name), game, {"samples": learner.steps})
    return load_policy(path, game), wanted
