"""Kuhn poker by the book: every line of play, and the value of uniform play."""

from itertools import permutations

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.arena import Outcome
from kumite.arenas.classic.kuhn import BET, PASS

LINES = {
    # moves -> chips the first player wins with the better and the worse card
    (PASS, PASS): (1, -1),
    (BET, PASS): (1, 1),
    (BET, BET): (2, -2),
    (PASS, BET, PASS): (-1, -1),
    (PASS, BET, BET): (2, -2),
}


def dealt(first, second):
    """A match with given cards, forced through the tape: a card, then which of the two left."""
    batch = arenas.make_batch("classic/kuhn")
    batch.set_tape([[first, second - (second > first)]], faces=[[3, 2]])
    batch.reset()
    return batch


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("first", "second"), list(permutations(range(3), 2)))
def test_every_line_pays_what_the_rules_say(line, first, second):
    batch = dealt(first, second)
    assert batch.state.card[0].tolist() == [first, second]
    for turn, move in enumerate(line):
        assert not batch.done[0]
        assert batch.masks[0, :, 0].tolist() == [[1, turn % 2 == 0], [1, turn % 2 == 1]]  # the waiting side only passes
        actions = np.full((1, 2, 1), PASS, np.int16)
        actions[0, turn % 2, 0] = move
        batch.step(actions)
    better, worse = LINES[line]
    chips = better if first > second else worse
    assert batch.done[0]
    assert batch.utility[0].tolist() == [chips, -chips]
    assert batch.rewards[0].tolist() == [chips, -chips]  # chips are the default reward
    assert batch.outcome[0] == (Outcome.FIRST if chips > 0 else Outcome.SECOND)
    assert not batch.illegal.any()


def test_all_six_deals_are_equally_likely():
    batch = arenas.make_batch("classic/kuhn", matches=60_000, seed=5)
    cards = batch.state.card
    counts = np.bincount(cards[:, 0] * 3 + cards[:, 1], minlength=9)
    assert counts[[0, 4, 8]].tolist() == [0, 0, 0]
    assert (abs(counts[[1, 2, 3, 5, 6, 7]] - 10_000) < 4 * np.sqrt(10_000)).all()


def test_uniform_play_is_worth_an_eighth_to_the_first_player():
    """By enumeration over the 30 deals and lines: uniform self-play pays 1/8 of a chip to the first player."""
    exact = sum(0.5 ** len(line) * (better + worse) / 2 for line, (better, worse) in LINES.items())
    assert exact == pytest.approx(1 / 8)
    batch = arenas.make_batch("classic/kuhn", matches=2000, seed=6)
    total, games = 0.0, 0
    for _ in range(200):
        batch.rollout_random(1)
        total += float(batch.utility[batch.done, 0].sum())
        games += int(batch.done.sum())
    assert abs(total / games - exact) < 4 * 1.5 / np.sqrt(games)


def test_the_other_card_stays_hidden():
    observations = [dealt(1, second).observations[0, 0] for second in (0, 2)]
    assert np.array_equal(*observations)
