"""The damage of one hit: critical hit, roll, types, and what changes the result, rounded as Generation 9 rounds.

The chain is that of `getDamage` and `modifyDamage` in sim/battle-actions.ts of pokemon-showdown 0.11.11 (MIT).
"""

from ..compile import rule
from .ids import Ability, Item, Move
from .items import eat
from .mons import (
    FULL,
    ability,
    alive,
    allied,
    chain,
    chance,
    guard,
    has_own_type,
    has_type,
    item,
    modify,
    rank_places,
    roll,
    side_of,
    staged,
)
from .power import attack_of, base_power, defense_of, effectiveness, immune, own_power
from .state import Stream
from .terms import Category, Flag, SideCondition, Stat, Status, Type, Volatile, Weather

NO_DAMAGE = -1
"""The move does no damage of its own."""
IMMUNE = -2
SPREAD, CRITICAL_POWER = 3072, 6144
SCREEN, SCREEN_PAIRS = 2048, 2732


@rule(inline=False)
def critical(tables, match, who):
    """Whether this hit is critical."""
    now = match.now
    row = tables.book[0].moves[now.move]
    hit = row.always_critical != 0
    if not hit:
        stage = int(row.critical)
        held = item(match, int(now.user))
        if held == Item.SCOPE_LENS or held == Item.RAZOR_CLAW:
            stage += 1
        faces = 24 if stage <= 1 else 8 if stage == 2 else 2 if stage == 3 else 1
        hit = chance(tables, match, Stream.CRITICAL.value, 1, faces)
    return hit and guard(tables, match, who) != Ability.SHELL_ARMOR


