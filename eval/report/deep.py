"""The report section on depth: whether a game is more than one habit, by what trained agents do in it."""

from __future__ import annotations

from ..answers import SUPPORT, Answers
from ..cycles import Cycle
from ..depth import PURPOSES, Depth, Meeting
from . import charts
from .material import Material
from .parts import Chart, Column, Section, Table

CYCLE = (
    Column("members", "each beats the next"), Column("weakest", "least of the three win rates", ".3f"),
    Column("p", "p, adjusted for all meetings", ".2g"),
)  # fmt: skip


def depth(material: Material, found: Depth) -> Section:
    """The checks, what attacks are for, and who beats whom by style and by character."""
    command = (
        f"kumite report {material.folder} --depth {material.game.arena.name} --response-steps {found.response_steps}"
        + (f" --response-runs {len(found.answers)}" if len(found.answers) > 1 else "")
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
        rows = _cycle_rows(found.cycles)
        tables.append(Table("depth-cycles", "Cycles of styles", CYCLE, rows, found.unit, command))
    if found.answers:
        tables += [_answer_runs(found, command), _answer_cycles(found, command)]
    chart_unit = "single game (its mirror image is the same game)"
    pictures = [
        _uses(found, command),
        _map("depth-styles", "Styles: win rate of the row", found.styles, found.unit, command, ""),
        *(_answers(found, each, command) for each in found.answers),
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


def _answers(found: Depth, each: Answers, command: str) -> Chart:
    run = f", training run {each.run}" if len(found.answers) > 1 else ""
    title = f"Styles and PPO's answers to them ({found.response_steps:,} decisions each{run}): win rate of the row"
    return _map(f"depth-answers-{each.run}", title, each.meetings, found.unit, command, "")


def _answer_runs(found: Depth, command: str) -> Table:
    rows = [
        {
            "run": each.run, "weakest": min(scores := [meeting.rate for meeting in each.scores]), "best": max(scores),
            "cycles": len(each.cycles), "mixture": _words(each.mixture), "against": _words(each.against),
            "value": each.value, "everybody": _words(each.everybody), "alone": each.alone,
        }
        for each in found.answers
    ]  # fmt: skip
    columns = (
        Column("run", "training run", "d"), Column("weakest", "answers win against their style, least", ".3f"),
        Column("best", "against their style, most", ".3f"), Column("cycles", "cycles with an answer", "d"),
        Column("mixture", "mixture of answers against styles"), Column("against", "of styles against answers"),
        Column("value", "utility of answers", "+.3f"), Column("everybody", "Nash mixture of all twelve"),
        Column("alone", "cycles of answers alone", "d"),
    )  # fmt: skip
    note = (
        "Each answer is trained from nothing against its style alone, and everybody meets everybody. Answers alone say "
        "less: among them that one wins which learned more of the game on the way, whatever it answers."
    )
    return Table("depth-answer-runs", "PPO's answers to the styles", columns, rows, found.unit, command, note)


def _answer_cycles(found: Depth, command: str) -> Table:
    rows = [{"run": each.run, **row} for each in found.answers for row in _cycle_rows(each.cycles)]
    title = "Cycles with an answer to a style in them"
    return Table("depth-answer-cycles", title, (Column("run", "training run", "d"), *CYCLE), rows, found.unit, command)


def _words(mixture: tuple[tuple[str, float], ...]) -> str:
    """A mixture as words, the heaviest first."""
    held = sorted(((weight, name) for name, weight in mixture if weight > SUPPORT), reverse=True)
    return ", ".join(f"{name} {weight:.2f}" for weight, name in held)


def _cycle_rows(cycles: tuple[Cycle, ...]) -> list[dict[str, object]]:
    return [
        {"members": " → ".join((*cycle.members, cycle.members[0])), "weakest": min(cycle.scores), "p": cycle.p_value}
        for cycle in cycles
    ]
