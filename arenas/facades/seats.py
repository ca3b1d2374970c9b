"""A batch seen from the seats that a learner takes: one side of each match, or both.

Both forms have N rows and the same face, so Gymnasium's and Stable-Baselines3's environments are written once.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from ..arena import ArenaError, Game
from ..batch import Batch
from .opponents import RANDOM, OpponentChoice, Opponents

Shown = np.ndarray | dict[str, np.ndarray]
"""What rows are shown: float32 [N, F]; with planes {"features": that, "planes": uint8 [N, P, H, W]}."""


def row_of(shown: Shown, n: int) -> Any:
    """What one row is shown."""
    return {name: array[n] for name, array in shown.items()} if isinstance(shown, dict) else shown[n]


class Ended(NamedTuple):
    """The rows whose match ended in the last step: n of them."""

    rows: np.ndarray  # int [n]
    observations: Shown  # the last of the match
    outcome: np.ndarray  # int8 [n], an `Outcome`: FIRST is side 0
    utility: np.ndarray  # float32 [n], to the row's side
    side: np.ndarray  # int [n], the side that the row played


class Seats(Protocol):
    """What the environments play through."""

    batch: Batch
    rewards: np.ndarray  # float32 [N], of the last step
    done: np.ndarray  # bool [N], whether the last step ended the match; the next one has begun
    ended: Ended | None

    def __len__(self) -> int: ...
    def observations(self) -> Shown: ...
    def masks(self) -> np.ndarray: ...
    def restart(
        self, seed: int | None, rng: np.random.Generator | None, where: np.ndarray | None = None, setup: Any = None
    ) -> None: ...
    def step(self, actions: np.ndarray) -> None: ...


class _Restarting:
    """Starting matches afresh, which is the same in both forms."""

    batch: Batch

    def __init__(self, batch: Batch):
        self.batch = batch
        self.rng = np.random.default_rng(batch.seed)
        self.seen = False  # whether anybody has seen the first matches
        self.ended: Ended | None = None

    def restart(
        self,
        seed: int | None = None,
        rng: np.random.Generator | None = None,
        where: np.ndarray | None = None,
        setup: Any = None,
    ) -> None:
        """Starts matches (all, or those in `where`: bool [B]): the first ones of `seed`, or without one the next ones.

        rng: draws sides, opponents and their chance from here on; with a seed and no rng, one made from it. setup: of
        these matches, integers [L] or [B, L].
        """
        rows = np.ones(len(self.batch), np.bool_) if where is None else where
        if rng is not None or seed is not None:
            self.rng = rng if rng is not None else np.random.default_rng(seed)
        if seed is None and not self.seen and setup is not None:
            seed = self.batch.seed
        if seed is not None or self.seen:
            self.batch.reset(rows, seed=seed, setup=setup)
            self._begin(rows)
        self.seen = True
        self.ended = None

    def _begin(self, where: np.ndarray) -> None:
        """What else happens as matches begin."""


class OneSide(_Restarting):
    """N = B rows: one side of each match. side: 0, 1, or "random", drawn for each match."""

    def __init__(
        self, game: Game, matches: int, seed: int, *, opponent: OpponentChoice, side: int | str, **settings: Any
    ):
        sides = game.sides
        if side not in (*range(sides), "random") or isinstance(side, bool):
            expected = "0" if sides == 1 else "0, 1 or 'random'"
            raise ArenaError(f"side = {side!r}: expected {expected}")
        super().__init__(Batch(game, matches, seed, **settings))
        self.drawn = side == "random"
        if sides == 1 and opponent is not None:
            raise ArenaError(f"opponent = {opponent!r}: {game.arena.name} has one side only, and no opponent")
        self.opponents = Opponents(self.batch, RANDOM if opponent is None else opponent) if sides == 2 else None
        self.side = np.full(matches, 0 if self.drawn else int(side))
        self._rows = np.arange(matches)
        self._one_seat = not self.drawn or matches == 1
        self._seats: tuple[Any, Any]
        self._given = np.zeros(self.batch.actions.shape, np.int64)
        self.rewards = np.zeros(matches, np.float32)
        self.done = np.zeros(matches, np.bool_)
        self._begin(np.ones(matches, np.bool_))

    def __len__(self) -> int:
        return len(self.side)

    def observations(self) -> Shown:
        """What the rows are shown, a copy."""
        features, planes = self._own(self.batch.observations), self.batch.planes
        return features if planes is None else {"features": features, "planes": self._own(planes)}

    def masks(self) -> np.ndarray:
        """uint8 [N, K, C], a copy."""
        return self._own(self.batch.masks)

    def step(self, actions: np.ndarray) -> None:
        """One decision. actions: int [N, K]."""
        batch = self.batch
        self._given[self._seats] = actions
        if self.opponents is not None and self.opponents.asked:
            self.opponents.fill(self._given, 1 - self.side, self.rng)
        batch.step(self._given)
        self.rewards = self._own(batch.rewards)
        self.done = batch.done.copy()
        self.ended = None
        if self.done.any():
            over = np.flatnonzero(self.done)
            seat = self.side[over]
            self.ended = _ended(batch, over, over, seat)
            if batch.auto_reset:
                self._begin(self.done)

    def _own(self, array: np.ndarray) -> np.ndarray:
        own = array[self._seats]
        return own.copy() if self._one_seat else own

    def _begin(self, where: np.ndarray) -> None:
        if self.drawn:
            self.side[where] = self.rng.integers(2, size=int(where.sum()))
        # The learner's seats as an index of [B, S, ...]: a view, and quicker, where they are all on one side.
        self._seats = (slice(None), int(self.side[0])) if self._one_seat else (self._rows, self.side)
        if self.opponents is not None:
            self.opponents.draw(where, 1 - self.side, self.rng)


class BothSides(_Restarting):
    """N = B * S rows, for self-play: row i * S + side is that side of match i."""

    def __init__(self, game: Game, matches: int, seed: int, **settings: Any):
        super().__init__(Batch(game, matches, seed, **settings))
        self._sides = game.sides
        self.rewards = np.zeros(len(self), np.float32)
        self.done = np.zeros(len(self), np.bool_)

    def __len__(self) -> int:
        return len(self.batch) * self._sides

    def observations(self) -> Shown:
        """What the rows are shown, a copy."""
        features, planes = self.batch.observations.reshape(len(self), -1).copy(), self.batch.planes
        if planes is None:
            return features
        return {"features": features, "planes": planes.reshape(len(self), *planes.shape[2:]).copy()}

    def masks(self) -> np.ndarray:
        """uint8 [N, K, C], a copy."""
        return self.batch.masks.reshape(len(self), *self.batch.masks.shape[2:]).copy()

    def step(self, actions: np.ndarray) -> None:
        """One decision. actions: int [N, K]."""
        batch, sides = self.batch, self._sides
        batch.step(np.asarray(actions).reshape(batch.actions.shape))
        self.rewards = batch.rewards.reshape(-1).copy()
        self.done = np.repeat(batch.done, sides)
        self.ended = None
        if self.done.any():
            rows = np.flatnonzero(self.done)
            self.ended = _ended(batch, rows, rows // sides, rows % sides)


def _ended(batch: Batch, rows: np.ndarray, match: np.ndarray, side: np.ndarray) -> Ended:
    """What is known of matches that ended, from the rows' sides."""
    last: Shown = batch.final_observations[match, side]
    if batch.final_planes is not None:
        last = {"features": last, "planes": batch.final_planes[match, side]}
    return Ended(rows, last, batch.outcome[match], batch.utility[match, side], side)
