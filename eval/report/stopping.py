"""The report section on sequential tests: who is better than whom, decided as soon as the games could."""

from __future__ import annotations

from ..stopping import Stopped
from . import charts
from .material import SPRT, Material
from .parts import Chart, Column, Section, Table


def stopping(material: Material, tests: tuple[Stopped, ...]) -> Section:
    """Every test's verdict and its course."""
    told = material.sources[SPRT].last("sprt command")
    command = str(told["command"]) if told else f"kumite tournament {material.folder} --sprt 0,20"
    pairs = tests[0].games_per_unit == 2
    unit = "pair (one setup played twice, the agents exchanging seats)" if pairs else "single game"
    rows = [
        {
            "one": found.one, "other": found.other, "elo0": found.test.elo0, "elo1": found.test.elo1,
            "units": found.progress.units, "counts": " ".join(map(str, found.progress.counts)),
            "score": found.progress.score, "llr": found.progress.llr, "verdict": found.verdict,
            "value": found.estimate.elo, "lower": found.estimate.lower, "upper": found.estimate.upper,
            "distinct": found.distinct, "note": found.why,
        }
        for found in tests
    ]  # fmt: skip
    columns = (
        Column("one", "tested"), Column("other", "against"), Column("elo0", "elo0", "g"), Column("elo1", "elo1", "g"),
        Column("verdict", "verdict"), Column("units", "units", ",d"), Column("distinct", "distinct", ",d"),
        Column("counts", "units by score, lost to won"), Column("score", "score", ".3f"), Column("llr", "LLR", ".2f"),
        Column("value", "Elo", "+.0f"), Column("lower", "2.5 %", "+.0f"), Column("upper", "97.5 %", "+.0f"),
        Column("note", "note"),
    )  # fmt: skip
    low, high = tests[0].test.bounds
    note = (
        f"elo0 and elo1 are {tests[0].test.model} Elo; a test ends at an LLR of {low:.3f} or {high:.3f}. "
        "The Elo after it is median-unbiased: the plain mean of a stopped test flatters."
    )
    table = Table("sprt", "Sequential tests", columns, rows, unit, command, note)
    course = [
        {"series": f"{found.one} against {found.other}", "step": units, "value": llr}
        for found in tests
        for units, llr in ((0, 0.0), *found.trace)
    ]
    course_columns = (Column("series", "test"), Column("step", "units", ",d"), Column("value", "LLR", ".3f"))
    course_table = Table("sprt-course", "Course of the tests", course_columns, course, unit, command)
    picture = charts.curves(course, "units", "log-likelihood ratio", 0.0)
    chart = Chart("sprt-course", "Course of the tests", picture, course_table, f"decided at {low:.2f} and {high:.2f}")
    better = sum(found.verdict == "better" for found in tests)
    words = f"{better} of {len(tests)} tests say better by elo1. Each is a test by itself, at its own errors."
    return Section("sprt", "Sequential tests", words, [chart], [table])
