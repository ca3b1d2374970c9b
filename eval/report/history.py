"""Report sections on a training run: its curves, its responses, and how the mixture moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...league.run import STORE as RUN
from . import charts
from .material import Material
from .parts import Chart, Column, Section, Table

SHOWN = {
    "win_rate": "Win rate against the opponents trained on",
    "mean_return": "Mean utility of the games that ended",
    "mean_length": "Length of a game (decisions)",
    "entropy": "Entropy of the policy (nats)",
    "explained_variance": "Explained variance of the value",
    "kl": "KL divergence of an update (nats)",
    "steps_per_second": "Training speed (decisions/s)",
}
"""Curves that are drawn, in this order, where the learner has them."""
PER_GAME = ("win_rate", "mean_return", "mean_length")
"""Figures that are means over the games that ended: a point weighs as many."""
DRAWN, TABLED = 40, 8  # most points of a curve in a picture, in a table


def command(material: Material) -> str:
    """What trains it again: as it was called, and called again for more iterations; else what can be told of it."""
    told = [data["command"] for _, phase, data in material.sources[RUN].events if phase == "train command"]
    if told:
        return " && ".join(told)
    league, options = material.league, material.sources[RUN].spec["options"]
    given = "".join(f" -o {key}={value}" for key, value in options.items() if value != _default(material, key))
    return f"kumite train {material.game.arena.name} --scheme {league['scheme']}{given} --out {material.folder}"


def _default(material: Material, key: str) -> Any:
    return getattr(material.game.arena.options(), key)


def training(material: Material) -> Section:
    """Every response's curves, and a table of what became of each."""
    pictures = list(_curves(material)) + list(_meta_curve(material))
    table = _responses(material)
    return Section("training", "Training", _about(material), pictures, [table])


def _about(material: Material) -> str:
    league, source = material.league, material.sources[RUN]
    steps = sum(data["steps"] for _, phase, data in source.events if phase == "trained")
    seconds = sum(data["seconds"] for _, phase, data in source.events if phase == "trained")
    return (
        f"Scheme {league['scheme']}: {league.get('about', '')} Learner {league['learner']}; "
        f"{steps:,} decisions in {seconds:,.0f} s of training. One training run: nothing here compares schemes."
    )


def _curves(material: Material) -> Iterator[Chart]:
    by_figure: dict[str, dict[str, NDArray[np.float64]]] = {}
    for series, curves in _in_order(material).items():
        for figure, points in curves.items():
            by_figure.setdefault(figure, {})[series] = points
    for figure, title in SHOWN.items():
        if figure not in by_figure:
            continue
        ended = by_figure.get("matches", {}) if figure in PER_GAME else {}
        weighted = {series: (points, _games(points, ended.get(series))) for series, points in by_figure[figure].items()}
        rows = [row for series, (points, games) in weighted.items() for row in _points(series, points, games, DRAWN)]
        few = [row for series, (points, games) in weighted.items() for row in _points(series, points, games, TABLED)]
        columns = (Column("series", "member"), Column("step", "decisions", ",d"), Column("value", title, ".4g"))
        note = (
            f"{TABLED} points of each curve; all of them are in the run's store. Decisions: of the iterations so far."
        )
        table = Table(f"curve-{figure}", title, columns, few, "run (one)", command(material), note)
        yield Chart(f"curve-{figure}", title, charts.curves(rows, "decisions of the iterations so far", ""), table)


