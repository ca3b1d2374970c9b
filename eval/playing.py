"""Playing evaluation games into a store: which games make a unit, what is still missing, and whether play varies."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.policy import Policy, UniformPolicy
from ..arenas.arena import Game
from ..league.executor import Executor, InProcess
from ..league.play import derive_seed, exchange_matters, pair_keys, play_keys
from ..league.records import GameKey, GameRecord
from ..league.run import versions
from ..league.store import RunStore
from .intervals import MIN_DISTINCT_SHARE

Played = Callable[[int, int], Any]
"""(games finished, games wanted): called before games are played, meanwhile, and at the end."""

VARIETY_UNITS = 64
FLUSH_SECONDS = 2.0  # most play that a kill can lose


class EvaluationError(ValueError):
    """A judgement asked for that these games, members or settings cannot give."""


def unit_games(game: Game) -> int:
    """How many games the unit of evaluation has: two, the agents exchanging seats, or one where that changes nothing.

    Unlike in training, seats that are different roles are exchanged too: an agent is judged in both, and what the
    game itself gives a seat cancels, so that equal agents score one half and a utility of 0.
    """
    return 2 if not game.symmetric or exchange_matters(game) else 1


def unit_keys(game: Game, row: str, column: str, seeds: Sequence[int], games: int | None = None) -> list[GameKey]:
    """The games of one unit for each seed between two agents, by hash. games: `unit_games(game)`, where it is known."""
    if (games or unit_games(game)) == 2:
        return [GameKey(row, column, seed, seat) for seed in seeds for seat in (0, 1)]
    return pair_keys(game, row, column, seeds, 1)


def unit_seeds(seed: int, purpose: str, count: int, *names: str | int) -> list[int]:
    """Seeds of the units played for one purpose. More of them begin with the same ones; no two purposes share any."""
    return [derive_seed(seed, purpose, *names, unit) for unit in range(count)]


def play_into(
    store: RunStore,
    game: Game,
    policies: Mapping[str, Policy],
    keys: Sequence[GameKey],
    played: Played | None = None,
    *,
    until: float | None = None,
    first: int = 0,
    matches: int = 512,
    threads: int | None = None,
    executor: Executor | None = None,
    kept_as: Game | None = None,
) -> int:
    """Plays the keys that the store lacks, recording them as they end; returns how many were played.

    policies: by hash. until: a `time.monotonic()` at which to stop, leaving the rest missing; not before the first so
    many of the keys are played. executor: who plays; by default this process, `matches` side by side. kept_as: the game
    that the store is of, where `game` is it with a matchup settled, so that its options differ.
    """
    _same_rules(store, kept_as or game)
    missing = store.missing_keys(keys)
    needed = set(missing) & set(keys[:first])
    waiting: list[GameRecord] = []
    done, flushed = 0, time.monotonic()
    if played:
        played(len(keys) - len(missing), len(keys))
    player = executor or InProcess(game, matches, threads)
    for records in player.play(policies, missing):
        waiting += records
        done += len(records)
        needed.difference_update(record.key for record in records)
        now = time.monotonic()
        if records and now - flushed > FLUSH_SECONDS:
            store.add_games(waiting)
            waiting, flushed = [], now
            if played:
                played(len(keys) - len(missing) + done, len(keys))
        if until is not None and now > until and not needed:
            break
    store.add_games(waiting)
    if played:
        played(len(keys) - len(missing) + done, len(keys))
    return done


def play_varies(game: Game, seed: int = 0) -> bool:
    """Whether uniform play hardly ever repeats a game here, so that agents who repeat theirs are replaying copies.

    In a game with a small tree (Kuhn poker) independent units repeat by nature; there copies prove nothing.
    """
    uniform = UniformPolicy()
    seeds = unit_seeds(seed, "variety", VARIETY_UNITS)
    keys = unit_keys(game, uniform.policy_hash, uniform.policy_hash, seeds, 1)
    finished = play_keys(game, {uniform.policy_hash: uniform}, keys, threads=1)
    found = {record.trajectory for records in finished for record in records}
    return len(found) >= MIN_DISTINCT_SHARE * VARIETY_UNITS


def open_store(path: Path, game: Game, spec: Mapping[str, Any]) -> RunStore:
    """The store at `path`, made if it is not there; refused if it holds games under other rules or options."""
    if not path.is_file():
        facts = {"arena": game.arena.name, "options": dict(game.options), **spec}
        return RunStore.create(path, spec=facts, versions=versions(game), content_hash=game.content_hash)
    store = RunStore(path)
    try:
        _same_rules(store, game)
    except EvaluationError:
        store.close()
        raise
    return store


def _same_rules(store: RunStore, game: Game) -> None:
    """A store's games are named by agents, seed and seat: under these rules and options only."""
    if store.content_hash != game.content_hash:
        raise EvaluationError(
            f"{store.path} holds games under other rules or options (content {store.content_hash}, asked for "
            f"{game.content_hash}): give another --out, or the options it was made with"
        )


def points(outcomes: np.ndarray) -> np.ndarray:
    """The score in [0, 1] of each unit, from its games' outcomes (+1, 0, −1) [units, games]: float64 [units]."""
    return (np.asarray(outcomes, np.float64).mean(axis=1) + 1) / 2
