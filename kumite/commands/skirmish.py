"""`kumite skirmish`: what trained units reach in the minigames, and who wins the micro battles."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import AsJson, print_json
from .judging import set_threads
from .progress import Bars

if TYPE_CHECKING:
    from ..eval.skirmish import Battle, Meeting, Minigame, Score

app = typer.Typer(no_args_is_help=True, help="Tables of the skirmish arena: trained units, scripts, open-loop play.")

Only = Annotated[list[str] | None, typer.Argument(help="Scenarios; without any, all of the table.")]
Steps = Annotated[int, typer.Option(help="Samples a policy is trained on; costly scenarios take a share of them.")]
Seeds = Annotated[int, typer.Option(help="Training runs of each policy.")]
Out = Annotated[Path, typer.Option(help="Folder of the trained policies: those it has are not trained again.")]
Seed = Annotated[int, typer.Option(help="Of training and of the matches.")]
Threads = Annotated[int, typer.Option(help="Torch's threads; 0: as many as it takes.")]


@app.command()
def minigames(
    only: Only = None,
    steps: Steps = 1_000_000,
    seeds: Seeds = 1,
    matches: Annotated[int, typer.Option(help="Matches of each score.")] = 64,
    out: Out = Path("runs/skirmish"),
    seed: Seed = 0,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Random play, the best script and PPO on each minigame, and (trained - random) / (script - random)."""
    from ..eval import skirmish

    sizes = {"steps": steps, "seeds": seeds, "matches": matches, "seed": seed}
    _show_minigames(_rows(skirmish.minigame, skirmish.MINIGAMES, only, out, threads, sizes), as_json)


@app.command()
def commander(
    only: Only = None,
    steps: Steps = 1_000_000,
    seeds: Seeds = 1,
    matches: Annotated[int, typer.Option(help="Matches of each score.")] = 64,
    out: Out = Path("runs/skirmish"),
    seed: Seed = 0,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """The table of `minigames` through the commander's interface: functions and points on a screen."""
    from ..eval import skirmish

    sizes = {"commander": True, "steps": steps, "seeds": seeds, "matches": matches, "seed": seed}
    _show_minigames(_rows(skirmish.minigame, skirmish.COMMANDER, only, out, threads, sizes), as_json)


def _show_minigames(rows: list, as_json: bool) -> None:
    """The table of minigames, by either interface."""
    published = "published: person, 2017, 2018"
    head = ["minigame", "random", "script", "trained", "normalised", "samples", published, "note"]
    words = (
        "mean ± standard error of the matches; several values: one a training run. Published scores are of the "
        "original maps and their pathing: context, not comparable."
    )
    _show(rows, head, _minigame_cells, words, as_json)


@app.command()
def micro(
    only: Only = None,
    steps: Steps = 1_000_000,
    seeds: Seeds = 1,
    pairs: Annotated[int, typer.Option(help="Pairs of matches in each meeting.")] = 200,
    out: Out = Path("runs/skirmish"),
    seed: Seed = 0,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Scripts, the best open-loop policy and a trained one, against attack-move, for each micro battle."""
    from ..eval import skirmish

    sizes = {"steps": steps, "seeds": seeds, "pairs": pairs, "seed": seed}
    rows = _rows(skirmish.battle, skirmish.MICRO, only, out, threads, sizes)
    met = [f"{meeting.row} v {meeting.column}" for meeting in (*rows[0].scripts, rows[0].open_loop, rows[0].trained)]
    words = f"score in per cent with its 95 % interval over {pairs} pairs; draws count one half."
    _show(rows, ["scenario", *met, "samples", "note"], _battle_cells, words, as_json)


def _rows(measure: Any, known: Any, only: list[str] | None, out: Path, threads: int, sizes: dict[str, int]) -> list:
    """The rows of a table, in its order; each is said when it is done."""
    from ..arenas.arena import nearest

    for name in only or []:
        if name not in known:
            raise typer.BadParameter(f"no scenario {name!r}" + nearest(name, [*known]))
    set_threads(threads)
    bars, rows = Bars(), []
    try:
        for name in only or known:
            bars.begin(name, sizes["steps"])

            def trained(text: str, done: int, wanted: int) -> None:
                bars.update(done * sizes["steps"] / wanted, text)

            rows.append(measure(name, out, trained=trained, **sizes))
    finally:
        bars.close()
    return rows


def _show(rows: list, head: list[str], cells: Callable[[Any], list[str]], words: str, as_json: bool) -> None:
    """A table as lines of Markdown with some words below it, or its rows as JSON."""
    from ..eval import skirmish

    if as_json:
        print_json([skirmish.as_values(row) for row in rows])
        return
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(cells(row)) + " |")
    print("\n" + words)


def _minigame_cells(row: "Minigame") -> list[str]:
    """A row of the minigames' table."""
    trained = ", ".join(map(_score, row.trained))
    normalised = ", ".join(f"{value:.3f}" for value in row.normalised)
    published = ", ".join(f"{value:,}" for value in row.published)
    script = f"{_score(row.script)} ({row.script_by})"
    cells = [f"`{row.scenario}`", _score(row.random), script, trained, normalised, f"{row.samples:,}", published]
    return [*cells, row.note]


def _battle_cells(row: "Battle") -> list[str]:
    """A row of the micro battles' table."""
    met = [_meeting(meeting) for meeting in (*row.scripts, row.open_loop, row.trained)]
    return [f"`{row.scenario}`", *met, f"{row.samples:,}", row.note]


def _score(score: "Score") -> str:
    return f"{score.mean:,.1f} ± {score.error:.1f}"


def _meeting(meeting: "Meeting") -> str:
    if meeting.lower is None or meeting.upper is None:
        return f"{100 * meeting.rate:.0f} ({meeting.distinct} of {meeting.pairs} pairs differ: no interval)"
    return f"{100 * meeting.rate:.0f} ({100 * meeting.lower:.0f} to {100 * meeting.upper:.0f})"
