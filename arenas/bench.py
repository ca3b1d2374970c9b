"""Speed of an arena: `kumite bench NAME` prints what `measure` returns."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numba
import numpy as np

from . import make_batch, make_game, parallel_env
from .arena import Arena
from .batch import Batch
from .buffers import row_bytes

RUNS = 5
"""Every figure is the median of this many runs."""


def machine() -> dict[str, Any]:
    """The facts without which a speed means nothing."""
    model = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open() as file:
            model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), model)
    except OSError:
        pass
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def median_rate(run: Callable[[], float], seconds: float) -> float:
    """Median over RUNS of units a second. run: does some work and returns how many units it was."""
    rates = []
    for _ in range(RUNS):
        units, begins = 0.0, time.perf_counter()
        while (passed := time.perf_counter() - begins) < seconds:
            units += run()
        rates.append(units / passed)
    return statistics.median(rates)


def measure(
    name: str,
    *,
    matches: int = 4096,
    threads: int = 2,
    seconds: float = 1.0,
    options: Mapping[str, Any] | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """All figures of one arena. said: told what is measured next.

    rollout_ticks_per_second: `rollout_random`, observations and masks written at every decision. step_ticks_per_second:
    the same through `Batch.step`, actions drawn beforehand. parallel_step_us: a PettingZoo step of one match.
    bytes_per_match: record and buffers; bytes_of_state: the record. cold_seconds and warm_seconds: a new process until
    its first step is played, with an empty compile cache and a filled one. cases: the figures that the arena names
    itself, see `BenchCase`.
    """
    options = dict(options or {})
    batch = make_batch(name, matches=matches, seed=0, threads=threads, **options)
    game = batch.game
    batch.rollout_random(64)

    def rollout() -> float:
        return batch.rollout_random(64 * game.frame_skip) * matches

    drawn = [batch.random_actions() for _ in range(16)]
    turn = 0

    def step() -> float:
        nonlocal turn
        turn += 1
        batch.step(drawn[turn % len(drawn)])
        return matches * game.frame_skip

    result: dict[str, Any] = {"arena": name, "options": options, "matches": matches, "threads": batch.threads}
    said("rollout_random and Batch.step")
    result["rollout_ticks_per_second"] = median_rate(rollout, seconds)
    result["step_ticks_per_second"] = median_rate(step, seconds)
    result["step_share_of_rollout"] = result["step_ticks_per_second"] / result["rollout_ticks_per_second"]
    said("a PettingZoo step")
    result["parallel_step_us"] = 1e6 / median_rate(_parallel_step(name, options), seconds)
    result["bytes_per_match"], result["bytes_of_state"] = row_bytes(game), game.state.itemsize
    said("a cold and a warm start: everything is compiled once more")
    result["cold_seconds"], result["warm_seconds"] = start_times(name, options)
    known = {"cold": result["cold_seconds"], "warm": result["warm_seconds"]}
    result["cases"] = measure_cases(game.arena, seconds, known, said)
    return result | {"machine": machine()}


def measure_cases(
    arena: Arena, seconds: float, known: Mapping[str, float], said: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """What an arena is to reach, and what it does. known: figures measured already, by `BenchCase.what`."""
    found = []
    for case in arena.bench:
        if case.what not in known:
            said(case.title)
        cores = None
        if case.what in known:
            measured = known[case.what]
        elif case.what == "step":
            measured = 1e6 / median_rate(_parallel_step(arena.name, case.options), seconds)
        else:
            batch = make_batch(arena.name, matches=case.matches, seed=0, threads=case.threads, **case.options)
            measured, cores = decision_rate(batch, seconds, case.begin and case.begin[0])
        row = {"title": case.title, "measured": measured, "goal": case.goal, "reached": case.reached(measured)}
        found.append(row | {"cores_used": cores})
    return found


def decision_rate(batch: Batch, seconds: float, begin: Callable[[Batch], None] | None = None) -> tuple[float, float]:
    """Decisions of matches a second through `Batch.step`, and the cores that took: medians over RUNS.

    All sides' choices are given: random legal ones, found beforehand from where the matches stand. They are put back
    there, which is not timed, before the same choices are played again. begin: brings them there instead of 64 random
    decisions.
    """
    if begin is None:
        batch.rollout_random(64 * batch.game.frame_skip)
    else:
        begin(batch)
    start, actions = batch.state.copy(), []
    for _ in range(16):
        actions.append(batch.random_actions())
        batch.step(actions[-1])
    rates, cores = [], []
    for _ in range(RUNS):
        decisions = passed = used = 0.0
        while passed < seconds:
            batch.put(start)
            wall, cpu = time.perf_counter(), time.process_time()
            for chosen in actions:
                batch.step(chosen)
            passed += time.perf_counter() - wall
            used += time.process_time() - cpu
            decisions += len(batch) * len(actions)
        rates.append(decisions / passed)
        cores.append(used / passed)
    return statistics.median(rates), statistics.median(cores)


def _parallel_step(name: str, options: Mapping[str, Any]) -> Callable[[], float]:
    environment = parallel_env(name, **options)
    environment.reset(seed=0)
    waiting = {agent: np.zeros_like(environment.action_space(agent).sample()) for agent in environment.possible_agents}

    def run() -> float:
        for _ in range(200):
            if not environment.agents:
                environment.reset()
            environment.step(waiting)
        return 200

    return run


def start_times(name: str, options: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds until a new process has made a batch of 4,096 and stepped it: compiling it, then from the cache."""
    game = make_game(name, **options)
    source = (
        "from kumite import arenas; import sys;"
        f"b = arenas.make_batch(sys.argv[1], matches=4096, **{dict(game.options)!r}); b.step(b.random_actions())"
    )
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            begins = time.perf_counter()
            environment = {**os.environ, "KUMITE_CACHE_DIR": folder}
            subprocess.run([sys.executable, "-c", source, name], env=environment, check=True, stderr=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - begins)
    return seconds[0], seconds[1]
