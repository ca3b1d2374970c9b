"""The end of a turn: weather, healing, poison, and everything that runs out, in Showdown's order."""

from ..compile import rule
from .entering import sort_places
from .falls import drop_fallen
from .field import set_terrain, set_weather
from .ids import Ability, Item
from .items import update
from .mons import (
    ITEM_SHOWN,
    alive,
    fall,
    grounded,
    has_type,
    heal,
    hurt,
    immune_to,
    item,
    place_in_order,
    roll,
    seat,
    show,
)
from .state import ALWAYS, NOBODY, Stream
from .status import end_lock, move_slot, set_status, stop_gathering
from .terms import Cause, SideCondition, Status, Terrain, Type, Volatile, Weather

# Kinds of what happens to one Pokemon.
GRASS, MEAL, SEEDED, POISON, BURN, SALT, TAUNT, ENCORE, DISABLE, HEAL_BLOCK, THROAT, DROWSY, PERISH, ORB = range(14)
"""In the order in which they come (onResidualOrder): 5 (by speed, one's grass before one's meal), 8, 9, 10, 13, 15, 16,
17, 20, 22, 23, 24, 28. Weather comes before them all, at 1; what lies on sides and field runs out at 26 and 27, just
before the orbs."""
SHORT = 14
"""With a Volatile added: what lasts a turn or two has no order. It comes last, by speed alone."""
SIDES = (
    *(SideCondition.REFLECT.value, SideCondition.LIGHTSCREEN.value, SideCondition.SAFEGUARD.value),
    *(SideCondition.MIST.value, SideCondition.TAILWIND.value, SideCondition.AURORAVEIL.value),
)
"""What runs out on sides, in the order in which it comes."""


@rule(inline=False)
def residual(tables, match):
    """Everything at the end of a turn; the battle may be decided in the middle of it.

    The order is settled before anything happens. Who falls by Perish Song is only noticed after the next thing that
    goes on: what just ends is passed over.
    """
    ordered = gather(match)
    count = gather_short(match, ordered)
    draw_ties(tables, match, 0, ordered)
    weather(tables, match)
    if match.ended:
        return
    sides, perished, turned = False, False, 0
    for i in range(count):
        kind, who = int(match.residual[i].kind), int(match.residual[i].who)
        if not sides and kind >= ORB:
            if sides_run_out(tables, match, turned):
                return
            sides = True
        goes_on = happen(tables, match, kind, who)
        if kind == PERISH and match.fallen and not perished:  # from here on it matters what comes first
            turned = draw_sides(tables, match)
            draw_ties(tables, match, ordered, count)
            perished = True
        if goes_on:
            drop_fallen(tables, match, True)
            if match.ended:
                return
    if not sides and sides_run_out(tables, match, turned):
        return
    guards_run_out(match)


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
def gather_short(match, count):
    """Writes down behind that what has no order of its own; returns how many there are in all."""
    for k in range(4):
        at = place_in_order(match, k)
        if not alive(match, at):
            continue
        who = int(match.active[at])
        mon = match.mon[who]
        for kind in range(Volatile.FLINCH.value, Volatile.HELPINGHAND.value + 1):
            if kind != Volatile.CONFUSION and mon.turns[kind] and mon.turns[kind] != ALWAYS:
                count = note(match, count, SHORT + kind, who)
        if mon.turns[Volatile.LOCKEDMOVE]:
            count = note(match, count, SHORT + Volatile.LOCKEDMOVE.value, who)
        if mon.turns[Volatile.TWOTURNMOVE]:
            count = note(match, count, SHORT + Volatile.TWOTURNMOVE.value, who)
    return count


@rule
def order_of(kind):
    """When a kind comes: meals with the grass, and all that is short last."""
    return GRASS if kind == MEAL else min(int(kind), SHORT)


@rule(inline=False)
def sooner(match, kind, who, other, whose):
    """Whether one entry comes before another: by order, then by speed; one's grass before one's meal."""
    if order_of(kind) != order_of(other):
        return order_of(kind) < order_of(other)
    if match.mon[who].speed != match.mon[whose].speed:
        return match.mon[who].speed > match.mon[whose].speed
    return kind < other and other == MEAL


@rule(inline=False)
def note(match, count, kind, who):
    """Inserts one entry behind all that come before or tie with it."""
    i = count
    while i > 0:
        other = match.residual[i - 1]
        if not sooner(match, kind, who, int(other.kind), int(other.who)):
            break
        match.residual[i] = match.residual[i - 1]
        i -= 1
    entry = match.residual[i]
    entry.kind = kind
    entry.who = who
    return count + 1


