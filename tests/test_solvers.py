"""Meta-solvers against games whose answer is known, against nashpy, and against linear programming duality."""

import itertools
import warnings

import nashpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kumite.league import solvers

ROCK_PAPER_SCISSORS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=float)
# OpenSpiel's matrix_brps.
BIASED = np.array([[0, -25, 50], [25, 0, -5], [-50, 5, 0]], dtype=float)

small_games = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-3, 3).map(float))
)


def blotto(coins: int = 10, fields: int = 3) -> np.ndarray:
    """Row's outcome (+1, 0, -1) for every pair of ways to spread the coins: who wins more fields wins."""
    spreads = np.array([s for s in itertools.product(range(coins + 1), repeat=fields) if sum(s) == coins])
    fields_won = np.sign(spreads[:, None, :] - spreads[None, :, :]).sum(axis=2)
    return np.sign(fields_won).astype(float)


def entropy(mixture: np.ndarray) -> float:
    played = mixture[mixture > 0]
    return float(-(played * np.log(played)).sum())


@pytest.mark.parametrize("name", ["nash", "max_entropy_nash", "regret_matching", "uniform"])
def test_rock_paper_scissors_is_one_third_each(name):
    found = solvers.solve(name, ROCK_PAPER_SCISSORS)
    np.testing.assert_allclose(found.row, 1 / 3, atol=1e-6)
    np.testing.assert_allclose(found.column, 1 / 3, atol=1e-6)
    assert found.value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("name", "tolerance"), [("nash", 1e-9), ("max_entropy_nash", 1e-5), ("regret_matching", 1e-3)])
def test_biased_rock_paper_scissors(name, tolerance):
    found = solvers.solve(name, BIASED)
    np.testing.assert_allclose(found.row, [1 / 16, 10 / 16, 5 / 16], atol=tolerance)
    np.testing.assert_allclose(found.column, [1 / 16, 10 / 16, 5 / 16], atol=tolerance)


def test_uniform_play_in_biased_rock_paper_scissors_leaves_the_known_gap():
    assert solvers.uniform(BIASED).gap == pytest.approx(50 / 3, abs=1e-9)


def test_blotto_has_value_zero_and_uniform_play_leaves_seven_elevenths():
    game = blotto()
    assert game.shape == (66, 66)
    found = solvers.nash(game)
    assert found.value == pytest.approx(0, abs=1e-9)
    assert found.gap < 1e-9
    assert solvers.uniform(game).gap == pytest.approx(7 / 11, abs=1e-12)


def test_asymmetric_game_by_hand():
    # Row mixes 2x2 [[3, -1], [-2, 1]]: p = 3/7, q = 2/7, value = 1/7 (equalising both sides).
    found = solvers.nash([[3, -1], [-2, 1]])
    np.testing.assert_allclose(found.row, [3 / 7, 4 / 7], atol=1e-9)
    np.testing.assert_allclose(found.column, [2 / 7, 5 / 7], atol=1e-9)
    assert found.value == pytest.approx(1 / 7, abs=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (4, 9), (15, 15)])
def test_nash_has_the_value_nashpy_finds(shape):
    game = np.random.default_rng(sum(shape)).normal(size=shape)
    found = solvers.nash(game)
    row, column = nashpy.Game(game).linear_program()
    assert found.value == pytest.approx(row @ game @ column, abs=1e-9)
    # A random game has one equilibrium, so the mixtures agree too.
    np.testing.assert_allclose(found.row, row, atol=1e-7)
    np.testing.assert_allclose(found.column, column, atol=1e-7)


@given(small_games)
@settings(max_examples=100, deadline=None)
def test_what_the_row_side_secures_the_column_side_concedes(game):
    found = solvers.nash(game)
    for mixture in (found.row, found.column):
        assert mixture.min() >= 0
        assert mixture.sum() == pytest.approx(1)
    assert (found.row @ game).min() == pytest.approx(found.value, abs=1e-8)
    assert (game @ found.column).max() == pytest.approx(found.value, abs=1e-8)


@given(small_games, st.floats(0.1, 50), st.floats(-1000, 1000))
@settings(max_examples=30, deadline=None)
def test_value_follows_the_scale_and_origin_of_utility(game, scale, shift):
    moved = solvers.nash(game * scale + shift)
    assert moved.value == pytest.approx(solvers.nash(game).value * scale + shift, abs=1e-6)


@given(small_games)
@settings(max_examples=40, deadline=None)
def test_max_entropy_nash_is_an_equilibrium_spread_at_least_as_wide_as_the_vertex(game):
    vertex, spread = solvers.nash(game), solvers.max_entropy_nash(game)
    span = max(np.ptp(game), 1e-300)
    assert spread.gap <= 2.1e-7 * span + 1e-9
    assert entropy(spread.row) >= entropy(vertex.row) - 1e-5
    assert entropy(spread.column) >= entropy(vertex.column) - 1e-5


