"""Values, equilibria and exploitabilities of solved games, against the book, OpenSpiel and brute force."""

import dataclasses

import nashpy
import numpy as np
import pyspiel
import pytest
from exact_games import exploitability, known, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from kuhn_exact import gap, plan, value
from openspiel import lines, play_along
from scipy import sparse
from test_exact_tree import race, two_slots

from kumite.agents.policy import ConstantPolicy, UniformPolicy
from kumite.eval.exact import CFR, FictitiousPlay, MirrorDescent, SequenceForm, Side, enumerate_game, mix, solve
from kumite.eval.exact.linear import constraints

UNIFORM = np.full((3, 2), 0.5)

SOLVED = [
    # game, options, value to the first side, exploitability of even play
    ("classic/kuhn", {}, -1 / 18, 11 / 24),
    ("classic/leduc", {}, -0.085606424078, 4.747222222222 / 2),
    ("classic/liars-dice", {"dice": 1, "sides": 3}, 1 / 9, 5 / 9),
    ("classic/goofspiel", {"cards": 4}, 0, 0.746527777778),
    ("classic/goofspiel", {"cards": 4, "hidden_bids": True}, 0, 0.708333333333),
    ("classic/blotto", {"coins": 10, "fields": 3}, 0, 7 / 22),
    ("classic/matrix", {"game": "rock-paper-scissors"}, 0, 0),
    ("classic/matrix", {"game": "biased-rock-paper-scissors"}, 0, 25 / 3),
]
THEIRS = {
    "kuhn_poker": ("classic/kuhn", {}),
    "leduc_poker": ("classic/leduc", {}),
    "liars_dice(dice_sides=3)": ("classic/liars-dice", {"dice": 1, "sides": 3}),
    "liars_dice(dice_sides=4)": ("classic/liars-dice", {"dice": 1, "sides": 4}),
    "goofspiel(num_cards=3,imp_info=True,points_order=descending)": (
        "classic/goofspiel",
        {"cards": 3, "hidden_bids": True, "points_order": "descending"},
    ),
    "goofspiel(num_cards=4,returns_type=win_loss)": ("classic/goofspiel", {"cards": 4, "returns": "win_loss"}),
}
"""OpenSpiel's names of our games."""


@pytest.mark.parametrize(("name", "options", "worth", "uniform"), SOLVED)
def test_the_value_and_even_play(name, options, worth, uniform):
    form = tree(name, **options).form
    found = solve(form)
    assert found.value == pytest.approx(worth, abs=1e-9)
    assert 0 <= found.gap + 1e-12 < 1e-9
    assert form.value(found.plans) == found.value
    assert form.exploitability(form.uniform()) == pytest.approx(uniform, abs=1e-9)


@pytest.mark.parametrize("theirs", THEIRS)
def test_openspiel_finds_even_play_as_exploitable(theirs):
    name, options = THEIRS[theirs]
    game = pyspiel.load_game(theirs)
    if game.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS:
        game = pyspiel.convert_to_turn_based(game)
    found = pyspiel.nash_conv(game, pyspiel.UniformRandomPolicy(game)) / 2
    form = tree(name, **options).form
    assert form.exploitability(form.uniform()) == pytest.approx(found, abs=1e-12)


def test_the_biased_game_has_one_equilibrium():
    found = solve(tree("classic/matrix", game="biased-rock-paper-scissors").form)
    for plan_ in found.plans:
        assert plan_[1:] == pytest.approx([1 / 16, 10 / 16, 5 / 16], abs=1e-9)


@pytest.mark.slow
def test_tic_tac_toe_is_a_draw():
    """Its 255,168 games and 549,946 positions in order of play are well known."""
    found = tree("classic/tic-tac-toe")
    assert (found.ends, found.states) == (255_168, 549_946)
    assert solve(found.form).value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", ["classic/kuhn", "classic/leduc"])
