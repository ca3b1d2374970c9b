"""`kumite exact`: games small enough to enumerate, solved, and policies judged by the whole of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import AsJson, Options, parse_options, print_json
from .judging import is_run, make_table, set_threads, show
from .solving_states import by_states

if TYPE_CHECKING:
    from ..agents.policy import Policy
    from ..arenas.arena import Game


def exact(
    name: Annotated[str, typer.Argument(help="An arena, small enough to be enumerated: classic/kuhn.")],
    member: Annotated[
        list[str] | None,
        typer.Option(help="A policy to judge: a name, a file or a run's folder; may be given several times."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            help="Draws at each information set or state, of policies that cannot say their probabilities: 1000 or 200."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of those draws.")] = 0,
    solve: Annotated[bool, typer.Option(help="Find the value, by linear programming.")] = True,
    curve: Annotated[
        list[str] | None,
        typer.Option(help="Also run a solver: cfr, cfr+, xfp, mmd-last, mmd-average, mmd-qre, mmd-annealed."),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Iterations of each curve.")] = 1000,
    states: Annotated[
        bool, typer.Option("--states", help="Solve by distinct states, not histories: games of perfect information.")
    ] = False,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="A slice of the fight, by states: wake-up, corner, last-round.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="With --states or --slice: draw the mix where a match begins, as .svg or .png.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Give up at more histories (or states) than this: 2000000 (or 1000000).")
    ] = None,
    threads: Annotated[int, typer.Option(help="Torch's threads, for networks; 0: as many as it takes.")] = 0,
    trust: Annotated[
        bool, typer.Option("--trust", help="Load Stable-Baselines3 files, which can run code hidden in them.")
    ] = False,
    option: Options = None,
    as_json: AsJson = False,
) -> None:
    """Enumerates a game from its rules: its value, how exploitable even play is, and any policy.

    Exploitability is NashConv / 2, in the arena's utility: what best responses win on average, minus the game's value.
    """
    from ..arenas import make_game
    from ..eval.exact import LIMIT, examine, judge
    from ..eval.exact.figures import curves
    from ..league.exact.asking import SAMPLES

    set_threads(threads)
    options = parse_options(option)
    if slice_ is not None:
        options["preset"] = slice_
    game = make_game(name, **options)
    if states or slice_ is not None:
        if curve or not solve:
            raise typer.BadParameter("--curve and --no-solve are of histories, not of --states or --slice")
        by_states(game, member or [], samples, seed, limit, trust, picture, as_json)
        return
    if picture is not None:
        raise typer.BadParameter("--picture needs --states or --slice")
    asked = {text: find_policies(text, game, trust) for text in member or []}
    tree, figures = examine(game, limit=limit or LIMIT, solved=solve)
    figures["members"] = [judge(tree, text, policies, samples or SAMPLES, seed) for text, policies in asked.items()]
    figures["curves"] = curves(tree, curve or [], iterations)
    if as_json:
        print_json(figures)
    else:
        _print(figures)


def find_policies(text: str, game: "Game", trust: bool) -> "list[Policy]":
    """One policy for both sides, or one a side."""
    from ..agents import resolve
    from ..league.run import Run

    if not is_run(text):
        return [resolve(text, game, trust=trust)]
    with Run.open(text, trust=trust) as run:
        if run.game.content_hash != game.content_hash:
            there = f"{run.game.arena.name} with {dict(run.game.options)}"
            raise typer.BadParameter(f"{text} is a run of {there}, another game than {game.arena.name}")
        return [run.judged(seat) for seat in range(run.count)]


def _print(figures: dict[str, Any]) -> None:
    seconds = figures["seconds"]
    table = make_table("figure", "", title=f"kumite exact {figures['arena']}")
    first, second = figures["information_sets"]
    table.add_row("states", f"{figures['states']:,} ({figures['ends']:,} of them ends)")
    table.add_row("information sets", f"{first:,} + {second:,}")
    if figures["value"] is not None:
        error = f"off by {figures['value_error']:.0e} at most"
        table.add_row("value to the first side", f"{figures['value']:.9f} ({error})")
    table.add_row("exploitability of even play", f"{figures['uniform_exploitability']:.9f}")
    table.add_row("enumerated, solved in", ", ".join(f"{part:.2f} s" for part in seconds.values()))
    table.add_row("exploitability of a table in", f"{1000 * figures['exploitability_seconds']:.2f} ms")
    show(table)
    if figures["members"]:
        table = make_table("policy", "exploitability", "best response as first, second", "how", title="Policies")
        for row in figures["members"]:
            how = f"{', '.join(row['estimated'])}: {row['samples']:,} draws each" if row["estimated"] else "exact"
            answers = ", ".join(f"{worth:+.6f}" for worth in row["best_responses"])
            table.add_row(row["name"], f"{row['exploitability']:.6f}", answers, how)
        show(table)
    if figures["curves"]:
        marks = list(next(iter(figures["curves"].values())))
        table = make_table("exploitability after", *(f"{mark:,}" for mark in marks), title="Curves")
        for method, found in figures["curves"].items():
            table.add_row(method, *(f"{value:.6f}" for value in found.values()))
        show(table)
