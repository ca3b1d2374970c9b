"""What a side may imagine of a battle: everything it has been shown stays, the rest is drawn from a stated prior.

- A foe's stats are those of a set of its species, drawn from the teams of the pool, each set alike. With closed sheets
  its whole set is drawn so, from the sets that agree with what has been shown; what has been shown stays.
- Who came along and has not been in: any of the rest of the six, all alike.
- Hit points: any number that shows as the same per cent; a Pokemon at 100 is whole, and so is a substitute.
- Foes who have yet to act this turn use a move they may use, at somebody it can meet, all alike.
- Sleep lasts 1 to 3 more turns, confusion 1 to 4, a rage 1 or 2: nobody knows, of either side.

What everybody saw happen (moves used, turns counted) stays, though `observe` does not repeat all of it. The foe's team
is renumbered to the first of the pool that looks alike.
"""

from ..compile import rule
from ..dice import STREAM_FORK, draw, seat
from .bots import can_aim
from .choices import usable
from .endgames import KNOWN
from .mons import (
    ABILITY_SHOWN,
    CAME_IN,
    ITEM_SHOWN,
    TERA_SHOWN,
    alive,
    shown,
    side_of,
    speed_of,
    update_speeds,
)
from .rules import OPEN, WIDTH, clean, count_score, order_move
from .state import NOBODY, TEAM, Do, Request
from .terms import Stat, Status, Volatile
from .turn import sort_actions, time_action

# What is drawn, by Pokemon: its number times 16 and one of these name a throw.
SET, HEALTH, SLEEP, CONFUSION, RAGE, PLACE, ORDER = range(7)


@rule
def fork(tables, match, side, seed):
    """The chance is new already (`seed`, which `draw` reads); this draws what is hidden from `side`."""
    foe = 1 - int(side)
    match.rolls = 0
    renumber(tables, match, foe)
    for who in range(6 * foe, 6 * foe + 6):
        if match.mon[who].species:
            imagine_set(tables, match, who)
    for who in range(12):
        imagine_turns(tables, match, who)
    imagine_line(tables, match, foe)
    for who in range(6 * foe, 6 * foe + 6):
        mon = match.mon[who]
        mon.speed = speed_of(tables, match, who) if mon.at != NOBODY else mon.stats[Stat.SPE]
    if match.queued:
        imagine_orders(tables, match, foe)
    count_score(match)
    clean(tables, match)


@rule
def thrown(tables, match, who, what, faces):
    """A throw of the fork's own."""
    return draw(tables, match, STREAM_FORK, int(who) * 16 + what, faces)


# --- sets ---


@rule
def looks_like(tables, mon, sheet):
    """Whether a set could be this Pokemon's, by the species that is seen."""
    return sheet.species == mon.species or (
        sheet.species != 0 and tables.book[0].species[sheet.species].tera_forme == mon.species
    )


@rule(inline=False)
def renumber(tables, match, foe):
    """The first team of the pool with these species in these places stands for the foe's."""
    for team in range(tables.teams.shape[0]):
        alike = True
        for i in range(TEAM):
            alike = alike and looks_like(tables, match.mon[6 * foe + i], tables.teams[team, i])
        if alike:
            match.team[foe] = team
            match.setup[seat(match, foe)] = team
            return


@rule(inline=False)
def agrees(tables, match, who, sheet, percent):
    """Whether a Pokemon that is what `sheet` says could have been shown as this one was."""
    mon = match.mon[who]
    if not looks_like(tables, mon, sheet) or lowest(percent, sheet.stats[0]) > highest(percent, sheet.stats[0]):
        return False
    if tables.book[0].options[OPEN]:
        return True
    if shown(mon, TERA_SHOWN) and sheet.tera != mon.tera:
        return False
    masked = tables.book[0].species[sheet.species].tera_forme != 0  # its ability changes with the mask
    if shown(mon, ABILITY_SHOWN) and not masked and sheet.ability != mon.own_ability:
        return False
    if mon.turns[Volatile.CHOICELOCK] and not shown(mon, ITEM_SHOWN) and not tables.book[0].items[sheet.held].choice:
        return False
    for k in range(4):
        if int(mon.seen_moves) >> k & 1 and not has_move(sheet, int(mon.moves[k])):
            return False
    return True


@rule
def has_move(sheet, move):
    """Whether a set has a move."""
    return sheet.moves[0] == move or sheet.moves[1] == move or sheet.moves[2] == move or sheet.moves[3] == move


