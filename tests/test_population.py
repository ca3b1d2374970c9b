"""Alpha-rank, Nash averaging and mElo on payoffs whose answer is known, and what they say of equals."""

import numpy as np
import pytest
from scipy.special import expit

from kumite.eval.cycles import decompose, melo_log_odds, multidimensional_elo
from kumite.eval.population import (
    alpha_rank,
    alpha_rank_spread,
    nash_averaging,
    nash_averaging_spread,
)
from kumite.eval.ratings import Results
from kumite.league.solvers import PayoffError

ROCK_PAPER_SCISSORS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=float)
UNEVEN = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]], dtype=float)
ROCK_TWICE = ROCK_PAPER_SCISSORS[np.ix_([0, 0, 1, 2], [0, 0, 1, 2])]


def equal_members(members: int, games: int, rng: np.random.Generator) -> Results:
    """What members that are all the same show in so many games a pair."""
    i, j = (np.repeat(index, games) for index in np.triu_indices(members, 1))
    score = rng.integers(0, 2, size=len(i)).astype(float)
    return Results.from_scores([f"m{k}" for k in range(members)], i, j, score)


def test_alpha_rank_of_a_published_game():
    # Han et al. 2013: reward 1, temptation 2, punishment 0, sucker -1, deposit 4, arrangement 1/4; as in OpenSpiel.
    r, t, p, s, deposit, cost = 1.0, 2.0, 0.0, -1.0, 4.0, 0.25
    payoff = [
        [r - cost / 2, r - cost, 0, s + deposit - cost, r - cost],
        [r, r, s, s, s],
        [0, t, p, p, p],
        [t - deposit, t, p, p, p],
        [r, t, p, p, p],
    ]
    expected = [0.40966787, 0.07959841, 0.20506998, 0.08505983, 0.2206039]
    np.testing.assert_allclose(alpha_rank(payoff, alpha=0.1, population=20), expected, atol=1e-7)


def test_zero_sum_take_overs_have_their_closed_form():
    alpha, m, payoff = 0.3, 20, np.array([[0, 0.7], [-0.7, 0]])
    u = alpha * m / (m - 1) * payoff[0, 1]
    up, down = (1 - np.exp(-u)) / (1 - np.exp(-m * u)), (1 - np.exp(u)) / (1 - np.exp(m * u))
    np.testing.assert_allclose(alpha_rank(payoff, alpha, m), [up / (up + down), down / (up + down)], rtol=1e-10)


@pytest.mark.parametrize("alpha", [0.1, 10.0, np.inf])
def test_a_cycle_of_equal_margins_is_a_third_each(alpha):
    np.testing.assert_allclose(alpha_rank(ROCK_PAPER_SCISSORS, alpha), 1 / 3, atol=1e-9)


def test_strong_selection_ignores_margins_where_nash_does_not():
    np.testing.assert_allclose(alpha_rank(UNEVEN), 1 / 3, atol=1e-9)
    np.testing.assert_allclose(nash_averaging(expit(UNEVEN)).mixture, [1 / 4, 1 / 2, 1 / 4], atol=1e-5)


def test_a_ladder_is_its_top_and_nothing_dies_of_a_hopeless_match():
    strength = np.array([0.0, 3, 1, 2])
    ladder = strength[:, None] - strength[None, :]
    np.testing.assert_allclose(alpha_rank(ladder), [0, 1, 0, 0], atol=1e-5)
    np.testing.assert_allclose(alpha_rank(ladder, alpha=1e4), [0, 1, 0, 0], atol=1e-5)


def test_nash_averaging_does_not_care_for_copies():
    once, twice = nash_averaging(expit(ROCK_PAPER_SCISSORS)), nash_averaging(expit(ROCK_TWICE))
    np.testing.assert_allclose(once.mixture, 1 / 3, atol=1e-6)
    np.testing.assert_allclose(twice.mixture, [1 / 6, 1 / 6, 1 / 3, 1 / 3], atol=1e-6)
    for found in (once, twice):
        np.testing.assert_allclose(found.skill, 0, atol=1e-5)
    # A weaker member below the cycle changes nothing above it, and its skill is its odds against the mixture.
    below = np.zeros((4, 4))
    below[:3, :3], below[:3, 3], below[3, :3] = ROCK_PAPER_SCISSORS, 2, -2
    np.testing.assert_allclose(nash_averaging(expit(below)).skill, [0, 0, 0, -2], atol=1e-5)


