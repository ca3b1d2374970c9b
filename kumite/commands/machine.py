"""`kumite bench` and `kumite doctor`: how fast it is here, and whether everything is in place."""

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from . import AsJson, Options, parse_options, print_json
from .progress import Bars

FIGURES = {
    "rollout_ticks_per_second": ("rollout_random, observations and masks at every decision", "{:,.0f} ticks/s"),
    "step_ticks_per_second": ("Batch.step, actions drawn beforehand", "{:,.0f} ticks/s"),
    "step_share_of_rollout": ("... as a share of the rollout", "{:.0%}"),
    "parallel_step_us": ("PettingZoo parallel_env step, one match", "{:.1f} us"),
    "bytes_per_match": ("memory per match: record and buffers", "{:,} bytes"),
    "bytes_of_state": ("... of which the record", "{:,} bytes"),
    "cold_seconds": ("cold start: process, compile, first step", "{:.1f} s"),
    "warm_seconds": ("warm start: the same from the compile cache", "{:.2f} s"),
}

TURN_FIGURES = {
    "turns_per_second": ("rollout_random, counted in turns", "{:,.0f} turns/s"),
    "turns_per_request": ("... turns a request, over whole matches", "{:.3f}"),
    "parallel_turns_per_second": ("PettingZoo, one match, random legal play", "{:,.0f} turns/s"),
    "showdown_turns_per_second": ("Showdown, one core, the same teams", "{:,.0f} turns/s"),
    "ratio_to_showdown": ("rollout_random by Showdown", "{:,.0f}"),
    "parallel_ratio_to_showdown": ("PettingZoo by Showdown", "{:,.1f}"),
}
"""Those of battle, whose ticks are requests; the last three with --against-showdown."""


def bench(
    what: Annotated[str, typer.Argument(help="An arena, or 'ppo' for the training loop.")] = "fight",
    matches: Annotated[int, typer.Option(help="Matches in the batch.")] = 4096,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    seconds: Annotated[float, typer.Option(help="Seconds a run; every figure is the median of 5 runs.")] = 1.0,
    arena: Annotated[str, typer.Option(help="For 'ppo': the arena it trains on.")] = "fight",
    run: Annotated[
        Path | None,
        typer.Option(help="For 'ppo': a league's folder. Its last policy trains against a mixture of its last four."),
    ] = None,
    against_showdown: Annotated[
        bool, typer.Option("--against-showdown", help="For 'battle': let Pokémon Showdown play too (needs node).")
    ] = False,
    modules: Annotated[
        Path | None, typer.Option(help="The node_modules with pokemon-showdown; without it, what NODE_PATH names.")
    ] = None,
    smax: Annotated[
        bool, typer.Option("--against-smax", help="For 'skirmish': compare with JaxMARL's SMAX, three marines a side.")
    ] = False,
    python: Annotated[str, typer.Option(help="For --against-smax: a Python that has jaxmarl.")] = sys.executable,
    options: Options = None,
    as_json: AsJson = False,
) -> None:
    """Measures speed and prints it with the facts of this machine."""
    chosen = parse_options(options)
    if against_showdown and what != "battle":
        raise typer.BadParameter(f"--against-showdown: Showdown plays battle, not {what!r}")
    if smax and what != "skirmish":
        raise typer.BadParameter(f"--against-smax is for skirmish, and this is {what}")
    measured: dict[str, Any]
    if smax:
        from ..arenas.bench_smax import against_smax

        measured = against_smax(python, matches, threads, seconds)
        rows = [(key.replace("_", " "), _plain(value)) for key, value in measured.items() if key != "machine"]
    elif what == "ppo":
        from ..agents.bench import bench_ppo
        from ..arenas.bench import machine

        if run is not None:
            measured = _bench_league(run, 5 * seconds, threads)
        else:
            measured = bench_ppo(arena, seconds=5 * seconds, threads=threads, game_options=chosen)
        measured |= {"machine": machine()}
        rows = [(key.replace("_", " "), _plain(value)) for key, value in measured.items() if key != "machine"]
    else:
        from ..arenas.bench import measure

        showdown = _bench_showdown(5 * seconds, chosen, modules) if against_showdown else {}
        bars = Bars()
        try:
            measured = measure(
                what, matches=matches, threads=threads, seconds=seconds, options=chosen,
                said=lambda text: bars.say(f"measuring {text}"),
            )  # fmt: skip
        finally:
            bars.close()
        if what == "battle":
            measured |= _bench_turns(measured["rollout_ticks_per_second"], seconds, chosen, showdown)
        figures = FIGURES | TURN_FIGURES
        rows = [(title, form.format(measured[key])) for key, (title, form) in figures.items() if key in measured]
        rows += [(case["title"], _case(case)) for case in measured["cases"]]
    if as_json:
        print_json(measured)
        return
    facts = measured["machine"]
    table = Table("figure", "median of 5", title=f"kumite bench {what}")
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(", ".join(f"{key} {value}" for key, value in facts.items()), highlight=False)
    if facts["load"][0] > 1:
        console.print("[yellow]Other work kept this machine busy: these figures are a floor.[/yellow]")