@rule(inline=False)
def imagine_set(tables, match, who):
    """Stats and hit points, and with closed sheets all that has not been shown."""
    if tables.book[0].options[OPEN] == KNOWN:
        return
    mon = match.mon[who]
    most = max(int(mon.stats[0]), 1)
    percent = (100 * int(mon.hp) + most - 1) // most
    count = 0
    for number in range(tables.teams.shape[0] * TEAM):
        count += agrees(tables, match, who, tables.teams[number // TEAM, number % TEAM], percent)
    if count == 0:
        return  # a team from outside the pool
    left = thrown(tables, match, who, SET, count)
    number = -1
    while left >= 0:
        number += 1
        left -= agrees(tables, match, who, tables.teams[number // TEAM, number % TEAM], percent)
    sheet = tables.teams[number // TEAM, number % TEAM]
    mon.lowered = 0
    for k in range(6):
        mon.stats[k] = sheet.stats[k]
        if tables.book[0].natures[sheet.nature, k] < 100:
            mon.lowered = k
    low = lowest(percent, sheet.stats[0])
    mon.hp = low + thrown(tables, match, who, HEALTH, highest(percent, sheet.stats[0]) - low + 1)
    if mon.turns[Volatile.SUBSTITUTE]:
        mon.substitute = int(mon.stats[0]) // 4
    if not tables.book[0].options[OPEN]:
        fill_in(tables, mon, sheet)


@rule
def lowest(percent, most):
    """The fewest hit points that show as so many per cent of `most`."""
    return int(most) if percent == 100 else (percent - 1) * int(most) // 100 + 1 if percent else 0


@rule
def highest(percent, most):
    """The most hit points that do."""
    return percent * int(most) // 100


@rule(inline=False)
def fill_in(tables, mon, sheet):
    """Takes from a set what has not been shown."""
    if not shown(mon, TERA_SHOWN):
        mon.tera = sheet.tera
    if not shown(mon, ABILITY_SHOWN):
        mon.ability = sheet.ability
        mon.own_ability = sheet.ability
    if not shown(mon, ITEM_SHOWN):
        mon.held = sheet.held
    for k in range(4):
        if not int(mon.seen_moves) >> k & 1:
            mon.moves[k] = 0
    for j in range(4):
        move = int(sheet.moves[j])
        if move and not has_move(mon, move):
            for k in range(4):
                if mon.moves[k] == 0 and not int(mon.seen_moves) >> k & 1:
                    mon.moves[k] = move
                    break
    for k in range(4):
        if not int(mon.seen_moves) >> k & 1:
            mon.pp[k] = tables.book[0].moves[mon.moves[k]].pp


@rule(inline=False)
def imagine_turns(tables, match, who):
    """How long sleep, confusion and a rage go on."""
    mon = match.mon[who]
    if mon.status == Status.SLP:
        mon.status_turns = 1 + thrown(tables, match, who, SLEEP, 3)
    if mon.turns[Volatile.CONFUSION]:
        mon.turns[Volatile.CONFUSION] = 1 + thrown(tables, match, who, CONFUSION, 4)
    if mon.turns[Volatile.LOCKEDMOVE]:
        mon.lock_left = 1 + thrown(tables, match, who, RAGE, 2)


# --- who came along ---


@rule(inline=False)
def imagine_line(tables, match, foe):
    """Those in play stand first, then those seen before, then as many others as came along, drawn."""
    first = int(tables.book[0].options[WIDTH]) if match.request != Request.PREVIEW else 0
    count = int(match.picked[foe])
    at = min(first, count)
    for i in range(at, 6):
        match.line[foe, i] = NOBODY
    unseen = 0
    for who in range(6 * foe, 6 * foe + 6):
        mon = match.mon[who]
        if not shown(mon, CAME_IN):
            mon.place = NOBODY
            unseen += mon.species != 0
        elif not stands_first(match, foe, who, first):
            match.line[foe, at] = who
            at += 1
    while at < count and unseen > 0:
        k = thrown(tables, match, 12 + at, PLACE, unseen)
        for who in range(6 * foe, 6 * foe + 6):
            mon = match.mon[who]
            if mon.species and not shown(mon, CAME_IN) and mon.place == NOBODY:
                if k == 0:
                    mon.place = at
                    match.line[foe, at] = who
                    break
                k -= 1
        at += 1
        unseen -= 1
    for i in range(count):
        if match.line[foe, i] != NOBODY:
            match.mon[match.line[foe, i]].place = i


@rule
def stands_first(match, foe, who, first):
    """Whether it is in front in the line."""
    return (first > 0 and match.line[foe, 0] == who) or (first > 1 and match.line[foe, 1] == who)


# --- what is still to come this turn ---


@rule(inline=False)
def imagine_orders(tables, match, foe):
    """The foe's actions still waiting become moves that are drawn, and the queue is sorted by what is now imagined."""
    waiting = 0  # bits of the foe's places
    kept = 0
    for i in range(int(match.queued)):
        kind, who = int(match.queue[i].kind), int(match.queue[i].who)
        if who != NOBODY and side_of(who) == foe and (kind == Do.MOVE or kind == Do.SWITCH or kind == Do.TERASTALLIZE):
            if match.mon[who].at != NOBODY:
                waiting |= 1 << int(match.mon[who].at) % 2
            continue
        if kept != i:
            match.queue[kept] = match.queue[i]
        kept += 1
    match.queued = kept
    for slot in range(2):
        if waiting >> slot & 1:
            imagine_move(tables, match, int(match.active[2 * foe + slot]))
    update_speeds(tables, match)
    for i in range(int(match.queued)):
        time_action(tables, match, i)
    sort_actions(tables, match, int(match.queued))


@rule(inline=False)
def imagine_move(tables, match, who):
    """Puts one move into the queue, drawn from those the Pokemon may use and those they can be aimed at."""
    count = 0
    for option in range(20):
        count += may_use(tables, match, who, option)
    left = thrown(tables, match, who, ORDER, max(count, 1))
    choice = 2
    for option in range(20):
        if may_use(tables, match, who, option):
            if left == 0:
                choice = option
                break
            left -= 1
    order_move(tables, match, 0, who, choice)


@rule
def may_use(tables, match, who, option):
    """Whether a move, 5 * its place + location + 2, may be used there."""
    k = option // 5
    return (
        alive(match, int(match.mon[who].at))
        and usable(tables, match, who, k)
        and can_aim(tables, match, who, k, option % 5 - 2)
    )
