"""The rules of the commander's interface: one agent a side, who selects units and tells those selected what to do.

It plays the same matches as the interface of units: what a function tells a unit is one of the choices that the unit
has there (`orders.command_unit`), or sends it to a point (`orders.send`).
"""

from ..compile import rule
from .combat import armed_against
from .economy import can_make, leave_field, open_to, own_node
from .functions import COST, MADE, NEED, Arg, Fn, Have
from .orders import command_unit, foe_row, send
from .plane import facing, side_rows
from .rules import mirror as mirror_units
from .rules import reset as reset_units
from .rules import step as step_units
from .screen import View, chosen_pixel, foe_at, look_at, node_at, own_at, point_at, point_choices
from .selection import (
    idle_worker,
    is_army,
    is_idle_worker,
    is_selected,
    recall,
    regroup,
    select_army,
    select_kind,
    select_one,
    select_rectangle,
)
from .state import ATTACKS, CELL, Node, Opt, Order, Role, Task

ACTION = 960
"""What an action costs of the breath that `apm` gives a side in each tick: ticks of a minute."""
BURST = 4 * ACTION
"""As much breath as a side can save up."""


@rule
def reset(tables, match):
    """The scenario's beginning. The camera looks at one's own; an army that stands before an enemy is selected."""
    reset_units(tables, match)
    for side in range(2):
        sign = facing(match, side)
        x, y, count = 0, 0, 0
        for slot in range(int(tables.options[Opt.OWN])):
            me = match.unit[side * side_rows(match) + slot]
            if me.kind > 0:
                x += int(me.x) * sign
                y += int(me.y) * sign
                count += 1
        look_at(tables, match, side, x // max(count, 1), y // max(count, 1))
        match.breath[side] = BURST
        if tables.options[Opt.TASK] == Task.HUNT or tables.options[Opt.TASK] == Task.WAVES:
            select_army(tables, match, side, 0)


@rule
def step(tables, match, actions):
    """One tick: both sides' functions where a decision begins, then what the units' interface does without orders."""
    for side in range(2):
        match.breath[side] = min(int(match.breath[side]) + int(tables.window[View.APM]), BURST)
        if (int(match.tick) - int(match.delay)) % int(match.frame_skip) == 0:
            if is_available(tables, match, side, int(actions[side, 0]), survey(tables, match, side)):
                perform(tables, match, side, actions[side])
    step_units(tables, match, actions[:0])


@rule
def mirror(tables, match):
    """The sides change places; what a commander keeps is in its own frame."""
    mirror_units(tables, match)
    for k in range(2):
        first = int(match.camera[0, k])
        match.camera[0, k] = match.camera[1, k]
        match.camera[1, k] = first
    match.breath[0], match.breath[1] = int(match.breath[1]), int(match.breath[0])


# --- what may be chosen ---


@rule(inline=False)
def survey(tables, match, side):
    """What a side has: Have."""
    have = 0
    if tables.window[View.SCREEN] < max(tables.ground.shape[0], tables.ground.shape[1]) * CELL:
        have |= Have.VIEW.value
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0:
            kind = tables.units[me.kind]
            have |= Have.UNITS.value
            if is_army(tables, me):
                have |= Have.ARMY.value
                if not is_selected(me):
                    have |= Have.NEWCOMER.value
            if is_idle_worker(tables, me):
                have |= Have.IDLE_WORKER.value
            if int(me.marks) > 1:
                have |= Have.GROUP.value
            if is_selected(me):
                have |= Have.SELECTED.value
                if me.fixed:
                    if kind.role == Role.BUILDING or kind.role == Role.HALL:
                        have |= Have.MAKER.value
                    if kind.role == Role.HALL:
                        have |= Have.HALL.value
                elif listens(me):
                    have |= Have.MOVER.value
                    if kind.damage > 0:
                        have |= Have.FIGHTER.value
                    if kind.role == Role.HEALER:
                        have |= Have.HEALER.value
                    if kind.role == Role.WORKER:
                        have |= Have.WORKER.value
                        if me.carry > 0:
                            have |= Have.CARRIER.value
    return have


@rule
def listens(me):
    """Whether a unit listens: one that builds stays at its work."""
    return me.kind > 0 and me.fixed == 0 and (me.work == 0 or me.order == Order.GATHER)


@rule(inline=False)
def is_available(tables, match, side, function, have):
    """Whether a side that has this can use a function."""
    if function < 0 or function >= tables.functions.shape[0]:
        return False
    need = int(tables.functions[function, NEED])
    if have & need != need:
        return False
    if tables.window[View.APM] and int(match.breath[side]) < ACTION * int(tables.functions[function, COST]):
        return False
    made = int(tables.functions[function, MADE])
    return made == 0 or maker_of(tables, match, side, int(tables.makes[made - 1])) >= 0


@rule(inline=False)
def maker_of(tables, match, side, kind):
    """Number of the selected unit that would make a kind: the one with the shortest queue; -1: none can."""
    best, chosen = 100, -1
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if is_selected(me) and (me.fixed != 0 or listens(me)) and can_make(tables, match, side, me, kind):
            waiting = 10 * (me.carry > 0)
            for place in range(me.queue.shape[0]):
                waiting += me.queue[place] != 0
            if waiting < best:
                best, chosen = waiting, slot
    return chosen


@rule
def legal(tables, match, side, mask):
    """The functions that are available, and every argument that exists."""
    have = survey(tables, match, side)
    for function in range(int(tables.window[View.FUNCTIONS])):
        mask[Arg.FUNCTION, function] = is_available(tables, match, side, function, have)
    columns, lines = point_choices(tables)
    for pixel in range(columns):
        mask[Arg.X, pixel] = 1
        mask[Arg.X2, pixel] = 1
    for pixel in range(lines):
        mask[Arg.Y, pixel] = 1
        mask[Arg.Y2, pixel] = 1
    mask[Arg.UNIT, 0] = 1
    for unit in range(int(tables.options[Opt.OWN])):
        mask[Arg.UNIT, unit] = match.unit[side * side_rows(match) + unit].kind > 0 or unit == 0
    for group in range(10):
        mask[Arg.GROUP, group] = 1
    mask[Arg.ADD, 0] = 1
    mask[Arg.ADD, 1] = 1


@rule
def refine(tables, match, side, slot, actions, row):
    """Leaves an argument that the function does not take nothing but its first choice."""
    if slot != Arg.FUNCTION and tables.functions[int(actions[0]), slot] == 0:
        for choice in range(1, row.shape[0]):
            row[choice] = 0
        row[0] = 1


# --- what is done ---


@rule(inline=False)
def perform(tables, match, side, chosen):
    """Does what a side's function says."""
    function, more = int(chosen[Arg.FUNCTION]), int(chosen[Arg.ADD])
    small = function == Fn.MOVE_CAMERA or function == Fn.ATTACK_MINIMAP
    small = small or function == Fn.MOVE_MINIMAP or function == Fn.SMART_MINIMAP
    px, py = chosen_pixel(tables, int(chosen[Arg.X]), int(chosen[Arg.Y]))
    px2, py2 = chosen_pixel(tables, int(chosen[Arg.X2]), int(chosen[Arg.Y2]))
    x, y = point_at(tables, match, side, px, py, small)
    match.breath[side] -= ACTION * int(tables.functions[function, COST]) * (tables.window[View.APM] > 0)
    if function == Fn.MOVE_CAMERA:
        look_at(tables, match, side, x, y)
    elif function == Fn.SELECT_POINT:
        select_one(tables, match, side, own_at(tables, match, side, x, y), more)
    elif function == Fn.SELECT_TYPE:
        select_kind(tables, match, side, x, y, more)
    elif function == Fn.SELECT_RECT:
        select_rectangle(tables, match, side, min(px, px2), max(px, px2), min(py, py2), max(py, py2), more)
    elif function == Fn.SELECT_ARMY:
        select_army(tables, match, side, more)
    elif function == Fn.SELECT_IDLE_WORKER:
        select_one(tables, match, side, idle_worker(tables, match, side), more)
    elif function == Fn.SELECT_UNIT:
        unit = int(chosen[Arg.UNIT])
        if match.unit[side * side_rows(match) + unit].kind > 0:
            select_one(tables, match, side, unit, more)
    elif function == Fn.SELECT_GROUP:
        recall(tables, match, side, int(chosen[Arg.GROUP]), more)
    elif function == Fn.SET_GROUP or function == Fn.ADD_TO_GROUP:
        regroup(tables, match, side, int(chosen[Arg.GROUP]), function == Fn.ADD_TO_GROUP)
    elif tables.functions[function, MADE] > 0:
        make = int(tables.functions[function, MADE]) - 1
        unit = maker_of(tables, match, side, int(tables.makes[make]))
        command_unit(tables, match, side, unit, int(tables.options[Opt.MAKE]) + make)
    elif function != Fn.NO_OP:
        tell_selected(tables, match, side, function, x, y, not small)


@rule(inline=False)
def tell_selected(tables, match, side, function, x, y, near):
    """Tells all that are selected to do something at a point. near: of the screen, where things can be pointed at."""
    foe, node, patient = -1, -1, -1
    if near:
        foe = foe_at(tables, match, side, x, y)
        node = node_at(tables, match, side, x, y)
        patient = own_at(tables, match, side, x, y)
    goal_x, goal_y = very_place(tables, match, side, node, x, y)
    smart = function == Fn.SMART_SCREEN or function == Fn.SMART_MINIMAP
    attacks = function == Fn.ATTACK_SCREEN or function == Fn.ATTACK_MINIMAP
    moves = function == Fn.MOVE_SCREEN or function == Fn.MOVE_MINIMAP
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if is_selected(me) and me.fixed:
            tell_structure(tables, match, side, slot, function, node, x, y)
        elif is_selected(me) and listens(me):
            if function == Fn.STOP or function == Fn.HOLD:
                command_unit(tables, match, side, slot, 1)
                if function == Fn.HOLD:
                    me.order = Order.HOLD
            elif function == Fn.HARVEST_RETURN:
                if me.carry > 0 and me.order != Order.RETURN:
                    leave_field(match, side * side_rows(match) + slot)
                    bring(me)
            elif attacks or smart or function == Fn.HEAL_SCREEN or function == Fn.HARVEST_GATHER:
                choice = 0
                if attacks or smart:
                    choice = attack_choice(tables, match, side, me, foe)
                if choice == 0 and not attacks:
                    choice = work_choice(tables, match, side, slot, function, node, patient)
                if choice > 0:
                    command_unit(tables, match, side, slot, choice)
                elif attacks:
                    march(tables, match, side, slot, x, y)
                elif smart:
                    walk(tables, match, side, slot, goal_x, goal_y)
            elif moves:
                walk(tables, match, side, slot, goal_x, goal_y)


@rule
def very_place(tables, match, side, node, x, y):
    """Where one walks who is sent to a point: to the shard that is there, which may lie in a corner of its pixel."""
    if node >= 0:
        it = match.node[own_node(tables, match, side, node)]
        if it.kind == Node.SHARD:
            sign = facing(match, side)
            return int(it.x) * sign, int(it.y) * sign
    return x, y


@rule
def bring(me):
    """Sends a worker home with what it carries."""
    me.order = Order.RETURN
    me.aim = -1
    me.windup = 0


@rule(inline=False)
def attack_choice(tables, match, side, me, foe):
    """The choice by which a unit attacks an enemy (its number as the side counts them); 0: there is none."""
    if foe < 0 or (tables.options[Opt.TRUCE] > 0 and foe < tables.options[Opt.FOES]):
        return 0
    it = match.unit[foe_row(tables, match, side, foe)]
    return ATTACKS + foe if armed_against(tables.units[me.kind], it) else 0


@rule(inline=False)
def work_choice(tables, match, side, slot, function, node, patient):
    """The choice by which a worker gathers at a node, or a healer heals one of its own; 0: there is none."""
    me = match.unit[side * side_rows(match) + slot]
    kind = tables.units[me.kind]
    if kind.role == Role.WORKER and node >= 0 and function != Fn.HEAL_SCREEN and tables.options[Opt.WORK]:
        if open_to(tables, match, own_node(tables, match, side, node), side):
            return int(tables.options[Opt.GATHER]) + node
    if kind.role == Role.HEALER and patient >= 0 and patient != slot and function != Fn.HARVEST_GATHER:
        return int(tables.options[Opt.HEAL]) + patient
    return 0


@rule(inline=False)
def tell_structure(tables, match, side, slot, function, node, x, y):
    """Tells a structure where what it makes goes: workers to a field, the others to a point."""
    me = match.unit[side * side_rows(match) + slot]
    kind = tables.units[me.kind]
    smart = function == Fn.SMART_SCREEN or function == Fn.SMART_MINIMAP
    if kind.role != Role.HALL and kind.role != Role.BUILDING:
        return
    if kind.role == Role.HALL and (function == Fn.RALLY_WORKERS or smart) and node >= 0:
        if tables.options[Opt.WORK] and open_to(tables, match, own_node(tables, match, side, node), side):
            command_unit(tables, match, side, slot, int(tables.options[Opt.GATHER]) + node)
    elif function == Fn.RALLY_UNITS or smart:
        sign = facing(match, side)
        me.rally_x = x * sign
        me.rally_y = y * sign


@rule
def walk(tables, match, side, slot, x, y):
    """Sends a unit to a point; it fights nobody on the way."""
    row = side * side_rows(match) + slot
    leave_field(match, row)
    send(tables, match, match.unit[row], side, x, y, Order.MOVE.value)


@rule
def march(tables, match, side, slot, x, y):
    """Sends a unit to a point; it fights what comes near. Told again, it goes on with the attack it has begun."""
    row = side * side_rows(match) + slot
    me = match.unit[row]
    aim, windup = (int(me.aim), int(me.windup)) if me.order == Order.MARCH else (-1, 0)
    leave_field(match, row)
    send(tables, match, me, side, x, y, Order.MARCH.value)
    me.aim = aim
    me.windup = windup
