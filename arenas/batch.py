"""A batch: many matches of one game side by side on the CPU.

Letters used for shapes everywhere in the project: B matches, S sides, K slots, C choices, F features; of planes P
layers, H rows, W columns.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import driver
from .arena import ArenaError, Game, Outcome
from .buffers import Buffers, allocate, row_bytes
from .crew import part_of, run_parts
from .dice import SEED_LIMIT
from .launch import check_memory, machine_code
from .tape import TapeFaults, tape_table

MAGIC = b"kumite-match\1"


def checked_seed(seed: Any) -> int:
    """A seed, or ArenaError."""
    if not 0 <= int(seed) < SEED_LIMIT:
        raise ArenaError(f"seed = {seed}: expected a whole number in [0, 2**62)")
    return int(seed)


class Batch:
    """B matches of one game. The arrays are views of the batch's own memory: each step overwrites them.

    observations float32 [B, S, F]; masks uint8 [B, S, K, C] (1 = legal); rewards float32 [B, S]; done bool [B];
    outcome int8 [B] (of the match that ended in the last step, else 0); utility float32 [B, S] (of that match);
    final_observations float32 [B, S, F] (valid where done); illegal int32 [B, S] (choices given that were corrected so
    far), bot_illegal (the same of bots); actions int16 [B, S, K] (as played); state: the records [B]; planes and
    final_planes uint8 [B, S, P, H, W] of a batch made with `planes=True`, as `game.planes` names them, else None.

    auto_reset: a match that ends is followed by the next one within the step. Without it, it stays as it ended: its
    record is what the last tick left, `done`, `outcome` and `utility` keep their values, and steps pass it by without a
    reward until `reset(where)` starts the next one.
    """

    def __init__(
        self,
        game: Game,
        matches: int = 1,
        seed: int = 0,
        *,
        reward: str | None = None,
        opponents: Mapping[int, str | Sequence[str]] | None = None,
        threads: int | None = None,
        auto_reset: bool = True,
        planes: bool = False,
    ):
        if matches < 1:
            raise ArenaError(f"matches = {matches}: expected 1 or more")
        seed = checked_seed(seed)
        if planes and game.planes is None:
            raise ArenaError(f"{game.arena.name} draws no planes with these options: {dict(game.options)}")
        check_memory(matches, row_bytes(game, planes), game.arena.name)
        self.game, self.arena, self.seed = game, game.arena, seed
        self.auto_reset = auto_reset
        self.part = part_of(row_bytes(game) - game.state.itemsize)
        self.threads = max(1, min(threads or os.cpu_count() or 1, matches // self.part))
        self.tables = game.tables
        self.state = np.zeros(matches, game.state).view(np.recarray)
        self.reward = reward or game.utility
        if self.reward not in ("outcome", "score"):
            raise ArenaError(f"reward = {reward!r}: expected 'outcome' or 'score'")
        self.buffers = allocate(game, matches, self.reward, auto_reset, planes)
        self._show(self.buffers)
        self._known: tuple[Any, ...] = (None, None, None)
        self._revealed: Batch | None = None
        self._driver: Callable[..., None] = driver.run_range
        self.state.opponent[:] = -1
        self.state.tape_length[:] = -1
        self._tape_lengths = np.full(matches, -1, np.int32)
        self._tape_checked = self._tape_merged = False
        self.set_opponents(opponents or {})
        self.reset()

    def _show(self, written: Buffers) -> None:
        """The arrays that callers read, where the driver writes them."""
        self.actions, self.observations, self.masks = written.actions, written.observations, written.masks
        self.rewards, self.done = written.rewards, written.done
        self.outcome, self.utility = written.outcome, written.utility
        self.final_observations = written.final_observations
        self.illegal, self.bot_illegal = written.illegal, written.bot_illegal
        drawn = written.planes.size > 0
        self.planes, self.final_planes = (written.planes, written.final_planes) if drawn else (None, None)

    # --- playing ---

    def reset(
        self,
        where: np.ndarray | None = None,
        *,
        seed: int | None = None,
        seeds: np.ndarray | None = None,
        setup: np.ndarray | None = None,
    ) -> None:
        """Starts matches afresh.

        `reset()` begins the batch anew: row i starts from hash(batch seed, i), so a batch of one plays the first match
        of any batch of that seed. `reset(where)` (bool [B]) goes on: each marked row starts the match that follows the
        one it holds, ended or not; the others are left alone. seed: the batch's from now on, from which all or the
        marked rows begin anew. seeds (int64 [B]): the seed of each row's match. setup (integers [L], or [B, L]): what
        makes each match differ, see `Game.check_setup`; without it, what the options say. The matches that follow by
        themselves keep their row's setup.
        """
        rows = np.ones(len(self), np.bool_) if where is None else np.asarray(where, np.bool_)
        if rows.shape != (len(self),):
            raise ArenaError(f"where has shape {rows.shape}: expected ({len(self)},)")
        given = np.asarray(self.game.setup if setup is None else setup)
        if given.ndim == 2 and len(given) != len(self):
            raise ArenaError(f"setup: got {len(given)} rows, expected one row or {len(self)}")
        chosen = self.game.check_setup(given[rows] if given.ndim == 2 else given)
        first = self.seed if seed is None else checked_seed(seed)
        self.buffers.where[:] = rows
        self.state.setup[rows] = chosen
        self.state.tick_limit[rows] = self.game.tick_limit
        self.state.frame_skip[rows] = self.game.frame_skip
        self.state.delay[rows] = self.game.delay
        self.state.flipped[rows] = 0
        self.state.tape_row[rows] = np.flatnonzero(rows)
        self.seed = first
        if where is not None and seed is None and seeds is None:
            self._run(driver.NEXT)
            return
        self.state.episode[rows] = 0
        if seeds is None:
            self.state.seed[rows] = self.seed
            self._run(driver.SEED)
        else:
            self.state.seed[rows] = np.asarray(seeds, np.int64)[rows]
        self._run(driver.RESET)

    def step(self, actions: np.ndarray) -> None:
        """Plays one decision of every running match. actions: integers [B, S, K]; where a bot plays, they are ignored.

        What was shown before is overwritten.
        """
        given = np.asarray(actions)
        if given.shape != self.actions.shape or given.dtype.kind not in "iu":
            raise ArenaError(
                f"actions: got {given.dtype} {list(given.shape)}, "
                f"expected integers {list(self.actions.shape)} (matches, sides, slots)"
            )
        if given.dtype != np.int16:  # a number too large for int16 must stay illegal, not wrap around to a legal one
            given = np.clip(given, -1, self.masks.shape[-1])
        np.copyto(self.actions, given, casting="unsafe")
        self._run(driver.STEP)

    def look(self) -> None:
        """Writes observations and masks anew, as after changes made to `state`."""
        self._run(driver.LOOK)

    def global_state(self) -> Any:
        """What all sides would see if nothing were hidden, one after the other: float32 [B, S * F].

        For critics in training only, never for a policy. Without `Arena.reveal` it is what they do see. Overwritten by
        the next call.
        """
        reveal = self.arena.reveal
        if reveal is None:
            return self.observations.reshape(len(self), -1)
        if self._revealed is None:
            drawn = self.planes is not None  # the same compiled driver
            self._revealed = Batch(self.game, len(self), threads=self.threads, planes=drawn)
        self._revealed.state[:] = self.state
        reveal(self._revealed.state)
        self._revealed.look()
        return self._revealed.observations.reshape(len(self), -1)

    def random_actions(self) -> np.ndarray:
        """Legal actions drawn uniformly, slot by slot, from each match's own dice: int16 [B, S, K], a copy.

        A hash of the match's seed and tick: asked again before the next step, it gives the same actions.
        """
        self._run(driver.CHOOSE)
        return self.actions.copy()

    def refine(
        self, matches: np.ndarray, sides: np.ndarray, slot: int, actions: np.ndarray, mask: np.ndarray
    ) -> np.ndarray:
        """What the choices in earlier slots leave to a slot of N seats: uint8 [N, C].

        matches, sides: which seats, int [N], none twice. actions: integers [N, K], of which those before `slot` count.
        mask: uint8 [N, C], the slot's marginal mask. `batch.actions` is overwritten, as by `random_actions`.
        """
        if self.arena.rules.refine is None:
            return mask
        return mask & self.narrowed(matches, sides, slot, actions)

    def refiner(self, matches: np.ndarray, sides: np.ndarray) -> Callable[..., np.ndarray] | None:
        """`refine` for N seats in the form that policies take, (rows, slot, actions, mask) -> mask; None: no need."""
        if self.arena.rules.refine is None:
            return None
        return lambda rows, slot, actions, mask: self.refine(matches[rows], sides[rows], slot, actions, mask)

    def narrowed(self, matches: np.ndarray, sides: np.ndarray, slot: int, actions: np.ndarray) -> np.ndarray:
        """The slot's row as the arena's rule leaves it: uint8 [N, C]. Arguments as in `refine`, which most want."""
        buffers = self.buffers
        buffers.asked[:] = False
        buffers.asked[matches, sides] = True
        buffers.actions[matches, sides] = actions
        self._run(driver.NARROW, slot)
        return self._fetched("row")[matches, sides]

    def bot_choices(self, matches: np.ndarray, sides: np.ndarray, bot: str) -> np.ndarray:
        """What a bot chooses at this decision for N seats that `step` plays: int16 [N, K].

        It has then chosen: what it keeps in the match goes on, so ask once a decision, and give `step` that or what you
        make of it. matches, sides: which seats, int [N], none twice. `batch.actions` is overwritten.
        """
        self.state.opponent[matches, sides] = self.arena.bot(bot)
        self.buffers.asked[:] = False
        self.buffers.asked[matches, sides] = True
        self._run(driver.ASK)
        self.state.opponent[matches, sides] = -1
        return self._fetched("actions")[matches, sides]

    def rollout_random(self, ticks: int) -> int:
        """Random legal play, observations and masks written at every decision.

        ticks: the arena's own, rounded up to whole decisions. Bots play their sides. The whole loop is compiled.
        Returns the ticks played in each match (at most those, without `auto_reset`).
        """
        decisions = -(-ticks // self.game.frame_skip)
        self._run(driver.ROLLOUT, decisions)
        return decisions * self.game.frame_skip

    def mirror(self) -> None:
        """Exchanges the sides of every match in place."""
        if self.arena.rules.mirror is None:
            raise ArenaError(f"{self.arena.name} declares no mirror image")
        self._run(driver.MIRROR)

    def fork(self, rows: int | np.ndarray, side: int, seeds: int | np.ndarray) -> None:
        """Turns matches into ones that `side` may imagine: search plays on those, and knows no more than the side.

        rows: which matches, one or int [n], changed in place. seeds: of their chance from here on, one or int64 [n];
        what is hidden from the side is resampled from it too. Nothing of what the side sees changes.
        """
        if self.arena.rules.fork is None:
            raise ArenaError(
                f"{self.arena.name} declares no fork: what a side may imagine of hidden facts is not known, "
                "and search would see them"
            )
        if side not in range(self.game.sides):
            raise ArenaError(f"fork: no side {side!r}: expected one of {list(range(self.game.sides))}")
        given = np.asarray(seeds)
        if given.dtype.kind not in "iu" or (given < 0).any() or (given >= SEED_LIMIT).any():
            raise ArenaError(f"fork: seeds = {seeds!r}: expected whole numbers in [0, 2**62)")
        self.state.seed[rows] = given
        self.buffers.asked[:] = False
        self.buffers.asked[rows, side] = True
        self._run(driver.FORK)

    def set_opponents(self, opponents: Mapping[int, str | Sequence[str | None] | None]) -> None:
        """Lets bots play: {side: a name, or one (or None) for each match}. None gives a side back to `step`."""
        for side, names in opponents.items():
            if side not in range(self.game.sides):
                raise ArenaError(f"opponents: no side {side!r}: expected one of {list(range(self.game.sides))}")
            several = [names] * len(self) if names is None or isinstance(names, str) else list(names)
            if len(several) != len(self):
                raise ArenaError(f"opponents for side {side}: got {len(several)} names, expected one or {len(self)}")
            numbers = {name: -1 if name is None else self.arena.bot(name) for name in set(several)}
            self.state.opponent[:, side] = [numbers[name] for name in several]

    # --- dice from outside ---

    def set_tape(
        self,
        values: np.ndarray | None,
        lengths: np.ndarray | None = None,
        faces: np.ndarray | None = None,
        merged: bool = False,
    ) -> None:
        """Serves each match's dice from values given here instead of chance; None: chance again.

        values: integers [B, T], a row a match. lengths: how many of them count, integers [B], else all. faces: with how
        many faces each was rolled, integers [B, T]; 0 where that is not known. merged: a throw that only decides
        whether something of k chances in n happens may ask for two faces, k << 16 | n: 0 for yes, 1 for no. The tape
        begins at once, and anew with each match that starts in its row. A draw that it cannot serve gives 0 and leaves
        a fault: rules end on any value, and the caller drops the match or plays it again with a longer tape. See
        `tape_faults`.
        """
        b, state = len(self), self.state
        if values is None:
            self.tables = self.tables._replace(tape=self.game.tables.tape)
            self._tape_lengths[:] = -1
            self._tape_checked = self._tape_merged = False
        else:
            tape, given = tape_table(b, values, lengths, faces)
            self._tape_checked, self._tape_merged = faces is not None, merged
            self.tables = self.tables._replace(tape=tape)
            self._tape_lengths[:] = given
        for name in ("tape_cursor", "tape_stream", "tape_faces", "tape_at"):
            state[name] = 0
        self._thread_tape(np.arange(b))

    def tape_faults(self) -> TapeFaults:
        """How far each match is on its tape, the first draw it could not serve, and the values left over."""
        state = self.state
        taken = state.tape_cursor.copy()
        left = np.maximum(state.tape_length - taken, 0)
        return TapeFaults(state.tape_stream.copy(), state.tape_faces.copy(), state.tape_at.copy(), taken, left)

    def _thread_tape(self, rows: np.ndarray) -> None:
        """Tells the matches in `rows` where their dice come from."""
        self.state.tape_row[rows] = rows
        self.state.tape_length[rows] = self._tape_lengths[rows]
        self.state.tape_check[rows] = rows + len(self) if self._tape_checked else -1 if self._tape_merged else 0

    # --- single matches ---

    def save(self, i: int) -> bytes:
        """Match i as bytes: nothing that decides its future is left out."""
        record = self.state[i : i + 1].copy()
        record["tape_row"] = record["tape_check"] = 0
        return MAGIC + bytes.fromhex(self.game.content_hash) + record.tobytes()

    def load(self, i: int, saved: bytes) -> None:
        """Puts a saved match into row i. Refused if it was saved under other rules or options.

        If it has ended, its results are told as after a step; with `auto_reset` the next one begins. Its dice come from
        where those of the row do: from the row's tape, at the place where the match was on its own, or from chance.
        """
        head, record = len(MAGIC) + 8, self.game.state.itemsize
        if saved[: len(MAGIC)] != MAGIC or len(saved) != head + record:
            raise ArenaError(
                f"not a saved match of {self.arena.name}: got {len(saved)} bytes, expected {head + record}"
            )
        if (content := saved[len(MAGIC) : head].hex()) != self.game.content_hash:
            raise ArenaError(
                f"saved under other rules or options: content {content}, this batch has {self.game.content_hash}"
            )
        self.state[i] = np.frombuffer(saved[head:], self.game.state)[0]
        self._thread_tape(np.array([i]))
        if self._tape_lengths[i] < 0:
            for name in ("tape_cursor", "tape_stream", "tape_faces", "tape_at"):
                self.state[name][i] = 0
        self.buffers.where[:] = np.arange(len(self)) == i
        self._run(driver.LOADED, low=i, high=i + 1)

    def put(self, records: np.ndarray) -> None:
        """Puts records of this game into all rows: [B] of dtype `game.state`, as copied from `state`.

        Their dice come from this batch's tape where it has one: from its beginning.
        """
        if records.shape != (len(self),) or records.dtype != self.game.state:
            raise ArenaError(
                f"records: got {list(records.shape)} of {records.dtype.itemsize} bytes, "
                f"expected {len(self)} of this game's {self.game.state.itemsize}"
            )
        size = records.dtype.itemsize  # as bytes: numpy copies records field by field
        given = np.ascontiguousarray(records).view(np.ndarray).view(np.uint8).reshape(len(self), size)
        self.state.view(np.ndarray).view(np.uint8).reshape(len(self), size)[:] = given
        for name in ("tape_cursor", "tape_stream", "tape_faces", "tape_at"):
            self.state[name] = 0
        self._thread_tape(np.arange(len(self)))
        self.buffers.where[:] = True
        self._run(driver.LOADED)

    def describe(self, i: int) -> str:
        """Match i in words."""
        match = self.state[i]
        outcome = Outcome(int(match.outcome)).name.lower()
        head = f"{self.arena.name} match {i}: tick {match.tick}, score {match.score[0]}:{match.score[1]}, {outcome}"
        return head + "\n" + self.arena.describe(self.game, match)

    def __len__(self) -> int:
        return len(self.state)

    # --- the driver ---

    def _fetched(self, name: str) -> np.ndarray:
        """What the driver wrote into a buffer."""
        return getattr(self.buffers, name)

    def _run(self, mode: int, number: int = 1, low: int = 0, high: int | None = None) -> None:
        arrays = (self.tables, self.state, self.buffers)
        if any(known is not array for known, array in zip(self._known, arrays, strict=True)):
            self._driver, self._known = machine_code(self.arena, self.planes is not None, *arrays), arrays
        run_parts(
            self._driver, (*arrays, mode, number), low, len(self) if high is None else high, self.threads, self.part
        )
