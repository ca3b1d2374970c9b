"""`kumite battle`: what the battle arena knows, and teams for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from . import AsJson, print_json

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


def _known(content: "Content", kind: str) -> list[str]:
    """Names of a kind that a team can have; formes taken in battle are not among them."""
    rows = content.rows[kind]
    return [name for name in getattr(content, kind)[1:] if "battle_only" not in rows[name]]