def test_any_tabular_policy_is_as_exploitable_as_openspiel_finds(name):
    """Random behaviour at every information set, carried over by playing all lines of both programs side by side."""
    theirs = pyspiel.load_game(name.removeprefix("classic/") + "_poker")
    found = tree(name)
    numbers = [known(found, side) for side in (0, 1)]
    named = {}
    for told in play_along(name, {}, lines(theirs), FIRST_CHOICE[name]):
        named[told.theirs] = told.side, numbers[told.side][(*told.remembered,)]
    rng = np.random.default_rng(1)
    behaviours = [side.normalise(rng.random(side.sequences) ** 3) for side in found.form.sides]
    table = {}
    for text, (s, number) in named.items():
        side, where = found.form.sides[s], found.decisions[s]
        sequences = np.arange(side.start[number], side.start[number + 1])
        table[text] = [(int(where.choice[q]) - FIRST_CHOICE[name], float(behaviours[s][q])) for q in sequences]
    first, second = (side.realise(b) for side, b in zip(found.form.sides, behaviours, strict=True))
    policy = pyspiel.TabularPolicy(table)
    assert found.form.exploitability((first, second)) == pytest.approx(
        pyspiel.exploitability(theirs, policy), abs=1e-12
    )
    worth = pyspiel.expected_returns(theirs.new_initial_state(), policy, -1, True)[0]
    assert found.form.value((first, second)) == pytest.approx(worth, abs=1e-12)


FIRST_CHOICE = {"classic/kuhn": 0, "classic/leduc": 1}
"""Our number of OpenSpiel's action 0."""


@pytest.mark.parametrize(("name", "lowest"), [("classic/kuhn", 0), ("classic/leduc", 1)])
def test_always_the_first_action(name, lowest):
    """OpenSpiel's first action: passing, and folding, which where it may not be chosen is calling."""
    assert exploitability(name, ConstantPolicy([lowest])) == pytest.approx(1, abs=1e-12)


# --- Kuhn poker by the book ---


def test_the_hand_count_knows_what_the_book_says():
    assert value(UNIFORM, UNIFORM) == pytest.approx(1 / 8)
    assert gap([(1, UNIFORM)], [(1, UNIFORM)]) == pytest.approx(11 / 24)
    never, always = np.zeros((3, 2)), np.ones((3, 2))
    assert gap([(1, never)], [(1, never)]) == pytest.approx(1)
    # Half always, half never is not play that is half and half in every situation: a call meets one of the two.
    drawn = [(0.5, always), (0.5, never)]
    assert gap(drawn, drawn) != pytest.approx(gap([(1, UNIFORM)], [(1, UNIFORM)]), abs=0.01)


@pytest.mark.parametrize("a", [0, 0.2, 1 / 3])
def test_the_family_of_equilibria(a):
    """Kuhn's: the first side bets a jack with probability a and a king with 3a, calls a queen with a + 1/3.

    The second bets a jack with 1/3, calls a queen with 1/3, always bets and calls a king.
    """
    first = np.array([[a, 0], [0, a + 1 / 3], [3 * a, 1]])
    second = np.array([[1 / 3, 0], [0, 1 / 3], [1, 1]])
    assert value(first, second) == pytest.approx(-1 / 18)
    assert gap([(1, first)], [(1, second)]) == pytest.approx(0, abs=1e-12)
    form, plans = tree("classic/kuhn").form, (plan(0, first), plan(1, second))
    assert form.value(plans) == pytest.approx(-1 / 18, abs=1e-12)
    assert form.nash_conv(plans) == pytest.approx(0, abs=1e-12)


strategies = st.lists(st.floats(0, 1), min_size=6, max_size=6).map(lambda p: np.array(p).reshape(3, 2))


@settings(max_examples=40)
@given(strategies, strategies, strategies, st.floats(0, 1))
def test_the_tree_agrees_with_all_pure_strategies_tried_by_hand(row, other, column, share):
    """Also for a mixture that draws one of two strategies per match."""
    form = tree("classic/kuhn").form
    drawn = mix([plan(0, row), plan(0, other)], [share, 1 - share])
    by_hand = gap([(share, row), (1 - share, other)], [(1, column)])
    assert form.exploitability((drawn, plan(1, column))) == pytest.approx(by_hand, abs=1e-12)
    assert form.value((plan(0, row), plan(1, column))) == pytest.approx(value(row, column), abs=1e-12)


# --- what must hold in any game ---


