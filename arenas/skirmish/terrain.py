"""Maps: text files of one letter a cell -> terrain, places, and the way from any cell to any other.

`#` wall, `.` ground, `,` ground that cannot be built on, `^` high ground, `M` minerals, `G` a geyser, `H` where a hall
stands or may stand, `C` a gate, a place with a name; `m`, `g`, `N`, `c` the same four on high ground. Every map is its
own image when turned by 180°. Ways are shortest walks over cells, pulled straight: from a cell one heads for the
farthest cell of the walk in plain view.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..content import ContentError
from .state import CELL, Terrain

LETTERS = {
    "#": Terrain(0),
    ".": Terrain.WALK | Terrain.BUILD,
    ",": Terrain.WALK,
    "^": Terrain.WALK | Terrain.BUILD | Terrain.HIGH,
    "M": Terrain.WALK,
    "G": Terrain.WALK,
    "H": Terrain.WALK | Terrain.BUILD,
    "C": Terrain.WALK,
    "m": Terrain.WALK | Terrain.HIGH,
    "g": Terrain.WALK | Terrain.HIGH,
    "N": Terrain.WALK | Terrain.BUILD | Terrain.HIGH,
    "c": Terrain.WALK | Terrain.HIGH,
}
WIDEST = 48
"""Cells a map may have on a side."""
STEPS = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
VIEW = 6
"""Cells on that a walk is pulled straight."""
STRAIGHT, SLANTED = 10, 14
"""Costs of a step to one of the eight cells around."""


@dataclass(frozen=True, eq=False)
class Map:
    """A map. ground: Terrain by cell, uint8 [H, W], the first row the lowest y. places: the cells (x, y from the lower
    left) of each letter, in the order of rows."""

    name: str
    ground: np.ndarray
    places: dict[str, tuple[tuple[int, int], ...]]

    @cached_property
    def way(self) -> np.ndarray:
        """Where to head for on the way from one cell to another: int16 [N, N] over N = H·W cells; [1, 1] where
        everything lies in plain view. Found when it is asked for: of a large map that takes a second."""
        return ways(self.ground)

    def middle(self, cell: tuple[int, int]) -> tuple[int, int]:
        """A cell's middle in 1/256 of a unit, seen from the middle of the map."""
        height, width = self.ground.shape
        return (2 * cell[0] + 1 - width) * CELL // 2, (2 * cell[1] + 1 - height) * CELL // 2


