"""`kumite battle`: what the battle arena knows, and teams for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from . import AsJson, Options, parse_options, print_json

if TYPE_CHECKING:
    from ..arenas.battle.content import Content

app = typer.Typer(no_args_is_help=True, help="What the battle arena knows, and teams for it.")

KINDS = ("species", "moves", "items", "abilities")


@app.command()
def vocabulary(as_json: AsJson = False) -> None:
    """Prints the species, moves, items and abilities that are in, and those that are not and why."""
    from ..arenas.battle.content import default_content
    from ..arenas.battle.usage import coverage

    content = default_content()
    covered = coverage(content)
    if as_json:
        known = {kind: _known(content, kind) for kind in KINDS}
        print_json({"known": known, "covered": covered, "left_out": content.left_out})
        return
    console = Console(highlight=False)
    for kind in KINDS:
        names = _known(content, kind)
        console.print(f"[bold]{len(names)} {kind}[/bold], {covered[kind]:.1%} of what Regulation G teams use")
        console.print(", ".join(names), markup=False)
    console.print("[bold]Left out[/bold], of what those teams use:")
    for kind in KINDS:
        reasons: dict[str, list[str]] = {}
        for name, reason in content.left_out[kind].items():
            reasons.setdefault(reason, []).append(name)
        for reason, names in reasons.items():
            console.print(f"  {kind}: {reason}: {', '.join(names)}", markup=False)
    console.print("What is not named here is not in either: those teams use it more rarely than the count goes.")


@app.command()
def team(
    file: Annotated[Path, typer.Argument(help="A team as Showdown exports it, or packed on one line.")],
    packed: Annotated[bool, typer.Option("--packed", help="Print it packed instead of as a paste.")] = False,
) -> None:
    """Reads a team, checks it, and prints it again. What is wrong is said by name."""
    from ..arenas.battle.teams import check_team, read_team, write_packed, write_paste

    chosen = read_team(file.read_text(encoding="utf-8"))
    check_team(chosen)
    print(write_packed(chosen) if packed else write_paste(chosen))


@app.command()
def preview(
    policy: Annotated[str, typer.Option(help="Who plays the first team.")] = "heuristic",
    against: Annotated[str, typer.Option(help="Who plays the second team.")] = "heuristic",
    team: Annotated[int, typer.Option(help="The first team, by its number in the pool.")] = 0,
    versus: Annotated[int, typer.Option(help="The second team.")] = 0,
    games: Annotated[int, typer.Option(help="Games for each pair of picks.")] = 16,
    seed: Annotated[int, typer.Option(help="Equal seeds play equal games.")] = 0,
    option: Options = None,
    top: Annotated[int, typer.Option(help="Picks of each mixture to print.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Solves the team preview of two teams as a matrix game: every way to bring Pokemon against every other."""
    import numpy as np

    from ..agents import resolve
    from ..arenas import make_game
    from ..arenas.battle import pool
    from ..eval.preview import preview_matrix
    from .judging import counting

    game = make_game("battle", **parse_options(option))
    teams = pool(str(game.options["teams"]))
    for number in (team, versus):
        if not 0 <= number < len(teams):
            raise typer.BadParameter(f"team {number}: the pool {game.options['teams']} has teams 0 to {len(teams) - 1}")
    with counting("preview", "games") as played:
        players = (resolve(policy, game), resolve(against, game))
        found = preview_matrix(game, *players, (team, versus), games=games, seed=seed, played=played)
    names = [[member.species for member in teams[number]] for number in (team, versus)]
    mixtures = {"first": (found.solution.row, names[0]), "second": (found.solution.column, names[1])}
    picked = {
        who: [
            {"pick": [species[k] for k in found.picks[i]], "share": float(mixture[i])}
            for i in np.argsort(-mixture, kind="stable")[:top]
            if mixture[i] > 0
        ]
        for who, (mixture, species) in mixtures.items()
    }
    value = {"value": found.solution.value, "lower": found.lower, "upper": found.upper}
    if as_json:
        cells = {"payoff": found.payoff.tolist(), "picks": found.picks, "games": games}
        print_json({**value, "mixtures": picked, **cells})
        return
    print(f"{len(found.picks)} picks a side, {games} games a cell: value for the first {value['value']:+.3f}", end=" ")
    print(f"(drawing the games again: {found.lower:+.3f} to {found.upper:+.3f})")
    for who, rows in picked.items():
        print(f"the {who} side's equilibrium:")
        for row in rows:
            print(f"  {row['share']:6.1%}  {', '.join(row['pick'])}")


def _known(content: "Content", kind: str) -> list[str]:
    """Names of a kind that a team can have; formes taken in battle are not among them."""
    rows = content.rows[kind]
    return [name for name in getattr(content, kind)[1:] if "battle_only" not in rows[name]]
