"""Fighting: whom a unit aims at, attacks, and what they do. All attacks of a tick hit at once.

A rule that looks for the best of many keeps the least of a key that ends in `rank`, so it does not matter in which
order the units come.
"""

from ..compile import rule
from ..dice import draw, seat
from .plane import after, facing, head_for, nearby, owner_of, rank, side_rows, square_of
from .state import FINE, HOSTILE, Attribute, Opt, Order, Role, Stream

SCAN = 6 * FINE
"""How far off units notice enemies without being told, or half a unit beyond their range if that is farther."""
SLACK = FINE // 2
"""How far beyond its range a target may get before an attack that was begun fails."""
SCAN_EVERY = 4
"""Ticks from one look for a target to the next."""
PER_ENERGY = 3
"""Health that a point of energy heals."""
NONE = 1 << 62


@rule
def foes(tables, one, other):
    """Whether two owners fight each other."""
    return one != other and not (tables.options[Opt.TRUCE] and one != HOSTILE and other != HOSTILE)


@rule
def gap(me, it):
    """Squared distance of two units' middles."""
    dx, dy = int(it.x) - int(me.x), int(it.y) - int(me.y)
    return dx * dx + dy * dy


@rule
def within(me, it, reach):
    """Whether another unit's edge is within reach of this one's."""
    reach = reach + int(me.radius) + int(it.radius)
    return gap(me, it) <= reach * reach


@rule
def armed_against(kind, it):
    """Whether a kind of unit can hit another unit."""
    return kind.damage > 0 and (it.layer == 0 or kind.hits_air > 0)


@rule
def look_for_target(tables, match, row, owner, widest):
    """The enemy to fight: the greatest threat, of equal ones the nearest. Who hit this unit last is one more of a
    threat. -1: none in reach. widest: see `lay_out`."""
    me = match.unit[row]
    kind = tables.units[me.kind]
    reach = max(SCAN, int(kind.range) + SLACK) + int(me.radius)
    best, chosen = NONE, -1
    around = reach + widest
    for line in range(square_of(match, int(me.y) - around), square_of(match, int(me.y) + around) + 1):
        for column in range(square_of(match, int(me.x) - around), square_of(match, int(me.x) + around) + 1):
            other = nearby(match, line, column)
            while other >= 0:
                it = match.unit[other]
                if it.kind > 0 and foes(tables, owner, owner_of(match, other)) and armed_against(kind, it):
                    far = gap(me, it)
                    limit = reach + int(it.radius)
                    if kind.nearest > 0 and within(me, it, int(kind.nearest)):
                        limit = -1
                    if limit > 0 and far <= limit * limit and (owner == HOSTILE or (int(it.seen) >> owner) & 1):
                        threat = int(it.threat) + (other == me.hurt_by)
                        key = ((4 - threat) << 48) + (far << 12) + rank(match, other)
                        if key < best:
                            best, chosen = key, other
                other = after(match, other)
    return chosen


@rule
def look_for_patient(tables, match, row, owner):
    """The nearest own unit of flesh and blood that is hurt; -1: none near."""
    me = match.unit[row]
    first = owner * side_rows(match)
    best, chosen = NONE, -1
    for other in range(first, first + int(match.count[owner])):
        it = match.unit[other]
        if other != row and can_be_healed(tables, it):
            far = gap(me, it)
            key = (far << 12) + rank(match, other)
            if far <= (SCAN + 2 * FINE) * (SCAN + 2 * FINE) and key < best:
                best, chosen = key, other
    return chosen


@rule
def can_be_healed(tables, it):
    """Whether a unit is hurt and can be healed."""
    if it.kind == 0 or it.health >= int(tables.units[it.kind].health) * FINE:
        return False
    return int(tables.units[it.kind].attributes) & Attribute.BIOLOGICAL.value != 0


