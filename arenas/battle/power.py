"""How strong a hit is: base power, attack and defence, with what changes each, in the order of their priorities.

The order matters because every multiplier is rounded. Priorities are those of the handlers in data/ of
pokemon-showdown 0.11.11 (MIT), given in the comments.
"""

from ..compile import rule
from .ids import Ability, Item, Move
from .items import removable
from .mons import (
    FULL,
    ability,
    alive,
    chain,
    grounded,
    guard,
    has_type,
    immune_to,
    item,
    modify,
    plain_speed,
    seen_stage,
    staged,
)
from .state import Result
from .terms import Category, Cause, Flag, Stat, Status, Terrain, Type, Volatile, Weather

HALF, HALF_MORE, TWICE = 2048, 6144, 8192
LEAST_TERA_POWER = 60


@rule
def by_ratio(user, target):
    """Power of what crushes, by how much heavier the user is."""
    if user >= 5 * target:
        return 120
    if user >= 4 * target:
        return 100
    if user >= 3 * target:
        return 80
    return 60 if user >= 2 * target else 40


@rule
def by_weight(hectograms):
    """Power of what trips, by the target's weight."""
    if hectograms >= 2000:
        return 120
    if hectograms >= 1000:
        return 100
    if hectograms >= 500:
        return 80
    if hectograms >= 250:
        return 60
    return 40 if hectograms >= 100 else 20


