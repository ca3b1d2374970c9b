"""Ratings where seats are roles with a population each: a member is rated in the role it was trained for.

Row members (seat 0) meet column members (seat 1) and nobody of their own. The model is Bradley–Terry's with one
parameter for the roles: row i scores 1 / (1 + 10^((C_j − R_i − A) / 400)) on average against column j. Each
population has a zero of its own, its reference (uniform play where it took part, else the population's mean), and A is
what the first seat is worth between the two references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..agents.policy import Policy
from ..agents.registry import resolve
from ..arenas.arena import Game
from ..league.executor import Executor
from ..league.population import PREFIXES
from ..league.records import GameKey, Member
from ..league.run import Run
from ..league.store import RunStore
from .playing import EvaluationError, Played, play_into, play_varies, points, unit_seeds
from .ratings import Ratings, Results, bradley_terry
from .setups import SetupSpread
from .tournament import FEWEST_UNITS, UNIFORM, Cell, score_cell

Array = NDArray[np.float64]
Populations = tuple[Mapping[str, Policy], Mapping[str, Policy]]
"""Policies by name: who may have seat 0, and who seat 1."""
ROW, COLUMN = PREFIXES[2]


@dataclass(frozen=True)
class RoleRatings:
    """`ratings` are of all members, rows first, each population on its own scale; `references` are what is 0 on them.

    `advantage` is A in Elo with its interval: what seat 0 is worth between the references.
    """

    seats: tuple[tuple[str, ...], tuple[str, ...]]
    ratings: Ratings
    references: tuple[str, str]
    advantage: float
    lower: float
    upper: float

    def expected(self) -> Array:
        """The model's expected score of row i against column j, `[rows, columns]`."""
        rows = len(self.seats[0])
        elo = self.ratings.elo
        return 1 / (1 + 10 ** ((elo[None, rows:] - elo[:rows, None] - self.advantage) / 400))


@dataclass(frozen=True)
class RoleStandings:
    """A tournament of two populations: every meeting of a row and a column member, and the ratings. A unit is a game
    on a setup of its own, the row member in seat 0: exchanging seats would be another game.
    """

    cells: tuple[Cell, ...]
    ratings: RoleRatings
    varies: bool
    forfeits: Mapping[str, Mapping[str, int]]


def rate_roles(
    results: Results, seats: tuple[Sequence[str], Sequence[str]], *, confidence: float = 0.95
) -> RoleRatings:
    """Fits the model to results in which rows and columns met. seats: who has which, rows first as in `results`."""
    rows, columns = map(tuple, seats)
    if results.names != (*rows, *columns):
        raise EvaluationError("results of two populations name the rows first, then the columns")
    n, r = len(results.names), len(rows)
    if results.units[:r, :r].any() or results.units[r:, r:].any():
        raise EvaluationError("members of one population met: in a game of roles only rows meet columns")
    weights, references = zip(*(_reference(names, prefix) for names, prefix in ((rows, ROW), (columns, COLUMN))))
    fit = bradley_terry(results, confidence=confidence)
    # Every rating less its own population's zero, and the distance of the two zeros: linear in what was fitted.
    zero = np.zeros((2, n))
    zero[0, :r], zero[1, r:] = weights
    change = np.eye(n) - np.repeat(zero, (r, n - r), axis=0)
    between = zero[0] - zero[1]
    elo, covariance = change @ fit.elo, change @ fit.covariance @ change.T
    reach = stats.t.isf((1 - confidence) / 2, fit.degrees)
    half = reach * np.sqrt(np.maximum(np.diag(covariance), 0.0))
    frozen = {name: 0.0 for name in references if name in results.names}
    moved = replace(fit, elo=elo, covariance=covariance, lower=elo - half, upper=elo + half, anchors=frozen)
    advantage, error = float(between @ fit.elo), reach * float(np.sqrt(between @ fit.covariance @ between))
    return RoleRatings(
        (rows, columns), moved, (references[0], references[1]), advantage, advantage - error, advantage + error
    )


def _reference(names: Sequence[str], prefix: str) -> tuple[Array, str]:
    """Of whom the mean is 0, as weights, and its name."""
    if prefix + UNIFORM in names:
        return (np.array(names) == prefix + UNIFORM).astype(float), prefix + UNIFORM
    return np.full(len(names), 1 / len(names)), f"the mean of {prefix.rstrip('-')}s"


# --- playing ---


