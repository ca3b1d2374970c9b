"""Cyclic share, significant cycles and Nash support, on payoffs whose structure is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumite.eval.cycles import cyclic_share, decompose, edge_p_values, nash_support, significant_cycles
from kumite.eval.ratings import Results, bradley_terry
from kumite.league.payoff import PayoffTable
from kumite.league.solvers import PayoffError, solve_symmetric

# rock < paper < scissors < rock
BEATS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=float)


def ladder(elo: np.ndarray) -> np.ndarray:
    """Expected scores of a Bradley–Terry ladder."""
    return 1 / (1 + 10 ** ((elo[None, :] - elo[:, None]) / 400))


def play(chance: np.ndarray, pairs: int, rng: np.random.Generator) -> Results:
    """Pairs of independent games between all members, whose row wins each with `chance [n, n]`."""
    i, j = (np.repeat(index, pairs) for index in np.triu_indices(len(chance), 1))
    score = (rng.random((2, len(i))) < chance[i, j]).mean(axis=0)
    return Results.from_scores([f"m{k}" for k in range(len(chance))], i, j, score, 2)


def share_of(results: Results, rng: np.random.Generator, **more):
    return cyclic_share(results, bradley_terry(results), rng, resamples=100, **more)


def test_a_pure_cycle_is_all_cyclic_and_a_gradient_is_not_at_all():
    ratings, steps, cyclic = decompose(4.6 * BEATS)
    np.testing.assert_allclose(ratings, 0, atol=1e-12)
    np.testing.assert_allclose(steps, 0, atol=1e-12)
    np.testing.assert_allclose(cyclic, 4.6 * BEATS, atol=1e-12)
    strength = np.array([2.0, -1.0, 0.5, -1.5])
    found, steps, cyclic = decompose(strength[:, None] - strength[None, :])
    np.testing.assert_allclose(found, strength, atol=1e-12)
    np.testing.assert_allclose(cyclic, 0, atol=1e-12)


@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_two_parts_are_orthogonal_and_ratings_are_row_means(n, seed):
    noise = np.random.default_rng(seed).normal(size=(n, n))
    payoff = noise - noise.T
    ratings, steps, cyclic = decompose(payoff)
    np.testing.assert_allclose(steps + cyclic, payoff, atol=1e-12)
    assert (steps * cyclic).sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(cyclic.sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(ratings, payoff.mean(axis=1), atol=1e-12)


def test_unplayed_cells_do_not_count_as_even():
    strength = np.array([3.0, 1.0, -1.0, -3.0])
    payoff = strength[:, None] - strength[None, :]
    payoff[0, 3] = payoff[3, 0] = np.nan
    ratings, _, cyclic = decompose(payoff)
    np.testing.assert_allclose(ratings, strength, atol=1e-12)
    np.testing.assert_allclose(cyclic[np.isfinite(payoff)], 0, atol=1e-12)


def test_equal_members_look_cyclic_and_the_null_says_it_is_noise():
    rng = np.random.default_rng(0)
    found = [share_of(play(ladder(np.zeros(11)), 100, rng), rng) for _ in range(12)]
    assert np.mean([f.share for f in found]) == pytest.approx(0.90, abs=0.03)
    assert np.mean([f.null_mean for f in found]) == pytest.approx(0.90, abs=0.03)
    assert np.mean([f.p_value for f in found]) > 0.25
    assert np.isnan([f.debiased for f in found]).sum() >= 9


def test_a_ladder_shows_a_share_that_debiasing_takes_away():
    rng = np.random.default_rng(1)
    found = [share_of(play(ladder(np.linspace(-100, 100, 11)), 100, rng), rng) for _ in range(12)]
    assert np.mean([f.share for f in found]) == pytest.approx(0.24, abs=0.03)
    assert np.mean([f.null_mean for f in found]) == pytest.approx(0.24, abs=0.03)
    assert np.mean([f.debiased for f in found]) < 0.12
    assert all(f.null_lower < f.null_mean < f.null_upper for f in found)


@pytest.mark.parametrize("scale", ["logit", "rate"])
def test_a_real_cycle_inside_a_ladder_is_found_and_measured(scale):
    rng = np.random.default_rng(2)
    chance = ladder(np.array([-200.0, 0, 0, 0, 200]))
    chance[1:4, 1:4] = 0.5 + 0.25 * BEATS
    logits = np.log(chance / (1 - chance)) if scale == "logit" else chance - 0.5
    _, _, cyclic = decompose(logits)
    truth = np.linalg.norm(cyclic) / np.linalg.norm(logits)
    found = share_of(play(chance, 60, rng), rng, scale=scale)
    assert found.p_value == pytest.approx(1 / 101)
    assert found.share > found.null_upper
    assert found.debiased == pytest.approx(truth, abs=0.07)
    assert found.scale == scale


def test_certain_results_stay_finite_on_the_logit_scale():
    table = PayoffTable(["rock", "paper", "scissors"])
    for i, j in ((0, 1), (1, 2), (0, 2)):
        table.add(table.rows[i], table.rows[j], np.full((50, 2), BEATS[i, j]))
    results = Results.from_payoff(table)
    found = share_of(results, np.random.default_rng(3))
    assert found.share == pytest.approx(1)
    assert found.debiased == pytest.approx(1, abs=0.01)


def test_rock_paper_scissors_is_one_significant_cycle_named_winner_first():
    results = play(0.5 + 0.3 * BEATS, 50, np.random.default_rng(4))
    (cycle,) = significant_cycles(results)
    # m0 beats m2 beats m1 beats m0.
    assert cycle.members == ("m0", "m2", "m1")
    assert min(cycle.scores) > 0.65
    assert cycle.p_value < 0.001
    assert significant_cycles(results, confidence=1 - cycle.p_value / 2) == []


def test_a_cycle_with_one_doubtful_edge_is_no_cycle():
    chance = 0.5 + 0.3 * BEATS
    chance[0, 1], chance[1, 0] = 0.49, 0.51
    assert significant_cycles(play(chance, 50, np.random.default_rng(5))) == []


def test_five_members_in_a_ring_give_every_cycle_once():
    # Each beats the next two: the regular tournament on five members has five cycles of three.
    ring = np.zeros((5, 5))
    for k in range(5):
        ring[k, [(k + 1) % 5, (k + 2) % 5]] = 1
    cycles = significant_cycles(play(0.5 + 0.3 * (ring - ring.T), 60, np.random.default_rng(6)))
    assert len(cycles) == len({frozenset(c.members) for c in cycles}) == 5
    for cycle in cycles:
        a, b, c = (int(name[1:]) for name in cycle.members)
        assert ring[a, b] == ring[b, c] == ring[c, a] == 1
    assert [min(c.scores) for c in cycles] == sorted((min(c.scores) for c in cycles), reverse=True)


def test_equal_members_hardly_ever_have_a_significant_edge():
    rng = np.random.default_rng(7)
    lowest = [np.nanmin(edge_p_values(play(ladder(np.zeros(8)), 40, rng))) for _ in range(150)]
    # At the nominal 5 % more than 15 of 150 would come with probability 0.3 %.
    assert np.sum(np.array(lowest) < 0.05) <= 15


def test_a_handful_of_wins_is_no_significant_edge_and_unmet_members_have_none():
    table = PayoffTable(["a", "b", "c"])
    table.add("a", "b", np.ones((3, 2)))
    p_values = edge_p_values(Results.from_payoff(table))
    assert p_values[0, 1] == p_values[1, 0] > 0.05
    assert np.isnan(p_values[0, 2])
    table.add("a", "b", np.ones((27, 2)))
    assert edge_p_values(Results.from_payoff(table))[0, 1] < 1e-4


def test_copies_inside_pairs_do_not_make_an_edge_surer():
    rng = np.random.default_rng(8)
    score = (rng.random(60) < 0.62).astype(float)
    singles = edge_p_values(Results.from_scores("ab", [0] * 60, [1] * 60, score, 1))[0, 1]
    copied = edge_p_values(Results.from_scores("ab", [0] * 60, [1] * 60, score, 2))[0, 1]
    assert copied == pytest.approx(singles, rel=0.15)


def test_support_of_equal_members_is_shown_to_be_arbitrary():
    rng = np.random.default_rng(9)
    found = nash_support(play(ladder(np.zeros(11)), 100, rng), rng, resamples=60)
    assert found.sizes.mean() == pytest.approx(5.3, abs=1.0)
    assert np.ptp(found.sizes) >= 4
    assert found.mixture.max() > 0.2
    # The honest reading of any single weight: anything from nothing to a lot, the true 1/11 included.
    assert (found.lower == 0).sum() >= 9
    assert (found.upper > 1 / 11).all()
    assert found.mean.sum() == pytest.approx(1)


def test_among_equals_a_nash_mixture_singles_one_out():
    """Eleven equal members, 200 games a pair: the top one holds .401 and 5.3 are in the support; the truth is .091."""
    rng = np.random.default_rng(11)
    found = [solve_symmetric("nash", 2 * play(ladder(np.zeros(11)), 100, rng).rate() - 1).row for _ in range(150)]
    assert np.mean([mixture.max() for mixture in found]) == pytest.approx(0.401, abs=0.03)
    assert np.mean([(mixture > 1e-4).sum() for mixture in found]) == pytest.approx(5.3, abs=0.4)


def test_support_of_a_clear_game_is_stable():
    rng = np.random.default_rng(10)
    cycle = play(0.5 + 0.3 * BEATS, 200, rng)
    found = nash_support(cycle, rng, resamples=40)
    assert found.size == 3
    assert (found.sizes == 3).all()
    np.testing.assert_allclose(found.mixture, 1 / 3, atol=0.1)
    assert (found.presence == 1).all()
    top = nash_support(play(ladder(np.array([-400.0, 0, 400])), 100, rng), rng, resamples=40)
    assert (top.sizes == 1).all()
    np.testing.assert_array_equal(top.presence, [0, 0, 1])


def test_support_needs_every_cell_played():
    table = PayoffTable(["a", "b", "c"])
    table.add("a", "b", [[1, -1]])
    with pytest.raises(PayoffError, match="unplayed"):
        nash_support(Results.from_payoff(table), np.random.default_rng(0))


def test_wrong_uses_are_refused():
    rng = np.random.default_rng(0)
    results = play(ladder(np.zeros(3)), 10, rng)
    other = play(ladder(np.zeros(4)), 10, rng)
    with pytest.raises(ValueError, match="other members"):
        cyclic_share(results, bradley_terry(other), rng)
    with pytest.raises(ValueError, match="unknown scale 'elo'"):
        share_of(results, rng, scale="elo")
