"""The record of a skirmish, and the words for what is in it.

Lengths are 1/256 of a map unit and the middle of the map is (0, 0), so that the mirror image, a turn by 180°, is
(x, y) -> (-x, -y). Health, shields and energy are 1/256 of a point. Times are ticks of 1/16 s.

Units stand in one table of three sections: the first side's rows, the second's, and the neutral hostile ones (zerglings
of a minigame). A row's number within its section is what ties are broken by, so that neither side has an advantage.
"""

from enum import IntEnum, IntFlag

import numpy as np

from ..arena import match_dtype

FINE = 256
CELL = 2 * FINE
"""Side of a map cell: terrain, sight and path finding are by cell."""
ROWS = 64
"""Units and structures a side can have by default."""
NODES = 48
"""Places to gather at, at most: mineral fields, geysers, shards, the beacon."""
BUCKET = 4 * FINE
"""Side of a square of the neighbour search."""
BUCKETS = 26
"""Squares of the neighbour search in a row: maps up to 100 units wide, and a border."""
WATCH = 8 * FINE
"""Side of a square of the full game's rough map of what is in sight."""
WATCHES = 13
"""Such squares in a row."""
LONG_AGO = 32_000
"""Where the count of ticks since the last hit ends."""
HOSTILE = 2
"""Owner of the third section."""
CAMP_ROWS = 16
"""Rows of the hostile section that a side's camp has."""
QUEUE = 5
"""Units a structure can have in production."""
GHOSTS = 24
"""Structures of the other side that one remembers, at most."""


RING = 16
"""Ticks of pending actions: at most so many make a decision."""
SETUP = ("swap", "layout", "first count", "second count", "first mix", "second mix")
"""What makes one match differ from another; -1: drawn. See `rules.muster`."""


class Role(IntEnum):
    """What a kind of unit does beside moving and shooting."""

    FIGHTER = 0
    WORKER = 1
    HEALER = 2
    BOMB = 3  # dies of its own attack
    BUILDING = 4
    HALL = 5  # where workers return to
    EXTRACTOR = 6  # built on a geyser
    SIEGE = 7  # shoots only when it has stood still for a while


class Attribute(IntFlag):
    """What bonus damage and other rules ask for."""

    LIGHT = 1
    ARMORED = 2
    BIOLOGICAL = 4
    MECHANICAL = 8
    AIR = 16
    STRUCTURE = 32


class Terrain(IntFlag):
    """What a cell of the map is."""

    WALK = 1
    BUILD = 2
    HIGH = 4


class Node(IntEnum):
    """What a place to gather at is."""

    NONE = 0
    MINERALS = 1
    GEYSER = 2
    SHARD = 3
    BEACON = 4


class Task(IntEnum):
    """What a scenario is about."""

    ELIMINATION = 0
    BEACON = 1
    SHARDS = 2
    HUNT = 3  # find and defeat
    WAVES = 4  # a camp that comes back stronger than one's reinforcements
    HARVEST = 5
    TRAINING = 6
    CONQUEST = 7  # the full game


class Order(IntEnum):
    """What a unit was told to do."""

    IDLE = 0  # stands, and fights what comes near
    MOVE = 1  # walks, and fights nobody
    MARCH = 2  # walks, and fights what comes near
    ATTACK = 3  # follows `target` until it is dead or out of sight
    GATHER = 4  # from node `target`
    RETURN = 5  # brings what it carries to the nearest hall, and goes back to node `target`
    BUILD = 6  # walks to the goal and begins kind `target` there
    HEAL = 7  # follows `target` of its own side and heals it
    HOLD = 8  # stands, and fights what comes within range


class Army(IntEnum):
    """What a scripted strategy does with those who fight."""

    SWARM = 0  # all but a few workers go at once
    RUSH = 1  # goes when it is large enough, and sends on whatever comes later
    PUSH = 2  # goes when it is large enough, and home again when it has grown small
    RAID = 3  # the fast go for workers and run from the armed; the others stay at home until they are many


