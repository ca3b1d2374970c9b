"""What a move becomes: laid out from the tables, then changed by its user, its holder, weather and terrain."""

from ..compile import rule
from .ids import Ability, Item, Move, Species
from .items import cure
from .mons import ability, grounded, item, staged
from .state import ALWAYS
from .terms import Category, Flag, Stage, Stat, Status, Target, Terrain, Type, Volatile, Weather


@rule(inline=False)
def prepare(tables, match, who, move, priority):
    """Lays out the move under way as the tables have it."""
    now = match.now
    row = tables.book[0].moves[move]
    now.move = move
    now.user = who
    now.target = who
    now.traits = row.traits
    now.type = row.type
    now.category = row.category
    now.power = row.power
    now.accuracy = row.accuracy
    now.aim = row.target
    now.priority = priority
    now.ignores_ability = row.ignores_ability
    now.each_hit_can_miss = row.each_hit_can_miss
    now.ignores_evasion = 0
    now.finds_ghosts = 0
    now.sheer = 0
    now.pixilated = 0
    now.plain = 0
    now.spread = 0
    now.heals = 0
    now.hit = 0
    now.last_hit = 0
    now.dropped = 0
    now.stays = 0
    now.stellar = 0
    now.count = 0
    now.total = 0
    for at in range(4):
        now.critical[at] = 0
        now.effective[at] = 0
        now.dealt[at] = -1


@rule(inline=False)
def weather_type(match):
    """The type Weather Ball takes from the weather."""
    if match.weather == Weather.SUNNYDAY:
        return Type.FIRE.value
    if match.weather == Weather.RAINDANCE:
        return Type.WATER.value
    if match.weather == Weather.SANDSTORM:
        return Type.ROCK.value
    return Type.ICE.value


@rule(inline=False)
def cudgel_type(species):
    """The type of Ivy Cudgel, by the mask."""
    if species == Species.OGERPON_WELLSPRING or species == Species.OGERPON_WELLSPRING_TERA:
        return Type.WATER.value
    if species == Species.OGERPON_HEARTHFLAME or species == Species.OGERPON_HEARTHFLAME_TERA:
        return Type.FIRE.value
    if species == Species.OGERPON_CORNERSTONE or species == Species.OGERPON_CORNERSTONE_TERA:
        return Type.ROCK.value
    return Type.GRASS.value


@rule(inline=False)
def become(tables, match):
    """The move as its user, weather and terrain make it."""
    now = match.now
    move, who = int(now.move), int(now.user)
    mon = match.mon[who]
    if move == Move.WEATHER_BALL and match.weather:
        now.type = weather_type(match)
        now.power = 2 * int(now.power)
    elif move == Move.IVY_CUDGEL:
        now.type = cudgel_type(int(mon.species))
    elif move == Move.TERA_BLAST and mon.terastallized:
        now.type = mon.tera
        if staged(mon.stats[Stat.ATK], mon.stages[Stage.ATK]) > staged(mon.stats[Stat.SPA], mon.stages[Stage.SPA]):
            now.category = Category.PHYSICAL
    elif move == Move.STRUGGLE:
        now.type = Type.TYPELESS
    elif move == Move.HURRICANE or move == Move.THUNDER:
        if match.weather == Weather.RAINDANCE:
            now.accuracy = 0
        elif match.weather == Weather.SUNNYDAY:
            now.accuracy = 50
    elif move == Move.BLEAKWIND_STORM or move == Move.SANDSEAR_STORM:
        if match.weather == Weather.RAINDANCE:
            now.accuracy = 0
    elif move == Move.BLIZZARD:
        if match.weather == Weather.SNOWSCAPE:
            now.accuracy = 0
    elif move == Move.EXPANDING_FORCE:
        if match.terrain == Terrain.PSYCHICTERRAIN and grounded(tables, match, who):
            now.aim = Target.ALLADJACENTFOES
    power = ability(match, who)
    if power == Ability.PIXILATE and now.type == Type.NORMAL:
        if move != Move.WEATHER_BALL and move != Move.STRUGGLE and not (move == Move.TERA_BLAST and mon.terastallized):
            now.type = Type.FAIRY
            now.pixilated = now.category != Category.STATUS
    become_by_holder(tables, match, who, power)


@rule(inline=False)
def become_by_holder(tables, match, who, power):
    """What status, ability and item of the user make of the move."""
    now = match.now
    mon = match.mon[who]
    row = tables.book[0].moves[now.move]
    if mon.status == Status.FRZ and int(now.traits) & Flag.DEFROST.value:
        cure(match, who)
    if power == Ability.UNSEEN_FIST and int(now.traits) & Flag.CONTACT.value:
        now.traits = int(now.traits) & ~Flag.PROTECT.value
    elif power == Ability.MOLD_BREAKER or power == Ability.TERAVOLT or power == Ability.TURBOBLAZE:
        now.ignores_ability = 1
    elif power == Ability.SHEER_FORCE:
        if row.sheer_force:
            now.sheer = 1
            now.plain = row.secondary_count > 0
    elif power == Ability.MINDS_EYE:
        now.ignores_evasion = 1
        now.finds_ghosts = 1
    elif power == Ability.SCRAPPY:
        now.finds_ghosts = 1
    held = item(match, who)
    if held == Item.LOADED_DICE:
        now.each_hit_can_miss = 0
    if tables.book[0].items[held].choice and not mon.turns[Volatile.CHOICELOCK]:
        mon.turns[Volatile.CHOICELOCK] = ALWAYS
        mon.chosen = now.move
