"""What can be chosen: the codes of an action, which of them are legal, and what one place's choice leaves the other.

0 passes; 1 to 6 bring in the Pokemon with that number on the team sheet; 7 + 5 * move + (location + 2) uses a move,
80 more with Terastallization: the codes of poke-env's doubles environment, which leave room between for three
gimmicks that Generation 9 lacks. The `compact` space leaves that room out.
"""

from ..compile import rule
from .aim import place_of
from .effects import can_switch
from .ids import Item, Move
from .mons import side_of
from .state import NOBODY, Request
from .status import imprisoned
from .terms import Category, Flag, Target, Volatile

PASS, SWITCH, USE = 0, 1, 7
TERA = 80
FULL, COMPACT = 107, 47
LOCATIONS = ("own b", "own a", "", "foe a", "foe b")


def names(compact: bool, moves: int = 4) -> tuple[str, ...]:
    """The choices in words, by code."""
    words = ["pass", *(f"send {k + 1}" for k in range(6))]
    for gimmick in ("", " tera") if compact else ("", " mega", " z", " dynamax", " tera"):
        for move in range(moves):
            for k in range(5):
                words.append(f"move {move + 1}{gimmick}" + (f" at {LOCATIONS[k]}" if LOCATIONS[k] else ""))
    return tuple(words)


@rule
def wide(tables, code):
    """A code of the compact space as one of the full space."""
    return code + 60 if tables.book[0].options[3] and code >= 27 else code


@rule
def narrow(tables, code):
    """A code of the full space as one of the space in use."""
    return code - 60 if tables.book[0].options[3] and code >= 27 else code


@rule(inline=False)
def usable(tables, match, who, k):
    """Whether a Pokemon may choose its k-th move."""
    mon = match.mon[who]
    move = int(mon.moves[k])
    if move == 0 or mon.pp[k] <= 0:
        return False
    row = tables.book[0].moves[move]
    flags = int(row.traits)
    if row.category == Category.STATUS and (mon.turns[Volatile.TAUNT] or mon.held == Item.ASSAULT_VEST):
        return False
    if mon.turns[Volatile.ENCORE] and mon.encored != move:
        return False
    if mon.turns[Volatile.DISABLE] and mon.barred == move:
        return False
    if mon.turns[Volatile.THROATCHOP] and flags & Flag.SOUND.value:
        return False
    if mon.turns[Volatile.HEALBLOCK] and flags & Flag.HEAL.value:
        return False
    if mon.turns[Volatile.CHOICELOCK] and tables.book[0].items[mon.held].choice and mon.chosen != move:
        return False
    if flags & Flag.CANTUSETWICE.value and mon.last_move == move:
        return False
    return not imprisoned(match, who, move)


@rule(inline=False)
def mark_moves(tables, match, who, row):
    """Marks the moves it may use, with whom each can be aimed at."""
    mon = match.mon[who]
    if mon.locked and (mon.turns[Volatile.LOCKEDMOVE] or mon.turns[Volatile.TWOTURNMOVE]):
        for k in range(4):
            if mon.moves[k] == mon.locked:
                row[USE + 5 * k + 2] = 1
        return
    tera = mon.tera != 0 and not match.tera_used[side_of(who)]
    any_move = False
    for k in range(4):
        if usable(tables, match, who, k):
            any_move = True
            mark_targets(tables, match, who, k, tera, row)
    if not any_move:
        row[USE + 2] = 1  # Struggle


@rule(inline=False)
def mark_targets(tables, match, who, k, tera, row):
    """Marks one move at everyone it can be aimed at: who stands, and fallen foes while none stands."""
    mon = match.mon[who]
    aim = int(tables.book[0].moves[mon.moves[k]].target)
    first = USE + 5 * k
    ally = -(2 - int(mon.at) % 2)
    if aim == Target.ADJACENTALLY and tables.book[0].options[0] > 1:
        mark(tables, row, first + 2 + ally, tera)
        return
    if tables.book[0].options[0] == 1 or not (aim == Target.NORMAL or aim == Target.ANY or aim == Target.ADJACENTFOE):
        mark(tables, row, first + 2, tera)
        return
    if mon.moves[k] == Move.POLLEN_PUFF and mon.turns[Volatile.HEALBLOCK]:
        aim = Target.ADJACENTFOE.value
    side = side_of(who)
    for loc in range(1, 3):
        mark(tables, row, first + 2 + loc, tera)
    if aim != Target.ADJACENTFOE:
        if match.active[place_of(side, ally)] != NOBODY:
            mark(tables, row, first + 2 + ally, tera)


@rule
def mark(tables, row, code, tera):
    row[code] = 1
    if tera:
        row[narrow(tables, code + TERA)] = 1


@rule(inline=False)
def mark_bench(match, side, row):
    """Marks who could come in."""
    for k in range(6):
        who = 6 * side + k
        mon = match.mon[who]
        stands = match.active[2 * side] == who or match.active[2 * side + 1] == who
        if mon.place != NOBODY and not mon.fainted and not stands:
            row[SWITCH + k] = 1


@rule(inline=False)
def legal(tables, match, side, mask):
    """Marks what each place of a side may choose, for itself."""
    for slot in range(mask.shape[0]):
        row = mask[slot]
        if not match.asked[side] or match.outcome:
            row[PASS] = 1
        elif match.request == Request.PREVIEW:
            for k in range(6):
                if match.mon[6 * side + k].species and match.mon[6 * side + k].place == NOBODY:
                    row[SWITCH + k] = 1
        else:
            legal_in_play(tables, match, side, slot, row)


@rule(inline=False)
def legal_in_play(tables, match, side, slot, row):
    """Marks what one place may choose in battle."""
    who = int(match.active[2 * side + slot])
    if match.request == Request.SWITCH:
        if who == NOBODY or not match.mon[who].must_go:
            row[PASS] = 1
            return
        mark_bench(match, side, row)
        if can_switch(match, side) < going(match, side):
            row[PASS] = 1
        return
    if who == NOBODY or match.mon[who].fainted:
        row[PASS] = 1
        return
    mon = match.mon[who]
    mark_moves(tables, match, who, row)
    if not (mon.locked and (mon.turns[Volatile.LOCKEDMOVE] or mon.turns[Volatile.TWOTURNMOVE])):
        mark_bench(match, side, row)


@rule
def going(match, side):
    """How many of a side must be replaced."""
    count = 0
    for at in range(2 * side, 2 * side + 2):
        if match.active[at] != NOBODY and match.mon[match.active[at]].must_go:
            count += 1
    return count


@rule(inline=False)
def refine(tables, match, side, slot, actions, row):
    """Two places may not bring in the same Pokemon nor both terastallize; as few pass as must."""
    if slot == 0:
        return
    first = int(actions[0])
    if SWITCH <= first < USE:
        row[first] = 0
    if wide(tables, first) >= USE + TERA:
        for code in range(USE + TERA, USE + TERA + 20):
            row[narrow(tables, code)] = 0
    if match.request == Request.SWITCH and match.asked[side] and going(match, side) == 2 and row[PASS]:
        if first == PASS:
            row[PASS] = 0
        else:
            for k in range(6):
                row[SWITCH + k] = 0
