"""Scripted opponents, each a step above the one before. They know what `observe` shows with open sheets.

simple: its strongest move, whoever it meets. damage: the move that should do most damage, by types, weather, spread
and stats. heuristic: damage too, but it counts knock-outs, uses status moves where they are worth most, protects
itself now and then, leaves bad matchups, leads with what meets the foe's six best, and terastallizes for a strong
attack.
"""

from enum import IntEnum

from ..compile import rule
from ..dice import STREAM_BOT, draw, seat
from .aim import place_of
from .choices import PASS, SWITCH, TERA, USE, going, narrow, usable
from .effects import can_switch
from .estimate import guessed, matchup, share
from .ids import Move
from .mons import alive, side_of
from .state import NOBODY, SLOTS, Request
from .terms import Category, SideCondition, Stat, Status, Target, Volatile

BOTS = ("simple", "damage", "heuristic")
SIMPLE, DAMAGE, HEURISTIC = range(3)
WORST = -(1 << 30)
ALLY_COST = 2
"""Damage to the own ally weighs this many times as much."""


class Chance(IntEnum):
    """The bots' streams."""

    TIE = STREAM_BOT
    PROTECT = STREAM_BOT + 1
    LEAD = STREAM_BOT + 2


@rule
def act(tables, match, side, bot, actions):
    """Chooses for a side, place by place."""
    for slot in range(actions.shape[0]):
        actions[slot] = PASS
    if not match.asked[side] or match.outcome:
        return
    for slot in range(actions.shape[0]):
        taken = int(actions[0]) if slot == 1 else PASS
        if match.request == Request.PREVIEW:
            actions[slot] = choose_lead(tables, match, side, slot, bot, taken)
        elif match.request == Request.SWITCH:
            actions[slot] = choose_replacement(tables, match, side, slot, bot, taken)
        else:
            actions[slot] = choose_order(tables, match, side, slot, bot, taken)


@rule(inline=False)
def choose_lead(tables, match, side, slot, bot, taken):
    """The next to come along: drawn, by the heuristic bot the one that does best against the foe's six."""
    best, most = PASS, WORST
    for k in range(6):
        mon = match.mon[6 * side + k]
        code = SWITCH + k
        if mon.species == 0 or mon.place != NOBODY or code == taken:
            continue
        index = (seat(match, side) * 2 + slot) * 8 + k
        score = draw(tables, match, Chance.LEAD.value, index, 100)
        if bot == HEURISTIC:
            for j in range(6):
                foe = 6 * (1 - side) + j
                if match.mon[foe].species:
                    score += 10 * matchup(tables, match, 6 * side + k, foe)
        if score > most:
            best, most = code, score
    return best


@rule(inline=False)
def choose_replacement(tables, match, side, slot, bot, taken):
    """Who comes in for one who must go: the best against who stands there."""
    who = int(match.active[SLOTS * side + slot])
    if who == NOBODY or not match.mon[who].must_go:
        return PASS
    if going(match, side) == 2 and can_switch(match, side) == 1 and slot == 1:
        if taken != PASS:
            return PASS
    best, _ = best_bench(tables, match, side, slot, bot, taken)
    return best


@rule(inline=False)
def best_bench(tables, match, side, slot, bot, taken):
    """(code, score) of who does best against the foes in play; (PASS, WORST) if nobody could come."""
    best, most = PASS, WORST
    for k in range(6):
        who = 6 * side + k
        mon = match.mon[who]
        code = SWITCH + k
        stands = match.active[SLOTS * side] == who or match.active[SLOTS * side + 1] == who
        if mon.place == NOBODY or mon.fainted or stands or code == taken:
            continue
        score = draw(tables, match, Chance.TIE.value, (seat(match, side) * 2 + slot) * 8 + k, 10)
        if bot != SIMPLE:
            for at in range(SLOTS * (1 - side), SLOTS * (1 - side) + SLOTS):
                if alive(match, at):
                    score += 10 * matchup(tables, match, who, int(match.active[at]))
            score += 20 * int(mon.hp) // max(int(mon.stats[0]), 1)
        if score > most:
            best, most = code, score
    return best, most


