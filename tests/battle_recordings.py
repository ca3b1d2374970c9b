"""Reads the battles that Showdown played (tests/oracle/README.md says what is in them)."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kumite.arenas.battle.teams import Team, read_team

FOLDER = Path(__file__).parent / "data" / "battle"


@dataclass(frozen=True)
class Draw:
    """One draw: `value` of 0 to `faces` - 1, or for a tie the order as places. rest: whose it was."""

    label: str
    faces: int
    value: int | tuple[int, ...]
    rest: dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """What one place does. kind: "move", "switch" or "pass"; row: of the move, or the sheet number that comes in.

    target: 1, 2 foes in place a, b; -1, -2 one's own; 0 none.
    """

    kind: Literal["move", "switch", "pass"]
    row: int = 0
    target: int = 0
    tera: bool = False


@dataclass(frozen=True)
class Point:
    """A decision point. draws: since the one before. legal, choices: by side, None where it waits.

    legal: choices by place, or at preview how many are picked. choices: by place, or at preview sheet numbers.
    """

    draws: tuple[Draw, ...]
    state: dict[str, Any]
    log: tuple[str, ...]
    legal: tuple[tuple[tuple[Choice, ...], ...] | int | None, ...]
    choices: tuple[tuple[Choice, ...] | tuple[int, ...] | None, ...]


@dataclass(frozen=True)
class Battle:
    """One battle. teams: as sheets have them (Zacian with its sword is Zacian-Crowned). name: of a regression."""

    number: int
    format: str
    seed: str
    teams: tuple[Team, Team]
    points: Sequence[Point]
    result: str
    name: str = ""


def read_choice(text: str) -> Choice:
    """ "m2>1t", "s4" or "p"."""
    if text == "p":
        return Choice("pass")
    if text[0] == "s":
        return Choice("switch", int(text[1:]))
    row, _, target = text[1:].removesuffix("t").partition(">")
    return Choice("move", int(row), int(target or 0), text.endswith("t"))


def _legal(given: Any) -> tuple[tuple[Choice, ...], ...] | int | None:
    if isinstance(given, dict):
        return given["pick"]
    return None if given is None else tuple(tuple(map(read_choice, place)) for place in given)


def _chosen(given: Any) -> tuple[Choice, ...] | tuple[int, ...] | None:
    if isinstance(given, dict):
        return tuple(given["team"])
    return None if given is None else tuple(map(read_choice, given))


def _draw(given: dict[str, Any]) -> Draw:
    value = given["value"]
    rest = {key: entry for key, entry in given.items() if key not in ("label", "faces", "value")}
    return Draw(given["label"], given["faces"], tuple(value) if isinstance(value, list) else value, rest)


def read_point(given: dict[str, Any]) -> Point:
    return Point(
        tuple(map(_draw, given["draws"])),
        given["state"],
        tuple(given["log"]),
        tuple(map(_legal, given.get("legal", ()))),
        tuple(map(_chosen, given.get("choices", ()))),
    )


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a gzipped file, one a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_battle(given: dict[str, Any]) -> Battle:
    """One line of a recording."""
    first, second = (read_team(text) for text in given["teams"])
    points = tuple(map(read_point, given["points"]))
    seed = given.get("seed", "")
    return Battle(
        given["number"], given["format"], seed, (first, second), points, given["result"], given.get("name", "")
    )


def read_battles(name: str) -> Iterator[Battle]:
    """The battles of `tests/data/battle/NAME.jsonl.gz`."""
    yield from map(read_battle, read_lines(FOLDER / f"{name}.jsonl.gz"))
