"""What stands between a move and its targets: protection, abilities, immunity, and whether it misses."""

from ..compile import rule
from .ids import Ability, Item, Move
from .mons import (
    ABILITY_SHOWN,
    ability,
    allied,
    chain,
    chance,
    grounded,
    guard,
    has_type,
    heal,
    hurt,
    immune_to,
    item,
    modify,
    seen_stage,
    show,
    side_of,
)
from .power import powder_proof
from .stages import raise_own
from .state import ALWAYS, Result, Stream
from .status import set_status
from .terms import Category, Cause, Flag, SideCondition, Stage, Status, Target, Terrain, Type, Volatile

WORKED, FAILED, STOPPED = int(Result.WORKED), int(Result.FAILED), int(Result.STOPPED)


@rule(inline=False)
def stopped(tables, match, who):
    """Whether protection, terrain, an ability or an item stops the move: a Result."""
    now = match.now
    user = int(now.user)
    target = match.mon[who]
    blockable = int(now.traits) & Flag.PROTECT.value
    spread = now.aim == Target.ALLADJACENT or now.aim == Target.ALLADJACENTFOES
    if spread and blockable and match.layers[side_of(who), SideCondition.WIDEGUARD]:
        unlock(match, user)
        return STOPPED
    if match.terrain == Terrain.PSYCHICTERRAIN and now.priority > 0 and now.aim != Target.SELF:
        if not allied(who, user) and grounded(tables, match, who):
            return FAILED
    if blockable:
        if target.turns[Volatile.PROTECT]:
            unlock(match, user)
            return STOPPED
        if target.turns[Volatile.SPIKYSHIELD]:
            unlock(match, user)
            if int(now.traits) & Flag.CONTACT.value:
                hurt(match, user, int(match.mon[user].stats[0]) // 8, who)
            return STOPPED
        if target.turns[Volatile.BURNINGBULWARK] and now.category != Category.STATUS:
            unlock(match, user)
            if int(now.traits) & Flag.CONTACT.value:
                set_status(tables, match, user, Status.BRN.value)
            return STOPPED
    if who == user:
        return WORKED
    return absorbed(tables, match, who)


@rule(inline=False)
def absorbed(tables, match, who):
    """Whether an ability or Safety Goggles takes the move in: a Result."""
    now = match.now
    kind = int(now.type)
    power = guard(tables, match, who)
    absorbs = (
        (power == Ability.SAP_SIPPER and kind == Type.GRASS)
        or (power == Ability.GOOD_AS_GOLD and now.category == Category.STATUS)
        or (power == Ability.WATER_ABSORB and kind == Type.WATER)
        or (power == Ability.VOLT_ABSORB and kind == Type.ELECTRIC)
        or (power == Ability.FLASH_FIRE and kind == Type.FIRE)
    )
    if absorbs:
        show(match.mon[who], ABILITY_SHOWN)
        if power == Ability.SAP_SIPPER:
            raise_own(match, who, Stage.ATK.value, 1)
        elif power == Ability.FLASH_FIRE:
            match.mon[who].turns[Volatile.FLASHFIRE] = ALWAYS
            now.accuracy = 0  # the other targets cannot be missed any more
        elif power != Ability.GOOD_AS_GOLD:
            heal(match, who, int(match.mon[who].stats[0]) // 4)
        return FAILED
    if int(now.traits) & Flag.POWDER.value and item(match, who) == Item.SAFETY_GOGGLES:
        if not immune_to(tables, match.mon[who], Cause.POWDER.value):
            return FAILED
    return WORKED


@rule
def unlock(match, user):
    """A rage that meets protection in its first turn of a count is over, unconfused."""
    mon = match.mon[user]
    if mon.turns[Volatile.LOCKEDMOVE] == 2:
        mon.turns[Volatile.LOCKEDMOVE] = 0
        mon.locked = 0
        mon.lock_left = 0


@rule(inline=False)
def own_immunity(tables, match, who):
    """Whether the target is immune to this move in particular: powder, seeds, pranks."""
    now = match.now
    user, target = match.mon[now.user], match.mon[who]
    if int(now.traits) & Flag.POWDER.value and who != now.user and powder_proof(tables, match, who):
        return True
    if now.move == Move.LEECH_SEED and has_type(target, Type.GRASS.value):
        return True
    if now.move == Move.ENDEAVOR and user.hp >= target.hp:
        return True
    if now.prankster and ability(match, int(now.user)) == Ability.PRANKSTER and not allied(who, now.user):
        return immune_to(tables, target, Cause.PRANKSTER.value)
    return False


@rule
def accuracy_stage(tables, match, who):
    """The stage at which the move under way is aimed at `who`."""
    now = match.now
    user, target = match.mon[now.user], match.mon[who]
    stage = seen_stage(tables, match, int(now.user), Stage.ACCURACY.value, int(user.stages[Stage.ACCURACY]))
    if not now.ignores_evasion and not tables.book[0].moves[now.move].ignores_stages:
        stage -= seen_stage(tables, match, who, Stage.EVASION.value, int(target.stages[Stage.EVASION]))
    return min(max(stage, -6), 6)


@rule(inline=False)
def aim_items(match, who, accuracy):
    """Accuracy with Bright Powder and Wide Lens."""
    by = 4096
    if item(match, who) == Item.BRIGHT_POWDER:
        by = chain(by, 3686)
    if item(match, int(match.now.user)) == Item.WIDE_LENS:
        by = chain(by, 4505)
    return modify(accuracy, by)


@rule(inline=False)
def accurate(tables, match, who):
    """Whether the move hits."""
    now = match.now
    now.target = who
    if now.accuracy == 0 or (now.move == Move.TOXIC and has_type(match.mon[now.user], Type.POISON.value)):
        return True
    if now.aim == Target.SELF and now.category == Category.STATUS:
        return True
    accuracy = aim_items(match, who, int(now.accuracy))
    stage = accuracy_stage(tables, match, who)
    if stage > 0:
        accuracy = accuracy * (3 + stage) // 3
    elif stage < 0:
        accuracy = accuracy * 3 // (3 - stage)
    return chance(tables, match, Stream.ACCURACY.value, accuracy, 100)


@rule(inline=False)
def next_hit_lands(tables, match, who):
    """Whether a further hit of a move lands whose hits each can miss."""
    now = match.now
    up, down = 1, 1
    accuracy = int(now.accuracy)
    user, target = match.mon[now.user], match.mon[who]
    stage = seen_stage(tables, match, int(now.user), Stage.ACCURACY.value, int(user.stages[Stage.ACCURACY]))
    up, down = (3 + stage, 3) if stage > 0 else (3, 3 - stage)
    stage = seen_stage(tables, match, who, Stage.EVASION.value, int(target.stages[Stage.EVASION]))
    up, down = (up * 3, down * (3 + stage)) if stage > 0 else (up * (3 - stage), down * 3)
    accuracy *= up
    if accuracy % down == 0:  # only whole percentages meet the items
        accuracy, down = aim_items(match, who, accuracy // down), 1
    return chance(tables, match, Stream.ACCURACY.value, (accuracy + down - 1) // down, 100)


@rule(inline=False)
def break_protection(tables, match):
    """Feint lifts protection from its targets and their side."""
    now = match.now
    if not tables.book[0].moves[now.move].breaks_protect:
        return
    for i in range(int(now.count)):
        target = match.mon[now.targets[i]]
        side = side_of(now.targets[i])
        broke = (
            target.turns[Volatile.PROTECT]
            or target.turns[Volatile.SPIKYSHIELD]
            or target.turns[Volatile.BURNINGBULWARK]
            or match.layers[side, SideCondition.WIDEGUARD]
            or match.layers[side, SideCondition.QUICKGUARD]
        )
        target.turns[Volatile.PROTECT] = 0
        target.turns[Volatile.SPIKYSHIELD] = 0
        target.turns[Volatile.BURNINGBULWARK] = 0
        match.layers[side, SideCondition.WIDEGUARD] = 0
        match.layers[side, SideCondition.QUICKGUARD] = 0
        if broke:
            target.turns[Volatile.STALL] = 0
            target.stall = 0
