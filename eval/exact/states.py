"""The distinct states of a game of perfect information, and where every pair of choices leads: matches are bytes.

Both sides may choose at once and chance may have a say; nothing else may be hidden. Records that are equal are one
state, however they came about (`walk.py` finds them all). Before they are compared, what no longer decides the future
is blanked: the header's seed, episode and tape here (chance is enumerated), the arena's own fields by the rule that it
declares (`Arena.canonical`).
"""

from dataclasses import dataclass

import numpy as np

from ...arenas.arena import Game
from ...arenas.batch import Batch
from ...league.exact.sequence import ExactError
from .kernels import kernel

CHUNK = 1 << 12
"""Matches stepped at once: their records stay in the processor's caches."""
END = -1
"""Where a match is over there is no next state."""


@dataclass(frozen=True)
class Choices:
    """What one side may do in each state: rows `first[s]` to `first[s + 1]` of `actions`."""

    first: np.ndarray  # int64 [N + 1]
    actions: np.ndarray  # int16 [Q, K]

    @property
    def count(self) -> np.ndarray:
        """int64 [N]"""
        return np.diff(self.first)


@dataclass(frozen=True)
class Edges:
    """Where pairs of choices lead. P pairs, laid out state by state, row by row; E outcomes, several with chance."""

    pair: np.ndarray  # int64 [N + 1]: a state's pairs
    first: np.ndarray | None  # int64 [P + 1]: a pair's outcomes; None: one each
    chance: np.ndarray | None  # float64 [E]
    successor: np.ndarray  # int32 [E], END where the match is over
    paid: np.ndarray  # float64 [E]: utility that the first side gains on the way

    def worth(self, values: np.ndarray, low: int = 0, high: int | None = None) -> np.ndarray:
        """What each pair of the states `low` to below `high` is worth to the first side, given values [N]: [pairs]."""
        high = len(self.pair) - 1 if high is None else high
        pairs = slice(int(self.pair[low]), int(self.pair[high]))
        outcomes = pairs if self.first is None else slice(int(self.first[pairs.start]), int(self.first[pairs.stop]))
        successor = self.successor[outcomes]
        worth = self.paid[outcomes] + np.where(successor == END, 0.0, values[successor])
        if self.first is None or self.chance is None:
            return worth
        starts = self.first[pairs.start : pairs.stop] - outcomes.start
        return np.add.reduceat(worth * self.chance[outcomes], starts) if len(starts) else np.zeros(0)


@dataclass(frozen=True)
class States:
    """A game enumerated: N states in the order they were found, level by level from the beginnings."""

    game: Game
    records: np.ndarray  # [N], canonical
    masks: np.ndarray  # uint8 [N, S, K, C]
    levels: tuple[int, ...]  # where each level begins, and N
    start: np.ndarray  # int64 [B]: states in which a match may begin
    start_chance: np.ndarray  # float64 [B]
    start_value: float  # expected utility paid before that
    choices: tuple[Choices, Choices]
    edges: Edges
    layered: bool  # whether every step leads to the next level: no state can come again

    def __len__(self) -> int:
        return len(self.records)

    @property
    def decisive(self) -> np.ndarray:
        """bool [N]: where anybody has more than one choice."""
        return (self.choices[0].count > 1) | (self.choices[1].count > 1)

    def root(self, values: np.ndarray) -> float:
        """The first side's expected utility when a match begins, given values [N]."""
        return self.start_value + float(self.start_chance @ values[self.start])


def check_game(game: Game) -> None:
    """Refuses what is no game of two sides with perfect information, naming the fact."""
    name = game.arena.name
    if game.sides != 2:
        raise ExactError(f"{name} has {game.sides} side: only games of two sides can be solved")
    if game.delay > 0:
        raise ExactError(
            f"{name} has delay = {game.delay}: what the other side has chosen and not yet played is hidden, so its "
            "states are no games of their own: expected delay = 0"
        )
    if not (game.perfect_information or game.public_history):
        raise ExactError(
            f"{name} has hidden information (perfect_information = False, public_history = False): its states are "
            "no games of their own; where it is small enough, `enumerate_game` solves it by histories"
        )


def canonical(game: Game, records: np.ndarray) -> np.ndarray:
    """The records with everything blanked, in place, that decides no future."""
    for name in ("seed", "episode", "tape_row", "tape_cursor", "tape_stream", "tape_faces", "tape_at", "tape_check"):
        records[name] = 0
    records["tape_length"] = -1
    if game.delay == 0:
        records["pending"] = 0  # written anew at each decision
    if game.arena.canonical is not None:
        game.arena.canonical(game, records)
    return records


def as_words(records: np.ndarray) -> np.ndarray:
    """Records [N] as rows of 32-bit words, without a copy: copying structured records field by field is slow."""
    return records.view(np.uint32).reshape(len(records), records.dtype.itemsize // 4)


def confusions(states: States) -> int:
    """How often two different states may follow one state and one choice of a side and look alike to it, or two look
    alike with which a match begins. Where that is never so, what a side has seen and done tells it the state, however
    it came about: exactly, as all states are looked at.
    """
    seen, edges, found = looks(states), states.edges, 0
    counts = [choices.count for choices in states.choices]
    state = np.repeat(np.arange(len(states)), counts[0] * counts[1])
    row, column = np.divmod(np.arange(len(state)) - edges.pair[state], counts[1][state])
    for side, choice in enumerate((row, column)):
        own = states.choices[side].first[state] + choice
        if edges.first is not None:
            own = np.repeat(own, np.diff(edges.first))
        on = edges.successor != END
        follows = np.append(edges.successor[on], states.start)
        after = np.append(own[on], np.full(len(states.start), -1))
        found += _distinct(after, follows) - _distinct(after, seen[follows, side])
    return found


def _distinct(one: np.ndarray, other: np.ndarray) -> int:
    """How many different pairs there are."""
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    return int(((one[1:] != one[:-1]) | (other[1:] != other[:-1])).sum()) + int(len(one) > 0)


def looks(states: States) -> np.ndarray:
    """What each side sees in each state, numbered alike where it is alike: int64 [N, 2]."""
    batch = Batch(states.game, min(CHUNK, max(len(states), 1)), auto_reset=False, threads=1)
    words = states.game.observation.size
    seen = np.zeros((2, len(states)), np.int64)
    for side in range(2):
        store, hashes = (
            np.zeros((len(states) + len(batch), words), np.uint32),
            np.zeros(len(states) + len(batch), np.int64),
        )
        slots, count = np.zeros(1 << (2 * len(store)).bit_length(), np.int64), 0
        for low in range(0, len(states), len(batch)):
            records = states.records[low : low + len(batch)]
            as_words(np.asarray(batch.state))[: len(records)] = as_words(records)
            batch.look()
            rows = np.ascontiguousarray(batch.observations[: len(records), side]).view(np.uint32)
            count = int(kernel("intern")(rows, store, hashes, slots, count, seen[side, low : low + len(records)]))
    return seen.T
