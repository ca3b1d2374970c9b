"""A run's folder: its record, settings, checkpoints and snapshots. Who trains, resumes, rates or reports opens it."""

import fcntl
import json
import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .. import arenas
from ..agents import resolve
from ..agents.policy import Policy
from ..agents.registry import save_mixture
from ..arenas.arena import Game
from .config import LeagueConfig, LeagueError
from .matchmaking import Meta, judged, number_of_populations
from .payoff import PayoffTable
from .play import games_per_pair
from .population import FILES, PREFIXES, Player, Population, initial_member, load_player, meeting
from .store import RunStore

STORE, CONFIG, CHECKPOINTS, SNAPSHOTS = "run.sqlite", "config.json", "checkpoints", "snapshots"


class Run:
    """A run: `Run.create` begins one, `Run.open` finds one. Its populations are loaded when first asked for."""

    def __init__(self, folder: Path, store: RunStore, *, trust: bool = False):
        self.folder, self.store, self.trust = folder, store, trust
        self.arena: str = store.spec["arena"]
        self.options: dict[str, Any] = store.spec["options"]
        self.game: Game = arenas.make_game(self.arena, **self.options)
        if self.game.content_hash != store.content_hash:
            raise LeagueError(
                f"{folder} was made under other rules: content {store.content_hash}, {self.arena} now has "
                f"{self.game.content_hash}; use the version that made it ({store.versions})"
            )
        config = LeagueConfig.from_json(store.spec["league"])
        extended = [data["iterations"] for _, _, data in store.events("extended")]
        self.config = replace(config, iterations=extended[-1]) if extended else config
        self.count = number_of_populations(self.config, self.game)
        self.per_pair = games_per_pair(self.game)
        self._populations: list[Population] | None = None
        self._lock: int | None = None  # file descriptor

    @classmethod
    def create(
        cls, folder: Path | str, arena: str, options: Mapping[str, Any], config: LeagueConfig, *, trust: bool = False
    ) -> "Run":
        """Begins a run in a folder that holds none. Everything that could be refused is refused before it is made."""
        from ..agents.checkpoint import write_atomically
        from .oracle import check_settings, get_oracle  # torch: reading a run does without

        folder = Path(folder)
        if (folder / STORE).exists():
            raise LeagueError(
                f"{folder} holds a run already: `kumite resume {folder}` goes on, or choose another --out"
            )
        game = arenas.make_game(arena, **options)
        number_of_populations(config, game)
        check_settings(game, config)
        if get_oracle(config.learner).suffix == ".zip" and not trust:
            raise LeagueError(
                f"the learner {config.learner!r} keeps its policies as pickles, which can run any code when read: "
                "say --trust (trust=True) if you trust this run's folder"
            )
        for what in config.initial:
            resolve(what, game, trust=trust)
            if what.partition("@")[0].endswith(".json"):
                raise LeagueError(f"initial = {what!r}: a mixture is no member; name the policies in it")
        for what in config.initial:
            _keep(what, folder)
        spec = {
            "arena": arena,
            "options": dict(game.options),
            "league": config.as_json(),
            "config_hash": config.config_hash,
        }
        write_atomically(folder / CONFIG, json.dumps(spec, indent=2).encode() + b"\n")
        RunStore.create(folder / STORE, spec=spec, versions=versions(game), content_hash=game.content_hash).close()
        return cls.open(folder, write=True, trust=trust)

    @classmethod
    def open(cls, folder: Path | str, *, write: bool = False, trust: bool = False) -> "Run":
        """Finds a run. write: goes on with it, which one process at a time may."""
        folder = Path(folder)
        if not (folder / STORE).is_file():
            raise LeagueError(f"{folder} holds no run (no {STORE}): `kumite train ARENA --out {folder}` begins one")
        lock = None
        if write:
            lock = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # falls with its process, however that ends
            except OSError:
                os.close(lock)
                raise LeagueError(f"another process is at work on {folder}: wait for it, or end it") from None
        run = cls(folder, RunStore(folder / STORE, read_only=not write), trust=trust)
        run._lock = lock
        if write and not run.store.members():
            run._begin()
        return run

    def _begin(self) -> None:
        """Records the initial members: all of them, or after a kill none yet."""
        with self.store.transaction():
            for number in range(self.count):
                for what in self.config.initial:
                    place = _place(what)
                    source = what if place is None else str(self.folder / place)
                    player = initial_member(source, number, self.count, self.game, trust=self.trust)
                    self.store.add_member(replace(player.member, path=place))

    def close(self) -> None:
        """Closes the record and lets others write."""
        self.store.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- members ---

    @property
    def populations(self) -> list[Population]:
        """One, or the row and the column population, with all policies loaded."""
        if self._populations is None:
            self._populations = [Population(number) for number in range(self.count)]
            for member in self.store.members():
                player = load_player(member, self.count, self.folder, self.game, trust=self.trust)
                self._populations[member.population].add(player)
        return self._populations

    def add(self, player: Player) -> None:
        """Records a member and takes it in."""
        populations = self.populations
        self.store.add_member(player.member)
        populations[player.member.population].add(player)

    def member_name(self, population: int, iteration: int, part: str = "") -> str:
        """What a response is called: `row-ppo-3`, or `row-main-3` where a population has several learners."""
        return f"{PREFIXES[self.count][population]}{part or self.config.learner}-{iteration}"

    def extend(self, iterations: int) -> None:
        """Sets how many iterations the run is to have, more than it has."""
        if iterations <= self.config.iterations:
            raise LeagueError(f"iterations = {iterations}: the run has {self.config.iterations} already, expected more")
        self.store.add_event(self.config.iterations, "extended", {"iterations": iterations})
        self.config = replace(self.config, iterations=iterations)

    # --- verdicts ---

    def table(self) -> PayoffTable:
        """The payoffs of those that meet, from all complete pairs."""
        hashes = [
            {member.name: member.hash for member in meeting(self.store.members(), number)}
            for number in range(self.count)
        ]
        seat = None if self.game.symmetric else 0
        return self.store.payoff(*hashes, games_per_pair=self.per_pair, seat=seat)

    def meta(self) -> Meta | None:
        """The meta-game last solved."""
        solved = self.store.events("meta")
        return Meta.from_json(solved[-1][2]) if solved else None

    def judged(self, population: int = 0) -> Policy:
        """What the scheme is judged by: the mixture (drawn once a match) or the latest policy of a population."""
        meta = self.meta()
        if meta is None:
            raise LeagueError(f"{self.folder} has not solved a meta-game yet: nothing to judge")
        verdict = judged(self.config, meta)
        mixture, names = verdict.mixtures[population], verdict.names[population]
        return self.populations[population].mixture(names, mixture, f"{PREFIXES[self.count][population]}final")

    def write_final(self, meta: Meta) -> None:
        """Writes what the scheme is judged by as `final.json` (`row-final.json`), which `agents.resolve` reads."""
        verdict = judged(self.config, meta)
        members = {member.name: member for member in self.store.members()}
        for prefix, names, mixture in zip(PREFIXES[self.count], verdict.names, verdict.mixtures, strict=True):
            shares = {
                members[name].path or name.removeprefix(prefix): float(weight)
                for name, weight in zip(names, mixture, strict=True)
                if weight > 0
            }
            save_mixture(self.folder / f"{prefix}final.json", shares, f"{prefix}final")


def versions(game: Game) -> dict[str, str]:
    """What results depend on: this project, the arena, Python and the packages that do arithmetic."""
    packages = {name: version(name) for name in ("kumite", "numpy", "numba", "scipy", "torch")}
    return {**packages, f"arena {game.arena.name}": str(game.arena.version), "python": platform.python_version()}


def _place(what: str) -> str | None:
    """Where in the run an initial member's file is kept, `@acting` included; None for a policy that has no file."""
    return f"{CHECKPOINTS}/{Path(what).name}" if Path(what.partition("@")[0]).suffix in FILES else None


def _keep(what: str, folder: Path) -> None:
    """Copies an initial member's file into the run, so that the run is whole."""
    source, place = Path(what.partition("@")[0]), _place(what)
    if place is not None:
        (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / CHECKPOINTS / source.name)
