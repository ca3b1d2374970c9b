"""What being hit sets off: spikes and helmets first, then each target's ability and item, then the user's chain."""

from ..compile import rule
from .field import lay
from .ids import Ability, Item, Move
from .items import cure, use_item
from .mons import ABILITY_SHOWN, ITEM_SHOWN, ability, allied, chance, guard, hurt, item, show, side_of
from .stages import raise_own
from .state import Result, Stream
from .status import set_status
from .terms import Category, Flag, SideCondition, Stage, Status, Type

WORKED = int(Result.WORKED)


@rule
def damaged(match, i):
    """Whether the hit under way has damaged its i-th target."""
    return match.now.results[i] == WORKED and match.now.dealt[i] >= 0


@rule(inline=False)
def react(tables, match):
    """After a hit, all targets."""
    now = match.now
    user = int(now.user)
    contact = int(now.traits) & Flag.CONTACT.value
    most = int(match.mon[user].stats[0])
    if contact:
        for i in range(int(now.count)):
            if damaged(match, i) and ability(match, int(now.targets[i])) == Ability.ROUGH_SKIN:
                hurt(match, user, most // 8, int(now.targets[i]))
                show(match.mon[now.targets[i]], ABILITY_SHOWN)
        for i in range(int(now.count)):
            if damaged(match, i) and item(match, int(now.targets[i])) == Item.ROCKY_HELMET:
                hurt(match, user, most // 6, int(now.targets[i]))
                show(match.mon[now.targets[i]], ITEM_SHOWN)
    for i in range(int(now.count)):
        if damaged(match, i):
            answer(tables, match, int(now.targets[i]), contact)


@rule(inline=False)
def answer(tables, match, who, contact):
    """One target's status, ability and item, and the user's Toxic Chain."""
    now = match.now
    user = int(now.user)
    target = match.mon[who]
    physical = now.category == Category.PHYSICAL
    kind = int(now.type)
    if target.status == Status.FRZ and kind == Type.FIRE:
        cure(match, who)
    power = guard(tables, match, who)
    if power == Ability.STAMINA or (physical and (power == Ability.WEAK_ARMOR or power == Ability.TOXIC_DEBRIS)):
        show(target, ABILITY_SHOWN)
    if power == Ability.FLAME_BODY:
        if contact and chance(tables, match, Stream.CONTACT.value, 3, 10):
            set_status(tables, match, user, Status.BRN.value)
    elif power == Ability.STAMINA:
        raise_own(match, who, Stage.DEF.value, 1)
    elif power == Ability.WEAK_ARMOR:
        if physical:
            raise_own(match, who, Stage.DEF.value, -1)
            raise_own(match, who, Stage.SPE.value, 2)
    elif power == Ability.JUSTIFIED:
        if kind == Type.DARK:
            raise_own(match, who, Stage.ATK.value, 1)
    elif power == Ability.THERMAL_EXCHANGE:
        if kind == Type.FIRE:
            raise_own(match, who, Stage.ATK.value, 1)
    elif power == Ability.TOXIC_DEBRIS and physical:
        side = 1 - side_of(user) if allied(user, who) else side_of(user)
        lay(tables, match, side, SideCondition.TOXICSPIKES.value, who)
    if item(match, who) == Item.WEAKNESS_POLICY and now.effective[target.at] > 0:
        if now.move != Move.RUINATION and now.move != Move.ENDEAVOR:
            use_item(tables, match, who)
    if ability(match, user) == Ability.TOXIC_CHAIN and item(match, who) != Item.COVERT_CLOAK:
        if chance(tables, match, Stream.CONTACT.value, 3, 10):
            set_status(tables, match, who, Status.TOX.value)


@rule(inline=False)
def after_secondary(tables, match, who, i):
    """After all hits: a thaw, and Berserk, which may be hungry again."""
    now = match.now
    target = match.mon[who]
    if target.status == Status.FRZ and tables.book[0].moves[now.move].thaws_target:
        cure(match, who)
    if ability(match, who) != Ability.BERSERK:
        return
    target.berserk = 0
    if who == now.user or target.hp == 0 or now.total == 0:
        return
    lost = int(now.total) if tables.book[0].moves[now.move].hits[1] > 1 else int(now.dealt[i])
    if 2 * int(target.hp) <= target.stats[0] and 2 * (int(target.hp) + lost) > target.stats[0]:
        raise_own(match, who, Stage.SPA.value, 1)
