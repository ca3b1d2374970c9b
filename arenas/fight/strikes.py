"""What happens when a move meets a body: strikes, blocks, throws and escapes, projectiles.

Both sides are judged before either is changed.
"""

from ..compile import rule
from ..content import FINE
from .motion import earn, recover
from .state import Against, Effect, Event, Kind, Level, Pose, Want

# What `contact` finds.
NOTHING = 0
STRIKE = 1
THROW = 2


@rule
def meet(tables, match):
    """Strikes and throws of this tick, then projectiles."""
    first, second = contact(tables, match, 0), contact(tables, match, 1)
    if first == STRIKE and second == THROW:
        second = NOTHING  # a strike beats a throw
    elif second == STRIKE and first == THROW:
        first = NOTHING
    if first == THROW and second == THROW:
        both = int(tables.moves[match.fighter[0].move].tech) + int(tables.moves[match.fighter[1].move].tech)
        if both != 1:
            part(tables, match)
        elif tables.moves[match.fighter[0].move].tech == 0:
            grab(tables, match, 0)
        else:
            grab(tables, match, 1)
    elif first == THROW:
        grab(tables, match, 0)
    elif second == THROW:
        grab(tables, match, 1)
    else:
        guards_first, guards_second = False, False
        if second == STRIKE:
            guards_first = guards(tables, match, 0, int(match.fighter[1].move), int(match.fighter[1].x))
        if first == STRIKE:
            guards_second = guards(tables, match, 1, int(match.fighter[0].move), int(match.fighter[0].x))
        move_first, move_second = int(match.fighter[0].move), int(match.fighter[1].move)
        if first == STRIKE:
            mark(tables, match, 0, guards_second)
        if second == STRIKE:
            mark(tables, match, 1, guards_first)
        if first == STRIKE:
            strike(tables, match, 1, move_first, int(match.fighter[0].x), guards_second, False)
        if second == STRIKE:
            strike(tables, match, 0, move_second, int(match.fighter[1].x), guards_first, False)
    throws(tables, match, 0)
    throws(tables, match, 1)
    shots(tables, match)


@rule
def contact(tables, match, side):
    """Whether this fighter's move touches the other now, by strike or throw."""
    me = match.fighter[side]
    if me.pose != Pose.ATTACK or me.stop > 0 or me.rehit > 0:
        return NOTHING
    move = tables.moves[me.move]
    if move.kind == Kind.PROJECTILE or me.frame <= move.startup or me.frame > move.startup + move.active:
        return NOTHING
    if me.hits >= move.hits:
        return NOTHING
    foe = match.fighter[1 - side]
    if move.kind == Kind.THROW:
        return THROW if throwable(tables, me, foe, move) else NOTHING
    if immune(tables, foe, Against.STRIKE.value, int(move.juggle)):
        return NOTHING
    facing = int(me.facing)
    if overlaps(tables, int(me.x), int(me.y), facing, move, foe):
        return STRIKE
    return NOTHING


@rule
def immune(tables, foe, kind, juggle):
    """Whether attacks of a kind pass through a fighter now."""
    if foe.pose >= Pose.DOWN or foe.woke == tables.common[0].reversal:  # the tick of rising: it cannot act yet
        return True
    if foe.pose == Pose.ATTACK:
        move = tables.moves[foe.move]
        return (int(move.against) & kind) != 0 and foe.frame <= move.against_until
    if foe.pose == Pose.FALL:
        return foe.juggle + juggle > tables.common[0].juggle_limit
    return False


@rule
def overlaps(tables, x, y, facing, move, foe):
    """Whether a move's hit box, at (x, y), meets the other's body or outstretched limb."""
    bottom, top = y + int(move.hit[2]) * FINE, y + int(move.hit[3]) * FINE
    near, far = x + facing * int(move.hit[0]) * FINE, x + facing * int(move.hit[1]) * FINE
    left, right = min(near, far), max(near, far)
    who = tables.characters[foe.character]
    foot = int(foe.y)
    head = foot + int(who.stand) * FINE
    if foe.y > 0:
        if foe.pose == Pose.FALL:
            head = foot + int(who.crouch) * FINE
        else:
            foot += int(who.tuck) * FINE
    elif foe.pose == Pose.CROUCH or foe.low:
        head = foot + int(who.crouch) * FINE
    half = int(who.width) * FINE
    if left < foe.x + half and right > foe.x - half and bottom < head and top > foot:
        return True
    if foe.pose != Pose.ATTACK:
        return False
    other = tables.moves[foe.move]
    if foe.frame < other.startup - 1 or foe.frame > other.startup + other.active + other.limb_recovery:
        return False
    near, far = (
        int(foe.x) + int(foe.facing) * int(other.limb[0]) * FINE,
        int(foe.x) + int(foe.facing) * int(other.limb[1]) * FINE,
    )
    foot = int(foe.y)
    return (
        left < max(near, far)
        and right > min(near, far)
        and bottom < foot + int(other.limb[3]) * FINE
        and top > foot + int(other.limb[2]) * FINE
    )


