"""Report sections on what was measured about one policy: how exploitable it is at least, and how far it climbed."""

from __future__ import annotations

from typing import Any

from ..exploitability import Attempt, Exploitability
from ..ladder import Climb
from . import charts
from .material import EXPLOIT, LADDER, Material
from .parts import Chart, Column, Section, Table


def _command(material: Material, store: str, verb: str) -> str:
    told = material.sources[store].last(f"{verb} command")
    return str(told["command"]) if told else f"kumite {verb} {material.folder}"


def exploitability(material: Material, found: Exploitability) -> Section:
    """The certified lower bound, its tests, and the curve of wins over budget."""
    made = _command(material, EXPLOIT, "exploit")
    unit = "pair (both seats on one seed)" if found.games_per_unit == 2 else "single game, fresh and independent"
    rows = [_tested(attempt, found) for attempt in (*found.attempts, *([found.control] if found.control else []))]
    columns = (
        Column("name", "exploiter"), Column("class", "class"), Column("steps", "decisions", ",d"),
        Column("seconds", "seconds", ",.0f"), Column("chosen", "fixed at", ",d"), Column("utility", "utility", ".3f"),
        Column("lower", "lower bound", ".3f"), Column("win_rate", "win rate", ".3f"), Column("units", "units", ",d"),
        Column("distinct", "distinct", ",d"), Column("hash", "policy hash"), Column("note", "note"),
    )  # fmt: skip
    level = f"one-sided, {found.confidence:.0%} over all {len(found.attempts)} together (Bonferroni), betting"
    table = Table(
        "exploiters", "Tests on fresh games", columns, rows, unit, made,
        f"Each was fixed before its test: a trained one at the best of its looks. Lower bounds: {level}.",
    )  # fmt: skip
    curve = [
        {
            "series": attempt.name, "step": look.steps, "value": look.win_rate, "utility": look.utility,
            "lower": look.lower, "upper": look.upper, "seconds": look.seconds,
        }
        for attempt in found.trained
        for look in attempt.curve
    ]  # fmt: skip
    for row in curve if found.control_passed is False else []:
        row |= {"value": None, "utility": None, "lower": None, "upper": None}
    curve_columns = (
        Column("series", "exploiter"), Column("step", "decisions", ",d"), Column("seconds", "seconds", ",.0f"),
        Column("utility", "utility", ".3f"), Column("lower", "lower", ".3f"), Column("upper", "upper", ".3f"),
        Column("value", "win rate", ".3f"),
    )  # fmt: skip
    curve_table = Table(
        "budget-curve", "Budget curve", curve_columns, curve, unit, made,
        f"Games played for looking alone; {found.confidence:.0%} intervals, not corrected for looking often.",
    )  # fmt: skip
    drawn = [{**row, "value": row["utility"]} for row in curve if row["utility"] is not None]
    chart = Chart(
        "budget-curve", "What exploiters win on average, over their budget",
        charts.curves(drawn, "decisions of training", "utility", 0.0, 260), curve_table,
        "0: as strong as what they attack.",
    )  # fmt: skip
    sentence = f"{found.target} (hash {found.target_hash}): {found.sentence()}."
    smoke = f"Smoke figure: {'; '.join(found.smoke)}. " if found.smoke else ""
    passed = {
        True: "The same class of exploiter found what is known to be there in every positive control.",
        False: "The exploiter class failed a positive control, so no figure is shown.",
        None: "",
    }[found.control_passed]
    best = f"The bound comes from {found.best.name}." if found.best else "No exploiter surely won more than it lost."
    about = "Exploitability is NashConv / 2 in units of utility; what a better exploiter would win is unknown."
    words = " ".join(part for part in (sentence, best, about, passed) if part)
    tables = [table]
    tables += [_controls(found, made)] if found.solved else []
    tables += [_leaks(found, unit, made)] if found.leaks else []
    return Section(f"exploitability-{found.target_hash}", "Exploitability", words, [chart], tables, smoke)


