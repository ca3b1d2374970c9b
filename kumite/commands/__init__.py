"""The verbs of the `kumite` command, and what several of them need."""

import json
import sys
from typing import Annotated, Any

import typer

Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", metavar="KEY=VALUE", help="An option of the arena; may be given several times."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


def parse_options(given: list[str] | None) -> dict[str, str]:
    """`["rounds=1", "seconds=20"]` as a dict; the arena turns the texts into values."""
    pairs = {}
    for text in given or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{text!r}: expected KEY=VALUE, as in rounds=1")
        pairs[key.strip()] = value.strip()
    return pairs


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    json.dump(value, sys.stdout, indent=2, default=str)
    print()