@given(small_games, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_max_entropy_nash_does_not_depend_on_the_order_of_members(game, random):
    rows, columns = list(range(game.shape[0])), list(range(game.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    straight, shuffled = solvers.max_entropy_nash(game), solvers.max_entropy_nash(game[np.ix_(rows, columns)])
    np.testing.assert_allclose(shuffled.row, straight.row[rows], atol=1e-3)
    np.testing.assert_allclose(shuffled.column, straight.column[columns], atol=1e-3)


def win_rates(above_diagonal: list[float], n: int) -> np.ndarray:
    """The win rates of n agents, from those above the diagonal: w_ji = 1 − w_ij, even on the diagonal."""
    rates = np.full((n, n), 0.5)
    rows, columns = np.triu_indices(n, 1)
    rates[rows, columns] = above_diagonal
    rates[columns, rows] = 1 - rates[rows, columns]
    return rates


def is_spread_soundly(rates: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vertex, spread = solvers.nash(rates), solvers.max_entropy_nash(rates)
    tolerance = 1.1e-7 * np.ptp(rates) + 1e-12
    assert (spread.row @ rates).min() >= vertex.value - tolerance
    assert (rates @ spread.column).max() <= vertex.value + tolerance
    assert entropy(spread.row) >= entropy(vertex.row) - 1e-9
    assert entropy(spread.column) >= entropy(vertex.column) - 1e-9


def test_bug_a_pure_equilibrium_with_a_near_tie_left_the_barrier_no_room():
    # Member 2 beats all others, member 4 by 0.00001: dividing by the room of a step outside gave infinite entries.
    rates = win_rates([0.38570553, 0, 0.29587453, 0.23700157, 0.2125152, 0.543, 0.45, 0.81, 0.50001063, 0.4], 5)
    assert rates[4, 2] == pytest.approx(0.49998937)
    is_spread_soundly(rates)
    assert solvers.max_entropy_nash(rates).row[2] > 0.98


# Ties, ties but for rounding, near ties around the slack and far above it, and any rate at all.
near_ties = st.sampled_from([0.5, 0.5 + 1e-15, 0.5 + 1e-9, 0.5 - 1e-7, 0.5 + 3e-7, 0.5 - 1e-5, 0.49998937, 0.75, 0.0])
some_win_rates = st.integers(2, 8).flatmap(
    lambda n: st.lists(near_ties | st.floats(0, 1), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2).map(
        lambda above: win_rates(above, n)
    )
)


@given(some_win_rates)
@settings(max_examples=60, deadline=None)
def test_max_entropy_nash_of_any_win_rates_is_sound_and_silent(rates):
    is_spread_soundly(rates)


def test_copies_share_one_weight_under_max_entropy():
    rock_twice = ROCK_PAPER_SCISSORS[np.ix_([0, 0, 1, 2], [0, 0, 1, 2])]
    mixture = solvers.solve_symmetric("max_entropy_nash", rock_twice).row
    np.testing.assert_allclose(mixture, [1 / 6, 1 / 6, 1 / 3, 1 / 3], atol=1e-6)


def test_equal_members_get_equal_weight_under_max_entropy_but_not_at_a_vertex():
    level = np.zeros((3, 5))
    level[0, 0] = 1e-12
    assert solvers.nash(level).row.max() == pytest.approx(1)
    np.testing.assert_allclose(solvers.max_entropy_nash(np.zeros((3, 5))).column, 1 / 5)
    # Row 2 is worse everywhere, columns 0 and 1 are one choice: the answer is known to be (1/2, 1/2, 0).
    found = solvers.max_entropy_nash([[1, -1], [-1, 1], [-2, -2]])
    np.testing.assert_allclose(found.row, [0.5, 0.5, 0], atol=1e-6)


def test_regret_matching_closes_the_gap_and_repeats_itself():
    game = np.random.default_rng(3).normal(size=(12, 20))
    short, long = solvers.regret_matching(game, iterations=100), solvers.regret_matching(game, iterations=10_000)
    assert long.gap < short.gap / 20
    assert long.gap < 1e-3
    assert long.value == pytest.approx(solvers.nash(game).value, abs=1e-3)
    np.testing.assert_array_equal(long.row, solvers.regret_matching(game, iterations=10_000).row)


@pytest.mark.parametrize("name", solvers.SOLVERS)
def test_one_population_gets_one_mixture(name):
    noise = np.random.default_rng(8).normal(size=(9, 9))
    found = solvers.solve_symmetric(name, noise - noise.T)
    np.testing.assert_array_equal(found.row, found.column)
    assert found.value == pytest.approx(0, abs=1e-12)
    if name != "uniform":
        assert found.gap < 1e-2


def test_symmetric_shortcut_is_refused_on_an_asymmetric_game():
    with pytest.raises(solvers.PayoffError, match=r"cell \(0, 1\) is -1 and cell \(1, 0\) is 0.9, expected 1"):
        solvers.solve_symmetric("nash", [[0, -1, 1], [0.9, 0, -1], [-1, 1, 0]])
    with pytest.raises(solvers.PayoffError, match="2 by 3, expected square"):
        solvers.solve_symmetric("nash", np.zeros((2, 3)))


@pytest.mark.parametrize("name", solvers.SOLVERS)
def test_unplayed_cells_are_refused(name):
    game = ROCK_PAPER_SCISSORS.copy()
    game[1, 2] = np.nan
    with pytest.raises(solvers.PayoffError, match=r"1 of 9 payoff cells are unplayed.*\(1, 2\)"):
        solvers.solve(name, game)


@pytest.mark.parametrize("shape", [(0, 0), (3,), (2, 2, 2)])
def test_shapes_that_are_no_matrix_are_refused(shape):
    with pytest.raises(solvers.PayoffError, match="two dimensions"):
        solvers.nash(np.zeros(shape))


def test_unknown_solver_names_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'regret_matching'"):
        solvers.solve("regret-maching", ROCK_PAPER_SCISSORS)
