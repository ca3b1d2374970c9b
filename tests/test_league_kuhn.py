"""The league against a game whose answer is known: Kuhn poker, its exploitability computed exactly."""

import pytest
from exact_games import exploitability
from league_runs import settings

from kumite.league.matchmaking import Meta, judged
from kumite.league.run import Run
from kumite.league.trainer import Trainer

LEARNER = {
    # Best responses within 0.01 chips in a second: new networks, small batches, nothing that keeps play random.
    "warm_start": "scratch",
    "steps": 50_000,
    "matches": 256,
    "hidden": (32, 32),
    "horizon": 8,
    "epochs": 2,
    "minibatch": 512,
    "learning_rate": 5e-3,
    "gamma": 1.0,
    "gae_lambda": 1.0,
    "entropy_coefficient": 0.0,
}


def history(folder, scheme, **overrides):
    """How exploitable the judged policies were before each iteration and at the end, exactly."""
    run = Run.create(folder, "classic/kuhn", {}, settings(scheme, **{**LEARNER, **overrides}))
    with run:
        Trainer(run).train()
        found = []
        for _, _, data in run.store.events("meta"):
            verdict = judged(run.config, Meta.from_json(data))
            sides = zip(run.populations, verdict.names, verdict.mixtures, strict=True)
            policies = [population.mixture(names, mix) for population, names, mix in sides]
            found.append(exploitability("classic/kuhn", *policies))
    return found


@pytest.mark.slow
def test_double_oracle_solves_kuhn_and_the_latest_policy_alone_does_not(tmp_path):
    """Exact responses need 4 to 11 rounds (a Nash mixture), and answering the latest only goes in circles."""
    gate = {"gate": "lower-bound", "gate_pairs": 4000}
    solved = history(tmp_path / "nash", "double-oracle", iterations=10, pairs=4000, **gate)
    assert solved[0] == pytest.approx(11 / 24)
    assert solved[-1] < 0.06
    control = history(tmp_path / "latest", "independent", iterations=8, pairs=20)
    assert min(control[1:]) > 0.12  # exact responses: never below 1/6
    assert max(control[-4:]) > 0.3


@pytest.mark.slow
def test_fictitious_play_falls_as_the_exact_curve_does(tmp_path):
    """With exact responses .3125 after one, .2083 after two, .1319 after five; ties among them move it a little."""
    curve = history(tmp_path / "uniform", "fictitious-play", iterations=8, pairs=20)
    assert curve[1] == pytest.approx(0.3125, abs=0.03)
    assert curve[5] == pytest.approx(0.16, abs=0.06)
    assert curve[8] < 0.14
