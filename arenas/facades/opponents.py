"""Who plays the side that is not the learner's: a bot, random play, a policy, or a mixture drawn once a match."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..arena import Arena, ArenaError, nearest
from ..batch import Batch
from ..imagine import Seats

RANDOM = "random"
"""Uniform legal play from the match's own dice (`Batch.random_actions`), in every arena."""


class Opponent(Protocol):
    """What any object or function must do to play a side; `kumite.agents.policy.Policy` does.

    act(observation float32 [N, F], mask uint8 [N, K, C], state [N, M], rng) -> (actions int [N, K], state [N, M]), one
    row a match. `state` is its memory; an object that has one also has `initial_state(n)` -> [n, M] and
    `reset(state, where)` -> state, called as matches begin (`where`: bool [n]). A plain function is called like `act`
    and has no memory. An object whose `bot` names a compiled bot is played as that bot.

    Where an arena narrows later slots by earlier ones, an `act` that takes a fifth argument is given `refine`: (rows
    int [n] of the N, slot, actions int [n, K], mask uint8 [n, C]) -> mask uint8 [n, C], what is left to that slot. One
    that takes four chooses each slot for itself; its clashes are corrected and counted like other illegal choices.
    """

    def act(
        self,
        observation: np.ndarray,
        mask: np.ndarray,
        state: np.ndarray,
        rng: np.random.Generator,
        refine: Callable[..., np.ndarray] | None = None,
    ) -> tuple[Any, Any]: ...


OpponentChoice = Any
"""A name (of a bot, or "random"), an Opponent or function, or a mixture of these: a list of them, or of pairs (one of
them, weight), or {one of them: weight}, or an object with `members` and `weights`."""


@dataclass(frozen=True)
class Member:
    """One of a mixture."""

    name: str
    weight: float
    bot: int = -1  # its number, where it is a compiled bot
    policy: Any = None  # None also for random play


def members(arena: Arena, opponent: OpponentChoice) -> list[Member]:
    """The members of a mixture, weights adding up to one. Raises ArenaError for a wrong name, weight or kind."""
    entries: list[tuple[Any, Any]]
    if hasattr(opponent, "members") and hasattr(opponent, "weights"):  # a mixture of its own: its bots play as bots
        entries = list(zip(opponent.members, map(float, opponent.weights), strict=True))
    elif _plays(opponent) or isinstance(opponent, str):
        entries = [(opponent, 1)]
    elif isinstance(opponent, Mapping):
        entries = list(opponent.items())
    elif isinstance(opponent, Sequence):
        entries = [entry if _weighted(entry) else (entry, 1) for entry in opponent]
    else:
        entries = [(opponent, 1)]  # refused below, with the forms there are
    if not entries:
        raise ArenaError("opponent: got an empty mixture, expected one member at least")
    found = [_member(arena, who, weight) for who, weight in entries]
    total = sum(member.weight for member in found)
    if not total > 0:
        raise ArenaError(f"opponent: the weights add up to {total}, expected more than 0")
    return [Member(m.name, m.weight / total, m.bot, m.policy) for m in found]


def _plays(who: Any) -> bool:
    return callable(getattr(who, "act", None)) or callable(who)


def _weighted(entry: Any) -> bool:
    return isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], (int, float))


def _member(arena: Arena, who: Any, weight: Any) -> Member:
    if not isinstance(weight, (int, float)) or not 0 <= weight < float("inf"):
        raise ArenaError(f"opponent: weight of {who!r} = {weight!r}: expected a number, 0 or more")
    name = who if isinstance(who, str) else getattr(who, "bot", None)
    if isinstance(name, str):
        if name in arena.bots:
            return Member(name, weight, bot=arena.bot(name))
        if name == RANDOM:
            return Member(name, weight)
        raise ArenaError(f"{arena.name} has no opponent {name!r}" + nearest(name, [*arena.bots, RANDOM]))
    if not _plays(who):
        raise ArenaError(
            f"opponent = {who!r}: expected a name, an object with act(observation, mask, state, rng), "
            "a function called like it, or a mixture of these: a list, or a dict of weights"
        )
    return Member(str(getattr(who, "name", type(who).__name__)), weight, policy=who)