class Stream(IntEnum):
    """Streams of chance."""

    FORMATION = 0  # where units stand at the start
    SWAP = 1  # which side has which army
    ARMY = 2  # random compositions
    COOLDOWN = 3
    PLACE = 4  # beacons, shards, zerglings
    LAYOUT = 5
    CLAIM = 6  # who of two sides' workers gets a mineral field
    WHIM = 7  # what a scripted side has in mind in this match


_UNIT = [
    ("health", np.int32),  # 1/256 point; the row is empty where `kind` is 0
    ("shield", np.int32),
    ("energy", np.int32),
    ("raw", np.int32),  # scratch, zero between ticks: damage of this tick, and what of it armour leaves
    ("net", np.int32),
    ("mend", np.int32),  # scratch: healing of this tick
    ("x", np.int16),
    ("y", np.int16),
    ("vx", np.int16),  # moved in the last tick
    ("vy", np.int16),
    ("goal_x", np.int16),
    ("goal_y", np.int16),
    ("target", np.int16),  # a row of the unit table, a node, or a kind to build: see Order; -1: none
    ("aim", np.int16),  # row of the unit it fights now, -1: none
    ("cooldown", np.int16),  # ticks until it may attack again
    ("hurt", np.int16),  # ticks since it was last hit, up to 32,000
    ("hurt_by", np.int16),  # row of the last attacker, -1: none
    ("work", np.int16),  # ticks left: of gathering, of a structure's construction
    ("make", np.int16),  # ticks left of the unit in production
    ("rally_x", np.int16),
    ("rally_y", np.int16),
    ("radius", np.int16),  # of its kind; in here because the neighbour search asks for it all the time
    ("next", np.int16),  # scratch: the next unit in the same square of the neighbour search, plus 1
    ("to_x", np.int16),  # scratch: where it will stand after this tick
    ("to_y", np.int16),
    ("hit_by", np.int16),  # scratch: who hit it in this tick, of several the first by rank
    ("marks", np.int16),  # of a commander: bit 0: selected, bits 1 to 10: in that control group
    ("kind", np.int8),  # row of the unit table of `content`, 0: no unit
    ("order", np.int8),  # Order
    ("windup", np.int8),  # ticks until the shot
    ("carry", np.int8),  # minerals or gas carried
    ("carry_gas", np.int8),  # 1: gas
    ("seen", np.int8),  # bit s: side s sees it
    ("blame", np.int8),  # scratch: bit s: side s hit it in this tick
    ("layer", np.int8),  # of its kind: 0 ground, 1 air
    ("threat", np.int8),  # of its kind
    ("fixed", np.int8),  # 1: a structure, which nothing pushes
    ("queue", np.int8, (QUEUE,)),  # kinds in production, 0: none
    ("still", np.int8),  # ticks it has stood still, up to 100: a siege unit waits for that
    ("close", np.int8),  # scratch: 1: of few units, somebody may get in its way in this tick
    ("spare", np.int8),
]
UNIT = np.dtype(_UNIT, align=True)

NODE = np.dtype(
    [
        ("x", np.int16),
        ("y", np.int16),
        ("amount", np.int16),
        ("user", np.int16),  # row of the worker at work here, -1: none
        ("bid", np.int16),  # scratch: the best claim of this tick, 0: none
        ("kind", np.int8),  # Node
        ("owner", np.int8),  # side of the refinery on a geyser, -1: none
        ("seen", np.int8),  # of the full game: bit s: side s sees it
        ("spare", np.int8),
    ],
    align=True,
)


GHOST = np.dtype(
    [
        ("x", np.int16),
        ("y", np.int16),
        ("health", np.int16),  # 1/256 of its kind's
        ("kind", np.int8),  # 0: the row is empty
        ("built", np.int8),  # 1: it was finished
        ("shown", np.int8),  # 1: it is in sight now
        ("spare", np.int8),
    ],
    align=True,
)
"""A structure of the other side as it was last seen."""


