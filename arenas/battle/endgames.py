"""Endgames: positions near the end of a battle, small enough to be solved exactly, from `assets/battle/endgames.toml`.

All but where it begins and when it ends is the game's own rules; what a move may do, it does with its own chances. Two
things are otherwise: both sides see all hit points exactly, so that nothing is hidden, and moves do not run out.
"""

import functools
import tomllib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compile import rule
from ..content import ContentError
from ..dice import seat
from .content import FOLDER
from .ids import Move
from .mons import CAME_IN
from .state import TEAM
from .teams import Team, read_team

# Entries of `options` in the book of tables that only an endgame fills; the others are in rules.py.
STAGED, SPENT, HEALTH = 5, 6, 7
OPTIONS = HEALTH + 2 * TEAM
"""How many entries there are."""
KNOWN = 2
"""In the entry for the sheets: the foe's hit points are shown exactly too."""

KEPT_FOR = {"attacked": Move.RAGE_FIST, "last_result": Move.STOMPING_TANTRUM}
"""What nobody sees and one move asks for."""


@dataclass(frozen=True)
class Endgame:
    """One of the file.

    requests: answers of each side until it is counted out. tera: whether anybody may still terastallize. health: hit
    points left by side and place, 0: all.
    """

    title: str
    format: str
    requests: int
    tera: bool
    health: tuple[tuple[int, ...], tuple[int, ...]]
    teams: tuple[Team, Team]

    @property
    def options(self) -> list[int]:
        """The entries from STAGED on."""
        health = [[*row, *[0] * (TEAM - len(row))] for row in self.health]
        return [1, int(not self.tera), *health[0], *health[1]]


@functools.cache
def read_endgames() -> dict[str, Endgame]:
    """All of them by name."""
    rows: dict[str, Any] = tomllib.loads((FOLDER / "endgames.toml").read_text(encoding="utf-8"))
    return {name: _read(name, row) for name, row in rows.items()}


def _read(name: str, row: dict[str, Any]) -> Endgame:
    first, second = (read_team("]".join(row[side])) for side in ("first", "second"))
    if [len(first), len(second)] != list(map(len, row["health"])):
        raise ContentError(f"endgame {name}: health {row['health']} is not one number a Pokemon")
    health = (tuple(row["health"][0]), tuple(row["health"][1]))
    return Endgame(row["title"], row["format"], row["requests"], row["tera"], health, (first, second))


@rule(inline=False)
def lay_hurt(tables, match):
    """Hurts those who were laid out and brings all of them along; whoever stands in front may come in."""
    for k in range(2):
        side = seat(match, k)
        match.tera_used[side] = tables.book[0].options[SPENT]
        for i in range(TEAM):
            mon = match.mon[TEAM * side + i]
            if mon.species:
                left = int(tables.book[0].options[HEALTH + TEAM * k + i])
                if left:
                    mon.hp = min(left, int(mon.stats[0]))
                mon.place = i
                match.line[side, i] = TEAM * side + i
                match.picked[side] = i + 1


@rule(inline=False)
def refill(tables, match):
    """Uses of moves do not run out."""
    for who in range(2 * TEAM):
        mon = match.mon[who]
        for k in range(4):
            mon.pp[k] = tables.book[0].moves[mon.moves[k]].pp


def canonical(game: Any, records: np.ndarray) -> None:
    """Blanks what the foe has seen of open sheets, and what is kept for moves that nobody has.

    Where a move was aimed counts only while it goes on by itself.
    """
    mon = records["mon"]
    if game.options["sheets"] == "open":
        mon["seen"] &= CAME_IN
        mon["seen_moves"] = 0
        for field, move in KEPT_FOR.items():
            if not (mon["moves"] == move).any():
                mon[field] = 0
    mon["last_loc"][mon["locked"] == 0] = 0
