"""What the bots expect of a hit: by types, stats, weather and terrain, without the foe's stats, which nobody shows."""

from ..compile import rule
from .ids import Ability, Move
from .mons import has_own_type, has_type, staged
from .terms import Category, Status, Terrain, Type, Weather


@rule(inline=False)
def matchup(tables, match, who, foe):
    """How types stand between two: what the best attack does, less what the foe's types do."""
    mon, other = match.mon[who], match.mon[foe]
    best = 0
    for k in range(4):
        row = tables.book[0].moves[mon.moves[k]]
        if mon.moves[k] and row.category != Category.STATUS:
            best = max(best, types_factor(tables, int(row.type), other))
    worst = 0
    for k in range(2):
        kind = int(other.types[k])
        if kind:
            worst = max(worst, types_factor(tables, kind, mon))
    return (best - worst) // 4


@rule(inline=False)
def types_factor(tables, kind, mon):
    """What an attacking type does to a Pokemon, in sixteenths."""
    factor = 16
    first, second = int(mon.types[0]), int(mon.types[1])
    if mon.terastallized and mon.terastallized != Type.STELLAR:
        first, second = int(mon.terastallized), 0
    for k in range(2):
        effect = int(tables.book[0].chart[kind, first if k == 0 else second])
        if effect < -1:
            return 0
        if effect > 0:
            factor *= 2
        elif effect < 0:
            factor //= 2
    return factor


@rule(inline=False)
def share(tables, match, who, target, move):
    """The damage a move should do if it hits, in per cent of the target's most hit points."""
    mon, foe = match.mon[who], match.mon[target]
    row = tables.book[0].moves[move]
    kind = int(row.type)
    if move == Move.TERA_BLAST and mon.terastallized:
        kind = int(mon.terastallized)
    factor = types_factor(tables, kind, foe)
    if factor == 0 or (kind == Type.GROUND and foe.ability == Ability.LEVITATE):
        return 0
    if absorbs(foe, kind):
        return -20
    power = max(int(row.power), 1) * max(int(row.hits[0]), 1)
    if row.power == 0:
        power = 70
    physical = row.category == Category.PHYSICAL
    attack_stat, defense_stat = (1, 2) if physical else (3, 4)
    attack = staged(mon.stats[attack_stat], mon.stages[attack_stat - 1])
    defense = staged(guessed(tables, foe, defense_stat), foe.stages[defense_stat - 1])
    damage = 22 * power * attack // max(defense, 1) // 50 + 2
    damage = damage * factor // 16
    if has_own_type(mon, kind) or has_type(mon, kind):
        damage = damage * 3 // 2
    damage = damage * field_factor(match, kind) // 4
    if mon.status == Status.BRN and physical:
        damage //= 2
    return 100 * damage // max(guessed(tables, foe, 0), 1)


@rule
def absorbs(foe, kind):
    """Whether an ability would take this type in."""
    power = int(foe.ability)
    return (
        (kind == Type.WATER and power == Ability.WATER_ABSORB)
        or (kind == Type.ELECTRIC and power == Ability.VOLT_ABSORB)
        or (kind == Type.FIRE and power == Ability.FLASH_FIRE)
        or (kind == Type.GRASS and power == Ability.SAP_SIPPER)
    )


@rule
def guessed(tables, foe, stat):
    """A foe's stat, which nobody shows: that of a moderate investment at level 50."""
    base = int(tables.book[0].species[foe.species].base_stats[stat])
    return base + 85 if stat == 0 else base + 35


@rule
def field_factor(match, kind):
    """What weather and terrain do to a type, in quarters."""
    if match.weather == Weather.SUNNYDAY and kind == Type.FIRE:
        return 6
    if match.weather == Weather.SUNNYDAY and kind == Type.WATER:
        return 2
    if match.weather == Weather.RAINDANCE and kind == Type.WATER:
        return 6
    if match.weather == Weather.RAINDANCE and kind == Type.FIRE:
        return 2
    if (
        (match.terrain == Terrain.ELECTRICTERRAIN and kind == Type.ELECTRIC)
        or (match.terrain == Terrain.GRASSYTERRAIN and kind == Type.GRASS)
        or (match.terrain == Terrain.PSYCHICTERRAIN and kind == Type.PSYCHIC)
    ):
        return 5
    return 4