def _in_order(material: Material) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Curves by series and figure, the iterations one after another: each begins where those before it ended.

    What is trained in one iteration lies side by side. A series that no event tells of is still being trained.
    """
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, points in material.curves.items():
        series, _, figure = name.rpartition("/")
        found.setdefault(series, {})[figure] = points
    trained = [(at, data) for at, phase, data in material.sources[RUN].events if phase == "trained"]
    length: dict[int, int] = {}
    for at, data in trained:
        length[at] = max(length.get(at, 0), data["steps"])
    origins = {data["name"]: sum(steps for past, steps in length.items() if past < at) for at, data in trained}
    spent = {data["name"]: data["steps"] for _, data in trained}
    order = [*origins, *(series for series in found if series not in origins)]
    placed = {}
    for series in (series for series in order if series in found):
        first = min(points[0, 0] for points in found[series].values())
        last = max(points[-1, 0] for points in found[series].values())
        origin = origins.get(series, sum(length.values()))
        # A learner that goes on counts what it saw before; one that is still at it has begun at 0, or goes on.
        before = last - spent[series] if series in spent else origin if first >= origin else 0
        placed[series] = {
            figure: points + np.array([origin - before, 0, 0]) for figure, points in found[series].items()
        }
    return placed


def _games(points: NDArray[np.float64], ended: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """What each point of a curve weighs: the games that ended at its step, or 1 where that is not the question."""
    if ended is None:
        return np.ones(len(points))
    fresh = dict(zip(ended[:, 0].tolist(), np.diff(ended[:, 1], prepend=0.0).tolist(), strict=True))
    return np.array([max(fresh.get(step, 0.0), 0.0) for step in points[:, 0].tolist()])


def _points(
    series: str, points: NDArray[np.float64], weights: NDArray[np.float64], most: int
) -> Iterator[Mapping[str, Any]]:
    """At most so many points of a curve, each the mean of a stretch of equal weight: thinning hides no trend."""
    known = np.isfinite(points[:, 1]) & (weights > 0)
    points, weights = points[known], weights[known]
    if not len(points):
        return
    place = np.minimum(((np.cumsum(weights) - weights / 2) / weights.sum() * most).astype(np.int64), most - 1)
    for stretch in np.unique(place):
        part, weight = points[place == stretch], weights[place == stretch]
        yield {"series": series, "step": int(part[-1, 0]), "value": float(np.average(part[:, 1], weights=weight))}


def _meta_curve(material: Material) -> Iterator[Chart]:
    names = list(dict.fromkeys(name for _, meta in material.metas for name in meta.names[0]))
    if not material.metas:
        return
    rows = [
        {"iteration": at, "name": name, "weight": float(weight)}
        for at, meta in material.metas
        for name, weight in zip(meta.names[0], meta.mixtures[0], strict=True)
    ]
    columns = (
        Column("iteration", "iteration", "d"), Column("name", "member"), Column("weight", "weight", ".3f"),
    )  # fmt: skip
    note = "Solved on the run's own payoff games, before each iteration; see the Nash mixture for its spread."
    title = "Meta-mixture" + (" of the row population" if len(material.metas[-1][1].names) > 1 else "")
    table = Table("meta", title, columns, rows, "run (one)", command(material), note)
    yield Chart("meta", title, charts.mixture_history(rows, names), table, "what opponents are drawn from")


def _responses(material: Material) -> Table:
    """What became of each response."""
    events = material.sources[RUN].events
    judged = {data["name"]: data for _, phase, data in events if phase == "judged"}
    rows = [
        {
            "iteration": at, "name": data["name"], "parent": data["parent"], "steps": data["steps"],
            "seconds": data["seconds"], "role": judged.get(data["name"], {}).get("role", "not judged yet"),
            "gain": judged.get(data["name"], {}).get("gain"), "bound": judged.get(data["name"], {}).get("bound"),
            "pairs": judged.get(data["name"], {}).get("pairs"), "hash": data["hash"],
        }
        for at, phase, data in events
        if phase == "trained"
    ]  # fmt: skip
    columns = (
        Column("iteration", "iteration", "d"), Column("name", "response"), Column("parent", "starts from"),
        Column("steps", "decisions", ",d"), Column("seconds", "seconds", ",.0f"), Column("role", "verdict"),
        Column("gain", "gain", "+.3f"), Column("bound", "at least", "+.3f"), Column("pairs", "pairs", ",d"),
        Column("hash", "policy hash"),
    )  # fmt: skip
    level = material.league.get("gate_confidence", 0.95)
    note = f"Gain in utility on fresh pairs over what its side's own mixture has; one-sided {level:.0%} lower bound."
    return Table("responses", "Responses", columns, rows, "pair", command(material), note)
