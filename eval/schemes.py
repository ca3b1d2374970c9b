"""Schemes compared on solved games: exact exploitability against samples, at equal total samples, several seeds each.

Every run is an ordinary league in a folder of its own, so a benchmark that was killed goes on where it was. A point of
a run's curve is what its scheme is judged by after so many samples of all its learners together; the policies are asked
for their probabilities at every information set, so nothing but the training itself is left to chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.checkpoint import write_atomically
from ..arenas.arena import nearest
from ..league.config import LeagueConfig, LeagueError, load_scheme
from ..league.exact.book import open_book
from ..league.matchmaking import Meta, judged
from ..league.run import STORE, Run
from ..league.trainer import Reporter, Trainer
from .aggregate import Aggregate, aggregate

CURVE = "curve.json"


@dataclass(frozen=True)
class Trial:
    """A game to compare schemes on. steps: samples a run takes in all."""

    arena: str
    options: Mapping[str, Any]
    steps: int


GAMES = {
    "kuhn": Trial("classic/kuhn", {}, 5_000_000),
    "leduc": Trial("classic/leduc", {}, 1_500_000),
    "goofspiel": Trial("classic/goofspiel", {"cards": 4}, 1_500_000),
}
LEARNER = {
    "hidden": (32, 32),
    "horizon": 8,
    "epochs": 2,
    "minibatch": 512,
    "learning_rate": 5e-3,
    "gamma": 1.0,
    "gae_lambda": 1.0,
    "entropy_coefficient": 0.0,
}
"""Of all schemes' learners: small networks and batches, no discount, nothing that keeps play random: responses are
within a hundredth of the best in Kuhn poker after 60,000 samples."""
COMMON = {"matches": 256, "threads": 1, "tensorboard": False, "gate": "none"}


@dataclass(frozen=True)
class Entry:
    """A scheme as it is compared. learners: how many it trains at once in each population."""

    iterations: int
    learners: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)


SCRATCH = {"warm_start": "scratch", "pairs": 1_000}
MAGNET = {"matches": 1024, "minibatch": 4096, "learning_rate": 1e-3, "gae_lambda": 0.95}
"""Of `regularised`, in their place: slow enough that play settles near its magnet before that moves on."""
SCHEMES = {
    "independent": Entry(20, settings={"pairs": 2}),
    "fictitious-play": Entry(20, settings={**SCRATCH, "pairs": 2}),
    "double-oracle": Entry(10, settings=SCRATCH),
    "regularised": Entry(25),
    "prioritised": Entry(20, settings={"pairs": 200}),
    "alphastar": Entry(10, 3, settings={"pairs": 200, "gate_pairs": 200}),
}
"""The schemes there are settings for. A response is trained on an equal share of a run's samples."""


@dataclass(frozen=True)
class Point:
    """Exploitability (NashConv / 2) of what a run is judged by, after so many samples in all."""

    steps: int
    exploitability: float


@dataclass(frozen=True)
class Result:
    """One run."""

    game: str
    scheme: str
    seed: int
    judged_by: str
    curve: list[Point]


def plan(games: Sequence[str], schemes: Sequence[str], seeds: int) -> list[tuple[str, str, int]]:
    """The runs, so that all schemes have their first seed early."""
    for names, known in ((games, GAMES), (schemes, SCHEMES)):
        for name in names:
            if name not in known:
                raise LeagueError(f"{name!r} is not compared" + nearest(name, list(known)))
    if seeds < 1:
        raise LeagueError(f"seeds = {seeds}: expected 1 or more")
    return [(game, scheme, seed) for game in games for seed in range(seeds) for scheme in schemes]


def budgets(games: Sequence[str], steps: Sequence[str]) -> dict[str, int]:
    """Samples of a run by game. steps: none (the games' own), one number for all games, or one for each."""
    try:
        numbers = [int(word.replace("_", "")) for word in steps] or [GAMES[game].steps for game in games]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, len(games)) or min(numbers) < 1:
        raise LeagueError(
            f"steps = {','.join(steps)!r}: expected one whole number, or one for each of {len(games)} games"
        )
    return dict(zip(games, numbers if len(numbers) == len(games) else numbers * len(games), strict=True))


