"""What a report is written from: everything one folder holds of a run and of the judgements passed on it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import arenas
from ...arenas.arena import Game
from ...arenas.replay import Replay, ReplayError
from ...league.matchmaking import Meta
from ...league.records import Member, Reason
from ...league.run import STORE as RUN
from ...league.store import RunStore
from ..depth import Depth
from ..exploitability import Exploitability
from ..ladder import Climb
from ..roles import RoleStandings, has_roles, role_standings
from ..stopping import Stopped
from ..tournament import Standings, standings
from .parts import ReportError

TOURNAMENT, EXPLOIT, LADDER, DEPTH = "tournament.sqlite", "exploit.sqlite", "ladder.sqlite", "depth.sqlite"
SPRT = "sprt.sqlite"  # its own: games of a match that was stopped would bend ratings
EXPLOITERS, REPLAYS = "exploiters", "replays"
"""Where the commands keep their results, beside the run's own record."""


@dataclass(frozen=True)
class Source:
    """One store of the folder: which games it holds and what they depend on."""

    name: str
    path: Path
    spec: Mapping[str, Any]
    versions: Mapping[str, str]
    content_hash: str
    members: tuple[Member, ...]
    games: int
    forfeits: Mapping[str, Mapping[Reason, int]]
    events: tuple[tuple[int, str, dict[str, Any]], ...]

    def last(self, phase: str) -> dict[str, Any] | None:
        """What was recorded last of a phase."""
        return next((data for _, name, data in reversed(self.events) if name == phase), None)


@dataclass(frozen=True)
class Material:
    """All of it. `standings` are the tournament's; without one, those of a run's own payoff games (`rated_by`)."""

    folder: Path
    game: Game
    sources: Mapping[str, Source]
    standings: Standings | None
    rated_by: str
    roles: RoleStandings | None = None  # of a tournament of two populations, one a seat
    metas: tuple[tuple[int, Meta], ...] = ()
    curves: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)  # [points, 3]: step, value, Unix seconds
    exploitabilities: tuple[Exploitability, ...] = ()
    climbs: tuple[Climb, ...] = ()
    tests: tuple[Stopped, ...] = ()
    depth: Depth | None = None
    replays: tuple[tuple[Path, Mapping[str, Any]], ...] = ()

    @property
    def members(self) -> dict[str, Member]:
        """Every member of every store, by name."""
        return {member.name: member for source in self.sources.values() for member in source.members}

    @property
    def league(self) -> Mapping[str, Any]:
        """The settings of the league; empty where there was none."""
        return self.sources[RUN].spec.get("league", {}) if RUN in self.sources else {}

    @property
    def content_hash(self) -> str:
        """Of the rules and options that everything was played under."""
        return next(iter(self.sources.values())).content_hash

    @property
    def made(self) -> str:
        """When the folder's report was written, in words."""
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())


def collect(folder: Path) -> Material:
    """Reads a folder. Stores that are written meanwhile are read as they stand."""
    paths = {
        name: folder / name for name in (RUN, TOURNAMENT, SPRT, EXPLOIT, LADDER, DEPTH) if (folder / name).is_file()
    }
    if not paths:
        raise ReportError(
            f"{folder} holds nothing to report: expected {RUN}, {TOURNAMENT}, {EXPLOIT} or {LADDER} in it "
            "(`kumite train` or `kumite tournament` makes them)"
        )
    stores = {name: RunStore(path, read_only=True) for name, path in paths.items()}
    try:
        sources = {name: _source(name, store) for name, store in stores.items()}
        spec = next(iter(sources.values())).spec
        game = arenas.make_game(spec["arena"], **spec["options"])
        _check_rules(sources)
        two = TOURNAMENT in stores and has_roles(stores[TOURNAMENT]) and stores[TOURNAMENT].game_count()
        found, rated_by = (None, TOURNAMENT) if two else _standings(game, stores)
        return Material(
            folder=folder,
            game=game,
            sources=sources,
            standings=found,
            rated_by=rated_by,
            roles=role_standings(game, stores[TOURNAMENT]) if two else None,
            metas=tuple((at, Meta.from_json(data)) for at, data in _events(sources, RUN, "meta")),
            curves={name: stores[RUN].scalars(name) for name in stores[RUN].scalar_names()} if RUN in stores else {},
            exploitabilities=_latest(Exploitability, _events(sources, EXPLOIT, "exploitability"), "target_hash"),
            climbs=_latest(Climb, _events(sources, LADDER, "ladder"), "policy_hash"),
            tests=_tests(_events(sources, SPRT, "sprt")),
            depth=_depth(sources),
            replays=tuple(_replays(folder / REPLAYS)),
        )
    finally:
        for store in stores.values():
            store.close()


def _source(name: str, store: RunStore) -> Source:
    return Source(
        name, store.path, store.spec, store.versions, store.content_hash, tuple(store.members()), store.game_count(),
        store.forfeits(), tuple(store.events()),
    )  # fmt: skip


def _check_rules(sources: Mapping[str, Source]) -> None:
    """Results under different rules are never put on one page."""
    hashes = {name: source.content_hash for name, source in sources.items()}
    if len(set(hashes.values())) > 1:
        told = ", ".join(f"{name}: {content}" for name, content in hashes.items())
        raise ReportError(f"these were not played under the same rules and options, by content hash: {told}")


def _standings(game: Game, stores: Mapping[str, RunStore]) -> tuple[Standings | None, str]:
    """Of the tournament; else of the run's payoffs, if one population plays both seats and has met."""
    for name in (TOURNAMENT, RUN):
        if name not in stores or (name == RUN and not game.symmetric):
            continue
        if stores[name].game_count():
            return standings(game, stores[name]), name
    return None, ""


def _events(sources: Mapping[str, Source], name: str, phase: str) -> list[tuple[int, dict[str, Any]]]:
    if name not in sources:
        return []
    return [(at, data) for at, what, data in sources[name].events if what == phase]


def _depth(sources: Mapping[str, Source]) -> Depth | None:
    saved = sources[DEPTH].last("depth") if DEPTH in sources else None
    return Depth.from_values(saved) if saved else None


def _tests(events: list[tuple[int, dict[str, Any]]]) -> tuple[Stopped, ...]:
    """The last state of each test."""
    found = [Stopped.from_values(data) for _, data in events]
    return tuple({(one.hashes, one.test): one for one in found}.values())


def _latest(kind: Any, events: list[tuple[int, dict[str, Any]]], key: str) -> tuple[Any, ...]:
    """The last verdict on each policy."""
    return tuple(kind.from_values(data) for data in {data[key]: data for _, data in events}.values())


def _replays(folder: Path) -> list[tuple[Path, Mapping[str, Any]]]:
    found = []
    for path in sorted(folder.glob("*.npz")):
        try:
            replay = Replay.load(path)
        except ReplayError:
            continue
        found.append((path, {**replay.spec, "decisions": len(replay.actions)}))
    return found
