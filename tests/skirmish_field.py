"""A field for tests of the skirmish rules: put units anywhere, tell them in words what to do, look at them.

All fields share one compiled driver: scenarios change numbers, not code. Lengths are map units, health is points.
"""

from typing import Any

import numpy as np

from kumite import arenas
from kumite.arenas.skirmish.content import default_content, unit_table
from kumite.arenas.skirmish.state import FINE, LONG_AGO, ROWS, Attribute

CONTENT = default_content()
UNITS = unit_table()
HOSTILE = 2


def kind_of(name: str) -> int:
    """A unit's number."""
    return CONTENT.kind(name)


class Field:
    """One match, one tick a decision unless told otherwise, empty but for what is put there."""

    def __init__(self, scenario: str = "random", *, empty: bool = True, **options: Any):
        if scenario == "random":
            options = {"units": 2, "most": 16, **options}
        self.batch = arenas.make_batch("skirmish", seed=1, scenario=scenario, **{"frame_skip": 1, **options})
        self.names = self.batch.game.action.slots[0].choices
        self.orders: dict[tuple[int, int], str] = {}
        if empty:
            self.match.unit[:] = np.zeros(1, self.match.unit.dtype)
            self.match.count[:] = 0

    @property
    def match(self) -> Any:
        """The record."""
        return self.batch.state[0]

    def unit(self, side: int, row: int = 0) -> Any:
        """A unit's part of the record: its fields can be read and set."""
        return self.match.unit[side * ROWS + row]

    def put(self, side: int, name: str, x: float, y: float = 0.0) -> int:
        """A fresh unit at a point of the map; its row within its section."""
        row = int(self.match.count[side])
        kind, it = UNITS[kind_of(name)], self.unit(side, row)
        self.match.count[side] = row + 1
        it.kind = kind_of(name)
        it.health, it.shield, it.energy = int(kind.health) * FINE, int(kind.shield) * FINE, int(kind.energy) * FINE
        it.x, it.y = round(x * FINE), round(y * FINE)
        it.goal_x, it.goal_y, it.rally_x, it.rally_y = it.x, it.y, it.x, it.y
        it.target = it.aim = it.hurt_by = -1
        it.hurt = LONG_AGO
        it.radius, it.threat = kind.radius, kind.threat
        it.layer = bool(kind.attributes & Attribute.AIR)
        it.fixed = bool(kind.attributes & Attribute.STRUCTURE)
        it.seen = 3
        return row

    def tell(self, side: int, row: int, words: str) -> None:
        """What a unit is told in the next decision, by the name of the choice."""
        self.orders[side, row] = words

    def play(self, ticks: int = 1) -> None:
        """Plays on; what was told is told once."""
        for _ in range(ticks):
            actions = np.zeros(self.batch.actions.shape, np.int16)
            for (side, row), words in self.orders.items():
                actions[0, side, row] = self.names.index(words)
            self.orders = {}
            self.batch.step(actions)
            assert not self.batch.illegal.any()

    def look(self) -> None:
        """Writes observations and masks anew after the record was changed by hand."""
        self.batch.load(0, self.batch.save(0))

    def until(self, done: Any, limit: int = 400) -> int:
        """Plays on until `done()`; returns the ticks that took."""
        for ticks in range(1, limit + 1):
            self.play()
            if done():
                return ticks
        raise AssertionError(f"it did not happen in {limit} ticks:\n{self.batch.describe(0)}")

    def life(self, side: int, row: int = 0) -> float:
        """Points of health and shield."""
        it = self.unit(side, row)
        return (int(it.health) + int(it.shield)) / FINE

    def place(self, side: int, row: int = 0) -> tuple[float, float]:
        """Where a unit is."""
        it = self.unit(side, row)
        return int(it.x) / FINE, int(it.y) / FINE

    def apart(self, first: tuple[int, int], second: tuple[int, int]) -> float:
        """Distance of two units' middles."""
        (ax, ay), (bx, by) = self.place(*first), self.place(*second)
        return float(np.hypot(ax - bx, ay - by))

    def allowed(self, side: int, row: int) -> set[str]:
        """What a unit may be told now."""
        self.look()
        return {name for name, may in zip(self.names, self.batch.masks[0, side, row], strict=True) if may}


# --- the full game ---

HALL = 12
"""Row of the hall that a side of the full game begins with."""


def full_game(map_name="causeway", **options):
    """A match of the full game at its beginning, one tick a decision."""
    return Field("full", empty=False, map=map_name, **options)


def row_of(field, side, name):
    """Row of a side's first unit of a kind."""
    return next(row for row in range(64) if field.unit(side, row).kind == kind_of(name))


def seen(field, side=0):
    """What a side observes, by block."""
    field.look()
    split = field.batch.game.observation.split(field.batch.observations[0])
    return {name: block[side] for name, block in split.items()}


def ghosts(field, side=0):
    """The structures that a side remembers: by place."""
    return {(int(it.x) / FINE, int(it.y) / FINE): it for it in field.match.ghost[side] if it.kind > 0}
