"""Scripted opponents: what they see is what `observe` shows, what they choose is played after the same delay.

A bot reacts where it can (each reaction has a percentage: `assets/fight/bots.toml`); otherwise it draws an option by
weight for the situation and holds it for a few decisions. A CPU level draws from its character's expert weights
or, the more often the lower it is, from its beginner's.
"""

from enum import IntEnum

from ..compile import rule
from ..content import FINE
from ..dice import STREAM_BOT, draw, seat
from .choices import LEVELS, STYLES, Option, Situation
from .inputs import DIRECT
from .sight import ticks_bound
from .slices import locked, sliced, stand_in
from .state import MOVES, Kind, Level, Phase, Pose, Slot

BOTS = (*(f"cpu-{level}" for level in range(1, LEVELS + 1)), *STYLES)
BUTTONS, CHARACTERS = 2, 4  # entries of tables.options


class Chance(IntEnum):
    """The bots' streams."""

    SKILL = STREAM_BOT
    OPTION = STREAM_BOT + 1
    HOLD = STREAM_BOT + 2
    CONFIRM = STREAM_BOT + 3
    GUARD = STREAM_BOT + 4
    ANTI_AIR = STREAM_BOT + 5
    PUNISH = STREAM_BOT + 6
    ESCAPE = STREAM_BOT + 7
    AIR = STREAM_BOT + 8
    CHARACTER = STREAM_BOT + 9


@rule
def act(tables, match, side, bot, actions):
    """Chooses for a side."""
    for slot in range(actions.shape[0]):
        actions[slot] = 0
    if match.phase == Phase.PICK:
        if match.tick == 0:
            choice = draw(tables, match, Chance.CHARACTER.value, seat(match, side), int(tables.options[CHARACTERS]))
            if tables.options[BUTTONS]:
                for bit in range(4):
                    actions[bit] = (choice >> bit) & 1
            else:
                actions[0] = choice
        return
    me = match.fighter[side]
    option = reaction(tables, match, side, bot)
    if option >= 0:
        me.plan_left = 0
    elif me.plan_left > 0:
        me.plan_left -= 1
        option = int(me.plan)
    else:
        option = drawn(tables, match, side, bot)
        least, most = int(tables.choices[option, 3]), int(tables.choices[option, 4])
        me.plan = option
        me.plan_left = least - 1 + draw(tables, match, Chance.HOLD.value, seat(match, side), most - least + 1)
    if sliced(tables):
        actions[0] = 0 if locked(tables, match, side) else stand_in(tables, option)
        return
    actions[0] = tables.choices[option, 0]
    actions[1] = tables.choices[option, 1]
    actions[2] = tables.choices[option, 2]
    if tables.options[BUTTONS]:
        actions[0] += DIRECT


@rule
def lucky(tables, match, side, stream, percent):
    """A throw of the bot's dice."""
    return draw(tables, match, stream, seat(match, side), 100) < percent


@rule
def drawn(tables, match, side, bot):
    """An option by weight for the situation."""
    me, characters = match.fighter[side], int(tables.options[CHARACTERS])
    row = int(me.character)  # its expert's
    if bot >= LEVELS:
        row = 2 * characters + bot - LEVELS
    elif not lucky(tables, match, side, Chance.SKILL.value, int(tables.skills[bot].skill)):
        row += characters  # its beginner's
    where = situation(tables, match, side)
    total = 0
    for option in range(tables.weights.shape[2]):
        total += int(tables.weights[row, where, option])
    left = draw(tables, match, Chance.OPTION.value, seat(match, side), total)
    for option in range(tables.weights.shape[2]):
        left -= int(tables.weights[row, where, option])
        if left < 0:
            if option == Option.SUPER and me.meter < cost(tables, me):
                return Option.SPECIAL_1.value
            return option
    return Option.WAIT.value


@rule
def cost(tables, me):
    return int(tables.moves[int(me.character) * MOVES + Slot.SUPER].cost)


@rule
def between(tables, me, foe):
    """Units between the two bodies' edges."""
    bodies = int(tables.characters[me.character].width) + int(tables.characters[foe.character].width)
    return abs(int(me.x) - int(foe.x)) // FINE - bodies


@rule
def situation(tables, match, side):
    me, foe = match.fighter[side], match.fighter[1 - side]
    if me.pose == Pose.DOWN or me.pose == Pose.RISE or me.pose == Pose.FALL:
        return Situation.WAKING.value
    if me.pose == Pose.HIT or me.pose == Pose.BLOCK:
        return Situation.PRESSED.value
    if foe.pose == Pose.DOWN or foe.pose == Pose.RISE or foe.pose == Pose.FALL:
        return Situation.OVER.value
    gap = between(tables, me, foe)
    habit = tables.habits[me.character]
    return (
        Situation.NEAR.value
        if gap <= habit.near
        else Situation.MIDDLE.value
        if gap <= habit.middle
        else Situation.FAR.value
    )


