"""A commander's functions: what each takes, costs and needs. They follow those of PySC2, by name and by effect."""

from enum import IntEnum, IntFlag

import numpy as np

from ..arena import Slot
from .selection import GROUPS


class Arg(IntEnum):
    """The slots of a commander's action. A point is a column and a row of the screen or of the minimap."""

    FUNCTION = 0
    X = 1
    Y = 2
    X2 = 3
    Y2 = 4
    UNIT = 5
    GROUP = 6
    ADD = 7


class Have(IntFlag):
    """What a side has, found out in one look at its units; a function says what of it it needs."""

    UNITS = 1
    ARMY = 2
    IDLE_WORKER = 4
    SELECTED = 8
    MOVER = 16  # from here to MAKER: among those selected
    FIGHTER = 32
    WORKER = 64
    CARRIER = 128
    HEALER = 256
    MAKER = 512  # a structure that makes units
    HALL = 1024
    GROUP = 2048
    VIEW = 4096  # the screen does not show the whole map
    NEWCOMER = 8192  # of the army, and not selected


class Fn(IntEnum):
    """The functions all scenarios have; those that build and train come after them."""

    NO_OP = 0
    MOVE_CAMERA = 1
    SELECT_POINT = 2
    SELECT_TYPE = 3
    SELECT_RECT = 4
    SELECT_ARMY = 5
    SELECT_IDLE_WORKER = 6
    SELECT_UNIT = 7
    SELECT_GROUP = 8
    SET_GROUP = 9
    ADD_TO_GROUP = 10
    STOP = 11
    HOLD = 12
    ATTACK_SCREEN = 13
    ATTACK_MINIMAP = 14
    MOVE_SCREEN = 15
    MOVE_MINIMAP = 16
    SMART_SCREEN = 17
    SMART_MINIMAP = 18
    HARVEST_GATHER = 19
    HARVEST_RETURN = 20
    HEAL_SCREEN = 21
    RALLY_UNITS = 22
    RALLY_WORKERS = 23


COST = len(Arg)
"""Column of `tables.functions` after those of the arguments: actions that a function counts as under a limit."""
NEED = COST + 1
"""Column of what a function needs: Have."""
MADE = COST + 2
"""Column of the kind it makes, its place in `tables.makes` plus 1; 0: none."""

POINT, RECTANGLE = (Arg.X, Arg.Y), (Arg.X, Arg.Y, Arg.X2, Arg.Y2)
SPECS: dict[Fn, tuple[tuple[Arg, ...], int, Have]] = {
    Fn.NO_OP: ((), 0, Have(0)),
    Fn.MOVE_CAMERA: (POINT, 0, Have.VIEW),
    Fn.SELECT_POINT: ((*POINT, Arg.ADD), 1, Have.UNITS),
    Fn.SELECT_TYPE: ((*POINT, Arg.ADD), 1, Have.UNITS),
    Fn.SELECT_RECT: ((*RECTANGLE, Arg.ADD), 1, Have.UNITS),
    Fn.SELECT_ARMY: ((Arg.ADD,), 1, Have.ARMY),
    Fn.SELECT_IDLE_WORKER: ((Arg.ADD,), 1, Have.IDLE_WORKER),
    Fn.SELECT_UNIT: ((Arg.UNIT, Arg.ADD), 1, Have.UNITS),
    Fn.SELECT_GROUP: ((Arg.GROUP, Arg.ADD), 1, Have.GROUP),
    Fn.SET_GROUP: ((Arg.GROUP,), 1, Have.SELECTED),
    Fn.ADD_TO_GROUP: ((Arg.GROUP,), 1, Have.SELECTED),
    Fn.STOP: ((), 1, Have.MOVER),
    Fn.HOLD: ((), 1, Have.MOVER),
    Fn.ATTACK_SCREEN: (POINT, 2, Have.FIGHTER),
    Fn.ATTACK_MINIMAP: (POINT, 2, Have.FIGHTER),
    Fn.MOVE_SCREEN: (POINT, 2, Have.MOVER),
    Fn.MOVE_MINIMAP: (POINT, 2, Have.MOVER),
    Fn.SMART_SCREEN: (POINT, 1, Have.SELECTED),
    Fn.SMART_MINIMAP: (POINT, 1, Have.SELECTED),
    Fn.HARVEST_GATHER: (POINT, 2, Have.WORKER),
    Fn.HARVEST_RETURN: ((), 1, Have.CARRIER),
    Fn.HEAL_SCREEN: (POINT, 2, Have.HEALER),
    Fn.RALLY_UNITS: (POINT, 2, Have.MAKER),
    Fn.RALLY_WORKERS: (POINT, 2, Have.HALL),
}
"""Arguments, actions it counts as, what it needs. Commands with a target count twice, the camera not at all."""


def function_table(makes: int) -> np.ndarray:
    """`tables.functions`: int16 [F, MADE + 1]. makes: kinds that can be made."""
    rows = np.zeros((len(Fn) + makes, MADE + 1), np.int16)
    for number, (arguments, cost, need) in SPECS.items():
        rows[number, list(arguments)] = 1
        rows[number, COST], rows[number, NEED] = cost, need
    for k in range(makes):
        rows[len(Fn) + k, [COST, NEED, MADE]] = 1, Have.SELECTED, k + 1
    return rows


def function_names(makes: list[tuple[str, bool]]) -> tuple[str, ...]:
    """The functions' names. makes: (kind, whether a structure trains it; a worker builds it otherwise)."""
    built = [f"{'train' if trained else 'build'} {kind}" for kind, trained in makes]
    return (*(number.name.lower() for number in Fn), *built)


def slots(functions: tuple[str, ...], pixels: int, units: int, flat: bool) -> tuple[Slot, ...]:
    """The slots of a commander's action, in the order of `Arg`. flat: a point is one choice, its row has only one."""
    words = [tuple(f"{axis} {k}" for k in range(pixels)) for axis in ("column", "row")]
    axes = ("x", "y")
    if flat:
        words = [tuple(f"pixel {column} {row}" for row in range(pixels) for column in range(pixels)), ("as said",)]
        axes = ("xy", "")
    return (
        Slot("function", functions),
        *(Slot(f"{'xy'[k]}{number}", words[k], axes[k]) for number in ("", "2") for k in range(2)),
        Slot("unit", tuple(f"unit {k}" for k in range(units))),
        Slot("group", tuple(f"group {k}" for k in range(GROUPS))),
        Slot("add", ("instead", "beside")),
    )
