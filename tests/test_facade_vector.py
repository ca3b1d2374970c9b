"""Gymnasium's vector environments: the batch's rows, Gymnasium's own wrappers, resets of some rows."""

import gymnasium
import numpy as np
import pytest
from facade_play import ARENAS, first_bot, play, short, two_slots  # noqa: F401  a fixture
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers.vector import DictInfoToList, RecordEpisodeStatistics

from kumite import arenas
from kumite.arenas.arena import ArenaError
from kumite.arenas.facades import VectorArena

each_arena = pytest.mark.parametrize("name", ARENAS)


@each_arena
def test_vector_rows_are_the_batchs_rows(name: str) -> None:
    batch = arenas.make_batch(name, matches=5, seed=8, **short(name))
    envs = VectorArena(name, 5, opponent="random", **short(name))
    observations, infos = envs.reset(seed=8)
    assert np.array_equal(observations, batch.observations[:, 0])
    for tick in play(batch, 200):
        actions = tick.actions[:, 0]
        observations, rewards, terminations, truncations, infos = envs.step(
            actions[:, 0] if actions.shape[1] == 1 else actions
        )
        assert np.array_equal(observations, tick.observations[:, 0])
        assert np.array_equal(rewards, tick.rewards[:, 0])
        assert np.array_equal(terminations, tick.done)
        assert not truncations.any()
        assert envs.batch.state.tobytes() == batch.state.tobytes()
        flat = [tick.masks[:, 0, k, :size] for k, size in enumerate(batch.game.action.sizes)]
        assert np.array_equal(infos["action_mask"], np.concatenate(flat, axis=1))
        assert np.array_equal(envs.action_masks(), infos["action_mask"])
        assert ("final_obs" in infos) == tick.done.any()
        for row in np.flatnonzero(tick.done):
            assert np.array_equal(infos["final_obs"][row], tick.final_observations[row, 0])
            assert infos["final_info"]["outcome"][row] == tick.outcome[row]
            assert infos["final_info"]["utility"][row] == tick.utility[row, 0]


@each_arena
def test_gymnasium_makes_vector_environments(name: str, registered) -> None:
    """In one batch, and by Gymnasium's own loop over single environments."""
    identity = registered(name)
    many = gymnasium.make_vec(identity, num_envs=3)
    assert isinstance(many.unwrapped, VectorArena)
    assert many.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    loop = gymnasium.make_vec(identity, num_envs=3, vectorization_mode="sync")
    for envs in (many, loop):
        envs.action_space.seed(0)
        observations, _ = envs.reset(seed=1)
        assert observations in envs.observation_space
        for _ in range(20):
            observations, rewards, *_ = envs.step(envs.action_space.sample())
            assert observations in envs.observation_space
            assert rewards.shape == (3,)
        envs.close()
    assert many.single_observation_space == loop.single_observation_space
    assert many.action_space == loop.action_space


def test_gymnasiums_vector_wrappers_work() -> None:
    envs = DictInfoToList(RecordEpisodeStatistics(VectorArena("classic/kuhn", 4, opponent="random")))
    envs.reset(seed=0)
    returns = []
    for _ in range(30):
        *_, infos = envs.step(np.zeros(4, np.int64))
        assert all(info["action_mask"].shape == (2,) for info in infos)
        for info in infos:
            if "final_info" in info:
                assert info["episode"]["r"] == pytest.approx(info["final_info"]["utility"])
                assert info["final_obs"].shape == (8,)
                returns.append(info["episode"]["r"])
    assert len(returns) > 20


def test_vector_resets_of_some_rows_leave_the_others() -> None:
    envs = VectorArena("example", 4)
    envs.reset(seed=3)
    start = envs.batch.state.copy()
    envs.step(np.ones(4, np.int64))
    mask = np.array([True, False, False, True])
    observations, _ = envs.reset(seed=3, options={"reset_mask": mask})
    assert envs.batch.state.tick.tolist() == [0, 1, 1, 0]
    assert envs.batch.state[mask].tobytes() == start[mask].tobytes()
    assert (observations[mask] == 0).all()
    assert (observations[~mask, 0] > 0).all()
    envs.reset()
    assert envs.batch.state.tick.tolist() == [0] * 4
    assert set(envs.batch.state.seed.tolist()).isdisjoint(start.seed.tolist())
    with pytest.raises(ArenaError, match=r"expected a bool array of shape \(4,\)"):
        envs.reset(options={"reset_mask": np.zeros(3, bool)})