def _takes_five(act: Callable[..., Any]) -> bool:
    """Whether an `act` can be given a fifth argument."""
    try:
        inspect.signature(act).bind(*range(5))
    except (TypeError, ValueError):
        return False
    return True


class Opponents:
    """The other sides of a batch's matches: who plays each, and the memory of those who have one."""

    def __init__(self, batch: Batch, opponent: OpponentChoice):
        self.batch = batch
        self.members = members(batch.arena, opponent)
        self.number = np.zeros(len(batch), np.int64)  # which member plays in each match
        self._edges = np.cumsum([member.weight for member in self.members])[:-1]
        self._bots = np.array([member.bot for member in self.members], np.int8)
        self._acts = [self._act_of(member.policy) for member in self.members]
        refines = batch.arena.rules.refine is not None
        self._refining = [
            refines and member.policy is not None and _takes_five(act)
            for member, act in zip(self.members, self._acts, strict=True)
        ]
        self._memory = [self._fresh(member.policy, len(batch)) for member in self.members]
        self._random = [m for m, member in enumerate(self.members) if member.bot < 0 and member.policy is None]
        self._policies = [m for m, member in enumerate(self.members) if member.policy is not None]
        self.asked = bool(self._random or self._policies)  # False: bots only, which the batch plays by itself
        self._seats = batch.state.opponent  # int8 [B, 2], the header's own

    def draw(self, where: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> None:
        """Who plays the matches about to begin. where: bool [B]; other: the side they play, int [B]."""
        rows = np.flatnonzero(where)
        if len(self.members) > 1:
            self.number[rows] = np.searchsorted(self._edges, rng.random(len(rows)), side="right")
        self._seats[rows] = -1
        self._seats[rows, other[rows]] = self._bots[self.number[rows]]
        for m in self._policies:
            begins = where & (self.number == m)
            reset = getattr(self.members[m].policy, "reset", None)
            if reset is not None and begins.any():
                self._memory[m] = reset(self._memory[m], begins)

    def fill(self, actions: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> None:
        """Writes the other sides' choices into actions int [B, S, K]; what a bot plays, the batch adds by itself."""
        if any((self.number == m).any() for m in self._random):
            chosen = self.batch.random_actions()
            for m in self._random:
                rows = np.flatnonzero(self.number == m)
                actions[rows, other[rows]] = chosen[rows, other[rows]]
        for m in self._policies:
            rows = np.flatnonzero(self.number == m)
            if len(rows):
                given: list[Any] = [self.batch.observations[rows, other[rows]], self.batch.masks[rows, other[rows]]]
                given += [self._memory[m][rows], rng]
                if getattr(self.members[m].policy, "needs_seats", False):
                    chosen, memory, _ = self.members[m].policy.act_seated(Seats(self.batch, rows, other[rows]), *given)
                else:
                    if self._refining[m]:
                        given.append(self.batch.refiner(rows, other[rows]))
                    chosen, memory = self._acts[m](*given)
                actions[rows, other[rows]] = self._checked(chosen, (len(rows), actions.shape[2]), self.members[m].name)
                self._memory[m][rows] = memory

    @staticmethod
    def _act_of(policy: Any) -> Any:
        return getattr(policy, "act", policy)

    @staticmethod
    def _fresh(policy: Any, n: int) -> Any:
        start = getattr(policy, "initial_state", None)
        return np.zeros((n, 0), np.float32) if start is None else start(n)

    @staticmethod
    def _checked(chosen: Any, shape: tuple[int, int], name: str) -> np.ndarray:
        chosen = np.asarray(chosen)
        if chosen.shape != shape or chosen.dtype.kind not in "iu":
            raise ArenaError(
                f"opponent {name!r} chose {chosen.dtype} {list(chosen.shape)}, expected integers {list(shape)}"
            )
        return chosen
