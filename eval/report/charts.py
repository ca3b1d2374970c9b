"""The report's pictures, as Vega-Lite specifications made with altair. Ink and type follow the page's theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ROW = 24  # pixels of height a named row gets
EDGE = 8  # pixels between a name and what is drawn, and between a point and the picture's edge
LABEL = 130  # most pixels a name may take: on a phone the picture needs the rest
MAIN, QUIET, WARM = "#3a7ca5", "#8d99a6", "#d1495b"
"""A blue, a grey and a red that read on white and on near-black alike."""
KINDS = {
    "trained": MAIN, "mixture": "#66a182", "scripted": "#c08a2e", "anchor": QUIET,
    "held": MAIN, "not held": WARM, "not reached": QUIET,
}  # fmt: skip
"""What a colour stands for, on every picture of a report."""

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


def intervals(rows: Rows, title: str, reference: float | None = None) -> Spec:
    """Estimates with their intervals, one named row each, in the order given.

    rows: name, value, lower, upper (None where there is no interval), kind (by which rows are coloured, see `KINDS`).
    """
    import altair as alt

    names = [row["name"] for row in rows]
    base = alt.Chart(alt.Data(values=list(rows))).encode(y=_names("name", names), tooltip=_tooltip(rows))
    axis = alt.X(
        "value:Q", title=title, scale=alt.Scale(zero=False, padding=EDGE), axis=alt.Axis(tickCount=8, labelOverlap=True)
    )
    colour = _colour("kind", [row["kind"] for row in rows])
    ends = base.transform_filter("isValid(datum.lower)")
    layers = [
        ends.mark_rule(strokeWidth=2).encode(x=alt.X("lower:Q", title=title), x2="upper:Q", color=colour),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=axis, color=colour),
    ]
    if reference is not None:
        layers.insert(0, _rule(reference))
    return _sized(alt.layer(*layers), height=ROW * len(names))


def bars(rows: Rows, title: str, top: float | None = None) -> Spec:
    """One bar a named row, with an interval where `lower` and `upper` are there."""
    import altair as alt

    names = [row["name"] for row in rows]
    domain = alt.Scale(domain=[0, top]) if top else alt.Scale(zero=True)
    base = alt.Chart(alt.Data(values=list(rows))).encode(y=_names("name", names), tooltip=_tooltip(rows))
    layers = [
        base.mark_bar(color=MAIN, opacity=0.45, height={"band": 0.62}).encode(
            x=alt.X("value:Q", title=title, scale=domain, axis=alt.Axis(tickCount=5))
        ),
        base.transform_filter("isValid(datum.lower)")
        .mark_rule(strokeWidth=2, color=MAIN)
        .encode(x=alt.X("lower:Q", title=title), x2="upper:Q"),
    ]
    return _sized(alt.layer(*layers), height=ROW * len(names))


def heat_map(rows: Rows, names: Sequence[str], title: str) -> Spec:
    """Scores of row against column between 0 and 1; in each cell the score and the number of games, where they fit.

    rows: row, column, rate (None: not played), games, and what else a pointer should tell.
    """
    import altair as alt

    count = max(len(names), 1)
    order = list(names)
    cells = [{**row, "text": None if row["rate"] is None else f"{100 * row['rate']:.0f}"} for row in rows]
    base = alt.Chart(alt.Data(values=cells)).encode(
        x=alt.X("column:N", sort=order, title=None, axis=alt.Axis(orient="top", labelAngle=-90, labelLimit=LABEL)),
        y=_names("row", order),
        tooltip=_tooltip(rows),
    )
    colours = alt.Scale(scheme="redblue", domain=[0, 1])
    played = base.transform_filter("isValid(datum.rate)")
    ink = alt.condition("abs(datum.rate - 0.5) > 0.27", alt.value("white"), alt.value("#222"))

    def where(fits: str, shown: float, otherwise: float) -> alt.ExprRef:
        return alt.ExprRef(f"width / {count} {fits} ? {shown} : {otherwise}")

    layers = [
        base.mark_rect(color=QUIET, opacity=0.12),
        played.mark_rect(stroke=None).encode(
            color=alt.Color("rate:Q", scale=colours, title=title, legend=alt.Legend(format="%", orient="bottom"))
        ),
        # Numbers stand where a cell has room for them; the pointer and the table tell the rest.
        played.mark_text(dy=where("> 40", -5, 0), fontSize=where("> 22", 12, 0)).encode(text="text:N", color=ink),
        played.mark_text(dy=8, fontSize=where("> 40", 9, 0)).encode(text="games:Q", color=ink),
    ]
    return _sized(alt.layer(*layers), height=32 * count)


def curves(rows: Rows, x_title: str, y_title: str, reference: float | None = None, height: int = 170) -> Spec:
    """Lines over steps, one a series, with a band where `lower` and `upper` are there.

    rows: series, step, value (None: no line there), perhaps lower, upper.
    """
    import altair as alt

    names = list(dict.fromkeys(row["series"] for row in rows))
    legend = alt.Legend(title=None, orient="bottom", columns=3, labelLimit=LABEL, symbolOpacity=1, symbolType="stroke")
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X(
            "step:Q",
            title=x_title,
            axis=alt.Axis(format="~s", tickCount=5, labelFlush=True, labelOverlap=True, labelSeparation=10),
        ),
        color=alt.Color(
            "series:N", sort=names, scale=alt.Scale(scheme="tableau10"), legend=legend if names[1:] else None
        ),
        tooltip=_tooltip(rows),
    )
    y = alt.Y("value:Q", title=y_title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    layers = [base.mark_line(strokeWidth=1.8, point=len(rows) <= 60 * max(len(names), 1)).encode(y=y)]
    if any(row.get("lower") is not None for row in rows):
        band = base.transform_filter("isValid(datum.lower)").mark_area(opacity=0.16)
        layers.insert(0, band.encode(y=alt.Y("lower:Q", title=y_title), y2="upper:Q"))
    if reference is not None:
        layers.insert(0, _rule(reference, along="y"))
    return _sized(alt.layer(*layers), height=height)


def mixture_history(rows: Rows, names: Sequence[str]) -> Spec:
    """The mixture of each iteration as a column of cells, darker with weight. rows: iteration, name, weight."""
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_rect()
        .encode(
            x=alt.X("iteration:O", title="iteration", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=_names("name", list(names)),
            color=alt.Color("weight:Q", scale=alt.Scale(scheme="blues", domain=[0, 1]), title="weight",
                            legend=alt.Legend(format="%", orient="bottom")),
            tooltip=_tooltip(rows),
        )
    )  # fmt: skip
    return _sized(chart, height=ROW * len(names))


def _names(field: str, order: list[str]) -> Any:
    import altair as alt

    axis = alt.Axis(labelLimit=LABEL, labelPadding=EDGE, ticks=False, domain=False)
    return alt.Y(f"{field}:N", sort=order, title=None, axis=axis)


def _colour(field: str, kinds: Sequence[str]) -> Any:
    import altair as alt

    known = [kind for kind in KINDS if kind in kinds] + [kind for kind in dict.fromkeys(kinds) if kind not in KINDS]
    scale = alt.Scale(domain=known, range=[KINDS.get(kind, "#8367a8") for kind in known])
    legend = alt.Legend(title=None, orient="bottom") if len(known) > 1 else None
    return alt.Color(f"{field}:N", scale=scale, legend=legend)


def _tooltip(rows: Rows) -> list[Any]:
    """Everything a row knows, numbers to three places."""
    import altair as alt

    found = []
    for key in rows[0] if rows else ():
        values = [row.get(key) for row in rows]
        number = any(isinstance(v, int | float) for v in values)
        spec = ".3~f" if any(isinstance(v, float) for v in values) else ",d" if number else ""
        kind = "Q" if number else "N"
        found.append(alt.Tooltip(f"{key}:{kind}", format=spec) if spec else alt.Tooltip(f"{key}:{kind}"))
    return found


def _rule(at: float, along: str = "x") -> Any:
    import altair as alt

    chart = alt.Chart(alt.Data(values=[{"at": at}])).mark_rule(color=QUIET, strokeDash=[4, 4])
    return chart.encode(x="at:Q") if along == "x" else chart.encode(y="at:Q")


def _sized(chart: Any, height: int) -> Spec:
    """The specification: as wide as its place on the page, without colours that belong to the page's theme."""
    spec = chart.properties(width="container", height=height).to_dict()
    for key in ("config", "usermeta"):
        spec.pop(key, None)
    return {**spec, "autosize": {"type": "fit-x", "contains": "padding"}}
