"""The record of a battle, and the words for what is in it.

A Pokemon is known by its number, `who`: 6 * side + place on the team sheet, 0 to 11; NOBODY is -1. A place on the
field, `at`, is 2 * side + slot, 0 to 3. A location as players name it is seen from the user: 1 and 2 are the foe's
slots, -1 and -2 one's own, 0 none.
"""

from enum import IntEnum

import numpy as np

from ..record import padded

TEAM = 6
SLOTS = 2
NOBODY = -1
ALWAYS = 127
"""In `turns`: there until something ends it."""
QUEUE = 10
"""Actions that can wait at once, and a last entry by way of which two are exchanged.

At most eight wait: four orders, two Terastallizations, what comes before the turn and what ends it.
"""
RESIDUALS = 64


class Request(IntEnum):
    """What the players are asked for."""

    PREVIEW = 0  # whom to bring, first those who lead
    MOVE = 1  # what each Pokemon does this turn
    SWITCH = 2  # who comes in for those who must go


class Do(IntEnum):
    """Kinds of action in the queue, in the order in which they come."""

    REPLACE = 0  # come in for the fallen, or for who pivots out
    BEFORE_TURN = 1
    ENTER = 2  # what happens when somebody has come in
    SWITCH = 3
    TERASTALLIZE = 4
    MOVE = 5
    RESIDUAL = 6


class Stream(IntEnum):
    """Streams of chance."""

    ROLL = 1  # damage, 16 faces
    CRITICAL = 2
    ACCURACY = 3
    HITS = 4  # of a move that hits two to five times
    SECONDARY = 5
    SELF_DROP = 6  # of the user's stages; always 100 faces
    TARGET = 7
    TIE_ACTION = 8  # between actions of equal speed
    TIE_INSERT = 9  # where to insert an action among equals
    TIE_ENTRY = 10  # between Pokemon that have just come in
    TIE_RESIDUAL = 11  # between effects at the end of a turn
    STALL = 12  # Protect and the like in a row
    PARALYSIS = 13
    THAW = 14
    SLEEP = 15  # turns
    CONFUSION = 16  # turns
    CONFUSED = 17  # hits itself
    LOCK = 18  # turns of Outrage
    CONTACT = 19  # what an ability does to who touches it, or whom it touches
    STATUS = 20  # which status
    DRAG = 21  # who is dragged in
    TEAM = 22  # which team
    TIE_WEATHER = 23  # between those whom the weather hurts


class Result(IntEnum):
    """How a move, or a part of it, went."""

    UNKNOWN = 0
    WORKED = 1
    FAILED = 2
    STOPPED = 3  # came to nothing, yet does not count as failed