def read_map(path: Path) -> Map:
    """A map from its file, or ContentError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[::-1]
    except OSError as error:
        raise ContentError(f"maps/{path.name}: {error}") from None
    width = len(lines[0]) if lines else 0
    if not 4 <= width <= WIDEST or not 4 <= len(lines) <= WIDEST or any(len(line) != width for line in lines):
        raise ContentError(f"maps/{path.name}: expected 4 to {WIDEST} lines of one length from 4 to {WIDEST}")
    places: dict[str, list[tuple[int, int]]] = {}
    for y, line in enumerate(lines):
        for x, letter in enumerate(line):
            if letter not in LETTERS:
                raise ContentError(
                    f"maps/{path.name}: {letter!r} at column {x + 1}: expected one of {''.join(LETTERS)}"
                )
            places.setdefault(letter, []).append((x, y))
    ground = np.array([[LETTERS[letter] for letter in line] for line in lines], np.uint8)
    if [line[::-1] for line in lines[::-1]] != lines:
        raise ContentError(f"maps/{path.name}: it is not its own image when turned by 180°")
    return Map(path.stem, ground, {key: tuple(cells) for key, cells in places.items()})


def ways(ground: np.ndarray) -> np.ndarray:
    """Where to head for from each cell on the way to each other: int16 [N, N], or [1, 1] where no wall is."""
    walk = ground & Terrain.WALK > 0
    if walk.all():
        return np.zeros((1, 1), np.int16)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    height, width = walk.shape
    number = np.arange(height * width).reshape(height, width)
    steps = []
    for dx, dy in STEPS:
        near = shifted(walk, dx, dy)
        if dx and dy:  # no cutting of corners
            near = near & shifted(walk, dx, 0) & shifted(walk, 0, dy)
        here = np.argwhere(walk & near)
        cost = SLANTED if dx and dy else STRAIGHT
        steps.append((number[tuple(here.T)], number[here[:, 0] + dy, here[:, 1] + dx], np.full(len(here), cost)))
    origin, aim, cost = (np.concatenate(column) for column in zip(*steps, strict=True))
    size = height * width
    far = dijkstra(csr_array((cost.astype(float), (origin, aim)), shape=(size, size)))
    far = np.where(np.isfinite(far), far, 1e6).astype(np.int32)
    # The next cell is the one that brings one nearest; of several, the first in the order of STEPS.
    best, after = np.full((size, size), 2_000_000, np.int32), np.tile(np.arange(size)[:, None], (1, size))
    for near_from, near_to, price in steps:
        through = price[:, None] + far[near_to]
        better = through < best[near_from]
        rows = near_from[:, None]
        best[near_from] = np.where(better, through, best[near_from])
        after[near_from] = np.where(better, near_to[:, None], after[rows, np.arange(size)])
    after[np.arange(size), np.arange(size)] = np.arange(size)
    way = pulled_straight(after, in_view(walk), width)
    stuck = ~walk.ravel()  # to what cannot be walked on one goes as to the nearest cell that can
    free = np.argwhere(walk)
    for goal in np.flatnonzero(stuck):
        apart = ((free - np.argwhere(number == goal)[0]) ** 2).sum(axis=1)
        way[:, goal] = way[:, number[tuple(free[apart.argmin()])]]
    return way.astype(np.int16)


def shifted(walk: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """What lies (dx, dy) from each cell; beyond the edge is wall."""
    padded = np.pad(walk, 1)
    return padded[1 + dy : 1 + dy + walk.shape[0], 1 + dx : 1 + dx + walk.shape[1]]


def in_view(walk: np.ndarray) -> np.ndarray:
    """Whether a cell sees those up to VIEW cells away: the straight line between the middles, and a quarter of a cell
    on both sides of it, is free. bool [N, 2 VIEW + 1, 2 VIEW + 1], by offset in y and x."""
    height, width = walk.shape
    padded = np.pad(walk, VIEW + 1)
    y, x = (axis.ravel() + VIEW + 1 for axis in np.mgrid[:height, :width])
    seen = np.zeros((height * width, 2 * VIEW + 1, 2 * VIEW + 1), bool)
    for dy in range(-VIEW, VIEW + 1):
        for dx in range(-VIEW, VIEW + 1):
            long = max(abs(dx), abs(dy), 1)
            met = {(0, 0), (dy, dx)}
            for part in range(1, 2 * long):
                for beside in (-2, 2):  # in eighths of a cell, across the line
                    px = (4 + (8 * part * dx // 2 - beside * dy) // long) // 8
                    py = (4 + (8 * part * dy // 2 + beside * dx) // long) // 8
                    met.add((py, px))
            free = np.ones(height * width, bool)
            for py, px in met:
                free &= padded[y + py, x + px]
            seen[:, dy + VIEW, dx + VIEW] = free
    return seen


def pulled_straight(after: np.ndarray, view: np.ndarray, width: int) -> np.ndarray:
    """The farthest cell of each walk that is in view of its beginning, up to VIEW cells on: int64 [N, N]."""
    size = len(after)
    goal, start = np.arange(size)[None, :], np.arange(size)[:, None]
    line, column = start // width, start % width
    way, going = after.copy(), np.ones((size, size), bool)
    for _ in range(VIEW):
        further = after[way, goal]
        dy, dx = further // width - line, further % width - column
        near = (abs(dy) <= VIEW) & (abs(dx) <= VIEW)
        going &= near & (further != way)
        going &= view[start, np.clip(dy, -VIEW, VIEW) + VIEW, np.clip(dx, -VIEW, VIEW) + VIEW]
        if not going.any():
            break
        way = np.where(going, further, way)
    return way
