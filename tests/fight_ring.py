"""A ring for tests of the fighting rules: put two fighters anywhere, tell them in words what to do, look at them.

All rings of one action space share one compiled driver: options change numbers, not code. Distances are units.
"""

from typing import Any

import numpy as np

from kumite import arenas
from kumite.arenas.content import FINE
from kumite.arenas.fight import DIRECTIONS, SEMANTIC
from kumite.arenas.fight.content import Move, default_content
from kumite.arenas.fight.inputs import RAW
from kumite.arenas.fight.state import MOVES, Pose, Slot

CONTENT = default_content()
BUTTON_NAMES = SEMANTIC.slots[1].choices
SPECIAL_NAMES = SEMANTIC.slots[2].choices
RAW_NAMES = ("up", "down", "back", "forward", "light", "medium", "heavy", "throw")


def move_of(name: str, slot: Slot) -> Move:
    """A character's move as the files have it."""
    return CONTENT.moves[CONTENT.names.index(name)][slot]


def body(name: str) -> Any:
    """A character's numbers as the files have them."""
    return CONTENT.characters[CONTENT.names.index(name)]


def action(words: str) -> tuple[int, int, int]:
    """`"down-back"`, `"forward heavy"`, `"special 2"`, `"super"`, `""` as semantic choices."""
    direction, button, special = 0, 0, 0
    rest = words
    for number, name in enumerate(SPECIAL_NAMES):
        if name in rest:
            button, special, rest = BUTTON_NAMES.index("special"), number, rest.replace(name, "")
    for word in rest.split():
        if word in DIRECTIONS:
            direction = DIRECTIONS.index(word)
        else:
            button = BUTTON_NAMES.index(word)
    return direction, button, special


def raw_action(words: str) -> list[int]:
    """`"down forward light"` as raw buttons."""
    chosen = [0] * RAW
    for word in words.split():
        chosen[RAW_NAMES.index(word)] = 1
    return chosen


class Ring:
    """One match, one tick a decision and no delay unless told otherwise."""

    def __init__(self, **options: Any):
        self.batch = arenas.make_batch("fight", seed=1, **{"delay": 0, "frame_skip": 1, **options})
        self.raw = options.get("actions") == "buttons"

    def place(
        self,
        first: str = "ren",
        second: str = "ren",
        *,
        gap: float | None = None,
        middle: float = 0.0,
        meter: tuple[int, int] = (0, 0),
    ) -> "Ring":
        """A fresh match of two characters. gap: between the middles of their bodies; without it they all but touch."""
        self.batch.reset()
        if gap is None:
            gap = body(first).width + body(second).width + 4
        for side, name in enumerate((first, second)):
            it = self.fighter(side)
            it.character = CONTENT.names.index(name)
            it.health = body(name).health
            it.meter = meter[side]
            it.x = round((middle + (side - 0.5) * gap) * FINE)
        self.look()
        return self

    def look(self) -> None:
        """Writes observations and masks anew after the record was changed by hand."""
        self.batch.load(0, self.batch.save(0))

    def fighter(self, side: int) -> Any:
        """A side's part of the record: its fields can be read and set."""
        return self.batch.state[0].fighter[side]

    @property
    def match(self) -> Any:
        """The record."""
        return self.batch.state[0]

    def pose(self, side: int) -> Pose:
        return Pose(int(self.fighter(side).pose))

    def slot(self, side: int) -> Slot | None:
        """The move a side is in."""
        it = self.fighter(side)
        return Slot(int(it.move) % MOVES) if it.pose == Pose.ATTACK else None

    def play(self, first: str = "", second: str = "", ticks: int = 1) -> None:
        """Both sides ask for the same for some ticks."""
        words = raw_action if self.raw else action
        chosen = np.array([[words(first), words(second)]], np.int16)
        for _ in range(ticks):
            self.batch.step(chosen)
            assert not self.batch.illegal.any(), f"illegal: {first!r}, {second!r}"

    def until(self, done: Any, first: str = "", second: str = "", limit: int = 200) -> int:
        """Plays on until `done()`; returns the ticks that took."""
        for ticks in range(1, limit + 1):
            self.play(first, second)
            if done():
                return ticks
        raise AssertionError(f"it did not happen in {limit} ticks:\n{self.batch.describe(0)}")

    def poses(self, side: int, first: str = "", second: str = "", ticks: int = 60) -> set[Pose]:
        """Every pose a side takes in the next ticks."""
        seen = set()
        for _ in range(ticks):
            self.play(first, second)
            seen.add(self.pose(side))
        return seen

    def lost(self, side: int) -> int:
        """Health a side has lost."""
        it = self.fighter(side)
        return CONTENT.characters[it.character].health - int(it.health)
