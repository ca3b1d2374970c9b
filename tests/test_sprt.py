"""The sequential test: published values, its errors and costs by simulation, and what it may say after it stopped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumite.eval import sprt as module
from kumite.eval.intervals import pentanomial
from kumite.eval.sprt import (
    NELO_PER_DEVIATION,
    SPRT,
    bayes_elo_ratio,
    expected_score,
    log_likelihood_ratio,
    normalised_elo,
)

# A published match of two chess engines: pairs by outcome, and the same games one by one (losses, draws, wins).
PAIRS = [39, 8843, 26675, 9240, 44]
GAMES = [22569, 44137, 22976]


@pytest.mark.parametrize(
    ("model", "exact", "expected"),
    [
        ("normalised", True, 2.9417),
        ("normalised", False, 2.9420),
        ("logistic", True, 0.5555),
        ("logistic", False, 0.5557),
    ],
)
def test_ratio_of_a_published_match(model, exact, expected):
    assert log_likelihood_ratio(PAIRS, 0.5, 2.5, model, exact=exact) == pytest.approx(expected, abs=5e-5)


def test_ratio_of_the_same_games_in_the_older_model():
    assert bayes_elo_ratio(GAMES, 0.5, 2.5) == pytest.approx(0.9758, abs=5e-5)
    with pytest.raises(ValueError, match="needs wins, draws and losses"):
        bayes_elo_ratio([3, 0, 4], 0, 5)


def test_bounds_at_five_percent():
    assert SPRT(0, 20).bounds == pytest.approx((-2.944439, 2.944439), abs=1e-6)


def test_estimate_of_the_published_match_is_not_the_naive_mean():
    found = SPRT(0.5, 2.5, model="logistic").estimate(PAIRS)
    assert (found.elo, found.lower, found.upper) == pytest.approx((1.536, 0.240, 2.794), abs=5e-4)


def test_fitted_outcomes_have_the_strength_asked_for_and_no_others_are_likelier():
    values, shares = module._distribution(np.array([10, 40, 100, 60, 20]))
    by_mean = module._with_mean(values, shares, 0.5)
    by_deviation = module._with_deviation(values, shares, 0.2)
    assert by_mean @ values == pytest.approx(0.5, abs=1e-9)
    mean, variance = module._moments(values, by_deviation)
    assert (mean - 0.5) / np.sqrt(variance) == pytest.approx(0.2, abs=1e-9)
    best = shares @ np.log(by_deviation)
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = by_deviation * np.exp(rng.normal(scale=0.05, size=5))
        other /= other.sum()
        mean, variance = module._moments(values, other)
        # Onto the constraint again by moving a little between losses and wins.
        for _ in range(30):
            off = (mean - 0.5) - 0.2 * np.sqrt(variance)
            other += off / 2 * np.array([1, 0, 0, 0, -1])
            mean, variance = module._moments(values, other)
        assert shares @ np.log(other) < best


def test_normalised_elo_is_the_score_in_deviations_of_a_game():
    # Decisive games have deviation 1/2, so 60 % is 0.2 of one; the same games in independent pairs say the same.
    assert normalised_elo([400, 0, 600]) == pytest.approx(0.1 / np.sqrt(0.24) * NELO_PER_DEVIATION, rel=1e-4)
    assert normalised_elo([160, 0, 480, 0, 360]) == pytest.approx(normalised_elo([400, 0, 600]), rel=1e-4)


@given(st.lists(st.integers(0, 300), min_size=5, max_size=5).filter(any))
@settings(max_examples=60, deadline=None)
def test_exchanging_the_sides_mirrors_the_test(counts):
    there, back = SPRT(-7, 7).progress(counts), SPRT(-7, 7).progress(counts[::-1])
    assert there.llr == pytest.approx(-back.llr, abs=1e-6)
    assert there.score == pytest.approx(1 - back.score)
    assert log_likelihood_ratio(counts, -7, 7, exact=False) * there.llr >= -1e-9


def stopped(elo: float, trials: int, rng: np.random.Generator):
    """Decisive single games until SPRT[0, 20] stops: how many games, which way, wins. By the normal approximation."""
    t0, t1 = 0.0, 20 / NELO_PER_DEVIATION
    low, high = SPRT(0, 20).bounds
    games, wins = np.zeros((2, trials), dtype=np.int64)
    better, running = np.zeros(trials, dtype=bool), np.arange(trials)
    while len(running):
        n = games[running, None] + np.arange(1, 501)
        won = wins[running, None] + np.cumsum(rng.random((len(running), 500)) < expected_score(elo), axis=1)
        rate = np.clip(won / n, 0.1, 0.9)  # of a few games that agree the approximation would be too sure
        llr = n * (t1 - t0) * (2 * (rate - 0.5) / np.sqrt(rate * (1 - rate)) - t0 - t1) / 2
        ended = (llr >= high) | (llr <= low)
        at = np.where(ended.any(axis=1), ended.argmax(axis=1), 499)
        row = np.arange(len(running))
        games[running], wins[running], better[running] = n[row, at], won[row, at], llr[row, at] > 0
        running = running[~ended.any(axis=1)]
    return games, better, wins


@pytest.mark.parametrize(("elo", "cost"), [(0, 1576), (10, 2658), (20, 1620), (40, 580), (80, 245)])
def test_cost_in_games(elo, cost):
    games, better, _ = stopped(elo, 1000, np.random.default_rng(elo))
    assert games.mean() == pytest.approx(cost, rel=0.08)
    if elo in (0, 20):  # 1,000 trials at a true error of 5 % exceed 68 with probability 0.5 %
        assert (better != (elo > 0)).sum() <= 68
    elif elo > 20:
        assert better.all()


def test_the_approximation_that_was_simulated_is_the_exact_ratio_here():
    for wins, games in ((820, 1576), (1400, 2658), (140, 245)):
        counts = [games - wins, 0, wins]
        exact, approximate = (log_likelihood_ratio(counts, 0, 20, exact=exact) for exact in (True, False))
        assert approximate == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("elo", [0, 15])
def test_after_stopping_the_estimate_is_too_high_half_of_the_time_and_its_interval_covers(elo):
    games, better, wins = stopped(elo, 300, np.random.default_rng(100 + elo))
    test = SPRT(0, 20)
    found = [test.estimate([n - w, 0, w]) for n, w in zip(games, wins, strict=True)]
    assert np.mean([one.elo > elo for one in found]) == pytest.approx(0.5, abs=0.08)
    assert 0.92 <= np.mean([one.lower <= elo <= one.upper for one in found]) <= 0.98
    naive = 400 * np.log10(wins / (games - wins))
    if elo == 15:  # most stop on a lucky streak
        assert np.mean(naive[better]) > elo + 5
    assert all((one.elo > 10) == bool(good) for one, good in zip(found, better, strict=True))


def test_both_series_of_the_stopped_motion_agree_with_simulation():
    rng, width, start, drift = np.random.default_rng(3), 2.0, 1.2, -0.4
    steps, dt = 1000, 0.001
    path = start + np.cumsum(rng.normal(drift * dt, np.sqrt(dt), size=(4000, steps)), axis=1)
    low, high = (path <= 0).argmax(axis=1), (path >= width).argmax(axis=1)
    low[(path > 0).all(axis=1)], high[(path < width).all(axis=1)] = steps, steps
    left_low = (low < high) & (low < steps)
    inside = (low == steps) & (high == steps)
    for end in (0.0, 0.7, 2.0):
        simulated = np.mean(left_low | (inside & (path[:, -1] <= end)))
        assert module._ended_worse(1.0, end, start, width, drift, 1.0) == pytest.approx(simulated, abs=0.03)
    # Where either form serves they are the same function.
    for end in (0.0, 0.9, 1.1, 2.0):
        exact = module._ended_worse(0.0401, end, start, width, drift, 1.0)
        assert module._ended_worse_soon(0.0401, end, start, width, drift) == pytest.approx(exact, abs=1e-9)


def test_few_and_one_sided_outcomes_are_no_obstacle():
    test = SPRT(0, 20)
    assert test.progress([0, 0, 0]).decision is None
    assert test.progress([0, 0, 0]).score == 0.5
    assert test.progress([0, 0, 0, 0, 2]).decision is None
    assert test.progress([0, 0, 0, 0, 400]).decision == "better"
    assert test.progress([400, 0, 0, 0, 0]).decision == "not better"
    assert test.estimate([0, 0, 0, 0, 400]).upper == np.inf
    assert test.progress(pentanomial([0.5] * 30)).llr < 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SPRT(20, 0), "smaller elo0: got 20,0"),
        (lambda: SPRT(0, 20, alpha=0.7), "between 0 and 1/2"),
        (lambda: SPRT(0, 20, model="nelo"), "unknown model 'nelo'"),
        (lambda: SPRT(0, 20).progress([1, 2]), "5 of pairs or 3 of single games: got 2"),
    ],
)
def test_wrong_uses_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