def role_members(run: Run, bots: Sequence[str] | None = None) -> Populations:
    """Who enters from a run of two populations: each one's members, the policy it is judged by, uniform play and bots.

    A policy that is there under two names of one population enters under the first.
    """
    entered: list[dict[str, Policy]] = []
    for number, prefix in enumerate(PREFIXES[2]):
        population = run.populations[number]
        policies = {player.member.name: player.policy for player in population.players}
        policies.setdefault(f"{prefix}final", run.judged(number))
        for name in (UNIFORM, *(run.game.arena.bots if bots is None else bots)):
            policies.setdefault(prefix + name, resolve(name, run.game))
        first: dict[str, str] = {}
        entered.append({n: p for n, p in policies.items() if first.setdefault(p.policy_hash, n) == n})
    return entered[0], entered[1]


def role_keys(members: Populations, units: int, seed: int) -> list[GameKey]:
    """Every game: each row against each column on every setup, setup by setup."""
    rows, columns = ([policy.policy_hash for policy in one.values()] for one in members)
    return [
        GameKey(row, column, one, 0) for one in unit_seeds(seed, "roles", units) for row in rows for column in columns
    ]


def play_roles(
    game: Game,
    members: Populations,
    store: RunStore,
    *,
    units: int,
    seed: int = 0,
    played: Played | None = None,
    until: float | None = None,
    executor: Executor | None = None,
) -> int:
    """Plays what the store lacks; returns how many games that were. Arguments as in `tournament.play_tournament`."""
    if game.symmetric:
        raise EvaluationError(f"{game.arena.name} with these options has no roles: everybody may have either seat")
    with store.transaction():
        for number, one in enumerate(members):
            for name, policy in one.items():
                kind = str(policy.identity().get("kind", "policy"))
                store.add_member(Member(name, kind, "entrant", policy.policy_hash, population=number))
    policies = {policy.policy_hash: policy for one in members for policy in one.values()}
    keys = role_keys(members, units, seed)
    first = len(members[0]) * len(members[1]) * min(units, FEWEST_UNITS)
    return play_into(store, game, policies, keys, played, until=until, first=first, executor=executor)


def has_roles(store: RunStore) -> bool:
    """Whether a store's members are of two populations."""
    return any(member.population == 1 for member in store.members())


def role_standings(
    game: Game, store: RunStore, *, confidence: float = 0.95, varies: bool | None = None
) -> RoleStandings:
    """What a store's games say about its two populations."""
    varies = play_varies(game) if varies is None else varies
    entered = store.members()
    hashes = {member.name: member.hash for member in entered}
    seats = tuple(tuple(member.name for member in entered if member.population == seat) for seat in (0, 1))
    cells: list[Cell] = []
    scores: list[tuple[NDArray[np.uint64], Array]] = []
    for row in seats[0]:
        for column in seats[1]:
            met = store.pairs(hashes[row], hashes[column], games_per_pair=1, seat=0)
            if len(met.seeds):
                cells.append(score_cell(row, column, met.outcome, met.distinct, varies, confidence))
                scores.append((met.seeds, points(met.outcome)))
    if not cells:
        raise EvaluationError(f"{store.path} holds no game between the populations yet")
    there = {name for cell in cells for name in (cell.row, cell.column)}
    met_seats = (tuple(n for n in seats[0] if n in there), tuple(n for n in seats[1] if n in there))
    ratings = rate_roles(_results((*met_seats[0], *met_seats[1]), cells, scores), met_seats, confidence=confidence)
    lost = store.forfeits()
    forfeits = {
        name: {kind.value: count for kind, count in lost[hashes[name]].items()}
        for name in ratings.ratings.names
        if hashes[name] in lost
    }
    return RoleStandings(tuple(cells), ratings, varies, forfeits)


def _results(
    names: tuple[str, ...], cells: Sequence[Cell], scores: Sequence[tuple[NDArray[np.uint64], Array]]
) -> Results:
    """The cells as results; where copies dominate, only what differs counts."""
    units, won, squares = np.zeros((3, len(names), len(names)))
    spread = []
    for cell, (seeds, score) in zip(cells, scores, strict=True):
        i, j = names.index(cell.row), names.index(cell.column)
        weight = cell.distinct / cell.units if cell.why else 1.0
        for at, own in (((i, j), score), ((j, i), 1 - score)):
            units[at], won[at], squares[at] = (weight * total for total in (len(own), own.sum(), (own**2).sum()))
        spread.append((i, j, seeds, score, weight))
    return Results(names, units, won, squares, 1, SetupSpread.of(len(names), spread))