def matrix_game(payoff):
    """A matrix game in sequence form: one information set a side."""
    rows, columns = payoff.shape
    sides = (
        Side(np.array([0]), np.array([1, 1 + rows]), ((0, 1),)),
        Side(np.array([0]), np.array([1, 1 + columns]), ((0, 1),)),
    )
    padded = np.zeros((rows + 1, columns + 1))
    padded[1:, 1:] = payoff
    return SequenceForm(sides, sparse.csr_array(padded))


@pytest.mark.parametrize("seed", range(5))
def test_matrix_games_agree_with_nashpy(seed):
    payoff = np.random.default_rng(seed).normal(size=(6, 4)).round(2)
    found = solve(matrix_game(payoff))
    row, column = nashpy.Game(payoff).linear_program()
    assert found.value == pytest.approx(row @ payoff @ column, abs=1e-9)
    assert found.plans[0][1:] == pytest.approx(row, abs=1e-7)
    assert found.plans[1][1:] == pytest.approx(column, abs=1e-7)


@pytest.mark.parametrize("game", [race(), two_slots(2)], ids=["race", "two-slots"])
def test_a_symmetric_game_is_worth_nothing(game):
    form = enumerate_game(game).form
    found = solve(form)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.gap < 1e-12
    assert form.value(form.uniform()) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["classic/kuhn", "classic/leduc", "classic/liars-dice"])
def test_best_responses_and_plans(name):
    form = tree(name, **({"dice": 1, "sides": 3} if "dice" in name else {})).form
    rng = np.random.default_rng(2)
    behaviours = [side.normalise(rng.random(side.sequences)) for side in form.sides]
    first, second = (side.realise(b) for side, b in zip(form.sides, behaviours, strict=True))
    responses, worth = form.best_responses((first, second))
    assert worth[0] == pytest.approx(form.value((responses[0], second)), abs=1e-12)
    assert worth[1] == pytest.approx(-form.value((first, responses[1])), abs=1e-12)
    assert sum(worth) == pytest.approx(form.nash_conv((first, second)), abs=1e-12)
    for side, behaviour, plan_, response in zip(form.sides, behaviours, (first, second), responses, strict=True):
        root = np.append(1.0, np.zeros(len(side.parent)))
        for realised in (plan_, response, side.realise(side.even)):
            assert constraints(side) @ realised == pytest.approx(root, abs=1e-12)
        assert side.behave(plan_) == pytest.approx(behaviour)
        assert set(response.tolist()) == {0.0, 1.0}
    # Nothing beats a best response: not even play, not the other side's strategy of an equilibrium, not a random one.
    for _ in range(20):
        tried = form.sides[0].realise(form.sides[0].normalise(rng.random(form.sides[0].sequences) ** 8))
        assert form.value((tried, second)) <= worth[0] + 1e-12


def test_ties_go_to_the_lowest_choice():
    form = matrix_game(np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 2.0]]))
    responses, worth = form.best_responses(form.uniform())
    assert worth == pytest.approx((1, -2 / 3))
    assert responses[0].tolist() == [1, 1, 0, 0]
    assert responses[1].tolist() == [1, 1, 0]


def test_a_policy_object_that_is_uniform_is_the_uniform_plan():
    for name in ("classic/kuhn", "classic/leduc"):
        form = tree(name).form
        assert exploitability(name, UniformPolicy()) == pytest.approx(form.exploitability(form.uniform()), abs=1e-12)


def test_a_side_that_never_chooses_is_no_trouble():
    """One row of one entry each way: whoever chooses takes the better column."""
    nobody = Side(np.zeros(0, np.int64), np.array([1]), ())
    chooser = Side(np.array([0]), np.array([1, 3]), ((0, 1),))
    form = SequenceForm((nobody, chooser), sparse.csr_array(np.array([[0.0, 3.0, -2.0]])))
    found = solve(form)
    assert found.value == pytest.approx(-2)
    assert found.plans[1].tolist() == [1, 0, 1]
    assert form.nash_conv(form.uniform()) == pytest.approx(2.5)
    for solver in (CFR(form), FictitiousPlay(form), MirrorDescent(form)):
        for _ in range(200):
            solver.iterate()
        assert form.exploitability(solver.average()) < 0.05


def test_forms_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        tree("classic/kuhn").form.payoff = None  # type: ignore[misc]
