"""A report as text: Markdown, CSV, JSON and LaTeX. Every table carries its unit and the command that regenerates it."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from typing import Any

from .parts import Report, Table

LATEX_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "×": r"$\times$", "½": r"$\frac{1}{2}$",
    "−": "$-$", "≥": r"$\geq$", "≤": r"$\leq$", "±": r"$\pm$",
}  # fmt: skip


def markdown_table(table: Table) -> str:
    """A table with its heading, unit and command."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    rule = "|" + "|".join("---:" if number else "---" for number in table.numeric()) + "|"
    rows = [line([column.title for column in table.shown]), rule, *map(line, table.texts())]
    if not table.rows:
        rows = ["(no rows)"]
    note = [table.note, ""] if table.note else []
    return "\n".join(
        [f"**{table.title}**", "", *rows, "", *note, f"Unit: {table.unit}. Made by `{table.command}`.", ""]
    )


def markdown(report: Report) -> str:
    """The whole report; pictures are left out, their tables are not."""
    parts = [f"# {report.title}", "", report.subtitle, "", report.made, ""]
    parts += [f"- **{fact.label}**: {fact.value}{f' ({fact.small})' if fact.small else ''}" for fact in report.facts]
    for section in report.sections:
        parts += ["", f"## {section.title}", ""]
        parts += [text + "\n" for text in (section.warning and f"> {section.warning}", section.text) if text]
        parts += [markdown_table(table) for table in section.all_tables()]
    return "\n".join(parts).rstrip() + "\n"


def csv_table(table: Table) -> str:
    """One table as CSV (RFC 4180), unrounded, with its keys as the head."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow(["" if (v := row.get(column.key)) is None else v for column in table.columns])
    return out.getvalue()


def csv_tables(report: Report) -> str:
    """All tables one after the other, each after a line `# key (unit: ...; command)`."""
    return "\n".join(f"# {t.key} (unit: {t.unit}; {t.command})\n{csv_table(t)}" for t in report.tables())


def as_values(report: Report) -> dict[str, Any]:
    """The report as JSON values, numbers unrounded; what is not a number is null."""
    sections = [
        {
            "key": section.key,
            "title": section.title,
            "text": section.text,
            "warning": section.warning,
            "tables": [_table_values(table) for table in section.all_tables()],
        }
        for section in report.sections
    ]
    facts = [{"label": fact.label, "value": fact.value, "small": fact.small} for fact in report.facts]
    head = {"title": report.title, "subtitle": report.subtitle, "made": report.made}
    return {**head, "facts": facts, "sections": sections}


def _table_values(table: Table) -> dict[str, Any]:
    rows = [{column.key: _finite(row.get(column.key)) for column in table.columns} for row in table.rows]
    head = {"key": table.key, "title": table.title, "unit": table.unit, "command": table.command, "note": table.note}
    return {**head, "columns": {column.key: column.title for column in table.columns}, "rows": rows}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_report(report: Report) -> str:
    """The report as JSON."""
    return json.dumps(as_values(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def latex_escape(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(LATEX_SPECIAL.get(character, character) for character in text)


def latex_table(table: Table) -> str:
    """A `table` environment (package booktabs) with the unit and the command in its caption."""
    layout = "".join("r" if number else "l" for number in table.numeric())
    lines = [" & ".join(map(latex_escape, row)) + r" \\" for row in table.texts()]
    caption = f"{table.title}. {table.note + ' ' if table.note else ''}Unit: {table.unit}."
    head = " & ".join(latex_escape(column.title) for column in table.shown)
    return "\n".join(
        [
            f"% {table.command}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{latex_escape(caption)}}}",
            rf"\label{{tab:{table.key}}}",
            rf"\begin{{tabular}}{{{layout}}}",
            r"\toprule",
            head + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def latex(report: Report) -> str:
    """All tables; the document needs `\\usepackage{booktabs}`."""
    return "\n".join(latex_table(table) for table in report.tables())


TEXT_FORMATS: dict[str, tuple[Callable[[Report], str], Callable[[Table], str]]] = {
    "md": (markdown, markdown_table),
    "csv": (csv_tables, csv_table),
    "json": (json_report, lambda table: json.dumps(_table_values(table), indent=2, ensure_ascii=False) + "\n"),
    "latex": (latex, latex_table),
}
"""Format -> (the whole report, one table)."""
