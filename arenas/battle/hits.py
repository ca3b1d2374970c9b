"""A move meets its targets, and hits them one time after the other (sim/battle-actions.ts of pokemon-showdown)."""

from ..compile import rule
from .damage import IMMUNE, NO_DAMAGE, damage_of
from .effects import after_hit, any_stage, apply_to, apply_to_self, can_switch, secondary, stellar_blast
from .falls import drop_fallen
from .ids import Ability, Item, Move
from .items import update, use_item
from .mons import ability, allied, chance, guard, heal, hurt, item, lose, roll, side_of
from .power import immune
from .reactions import after_secondary, react
from .state import Result, Stream
from .status import will_move
from .steps import accurate, break_protection, next_hit_lands, own_immunity, stopped
from .terms import Category, Flag, Status, Volatile

WORKED, FAILED, STOPPED = int(Result.WORKED), int(Result.FAILED), int(Result.STOPPED)


@rule(inline=False)
def keep(match):
    """Drops targets that are out. Returns whether any of them failed, rather than stopped."""
    now = match.now
    kept, failed = 0, False
    for i in range(int(now.count)):
        if now.results[i] == WORKED:
            now.targets[kept] = now.targets[i]
            kept += 1
        elif now.results[i] == FAILED:
            failed = True
    for i in range(4):
        now.results[i] = WORKED if i < kept else 0
    now.count = kept
    return failed


@rule(inline=False)
def meet(tables, match):
    """The move against its targets, in the order of the steps. Returns whether it worked on any."""
    now = match.now
    for i in range(4):
        now.results[i] = WORKED
    failed = False
    for step in range(5):
        for i in range(int(now.count)):
            who = int(now.targets[i])
            if step == 0:
                now.results[i] = stopped(tables, match, who)
            elif step == 1:
                now.results[i] = FAILED if immune(tables, match, who) else WORKED
            elif step == 2:
                now.results[i] = FAILED if own_immunity(tables, match, who) else WORKED
            elif step == 3:
                now.results[i] = WORKED if accurate(tables, match, who) else FAILED
        if step == 4:
            break_protection(tables, match)
            hit_all(tables, match)
        if keep(match):
            failed = True
        if now.count == 0:
            break
    if now.count == 0 and not failed:
        match.mon[now.user].result = STOPPED
    return now.count > 0


@rule(inline=False)
def how_often(tables, match):
    """How many times the move tries to hit."""
    now = match.now
    row = tables.book[0].moves[now.move]
    fewest, most = int(row.hits[0]), int(row.hits[1])
    if fewest == most:
        return max(fewest, 1)
    if fewest == 2 and most == 5:
        k = roll(tables, match, Stream.HITS.value, 20)
        hits = 2 if k < 7 else 3 if k < 14 else 4 if k < 17 else 5
        if hits < 4 and item(match, int(now.user)) == Item.LOADED_DICE:
            hits = 5 - roll(tables, match, Stream.HITS.value, 2)
        return hits
    return fewest + roll(tables, match, Stream.HITS.value, most - fewest + 1)


@rule(inline=False)
def hit_all(tables, match):
    """The hits of the move, on all targets at once; leaves a Result for each."""
    now = match.now
    user = match.mon[now.user]
    hits = how_often(tables, match)
    now.total = 0
    done, missed = 0, False
    for hit in range(1, hits + 1):
        if hit > 1 and user.status == Status.SLP:
            break
        if not any_standing(match):
            break
        now.hit = hit
        now.last_hit = hit == hits
        if hit > 1 and now.each_hit_can_miss and now.accuracy:
            if not next_hit_lands(tables, match, int(now.targets[0])):
                missed = True
                break
        one_hit(tables, match)
        if all_failed(match):
            break
        done = hit
        for i in range(int(now.count)):
            if now.dealt[i] > 0:
                now.total = int(now.total) + int(now.dealt[i])
        update(tables, match)
        if user.hp == 0 and now.count == 1:
            break
    if done == 0:
        for i in range(4):
            now.results[i] = FAILED
        return
    drop_fallen(tables, match, user.hp == 0)
    if now.total > 0:
        recoil(tables, match, int(now.total))
    for i in range(int(now.count)):
        if now.results[i] == WORKED and now.targets[i] != now.user and met(match, i, missed):
            target = match.mon[now.targets[i]]
            target.attacked = min(int(target.attacked) + done, 100)
    update(tables, match)
    if not (now.sheer and ability(match, int(now.user)) == Ability.SHEER_FORCE):
        for i in range(int(now.count)):
            if now.results[i] == WORKED and reached(match, i, missed):
                after_secondary(tables, match, int(now.targets[i]), i)


