"""Skirmish: real-time battles on a plane, 16 ticks a game second. The facts on one screen; `rules.py` has the rules."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, BenchCase, Game, IllegalOption, ObsSpec, Rules, Slot, one_of, within
from .bots import BOTS, act
from .content import default_content
from .crowd import crowded
from .interface import commanded, delayed, interface_tables, reveal
from .render import describe
from .rules import mirror, reset, step
from .setting import SPLITS, Setting
from .sight import blocks, legal, observe
from .state import RING, ROWS, skirmish_dtype

TICKS = 16
"""A game second."""


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    units: np.ndarray  # content.Unit by kind, row 0 empty
    made: np.ndarray  # int16 [kinds + 1, 2]: who makes a kind, what must stand
    makes: np.ndarray  # int16 [M]: kinds that can be made
    local: np.ndarray  # int16 [kinds + 1]: place of a kind in an observation's one-hots
    armies: np.ndarray  # int16 [2, kinds + 1]: how many of each kind; all zero: drawn
    camp: np.ndarray  # int16 [kinds + 1]: hostile units
    mixes: np.ndarray  # int16 [mixes, kinds + 1]: weights of random armies
    nodes: np.ndarray  # int16 [nodes, 3]: x, y, Node
    turned: np.ndarray  # int16 [nodes]: the node where a node comes to lie when the map is turned
    starts: np.ndarray  # int16 [halls, 2]: where halls stand or may stand, one's own first
    sites: np.ndarray  # int16 [sites, 2]: places with a name: those of halls, then gates, one's own first
    strategies: np.ndarray  # content.Strategy: the scripts of the full game
    goals: np.ndarray  # int16 [strategies, goals, 2]: kind and count, in order
    wishes: np.ndarray  # int16 [strategies, kinds + 1]: what is trained beyond the goals, by weight
    rings: np.ndarray  # int16 [cells, 2]: the cells around a cell, nearest first
    ground: np.ndarray  # uint8 [H, W]: Terrain by cell
    way: np.ndarray  # int16 [N, N]: see terrain.py
    hypotenuse: np.ndarray  # int16 [257]: 256·sqrt(1 + (i / 256)²)
    turns: np.ndarray  # int16 [8, 2]: 256 times cosine and sine of eighths of a turn
    options: np.ndarray  # int32 [Opt]
    window: np.ndarray  # int32 [screen.View]
    functions: np.ndarray  # int16 [F, ...]: see functions.py


@dataclass(frozen=True)
class Options:
    """Options of skirmish."""

    scenario: str = "3m"
    map: str = ""  # of scenario "full": "causeway" or "plateau"; without it the scenario's first
    race: bool = False  # a minigame by two sides at once, for the difference of their scores
    frame_skip: int = 8  # ticks a decision
    swap: str = "drawn"  # who has the first army: drawn for every match, or "first", "second": that side always
    units: int = 5  # of scenario "random": least of an army
    most: int = 5  # and most
    armies: str = "alike"  # of scenario "random": both sides draw the same, or "apart"
    split: str = (
        "all"  # of scenario "random": "train" has no counts divisible by 3 and regular mixes, "held-out" the rest
    )
    rows: int = ROWS  # units a side can have
    delay: int = 0  # ticks between a decision and its first effect
    interface: str = "units"  # a choice a unit; or "commander": functions on a screen, as a person plays
    screen: int = 32  # of a commander: pixels of the screen, and of the minimap, on a side
    view: int = 24  # and map units that the screen shows
    points: str = "factored"  # and how it points: column and row in two slots, or "flat": one of all pixels
    apm: int = 0  # and actions a minute it may take; 0: no limit
    lists: bool = False  # and whether its observation has the lists of units, too


def _check(options: Options) -> Setting:
    """The scenario asked for, or IllegalOption."""
    content = default_content()
    one_of("skirmish", "scenario", options.scenario, tuple(content.scenarios))
    one_of("skirmish", "swap", options.swap, ("drawn", "first", "second"))
    one_of("skirmish", "armies", options.armies, ("alike", "apart"))
    one_of("skirmish", "split", options.split, SPLITS)
    within("skirmish", "rows", options.rows, 48, 256)
    within("skirmish", "frame_skip", options.frame_skip, 1, RING)
    within("skirmish", "units", options.units, 1, options.rows)
    within("skirmish", "most", options.most, options.units, options.rows)
    one_of("skirmish", "interface", options.interface, ("units", "commander"))
    one_of("skirmish", "points", options.points, ("factored", "flat"))
    within("skirmish", "screen", options.screen, 8, 128)
    within("skirmish", "view", options.view, 8, 96)
    within("skirmish", "apm", options.apm, 0, 960)
    within("skirmish", "delay", options.delay, 0, RING - options.frame_skip)
    if options.rows % 4:
        raise IllegalOption(f"skirmish: option rows = {options.rows}: expected a multiple of 4")
    scenario = content.scenarios[options.scenario]
    if options.map:
        one_of("skirmish", "map", options.map, (scenario.race_map if options.race else scenario.map, *scenario.maps))
    if options.race and not scenario.race_map:
        raise IllegalOption(f"skirmish: scenario {options.scenario!r} is no race: two sides fight in it anyway")
    setting = Setting(content, scenario, options)
    if setting.drawn and options.split != "all":
        held_out = options.split == "held-out"
        if not any((count % 3 == 0) == held_out for count in range(options.units, options.most + 1)):
            raise IllegalOption(
                f"skirmish: no count from {options.units} to {options.most} belongs to split = {options.split!r}"
            )
    return setting


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    setting = _check(options)
    scenario = setting.scenario
    ticks = TICKS * scenario.seconds
    swap = {"drawn": -1, "first": 0, "second": 1}[options.swap]
    choices = setting.choices()
    game = Game(
        arena=arena,
        options=vars(options),
        tables=Tables(**setting.tables(), **interface_tables(setting)),
        state=skirmish_dtype(options.rows),
        observation=ObsSpec(blocks(setting, ticks)),
        action=ActionSpec(tuple(Slot(f"unit {slot}", choices) for slot in range(setting.own))),
        setup=(swap if setting.micro else 0, -1 if setting.drawn or scenario.camp else 0, -1, -1, -1, -1),
        symmetric=options.swap == "drawn" or scenario.first == scenario.second or not setting.micro,
        tick_limit=ticks,
        frame_skip=options.frame_skip,
        sides=setting.sides,
        utility="outcome" if setting.duel else "score",
        score_scale=0.001 if setting.duel else 1.0,
        utility_bound=1.0 if setting.duel else float(scenario.bound),
        setup_spec=setting.setup_spec(),
        delay=options.delay,
        slots_are_units=True,
    )
    return commanded(game, setting) if options.interface == "commander" else delayed(game, setting)


BENCH = (
    *(BenchCase("decisions", 500_000, {"scenario": "3m"}, matches, 2) for matches in (64, 1024, 4096, 8192)),
    BenchCase("decisions", 20_000, {"scenario": "27m_vs_30m"}, 256, 2),
    BenchCase("decisions", 5_000, {"scenario": "full"}, 64, 1, (crowded, "127 or 128 units on the map")),
    BenchCase("step", 200, {"scenario": "defeat-roaches"}),
    BenchCase("cold", 120),
    BenchCase("warm", 2),
)
"""What `kumite bench skirmish` measures."""

ARENA = Arena(
    name="skirmish",
    version=2,
    title="Real-time battles on a plane, 16 ticks a second",
    rules=Rules(reset, step, legal, observe, act=act, mirror=mirror),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
    bots=BOTS,
    ticks_per_second=float(TICKS),
    reveal=reveal,
    bench=BENCH,
)
