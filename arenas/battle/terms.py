"""The words of the tables: types, stats, targets, flags, statuses, volatiles, and what lies on a side or the field.

Members carry the names of the data in lower case without blanks (`TRICKROOM` is `trickroom`), so that a row of the
tables is read by looking its words up here. 0 is none wherever a column may be empty.
"""

from enum import IntEnum, IntFlag


class Type(IntEnum):
    """Types. Typeless is what Struggle and confusion hit with; Stellar is a Tera type only."""

    TYPELESS = 0
    NORMAL = 1
    FIRE = 2
    WATER = 3
    ELECTRIC = 4
    GRASS = 5
    ICE = 6
    FIGHTING = 7
    POISON = 8
    GROUND = 9
    FLYING = 10
    PSYCHIC = 11
    BUG = 12
    ROCK = 13
    GHOST = 14
    DRAGON = 15
    DARK = 16
    STEEL = 17
    FAIRY = 18
    STELLAR = 19


class Stat(IntEnum):
    """Columns of base stats and of stats."""

    HP = 0
    ATK = 1
    DEF = 2
    SPA = 3
    SPD = 4
    SPE = 5


class Stage(IntEnum):
    """Columns of stages."""

    ATK = 0
    DEF = 1
    SPA = 2
    SPD = 3
    SPE = 4
    ACCURACY = 5
    EVASION = 6


class Category(IntEnum):
    """What stats a move uses."""

    PHYSICAL = 0
    SPECIAL = 1
    STATUS = 2


class Target(IntEnum):
    """Whom a move is aimed at."""

    NORMAL = 0  # one adjacent Pokemon, chosen
    SELF = 1
    ANY = 2  # as NORMAL where nobody is far away
    ADJACENTALLY = 3
    ADJACENTALLYORSELF = 4
    ADJACENTFOE = 5
    ALLADJACENT = 6  # the ally too
    ALLADJACENTFOES = 7
    ALLIES = 8  # user and ally, both as targets
    ALLYSIDE = 9
    ALLYTEAM = 10
    FOESIDE = 11
    ALL = 12  # the field
    RANDOMNORMAL = 13
    SCRIPTED = 14


class Flag(IntFlag):
    """What kind of move it is, for what asks. Flags that only left-out mechanics ask for are not here."""

    PROTECT = 1  # stopped by Protect
    CONTACT = 1 << 1
    SOUND = 1 << 2
    BULLET = 1 << 3
    PUNCH = 1 << 4
    BITE = 1 << 5
    SLICING = 1 << 6
    WIND = 1 << 7
    PULSE = 1 << 8
    POWDER = 1 << 9
    DANCE = 1 << 10
    HEAL = 1 << 11  # stopped by Heal Block, first under Triage
    BYPASSSUB = 1 << 12  # goes through a substitute
    REFLECTABLE = 1 << 13
    DEFROST = 1 << 14  # thaws its user
    CHARGE = 1 << 15  # a turn of gathering first
    CANTUSETWICE = 1 << 16  # not twice in a row
    FAILENCORE = 1 << 17  # cannot be encored
    MUSTPRESSURE = 1 << 18  # Pressure counts although it aims at no foe


class AbilityFlag(IntFlag):
    """What may be done to an ability."""

    BREAKABLE = 1  # ignored by Mold Breaker
    CANTSUPPRESS = 2
    FAILROLEPLAY = 4
    FAILSKILLSWAP = 8
    NOENTRAIN = 16
    NORECEIVER = 32
    NOTRACE = 64
    NOTRANSFORM = 128


class Status(IntEnum):
    """Lasting statuses."""

    NONE = 0
    BRN = 1
    FRZ = 2
    PAR = 3
    PSN = 4
    SLP = 5
    TOX = 6


class Volatile(IntEnum):
    """What a Pokemon has until it leaves. Those that moves name come first, then what abilities and items give."""

    NONE = 0
    FLINCH = 1
    CONFUSION = 2
    PROTECT = 3
    SPIKYSHIELD = 4
    BURNINGBULWARK = 5
    ENDURE = 6
    STALL = 7
    FOLLOWME = 8
    RAGEPOWDER = 9
    HELPINGHAND = 10
    TAUNT = 11
    ENCORE = 12
    DISABLE = 13
    IMPRISON = 14
    SUBSTITUTE = 15
    LEECHSEED = 16
    YAWN = 17
    THROATCHOP = 18
    HEALBLOCK = 19
    SALTCURE = 20
    LOCKEDMOVE = 21
    PERISHSONG = 22
    TWOTURNMOVE = 23
    CHOICELOCK = 24
    PROTOSYNTHESIS = 25
    QUARKDRIVE = 26
    FLASHFIRE = 27
    UNBURDEN = 28
    TRAPPED = 29
    ELECTROSHOT = 30
    METEORBEAM = 31


class SideCondition(IntEnum):
    """What lies on one side."""

    NONE = 0
    TAILWIND = 1
    REFLECT = 2
    LIGHTSCREEN = 3
    AURORAVEIL = 4
    WIDEGUARD = 5
    QUICKGUARD = 6
    STEALTHROCK = 7
    TOXICSPIKES = 8
    SPIKES = 9
    STICKYWEB = 10
    SAFEGUARD = 11
    MIST = 12


class Weather(IntEnum):
    """Weathers."""

    NONE = 0
    SUNNYDAY = 1
    RAINDANCE = 2
    SANDSTORM = 3
    SNOWSCAPE = 4


class Terrain(IntEnum):
    """Terrains."""

    NONE = 0
    ELECTRICTERRAIN = 1
    GRASSYTERRAIN = 2
    MISTYTERRAIN = 3
    PSYCHICTERRAIN = 4


class PseudoWeather(IntEnum):
    """What else lies on the field."""

    NONE = 0
    TRICKROOM = 1
    GRAVITY = 2


class Gender(IntEnum):
    """Genders."""

    N = 0
    M = 1
    F = 2


class Switch(IntEnum):
    """What a move does to its user's place."""

    STAY = 0
    SELF = 1  # the user goes, and its owner says who comes


class Cause(IntEnum):
    """What a type can be immune to besides types: columns of `Tables.immune`."""

    PRANKSTER = 0
    SANDSTORM = 1
    HAIL = 2
    BRN = 3
    FRZ = 4
    PAR = 5
    PSN = 6
    TOX = 7
    POWDER = 8
    TRAPPED = 9
