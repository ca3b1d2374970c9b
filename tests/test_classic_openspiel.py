"""The classic games agree with OpenSpiel's: legal choices, rolls, information sets and returns, play for play."""

import pytest
from openspiel import lines, play_along

ALL = None
CASES = {
    # arena, options, OpenSpiel's game, plays, our number of its action 0
    "kuhn": ("classic/kuhn", {}, "kuhn_poker", ALL, 0),
    "leduc": ("classic/leduc", {}, "leduc_poker", ALL, 1),
    "liar's dice 1x3": ("classic/liars-dice", {"sides": 3}, "liars_dice(dice_sides=3)", ALL, 1),
    "liar's dice 1x6": ("classic/liars-dice", {}, "liars_dice", 300, 1),
    "liar's dice 2x4": ("classic/liars-dice", {"dice": 2, "sides": 4}, "liars_dice(numdice=2,dice_sides=4)", 300, 1),
    "goofspiel 3": ("classic/goofspiel", {"cards": 3}, "goofspiel(num_cards=3)", ALL, 0),
    "goofspiel 4": ("classic/goofspiel", {}, "goofspiel(num_cards=4)", 300, 0),
    "goofspiel 3 hidden": (
        "classic/goofspiel",
        {"cards": 3, "hidden_bids": True, "returns": "point_difference"},
        "goofspiel(num_cards=3,imp_info=True,returns_type=point_difference)",
        ALL,
        0,
    ),
    "goofspiel 4 hidden, descending": (
        "classic/goofspiel",
        {"hidden_bids": True, "points_order": "descending"},
        "goofspiel(num_cards=4,imp_info=True,points_order=descending)",
        ALL,
        0,
    ),
    "goofspiel 13, ascending": (
        "classic/goofspiel",
        {"cards": 13, "points_order": "ascending", "returns": "point_difference"},
        "goofspiel(num_cards=13,points_order=ascending,returns_type=point_difference)",
        300,
        0,
    ),
    "rock-paper-scissors": ("classic/matrix", {}, "matrix_rps", ALL, 0),
    "biased rock-paper-scissors": ("classic/matrix", {"game": "biased-rock-paper-scissors"}, "matrix_brps", ALL, 0),
    "matching pennies": ("classic/matrix", {"game": "matching-pennies"}, "matrix_mp", ALL, 0),
    "blotto 10x3": ("classic/blotto", {}, "blotto", ALL, 0),
    "blotto 6x4": ("classic/blotto", {"coins": 6, "fields": 4}, "blotto(coins=6,fields=4)", 300, 0),
    "tic-tac-toe": ("classic/tic-tac-toe", {}, "tic_tac_toe", 300, 1),
}
SETS = {"kuhn": 12, "leduc": 936, "liar's dice 1x3": 192}
FORGETFUL = {"goofspiel 4", "goofspiel 13, ascending"}  # with open bids OpenSpiel's names leave out their order
MARKOVIAN = {"tic-tac-toe"}  # the position is all one needs to see


@pytest.mark.parametrize("case", CASES)
def test_every_play_goes_as_in_openspiel(case):
    name, options, game, number, first_choice = CASES[case]
    met = play_along(name, options, lines(game, number), first_choice)
    ours = {(told.side, told.remembered): told.theirs for told in met}
    assert all(ours[told.side, told.remembered] == told.theirs for told in met), "a side remembers less than it may"
    theirs = {(told.side, told.theirs) for told in met}
    if case not in FORGETFUL:
        assert len(ours) == len(theirs), "a side is shown what it may not know"
    now = {(told.side, told.now) for told in met}
    assert (len(now) < len(ours)) == (case in MARKOVIAN), "what a side sees now is less than it remembers"
    if case in SETS:
        assert len(theirs) == SETS[case]
