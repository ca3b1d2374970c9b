"""What a commander sees beside its planes: the block of its player, and the lists of units where asked for."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..arena import ActionSpec, Block, Game, ObsSpec, Rules
from ..compile import rule
from .commander import BURST, legal, mirror, refine, reset, step
from .commander_bots import COMMANDER_BOTS, act
from .functions import Arg, function_names, function_table, slots
from .layers import draw_planes, plane_spec
from .plane import side_rows
from .screen import View
from .selection import GROUPS, is_army, is_idle_worker, is_selected
from .setting import Setting
from .sight import blocks, see_purse
from .sight import observe as observe_units
from .state import CELL, FINE, Attribute, Opt, Role

PLAYER = 15 + GROUPS
"""Features of what is told of the player."""
ARGUMENTS = len(Arg)


@rule
def observe(tables, match, side, out):
    """Writes the blocks in the order of `commander_blocks`."""
    see_purse(match, side, out)
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0:
            if is_army(tables, me):
                out[7] += int(tables.units[me.kind].supply)
                out[10] += 1
            if tables.units[me.kind].role == Role.WORKER:
                out[8] += int(tables.units[me.kind].supply)
                out[9] += is_idle_worker(tables, me)
            if is_selected(me):
                out[11] += 1
            for group in range(GROUPS):
                out[15 + group] += (int(me.marks) >> (group + 1)) & 1
    out[12] = match.camera[side, 0]
    out[13] = match.camera[side, 1]
    out[14] = match.breath[side]
    at = PLAYER
    for ahead in range(int(tables.window[View.PENDING])):
        see_pending(tables, match, side, ahead, ARGUMENTS, out, at)
        at += ARGUMENTS
    if tables.window[View.LISTS]:
        own = int(tables.options[Opt.OWN])
        for slot in range(own):
            out[at + slot] = is_selected(match.unit[side * side_rows(match) + slot])
        observe_units(tables, match, side, out[at + own :])


@rule
def observe_delayed(tables, match, side, out):
    """What the units' interface shows, and last one's own decisions in flight."""
    own, pending = int(tables.options[Opt.OWN]), int(tables.window[View.PENDING])
    at = out.shape[0] - own * pending
    observe_units(tables, match, side, out[:at])
    for ahead in range(pending):
        see_pending(tables, match, side, ahead, own, out, at)
        at += own


@rule
def see_pending(tables, match, side, ahead, slots, out, at):
    """One's own decision that will be the next but `ahead` to be played."""
    tick = int(match.tick) + ahead * int(match.frame_skip) + int(match.delay) % int(match.frame_skip)
    for slot in range(slots):
        out[at + slot] = match.pending[tick % match.pending.shape[0], side, slot]


# --- from options to specs ---


def in_flight(options: Any) -> int:
    """Decisions that a delay keeps from being played when the next is asked for."""
    return options.delay // options.frame_skip


def pending_blocks(options: Any, sizes: tuple[int, ...]) -> list[Block]:
    """One's own decisions in flight; all choices on the scale of the widest slot."""
    words = "own choices to be played, by slot"
    return [Block(f"pending {ahead}", len(sizes), 1 / max(sizes), words) for ahead in range(in_flight(options))]


def commander_blocks(setting: Setting, ticks: int, sizes: tuple[int, ...]) -> tuple[Block, ...]:
    """The blocks of a commander's observation. ticks: length of a match; sizes: of the slots."""
    found = [
        *blocks(setting, ticks)[:5],  # time, score, minerals, gas, supply: as in the interface of units
        Block("army supply", 1, 1 / 100, "halves"),
        Block("worker supply", 1, 1 / 100, "halves"),
        Block("idle workers", 1, 1 / 20),
        Block("army count", 1, 1 / 50),
        Block("selected count", 1, 1 / 20),
        Block("camera", 2, 2 / setting.width(), "middle of the screen: east, north of the middle"),
        Block("breath", 1, 1 / BURST, "share of the actions that a limit lets one save up"),
        Block("groups", GROUPS, 1 / 20, "units in each control group"),
        *pending_blocks(setting.options, sizes),
    ]
    if setting.options.lists:
        found.append(Block("selected", setting.own, 1.0, "1: the own unit of that number is selected"))
        found += blocks(setting, ticks)
    return tuple(found)


def window_table(setting: Setting, functions: int) -> np.ndarray:
    """`tables.window`: int32 [View]."""
    options = setting.options
    whole = max(setting.map.ground.shape) * CELL
    values = {
        View.PIXELS: options.screen,
        View.SCREEN: min(options.view * FINE, whole),
        View.MAP: whole,
        View.FUNCTIONS: functions,
        View.APM: options.apm,
        View.PENDING: in_flight(options),
        View.LISTS: options.lists,
        View.FLAT: options.points == "flat",
    }
    return np.array([int(values[entry]) for entry in View], np.int32)


def commander_functions(setting: Setting) -> tuple[str, ...]:
    """The names of a scenario's functions."""
    units = setting.content.units
    trained = [(name, bool(units[units[name].by].attributes & Attribute.STRUCTURE)) for name in setting.scenario.makes]
    return function_names(trained)


def interface_tables(setting: Setting) -> dict[str, np.ndarray]:
    """What the rules of both interfaces read of it."""
    makes = len(setting.scenario.makes)
    return {"window": window_table(setting, len(commander_functions(setting))), "functions": function_table(makes)}


def delayed(game: Game, setting: Setting) -> Game:
    """The interface of units, with one's own decisions in flight in the observation where there are any."""
    added = pending_blocks(setting.options, game.action.sizes)
    if not added:
        return game
    arena = replace(game.arena, rules=game.arena.rules._replace(observe=observe_delayed))
    return replace(game, arena=arena, observation=ObsSpec((*game.observation.blocks, *added)))


def reveal(records: Any) -> None:
    """Lets both sides see every unit of these records."""
    records["unit"]["seen"] |= 3


def commanded(game: Game, setting: Setting) -> Game:
    """The same game through the commander's interface."""
    flat = setting.options.points == "flat"
    action = ActionSpec(slots(commander_functions(setting), setting.options.screen, setting.own, flat))
    arena = replace(game.arena, rules=COMMANDER, bots=COMMANDER_BOTS)
    return replace(
        game,
        arena=arena,
        action=action,
        observation=ObsSpec(commander_blocks(setting, game.tick_limit, action.sizes)),
        planes=plane_spec(setting.options.screen, setting.kinds),
        slots_are_units=False,
    )


COMMANDER = Rules(reset, step, legal, observe, refine=refine, act=act, mirror=mirror, draw_planes=draw_planes)
