"""What can be asked of a Pokemon: ability, item, types, ground, stages, stats, speed; and its hit points."""

from ..compile import rule
from ..dice import draw, seat
from .ids import Ability, Item
from .state import NOBODY, TEAM
from .terms import AbilityFlag, SideCondition, Stage, Stat, Status, Terrain, Type, Volatile, Weather

FULL = 4096
"""Multipliers are numbers of 1/4096."""


@rule(inline=False)
def roll(tables, match, stream, faces):
    """A number below `faces`. The tick's throws are counted, so that no two share an index; one face is no throw."""
    index = int(match.rolls)
    match.rolls = index + 1
    if faces <= 1:
        return 0
    return draw(tables, match, stream, index, faces)


@rule(inline=False)
def chance(tables, match, stream, below, faces):
    """Whether what has `below` chances in `faces` happens.

    Where all outcomes are enumerated (`Batch.set_tape`, merged) it is a throw of two faces of unequal weight, the first
    of which says yes: a tape asks for it by both numbers. What is certain is then not thrown.
    """
    if match.tape_check < 0:
        if below <= 0 or below >= faces:
            return below > 0
        return roll(tables, match, stream, faces | below << 16) == 0
    return roll(tables, match, stream, faces) < below


@rule
def side_of(who):
    return int(who) // TEAM


@rule
def allied(a, b):
    """Whether two stand on one side."""
    return int(a) // TEAM == int(b) // TEAM


@rule
def alive(match, at):
    """Whether somebody stands at this place."""
    who = int(match.active[at])
    return who != NOBODY and match.mon[who].at != NOBODY


@rule
def standing(match, at):
    """Whether who is there has hit points left: without, it is about to fall, and nothing of it works on others."""
    return alive(match, at) and match.mon[match.active[at]].hp > 0


