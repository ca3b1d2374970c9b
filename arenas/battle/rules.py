"""The rules of a battle. `reset` lays out two teams; `step` takes both sides' choices and plays to the next request."""

from ..compile import rule
from ..dice import draw, seat
from .aim import ally_of, random_foe
from .choices import PASS, SWITCH, TERA, USE, usable, wide
from .endgames import STAGED, lay_hurt, refill
from .entering import come_in
from .falls import forget
from .ids import Move
from .mons import side_of, update_speeds
from .state import NOBODY, Do, Request, Stream
from .status import move_slot
from .terms import Target, Volatile
from .turn import add_action, insert_action, run_turn, sort_actions

# Entries of `options` in the book of tables; those of an endgame follow (endgames.py).
WIDTH, BRING, LEAD_ONLY, COMPACT, OPEN = range(5)
DRAWN, SAME = -1, -2
"""Entries of a setup row that are not a team's number."""


@rule
def reset(tables, match):
    """Both teams on the sheet, nobody chosen yet."""
    for k in range(2):
        side = seat(match, k)
        code = int(match.setup[k])
        if code == SAME:
            code = int(match.setup[1 - k])
            k = 1 - k
        if code == DRAWN:
            code = draw(tables, match, Stream.TEAM.value, k, tables.teams.shape[0])
        team = min(max(code, 0), tables.teams.shape[0] - 1)
        match.team[side] = team
        for i in range(6):
            lay_out(tables, match, side, team, i)
    for at in range(4):
        match.active[at] = NOBODY
        match.rank[at] = NOBODY
    for side in range(2):
        for i in range(6):
            match.line[side, i] = NOBODY
    match.request = Request.PREVIEW
    match.asked[0] = 1
    match.asked[1] = 1
    if tables.book[0].options[STAGED]:
        lay_hurt(tables, match)
        begin(tables, match)
        count_score(match)
        clean(tables, match)


@rule(inline=False)
def lay_out(tables, match, side, team, i):
    """One Pokemon as its sheet says."""
    sheet = tables.teams[team, i]
    mon = match.mon[6 * side + i]
    species = tables.book[0].species[sheet.species]
    mon.species = sheet.species
    mon.held = sheet.held
    mon.ability = sheet.ability
    mon.own_ability = sheet.ability
    mon.tera = sheet.tera
    mon.level = sheet.level
    mon.hp = sheet.stats[0]
    mon.types[0] = species.types[0]
    mon.types[1] = species.types[1]
    mon.lowered = 0
    mon.place = NOBODY
    mon.at = NOBODY
    for k in range(6):
        mon.stats[k] = sheet.stats[k]
        if tables.book[0].natures[sheet.nature, k] < 100:
            mon.lowered = k
    for k in range(4):
        mon.moves[k] = sheet.moves[k]
        mon.pp[k] = tables.book[0].moves[sheet.moves[k]].pp
    forget(match, 6 * side + i)


@rule
def step(tables, match, actions):
    """One request answered."""
    match.rolls = 0
    if match.request == Request.PREVIEW:
        preview(tables, match, actions)
    else:
        take_orders(tables, match, actions)
        run_turn(tables, match)
    count_score(match)
    clean(tables, match)


@rule(inline=False)
def count_score(match):
    """A thousand for each that has not fallen, and what is left of it in thousandths."""
    for side in range(2):
        total = 0
        for who in range(6 * side, 6 * side + 6):
            mon = match.mon[who]
            if mon.place != NOBODY and mon.hp > 0:
                total += 1000 + 1000 * int(mon.hp) // max(int(mon.stats[0]), 1)
        match.score[side] = total


@rule(inline=False)
def clean(tables, match):
    """Wipes what is of no use after this request, so that equal matches have equal bytes."""
    if tables.book[0].options[STAGED]:
        refill(tables, match)
    blank = tables.book[0].blank
    match.now = blank.now
    for i in range(match.residual.shape[0]):
        match.residual[i] = blank.residual
    for i in range(match.falls.shape[0]):
        match.falls[i] = blank.fall
    for i in range(int(match.queued), match.queue.shape[0]):
        match.queue[i] = blank.action
    match.rolls = 0
    for at in range(4):
        match.rank[at] = 0


# --- preview ---


@rule(inline=False)
def preview(tables, match, actions):
    """Each side picks: first who leads, then who else comes. When all are picked the battle begins."""
    for side in range(2):
        for slot in range(int(tables.book[0].options[WIDTH])):
            choice = int(actions[side, slot])
            if SWITCH <= choice < USE:
                pick(match, side, choice - SWITCH)
        if tables.book[0].options[LEAD_ONLY]:
            for k in range(6):
                if match.mon[6 * side + k].species:
                    pick(match, side, k)
    if match.picked[0] >= tables.book[0].options[BRING] and match.picked[1] >= tables.book[0].options[BRING]:
        begin(tables, match)


@rule
def pick(match, side, k):
    """The k-th of the sheet comes along, next in line."""
    mon = match.mon[6 * side + k]
    if mon.place == NOBODY:
        n = int(match.picked[side])
        mon.place = n
        match.line[side, n] = 6 * side + k
        match.picked[side] = n + 1


@rule(inline=False)
def begin(tables, match):
    """Those in front come in."""
    match.left[0] = match.picked[0]
    match.left[1] = match.picked[1]
    match.mid_turn = 1
    for k in range(2):
        side = seat(match, k)
        for slot in range(int(tables.book[0].options[WIDTH])):
            who = int(match.line[side, slot])
            if who != NOBODY:
                come_in(tables, match, who, 2 * side + slot, False)
                insert_action(tables, match, Do.ENTER.value, who)
    run_turn(tables, match)


