"""Using a move: whether its user can act, what it asks first, and what follows."""

from ..compile import rule
from .aim import aimed_at, encored_target, find_targets
from .becoming import become, prepare
from .damage import confusion_damage
from .effects import any_stage, apply_to
from .falls import drop_fallen, won
from .hits import meet
from .ids import Ability, Item, Move
from .items import cure, use_item
from .mons import ITEM_SHOWN, ability, allied, chance, guard, hurt, item, lose, show, side_of, standing
from .stages import boost, raise_own
from .state import ALWAYS, NOBODY, SLOTS, Do, Result, Stream
from .status import end_lock, imprisoned, move_slot, stall_works, stop_gathering
from .terms import Category, Flag, Stage, Status, Target, Volatile, Weather

WORKED, FAILED, STOPPED = int(Result.WORKED), int(Result.FAILED), int(Result.STOPPED)


@rule(inline=False)
def can_act(tables, match, who, move):
    """Whether nothing keeps it from using this move. The checks come in the order of their priorities."""
    mon = match.mon[who]
    row = tables.book[0].moves[move]
    flags = int(row.traits)
    if mon.status == Status.SLP:  # 10
        mon.status_turns = int(mon.status_turns) - 1
        if mon.status_turns > 0:
            return False
        cure(match, who)
    elif mon.status == Status.FRZ and not flags & Flag.DEFROST.value:
        if not chance(tables, match, Stream.THAW.value, 1, 5):
            return False
        cure(match, who)
    if mon.turns[Volatile.FLINCH]:  # 8
        return False
    if mon.turns[Volatile.DISABLE] and mon.barred == move:  # 7
        return False
    if mon.turns[Volatile.THROATCHOP] and flags & Flag.SOUND.value:  # 6
        return False
    if mon.turns[Volatile.HEALBLOCK] and flags & Flag.HEAL.value:
        return False
    if mon.turns[Volatile.TAUNT] and row.category == Category.STATUS:  # 5
        return False
    if imprisoned(match, who, move):  # 4
        return False
    if mon.turns[Volatile.CONFUSION]:  # 3
        mon.turns[Volatile.CONFUSION] = int(mon.turns[Volatile.CONFUSION]) - 1
        if mon.turns[Volatile.CONFUSION] and chance(tables, match, Stream.CONFUSED.value, 33, 100):
            lose_to_confusion(tables, match, who)
            return False
    if mon.status == Status.PAR and chance(tables, match, Stream.PARALYSIS.value, 1, 4):  # 1
        return False
    if mon.turns[Volatile.CHOICELOCK]:  # 0
        if not tables.book[0].items[mon.held].choice:
            mon.turns[Volatile.CHOICELOCK] = 0
            mon.chosen = 0
        elif move != mon.chosen and move != Move.STRUGGLE:
            return False
    return True


@rule(inline=False)
def lose_to_confusion(tables, match, who):
    """It hits itself; Sturdy and the Focus Sash count as against a move."""
    mon = match.mon[who]
    amount = confusion_damage(tables, match, who)
    if amount >= mon.hp and mon.hp == mon.stats[0]:
        if ability(match, who) == Ability.STURDY or (mon.held == Item.FOCUS_SASH and use_item(tables, match, who)):
            amount = int(mon.hp) - 1
    mon.berserk = ability(match, who) == Ability.BERSERK
    lose(match, who, amount, who, 1)


@rule(inline=False)
def run_move(tables, match, who, move, loc, priority):
    """One Pokemon's move, from trying to act to what is left of it."""
    mon = match.mon[who]
    mon.move_actions = min(int(mon.move_actions) + 1, 100)
    target = aimed_at(tables, match, who, move, loc)
    # What was chosen says whether this is a prank, whatever Encore makes of it.
    status = tables.book[0].moves[move].category == Category.STATUS
    match.now.prankster = status and ability(match, who) == Ability.PRANKSTER
    if mon.turns[Volatile.ENCORE] and mon.encored != move and move != Move.STRUGGLE:
        move = int(mon.encored)
        target = encored_target(tables, match, who, move)
    match.now.move = move
    match.now.user = who
    match.now.target = max(target, 0)
    match.now.ignores_ability = 0
    if not can_act(tables, match, who, move):
        stop_gathering(mon)
        match.now.move = 0
        mon.result = FAILED
        drop_fallen(tables, match, True)
        return
    locked = mon.turns[Volatile.LOCKEDMOVE] != 0 or mon.turns[Volatile.TWOTURNMOVE] != 0
    slot = move_slot(mon, move)
    if not locked and move != Move.STRUGGLE:
        if slot < 0 or mon.pp[slot] <= 0:
            match.now.move = 0
            mon.result = FAILED
            return
        mon.pp[slot] = int(mon.pp[slot]) - 1
        see_move(mon, slot)
    mon.last_move = move
    mon.last_loc = loc
    mon.result = 0
    worked = use(tables, match, who, move, target, priority, locked, slot)
    if mon.result == 0:
        mon.result = WORKED if worked else FAILED
    if mon.turns[Volatile.LOCKEDMOVE] == 1:
        end_lock(tables, match, who)
    drop_fallen(tables, match, True)
    won(match, 2)


@rule
def see_move(mon, slot):
    """The foe has seen this move."""
    mon.seen_moves = int(mon.seen_moves) | 1 << slot


