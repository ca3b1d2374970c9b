"""`kumite benchmark-schemes`: the league's schemes compared on games whose answer is known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import AsJson, print_json
from .judging import make_table, set_threads, show
from .league import INTERRUPTED, bars_on_stderr, stop_on_signals

if TYPE_CHECKING:
    from ..eval.schemes import Result


def benchmark_schemes(
    games: Annotated[str, typer.Option(help="Which games, with commas between them.")] = "kuhn,leduc,goofspiel",
    schemes: Annotated[str, typer.Option(help="Which schemes, with commas between them.")] = (
        "independent,fictitious-play,double-oracle,regularised"
    ),
    seeds: Annotated[int, typer.Option(help="Runs of each scheme on each game.")] = 5,
    steps: Annotated[
        str,
        typer.Option(
            help="Samples of a run in all, or one number a game with commas; default: 5 million on kuhn, else 1.5."
        ),
    ] = "",
    out: Annotated[Path, typer.Option(help="The folder of the runs; what is done there is not done again.")] = Path(
        "runs/schemes"
    ),
    picture: Annotated[Path | None, typer.Option(help="Draw the curves into this file: .svg or .png.")] = None,
    threads: Annotated[int, typer.Option(help="Torch's threads.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Compares schemes by exact exploitability, at equal samples in all, over several training runs.

    Killed or stopped, the same command goes on.
    """
    from ..eval.schemes import budgets, plan, run_one, summary
    from ..eval.schemes import picture as draw
    from ..league.trainer import Stopped

    set_threads(threads)
    asked, chosen, numbers = ([part.strip() for part in words.split(",")] for words in (games, schemes, steps))
    runs = plan(asked, chosen, seeds)
    samples = budgets(asked, numbers if steps else [])
    results: list[Result] = []
    with bars_on_stderr() as bars, stop_on_signals() as stop:
        for number, (game, scheme, seed) in enumerate(runs, 1):
            bars.say(f"run {number} of {len(runs)}: {game}, {scheme}, seed {seed}")
            try:
                results.append(run_one(out, game, scheme, seed, samples[game], _Quiet(bars), stop))
            except Stopped:
                bars.say("stopped and saved: the same command goes on")
                raise typer.Exit(INTERRUPTED) from None
            bars.say(f"  exploitability {results[-1].curve[-1].exploitability:.4f}")
    rows = summary(results)
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        draw(results).save(str(picture))
    if as_json:
        print_json(rows)
        return
    columns = ("game", "scheme", "judged by", "runs", "samples", "exploitability")
    table = make_table(*columns, title="Exact, interquartile mean over runs (95 % interval)")
    for row in rows:
        value = f"{row['exploitability']:.3f} ({row['lower']:.3f} to {row['upper']:.3f})"
        table.add_row(row["game"], row["scheme"], row["judged_by"], str(row["runs"]), f"{row['steps']:,}", value)
    show(table)


class _Quiet:
    """Shows how far a run is, and leaves out who joined it."""

    def __init__(self, bars: Any):
        self.bars = bars

    def begin(self, title: str, total: float) -> None:
        """A phase begins."""
        self.bars.begin(title, total)

    def update(self, done: float, text: str = "") -> None:
        """So much of it is done."""
        self.bars.update(done, text)

    def end(self) -> None:
        """It is over; no line stays."""
        self.bars.drop()

    def say(self, text: str) -> None:
        """Nothing."""
