"""What a commander has selected, and its control groups: bits of each unit, so that they die with it."""

from ..compile import rule
from .plane import side_rows
from .screen import is_on, own_at
from .state import Opt, Order, Role

SELECTED = 1
GROUPS = 10
"""Control groups a side has."""


@rule
def is_selected(me):
    """Whether a unit is there and selected."""
    return me.kind > 0 and int(me.marks) & SELECTED != 0


@rule
def is_army(tables, me):
    """Whether a unit is there and one of the army: no worker and no structure."""
    return me.kind > 0 and me.fixed == 0 and tables.units[me.kind].role != Role.WORKER


@rule
def is_idle_worker(tables, me):
    """Whether a unit is a worker with nothing to do."""
    return me.kind > 0 and tables.units[me.kind].role == Role.WORKER and me.order == Order.IDLE and me.work == 0


@rule
def select(me, chosen, more):
    """Selects a unit or not; `more`: those selected before stay so."""
    if chosen:
        me.marks = int(me.marks) | SELECTED
    elif not more:
        me.marks = int(me.marks) & ~SELECTED


@rule(inline=False)
def select_one(tables, match, side, chosen, more):
    """Selects the unit of a number; where there is none (-1) what was selected stays so."""
    if chosen >= 0:
        for slot in range(int(tables.options[Opt.OWN])):
            select(match.unit[side * side_rows(match) + slot], slot == chosen, more)


@rule(inline=False)
def select_kind(tables, match, side, x, y, more):
    """Selects what is on the screen and of the kind of one's unit at a point."""
    chosen = own_at(tables, match, side, x, y)
    if chosen >= 0:
        kind = int(match.unit[side * side_rows(match) + chosen].kind)
        last = 1 << 20
        for slot in range(int(tables.options[Opt.OWN])):
            me = match.unit[side * side_rows(match) + slot]
            same = me.kind == kind and is_on(tables, match, side, me, 0, last, 0, last)
            select(me, same, more)


@rule(inline=False)
def select_rectangle(tables, match, side, left, right, upper, lower, more):
    """Selects the units in a rectangle of the screen, or the structures where no units are; nobody: nothing changes."""
    units, structures = 0, 0
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if me.kind > 0 and is_on(tables, match, side, me, left, right, upper, lower):
            units += me.fixed == 0
            structures += me.fixed != 0
    if units + structures > 0:
        for slot in range(int(tables.options[Opt.OWN])):
            me = match.unit[side * side_rows(match) + slot]
            inside = me.kind > 0 and is_on(tables, match, side, me, left, right, upper, lower)
            select(me, inside and (me.fixed != 0) == (units == 0), more)


@rule(inline=False)
def select_army(tables, match, side, more):
    """Selects all but workers and structures."""
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        select(me, is_army(tables, me), more)


@rule(inline=False)
def idle_worker(tables, match, side):
    """The first idle worker, not selected if there is such a one; -1: none."""
    chosen = -1
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if is_idle_worker(tables, me):
            if not is_selected(me):
                return slot
            if chosen < 0:
                chosen = slot
    return chosen


@rule(inline=False)
def regroup(tables, match, side, group, more):
    """Makes what is selected a control group, or (`more`) adds it to the group."""
    bit = 2 << group
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        if is_selected(me):
            me.marks = int(me.marks) | bit
        elif not more:
            me.marks = int(me.marks) & ~bit


@rule(inline=False)
def recall(tables, match, side, group, more):
    """Selects a control group."""
    bit = 2 << group
    for slot in range(int(tables.options[Opt.OWN])):
        me = match.unit[side * side_rows(match) + slot]
        select(me, me.kind > 0 and int(me.marks) & bit != 0, more)
