"""Kuhn poker: three cards, one bet, worth -1/18 to the first player (H. W. Kuhn, A simplified two-person poker, 1950).

Each side antes one chip and is dealt one of J, Q, K. In turn a side passes or bets one chip; a bet is answered by a
pass (fold) or a bet (call).
"""

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, ObsSpec, Outcome, Rules, Slot, match_dtype
from ..compile import rule
from ..dice import STREAM_FORK, draw, seat
from .common import NoOptions, Tables, exchange, no_tape, settle

PASS, BET = range(2)
DEAL = 0  # the stream of the cards


@rule
def reset(tables, match):
    first = seat(match, 0)  # whose card is drawn first
    match.card[first] = draw(tables, match, DEAL, 0, 3)
    other = draw(tables, match, DEAL, 1, 2)
    match.card[1 - first] = other + (other >= match.card[first])  # one of the two cards left
    match.turn = first


@rule
def step(tables, match, actions):
    side = int(match.turn)
    bet = int(actions[side, 0]) == BET
    match.bet[side] = bet
    match.moves += 1
    answered = match.bet[1 - side] == 1
    if answered or (not bet and match.moves == 2):  # a bet was answered, or both passed
        folded = answered and not bet
        winner = 1 - side if folded or match.card[1 - side] > match.card[side] else side
        settle(match, winner, 2 if answered and bet else 1)
    else:
        match.turn = 1 - side


@rule
def legal(tables, match, side, mask):
    mask[0, PASS] = 1
    mask[0, BET] = match.turn == side and match.outcome == Outcome.RUNNING


@rule
def observe(tables, match, side, out):
    for j in range(8):
        out[j] = 0
    out[int(match.card[side])] = 1
    out[3] = match.turn == side
    out[4] = match.bet[side]
    out[5] = match.bet[1 - side]
    out[6] = match.moves
    out[7] = side != seat(match, 0)


@rule
def mirror(tables, match):
    exchange(match.card)
    exchange(match.bet)
    match.turn = 1 - int(match.turn)


@rule
def fork(tables, match, side, seed):
    """The other card is one of the two that this side does not hold, either as likely."""
    other = draw(tables, match, STREAM_FORK, 0, 2)
    match.card[1 - side] = other + (other >= match.card[side])


def prepare(arena: Arena, options: NoOptions) -> Game:
    """The game."""
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape()),
        state=match_dtype(
            [("card", np.int8, (2,)), ("bet", np.int8, (2,)), ("turn", np.int8), ("moves", np.int8)], slots=1, setup=0
        ),
        observation=ObsSpec(
            (
                Block("card", 3, 1.0, "own card: J, Q, K"),
                Block("to move", 1),
                Block("bet", 2, 1.0, "own, other's"),
                Block("moves", 1, 0.5),
                Block("seat", 1, 1.0, "1: plays second"),
            )
        ),
        action=ActionSpec((Slot("move", ("pass", "bet")),)),
        setup=(),
        symmetric=False,
        tick_limit=4,
        utility="score",
        score_scale=0.5,  # a side's chips are half the difference of the two scores
        utility_bound=2.0,
        simultaneous=False,
    )


def describe(game: Game, match) -> str:
    """Cards, bets and whose turn it is."""
    cards = ", ".join("JQK"[card] + (" bets" if bet else "") for card, bet in zip(match.card, match.bet, strict=True))
    return f"cards {cards}; side {match.turn} to move"


ARENA = Arena(
    name="classic/kuhn",
    version=1,
    title="Kuhn poker",
    rules=Rules(reset, step, legal, observe, mirror=mirror, fork=fork),
    options=NoOptions,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
