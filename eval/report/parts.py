"""What a report is made of: sections with sentences, tables and charts: plain values that every format can write."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...arenas.arena import nearest

MISSING = "–"


class ReportError(ValueError):
    """A report asked for of something that is no run, or in a format that does not exist."""


@dataclass(frozen=True)
class Column:
    """A column: its key in machine formats, its heading, and how numbers are written (a format specification)."""

    key: str
    title: str
    spec: str = ""

    def text(self, value: Any) -> str:
        """A value as a reader sees it; what is not known is a dash."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return MISSING
        if isinstance(value, bool):
            return "yes" if value else "no"
        return format(value, self.spec) if self.spec and not isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Table:
    """A table that says what its intervals count and how to make it again.

    rows: one mapping of column keys to values each; unit: "pair" (of games, seats exchanged), "game", "run" ...: what
    was sampled; command: what regenerates it.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]
    unit: str
    command: str
    note: str = ""

    @property
    def shown(self) -> list[Column]:
        """The columns a reader is shown: without those that are blank in every row."""
        return [c for c in self.columns if not self.rows or any(row.get(c.key) != "" for row in self.rows)]

    def texts(self) -> Iterator[list[str]]:
        """The rows as a reader sees them, in the columns `shown`."""
        shown = self.shown
        for row in self.rows:
            yield [column.text(row.get(column.key)) for column in shown]

    def numeric(self) -> list[bool]:
        """Which of the columns `shown` hold numbers, and are set flush right."""
        return [
            any(isinstance(row.get(c.key), int | float) and not isinstance(row.get(c.key), bool) for row in self.rows)
            for c in self.shown
        ]


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite picture and, for who cannot see or run it, the table that says the same."""

    key: str
    title: str
    spec: Mapping[str, Any]
    table: Table
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two, then charts and tables. `warning` is shown so that it cannot be overlooked.

    folded: its tables are for looking up, and open on demand where the format can.
    """

    key: str
    title: str
    text: str = ""
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    warning: str = ""
    folded: bool = False

    def all_tables(self) -> list[Table]:
        """Tables of charts first, each once."""
        found = [chart.table for chart in self.charts] + list(self.tables)
        return list({table.key: table for table in found}.values())


@dataclass(frozen=True)
class Fact:
    """One figure of the head of a report, in large type with a line of small print."""

    label: str
    value: str
    small: str = ""


@dataclass(frozen=True)
class Report:
    """A whole report. `made` is when, by whose clock and which version, in words."""

    title: str
    subtitle: str
    made: str
    facts: Sequence[Fact]
    sections: Sequence[Section] = field(default=())

    def tables(self) -> list[Table]:
        """All tables, in order, each once."""
        found = [table for section in self.sections for table in section.all_tables()]
        return list({table.key: table for table in found}.values())

    def table(self, key: str) -> Table:
        """One table by its key."""
        tables = {table.key: table for table in self.tables()}
        if key not in tables:
            raise ReportError(f"no table {key!r} in this report" + nearest(key, list(tables)))
        return tables[key]
