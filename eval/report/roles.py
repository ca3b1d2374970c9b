"""The report section on a tournament of two populations, one for each seat."""

from __future__ import annotations

from ..roles import RoleStandings
from . import charts
from .material import Material
from .parts import Chart, Column, Section, Table
from .strength import ERRORS, command, rating_columns, rating_rows

UNIT = "single game on a setup of its own, the row member in seat 0"


def ratings(material: Material, found: RoleStandings) -> Section:
    """Ratings of both, each in its seat, what the first seat is worth, and every meeting."""
    rated = found.ratings
    made = command(material)
    rows = [row | {"seat": int(row["name"] in rated.seats[1])} for row in rating_rows(material, rated.ratings)]
    rows.sort(key=lambda row: row["seat"])
    columns = rating_columns(after={"name": Column("seat", "seat", "d")})
    note = (
        "Two populations, one for each seat, rated by Bradley–Terry with a parameter for the roles; intervals from "
        f"{ERRORS[rated.ratings.errors]}. 0 of seat 0: {rated.references[0]}; of seat 1: {rated.references[1]}. "
        "Ratings of different seats are not comparable."
    )
    table = Table("role-ratings", "Ratings by role", columns, rows, UNIT, made, note)
    chart = Chart(
        "role-ratings", "Ratings by role", charts.intervals(rows, "Elo", 0.0), table,
        f"with {rated.ratings.confidence:.0%} intervals",
    )  # fmt: skip
    words = (
        "The seats are different roles, each with a population of its own, so rows (seat 0) met columns (seat 1) only. "
        f"Between the two zeros, seat 0 is worth {rated.advantage:+.0f} Elo [{rated.lower:.0f}, {rated.upper:.0f}]. "
        f"Goodness of fit: {rated.ratings.fit}."
    )
    return Section("role-ratings", "Ratings by role", words, [chart], [_cells(found, made)])


def _cells(found: RoleStandings, made: str) -> Table:
    rows = [
        {
            "row": cell.row, "column": cell.column, "rate": cell.rate, "units": cell.units, "distinct": cell.distinct,
            "lower": cell.interval.lower if cell.interval else None,
            "upper": cell.interval.upper if cell.interval else None,
            "note": "" if cell.interval else "interval refused: copies dominate",
        }
        for cell in found.cells
    ]  # fmt: skip
    columns = (
        Column("row", "seat 0"), Column("column", "seat 1"), Column("rate", "score of seat 0", ".3f"),
        Column("lower", "lower", ".3f"), Column("upper", "upper", ".3f"), Column("units", "units", ",d"),
        Column("distinct", "distinct", ",d"), Column("note", "note"),
    )  # fmt: skip
    note = f"Draws count one half. Intervals: betting, {found.ratings.ratings.confidence:.0%} for each cell by itself."
    return Table("role-scores", "Scores", columns, rows, UNIT, made, note)
