"""Formats that choose who meets whom from what has happened: Swiss rounds, and a ladder of challenges.

Every round is fixed by the results before it, which are fixed by their games: called again, the same rounds come out of
the store, and only what is missing is played.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..agents.policy import Policy
from ..arenas.arena import Game
from ..league.executor import Executor
from ..league.records import GameKey
from ..league.store import RunStore
from .playing import EvaluationError, Played, play_into, unit_games, unit_keys, unit_seeds
from .tournament import enter

SWISS, LADDER = "swiss", "ladder"
ROUND_ROBIN = "round-robin"
FORMATS = (ROUND_ROBIN, SWISS, LADDER)
BYE = ""
"""Who meets the one member left over in a round: nobody, and that is a win."""

Meeting = tuple[str, str]


@dataclass(frozen=True)
class Placing:
    """Where a member came. points: won meetings, drawn ones half; score: the sum of its mean scores in them, each in
    [0, 1]; opposition: the points of all it met (Buchholz). In a ladder only the place counts.
    """

    place: int  # from 1
    name: str
    points: float
    score: float
    opposition: float
    meetings: int


@dataclass(frozen=True)
class Rounds:
    """What was played. `missing` are the games that the round at hand lacks; 0: all rounds are whole."""

    form: str
    rounds: tuple[tuple[Meeting, ...], ...]  # whole ones, in order
    placings: tuple[Placing, ...]
    played: int
    missing: int


def swiss_rounds(members: int) -> int:
    """How many rounds single out a winner: ceil(log2 n), and no more than can surely be drawn without rematches."""
    return max(1, min(math.ceil(math.log2(members)), (members + members % 2) // 2))


def pair_swiss(order: Sequence[str], met: set[frozenset[str]]) -> list[Meeting]:
    """Pairs members by strength, each with the next below it whom it has not met. order: best first.

    Of an odd number the last who has not had it yet has the bye: a meeting with `BYE`.
    """
    left = [*order, BYE] if len(order) % 2 else list(order)
    meetings: list[Meeting] = []

    def pair(left: list[str]) -> bool:
        if not left:
            return True
        first, *others = left
        for i, other in enumerate(others):
            if frozenset((first, other)) not in met:
                meetings.append((first, other))
                if pair(others[:i] + others[i + 1 :]):
                    return True
                meetings.pop()
        return False

    if not pair(left):
        raise EvaluationError(
            f"no round of {len(order)} members is left in which nobody meets again: play fewer rounds"
        )
    return meetings


def challenges(order: Sequence[str], number: int) -> list[Meeting]:
    """Who challenges whom in a ladder's round: neighbours, by turns from the top and from the second place.

    order: top first. After as many rounds as members every order can have become every other (it is the odd-even
    transposition sort: Knuth, The Art of Computer Programming 3, section 5.3.4, exercise 37).
    """
    return [(order[at], order[at + 1]) for at in range(number % 2, len(order) - 1, 2)]


def play_rounds(
    form: str,
    game: Game,
    members: Mapping[str, Policy],
    store: RunStore,
    *,
    pairs: int,
    rounds: int = 0,
    seed: int = 0,
    kinds: Mapping[str, str] | None = None,
    played: Played | None = None,
    until: float | None = None,
    executor: Executor | None = None,
) -> Rounds:
    """Plays a Swiss tournament or a ladder as far as the store lacks it.

    pairs: units of each meeting. rounds: 0 for `swiss_rounds`, or for a ladder one a member. A ladder begins in the
    order of `members`, the last on top. until: a `time.monotonic()` at which to stop.
    """
    table = _Table(form, game, members, store, pairs, seed)
    count = rounds or (swiss_rounds(len(members)) if form == SWISS else len(members))
    if form == SWISS and count > (most := (len(members) + 1) // 2):
        raise EvaluationError(
            f"{count} rounds of {len(members)} members: expected {most} or fewer, so that nobody meets again "
            "(round-robin lets everybody meet)"
        )
    enter(store, members, kinds)
    policies = {policy.policy_hash: policy for policy in members.values()}
    done = 0
    for number in range(count):
        meetings = table.next_round(number)
        keys = [key for meeting in meetings if BYE not in meeting for key in table.keys(number, meeting)]
        done += play_into(store, game, policies, keys, _of_all(played, number, count), until=until, executor=executor)
        if missing := store.missing_keys(keys):
            return table.rounds(done, len(missing))
        table.note(number, meetings)
        if until is not None and time.monotonic() > until and number + 1 < count:
            following = [one for one in table.next_round(number + 1) if BYE not in one]
            return table.rounds(done, sum(len(table.keys(number + 1, one)) for one in following))
    return table.rounds(done, 0)


class _Table:
    """Who has met whom with what result."""

    def __init__(
        self, form: str, game: Game, members: Mapping[str, Policy], store: RunStore, pairs: int, seed: int
    ) -> None:
        if form not in (SWISS, LADDER):
            raise EvaluationError(f"no format {form!r} of rounds: expected {SWISS} or {LADDER}")
        self.form, self.game, self.store, self.pairs, self.seed = form, game, store, pairs, seed
        self.hashes = {name: policy.policy_hash for name, policy in members.items()}
        self.order = list(members)[::-1] if form == LADDER else list(members)  # top first
        self.games = unit_games(game)
        self.points, self.score = dict.fromkeys(members, 0.0), dict.fromkeys(members, 0.0)
        self.met: list[Meeting] = []
        self.whole: list[tuple[Meeting, ...]] = []

    def keys(self, number: int, meeting: Meeting) -> list[GameKey]:
        """The games of a meeting in a round: setups that all meetings of the round share."""
        seeds = unit_seeds(self.seed, self.form, self.pairs, number)
        row, column = (self.hashes[name] for name in meeting)
        return unit_keys(self.game, row, column, seeds, self.games)

    def next_round(self, number: int) -> list[Meeting]:
        """Who meets whom, after the rounds noted."""
        if self.form == LADDER:
            return challenges(self.order, number)
        return pair_swiss(self.order, {frozenset(meeting) for meeting in self.met})

    def note(self, number: int, meetings: Sequence[Meeting]) -> None:
        """Takes the results of a round from the store, and orders the members by them."""
        for row, column in meetings:
            score = 1.0 if column == BYE else self._score(number, (row, column))
            won = float(score > 0.5) + 0.5 * (score == 0.5)
            for name, points, mean in ((row, won, score), (column, 1 - won, 1 - score)):
                if name != BYE:
                    self.points[name] += points
                    self.score[name] += mean
            if self.form == LADDER and score < 0.5:  # the challenger takes the place; a draw defends it
                at = self.order.index(row)
                self.order[at], self.order[at + 1] = column, row
        self.met += meetings
        self.whole.append(tuple(meetings))
        if self.form == SWISS:  # a stable sort: what is equal stays in the order before
            self.order.sort(key=self._strength, reverse=True)

    def rounds(self, played: int, missing: int) -> Rounds:
        """The verdict so far."""
        opposition = {name: sum(self.points[other] for other in self._met_by(name)) for name in self.order}
        order = list(self.order)
        if self.form == SWISS:
            order.sort(key=lambda name: (*self._strength(name), opposition[name]), reverse=True)
        placings = [
            Placing(at, name, self.points[name], self.score[name], opposition[name], len(self._met_by(name)))
            for at, name in enumerate(order, 1)
        ]
        return Rounds(self.form, tuple(self.whole), tuple(placings), played, missing)

    def _strength(self, name: str) -> tuple[float, float]:
        return self.points[name], self.score[name]

    def _met_by(self, name: str) -> list[str]:
        others = [set(meeting) - {name} for meeting in self.met if name in meeting]
        return [other for (other,) in others if other != BYE]

    def _score(self, number: int, meeting: Meeting) -> float:
        """The row's mean score in a meeting's games."""
        keys = set(self.keys(number, meeting))
        row, column = (self.hashes[name] for name in meeting)
        outcomes = [record.outcome for record in self.store.games(row, column) if record.key in keys]
        return (sum(outcomes) / len(outcomes) + 1) / 2


def _of_all(played: Played | None, number: int, count: int) -> Played | None:
    """Tells of a round's games as part of all rounds, each taken to be as long."""
    if played is None:
        return None
    return lambda done, wanted: played(number * wanted + done, count * wanted)