@rule
def reaction(tables, match, side, bot):
    """What the situation calls for, if the bot notices; -1: nothing."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    skills = tables.skills[bot]
    delay, gap = int(match.delay), between(tables, me, foe)
    if me.pose == Pose.HELD:
        if lucky(tables, match, side, Chance.ESCAPE.value, int(skills.escape)):
            return Option.THROW.value
    elif me.y > 0 and me.pose != Pose.FALL:
        return aloft(tables, match, side, gap, delay)
    elif me.pose == Pose.ATTACK:
        if me.touched == 1 and lucky(tables, match, side, Chance.CONFIRM.value, int(skills.confirm)):
            return Option.SUPER.value if me.meter >= cost(tables, me) else int(tables.habits[me.character].confirm)
        return -1
    if foe.shot_left > 0 and lucky(tables, match, side, Chance.GUARD.value, int(skills.guard)):
        option = facing_shot(tables, match, side, delay, int(skills.leap))
        if option >= 0:
            return option
    if foe.y > 0 and foe.pose != Pose.FALL:
        return facing_jump(tables, match, side, skills, delay)
    if foe.pose == Pose.ATTACK:
        return facing_move(tables, match, side, skills, gap, delay)
    return -1


@rule
def aloft(tables, match, side, gap, delay):
    """In the air: an attack that will be out when the feet come down near the other; else hold back to block."""
    me = match.fighter[side]
    if me.pose == Pose.AIR:
        lands = ticks_to_ground(tables, me)
        ahead = gap - abs(int(me.vx)) * lands // FINE  # when the feet come down
        if 8 <= lands - delay <= 16 and ahead < 40:
            habit = int(tables.habits[me.character].air)
            return habit if lucky(tables, match, side, Chance.AIR.value, 50) else Option.HEAVY.value
    return Option.GUARD_HIGH.value


@rule
def facing_shot(tables, match, side, delay, leap):
    """A projectile comes: block it in time, or jump over it while it is still far; -1: not yet."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    ahead = (int(me.x) - int(foe.shot_x)) * (1 if foe.shot_vx > 0 else -1)
    if ahead < 0:
        return -1
    arrives = ahead // max(1, abs(int(foe.shot_vx)))
    if delay + 12 < arrives <= delay + 24 and lucky(tables, match, side, Chance.AIR.value, leap):
        return Option.JUMP_IN.value
    if arrives <= delay + 12:
        low = tables.moves[foe.shot_move].level == Level.LOW
        return Option.GUARD_LOW.value if low else Option.GUARD_HIGH.value
    return -1


@rule
def facing_jump(tables, match, side, skills, delay):
    """The other is in the air: strike it down where it will land, or block standing."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    falls = ticks_to_ground(tables, foe)
    lands = int(foe.x) + int(foe.vx) * falls
    near = abs(lands - int(me.x)) < 75 * FINE
    if near and 2 <= falls - delay <= 14 and lucky(tables, match, side, Chance.ANTI_AIR.value, int(skills.anti_air)):
        return int(tables.habits[me.character].anti_air)
    if near and falls <= delay + 14 and lucky(tables, match, side, Chance.GUARD.value, int(skills.guard)):
        return Option.GUARD_HIGH.value
    return -1


@rule
def facing_move(tables, match, side, skills, gap, delay):
    """The other has begun a move: punish it if it will still be recovering, block it if it can still be blocked."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    bound = ticks_bound(tables, foe) - delay
    if bound >= 5 and gap < 90 and lucky(tables, match, side, Chance.PUNISH.value, int(skills.punish)):
        option = punishment(tables, me, gap, bound)
        if option >= 0:
            return option
    move = tables.moves[foe.move]
    ends = int(move.startup) + int(move.active) - int(foe.frame) - delay
    reaches = gap < int(move.hit[1]) + 10 or move.speed > 0
    if ends >= 0 and reaches and move.kind == Kind.STRIKE:
        if lucky(tables, match, side, Chance.GUARD.value, int(skills.guard)):
            return Option.GUARD_HIGH.value if move.level == Level.OVERHEAD else Option.GUARD_LOW.value
    return -1


@rule
def punishment(tables, me, gap, bound):
    """The hardest move that reaches and is out in time; -1: none."""
    first = int(me.character) * MOVES
    if me.meter >= cost(tables, me) and out_in_time(tables, first + Slot.SUPER, gap, bound):
        return Option.SUPER.value
    special = int(tables.habits[me.character].punish)
    if out_in_time(tables, first + Slot.SPECIAL_1 + special - Option.SPECIAL_1, gap, bound):
        return special
    if out_in_time(tables, first + Slot.STAND_H, gap, bound):
        return Option.HEAVY.value
    if out_in_time(tables, first + Slot.CROUCH_H, gap, bound):
        return Option.SWEEP.value
    if out_in_time(tables, first + Slot.STAND_M, gap, bound):
        return Option.STRAIGHT.value
    if out_in_time(tables, first + Slot.STAND_L, gap, bound):
        return Option.JAB.value
    return -1


@rule
def out_in_time(tables, row, gap, bound):
    """Whether a move touches a body `gap` units away within `bound` ticks."""
    move = tables.moves[row]
    start = int(move.startup) + 1
    if move.kind == Kind.PROJECTILE:
        start += (gap * FINE) // max(1, int(move.shot_speed))
        reach = 999
    elif move.kind == Kind.THROW:
        reach = int(move.reach) // FINE
    else:
        reach = int(move.hit[1]) - 18 + int(move.speed) * min(12, int(move.moving[1])) // FINE
    return start <= bound and gap <= reach


@rule
def ticks_to_ground(tables, it):
    """How long a flying body still flies."""
    gravity = int(tables.arcs[it.character].gravity)
    y, vy = int(it.y), int(it.vy)
    ticks = 0
    while y > 0 and ticks < 60:
        y += 2 * vy - gravity
        vy -= 2 * gravity
        ticks += 2
    return ticks
