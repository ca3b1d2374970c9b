"""Search: look one decision ahead in matches that a side may imagine, and choose what does best there.

For each seat some matches are imagined (`Batch.fork`: fresh chance, hidden facts from the arena's prior). Every joint
choice of its own is played in all of them against the same replies of the foe, all in one compiled batch, and the one
with the best mean value is taken. So a choice follows from what the side knows and from the policy's own dice.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.random import Generator

from ..arenas.arena import Game, Outcome, nearest
from ..arenas.batch import Batch
from ..arenas.imagine import Seats, bytes_of
from .policy import Array, Forfeit, Policy, PolicyError, Refine

NAME = "look-ahead"
ROWS = 8192
"""Matches imagined side by side at most; what they fill is kept for the next decision."""
JOINT = 4096
"""Joint choices of one seat up to this are listed, more are drawn."""


@dataclass(frozen=True)
class SearchConfig:
    """How far and how wide to look."""

    base: str = "uniform"  # who replies, and who plays on after the first decision: a bot, or uniform play
    choices: int = 64  # M, own joint choices tried: all if there are no more, else those of the base and a draw
    samples: int = 8  # D, matches imagined for each decision
    decisions: int = 4  # played before what was reached is valued; after the first the base plays both sides
    even: float = 4.0  # the score ahead, scaled, that is worth half a win where a match is not over


class LookAhead(Policy):
    """The best first decision in imagined matches.

    A match that ended is worth its utility. Where utility is the outcome, another is worth x / (even + |x|), x being
    the score ahead times the arena's scale; where it is the score, that is its worth.
    """

    needs_seats = True

    def __init__(self, game: Game, config: SearchConfig | None = None):
        self.config = config = config or SearchConfig()
        arena = game.arena
        if arena.rules.fork is None:
            raise PolicyError(
                f"{NAME}: {arena.name} declares no fork: what a side may imagine of hidden facts is not known, "
                "and search would see them"
            )
        if game.sides != 2:
            raise PolicyError(f"{NAME}: {arena.name} has {game.sides} side: search expects a foe")
        if config.base not in (known := ("uniform", *arena.bots)):
            raise PolicyError(f"{NAME}: no bot {config.base!r} in {arena.name}" + nearest(config.base, known))
        for field, least in (("choices", 2), ("samples", 1), ("decisions", 1)):
            if getattr(config, field) < least:
                raise PolicyError(f"{NAME}: {field} = {getattr(config, field)}: expected {least} or more")
        if not config.even > 0:
            raise PolicyError(f"{NAME}: even = {config.even}: expected a number above 0")
        self.name = NAME if config.base == "uniform" else f"{NAME}:{config.base}"
        self._bot = -1 if config.base == "uniform" else arena.bot(config.base)
        self._batches: dict[tuple[str, int], Batch] = {}

    def identity(self) -> dict[str, Any]:
        return {"kind": NAME, **asdict(self.config)}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_batches": {}}

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        raise PolicyError(
            f"{self.name} plays from matches it imagines and cannot act from observations: "
            "seat it with a Lineup, or give it `Seats` (act_seated)"
        )

    def act_seated(
        self, seats: Seats, observation: Array, mask: Array, state: Array, rng: Generator
    ) -> tuple[Array, Array, dict[int, Forfeit]]:
        c, (n, k, _) = self.config, mask.shape
        # All chance at once: a row's choice is the same whatever rows are asked beside it.
        where = rng.random((n, 2 * c.samples + c.choices * k))
        seeds = (where[:, : 2 * c.samples] * 2**53).astype(np.int64)
        draws = where[:, 2 * c.samples :].reshape(n, c.choices, k)
        actions = mask.argmax(-1).astype(np.int16)
        rows = np.flatnonzero((mask.sum(-1) > 1).any(-1))
        if len(rows):
            tried, count = self._candidates(seats, rows, mask[rows], seeds[rows, : c.samples], draws[rows])
            for part in _parts(count * c.samples):
                values = self._values(seats, rows[part], tried[part], count[part], seeds[rows[part], c.samples :])
                actions[rows[part]] = tried[part][np.arange(len(values)), values.argmax(1)]
        return actions, state, {}

    # --- which choices ---

    def _candidates(self, seats: Seats, rows: Array, mask: Array, seeds: Array, draws: Array) -> tuple[Array, Array]:
        """Joint choices to try, int16 [R, M, K], the base's own first, and how many of them there are, int [R]."""
        c, (r, _, k) = self.config, draws.shape
        tried, count = np.zeros((r, c.choices, k), np.int16), np.zeros(r, np.int64)
        suggested = self._suggestions(seats, rows, seeds) if self._bot >= 0 else np.zeros((r, 0, k), np.int16)
        drawn = self._joint(seats, rows, mask, seeds[:, 0], draws)
        for row in range(r):
            # Most frequent suggestions first: among equals the first is taken.
            own, often = np.unique(suggested[row], axis=0, return_counts=True)
            own = own[np.argsort(-often, kind="stable")]
            rest = [joint for joint in drawn[row] if not (own == joint).all(1).any()]
            both = np.concatenate([own, np.array(rest, np.int16).reshape(-1, k)])[: c.choices]
            tried[row, : len(both)], count[row] = both, len(both)
        return tried, count

    def _suggestions(self, seats: Seats, rows: Array, seeds: Array) -> Array:
        """What the base would do in each imagined match: int16 [R, D, K]."""
        r, d = seeds.shape
        found: list[Array] = []
        for part in _parts(np.full(r, d)):
            each = np.repeat(rows[part], d)
            batch = self._batch(seats.game, "imagined", len(each))
            seats.imagine(each, seeds[part].reshape(-1), batch)
            batch.state.opponent[:] = self._bot
            batch.step(np.zeros_like(batch.actions))
            found.append(batch.actions[np.arange(len(each)), seats.sides[each]])
        return np.concatenate(found).reshape(r, d, -1)

    def _joint(self, seats: Seats, rows: Array, mask: Array, seeds: Array, draws: Array) -> list[Array]:
        """Up to M joint choices of each row, int16 [m, K]: all that there are, or a fair draw from them."""
        m, sides, roots = self.config.choices, seats.sides[rows], None
        if seats.refine is not None:  # what later slots may do is asked of an imagined match: it is the same in all
            roots = self._batch(seats.game, "narrowed", len(rows))
            seats.imagine(rows, seeds, roots)
        few = np.prod(mask.sum(-1, dtype=np.float64), axis=1) <= JOINT
        found: list[Array] = [np.zeros((0, mask.shape[1]), np.int16)] * len(rows)
        for chosen, listed in ((np.flatnonzero(few), True), (np.flatnonzero(~few), False)):
            if len(chosen):
                owner, joints = self._listed(roots, chosen, mask, sides, None if listed else draws)
                for row in chosen:
                    found[row] = joints[owner == row]
        return [
            joints[_shuffled(draws[row, :, 0], len(joints))][:m] if len(joints) > m else joints
            for row, joints in enumerate(found)
        ]

    def _listed(
        self, roots: Batch | None, chosen: Array, mask: Array, sides: Array, draws: Array | None
    ) -> tuple[Array, Array]:
        """Every joint choice of the rows chosen, or with draws [R, M, K] so many each: owners [n], choices [n, K]."""
        owner = chosen if draws is None else np.repeat(chosen, draws.shape[1])
        joints = np.zeros((len(owner), mask.shape[1]), np.int16)
        for slot in range(mask.shape[1]):
            left = self._refined(roots, owner, sides[owner], slot, joints, mask[owner, slot])
            if draws is None:
                at, choice = np.nonzero(left)
                owner, joints = owner[at], joints[at]
            else:
                rank = np.floor(draws[chosen, :, slot].reshape(-1) * left.sum(-1))
                choice = (left.cumsum(-1) > rank[:, None]).argmax(-1)
            joints[:, slot] = choice
        if draws is None:
            return owner, joints
        unlike = np.unique(np.concatenate([owner[:, None], joints], axis=1), axis=0)
        return unlike[:, 0], unlike[:, 1:].astype(np.int16)

    def _refined(self, roots: Batch | None, owner: Array, sides: Array, slot: int, joints: Array, mask: Array) -> Array:
        """What earlier slots leave to one, for any number of joint choices of a row: uint8 [n, C]."""
        if roots is None:
            return mask
        left = np.empty_like(mask)
        for begin in range(0, len(owner), ROWS):
            part = slice(begin, begin + ROWS)
            batch = self._batch(roots.game, "played", len(owner[part]))
            _copy(batch, roots, owner[part])
            left[part] = batch.refine(np.arange(len(owner[part])), sides[part], slot, joints[part], mask[part])
        return left

    # --- what they are worth ---

    def _values(self, seats: Seats, rows: Array, tried: Array, count: Array, seeds: Array) -> Array:
        """The mean value of each choice over the imagined matches, which are the same for all: float64 [R, M]."""
        (r, m), d = tried.shape[:2], seeds.shape[1]
        imagined = self._batch(seats.game, "imagined", r * d)
        seats.imagine(np.repeat(rows, d), seeds.reshape(-1), imagined)
        batch = self._batch(seats.game, "played", r * m * d)
        row, choice, match = np.nonzero(np.broadcast_to(np.arange(m)[None, :, None] < count[:, None, None], (r, m, d)))
        n = np.arange(len(row))
        _copy(batch, imagined, row * d + match)
        batch.state.outcome[len(row) :] = Outcome.DRAW
        batch.done[:] = False
        sides = seats.sides[rows][row]
        self._play(batch, n, sides, tried[row, choice])
        values = np.full((r, m, d), -np.inf)
        values[row, choice, match] = self._worth(batch, n, sides)
        return values.mean(2)

    def _play(self, batch: Batch, n: Array, sides: Array, chosen: Array) -> None:
        """The decision that is tried, and what follows."""
        batch.state.opponent[:] = self._bot
        batch.state.opponent[n, sides] = -1
        for decision in range(self.config.decisions):
            actions = batch.random_actions() if self._bot < 0 else np.zeros_like(batch.actions)
            if decision == 0:
                actions[n, sides] = chosen
            batch.step(actions)
            batch.state.opponent[:] = self._bot

    def _worth(self, batch: Batch, n: Array, sides: Array) -> Array:
        """What the first n matches are worth to a side of each: float64 [n]."""
        game, score = batch.game, batch.state.score[n].astype(np.float64)
        ahead = game.score_scale * (score[n, sides] - score[n, 1 - sides])
        if game.utility == "score":
            return ahead
        return np.where(batch.done[n], batch.utility[n, sides], ahead / (self.config.even + np.abs(ahead)))

    def _batch(self, game: Game, what: str, rows: int) -> Batch:
        """A batch with room for so many matches, kept for the next time."""
        size = 1 << max(rows - 1, 0).bit_length()
        key = (what, size)
        if key not in self._batches or self._batches[key].game is not game:
            self._batches[key] = Batch(game, size, auto_reset=False)
        return self._batches[key]


