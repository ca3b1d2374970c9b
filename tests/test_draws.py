"""Davidson's model: known values, a general maximiser, recovery of the truth, and its expected scores."""

import numpy as np
import pytest
from scipy.optimize import minimize

from kumite.eval.draws import davidson, davidson_from_payoff
from kumite.eval.ratings import ELO_PER_LOGIT, RatingError, Results, bradley_terry
from kumite.league.payoff import PayoffTable

WINS = np.array([[0, 7, 9], [3, 0, 6], [1, 2, 0]])
DRAWS = np.array([[0, 4, 2], [4, 0, 5], [2, 5, 0]])


def test_known_strengths_are_on_another_scale_than_half_wins():
    found = davidson("abc", WINS, DRAWS)
    np.testing.assert_allclose(found.elo, [186.87, 5.15, -192.02], atol=5e-3)
    assert found.drawishness == pytest.approx(1.0058, abs=5e-5)
    half = bradley_terry(Results(tuple("abc"), (WINS + WINS.T + DRAWS) * 1.0, WINS + DRAWS / 2, WINS + DRAWS / 4))
    assert found.elo[0] > 1.4 * half.elo[0]
    # Expected scores agree where strengths do not: they are what may be published.
    np.testing.assert_allclose(found.expected(), half.expected(), atol=0.02)


def test_wins_losses_and_draws_add_up_and_equals_draw_as_nu_says():
    found = davidson("abc", WINS, DRAWS)
    win, draw = found.probabilities()
    np.testing.assert_allclose(win + win.T + draw, 1, atol=1e-12)
    np.testing.assert_allclose(np.diag(draw), found.drawishness / (2 + found.drawishness))
    games = WINS + WINS.T + DRAWS
    # At the maximum the expected points of every member and the expected draws are those observed.
    np.testing.assert_allclose((games * found.expected()).sum(axis=1), (WINS + DRAWS / 2).sum(axis=1), atol=1e-8)
    assert (games * draw).sum() == pytest.approx(DRAWS.sum(), abs=1e-8)


def test_newton_stops_where_a_general_maximiser_does():
    def minus_log_likelihood(theta):
        strength, nu = np.exp(theta[:3]), np.exp(theta[3])
        tie = nu * np.sqrt(np.outer(strength, strength))
        total = strength[:, None] + strength[None, :] + tie
        return -(WINS * np.log(strength[:, None] / total)).sum() - (DRAWS * np.log(tie / total)).sum() / 2

    there = minimize(minus_log_likelihood, np.zeros(4), method="BFGS", options={"gtol": 1e-8}).x
    found = davidson("abc", WINS, DRAWS)
    np.testing.assert_allclose(found.elo, (there[:3] - there[:3].mean()) * ELO_PER_LOGIT, atol=1e-2)


def test_errors_cover_the_truth():
    rng, true = np.random.default_rng(5), np.array([-150.0, 0, 50, 100])
    gap = (true[:, None] - true[None, :]) / ELO_PER_LOGIT / 2
    odds = np.stack([np.exp(gap), np.full((4, 4), 0.8), np.exp(-gap)], axis=2)
    inside = []
    for _ in range(120):
        wins, draws = np.zeros((2, 4, 4))
        for i, j in zip(*np.triu_indices(4, 1), strict=True):
            wins[i, j], draws[i, j], wins[j, i] = rng.multinomial(60, odds[i, j] / odds[i, j].sum())
            draws[j, i] = draws[i, j]
        found = davidson("abcd", wins, draws)
        inside.append(np.abs(found.elo - (true - true.mean())) < 1.959964 * found.standard_error)
    assert 0.92 < np.mean(inside) < 0.98


def test_a_payoff_table_gives_the_same():
    table = PayoffTable(["a", "b", "c"], games_per_pair=1)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        table.add("abc"[i], "abc"[j], [1] * WINS[i, j] + [0] * DRAWS[i, j] + [-1] * WINS[j, i])
    np.testing.assert_allclose(davidson_from_payoff(table).elo, davidson("abc", WINS, DRAWS).elo, atol=1e-9)
    with pytest.raises(RatingError, match="has two"):
        davidson_from_payoff(PayoffTable(["a"], ["b"]))


@pytest.mark.parametrize(
    ("wins", "draws", "message"),
    [
        ([[0, 3], [2, 0]], [[0, 0], [0, 0]], "0 draws in 5 games"),
        ([[0, 0], [0, 0]], [[0, 4], [4, 0]], "4 draws in 4 games"),
        ([[0, 3], [2, 0]], [[0, 1], [2, 0]], "draws symmetric"),
        ([[0, 3, 3], [0, 0, 1], [0, 1, 0]], [[0, 0, 0], [0, 0, 4], [0, 4, 0]], "infinite strengths: a took"),
    ],
)
def test_what_has_no_such_fit_is_refused(wins, draws, message):
    with pytest.raises(RatingError, match=message):
        davidson("abc"[: len(wins)], wins, draws)
