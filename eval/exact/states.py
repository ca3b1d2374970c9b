"""The distinct states of a game of perfect information, and where every pair of choices leads: matches are bytes.

Both sides may choose at once and chance may have a say; nothing else may be hidden. From its beginnings a game is
played on by all pairs of legal choices, thousands of matches a compiled step, and records that are equal are one state,
however they came about. Before they are compared, what no longer decides the future is blanked: the header's seed,
episode and tape here (chance is enumerated), the arena's own fields by the rule that it declares (`Arena.canonical`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...arenas.arena import Game, Outcome
from ...arenas.batch import Batch
from ...arenas.launch import available_memory
from ...league.exact.outcomes import Outcomes, Player, ranges
from ...league.exact.sequence import ExactError
from .kernels import kernel

LIMIT = 1_000_000
"""States at which enumeration gives up, unless told otherwise."""
CHUNK = 1 << 12
"""Matches stepped at once: their records stay in the processor's caches."""
END = -1
"""Where a match is over there is no next state."""
EDGE_BYTES = 24
Told = Callable[[int, int], None]
"""Told how many states were played on, and how many are known."""


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


def enumerate_states(game: Game, limit: int = LIMIT, told: Told | None = None) -> States:
    """Plays the whole game. Refused where it has more states than `limit`, naming how many were reached."""
    check_game(game)
    states = Walk(game, limit).everything(told)
    if not game.perfect_information and (confused := confusions(states)):
        raise ExactError(
            f"{game.arena.name} has hidden information: {confused:,} times two states that a side comes to in one way, "
            "by what it has seen and done, look alike to it"
        )
    return states


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


