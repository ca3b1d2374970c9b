"""A report as one HTML file that needs nothing else: styles, pictures and the one copy of their program are inside."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ...arenas.compile import cache_root
from .parts import Report


def html(report: Report) -> str:
    """The page. With no picture in the report, no program is included either."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    charts = {chart.key: chart.spec for section in report.sections for chart in section.charts}
    return environment.get_template("page.html.j2").render(
        report=report,
        specs=_inside_script(json.dumps(charts, separators=(",", ":"), ensure_ascii=False)),
        program=_inside_script(chart_program()) if charts else "",
    )


@cache
def chart_program() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, kept on disk: vl-convert takes ten seconds to bundle it."""
    import vl_convert

    kept = cache_root() / f"vega-{version('vl-convert-python')}.js"
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:
        pass
    program = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    write_text(kept, program)
    return program


def write_text(path: Path, text: str) -> Path:
    """Writes a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    return temporary.replace(path)


def _inside_script(text: str) -> str:
    """Text that cannot end, or open, the script element it stands in; inside strings the backslashes change nothing."""
    return re.sub(r"<(?=/script|!--)", r"\\x3c", text, flags=re.IGNORECASE)
