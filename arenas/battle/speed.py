"""How fast battles go, counted in turns, and how fast Showdown plays them: `kumite bench battle`."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...assets.battle.generate.showdown import VERSION, run_script
from .. import make_batch, make_game, parallel_env
from ..arena import ArenaError
from ..bench import median_rate

SAMPLE = 1024
"""Matches played to their ends to learn how many turns a request is."""
FORMATS = {
    "doubles": "gen9vgc2024regg",
    "singles3": "gen9bssregi",
    "singles6": "gen9bssregi@@@!! Picked Team Size = 6",
}
"""Showdown's names."""


def turns_per_request(options: Mapping[str, Any]) -> float:
    """Turns by requests, over whole matches of random legal play: some requests are previews and replacements."""
    batch = make_batch("battle", matches=SAMPLE, seed=1, auto_reset=False, **options)
    while not batch.done.all():
        batch.step(batch.random_actions())
    return float(batch.state.turn.sum() / batch.state.tick.sum())


def measure_turns(requests_per_second: float, seconds: float, options: Mapping[str, Any]) -> dict[str, float]:
    """Turns a second: of the batch whose requests were measured, and of one match through PettingZoo."""
    share = turns_per_request(options)
    return {
        "turns_per_request": share,
        "turns_per_second": share * requests_per_second,
        "parallel_turns_per_second": median_rate(_parallel_turns(options), seconds),
    }


def _parallel_turns(options: Mapping[str, Any]) -> Callable[[], float]:
    """One PettingZoo match of random legal play, its choices drawn beforehand: a run plays it and counts its turns."""
    environment = parallel_env("battle", **options)
    environment.reset(seed=0)
    choices: list[dict[str, np.ndarray]] = []
    while environment.agents:
        drawn = environment.batch.random_actions()[0].astype(np.int64)
        choices.append({agent: drawn[side] for side, agent in enumerate(environment.possible_agents)})
        environment.step(choices[-1])
    turns = float(environment.batch.state.turn[0])

    def run() -> float:
        environment.reset(seed=0)
        for chosen in choices:
            environment.step(chosen)
        return turns

    return run


def measure_showdown(seconds: float, options: Mapping[str, Any], modules: Path | None) -> dict[str, float]:
    """Battles, turns and requests that Showdown plays in about so many seconds of one core, over the same teams.

    modules: the folder `node_modules` of the package, or None: what NODE_PATH names. ArenaError where there is none.
    """
    from . import pool
    from .teams import write_packed

    folders = (
        [modules] if modules else [Path(name) for name in os.environ.get("NODE_PATH", "").split(os.pathsep) if name]
    )
    found = next((folder for folder in folders if (folder / "pokemon-showdown").is_dir()), None)
    if shutil.which("node") is None or found is None:
        lacks = "no program `node`" if shutil.which("node") is None else "no pokemon-showdown"
        raise ArenaError(
            f"Showdown cannot be asked: {lacks} in {', '.join(map(str, folders)) or 'NODE_PATH, which is empty'}. Run "
            f"`npm install pokemon-showdown@{VERSION} --omit=optional --ignore-scripts` anywhere and name its "
            "`node_modules` with --modules"
        )
    chosen = make_game("battle", **options).options
    teams = [write_packed(team) for team in pool(chosen["teams"])]
    given = {"format": FORMATS[chosen["format"]], "teams": teams, "seconds": seconds}
    begins = time.perf_counter()
    counted = run_script("speed.js", given, found)
    return {
        "showdown_turns_per_second": counted["turns"] / counted["seconds"],
        "showdown_requests_per_second": counted["requests"] / counted["seconds"],
        "showdown_turns_per_request": counted["turns"] / counted["requests"],
        "showdown_wall_seconds": time.perf_counter() - begins,
    }
