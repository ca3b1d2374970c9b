"""Payoff matrices: those known by name, and files of one's own.

CSV: numbers alone, or with the columns' names above them, the rows' names in front and the corner empty. TOML:
`payoff`, a list of rows, and if wished `rows` and `columns`, lists of names. The values of biased rock-paper-scissors
are those of OpenSpiel's `matrix_brps`; its one equilibrium plays rock 1, paper 10 and scissors 5 times in 16.
"""

import csv
import tomllib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..arena import IllegalOption, nearest


class Matrix(NamedTuple):
    """A zero-sum game: names of the rows and columns, and what the player of the rows wins [row][column]."""

    rows: Sequence[str]
    columns: Sequence[str]
    payoff: Sequence[Sequence[int | Decimal]]


RPS = ("rock", "paper", "scissors")
KNOWN = {
    "rock-paper-scissors": Matrix(RPS, RPS, ((0, -1, 1), (1, 0, -1), (-1, 1, 0))),
    "biased-rock-paper-scissors": Matrix(RPS, RPS, ((0, -25, 50), (25, 0, -5), (-50, 5, 0))),
    "matching-pennies": Matrix(("heads", "tails"), ("heads", "tails"), ((1, -1), (-1, 1))),
}
LARGEST = 2**30  # score differences are twice as much and must fit 32 bits


def load(game: str) -> Matrix:
    """A matrix by name or from a file. Raises IllegalOption, naming the file and what is wrong in it."""
    if game in KNOWN:
        return KNOWN[game]
    path = Path(game)
    if path.suffix not in (".csv", ".toml"):
        raise IllegalOption(f"no matrix {game!r}{nearest(game, list(KNOWN))}; a file of your own ends in .csv or .toml")
    try:
        text = path.read_text(encoding="utf-8")
        rows, columns, payoff = _from_csv(text) if path.suffix == ".csv" else _from_toml(text)
    except (OSError, ValueError, ArithmeticError) as error:
        raise IllegalOption(f"matrix file {game}: {error}") from error
    width = len(payoff[0]) if payoff else 0
    rows = rows or [str(i) for i in range(len(payoff))]
    columns = columns or (rows if len(rows) == width else [str(i) for i in range(width)])
    matrix = Matrix(rows, columns, payoff)
    _check(game, matrix)
    return matrix


def _from_csv(text: str) -> tuple[list[str], list[str], list[list[Decimal]]]:
    lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines()) if any(map(str.strip, line))]
    rows, columns = [], []
    if lines and not lines[0][0]:  # an empty corner: names around the numbers
        columns = lines[0][1:]
        rows = [line[0] for line in lines[1:]]
        lines = [line[1:] for line in lines[1:]]
    return rows, columns, [[_number(cell) for cell in line] for line in lines]


def _from_toml(text: str) -> tuple[list[str], list[str], list[list[Decimal]]]:
    data = tomllib.loads(text, parse_float=Decimal)
    for key in data:
        if key not in Matrix._fields:
            raise ValueError(f"no entry {key!r}{nearest(key, Matrix._fields)}")
    for key in ("rows", "columns"):
        names = data.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"{key}: expected a list of names")
    payoff = data.get("payoff", [])
    if not isinstance(payoff, list) or not all(isinstance(row, list) for row in payoff):
        raise ValueError("payoff: expected a list of rows, each a list of numbers")
    return data.get("rows", []), data.get("columns", []), [[_number(entry) for entry in row] for row in payoff]


def _number(entry: Any) -> Decimal:
    try:
        number = Decimal(entry)
    except (InvalidOperation, TypeError, ValueError):
        number = Decimal("nan")
    if isinstance(entry, bool) or not number.is_finite():
        raise ValueError(f"{entry!r} is not a number")
    return number


def _check(game: str, matrix: Matrix) -> None:
    if not matrix.payoff or not matrix.payoff[0]:
        raise IllegalOption(f"matrix file {game}: it has no entries")
    if len(matrix.rows) != len(matrix.payoff):
        raise IllegalOption(f"matrix file {game}: {len(matrix.rows)} names for {len(matrix.payoff)} rows")
    for number, row in enumerate(matrix.payoff, start=1):
        if len(row) != len(matrix.columns):
            raise IllegalOption(
                f"matrix file {game}: row {number} has {len(row)} entries, expected {len(matrix.columns)}"
            )


def whole(game: str, matrix: Matrix) -> tuple[np.ndarray, int]:
    """The entries as whole numbers int32 [rows, columns], and the power of ten they were multiplied by."""
    entries = [[Decimal(entry) for entry in row] for row in matrix.payoff]
    digits = max(max(0, -int(entry.normalize().as_tuple().exponent)) for row in entries for entry in row)
    largest = max(abs(entry) for row in entries for entry in row) * 10**digits
    if largest > LARGEST:
        raise IllegalOption(f"matrix {game}: entries of up to {largest:.3g} in units of 1e-{digits} do not fit 31 bits")
    return np.array([[int(entry * 10**digits) for entry in row] for row in entries], np.int32), 10**digits


def choice_names(matrix: Matrix) -> tuple[str, ...]:
    """One name a choice for both sides: `top/left` where a row and a column of one number differ."""
    both = [
        row if row == column else f"{row}/{column}" for row, column in zip(matrix.rows, matrix.columns, strict=False)
    ]
    return (*both, *matrix.rows[len(both) :], *matrix.columns[len(both) :])
