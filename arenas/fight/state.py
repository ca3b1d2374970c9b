"""The record of a fight, and the words for what is in it.

Lengths are 1/256 of a unit; a standing fighter is about 90 units tall and the stage 640 wide, x = 0 in its middle, so
that a mirror image is x -> -x. Times are ticks of 1/60 s.
"""

from enum import IntEnum, IntFlag

import numpy as np

from ..content import FINE

WALL = 300 * FINE
"""Where the stage ends, on both sides."""
MOVES = 16
"""Rows of the move table a character has; row number = character * MOVES + slot."""
HISTORY = 16
"""Ticks of input in which a motion must be made."""


class Pose(IntEnum):
    """What a fighter is doing. Up to CROUCH it stands free to act."""

    STAND = 0
    WALK = 1
    CROUCH = 2
    AIR = 3  # a jump, free to attack
    SPRING = 4  # about to leave the ground
    LAND = 5
    DASH = 6
    BACKDASH = 7
    ATTACK = 8
    HIT = 9
    BLOCK = 10
    FALL = 11  # hit off the ground
    DOWN = 12
    RISE = 13
    HOLD = 14  # has the other in a throw
    HELD = 15
    BREAK = 16  # a throw was escaped: both step back


class Slot(IntEnum):
    """A character's moves by place."""

    STAND_L = 0
    STAND_M = 1
    STAND_H = 2
    CROUCH_L = 3
    CROUCH_M = 4
    CROUCH_H = 5
    AIR_L = 6
    AIR_M = 7
    AIR_H = 8
    OVERHEAD = 9
    THROW = 10
    SPECIAL_1 = 11
    SPECIAL_2 = 12
    SPECIAL_3 = 13
    SUPER = 14


class Want(IntEnum):
    """What a side asks its fighter to do; the first seven are the `button` choices of the semantic actions."""

    NOTHING = 0
    LIGHT = 1
    MEDIUM = 2
    HEAVY = 3
    THROW = 4
    DASH = 5
    SPECIAL = 6  # SPECIAL + n stands for special n, SPECIAL + 4 for the super
    SUPER = 10


class Kind(IntEnum):
    """How a move touches the other fighter."""

    STRIKE = 0
    THROW = 1
    PROJECTILE = 2


class Level(IntEnum):
    """How a strike must be blocked."""

    MID = 0  # standing or crouching
    LOW = 1  # crouching
    OVERHEAD = 2  # standing


class Effect(IntEnum):
    """What a strike does to whoever it hits."""

    STAGGER = 0  # hitstun
    KNOCK_DOWN = 1
    LAUNCH = 2  # into the air, where further hits may follow


class Motion(IntEnum):
    """Directions that, followed by buttons, ask for a special."""

    NONE = 0
    QUARTER_FORWARD = 1
    QUARTER_BACK = 2
    RISING = 3
    HALF_FORWARD = 4
    HALF_BACK = 5
    DOUBLE_TAP = 6
    DOUBLE_TAP_BACK = 7


class Against(IntFlag):
    """Kinds of attack a move is invulnerable to."""

    STRIKE = 1
    THROW = 2
    PROJECTILE = 4


class Cancel(IntFlag):
    """What a move may be cut short for once it has touched."""

    SPECIAL = 1
    SUPER = 2
    LIGHT = 4
    MEDIUM = 8
    HEAVY = 16
    JUMP = 32


class Where(IntFlag):
    """Where a move can be begun."""

    GROUND = 1
    AIR = 2


class Event(IntEnum):
    """What a fighter last did, for the count of what decisions go to."""

    NONE = 0
    POKE = 1
    ANTI_AIR = 2
    THROW = 3
    OVERHEAD = 4
    LOW = 5
    PROJECTILE = 6
    REVERSAL = 7
    SUPER = 8
    PUNISH = 9
    SPECIAL = 10
    AIR_ATTACK = 11
    TECH = 12


