"""Scripted commanders. They use functions as any policy does, on what the screen and the minimap show."""

from ..compile import rule
from ..dice import STREAM_BOT, draw, seat
from .combat import gap
from .commander import is_available, survey
from .economy import far2, own_node
from .functions import Arg, Fn, Have
from .orders import foe_row
from .plane import facing, side_rows
from .screen import View, column_of, line_of, on_screen
from .selection import is_army, is_selected
from .state import FINE, Node, Opt

COMMANDER_BOTS = ("attack-move", "random-biased")
FAR = 1 << 60


@rule
def act(tables, match, side, bot, actions):
    """Selects the army and sends it where there is something to fight or to fetch; or does something at random."""
    have = survey(tables, match, side)
    if bot == 1:
        wander(tables, match, side, have, actions)
    elif have & Have.NEWCOMER.value:
        actions[0] = Fn.SELECT_ARMY
    elif have & Have.FIGHTER.value:
        lead(tables, match, side, actions)
    if not is_available(tables, match, side, int(actions[0]), have):
        for slot in range(actions.shape[0]):
            actions[slot] = 0


@rule(inline=False)
def lead(tables, match, side, actions):
    """Attacks the enemy in sight that is nearest to the first of the army; without one fetches what lies nearest, or
    looks through the quarters of the map in turn."""
    first = side * side_rows(match)
    one = -1
    for slot in range(int(tables.options[Opt.OWN])):
        if one < 0 and is_selected(match.unit[first + slot]) and is_army(tables, match.unit[first + slot]):
            one = slot
    me = match.unit[first + max(one, 0)]
    sign = facing(match, side)
    best, x, y = FAR, 0, 0
    if tables.options[Opt.TRUCE] == 0 or tables.options[Opt.CREEPS] > 0:
        low = int(tables.options[Opt.FOES]) if tables.options[Opt.TRUCE] else 0
        for k in range(low, int(tables.options[Opt.FOES]) + int(tables.options[Opt.CREEPS])):
            it = match.unit[foe_row(tables, match, side, k)]
            if it.kind > 0 and (int(it.seen) >> side) & 1 and gap(me, it) < best:
                best, x, y = gap(me, it), int(it.x) * sign, int(it.y) * sign
    function = Fn.ATTACK_SCREEN.value
    if best == FAR and tables.options[Opt.WORK] == 0:
        for k in range(int(tables.options[Opt.NODES])):
            it = match.node[own_node(tables, match, side, k)]
            if it.kind != Node.NONE and far2(me, it.x, it.y) < best:
                best, x, y = far2(me, it.x, it.y), int(it.x) * sign, int(it.y) * sign
        function = Fn.MOVE_SCREEN.value
    if best == FAR:
        turn = int(match.tick) // 128 % 5
        x = tables.ground.shape[1] * FINE // 2 * ((turn == 1 or turn == 4) - (turn == 2 or turn == 3))
        y = tables.ground.shape[0] * FINE // 2 * ((turn == 1 or turn == 2) - (turn == 3 or turn == 4))
        function = Fn.ATTACK_SCREEN.value
    small = 0
    if not on_screen(tables, match, side, x, y):
        small = 1
        function = Fn.ATTACK_MINIMAP.value if function == Fn.ATTACK_SCREEN else Fn.MOVE_MINIMAP.value
    actions[0] = function
    point(tables, actions, column_of(tables, match, side, x, small), line_of(tables, match, side, y, small))


@rule(inline=False)
def wander(tables, match, side, have, actions):
    """Nothing five times in ten, else selects the army, attacks or moves anywhere on the screen."""
    index = seat(match, side) * 4
    roll = draw(tables, match, STREAM_BOT, index, 10)
    if roll < 5:
        return
    if roll < 7 or have & Have.FIGHTER.value == 0:
        actions[0] = Fn.SELECT_ARMY
        return
    actions[0] = Fn.ATTACK_SCREEN if roll < 9 else Fn.MOVE_SCREEN
    column = draw(tables, match, STREAM_BOT, index + 1, int(tables.window[View.PIXELS]))
    point(tables, actions, column, draw(tables, match, STREAM_BOT, index + 2, int(tables.window[View.PIXELS])))


@rule
def point(tables, actions, column, line):
    """Chooses a pixel, or the nearest to it that there is."""
    pixels = int(tables.window[View.PIXELS])
    column, line = min(max(column, 0), pixels - 1), min(max(line, 0), pixels - 1)
    if tables.window[View.FLAT]:
        actions[Arg.X] = line * pixels + column
    else:
        actions[Arg.X] = column
        actions[Arg.Y] = line
