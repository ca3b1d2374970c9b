"""Whether 95 % intervals of ratings hold 95 % of the time, where units are anything but independent coin throws."""

import numpy as np
import pytest
from scipy.special import expit

from kumite.eval.ratings import ELO_PER_LOGIT, RatingError, Results, bradley_terry
from kumite.eval.setups import FEWEST_SETUPS, SetupSpread

ELO = np.linspace(-150, 150, 6)
FIRST, SECOND = np.triu_indices(len(ELO), 1)
CYCLE = np.sign(np.array([[np.sin(2 * np.pi * (j - i) / len(ELO)) for j in range(len(ELO))] for i in range(len(ELO))]))


def play(setups, rng, *, cycle=0.0, setup=0.0, pair=0.0, seat=0.0):
    """Scores [setups, meetings] of pairs: everybody meets everybody on every setup, the seats exchanged.

    In log odds: cycle, what everybody has over who follows in a ring; setup, how far members differ from one setup to
    the next; pair, how far a meeting does, in both of its games; seat, what a seat is worth on a setup.
    """
    logits = (ELO[:, None] - ELO[None, :]) / ELO_PER_LOGIT + cycle * CYCLE
    own = rng.normal(0, setup, (setups, len(ELO)))
    both = logits[FIRST, SECOND] + own[:, FIRST] - own[:, SECOND] + rng.normal(0, pair, (setups, len(FIRST)))
    first_seat = rng.normal(0, seat, (setups, 1))
    return sum(rng.random(both.shape) < expit(both + side * first_seat) for side in (1, -1)) / 2


def results(score, *, known=True):
    """Known: which units were played on one setup."""
    names = [f"m{k}" for k in range(len(ELO))]
    first, second = (np.broadcast_to(index, score.shape).ravel() for index in (FIRST, SECOND))
    setup = np.repeat(np.arange(len(score)), len(FIRST)) if known else None
    return Results.from_scores(names, first, second, score.ravel(), 2, setup)


def coverage(setups, trials, seed, *, anchors=None, known=True, **effects):
    """The share of intervals that hold the ratings which fit endless play best."""
    truth = bradley_terry(results(play(100_000, np.random.default_rng(99), **effects), known=False), anchors).elo
    rng, inside = np.random.default_rng(seed), []
    for _ in range(trials):
        found = bradley_terry(results(play(setups, rng, **effects), known=known), anchors)
        inside.append((found.lower <= truth) & (truth <= found.upper))
    free = [k for k in range(len(ELO)) if f"m{k}" not in (anchors or {})]
    return float(np.array(inside)[:, free].mean())


WORLDS = {
    "independent games": {},
    "pairs that go together": {"pair": 1.0},
    "pairs that luck of the seat parts": {"seat": 1.5},
    "setups that suit some": {"setup": 0.7},
    "a cycle": {"cycle": 1.0},
    "all at once": {"cycle": 0.7, "setup": 0.7, "pair": 0.7, "seat": 1.0},
}


@pytest.mark.slow
@pytest.mark.parametrize("setups", [15, 60])
@pytest.mark.parametrize("world", WORLDS)
def test_nominal_95_percent_is_93_to_97(world, setups):
    assert 0.93 <= coverage(setups, 600, seed=setups, **WORLDS[world]) <= 0.97


@pytest.mark.slow
def test_an_anchor_changes_nothing_of_that():
    assert 0.93 <= coverage(40, 600, seed=1, anchors={"m0": 0.0}, **WORLDS["all at once"]) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("games", "hessian", "bootstrap"), [(10, 0.965, 0.91), (40, 0.958, 0.923)])
def test_independent_games_give_the_known_coverage(games, hessian, bootstrap):
    """Six members over 300 Elo, decisive single games: the Hessian holds its level, a percentile bootstrap does not."""
    rng, inside, resampled = np.random.default_rng(games), [], []
    names, chance = [f"m{k}" for k in range(len(ELO))], expit((ELO[FIRST] - ELO[SECOND]) / ELO_PER_LOGIT)
    meetings = (np.repeat(FIRST, games), np.repeat(SECOND, games))

    def fit(won):
        return bradley_terry(Results.from_scores(names, *meetings, won.ravel()), errors="model")

    for trial in range(600):
        won = (rng.random((len(FIRST), games)) < chance[:, None]).astype(float)
        found = fit(won)
        inside.append((found.lower <= ELO) & (ELO <= found.upper))
        if trial < 60:
            again = [fit(np.take_along_axis(won, rng.integers(0, games, won.shape), 1)).elo for _ in range(100)]
            low, high = np.quantile(again, [0.025, 0.975], axis=0)
            resampled.append((low <= ELO) & (ELO <= high))
    assert np.mean(inside) == pytest.approx(hessian, abs=0.015)
    assert np.mean(resampled) == pytest.approx(bootstrap, abs=0.04)


def test_shared_setups_are_no_independent_evidence():
    """Where members are better on some setups than on others, counting units as independent covers too rarely."""
    effects = {"setup": 1.0}
    assert coverage(40, 60, seed=2, known=False, **effects) < 0.91
    assert coverage(40, 60, seed=2, **effects) > 0.91


def test_a_cycle_does_not_widen_intervals():
    """How far a ladder misses the scores is no chance: the same members would miss it again."""
    rng = np.random.default_rng(3)
    found = [bradley_terry(results(play(40, rng, cycle=1.5), known=False)) for _ in range(150)]
    assert all(one.fit.p_value < 1e-9 for one in found)
    told = np.mean([one.standard_error for one in found], axis=0)
    np.testing.assert_allclose(told, np.std([one.elo for one in found], axis=0), rtol=0.15)


def test_few_setups_say_nothing_of_their_spread():
    rng = np.random.default_rng(4)
    few, enough = (bradley_terry(results(play(n, rng))) for n in (FEWEST_SETUPS - 1, FEWEST_SETUPS))
    assert (few.errors, few.degrees) == ("units", np.inf)
    assert (enough.errors, enough.degrees) == ("setups", FEWEST_SETUPS - 1)
    with pytest.raises(RatingError, match="which units share a setup"):
        bradley_terry(results(play(20, rng), known=False), errors="setups")


def test_setups_of_one_meeting_each_are_units():
    """Where no two units share a setup, clustering by setup is clustering by unit."""
    rng = np.random.default_rng(5)
    score = play(30, rng, pair=1.0)
    apart = Results.from_scores(
        [f"m{k}" for k in range(len(ELO))],
        np.broadcast_to(FIRST, score.shape).ravel(), np.broadcast_to(SECOND, score.shape).ravel(), score.ravel(), 2,
        np.arange(score.size),
    )  # fmt: skip
    by_setup, by_unit = (bradley_terry(apart, errors=errors) for errors in ("setups", "units"))
    np.testing.assert_allclose(by_setup.standard_error, by_unit.standard_error, rtol=1e-9)


def test_copies_spread_as_their_number_of_distinct_ones():
    score = np.tile([1.0, 0.0], 50)
    whole, copied = (SetupSpread.of(2, [(0, 1, np.arange(100), score, weight)]) for weight in (1.0, 0.02))
    np.testing.assert_allclose(copied.covariance, 0.02 * whole.covariance)
    assert whole.covariance[0, 0] == pytest.approx(25)
    assert whole.covariance[0, 1] == pytest.approx(-25)
