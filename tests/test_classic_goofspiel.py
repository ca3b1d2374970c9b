"""Goofspiel by the book, one scenario a rule. test_classic_openspiel.py compares whole plays."""

from itertools import permutations

import numpy as np
import pytest
from classic_play import Play
from hypothesis import given
from hypothesis import strategies as st

from kumite import arenas
from kumite.arenas.arena import IllegalOption


def prizes(*order, **options):
    """A match whose prizes turn up in this order, forced through the tape: the last one needs no roll."""
    left, tape = sorted(order), []
    for prize in order[:-1]:
        tape.append(left.index(prize))
        left.remove(prize)
    return Play("classic/goofspiel", tape, cards=len(order), **options)


def test_the_higher_bid_takes_the_prize_and_equal_bids_lose_it_to_both():
    play = prizes(3, 1, 4, 2).play(("1", "2"))
    assert play.match.score.tolist() == [0, 3]
    assert play.play(("4", "1")).match.score.tolist() == [1, 3]
    assert prizes(3, 1, 4, 2).play(("2", "2")).match.score.tolist() == [0, 0]


def test_a_card_bid_is_spent():
    play = prizes(3, 1, 4, 2)
    assert play.legal(0) == play.legal(1) == ["1", "2", "3", "4"]
    play.play(("2", "4"))
    assert [play.legal(0), play.legal(1)] == [["1", "3", "4"], ["1", "2", "3"]]


def test_the_last_cards_go_for_the_last_prize_unasked():
    play = prizes(1, 3, 2, returns="point_difference").play(("2", "1"), ("1", "2"))  # 3 against 3 for the prize 2
    assert play.result == ("second", -1)  # 1 point to 3, and the last prize is lost
    play = prizes(3, 1, 2, returns="point_difference").play(("1", "3"), ("2", "1"))  # 3 against 2 for the prize 2
    assert play.result == ("draw", 0)  # 1 + 2 points to 3


def test_most_points_win_and_the_difference_can_be_paid():
    moves = [("2", "1"), ("3", "2"), ("4", "3")]
    assert prizes(1, 2, 3, 4).play(*moves).result == ("first", 1)
    paid = prizes(1, 2, 3, 4, returns="point_difference").play(*moves)
    assert paid.result == ("first", (6 - 4) / 2)  # half the difference: what the winner has above the average
    assert prizes(1, 2, 3, 4).play(("1", "1"), ("2", "2"), ("3", "3")).result == ("draw", 0)


@pytest.mark.parametrize(("order", "expected"), [("descending", [3, 2, 1]), ("ascending", [1, 2, 3])])
def test_prizes_in_a_known_order_need_no_dice(order, expected):
    play = Play("classic/goofspiel", (), cards=3, points_order=order)
    for turn in range(2):
        assert play.match.prizes[: turn + 1].tolist() == expected[: turn + 1]
        play.play((str(turn + 1), str(turn + 1)))
    assert not play.batch.game.chance


def test_open_bids_are_seen_and_hidden_ones_are_not():
    open_play = prizes(3, 1, 4, 2).play(("2", "4"), ("3", "1"))
    seen = open_play.seen(0)
    assert seen["other's bids"] == [4, 1, 0, 0]
    assert seen["other's hand"] == [0, 1, 1, 0]
    hidden = prizes(3, 1, 4, 2, hidden_bids=True).play(("2", "4"), ("3", "1")).seen(0)
    assert hidden["other's bids"] == hidden["other's hand"] == [0, 0, 0, 0]
    for block in ("prize", "hand", "prizes", "own bids", "taken", "points"):
        assert hidden[block] == seen[block]
    assert hidden["taken"] == [-1, 1, 0, 0]
    assert hidden == prizes(3, 1, 4, 2, hidden_bids=True).play(("2", "3"), ("3", "2")).seen(0)


def test_facts_follow_the_options():
    assert arenas.make_game("classic/goofspiel").perfect_information
    hidden = arenas.make_game("classic/goofspiel", hidden_bids=True, returns="point_difference")
    assert not hidden.perfect_information
    assert (hidden.utility, hidden.score_scale) == ("score", 0.5)
    hashes = {
        arenas.make_game("classic/goofspiel", **options).content_hash
        for options in ({}, {"hidden_bids": True}, {"points_order": "ascending"}, {"returns": "point_difference"})
    }
    assert len(hashes) == 4


def test_all_orders_of_the_prizes_are_equally_likely():
    """The rolls of one tick (the first prize and the second) are independent too."""
    batch = arenas.make_batch("classic/goofspiel", matches=24_000, seed=3)
    for turn in range(2):
        batch.step(np.full(batch.actions.shape, turn, np.int16))
    orders = batch.state.prizes[:, :3].astype(int) @ (100, 10, 1)
    expected = {100 * a + 10 * b + c for a, b, c, _ in permutations((1, 2, 3, 4))}
    values, counts = np.unique(orders, return_counts=True)
    assert set(values) == expected
    assert (abs(counts - 1000) < 5 * np.sqrt(1000)).all()


@given(
    seed=st.integers(0, 2**61),
    cards=st.integers(2, 13),
    hidden=st.booleans(),
    order=st.sampled_from(["random", "descending", "ascending"]),
)
def test_every_match_awards_each_prize_once_and_pays_to_zero(seed, cards, hidden, order):
    batch = arenas.make_batch(
        "classic/goofspiel", 2, seed, cards=cards, hidden_bids=hidden, points_order=order, returns="point_difference"
    )
    for turn in range(cards - 1):
        assert not batch.done.any()
        turned_up = batch.state.prizes[0, : turn + 1]
        assert len(set(turned_up.tolist())) == turn + 1
        assert ((turned_up >= 1) & (turned_up <= cards)).all()
        batch.step(batch.random_actions())
    assert batch.done.all()
    assert (batch.utility.sum(axis=1) == 0).all()
    assert (abs(batch.utility) <= cards * (cards + 1) / 4).all()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("cards", 14, "cards = 14: expected 2 to 13"),
        ("points_order", "descend", "points_order = 'descend' .did you mean 'descending'"),
        ("returns", "total_points", "returns = 'total_points' "),
    ],
)
def test_wrong_options_are_refused(option, value, words):
    with pytest.raises(IllegalOption, match=f"classic/goofspiel: option {words}"):
        arenas.make_game("classic/goofspiel", **{option: value})
