"""The turn: the queue of actions, what each does, and what is asked for when it stops (sim/battle.ts)."""

from ..compile import rule
from .effects import can_switch
from .entering import come_in, embody, enter
from .falls import drop_fallen
from .ids import Ability, Move
from .items import update
from .mons import TERA_SHOWN, ability, alive, grounded, place_in_order, roll, show, side_of, speed_of, update_speeds
from .moves import run_move
from .residual import residual
from .state import NOBODY, SLOTS, Do, Request, Stream
from .status import move_slot
from .terms import Category, Flag, Terrain, Type, Volatile


@rule(inline=False)
def priority_of(tables, match, who, move):
    """A move's priority, by its user's ability and the terrain."""
    row = tables.book[0].moves[move]
    mon = match.mon[who]
    priority = int(row.priority)
    if move == Move.GRASSY_GLIDE and match.terrain == Terrain.GRASSYTERRAIN and grounded(tables, match, who):
        priority += 1
    power = ability(match, who)
    if power == Ability.PRANKSTER and row.category == Category.STATUS:
        priority += 1
    elif power == Ability.GALE_WINGS and row.type == Type.FLYING and mon.hp == mon.stats[0]:
        priority += 1
    elif power == Ability.TRIAGE and int(row.traits) & Flag.HEAL.value:
        priority += 3
    return priority


@rule(inline=False)
def time_action(tables, match, i):
    """Looks up the priority and speed of the i-th action."""
    action = match.queue[i]
    if action.who == NOBODY:
        action.speed = 1
        return
    if action.kind == Do.MOVE:
        action.priority = priority_of(tables, match, int(action.who), int(action.move))
    action.speed = speed_of(tables, match, int(action.who))


@rule(inline=False)
def add_action(tables, match, i, kind, who, into, move, loc):
    """Writes a new action at place i of the queue, others moving back."""
    for j in range(int(match.queued), i, -1):
        match.queue[j] = match.queue[j - 1]
    match.queued += 1
    action = match.queue[i]
    action.kind = kind
    action.who = who
    action.into = into
    action.move = move
    action.loc = loc
    action.order = kind
    action.priority = 0
    time_action(tables, match, i)


@rule
def before(a, b):
    """Below 0 if action a comes before b, above 0 if after, 0 for a tie."""
    if a.order != b.order:
        return int(a.order) - int(b.order)
    if a.priority != b.priority:
        return int(b.priority) - int(a.priority)
    return int(b.speed) - int(a.speed)


@rule(inline=False)
def insert_action(tables, match, kind, who):
    """Puts an action where it belongs in the queue; among equals the place is drawn."""
    end = int(match.queued)
    if who != NOBODY:
        match.mon[who].speed = speed_of(tables, match, who)
    add_action(tables, match, end, kind, who, NOBODY, 0, 0)
    new = match.queue[end]
    first, last = -1, -1
    for i in range(end):
        compared = before(new, match.queue[i])
        if compared <= 0 and first < 0:
            first = i
        if compared < 0:
            last = i
            break
    if first < 0:
        return
    if last < 0:
        last = end
    at = first if first == last else first + roll(tables, match, Stream.TIE_INSERT.value, last - first + 1)
    match.queued = end
    add_action(tables, match, at, kind, who, NOBODY, 0, 0)


@rule
def seat_of_action(match, i):
    """Where ties list it: by the place of who acts, the first side's first."""
    who = int(match.queue[i].who)
    at = int(match.mon[who].at)
    if at == NOBODY:  # fallen
        for k in range(4):
            if match.active[k] == who:
                at = k
    return at ^ 2 * int(match.flipped)


@rule(inline=False)
def swap(match, i, j):
    """Exchanges two actions by way of the last entry of the queue."""
    if i != j:
        spare = match.queue.shape[0] - 1
        match.queue[spare] = match.queue[i]
        match.queue[i] = match.queue[j]
        match.queue[j] = match.queue[spare]


@rule(inline=False)
def sort_actions(tables, match, count):
    """Sorts the first `count` actions; those that tie end in a drawn order."""
    for i in range(1, count):
        j = i
        while j > 0:
            compared = before(match.queue[j], match.queue[j - 1])
            if compared > 0 or (compared == 0 and seat_of_action(match, j) >= seat_of_action(match, j - 1)):
                break
            swap(match, j, j - 1)
            j -= 1
    low = 0
    while low < count:
        high = low + 1
        while high < count and before(match.queue[low], match.queue[high]) == 0:
            high += 1
        for i in range(low, high - 1):
            swap(match, i, i + roll(tables, match, Stream.TIE_ACTION.value, high - i))
        low = high


# --- running it ---


@rule(inline=False)
def run_turn(tables, match):
    """Goes on with the queue until somebody must choose, or the battle is over."""
    if not match.mid_turn:
        insert_action(tables, match, Do.BEFORE_TURN.value, NOBODY)
        add_action(tables, match, int(match.queued), Do.RESIDUAL.value, NOBODY, NOBODY, 0, 0)
        match.mid_turn = 1
    while match.queued > 0:
        action = match.queue[0]
        kind, who, into = int(action.kind), int(action.who), int(action.into)
        move, loc, priority = int(action.move), int(action.loc), int(action.priority)
        shift_queue(match)
        if kind == Do.MOVE and match.mon[who].at == NOBODY:
            continue  # it fell before its turn came
        run_action(tables, match, kind, who, into, move, loc, priority)
        if match.ended or afterwards(tables, match):
            return
    end_turn(tables, match)
    match.mid_turn = 0


