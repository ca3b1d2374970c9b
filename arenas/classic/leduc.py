"""Leduc poker: six cards, two rounds of betting, one card shown in between (Southey et al., Bayes' bluff, UAI 2005).

Each side antes one chip and is dealt a card: two each of J, Q, K. In turn a side folds (only to a raise), calls (or
checks, which costs nothing) or raises, by two chips in the first round and four in the second, at most two raises a
round. After the first round a third card is shown. Pairing it wins; otherwise the higher card does; equal ranks split.
Worth -0.085606 chips to the first player. Rules, cards and the order of actions are those of OpenSpiel's `leduc_poker`.
"""

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype
from ..compile import rule
from ..dice import draw, seat
from .common import NoOptions, Tables, exchange, no_tape, settle

WAIT, FOLD, CALL, RAISE = range(4)
CARDS = ("Js", "Jh", "Qs", "Qh", "Ks", "Kh")
MOVES = 4  # the longest round: check, raise, raise, call
DEAL = 0  # the stream of the cards


@rule
def reset(tables, match):
    first = seat(match, 0)  # who is dealt first and begins both rounds
    match.card[first] = draw(tables, match, DEAL, 0, 6)
    other = draw(tables, match, DEAL, 1, 5)
    match.card[1 - first] = other + (other >= match.card[first])  # one of the five cards left
    match.chips[0] = 1
    match.chips[1] = 1
    match.turn = first


@rule
def step(tables, match, actions):
    side = int(match.turn)
    move = int(actions[side, 0])
    if move == FOLD:
        settle(match, 1 - side, int(match.chips[side]))
        return
    match.moves[match.street, match.made] = move
    match.made += 1
    match.chips[side] = match.chips[1 - side]
    match.turn = 1 - side
    if move == RAISE:
        match.chips[side] += 2 if match.street == 0 else 4
        match.raises += 1
    elif match.made > 1:  # any call but a round's first move ends the round
        if match.street == 0:
            show_card(tables, match)
        else:
            show_down(match)


@rule
def show_card(tables, match):
    low = min(int(match.card[0]), int(match.card[1]))
    high = max(int(match.card[0]), int(match.card[1]))
    shown = draw(tables, match, DEAL, 2, 4)  # one of the four cards left
    shown += shown >= low
    shown += shown >= high
    match.shown = shown
    match.street = 1
    match.made = 0
    match.raises = 0
    match.turn = seat(match, 0)


@rule
def show_down(match):
    first, second = strength(match, 0), strength(match, 1)
    chips = 0 if first == second else int(match.chips[0])
    settle(match, 0 if first > second else 1, chips)


@rule
def strength(match, side):
    rank = int(match.card[side]) // 2
    return 3 if rank == int(match.shown) // 2 else rank


@rule
def legal(tables, match, side, mask):
    if match.turn != side or match.outcome != Outcome.RUNNING:
        mask[0, WAIT] = 1
        return
    mask[0, FOLD] = match.chips[side] < match.chips[1 - side]
    mask[0, CALL] = 1
    mask[0, RAISE] = match.raises < 2


@rule
def observe(tables, match, side, out):
    for j in range(out.shape[0]):
        out[j] = 0
    out[int(match.card[side])] = 1
    if match.street == 1:
        out[6 + int(match.shown)] = 1
    out[12] = match.turn == side
    out[13] = side != seat(match, 0)
    out[14] = match.chips[side]
    out[15] = match.chips[1 - side]
    for street in range(2):
        for j in range(MOVES):
            at = 16 + 2 * (MOVES * street + j)
            out[at] = match.moves[street, j] == CALL
            out[at + 1] = match.moves[street, j] == RAISE


@rule
def mirror(tables, match):
    exchange(match.card)
    exchange(match.chips)
    match.turn = 1 - int(match.turn)


def prepare(arena: Arena, options: NoOptions) -> Game:
    """The game."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape()),
        state=match_dtype(
            [
                ("card", np.int8, (2,)),  # by side: 2 * rank + suit
                ("chips", np.int8, (2,)),  # by side, in the pot
                ("moves", np.int8, (2, MOVES)),  # by round, in order: CALL, RAISE, or 0
                ("shown", np.int8),  # the card between the rounds, once street is 1
                ("street", np.int8),  # the round of betting: 0 or 1
                ("made", np.int8),  # moves made in it
                ("raises", np.int8),  # raises made in it
                ("turn", np.int8),  # the side to move
            ],
            slots=1,
            setup=0,
        ),
        observation=ObsSpec(
            (
                Block("card", 6, 1.0, "own card: J, J, Q, Q, K, K"),
                Block("shown", 6, 1.0, "the card shown after the first round"),
                Block("to move", 1),
                Block("seat", 1, 1.0, "1: plays second"),
                Block("chips", 2, 1 / 13, "in the pot: own, other's"),
                Block("bets", 4 * MOVES, 1.0, "by round and move, the first player's first: called, raised"),
            )
        ),
        action=ActionSpec((Slot("move", ("wait", "fold", "call", "raise")),)),
        setup=(),
        symmetric=False,
        tick_limit=2 * MOVES,
        utility="score",
        score_scale=0.5,  # a side's chips are half the difference of the two scores
        utility_bound=13.0,  # an ante of 1, two raises of 2 and two of 4
        simultaneous=False,
    )


def describe(game: Game, match) -> str:
    """Cards, betting and chips."""
    shown = f", shown {CARDS[match.shown]}" if match.street else ""
    betting = "; ".join(
        " ".join(("call", "raise")[move - CALL] for move in moves if move) or "none yet"
        for moves in match.moves[: match.street + 1]
    )
    return (
        f"cards {CARDS[match.card[0]]}, {CARDS[match.card[1]]}{shown}; betting: {betting}; "
        f"chips {match.chips[0]}, {match.chips[1]}; side {match.turn} to move"
    )


ARENA = Arena(
    name="classic/leduc",
    version=1,
    title="Leduc poker",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=NoOptions,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
