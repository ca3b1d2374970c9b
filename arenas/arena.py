"""The contract between a game and everything else: what an arena declares, and the record its matches live in.

An arena is a module-level `ARENA = Arena(...)`: facts, rules, and `prepare(options) -> Game`, which turns options
into tables and specs. Rules see only `(tables, match, ...)`; the drivers in `batch.py` see only a `Game`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .record import hidden_bytes, match_dtype
from .specs import (
    ActionSpec,
    ArenaError,
    BenchCase,
    Block,
    IllegalOption,
    Layer,
    ObsSpec,
    PlaneBlock,
    PlaneSpec,
    SetupEntry,
    Slot,
    nearest,
    one_of,
    within,
)

# All that an arena needs can be had from here.
__all__ = [
    "RING",
    "ActionSpec",
    "Arena",
    "ArenaError",
    "BenchCase",
    "Block",
    "Game",
    "IllegalOption",
    "Layer",
    "ObsSpec",
    "Outcome",
    "PlaneBlock",
    "PlaneSpec",
    "Rules",
    "SetupEntry",
    "Slot",
    "hidden_bytes",
    "match_dtype",
    "nearest",
    "one_of",
    "within",
]


class Outcome(IntEnum):
    """How a match stands, or ended."""

    RUNNING = 0
    FIRST = 1
    SECOND = 2
    DRAW = 3


RING = 32
"""Ticks of pending actions a match can hold: `delay + ticks_per_decision` must not exceed it."""


class Rules(NamedTuple):
    """The rules of a game. All are `@rule`; the first four every arena has.

    reset(tables, match): the record is zero but for its header; `match.setup` says which match this is.
    step(tables, match, actions int16 [2, K]): one tick, in place.
    legal(tables, match, side, mask uint8 [K, C]): each slot's marginal mask; zero on entry, never all zero on return.
    observe(tables, match, side, out float32 [F]): writes integers, own side first.
    refine(tables, match, side, slot, actions int16 [K], row uint8 [C]): narrows `row`, the marginal mask of a later
        slot, to what the choices in the slots before it leave.
    act(tables, match, side, bot, actions int16 [K]): what bot number `bot` chooses.
    mirror(tables, match): exchanges the arena's own fields of the two sides, and `setup` where it is by side; the
        driver does the rest of the header.
    fork(tables, match, side, seed): resamples what is hidden from `side`, as from a prior that the arena states; the
        driver has given chance the new seed and blanked the other side's pending actions.
    draw_planes(tables, match, side, planes uint8 [P, H, W]): what `Game.planes` names, own side first as in `observe`;
        zero on entry. Compiled and run only in batches made with `planes=True`.
    """

    reset: Callable
    step: Callable
    legal: Callable
    observe: Callable
    refine: Callable | None = None
    act: Callable | None = None
    mirror: Callable | None = None
    fork: Callable | None = None
    draw_planes: Callable | None = None


@dataclass(frozen=True)
class Game:
    """An arena with its options chosen: everything a driver needs, and the facts about it.

    Algorithms check the facts and refuse a wrong use by name; `kumite check` finds out whether they hold.
    """

    arena: "Arena"
    options: Mapping[str, Any]  # every option, defaults included
    tables: Any  # NamedTuple of read-only arrays; its field `tape` is int32 [rows, values]
    state: np.dtype
    observation: ObsSpec
    action: ActionSpec
    setup: tuple[int, ...]  # one match's setup row as the options give it, L entries
    symmetric: bool  # whether exchanging the seats leaves the game the same
    tick_limit: int
    frame_skip: int = 1
    delay: int = 0
    sides: int = 2
    utility: str = "outcome"  # or "score"
    score_scale: float = 1.0  # what a point of (own score - other's) is worth, as utility or as score reward
    utility_bound: float = 0.0  # the largest utility, either way, that a match can give; of an outcome it is 1
    simultaneous: bool = True  # whether both sides may have a choice in one tick
    perfect_information: bool = False
    public_history: bool = False  # whether what a side has seen and done tells it the state, if one look does not
    chance: bool = True
    setup_spec: tuple[SetupEntry, ...] = ()  # what each entry of a setup row may be
    planes: PlaneSpec | None = None  # what a side may be shown beside its observation
    slots_are_units: bool = False  # whether each slot is what one unit of the side does, so that each can be an agent

    def __post_init__(self) -> None:
        ring = self.state["pending"].shape[0]
        if self.delay > 0 and self.delay + self.frame_skip > ring:
            raise ArenaError(
                f"{self.arena.name}: a delay of {self.delay} and {self.frame_skip} ticks a decision make "
                f"{self.delay + self.frame_skip} ticks of pending actions: the record keeps {ring} (match_dtype, ring)"
            )
        if len(self.setup_spec) not in (0, len(self.setup)):
            raise ArenaError(
                f"{self.arena.name}: setup has {len(self.setup)} entries, setup_spec tells of {len(self.setup_spec)}"
            )
        if (self.planes is None) != (self.arena.rules.draw_planes is None):
            raise ArenaError(f"{self.arena.name}: expected both planes and the rule draw_planes, or neither")
        self.check_setup(self.setup)
        frozen = {name: _read_only(table) for name, table in self.tables._asdict().items() if name != "tape"}
        object.__setattr__(self, "tables", self.tables._replace(**frozen))
        if self.utility not in ("outcome", "score"):
            raise ArenaError(f"{self.arena.name}: utility = {self.utility!r}: expected 'outcome' or 'score'")
        if self.sides not in (1, 2):
            raise ArenaError(f"{self.arena.name}: sides = {self.sides}: expected 1 or 2")
        if self.utility == "outcome" and self.utility_bound == 0:
            object.__setattr__(self, "utility_bound", 1.0)
        if not 0 < self.utility_bound < float("inf"):
            raise ArenaError(
                f"{self.arena.name}: utility_bound = {self.utility_bound}: expected the most a match can be worth, "
                "above 0: what is certified of a mean depends on it"
            )

    def check_setup(self, setup: Any) -> np.ndarray:
        """Given setup rows, integers [L] or [N, L], as int32; refused where `setup_spec` says that one cannot be."""
        rows = np.asarray(setup)
        rows = rows if rows.size else rows.astype(np.int32)
        if rows.ndim not in (1, 2) or rows.shape[-1] != len(self.setup) or rows.dtype.kind not in "iu":
            raise ArenaError(
                f"setup: got {rows.dtype} {list(rows.shape)}, expected integers [{len(self.setup)}], or such rows"
            )
        for entry, column in zip(self.setup_spec, np.moveaxis(rows, -1, 0), strict=False):
            wrong = (column < entry.least) | (column >= entry.below)
            if wrong.any():
                value = int(np.ravel(column)[int(np.argmax(wrong))])
                raise ArenaError(f"setup: {entry.name} = {value}: expected {entry.least} to {entry.below - 1}")
        return rows.astype(np.int32)

    @cached_property
    def content_hash(self) -> str:
        """Hash of the arena's version, tables, record, specs and utility: results under different rules never mix."""
        digest = hashlib.blake2b(digest_size=8)
        facts = (
            self.arena.name,
            self.arena.version,
            self.action,
            self.setup,
            self.tick_limit,
            self.frame_skip,
            self.delay,
            [(block.name, block.length, block.scale) for block in self.observation.blocks],
            self.state.descr,
            self.sides,
            self.utility,
            self.score_scale,
        )
        digest.update(repr(facts if self.planes is None else (*facts, self.planes)).encode())
        for name, table in zip(self.tables._fields, self.tables, strict=True):
            if name != "tape":
                digest.update(
                    f"{name} {table.dtype.descr} {table.shape}".encode() + np.ascontiguousarray(table).tobytes()
                )
        return digest.hexdigest()


