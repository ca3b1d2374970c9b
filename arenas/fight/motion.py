"""One tick of movement: moves and poses run on, bodies fly, slide, push each other apart and stop at the walls."""

from ..compile import rule
from ..content import FINE
from .state import FULL_METER, WALL, Kind, Pose


@rule
def advance(tables, match, side):
    """Runs one fighter on by a tick; nothing moves in hitstop."""
    me = match.fighter[side]
    if me.stop > 0:
        me.stop -= 1
        return
    if me.safe > 0:
        me.safe -= 1
    if me.woke > 0:
        me.woke -= 1
    if me.pose == Pose.ATTACK:
        run_move(tables, me)
    elif me.pose >= Pose.SPRING:
        run_pose(tables, me)
    elif me.pose == Pose.WALK and me.forward > 0:
        earn(me, int(tables.common[0].advance_meter))
    me.x += int(me.vx) + int(me.slide)
    if me.slide != 0:
        me.slide = worn(int(me.slide), int(tables.common[0].slide_keep))
    if me.y > 0 or me.vy > 0:
        me.y += me.vy
        me.vy -= tables.arcs[me.character].gravity
        if me.y <= 0:
            touch_down(tables, me)


@rule
def run_move(tables, me):
    """The next frame of a move: its own motion, its projectile, its end."""
    move = tables.moves[me.move]
    frame = int(me.frame) + 1
    me.frame = frame
    if me.rehit > 0:
        me.rehit -= 1
    if move.speed != 0:
        if move.moving[0] <= frame <= move.moving[1]:
            me.vx = int(me.facing) * int(move.speed)
        elif frame == move.moving[1] + 1:
            me.vx = 0
    if move.leap != 0 and frame == move.leap_at:
        me.vy = move.leap
    if frame == move.startup + 1 and move.kind == Kind.PROJECTILE:
        me.shot_move = me.move
        me.shot_left = move.shot_life
        me.shot_hits = move.shot_hits
        me.shot_rehit = 0
        me.shot_x = int(me.x) + int(me.facing) * int(move.shot_at[0]) * FINE
        me.shot_y = int(me.y) + int(move.shot_at[1]) * FINE
        me.shot_vx = int(me.facing) * int(move.shot_speed)
    if frame > move.startup + move.active:
        me.armor = 0
        if frame > move.startup + move.active + move.recovery and me.y == 0:
            me.pose = Pose.STAND
            me.vx = 0
            me.low = 0


@rule
def run_pose(tables, me):
    """Poses that end by themselves."""
    if me.pose == Pose.FALL or me.pose == Pose.HOLD or me.pose == Pose.HELD or me.pose == Pose.ATTACK:
        return
    if me.left > 0:
        me.left -= 1
    if me.left > 0:
        return
    who = tables.characters[me.character]
    if me.pose == Pose.SPRING:
        me.pose = Pose.AIR
        me.vx = int(me.facing) * int(me.heading) * int(who.jump_speed)
        me.vy = tables.arcs[me.character].vy
    elif me.pose == Pose.DOWN:
        me.pose = Pose.RISE
        me.left = tables.common[0].rise
    else:
        if me.pose == Pose.RISE:
            me.woke = tables.common[0].reversal
        if me.pose >= Pose.HIT:
            recover(tables, me)
        me.pose = Pose.STAND
        me.vx = 0


@rule
def earn(me, meter):
    """Meter for what a fighter does, and for what is done to it."""
    me.meter = min(int(me.meter) + meter, FULL_METER)


@rule
def recover(tables, me):
    """Out of stun: the combo is over, and for a moment there is no throwing."""
    me.combo = 0
    me.juggle = 0
    me.low = 0
    me.hard = 0
    me.safe = tables.common[0].throw_safe


@rule
def touch_down(tables, me):
    """The feet meet the ground."""
    me.y = 0
    me.vy = 0
    me.vx = 0
    if me.pose == Pose.FALL:
        me.pose = Pose.DOWN
        me.left = tables.common[0].hard_down if me.hard else tables.common[0].down
    elif me.pose == Pose.ATTACK:
        me.left = tables.moves[me.move].landing
        me.pose = Pose.LAND
    elif me.pose == Pose.AIR:
        me.pose = Pose.LAND
        me.left = tables.common[0].land


@rule
def worn(speed, keep):
    """What is left of a speed after a tick, the same to both sides."""
    if speed > 0:
        return (speed * keep) >> 8
    return -((-speed * keep) >> 8)


@rule
def place(tables, match):
    """Walls, push-back that a wall returns to the attacker, and two bodies not in one place."""
    first, second = match.fighter[0], match.fighter[1]
    beyond_first, beyond_second = beyond(first), beyond(second)
    near = int(tables.common[0].near) * FINE
    if (beyond_first != 0 or beyond_second != 0) and abs(int(first.x) - int(second.x)) <= near:
        if first.pose == Pose.HIT or first.pose == Pose.BLOCK:
            second.x -= beyond_first
        if second.pose == Pose.HIT or second.pose == Pose.BLOCK:
            first.x -= beyond_second
    first.x = inside(int(first.x))
    second.x = inside(int(second.x))
    gap = int(second.x) - int(first.x)
    room = (int(tables.characters[first.character].width) + int(tables.characters[second.character].width)) * FINE
    if abs(gap) >= room or not solid(first) or not solid(second):
        return
    if abs(int(first.y) - int(second.y)) >= 60 * FINE:
        return
    way = 1 if gap >= 0 else -1  # where the second goes; in one spot, the first goes left: its own mirror image
    half = (room - abs(gap)) >> 1
    first.x = inside(int(first.x) - way * half)
    second.x = inside(int(second.x) + way * half)
    short = room - abs(int(second.x) - int(first.x))
    if short > 1:  # one stands at a wall: the other gives way for both
        if abs(int(first.x)) == WALL:
            second.x = inside(int(second.x) + way * short)
        elif abs(int(second.x)) == WALL:
            first.x = inside(int(first.x) - way * short)


@rule
def solid(me):
    """Whether a body pushes others aside."""
    return me.pose != Pose.DOWN and me.pose != Pose.HELD and me.pose != Pose.FALL


@rule
def beyond(me):
    """How far past a wall a fighter is, signed."""
    x = int(me.x)
    return x - WALL if x > WALL else x + WALL if x < -WALL else 0


@rule
def inside(x):
    return min(max(x, -WALL), WALL)
