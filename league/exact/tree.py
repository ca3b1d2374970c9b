"""The game tree of an arena from its rules alone: what may be done is `legal`, chance is the tape, and what a side
knows is what `observe` has shown it so far and what it has done itself.

The tree is walked tick by tick, all histories of a tick at once. Of the histories only counts and the payoffs where
they end are kept: the rest of the game is its sequence form (`sequence.py`) and what each side has seen (`Sights`).

Where both sides choose in one tick, the first side's choice comes first and the second does not see it. The slots of an
action are choices in their order. A side with a single legal choice has no decision, but remembers what it saw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ...arenas.arena import Game
from ...arenas.buffers import row_bytes
from ...arenas.launch import available_memory
from .outcomes import Outcomes, Player, ranges
from .sequence import ExactError, SequenceForm, Side

LIMIT = 2_000_000
"""Histories at which enumeration gives up, unless told otherwise."""


@dataclass(frozen=True)
class Sights:
    """What one side may know at one tick: N rows, one for each thing it may have seen and done so far.

    Its joint actions are J rows: the sight they belong to, all slots' choices, and the sequence they complete.
    """

    parent: np.ndarray  # int64 [N]: the sight one tick earlier
    action: np.ndarray  # int16 [N, K]: what the side did there
    observation: np.ndarray  # float32 [N, F]
    mask: np.ndarray  # uint8 [N, K, C]
    of_history: np.ndarray  # int64 [H]: which of the sights each of the tick's histories is to this side
    example: np.ndarray  # int64 [N]: the first history that looks like this
    records: np.ndarray  # [H]: the matches themselves, shared by both sides
    entry: np.ndarray  # int64 [N]: the sequence with which the side comes here
    joint_sight: np.ndarray  # int64 [J]
    joint_action: np.ndarray  # int16 [J, K]
    joint_sequence: np.ndarray  # int64 [J]
    sets: tuple[int, int]  # the first and the last + 1 of the information sets that lie here

    def __len__(self) -> int:
        return len(self.parent)

    @property
    def to_move(self) -> np.ndarray:
        """bool [N]: whether the side may do anything but wait (choice 0 of every slot)."""
        moves = np.zeros(len(self), np.bool_)
        np.logical_or.at(moves, self.joint_sight, self.joint_action.any(axis=1))
        return moves


@dataclass(frozen=True)
class Decisions:
    """Where the information sets of one side lie. I rows; Q sequences."""

    sight: np.ndarray  # int64 [I]: row of the sights of its tick
    slot: np.ndarray  # int64 [I]
    choice: np.ndarray  # int64 [Q]: the choice that makes a sequence; -1 for the empty one


@dataclass(frozen=True)
class Tree:
    """A game enumerated."""

    game: Game
    form: SequenceForm
    sights: tuple[list[Sights], list[Sights]]  # by side and tick
    decisions: tuple[Decisions, Decisions]  # by side
    states: int  # histories: decisions, chance and ends
    ends: int  # histories at which a match is over

    @property
    def information_sets(self) -> tuple[int, int]:
        """By side: how many different things it may know when it is to move."""
        first, second = (sum(int(tick.to_move.sum()) for tick in side) for side in self.sights)
        return first, second

    @property
    def ticks(self) -> int:
        """The longest match's decisions."""
        return len(self.sights[0])