@rule
def shift_queue(match):
    """Takes the first action off."""
    for i in range(int(match.queued) - 1):
        match.queue[i] = match.queue[i + 1]
    match.queued -= 1


@rule(inline=False)
def run_action(tables, match, kind, who, into, move, loc, priority):
    """One action."""
    if kind == Do.MOVE:
        run_move(tables, match, who, move, loc, priority)
    elif kind == Do.SWITCH or kind == Do.REPLACE:
        at = place_held(match, who)
        come_in(tables, match, into, at, False)
        insert_action(tables, match, Do.ENTER.value, into)
    elif kind == Do.ENTER:
        entrants = 1 << int(match.mon[who].at)
        while match.queued > 0 and match.queue[0].kind == Do.ENTER:
            entrants |= 1 << int(match.mon[match.queue[0].who].at)
            shift_queue(match)
        enter(tables, match, entrants)
    elif kind == Do.TERASTALLIZE:
        if match.mon[who].at != NOBODY:
            terastallize(tables, match, who)
    elif kind == Do.RESIDUAL:
        match.now.move = 0
        update_speeds(tables, match)
        residual(tables, match)
    if match.ended:
        return
    for k in range(4):
        at = place_in_order(match, k)
        if match.active[at] != NOBODY and match.mon[match.active[at]].dragged:
            drag(tables, match, at)
    match.now.move = 0
    drop_fallen(tables, match, True)


@rule
def place_held(match, who):
    """The place somebody holds, fallen or not."""
    first = 2 * side_of(who)
    return first if match.active[first] == who else first + 1


@rule(inline=False)
def drag(tables, match, at):
    """Somebody is blown out, and another, drawn, dragged in."""
    out = int(match.active[at])
    match.mon[out].dragged = 0
    side = side_of(out)
    count = can_switch(match, side)
    if match.mon[out].hp == 0 or count == 0:
        return
    chosen = roll(tables, match, Stream.DRAG.value, count)
    who = bench(match, side, chosen)
    come_in(tables, match, who, at, True)
    enter(tables, match, 1 << at)


@rule(inline=False)
def bench(match, side, k):
    """The k-th of those who could come in, in the order in which they stand."""
    for i in range(6):
        who = int(match.line[side, i])
        if who == NOBODY:
            continue
        mon = match.mon[who]
        waits = match.active[2 * side] != who and match.active[2 * side + 1] != who
        if waits and not mon.fainted:
            if k == 0:
                return who
            k -= 1
    return NOBODY


@rule(inline=False)
def terastallize(tables, match, who):
    """Takes its Tera type for the rest of the battle. Ogerpon changes its forme and ability."""
    mon = match.mon[who]
    into = int(tables.book[0].species[mon.species].tera_forme)
    masked = mon.tera == Type.FIRE or mon.tera == Type.GRASS or mon.tera == Type.ROCK or mon.tera == Type.WATER
    if into and not masked:
        return  # the games crash; Showdown does nothing
    mon.terastallized = mon.tera
    match.tera_used[side_of(who)] = 1
    show(mon, TERA_SHOWN)
    if into:
        ability_then = int(tables.book[0].species[mon.species].tera_ability)
        mon.species = into
        mon.ability = ability_then
        mon.own_ability = ability_then
        match.later[side_of(who)] = mon.at % SLOTS
        embody(match, who)


@rule(inline=False)
def afterwards(tables, match):
    """After each action: who must be replaced, what updates, and the order of what is left. Whether to stop and ask."""
    if match.queued == 0:
        for at in range(4):
            who = int(match.active[at])
            if who != NOBODY and match.mon[who].fainted:
                match.mon[who].must_go = 1
                match.mon[who].status = 0  # until now it could tie with others' burns and poisons
                match.mon[who].status_turns = 0
    elif match.queue[0].kind == Do.REPLACE:
        return False
    update(tables, match)
    asked = False
    for side in range(2):
        match.asked[side] = 0
        going = must_go(match, side)
        if not going:
            continue
        if can_switch(match, side) == 0:
            for at in range(2 * side, 2 * side + 2):
                if match.active[at] != NOBODY:
                    match.mon[match.active[at]].must_go = 0
            continue
        for at in range(2 * side, 2 * side + 2):
            if alive(match, at) and match.mon[match.active[at]].must_go:
                match.mon[match.active[at]].going = 1
        match.asked[side] = 1
        asked = True
    if asked:
        match.request = Request.SWITCH
        return True
    if match.queued > 0 and match.queue[0].kind == Do.MOVE:
        update_speeds(tables, match)
        for i in range(int(match.queued)):
            time_action(tables, match, i)
        sort_actions(tables, match, int(match.queued))
    return False


@rule
def must_go(match, side):
    """Whether anybody of a side must be replaced."""
    for at in range(2 * side, 2 * side + 2):
        if match.active[at] != NOBODY and match.mon[match.active[at]].must_go:
            return True
    return False


@rule(inline=False)
def end_turn(tables, match):
    """The turn is over: what each may do in the next."""
    match.turn += 1
    for at in range(4):
        who = int(match.active[at])
        if who == NOBODY:
            continue
        mon = match.mon[who]
        mon.new = 0
        mon.last_result = mon.result
        mon.result = 0
        if match.turn != 1:
            mon.raised = 0
        held_to = tables.book[0].items[mon.held].choice and move_slot(mon, int(mon.chosen)) >= 0  # not to Struggle
        if mon.turns[Volatile.CHOICELOCK] and not held_to:
            mon.turns[Volatile.CHOICELOCK] = 0
            mon.chosen = 0
    match.request = Request.MOVE
    match.asked[0] = 1
    match.asked[1] = 1
