"""Colonel Blotto by the book, and the exact figures of its ten-coin game."""

import numpy as np
import pytest
from classic_play import Play

from kumite import arenas
from kumite.arenas.arena import IllegalOption


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("0-5-5", "8-1-1", "first"),  # two fields to one
        ("8-1-1", "0-5-5", "second"),
        ("0-0-10", "0-1-9", "draw"),  # a field each, and an empty one
        ("3-3-4", "3-3-4", "draw"),
        ("4-3-3", "3-4-3", "draw"),  # equal coins win a field for nobody
        ("4-3-3", "3-3-4", "draw"),
        ("4-4-2", "3-4-3", "draw"),
        ("5-5-0", "4-5-1", "draw"),
        ("5-4-1", "4-4-2", "draw"),
        ("2-4-4", "0-10-0", "first"),
    ],
)
def test_more_fields_win(first, second, outcome):
    worth = {"first": 1, "second": -1, "draw": 0}[outcome]
    assert Play("classic/blotto").play((first, second)).result == (outcome, worth)


def test_nothing_is_seen_before_the_choice_and_all_after_it():
    play = Play("classic/blotto")
    assert play.seen(0) == play.seen(1) == {"own coins": [0, 0, 0], "other's coins": [0, 0, 0]}
    play.play(("0-5-5", "8-1-1"))
    last = np.rint(play.batch.final_observations[0] * 10).astype(int).tolist()
    assert last == [[0, 5, 5, 8, 1, 1], [8, 1, 1, 0, 5, 5]]


def test_all_coins_are_placed_in_every_way_there_is():
    tables = arenas.make_game("classic/blotto", coins=4, fields=3).tables
    assert len({tuple(row) for row in tables.allocations.tolist()}) == len(tables.allocations) == 15
    assert (tables.allocations.sum(axis=1) == 4).all()


def test_uniform_play_of_ten_coins_on_three_fields_can_lose_seven_elevenths():
    """NashConv of the uniform mixture over 66 allocations, all 4,356 pairs played."""
    batch = arenas.make_batch("classic/blotto", matches=66 * 66)
    batch.step(np.stack(np.divmod(np.arange(66 * 66), 66), axis=1)[:, :, None])
    payoff = batch.utility[:, 0].reshape(66, 66)
    assert (payoff == -payoff.T).all()
    assert payoff.mean(axis=1).max() - payoff.mean(axis=0).min() == pytest.approx(7 / 11)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"coins": 0}, "option coins = 0: expected 1 to 100"),
        ({"coins": 50, "fields": 6}, "can be placed in 3,478,761 ways: expected at most 10,000"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(options, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("classic/blotto", **options)
