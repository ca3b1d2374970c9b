"""Tournaments: everybody against everybody (or against a few), and ratings with intervals from what was played.

Other formats are in `formats.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..agents.policy import Policy
from ..agents.registry import resolve
from ..arenas.arena import Game, nearest
from ..league.executor import Executor
from ..league.payoff import PayoffTable
from ..league.records import GameKey, Member
from ..league.run import Run
from ..league.store import Pairs, RunStore
from .intervals import MIN_DISTINCT_SHARE, CopiesError, Interval, mean_interval
from .playing import EvaluationError, Played, play_into, play_varies, points, unit_games, unit_keys, unit_seeds
from .ratings import Ratings, Results, bradley_terry
from .setups import SetupSpread

UNIFORM = "uniform"
FEWEST_UNITS = 2  # of every meeting, played even when time runs out: ratings need everybody to have met


@dataclass(frozen=True)
class Cell:
    """What one member scored against another. `interval` is None where copies dominate, `why` then says so."""

    row: str
    column: str
    units: int
    games: int
    distinct: int
    rate: float
    interval: Interval | None
    why: str = ""


@dataclass(frozen=True)
class Standings:
    """A tournament's verdict. `names` are in the order in which members entered; a unit has `games_per_unit` games.

    `withheld` names the members whose rating has no interval because most of their units are copies of others, where
    play should vary (`varies`); copies never count as evidence, in no cell and in no rating. forfeits: the games that
    members lost by failing, by kind; they count like any other.
    """

    names: tuple[str, ...]
    payoff: PayoffTable
    cells: tuple[Cell, ...]
    results: Results
    ratings: Ratings
    games_per_unit: int
    varies: bool
    withheld: tuple[str, ...]
    forfeits: Mapping[str, Mapping[str, int]]

    def cell(self, row: str, column: str) -> Cell | None:
        """The cell of two members as entered, row first."""
        return next((cell for cell in self.cells if (cell.row, cell.column) == (row, column)), None)


def check_members(members: Mapping[str, Policy]) -> None:
    """Refuses fewer than two members, and two names for one policy: it cannot meet itself."""
    if len(members) < 2:
        raise EvaluationError(f"a tournament has 2 or more members: got {', '.join(members) or 'none'}")
    first: dict[str, str] = {}
    for name, policy in members.items():
        if (same := first.setdefault(policy.policy_hash, name)) != name:
            raise EvaluationError(f"{same!r} and {name!r} are one policy (hash {policy.policy_hash}): enter it once")


def enter(store: RunStore, members: Mapping[str, Policy], kinds: Mapping[str, str] | None = None) -> None:
    """Records who takes part. kinds: what each member is, for tables."""
    check_members(members)
    with store.transaction():
        for name, policy in members.items():
            kind = (kinds or {}).get(name) or str(policy.identity().get("kind", "policy"))
            store.add_member(Member(name, kind, "entrant", policy.policy_hash))


def run_members(run: Run, bots: Sequence[str] | None = None, *, checkpoints: bool = True) -> dict[str, Policy]:
    """Who enters from a run: its population, the policy its scheme is judged by, uniform play and the arena's bots.

    bots: which of them, by default all. A policy that is there under two names enters under the first.
    """
    if run.count != 1:
        raise EvaluationError(
            f"{run.folder} has two populations, each for one seat: a tournament needs policies that play both seats"
        )
    entered: dict[str, Policy] = {}
    if checkpoints:
        entered |= {player.member.name: player.policy for player in run.populations[0].players}
    entered["final"] = run.judged()
    for name in (UNIFORM, *(run.game.arena.bots if bots is None else bots)):
        entered.setdefault(name, resolve(name, run.game))
    hashes: dict[str, str] = {}
    return {name: p for name, p in entered.items() if hashes.setdefault(p.policy_hash, name) == name}


def pairings(names: Sequence[str], gauntlet: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Who meets whom: everybody, or with `gauntlet` only these against all others."""
    for name in gauntlet:
        if name not in names:
            raise EvaluationError(f"no member {name!r} in this tournament" + nearest(name, list(names)))
    chosen = set(gauntlet) or set(names)
    return [(row, column) for row, column in combinations(names, 2) if row in chosen or column in chosen]


