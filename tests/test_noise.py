"""Mixtures from noisy payoffs: equal members stay equal, a better one and a cycle are found, games go where needed."""

import numpy as np
import pytest
from league_runs import rows, settings

from kumite.eval.population import alpha_rank
from kumite.league.noise import Evidence, averaged, draws, posterior_deviation, sensitivity, tempered, where_to_play
from kumite.league.payoff import PayoffTable
from kumite.league.run import Run
from kumite.league.solvers import solve_symmetric
from kumite.league.trainer import Trainer

MEMBERS = 11
REPEATS = 20


def measured(win_rates, pairs, seed):
    """A table of so many single games a pair, drawn from true win rates [n, n]."""
    rng, n = np.random.default_rng(seed), len(win_rates)
    table = PayoffTable(map(str, range(n)), games_per_pair=1)
    for i in range(n):
        for j in range(i + 1, n):
            wins = rng.binomial(pairs, win_rates[i, j])
            table.add(str(i), str(j), np.repeat([1.0, -1.0], [wins, pairs - wins]))
    return Evidence.of(table)


def equal():
    """Nobody is better than anybody."""
    return np.full((MEMBERS, MEMBERS), 0.5)


def one_stronger(elo=60):
    """Member 0 is better than all others, who are equal."""
    rates = equal()
    rates[0, 1:] = 1 / (1 + 10 ** (-elo / 400))
    rates[1:, 0] = 1 - rates[0, 1:]
    return rates


def three_cycle():
    """Members 0, 1 and 2 beat all others, and each other in a circle."""
    rates = equal()
    rates[:3, 3:], rates[3:, :3] = 0.7, 0.3
    for i in range(3):
        rates[i, (i + 1) % 3], rates[(i + 1) % 3, i] = 0.8, 0.2
    return rates


def mixtures(win_rates, pairs, how):
    """The mixtures of tables measured anew, [REPEATS, n]."""
    return np.stack([how(measured(win_rates, pairs, seed)) for seed in range(REPEATS)])


def plain(evidence):
    return solve_symmetric("nash", evidence.mean).row


def warm(evidence):
    return tempered(evidence)[0]


@pytest.mark.parametrize("pairs", [200, 1000])
def test_of_eleven_equal_members_no_one_is_singled_out(pairs):
    """Fair shares are 1/11. A linear programme and alpha-rank crown somebody by chance, the more games the surer."""
    found = mixtures(equal(), pairs, warm)
    assert found.max() < 0.3
    assert found.max(axis=1).mean() < 0.17
    assert found.min() > 0.02
    crowned = mixtures(equal(), pairs, plain)
    assert crowned.max(axis=1).mean() > 0.3
    assert (crowned < 1e-9).sum(axis=1).mean() > 4  # and half of them are thrown out
    ranked = mixtures(equal(), pairs, lambda evidence: alpha_rank(evidence.mean))
    assert ranked.max(axis=1).mean() > 0.19


def test_a_member_sixty_elo_stronger_is_found():
    weights = {pairs: mixtures(one_stronger(), pairs, warm)[:, 0] for pairs in (50, 200, 1000)}
    means = [weights[pairs].mean() for pairs in (50, 200, 1000)]
    assert means == sorted(means)
    assert weights[1000].min() > 0.5
    assert weights[1000].mean() > 0.85


def test_a_strong_cycle_gets_a_third_each():
    found = mixtures(three_cycle(), 1000, warm)
    np.testing.assert_allclose(found.mean(axis=0)[:3], 1 / 3, atol=0.02)
    assert np.abs(found[:, :3] - 1 / 3).max() < 0.06
    assert found[:, 3:].max() < 0.01


def test_averaging_over_the_posterior_softens_a_linear_programme():
    evidence = measured(equal(), 200, 3)
    matrices = draws(evidence, 100, np.random.default_rng(0))
    np.testing.assert_allclose(matrices, -matrices.transpose(0, 2, 1))
    (row, column), each = averaged(lambda matrix: solve_symmetric("nash", matrix), matrices)
    np.testing.assert_array_equal(row, column)
    assert row.sum() == pytest.approx(1)
    assert row.max() < plain(evidence).max()
    assert row.min() > 0 == plain(evidence).min()
    assert each[0].shape == (100, MEMBERS)


def test_pairs_that_all_agree_are_no_certainty():
    table = PayoffTable("abc", games_per_pair=1)
    table.add("a", "b", np.ones(3))
    table.add("a", "c", np.array([1.0, -1.0] * 50))
    deviation = posterior_deviation(table)
    assert table.standard_error()[0, 1] == 0
    assert 0.2 < deviation[0, 1] < 1
    assert deviation[0, 2] == pytest.approx(table.standard_error()[0, 2], rel=0.02)
    assert np.isnan(deviation[1, 2])
    assert np.diag(deviation).tolist() == [0, 0, 0]


def test_more_games_go_where_the_mixture_is_sensitive():
    """Two members that are about as good and far above the rest: only their own meeting matters."""
    mean = np.array([[0, 0.02, 0.8, 0.8], [0, 0, 0.8, 0.8], [0, 0, 0, 0.1], [0, 0, 0, 0]])
    mean = mean - mean.T
    spread = np.where(np.eye(4), 0.0, 0.1)
    evidence = Evidence(mean, spread, spread, None, symmetric=True)
    matrices = draws(evidence, 300, np.random.default_rng(1))
    _, each = averaged(lambda matrix: solve_symmetric("nash", matrix), matrices)
    moved = sensitivity(matrices, each)
    given = where_to_play(moved, np.full((4, 4), 100), 40, symmetric=True)
    assert given.sum() == 40
    assert given[0, 1] == 40
    assert where_to_play(np.zeros((4, 4)), np.full((4, 4), 100), 40, symmetric=True).sum() == 0


def test_a_run_plays_its_extra_pairs_once(tmp_path):
    def play(folder, iterations):
        config = settings(initial=("uniform", "walker", "gambler"), iterations=iterations, pairs=20, extra_pairs=40)
        with Run.create(folder, "example", {}, config) as run:
            Trainer(run).train()
            Trainer(run).train()  # nothing is left to do
            return run.store.events("extra"), run.table().cells["pairs"].copy()

    chosen, pairs = play(tmp_path / "a", 0)
    assert len(chosen) == 4
    assert 3 * 20 < np.triu(pairs).sum() <= 3 * 20 + 40  # where it can make no difference any more, none is played
    assert (pairs[np.triu_indices(3, 1)] >= 20).all()
    again, _ = play(tmp_path / "b", 0)
    assert [data for _, _, data in chosen] == [data for _, _, data in again]
    assert [row[:10] for row in rows(tmp_path / "a")] == [row[:10] for row in rows(tmp_path / "b")]


@pytest.mark.parametrize(
    "given", [{"meta_solver": "logit"}, {"posterior_samples": 20}, {"meta_solver": "prioritised_squared"}]
)
@pytest.mark.parametrize("arena", ["example", "classic/kuhn"])
def test_schemes_may_ask_for_them(tmp_path, given, arena):
    bots = ("uniform", "walker") if arena == "example" else ("uniform", "constant:1")
    with Run.create(tmp_path / "run", arena, {}, settings(initial=bots, iterations=0, pairs=40, **given)) as run:
        meta = Trainer(run).train()
    for mixture in meta.mixtures:
        assert mixture.sum() == pytest.approx(1)
        assert mixture.min() >= (0 if "posterior_samples" in given else 1e-12)
