"""The report section on a tournament of two populations, one for each seat."""

from __future__ import annotations

from ..roles import RoleStandings
from . import charts
from .material import Material
from .parts import Chart, Column, Section, Table
from .strength import ERRORS, command, kind_of

UNIT = "single game on a setup of its own, the row member in seat 0"


def ratings(material: Material, found: RoleStandings) -> Section:
    """Ratings of both, each in its seat, what the first seat is worth, and every meeting."""
    rated = found.ratings
    made = command(material)
    rows = []
    for row in rated.ratings.to_rows():
        name, known = row["name"], not row["anchor"] and not row["separated"]
        note = "frozen" if row["anchor"] else "won or lost everything: an order" if row["separated"] else ""
        rows.append(
            {
                "name": name, "seat": int(name in rated.seats[1]),
                "kind": "anchor" if row["anchor"] else kind_of(material, name), "value": row["elo"],
                "lower": row["lower"] if known else None, "upper": row["upper"] if known else None,
                "games": row["games"], "note": note,
            }
        )  # fmt: skip
    rows.sort(key=lambda row: row["seat"])
    columns = (
        Column("name", "member"), Column("seat", "seat", "d"), Column("kind", "kind"), Column("value", "Elo", ".0f"),
        Column("lower", "lower", ".0f"), Column("upper", "upper", ".0f"), Column("games", "games", ",d"),
        Column("note", "note"),
    )  # fmt: skip
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
    fit = rated.ratings.fit
    words = (
        "The seats are different roles, each with a population of its own, so rows (seat 0) met columns (seat 1) only. "
        f"Between the two zeros, seat 0 is worth {rated.advantage:+.0f} Elo [{rated.lower:.0f}, {rated.upper:.0f}]. "
        f"Goodness of fit: χ² = {fit.chi_square:.1f} on {fit.degrees} degrees of freedom, p = {fit.p_value:.2g}."
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
