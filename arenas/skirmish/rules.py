"""The rules of a skirmish. `step` is one tick: orders, what every unit is about, moving, what was hit, the scenario."""

from ..arena import Outcome
from ..compile import rule
from .building import build
from .combat import fight, heal
from .economy import bring_home, clear_claims, gather, grant_claims, own_geyser, produce, recount
from .memory import look_around, recall_map
from .motion import arrive, keep_clear
from .muster import muster
from .orders import command_unit
from .plane import clear_away, facing, head_for, lay_out, side_rows
from .sight import spot
from .state import FINE, GHOSTS, HOSTILE, LONG_AGO, NODES, Opt, Order, Role, Task
from .tasks import begin, judge_task, pay_death, play_task

CALM = 160
"""Ticks without a hit after which shields come back."""
SHIELD_BACK = 32
"""Shield that comes back in a tick: 2 points a second."""
ENERGY_BACK = 9
"""Energy that comes back in a tick: 0.5625 a second."""
MOST_ENERGY = 200 * FINE
MOST_STILL = 100
"""Where the count of ticks a siege unit has stood still ends."""


@rule
def reset(tables, match):
    """The scenario's beginning."""
    muster(tables, match)
    if tables.options[Opt.TASK] != Task.ELIMINATION:
        begin(tables, match)
    if tables.options[Opt.WORK]:
        recount(tables, match, 0)
        recount(tables, match, 1)
    if tables.options[Opt.TASK] == Task.CONQUEST:
        recall_map(tables, match)
        look_around(tables, match)
    else:
        spot(tables, match)
    score(tables, match)


@rule
def step(tables, match, actions):
    """One tick."""
    if (int(match.tick) - int(match.delay)) % int(match.frame_skip) == 0:
        for side in range(actions.shape[0]):
            for slot in range(int(tables.options[Opt.OWN])):
                if actions[side, slot] > 0:
                    command_unit(tables, match, side, slot, int(actions[side, slot]))
    widest, slim = lay_out(tables, match)
    for turn in range(3):
        owner = turn if turn == HOSTILE else turn ^ int(match.flipped) ^ int(tables.options[Opt.ORDER])
        first = owner * side_rows(match)
        for row in range(first, first + int(match.count[owner])):
            if match.unit[row].kind > 0:
                be_about(tables, match, row, owner, widest)
    for owner in range(3):
        first = owner * side_rows(match)
        for row in range(first, first + int(match.count[owner])):
            me = match.unit[row]
            if me.kind > 0 and me.fixed == 0:
                keep_clear(tables, match, row, owner, widest, slim)
    clear_away(match)
    if tables.options[Opt.WORK]:
        for owner in range(2):
            first = owner * side_rows(match)
            for row in range(first, first + int(match.count[owner])):
                if match.unit[row].kind > 0:
                    grant_claims(tables, match, row)
        clear_claims(match)
    dying = 0
    for owner in range(3):
        first = owner * side_rows(match)
        for row in range(first, first + int(match.count[owner])):
            me = match.unit[row]
            if me.kind > 0:
                if me.fixed == 0:
                    arrive(me)
                feel(tables, me)
                dying += me.health <= 0
    if dying > 0:
        bury(tables, match)
    task = int(tables.options[Opt.TASK])
    if task != Task.ELIMINATION and task != Task.CONQUEST:
        play_task(tables, match)
    if match.tick % 4 == 3:
        if tables.options[Opt.WORK]:
            recount(tables, match, 0)
            recount(tables, match, 1)
        if tables.options[Opt.TASK] == Task.CONQUEST:
            look_around(tables, match)
        else:
            spot(tables, match)
    score(tables, match)
    judge(tables, match)
    judge_task(tables, match)