@rule
def met(match, i, missed):
    """Whether the i-th target counts as hit: not behind its substitute, unless a further hit has missed it since."""
    return match.now.dealt[i] >= 0 or missed


@rule
def reached(match, i, missed):
    """Whether the i-th target counts as reached: as hit, or by what does no damage."""
    harmless = match.now.category == Category.STATUS or match.now.heals
    return met(match, i, missed) or (harmless and not shielded(match, int(match.now.targets[i])))


@rule
def any_standing(match):
    count = 0
    for i in range(int(match.now.count)):
        count += match.mon[match.now.targets[i]].hp > 0
    return count > 0


@rule
def all_failed(match):
    count = 0
    for i in range(int(match.now.count)):
        count += match.now.results[i] != FAILED
    return count == 0


@rule(inline=False)
def recoil(tables, match, dealt):
    """What the user pays for the damage it has done."""
    row = tables.book[0].moves[match.now.move]
    user = int(match.now.user)
    most = int(match.mon[user].stats[0])
    if row.struggle_recoil:
        lose(match, user, max((most + 2) // 4, 1), user, 0)
    elif row.recoil[0]:
        amount = (2 * dealt * int(row.recoil[0]) + int(row.recoil[1])) // (2 * int(row.recoil[1]))
        hurt(match, user, amount, user)


@rule(inline=False)
def one_hit(tables, match):
    """One hit on all targets: damage, effects, what befalls the user, secondary effects, reactions.

    Leaves in `dealt` the damage, or -1 where there was none (a substitute took it, or the move does none).
    """
    now = match.now
    user = int(now.user)
    row = tables.book[0].moves[now.move]
    if not may_begin(tables, match, int(now.targets[0])):
        for i in range(4):
            now.results[i] = FAILED
        return
    behind = 0  # bits of the targets whose substitute stood in
    for i in range(int(now.count)):
        who = int(now.targets[i])
        now.dealt[i] = -1
        if shielded(match, who):  # `now.target` is still the last that was aimed at, and Unaware goes by it
            if hit_substitute(tables, match, who):
                behind |= 1 << i
            else:
                behind |= 17 << i  # a status move: nothing at all happens
    for i in range(int(now.count)):
        who = int(now.targets[i])
        if behind >> i & 1:
            continue
        now.target = who
        amount = damage_of(tables, match, who)
        if amount == IMMUNE:
            now.results[i] = FAILED
        elif amount != NO_DAMAGE:
            now.dealt[i] = amount
    for i in range(int(now.count)):
        if now.dealt[i] >= 0:
            deal(tables, match, i)
    for i in range(int(now.count)):
        effects(tables, match, i, behind)
    leave(tables, match)
    if not now.plain:
        bring_down(tables, match, behind)
        bring_secondaries(tables, match, behind)
    if row.force_switch:
        for i in range(int(now.count)):
            target = match.mon[now.targets[i]]
            if now.results[i] == WORKED and target.hp > 0 and match.mon[user].hp > 0:
                if can_switch(match, side_of(now.targets[i])) > 0:
                    target.dragged = 1
    react(tables, match)
    if match.mon[user].hp > 0:
        for i in range(int(now.count)):
            if now.results[i] == WORKED and now.dealt[i] >= 0:
                after_hit(tables, match, int(now.targets[i]))


@rule(inline=False)
def may_begin(tables, match, who):
    """What a move asks of its first target before anything happens."""
    now = match.now
    target = match.mon[who]
    if now.move == Move.HELPING_HAND:
        return target.new != 0 or will_move(match, who)
    if now.move == Move.POLLEN_PUFF and allied(who, now.user):
        now.heals = 1
    if now.move == Move.SUBSTITUTE:
        return not target.turns[Volatile.SUBSTITUTE] and 4 * int(target.hp) > target.stats[0]
    if now.move == Move.DISABLE:
        return target.last_move != 0 and target.last_move != Move.STRUGGLE
    if now.move == Move.YAWN:
        return target.status == 0
    return True


@rule
def shielded(match, who):
    """Whether a substitute stands between."""
    now = match.now
    return (
        match.mon[who].turns[Volatile.SUBSTITUTE] != 0
        and who != now.user
        and not int(now.traits) & Flag.BYPASSSUB.value
        and not now.heals
    )


@rule(inline=False)
def hit_substitute(tables, match, who):
    """The substitute takes the hit. Returns whether there was one to take: status moves just stop."""
    now = match.now
    target = match.mon[who]
    row = tables.book[0].moves[now.move]
    amount = damage_of(tables, match, who)
    if amount < 0:
        return False
    amount = min(amount, int(target.substitute))
    target.substitute = int(target.substitute) - amount
    if target.substitute <= 0:
        target.turns[Volatile.SUBSTITUTE] = 0
    if amount:
        recoil(tables, match, amount)
    if row.drain[0]:
        heal(match, int(now.user), -(-amount * int(row.drain[0]) // int(row.drain[1])))
    if match.mon[now.user].hp > 0:
        after_hit_substitute(tables, match, who)
    return True


@rule
def after_hit_substitute(tables, match, who):
    """Ice Spinner and Mortal Spin sweep behind a substitute too; Knock Off takes nothing."""
    if match.now.move != Move.KNOCK_OFF:
        after_hit(tables, match, who)


@rule(inline=False)
def deal(tables, match, i):
    """Takes the damage of this hit from the i-th target; Endure, Sturdy and Focus Sash leave 1. Drains."""
    now = match.now
    who = int(now.targets[i])
    target = match.mon[who]
    row = tables.book[0].moves[now.move]
    amount = int(now.dealt[i])
    if target.hp == 0:
        now.dealt[i] = 0
        return
    whole = target.hp == target.stats[0]
    power = guard(tables, match, who)
    if ability(match, who) == Ability.BERSERK:
        target.berserk = row.hits[1] <= 1 and not now.sheer
    if amount >= target.hp:
        if target.turns[Volatile.ENDURE]:
            amount = int(target.hp) - 1
        elif whole and power == Ability.STURDY:
            amount = int(target.hp) - 1
        elif whole and item(match, who) == Item.FOCUS_SASH and use_item(tables, match, who):
            amount = int(target.hp) - 1
    now.dealt[i] = lose(match, who, amount, int(now.user), 1)
    if now.dealt[i] and row.drain[0]:
        part = (2 * int(now.dealt[i]) * int(row.drain[0]) + int(row.drain[1])) // (2 * int(row.drain[1]))
        heal(match, int(now.user), part)


@rule(inline=False)
def effects(tables, match, i, behind):
    """What the move does to its i-th target besides damage."""
    now = match.now
    if now.results[i] != WORKED or behind >> i & 17:
        return
    result = apply_to(tables, match, int(now.targets[i]))
    if now.dealt[i] < 0 and result == FAILED:
        now.results[i] = FAILED


@rule(inline=False)
def leave(tables, match):
    """A pivot that did something takes its user off the field."""
    now = match.now
    user = match.mon[now.user]
    if tables.book[0].moves[now.move].self_switch and not now.stays and user.hp > 0 and not all_failed(match):
        user.must_go = 2


@rule(inline=False)
def bring_down(tables, match, behind):
    """What befalls the user, once for each target until it has."""
    now = match.now
    row = tables.book[0].moves[now.move]
    drops = any_stage(row.self_stages) or stellar_blast(match)
    if not drops and not row.self_volatile:
        return
    for i in range(int(now.count)):
        if now.dropped or now.results[i] != WORKED or behind >> i & 16:
            continue
        if drops:
            chance(tables, match, Stream.SELF_DROP.value, 100, 100)
            if row.hits[1] <= 1:
                now.dropped = 1
        apply_to_self(tables, match)


@rule(inline=False)
def bring_secondaries(tables, match, behind):
    """Each secondary effect, for each target, with its chance."""
    now = match.now
    row = tables.book[0].moves[now.move]
    for i in range(int(now.count)):
        who = int(now.targets[i])
        if now.results[i] != WORKED or behind >> i & 16:
            continue
        for k in range(int(row.secondary_count)):
            own = any_stage(row.secondary_self_stages[k])
            if item(match, who) == Item.COVERT_CLOAK and not behind >> i & 1 and not own:
                continue
            if chance(tables, match, Stream.SECONDARY.value, int(row.secondary_chance[k]), 100):
                secondary(tables, match, who, k, behind >> i & 1)
