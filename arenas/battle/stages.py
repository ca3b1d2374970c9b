"""Raising and lowering stages, and who answers when they are lowered."""

from ..compile import rule
from .ids import Ability, Item
from .mons import ability, allied, guard, item, side_of
from .state import NOBODY
from .terms import SideCondition, Stage


@rule(inline=False)
def shift(match, who, stage, by):
    """Changes one stage within -6 and 6, unasked. Returns by how much."""
    mon = match.mon[who]
    before = int(mon.stages[stage])
    after = min(max(before + int(by), -6), 6)
    mon.stages[stage] = after
    if after > before:
        mon.raised = 1
    return after - before


@rule
def boostable(match, who):
    """Whether stages can change at all: in play, and the battle not yet decided."""
    return match.mon[who].hp > 0 and match.mon[who].at != NOBODY and match.left[1 - side_of(who)] > 0


@rule(inline=False)
def raise_own(match, who, stage, by):
    """A stage its own ability or item raises. Returns whether anything changed."""
    return boostable(match, who) and shift(match, who, stage, by) != 0


@rule(inline=False)
def protected_stage(tables, match, who, by_who, stage, intimidated):
    """Whether something keeps this stage from being lowered by another."""
    power = guard(tables, match, who)
    if intimidated and stage == Stage.ATK:
        if power == Ability.INNER_FOCUS or power == Ability.OWN_TEMPO or power == Ability.SCRAPPY:
            return True
    if who == by_who:
        return False
    if power == Ability.CLEAR_BODY or item(match, who) == Item.CLEAR_AMULET:
        return True
    if match.layers[side_of(who), SideCondition.MIST] and not allied(who, by_who):
        return True
    return power == Ability.MINDS_EYE and stage == Stage.ACCURACY


@rule(inline=False)
def boost(tables, match, who, by_who, stages, intimidated):
    """Changes stages, `stages` by Stage, asked for by `by_who`. Returns whether any changed.

    Defiant and Competitive answer each stage that a foe lowers.
    """
    if not boostable(match, who):
        return False
    any_changed = False
    lowest = 0  # bits of the stages that cannot fall, even if an answer to another raises them first
    for stage in range(7):
        lowest |= (match.mon[who].stages[stage] <= -6) << stage
    for stage in range(7):
        by = int(stages[stage])
        if by == 0 or (by < 0 and lowest >> stage & 1):
            continue
        if by < 0 and protected_stage(tables, match, who, by_who, stage, intimidated):
            continue
        moved = shift(match, who, stage, by)
        if moved == 0:
            continue
        any_changed = True
        if moved < 0 and not allied(who, by_who):
            answer = ability(match, who)
            if answer == Ability.DEFIANT:
                raise_own(match, who, Stage.ATK.value, 2)
            if answer == Ability.COMPETITIVE:
                raise_own(match, who, Stage.SPA.value, 2)
    return any_changed


@rule(inline=False)
def clear_stages(match, who):
    for stage in range(7):
        match.mon[who].stages[stage] = 0