# --- moves ---


@rule(inline=False)
def choose_order(tables, match, side, slot, bot, taken):
    """The best move at the best target, or a switch."""
    who = int(match.active[SLOTS * side + slot])
    if who == NOBODY or match.mon[who].fainted:
        return PASS
    mon = match.mon[who]
    if mon.locked and (mon.turns[Volatile.LOCKEDMOVE] or mon.turns[Volatile.TWOTURNMOVE]):
        for k in range(4):
            if mon.moves[k] == mon.locked:
                return USE + 5 * k + 2
    best, most = USE + 2, WORST
    for k in range(4):
        if usable(tables, match, who, k):
            for loc in range(-2, 3):
                if can_aim(tables, match, who, k, loc):
                    score = value(tables, match, who, k, loc, bot)
                    score += draw(tables, match, Chance.TIE.value, tie_index(match, side, slot, k, loc), 3)
                    if score > most:
                        best, most = USE + 5 * k + loc + 2, score
    if bot == HEURISTIC:
        code, score = best_bench(tables, match, side, slot, bot, taken)
        if code != PASS and score - 120 > here(tables, match, side, who) and most < 60:
            return code
        if most > WORST and tera_helps(tables, match, who, best, most, taken):
            return narrow(tables, best + TERA)
    return best


@rule
def tie_index(match, side, slot, k, loc):
    """Names the throw that parts equal choices."""
    return 64 + ((seat(match, side) * 2 + slot) * 4 + k) * 8 + loc + 2


@rule(inline=False)
def here(tables, match, side, who):
    """How who stands there does, as `best_bench` counts it."""
    score = 20 * int(match.mon[who].hp) // max(int(match.mon[who].stats[0]), 1)
    for at in range(SLOTS * (1 - side), SLOTS * (1 - side) + SLOTS):
        if alive(match, at):
            score += 10 * matchup(tables, match, who, int(match.active[at]))
    return score


@rule(inline=False)
def can_aim(tables, match, who, k, loc):
    """Whether a move can be aimed there, at somebody who stands."""
    aim = int(tables.book[0].moves[match.mon[who].moves[k]].target)
    side = side_of(who)
    ally = -(2 - int(match.mon[who].at) % 2)
    if aim == Target.ADJACENTALLY and tables.book[0].options[0] > 1:
        return loc == ally
    if tables.book[0].options[0] == 1 or not (aim == Target.NORMAL or aim == Target.ANY or aim == Target.ADJACENTFOE):
        return loc == 0
    if loc == 0 or (loc < 0 and (loc != ally or aim == Target.ADJACENTFOE)):
        return False
    return alive(match, place_of(side, loc))


@rule(inline=False)
def value(tables, match, who, k, loc, bot):
    """What a move is worth, in per cent of a Pokemon's hit points."""
    mon = match.mon[who]
    move = int(mon.moves[k])
    row = tables.book[0].moves[move]
    side = side_of(who)
    if bot == SIMPLE:
        return int(row.power) if loc >= 0 else -1
    if row.category == Category.STATUS:
        if bot == DAMAGE:
            return -1 if loc >= 0 else -2
        return worth(tables, match, who, move, loc)
    if move == Move.FAKE_OUT and mon.move_actions > 0:
        return -5
    aim = int(row.target)
    if aim == Target.ALLADJACENTFOES or aim == Target.ALLADJACENT:
        total = 0
        for at in range(4):
            if alive(match, at) and match.active[at] != who:
                part = gain(tables, match, who, int(match.active[at]), move, bot) * 3 // 4
                if at // SLOTS != side:
                    total += part
                elif aim == Target.ALLADJACENT:
                    total -= ALLY_COST * part
        return total
    at = place_of(side, loc) if loc else SLOTS * (1 - side)
    if not alive(match, at):
        at ^= 1
    if not alive(match, at):
        return 0
    target = int(match.active[at])
    amount = gain(tables, match, who, target, move, bot)
    if at // SLOTS == side:
        return -ALLY_COST * amount
    if bot == HEURISTIC and move == Move.FAKE_OUT:
        amount += 45
    return amount