def enumerate_game(game: Game, limit: int = LIMIT) -> Tree:
    """Walks the whole game. Refused where it has more histories than `limit`, naming how many were reached."""
    if game.sides != 2:
        raise ExactError(f"{game.arena.name} has {game.sides} side: only games of two sides can be solved")
    player, count = Player(game), _Count(game, limit)
    walks = (_Walk(player, 0, count.foresee), _Walk(player, 1, count.foresee))
    at = player.starts(count.foresee)
    count.add(at.draws)
    chance = at.chance
    sight = np.zeros((2, len(at)), np.int64)  # of each side one tick earlier
    action = np.zeros((len(at), 2, game.action.count), np.int16)
    sequence = np.zeros((2, len(at)), np.int64)
    payoffs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while len(at):
        rows = [walk.look(at, sight[s], action[:, s], sequence[s]) for s, walk in enumerate(walks)]
        seen = [walk.sights[-1] for walk in walks]
        options = [_Options.of(tick)[row] for tick, row in zip(seen, rows, strict=True)]
        first, second = (walk.decided[row] for walk, row in zip(walks, rows, strict=True))
        count.add(int(np.maximum(first + options[0].count * second, 1).sum()))

        pairs = options[0].count * options[1].count
        count.foresee(int(pairs.sum()))
        history, pair = np.repeat(np.arange(len(at)), pairs), ranges(pairs)
        width = options[1].count[history]
        joint = np.stack([options[0].first[history] + pair // width, options[1].first[history] + pair % width])
        actions = np.stack([tick.joint_action[j] for tick, j in zip(seen, joint, strict=True)], axis=1)
        after = player.successors(at.records[history], actions, count.foresee)
        count.add(after.draws + int(after.done.sum()))

        history, joint = history[after.origin], joint[:, after.origin]
        chance = chance[history] * after.chance
        sequence = np.stack([tick.joint_sequence[j] for tick, j in zip(seen, joint, strict=True)])
        over, on = after.done, ~after.done
        payoffs.append((sequence[0, over], sequence[1, over], chance[over] * after.utility[over]))
        sight = np.stack([row[history[on]] for row in rows])
        action, sequence, chance = actions[after.origin][on], sequence[:, on], chance[on]
        at = _only(after, on)
    sides = walks[0].side(), walks[1].side()
    row, column, value = (np.concatenate(part) for part in zip(*payoffs, strict=True))
    shape = (sides[0].sequences, sides[1].sequences)
    payoff = sparse.csr_array(sparse.coo_array((value, (row, column)), shape=shape))
    return Tree(
        game=game,
        form=SequenceForm(sides, payoff),
        sights=(walks[0].sights, walks[1].sights),
        decisions=(walks[0].decisions(), walks[1].decisions()),
        states=count.states,
        ends=len(value),
    )


class _Count:
    """Histories so far, and when there are too many."""

    def __init__(self, game: Game, limit: int):
        self.name, self.limit, self.states = game.arena.name, limit, 0
        self._bytes = 2 * row_bytes(game)  # of a history while its tick is put together

    def add(self, more: int) -> None:
        self.foresee(more)
        self.states += more

    def foresee(self, more: int) -> None:
        """Refuses to go on where so many more histories would be too many."""
        if self.states + more > self.limit:
            raise ExactError(
                f"{self.name} is too large to enumerate: {self.states + more:,} histories reached, "
                f"the limit is {self.limit:,}"
            )
        if more * self._bytes > 0.9 * available_memory():
            raise ExactError(
                f"{self.name} is too large to enumerate: {self.states:,} histories reached, and {more:,} more need "
                f"{more * self._bytes / 2**20:,.0f} MiB of memory, which are not available"
            )


@dataclass(frozen=True)
class _Options:
    """The rows of joint actions that belong to each sight: `count` of them from `first` on."""

    first: np.ndarray  # int64 [N]
    count: np.ndarray  # int64 [N]

    @classmethod
    def of(cls, sights: Sights) -> "_Options":
        count = np.bincount(sights.joint_sight, minlength=len(sights))
        return cls(np.cumsum(count) - count, count)

    def __getitem__(self, rows: np.ndarray) -> "_Options":
        return _Options(self.first[rows], self.count[rows])


class _Walk:
    """What one side sees and decides, collected tick by tick."""

    def __init__(self, player: Player, side: int, foresee: Callable[[int], None]):
        self.player, self.index, self.foresee = player, side, foresee
        self.sights: list[Sights] = []
        self.decided = np.zeros(0, np.int64)  # [N]: information sets at each sight of the last tick
        self.sets, self.sequences = 0, 1
        self._parent: list[np.ndarray] = []
        self._count: list[np.ndarray] = []
        self._sight: list[np.ndarray] = []
        self._slot: list[np.ndarray] = []
        self._choice: list[np.ndarray] = [np.array([-1])]

    def look(self, at: Outcomes, past: np.ndarray, action: np.ndarray, sequence: np.ndarray) -> np.ndarray:
        """Groups histories by what this side knows, adds that to its sights, and says which history is which row."""
        observation = np.ascontiguousarray(at.observations[:, self.index])
        row, first = _distinct(past, action, observation)
        mask = at.masks[first, self.index]
        if not np.array_equal(at.masks[:, self.index], mask[row]):
            raise ExactError(
                f"{self.player.game.arena.name}: what is legal for side {self.index} at decision {len(self.sights)} "
                "differs between matches that it cannot tell apart: `observe` must show what `legal` depends on"
            )
        begins = self.sets
        joint_sight, joint_action, joint_sequence = self._decide(mask, at.records[first], sequence[first])
        self.sights.append(
            Sights(
                parent=past[first],
                action=action[first],
                observation=observation[first],
                mask=mask,
                of_history=row,
                example=first,
                records=at.records,
                entry=sequence[first],
                joint_sight=joint_sight,
                joint_action=joint_action,
                joint_sequence=joint_sequence,
                sets=(begins, self.sets),
            )
        )
        return row

    def _decide(
        self, mask: np.ndarray, records: np.ndarray, entry: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The joint actions of sights, slot by slot, with a new information set wherever there is more than one."""
        sight, sequence = np.arange(len(mask)), entry
        actions = np.zeros(mask.shape[:2], np.int16)
        self.decided = np.zeros(len(mask), np.int64)
        for slot in range(mask.shape[1]):
            legal = mask[sight, slot]
            if self.player.game.arena.rules.refine is not None:
                legal = self.player.narrowed(records[sight], self.index, slot, actions)
            count = legal.sum(axis=1, dtype=np.int64)
            self.foresee(int(count.sum()))  # every joint action of a sight leads to a history of its own, or to more
            chooses = count > 1
            self._parent.append(sequence[chooses])
            self._count.append(count[chooses])
            self._sight.append(sight[chooses])
            self._slot.append(np.full(int(chooses.sum()), slot))
            self.sets += int(chooses.sum())
            np.add.at(self.decided, sight[chooses], 1)

            prefix, choice = np.nonzero(legal)
            new = chooses[prefix]
            self._choice.append(choice[new])
            sequence = sequence[prefix]
            sequence[new] = self.sequences + np.arange(int(new.sum()))
            self.sequences += int(new.sum())
            sight, actions = sight[prefix], actions[prefix]
            actions[:, slot] = choice
        return sight, actions, sequence

    def side(self) -> Side:
        """This side's information sets: each slot of each tick is a level."""
        ends = np.cumsum([len(level) for level in self._parent])
        starts = np.append(0, ends[:-1])
        start = 1 + np.append(0, np.cumsum(np.concatenate(self._count)))
        levels = tuple((int(a), int(b)) for a, b in zip(starts, ends, strict=True))
        return Side(np.concatenate(self._parent), start, levels)

    def decisions(self) -> Decisions:
        """Where they lie."""
        return Decisions(*map(np.concatenate, (self._sight, self._slot, self._choice)))


def _distinct(past: np.ndarray, action: np.ndarray, observation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers equal rows alike, in order of first appearance: (number [n], first row of each [N])."""
    parts = [np.ascontiguousarray(part).view(np.uint8).reshape(len(past), -1) for part in (past, action, observation)]
    table = np.concatenate(parts, axis=1)
    _, first, number = np.unique(table.view(f"V{table.shape[1]}").ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[number], first[order]


def _only(outcomes: Outcomes, where: np.ndarray) -> Outcomes:
    """The marked rows."""
    taken = {name: array[where] for name, array in vars(outcomes).items() if name != "draws"}
    return Outcomes(**taken, draws=0)
