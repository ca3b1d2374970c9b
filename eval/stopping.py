"""Two members until a sequential test knows: batches of units, and a look at the log-likelihood ratio after each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..agents.policy import Policy
from ..arenas.arena import Game
from ..league.executor import Executor
from ..league.records import Member
from ..league.store import RunStore
from .intervals import CopiesError, pentanomial, require_distinct
from .playing import EvaluationError, Played, play_into, play_varies, points, unit_games, unit_keys, unit_seeds
from .sprt import SPRT, Estimate, Progress

BATCH = 32
"""Units before the first look. Later batches are an eighth of what was played, so that looks cost little."""
MOST_UNITS = 20_000


@dataclass(frozen=True)
class Stopped:
    """A test of `one` against `other`: where it stands, every look at it, and what may be said of the difference.

    trace: (units, log-likelihood ratio) at each look. why: what forbids a decision, if something does.
    """

    one: str
    other: str
    hashes: tuple[str, str]
    test: SPRT
    progress: Progress
    estimate: Estimate
    trace: tuple[tuple[int, float], ...]
    distinct: int
    games_per_unit: int
    why: str = ""

    @property
    def verdict(self) -> str:
        """The decision in words."""
        if self.why:
            return "refused"
        return self.progress.decision or "undecided"

    def as_values(self) -> dict[str, Any]:
        """As JSON values; what is infinite is None."""
        estimate = {key: value if np.isfinite(value) else None for key, value in asdict(self.estimate).items()}
        return asdict(self) | {"verdict": self.verdict, "bounds": list(self.test.bounds), "estimate": estimate}

    @classmethod
    def from_values(cls, saved: dict[str, Any]) -> Stopped:
        """From what `as_values` gave."""
        kept = {key: saved[key] for key in cls.__dataclass_fields__}
        progress = Progress(**{**kept["progress"], "counts": tuple(kept["progress"]["counts"])})
        endless = {"elo": np.copysign(np.inf, progress.score - 0.5), "lower": -np.inf, "upper": np.inf}
        ends = {key: endless[key] if value is None else value for key, value in kept["estimate"].items()}
        made = {"test": SPRT(**kept["test"]), "progress": progress, "estimate": Estimate(**ends)}
        paths = {"hashes": tuple(kept["hashes"]), "trace": tuple((units, llr) for units, llr in kept["trace"])}
        return cls(**{**kept, **made, **paths})


def play_until_known(
    game: Game,
    one: Policy,
    other: Policy,
    store: RunStore,
    test: SPRT,
    *,
    names: tuple[str, str] | None = None,
    most: int = MOST_UNITS,
    seed: int = 0,
    played: Played | None = None,
    until: float | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> Stopped:
    """Plays until the test of `one` against `other` is decided, or `most` units, or the `time.monotonic()` of `until`.

    names: what the two are called, by default as their policies are. executor: who plays; by default this process.

    Looks come after the same units whatever the store holds already, so the verdict is that of the games and not of
    when the command was called. What is decided is kept as an event.
    """
    if one.policy_hash == other.policy_hash:
        raise EvaluationError(f"{one.name} and {other.name} are one policy (hash {one.policy_hash}): nothing to test")
    if most < 1:
        raise EvaluationError(f"a test plays 1 or more units: got {most}")
    games, seeds = unit_games(game), unit_seeds(seed, "sprt", most)
    hashes = (one.policy_hash, other.policy_hash)
    policies = {policy.policy_hash: policy for policy in (one, other)}
    called = names or (one.name, other.name)
    with store.transaction():
        for name, policy in zip(called, (one, other), strict=True):
            store.add_member(Member(name, str(policy.identity().get("kind")), "entrant", policy.policy_hash))
    trace: list[tuple[int, float]] = []
    units, progress, out_of_time = 0, test.progress(np.zeros(2 * games + 1, np.int64)), False
    while units < most and progress.decision is None and not out_of_time:
        batch = seeds[units : units + max(BATCH, units // 8)]
        keys = unit_keys(game, *hashes, batch, games)
        done = play_into(store, game, policies, keys, until=until, threads=threads, executor=executor)
        scores, _ = _scores(store, hashes, seeds[: units + len(batch)], games)
        if len(scores) < units + len(batch):
            out_of_time = True
            break
        units += len(batch)
        progress = test.progress(_counts(scores, games))
        trace.append((units, progress.llr))
        if played and done:
            played(units, most)
    if not units:
        raise EvaluationError("time ran out before the first look: no complete batch of units was played")
    _, distinct = _scores(store, hashes, seeds[:units], games)
    why = ""
    if play_varies(game):
        try:
            require_distinct(units, distinct)
        except CopiesError as refusal:
            why = str(refusal)
    estimate = test.estimate(progress.counts)
    found = Stopped(*called, hashes, test, progress, estimate, tuple(trace), distinct, games, why)
    store.add_event(0, "sprt", found.as_values())
    return found


def _scores(store: RunStore, hashes: tuple[str, str], seeds: list[int], games: int) -> tuple[np.ndarray, int]:
    """The first member's score in [0, 1] of each complete unit of these seeds, and how many units differ."""
    wanted: dict[int, list[Any]] = {seed: [] for seed in seeds}
    for record in store.games(*hashes):
        if record.key.seed in wanted:
            wanted[record.key.seed].append(record)
    units = [records for records in wanted.values() if len(records) == games]
    outcome = np.array([[record.outcome for record in records] for records in units], np.int8).reshape(-1, games)
    return points(outcome), len({tuple(record.trajectory for record in records) for records in units})


def _counts(scores: np.ndarray, games: int) -> np.ndarray:
    """Units by outcome: five of pairs, three of single games."""
    return pentanomial(scores) if games == 2 else np.bincount(np.rint(2 * scores).astype(np.int64), minlength=3)