MON = padded(
    [
        # What it is.
        ("stats", np.int16, (6,)),  # by Stat; the first is the most hit points
        ("hp", np.int16),
        ("speed", np.int16),  # in turn order, as last looked up; under Trick Room 10000 - speed
        ("moves", np.int16, (4,)),
        ("species", np.int16),
        ("held", np.uint8),
        ("ability", np.uint8),
        ("own_ability", np.uint8),  # which it has again when it leaves
        ("seen", np.int8),  # bits of what the foe knows of it: see sight.py
        ("seen_moves", np.int8),  # bits by move
        ("pp", np.int8, (4,)),
        ("types", np.int8, (2,)),
        ("tera", np.int8),  # Type it can become
        ("terastallized", np.int8),
        ("lowered", np.int8),  # Stat its nature lowers, or 0
        ("level", np.int8),
        ("status", np.int8),
        ("status_turns", np.int8),  # sleep: turns left; bad poison: turns past
        ("attacked", np.int8),  # hits taken
        ("once", np.int8),  # 1: an ability that works once a battle has
        ("place", np.int8),  # where it was chosen: 0 and 1 led; NOBODY: stayed at home
        ("at", np.int8),  # place on the field, or NOBODY: on the bench or fallen
        ("fainted", np.int8),  # without it and without hit points, it is about to fall
        # Until it leaves.
        ("stages", np.int8, (7,)),
        ("result", np.int8),  # Result of its move this turn
        ("turns", np.int8, (32,)),  # of each Volatile: 0 it has not, ALWAYS, else turns left
        ("stellar", np.int32),  # bits of the types Stellar has strengthened
        ("substitute", np.int16),  # hit points of it
        ("last_move", np.int16),
        ("encored", np.int16),
        ("barred", np.int16),  # by Disable
        ("locked", np.int16),  # the move it must go on with (Outrage, a gathering move)
        ("chosen", np.int16),  # the move its choice item holds it to
        ("move_actions", np.int8),  # times it has acted since it came, at most 100
        ("stall", np.int8),  # times it has protected itself in a row
        ("last_loc", np.int8),  # where its last move was aimed
        ("lock_left", np.int8),  # of Outrage
        ("best", np.int8),  # Stat that Protosynthesis or Quark Drive raises
        ("boosted", np.int8),  # 1: by Booster Energy
        ("seeder", np.int8),  # place whose Leech Seed it carries
        ("last_result", np.int8),  # Result of last turn's move
        ("new", np.int8),  # 1: came in this turn
        ("must_go", np.int8),  # 1: fallen, 2: pivots out
        ("dragged", np.int8),  # 1: is being blown out
        ("going", np.int8),  # 1: is about to pivot, its leave already announced
        ("unnerves", np.int8),
        ("item_woke", np.int8),  # Booster Energy is awake
        ("raised", np.int8),  # 1: a stage was raised this turn
        ("berserk", np.int8),  # 1: a hit came last, and it keeps a berry until Berserk was asked
    ]
)
ACTION = padded(
    [
        ("move", np.int16),
        ("speed", np.int16),
        ("kind", np.int8),  # Do
        ("order", np.int8),  # the kind, or another in whose turn it comes
        ("who", np.int8),
        ("into", np.int8),  # who comes in
        ("loc", np.int8),  # where the move is aimed
        ("priority", np.int8),
    ]
)
NOW = padded(
    [
        ("traits", np.int32),
        ("total", np.int32),  # damage done, all hits
        ("move", np.int16),  # 0: no move is under way
        ("power", np.int16),
        ("accuracy", np.int16),  # 0: cannot miss
        ("dealt", np.int16, (4,)),  # damage to each target in this hit
        ("user", np.int8),
        ("target", np.int8),  # who is looked at
        ("type", np.int8),
        ("category", np.int8),
        ("priority", np.int8),
        ("aim", np.int8),  # Target
        ("ignores_ability", np.int8),
        ("ignores_evasion", np.int8),
        ("finds_ghosts", np.int8),  # Normal and Fighting hit Ghost
        ("prankster", np.int8),
        ("sheer", np.int8),
        ("pixilated", np.int8),
        ("plain", np.int8),  # secondary effects and those on the user are gone
        ("spread", np.int8),
        ("heals", np.int8),  # Pollen Puff on the ally
        ("each_hit_can_miss", np.int8),
        ("hit", np.int8),
        ("last_hit", np.int8),
        ("dropped", np.int8),  # the user's stages have been lowered
        ("stays", np.int8),  # Parting Shot that did nothing
        ("count", np.int8),  # targets
        ("targets", np.int8, (4,)),
        ("results", np.int8, (4,)),  # Result by target
        ("critical", np.int8, (4,)),  # by place
        ("effective", np.int8, (4,)),  # by place: +1 twice, -1 half
        ("stellar", np.int8),  # strengthened by Stellar Terastallization
        ("spare", np.int8),
    ]
)
FALL = padded([("who", np.int8), ("by", np.int8), ("by_move", np.int8)])
RESIDUAL = padded([("kind", np.int8), ("who", np.int8)])  # what happens at the end of a turn, and to whom
BLANK = padded([("mon", MON), ("now", NOW), ("action", ACTION), ("fall", FALL), ("residual", RESIDUAL)])
"""One of each, zero: others are wiped by copying it."""

OWN_FIELDS: list[tuple] = [
    ("mon", MON, (2 * TEAM,)),
    ("scratch", MON),  # zero but within `mirror`
    ("queue", ACTION, (QUEUE,)),
    ("now", NOW),  # the move under way, and scratch of this request, like all down to `falls`
    ("residual", RESIDUAL, (RESIDUALS,)),
    ("falls", FALL, (6,)),
    ("turn", np.int16),
    ("rolls", np.int16),  # dice thrown this tick
    ("layers", np.int8, (2, 13)),  # of each SideCondition: turns left, or layers
    ("rock_first", np.int8, (2,)),  # by side, 1: Stealth Rock was laid before the Toxic Spikes there
    ("later", np.int8, (2,)),  # by side, the slot whose holder's ability began last
    ("line", np.int8, (2, 6)),  # by side, who stands where in line, actives first, then NOBODY
    ("active", np.int8, (4,)),  # who stands, or fell, at each place; NOBODY: nobody ever
    ("rank", np.int8, (4,)),  # places, fastest first
    ("team", np.int16, (2,)),  # of the pool
    ("left", np.int8, (2,)),  # Pokemon not fallen
    ("picked", np.int8, (2,)),  # in the preview
    ("tera_used", np.int8, (2,)),
    ("asked", np.int8, (2,)),  # 1: the side has something to choose
    ("request", np.int8),  # Request
    ("weather", np.int8),
    ("weather_turns", np.int8),
    ("terrain", np.int8),
    ("terrain_turns", np.int8),
    ("trick_room", np.int8),  # turns left
    ("queued", np.int8),  # actions waiting
    ("fallen", np.int8),  # in `falls`
    ("mid_turn", np.int8),
    ("ended", np.int8),
]
