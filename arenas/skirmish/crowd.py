"""Where the full game's figure in `kumite bench skirmish` begins: scripts have played, and no row is empty."""

from typing import Any

import numpy as np

from .content import unit_table
from .state import FINE, Order, Role

SCRIPTS = ("fast-expand", "turtle-tech", "harass")
PLAYED = 600
"""Decisions that scripts play first: after 300 s both sides have an economy and an army."""
APART = FINE // 4
SETTLED = 32
"""Decisions of random play then: put nearer to each other than units ever are, they step apart. One of 128 falls."""


def crowded(batch: Any) -> None:
    """Lets scripts play both sides, then fills either side's empty rows with copies of its fighters, beside these."""
    matches = range(len(batch))
    batch.set_opponents({side: [SCRIPTS[match // 3**side % 3] for match in matches] for side in range(2)})
    still = np.zeros(batch.actions.shape, np.int16)
    for _ in range(PLAYED):
        batch.step(still)
    batch.set_opponents({0: None, 1: None})
    records = batch.state.copy()
    for match in records:
        for side in range(2):
            _fill(match, side)
    batch.put(records)
    for _ in range(SETTLED):
        batch.step(batch.random_actions())


def _fill(match: Any, side: int) -> None:
    """One side's empty rows. Where all fighters are dead, as at the start, workers are copied."""
    rows = len(match["unit"]) * 2 // 5
    units = match["unit"][side * rows : (side + 1) * rows]
    role = unit_table()["role"][units["kind"]]
    mobile = (units["kind"] > 0) & (units["fixed"] == 0)
    fighters = np.flatnonzero(mobile & (role != Role.WORKER))
    copied = fighters if len(fighters) else np.flatnonzero(mobile)
    for number, row in enumerate(np.flatnonzero(units["kind"] == 0)):
        units[row] = units[copied[number % len(copied)]]
        units[row]["x"] += APART * (number % 3 - 1)
        units[row]["y"] += APART * (number // 3 % 3 - 1)
        units[row]["order"], units[row]["target"], units[row]["aim"], units[row]["work"] = Order.IDLE, -1, -1, 0
    match["count"][side] = rows
