"""What a side tells its units: one choice a unit, from its own frame.

Choices in order: nothing, stop, eight moves, attack enemy row k (the other side's rows, then hostile ones), heal own
row k, gather at node k, make the k-th kind, march to a place: a site of the map or a structure one remembers. Sections
a scenario has no use for are empty. A structure makes units; gathering is where the workers it makes go, a move or a
place sets where the others go.
"""

from ..compile import rule
from ..dice import seat
from .building import plan
from .economy import can_make, leave_field, open_to, own_node, train
from .plane import facing, side_rows
from .state import ATTACKS, CAMP_ROWS, FINE, GHOSTS, HOSTILE, MOVES, Opt, Order, Role, Task

STRIDE = 2 * FINE
"""How far one is sent by a move."""
SLANT = 362
"""STRIDE / sqrt(2)."""
RALLY = 3
"""A rally point is so many moves away."""
DIRECTIONS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


@rule
def foe_row(tables, match, side, k):
    """The unit table's row of the k-th enemy a side can name."""
    others = int(tables.options[Opt.FOES])
    if k < others:
        return (1 - side) * side_rows(match) + k
    creep = k - others
    if tables.options[Opt.TASK] == Task.WAVES and tables.options[Opt.SIDES] == 2:
        creep ^= seat(match, side) * CAMP_ROWS  # one's own camp comes first
    return HOSTILE * side_rows(match) + creep


@rule
def east_of(direction):
    """How far a move in a direction goes east, in the side's frame."""
    if direction == 0:
        return STRIDE
    if direction == 4:
        return -STRIDE
    if direction == 2 or direction == 6:
        return 0
    return SLANT if direction == 1 or direction == 7 else -SLANT


@rule
def send(tables, match, me, side, x, y, order):
    """Sends a unit to a point of its side's frame; points beyond the map are brought inside."""
    sign = facing(match, side)
    wide = tables.ground.shape[1] * FINE - int(me.radius)
    high = tables.ground.shape[0] * FINE - int(me.radius)
    me.order = order
    me.target = -1
    me.aim = -1
    me.windup = 0
    me.goal_x = min(max(x, -wide), wide) * sign
    me.goal_y = min(max(y, -high), high) * sign


@rule(inline=False)
def command_unit(tables, match, side, slot, choice):
    """Gives one unit the order that a choice stands for. What cannot be done any more is not done."""
    row = side * side_rows(match) + slot
    me = match.unit[row]
    options = tables.options
    if choice == 0 or me.kind == 0 or (me.work > 0 and me.order != Order.GATHER):
        return
    kind = tables.units[me.kind]
    if choice >= options[Opt.GO]:
        go(tables, match, side, row, choice - int(options[Opt.GO]))
        return
    if choice >= options[Opt.MAKE]:
        made = int(tables.makes[choice - int(options[Opt.MAKE])])
        if can_make(tables, match, side, me, made):
            if me.fixed:
                train(tables, match, side, me, made)
            else:
                plan(tables, match, row, side, made)
        return
    if me.fixed:
        if MOVES <= choice < ATTACKS:
            sign = facing(match, side)
            me.rally_x = int(me.x) + sign * RALLY * east_of(choice - MOVES)
            me.rally_y = int(me.y) + sign * RALLY * east_of((choice - MOVES + 6) % 8)
        elif choice >= options[Opt.GATHER]:
            me.target = own_node(tables, match, side, choice - int(options[Opt.GATHER]))
        return
    if choice < options[Opt.GATHER]:
        leave_field(match, row)
    if choice == 1:
        me.order = Order.IDLE
        me.target = -1
        me.aim = -1
        me.windup = 0
    elif choice < ATTACKS:
        direction = choice - MOVES
        sign = facing(match, side)
        x = int(me.x) * sign + east_of(direction)
        y = int(me.y) * sign + east_of((direction + 6) % 8)
        send(tables, match, me, side, x, y, Order.MOVE.value)
    elif choice < options[Opt.HEAL]:
        row = foe_row(tables, match, side, choice - ATTACKS)
        if (int(match.unit[row].seen) >> side) & 1 and match.unit[row].kind > 0:
            follow(me, row, Order.ATTACK.value)
    elif choice < options[Opt.GATHER]:
        row = side * side_rows(match) + choice - int(options[Opt.HEAL])
        if match.unit[row].kind > 0 and kind.role == Role.HEALER:
            follow(me, row, Order.HEAL.value)
    else:
        node = own_node(tables, match, side, choice - int(options[Opt.GATHER]))
        if open_to(tables, match, node, side) and kind.role == Role.WORKER:
            if me.order != Order.GATHER or me.target != node:
                leave_field(match, row)
                follow(me, node, Order.GATHER.value)


