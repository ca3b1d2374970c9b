"""The report section on depth: whether a game is more than one habit, by what trained agents do in it."""

from __future__ import annotations

from ..cycles import Cycle
from ..depth import PURPOSES, Depth, Meeting
from . import charts
from .material import Material
from .parts import Chart, Column, Section, Table


def depth(material: Material, found: Depth) -> Section:
    """The checks, what attacks are for, and who beats whom by style and by character."""
    command = (
        f"kumite report {material.folder} --depth {material.game.arena.name} --response-steps {found.response_steps}"
        + (f" --response-runs {found.response_runs}" if found.response_runs > 1 else "")
    )
    checks = [
        {"check": what, "measured": measured, "asked": asked, "holds": holds}
        for what, measured, asked, holds in found.checks()
    ]
    check_columns = (
        Column("check", "what shows it"), Column("measured", "measured"), Column("asked", "asked"),
        Column("holds", "holds"),
    )  # fmt: skip
    held = sum(check["holds"] for check in checks)
    words = (
        f"{held} of {len(checks)} checks hold. Watched: {found.matches} matches of {found.watched} for both sides, "
        f"{found.decisions:,} decisions. Of the rounds of {found.judged} against itself "
        f"{found.judged_by_time:.0%} ended by time. "
        f"The matchup chart is played by {found.chart_by} on both sides."
    )
    tables = [Table("depth-checks", "Checks", check_columns, checks, "see each table", command)]
    if found.habits:
        tables.append(_habits(found, command))
    if found.cycles:
        tables.append(_cycles("depth-cycles", "Cycles of styles", found.cycles, found.unit, command))
    if found.response_cycles:
        title = "Cycles of answers to the styles"
        tables.append(_cycles("depth-answer-cycles", title, found.response_cycles, found.unit, command))
    chart_unit = "single game (its mirror image is the same game)"
    pictures = [
        _uses(found, command),
        _map("depth-styles", "Styles: win rate of the row", found.styles, found.unit, command, ""),
        *_answers(found, command),
        _map("depth-matchups", "Characters: win rate of the row", found.chart, chart_unit, command, found.chart_by),
    ]
    if found.picked:
        title, by = "Characters, each side picking", "the mixture of trained members that it would pick in the matchup"
        pictures.append(_map("depth-picked", title, found.picked, chart_unit, command, by))
    return Section("depth", "Depth", words, pictures, tables)


def _uses(found: Depth, command: str) -> Chart:
    rows = [
        {
            "name": use.purpose, "value": use.share, "lower": None, "upper": None, "starts": use.starts,
            "per_thousand": use.per_thousand, "sides": use.sides,
        }
        for use in sorted(found.uses, key=lambda use: -use.share)
    ]  # fmt: skip
    columns = (
        Column("name", "purpose"), Column("value", "share of attacks", ".1%"), Column("starts", "starts", ",d"),
        Column("per_thousand", "per 1,000 decisions", ".1f"), Column("sides", "sides that used it", ".0%"),
    )  # fmt: skip
    note = f"Every attack started is for one of {len(PURPOSES)} purposes, the most telling one by the rules."
    table = Table("depth-uses", "What attacks are for", columns, rows, "decision", command, note)
    return Chart("depth-uses", "What attacks are for", charts.bars(rows, "share of attacks"), table)


def _map(key: str, title: str, meetings: tuple[Meeting, ...], unit: str, command: str, by: str) -> Chart:
    names = list(dict.fromkeys(name for meeting in meetings for name in (meeting.row, meeting.column)))
    rates = {(meeting.row, meeting.column): (meeting.rate, meeting.games) for meeting in meetings}
    rates |= {(column, row): (1 - rate, games) for (row, column), (rate, games) in list(rates.items())}
    cells = [
        {"row": row, "column": column, "rate": rate, "games": games}
        for row in names
        for column in names
        for rate, games in [rates.get((row, column), (None, 0))]
    ]
    rows = [vars(meeting) for meeting in meetings]
    columns = (
        Column("row", "row"), Column("column", "against"), Column("rate", "win rate", ".3f"),
        Column("lower", "lower", ".3f"), Column("upper", "upper", ".3f"), Column("games", "games", ",d"),
    )  # fmt: skip
    note = "95 % intervals for each cell by itself (betting)." + (f" Both sides are played by {by}." if by else "")
    table = Table(key, title, columns, rows, unit, command, note)
    return Chart(key, title, charts.heat_map(cells, names, "win rate of the row"), table)


def _habits(found: Depth, command: str) -> Table:
    columns = (
        Column("kind", "kind"), Column("tried", "tried", ",d"), Column("units", "units", ",d"),
        Column("rate", "score", ".3f"), Column("lower", "at least", ".3f"), Column("upper", "at most", ".3f"),
        Column("action", "the best one"),
    )  # fmt: skip
    note = f"The best found of each kind, chosen on other games, against {found.judged}; one-sided 95 % bounds."
    rows = [vars(habit) for habit in found.habits]
    return Table("depth-habits", "Play that looks at nothing", columns, rows, found.unit, command, note)


def _answers(found: Depth, command: str) -> list[Chart]:
    if not found.responses:
        return []
    trained = f"{found.response_steps:,} decisions each"
    if found.response_runs > 1:
        trained += f", {found.response_runs} training runs of each, drawn alike"
    title = f"PPO's answers to the styles ({trained}): win rate of the row"
    return [_map("depth-answers", title, found.responses, found.unit, command, "")]


def _cycles(key: str, title: str, cycles: tuple[Cycle, ...], unit: str, command: str) -> Table:
    rows = [
        {"members": " → ".join((*cycle.members, cycle.members[0])), "weakest": min(cycle.scores), "p": cycle.p_value}
        for cycle in cycles
    ]
    columns = (
        Column("members", "each beats the next"), Column("weakest", "least of the three win rates", ".3f"),
        Column("p", "p, adjusted for all meetings", ".2g"),
    )  # fmt: skip
    return Table(key, title, columns, rows, unit, command)