def settings(game: str, scheme: str, seed: int, steps: int) -> LeagueConfig:
    """A scheme's settings for one run of `steps` samples in all."""
    from .. import arenas

    trial, entry = GAMES[game], SCHEMES[scheme]
    symmetric = arenas.make_game(trial.arena, **trial.options).symmetric
    base = load_scheme(scheme)
    populations = 1 if base.loop == "magnet" else base.populations or (1 if symmetric else 2)
    share = max(1, steps // (entry.iterations * entry.learners * populations))
    own = MAGNET | {"anneal_steps": steps} if base.loop == "magnet" else {}
    given: dict[str, Any] = {**COMMON, **LEARNER, **own, **entry.settings}
    given |= {"iterations": entry.iterations, "steps": share}
    if base.loop == "roles":
        given |= {"snapshot_steps": 2 * share, "snapshot_limit": 4 * share}
    return load_scheme(scheme, {**given, "seed": seed})


def run_one(
    folder: Path, game: str, scheme: str, seed: int, steps: int, reporter: Reporter | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Result:  # fmt: skip
    """Trains one run to its end, or finds it done; its curve is kept beside it."""
    place = folder / game / scheme / str(seed)
    config = settings(game, scheme, seed, steps)
    if (place / CURVE).is_file():
        saved = json.loads((place / CURVE).read_text(encoding="utf-8"))
        if saved["config_hash"] == config.config_hash:
            return Result(game, scheme, seed, config.judged_by, [Point(*point) for point in saved["curve"]])
    trial = GAMES[game]
    with (
        Run.open(place, write=True)
        if (place / STORE).exists()
        else Run.create(place, trial.arena, trial.options, config) as run
    ):
        if run.store.spec["config_hash"] != config.config_hash:
            raise LeagueError(f"{place} holds a run with other settings: choose another folder, or remove it")
        Trainer(run, reporter, stop=stop).train()
        curve = list(curve_of(run))
    rows = [[point.steps, point.exploitability] for point in curve]
    write_atomically(place / CURVE, json.dumps({"config_hash": config.config_hash, "curve": rows}).encode() + b"\n")
    return Result(game, scheme, seed, config.judged_by, curve)


def curve_of(run: Run) -> Iterator[Point]:
    """Exact exploitability of what a run's scheme is judged by, before each iteration and at its end."""
    book = open_book(run.game)
    trained = [(at, data["steps"]) for at, _, data in run.store.events("trained")]
    for iteration, _, data in run.store.events("meta"):
        verdict = judged(run.config, Meta.from_json(data))
        sides = zip(run.populations, verdict.names, verdict.mixtures, strict=True)
        policies = [population.mixture(names, weights) for population, names, weights in sides]
        steps = sum(count for at, count in trained if at < iteration)
        yield Point(steps, book.exploitability(policies[0], policies[-1]))


def final(results: Sequence[Result], game: str, scheme: str, seed: int = 0) -> Aggregate:
    """The interquartile mean of the runs' last points, with a 95 % bootstrap interval over runs."""
    scores = [run.curve[-1].exploitability for run in results if (run.game, run.scheme) == (game, scheme)]
    return aggregate([scores], np.random.default_rng(seed))


def summary(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row for each game and scheme, as JSON values."""
    rows = []
    for game, scheme in dict.fromkeys((run.game, run.scheme) for run in results):
        runs = [run for run in results if (run.game, run.scheme) == (game, scheme)]
        found = final(results, game, scheme)
        rows.append(
            {
                "game": game,
                "scheme": scheme,
                "judged_by": runs[0].judged_by,
                "runs": found.runs,
                "steps": int(np.mean([run.curve[-1].steps for run in runs])),
                "start": runs[0].curve[0].exploitability,
                "exploitability": found.value,
                "lower": found.lower,
                "upper": found.upper,
                "each": [run.curve[-1].exploitability for run in runs],
                "least_on_the_way": float(np.median([min(p.exploitability for p in run.curve) for run in runs])),
            }
        )
    return rows


def points(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Every scheme's curve: at each of its points the interquartile mean over runs and its interval."""
    rows = []
    for game, scheme in dict.fromkeys((run.game, run.scheme) for run in results):
        runs = [run for run in results if (run.game, run.scheme) == (game, scheme)]
        for number in range(min(len(run.curve) for run in runs)):
            at = [run.curve[number] for run in runs]
            found = aggregate([[point.exploitability for point in at]], np.random.default_rng(number))
            steps = float(np.mean([point.steps for point in at]))
            rows.append(
                {"game": game, "scheme": scheme, "steps": steps, "exploitability": found.value}
                | {"lower": found.lower, "upper": found.upper}
            )
    return rows


def picture(results: Sequence[Result]) -> Any:
    """The curves as an altair chart, one panel a game: lines of interquartile means, bands of their intervals."""
    import altair as alt

    order = list(dict.fromkeys(run.scheme for run in results))
    panels = []
    for game in dict.fromkeys(run.game for run in results):
        rows = [row for row in points(results) if row["game"] == game]
        base = alt.Chart(alt.Data(values=rows)).encode(
            x=alt.X(
                "steps:Q", title="samples of all learners", axis=alt.Axis(format="~s", tickCount=4, labelOverlap=True)
            ),
            color=alt.Color("scheme:N", sort=order, title=None, legend=alt.Legend(symbolOpacity=1)),
        )
        scale = alt.Scale(type="log", clamp=True, nice=False)
        band = base.mark_area(opacity=0.15).encode(y=alt.Y("lower:Q", scale=scale, title=""), y2="upper:Q")
        line = base.mark_line(strokeWidth=1.5).encode(
            y=alt.Y("exploitability:Q", scale=scale, title="exploitability, exact")
        )
        panels.append(alt.layer(band, line).properties(title=game, width=230, height=220))
    return alt.hconcat(*panels).resolve_scale(y="independent", x="independent").configure_view(stroke=None)
