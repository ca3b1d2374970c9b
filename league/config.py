"""The settings of a league: a scheme file (`assets/schemes/*.toml`) and what the command line changes in it."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from .. import assets
from ..arenas.arena import nearest
from .solvers import PRIORITIES, SOLVERS

FOLDER = Path(assets.__file__ or "").parent / "schemes"


class LeagueError(ValueError):
    """A setting there is not, or one that does not fit the game."""


@dataclass(frozen=True)
class LeagueConfig:
    """Settings of the loop: measure, solve, choose, train a response, gate, add. Schemes differ in these."""

    scheme: str = "double-oracle"
    about: str = ""  # what the scheme is, in a sentence
    seed: int = 0
    loop: str = "responses"  # what an iteration trains: see `loops.py`; "roles", "magnet" are the other kinds
    # Who is in it.
    populations: int = 0  # 1: every policy plays both seats; 2: one population a seat; 0: as the game's symmetry asks
    initial: tuple[str, ...] = ("uniform",)  # what each population begins with: uniform, bots, checkpoint files
    iterations: int = 6  # responses trained for each population
    # Measuring and solving.
    payoffs: str = "games"  # or "exact": computed, in games small enough to be enumerated
    pairs: int = 64  # played in each cell of the payoff table
    extra_pairs: int = 0  # more before each iteration, in the cells that the mixture depends on most
    meta_solver: str = "nash"
    temperature: float = 0.0  # of meta_solver = "logit", in units of utility; 0: the noise of the payoffs' cells
    posterior_samples: int = 0  # solve so many payoff tables that the games allow, and average; 0: solve the means
    # Choosing.
    opponents: str = "mixture"  # of the meta-solver; "uniform", "recent", "latest" members; "self", in both seats
    self_play: float = 0.0  # share of a response's matches in which it meets itself, beside the opponents (PPO)
    delta: float = 0.5  # opponents = "recent": members in this first share of the history are not drawn
    judged_by: str = "mixture"  # what the verdict is about: "mixture", "uniform" (drawn once a match), "latest", "main"
    # Training a response.
    learner: str = "ppo"
    learner_options: Mapping[str, Any] = field(default_factory=dict)  # fields of the learner's own settings
    steps: int = 1_000_000  # samples a response is trained on
    warm_start: str = "scratch"  # or from the "latest" response, or the "parent": the member its own side plays most
    # Gate.
    gate: str = "none"  # or "lower-bound", "confidence-sequence": a response joins if it surely gains for its side
    gate_pairs: int = 128  # fresh ones, played for the gate alone; "confidence-sequence" plays so many at most
    gate_confidence: float = 0.95  # one-sided
    patience: int = 0  # stop after so many iterations in a row whose responses were all refused; 0: never
    # loop = "roles": when a learner is frozen, in samples since it last was.
    snapshot_steps: int = 1_000_000  # not before, and then only if it surely beats everybody it should
    snapshot_limit: int = 4_000_000  # then at any rate
    snapshot_win_rate: float = 0.7
    reset_chance: float = 0.25  # that a frozen league exploiter begins anew; a main exploiter always does
    # Running.
    matches: int = 1024  # side by side, in training and in measuring
    threads: int = 0  # for torch and for the batch; 0: as they are
    device: str = "cpu"
    snapshot_seconds: float = 20.0  # training lost at most by a kill
    tensorboard: bool = True

    def __post_init__(self) -> None:
        for key, known in CHOICES.items():
            if getattr(self, key) not in known:
                raise LeagueError(f"{key} = {getattr(self, key)!r}: no such" + nearest(str(getattr(self, key)), known))
        for key, (low, high) in RANGES.items():
            if not low <= getattr(self, key) <= high:
                raise LeagueError(f"{key} = {getattr(self, key)}: expected {low:g} to {high:g}")
        if not self.initial:
            raise LeagueError("initial = []: a population begins with one member at least, such as 'uniform'")
        needed = [key for key in ("opponents", "judged_by") if getattr(self, key) == "mixture"]
        needed += ["loop"] if self.loop == "roles" else []
        if self.pairs == 0 and self.payoffs == "games" and (needed or self.gate != "none"):
            raise LeagueError(f"pairs = 0 measures no payoffs, and {(needed or ['gate'])[0]} needs them")
        if self.payoffs == "exact" and (self.loop == "roles" or self.meta_solver.startswith(PRIORITISED)):
            raise LeagueError(
                f"payoffs = 'exact' computes utilities, and {'loop' if self.loop == 'roles' else 'meta_solver'} "
                "needs win rates: expected payoffs = 'games'"
            )
        self._check_loop()
        if self.pairs == 1 and self.payoffs == "games" and self.gate != "none":
            raise LeagueError(
                "pairs = 1 gives payoffs without standard errors, and gate needs them: expected 2 or more"
            )

    def _check_loop(self) -> None:
        """Refuses what the kind of loop cannot use."""
        if self.loop != "responses" and self.learner != "ppo":
            raise LeagueError(
                f"loop = {self.loop!r} trains its learners on: learner = {self.learner!r}, expected 'ppo'"
            )
        if self.loop == "magnet" and (self.opponents, self.pairs, self.judged_by) != ("self", 0, "latest"):
            raise LeagueError(
                "loop = 'magnet' is self-play without a payoff table, expected opponents = 'self', pairs = 0 and "
                f"judged_by = 'latest': got {self.opponents!r}, {self.pairs} and {self.judged_by!r}"
            )
        if self.judged_by == "main" and self.loop != "roles":
            raise LeagueError(f"judged_by = 'main' needs loop = 'roles', which has main agents: got {self.loop!r}")
        if self.loop != "responses" and self.gate != "none":
            raise LeagueError(f"gate = {self.gate!r}: loop = {self.loop!r} has rules of its own, expected 'none'")
        if self.self_play and (self.loop != "responses" or self.learner != "ppo" or self.opponents == "self"):
            raise LeagueError(
                f"self_play = {self.self_play:g} is for loop = 'responses' with learner = 'ppo' and opponents beside "
                f"itself: got {self.loop!r}, {self.learner!r} and opponents = {self.opponents!r}"
            )
        if self.learner == "exact" and self.opponents == "self":
            raise LeagueError("learner = 'exact' answers somebody else: opponents = 'self' has nobody")

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `LeagueConfig.from_json` reads it back."""
        return {**vars(self), "initial": list(self.initial), "learner_options": dict(self.learner_options)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "LeagueConfig":
        """From what `as_json` gave. Unknown settings are refused with the nearest known one."""
        options = saved.get("learner_options", {})
        tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
        return cls(**_fitting({**saved, "learner_options": tuples}))

    @property
    def config_hash(self) -> str:
        """Hash of all settings, 16 hexadecimal digits."""
        text = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def changed(self, overrides: Mapping[str, Any]) -> "LeagueConfig":
        """With some settings changed. A name that is not a setting is one of the learner's: `learning_rate`."""
        from .oracle import learner_settings

        known = {f.name for f in fields(self)}
        own = {key: value for key, value in overrides.items() if key in known and key != "learner_options"}
        learner = str(own.get("learner", self.learner))
        settings = learner_settings(learner)
        options = dict(self.learner_options if learner == self.learner else {})
        options |= overrides.get("learner_options", {})
        for key, value in overrides.items():
            name = key.removeprefix("learner_options.")
            if key not in known:
                if name not in settings:
                    raise LeagueError(f"no setting {key!r}" + nearest(name, [*sorted(known), *settings]))
                options[name] = value
        for name, value in options.items():
            if name not in settings:
                raise LeagueError(f"the learner {learner!r} has no setting {name!r}" + nearest(name, [*settings]))
            options[name] = _typed(name, value, settings[name])
        return replace(self, **_fitting(own), learner_options=options)


PRIORITISED = "prioritised_"
"""Of a meta-solver's name: weights by the latest's win rates, `solvers.PRIORITIES`."""
CHOICES = {
    "loop": ("responses", "roles", "magnet"),
    "populations": (0, 1, 2),
    "payoffs": ("games", "exact"),
    "meta_solver": (*SOLVERS, *(PRIORITISED + name for name in PRIORITIES)),
    "opponents": ("mixture", "uniform", "recent", "latest", "self"),
    "judged_by": ("mixture", "uniform", "latest", "main"),
    "warm_start": ("scratch", "latest", "parent"),
    "gate": ("none", "lower-bound", "confidence-sequence"),
    "device": ("cpu",),  # the batches that learners train on
}
RANGES = {
    "seed": (0, 2**62 - 1),
    "iterations": (0, 10**6),
    "pairs": (0, 10**6),
    "extra_pairs": (0, 10**6),
    "temperature": (0, 1e9),
    "posterior_samples": (0, 10**4),
    "self_play": (0, 1),
    "delta": (0, 1),
    "steps": (1, 10**13),
    "gate_pairs": (2, 10**6),
    "gate_confidence": (0.5, 0.9999),
    "patience": (0, 10**6),
    "snapshot_steps": (0, 10**13),
    "snapshot_limit": (1, 10**13),
    "snapshot_win_rate": (0.5, 1),
    "reset_chance": (0, 1),
    "matches": (1, 10**6),
    "threads": (0, 1024),
    "snapshot_seconds": (0, 10**6),
}


def schemes() -> list[str]:
    """The schemes there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scheme(name: str, overrides: Mapping[str, Any] | None = None) -> LeagueConfig:
    """A scheme by name, or from a file `path/to/mine.toml`, with some settings changed."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        raise LeagueError(f"no scheme {name!r}" + nearest(name, schemes()))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LeagueError(f"{path}: {error}") from None
    try:
        base = LeagueConfig(scheme=path.stem).changed(content)
    except LeagueError as error:
        raise LeagueError(f"{path}: {error}") from None
    return base.changed(overrides or {})


def parse_setting(text: str) -> tuple[str, Any]:
    """`"steps=1_000_000"` from the command line: the value is TOML, or else plain text (`initial=uniform,cpu-1`)."""
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not key:
        raise LeagueError(f"setting {text!r}: expected KEY=VALUE, as in steps=1_000_000")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _fitting(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values in the types of the settings' defaults."""
    known = {f.name: f for f in fields(LeagueConfig)}
    fitting = {}
    for key, value in given.items():
        if key not in known:
            raise LeagueError(f"no setting {key!r}" + nearest(key, list(known)))
        default = () if key == "initial" else {} if key == "learner_options" else known[key].default
        fitting[key] = _typed(key, value, default)
    return fitting


def _typed(key: str, value: Any, default: Any) -> Any:
    """The value in the default's type; where that says nothing (None), as it is."""
    if isinstance(default, tuple):
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        kind = type(default[0]) if default else str
        if isinstance(parts, list | tuple):
            if kind is int and isinstance(value, str) and all(part.isdigit() for part in parts):
                return tuple(int(part) for part in parts)
            if all(type(part) is kind for part in parts):
                return tuple(parts)
    elif (
        default is None or (type(value) is type(default)) or (isinstance(default, Mapping) and isinstance(value, dict))
    ):
        return value
    elif isinstance(default, float) and type(value) is int:
        return float(value)
    elif type(default) is int and isinstance(value, float) and value.is_integer():
        return int(value)  # steps=1e6
    raise LeagueError(f"{key} = {value!r}: expected {type(default).__name__}, as in the default {default!r}")