@rule
def place_in_order(match, k):
    """The k-th place of the field, the first side's first; in a mirrored match the other's."""
    return 2 * seat(match, k // 2) + k % 2


# --- what the foe has seen, for closed sheets ---

CAME_IN, TERA_SHOWN, ITEM_SHOWN, ABILITY_SHOWN = 1, 2, 4, 8
"""Bits of `seen`."""


@rule
def show(mon, bit):
    """The foe sees something of it."""
    mon.seen = int(mon.seen) | bit


@rule
def shown(mon, bit):
    """Whether the foe has seen it."""
    return int(mon.seen) & bit != 0


# --- multipliers ---


@rule
def modify(value, by):
    """A value times a multiplier, halves rounded down (Battle.modify)."""
    return (int(value) * int(by) + 2047) >> 12


@rule
def chain(a, b):
    """Two multipliers as one, halves rounded up (Battle.chainModify)."""
    return (int(a) * int(b) + 2048) >> 12


# --- abilities and items ---


@rule
def ability(match, who):
    """The ability at work, 0 on the bench."""
    mon = match.mon[who]
    if mon.at == NOBODY:
        return 0
    return int(mon.ability)


@rule(inline=False)
def guard(tables, match, who):
    """The ability that reacts to what others do: Mold Breaker's move passes the breakable ones by."""
    mon = match.mon[who]
    if mon.at == NOBODY:
        return 0
    now = match.now
    if now.move and now.ignores_ability and now.user != who and match.mon[now.user].at != NOBODY:
        breakable = int(tables.book[0].abilities[mon.ability].traits) & AbilityFlag.BREAKABLE.value
        if breakable and mon.held != Item.ABILITY_SHIELD:
            return 0
    return int(mon.ability)


@rule
def item(match, who):
    """The item at work, 0 on the bench."""
    mon = match.mon[who]
    if mon.at == NOBODY:
        return 0
    return int(mon.held)


# --- types and ground ---


@rule
def has_own_type(mon, kind):
    """Of the types it was born with."""
    return mon.types[0] == kind or mon.types[1] == kind


@rule
def changed(mon):
    """Whether it has only its Tera type: Stellar leaves the types as they were."""
    return mon.terastallized != 0 and mon.terastallized != Type.STELLAR


@rule
def has_type(mon, kind):
    if changed(mon):
        return int(mon.terastallized) == kind
    return mon.types[0] == kind or mon.types[1] == kind


@rule(inline=False)
def immune_to(tables, mon, cause):
    """Whether one of its types is immune to a Cause."""
    if changed(mon):
        return tables.book[0].immune[mon.terastallized, cause] != 0
    return tables.book[0].immune[mon.types[0], cause] != 0 or tables.book[0].immune[mon.types[1], cause] != 0


@rule(inline=False)
def grounded(tables, match, who):
    mon = match.mon[who]
    if item(match, who) == Item.IRON_BALL:
        return True
    if has_type(mon, Type.FLYING.value):
        return False
    return guard(tables, match, who) != Ability.LEVITATE


# --- stages and stats ---


@rule
def staged(stat, stage):
    """A stat at a stage."""
    stage = min(max(int(stage), -6), 6)
    if stage >= 0:
        return int(stat) * (2 + stage) // 2
    return int(stat) * 2 // (2 - stage)


@rule(inline=False)
def seen_stage(tables, match, who, stage, value):
    """A stage as it counts: Unaware looks past the other's, in attack and in defence."""
    now = match.now
    if value == 0 or now.move == 0:
        return int(value)
    other = int(now.target) if who == now.user else int(now.user)
    if other == who or other == NOBODY or (who != now.user and who != now.target):
        return int(value)
    if guard(tables, match, other) != Ability.UNAWARE:
        return int(value)
    if who == now.user:
        ignored = stage == Stage.ATK or stage == Stage.DEF or stage == Stage.SPA or stage == Stage.ACCURACY
    else:
        ignored = stage == Stage.DEF or stage == Stage.SPD or stage == Stage.EVASION
    return 0 if ignored else int(value)


@rule
def speed_of(tables, match, who):
    """Its place in the turn order: its speed, turned round by Trick Room; 13 bits, as the games keep it."""
    speed = plain_speed(tables, match, who)
    return (10000 - speed if match.trick_room else speed) & 8191


@rule(inline=False)
def plain_speed(tables, match, who):
    """Its speed with all that changes it."""
    mon = match.mon[who]
    speed = staged(mon.stats[Stat.SPE], mon.stages[Stage.SPE])
    if mon.at == NOBODY:
        return speed  # the fallen's turn still comes, but no wind is behind it
    by = FULL
    power = ability(match, who)
    weather = int(match.weather)
    if match.layers[side_of(who), SideCondition.TAILWIND]:
        by = chain(by, 8192)
    if (mon.turns[Volatile.PROTOSYNTHESIS] or mon.turns[Volatile.QUARKDRIVE]) and mon.best == Stat.SPE:
        by = chain(by, 6144)
    if mon.turns[Volatile.UNBURDEN] and mon.held == 0:
        by = chain(by, 8192)
    if (
        (power == Ability.CHLOROPHYLL and weather == Weather.SUNNYDAY)
        or (power == Ability.SWIFT_SWIM and weather == Weather.RAINDANCE)
        or (power == Ability.SAND_RUSH and weather == Weather.SANDSTORM)
    ):
        by = chain(by, 8192)
    held = item(match, who)
    if held == Item.CHOICE_SCARF:
        by = chain(by, 6144)
    if held == Item.IRON_BALL:
        by = chain(by, 2048)
    speed = modify(speed, by)
    if mon.status == Status.PAR:
        speed = speed * 50 // 100
    return min(speed, 10000)


@rule(inline=False)
def update_speeds(tables, match):
    """Looks everybody's speed up."""
    for at in range(4):
        if alive(match, at):
            who = int(match.active[at])
            match.mon[who].speed = speed_of(tables, match, who)


@rule(inline=False)
def rank_places(match):
    """Writes the places into `rank`, fastest first; equals stay in order."""
    for k in range(4):
        match.rank[k] = place_in_order(match, k)
    for i in range(3):
        best = i
        for j in range(i + 1, 4):
            if speed_at(match, int(match.rank[j])) > speed_at(match, int(match.rank[best])):
                best = j
        moved = int(match.rank[best])
        for j in range(best, i, -1):
            match.rank[j] = match.rank[j - 1]
        match.rank[i] = moved


@rule
def speed_at(match, at):
    """Speed of who stands there, -1 for nobody."""
    return int(match.mon[match.active[at]].speed) if alive(match, at) else -1


# --- hit points ---


@rule(inline=False)
def lose(match, who, amount, by, by_move):
    """Takes hit points; what is left at 0 will fall. Returns how many were lost."""
    mon = match.mon[who]
    if mon.hp == 0 or amount <= 0:
        return 0
    amount = int(amount)
    if amount >= mon.hp:
        amount = int(mon.hp)
        fall(match, who, by, by_move)
    else:
        mon.hp = int(mon.hp) - amount
    return amount


@rule(inline=False)
def fall(match, who, by, by_move):
    """Puts a Pokemon on the list of those about to fall."""
    mon = match.mon[who]
    if mon.hp == 0:
        return
    mon.hp = 0
    mon.must_go = 0
    n = int(match.fallen)
    match.falls[n].who = who
    match.falls[n].by = by
    match.falls[n].by_move = by_move
    match.fallen = n + 1


@rule(inline=False)
def hurt(match, who, amount, by):
    """Damage that is no move's: weather, poison, recoil. At least 1. Returns what was lost."""
    if match.mon[who].at == NOBODY:
        return 0
    match.mon[who].berserk = 0
    return lose(match, who, max(int(amount), 1), by, 0)


@rule(inline=False)
def heal(match, who, amount):
    """Gives hit points back, at least 1. Returns whether it did; Heal Block stops it."""
    mon = match.mon[who]
    if mon.turns[Volatile.HEALBLOCK] or mon.hp == 0 or mon.at == NOBODY or mon.hp >= mon.stats[0]:
        return False
    mon.hp = min(int(mon.hp) + max(int(amount), 1), int(mon.stats[0]))
    return True


@rule
def misty(tables, match, who):
    """Whether Misty Terrain shields it."""
    return match.terrain == Terrain.MISTYTERRAIN and grounded(tables, match, who)
