"""Battle: teams of six monsters, doubles and singles, as Generation 9 plays them. The rule book is `rules.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..arena import (
    ActionSpec,
    Arena,
    Game,
    IllegalOption,
    ObsSpec,
    Rules,
    SetupEntry,
    Slot,
    match_dtype,
    nearest,
    one_of,
)
from . import choices
from .bots import BOTS, act
from .choices import legal, refine
from .content import ABILITY, ITEM, MOVE, SPECIES, Content, default_content
from .endgames import KNOWN, OPTIONS, Endgame, canonical, read_endgames
from .fork import fork
from .pools import SIZES, held_out, read_pool
from .render import describe
from .rules import DRAWN, SAME, mirror, reset, step
from .sight import blocks, observe
from .state import BLANK, OWN_FIELDS, SLOTS
from .teams import Team, TeamError, team_table
from .terms import Type

FORMATS = {"doubles": (2, 4, 0), "singles3": (1, 3, 0), "singles6": (1, 6, 1)}
"""Places a side, how many come along, and whether the preview asks for the lead alone."""
TICKS = 1000
SHIFTS = ((-1, 0, -1, 0, 0, 0, 0), (-1, 0, 0, 0, 0, 0, 0))
"""Stages that rules of their own change: Parting Shot's (and Stellar Tera Blast's on its user), Intimidate's."""


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    teams: np.ndarray  # teams.SET [teams, 6]
    book: np.ndarray  # one record of all that is the same for every pool: see bound_book


@dataclass(frozen=True)
class Options:
    """Options of battle."""

    format: str = "doubles"  # or singles3, singles6
    teams: str = "64"  # the pool: 1, 4, 16, 64 or 256 training teams, or a held-out split
    matchup: str = "random"  # or mirror: both play the same team
    endgame: str = ""  # a position of assets/battle/endgames.toml, with its own format and teams; side 0 is the first
    actions: str = "compact"  # or full: poke-env's codes
    sheets: str = "open"  # or closed: what the foe has not shown is hidden


def pool(name: str) -> tuple[Team, ...]:
    """The teams of a pool: a number of training teams, or a held-out split."""
    try:
        return read_pool(f"training {name}" if name.isdigit() else name).teams
    except TeamError as error:
        known = [*map(str, SIZES), *held_out()]
        raise IllegalOption(f"battle: option teams = {name!r}" + nearest(name, known)) from error


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    if not options.endgame:
        return build(arena, options, pool(options.teams))
    one_of("battle", "endgame", options.endgame, tuple(read_endgames()))
    one_of("battle", "sheets", options.sheets, ("open",))
    return build_endgame(arena, options, read_endgames()[options.endgame])


def build_endgame(arena: Arena, options: Options, endgame: Endgame) -> Game:
    """The game that begins there."""
    whole = build(arena, replace(options, format=endgame.format), endgame.teams, endgame.options)
    return replace(whole, setup=(0, 1), symmetric=False, tick_limit=endgame.requests, perfect_information=True)


def build(arena: Arena, options: Options, teams: Sequence[Team], staged: Sequence[int] = ()) -> Game:
    """The game with these teams as its pool. staged: what an endgame adds to `options` in the book."""
    one_of("battle", "format", options.format, tuple(FORMATS))
    one_of("battle", "matchup", options.matchup, ("random", "mirror"))
    one_of("battle", "actions", options.actions, ("compact", "full"))
    one_of("battle", "sheets", options.sheets, ("open", "closed"))
    content = default_content()
    width, bring, lead_only = FORMATS[options.format]
    compact = options.actions == "compact"
    action = ActionSpec(tuple(Slot(name, choices.names(compact)) for name in ("a", "b")[:width]))
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(
            tape=np.zeros((1, 0), np.int32),
            teams=team_table(teams, content),
            book=bound_book(
                content,
                [width, bring, lead_only, compact, KNOWN if staged else options.sheets == "open", *staged],
            ),
        ),
        state=match_dtype(OWN_FIELDS, slots=SLOTS, setup=2),
        observation=ObsSpec(blocks(vocabulary(content))),
        action=action,
        setup=(DRAWN, SAME if options.matchup == "mirror" else DRAWN),
        symmetric=True,
        tick_limit=TICKS,
        score_scale=0.001,
        setup_spec=(
            SetupEntry("first team", len(teams), DRAWN, "its number in the pool, or drawn (-1)"),
            SetupEntry("second team", len(teams), SAME, "its number, drawn (-1), or the first side's (-2)"),
        ),
    )


def bound_book(content: Content, options: Sequence[int]) -> np.recarray:
    """All tables but the teams in one record: [1]. Rules pass the tables on with every call, each array in eight words.

    options: see rules.py.
    """
    parts: dict[str, tuple[np.dtype, np.ndarray]] = {
        "moves": (MOVE, content.move_table),
        "species": (SPECIES, content.species_table),
        "items": (ITEM, content.item_table),
        "abilities": (ABILITY, content.ability_table),
        "natures": (np.dtype(np.int16), content.nature_table),  # [natures, 6]: per cent
        "stages": (np.dtype(np.int16), np.array(SHIFTS)),  # [rows, 7]
        "options": (np.dtype(np.int32), np.array([*options, *[0] * (OPTIONS - len(options))])),
        "blank": (BLANK, np.zeros((), BLANK)),
        "chart": (np.dtype(np.int8), content.chart),  # [T, T]
        "immune": (np.dtype(np.uint8), content.immune),  # [T, causes]
    }
    book = np.zeros(1, np.dtype([(name, kind, part.shape) for name, (kind, part) in parts.items()], align=True))
    for name, (_, part) in parts.items():
        book[name] = part
    return book.view(np.recarray)


def vocabulary(content: Content) -> dict[str, int]:
    """How many ids there are of each kind, 0 included."""
    tables = (content.species_table, content.item_table, content.ability_table, content.move_table)
    return dict(zip(("species", "items", "abilities", "moves"), map(len, tables), strict=True)) | {"types": len(Type)}


ARENA = Arena(
    name="battle",
    version=7,
    title="Team battles: four of six monsters in pairs, or singles",
    rules=Rules(reset, step, legal, observe, refine=refine, act=act, mirror=mirror, fork=fork),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
    bots=BOTS,
    canonical=canonical,
)
