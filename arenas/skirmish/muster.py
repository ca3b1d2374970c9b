"""How a match begins: who has which army, and where it stands."""

from ..compile import rule
from ..dice import draw, seat
from .plane import facing, side_rows
from .state import FINE, HOSTILE, LONG_AGO, Opt, Stream, Task

APART = 7 * FINE
"""From the middle of the map to the front rank of an army."""
SPACING = 5 * FINE // 4
NOISE = FINE // 2
"""Units stand up to half of this off their place in the ranks."""
MOST_DRAWN = 64
"""Draws of one side's army take indices below this."""


WHIMS = 1 << 12
"""How many plans a scripted side chooses among at the start."""


@rule(inline=False)
def enlist(tables, match, owner, kind, x, y, local):
    """Puts a new unit on the map at a point, in the first empty row of its section from row `local` on. Its row, -1 if
    none is empty."""
    first = owner * side_rows(match)
    room = side_rows(match) // 2 if owner == HOSTILE else int(tables.options[Opt.OWN])
    while local < room and match.unit[first + local].kind > 0:
        local += 1
    if local == room:
        return -1
    match.count[owner] = max(int(match.count[owner]), local + 1)
    body = tables.units[kind]
    me = match.unit[first + local]
    me.kind = kind
    me.health = int(body.health) * FINE
    me.shield = int(body.shield) * FINE
    me.energy = int(body.energy) * FINE
    me.x = x
    me.y = y
    me.goal_x = x
    me.goal_y = y
    me.rally_x = x
    me.rally_y = y
    me.target = -1
    me.aim = -1
    me.hurt_by = -1
    me.hurt = LONG_AGO
    me.radius = body.radius
    me.layer = (int(body.attributes) >> 4) & 1
    me.fixed = (int(body.attributes) >> 5) & 1
    me.threat = body.threat
    me.seen = 3 if tables.options[Opt.FOG] == 0 else 1 << owner if owner != HOSTILE else 0
    return first + local


@rule(inline=False)
def muster(tables, match):
    """Both armies, by the setup row; what it leaves open is drawn."""
    for node in range(match.node.shape[0]):
        match.node[node].user = -1
        match.node[node].owner = -1
    swap = int(match.setup[0])
    match.swapped = draw(tables, match, Stream.SWAP.value, 0, 2) ^ int(match.flipped) if swap < 0 else swap
    layout = int(match.setup[1])
    match.layout = draw(tables, match, Stream.LAYOUT.value, 0, 8) if layout < 0 else layout
    for side in range(2):
        if tables.options[Opt.TASK] == Task.ELIMINATION:
            draw_up(tables, match, side)
        elif tables.options[Opt.TASK] == Task.CONQUEST:
            match.whim[side] = draw(tables, match, Stream.WHIM.value, seat(match, side), WHIMS)


@rule(inline=False)
def draw_up(tables, match, side):
    """One side's army in ranks, facing the middle of the map."""
    number = side ^ int(match.swapped)
    fixed = 0
    for kind in range(tables.armies.shape[1]):
        fixed += int(tables.armies[number, kind])
    if fixed > 0:
        place = 0
        for kind in range(tables.armies.shape[1]):
            for _ in range(int(tables.armies[number, kind])):
                fall_in(tables, match, side, kind, place, fixed)
                place += 1
    else:
        draw_army(tables, match, side)
    total = 0
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        total += int(match.unit[row].health) + int(match.unit[row].shield)
    match.worth[side] = total // FINE


@rule(inline=False)
def draw_army(tables, match, side):
    """A random army: how many, which mix, and each unit from the mix. Alike armies are drawn from the same dice."""
    index = 0 if tables.options[Opt.ALIKE] else seat(match, side)
    mix, count = int(match.setup[4 + side]), int(match.setup[2 + side])
    if mix < 0:
        first, last = int(tables.options[Opt.FIRST_MIX]), int(tables.options[Opt.LAST_MIX])
        mix = first + draw(tables, match, Stream.ARMY.value, index, last - first + 1)
    if count < 0:
        count = draw_count(tables, match, index)
    mix = min(mix, tables.mixes.shape[0] - 1)
    count = min(max(count, 1), int(tables.options[Opt.OWN]))
    total = 0
    for kind in range(tables.mixes.shape[1]):
        total += int(tables.mixes[mix, kind])
    for place in range(count):
        left = draw(tables, match, Stream.ARMY.value, (index + 2) * MOST_DRAWN * 8 + place, total)
        for kind in range(tables.mixes.shape[1]):
            left -= int(tables.mixes[mix, kind])
            if left < 0:
                fall_in(tables, match, side, kind, place, count)
                break


@rule
def draw_count(tables, match, index):
    """How many units a random army has. Multiples of three are those held out."""
    least, most = int(tables.options[Opt.LEAST]), int(tables.options[Opt.MOST])
    held_out = int(tables.options[Opt.HELD_OUT])
    fitting = 0
    for count in range(least, most + 1):
        fitting += held_out == 0 or (count % 3 == 0) == (held_out == 2)
    left = draw(tables, match, Stream.ARMY.value, 4 + index, max(fitting, 1))
    for count in range(least, most + 1):
        if held_out == 0 or (count % 3 == 0) == (held_out == 2):
            if left == 0:
                return count
            left -= 1
    return least


@rule
def fall_in(tables, match, side, kind, place, count):
    """One unit at its place in the ranks."""
    files = 1
    while files * files < 2 * count:
        files += 1
    rank, file = place // files, place % files
    here = min(files, count - rank * files)
    x = -APART - rank * SPACING
    y = (2 * file - here + 1) * SPACING // 2
    roll = seat(match, side) * 256 + place * 2
    x += draw(tables, match, Stream.FORMATION.value, roll, NOISE) - NOISE // 2
    y += draw(tables, match, Stream.FORMATION.value, roll + 1, NOISE) - NOISE // 2
    sign = facing(match, side)
    cosine, sine = int(tables.turns[match.layout, 0]), int(tables.turns[match.layout, 1])
    enlist(tables, match, side, kind, ((x * cosine - y * sine) >> 8) * sign, ((x * sine + y * cosine) >> 8) * sign, 0)
