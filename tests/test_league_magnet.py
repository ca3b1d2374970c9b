"""Self-play held by a magnet: one learner that goes on and on, whatever happens to its process."""

import numpy as np
import pytest
from exact_games import exploitability, tree
from league_runs import Said, members, rows, settings, trained

from kumite.agents.ppo import PPO, PPOConfig
from kumite.league.run import Run
from kumite.league.status import run_status
from kumite.league.trainer import Stopped, Trainer

SMALL = PPOConfig(matches=16, horizon=8, hidden=(8, 8), minibatch=256, magnet_coefficient=0.5, magnet_rate=0.1)


def weights(network):
    return np.concatenate([parameter.detach().numpy().ravel() for parameter in network.parameters()])


# --- the learner ---


def test_a_magnet_begins_as_the_network_and_follows_it():
    ppo = PPO("classic/kuhn", SMALL, seed=1)
    before = weights(ppo.magnet)
    np.testing.assert_array_equal(before, weights(ppo.network))
    ppo.iterate()
    expected = before + 0.1 * (weights(ppo.network) - before)
    np.testing.assert_allclose(weights(ppo.magnet), expected, atol=1e-6)


def test_a_given_magnet_is_not_moved():
    given = PPO("classic/kuhn", SMALL).network
    before = weights(given)
    PPO("classic/kuhn", SMALL, seed=1, magnet=given).iterate()
    np.testing.assert_array_equal(weights(given), before)


def test_the_magnet_is_saved_with_the_learner():
    ppo = PPO("classic/kuhn", SMALL, seed=1)
    ppo.iterate()
    saved = ppo.state_dict()
    again = PPO("classic/kuhn", SMALL, seed=1)
    again.load_state_dict(saved)
    for learner in (ppo, again):
        learner.iterate()
    np.testing.assert_array_equal(weights(ppo.magnet), weights(again.magnet))
    np.testing.assert_array_equal(weights(ppo.network), weights(again.network))


def test_the_hold_may_be_annealed():
    """At once almost nothing is left of it: the learner moves as one that nobody holds."""
    from dataclasses import replace

    free = PPO("classic/kuhn", replace(SMALL, magnet_coefficient=0.0, magnet_rate=0.0), seed=1)
    strong = replace(SMALL, magnet_coefficient=100.0, magnet_rate=0.0)
    held, annealed = PPO("classic/kuhn", strong, seed=1), PPO("classic/kuhn", replace(strong, magnet_steps=1), seed=1)
    moved = []
    for learner in (free, held, annealed):
        before = weights(learner.network)
        for _ in range(20):
            learner.iterate()
        moved.append(np.abs(weights(learner.network) - before).sum())
    assert moved[1] < moved[2] < moved[0]


# --- the loop ---


def test_one_network_can_play_both_seats_because_it_sees_which_it_has():
    """What the two sides may see at their decisions differs, so sharing a network takes no seat for the other."""
    for game in ("classic/kuhn", "classic/leduc"):
        found = tree(game)
        seen = [
            {sights.observation[i].tobytes() for sights in side for i in np.flatnonzero(sights.to_move)}
            for side in found.sights
        ]
        assert not seen[0] & seen[1]


def test_iterations_are_points_of_one_way(tmp_path):
    """Nothing begins anew in between: three short iterations end where one long one does."""
    options = {"steps": 1024, "iterations": 3}
    with trained(tmp_path / "three", "classic/kuhn", "regularised", **options) as run:
        assert [name for name, _, _ in members(run)] == ["uniform", "ppo-1", "ppo-2", "ppo-3"]
        assert [data["steps"] for _, _, data in run.store.events("trained")] == [1024] * 3
        assert [member.parent for member in run.store.members()] == [None, None, "ppo-1", "ppo-2"]
        assert run.judged().name == "ppo-3"
        assert rows(run.folder) == []
        assert run_status(run)["exploitability"] is None
        three = run.judged().network
    with trained(tmp_path / "one", "classic/kuhn", "regularised", steps=3072, iterations=1) as run:
        np.testing.assert_array_equal(weights(run.judged().network), weights(three))


def test_a_stopped_run_goes_on_as_if_nothing_had_been(tmp_path):
    options = {"steps": 1024, "iterations": 3}
    with trained(tmp_path / "whole", "classic/kuhn", "regularised", **options) as run:
        expected = members(run)
    with Run.create(tmp_path / "stopped", "classic/kuhn", {}, settings("regularised", **options)) as run:
        stops = 0
        while not run.store.events("finished"):
            asked = iter(range(2 + stops % 3))
            try:
                Trainer(run, Said(), stop=lambda asked=asked: next(asked, None) is None).train()
            except Stopped:
                stops += 1
        assert stops > 2
        assert members(run) == expected


@pytest.mark.slow
def test_held_self_play_approaches_equilibrium_in_kuhn_and_free_self_play_does_not(tmp_path):
    """The control: the same learner with nothing to hold it, its policy at the end no better than on its way."""
    learner = {
        "matches": 512, "horizon": 8, "minibatch": 4096, "hidden": (32, 32), "gamma": 1.0, "gae_lambda": 0.95,
        "entropy_coefficient": 0.0, "learning_rate": 1e-3, "iterations": 12, "steps": 100_000,
    }  # fmt: skip

    def curve(name, **more):
        with trained(tmp_path / name, "classic/kuhn", "regularised", **learner, **more) as run:
            return [exploitability("classic/kuhn", player.policy) for player in run.populations[0].players]

    held = curve("held", anneal_steps=1_200_000)
    free = curve("free", magnet_coefficient=0.0, magnet_rate=0.0)
    assert held[0] == pytest.approx(11 / 24)
    assert held[-1] < 0.12
    assert max(free[-6:]) > 0.25
