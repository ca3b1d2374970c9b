"""Items used up, eaten, taken and given; and the statuses and volatiles they end."""

from ..compile import rule
from .ids import Ability, Item
from .mons import (
    ITEM_SHOWN,
    ability,
    allied,
    guard,
    heal,
    item,
    misty,
    place_in_order,
    rank_places,
    roll,
    show,
    standing,
)
from .stages import raise_own
from .state import ALWAYS, NOBODY, Stream
from .terms import Stat, Status, Terrain, Volatile, Weather


@rule(inline=False)
def cure(match, who):
    """Ends its status."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.status == 0:
        return False
    mon.status = 0
    mon.status_turns = 0
    return True


@rule(inline=False)
def confuse(tables, match, who):
    """Confuses, for 2 to 5 turns. Returns whether it did."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.turns[Volatile.CONFUSION]:
        return False
    if guard(tables, match, who) == Ability.OWN_TEMPO or misty(tables, match, who):
        return False
    mon.turns[Volatile.CONFUSION] = 2 + roll(tables, match, Stream.CONFUSION.value, 4)
    return True


@rule
def unburden(match, who):
    """What it holds is lost or reached for: Unburden wakes, and doubles its speed once it holds nothing."""
    mon = match.mon[who]
    if mon.held and mon.hp > 0 and ability(match, who) == Ability.UNBURDEN:
        mon.turns[Volatile.UNBURDEN] = ALWAYS


@rule
def lost_item(match, who):
    """It has no item any more."""
    mon = match.mon[who]
    show(mon, ITEM_SHOWN)
    unburden(match, who)
    mon.held = 0
    mon.item_woke = 0


@rule(inline=False)
def use_item(tables, match, who):
    """Uses its item up, with the stages that gives. Returns whether it could."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.at == NOBODY or mon.held == 0:
        return False
    row = tables.book[0].items[mon.held]
    for stage in range(7):
        if row.stages[stage]:
            raise_own(match, who, stage, int(row.stages[stage]))
    lost_item(match, who)
    return True


@rule(inline=False)
def unnerved(match, who):
    """Whether a foe's ability keeps it from eating."""
    for k in range(4):
        if standing(match, k):
            other = int(match.active[k])
            if not allied(who, other) and match.mon[other].unnerves:
                return True
    return False


