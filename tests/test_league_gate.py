"""The gate that may look at any time, and what a league says when nothing gains any more."""

import numpy as np
import pytest
from league_runs import Said, members, settings

from kumite.league import loops as loops_module
from kumite.league.confidence import bounds
from kumite.league.gate import judge_exactly, judge_so_far
from kumite.league.matchmaking import Meta, chosen, weights_of
from kumite.league.run import Run
from kumite.league.trainer import Trainer


def looked_at(rng, mean, looks=16, each=32, confidence=0.95):
    """Plays ±1 games of a mean in batches, looking after each; whether it passes, and after how many."""
    games = np.zeros(0)
    for _ in range(looks):
        games = np.append(games, np.where(rng.random(each) < (1 + mean) / 2, 1.0, -1.0))
        verdict, open_ = judge_so_far(games, 0.0, 0.0, confidence, 1.0)
        if not open_:
            break
    return verdict.passed, len(games)


def test_looking_sixteen_times_errs_no_oftener_than_it_says():
    """Equal players. A normal bound looked at as often would let three times as many pass."""
    rng = np.random.default_rng(0)
    passed = [looked_at(rng, 0.0)[0] for _ in range(120)]
    assert np.mean(passed) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_clear_cases_are_settled_early():
    rng = np.random.default_rng(1)
    good, bad = [looked_at(rng, 0.6) for _ in range(30)], [looked_at(rng, -0.6) for _ in range(30)]
    assert all(passed for passed, _ in good)
    assert not any(passed for passed, _ in bad)
    assert np.mean([games for _, games in good + bad]) < 100  # of 512


def test_an_uncertain_reference_takes_its_half_of_the_error():
    games = np.resize([1.0, 1.0, 1.0, -1.0], 400)
    assert judge_so_far(games, 0.3, 0.0, 0.95, 1.0)[0].passed
    assert not judge_so_far(games, 0.3, 0.1, 0.95, 1.0)[0].passed


def test_bounds_lie_about_the_mean_and_within_the_range():
    lower, upper = bounds(np.resize([2.0, -1.0], 1000), -3.0, 3.0, 0.95)
    assert -3 < lower < 0.5 < upper < 3
    assert bounds([], -3.0, 3.0, 0.95) == (-3.0, 3.0)
    with pytest.raises(ValueError, match=r"must lie within \[-1, 1\]: got 0 to 2"):
        bounds([0, 2], -1, 1, 0.95)


def test_what_is_computed_needs_no_games():
    assert judge_exactly(0.1, 0.0).passed
    assert not judge_exactly(1e-12, 0.0).passed
    assert judge_exactly(0.1, 0.0).pairs == 0


def test_a_refused_response_is_the_oracles_failure_and_no_convergence(tmp_path):
    """A learner that is given next to nothing cannot beat a bot that plays well: nothing follows for anybody else."""
    said = Said()
    given = {"gate": "confidence-sequence", "gate_pairs": 64, "initial": ("walker",), "steps": 200, "patience": 2}
    with Run.create(tmp_path / "run", "example", {}, settings(iterations=4, warm_start="scratch", **given)) as run:
        Trainer(run, said).train()
        assert [role for _, role, _ in members(run)] == ["initial", "refused", "refused"]
        judged = [data for _, _, data in run.store.events("judged")]
    assert all(data["pairs"] <= 64 for data in judged)
    assert said.lines[0].startswith("the oracle failed to improve: ppo-1 is refused, gains ")
    assert said.lines[-1].startswith(
        "the oracle failed to improve for 2 iterations: the league stops, which does not prove"
    )
    assert not any("converge" in line or "equilibrium" in line for line in said.lines)


def test_gate_games_are_read_by_seed_and_not_in_the_order_they_end(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(loops_module, "judge_so_far", lambda *given: seen.append(given[0]) or judge_so_far(*given))
    config = settings(gate="confidence-sequence", gate_pairs=48, iterations=1, patience=0)
    both = []
    for name, matches in (("wide", 64), ("narrow", 3)):
        with Run.create(tmp_path / name, "example", {}, config.changed({"matches": 16})) as run:
            trainer = Trainer(run)
            trainer.train()
            trainer.executor.matches = matches
            candidate = run.populations[0].others + run.populations[0].players[1:]
            words = ("gate", 1, 0)
            opponents = run.populations[0].players[0].policy
            both.append(loops_module.fresh_pairs(trainer, words, candidate[0], opponents, 0, 0, 48))
    np.testing.assert_array_equal(*both)
    assert len(seen[0]) == 3


# --- whom responses are trained against ---


@pytest.mark.parametrize(
    ("delta", "weights"),
    [(0, [0.25] * 4), (0.5, [0, 1 / 3, 1 / 3, 1 / 3]), (0.75, [0, 0, 0.5, 0.5]), (1, [0, 0, 0, 1])],
)
def test_delta_uniform_draws_from_the_recent_history(delta, weights):
    """Alike from member ⌈delta n⌉ of n on."""
    assert weights_of("recent", np.full(4, 0.25), delta).tolist() == pytest.approx(weights)


def test_delta_uniform_answers_the_recent_half(tmp_path):
    config = settings("delta-uniform", iterations=0)
    meta = Meta((("a", "b", "c"),), (np.array([0.2, 0.3, 0.5]),))
    assert chosen(config, meta).mixtures[0].tolist() == pytest.approx([0, 0.5, 0.5])
