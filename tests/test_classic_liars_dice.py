"""Liar's dice by the book, one scenario a rule. test_classic_openspiel.py compares every play of the small game."""

import numpy as np
import pytest
from classic_play import Play
from hypothesis import given
from hypothesis import strategies as st

from kumite import arenas
from kumite.arenas.arena import IllegalOption


def thrown(first, second, **options):
    """A match in which the sides threw these faces (counted from 1)."""
    dice = [face - 1 for face in (*first, *second)]
    return Play("classic/liars-dice", dice, dice=len(first), **options)


def test_the_first_bid_may_be_any_and_calls_nobody_a_liar():
    play = thrown([3], [5])
    assert play.turn == 0
    assert play.legal(0) == [f"{quantity}x{face}" for quantity in (1, 2) for face in range(1, 7)]
    assert play.legal(1) == ["wait"]


def test_a_bid_must_be_higher_in_quantity_or_as_many_of_a_higher_face():
    play = thrown([3], [5]).play("1x4")
    assert play.legal(1) == ["1x5", "1x6", *(f"2x{face}" for face in range(1, 7)), "liar"]
    assert play.play("2x1").legal(0) == [*(f"2x{face}" for face in range(2, 7)), "liar"]
    assert play.play("2x6").legal(1) == ["liar"]


@pytest.mark.parametrize(
    ("first", "second", "bids", "winner"),
    [
        ([3], [5], "1x3", "first"),  # his own die shows it
        ([3], [5], "1x5", "first"),  # the other's does
        ([3], [5], "1x4", "second"),
        ([3], [3], "2x3", "first"),  # at least two
        ([3], [3], "1x3", "first"),  # more than were bid is no lie
        ([3], [5], "1x3 2x3", "first"),  # the second bid is the one called, and a lie
        ([6], [3], "2x3", "first"),  # the six is wild
        ([6], [6], "2x1", "first"),
        ([3], [6], "2x6", "second"),  # but only sixes are sixes
        ([1, 6, 6], [2, 6, 1], "5x1", "first"),
        ([1, 6, 6], [2, 6, 1], "4x2", "first"),
        ([1, 6, 6], [2, 6, 1], "5x2", "second"),
        ([1, 6, 6], [2, 6, 1], "4x6", "second"),
    ],
)
def test_a_bid_that_holds_beats_the_caller(first, second, bids, winner):
    play = thrown(first, second).play(*bids.split(), "liar")
    assert play.result == (winner, 1 if winner == "first" else -1)


def test_the_highest_face_is_wild_whatever_the_number_of_sides():
    assert thrown([3], [1], sides=3).play("2x1", "liar").result == ("first", 1)
    assert thrown([3], [1], sides=4).play("2x1", "liar").result == ("second", -1)


def test_a_side_sees_its_own_dice_in_no_order_and_who_made_each_bid():
    play = thrown([2, 1], [3, 3], sides=3).play("1x1", "2x2", "4x3")
    bids = [f"{quantity}x{face}" for quantity in range(1, 5) for face in range(1, 4)]
    seen = [play.seen(side) for side in (0, 1)]
    assert [s["dice"] for s in seen] == [[1, 1, 0], [0, 0, 2]]
    made = [[bids[i] for i in np.flatnonzero(seen[0][block])] for block in ("own bids", "other's bids")]
    assert made == [["1x1", "4x3"], ["2x2"]]
    assert seen[1]["own bids"] == seen[0]["other's bids"]
    assert seen[1]["other's bids"] == seen[0]["own bids"]
    swapped = thrown([1, 2], [1, 3], sides=3).play("1x1", "2x2", "4x3")
    assert swapped.seen(0) == seen[0]  # neither the order of one's dice nor what the other threw


@given(seed=st.integers(0, 2**61), dice=st.integers(1, 5), sides=st.integers(2, 8))
def test_every_throw_has_all_its_dice_and_play_ends_by_a_call(seed, dice, sides):
    batch = arenas.make_batch("classic/liars-dice", matches=4, seed=seed, dice=dice, sides=sides)
    assert batch.state.faces.sum(axis=2).tolist() == [[dice, dice]] * 4
    assert not batch.state.faces[:, :, sides:].any()
    choices = batch.game.action.choices
    for _ in range(2 * dice * sides + 1):
        actions = batch.random_actions()
        called = (actions == choices - 1).any(axis=(1, 2))
        batch.step(actions)
        assert batch.done.tolist() == called.tolist()
        assert (batch.utility.sum(axis=1) == 0).all()
        assert (abs(batch.utility[batch.done]) == 1).all()


@pytest.mark.parametrize(("option", "value", "most"), [("dice", 6, "1 to 5"), ("sides", 1, "2 to 8")])
def test_sizes_outside_what_a_record_holds_are_refused(option, value, most):
    with pytest.raises(IllegalOption, match=f"classic/liars-dice: option {option} = {value}: expected {most}"):
        arenas.make_game("classic/liars-dice", **{option: value})
