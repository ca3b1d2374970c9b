"""`kumite arenas` and `kumite check`: what there is, and whether an arena keeps the contract."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from . import AsJson, Options, parse_options, print_json


def arenas(
    name: Annotated[str | None, typer.Argument(help="Show one arena: facts, options, bots, observation.")] = None,
    options: Options = None,
    as_json: AsJson = False,
) -> None:
    """Lists the arenas, or shows one with its options, bots, observation and actions."""
    from ..arenas import names

    chosen = [name] if name else names()
    facts = [_facts(each, **(parse_options(options) if name else {})) for each in chosen]
    if as_json:
        print_json(facts[0] if name else facts)
        return
    console = Console()
    if name:
        _show(console, name, facts[0], parse_options(options))
        return
    name_column = Column("arena", no_wrap=True)  # a name cut short cannot be typed
    table = Table(name_column, "version", "what", "features", "slots x choices", "bytes a match", "bots")
    for fact in facts:
        slots = " x ".join(str(size) for size in fact["slots"].values())
        row = (fact["name"], fact["version"], fact["title"], fact["features"], slots, fact["state_bytes"])
        table.add_row(*map(str, row), str(len(fact["bots"])))
    console.print(table)


def _facts(name: str, **options: object) -> dict[str, Any]:
    """An arena's facts, for `kumite arenas`."""
    from ..arenas import make_game

    game = make_game(name, **options)
    arena = game.arena
    return {
        "name": arena.name,
        "version": arena.version,
        "title": arena.title,
        "sides": game.sides,
        "utility": game.utility,
        "utility_bound": game.utility_bound,
        "simultaneous": game.simultaneous,
        "perfect_information": game.perfect_information,
        "chance": game.chance,
        "symmetric": game.symmetric,
        "features": game.observation.size,
        "planes": list(game.planes.shape) if game.planes is not None else None,
        "slots": {slot.name: len(slot.choices) for slot in game.action.slots},
        "state_bytes": game.state.itemsize,
        "bots": list(arena.bots),
        "options": dict(game.options),
        "presets": {key: dict(value) for key, value in arena.presets.items()},
        "content_hash": game.content_hash,
    }


def _show(console: Console, name: str, facts: dict, options: dict[str, str]) -> None:
    from ..arenas import make_game

    game = make_game(name, **options)
    console.print(f"[bold]{name}[/bold] version {facts['version']}: {facts['title']} (content {facts['content_hash']})")
    facts_of_play = ("utility", "utility_bound", "simultaneous", "perfect_information", "chance", "symmetric")
    for key in (*facts_of_play, "state_bytes"):
        console.print(f"  {key.replace('_', ' ')}: {facts[key]}")
    for title, entries in (("options", facts["options"]), ("presets", facts["presets"])):
        if entries:
            console.print(f"{title}:")
            for key, value in entries.items():
                console.print(f"  {key} = {value!r}", highlight=False, markup=False)
    if facts["bots"]:
        console.print("bots: " + ", ".join(facts["bots"]))
    table = Table("block", "offset", "length", "scale", "what", title="observation")
    for block in game.observation.blocks:
        offset = str(game.observation.offset(block.name))
        table.add_row(block.name, offset, str(block.length), f"{block.scale:.4g}", block.help)
    console.print(table)
    for slot in game.action.slots:
        console.print(f"slot {slot.name}: " + ", ".join(slot.choices), highlight=False)


def check(
    name: Annotated[str, typer.Argument(help="An arena, or a file of your own: path/to/mine.py:ARENA")],
    options: Options = None,
    as_json: AsJson = False,
) -> None:
    """Checks that an arena keeps the contract, by playing it. Exit code 1 if it does not."""
    from ..arenas.check import conformance

    verdicts = conformance(name, **parse_options(options))
    if as_json:
        print_json(verdicts)
    else:
        for key, verdict in verdicts.items():
            print(f"{'FAIL' if verdict else 'ok':4}  {key.replace('_', ' ')}" + (f": {verdict}" if verdict else ""))
    if any(verdicts.values()):
        raise typer.Exit(1)
