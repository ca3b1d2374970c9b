"""Simultaneous rank sets: known critical values, coverage of all ranks at once, and what equals and anchors get."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import studentized_range

from kumite.eval.ranks import rank_sets
from kumite.eval.ratings import ELO_PER_LOGIT, Results, bradley_terry


def played(true: np.ndarray, games: int, rng: np.random.Generator) -> Results:
    i, j = (np.repeat(index, games) for index in np.triu_indices(len(true), 1))
    score = (rng.random(len(i)) < expit((true[i] - true[j]) / ELO_PER_LOGIT)).astype(float)
    return Results.from_scores([f"m{k}" for k in range(len(true))], i, j, score)


@pytest.mark.parametrize("members", [2, 5, 9])
def test_among_equals_the_critical_value_is_tukeys(members):
    # Everybody met everybody equally often, so differences are those of independent equal variances.
    rng = np.random.default_rng(members)
    i, j = np.triu_indices(members, 1)
    even = Results.from_scores(
        [f"m{k}" for k in range(members)], np.repeat(i, 2), np.repeat(j, 2), np.tile([1.0, 0.0], len(i))
    )
    found = rank_sets(bradley_terry(even), rng, resamples=40_000)
    assert found.critical == pytest.approx(studentized_range.ppf(0.95, members, np.inf) / np.sqrt(2), abs=0.03)
    assert found.best.tolist() == [1] * members
    assert found.worst.tolist() == [members] * members


def test_all_true_ranks_are_covered_together():
    rng, true = np.random.default_rng(3), np.array([120.0, 60, 50, 0, -10, -150])
    covered = sized = 0
    for _ in range(200):
        found = rank_sets(bradley_terry(played(true, 60, rng)), rng, resamples=1000)
        place = np.arange(1, 7)
        covered += bool(((found.best <= place) & (place <= found.worst)).all())
        sized += int((found.worst - found.best).sum())
    assert covered >= 183  # 200 trials at 95 % fall below with probability 1 %
    assert sized / 200 < 20  # of 30 if nothing were known


def test_clear_differences_give_one_place_each():
    found = rank_sets(
        bradley_terry(played(np.array([0.0, 400, 200]), 400, np.random.default_rng(4))), np.random.default_rng(0)
    )
    assert found.best.tolist() == found.worst.tolist() == [3, 1, 2]


def test_anchors_are_ranked_by_what_was_given():
    results = played(np.array([0.0, 100, 50]), 200, np.random.default_rng(5))
    found = rank_sets(bradley_terry(results, {"m0": 0.0, "m1": 100.0}), np.random.default_rng(1))
    assert found.worst[1] < found.best[0]