@rule
def throwable(tables, me, foe, move):
    """Whether a throw catches: on the ground, in reach, in front, out of stun, not jumping, not protected."""
    if foe.y > 0 or foe.safe > 0 or foe.pose == Pose.SPRING or foe.pose >= Pose.HIT:
        return False
    if foe.pose == Pose.ATTACK:
        other = tables.moves[foe.move]
        if (int(other.against) & Against.THROW.value) != 0 and foe.frame <= other.against_until:
            return False
    gap = (int(foe.x) - int(me.x)) * int(me.facing)
    bodies = (int(tables.characters[me.character].width) + int(tables.characters[foe.character].width)) * FINE
    return -bodies < gap <= bodies + move.reach


@rule
def guards(tables, match, side, row, source):
    """Whether a fighter blocks an attack that comes from x = source."""
    me = match.fighter[side]
    if me.y > 0 or not (me.pose <= Pose.CROUCH or me.pose == Pose.BLOCK):
        return False
    facing = int(me.facing)
    away = 1 if me.x > source else -1 if me.x < source else -facing
    if facing * int(me.forward) != away:
        return False
    level = int(tables.moves[row].level)
    if me.up < 0:
        return level != Level.OVERHEAD
    return level != Level.LOW


@rule
def mark(tables, match, side, guarded):
    """The attacker's side of a strike: it stops for a moment, and gains meter."""
    me = match.fighter[side]
    move = tables.moves[me.move]
    me.touched = 2 if guarded else 1
    me.hits += 1
    me.rehit = move.every
    me.stop = move.stop
    earn(me, int(move.meter) // 2 if guarded else int(move.meter))


@rule
def strike(tables, match, side, row, source, guarded, shot):
    """A strike or projectile arrives at `side`."""
    me = match.fighter[side]
    move, common = tables.moves[row], tables.common[0]
    facing = int(me.facing)
    away = 1 if me.x > source else -1 if me.x < source else -facing
    if guarded:
        me.pose = Pose.BLOCK
        me.low = me.up < 0
        me.left = move.blockstun
        me.stop = move.stop
        me.vx = 0
        me.slide = away * int(move.push_block)
        earn(me, int(move.meter) * int(common.block_percent) // 100)
        hurt(tables, match, side, int(move.chip))
        return
    damage = int(move.damage)
    if me.pose == Pose.ATTACK and me.armor > 0:
        me.armor -= 1
        me.stop = move.stop
        hurt(tables, match, side, damage)
        return
    stun = int(move.hitstun)
    if me.pose == Pose.ATTACK:
        damage = damage * int(common.counter_percent) // 100  # a counter-hit: before, during or after its own attack
        stun += int(common.counter_stun)
    damage = max(1, damage * int(common.scaling[min(int(me.combo), 9)]) // 100)
    if me.combo < 100:
        me.combo += 1
    crouched = me.y == 0 and (me.pose == Pose.CROUCH or me.low == 1)
    me.stop = move.stop
    me.facing = -away
    me.armor = 0
    if me.y > 0 or me.pose == Pose.FALL or move.effect != Effect.STAGGER:
        if me.pose == Pose.FALL:
            me.juggle += move.juggle
        me.pose = Pose.FALL
        me.low = 0
        me.hard = move.effect == Effect.KNOCK_DOWN
        me.slide = 0
        if move.effect != Effect.STAGGER:
            me.vx = away * int(move.launch_x)
            me.vy = move.launch_y
        else:
            me.vx = away * int(common.air_hit[0]) * FINE
            me.vy = int(common.air_hit[1]) * FINE
        if me.y == 0:
            me.y = 1
    else:
        me.pose = Pose.HIT
        me.low = crouched
        me.left = stun
        me.vx = 0
        me.slide = away * int(move.push_hit)
    earn(me, damage * int(common.taken_percent) // 100)
    hurt(tables, match, side, damage)


@rule
def hurt(tables, match, side, damage):
    """Takes health; the other side's score is what it took."""
    me = match.fighter[side]
    taken = min(damage, int(me.health))
    me.health -= taken
    match.score[1 - side] += taken


# --- throws ---


@rule
def grab(tables, match, side):
    """A throw catches, unless the other was about to throw as well."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    move = tables.moves[me.move]
    if (
        move.tech
        and foe.pose == Pose.ATTACK
        and tables.moves[foe.move].kind == Kind.THROW
        and tables.moves[foe.move].tech
    ):
        foe.event = Event.TECH
        foe.event_tick = match.tick
        part(tables, match)
        return
    for fighter in range(2):
        one = match.fighter[fighter]
        one.vx = 0
        one.slide = 0
        one.left = int(tables.common[0].hold) + int(tables.common[0].throw)
    me.pose = Pose.HOLD
    foe.pose = Pose.HELD
    foe.low = 0
    foe.facing = -int(me.facing)


@rule
def part(tables, match):
    """A throw is escaped: both step back."""
    first_right = match.fighter[0].x > match.fighter[1].x
    for side in range(2):
        one = match.fighter[side]
        one.pose = Pose.BREAK
        one.left = tables.common[0].escape
        way = 1 if first_right == (side == 0) else -1
        one.slide = way * int(tables.common[0].escape_push)
        one.vx = 0


@rule
def throws(tables, match, side):
    """Runs a throw that this side holds: a while to escape it, the damage, the fall."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    if me.pose != Pose.HOLD:
        return
    move, common = tables.moves[me.move], tables.common[0]
    me.left -= 1
    foe.left = me.left
    if me.left >= common.throw and move.tech and foe.keep > 0 and foe.want == Want.THROW:
        foe.event = Event.TECH
        foe.event_tick = match.tick
        foe.keep = 0
        part(tables, match)
    elif me.left == common.throw - 1:
        damage = max(1, int(move.damage) * int(common.scaling[min(int(foe.combo), 9)]) // 100)
        hurt(tables, match, 1 - side, damage)
        earn(me, int(move.meter))
        earn(foe, damage * int(common.taken_percent) // 100)
    if me.pose == Pose.HOLD and me.left <= 0:
        way = int(me.facing) * (-1 if me.heading else 1)
        if me.heading:
            foe.x = 2 * int(me.x) - int(foe.x)
        recover(tables, me)
        me.pose = Pose.STAND
        me.heading = 0
        foe.pose = Pose.FALL
        foe.hard = 1
        foe.y = 1
        foe.vx = way * int(common.throw_drop[0]) * FINE
        foe.vy = int(common.throw_drop[1]) * FINE


# --- projectiles ---


@rule
def shots(tables, match):
    """Projectiles fly, destroy each other, and arrive."""
    for side in range(2):
        me = match.fighter[side]
        if me.shot_left > 0:
            me.shot_left -= 1
            me.shot_x += me.shot_vx
            if me.shot_rehit > 0:
                me.shot_rehit -= 1
            if abs(int(me.shot_x)) > 340 * FINE:
                me.shot_left = 0
    first, second = match.fighter[0], match.fighter[1]
    if first.shot_left > 0 and second.shot_left > 0 and collide(tables, first, second):
        weaker = min(int(first.shot_hits), int(second.shot_hits))
        spend(first, weaker)
        spend(second, weaker)
    first_arrives = first.shot_left > 0 and arrives(tables, first, second)
    second_arrives = second.shot_left > 0 and arrives(tables, second, first)
    if first_arrives:
        land(tables, match, 0)
    if second_arrives:
        land(tables, match, 1)


@rule
def collide(tables, first, second):
    """Whether two projectiles meet."""
    one, two = tables.moves[first.shot_move], tables.moves[second.shot_move]
    wide = (int(one.hit[1]) - int(one.hit[0]) + int(two.hit[1]) - int(two.hit[0])) * FINE // 2
    high = (int(one.hit[3]) - int(one.hit[2]) + int(two.hit[3]) - int(two.hit[2])) * FINE // 2
    return abs(int(first.shot_x) - int(second.shot_x)) < wide and abs(int(first.shot_y) - int(second.shot_y)) < high


@rule
def spend(me, hits):
    me.shot_hits -= hits
    if me.shot_hits <= 0:
        me.shot_left = 0


@rule
def arrives(tables, me, foe):
    """Whether a side's projectile touches the other side."""
    if me.shot_rehit > 0:
        return False
    move = tables.moves[me.shot_move]
    if immune(tables, foe, Against.PROJECTILE.value, int(move.juggle)):
        return False
    way = 1 if me.shot_vx > 0 else -1
    return overlaps(tables, int(me.shot_x), int(me.shot_y), way, move, foe)


@rule
def land(tables, match, side):
    """A side's projectile hits the other side, or is blocked."""
    me = match.fighter[side]
    row = int(me.shot_move)
    way = 1 if me.shot_vx > 0 else -1
    source = int(match.fighter[1 - side].x) - way * FINE  # it pushes the way it flies
    guarded = guards(tables, match, 1 - side, row, source)
    earn(me, int(tables.moves[row].meter) // (2 if guarded else 1))
    spend(me, 1)
    me.shot_rehit = tables.moves[row].every
    strike(tables, match, 1 - side, row, source, guarded, True)