class Occasion(IntFlag):
    """What the other side offers to whoever begins a move."""

    RECOVERS = 1  # it has missed, or is past the hit of its move
    FLIES = 2


class Phase(IntEnum):
    """What the match is at."""

    FIGHT = 0
    BREAK = 1  # a round is over
    PICK = 2  # characters are being chosen


class Stream(IntEnum):
    """Streams of chance."""

    CHARACTER = 0
    GAP = 1
    METER = 2


class Code(IntEnum):
    """Entries of a setup row that are not a character's number."""

    DRAWN = -1
    SAME = -2  # as the other side's
    PICKED = -3


_FIGHTER = [
    ("x", np.int32),  # of the middle
    ("y", np.int32),  # of the feet, 0 = ground
    ("vx", np.int32),  # per tick, in the world's x
    ("vy", np.int32),
    ("slide", np.int32),  # push-back: speed that wears off
    ("shot_x", np.int32),  # the projectile
    ("shot_y", np.int32),
    ("shot_vx", np.int32),
    ("event_tick", np.int32),  # tick of `event`
    ("health", np.int16),
    ("meter", np.int16),  # 0 to FULL_METER
    ("move", np.int16),  # row of the move table while in ATTACK, HOLD
    ("frame", np.int16),  # ticks into that move, from 1
    ("left", np.int16),  # ticks left in a pose that ends by itself
    ("shot_move", np.int16),  # row of the move table
    ("shot_left", np.int16),  # ticks left to live, 0 = none
    ("buttons", np.int16),  # bits held (action space `buttons`)
    ("event", np.int16),  # Event
    ("character", np.int8),
    ("facing", np.int8),  # +1 or -1
    ("pose", np.int8),  # Pose
    ("forward", np.int8),  # direction held: 1 forward, -1 back
    ("up", np.int8),  # 1 up, -1 down
    ("want", np.int8),  # Want
    ("keep", np.int8),  # ticks for which `want` is remembered
    ("stop", np.int8),  # hitstop left
    ("touched", np.int8),  # 1: this move hit, 2: it was blocked
    ("hits", np.int8),  # times this move has touched
    ("rehit", np.int8),  # ticks until it may touch again
    ("armor", np.int8),  # hits this move still absorbs
    ("low", np.int8),  # 1: stunned while crouching
    ("combo", np.int8),  # hits taken since last free
    ("juggle", np.int8),  # juggle points spent on this fighter
    ("safe", np.int8),  # ticks for which it cannot be thrown
    ("heading", np.int8),  # where a jump goes, -1, 0, 1; 1 in HOLD = throw backwards
    ("hard", np.int8),  # 1: this fall ends in a long knock-down
    ("woke", np.int8),  # ticks in which an attack counts as a reversal
    ("wins", np.int8),  # rounds
    ("shot_hits", np.int8),  # hits the projectile still has
    ("plan", np.int8),  # a bot's memory: what it is up to
    ("plan_left", np.int8),  # and for how many more decisions
    ("shot_rehit", np.int8),  # ticks until it may touch again
    ("occasion", np.int8),  # what the other offered when the tick began: Occasion bits
    ("spare", np.int8),
    (
        "history",
        np.int8,
        (HISTORY,),
    ),  # directions held, 1 to 9 as on a number pad seen facing right, at tick t in entry t % HISTORY
]
FIGHTER = np.dtype(_FIGHTER, align=True)

FULL_METER = 1000

OWN_FIELDS: list[tuple] = [
    ("fighter", FIGHTER, (2,)),
    ("scratch", FIGHTER, (2,)),  # zero but within `mirror`
    ("clock", np.int16),  # ticks left in the round
    ("pause", np.int16),  # ticks left between rounds
    ("phase", np.int8),  # Phase
    ("rounds", np.int8),  # rounds finished
    ("by_time", np.int8),  # rounds of those that ended on time
    ("last_winner", np.int8),  # of the last round: side, 2 = drawn
]