def tournament_keys(
    game: Game, members: Mapping[str, Policy], pairs: int, seed: int, gauntlet: Sequence[str] = ()
) -> list[GameKey]:
    """Every game of the tournament. All meetings share their setups (seeds), and more `pairs` only add to them."""
    seeds, games = unit_seeds(seed, "tournament", pairs), unit_games(game)
    hashes = {name: policy.policy_hash for name, policy in members.items()}
    meetings = pairings(list(members), gauntlet)
    # Seed by seed, so that a tournament cut short has played every meeting about equally often.
    keys: list[GameKey] = []
    for one in seeds:
        for row, column in meetings:
            keys += unit_keys(game, hashes[row], hashes[column], [one], games)
    return keys


def play_tournament(
    game: Game,
    members: Mapping[str, Policy],
    store: RunStore,
    *,
    pairs: int,
    seed: int = 0,
    gauntlet: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    played: Played | None = None,
    until: float | None = None,
    matches: int = 512,
    threads: int | None = None,
    executor: Executor | None = None,
) -> int:
    """Plays what the store lacks of the tournament; returns how many games that were.

    members: policies by name. pairs: units of each meeting. gauntlet: if given, only these meet all others. kinds:
    what each member is, for tables. until: a `time.monotonic()` at which to stop, once everybody has met.
    executor: who plays; by default this process.
    """
    enter(store, members, kinds)
    keys = tournament_keys(game, members, pairs, seed, gauntlet)
    policies = {policy.policy_hash: policy for policy in members.values()}
    first = len(tournament_keys(game, members, min(pairs, FEWEST_UNITS), seed, gauntlet))
    settings = {"matches": matches, "threads": threads, "executor": executor}
    return play_into(store, game, policies, keys, played, until=until, first=first, **settings)


def standings(
    game: Game,
    store: RunStore,
    *,
    anchors: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    varies: bool | None = None,
) -> Standings:
    """What the store's games say about its members that have met. anchors: frozen ratings; by default uniform play
    is 0 if it took part.
    """
    hashes = {member.name: member.hash for member in store.members()}
    games = unit_games(game)
    varies = play_varies(game) if varies is None else varies
    cells: list[Cell] = []
    played: list[Pairs] = []
    for row, column in combinations(hashes, 2):
        met = store.pairs(hashes[row], hashes[column], games_per_pair=games)
        if len(met.seeds):
            cells.append(score_cell(row, column, met.outcome, met.distinct, varies, confidence))
            played.append(met)
    if not cells:
        raise EvaluationError(f"{store.path} holds no complete pair of games yet")
    met_anybody = {name for cell in cells for name in (cell.row, cell.column)}
    members = {name: one for name, one in hashes.items() if name in met_anybody}
    names = list(members)
    weight = np.ones((len(members), len(members)))
    places = [(names.index(cell.row), names.index(cell.column)) for cell in cells]
    for cell, (i, j) in zip(cells, places, strict=True):
        if cell.why:
            weight[i, j] = weight[j, i] = cell.distinct / cell.units
    frozen = {UNIFORM: 0.0} if anchors is None and UNIFORM in members else dict(anchors or {})
    payoff = store.payoff(members, games_per_pair=games)
    counted = Results.from_payoff(payoff)
    spread = SetupSpread.of(
        len(names),
        [
            (i, j, met.seeds, points(met.outcome), float(weight[i, j]))
            for (i, j), met in zip(places, played, strict=True)
        ],
    )
    results = Results(
        counted.names, counted.units * weight, counted.points * weight, counted.squares * weight,
        counted.games_per_unit, spread,
    )  # fmt: skip
    ratings = bradley_terry(results, frozen, confidence=confidence)
    withheld = _copied(tuple(members), counted.units, weight)
    lost = store.forfeits()
    forfeits = {
        name: {kind.value: count for kind, count in lost[one].items()} for name, one in members.items() if one in lost
    }
    return Standings(tuple(members), payoff, tuple(cells), results, ratings, games, varies, withheld, forfeits)


def score_cell(
    row: str, column: str, outcome: NDArray[np.int8], distinct: int, varies: bool, confidence: float
) -> Cell:
    """One meeting's score and interval; the interval is refused where copies dominate though play should vary."""
    scores, interval, why = points(outcome), None, ""
    try:
        interval = mean_interval(scores, confidence=confidence, distinct=distinct if varies else None)
    except CopiesError as refusal:
        why = str(refusal)
    return Cell(row, column, len(scores), outcome.size, distinct, float(scores.mean()), interval, why)


def _copied(names: tuple[str, ...], units: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[str, ...]:
    """The members most of whose units are copies."""
    total, own = units.sum(axis=1), (units * weight).sum(axis=1)
    return tuple(name for name, all_units, share in zip(names, total, own) if share < MIN_DISTINCT_SHARE * all_units)
