"""What a wish leads to: walking, jumping, dashing, and starting or cancelling moves."""

from ..compile import rule
from .state import MOVES, Cancel, Event, Kind, Level, Occasion, Pose, Slot, Want, Where


@rule
def control(tables, match, side):
    """Lets one fighter act on its wish, if it is free to."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    if me.pose <= Pose.CROUCH:
        face(me, foe)
        on_ground(tables, match, side)
    elif me.pose == Pose.AIR:
        in_air(tables, match, side)
    elif me.pose == Pose.ATTACK and me.touched > 0 and me.keep > 0:
        cancel(tables, match, side)


@rule
def notice(tables, match, side):
    """Notes what the other side offers, before either acts: who acts first must not matter."""
    me, foe = match.fighter[side], match.fighter[1 - side]
    occasion = Occasion.FLIES.value if foe.y > 0 else 0
    if foe.pose == Pose.ATTACK:
        move = tables.moves[foe.move]
        if foe.frame > move.startup + move.active:
            occasion |= Occasion.RECOVERS.value
    me.occasion = occasion


@rule
def face(me, foe):
    if foe.x > me.x:
        me.facing = 1
    elif foe.x < me.x:
        me.facing = -1


@rule
def on_ground(tables, match, side):
    me = match.fighter[side]
    who = tables.characters[me.character]
    want = int(me.want) if me.keep > 0 else 0
    me.vx = 0
    if want > Want.SPECIAL and allowed(tables, me, want + Slot.SPECIAL_1 - Want.SPECIAL - 1, Where.GROUND.value):
        begin(tables, match, side, want + Slot.SPECIAL_1 - Want.SPECIAL - 1)
    elif want == Want.THROW:
        begin(tables, match, side, Slot.THROW.value)
    elif Want.LIGHT <= want <= Want.HEAVY:
        begin(tables, match, side, ground_normal(me, want))
    elif want == Want.DASH:
        me.keep = 0
        if me.forward < 0:
            me.pose = Pose.BACKDASH
            me.left = who.backdash_ticks
            me.vx = -int(me.facing) * int(who.backdash)
            me.safe = who.backdash_safe
        else:
            me.pose = Pose.DASH
            me.left = who.dash_ticks
            me.vx = int(me.facing) * int(who.dash)
    elif me.up > 0:
        me.pose = Pose.SPRING
        me.left = who.spring
        me.heading = me.forward
    elif me.up < 0:
        me.pose = Pose.CROUCH
    elif me.forward != 0:
        me.pose = Pose.WALK
        speed = int(who.walk) if me.forward > 0 else -int(who.walk_back)
        me.vx = int(me.facing) * speed
    else:
        me.pose = Pose.STAND


@rule
def ground_normal(me, want):
    """Slot of a normal on the ground: crouching, the overhead (forward and heavy), or standing."""
    strength = want - Want.LIGHT
    if me.up < 0:
        return Slot.CROUCH_L + strength
    if me.forward > 0 and want == Want.HEAVY:
        return Slot.OVERHEAD.value
    return Slot.STAND_L + strength


@rule
def in_air(tables, match, side):
    me = match.fighter[side]
    want = int(me.want) if me.keep > 0 else 0
    if want > Want.SPECIAL:
        slot = want + Slot.SPECIAL_1 - Want.SPECIAL - 1
        if allowed(tables, me, slot, Where.AIR.value):
            begin(tables, match, side, slot)
    elif Want.LIGHT <= want <= Want.HEAVY:
        begin(tables, match, side, Slot.AIR_L + want - Want.LIGHT)


@rule
def cancel(tables, match, side):
    """Cuts a move that has touched short for another one, where its row allows that."""
    me = match.fighter[side]
    into = int(tables.moves[me.move].cancel)
    want = int(me.want)
    place = Where.AIR.value if me.y > 0 else Where.GROUND.value
    if want == Want.SUPER:
        if into & Cancel.SUPER.value and allowed(tables, me, Slot.SUPER.value, place):
            begin(tables, match, side, Slot.SUPER.value)
    elif want > Want.SPECIAL:
        slot = want + Slot.SPECIAL_1 - Want.SPECIAL - 1
        if into & Cancel.SPECIAL.value and allowed(tables, me, slot, place):
            begin(tables, match, side, slot)
    elif Want.LIGHT <= want <= Want.HEAVY and place == Where.GROUND.value:
        if into & (Cancel.LIGHT.value << (want - Want.LIGHT)):
            begin(tables, match, side, ground_normal(me, want))


@rule
def allowed(tables, me, slot, place):
    """Whether a special can be begun: in the right place, with the meter for it, and no own projectile in flight."""
    move = tables.moves[int(me.character) * MOVES + slot]
    if move.kind == Kind.PROJECTILE and me.shot_left > 0:
        return False
    return (int(move.where) & place) != 0 and me.meter >= move.cost


@rule
def begin(tables, match, side, slot):
    """Starts a move; its first frame is this tick."""
    me = match.fighter[side]
    row = int(me.character) * MOVES + slot
    move = tables.moves[row]
    me.event = purpose(tables, me, slot)
    me.event_tick = match.tick
    me.pose = Pose.ATTACK
    me.move = row
    me.frame = 0
    me.touched = 0
    me.hits = 0
    me.rehit = 0
    me.keep = 0
    me.woke = 0
    me.armor = move.armor
    me.low = Slot.CROUCH_L <= slot <= Slot.CROUCH_H
    me.heading = 1 if slot == Slot.THROW and me.forward < 0 else 0
    me.meter = int(me.meter) - int(move.cost)
    if me.y == 0:
        me.vx = 0


@rule
def purpose(tables, me, slot):
    """What starting this move is for, as counted by the depth report: the most telling circumstance first."""
    if slot == Slot.SUPER:
        return Event.SUPER.value
    if slot > Slot.THROW and me.woke > 0:
        return Event.REVERSAL.value
    if me.occasion & Occasion.RECOVERS.value and me.touched == 0:
        return Event.PUNISH.value
    move = tables.moves[int(me.character) * MOVES + slot]
    if move.kind == Kind.THROW:
        return Event.THROW.value
    if move.kind == Kind.PROJECTILE:
        return Event.PROJECTILE.value
    if me.y == 0 and me.occasion & Occasion.FLIES.value:
        return Event.ANTI_AIR.value
    if slot == Slot.OVERHEAD:
        return Event.OVERHEAD.value
    if me.y > 0:
        return Event.AIR_ATTACK.value
    if slot >= Slot.SPECIAL_1:
        return Event.SPECIAL.value
    if move.level == Level.LOW:
        return Event.LOW.value
    return Event.POKE.value
