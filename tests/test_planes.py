"""Planes: feature layers or pixels beside the observation, for those who ask for them and at nobody else's cost."""

from dataclasses import replace

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test
from stable_baselines3.common.env_checker import check_env as check_for_sb3

from kumite import arenas
from kumite.arenas import example, launch
from kumite.arenas.arena import ArenaError, Layer, PlaneBlock, PlaneSpec
from kumite.arenas.buffers import row_bytes
from kumite.arenas.check import CHECKS, planes_keep_to_their_scales
from kumite.arenas.facades import KumiteVecEnv, SingleArena, VectorArena, as_tensors

LENGTH = 10


def squares(planes):
    """Where each layer's one pixel is: [...]."""
    assert (planes.sum(axis=(-2, -1)) == 1).all()
    return planes[..., 0, :].argmax(axis=-1)


def places(observations):
    """The squares an observation tells of, own first."""
    return np.round(observations * LENGTH).astype(int)


def test_both_sides_are_drawn_what_they_observe():
    batch = arenas.make_batch("example", matches=64, seed=1, planes=True)
    for _ in range(30):
        assert batch.planes.shape == (64, 2, 2, 1, LENGTH + 1)
        assert batch.planes.dtype == np.uint8
        assert np.array_equal(squares(batch.planes), places(batch.observations))
        batch.step(batch.random_actions())


def test_final_planes_are_those_of_the_match_that_ended():
    batch = arenas.make_batch("example", matches=64, seed=1, planes=True)
    ended = 0
    for _ in range(30):
        batch.step(batch.random_actions())
        over = np.flatnonzero(batch.done)
        ended += len(over)
        assert np.array_equal(squares(batch.final_planes[over]), places(batch.final_observations[over]))
        assert not places(batch.observations[over]).any()  # the next match has begun
    assert ended > 20


def test_planes_change_nothing_else():
    plain, drawn = (arenas.make_batch("example", matches=8, seed=5, planes=planes) for planes in (False, True))
    assert plain.planes is None
    assert plain.final_planes is None
    assert plain.buffers.planes.size == 0
    for batch in (plain, drawn):
        batch.rollout_random(40)
    assert plain.save(3) == drawn.save(3)
    assert np.array_equal(plain.observations, drawn.observations)


def test_without_planes_their_rule_is_not_compiled():
    arenas.make_batch("example", matches=1)
    rules = example.ARENA.rules
    assert launch.cpu_driver("example", example.__name__, rules, False) is not launch.cpu_driver(
        "example", example.__name__, rules, True
    )
    names = [launch.driver.driver_name("example", rules, planes) for planes in (False, True)]
    assert names[0] != names[1]  # one name would find the other's machine code in the cache
    assert names[0] == launch.driver.driver_name("example", rules._replace(draw_planes=None), False)


def test_an_arena_without_planes_refuses_them():
    with pytest.raises(ArenaError, match="classic/kuhn draws no planes"):
        arenas.make_batch("classic/kuhn", planes=True)


def test_memory_for_planes_is_counted(monkeypatch):
    game = arenas.make_game("example", length=10**6)
    more = row_bytes(game, True) - row_bytes(game)
    assert more == 2 * 2 * 2 * (10**6 + 1)  # now and final, two sides, two layers
    monkeypatch.setattr(launch, "available_memory", lambda: 8 * 10**6)
    arenas.make_batch("example", length=10**6)
    with pytest.raises(MemoryError, match=r"8,\d+,\d+ B each"):
        arenas.make_batch("example", length=10**6, planes=True)


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ((PlaneBlock("a", (Layer("x"),), 4, 4), PlaneBlock("b", (Layer("x"),), 4, 8)), "one height and width"),
        ((PlaneBlock("a", (), 4, 4),), "expected layers"),
        ((PlaneBlock("a", (Layer("x", 257),), 4, 4),), "scale 257"),
    ],
)
def test_wrong_plane_specs_are_refused(blocks, words):
    with pytest.raises(ArenaError, match=words):
        PlaneSpec(blocks)


def test_planes_without_their_rule_are_refused():
    arena = replace(example.ARENA, rules=example.ARENA.rules._replace(draw_planes=None))
    with pytest.raises(ArenaError, match="draw_planes, or neither"):
        arena.game()


def test_the_conformance_check_covers_planes():
    assert "planes_keep_to_their_scales" in CHECKS
    game = arenas.make_game("example")
    assert game.planes == PlaneSpec((PlaneBlock("track", (Layer("own", 2), Layer("other", 2)), 1, LENGTH + 1),))
    assert planes_keep_to_their_scales(game) is None


def test_a_number_beyond_a_layer_s_scale_is_found():
    from kumite.arenas.compile import rule

    @rule
    def too_bright(tables, match, side, planes):
        planes[1, 0, 0] = 2

    rules = example.ARENA.rules._replace(draw_planes=too_bright)
    game = replace(example.ARENA, name="too-bright", module=__name__, rules=rules).game()
    assert "layer 'other' has a number beyond its scale of 2" in str(planes_keep_to_their_scales(game))


# --- facades ---


def test_gymnasium_gives_them_in_a_dict():
    env = SingleArena("example", opponent="walker", planes=True, seed=3)
    check_env(env, skip_render_check=True)
    observation, _ = env.reset(seed=4)
    terminated = False
    while not terminated:
        assert np.array_equal(squares(observation["planes"]), places(observation["features"]))
        observation, _, terminated, _, _ = env.step(1)
    assert np.array_equal(squares(observation["planes"]), places(observation["features"]))


def test_many_gymnasium_matches_give_them_in_a_dict():
    envs = VectorArena("example", 8, opponent="walker", planes=True)
    envs.reset(seed=1)
    for _ in range(10):
        observations, _, done, _, infos = envs.step(np.ones(8, int))
        assert observations["planes"].shape == (8, 2, 1, LENGTH + 1)
    assert done.all()  # ten steps of one square
    assert squares(infos["final_obs"][0]["planes"])[0] == LENGTH


def test_pettingzoo_gives_them_in_a_dict():
    env = arenas.parallel_env("example", planes=True)
    parallel_api_test(env, num_cycles=50)
    observations, _ = env.reset(seed=1)
    assert env.observation_space("side_0").contains(observations["side_0"])
    assert observations["side_1"]["planes"][0, 0, 0] == 1


@pytest.mark.parametrize("both_sides", [False, True])
def test_stable_baselines_gives_them_in_a_dict(both_sides):
    envs = KumiteVecEnv("example", 4, planes=True, both_sides=both_sides)
    seen = envs.reset()
    assert envs.observation_space.contains({name: array[0] for name, array in seen.items()})
    for _ in range(10):
        seen, _, done, infos = envs.step(np.ones(envs.num_envs, int))
    assert done.all()
    assert infos[0]["terminal_observation"]["planes"][0, 0, LENGTH] == 1


@pytest.mark.filterwarnings("ignore:Treating image space", "ignore:The minimal resolution")  # one pixel high
def test_sb3_accepts_the_single_environment():
    check_for_sb3(SingleArena("example", opponent="walker", planes=True, seed=3))


def test_tensors_share_their_memory():
    batch = arenas.make_batch("example", matches=4, planes=True)
    tensors = as_tensors(batch)
    batch.rollout_random(3)
    assert np.array_equal(tensors.planes.numpy(), batch.planes)
    assert np.shares_memory(tensors.final_planes.numpy(), batch.final_planes)
    assert as_tensors(arenas.make_batch("example")).planes is None