@rule(inline=False)
def gain(tables, match, who, target, move, bot):
    """What a hit is worth: its damage by its chance to hit; to the heuristic bot a knock-out is worth more."""
    percent = share(tables, match, who, target, move)
    if percent <= 0:
        return percent
    row, foe = tables.book[0].moves[move], match.mon[target]
    if bot == HEURISTIC:
        left = 100 * int(foe.hp) // max(int(foe.stats[0]), 1)
        if percent >= left:
            percent = left + 40 + (20 if row.priority > 0 else 0)
    return percent * (int(row.accuracy) if row.accuracy else 100) // 100


@rule(inline=False)
def worth(tables, match, who, move, loc):
    """What the heuristic bot makes of a status move."""
    mon = match.mon[who]
    row = tables.book[0].moves[move]
    side = side_of(who)
    hale = 2 * int(mon.hp) > mon.stats[0]
    if row.stalls:
        if mon.turns[Volatile.STALL]:
            return -10
        return 25 + draw(tables, match, Chance.PROTECT.value, seat(match, side) * 4 + int(mon.at) % 2, 40)
    if row.side_condition == SideCondition.TAILWIND:
        return 70 if not match.layers[side, SideCondition.TAILWIND] and not match.trick_room else -10
    if row.side_condition == SideCondition.REFLECT or row.side_condition == SideCondition.LIGHTSCREEN:
        return 45 if not match.layers[side, row.side_condition] else -10
    if move == Move.TRICK_ROOM:
        slow = slower(tables, match, side)
        return 75 if slow and not match.trick_room else 60 if not slow and match.trick_room else -10
    if row.status:
        at = place_of(side, loc) if loc else SLOTS * (1 - side)
        if loc < 0 or not alive(match, at) or match.mon[match.active[at]].status:
            return -10
        return 55 if row.status == Status.SLP else 35
    if row.target == Target.SELF and raises(row) and hale:
        return 50 if mon.stages[0] + mon.stages[2] < 3 else 0
    if move == Move.FOLLOW_ME or move == Move.RAGE_POWDER:
        return 45 if tables.book[0].options[0] > 1 and hale else -10
    if move == Move.TAUNT or move == Move.ENCORE:
        return 20 if loc >= 0 else -10
    if row.heal[0] and row.target == Target.SELF:
        return 10 if hale else 60
    return 5 if loc >= 0 else 0


@rule
def raises(row):
    """Whether a move raises stages."""
    total = 0
    for stage in range(7):
        total += int(row.stages[stage])
    return total > 0


@rule(inline=False)
def slower(tables, match, side):
    """Whether a side in play is slower than the other, by what is known."""
    own, foe = 0, 0
    for at in range(4):
        if alive(match, at):
            mon = match.mon[match.active[at]]
            if at // SLOTS == side:
                own += int(mon.stats[Stat.SPE])
            else:
                foe += guessed(tables, mon, 5)
    return own < foe


@rule(inline=False)
def tera_helps(tables, match, who, best, most, taken):
    """Whether to terastallize now: the move is an attack of the Tera type, or the type shields from the foes' own."""
    mon = match.mon[who]
    if mon.tera == 0 or match.tera_used[side_of(who)] or taken >= narrow(tables, USE + TERA):
        return False
    move = int(mon.moves[(best - USE) // 5 % 4])
    row = tables.book[0].moves[move]
    attacks = row.category != Category.STATUS and (row.type == mon.tera or move == Move.TERA_BLAST)
    return attacks and most >= 40