@rule(inline=False)
def draw_ties(tables, match, low, count):
    """Puts entries that tie, from `low` on, into a drawn order."""
    while low < count:
        first = match.residual[low]
        high = low + 1
        while high < count:
            other = match.residual[high]
            if sooner(match, int(first.kind), int(first.who), int(other.kind), int(other.who)):
                break
            high += 1
        for i in range(low, high - 1):
            j = i + roll(tables, match, Stream.TIE_RESIDUAL.value, high - i)
            a, b = match.residual[i], match.residual[j]
            a.kind, b.kind = int(b.kind), int(a.kind)
            a.who, b.who = int(b.who), int(a.who)
        low = high


@rule(inline=False)
def draw_sides(tables, match):
    """Bits of the side conditions, of those that both sides have, where the second side's comes first."""
    turned = 0
    for kind in SIDES:
        if match.layers[0, kind] and match.layers[1, kind]:
            turned |= roll(tables, match, Stream.TIE_RESIDUAL.value, 2) << kind
    return turned


@rule
def counted_down(mon, kind):
    """One turn less of a volatile. Returns whether it is over."""
    mon.turns[kind] = int(mon.turns[kind]) - 1
    return mon.turns[kind] == 0


@rule(inline=False)
def happen(tables, match, kind, who):
    """One thing to one Pokemon, if it still stands and still applies. Returns whether it goes on."""
    mon = match.mon[who]
    if mon.fainted:
        return False
    if kind > SHORT:
        return short_goes_on(tables, match, kind - SHORT, who)
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
        return bound(tables, match, kind, who)
    return True


@rule(inline=False)
def bound(tables, match, kind, who):
    """What binds a Pokemon for some turns loses one. Returns whether it goes on."""
    mon = match.mon[who]
    over = False
    if kind == TAUNT:
        over = counted_down(mon, Volatile.TAUNT.value)
    elif kind == ENCORE:
        over = counted_down(mon, Volatile.ENCORE.value)
        slot = move_slot(mon, int(mon.encored))
        if over or slot < 0 or mon.pp[slot] <= 0:
            mon.turns[Volatile.ENCORE] = 0
            mon.encored = 0
    elif kind == DISABLE:
        over = counted_down(mon, Volatile.DISABLE.value)
        if over:
            mon.barred = 0
    elif kind == HEAL_BLOCK:
        over = counted_down(mon, Volatile.HEALBLOCK.value)
    elif kind == THROAT:
        over = counted_down(mon, Volatile.THROATCHOP.value)
    elif kind == DROWSY:
        over = counted_down(mon, Volatile.YAWN.value)
        if over:
            set_status(tables, match, who, Status.SLP.value)
    elif kind == PERISH:
        over = counted_down(mon, Volatile.PERISHSONG.value)
        if over:
            fall(match, who, NOBODY, 0)
    return not over


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
def sides_run_out(tables, match, turned):
    """What lies on sides and field loses a turn. turned: see `draw_sides`. Whether the battle ended on the way."""
    for kind in SIDES:
        for k in range(2):
            side = seat(match, k ^ (turned >> kind & 1))
            if match.layers[side, kind]:
                match.layers[side, kind] -= 1
                if match.layers[side, kind]:
                    drop_fallen(tables, match, True)
                    if match.ended:
                        return True
    if match.trick_room:
        match.trick_room -= 1
        if match.trick_room:
            drop_fallen(tables, match, True)
            if match.ended:
                return True
    if match.terrain:
        match.terrain_turns -= 1
        if match.terrain_turns == 0:
            set_terrain(tables, match, 0)
        else:
            drop_fallen(tables, match, True)
    return match.ended != 0


@rule(inline=False)
def short_goes_on(tables, match, kind, who):
    """What lasts a turn or two loses one; a rage that was interrupted ends. Returns whether it goes on."""
    mon = match.mon[who]
    if kind == Volatile.TWOTURNMOVE and mon.turns[kind] == 1:
        stop_gathering(mon)
        return False
    if not counted_down(mon, kind):
        if kind == Volatile.LOCKEDMOVE:
            if mon.status == Status.SLP:
                mon.turns[Volatile.LOCKEDMOVE] = 0
                mon.locked = 0
            else:
                mon.lock_left = int(mon.lock_left) - 1
        return True
    if kind == Volatile.STALL:
        mon.stall = 0
    elif kind == Volatile.LOCKEDMOVE and mon.hp:
        end_lock(tables, match, who)
    return False


@rule
def guards_run_out(match):
    """Wide Guard and Quick Guard end, after everything that Pokemon have."""
    for side in range(2):
        match.layers[side, SideCondition.WIDEGUARD] = 0
        match.layers[side, SideCondition.QUICKGUARD] = 0