def _bench_showdown(seconds: float, options: Mapping[str, Any], modules: Path | None) -> dict[str, float]:
    """What Showdown makes; asked first, so that where it cannot be asked that is said at once."""
    from ..arenas.battle.speed import measure_showdown

    return measure_showdown(seconds, options, modules)


def _bench_turns(
    rate: float, seconds: float, options: Mapping[str, Any], showdown: dict[str, float]
) -> dict[str, float]:
    """Battle's figures in turns. rate: requests a second of the rollout. showdown: what it made, if asked."""
    from ..arenas.battle.speed import measure_turns

    turns = measure_turns(rate, seconds, options)
    if showdown:
        theirs = showdown["showdown_turns_per_second"]
        turns["ratio_to_showdown"] = turns["turns_per_second"] / theirs
        turns["parallel_ratio_to_showdown"] = turns["parallel_turns_per_second"] / theirs
    return turns | showdown


MIXED = 4
"""Frozen members that the learner of `bench ppo --run` meets."""


def _bench_league(folder: Path, seconds: float, threads: int) -> dict[str, object]:
    """The loop as a league runs it late: a trained policy learns against an even mixture of frozen ones."""
    from ..agents.bench import bench_ppo
    from ..agents.policy import MixturePolicy
    from ..agents.ppo import PPOConfig
    from ..agents.trained import NetworkPolicy
    from ..league.run import Run

    with Run.open(folder) as run:
        trained = [p.policy for p in run.populations[0].players if isinstance(p.policy, NetworkPolicy)]
        if len(trained) < MIXED:
            raise typer.BadParameter(f"--run {folder}: {len(trained)} trained networks, expected {MIXED} or more")
        config = replace(PPOConfig(**run.config.learner_options), matches=run.config.matches, threads=threads)
        mixture = MixturePolicy(trained[-MIXED:], [1 / MIXED] * MIXED)
        return bench_ppo(run.game, seconds, config=config, opponents=mixture, network=trained[-1].network)


def _case(case: dict[str, Any]) -> str:
    """A figure that the arena names itself, beside what it is to reach."""
    cores = f", {case['cores_used']:.1f} cores" if case["cores_used"] is not None else ""
    measured, goal = (f"{case[key]:,.0f}" if case[key] >= 100 else f"{case[key]:.3g}" for key in ("measured", "goal"))
    return f"{measured} (goal {goal}{'' if case['reached'] else ': missed'}{cores})"


def _plain(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


def doctor(
    clear_cache: Annotated[bool, typer.Option("--clear-cache", help="Delete all compiled rules.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows versions, devices and the compile cache, and says what is missing."""
    from ..arenas.bench import machine
    from ..arenas.compile import cache_root

    root = cache_root()
    if clear_cache:
        shutil.rmtree(root, ignore_errors=True)
    versions = {}
    for package in ("kumite", "torch", "gymnasium", "pettingzoo", "stable-baselines3", "numba-cuda", "pygame"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    compiled = {folder.name: _size(folder) for folder in sorted(root.glob("*")) if folder.is_dir()}
    found = {
        "machine": machine(),
        "versions": versions,
        "cuda": _cuda(),
        "compile_cache": {"folder": str(root), "bytes": sum(compiled.values()), "arenas": compiled},
    }
    if as_json:
        print_json(found)
        return
    console = Console(highlight=False)
    for title, facts in (("machine", found["machine"]), ("versions", versions)):
        console.print(f"[bold]{title}[/bold]")
        for key, value in facts.items():
            console.print(f"  {key}: {value}")
    console.print(f"[bold]cuda[/bold]\n  {found['cuda']}")
    console.print(f"[bold]compile cache[/bold]\n  {root}: {sum(compiled.values()) / 2**20:.1f} MiB")
    for name, size in compiled.items():
        console.print(f"  {name}: {size / 2**20:.1f} MiB")
    console.print("  cleared" if clear_cache else "  clear it with: kumite doctor --clear-cache")


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _cuda() -> str:
    if importlib.util.find_spec("numba_cuda") is None:
        return "the extra is not installed: pip install 'kumite[cuda]' (everything works without)"
    from numba import cuda

    if not cuda.is_available():
        return "numba-cuda is installed, no CUDA device was found (everything works on the CPU)"
    device = cuda.get_current_device()
    return f"{device.name.decode()}, compute capability {device.compute_capability}"