def _controls(found: Exploitability, command: str) -> Table:
    """What the exploiter class found in solved games."""
    rows = [control.as_values() for control in found.solved]
    columns = (
        Column("name", "solved game"), Column("exploiter_class", "class"), Column("steps", "decisions", ",d"),
        Column("gain", "wins", ".3f"), Column("best", "a best response wins", ".3f"), Column("share", "share", ".1%"),
        Column("asked", "asked", ".0%"), Column("passed", "passed"),
    )  # fmt: skip
    note = "Against uniform play; both figures are exact, by enumeration."
    return Table("controls", "Positive controls on solved games", columns, rows, "none: exact", command, note)


def _leaks(found: Exploitability, unit: str, command: str) -> Table:
    """What the exploiter class found of planted leaks."""
    rows = [control.as_values() for control in found.leaks]
    columns = (
        Column("name", "policy with a leak"), Column("exploiter_class", "class"), Column("steps", "decisions", ",d"),
        Column("gain", "wins", ".3f"), Column("without", "without the leak", ".3f"),
        Column("lower", "more by at least", "+.3f"), Column("passed", "passed"),
    )  # fmt: skip
    note = (
        "Mean utility of an exploiter trained against each, on the same fresh setups; the bound on the difference is "
        f"one-sided, {found.leaks[0].confidence:.1%} each (Bonferroni)."
    )
    return Table("leaks", "Positive controls on planted leaks", columns, rows, unit, command, note)


def _tested(attempt: Attempt, found: Exploitability) -> dict[str, Any]:
    spent = (
        {"steps": attempt.steps, "seconds": attempt.seconds, "chosen": attempt.chosen_steps} if attempt.steps else {}
    )
    control = attempt is found.control
    blank = found.control_passed is False and not control
    return spent | {
        "name": f"control: {attempt.name}" if control else attempt.name, "class": attempt.exploiter_class,
        "utility": None if blank else attempt.utility, "lower": found.shown(attempt),
        "win_rate": None if blank else attempt.win_rate, "units": attempt.units, "distinct": attempt.distinct,
        "hash": attempt.policy_hash, "note": "not shown: a control failed" if blank else attempt.why,
    }  # fmt: skip


def ladder(material: Material, found: Climb) -> Section:
    """How far a policy climbed."""
    rows = [
        {
            "rung": f"{rung.level} {rung.character}".strip(), "name": f"{rung.level} {rung.character}".strip(),
            "kind": "held" if rung.held else "not held" if rung.reached else "not reached",
            "value": rung.rate, "lower": rung.lower, "upper": rung.upper, "units": rung.units,
            "distinct": rung.distinct, "note": rung.why,
        }
        for rung in found.rungs
    ]  # fmt: skip
    columns = (
        Column("rung", "rung"), Column("kind", "verdict"), Column("value", "win rate", ".3f"),
        Column("lower", "lower bound", ".3f"), Column("upper", "upper bound", ".3f"), Column("units", "units", ",d"),
        Column("distinct", "distinct", ",d"), Column("note", "note"),
    )  # fmt: skip
    table = Table(
        "ladder", f"Rungs of {found.policy}", columns, rows, "game or pair on one seed",
        _command(material, LADDER, "ladder"), f"One-sided bounds at {found.confidence:.0%} each.",
    )  # fmt: skip
    picture = charts.intervals(rows, "win rate", 0.5)
    chart = Chart("ladder", "Win rate on every rung", picture, table, "lower and upper bounds, one-sided")
    highest = f"The highest rung it holds is {found.highest}." if found.highest else "It holds no rung."
    whole = f" It holds every character up to {found.full_level}." if found.full_level else ""
    words = f"{found.policy} (hash {found.policy_hash}). {highest}{whole} {found.how}"
    return Section(f"ladder-{found.policy_hash}", f"Ladder: {found.policy}", words, [chart])