@rule(inline=False)
def go(tables, match, side, row, place):
    """Sends a unit to a site or to a remembered structure, fighting what comes near; a structure its recruits."""
    me = match.unit[row]
    sign = facing(match, side)
    sites = int(tables.options[Opt.SITES])
    if place < sites:
        x, y = int(tables.sites[place, 0]), int(tables.sites[place, 1])
    else:
        ghost = match.ghost[side, place - sites]
        if ghost.kind == 0:
            return
        x, y = int(ghost.x) * sign, int(ghost.y) * sign
    if me.fixed:
        me.rally_x = x * sign
        me.rally_y = y * sign
    else:
        leave_field(match, row)
        send(tables, match, me, side, x, y, Order.MARCH.value)


@rule
def follow(me, target, order):
    """Orders a unit to do something to a target; an attack already begun on it goes on."""
    if me.aim != target or order != Order.ATTACK:
        me.windup = 0
        me.aim = -1
    me.target = target
    me.order = order


@rule
def may(tables, match, side, slot, masks):
    """Marks what one unit may be told: its row of `masks`, those of earlier slots stand."""
    mask = masks[slot]
    mask[0] = 1
    me = match.unit[side * side_rows(match) + slot]
    if me.kind == 0 or (me.work > 0 and me.order != Order.GATHER):
        return
    options = tables.options
    kind = tables.units[me.kind]
    for k in range(int(options[Opt.GO]) - int(options[Opt.MAKE])):
        mask[int(options[Opt.MAKE]) + k] = can_make(tables, match, side, me, int(tables.makes[k]))
    like = alike(match, side, slot, masks)
    if kind.role == Role.WORKER or kind.role == Role.HALL:
        for choice in range(int(options[Opt.GATHER]), int(options[Opt.MAKE])):
            if like >= 0:
                mask[choice] = masks[like, choice]
            else:
                node = own_node(tables, match, side, choice - int(options[Opt.GATHER]))
                mask[choice] = open_to(tables, match, node, side)
    if me.fixed and kind.role != Role.BUILDING and kind.role != Role.HALL:
        return
    for choice in range(1, ATTACKS):
        mask[choice] = 1
    if options[Opt.SITES] > 0:
        for k in range(int(options[Opt.SITES])):
            mask[int(options[Opt.GO]) + k] = 1
        for k in range(GHOSTS):
            mask[int(options[Opt.GO]) + int(options[Opt.SITES]) + k] = match.ghost[side, k].kind > 0
    if me.fixed:
        mask[1] = 0
        return
    if like >= 0:
        for choice in range(ATTACKS, int(options[Opt.HEAL])):
            mask[choice] = masks[like, choice]
    for k in range(int(options[Opt.HEAL]) - ATTACKS if like < 0 else 0):
        it = match.unit[foe_row(tables, match, side, k)]
        mask[ATTACKS + k] = (
            it.kind > 0
            and (int(it.seen) >> side) & 1
            and kind.damage > 0
            and (it.layer == 0 or kind.hits_air > 0)
            and not (tables.options[Opt.TRUCE] > 0 and k < options[Opt.FOES])
        )
    if kind.role == Role.HEALER:
        for k in range(int(options[Opt.GATHER]) - int(options[Opt.HEAL])):
            mask[int(options[Opt.HEAL]) + k] = k != slot and match.unit[side * side_rows(match) + k].kind > 0


@rule
def alike(match, side, slot, masks):
    """The last slot before this one whose unit is of the same kind, moves and is free, so that it may attack and gather
    the same; -1: none."""
    first = side * side_rows(match)
    for other in range(slot - 1, -1, -1):
        if match.unit[first + other].kind == match.unit[first + slot].kind and masks[other, 1] > 0:
            return other
    return -1
