"""Bradley–Terry ratings: known values, an independent maximiser, coverage, anchors, separation, goodness of fit."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from kumite.eval.ratings import ELO_PER_LOGIT, RatingError, Results, bradley_terry
from kumite.league.payoff import PayoffTable

# Wins of row over column and draws; ratings and errors computed elsewhere, draws as half wins.
WINS = np.array([[0, 7, 9], [3, 0, 6], [1, 2, 0]])
DRAWS = np.array([[0, 4, 2], [4, 0, 5], [2, 5, 0]])
ELO = [122.680, 3.339, -126.019]


@pytest.fixture
def known() -> Results:
    return Results(("a", "b", "c"), (WINS + WINS.T + DRAWS).astype(float), WINS + DRAWS / 2, WINS + DRAWS / 4)


def simulate(elo: np.ndarray, pairs: int, rng: np.random.Generator, *, games: int = 2, copies: bool = False) -> Results:
    """Every member meets every other `pairs` times; `copies` makes the second game of a pair repeat the first."""
    i, j = (np.repeat(index, pairs) for index in np.triu_indices(len(elo), 1))
    chance = expit((elo[i] - elo[j]) / ELO_PER_LOGIT)
    won = rng.random((games, len(i))) < chance
    score = won[0].astype(float) if copies else won.mean(axis=0)
    return Results.from_scores([f"m{k}" for k in range(len(elo))], i, j, score, games)


def test_known_ratings_and_errors(known):
    found = bradley_terry(known)
    np.testing.assert_allclose(found.elo, ELO, atol=5e-4)
    np.testing.assert_allclose(found.standard_error, [52.4, 47.5, 53.7], atol=0.05)
    np.testing.assert_allclose(found.upper - found.elo, 1.959964 * found.standard_error, rtol=1e-6)
    assert not found.regularised
    assert found.errors == "model"
    assert found.games.tolist() == [26, 27, 25]


def test_the_payoff_table_and_single_scores_give_the_same_results(known):
    table = PayoffTable(["a", "b", "c"], games_per_pair=1)
    first, second, score = [], [], []
    for i, j in ((0, 1), (2, 0), (1, 2)):
        outcomes = [1] * WINS[i, j] + [0] * DRAWS[i, j] + [-1] * WINS[j, i]
        table.add("abc"[i], "abc"[j], outcomes)
        first += [i] * len(outcomes)
        second += [j] * len(outcomes)
        score += [(o + 1) / 2 for o in outcomes]
    for other in (Results.from_payoff(table), Results.from_scores("abc", first, second, score)):
        for field in ("units", "points", "squares"):
            np.testing.assert_allclose(getattr(other, field), getattr(known, field), atol=1e-12)


def test_newton_stops_where_a_general_maximiser_does():
    results = simulate(np.array([-500.0, -100, 0, 40, 700]), 40, np.random.default_rng(1))

    def minus_log_likelihood(logits):
        return -2 * (results.points * np.log(expit(logits[:, None] - logits[None, :]))).sum()

    there = minimize(minus_log_likelihood, np.zeros(5), method="BFGS", options={"gtol": 1e-7}).x
    np.testing.assert_allclose(bradley_terry(results).elo, (there - there.mean()) * ELO_PER_LOGIT, atol=1e-2)


def test_newton_ends_where_a_step_gains_less_than_rounding():
    """Wins of the row out of 40: here the last steps change the log-likelihood by rounding alone, upwards or not."""
    wins = {(0, 1): 16, (0, 2): 2, (0, 3): 6, (0, 4): 10, (0, 5): 6, (1, 2): 6, (1, 3): 7, (1, 4): 9, (1, 5): 9,
            (2, 3): 15, (2, 4): 13, (2, 5): 4, (3, 4): 22, (3, 5): 16, (4, 5): 20}  # fmt: skip
    first, second = (np.repeat([pair[k] for pair in wins], 40) for k in (0, 1))
    score = np.concatenate([np.arange(40) < won for won in wins.values()])
    found = bradley_terry(Results.from_scores("abcdef", first, second, score))
    expected = 1 / (1 + 10 ** ((found.elo[None] - found.elo[:, None]) / 400))
    won = np.zeros((6, 6))
    for (i, j), count in wins.items():
        won[i, j], won[j, i] = count, 40 - count
    np.testing.assert_allclose(
        won.sum(axis=1), 40 * (expected.sum(axis=1) - 0.5), atol=1e-9
    )  # the likelihood equations


def test_one_anchor_moves_the_zero_and_nothing_else(known):
    free, anchored = bradley_terry(known), bradley_terry(known, {"c": 1000.0})
    np.testing.assert_allclose(anchored.elo - 1000, free.elo - free.elo[2], atol=1e-6)
    assert (anchored.elo[2], anchored.standard_error[2]) == (1000, 0)
    # Against an anchor, a rating's error is that of the difference.
    assert anchored.standard_error[0] == pytest.approx(free.difference("a", "c")[1])
    assert anchored.difference("a", "b") == pytest.approx(free.difference("a", "b"))
    assert anchored.fit.p_value == pytest.approx(free.fit.p_value)


def test_two_anchors_stay_and_leave_a_degree_to_test_them(known):
    fair = bradley_terry(known, {"a": ELO[0], "c": ELO[2]})
    assert fair.elo[1] == pytest.approx(ELO[1], abs=1e-3)
    assert fair.fit.degrees == 2
    wrong = bradley_terry(known, {"a": 0.0, "c": 400.0})
    assert wrong.elo[[0, 2]].tolist() == [0, 400]
    assert wrong.fit.p_value < 1e-4 < fair.fit.p_value


def test_ratings_do_not_depend_on_the_order_of_members():
    results = simulate(np.array([-200.0, 0, 50, 300]), 15, np.random.default_rng(3))
    order = np.array([2, 0, 3, 1])
    shuffled = Results(
        tuple(results.names[k] for k in order),
        *(m[np.ix_(order, order)] for m in (results.units, results.points, results.squares)),
        results.games_per_unit,
    )
    straight, other = bradley_terry(results), bradley_terry(shuffled)
    np.testing.assert_allclose(other.elo, straight.elo[order], atol=1e-6)
    np.testing.assert_allclose(other.standard_error, straight.standard_error[order], rtol=1e-6)
    assert [row["name"] for row in straight.to_rows()] == [row["name"] for row in other.to_rows()]


@pytest.mark.parametrize(("pairs", "errors"), [(5, "model"), (5, "units"), (20, "units")])
def test_intervals_cover_the_truth(pairs, errors):
    true, rng = np.linspace(-150, 150, 6), np.random.default_rng(17)
    inside = []
    for _ in range(100):
        found = bradley_terry(simulate(true, pairs, rng), errors=errors)
        inside.append((found.lower <= true) & (true <= found.upper))
    assert 0.92 < np.mean(inside) < 0.98


def test_copied_games_inside_a_pair_do_not_count_twice():
    true, rng = np.linspace(-150, 150, 5), np.random.default_rng(6)
    copied = simulate(true, 60, rng, copies=True)
    singles = Results(copied.names, copied.units, copied.points, copied.squares, games_per_unit=1)
    by_pair, by_game = bradley_terry(copied), bradley_terry(copied, errors="model")
    assert (by_pair.errors, by_game.errors) == ("units", "model")
    honest = bradley_terry(singles).standard_error
    np.testing.assert_allclose(by_pair.standard_error, honest, rtol=0.1)
    np.testing.assert_allclose(by_game.standard_error, honest / np.sqrt(2), rtol=0.01)
    assert copied.dispersion() == pytest.approx(2, rel=0.1)


def test_errors_agree_with_a_multinomial_bootstrap_of_pairs():
    rng = np.random.default_rng(21)
    i, j = (np.repeat(index, 80) for index in np.triu_indices(4, 1))
    true = np.array([-120.0, -20, 20, 120])
    # Seats matter much here, so pairs mostly end one all: far less spread than independent games.
    edge = 250 * np.array([[1], [-1]])
    score = (rng.random((2, len(i))) < expit((true[i] - true[j] + edge) / ELO_PER_LOGIT)).mean(axis=0)
    found = bradley_terry(Results.from_scores("abcd", i, j, score, 2))
    draws = rng.integers(0, 80, size=(300, 6, 80)) + np.arange(6)[:, None] * 80
    again = [bradley_terry(Results.from_scores("abcd", i[d], j[d], score[d], 2)).elo for d in draws.reshape(300, -1)]
    np.testing.assert_allclose(found.standard_error, np.std(again, axis=0), rtol=0.15)
    assert (found.standard_error < 0.9 * bradley_terry(
        Results.from_scores("abcd", i, j, score, 2), errors="model").standard_error).all()  # fmt: skip


def test_pairs_of_a_long_engine_match_give_its_published_interval():
    # OpenBench on 44,841 pairs (lost both, lost one and drew, ..., won both), and on the same games as singles.
    pairs = np.repeat(np.arange(5) / 4, [39, 8843, 26675, 9240, 44])
    games = np.repeat([1.0, 0.5, 0.0], [22976, 44137, 22569])
    by_pair = bradley_terry(Results.from_scores("ab", 0 * pairs.astype(int), 0 * pairs.astype(int) + 1, pairs, 2))
    by_game = bradley_terry(
        Results.from_scores("ab", 0 * games.astype(int), 0 * games.astype(int) + 1, games), errors="units"
    )
    for found, low, high in ((by_pair, 0.546, 2.607), (by_game, -0.044, 3.197)):
        elo, error = found.difference("a", "b")
        assert elo == pytest.approx(1.577, abs=1e-3)
        assert (elo - 1.959964 * error, elo + 1.959964 * error) == pytest.approx((low, high), abs=2e-3)
    shrunk = by_game.difference("a", "b")[1] / by_pair.difference("a", "b")[1]
    assert (shrunk, shrunk**2) == pytest.approx((1.573, 2.47), abs=6e-3)  # pairs: 2.47 times fewer games


def test_a_member_that_always_wins_is_declared_and_regularised():
    table = PayoffTable(["champion", "a", "b", "c"])
    for loser in "abc":
        table.add("champion", loser, np.ones((20, 2)))
    rng = np.random.default_rng(2)
    for one, other in ("ab", "bc", "ac"):
        table.add(one, other, rng.choice([-1, 1], size=(20, 2)))
    found = bradley_terry(Results.from_payoff(table))
    assert found.regularised
    assert found.separated == ("champion",)
    assert found.errors == "model"
    assert np.isfinite(found.elo).all()
    assert found.elo[0] - found.elo[1:].max() > 500
    assert found.standard_error[0] > 100
    assert abs(found.elo.mean()) < 1e-6
    assert [row["separated"] for row in found.to_rows()] == [True, False, False, False]


def test_a_uniform_anchor_that_loses_every_game_keeps_its_zero():
    table = PayoffTable(["uniform", "x", "y"])
    table.add("x", "uniform", np.ones((30, 2)))
    table.add("y", "uniform", np.ones((30, 2)))
    table.add("x", "y", np.tile([[1, -1], [1, 1], [-1, -1]], (10, 1)))
    found = bradley_terry(Results.from_payoff(table), {"uniform": 0.0})
    assert found.elo[0] == 0
    assert found.regularised
    # Seen from the anchor everyone else is infinitely far away, together.
    assert found.separated == ("x", "y")
    assert (found.elo[1:] > 500).all()
    assert found.elo[1] == pytest.approx(found.elo[2], abs=1e-6)


def test_a_chain_of_wins_is_separated_but_one_upset_closes_it():
    chain = Results.from_scores("abc", [0, 1, 0], [1, 2, 2], [1, 1, 1])
    assert bradley_terry(chain).regularised
    closed = Results.from_scores("abc", [0, 1, 2], [1, 2, 0], [1, 1, 1])
    np.testing.assert_allclose(bradley_terry(closed).elo, 0, atol=1e-9)
    assert not bradley_terry(closed).regularised


def test_groups_that_never_met_are_refused_by_name_unless_anchors_join_them():
    apart = Results.from_scores("abcd", [0, 0, 2, 2], [1, 1, 3, 3], [1, 0, 1, 0.5])
    with pytest.raises(RatingError, match=r"\{a, b\} and \{c, d\}"):
        bradley_terry(apart)
    joined = bradley_terry(apart, {"a": 0.0, "c": 100.0})
    assert joined.elo[1] == pytest.approx(0, abs=1e-9)
    assert joined.elo[3] == pytest.approx(100 - np.log(3) * ELO_PER_LOGIT)


def test_fit_accepts_a_ladder_and_rejects_a_cycle():
    rng = np.random.default_rng(9)
    p_values = [bradley_terry(simulate(np.linspace(-200, 200, 7), 20, rng)).fit.p_value for _ in range(60)]
    assert 0.35 < np.mean(p_values) < 0.65
    assert np.mean(np.array(p_values) < 0.05) <= 0.15
    cycle = PayoffTable(["rock", "paper", "scissors"])
    for winner, loser in (("paper", "rock"), ("scissors", "paper"), ("rock", "scissors")):
        cycle.add(winner, loser, np.where(rng.random((40, 2)) < 0.7, 1, -1))
    fit = bradley_terry(Results.from_payoff(cycle)).fit
    assert fit.degrees == 1
    assert fit.p_value < 1e-4
    assert fit.deviance == pytest.approx(fit.chi_square, rel=0.2)


def test_two_members_leave_nothing_to_test():
    found = bradley_terry(Results.from_scores("ab", [0] * 4, [1] * 4, [1, 1, 1, 0]))
    assert found.elo[0] - found.elo[1] == pytest.approx(np.log(3) * ELO_PER_LOGIT)
    assert np.isnan(found.fit.p_value)
    np.testing.assert_allclose(found.expected(), [[0.5, 0.75], [0.25, 0.5]], atol=1e-9)


def test_wrong_uses_are_refused(known):
    with pytest.raises(RatingError, match="no member 'd'"):
        bradley_terry(known, {"d": 0.0})
    with pytest.raises(RatingError, match="has two"):
        Results.from_payoff(PayoffTable(["a"], ["b"]))
    with pytest.raises(RatingError, match="two different members"):
        Results.from_scores("ab", [0], [0], [1])
    with pytest.raises(RatingError, match="between 0 and 1"):
        Results.from_scores("ab", [0], [1], [2])