@rule(inline=False)
def damage_of(tables, match, who):
    """What this hit does to `who` at most: hit points, or NO_DAMAGE, or IMMUNE."""
    now = match.now
    user, target = match.mon[now.user], match.mon[who]
    if immune(tables, match, who):
        return IMMUNE
    if now.move == Move.RUINATION:
        return max(int(target.hp) // 2, 1)
    if now.move == Move.ENDEAVOR:
        return int(target.hp) - int(user.hp)
    if now.category == Category.STATUS or now.heals:
        return NO_DAMAGE
    power = own_power(tables, match, who)
    if power == 0:
        return NO_DAMAGE
    hit = critical(tables, match, who)
    now.critical[target.at] = hit
    power = base_power(tables, match, who, power)
    attack = attack_of(tables, match, who, 1 if hit else 2)
    defense = defense_of(tables, match, who, hit)
    damage = (2 * int(user.level) // 5 + 2) * power * attack // defense // 50
    return modify_damage(tables, match, who, damage + 2)


@rule
def weather_power(match, kind):
    """The weather's multiplier of damage."""
    if match.weather == Weather.SUNNYDAY:
        if match.now.move == Move.HYDRO_STEAM or kind == Type.FIRE:
            return 6144
        if kind == Type.WATER:
            return 2048
    if match.weather == Weather.RAINDANCE:
        if kind == Type.WATER:
            return 6144
        if kind == Type.FIRE:
            return 2048
    return FULL


@rule(inline=False)
def same_type_bonus(match, kind):
    """The multiplier for a move of one of its user's types, Tera type included."""
    now = match.now
    user = match.mon[now.user]
    own = has_own_type(user, kind)
    matches = own or has_type(user, kind)
    if user.terastallized == Type.STELLAR:
        if int(user.stellar) >> kind & 1 == 0 or now.stellar:
            now.stellar = 1  # for all hits of this move, and no other of this type
            user.stellar = int(user.stellar) | 1 << kind
            return 8192 if matches else 4915
        return 6144 if matches else FULL
    bonus = 6144 if matches else FULL
    if own and user.terastallized == kind:
        bonus = 8192
    if ability(match, int(now.user)) == Ability.ADAPTABILITY and has_type(user, kind):
        bonus = 9216 if bonus == 8192 else 8192
    return bonus


@rule(inline=False)
def modify_damage(tables, match, who, damage):
    """Base damage with spread, weather, critical hit, roll, types, burn, and the multipliers of abilities and items."""
    now = match.now
    user, target = match.mon[now.user], match.mon[who]
    kind = int(now.type)
    if now.spread:
        damage = modify(damage, SPREAD)
    damage = modify(damage, weather_power(match, kind))
    if now.critical[target.at]:
        damage = damage * 3 // 2
    damage = damage * (100 - roll(tables, match, Stream.ROLL.value, 16)) // 100
    if kind != Type.TYPELESS:
        damage = modify(damage, same_type_bonus(match, kind))
    times = effectiveness(tables, match, who)
    now.effective[target.at] = times
    for _ in range(times):
        damage *= 2
    for _ in range(-times):
        damage //= 2
    physical = now.category == Category.PHYSICAL
    if user.status == Status.BRN and physical and now.move != Move.FACADE:
        if ability(match, int(now.user)) != Ability.GUTS:
            damage = modify(damage, 2048)
    damage = modify(damage, final_multiplier(tables, match, who))
    return max(damage, 1) & 0xFFFF


@rule(inline=False)
def final_multiplier(tables, match, who):
    """The multipliers of damage by abilities and items, from the fastest on, then screens."""
    now = match.now
    by = FULL
    rank_places(match)
    for k in range(4):
        at = int(match.rank[k])
        if alive(match, at):
            by = final_by(tables, match, int(match.active[at]), who, by)
    if not now.critical[match.mon[who].at] and who != now.user:
        by = chain(by, screens(tables, match, side_of(who)))
    return by


@rule(inline=False)
def final_by(tables, match, holder, who, by):
    """What one Pokemon's ability and item make of the damage to `who`."""
    now = match.now
    if holder == now.user:
        held = item(match, holder)
        if held == Item.LIFE_ORB:
            by = chain(by, 5324)
        if held == Item.EXPERT_BELT and now.effective[match.mon[who].at] > 0:
            by = chain(by, 4915)
    if holder == who:
        target = match.mon[who]
        power = guard(tables, match, who)
        if (power == Ability.MULTISCALE or power == Ability.SHADOW_SHIELD) and target.hp >= target.stats[0]:
            by = chain(by, 2048)
        if power == Ability.PRISM_ARMOR and now.effective[target.at] > 0:
            by = chain(by, 3072)
        row = tables.book[0].items[item(match, who)]
        if row.resist_type and row.resist_type == now.type and now.effective[target.at] > 0:
            behind = target.turns[Volatile.SUBSTITUTE] and not int(now.traits) & Flag.BYPASSSUB.value
            if not behind and eat(tables, match, who):
                by = chain(by, 2048)
    elif allied(holder, who) and guard(tables, match, holder) == Ability.FRIEND_GUARD:
        by = chain(by, 3072)
    return by


@rule(inline=False)
def screens(tables, match, side):
    """The multiplier of Reflect, Light Screen or Aurora Veil."""
    physical = match.now.category == Category.PHYSICAL
    up = match.layers[side, SideCondition.REFLECT] if physical else match.layers[side, SideCondition.LIGHTSCREEN]
    if not up and not match.layers[side, SideCondition.AURORAVEIL]:
        return FULL
    return SCREEN_PAIRS if tables.book[0].options[0] > 1 else SCREEN


@rule(inline=False)
def confusion_damage(tables, match, who):
    """What a confused Pokemon does to itself: power 40, no type, stages only."""
    mon = match.mon[who]
    attack = staged(mon.stats[Stat.ATK], mon.stages[0])
    defense = staged(mon.stats[Stat.DEF], mon.stages[1])
    damage = (2 * int(mon.level) // 5 + 2) * 40 * attack // defense // 50 + 2
    return max(damage * (100 - roll(tables, match, Stream.ROLL.value, 16)) // 100, 1)