def test_certain_wins_stay_finite():
    found = nash_averaging([[0.5, 1.0], [0.0, 0.5]])
    np.testing.assert_allclose(found.mixture, [1, 0], atol=1e-6)
    np.testing.assert_allclose(found.skill, [0, -np.log(9999)], atol=1e-4)


def test_among_equals_alpha_rank_singles_one_out():
    # Eleven equal members at 200 games a pair: the top one holds .229 on average and .392 at the 95th percentile.
    rng = np.random.default_rng(1)
    top = [alpha_rank(equal_members(11, 200, rng).rate()).max() for _ in range(300)]
    assert np.mean(top) == pytest.approx(0.229, abs=0.015)
    assert np.quantile(top, 0.95) == pytest.approx(0.392, abs=0.05)


def test_the_spread_shows_that_it_is_chance():
    rng = np.random.default_rng(2)
    found = alpha_rank_spread(equal_members(11, 200, rng), rng, resamples=100)
    assert found.value.max() > 1.5 / 11
    assert (found.lower < 1 / 11).all()
    assert (found.upper > 1 / 11).sum() >= 9
    assert found.mean.sum() == pytest.approx(1)
    skill = nash_averaging_spread(equal_members(6, 200, rng), rng, resamples=30)
    assert (skill.lower < 0).all()
    assert (skill.upper > -0.05).all()


def test_the_spread_is_narrow_where_games_are_many():
    rng = np.random.default_rng(3)
    i, j = (np.repeat(index, 4000) for index in np.triu_indices(3, 1))
    chance = expit(ROCK_PAPER_SCISSORS)
    score = (rng.random(len(i)) < chance[i, j]).astype(float)
    found = alpha_rank_spread(Results.from_scores("abc", i, j, score), rng, resamples=50)
    np.testing.assert_allclose(found.lower, 1 / 3, atol=1e-6)
    np.testing.assert_allclose(found.upper, 1 / 3, atol=1e-6)


def test_melo_rebuilds_a_pure_cycle_to_the_last_digit():
    payoff = 4.6 * ROCK_PAPER_SCISSORS
    ratings, vectors = multidimensional_elo(payoff)
    np.testing.assert_allclose(ratings, 0, atol=1e-14)
    assert vectors.shape == (3, 2)
    np.testing.assert_allclose(melo_log_odds(ratings, vectors), payoff, atol=1e-14)


def test_melo_with_enough_vectors_is_the_payoff_and_with_fewer_its_nearest():
    noise = np.random.default_rng(4).normal(size=(7, 7))
    payoff = noise - noise.T
    ratings, vectors = multidimensional_elo(payoff, cycles=3)
    np.testing.assert_allclose(melo_log_odds(ratings, vectors), payoff, atol=1e-12)
    np.testing.assert_allclose(ratings, payoff.mean(axis=1), atol=1e-12)
    singular = np.linalg.svd(decompose(payoff)[2], compute_uv=False)
    left = np.linalg.norm(payoff - melo_log_odds(*multidimensional_elo(payoff, cycles=1)))
    assert left == pytest.approx(np.linalg.norm(singular[2:]))  # Eckart and Young


def test_wrong_uses_are_refused():
    with pytest.raises(PayoffError, match=r"every cell played: got shape \(2, 3\)"):
        alpha_rank(np.zeros((2, 3)))
    with pytest.raises(PayoffError, match="every cell played"):
        alpha_rank([[0, np.nan], [np.nan, 0]])
    with pytest.raises(ValueError, match="unplayed cells"):
        multidimensional_elo(np.array([[0, np.nan], [np.nan, 0]]))