@rule
def fight(tables, match, row, owner, widest):
    """One unit's fighting in this tick: chooses a target, goes for it, attacks. Whether it is busy with one."""
    me = match.unit[row]
    kind = tables.units[me.kind]
    looks = (int(match.tick) + int(row)) % SCAN_EVERY == 0
    if me.order == Order.ATTACK:
        it = match.unit[me.target]
        if it.kind == 0 or (owner != HOSTILE and (int(it.seen) >> owner) & 1 == 0):
            me.order = Order.MARCH  # to where it was last seen
            me.target = -1
            me.aim = -1
        else:
            me.aim = me.target
            me.goal_x = it.x
            me.goal_y = it.y
    elif me.aim >= 0:
        it = match.unit[me.aim]
        leash = max(SCAN, int(kind.range)) + 2 * FINE
        if it.kind == 0 or not within(me, it, leash) or (owner != HOSTILE and (int(it.seen) >> owner) & 1 == 0):
            me.aim = -1
        elif kind.nearest > 0 and within(me, it, int(kind.nearest)):
            me.aim = -1
    settled = me.aim >= 0 and (me.order == Order.ATTACK or within(me, match.unit[me.aim], int(kind.range)))
    if looks and me.windup == 0 and not settled:
        me.aim = look_for_target(tables, match, row, owner, widest)
    if me.aim < 0:
        me.windup = 0
        return False
    it = match.unit[me.aim]
    if me.windup > 0:
        if not within(me, it, int(kind.range) + SLACK):
            me.windup = 0
        else:
            me.windup -= 1
            if me.windup == 0:
                attack(tables, match, row, owner)
        return True
    if within(me, it, int(kind.range)):
        if me.cooldown == 0 and me.still >= kind.still:
            if kind.windup > 0:
                me.windup = kind.windup
            else:
                attack(tables, match, row, owner)
        return True
    if me.order == Order.HOLD:
        me.aim = -1
        return False
    head_for(tables, me, facing(match, owner), int(it.x), int(it.y))
    return True


@rule(inline=False)
def attack(tables, match, row, owner):
    """The attack itself: its hits are counted on those it meets and felt when all have attacked."""
    me = match.unit[row]
    kind = tables.units[me.kind]
    jitter = 0
    if owner == HOSTILE:
        jitter = draw(tables, match, Stream.COOLDOWN.value, 2 * 256 + int(row), 4)
    else:
        local = int(row) - owner * side_rows(match)
        jitter = draw(tables, match, Stream.COOLDOWN.value, seat(match, owner) * 256 + local, 4)
    me.cooldown = max(1, int(kind.cooldown) + jitter - 1)
    if kind.splash == 0:
        strike(tables, match, row, owner, int(me.aim))
        return
    middle = me if kind.role == Role.BOMB else match.unit[me.aim]
    for other in range(match.unit.shape[0]):
        it = match.unit[other]
        if it.kind > 0 and foes(tables, owner, owner_of(match, other)) and armed_against(kind, it):
            limit = int(kind.splash) + int(it.radius)
            if gap(middle, it) <= limit * limit:
                strike(tables, match, row, owner, other)
    if kind.role == Role.BOMB:
        me.raw += 1 << 24
        me.net += 1 << 24


@rule(inline=False)
def strike(tables, match, row, owner, other):
    """Counts one attack's damage on one unit."""
    kind = tables.units[match.unit[row].kind]
    it = match.unit[other]
    body = tables.units[it.kind]
    damage = int(kind.damage)
    if int(kind.against) & int(body.attributes):
        damage += int(kind.bonus)
    hits = int(kind.hits)
    it.raw += damage * hits * FINE
    it.net += max(2 * (damage - int(body.armor)), 1) * hits * (FINE // 2)
    if it.blame == 0 or rank(match, row) < rank(match, it.hit_by):
        it.hit_by = row
    it.blame |= 1 << owner


@rule(inline=False)
def heal(tables, match, row, owner):
    """One healer's tick: chooses a patient, goes there, heals. Whether it is busy with one."""
    me = match.unit[row]
    kind = tables.units[me.kind]
    if me.order == Order.HEAL:
        if match.unit[me.target].kind == 0:
            me.order = Order.IDLE
            me.target = -1
            me.aim = -1
        else:
            me.aim = me.target
    elif (int(match.tick) + int(row)) % SCAN_EVERY == 0:
        me.aim = look_for_patient(tables, match, row, owner)
    if me.aim < 0:
        return False
    it = match.unit[me.aim]
    if it.kind == 0:
        me.aim = -1
        return False
    if not within(me, it, int(kind.range)):
        head_for(tables, me, facing(match, owner), int(it.x), int(it.y))
    elif can_be_healed(tables, it) and me.energy >= int(kind.heal) // PER_ENERGY:
        me.energy -= int(kind.heal) // PER_ENERGY
        it.mend += int(kind.heal)
    elif me.order != Order.HEAL:
        me.aim = -1
        return False
    return True
