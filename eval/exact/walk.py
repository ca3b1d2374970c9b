"""From a game's beginnings to its ends: every distinct state, and every outcome of every pair of choices in it.

A game is played on by all pairs of legal choices, thousands of matches a compiled step; what comes of them is numbered,
alike where it is alike, and only what is new is played on.
"""

from collections.abc import Callable

import numpy as np

from ...arenas.arena import Game, Outcome
from ...arenas.batch import Batch
from ...arenas.launch import available_memory
from ...league.exact.outcomes import Outcomes, Player, ranges
from ...league.exact.sequence import ExactError
from .kernels import kernel
from .states import CHUNK, END, Choices, Edges, States, as_words, canonical, check_game, confusions

LIMIT = 1_000_000
"""States at which enumeration gives up, unless told otherwise."""
EDGE_BYTES = 24
Told = Callable[[int, int], None]
"""Told how many states were played on, and how many are known."""


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


class Walk:
    """Collects states and edges."""

    def __init__(self, game: Game, limit: int):
        self.game, self.limit, self.player = game, limit, Player(game, looks=False)
        self.words = game.state.itemsize // 4
        self.at_once = min(CHUNK, max(64, (1 << 18) // game.state.itemsize))  # pairs that throw dice: outcomes must fit
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
        found: list[tuple[np.ndarray, ...]] = [(np.flatnonzero(keep), successor[keep], paid[keep], chance[keep])]
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
