"""Fight: a two-dimensional fighting game at 60 ticks a second. The facts on one screen; the rule book is `rules.py`."""

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from ..arena import (
    RING,
    ActionSpec,
    Arena,
    Game,
    IllegalOption,
    ObsSpec,
    Rules,
    SetupEntry,
    Slot,
    match_dtype,
    one_of,
    within,
)
from .bots import BOTS, act
from .canonical import canonical
from .choices import STEPS
from .content import default_content
from .content import tables as content_tables
from .render import describe
from .rules import fork, mirror, reset, step
from .sight import blocks, legal, observe
from .slices import Ends, read_slices
from .state import OWN_FIELDS, Code

DIRECTIONS = ("neutral", "forward", "back", "up", "down", "up-forward", "up-back", "down-forward", "down-back")
SEMANTIC = ActionSpec(
    (
        Slot("direction", DIRECTIONS),
        Slot("button", ("none", "light", "medium", "heavy", "throw", "dash", "special")),
        Slot("special", ("special 1", "special 2", "special 3", "super")),  # read where button is `special`
    )
)
BUTTONS = ActionSpec(
    tuple(Slot(name, ("off", "on")) for name in ("up", "down", "back", "forward", "light", "medium", "heavy", "throw"))
)
# Directions of each Motion as on a number pad, first to last.
MOTIONS = ((5, 5, 5), (2, 3, 6), (2, 1, 4), (6, 2, 3), (4, 2, 6), (6, 2, 4), (6, 5, 6), (4, 5, 4))


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    moves: np.ndarray  # content.Move by character * 16 + slot
    characters: np.ndarray  # content.Character
    arcs: np.ndarray  # content.Arc by character
    common: np.ndarray  # content.Common, one row
    skills: np.ndarray  # content.Skills by bot
    weights: np.ndarray  # int16 [experts + beginners (both by character) + styles, Situation, Option]
    habits: np.ndarray  # content.Habits by character
    choices: np.ndarray  # int16 [Option, 5]: see choices.py
    directions: np.ndarray  # int16 [9, 2]: forward, up
    motions: np.ndarray  # int16 [Motion, 3]
    options: np.ndarray  # int32: see rules.py


@dataclass(frozen=True)
class Options:
    """Options of fight."""

    rounds: int = 3  # best of
    seconds: int = 99  # a round
    frame_skip: int = 4  # ticks a decision
    delay: int = 12  # ticks between a decision and its first effect
    matchup: str = "mirror"  # mirror, random, fixed (character against versus), pick (the first action chooses)
    character: str = "ren"  # of both in `mirror` (or "random": drawn, the same for both), of side 0 in `fixed`
    versus: str = "ren"  # of side 1 in `fixed`
    actions: str = "semantic"  # or buttons
    slice: str = ""  # a short piece of the game, by its name in assets/fight/slices.toml; then side 0 is the first


_within, _one_of = partial(within, "fight"), partial(one_of, "fight")


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    content = default_content()
    _within("rounds", options.rounds, 1, 9)
    _within("seconds", options.seconds, 1, 99)
    _within("frame_skip", options.frame_skip, 1, 16)
    _within("delay", options.delay, 0, RING - options.frame_skip)
    _one_of("matchup", options.matchup, ("mirror", "random", "fixed", "pick"))
    _one_of("character", options.character, (*content.names, "random"))
    _one_of("versus", options.versus, content.names)
    _one_of("actions", options.actions, ("semantic", "buttons"))
    first = Code.DRAWN if options.character == "random" else content.names.index(options.character)
    if options.matchup == "fixed" and options.character == "random":
        raise IllegalOption("fight: character = 'random' needs matchup = 'mirror'")
    setup = {
        "mirror": (int(first), int(Code.SAME)),
        "random": (int(Code.DRAWN), int(Code.DRAWN)),
        "fixed": (int(first), content.names.index(options.versus)),
        "pick": (int(Code.PICKED), int(Code.PICKED)),
    }[options.matchup]
    buttons = options.actions == "buttons"
    action = BUTTONS if buttons else SEMANTIC
    pending = -(-options.delay // options.frame_skip)
    wins = options.rounds // 2 + 1
    round_ticks = 60 * options.seconds
    game = Game(
        arena=arena,
        options=vars(options),
        tables=Tables(
            tape=np.zeros((1, 0), np.int32),
            **content_tables(content),
            directions=np.array(STEPS, np.int16),
            motions=np.array(MOTIONS, np.int16),
            options=np.array([wins, round_ticks, buttons, pending, len(content.names)], np.int32),
        ),
        state=match_dtype(OWN_FIELDS, slots=action.count, setup=2, ring=RING),
        observation=ObsSpec(blocks(pending, buttons)),
        action=action,
        setup=setup,
        symmetric=options.matchup != "fixed" or options.character == options.versus,
        # Rounds end by knock-out or time, so the rules always end the match before this.
        tick_limit=2 * wins * (round_ticks + content.common.pause + 1) + RING,
        frame_skip=options.frame_skip,
        delay=options.delay,
        score_scale=0.001,
        setup_spec=tuple(
            SetupEntry(f"{side} character", len(content.names), int(min(Code)), "its number, or a Code")
            for side in ("first", "second")
        ),
    )
    return _slice(game, options) if options.slice else game


def _slice(game: Game, options: Options) -> Game:
    """A short piece of this game. Its history is public: inputs are played at once, and what they lead to is seen."""
    found = read_slices()
    _one_of("slice", options.slice, tuple(found))
    for name, needed in (("delay", 0), ("actions", "semantic")):
        if getattr(options, name) != needed:
            raise IllegalOption(
                f"fight: slice = {options.slice!r} needs {name} = {needed!r}, got {getattr(options, name)!r} "
                f"(preset = {options.slice!r} sets it)"
            )
    if options.character == "random" or options.matchup not in ("mirror", "fixed"):
        raise IllegalOption(
            f"fight: slice = {options.slice!r} needs matchup = 'mirror' or 'fixed' and a character's name"
        )
    chosen, entries = found[options.slice]
    by_round = chosen.ends == Ends.ROUND
    facts = game.tables.options.copy()
    facts[:2] = 1, chosen.ticks if by_round else facts[1]
    return replace(
        game,
        tables=game.tables._replace(options=np.concatenate([facts, entries])),
        action=ActionSpec((Slot("choice", chosen.names),)),
        symmetric=False,
        tick_limit=chosen.ticks,
        utility="outcome" if by_round else "score",
        utility_bound=1.0 if by_round else 2.0,
        public_history=True,
        chance=False,
    )


ARENA = Arena(
    name="fight",
    version=4,
    title="A fighting game: four characters, 60 ticks a second",
    rules=Rules(reset, step, legal, observe, act=act, mirror=mirror, fork=fork),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
    bots=BOTS,
    canonical=canonical,
    ticks_per_second=60.0,
    presets={
        "superhuman": {"delay": 0},
        "quick": {"delay": 8},
        "slow": {"delay": 18},
        "training": {"rounds": 1, "seconds": 40},
        "wake-up": {"slice": "wake-up", "delay": 0, "frame_skip": 15},
        "corner": {"slice": "corner", "delay": 0, "frame_skip": 15},
        "last-round": {"slice": "last-round", "delay": 0, "frame_skip": 15},
    },
)
