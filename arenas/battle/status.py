"""Statuses and volatiles: how they are given, and what stops them."""

from ..compile import rule
from .ids import Ability, Item, Move
from .items import confuse, eat
from .mons import alive, chance, grounded, guard, immune_to, misty, roll, side_of, standing
from .state import ALWAYS, SLOTS, Do, Stream
from .terms import Cause, Flag, Status, Terrain, Volatile, Weather

STALLED = (1, 3, 9, 27, 81, 243, 729)
"""One in how many works, by times in a row."""


@rule(inline=False)
def will_move(match, who):
    """Whether it has a move still to make this turn."""
    if match.mon[who].fainted:
        return False
    count = 0
    for i in range(int(match.queued)):
        count += match.queue[i].kind == Do.MOVE and match.queue[i].who == who
    return count > 0


@rule(inline=False)
def sweet(tables, match, who):
    """Whether Sweet Veil keeps its side awake."""
    first = SLOTS * side_of(who)
    for at in range(first, first + SLOTS):
        if standing(match, at) and guard(tables, match, int(match.active[at])) == Ability.SWEET_VEIL:
            return True
    return False


@rule(inline=False)
def status_stopped(tables, match, who, status):
    """Whether types, weather, terrain or abilities keep a status off."""
    mon = match.mon[who]
    power = guard(tables, match, who)
    if status == Status.BRN:
        if immune_to(tables, mon, Cause.BRN.value):
            return True
        if power == Ability.WATER_BUBBLE or power == Ability.THERMAL_EXCHANGE:
            return True
    elif status == Status.PAR:
        if immune_to(tables, mon, Cause.PAR.value):
            return True
    elif status == Status.FRZ:
        if immune_to(tables, mon, Cause.FRZ.value) or match.weather == Weather.SUNNYDAY:
            return True
    elif status == Status.SLP:
        if power == Ability.VITAL_SPIRIT or sweet(tables, match, who):
            return True
        if match.terrain == Terrain.ELECTRICTERRAIN and grounded(tables, match, who):
            return True
    elif immune_to(tables, mon, Cause.PSN.value):
        return True
    return power == Ability.PURIFYING_SALT or misty(tables, match, who)


@rule(inline=False)
def set_status(tables, match, who, status):
    """Gives a status to who has none. Returns whether it took."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.status or status_stopped(tables, match, who, status):
        return False
    mon.status = status
    mon.status_turns = 0
    if status == Status.SLP:
        mon.status_turns = 2 + roll(tables, match, Stream.SLEEP.value, 3)
    if mon.held == Item.LUM_BERRY:
        eat(tables, match, who)
    return True


@rule(inline=False)
def volatile_stopped(tables, match, who, kind):
    """Whether abilities or the terrain keep a volatile off."""
    power = guard(tables, match, who)
    if kind == Volatile.FLINCH:
        return power == Ability.INNER_FOCUS
    if kind == Volatile.YAWN:
        if power == Ability.VITAL_SPIRIT or power == Ability.PURIFYING_SALT or sweet(tables, match, who):
            return True
        return match.terrain == Terrain.ELECTRICTERRAIN and grounded(tables, match, who)
    return False


@rule(inline=False)
def move_slot(mon, move):
    """Which of its moves this is, or -1."""
    for k in range(4):
        if mon.moves[k] == move:
            return k
    return -1


@rule(inline=False)
def add_volatile(tables, match, who, kind, by):
    """Gives a volatile. Returns whether it took."""
    mon = match.mon[who]
    if mon.hp == 0:
        return False
    if kind == Volatile.CONFUSION:
        return confuse(tables, match, who)
    if mon.turns[kind]:
        if kind == Volatile.LOCKEDMOVE and mon.lock_left >= 2:
            mon.turns[kind] = 2
        return kind == Volatile.LOCKEDMOVE or kind == Volatile.HEALBLOCK
    if volatile_stopped(tables, match, who, kind):
        return False
    turns = 1
    if kind == Volatile.TAUNT:
        turns = 3 if mon.new or will_move(match, who) else 4
    elif kind == Volatile.ENCORE:
        slot = move_slot(mon, int(mon.last_move))
        if mon.last_move == 0 or slot < 0 or mon.pp[slot] <= 0:
            return False
        if int(tables.book[0].moves[mon.last_move].traits) & Flag.FAILENCORE.value:
            return False
        mon.encored = mon.last_move
        turns = 3 if will_move(match, who) else 4
    elif kind == Volatile.DISABLE:
        slot = move_slot(mon, int(mon.last_move))
        if mon.last_move == 0 or (slot >= 0 and mon.pp[slot] == 0):
            return False
        mon.barred = mon.last_move
        turns = 4 if will_move(match, who) else 5
    elif kind == Volatile.YAWN:
        turns = 2
    elif kind == Volatile.LOCKEDMOVE:
        mon.lock_left = 2 + roll(tables, match, Stream.LOCK.value, 2)
        mon.locked = match.now.move
        turns = 2
    elif kind == Volatile.LEECHSEED:
        mon.seeder = match.mon[by].at
        turns = ALWAYS
    elif kind == Volatile.SUBSTITUTE:
        mon.substitute = int(mon.stats[0]) // 4
        turns = ALWAYS
    elif kind == Volatile.PERISHSONG:
        turns = 4
    elif kind == Volatile.THROATCHOP or kind == Volatile.HEALBLOCK or kind == Volatile.TWOTURNMOVE:
        turns = 2
    elif kind == Volatile.IMPRISON or kind == Volatile.SALTCURE or kind == Volatile.FLASHFIRE:
        turns = ALWAYS
    mon.turns[kind] = turns
    return True


@rule(inline=False)
def stall(match, who):
    """It has protected itself: the next try in a row works a third as often."""
    mon = match.mon[who]
    mon.stall = min(int(mon.stall) + 1, len(STALLED) - 1) if mon.turns[Volatile.STALL] else 1
    mon.turns[Volatile.STALL] = 2


@rule(inline=False)
def stall_works(tables, match, who):
    """Whether protecting itself works once more."""
    mon = match.mon[who]
    if not mon.turns[Volatile.STALL]:
        return True
    if chance(tables, match, Stream.STALL.value, 1, STALLED[mon.stall]):
        return True
    mon.turns[Volatile.STALL] = 0
    mon.stall = 0
    return False


@rule(inline=False)
def end_lock(tables, match, who):
    """Outrage is over: after its last turn the user is confused."""
    mon = match.mon[who]
    mon.turns[Volatile.LOCKEDMOVE] = 0
    mon.locked = 0
    if mon.lock_left <= 1:
        confuse(tables, match, who)


@rule(inline=False)
def stop_gathering(mon):
    """The strength gathered for a move is gone, or used."""
    if mon.turns[Volatile.TWOTURNMOVE]:
        mon.turns[Volatile.TWOTURNMOVE] = 0
        mon.turns[Volatile.METEORBEAM] = 0
        mon.turns[Volatile.ELECTROSHOT] = 0
        mon.locked = 0


@rule(inline=False)
def imprisoned(match, who, move):
    """Whether a foe's Imprison seals this move."""
    if move == Move.STRUGGLE:
        return False
    first = SLOTS * (1 - side_of(who))
    for at in range(first, first + SLOTS):
        if alive(match, at):
            foe = match.mon[match.active[at]]
            if foe.turns[Volatile.IMPRISON] and move_slot(foe, move) >= 0:
                return True
    return False
