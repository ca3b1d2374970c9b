"""The equilibrium where a match begins, as a picture: both mixes as bars, and between them what each pair is worth."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...league.exact.sequence import ExactError

CELL, ROW = 42, 27  # pixels of a cell of the matrix
BAR = 90  # pixels of the longest bar
INK, FIRST, SECOND = "#333333", "#3a7ca5", "#d1495b"
FORMATS = (".svg", ".png")


def check_format(path: Path) -> None:
    """Refuses a file that is no picture."""
    if path.suffix not in FORMATS:
        raise ExactError(f"{path}: expected a name that ends in {' or '.join(FORMATS)}")


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Draws what `examine_states` found, into an .svg or .png file."""
    import vl_convert

    check_format(path)
    chart = mix_chart(figures)
    svg = path.suffix == ".svg"
    content = vl_convert.vegalite_to_svg(chart).encode() if svg else vl_convert.vegalite_to_png(chart, scale=1.5)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(content)
    temporary.replace(path)


def mix_chart(figures: Mapping[str, Any]) -> dict[str, Any]:
    """As a Vega-Lite specification: where a match begins, and the state with a mix that it comes to most."""
    import altair as alt

    unit = figures["damage"] or 1.0
    root, *_ = figures["roots"]
    shown = [(root, "where it begins")]
    for row in figures["named"][:1]:
        shown.append((row, f"at tick {row['tick']}, to which {row['reach']:.0%} of matches come"))
    most = unit * max((abs(worth) for row, _ in shown for line in row["worth"]["worth"] for worth in line), default=1.0)
    panels = [_panel(alt, row, unit, most or 1.0, words) for row, words in shown]
    words = "points of damage" if figures["damage"] else "utility"
    value = (
        f"worth {unit * figures['value']:.2f} to the first side; in each cell what that pair of choices is, in {words}"
    )
    slice_ = figures["options"].get("slice")
    title = f"{figures['arena']}, {slice_}: {figures['states']:,} states" if slice_ else figures["arena"]
    chart = alt.hconcat(*panels, spacing=40).properties(
        title=alt.TitleParams(title, subtitle=value, anchor="start", fontSize=15)
    )
    return chart.configure_view(stroke=None).configure(background="white", padding=12).to_dict()


def _panel(alt: Any, state: Mapping[str, Any], unit: float, most: float, title: str) -> Any:
    """One state: its matrix, the first side's mix on the right of it, the second's above. most: of the worths shown."""
    rows, columns = state["worth"]["first"], state["worth"]["second"]
    cells = [
        {"first": a, "second": b, "worth": unit * worth}
        for a, line in zip(rows, state["worth"]["worth"], strict=True)
        for b, worth in zip(columns, line, strict=True)
    ]
    x = alt.X("second:N", sort=columns, title="the second side chooses", axis=alt.Axis(labelAngle=-40, orient="bottom"))
    y = alt.Y("first:N", sort=rows, title="the first side chooses")
    base = alt.Chart(alt.Data(values=cells)).encode(x=x, y=y)
    colour = alt.Color("worth:Q", scale=alt.Scale(scheme="redblue", domain=[-most, most]), legend=None)
    ink = alt.condition(f"abs(datum.worth) > {0.6 * most}", alt.value("white"), alt.value(INK))
    numbers = alt.Text("worth:Q", format=".0f" if unit > 1 else ".2f")
    width, height = CELL * len(columns), ROW * len(rows)
    heat = alt.layer(
        base.mark_rect(stroke="white").encode(color=colour), base.mark_text(fontSize=11).encode(text=numbers, color=ink)
    ).properties(width=width, height=height)
    first = _bars(alt, "first", rows, state["first"], FIRST).properties(width=BAR, height=height)
    second = _bars(alt, "second", columns, state["second"], SECOND).properties(width=width, height=BAR)
    lower = alt.hconcat(heat, first, spacing=6)
    return alt.vconcat(second, lower, spacing=6, bounds="flush").properties(
        title=alt.TitleParams(title, anchor="start", fontSize=12)
    )


def _bars(alt: Any, side: str, names: list[str], mix: Mapping[str, float], colour: str) -> Any:
    """One side's mix, along the edge of the matrix where its choices lie."""
    shares = [{"choice": name, "share": mix.get(name, 0.0)} for name in names]
    base = alt.Chart(alt.Data(values=shares))
    share = {
        "title": f"{side} side's mix",
        "axis": alt.Axis(format="%", tickCount=3),
        "scale": alt.Scale(domain=[0, 1]),
    }
    choice = {"sort": names, "axis": None}
    if side == "first":
        base = base.encode(x=alt.X("share:Q", **share), y=alt.Y("choice:N", **choice))
        words = base.mark_text(align="left", dx=3, fontSize=10)
    else:
        base = base.encode(x=alt.X("choice:N", **choice), y=alt.Y("share:Q", **share))
        words = base.mark_text(dy=-6, fontSize=10)
    text = words.transform_filter("datum.share > 0.0005").encode(text=alt.Text("share:Q", format=".1%"))
    return alt.layer(base.mark_bar(color=colour), text)
