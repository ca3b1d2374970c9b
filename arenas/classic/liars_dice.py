"""Liar's dice: hidden dice, rising bids on what all of them show, and the call that the last bid was a lie.

Both sides throw their dice and look at their own. In turn a side bids a quantity and a face, higher than the bid
before it (more dice, or as many of a higher face), or calls its author a liar. Then all dice are shown: if at least
that many show the face, the bidder wins, otherwise the caller. The highest face is wild: it counts as every face.
With one die of three faces it is worth 1/9 to the first player. Rules and order of bids are those of OpenSpiel's
`liars_dice`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype, within
from ..compile import rule
from ..dice import draw, seat
from .common import no_tape, settle

WAIT = 0  # then the bids in rising order, then LIAR
THROW = 0  # the stream of the dice
MOST_DICE, MOST_SIDES = 5, 8
MOST_BIDS = 2 * MOST_DICE * MOST_SIDES


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    size: np.ndarray  # int32 [3]: dice a side, sides a die, bids there are


@rule
def reset(tables, match):
    first = seat(match, 0)
    for side in (first, 1 - first):
        for die in range(tables.size[0]):
            index = (side != first) * MOST_DICE + die
            match.faces[side, draw(tables, match, THROW, index, tables.size[1])] += 1
    match.turn = first


@rule
def step(tables, match, actions):
    side = int(match.turn)
    choice = int(actions[side, 0])
    if choice <= tables.size[2]:
        match.bid = choice
        match.bidder[choice - 1] = 1 if side == seat(match, 0) else 2
        match.turn = 1 - side
    else:
        settle(match, 1 - side if bid_holds(tables, match) else side, 1)


@rule
def bid_holds(tables, match):
    sides = int(tables.size[1])
    quantity, face, wild = (int(match.bid) - 1) // sides + 1, (int(match.bid) - 1) % sides, sides - 1
    found = 0
    for side in range(2):
        found += int(match.faces[side, face])
        if face != wild:
            found += int(match.faces[side, wild])
    return found >= quantity


@rule
def legal(tables, match, side, mask):
    if match.turn != side or match.outcome != Outcome.RUNNING:
        mask[0, WAIT] = 1
        return
    for bid in range(int(match.bid) + 1, tables.size[2] + 1):
        mask[0, bid] = 1
    mask[0, tables.size[2] + 1] = match.bid > 0


@rule
def observe(tables, match, side, out):
    sides, bids = int(tables.size[1]), int(tables.size[2])
    own = 1 if side == seat(match, 0) else 2
    out[0] = match.turn == side
    out[1] = own == 2
    for face in range(sides):
        out[2 + face] = match.faces[side, face]
    for bid in range(bids):
        out[2 + sides + bid] = match.bidder[bid] == own
        out[2 + sides + bids + bid] = match.bidder[bid] == 3 - own


@rule
def mirror(tables, match):
    for face in range(MOST_SIDES):
        match.faces[0, face], match.faces[1, face] = int(match.faces[1, face]), int(match.faces[0, face])
    match.turn = 1 - int(match.turn)


@dataclass(frozen=True)
class Options:
    """Options of liar's dice."""

    dice: int = 1  # of each side
    sides: int = 6  # of each die


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    within(arena.name, "dice", options.dice, 1, MOST_DICE)
    within(arena.name, "sides", options.sides, 2, MOST_SIDES)
    bids = 2 * options.dice * options.sides
    names = [bid_name(options.sides, bid) for bid in range(1, bids + 1)]
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape(), size=np.array([options.dice, options.sides, bids], np.int32)),
        state=match_dtype(
            [
                ("faces", np.int8, (2, MOST_SIDES)),  # by side and face: dice that show it
                ("bidder", np.int8, (MOST_BIDS,)),  # by bid: 1 the first player, 2 the second, 0 nobody
                ("bid", np.int8),  # the last one's choice number, 0: none yet
                ("turn", np.int8),  # the side to move
            ],
            slots=1,
            setup=0,
        ),
        observation=ObsSpec(
            (
                Block("to move", 1),
                Block("seat", 1, 1.0, "1: plays second"),
                Block("dice", options.sides, 1 / options.dice, "own dice by face, the last one wild"),
                Block("own bids", bids, 1.0, "by quantity and face"),
                Block("other's bids", bids, 1.0, "the same"),
            )
        ),
        action=ActionSpec((Slot("move", ("wait", *names, "liar")),)),
        setup=(),
        symmetric=False,
        tick_limit=bids + 1,
        simultaneous=False,
    )


def bid_name(sides: int, bid: int) -> str:
    """A bid by its choice number: quantity x face."""
    return f"{(bid - 1) // sides + 1}x{(bid - 1) % sides + 1}"


def describe(game: Game, match) -> str:
    """Dice and bids."""
    sides = game.options["sides"]
    dice = [" ".join(str(face + 1) for face in range(sides) for _ in range(faces[face])) for faces in match.faces]
    bids = [bid_name(sides, bid + 1) for bid in range(MOST_BIDS) if match.bidder[bid]]
    return f"dice {dice[0]} and {dice[1]}; bids {', '.join(bids) or 'none yet'}; side {match.turn} to move"


ARENA = Arena(
    name="classic/liars-dice",
    version=1,
    title="Liar's dice",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