@rule(inline=False)
def own_power(tables, match, who):
    """Base power of the move under way against `who`, before multipliers; 0: it does no damage of this kind."""
    now = match.now
    move, power = int(now.move), int(now.power)
    user, target = match.mon[now.user], match.mon[who]
    heavy = int(tables.book[0].species[target.species].weight)
    if move == Move.HEAVY_SLAM or move == Move.HEAT_CRASH:
        return by_ratio(int(tables.book[0].species[user.species].weight), heavy)
    if move == Move.LOW_KICK or move == Move.GRASS_KNOT:
        return by_weight(heavy)
    if move == Move.TERA_BLAST and user.terastallized == Type.STELLAR:
        return 100
    if move == Move.STOMPING_TANTRUM and user.last_result == Result.FAILED:
        return 2 * power
    if move == Move.WATER_SPOUT or move == Move.ERUPTION or move == Move.DRAGON_ENERGY:
        return max(power * int(user.hp) // int(user.stats[0]), 1)
    if move == Move.ACROBATICS and user.held == 0:
        return 2 * power
    if move == Move.TRIPLE_AXEL:
        return 20 * int(now.hit)
    if move == Move.RAGE_FIST:
        return min(350, 50 + 50 * int(user.attacked))
    if move == Move.GYRO_BALL:
        own = max(plain_speed(tables, match, int(now.user)), 1)
        return min(25 * plain_speed(tables, match, who) // own + 1, 150)
    return power


@rule(inline=False)
def item_power(tables, match, who):
    """An item's multiplier of base power."""
    mon, now = match.mon[who], match.now
    held = item(match, who)
    if held == 0:
        return FULL
    row = tables.book[0].items[held]
    if row.boost_type and row.boost_type == now.type:
        return 4915
    family = int(tables.book[0].species[mon.species].family)
    if row.holder and row.holder == family:
        mask = held == Item.HEARTHFLAME_MASK or held == Item.CORNERSTONE_MASK or held == Item.WELLSPRING_MASK
        dragon = now.type == Type.DRAGON
        if (
            mask
            or (held == Item.LUSTROUS_GLOBE and (dragon or now.type == Type.WATER))
            or (held == Item.GRISEOUS_CORE and (dragon or now.type == Type.GHOST))
        ):
            return 4915
    return FULL


@rule(inline=False)
def terrain_power(tables, match, who):
    """The terrain's multiplier of base power."""
    now = match.now
    terrain, kind = int(match.terrain), int(now.type)
    user = int(now.user)
    if terrain == Terrain.GRASSYTERRAIN:
        if (now.move == Move.EARTHQUAKE or now.move == Move.BULLDOZE) and grounded(tables, match, who):
            return HALF
        if kind == Type.GRASS and grounded(tables, match, user):
            return 5325
    elif terrain == Terrain.ELECTRICTERRAIN:
        if kind == Type.ELECTRIC and grounded(tables, match, user):
            return 5325
    elif terrain == Terrain.PSYCHICTERRAIN:
        if kind == Type.PSYCHIC and grounded(tables, match, user):
            return 5325
    elif terrain == Terrain.MISTYTERRAIN:
        if kind == Type.DRAGON and grounded(tables, match, who):
            return HALF
    return FULL


@rule(inline=False)
def move_power(tables, match, who):
    """The move's own multiplier of its base power."""
    now = match.now
    move = int(now.move)
    user, target = match.mon[now.user], match.mon[who]
    if move == Move.KNOCK_OFF:
        held = int(target.held)
        if held and removable(tables, match, held, who, who):
            return HALF_MORE
    elif move == Move.ELECTRO_DRIFT or move == Move.COLLISION_COURSE:
        if effectiveness(tables, match, who) > 0:
            return 5461
    elif move == Move.EXPANDING_FORCE:
        if match.terrain == Terrain.PSYCHICTERRAIN and grounded(tables, match, int(now.user)):
            return HALF_MORE
    elif move == Move.FACADE:
        if user.status and user.status != Status.SLP:
            return TWICE
    return FULL


@rule(inline=False)
def base_power(tables, match, who, power):
    """Base power with all multipliers."""
    now = match.now
    user = match.mon[now.user]
    own = ability(match, int(now.user))
    by = FULL
    if own == Ability.TECHNICIAN and power <= 60:  # 30
        by = chain(by, HALF_MORE)
    if now.pixilated:  # 23
        by = chain(by, 4915)
    if own == Ability.SHEER_FORCE and now.sheer:  # 21
        by = chain(by, 5325)
    if own == Ability.SHARPNESS and int(now.traits) & Flag.SLICING.value:  # 19
        by = chain(by, HALF_MORE)
    by = chain(by, item_power(tables, match, int(now.user)))  # 15
    if user.turns[Volatile.HELPINGHAND]:  # 10
        by = chain(by, HALF_MORE)
    by = chain(by, terrain_power(tables, match, who))  # 6
    by = chain(by, move_power(tables, match, who))  # 0
    power = max(modify(power, by), 1)
    if user.terastallized and power < LEAST_TERA_POWER and now.power != 0 and now.power != 150:
        row = tables.book[0].moves[now.move]
        if user.terastallized == Type.STELLAR:
            fits = int(user.stellar) >> int(now.type) & 1 == 0
        else:
            fits = has_type(user, int(now.type))
        if fits and row.priority <= 0 and row.hits[1] <= 1:
            return LEAST_TERA_POWER
    return power


# --- types ---


@rule(inline=False)
def effectiveness(tables, match, who):
    """Of the move under way against `who`: +1 twice as much, -1 half."""
    now = match.now
    target = match.mon[who]
    kind = int(now.type)
    if kind == Type.STELLAR:
        return 1 if target.terastallized else 0
    if kind == Type.GROUND and item(match, who) == Item.IRON_BALL and has_type(target, Type.FLYING.value):
        return 0
    changed = target.terastallized != 0 and target.terastallized != Type.STELLAR
    if changed:
        return against(tables, now, int(target.terastallized))
    return against(tables, now, int(target.types[0])) + against(tables, now, int(target.types[1]))


@rule
def against(tables, now, defending):
    """Effectiveness against one type; immunity is asked elsewhere."""
    if now.move == Move.FREEZE_DRY and defending == Type.WATER:
        return 1
    effect = int(tables.book[0].chart[now.type, defending])
    return effect if effect >= -1 else 0


@rule(inline=False)
def immune(tables, match, who):
    """Whether types (or Levitate) keep the move under way from touching `who`."""
    now = match.now
    kind = int(now.type)
    if now.category == Category.STATUS and now.move != Move.THUNDER_WAVE:
        return False
    if kind == Type.TYPELESS or kind == Type.STELLAR:
        return False
    if kind == Type.GROUND:
        return not grounded(tables, match, who)
    if now.finds_ghosts and (kind == Type.NORMAL or kind == Type.FIGHTING):
        return False
    target = match.mon[who]
    changed = target.terastallized != 0 and target.terastallized != Type.STELLAR
    if changed:
        return tables.book[0].chart[kind, target.terastallized] < -1
    return tables.book[0].chart[kind, target.types[0]] < -1 or tables.book[0].chart[kind, target.types[1]] < -1


@rule(inline=False)
def powder_proof(tables, match, who):
    """Whether powders do nothing to it."""
    return immune_to(tables, match.mon[who], Cause.POWDER.value) or item(match, who) == Item.SAFETY_GOGGLES


# --- attack and defence ---


@rule(inline=False)
def ruined(match, whose, power):
    """Whether somebody else's ability of ruin weakens `whose` stat; those who have it are spared."""
    if ability(match, whose) == power:
        return False
    for at in range(4):
        if alive(match, at):
            other = int(match.active[at])
            if other != whose and match.mon[other].ability == power and match.mon[other].hp > 0:
                return True
    return False


@rule
def pinched(mon):
    """Whether it is down to a third of its hit points."""
    return 3 * int(mon.hp) <= mon.stats[0]


@rule(inline=False)
def attack_ability(match, user, kind, physical):
    """The multiplier of attack by the user's own ability (priority 5)."""
    mon = match.mon[user]
    power = ability(match, user)
    if power == Ability.DRAGONS_MAW and kind == Type.DRAGON:
        return HALF_MORE
    if power == Ability.TRANSISTOR and kind == Type.ELECTRIC:
        return 5325
    if (
        (power == Ability.OVERGROW and kind == Type.GRASS)
        or (power == Ability.TORRENT and kind == Type.WATER)
        or (power == Ability.BLAZE and kind == Type.FIRE)
    ):
        return HALF_MORE if pinched(mon) else FULL
    if power == Ability.FLASH_FIRE and kind == Type.FIRE and mon.turns[Volatile.FLASHFIRE]:
        return HALF_MORE
    if physical:
        if power == Ability.GUTS and mon.status:
            return HALF_MORE
        if power == Ability.HUGE_POWER:
            return TWICE
        if power == Ability.ORICHALCUM_PULSE and match.weather == Weather.SUNNYDAY:
            return 5461
    elif power == Ability.HADRON_ENGINE and match.terrain == Terrain.ELECTRICTERRAIN:
        return 5461
    return FULL


@rule
def raised_best(mon, stat):
    """Whether Protosynthesis or Quark Drive raises this stat."""
    return (mon.turns[Volatile.PROTOSYNTHESIS] or mon.turns[Volatile.QUARKDRIVE]) and mon.best == stat


@rule(inline=False)
def attack_of(tables, match, who, stage_counts):
    """The attack of the move under way on `who`. stage_counts: 0 no stages, 1 those above 0, 2 all."""
    now = match.now
    user = int(now.user)
    row = tables.book[0].moves[now.move]
    physical = now.category == Category.PHYSICAL
    stat = int(row.attack_stat) if row.attack_stat else (Stat.ATK.value if physical else Stat.SPA.value)
    holder = match.mon[who] if row.uses_target_attack else match.mon[user]
    stage = int(holder.stages[stat - 1])
    if stage_counts == 1 and stage < 0:
        stage = 0
    attack = staged(holder.stats[stat], seen_stage(tables, match, user, stat - 1, stage))

    mon = match.mon[user]
    kind = int(now.type)
    power = guard(tables, match, who)
    by = FULL
    if power == Ability.THICK_FAT and (kind == Type.ICE or kind == Type.FIRE):  # 6
        by = chain(by, HALF)
    if power == Ability.PURIFYING_SALT and kind == Type.GHOST:
        by = chain(by, HALF)
    event_stat = Stat.ATK.value if physical else Stat.SPA.value
    if raised_best(mon, event_stat):  # 5
        by = chain(by, 5325)
    by = chain(by, attack_ability(match, user, kind, physical))
    if power == Ability.WATER_BUBBLE and kind == Type.FIRE:
        by = chain(by, HALF)
    held = item(match, user)
    if (held == Item.CHOICE_BAND and physical) or (held == Item.CHOICE_SPECS and not physical):  # 1
        by = chain(by, HALF_MORE)
    if ruined(match, user, Ability.TABLETS_OF_RUIN.value if physical else Ability.VESSEL_OF_RUIN.value):  # 0
        by = chain(by, 3072)
    if ability(match, user) == Ability.WATER_BUBBLE and kind == Type.WATER:
        by = chain(by, TWICE)
    return modify(attack, by)


@rule(inline=False)
def defense_of(tables, match, who, critical):
    """The defence of `who` against the move under way."""
    now = match.now
    row = tables.book[0].moves[now.move]
    physical = now.category == Category.PHYSICAL
    stat = int(row.defense_stat) if row.defense_stat else (Stat.DEF.value if physical else Stat.SPD.value)
    mon = match.mon[who]
    stage = int(mon.stages[stat - 1])
    if row.ignores_stages or (critical and stage > 0):
        stage = 0
    defense = staged(mon.stats[stat], seen_stage(tables, match, who, stat - 1, stage))
    if stat == Stat.DEF:
        if match.weather == Weather.SNOWSCAPE and has_type(mon, Type.ICE.value):  # 10
            defense = modify(defense, HALF_MORE)
    elif match.weather == Weather.SANDSTORM and has_type(mon, Type.ROCK.value):
        defense = modify(defense, HALF_MORE)
    by = FULL
    if raised_best(mon, stat):  # 6
        by = chain(by, 5325)
    held = item(match, who)
    if held == Item.EVIOLITE and tables.book[0].species[mon.species].evolves:  # 2
        by = chain(by, HALF_MORE)
    if held == Item.ASSAULT_VEST and stat == Stat.SPD:  # 1
        by = chain(by, HALF_MORE)
    if ruined(match, who, Ability.SWORD_OF_RUIN.value if stat == Stat.DEF else Ability.BEADS_OF_RUIN.value):  # 0
        by = chain(by, 3072)
    return modify(defense, by)
