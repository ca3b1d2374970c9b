"""Weather, terrain, and what lies on a side."""

from ..compile import rule
from .ids import Ability, Item
from .items import seed, wake_best
from .mons import ability, alive, item, rank_places
from .terms import SideCondition, Terrain, Volatile, Weather

TURNS = 5
SCREEN_TURNS = 8
"""With Light Clay."""


@rule(inline=False)
def paradox_power(match, who):
    """Protosynthesis and Quark Drive wake and sleep with sun and terrain."""
    mon = match.mon[who]
    power = ability(match, who)
    if power == Ability.PROTOSYNTHESIS:
        wake, there = Volatile.PROTOSYNTHESIS.value, match.weather == Weather.SUNNYDAY
    elif power == Ability.QUARK_DRIVE:
        wake, there = Volatile.QUARKDRIVE.value, match.terrain == Terrain.ELECTRICTERRAIN
    else:
        return
    if there:
        wake_best(match, who, wake)
    elif mon.turns[wake] and not mon.boosted:
        mon.turns[wake] = 0


@rule(inline=False)
def field_changed(tables, match, terrain):
    """Weather or terrain is another: everybody's ability and seed answers, fastest first."""
    rank_places(match)
    for k in range(4):
        at = int(match.rank[k])
        if alive(match, at):
            who = int(match.active[at])
            if ability(match, who) == (Ability.QUARK_DRIVE if terrain else Ability.PROTOSYNTHESIS):
                paradox_power(match, who)
            if terrain:
                seed(tables, match, who)


@rule(inline=False)
def set_weather(tables, match, weather):
    """Begins a weather. Returns whether it was another."""
    if match.weather == weather:
        return False
    match.weather = weather
    match.weather_turns = TURNS if weather else 0
    field_changed(tables, match, False)
    return True


@rule(inline=False)
def set_terrain(tables, match, terrain):
    """Begins a terrain, or ends it with 0. Returns whether it was another."""
    if match.terrain == terrain:
        return False
    match.terrain = terrain
    match.terrain_turns = TURNS if terrain else 0
    field_changed(tables, match, True)
    return True


@rule(inline=False)
def lay(tables, match, side, kind, by):
    """Lays something on a side. Returns whether it took."""
    before = int(match.layers[side, kind])
    most = 2 if kind == SideCondition.TOXICSPIKES else 3 if kind == SideCondition.SPIKES else 1
    if kind == SideCondition.TOXICSPIKES or kind == SideCondition.SPIKES or kind == SideCondition.STEALTHROCK:
        if not before:
            rock = kind == SideCondition.STEALTHROCK
            other = SideCondition.TOXICSPIKES if rock else SideCondition.STEALTHROCK
            match.rock_first[side] = rock != (match.layers[side, other] > 0)
        match.layers[side, kind] = min(before + 1, most)
        return before < most
    if before:
        return False
    turns = TURNS
    if kind == SideCondition.TAILWIND:
        turns = 4
    elif kind == SideCondition.WIDEGUARD or kind == SideCondition.QUICKGUARD:
        turns = 1
    elif kind == SideCondition.REFLECT or kind == SideCondition.LIGHTSCREEN or kind == SideCondition.AURORAVEIL:
        if item(match, by) == Item.LIGHT_CLAY:
            turns = SCREEN_TURNS
    match.layers[side, kind] = turns
    return True


@rule(inline=False)
def sweep(match, side):
    """Clears the hazards of a side."""
    match.layers[side, SideCondition.SPIKES] = 0
    match.layers[side, SideCondition.TOXICSPIKES] = 0
    match.layers[side, SideCondition.STEALTHROCK] = 0
    match.layers[side, SideCondition.STICKYWEB] = 0
