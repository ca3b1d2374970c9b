"""Stable-Baselines3: the batch's trajectory from one seat and from both, masks, and training that runs."""

from typing import Any

import numpy as np
import pytest
from facade_play import ARENAS, first_bot, play, short, two_slots  # noqa: F401  a fixture

from kumite import arenas
from kumite.arenas.arena import ArenaError, Outcome
from kumite.arenas.facades import KumiteVecEnv, VectorArena

each_arena = pytest.mark.parametrize("name", ARENAS)


def flat(masks: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Masks [N, K, C] with the slots one after the other."""
    return np.concatenate([masks[:, k, :size] for k, size in enumerate(sizes)], axis=1).astype(bool)


@each_arena
def test_both_sides_are_the_batchs_rows(name: str) -> None:
    batch = arenas.make_batch(name, matches=3, seed=2, **short(name))
    envs = KumiteVecEnv(name, 3, seed=2, both_sides=True, **short(name))
    assert envs.num_envs == 6
    assert np.array_equal(envs.reset(), batch.observations.reshape(6, -1))
    for tick in play(batch, 200):
        actions = tick.actions.reshape(6, -1)
        observations, rewards, dones, infos = envs.step(actions[:, 0] if actions.shape[1] == 1 else actions)
        assert np.array_equal(observations, tick.observations.reshape(6, -1))
        assert np.array_equal(rewards, tick.rewards.reshape(6))
        assert np.array_equal(dones, np.repeat(tick.done, 2))
        assert envs.batch.state.tobytes() == batch.state.tobytes()
        wanted = flat(tick.masks.reshape(6, *tick.masks.shape[2:]), batch.game.action.sizes)
        assert np.array_equal(np.stack(envs.env_method("action_masks")), wanted)
        for row, info in enumerate(infos):
            match, side = divmod(row, 2)
            assert ("terminal_observation" in info) == tick.done[match]
            if tick.done[match]:
                assert np.array_equal(info["terminal_observation"], tick.final_observations[match, side])
                assert info["TimeLimit.truncated"] is False
                assert (info["outcome"], info["side"]) == (Outcome(int(tick.outcome[match])), side)
                assert info["utility"] == tick.utility[match, side]


@each_arena
def test_one_side_is_what_gymnasiums_vector_environment_shows(name: str) -> None:
    opponent = first_bot(name) or "random"
    envs = KumiteVecEnv(name, 4, seed=6, opponents=opponent, **short(name))
    other = VectorArena(name, 4, opponent=opponent, **short(name))
    envs.action_space.seed(3)
    assert np.array_equal(envs.reset(), other.reset(seed=6)[0])
    for _ in range(100):
        actions = np.stack([envs.action_space.sample() for _ in range(4)])
        observations, rewards, dones, infos = envs.step(actions)
        expected = other.step(actions)
        assert np.array_equal(observations, expected[0])
        assert np.array_equal(rewards, expected[1])
        assert np.array_equal(dones, expected[2])
        assert np.array_equal(envs.action_masks(), other.action_masks())
        for row in np.flatnonzero(dones):
            assert np.array_equal(infos[row]["terminal_observation"], expected[4]["final_obs"][row])
    assert envs.batch.state.tobytes() == other.batch.state.tobytes()


def test_seeds_and_resets() -> None:
    envs = KumiteVecEnv("classic/kuhn", 8, seed=1)
    first = envs.reset()
    assert np.array_equal(first, arenas.make_batch("classic/kuhn", matches=8, seed=1).observations[:, 0])
    envs.step(np.zeros(8, int))
    seeds = envs.batch.state.seed.copy()
    envs.reset()  # abandons them
    assert set(envs.batch.state.seed.tolist()).isdisjoint(seeds.tolist())
    assert envs.seed(1) == [1] * 8
    assert np.array_equal(envs.reset(), first)
    assert envs.seed(None) == [None] * 8


def test_what_sb3_asks_of_single_environments_is_answered() -> None:
    from stable_baselines3.common.monitor import Monitor

    envs = KumiteVecEnv("two-slots", 3)
    envs.reset()
    assert envs.has_attr("action_masks")
    assert not envs.has_attr("action_mask")
    assert [mask.shape for mask in envs.env_method("action_masks", indices=[0, 2])] == [(6,), (6,)]
    assert envs.get_attr("render_mode") == [None] * 3
    envs.set_attr("tag", "x", indices=1)
    assert envs.get_attr("tag") == [None, "x", None]
    assert envs.env_is_wrapped(Monitor) == [False] * 3
    with pytest.raises(AttributeError, match="rows have no method 'render'"):
        envs.env_method("render")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"arena": "examples"}, "did you mean 'example'"),
        ({"opponents": "gamblr"}, "did you mean 'gambler'"),
        ({"opponents": "walker", "both_sides": True}, "with both_sides=True there are none"),
        ({"seed": -1}, "seed = -1"),
        ({"num_envs": 0}, "matches = 0"),
        ({"side": 5}, "side = 5"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArenaError, match=message):
        KumiteVecEnv(**{"arena": "example", "num_envs": 2, **settings})


def test_wrong_actions_are_refused() -> None:
    envs = KumiteVecEnv("two-slots", 2)
    envs.reset()
    with pytest.raises(ArenaError, match=r"got int64 \[2\], expected integers \[2, 2\]"):
        envs.step(np.zeros(2, np.int64))
    with pytest.raises(ArenaError, match="call step_async first"):
        envs.step_wait()


def test_ppo_trains() -> None:
    """Against a mixture, from either side; `VecMonitor` counts episodes as it does for any VecEnv."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecMonitor

    torch.set_num_threads(1)
    envs = KumiteVecEnv("example", 16, seed=0, opponents={"walker": 1.0, "random": 1.0}, side="random")
    model = PPO("MlpPolicy", VecMonitor(envs), n_steps=64, batch_size=256, n_epochs=4, seed=0, device="cpu")
    model.learn(2_048)
    assert model.num_timesteps == 2_048
    assert {info["l"] for info in model.ep_info_buffer} <= set(range(1, 51))
    assert len(model.ep_info_buffer) > 50


def test_maskable_ppo_trains_in_self_play() -> None:
    """Two slots of different sizes: what it samples from the marginal masks is legal but for the order of the slots."""
    import torch
    from sb3_contrib import MaskablePPO

    torch.set_num_threads(1)
    envs = KumiteVecEnv("two-slots", 8, seed=0, both_sides=True)
    chosen: list[np.ndarray] = []
    step_async = envs.step_async

    def watched(actions: np.ndarray) -> None:
        legal = envs.action_masks()
        chosen.append(legal[np.arange(16), actions[:, 0]] & legal[np.arange(16), 4 + actions[:, 1]])
        step_async(actions)

    envs.step_async = watched  # type: ignore[method-assign]
    model = MaskablePPO("MlpPolicy", envs, n_steps=64, batch_size=256, n_epochs=4, seed=0, device="cpu")
    model.learn(2_048)
    assert len(chosen) == 128
    assert np.stack(chosen).all()


def test_importing_arenas_and_gymnasium_environments_imports_no_torch(run_python) -> None:
    source = """
import sys, gymnasium
from kumite import arenas
arenas.parallel_env("example").reset(seed=0)
gymnasium.make("kumite:kumite/Fight-v0", arena="example").reset(seed=0)
assert "torch" not in sys.modules and "stable_baselines3" not in sys.modules
from kumite.arenas import facades
assert "KumiteVecEnv" in dir(facades)
try:
    facades.KumiteVecEnvs
except AttributeError as error:
    assert "KumiteVecEnv" in str(error)
"""
    run_python(source)