@rule
def be_about(tables, match, row, owner, widest):
    """What one unit does in this tick: fights or heals if it may, else goes where it was sent."""
    me = match.unit[row]
    kind = tables.units[me.kind]
    me.vx = 0
    me.vy = 0
    if me.cooldown > 0:
        me.cooldown -= 1
    if tables.options[Opt.WORK]:
        if me.fixed:
            produce(tables, match, row, owner)
        elif me.order == Order.GATHER:
            gather(tables, match, row, owner)
        elif me.order == Order.RETURN:
            bring_home(tables, match, row, owner)
        elif me.order == Order.BUILD:
            build(tables, match, row, owner)
    order = int(me.order)
    busy = me.fixed > 0 and me.work > 0
    if not busy and order != Order.MOVE and order != Order.GATHER and order != Order.RETURN and order != Order.BUILD:
        if kind.role == Role.HEALER:
            busy = heal(tables, match, row, owner)
        elif kind.damage > 0:
            busy = fight(tables, match, row, owner, widest)
    if not busy and (me.order == Order.MOVE or me.order == Order.MARCH):
        if head_for(tables, me, facing(match, owner), int(me.goal_x), int(me.goal_y)):
            me.order = Order.IDLE
    if kind.still > 0:
        me.still = min(int(me.still) + 1, MOST_STILL) if me.vx == 0 and me.vy == 0 else 0


@rule
def feel(tables, me):
    """What a tick's hits and healing do to a unit, and what comes back by itself. A shield takes all of a hit that it
    can; armour counts for the part of the hits that reaches the body."""
    kind = tables.units[me.kind]
    if me.raw > 0:
        me.hurt = 0
        me.hurt_by = me.hit_by
        me.hit_by = 0
        if me.shield >= me.raw:
            me.shield -= me.raw
        else:
            through = int(me.raw) - int(me.shield)
            me.health = int(me.health) - int(me.net) * through // int(me.raw)
            me.shield = 0
        me.raw = 0
        me.net = 0
        if me.health > 0:
            me.blame = 0
    elif me.hurt < LONG_AGO:
        me.hurt += 1
    most = int(kind.health) * FINE
    if me.health > 0 and me.health < most and me.work == 0:
        me.health = min(int(me.health) + int(me.mend) + int(kind.regeneration), most)
    me.mend = 0
    if kind.shield > 0 and me.hurt >= CALM:
        me.shield = min(int(me.shield) + SHIELD_BACK, int(kind.shield) * FINE)
    if kind.role == Role.HEALER:
        me.energy = min(int(me.energy) + ENERGY_BACK, MOST_ENERGY)


@rule
def bury(tables, match):
    """Takes all who have died in this tick off the map, after what that pays."""
    for owner in range(3):
        first = owner * side_rows(match)
        for row in range(first, first + int(match.count[owner])):
            if match.unit[row].kind > 0 and match.unit[row].health <= 0:
                pay_death(tables, match, row, owner)
                die(tables, match, row)


@rule(inline=False)
def die(tables, match, row):
    """Takes a unit off the map: its row is empty, and nobody aims at it any more."""
    if tables.units[match.unit[row].kind].role == Role.EXTRACTOR:
        own_geyser(match, match.unit[row], -1)
    match.unit[row] = match.spare_unit[0]
    for node in range(NODES):
        if match.node[node].user == row:
            match.node[node].user = -1
    for owner in range(3):
        first = owner * side_rows(match)
        for other in range(first, first + int(match.count[owner])):
            it = match.unit[other]
            if it.kind > 0:
                if it.aim == row:
                    it.aim = -1
                    it.windup = 0
                if it.hurt_by == row:
                    it.hurt_by = -1
                if it.target == row and (it.order == Order.ATTACK or it.order == Order.HEAL):
                    it.order = Order.IDLE
                    it.target = -1


@rule
def left_of(match, side):
    """Points of health and shield a side has on the map."""
    total = 0
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        if match.unit[row].kind > 0:
            total += int(match.unit[row].health) + int(match.unit[row].shield)
    return total // FINE