def _read_only(table: np.ndarray) -> np.ndarray:
    """A view that nobody can write through: matches share it, and a rule that tries is refused by the compiler."""
    view = np.asarray(table).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Arena:
    """Games under one name: their rules, and what holds under all options. The rest is told by each `Game`."""

    name: str
    version: int  # any change of behaviour raises it
    title: str
    rules: Rules
    options: type  # a frozen dataclass; the names, types and defaults of its fields are the options
    prepare: Callable[["Arena", Any], Game]
    describe: Callable[[Any, Any], str]  # (game, match) -> readable text
    module: str  # where the rules live: `__name__`
    bots: tuple[str, ...] = ()  # by number
    canonical: Callable[[Any, Any], None] | None = None
    """(game, records [N]): blanks, in place, what neither decides the future any more nor is seen. Records that are
    equal then are one state."""
    ticks_per_second: float = 0.0  # 0: turns, not time
    reveal: Callable[[Any], None] | None = None  # changes copied records so that no side's observation leaves facts out
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # named sets of options
    bench: tuple[BenchCase, ...] = ()  # what `kumite bench` measures beside what it measures of all

    def game(self, **options: Any) -> Game:
        """Checks options and builds the game. `preset="name"` fills in a named set first."""
        merged = dict(options)
        if preset := merged.pop("preset", None):
            if preset not in self.presets:
                raise IllegalOption(f"{self.name} has no preset {preset!r}" + nearest(str(preset), list(self.presets)))
            merged = {**self.presets[preset], **merged}
        known = {f.name: f for f in fields(self.options)}
        for key, value in merged.items():
            if key not in known:
                raise IllegalOption(f"{self.name} has no option {key!r}" + nearest(key, [*known, "preset"]))
            default = known[key].default
            merged[key] = self._fitting(key, value, default)
        return self.prepare(self, self.options(**merged))

    def _fitting(self, key: str, value: Any, default: Any) -> Any:
        """The value in the default's type: the command line gives strings."""
        if isinstance(value, str) and not isinstance(default, str):
            if isinstance(default, bool) and value.lower() in ("true", "false"):
                return value.lower() == "true"
            if isinstance(default, int) and not isinstance(default, bool) and re.fullmatch(r"[+-]?\d+", value):
                return int(value)
            if isinstance(default, float):
                try:
                    return float(value)
                except ValueError:
                    pass
        elif isinstance(value, type(default)) and not (isinstance(value, bool) and not isinstance(default, bool)):
            return value
        elif isinstance(default, float) and isinstance(value, int):
            return float(value)
        elif isinstance(value, np.integer) and isinstance(default, int):
            return int(value)
        raise IllegalOption(
            f"{self.name}: option {key} = {value!r}: expected {type(default).__name__}, as in the default {default!r}"
        )

    def bot(self, name: str) -> int:
        """A bot's number."""
        if name not in self.bots:
            raise ArenaError(f"{self.name} has no bot {name!r}" + nearest(name, self.bots))
        return self.bots.index(name)
