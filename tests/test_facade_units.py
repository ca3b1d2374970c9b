"""Every unit an agent of its side: `arenas.parallel_env("skirmish", agents="units")`."""

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test

from kumite import arenas
from kumite.arenas.arena import ArenaError


def units_env(**options):
    return arenas.parallel_env("skirmish", agents="units", seed=3, **{"scenario": "2s3z", **options})


def test_pettingzoo_accepts_it():
    parallel_api_test(units_env(scenario="3m"), num_cycles=100)


def test_agents_are_the_slots_of_both_sides():
    env = units_env()
    assert len(env.possible_agents) == 10
    assert env.possible_agents[:2] == ["side_0_unit_0", "side_0_unit_1"]
    solo = units_env(opponents={1: "focus-fire"})
    assert len(solo.possible_agents) == 5
    assert units_env(scenario="move-to-beacon").possible_agents == ["side_0_unit_0"]


def test_it_plays_the_match_that_sides_play():
    units, sides = units_env(), arenas.parallel_env("skirmish", seed=3, scenario="2s3z")
    seen, infos = units.reset(seed=5)
    whole, _ = sides.reset(seed=5)
    rng = np.random.default_rng(0)
    while units.agents:
        for number, agent in enumerate(units.possible_agents):
            side, unit = divmod(number, 5)
            assert np.array_equal(seen[agent][:-5], whole[f"side_{side}"])
            assert seen[agent][-5:].argmax() == unit
            assert units.observation_space(agent).contains(seen[agent])
        actions = {agent: int(rng.choice(np.flatnonzero(infos[agent]["action_mask"]))) for agent in units.agents}
        together = {f"side_{side}": [actions[f"side_{side}_unit_{k}"] for k in range(5)] for side in range(2)}
        seen, rewards, over, _, infos = units.step(actions)
        whole, whole_rewards, whole_over, _, _ = sides.step(together)
        assert rewards["side_1_unit_3"] == whole_rewards["side_1"]
        assert over["side_0_unit_0"] == whole_over["side_0"]
    assert not sides.agents
    assert units.batch.save(0) == sides.batch.save(0)
    assert infos["side_0_unit_0"]["outcome"] is infos["side_1_unit_4"]["outcome"]


def test_a_dead_unit_has_nothing_to_choose():
    env = units_env()
    env.reset(seed=1)
    env.batch.state[0].unit[2] = np.zeros(1, env.batch.state.dtype["unit"].base)[0]
    _, _, _, _, infos = env.step(dict.fromkeys(env.agents, 0))
    assert infos["side_0_unit_2"]["action_mask"].sum() == 1
    assert infos["side_0_unit_1"]["action_mask"].sum() > 1
    assert "side_0_unit_2" in env.agents


@pytest.mark.parametrize("name", ["example", "battle"])
def test_slots_that_are_no_units_are_refused(name):
    with pytest.raises(ArenaError, match="are not units"):
        arenas.parallel_env(name, agents="units")


def test_wrong_names_are_told():
    env = units_env()
    with pytest.raises(ArenaError, match="did you mean 'units'"):
        arenas.parallel_env("skirmish", agents="unit")
    with pytest.raises(ArenaError, match="no agent 'side_0_unit_9'"):
        env.action_space("side_0_unit_9")
    env.reset()
    with pytest.raises(ArenaError, match="no action of 'side_0_unit_0'"):
        env.step({})


def test_the_state_for_critics_hides_nothing():
    """Under the fog a zergling that no marine sees is in it; the observation leaves it out."""
    env = units_env(scenario="find-and-defeat-zerglings")
    seen, _ = env.reset(seed=2)
    game = env.game
    here = [
        game.observation.offset(b.name)
        for b in game.observation.blocks
        if b.name.endswith(" here") and "creep" in b.name
    ]
    assert env.state()[here].sum() == 25
    assert seen["side_0_unit_0"][here].sum() < 25
    assert np.array_equal(env.batch.observations[0, 0], seen["side_0_unit_0"][: game.observation.size])
