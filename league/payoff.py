"""The payoff table: what every member of a league has scored against every other, with its uncertainty."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# One cell, from the row member's point of view. Sums, so that adding games in any order gives the same cell.
CELL = np.dtype(
    [
        ("games", np.int64),
        ("wins", np.int64),
        ("draws", np.int64),
        ("utility", np.float64),  # Σ over games
        ("utility_squares", np.float64),  # Σ utility² over games
        ("pairs", np.int64),
        ("pair_squares", np.float64),  # Σ over pairs of (the pair's mean utility)²
        ("point_squares", np.float64),  # Σ over pairs of (the pair's mean of win 1, draw ½, loss 0)²
    ]
)


class Missing(NamedTuple):
    """How many pairs the cell (`row`, `column`) still lacks."""

    row: str
    column: str
    pairs: int


class PayoffTable:
    """Results between a row population and a column population, both by name.

    The unit of every uncertainty is the *pair*: one setup played `games_per_pair` times, twice with the agents
    exchanging seats where the game allows it, once where the seats are not exchangeable or exchange changes nothing.

    With one population (`columns` left out) the game is symmetric and zero-sum: cell (i, j) is the mirror of cell
    (j, i) and the diagonal is 0 because the game says so, never because it was played. A cell nobody has played has no
    mean: it is NaN, not an even result.
    """

    def __init__(
        self, rows: Iterable[str] = (), columns: Iterable[str] | None = None, *, games_per_pair: int = 2
    ) -> None:
        if games_per_pair not in (1, 2):
            raise ValueError(
                f"a pair has 2 games, or 1 where seats are not exchanged: got games_per_pair={games_per_pair}"
            )
        self.symmetric = columns is None
        self.games_per_pair = games_per_pair
        self.rows: list[str] = []
        self.columns: list[str] = self.rows if columns is None else []
        self.cells = np.zeros((0, 0), dtype=CELL)  # [m, n]
        for name in rows:
            self.add_member(name)
        for name in columns or ():
            self.add_member(name, population=1)

    def __repr__(self) -> str:
        shape = f"{len(self.rows)} members" if self.symmetric else f"{len(self.rows)} by {len(self.columns)} members"
        return f"PayoffTable({shape}, {int(self._played_once()['games'].sum())} games)"

    def add_member(self, name: str, population: int = 0) -> None:
        """Append an unplayed member to the rows (`population` 0) or, in an asymmetric game, to the columns (1)."""
        names = self._names(population)
        if name in names:
            raise ValueError(f"{name!r} is already in this population of the payoff table")
        names.append(name)
        grown = np.zeros((len(self.rows), len(self.columns)), dtype=CELL)
        grown[: self.cells.shape[0], : self.cells.shape[1]] = self.cells
        self.cells = grown

    def remove_member(self, name: str, population: int = 0) -> None:
        """Drop a member and all its results."""
        index = self.index(name, population)
        self._names(population).pop(index)
        for axis in (0, 1) if self.symmetric else (population,):
            self.cells = np.delete(self.cells, index, axis=axis)

    def index(self, name: str, population: int = 0) -> int:
        """Position of a member in its population."""
        names = self._names(population)
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f", expected one of {names}"
            raise KeyError(f"no member {name!r} in the payoff table's {('rows', 'columns')[population]}{hint}")
        return names.index(name)

    def add(self, row: str, column: str, utility: ArrayLike, outcome: ArrayLike | None = None) -> None:
        """Add finished pairs between two members.

        `utility [pairs, games_per_pair]` is the row member's in every game, whichever seat it had; `outcome`, of the
        same shape, is +1, 0 or −1 for it, by default the sign of the utility.
        """
        scores = np.asarray(utility, dtype=np.float64).reshape(-1, self.games_per_pair)
        results = np.sign(scores) if outcome is None else np.asarray(outcome).reshape(-1, self.games_per_pair)
        if not np.isfinite(scores).all():
            raise ValueError(f"utilities of {row!r} against {column!r} must be finite numbers")
        if results.shape != scores.shape or not np.isin(results, (-1, 0, 1)).all():
            raise ValueError(f"an outcome is +1, 0 or -1 for each of {scores.size} games: got {np.unique(results)[:5]}")
        points = (results.mean(axis=1) + 1) / 2
        added = np.zeros((), dtype=CELL)
        added["games"], added["pairs"] = scores.size, len(scores)
        added["wins"], added["draws"] = (results == 1).sum(), (results == 0).sum()
        added["utility"], added["utility_squares"] = scores.sum(), (scores**2).sum()
        added["pair_squares"], added["point_squares"] = (scores.mean(axis=1) ** 2).sum(), (points**2).sum()
        self._accumulate(row, column, added)

    def mean(self) -> Array:
        """Mean utility of the row member, `[m, n]`; NaN where unplayed."""
        return self._by_symmetry(_ratio(self.cells["utility"], self.cells["games"]), 0.0)

    def win_rate(self) -> Array:
        """Mean of win 1, draw ½, loss 0, `[m, n]`; NaN where unplayed."""
        return self._by_symmetry(_ratio(self.cells["wins"] + self.cells["draws"] / 2, self.cells["games"]), 0.5)

    def standard_error(self) -> Array:
        """Standard error of `mean`, from the spread between pairs, `[m, n]`; NaN with fewer than two pairs.

        It is 0 where all pairs agree: the estimate is then no evidence of certainty, and bounds should come from
        `eval.intervals`.
        """
        pairs = self.cells["pairs"]
        mean = _ratio(self.cells["utility"], self.cells["games"])
        spread = np.maximum(self.cells["pair_squares"] - pairs * mean**2, 0.0)
        return self._by_symmetry(np.sqrt(_ratio(_ratio(spread, pairs - 1), pairs)), 0.0)

    def missing(self, min_pairs: int | NDArray[np.int64]) -> list[Missing]:
        """The cells with fewer than `min_pairs` pairs (one number, or one a cell), each once, in members' order."""
        lacking = min_pairs - self.cells["pairs"]
        cells = np.argwhere(np.triu(lacking, k=1) > 0 if self.symmetric else lacking > 0)
        return [Missing(self.rows[i], self.columns[j], int(lacking[i, j])) for i, j in cells]

    def to_rows(self) -> list[dict[str, Any]]:
        """One dictionary for each played cell (in a symmetric game only i < j): the names and the fields of `CELL`."""
        played = self._played_once()
        return [
            {"row": self.rows[i], "column": self.columns[j]} | {f: played[f][i, j].item() for f in CELL.names or ()}
            for i, j in np.argwhere(played["games"] > 0)
        ]

    @classmethod
    def from_rows(
        cls,
        results: Iterable[Mapping[str, Any]],
        rows: Sequence[str],
        columns: Sequence[str] | None = None,
        *,
        games_per_pair: int = 2,
    ) -> PayoffTable:
        """The table of these members holding `results`, in the form of `to_rows` (a cell met twice is added up)."""
        table = cls(rows, columns, games_per_pair=games_per_pair)
        for result in results:
            added = np.zeros((), dtype=CELL)
            for field in CELL.names or ():
                added[field] = result[field]
            table._accumulate(result["row"], result["column"], added)
        return table

    def _accumulate(self, row: str, column: str, added: NDArray[np.void]) -> None:
        i, j = self.index(row), self.index(column, 0 if self.symmetric else 1)
        if added["games"] != added["pairs"] * self.games_per_pair:
            raise ValueError(
                f"{added['pairs']} pairs of {row!r} against {column!r} have {added['games']} games, "
                f"expected {self.games_per_pair} a pair"
            )
        if self.symmetric and i == j:
            raise ValueError(f"{row!r} against itself is 0 by symmetry: such games are not added to the payoff table")
        for field in CELL.names or ():
            self.cells[field][i, j] += added[field]
        if self.symmetric:
            self.cells[j, i] = mirrored(self.cells[i, j], self.games_per_pair)

    def _by_symmetry(self, values: Array, diagonal: float) -> Array:
        if self.symmetric:
            np.fill_diagonal(values, diagonal)
        return values

    def _played_once(self) -> NDArray[np.void]:
        """The cells with every game in one place: all of them, or the upper triangle of a symmetric table."""
        cells = self.cells.copy()
        if self.symmetric:
            cells[np.tril_indices(len(self.rows))] = np.zeros((), dtype=CELL)
        return cells

    def _names(self, population: int) -> list[str]:
        if population not in ((0,) if self.symmetric else (0, 1)):
            expected = "0: a symmetric game has one population" if self.symmetric else "0 (rows) or 1 (columns)"
            raise ValueError(f"no population {population} in this payoff table, expected {expected}")
        return self.columns if population else self.rows


def _ratio(numerator: ArrayLike, count: ArrayLike) -> Array:
    """`numerator / count`, NaN where the count is not positive."""
    number, size = np.asarray(numerator, dtype=np.float64), np.asarray(count, dtype=np.float64)
    return np.divide(number, size, out=np.full(number.shape, np.nan), where=size > 0)


def mirrored(cell: NDArray[np.void], games_per_pair: int) -> NDArray[np.void]:
    """The same games seen by the other member."""
    other = cell.copy()
    other["wins"] = cell["games"] - cell["wins"] - cell["draws"]
    other["utility"] = -cell["utility"]
    # Σ (1 − s)² over pairs, where s is the pair's mean points.
    points = (cell["wins"] + cell["draws"] / 2) / games_per_pair
    other["point_squares"] = cell["pairs"] - 2 * points + cell["point_squares"]
    return other