@rule(inline=False)
def use(tables, match, who, move, target, priority, locked, slot):
    """The move itself. Returns whether it did anything."""
    now = match.now
    mon = match.mon[who]
    prepare(tables, match, who, move, priority)
    if now.aim == Target.SELF or now.aim == Target.ALLIES:
        target = who
    now.target = max(target, 0)
    become(tables, match)
    if target == NOBODY:
        return False
    find_targets(tables, match, target)
    if not locked and slot >= 0 and now.count:
        pressure(tables, match, who, slot)
    if not try_move(tables, match, who):
        return False
    row = tables.book[0].moves[move]
    aim = int(now.aim)
    if aim == Target.ALL or aim == Target.FOESIDE or aim == Target.ALLYSIDE or aim == Target.ALLYTEAM:
        worked = use_on_field(tables, match)
    else:
        if now.count == 0:
            return False
        now.spread = now.count > 1
        if not ready(tables, match, who):
            return False
        worked = meet(tables, match)
    if worked and any_stage(row.last_stages):
        boost(tables, match, who, who, row.last_stages, False)
    if not worked:
        return False
    if not (now.sheer and ability(match, who) == Ability.SHEER_FORCE):
        afterwards(tables, match, who, target)
    return mon.result != FAILED


@rule(inline=False)
def pressure(tables, match, who, slot):
    """Each foe's Pressure among the targets costs another point."""
    now = match.now
    mon = match.mon[who]
    if int(now.traits) & Flag.MUSTPRESSURE.value:
        first = SLOTS * (1 - side_of(who))
        for at in range(first, first + SLOTS):
            if standing(match, at) and ability(match, int(match.active[at])) == Ability.PRESSURE:
                mon.pp[slot] = max(int(mon.pp[slot]) - 1, 0)
        return
    if now.aim == Target.FOESIDE:
        return
    for i in range(int(now.count)):
        other = int(now.targets[i])
        if not allied(other, who) and ability(match, other) == Ability.PRESSURE:
            mon.pp[slot] = max(int(mon.pp[slot]) - 1, 0)


@rule(inline=False)
def try_move(tables, match, who):
    """Moves that gather strength first, and foes that forbid quick moves. Returns whether it goes on."""
    now = match.now
    mon = match.mon[who]
    if now.move == Move.METEOR_BEAM or now.move == Move.ELECTRO_SHOT:
        if mon.turns[Volatile.METEORBEAM] or mon.turns[Volatile.ELECTROSHOT]:
            mon.turns[Volatile.METEORBEAM] = 0
            mon.turns[Volatile.ELECTROSHOT] = 0
        else:
            raise_own(match, who, Stage.SPA.value, 1)
            rain = now.move == Move.ELECTRO_SHOT and match.weather == Weather.RAINDANCE
            if not rain and not (item(match, who) == Item.POWER_HERB and use_item(tables, match, who)):
                mon.turns[Volatile.TWOTURNMOVE] = 2
                mon.turns[Volatile.METEORBEAM if now.move == Move.METEOR_BEAM else Volatile.ELECTROSHOT] = ALWAYS
                mon.locked = now.move
                mon.result = STOPPED
                return False
    if now.move == Move.POLLEN_PUFF and mon.turns[Volatile.HEALBLOCK]:
        if now.count and allied(who, int(now.targets[0])):
            return False
    if now.priority <= 0 or now.aim == Target.FOESIDE or (now.aim == Target.ALL and now.move != Move.PERISH_SONG):
        return True
    first = SLOTS * (1 - side_of(who))
    aimed = int(now.targets[now.count - 1]) if now.count else int(now.target)
    for at in range(first, first + SLOTS):
        if standing(match, at):
            power = guard(tables, match, int(match.active[at]))
            if power == Ability.ARMOR_TAIL or power == Ability.QUEENLY_MAJESTY:
                if now.aim == Target.ALL or side_of(aimed) == at // SLOTS:
                    return False
    return True


@rule(inline=False)
def ready(tables, match, who):
    """What a move asks before it meets its targets."""
    now = match.now
    move = int(now.move)
    mon = match.mon[who]
    if move == Move.FAKE_OUT:
        return mon.move_actions <= 1
    if move == Move.FOLLOW_ME or move == Move.RAGE_POWDER:
        return tables.book[0].options[0] > 1
    if move == Move.SUCKER_PUNCH or move == Move.THUNDERCLAP:
        return about_to_attack(tables, match, int(now.targets[0]))
    if tables.book[0].moves[move].stalls:
        return anybody_acts(match) and stall_works(tables, match, who)
    return True


@rule(inline=False)
def about_to_attack(tables, match, who):
    """Whether it is about to use a move that does damage."""
    if match.mon[who].fainted:
        return False
    for i in range(int(match.queued)):
        action = match.queue[i]
        if action.kind == Do.MOVE and action.who == who:
            return tables.book[0].moves[action.move].category != Category.STATUS
    return False


@rule(inline=False)
def anybody_acts(match):
    """Whether any move or switch is still to come this turn."""
    for i in range(int(match.queued)):
        kind = int(match.queue[i].kind)
        if kind == Do.MOVE or kind == Do.SWITCH or kind == Do.REPLACE:
            return True
    return False


@rule(inline=False)
def use_on_field(tables, match):
    """A move on a side or on the field. Returns whether it did anything."""
    now = match.now
    move = int(now.move)
    if move == Move.WIDE_GUARD and not anybody_acts(match):
        return False
    if move == Move.AURORA_VEIL and match.weather != Weather.SNOWSCAPE:
        return False
    if now.count == 0:
        return False
    return apply_to(tables, match, int(now.targets[0])) != FAILED


@rule(inline=False)
def afterwards(tables, match, who, target):
    """Life Orb and Throat Spray."""
    now = match.now
    mon = match.mon[who]
    held = item(match, who)
    if held == Item.LIFE_ORB and now.category != Category.STATUS and not mon.dragged:
        hurt(match, who, int(mon.stats[0]) // 10, who)
        show(mon, ITEM_SHOWN)
    if held == Item.THROAT_SPRAY and int(now.traits) & Flag.SOUND.value:
        use_item(tables, match, who)