def skirmish_dtype(rows: int) -> np.dtype:
    """The record of a match with room for so many units a side.

    The action of one side has a slot a row: scenarios with fewer units use the first ones, so that all scenarios of
    one size share one record, and with it the compiled rules.
    """
    own: list[tuple] = [
        ("unit", UNIT, (2 * rows + rows // 2,)),
        ("spare_unit", UNIT, (2,)),  # an empty row; one that is zero but within `mirror`
        ("node", NODE, (NODES,)),
        ("square", np.int16, (BUCKETS * BUCKETS,)),  # scratch: the first unit of each square, plus 1
        ("count", np.int16, (3,)),  # rows of each section that were ever used in this match
        ("minerals", np.int32, (2,)),
        ("gas", np.int32, (2,)),
        ("gathered", np.int32, (2,)),
        ("made", np.int32, (2,)),  # fighters trained
        ("worth", np.int32, (2,)),  # health and shields a side began with, in points
        ("supply", np.int16, (2,)),  # used, in halves, those in production included
        ("room", np.int16, (2,)),  # supply given by finished structures
        ("wave", np.int16, (2,)),  # waves beaten
        ("crowd", np.int16),  # scratch: units in the neighbour search, 0: none need lists
        ("camera", np.int16, (2, 2)),  # of a commander, by side: x, y of its screen's middle in its own frame
        ("breath", np.int32, (2,)),  # of a commander with a limit on its actions: see `commander.breathe`
        ("watch", np.int8, (WATCHES * WATCHES,)),  # scratch: 1: a side may see something in this square
        ("ghost", GHOST, (2, GHOSTS)),  # of each side: what it remembers of the other's structures
        ("known", np.int16, (2, NODES)),  # of each side, by node: what was left when it last saw the node
        ("whim", np.int16, (2,)),  # drawn at the start: how a scripted side varies its plan
        ("mood", np.int8, (2,)),  # of a scripted side: 1 on the attack
        ("swapped", np.int8),  # 1: the first side has the second army
        ("layout", np.int8),
    ]
    return match_dtype(own, slots=rows, setup=len(SETUP), ring=RING)


class Opt(IntEnum):
    """Entries of `tables.options`: what the scenario and the options say."""

    TASK = 0
    SIDES = 1  # that play
    OWN = 2  # slots: rows of a side that are observed and commanded
    FOES = 3  # rows of the other side that are observed and can be attacked
    CREEPS = 4  # rows of the hostile section that are observed and can be attacked
    NODES = 5  # nodes that are observed and can be gathered from
    KINDS = 6  # length of a one-hot of kinds
    FOG = 7  # 0: everything is seen
    TRUCE = 8  # 1: the sides do not fight each other
    WORK = 9  # 1: there is an economy
    HEAL = 10  # first choice of each section of a slot's choices; equal to the next where the section is empty
    GATHER = 11
    MAKE = 12
    CHOICES = 13
    LEAST = 14  # units of a random army
    MOST = 15
    FIRST_MIX = 16
    LAST_MIX = 17
    ALIKE = 18  # 1: both random armies are drawn alike
    HELD_OUT = 19  # of random counts: 0 all, 1 those no multiple of three, 2 multiples of three
    LANE = 20  # how far south of the middle a side's camp is fought, in 1/256 of a unit
    REINFORCE = 21
    KILL = 22
    LOSS = 23
    HALL = 24  # kind of the structure that a side with workers begins with
    FEW = 25  # up to so many units the neighbour search goes through all
    GO = 26  # first choice of a place to march to: sites, then remembered structures
    SITES = 27  # places on the map that have a name
    SPACE = 28  # between structures, in 1/256 of a unit
    PURSE = 29  # minerals a side with workers begins with
    ORDER = 30  # which seat's units are gone through first: it must make no difference, and a test changes it
    FASTEST = 31  # how far any unit walks in a tick, in 1/256 of a unit


MOVES = 2
"""First of the eight moves among a unit's choices, after `nothing` and `stop`."""
ATTACKS = 10
"""First attack among a unit's choices."""
