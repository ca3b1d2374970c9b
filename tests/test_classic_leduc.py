"""Leduc poker by the book, one scenario a rule. test_classic_openspiel.py compares every play there is."""

import numpy as np
import pytest
from classic_play import Play

from kumite import arenas
from kumite.arenas.classic.leduc import CARDS


def dealt(first, second, shown=None):
    """A match with given cards ("Js"), forced through the tape: each roll is a card's place among those left."""
    left, dice = list(CARDS), []
    for card in (first, second, shown):
        if card is not None:
            dice.append(left.index(card))
            left.remove(card)
    return Play("classic/leduc", dice)


def test_each_side_antes_one_chip_and_sees_its_own_card_only():
    play = dealt("Qh", "Ks")
    assert play.match.chips.tolist() == [1, 1]
    assert [play.seen(side)["card"].index(1) for side in (0, 1)] == [CARDS.index("Qh"), CARDS.index("Ks")]
    hands = [dealt("Qh", other).batch.observations[0, 0].tolist() for other in ("Js", "Qs", "Kh")]
    assert hands[0] == hands[1] == hands[2]


def test_nobody_folds_to_nothing_and_the_third_raise_is_not_allowed():
    play = dealt("Js", "Jh", "Ks")
    assert play.legal(0) == ["call", "raise"]
    assert play.legal(1) == ["wait"]
    play.play("raise")
    assert play.legal(0) == ["wait"]
    assert play.legal(1) == ["fold", "call", "raise"]
    assert play.play("raise").legal(0) == ["fold", "call"]
    play.play("call")  # the second round counts its own raises
    assert play.legal(0) == ["call", "raise"]
    assert play.play("raise", "raise").legal(0) == ["fold", "call"]


@pytest.mark.parametrize(
    ("moves", "chips"),
    [
        ("raise", [3, 1]),
        ("raise raise", [3, 5]),
        ("call raise call", [3, 3]),
        ("call call raise", [5, 1]),
        ("raise raise call raise raise", [9, 13]),
    ],
)
def test_a_raise_is_two_chips_in_the_first_round_and_four_in_the_second(moves, chips):
    assert dealt("Js", "Qs", "Ks").play(*moves.split()).match.chips.tolist() == chips


@pytest.mark.parametrize(
    ("moves", "utility"),
    [
        ("raise fold", 1),
        ("raise raise fold", -3),
        ("call raise fold", -1),
        ("call call raise fold", 1),
        ("raise call call raise fold", -3),
    ],
)
def test_who_folds_loses_what_he_has_put_in(moves, utility):
    assert dealt("Js", "Qs", "Ks").play(*moves.split()).result == ("first" if utility > 0 else "second", utility)


@pytest.mark.parametrize(
    ("first", "second", "shown", "utility"),
    [
        ("Ks", "Qs", "Js", 1),  # the higher card
        ("Js", "Qs", "Ks", -1),
        ("Js", "Ks", "Jh", 1),  # a pair beats it
        ("Kh", "Qs", "Qh", -1),
        ("Qs", "Qh", "Ks", 0),  # equal ranks split, whatever their suits
    ],
)
@pytest.mark.parametrize(("moves", "stake"), [("call call call call", 1), ("raise raise call raise raise call", 13)])
def test_the_show_down(first, second, shown, utility, moves, stake):
    outcome = {1: "first", -1: "second", 0: "draw"}[utility]
    assert dealt(first, second, shown).play(*moves.split()).result == (outcome, stake * utility)


def test_the_first_player_begins_both_rounds_whoever_raised():
    play = dealt("Js", "Qs", "Ks").play("call", "raise", "call")
    assert play.match.street == 1
    assert play.turn == 0
    assert dealt("Js", "Qs", "Ks").play("raise", "raise", "call").turn == 0


def test_the_betting_stays_in_sight_first_player_first():
    play = dealt("Js", "Qh", "Qs").play("call", "raise", "raise", "call", "raise")
    call, raised, nothing = [1, 0], [0, 1], [0, 0]
    for side, chips in ((0, [9, 5]), (1, [5, 9])):
        seen = play.seen(side)
        assert seen["bets"] == [*call, *raised, *raised, *call, *raised, *nothing, *nothing, *nothing]
        assert seen["chips"] == chips
        assert seen["shown"].index(1) == CARDS.index("Qs")
        assert seen["seat"] == [side]
        assert seen["to move"] == [side]


def test_all_deals_are_equally_likely():
    batch = arenas.make_batch("classic/leduc", matches=60_000, seed=5)
    actions = np.zeros((len(batch), 2, 1), np.int16)
    for side in (0, 1):
        actions[:, side] = 2 * batch.masks[:, side, :, 2]  # call, or wait
    batch.step(actions)
    actions[:, 0], actions[:, 1] = 0, 2
    batch.step(actions)
    cards = np.column_stack([batch.state.card, batch.state.shown]).astype(int)
    deals = cards @ (36, 6, 1)
    counts = np.bincount(deals, minlength=216)
    assert (counts > 0).sum() == 120
    assert (abs(counts[counts > 0] - 500) < 5 * np.sqrt(500)).all()
