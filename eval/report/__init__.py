"""The report: one folder's results as one self-contained HTML page, or as Markdown, CSV, JSON or LaTeX."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from ...arenas.arena import nearest
from ...league.run import STORE as RUN
from . import deep, history, record, roles, stopping, strength, verdicts
from .formats import TEXT_FORMATS
from .material import Material, collect
from .parts import Fact, Report, ReportError, Section

__all__ = ["FORMATS", "Report", "ReportError", "build", "collect", "render", "write"]

FORMATS = ("html", *TEXT_FORMATS)


def build(material: Material) -> Report:
    """The report of what was collected; sections for which nothing was measured are left out."""
    sections: list[Section | None] = [verdicts.exploitability(material, one) for one in material.exploitabilities]
    found = material.standings
    if found is not None:
        sections += [
            strength.ratings(material, found),
            strength.payoffs(material, found),
            strength.structure(material, found),
        ]
    if material.roles is not None:
        sections.append(roles.ratings(material, material.roles))
    if material.tests:
        sections.append(stopping.stopping(material, material.tests))
    sections += [verdicts.ladder(material, one) for one in material.climbs]
    if material.depth is not None:
        sections.append(deep.depth(material, material.depth))
    if RUN in material.sources and material.league:
        sections.append(history.training(material))
    sections.append(record.provenance(material))
    arena = material.game.arena
    scheme = f", {material.league['scheme']}" if material.league else ""
    options = ", ".join(f"{key} {value}" for key, value in material.game.options.items() if value != "")
    return Report(
        title=f"{arena.name}{scheme}",
        subtitle=f"{arena.title}. {options or 'No options'}.",
        made=f"Written {material.made} by kumite {version('kumite')} from {material.folder}. "
        f"`kumite report {material.folder}` writes it again.".replace("`", ""),
        facts=_facts(material),
        sections=[section for section in sections if section is not None],
    )


def _facts(material: Material) -> list[Fact]:
    facts = []
    for one in material.exploitabilities[-1:]:
        bound = "not certified" if one.bound is None else f"≥ {one.bound:.3f}" if one.bound else "≥ 0"
        smoke = "smoke figure; " if one.smoke else ""
        facts.append(Fact("Exploitability", bound, f"{smoke}{one.confidence:.0%}, {one.target}; unknown above"))
    if (found := material.standings) is not None:
        rows = found.ratings.to_rows()
        trained = [row for row in rows if strength.kind_of(material, row["name"]) in ("trained", "mixture")]
        best = (trained or rows)[0]
        known = best["name"] not in found.withheld and not best["anchor"] and not found.ratings.regularised
        spread = f" [{best['lower']:.0f}, {best['upper']:.0f}]" if known else ""
        above = f"; first of all: {rows[0]['name']}, {rows[0]['elo']:+.0f}" if best is not rows[0] else ""
        label = "Best trained" if trained else "Best rated"
        facts.append(Fact(label, best["name"], f"{best['elo']:+.0f} Elo{spread}{above}"))
        games = sum(source.games for source in material.sources.values())
        facts.append(Fact("Games", f"{games:,}", record.copies(found)))
        facts.append(Fact("Members", f"{len(found.payoff.rows)}", "rated here"))
    for climb in material.climbs[-1:]:
        facts.append(Fact("Highest rung held", climb.highest or "none", climb.policy))
    return facts


def render(report: Report, form: str, table: str | None = None) -> str:
    """The report, or one table of it, in one of `FORMATS`."""
    if form == "html":
        from .page import html

        if table is not None:
            raise ReportError("one table is given as " + ", ".join(TEXT_FORMATS) + ", not as html")
        return html(report)
    if form not in TEXT_FORMATS:
        raise ReportError(f"no format {form!r}" + nearest(form, FORMATS))
    whole, one = TEXT_FORMATS[form]
    return whole(report) if table is None else one(report.table(table))


def write(report: Report, path: Path, form: str = "html", table: str | None = None) -> Path:
    """Writes the report atomically."""
    from .page import write_text

    return write_text(path, render(report, form, table))
