"""A battle in words."""

from typing import Any

import numpy as np

from ..arena import Game, Outcome
from .content import default_content
from .state import NOBODY, SLOTS, Request
from .terms import SideCondition, Stage, Status, Terrain, Type, Volatile, Weather

LABELS = ("attack", "defence", "special attack", "special defence", "speed", "accuracy", "evasion")


def describe(game: Game, match: Any) -> str:
    """The field and both sides, a line a Pokemon: place, hit points, status, stages, item, ability, moves with uses."""
    asked = Request(int(match.request)).name.lower()
    lines = [f"turn {match.turn}, asked for {asked}" + _field(match)]
    for side in range(2):
        lines.append(f"side {side}: {int(match.left[side])} left" + _conditions(match, side))
        for k in range(6):
            mon = match.mon[6 * side + k]
            if mon.species and (mon.place != NOBODY or match.request == Request.PREVIEW):
                lines.append("  " + _mon(mon))
    if match.outcome:
        lines.append(f"result: {Outcome(int(match.outcome)).name.lower()}")
    return "\n".join(lines)


def _field(match: Any) -> str:
    parts = []
    if match.weather:
        parts.append(f"{_word(Weather(int(match.weather)))} {match.weather_turns}")
    if match.terrain:
        parts.append(f"{_word(Terrain(int(match.terrain)))} {match.terrain_turns}")
    if match.trick_room:
        parts.append(f"trickroom {match.trick_room}")
    return "".join(f"; {part}" for part in parts)


def _conditions(match: Any, side: int) -> str:
    there = [kind for kind in SideCondition if match.layers[side, kind]]
    return "".join(f"; {_word(kind)} {int(match.layers[side, kind])}" for kind in there)


def _word(member: Any) -> str:
    return member.name.lower()


def _mon(mon: np.record) -> str:
    content = default_content()
    name = content.species[int(mon.species)]
    if mon.fainted:
        return f"- {name}: fallen"
    place = " " if mon.at == NOBODY else "ab"[int(mon.at) % SLOTS]
    words = [f"{place} {name}: {int(mon.hp)}/{int(mon.stats[0])}"]
    if mon.terastallized:
        words.append(f"tera {_word(Type(int(mon.terastallized)))}")
    if mon.status:
        words.append(_word(Status(int(mon.status))))
    for stage in Stage:
        if mon.stages[stage]:
            words.append(f"{LABELS[stage]} {int(mon.stages[stage]):+d}")
    words += [_word(kind) for kind in Volatile if mon.turns[kind]]
    words.append(content.items[int(mon.held)] or "no item")
    words.append(content.abilities[int(mon.ability)])
    moves = [f"{content.moves[int(move)]} {int(left)}" for move, left in zip(mon.moves, mon.pp, strict=True) if move]
    return ", ".join(words) + " | " + ", ".join(moves)
