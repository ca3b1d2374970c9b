"""A match for tests of the commander's interface of skirmish, with one commander a side."""

import numpy as np
from skirmish_field import FINE, ROWS, Field

from kumite import arenas
from kumite.arenas.skirmish.functions import Arg
from kumite.arenas.skirmish.selection import SELECTED

SCREEN = 16
VIEW = 24


class Deck(Field):
    """One match seen by commanders, a tick a decision, and only what a test puts there."""

    def __init__(self, scenario="random", *, empty=True, **options):
        if scenario == "random":
            options = {"units": 2, "most": 16, **options}
        settings = {"frame_skip": 1, "interface": "commander", "screen": SCREEN, **options}
        self.batch = arenas.make_batch("skirmish", seed=1, scenario=scenario, planes=True, **settings)
        self.game = self.batch.game
        self.names = self.game.action.slots[0].choices
        if empty:
            self.match.unit[:] = np.zeros(1, self.match.unit.dtype)
            self.match.count[:] = 0
            self.match.camera[:] = 0

    def order(self, function, point=(0, 0), second=(0, 0), side=0, ticks=1, **arguments):
        """One decision by which a side uses a function."""
        actions = np.zeros(self.batch.actions.shape, np.int16)
        chosen = actions[0, side]
        chosen[0] = self.names.index(function)
        for slot, value in {Arg.X: point[0], Arg.Y: point[1], Arg.X2: second[0], Arg.Y2: second[1]}.items():
            chosen[slot] = value
        for name, value in arguments.items():
            chosen[Arg[name.upper()]] = value
        self.batch.look()  # the record may have been changed by hand
        illegal = self.batch.illegal.copy()
        self.batch.step(actions)
        assert np.array_equal(self.batch.illegal, illegal), f"{function} was illegal"
        for _ in range(ticks - 1):
            self.batch.step(actions * 0)

    def pixel(self, x, y, side=0):
        """The pixel of a side's screen that shows a point of the map."""
        sign = 1 - 2 * side
        camera = self.match.camera[side] / FINE
        column = (x * sign - camera[0] + VIEW / 2) * SCREEN / VIEW
        return int(column), int((camera[1] - y * sign + VIEW / 2) * SCREEN / VIEW)

    def point(self, column, line):
        """The middle of a pixel of the first side's screen."""
        camera = self.match.camera[0] / FINE
        width = VIEW / SCREEN
        return camera[0] - VIEW / 2 + (column + 0.5) * width, camera[1] + VIEW / 2 - (line + 0.5) * width

    def selected(self, side=0):
        """Which rows a side has selected."""
        return {row for row in range(ROWS) if int(self.unit(side, row).marks) & SELECTED}

    def functions(self, side=0):
        """The functions that are available."""
        self.look()
        return {name for name, may in zip(self.names, self.batch.masks[0, side, 0], strict=False) if may}

    def plane(self, layer, side=0):
        """One layer, [H, W]."""
        return self.batch.planes[0, side, layer]


def squad(**options):
    """Three marines and a zealot of the first side, a roach of the second in sight."""
    deck = Deck(**options)
    for x, y in ((-6, 0), (-6, 3), (-6, -3)):
        deck.put(0, "marine", x, y)
    deck.put(0, "zealot", -9, 0)
    deck.put(1, "roach", 2, 0)
    deck.look()
    return deck
