"""The end of a turn: weather, healing, poison, and everything that runs out, in Showdown's order."""

from ..compile import rule
from .entering import sort_places
from .falls import drop_fallen
from .field import set_terrain, set_weather
from .ids import Ability, Item
from .items import update
from .mons import ITEM_SHOWN, alive, fall, grounded, has_type, heal, hurt, immune_to, item, place_in_order, roll, show
from .state import ALWAYS, NOBODY, Stream
from .status import end_lock, move_slot, set_status, stop_gathering
from .terms import Cause, Status, Terrain, Type, Volatile, Weather

# Kinds of what happens to one Pokemon, with 64 * order + suborder of each.
GRASS, MEAL, SEEDED, POISON, BURN, SALT, TAUNT, ENCORE, DISABLE, HEAL_BLOCK, THROAT, DROWSY, PERISH, ORB = range(14)
"""In the order in which they come (onResidualOrder): 5, of suborders 2 and 4, 8, 9, 10, 13, 15, 16, 17, 20, 22, 23, 24,
28. What lies on sides and field runs out at 26 and 27, just before the orbs."""


@rule(inline=False)
def residual(tables, match):
    """Everything at the end of a turn; the battle may be decided in the middle of it."""
    weather(tables, match)
    if match.ended:
        return
    count = gather(match)
    draw_ties(tables, match, count)
    sides = False
    for i in range(count):
        entry = match.residual[i]
        if not sides and entry.kind == ORB:
            if sides_run_out(tables, match):
                return
            sides = True
        happen(tables, match, int(entry.kind), int(entry.who))
        if entry.kind == PERISH and match.mon[entry.who].hp == 0:
            continue  # Showdown looks for the fallen after the next thing that goes on
        drop_fallen(tables, match, True)
        if match.ended:
            return
    if not sides and sides_run_out(tables, match):
        return
    run_out(tables, match)


