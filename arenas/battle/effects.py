"""What a move does besides damage: stages, statuses, healing, what it lays on sides and field, and its own ways."""

from ..compile import rule
from .field import lay, set_terrain, set_weather, sweep
from .ids import Item, Move
from .items import cure, give_item, removable, take_item, unburden
from .mons import alive, heal, modify, place_in_order, roll, side_of
from .stages import boost, clear_stages
from .state import NOBODY, Do, Result, Stream
from .status import add_volatile, set_status, stall
from .steps import stopped
from .terms import PseudoWeather, Status, Terrain, Type, Volatile

WORKED, FAILED, STOPPED = int(Result.WORKED), int(Result.FAILED), int(Result.STOPPED)


@rule(inline=False)
def can_switch(match, side):
    """How many of a side could come in."""
    count = 0
    for who in range(6 * side, 6 * side + 6):
        mon = match.mon[who]
        if mon.place != NOBODY and mon.at == NOBODY and not mon.fainted and not_standing(match, who):
            count += 1
    return count


@rule
def not_standing(match, who):
    """Whether it holds no place on the field, not even as one who fell there."""
    first = 2 * (int(who) // 6)
    return match.active[first] != who and match.active[first + 1] != who


@rule
def any_stage(stages):
    count = 0
    for stage in range(7):
        count += stages[stage] != 0
    return count > 0


@rule
def better(a, b):
    """Two results as one: it worked if either did."""
    if a == WORKED or b == WORKED:
        return WORKED
    return b if a == 0 else a


@rule
def done(worked):
    return WORKED if worked else FAILED


@rule(inline=False)
def apply_to(tables, match, who):
    """What the move under way does to one it has hit. Returns WORKED, FAILED, STOPPED, or 0: it has no such effect."""
    now = match.now
    row = tables.book[0].moves[now.move]
    user = int(now.user)
    target = match.mon[who]
    result = 0
    if any_stage(row.stages) and target.hp > 0:
        result = better(result, done(boost(tables, match, who, user, row.stages, False)))
    if row.heal[0] and target.hp > 0:
        if target.hp >= target.stats[0]:
            return FAILED
        amount = (2 * int(target.stats[0]) * int(row.heal[0]) + int(row.heal[1])) // (2 * int(row.heal[1]))
        if not heal(match, who, amount):
            return FAILED
        result = WORKED
    if row.status:
        if not set_status(tables, match, who, int(row.status)):
            return FAILED
        result = WORKED
    if row.volatile:
        result = better(result, done(add_volatile(tables, match, who, int(row.volatile), user)))
    if row.side_condition:
        result = better(result, done(lay(tables, match, side_of(who), int(row.side_condition), user)))
    if row.weather:
        result = better(result, done(set_weather(tables, match, int(row.weather))))
    if row.terrain:
        result = better(result, done(set_terrain(tables, match, int(row.terrain))))
    if row.pseudo_weather == PseudoWeather.TRICKROOM:
        match.trick_room = 0 if match.trick_room else 5
        result = WORKED
    if row.force_switch:
        result = better(result, done(can_switch(match, side_of(who)) > 0))
    own = own_way(tables, match, who)
    if own:
        result = better(result, own)
    if row.self_switch and not now.stays:
        if can_switch(match, side_of(user)) > 0:
            result = WORKED
        else:
            result = better(result, FAILED)
    return result


@rule(inline=False)
def own_way(tables, match, who):
    """What only this move does. Returns as `apply_to`."""
    now = match.now
    move, user = int(now.move), int(now.user)
    target = match.mon[who]
    if tables.book[0].moves[move].stalls or move == Move.WIDE_GUARD:
        stall(match, user)
        return WORKED
    if move == Move.SUBSTITUTE:
        amount = max(int(target.stats[0]) // 4, 1)
        target.hp = int(target.hp) - amount
        return WORKED
    if move == Move.PARTING_SHOT:
        return parting_shot(tables, match, who)
    if move == Move.CLEAR_SMOG:
        clear_stages(match, who)
        return WORKED
    if move == Move.HAZE:
        for at in range(4):
            if alive(match, at):
                clear_stages(match, int(match.active[at]))
        return WORKED
    if move == Move.PERISH_SONG:
        return perish_song(tables, match)
    if move == Move.POLLEN_PUFF and now.heals:
        return WORKED if heal(match, who, int(target.stats[0]) // 2) else STOPPED
    if move == Move.HEAL_PULSE or move == Move.FLORAL_HEALING:
        amount = (int(target.stats[0]) + 1) // 2
        if move == Move.FLORAL_HEALING and match.terrain == Terrain.GRASSYTERRAIN:
            amount = modify(int(target.stats[0]), 2732)
        return WORKED if heal(match, who, amount) else STOPPED
    if move == Move.LUNAR_BLESSING:
        healed = heal(match, who, modify(int(target.stats[0]), 1024))
        cured = cure(match, who)
        return done(healed or cured)
    if move == Move.TRICK:
        return trick(tables, match, who)
    if move == Move.AFTER_YOU:
        return after_you(tables, match, who)
    return 0


@rule(inline=False)
def parting_shot(tables, match, who):
    """Lowers attack and special attack; where neither gives way the user stays."""
    stages = tables.book[0].stages[0]
    worked = boost(tables, match, who, int(match.now.user), stages, False)
    if not worked:
        match.now.stays = 1
    return WORKED


@rule(inline=False)
def perish_song(tables, match):
    """Everybody who hears it falls in three turns."""
    heard = False
    for k in range(4):
        at = place_in_order(match, k)
        if alive(match, at):
            who = int(match.active[at])
            if stopped(tables, match, who) != WORKED:
                heard = True
            elif not match.mon[who].turns[Volatile.PERISHSONG]:
                add_volatile(tables, match, who, Volatile.PERISHSONG.value, int(match.now.user))
                heard = True
    return done(heard)


@rule(inline=False)
def trick(tables, match, who):
    """Exchanges items, where both can go."""
    user = int(match.now.user)
    theirs, mine = int(match.mon[who].held), int(match.mon[user].held)
    if theirs == 0 and mine == 0:
        return FAILED
    unburden(match, who)  # whether or not it comes to anything
    unburden(match, user)
    if theirs and not removable(tables, match, theirs, who, user):
        return FAILED
    if mine and not removable(tables, match, mine, user, who):
        return FAILED
    # Booster Energy asks only who would lose or get it.
    if theirs == Item.BOOSTER_ENERGY and tables.book[0].species[match.mon[user].species].paradox:
        return FAILED
    if mine == Item.BOOSTER_ENERGY and tables.book[0].species[match.mon[who].species].paradox:
        return FAILED
    take_item(tables, match, who, user)
    take_item(tables, match, user, user)
    if mine:
        give_item(tables, match, who, mine)
    if theirs:
        give_item(tables, match, user, theirs)
    return WORKED


@rule(inline=False)
def after_you(tables, match, who):
    """The target moves next."""
    if tables.book[0].options[0] == 1:
        return FAILED
    for i in range(int(match.queued)):
        if match.queue[i].kind == Do.MOVE and match.queue[i].who == who:
            match.queue[i].order = Do.REPLACE
            spare = match.queue.shape[0] - 1
            match.queue[spare] = match.queue[i]
            for j in range(i, 0, -1):
                match.queue[j] = match.queue[j - 1]
            match.queue[0] = match.queue[spare]
            return WORKED
    return FAILED


# --- after the hit ---


@rule(inline=False)
def apply_to_self(tables, match):
    """What the move does to its user as it hits: stages, or the rage of Outrage. Stellar Tera Blast tires too."""
    now = match.now
    user = int(now.user)
    row = tables.book[0].moves[now.move]
    if stellar_blast(match):
        boost(tables, match, user, user, tables.book[0].stages[0], False)
    elif any_stage(row.self_stages):
        boost(tables, match, user, user, row.self_stages, False)
    if row.self_volatile:
        add_volatile(tables, match, user, int(row.self_volatile), user)


@rule
def stellar_blast(match):
    """Tera Blast of a Stellar Pokemon lowers both attacks."""
    return match.now.move == Move.TERA_BLAST and match.mon[match.now.user].terastallized == Type.STELLAR


@rule(inline=False)
def secondary(tables, match, who, k, hidden):
    """The k-th secondary effect of the move under way, on who was hit; only the user's part behind a substitute."""
    now = match.now
    row = tables.book[0].moves[now.move]
    user = int(now.user)
    if not hidden:
        secondary_on_target(tables, match, who, k)
    if any_stage(row.secondary_self_stages[k]):
        boost(tables, match, user, user, row.secondary_self_stages[k], False)


@rule(inline=False)
def secondary_on_target(tables, match, who, k):
    """What the k-th secondary effect does to who was hit."""
    now = match.now
    row = tables.book[0].moves[now.move]
    move, user = int(now.move), int(now.user)
    target = match.mon[who]
    if any_stage(row.secondary_stages[k]):
        boost(tables, match, who, user, row.secondary_stages[k], False)
    if row.secondary_status[k]:
        set_status(tables, match, who, int(row.secondary_status[k]))
    if row.secondary_volatile[k]:
        add_volatile(tables, match, who, int(row.secondary_volatile[k]), user)
    if move == Move.DIRE_CLAW:  # drawn even for one that has fallen
        face = roll(tables, match, Stream.STATUS.value, 3)
        set_status(
            tables, match, who, Status.PSN.value if face == 0 else Status.PAR.value if face == 1 else Status.SLP.value
        )
    elif move == Move.THROAT_CHOP:
        add_volatile(tables, match, who, Volatile.THROATCHOP.value, user)
    elif move == Move.ALLURING_VOICE and target.raised:
        add_volatile(tables, match, who, Volatile.CONFUSION.value, user)


@rule(inline=False)
def after_hit(tables, match, who):
    """What the move does once it has hurt somebody, the user still standing."""
    now = match.now
    move, user = int(now.move), int(now.user)
    if move == Move.KNOCK_OFF:
        take_item(tables, match, who, user)
    elif move == Move.ICE_SPINNER:
        set_terrain(tables, match, 0)
    elif move == Move.MORTAL_SPIN and not now.sheer:
        match.mon[user].turns[Volatile.LEECHSEED] = 0
        match.mon[user].seeder = 0
        sweep(match, side_of(user))
