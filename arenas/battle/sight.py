"""What a side sees: the field, both sides, and twelve Pokemon, its own six first, each as a token.

Never shown: the foe's stats, who of the foe's six came along until it has been in, its choices under way, and how long
sleep, confusion or a rage will last. The foe's hit points are shown in whole per cent, rounded up, as the games do.
With closed sheets the foe's items, abilities, moves and Tera types are 0 until they have shown themselves.
"""

from collections.abc import Mapping

from ..arena import Block
from ..compile import rule
from .endgames import KNOWN
from .mons import ABILITY_SHOWN, CAME_IN, ITEM_SHOWN, TERA_SHOWN, shown
from .state import ALWAYS, NOBODY, SLOTS
from .terms import Status, Volatile

TOKENS = 12
IDS = (
    # name, length, kind, what
    ("species", 1, "species", "times 256 its id, 0 unknown, like all ids"),
    ("item", 1, "items", "what it holds"),
    ("ability", 1, "abilities", ""),
    ("moves", 4, "moves", ""),
    ("types", 2, "types", ""),
    ("tera", 1, "types", "its Tera type"),
    ("last", 1, "moves", "the move it used last since it came in"),
)
LAST = 10
"""Where the last of them stands in a token."""
ID_SCALE = 1 / 256
"""A power of two, so that an id times it is exact."""
PARTS = (
    # name, length, scale, what
    (
        "flags",
        9,
        1.0,
        "place a, place b, fallen, came along, terastallized, new, must go, has an item, can terastallize",
    ),
    ("status", 6, 1.0, "burnt, frozen, paralysed, poisoned, asleep, badly poisoned"),
    ("health", 1, 0.001, "hit points in thousandths"),
    ("stats", 6, 0.005, "stats; 0 for the foe"),
    ("base", 6, 0.01, "base stats of the species"),
    ("stages", 7, 0.25, "attack, defence, special attack and defence, speed, accuracy, evasion"),
    ("pp", 4, 0.05, "uses left of each move"),
    ("volatiles", 31, 0.25, "turns left of each volatile, 4 where it stays; of stall, how often in a row"),
)
TOKEN = sum(part[1] for part in (*IDS, *PARTS))
FLAGS, STATUS, HEALTH, STATS, BASE, STAGES, PP, VOLATILES = (
    sum(part[1] for part in (*IDS, *PARTS[:k])) for k in range(len(PARTS))
)
"""Where each part begins in a token."""
FIELD, SIDE = 14, 15


def blocks(counts: Mapping[str, int]) -> tuple[Block, ...]:
    """The blocks of an observation. counts: how many ids there are of each kind, 0 included."""
    out = [
        Block("turn", 1, 0.05, "turns played"),
        Block("asked", 3, 1.0, "preview, moves, replacements: what is asked for"),
        Block("field", FIELD, 0.2, "turns left of each weather, each terrain, Trick Room; then zeros"),
    ]
    for owner in ("own", "foe"):
        words = "turns left or layers of each side condition, Pokemon left, Terastallization used"
        out.append(Block(f"{owner} side", SIDE, 0.25, words))
    for owner in ("own", "foe"):
        for token in (f"{owner} {k + 1}" for k in range(6)):
            out += [
                Block(f"{token} {name}", n, ID_SCALE, text, token, counts[kind], kind) for name, n, kind, text in IDS
            ]
            out += [Block(f"{token} {name}", n, scale, text, token) for name, n, scale, text in PARTS]
    return tuple(out)


@rule
def observe(tables, match, side, out):
    """Writes the blocks in the order of `blocks`."""
    for j in range(out.shape[0]):
        out[j] = 0
    out[0] = match.turn
    out[1 + int(match.request)] = match.asked[side]
    at = 4
    if match.weather:
        out[at + int(match.weather) - 1] = match.weather_turns
    if match.terrain:
        out[at + 3 + int(match.terrain)] = match.terrain_turns
    out[at + 8] = match.trick_room
    at += FIELD
    for k in range(2):
        see_side(match, side ^ k, k, out, at)
        at += SIDE
    for k in range(2):
        for i in range(6):
            see_mon(tables, match, 6 * (side ^ k) + i, k, out[at : at + TOKEN])
            at += TOKEN


@rule(inline=False)
def see_side(match, side, foe, out, at):
    """One side's conditions."""
    for kind in range(1, 13):
        out[at + kind - 1] = match.layers[side, kind]
    out[at + 12] = match.left[side]
    out[at + 13] = match.tera_used[side]
    out[at + 14] = match.picked[side] if not foe else 0


@rule(inline=False)
def see_mon(tables, match, who, foe, out):
    """One Pokemon, as its owner (foe 0) or the other side sees it. out: its token, zeros."""
    mon = match.mon[who]
    if mon.species == 0:
        return
    closed = foe and tables.book[0].options[4] == 0
    species = tables.book[0].species[mon.species]
    out[0] = mon.species
    out[1] = mon.held if not closed or shown(mon, ITEM_SHOWN) else 0
    out[2] = ability_seen(match, who, closed)
    for k in range(4):
        if not closed or int(mon.seen_moves) >> k & 1:
            out[3 + k] = mon.moves[k]
            out[PP + k] = mon.pp[k]
    out[7] = mon.types[0]
    out[8] = mon.types[1]
    out[9] = mon.tera if not closed or shown(mon, TERA_SHOWN) else 0
    out[FLAGS + 2] = mon.fainted
    out[FLAGS + 3] = mon.place != NOBODY and (not foe or shown(mon, CAME_IN))
    out[FLAGS + 4] = mon.terastallized != 0
    out[FLAGS + 6] = mon.must_go != 0
    out[FLAGS + 7] = mon.held != 0 if not closed or shown(mon, ITEM_SHOWN) else 0
    out[FLAGS + 8] = mon.tera != 0 and match.tera_used[int(who) // 6] == 0
    if mon.status:
        out[STATUS + int(mon.status) - 1] = 1
    if mon.status == Status.TOX:
        out[STATUS + 5] = 1 + int(mon.status_turns)
    most = max(int(mon.stats[0]), 1)
    if foe and tables.book[0].options[4] < KNOWN:
        out[HEALTH] = (100 * int(mon.hp) + most - 1) // most * 10
    else:
        out[HEALTH] = 1000 * int(mon.hp) // most
    for k in range(6):
        if not foe:
            out[STATS + k] = mon.stats[k]
        out[BASE + k] = species.base_stats[k]
    if mon.at != NOBODY:  # the others have no stages and no volatiles
        out[FLAGS + int(mon.at) % SLOTS] = 1
        out[FLAGS + 5] = mon.new
        out[LAST] = mon.last_move
        see_volatiles(mon, out)


@rule
def ability_seen(match, who, closed):
    """Its ability, where the viewer knows it."""
    mon = match.mon[who]
    return mon.own_ability if not closed or shown(mon, ABILITY_SHOWN) else 0


@rule
def see_volatiles(mon, out):
    """Stages, and turns left of each volatile; only that it is there, of those whose length nobody knows.

    Of Protect's, which lasts for one turn more whenever it is there, how often in a row it has worked.
    """
    for k in range(7):
        out[STAGES + k] = mon.stages[k]
    for kind in range(1, 32):
        turns = int(mon.turns[kind])
        if turns:
            hidden = kind == Volatile.CONFUSION or kind == Volatile.LOCKEDMOVE
            out[VOLATILES + kind - 1] = 1 if hidden else 4 if turns == ALWAYS else turns
    if mon.turns[Volatile.STALL]:
        out[VOLATILES + Volatile.STALL.value - 1] = mon.stall