class Walk:
    """Collects states and edges."""

    def __init__(self, game: Game, limit: int):
        self.game, self.limit, self.player = game, limit, Player(game, looks=False)
        self.words = game.state.itemsize // 4
        self.at_once = min(
            CHUNK, max(64, (1 << 18) // game.state.itemsize)
        )  # pairs that throw dice: their outcomes fit
        self.count = 0
        self.store = np.zeros((1024, self.words), np.uint32)
        self.masks = np.zeros((1024, 2, game.action.count, game.action.choices), np.uint8)
        self._hashes, self._slots = np.zeros(1024, np.int64), np.zeros(4096, np.int64)
        self._batches: dict[int, Batch] = {}
        self.options: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        self.counts: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        self.successor: list[np.ndarray] = []
        self.paid: list[np.ndarray] = []
        self.outcomes: list[np.ndarray] = []
        self.chance: list[np.ndarray] = []
        self.edges = 0

    def everything(self, told: Told | None = None) -> States:
        """From the beginnings to the ends."""
        at = self.starts()
        start = self.number(at.records[~at.done], at.masks[~at.done])
        levels, low = [0], 0
        while low < self.count:
            high = self.count
            levels.append(high)
            while low < high:
                low = self.play_on(low, high)
                if told:
                    told(low, self.count)
        return self.finished(levels, at, start)

    def starts(self) -> Outcomes:
        """All ways in which a match may begin."""
        return self.player.starts(self.foresee)

    @property
    def records(self) -> np.ndarray:
        """Those known."""
        return self.store[: self.count].view(self.game.state)[:, 0]

    def foresee(self, more: int) -> None:
        """Refuses to go on where so many more outcomes would not fit into memory."""
        needed = (self.edges + more) * EDGE_BYTES + 2 * self.count * self.words * 4
        if needed > 0.9 * available_memory():
            raise ExactError(
                f"{self.game.arena.name} is too large: {self.count:,} states reached, {self.edges:,} outcomes of their "
                f"choices, and {more:,} more do not fit into memory"
            )

    def number(self, records: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Which states these are, int64 [n]; new ones are added. The records are made canonical."""
        words = as_words(canonical(self.game, records))
        self._grow(self.count + len(words))
        number, before = np.zeros(len(words), np.int64), self.count
        self.count = int(kernel("intern")(words, self.store, self._hashes, self._slots, before, number))
        if self.count > self.limit:
            raise ExactError(
                f"{self.game.arena.name} is too large to solve by states: {self.count:,} reached, the limit is "
                f"{self.limit:,}"
            )
        new, row = np.unique(number, return_index=True)
        fresh = new >= before
        self.masks[new[fresh]] = masks[row[fresh]]
        return number

    def _grow(self, wanted: int) -> None:
        while wanted > len(self.store):
            self.foresee(0)
            more = len(self.store)
            self.store = np.concatenate([self.store, np.zeros_like(self.store)])
            self.masks = np.concatenate([self.masks, np.zeros_like(self.masks)])
            self._hashes = np.concatenate([self._hashes, np.zeros(more, np.int64)])
        if 2 * wanted > len(self._slots):
            self._slots = np.zeros(4 * len(self._slots), np.int64)
            kernel("rehash")(self._hashes, self.count, self._slots)

    def play_on(self, low: int, high: int) -> int:
        """Plays some of the states from `low` on by all pairs of choices; returns where it stopped, `high` at most."""
        high = min(high, low + CHUNK)
        counts, options = zip(*(self.joint(side, low, high) for side in range(2)), strict=True)
        pairs = counts[0] * counts[1]
        take = max(1, int(np.searchsorted(np.cumsum(pairs), CHUNK, "right")))
        high = low + take
        state = np.repeat(np.arange(take), pairs[:take])
        pair, width = ranges(pairs[:take]), counts[1][state]
        begins = [np.cumsum(count) - count for count in counts]
        rows = (begins[0][state] + pair // width, begins[1][state] + pair % width)
        actions = np.stack([options[side][rows[side]] for side in range(2)], axis=1)
        for side in range(2):
            self.counts[side].append(counts[side][:take])
            self.options[side].append(options[side][: int(counts[side][:take].sum())])
        self.step(low + state, actions)
        return high

    def joint(self, side: int, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        """A side's legal joint actions in some states, slot by slot: how many each has, int64 [n], and all of them."""
        masks = self.masks[low:high, side]
        state, actions = np.arange(high - low), np.zeros((high - low, masks.shape[1]), np.int16)
        for slot in range(masks.shape[1]):
            legal = masks[state, slot]
            if slot and self.game.arena.rules.refine is not None:
                legal = self.player.narrowed(self.records[low + state], side, slot, actions)
            prefix, choice = np.nonzero(legal)
            state, actions = state[prefix], actions[prefix]
            actions[:, slot] = choice
        return np.bincount(state, minlength=high - low), actions

    def step(self, state: np.ndarray, actions: np.ndarray) -> None:
        """Every outcome of these pairs of choices, in order; those that roll dice are played again for every throw."""
        n = len(state)
        outcomes, throws = np.ones(n, np.int64), np.zeros(0, np.int64)
        parts = []
        for low in range(0, n, CHUNK):
            rows = np.arange(low, min(low + CHUNK, n))
            batch, seen = self.batch(len(rows)), state[rows]
            played = as_words(np.asarray(batch.state))[: len(rows)]
            np.take(self.store, seen, axis=0, out=played)
            batch.state.tape_length[: len(rows)] = 0  # any throw of dice leaves a fault
            batch.state.tape_check[: len(rows)] = -1
            batch.masks[: len(rows)] = self.masks[seen]
            batch.actions[: len(rows)] = actions[rows]
            batch.step(batch.actions)
            faultless = batch.state.tape_faces[: len(rows)] == 0
            throws = np.append(throws, rows[~faultless])
            parts.append(self.added(seen, np.asarray(batch.state)[: len(rows)], batch.masks[: len(rows)], faultless))
        successor, paid = (np.concatenate(part) for part in zip(*parts, strict=True))
        chance = np.ones(n)
        keep = np.ones(n, np.bool_)
        keep[throws] = False
        found = [(np.flatnonzero(keep), successor[keep], paid[keep], chance[keep])]
        for low in range(0, len(throws), self.at_once):
            found.append(self.thrown(throws[low : low + self.at_once], state, actions, outcomes))
        origin, successor, paid, chance = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.argsort(origin, kind="stable")
        self.keep(outcomes, successor[order], paid[order], chance[order])

    def thrown(
        self, pairs: np.ndarray, state: np.ndarray, actions: np.ndarray, outcomes: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """All ways in which these pairs of choices go on: which pair, next state, utility gained, chance."""
        seen = state[pairs]
        found = self.player.successors(self.records[seen], actions[pairs], self.foresee)
        outcomes[pairs] = np.bincount(found.origin, minlength=len(pairs))
        more = self.added(seen[found.origin], found.records, found.masks, np.ones(len(found), np.bool_))
        return (pairs[found.origin], *more, found.chance)

    def keep(self, outcomes: np.ndarray, successor: np.ndarray, paid: np.ndarray, chance: np.ndarray) -> None:
        """Adds the outcomes of some pairs: how many each has, and what they are."""
        self.outcomes.append(outcomes)
        self.successor.append(successor)
        self.paid.append(paid)
        self.chance.append(chance)
        self.edges += len(successor)
        self.foresee(0)

    def added(
        self, origin: np.ndarray, after: np.ndarray, masks: np.ndarray, where: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What matches have become, where `where`: the next states (int32), and the utility gained on the way."""
        outcome = after["outcome"]
        if self.game.utility == "score":
            lead = after["score"].astype(np.int64) - self.records["score"][origin]
            paid = (lead[:, 0] - lead[:, 1]) * self.game.score_scale
        else:
            paid = (outcome == Outcome.FIRST).astype(np.float64) - (outcome == Outcome.SECOND)
        successor = np.full(len(after), END, np.int32)
        on = np.flatnonzero(where & (outcome == Outcome.RUNNING))
        going = np.take(as_words(after), on, axis=0).view(after.dtype)[:, 0]
        successor[on] = self.number(going, masks[on])
        return successor, paid

    def batch(self, wanted: int) -> Batch:
        """A batch with room for so many matches: few sizes, so that few are made."""
        size = 256 if wanted <= 256 else CHUNK
        if size not in self._batches:
            self._batches[size] = Batch(self.game, size, auto_reset=False, threads=1)
        return self._batches[size]

    def finished(self, levels: list[int], at: Outcomes, start: np.ndarray) -> States:
        """All of it. at: how a match may begin; start: which states those are that are not over at once."""
        outcomes = np.concatenate(self.outcomes) if self.outcomes else np.zeros(0, np.int64)
        counts = [np.concatenate(count) if count else np.zeros(0, np.int64) for count in self.counts]
        thrown = bool((outcomes > 1).any())
        edges = Edges(
            pair=_offsets(counts[0] * counts[1]),
            first=_offsets(outcomes) if thrown else None,
            chance=np.concatenate(self.chance) if thrown else None,
            successor=_joined(self.successor, np.int32),
            paid=_joined(self.paid, np.float64),
        )
        first, second = (
            Choices(_offsets(count), np.concatenate(options))
            for count, options in zip(counts, self.options, strict=True)
        )
        begins, which = np.unique(start, return_inverse=True)
        return States(
            game=self.game,
            records=self.records,
            masks=self.masks[: self.count],
            levels=tuple(levels),
            start=begins,
            start_chance=np.bincount(which.ravel(), at.chance[~at.done], len(begins)),
            start_value=float(at.chance @ at.utility),
            choices=(first, second),
            edges=edges,
            layered=_layered(levels, edges),
        )


def _offsets(counts: np.ndarray) -> np.ndarray:
    return np.append(0, np.cumsum(counts))


def _joined(parts: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


def _layered(levels: list[int], edges: Edges) -> bool:
    """Whether the states of each level lead to the next one and nowhere else."""
    for d in range(len(levels) - 1):
        low, high = (int(edges.pair[level]) for level in levels[d : d + 2])
        if edges.first is not None:
            low, high = int(edges.first[low]), int(edges.first[high])
        successor = edges.successor[low:high]
        if (successor[successor != END] < levels[d + 1]).any():
            return False
    return True