@rule(inline=False)
def weather(tables, match):
    """The weather goes on, or ends; a sandstorm hurts."""
    if match.weather == 0:
        return
    match.weather_turns -= 1
    if match.weather_turns == 0:
        set_weather(tables, match, 0)
        return
    if match.weather == Weather.SANDSTORM:
        count = sort_places(tables, match, Stream.TIE_WEATHER.value, False)
        order = 0
        for k in range(count):
            order |= int(match.rank[k]) << 4 * k
        for k in range(count):
            who = int(match.active[order >> 4 * k & 15])
            mon = match.mon[who]
            dry = item(match, who) == Item.SAFETY_GOGGLES or mon.ability == Ability.SAND_RUSH
            if mon.hp > 0 and not dry and not immune_to(tables, mon, Cause.SANDSTORM.value):
                hurt(match, who, int(mon.stats[0]) // 16, NOBODY)
    update(tables, match)
    drop_fallen(tables, match, True)


@rule(inline=False)
def gather(match):
    """Writes down what will happen to whom, in order; returns how many."""
    count = 0
    for k in range(4):
        at = place_in_order(match, k)
        if match.active[at] == NOBODY:
            continue
        who = int(match.active[at])
        mon = match.mon[who]
        if match.terrain == Terrain.GRASSYTERRAIN:
            count = note(match, count, GRASS, who)
        if mon.held == Item.LEFTOVERS or mon.held == Item.BLACK_SLUDGE:
            count = note(match, count, MEAL, who)
        if mon.turns[Volatile.LEECHSEED]:
            count = note(match, count, SEEDED, who)
        if mon.status == Status.PSN or mon.status == Status.TOX:
            count = note(match, count, POISON, who)
        if mon.status == Status.BRN:
            count = note(match, count, BURN, who)
        if mon.turns[Volatile.SALTCURE]:
            count = note(match, count, SALT, who)
        if mon.turns[Volatile.TAUNT]:
            count = note(match, count, TAUNT, who)
        if mon.turns[Volatile.ENCORE]:
            count = note(match, count, ENCORE, who)
        if mon.turns[Volatile.DISABLE]:
            count = note(match, count, DISABLE, who)
        if mon.turns[Volatile.HEALBLOCK]:
            count = note(match, count, HEAL_BLOCK, who)
        if mon.turns[Volatile.THROATCHOP]:
            count = note(match, count, THROAT, who)
        if mon.turns[Volatile.YAWN]:
            count = note(match, count, DROWSY, who)
        if mon.turns[Volatile.PERISHSONG]:
            count = note(match, count, PERISH, who)
        if mon.held == Item.FLAME_ORB or mon.held == Item.TOXIC_ORB:
            count = note(match, count, ORB, who)
    return count


@rule(inline=False)
def note(match, count, kind, who):
    """Inserts one entry behind all that come before or tie with it."""
    speed = match.mon[who].speed
    i = count
    while i > 0:
        other = match.residual[i - 1]
        if other.kind < kind or (other.kind == kind and match.mon[other.who].speed >= speed):
            break
        match.residual[i] = match.residual[i - 1]
        i -= 1
    entry = match.residual[i]
    entry.kind = kind
    entry.who = who
    return count + 1


@rule(inline=False)
def draw_ties(tables, match, count):
    """Puts entries that tie into a drawn order."""
    low = 0
    while low < count:
        first = match.residual[low]
        kind, speed = int(first.kind), int(match.mon[first.who].speed)
        high = low + 1
        while high < count and match.residual[high].kind == kind:
            if match.mon[match.residual[high].who].speed != speed:
                break
            high += 1
        for i in range(low, high - 1):
            j = i + roll(tables, match, Stream.TIE_RESIDUAL.value, high - i)
            a, b = match.residual[i], match.residual[j]
            a.who, b.who = int(b.who), int(a.who)
        low = high


@rule
def counted_down(mon, kind):
    """One turn less of a volatile. Returns whether it is over."""
    mon.turns[kind] = int(mon.turns[kind]) - 1
    return mon.turns[kind] == 0


@rule(inline=False)
def happen(tables, match, kind, who):
    """One thing to one Pokemon, if it still stands and still applies."""
    mon = match.mon[who]
    if mon.fainted:
        return
    most = int(mon.stats[0])
    if kind == GRASS:
        if match.terrain == Terrain.GRASSYTERRAIN and grounded(tables, match, who):
            heal(match, who, most // 16)
    elif kind == MEAL:
        show(mon, ITEM_SHOWN)
        if mon.held == Item.LEFTOVERS or has_type(mon, Type.POISON.value):
            heal(match, who, most // 16)
        else:
            hurt(match, who, most // 8, NOBODY)
    elif kind == SEEDED:
        seeded(match, who)
    elif kind == POISON:
        if mon.status == Status.PSN:
            hurt(match, who, most // 8, NOBODY)
        elif mon.status == Status.TOX:
            mon.status_turns = min(int(mon.status_turns) + 1, 15)
            hurt(match, who, max(most // 16, 1) * int(mon.status_turns), NOBODY)
    elif kind == BURN:
        if mon.status == Status.BRN:
            hurt(match, who, most // 16, NOBODY)
    elif kind == SALT:
        if mon.turns[Volatile.SALTCURE]:
            wet = has_type(mon, Type.WATER.value) or has_type(mon, Type.STEEL.value)
            hurt(match, who, most // 4 if wet else most // 8, NOBODY)
    elif kind == ORB:
        show(mon, ITEM_SHOWN)
        if mon.held == Item.FLAME_ORB:
            set_status(tables, match, who, Status.BRN.value)
        elif mon.held == Item.TOXIC_ORB:
            set_status(tables, match, who, Status.TOX.value)
    else:
        bound(tables, match, kind, who)


@rule(inline=False)
def bound(tables, match, kind, who):
    """What binds a Pokemon for some turns loses one."""
    mon = match.mon[who]
    if kind == TAUNT:
        counted_down(mon, Volatile.TAUNT.value)
    elif kind == ENCORE:
        over = counted_down(mon, Volatile.ENCORE.value)
        slot = move_slot(mon, int(mon.encored))
        if over or slot < 0 or mon.pp[slot] <= 0:
            mon.turns[Volatile.ENCORE] = 0
            mon.encored = 0
    elif kind == DISABLE:
        if counted_down(mon, Volatile.DISABLE.value):
            mon.barred = 0
    elif kind == HEAL_BLOCK:
        counted_down(mon, Volatile.HEALBLOCK.value)
    elif kind == THROAT:
        counted_down(mon, Volatile.THROATCHOP.value)
    elif kind == DROWSY:
        if counted_down(mon, Volatile.YAWN.value):
            set_status(tables, match, who, Status.SLP.value)
    elif kind == PERISH and counted_down(mon, Volatile.PERISHSONG.value):
        fall(match, who, NOBODY, 0)


@rule(inline=False)
def seeded(match, who):
    """Leech Seed feeds whoever stands where it came from."""
    mon = match.mon[who]
    if not mon.turns[Volatile.LEECHSEED] or not alive(match, int(mon.seeder)):
        return
    taker = int(match.active[mon.seeder])
    if match.mon[taker].hp == 0:
        return
    taken = hurt(match, who, int(mon.stats[0]) // 8, taker)
    if taken:
        heal(match, taker, taken)


@rule(inline=False)
def sides_run_out(tables, match):
    """What lies on sides and field loses a turn, in Showdown's order. Whether the battle ended on the way."""
    for kind in (2, 3, 11, 12, 1, 4, 5, 6):  # all but hazards
        for side in range(2):
            if match.layers[side, kind]:
                match.layers[side, kind] -= 1
                if match.layers[side, kind] and match.fallen:  # of Perish Song
                    drop_fallen(tables, match, True)
                    if match.ended:
                        return True
    if match.trick_room:
        match.trick_room -= 1
    if match.terrain:
        match.terrain_turns -= 1
        if match.terrain_turns == 0:
            set_terrain(tables, match, 0)
    return False


@rule(inline=False)
def run_out(tables, match):
    """What lasts a turn or two without an order of its own; a rage that was interrupted ends."""
    for k in range(4):
        at = place_in_order(match, k)
        if not alive(match, at):
            continue
        who = int(match.active[at])
        mon = match.mon[who]
        for kind in range(Volatile.FLINCH.value, Volatile.HELPINGHAND.value + 1):
            if kind != Volatile.CONFUSION and mon.turns[kind] and mon.turns[kind] != ALWAYS:
                counted_down(mon, kind)
        if not mon.turns[Volatile.STALL]:
            mon.stall = 0
        if mon.turns[Volatile.TWOTURNMOVE] == 1:
            stop_gathering(mon)
        elif mon.turns[Volatile.TWOTURNMOVE]:
            counted_down(mon, Volatile.TWOTURNMOVE.value)
        if mon.turns[Volatile.LOCKEDMOVE]:
            if counted_down(mon, Volatile.LOCKEDMOVE.value):
                end_lock(tables, match, who)
            elif mon.status == Status.SLP:
                mon.turns[Volatile.LOCKEDMOVE] = 0
                mon.locked = 0
            else:
                mon.lock_left = int(mon.lock_left) - 1