# --- orders ---


@rule(inline=False)
def take_orders(tables, match, actions):
    """Puts what both sides chose into the queue, in front of what still waits there."""
    update_speeds(tables, match)
    count = 0
    switching = match.request == Request.SWITCH
    for k in range(2):
        side = seat(match, k)
        for slot in range(int(tables.book[0].options[WIDTH])):
            who = int(match.active[2 * side + slot])
            choice = wide(tables, int(actions[side, slot]))
            if who == NOBODY or choice == PASS or not match.asked[side]:
                continue
            if choice < USE:
                kind = Do.REPLACE.value if switching else Do.SWITCH.value
                add_action(tables, match, count, kind, who, 6 * side + choice - SWITCH, 0, 0)
                count += 1
            else:
                count = order_move(tables, match, count, who, choice - USE)
    for at in range(4):
        if match.active[at] != NOBODY:
            match.mon[match.active[at]].must_go = 0
    sort_actions(tables, match, count)


@rule(inline=False)
def order_move(tables, match, count, who, choice):
    """Puts a move into the queue, and Terastallization before it. Returns how many actions there are now."""
    mon = match.mon[who]
    if choice >= TERA:
        choice -= TERA
        add_action(tables, match, count, Do.TERASTALLIZE.value, who, NOBODY, 0, 0)
        count += 1
    k, loc = choice // 5 % 4, choice % 5 - 2
    move = int(mon.moves[k])
    if mon.locked and (mon.turns[Volatile.LOCKEDMOVE] or mon.turns[Volatile.TWOTURNMOVE]):
        move, loc = int(mon.locked), int(mon.last_loc)
    elif not usable(tables, match, who, k):
        move, loc = Move.STRUGGLE.value, 0
    else:
        loc = default_loc(tables, match, who, move, loc)
    add_action(tables, match, count, Do.MOVE.value, who, NOBODY, move, loc)
    return count + 1


@rule(inline=False)
def default_loc(tables, match, who, move, loc):
    """Where a move goes that was not aimed: at the only foe in singles, or the only ally, or at anybody."""
    mon = match.mon[who]
    aim = int(tables.book[0].moves[move].target)
    if aim == Target.ADJACENTALLY and loc == 0 and ally_of(match, who) != NOBODY:
        return -(2 - int(mon.at) % 2)
    if loc == 0 and (aim == Target.NORMAL or aim == Target.ANY or aim == Target.ADJACENTFOE):
        return 1
    if blind(aim) and tables.book[0].options[WIDTH] > 1 and gathers(mon):
        return 1 + (random_foe(tables, match, who) == match.active[2 * (1 - side_of(who)) + 1])
    return loc


@rule
def blind(aim):
    """Whether a move is aimed at nobody in particular, and yet not at one's own side alone."""
    return (
        aim == Target.ALLADJACENT
        or aim == Target.ALLADJACENTFOES
        or aim == Target.FOESIDE
        or aim == Target.ALLIES
        or aim == Target.RANDOMNORMAL
    )


@rule
def gathers(mon):
    """Whether it knows a move that gathers strength, which goes where the order went that Encore put it in place of."""
    return move_slot(mon, Move.METEOR_BEAM) >= 0 or move_slot(mon, Move.ELECTRO_SHOT) >= 0


@rule
def mirror(tables, match):
    """The sides exchange everything."""
    for k in range(6):
        match.scratch = match.mon[k]
        match.mon[k] = match.mon[6 + k]
        match.mon[6 + k] = match.scratch
    match.scratch = tables.book[0].blank.mon
    for who in range(12):
        mon = match.mon[who]
        mon.at = other_place(int(mon.at))
        if mon.turns[Volatile.LEECHSEED]:
            mon.seeder = other_place(int(mon.seeder))
    for i in range(int(match.queued)):
        action = match.queue[i]
        if action.who != NOBODY:
            action.who = other_side(int(action.who))
        if action.into != NOBODY:
            action.into = other_side(int(action.into))
    for at in range(2):
        first, second = int(match.active[at]), int(match.active[2 + at])
        match.active[at] = other_side(second)
        match.active[2 + at] = other_side(first)
    for i in range(6):
        first, second = int(match.line[0, i]), int(match.line[1, i])
        match.line[0, i] = other_side(second)
        match.line[1, i] = other_side(first)
    for kind in range(match.layers.shape[1]):
        match.layers[0, kind], match.layers[1, kind] = int(match.layers[1, kind]), int(match.layers[0, kind])
    match.rock_first[0], match.rock_first[1] = int(match.rock_first[1]), int(match.rock_first[0])
    match.later[0], match.later[1] = int(match.later[1]), int(match.later[0])
    match.team[0], match.team[1] = int(match.team[1]), int(match.team[0])
    match.left[0], match.left[1] = int(match.left[1]), int(match.left[0])
    match.picked[0], match.picked[1] = int(match.picked[1]), int(match.picked[0])
    match.tera_used[0], match.tera_used[1] = int(match.tera_used[1]), int(match.tera_used[0])
    match.asked[0], match.asked[1] = int(match.asked[1]), int(match.asked[0])


@rule
def other_side(who):
    return (who + 6) % 12 if who != NOBODY else NOBODY


@rule
def other_place(at):
    return at ^ 2 if at != NOBODY else NOBODY