@rule(inline=False)
def eat(tables, match, who):
    """Eats its berry, if it can and may. Returns whether it did."""
    mon = match.mon[who]
    held = int(mon.held)
    if mon.hp == 0 or mon.at == NOBODY or tables.book[0].items[held].berry == 0 or unnerved(match, who):
        return False
    pinch = held == Item.FIGY_BERRY or held == Item.WIKI_BERRY or held == Item.AGUAV_BERRY
    if (pinch or held == Item.SITRUS_BERRY) and (mon.turns[Volatile.HEALBLOCK] or mon.berserk):
        return False
    most = int(mon.stats[0])
    if held == Item.SITRUS_BERRY:
        heal(match, who, most // 4)
    if pinch:
        heal(match, who, most // 3)
        disliked = (
            (held == Item.FIGY_BERRY and mon.lowered == Stat.ATK)
            or (held == Item.WIKI_BERRY and mon.lowered == Stat.SPA)
            or (held == Item.AGUAV_BERRY and mon.lowered == Stat.SPD)
        )
        if disliked:
            confuse(tables, match, who)
    if held == Item.LUM_BERRY:
        cure(match, who)
        mon.turns[Volatile.CONFUSION] = 0
    lost_item(match, who)
    return True


@rule(inline=False)
def update(tables, match):
    """What items and abilities do as soon as they can; the order matters to berries that confuse: fastest first."""
    hungry = 0
    for k in range(4):
        at = place_in_order(match, k)
        if standing(match, at):
            update_one(tables, match, int(match.active[at]))
            hungry += ripe(match.mon[match.active[at]])
    if hungry:
        rank_places(match)
        for k in range(4):
            at = int(match.rank[k])
            if standing(match, at) and ripe(match.mon[match.active[at]]):
                eat(tables, match, int(match.active[at]))


@rule
def ripe(mon):
    """Whether it is down to a quarter of its hit points, with a berry for that."""
    pinch = mon.held == Item.FIGY_BERRY or mon.held == Item.WIKI_BERRY or mon.held == Item.AGUAV_BERRY
    return pinch and 4 * int(mon.hp) <= mon.stats[0]


@rule(inline=False)
def update_one(tables, match, who):
    """What one does as soon as it can: Sitrus and Lum Berry, Mental Herb, Booster Energy, abilities that cure."""
    mon = match.mon[who]
    power = ability(match, who)
    if power == Ability.WATER_BUBBLE or power == Ability.THERMAL_EXCHANGE:
        if mon.status == Status.BRN:
            cure(match, who)
    if power == Ability.VITAL_SPIRIT and mon.status == Status.SLP:
        cure(match, who)
    if power == Ability.OWN_TEMPO:
        mon.turns[Volatile.CONFUSION] = 0
    held = int(mon.held)
    if held == 0:
        return
    if held == Item.SITRUS_BERRY and 2 * int(mon.hp) <= mon.stats[0]:
        eat(tables, match, who)
    elif held == Item.LUM_BERRY:
        if mon.status or mon.turns[Volatile.CONFUSION]:
            eat(tables, match, who)
    elif held == Item.MENTAL_HERB:
        mental_herb(tables, match, who)
    elif held == Item.BOOSTER_ENERGY and mon.item_woke:
        booster(tables, match, who)


@rule(inline=False)
def mental_herb(tables, match, who):
    """Frees its holder of what binds its mind."""
    mon = match.mon[who]
    bound = (
        int(mon.turns[Volatile.TAUNT])
        + int(mon.turns[Volatile.ENCORE])
        + int(mon.turns[Volatile.DISABLE])
        + int(mon.turns[Volatile.HEALBLOCK])
    )
    if bound and use_item(tables, match, who):
        mon.turns[Volatile.TAUNT] = 0
        mon.turns[Volatile.ENCORE] = 0
        mon.turns[Volatile.DISABLE] = 0
        mon.turns[Volatile.HEALBLOCK] = 0
        mon.encored = 0
        mon.barred = 0


@rule(inline=False)
def booster(tables, match, who):
    """Booster Energy wakes Protosynthesis or Quark Drive where sun or terrain does not."""
    mon = match.mon[who]
    power = ability(match, who)
    if power == Ability.PROTOSYNTHESIS and match.weather != Weather.SUNNYDAY:
        wake = Volatile.PROTOSYNTHESIS.value
    elif power == Ability.QUARK_DRIVE and match.terrain != Terrain.ELECTRICTERRAIN:
        wake = Volatile.QUARKDRIVE.value
    else:
        return
    if use_item(tables, match, who):
        wake_best(match, who, wake)
        mon.boosted = 1


@rule(inline=False)
def wake_best(match, who, wake):
    """Protosynthesis or Quark Drive picks its best stat, stages counted; the first of equals."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.turns[wake]:
        return
    mon.turns[wake] = ALWAYS
    mon.boosted = 0
    best, most = Stat.ATK.value, 0
    for stat in range(1, 6):
        stage = min(max(int(mon.stages[stat - 1]), -6), 6)
        value = int(mon.stats[stat])
        value = value * (2 + stage) // 2 if stage >= 0 else value * 2 // (2 - stage)
        if value > most:
            best, most = stat, value
    mon.best = best


@rule(inline=False)
def removable(tables, match, held, holder, taker):
    """Whether an item can leave its holder (or come to `taker`): some belong to a species."""
    if held == Item.BOOSTER_ENERGY:
        return not tables.book[0].species[match.mon[holder].species].paradox
    family = int(tables.book[0].items[held].holder)
    if family == 0:
        return True
    if tables.book[0].species[match.mon[holder].species].family == family:
        return False
    shared = held == Item.RUSTED_SHIELD or held == Item.RUSTED_SWORD or held == Item.LUSTROUS_GLOBE
    if shared or held == Item.GRISEOUS_CORE:
        return tables.book[0].species[match.mon[taker].species].family != family
    return True


@rule(inline=False)
def take_item(tables, match, who, taker):
    """Takes an item away. Returns it, or 0 where there is none or it stays."""
    mon = match.mon[who]
    held = int(mon.held)
    if held == 0:
        return 0
    unburden(match, who)
    if not removable(tables, match, held, who, taker):
        return 0
    lost_item(match, who)
    return held


@rule(inline=False)
def give_item(tables, match, who, given):
    """Puts an item into its hands, which wakes at once."""
    mon = match.mon[who]
    if mon.hp == 0 or mon.at == NOBODY:
        return
    mon.held = given
    show(mon, ITEM_SHOWN)
    mon.item_woke = 0
    start_item(tables, match, who)


@rule(inline=False)
def start_item(tables, match, who):
    """What an item does when its holder comes in or gets it, but for the seeds."""
    mon = match.mon[who]
    if tables.book[0].items[mon.held].choice:
        mon.turns[Volatile.CHOICELOCK] = 0
        mon.chosen = 0
    if mon.held == Item.BOOSTER_ENERGY:
        mon.item_woke = 1
        booster(tables, match, who)
    seed(tables, match, who)


@rule(inline=False)
def seed(tables, match, who):
    """A seed sprouts on its terrain."""
    held = item(match, who)
    terrain = int(match.terrain)
    if (
        (held == Item.ELECTRIC_SEED and terrain == Terrain.ELECTRICTERRAIN)
        or (held == Item.GRASSY_SEED and terrain == Terrain.GRASSYTERRAIN)
        or (held == Item.MISTY_SEED and terrain == Terrain.MISTYTERRAIN)
        or (held == Item.PSYCHIC_SEED and terrain == Terrain.PSYCHICTERRAIN)
    ):
        use_item(tables, match, who)