@rule
def score(tables, match):
    """Keeps `match.score`: in an elimination the thousandths of the other side's health and shields that are gone."""
    for side in range(2):
        worth = int(match.worth[1 - side])
        if worth > 0:
            match.score[side] = max(0, 1000 - left_of(match, 1 - side) * 1000 // worth)


@rule
def lives(match, side, fixed):
    """Whether a side has units or structures; fixed: structures only."""
    first = side * side_rows(match)
    for row in range(first, first + int(match.count[side])):
        if match.unit[row].kind > 0 and (match.unit[row].fixed or not fixed):
            return True
    return False


@rule
def judge(tables, match):
    """Whether the match is over: in an elimination when a side has no units left, in the full game when it has no
    structures; both at once is a draw. What the time limit ends goes to the better score."""
    task = int(tables.options[Opt.TASK])
    if task == Task.ELIMINATION or task == Task.CONQUEST:
        first, second = lives(match, 0, task == Task.CONQUEST), lives(match, 1, task == Task.CONQUEST)
        if not first and not second:
            match.outcome = Outcome.DRAW
        elif not second:
            match.outcome = Outcome.FIRST
        elif not first:
            match.outcome = Outcome.SECOND


# --- the mirror image ---


@rule
def other_row(match, row):
    """The row that stands for a unit in the mirror image."""
    rows = side_rows(match)
    if row < 0 or row >= 2 * rows:
        return int(row)
    return int(row) + rows if row < rows else int(row) - rows


@rule
def mirror(tables, match):
    """The sides change places, turned by 180°."""
    rows = side_rows(match)
    for row in range(rows):
        match.spare_unit[1] = match.unit[row]
        match.unit[row] = match.unit[rows + row]
        match.unit[rows + row] = match.spare_unit[1]
    match.spare_unit[1] = match.spare_unit[0]
    for row in range(match.unit.shape[0]):
        me = match.unit[row]
        if me.kind > 0:
            turn_unit(match, me)
    for k in range(NODES):
        it = match.node[k]
        it.x = -int(it.x)
        it.y = -int(it.y)
        it.user = other_row(match, int(it.user))
        if it.kind != 0 and it.owner >= 0:
            it.owner = int(it.owner) ^ 1
        it.seen = ((int(it.seen) & 1) << 1) | (int(it.seen) >> 1)
        match.known[0, k], match.known[1, k] = int(match.known[1, k]), int(match.known[0, k])
    for k in range(GHOSTS):
        turn_ghosts(match.ghost[0, k], match.ghost[1, k])
    match.count[0], match.count[1] = int(match.count[1]), int(match.count[0])
    match.minerals[0], match.minerals[1] = int(match.minerals[1]), int(match.minerals[0])
    match.gas[0], match.gas[1] = int(match.gas[1]), int(match.gas[0])
    match.gathered[0], match.gathered[1] = int(match.gathered[1]), int(match.gathered[0])
    match.made[0], match.made[1] = int(match.made[1]), int(match.made[0])
    match.worth[0], match.worth[1] = int(match.worth[1]), int(match.worth[0])
    match.supply[0], match.supply[1] = int(match.supply[1]), int(match.supply[0])
    match.room[0], match.room[1] = int(match.room[1]), int(match.room[0])
    match.wave[0], match.wave[1] = int(match.wave[1]), int(match.wave[0])
    match.whim[0], match.whim[1] = int(match.whim[1]), int(match.whim[0])
    match.mood[0], match.mood[1] = int(match.mood[1]), int(match.mood[0])
    match.swapped = 1 - int(match.swapped)
    if match.setup[0] >= 0:
        match.setup[0] = 1 - int(match.setup[0])
    match.setup[2], match.setup[3] = int(match.setup[3]), int(match.setup[2])
    match.setup[4], match.setup[5] = int(match.setup[5]), int(match.setup[4])


@rule
def turn_ghosts(one, other):
    """What the sides remember, in the mirror image."""
    one.x, other.x = -int(other.x), -int(one.x)
    one.y, other.y = -int(other.y), -int(one.y)
    one.health, other.health = int(other.health), int(one.health)
    one.kind, other.kind = int(other.kind), int(one.kind)
    one.built, other.built = int(other.built), int(one.built)
    one.shown, other.shown = int(other.shown), int(one.shown)


@rule
def turn_unit(match, me):
    """One unit's fields in the mirror image."""
    me.x = -int(me.x)
    me.y = -int(me.y)
    me.vx = -int(me.vx)
    me.vy = -int(me.vy)
    me.goal_x = -int(me.goal_x)
    me.goal_y = -int(me.goal_y)
    me.rally_x = -int(me.rally_x)
    me.rally_y = -int(me.rally_y)
    me.aim = other_row(match, int(me.aim))
    me.hurt_by = other_row(match, int(me.hurt_by))
    if me.order == Order.ATTACK or me.order == Order.HEAL:
        me.target = other_row(match, int(me.target))
    me.seen = ((int(me.seen) & 1) << 1) | (int(me.seen) >> 1)
