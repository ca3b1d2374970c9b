"""Leaving the field: who falls, who forgets what, and when the battle is decided."""

from ..arena import Outcome
from ..compile import rule
from .ids import Ability
from .mons import ability, side_of
from .stages import raise_own
from .state import NOBODY
from .terms import Stage, Stat

FIRST, SECOND, DRAW = int(Outcome.FIRST), int(Outcome.SECOND), int(Outcome.DRAW)


@rule(inline=False)
def forget(match, who):
    """Clears what a Pokemon has only while it is in play."""
    mon = match.mon[who]
    for stage in range(7):
        mon.stages[stage] = 0
    for kind in range(32):
        mon.turns[kind] = 0
    mon.ability = mon.own_ability
    mon.speed = mon.stats[Stat.SPE]
    mon.result = 0
    mon.substitute = 0
    mon.stall = 0
    mon.last_move = 0
    mon.encored = 0
    mon.barred = 0
    mon.locked = 0
    mon.chosen = 0
    mon.move_actions = 0
    mon.last_loc = 0
    mon.lock_left = 0
    mon.best = 0
    mon.boosted = 0
    mon.seeder = 0
    mon.last_result = 0
    mon.new = 1
    mon.must_go = 0
    mon.dragged = 0
    mon.going = 0
    mon.unnerves = 0
    mon.item_woke = 0
    mon.raised = 0
    mon.berserk = 0


@rule(inline=False)
def drop_fallen(tables, match, decide):
    """Those out of hit points fall. decide: the battle may end by it."""
    if match.ended or match.fallen == 0:
        return
    count = int(match.fallen)
    for i in range(count):
        who = int(match.falls[i].who)
        mon = match.mon[who]
        match.left[side_of(who)] -= 1
        forget(match, who)
        mon.fainted = 1
        mon.terastallized = 0
        mon.at = NOBODY
        mon.species = tables.teams[match.team[side_of(who)], who % 6].species  # Ogerpon's mask is off again
    last = match.falls[count - 1]
    match.fallen = 0
    if decide and won(match, side_of(last.who)):
        return
    if last.by_move:
        by = int(last.by)
        power = ability(match, by)
        if power == Ability.AS_ONE_GLASTRIER:
            raise_own(match, by, Stage.ATK.value, count)
        if power == Ability.AS_ONE_SPECTRIER:
            raise_own(match, by, Stage.SPA.value, count)


@rule(inline=False)
def won(match, last):
    """Ends the battle if a side has nobody left. last: the side of who fell last, which wins if both have none."""
    if match.ended:
        return True
    if match.left[0] > 0 and match.left[1] > 0:
        return False
    winner = last
    if match.left[0] > 0:
        winner = 0
    elif match.left[1] > 0:
        winner = 1
    match.ended = 1
    match.outcome = FIRST if winner == 0 else SECOND if winner == 1 else DRAW
    return True
