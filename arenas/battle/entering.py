"""Coming in and going out: who leaves what behind, hazards, and abilities and items that wake on entry."""

from ..compile import rule
from .falls import drop_fallen, forget
from .field import paradox_power, set_terrain, set_weather
from .ids import Ability, Item
from .items import booster, seed, update
from .mons import (
    ABILITY_SHOWN,
    CAME_IN,
    ability,
    alive,
    changed,
    grounded,
    has_type,
    heal,
    hurt,
    item,
    place_in_order,
    roll,
    show,
    side_of,
    staged,
    standing,
)
from .stages import boost, raise_own
from .state import NOBODY, SLOTS, Stream
from .status import set_status
from .terms import SideCondition, Stage, Stat, Status, Terrain, Type, Volatile, Weather


@rule(inline=False)
def go_out(tables, match, at):
    """Whoever stands or fell at a place leaves it."""
    who = int(match.active[at])
    if who == NOBODY:
        return
    mon = match.mon[who]
    if mon.hp > 0:
        if ability(match, who) == Ability.REGENERATOR:
            mon.hp = min(int(mon.hp) + int(mon.stats[0]) // 3, int(mon.stats[0]))
        cancel(match, who)
    forget(match, who)
    mon.at = NOBODY


@rule(inline=False)
def cancel(match, who):
    """Takes its actions from the queue."""
    kept = 0
    for i in range(int(match.queued)):
        if match.queue[i].who != who:
            if kept != i:
                match.queue[kept] = match.queue[i]
            kept += 1
    match.queued = kept


@rule(inline=False)
def come_in(tables, match, who, at, dragged):
    """A Pokemon takes a place; what that sets off comes later, for all who come in together."""
    old = int(match.active[at])
    if old != NOBODY and match.mon[old].hp > 0 and not dragged:
        if not match.mon[old].going:
            update(tables, match)
    go_out(tables, match, at)
    mon = match.mon[who]
    change_line(match, who, at)
    match.active[at] = who
    match.later[side_of(who)] = at % SLOTS
    mon.at = at
    mon.move_actions = 0
    mon.unnerves = 0
    mon.item_woke = 0
    show(mon, CAME_IN)


@rule
def change_line(match, who, at):
    """Who comes in and who goes out exchange their places in line."""
    side, slot = at // SLOTS, at % SLOTS
    for i in range(6):
        if match.line[side, i] == who:
            match.line[side, i] = match.line[side, slot]
    match.line[side, slot] = who


@rule(inline=False)
def sort_places(tables, match, stream, fallen):
    """Writes the places with somebody into `rank`, fastest first, equals in drawn order; NOBODY after the last.

    fallen: those who fell at a place count, too.
    """
    count = 0
    for k in range(4):
        match.rank[k] = NOBODY
    for k in range(4):
        at = place_in_order(match, k)
        if alive(match, at) or (fallen and match.active[at] != NOBODY):
            i = count
            speed = int(match.mon[match.active[at]].speed)
            while i > 0 and match.mon[match.active[match.rank[i - 1]]].speed < speed:
                match.rank[i] = match.rank[i - 1]
                i -= 1
            match.rank[i] = at
            count += 1
    low = 0
    while low < count:
        high = low + 1
        speed = int(match.mon[match.active[match.rank[low]]].speed)
        while high < count and match.mon[match.active[match.rank[high]]].speed == speed:
            high += 1
        for i in range(low, high - 1):
            j = i + roll(tables, match, stream, high - i)
            a, b = int(match.rank[i]), int(match.rank[j])
            match.rank[i], match.rank[j] = b, a
        low = high
    return count


@rule(inline=False)
def enter(tables, match, entrants):
    """What those who came in set off; entrants: bits by place. Fastest first, in five rounds."""
    count = sort_places(tables, match, Stream.TIE_ENTRY.value, True)
    order = 0
    for k in range(count):
        order |= int(match.rank[k]) << 4 * k
    for stage in range(4):
        for k in range(count):
            at = order >> 4 * k & 15
            who = int(match.active[at])
            if entrants >> at & 1 and alive(match, at):
                if stage == 0:
                    unnerve(match, who)
                elif stage == 1:
                    hazards(tables, match, who)
                    drop_fallen(tables, match, True)
                    if match.ended:
                        return
                    if alive(match, at):
                        wake(tables, match, who)
                        quiet_item(tables, match, who)
                elif stage == 2:
                    seed(tables, match, who)
                else:
                    late(tables, match, who)
                drop_fallen(tables, match, True)
                if match.ended:
                    return


@rule
def unnerve(match, who):
    power = ability(match, who)
    if power == Ability.AS_ONE_GLASTRIER or power == Ability.AS_ONE_SPECTRIER:
        match.mon[who].unnerves = 1


@rule
def quiet_item(tables, match, who):
    """Choice items forget what they held to."""
    mon = match.mon[who]
    if tables.book[0].items[mon.held].choice:
        mon.turns[Volatile.CHOICELOCK] = 0
        mon.chosen = 0


@rule(inline=False)
def hazards(tables, match, who):
    """A bad poisoning starts anew; then what lies in wait on its side, in the order it was laid, until it falls."""
    mon = match.mon[who]
    side = side_of(who)
    if mon.status == Status.TOX:
        mon.status_turns = 0
    if not match.rock_first[side]:
        spikes(tables, match, who)
    if match.layers[side, SideCondition.STEALTHROCK]:
        hurt(match, who, stones(tables, match, who), NOBODY)
    if match.rock_first[side] and mon.hp > 0:
        spikes(tables, match, who)


@rule(inline=False)
def spikes(tables, match, who):
    """Toxic Spikes poison who stands on them; a Poison type takes them away."""
    mon = match.mon[who]
    side = side_of(who)
    layers = int(match.layers[side, SideCondition.TOXICSPIKES])
    if layers and grounded(tables, match, who):
        if has_type(mon, Type.POISON.value):
            match.layers[side, SideCondition.TOXICSPIKES] = 0
        elif not has_type(mon, Type.STEEL.value):
            set_status(tables, match, who, Status.TOX.value if layers > 1 else Status.PSN.value)


@rule(inline=False)
def stones(tables, match, who):
    """The damage of Stealth Rock: an eighth, by how Rock meets its types."""
    mon = match.mon[who]
    most = int(mon.stats[0])
    rock = tables.book[0].chart[Type.ROCK]
    if changed(mon):
        times = int(rock[mon.terastallized])
    else:
        times = int(rock[mon.types[0]]) + int(rock[mon.types[1]])
    return most << times >> 3 if times >= 0 else most >> 3 - times


@rule(inline=False)
def wake(tables, match, who):
    """An ability that acts as its holder comes in."""
    mon = match.mon[who]
    power = ability(match, who)
    if announced(power):
        show(mon, ABILITY_SHOWN)
    if power == Ability.INTIMIDATE:
        intimidate(tables, match, who)
    elif power == Ability.DRIZZLE:
        set_weather(tables, match, Weather.RAINDANCE.value)
    elif power == Ability.DROUGHT or power == Ability.ORICHALCUM_PULSE:
        set_weather(tables, match, Weather.SUNNYDAY.value)
    elif power == Ability.SAND_STREAM:
        set_weather(tables, match, Weather.SANDSTORM.value)
    elif power == Ability.SNOW_WARNING:
        set_weather(tables, match, Weather.SNOWSCAPE.value)
    elif power == Ability.GRASSY_SURGE:
        set_terrain(tables, match, Terrain.GRASSYTERRAIN.value)
    elif power == Ability.PSYCHIC_SURGE:
        set_terrain(tables, match, Terrain.PSYCHICTERRAIN.value)
    elif power == Ability.MISTY_SURGE:
        set_terrain(tables, match, Terrain.MISTYTERRAIN.value)
    elif power == Ability.HADRON_ENGINE:
        set_terrain(tables, match, Terrain.ELECTRICTERRAIN.value)
    elif power == Ability.DAUNTLESS_SHIELD or power == Ability.INTREPID_SWORD:
        if not mon.once:
            mon.once = 1
            raise_own(match, who, Stage.DEF.value if power == Ability.DAUNTLESS_SHIELD else Stage.ATK.value, 1)
    elif power == Ability.DOWNLOAD:
        download(match, who)
    elif mon.terastallized:
        embody(match, who)


@rule
def announced(power):
    """Whether an ability is announced as its holder comes in."""
    return (
        power == Ability.PRESSURE
        or power == Ability.MOLD_BREAKER
        or power == Ability.TERAVOLT
        or power == Ability.TURBOBLAZE
        or power == Ability.SWORD_OF_RUIN
        or power == Ability.BEADS_OF_RUIN
        or power == Ability.TABLETS_OF_RUIN
        or power == Ability.VESSEL_OF_RUIN
        or power == Ability.AS_ONE_GLASTRIER
        or power == Ability.AS_ONE_SPECTRIER
        or power == Ability.INTIMIDATE
        or power == Ability.DRIZZLE
        or power == Ability.DROUGHT
        or power == Ability.ORICHALCUM_PULSE
        or power == Ability.SAND_STREAM
        or power == Ability.SNOW_WARNING
        or power == Ability.GRASSY_SURGE
        or power == Ability.PSYCHIC_SURGE
        or power == Ability.MISTY_SURGE
        or power == Ability.HADRON_ENGINE
        or power == Ability.DAUNTLESS_SHIELD
        or power == Ability.INTREPID_SWORD
        or power == Ability.DOWNLOAD
    )


@rule(inline=False)
def embody(match, who):
    """Ogerpon's masks raise a stage once it is terastallized."""
    power = ability(match, who)
    if power == Ability.EMBODY_ASPECT_TEAL:
        raise_own(match, who, Stage.SPE.value, 1)
    elif power == Ability.EMBODY_ASPECT_WELLSPRING:
        raise_own(match, who, Stage.SPD.value, 1)
    elif power == Ability.EMBODY_ASPECT_HEARTHFLAME:
        raise_own(match, who, Stage.ATK.value, 1)
    elif power == Ability.EMBODY_ASPECT_CORNERSTONE:
        raise_own(match, who, Stage.DEF.value, 1)


@rule(inline=False)
def intimidate(tables, match, who):
    """Lowers the foes' attack, but behind a substitute."""
    first = SLOTS * (1 - side_of(who))
    for at in range(first, first + SLOTS):
        if alive(match, at):
            foe = int(match.active[at])
            if match.mon[foe].hp > 0 and not match.mon[foe].turns[Volatile.SUBSTITUTE]:
                boost(tables, match, foe, who, tables.book[0].stages[1], True)


@rule(inline=False)
def download(match, who):
    """Raises what the foes are weaker against, stages counted."""
    first = SLOTS * (1 - side_of(who))
    defense, special = 0, 0
    for at in range(first, first + SLOTS):
        if standing(match, at):
            foe = match.mon[match.active[at]]
            defense += staged(foe.stats[Stat.DEF], foe.stages[Stage.DEF])
            special += staged(foe.stats[Stat.SPD], foe.stages[Stage.SPD])
    if defense and defense >= special:
        raise_own(match, who, Stage.SPA.value, 1)
    elif special:
        raise_own(match, who, Stage.ATK.value, 1)


@rule(inline=False)
def late(tables, match, who):
    """What wakes last: Protosynthesis, Quark Drive, Hospitality, Booster Energy."""
    mon = match.mon[who]
    paradox_power(match, who)
    if ability(match, who) == Ability.HOSPITALITY:
        ally = int(match.active[int(mon.at) ^ 1])
        if ally != NOBODY:
            heal(match, ally, int(match.mon[ally].stats[0]) // 4)
    if item(match, who) == Item.BOOSTER_ENERGY:
        mon.item_woke = 1
        booster(tables, match, who)