def _copy(into: Batch, of: Batch, which: Array) -> None:
    """Copies some matches to the front of another batch, with their masks: by these choices are corrected."""
    bytes_of(into)[: len(which)] = bytes_of(of)[which]
    into.masks[: len(which)] = of.masks[which]


def _parts(sizes: Array) -> list[slice]:
    """Stretches of things with these sizes, int [R], each of `ROWS` together or a single thing."""
    parts, begin, total = [], 0, 0
    for i, size in enumerate(sizes):
        if i > begin and total + size > ROWS:
            parts.append(slice(begin, i))
            begin, total = i, 0
        total += int(size)
    return [*parts, slice(begin, len(sizes))]


def _shuffled(draws: Array, count: int) -> Array:
    """An order of `count` things from some draws in [0, 1) [m]: int [count]."""
    return np.random.Generator(np.random.Philox(key=int(draws[0] * 2**53))).permutation(count)


def parse(name: str, game: Game) -> LookAhead:
    """`look-ahead`, `look-ahead:BOT` or `look-ahead:BOT,samples=16,decisions=3` as a policy."""
    _, _, rest = name.partition(":")
    base, *settings = rest.split(",") if rest else ["uniform"]
    kinds = {field.name: type(field.default) for field in fields(SearchConfig) if field.name != "base"}
    given: dict[str, Any] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in kinds:
            raise PolicyError(f"{name!r}: no setting {key!r}" + nearest(key, list(kinds)))
        try:
            given[key] = kinds[key](value)
        except ValueError:
            raise PolicyError(f"{name!r}: {key} = {value!r}: expected {kinds[key].__name__}") from None
    return LookAhead(game, SearchConfig(base, **given))
