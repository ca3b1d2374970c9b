"""Intervals against published and computed values, by coverage, and their refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kumite.eval import intervals
from kumite.eval.intervals import clopper_pearson, mean_interval, wilson
from kumite.league.confidence import betting_lower


def wins(successes: int, trials: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.arange(trials) < successes).astype(float)


@pytest.mark.parametrize(
    ("successes", "trials", "exact", "score", "hoeffding"),
    [(600, 1000, 0.5738, 0.5743, 0.5613), (60, 100, 0.5130, 0.5178, 0.4776)],
)
def test_one_sided_bounds_on_known_counts(successes, trials, exact, score, hoeffding):
    assert clopper_pearson(successes, trials, side="lower").lower == pytest.approx(exact, abs=5e-5)
    assert wilson(successes, trials, side="lower").lower == pytest.approx(score, abs=5e-5)
    plain = mean_interval(wins(successes, trials), side="lower", method="hoeffding")
    assert plain.lower == pytest.approx(hoeffding, abs=5e-5)


def test_twelve_of_twenty_proves_little():
    assert clopper_pearson(12, 20, side="lower").lower == pytest.approx(0.394, abs=5e-4)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (47, 200)])
def test_counts_agree_with_scipy(successes, trials):
    test = stats.binomtest(successes, trials)
    for ours, method in ((clopper_pearson, "exact"), (wilson, "wilson")):
        theirs = test.proportion_ci(0.9, method=method)
        found = ours(successes, trials, 0.9)
        assert (found.lower, found.upper) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_one_sided_intervals_leave_the_other_end_open():
    assert clopper_pearson(6, 10, side="lower").upper == 1
    assert wilson(6, 10, side="upper").lower == 0
    found = mean_interval([1, -1, 1], -1, 1, side="lower")
    assert (found.upper, found.estimate) == pytest.approx((1, 1 / 3))


@pytest.mark.parametrize("method", ["betting", "empirical-bernstein"])
@pytest.mark.parametrize(
    "chances", [(0.9, 0.02, 0.02, 0.03, 0.03), (0.1, 0.2, 0.4, 0.2, 0.1), (0, 0.02, 0.03, 0.05, 0.9)]
)
def test_bounds_on_pair_scores_cover_the_mean(method, chances):
    scores, trials = np.arange(5) / 4, 300
    mean = float(scores @ np.array(chances))
    rng = np.random.default_rng(5)
    samples = rng.choice(scores, size=(trials, 80), p=chances)
    found = [mean_interval(sample, method=method, confidence=0.9) for sample in samples]
    missed = sum(not i.lower <= mean <= i.upper for i in found)
    # 300 trials at a true error of 10 % exceed 46 with probability 0.1 %.
    assert missed <= 46
    lower = sum(mean < mean_interval(s, method=method, confidence=0.9, side="lower").lower for s in samples)
    upper = sum(mean > mean_interval(s, method=method, confidence=0.9, side="upper").upper for s in samples)
    assert max(lower, upper) <= 46
    # And not by being vacuous: Hoeffding's interval is this wide whatever the scores are.
    assert np.mean([i.upper - i.lower for i in found]) < (2 if method == "betting" else 3.2) * np.sqrt(np.log(20) / 160)


def test_an_anytime_bound_survives_looking_after_every_game_where_a_fixed_one_does_not():
    rng = np.random.default_rng(11)
    looks = range(20, 301, 20)
    fixed = anytime = 0
    for _ in range(150):
        scores = rng.integers(0, 2, size=300).astype(float)
        fixed += any(clopper_pearson(int(scores[:n].sum()), n, 0.9, "lower").lower > 0.5 for n in looks)
        anytime += any(mean_interval(scores[:n], confidence=0.9, side="lower", anytime=True).lower > 0.5 for n in looks)
    assert anytime <= 28  # 150 trials at 10 % exceed 28 with probability 0.04 %
    assert fixed > 30
    bounds = [mean_interval(scores[:n], confidence=0.9, side="lower", anytime=True).lower for n in looks]
    assert (np.diff(bounds) >= 0).all()


def test_betting_is_sharper_than_hoeffding_and_near_the_exact_bound_when_scores_vary_little():
    scores = wins(950, 1000)
    betting = mean_interval(scores, side="lower").lower
    assert mean_interval(scores, side="lower", method="hoeffding").lower < betting - 0.01
    assert betting == pytest.approx(clopper_pearson(950, 1000, side="lower").lower, abs=0.006)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_bounds_mirror_when_scores_do(scores, anytime):
    for method in ("betting", "empirical-bernstein"):
        straight = mean_interval(scores, method=method, anytime=anytime)
        mirrored = mean_interval([1 - s for s in scores], method=method, anytime=anytime)
        assert 0 <= straight.lower <= straight.estimate <= straight.upper <= 1
        assert mirrored.lower == pytest.approx(1 - straight.upper, abs=1e-9)
        assert mirrored.upper == pytest.approx(1 - straight.lower, abs=1e-9)


def test_the_mean_of_what_was_seen_is_never_outside_its_interval():
    """A meeting that began with 43 wins of 66 and ended at 51 % was said to lie within 53 to 58 %."""
    began, ended = [1, 1, 0] * 30, [0, 0, 1] * 50
    assert betting_lower(np.array(began + ended, float), 0.025, anytime=False) > np.mean(began + ended)
    for scores in (began + ended, [1 - score for score in began + ended]):
        found = mean_interval(scores)
        assert found.lower <= found.estimate <= found.upper


def test_other_ranges_are_the_same_bound_on_another_scale():
    scores = np.random.default_rng(2).random(50)
    unit, chips = mean_interval(scores), mean_interval(scores * 26 - 13, -13, 13)
    assert (chips.lower, chips.upper, chips.estimate) == pytest.approx(
        (unit.lower * 26 - 13, unit.upper * 26 - 13, unit.estimate * 26 - 13)
    )


def test_games_counted_as_pairs_do_not_count_copies_twice():
    # Seat exchange that changes nothing: every game twice. As pairs the bound is that of the games themselves.
    games = wins(60, 100)
    pairs = intervals.pair_scores(np.stack([games, games], axis=1) * 2 - 1)
    np.testing.assert_array_equal(pairs, games)
    once, twice = mean_interval(pairs, side="lower").lower, mean_interval(np.repeat(games, 2), side="lower").lower
    assert once < twice


def test_pairs_fall_into_five_outcomes():
    utility = [[-1, -1], [-1, 0], [0, 0], [1, -1], [1, 0], [1, 1], [1, 1]]
    scores = intervals.pair_scores(utility)
    np.testing.assert_array_equal(scores, [0, 0.25, 0.5, 0.5, 0.75, 1, 1])
    np.testing.assert_array_equal(intervals.pentanomial(scores), [1, 1, 2, 1, 2])
    np.testing.assert_array_equal(intervals.pair_scores([[2], [-2]], low=-2, high=2), [1, 0])
    with pytest.raises(ValueError, match="in quarters"):
        intervals.pentanomial([0.3])
    with pytest.raises(ValueError, match="rows of one or two games"):
        intervals.pair_scores([1, -1, 1])


def test_bonferroni_shares_the_error():
    assert intervals.bonferroni(0.95, 10) == pytest.approx(0.995)
    assert intervals.bonferroni(0.95, 1) == 0.95
    with pytest.raises(ValueError, match="at least 1: got 0"):
        intervals.bonferroni(0.95, 0)


def test_the_best_of_twenty_equal_exploiters_is_not_certified():
    # All truly score one half; each is tested on 100 games and the best one is looked at.
    rng = np.random.default_rng(4)
    naive = corrected = 0
    reported = []
    for _ in range(200):
        best = int(rng.binomial(100, 0.5, size=20).max())
        reported.append(best)
        naive += clopper_pearson(best, 100, 0.95, "lower").lower > 0.5
        corrected += clopper_pearson(best, 100, intervals.bonferroni(0.95, 20), "lower").lower > 0.5
    assert np.mean(reported) == pytest.approx(59.3, abs=0.6)
    assert naive > 80
    assert corrected <= 20


def test_copies_are_refused_and_their_number_is_carried():
    assert mean_interval(wins(6, 10), distinct=8).distinct == 8
    with pytest.raises(
        intervals.CopiesError, match=r"800 units hold only 32 distinct trajectories, expected at least 400"
    ):
        mean_interval(wins(500, 800), distinct=32)
    with pytest.raises(ValueError, match="between 1 and 10 distinct"):
        mean_interval(wins(6, 10), distinct=11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([]), "at least one unit"),
        (lambda: mean_interval([0.5, 2.0]), "must lie within"),
        (lambda: mean_interval([0.5, np.nan]), "must lie within"),
        (lambda: mean_interval([0.5], method="bernstein"), "unknown method 'bernstein'"),
        (lambda: mean_interval([0.5], side="left"), "side is 'two-sided'"),
        (lambda: mean_interval([0.5], confidence=95), "between 0 and 1: got 95"),
        (lambda: mean_interval([0.5], method="hoeffding", anytime=True), "one fixed sample size"),
        (lambda: clopper_pearson(5, 3), "got 5 of 3"),
        (lambda: wilson(0, 0), "got 0 of 0"),
    ],
)
def test_wrong_uses_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
