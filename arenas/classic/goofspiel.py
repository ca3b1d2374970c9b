"""Goofspiel, the game of pure strategy: both sides bid their cards, at the same time, for prizes turned up one by one.

Each side holds the cards 1 to N, and so does the pile of prizes. The higher bid takes the prize, worth its number;
equal bids lose it to both. A card bid is spent. The last card of each goes for the last prize, so that nothing is left
to choose. Most points win. With hidden bids a side learns only who took each prize. Rules, options and defaults are
those of OpenSpiel's `goofspiel`, but for four cards in place of thirteen.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype, one_of, within
from ..compile import rule
from ..dice import draw
from .common import no_tape

MOST_CARDS = 13
PRIZE = 0  # the stream of the prizes
RANDOM, DESCENDING, ASCENDING = range(3)
ORDERS = ("random", "descending", "ascending")
RETURNS = ("win_loss", "point_difference")


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    options: np.ndarray  # int32 [4]: cards, order of the prizes, whether bids are hidden, what is paid


@rule
def reset(tables, match):
    turn_up_prize(tables, match)


@rule
def step(tables, match, actions):
    cards = int(tables.options[0])
    award(match, int(actions[0, 0]) + 1, int(actions[1, 0]) + 1)
    turn_up_prize(tables, match)
    if match.turns == cards - 1:
        award(match, last_card(match, 0, cards), last_card(match, 1, cards))
        ahead = int(match.score[0]) - int(match.score[1])
        match.outcome = Outcome.FIRST if ahead > 0 else Outcome.SECOND if ahead < 0 else Outcome.DRAW


@rule
def turn_up_prize(tables, match):
    """The last one left needs no dice."""
    cards, order, turn = int(tables.options[0]), int(tables.options[1]), int(match.turns)
    if order == DESCENDING:
        match.prizes[turn] = cards - turn
    elif order == ASCENDING:
        match.prizes[turn] = turn + 1
    else:
        left = cards - turn
        place = draw(tables, match, PRIZE, turn, left) if left > 1 else 0
        for prize in range(1, cards + 1):
            if not among(match.prizes, turn, prize):
                if place == 0:
                    match.prizes[turn] = prize
                    return
                place -= 1


@rule
def award(match, first, second):
    turn = int(match.turns)
    match.bids[0, turn] = first
    match.bids[1, turn] = second
    if first != second:
        match.score[0 if first > second else 1] += int(match.prizes[turn])
    match.turns += 1


@rule
def last_card(match, side, cards):
    card = 1
    while among(match.bids[side], int(match.turns), card):
        card += 1
    return card


@rule
def among(row, count, number):
    """Whether a number is among the first `count` of a row."""
    for j in range(count):
        if row[j] == number:
            return True
    return False


@rule
def legal(tables, match, side, mask):
    for card in range(1, tables.options[0] + 1):
        mask[0, card - 1] = not among(match.bids[side], int(match.turns), card)
    if match.outcome != Outcome.RUNNING:
        mask[0, 0] = 1


@rule
def observe(tables, match, side, out):
    cards, hidden, turns = int(tables.options[0]), int(tables.options[2]), int(match.turns)
    other = 1 - side
    for j in range(out.shape[0]):
        out[j] = 0
    if turns < cards:
        out[int(match.prizes[turns]) - 1] = 1
    for card in range(1, cards + 1):
        out[cards + card - 1] = not among(match.bids[side], turns, card)
        out[2 * cards + card - 1] = not hidden and not among(match.bids[other], turns, card)
    for turn in range(cards):
        out[3 * cards + turn] = match.prizes[turn]
    for turn in range(turns):
        own_bid, other_bid = int(match.bids[side, turn]), int(match.bids[other, turn])
        out[4 * cards + turn] = own_bid
        out[5 * cards + turn] = 0 if hidden else other_bid
        out[6 * cards + turn] = int(own_bid > other_bid) - int(own_bid < other_bid)
    out[7 * cards] = match.score[side]
    out[7 * cards + 1] = match.score[other]


@rule
def mirror(tables, match):
    for turn in range(MOST_CARDS):
        match.bids[0, turn], match.bids[1, turn] = int(match.bids[1, turn]), int(match.bids[0, turn])


@dataclass(frozen=True)
class Options:
    """Options of Goofspiel."""

    cards: int = 4  # of each side, and prizes
    hidden_bids: bool = False  # whether a side learns only who took a prize, not what the other bid
    points_order: str = "random"  # of the prizes; or descending, ascending
    returns: str = "win_loss"  # or point_difference: half of it, as in OpenSpiel


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    within(arena.name, "cards", options.cards, 2, MOST_CARDS)
    one_of(arena.name, "points_order", options.points_order, ORDERS)
    one_of(arena.name, "returns", options.returns, RETURNS)
    cards, points = options.cards, options.cards * (options.cards + 1) / 2
    order, returns = ORDERS.index(options.points_order), RETURNS.index(options.returns)
    by_points = options.returns == "point_difference"
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape(), options=np.array([cards, order, options.hidden_bids, returns], np.int32)),
        state=match_dtype(
            [
                ("prizes", np.int8, (MOST_CARDS,)),  # by turn, 0: not yet turned up
                ("bids", np.int8, (2, MOST_CARDS)),  # by side and turn, 0: not yet made
                ("turns", np.int8),  # prizes awarded
            ],
            slots=1,
            setup=0,
        ),
        observation=ObsSpec(
            (
                Block("prize", cards, 1.0, "the one now bid for, from 1"),
                Block("hand", cards, 1.0, "own cards left, from 1"),
                Block("other's hand", cards, 1.0, "the same, if bids are open"),
                Block("prizes", cards, 1 / cards, "by turn, up to that one"),
                Block("own bids", cards, 1 / cards, "by turn"),
                Block("other's bids", cards, 1 / cards, "by turn, if bids are open"),
                Block("taken", cards, 1.0, "by turn: 1 by this side, -1 by the other"),
                Block("points", 2, 1 / points, "own, other's"),
            )
        ),
        action=ActionSpec((Slot("bid", tuple(str(card) for card in range(1, cards + 1))),)),
        setup=(),
        symmetric=True,
        tick_limit=cards,
        utility="score" if by_points else "outcome",
        score_scale=0.5 if by_points else 1.0,
        utility_bound=points / 2 if by_points else 1.0,
        perfect_information=not options.hidden_bids,
        chance=order == RANDOM,
    )


def describe(game: Game, match) -> str:
    """Prizes, bids and points."""
    cards, turns = game.options["cards"], int(match.turns)
    past = [f"{match.prizes[t]}: {match.bids[0, t]}-{match.bids[1, t]}" for t in range(turns)]
    prize = f"prize {match.prizes[turns]}" if turns < cards else "all prizes awarded"
    return f"{prize}; before it {', '.join(past) or 'none'}; points {match.score[0]}:{match.score[1]}"


ARENA = Arena(
    name="classic/goofspiel",
    version=1,
    title="Goofspiel",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
