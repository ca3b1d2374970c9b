"""Whom a move meets: who is aimed at, who draws it away, and who stands where."""

from ..compile import rule
from .ids import Item, Move
from .mons import allied, immune_to, item, roll, side_of, standing
from .state import NOBODY, SLOTS, Stream
from .terms import Cause, Flag, Target, Volatile, Weather


@rule
def place_of(who_side, loc):
    """The place a location names, seen from a side."""
    return SLOTS * (1 - who_side) + loc - 1 if loc > 0 else SLOTS * who_side - loc - 1


@rule(inline=False)
def random_foe(tables, match, user):
    """A foe that stands, drawn among them; the first slot's if none does."""
    first = SLOTS * (1 - side_of(user))
    both = standing(match, first) and standing(match, first + 1)
    if both:
        return int(match.active[first + roll(tables, match, Stream.TARGET.value, 2)])
    if standing(match, first + 1):
        return int(match.active[first + 1])
    return int(match.active[first])


@rule(inline=False)
def ally_of(match, who):
    """Who stands beside it, or NOBODY."""
    at = int(match.mon[who].at) ^ 1
    return int(match.active[at]) if standing(match, at) else NOBODY


@rule(inline=False)
def aimed_at(tables, match, user, move, loc):
    """Whom a move is aimed at as its user acts, or NOBODY: whoever stands at `loc`, or somebody else."""
    aim = int(tables.book[0].moves[move].target)
    if aim == Target.ADJACENTALLY:
        first = SLOTS * side_of(user)
        other = int(match.active[first + 1 - int(match.mon[user].at) % SLOTS])
        return other if tables.book[0].options[0] > 1 and loc else NOBODY
    chosen = aim == Target.NORMAL or aim == Target.ANY or aim == Target.ADJACENTFOE
    if chosen and loc:
        who = int(match.active[place_of(side_of(user), loc)])
        if who != NOBODY and (not match.mon[who].fainted or allied(who, user)):
            return who
    if chosen or aim == Target.RANDOMNORMAL:
        return random_foe(tables, match, user)
    if aim == Target.ALLADJACENTFOES or aim == Target.ALLADJACENT or aim == Target.FOESIDE:
        first = SLOTS * (1 - side_of(user))  # whom is found out later
        return int(match.active[first]) if standing(match, first) else max(int(match.active[first + 1]), 0)
    return user


@rule(inline=False)
def redirected(tables, match, who):
    """Who takes a move aimed at `who`: a foe that asks for it, the fastest; of equals, who has stood there longer."""
    now = match.now
    user = int(now.user)
    first = SLOTS * (1 - side_of(user))
    taker, speed = who, -1
    for at in range(first, first + SLOTS):
        if not standing(match, at):
            continue
        other = int(match.active[at])
        mon = match.mon[other]
        asks = mon.turns[Volatile.FOLLOWME] != 0
        if mon.turns[Volatile.RAGEPOWDER] and not asks:
            asks = (
                not immune_to(tables, match.mon[user], Cause.POWDER.value) and item(match, user) != Item.SAFETY_GOGGLES
            )
        tied = mon.speed == speed and match.later[side_of(other)] == first + SLOTS - 1 - at
        if asks and (mon.speed > speed or tied):
            taker, speed = other, int(mon.speed)
    return taker


@rule(inline=False)
def find_targets(tables, match, who):
    """Writes the targets of the move under way, aimed at `who`."""
    now = match.now
    user = int(now.user)
    own = SLOTS * side_of(user)
    foes = SLOTS - own
    now.count = 0
    aim = int(now.aim)
    if aim == Target.ALL or aim == Target.FOESIDE or aim == Target.ALLYSIDE or aim == Target.ALLYTEAM:
        if aim != Target.FOESIDE:
            add_standing(match, own, NOBODY)
        if aim == Target.ALL or aim == Target.FOESIDE:
            add_places(match, foes)
        return
    if aim == Target.ALLIES:
        add_standing(match, own, NOBODY)
        return
    if aim == Target.ALLADJACENT or aim == Target.ALLADJACENTFOES:
        if aim == Target.ALLADJACENT:
            add_standing(match, own, user)
        add_standing(match, foes, NOBODY)
        return
    if match.mon[who].fainted and not allied(who, user):
        who = random_foe(tables, match, user)
    if tables.book[0].options[0] > 1 and not gathering(tables, match) and can_redirect(aim):
        who = redirected(tables, match, who)
    if not match.mon[who].fainted and match.mon[who].at != NOBODY:
        now.targets[0] = who
        now.count = 1


@rule
def can_redirect(aim):
    return aim == Target.NORMAL or aim == Target.ANY or aim == Target.ADJACENTFOE or aim == Target.RANDOMNORMAL


@rule
def gathering(tables, match):
    """Whether the move only gathers strength this turn."""
    now = match.now
    user = int(now.user)
    if not int(now.traits) & Flag.CHARGE.value or match.mon[user].turns[Volatile.TWOTURNMOVE]:
        return False
    if now.move == Move.ELECTRO_SHOT and match.weather == Weather.RAINDANCE:
        return False
    return item(match, user) != Item.POWER_HERB


@rule(inline=False)
def add_standing(match, first, but):
    """Adds those who stand at two places as targets, without `but`."""
    now = match.now
    for at in range(first, first + SLOTS):
        if standing(match, at) and match.active[at] != but:
            now.targets[now.count] = match.active[at]
            now.count += 1


@rule(inline=False)
def add_places(match, first):
    """Adds whoever holds two places as targets, fallen or not."""
    now = match.now
    for at in range(first, first + SLOTS):
        if match.active[at] != NOBODY:
            now.targets[now.count] = match.active[at]
            now.count += 1


@rule(inline=False)
def encored_target(tables, match, who, move):
    """Whom an encored move is aimed at."""
    aim = int(tables.book[0].moves[move].target)
    if aim == Target.ADJACENTALLY:
        return ally_of(match, who)
    if can_redirect(aim):
        return random_foe(tables, match, who)
    return aimed_at(tables, match, who, move, 0)
