"""Leagues on the command line: train one, go on with one, see how one stands."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import AsJson, Options, parse_options, print_json
from .judging import command_line

if TYPE_CHECKING:
    from ..league.run import Run

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

RunFolder = Annotated[Path, typer.Argument(help="The run's folder.", metavar="RUN")]
Workers = Annotated[int, typer.Option(help="Processes that play payoff games; 0: this one plays them.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Load Stable-Baselines3 files, which can run code hidden in them.")
]


def train(
    arena: Annotated[str, typer.Argument(help="Which game: see `kumite arenas`, or path/to/mine.py.")],
    scheme: Annotated[
        str,
        typer.Option(
            help="double-oracle, fictitious-play, prioritised, alphastar, regularised, delta-uniform, "
            "self-play, independent, or path/to/mine.toml."
        ),
    ] = "double-oracle",
    out: Annotated[Path | None, typer.Option(help="The run's folder. Default: runs/ARENA-SCHEME-SEED.")] = None,
    seed: Annotated[int, typer.Option(help="Runs with equal settings and seeds have equal results.")] = 0,
    iterations: Annotated[int | None, typer.Option(help="Responses trained for each population.")] = None,
    steps: Annotated[int | None, typer.Option(help="Samples a response is trained on.")] = None,
    pairs: Annotated[int | None, typer.Option(help="Pairs of games in each cell of the payoff table.")] = None,
    matches: Annotated[int | None, typer.Option(help="Matches side by side.")] = None,
    option: Options = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--setting",
            "-s",
            metavar="KEY=VALUE",
            help="A setting of the scheme or of its learner, as in `-s gate=none -s learning_rate=3e-4`.",
        ),
    ] = None,
    learner: Annotated[str | None, typer.Option(help="What trains responses: ppo, sb3-ppo, exact.")] = None,
    device: Annotated[str, typer.Option(help="Where to train: cpu.")] = "cpu",
    threads: Annotated[int, typer.Option(help="Threads of this process; 0: as many as torch takes.")] = 0,
    workers: Workers = 0,
    trust: Trust = False,
) -> None:
    """Train a league: a population of policies, each a response to those before it.

    Progress is saved all the time: after Ctrl-C or a crash, `kumite resume RUN` goes on.
    """
    from ..league.config import load_scheme, parse_setting
    from ..league.run import Run

    given = {
        "iterations": iterations,
        "steps": steps,
        "pairs": pairs,
        "matches": matches,
        "learner": learner,
        "seed": seed,
        "device": device,
        "threads": threads,
    }
    overrides = {key: value for key, value in given.items() if value is not None}
    overrides |= dict(parse_setting(text) for text in setting or [])
    config = load_scheme(scheme, overrides)
    folder = out or Path("runs") / f"{arena.replace('/', '-')}-{config.scheme}-{seed}"
    run = Run.create(folder, arena, parse_options(option), config, trust=trust)
    run.store.add_event(0, "train command", {"command": command_line()})
    _go(run, workers)


def resume(
    run: RunFolder,
    iterations: Annotated[int | None, typer.Option(help="Train on until there are so many, more than before.")] = None,
    workers: Workers = 0,
    trust: Trust = False,
) -> None:
    """Go on with a run that was interrupted, or with a finished one for more iterations."""
    from ..league.run import Run

    opened = Run.open(run, write=True, trust=trust)
    if iterations is not None:
        opened.extend(iterations)
        opened.store.add_event(0, "train command", {"command": command_line()})
    _go(opened, workers)


def status(run: RunFolder, as_json: AsJson = False) -> None:
    """Show how a run stands: its members, payoffs with standard errors, the mixture, and how fast it is."""
    from ..league.run import Run
    from ..league.status import run_status

    with Run.open(run) as opened:
        found = run_status(opened)
    if as_json:
        print_json(found)
    else:
        _print_status(found)


# --- training, watched ---


def _go(run: "Run", workers: int) -> None:
    """Trains until the run is done, or Ctrl-C."""
    from ..league.status import run_status
    from ..league.trainer import Stopped, Trainer

    with run, bars_on_stderr() as reporter, stop_on_signals() as stop:
        try:
            Trainer(run, reporter, workers=workers, stop=stop).train()
        except Stopped as stopped:
            reporter.say(str(stopped))
            raise typer.Exit(INTERRUPTED) from None
        finally:
            reporter.close()
        found = run_status(run)
    _print_status(found)
    print(f"run: {run.folder}")


@contextmanager
def stop_on_signals() -> Iterator[Any]:
    """Whether Ctrl-C or a termination was asked for; a second one ends the process at once."""
    asked = []

    def ask(number: int, frame: Any) -> None:
        asked.append(number)
        signal.signal(number, previous[number])
        print("\nstopping at the next safe point; again to end at once", file=sys.stderr)

    previous: dict[int, Any] = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def bars_on_stderr() -> Iterator[Any]:
    """Progress, until the work is done or fails."""
    from .progress import Bars

    bars = Bars()
    try:
        yield bars
    finally:
        bars.close()


def _print_status(found: dict[str, Any]) -> None:
    """A run's status in plain text, which nothing cuts short."""
    head = f"{found['arena']} · {found['scheme']} · seed {found['seed']}"
    print(f"{head} · iteration {found['iteration']} of {found['iterations']} · {found['state']}")
    members = [("member", "role", "parent", "weight", "hash")]
    for member in found["members"]:
        weight = "" if member["weight"] is None else f"{member['weight']:.3f}"
        members.append((member["name"], member["role"], member["parent"] or "", weight, member["hash"]))
    _print_table(members)
    payoff = found["payoff"]
    print(f"\nmean utility of the row ± standard error, {found['games']:,} games in all")
    lines = [("", *(str(number) for number in range(1, len(payoff["columns"]) + 1)))]
    for number, name in enumerate(payoff["rows"]):
        cells = zip(payoff["mean"][number], payoff["standard_error"][number], strict=True)
        lines.append((f"{number + 1} {name}", *(_cell(mean, error) for mean, error in cells)))
    _print_table(lines)
    if payoff["columns"] != payoff["rows"]:
        print("columns: " + ", ".join(f"{number} {name}" for number, name in enumerate(payoff["columns"], 1)))
    if found["exploitability"] is not None:
        print(
            f"\nThe {found['judged_by']} can be exploited by {found['exploitability']:.4f} inside this table; "
            "players outside it may do better."
        )
    speed = found["throughput"]
    rates = f"{speed['steps_per_second']:,.0f} samples/s, {speed['games_per_second']:,.0f} payoff games/s"
    print(f"{speed['steps']:,} samples trained on; {rates}")


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(mean: float | None, error: float | None) -> str:
    if mean is None:
        return "–"
    return f"{mean:+.2f}" + ("" if error is None else f"±{error:.2f}")
