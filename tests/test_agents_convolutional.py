"""The convolutional network: chosen by facts, fed with planes, learns to point."""

from types import SimpleNamespace

import numpy as np
import plane_arena
import pytest
import torch

from kumite import arenas
from kumite.agents.checkpoint import load_policy, save_policy
from kumite.agents.convolutional import ConvolutionalActorCritic, ConvolutionalConfig
from kumite.agents.lineup import Lineup
from kumite.agents.network import ActorCritic
from kumite.agents.networks import build, config_from_json, configure, taste
from kumite.agents.policy import PolicyError, shown_to
from kumite.agents.ppo import PPO, PPOConfig
from kumite.arenas.batch import Batch


@pytest.fixture(params=["flat", "factored"])
def game(request):
    return plane_arena.ARENA.game(points=request.param)


def config(**settings):
    return PPOConfig(**{"matches": 128, "horizon": 8, "minibatch": 512, "hidden": (8, 64), "threads": 1, **settings})


def test_facts_choose_the_network(game):
    assert isinstance(build(configure(game)), ConvolutionalActorCritic)
    assert (
        type(build(configure(arenas.make_game("example")))) is ActorCritic
    )  # it draws planes, but nobody points at them
    assert type(build(configure(arenas.make_game("classic/kuhn")))) is ActorCritic


def test_shapes_and_padding(game):
    network = build(configure(game, hidden=(8, 16)))
    planes = torch.zeros(5, 2, 6, 6, dtype=torch.uint8)
    logits, values, state = network(torch.zeros(5, 1), torch.zeros(5, 0), planes)
    assert logits.shape == (5, 2, max(game.action.sizes))
    assert values.shape == (5,)
    assert state.shape == (5, 0)
    for slot, size in enumerate(game.action.sizes):
        assert not logits[:, slot, size:].any()


def test_a_logit_belongs_to_its_place():
    """What is bright at a pixel changes the logits around it, and of no place farther than the kernels reach."""
    network = build(configure(plane_arena.ARENA.game(), hidden=(8, 16)), 3)
    planes = torch.zeros(2, 2, 6, 6, dtype=torch.uint8)
    planes[1, 1, 0, 0] = 255
    logits = network(torch.zeros(2, 1), torch.zeros(2, 0), planes)[0][:, 0].unflatten(-1, (6, 6))
    changed = (logits[0] != logits[1]).nonzero()
    assert len(changed)
    assert changed.max() <= 3  # 1 pixel of the first kernel, 2 of the second


def test_features_change_which_place_is_better():
    """They were added to all places of a map alike, which no choice among its places can notice."""
    network = build(configure(plane_arena.ARENA.game(), hidden=(8, 16)), 3)
    planes = torch.zeros(2, 2, 6, 6, dtype=torch.uint8)
    planes[:, 1, 0, 0] = 255
    logits = network(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 0), planes)[0][:, 0].unflatten(-1, (6, 6))
    better = logits[:, 0, 0] - logits[:, 5, 5]
    assert abs(float((better[1] - better[0]).detach())) > 1e-5


def test_a_taste_is_for_choices_that_are_no_places():
    game = arenas.make_game("skirmish", scenario="move-to-beacon", interface="commander", screen=8, points="flat")
    network = build(configure(game))
    network.lean(taste(game, "no_op:5, move_screen:4"))
    planes = torch.zeros(1, *game.planes.shape, dtype=torch.uint8)
    logits = network(torch.zeros(1, game.observation.size), torch.zeros(1, 0), planes)[0][0, 0].detach()
    names = game.action.slots[0].choices
    favoured = [float(logits[names.index(name)]) for name in ("no_op", "move_screen", "stop")]
    assert favoured == pytest.approx([5, 4, 0], abs=0.2)
    with pytest.raises(ValueError, match="no bias on places"):
        network.lean(taste(game, "pixel:1"))


def test_categories_become_channels():
    network = build(configure(plane_arena.ARENA.game()))
    planes = torch.zeros(1, 2, 6, 6, dtype=torch.uint8)
    planes[0, 0, 2, 3], planes[0, 1, 2, 3] = 2, 51
    channels = network._channels(planes)
    assert channels.shape == (1, 6, 6, 3)
    assert channels[0, 2, 3].tolist() == pytest.approx([0, 1, 0.2])
    assert channels.sum() == pytest.approx(1.2)


def test_equal_seeds_give_equal_networks_and_leave_torchs_generator_alone():
    before = torch.get_rng_state()
    shape = configure(plane_arena.ARENA.game())
    first, again, other = (build(shape, seed).state_dict() for seed in (5, 5, 6))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["mix.weight"], other["mix.weight"])


def test_a_configuration_survives_json(game):
    import json

    shape = configure(game, hidden=(4, 8))
    assert isinstance(shape, ConvolutionalConfig)
    assert config_from_json(json.loads(json.dumps(shape.as_json()))) == shape
    flat = configure(arenas.make_game("example"))
    assert config_from_json(json.loads(json.dumps(flat.as_json()))) == flat


def test_memory_is_refused(game):
    with pytest.raises(PolicyError, match="remembers nothing"):
        PPO(game, config(memory="gru"))


def test_rollouts_keep_planes_as_bytes(game):
    ppo = PPO(game, config(matches=4))
    ppo.iterate()
    (kept,) = ppo.planes
    assert kept.dtype == torch.uint8
    assert kept.shape == (8, 4, 2, 6, 6)
    assert (kept[:, :, 1].amax((-2, -1)) == 255).all()


def test_it_learns_to_point(game):
    ppo = PPO(game, config(learning_rate=3e-3, outcome=0.0, shaping=1.0, gamma=0.0), seed=1)
    before = ppo.iterate().mean_return
    after = ppo.train(60 * 1024).mean_return
    assert before < 1  # one of 36 pixels is hit by chance
    assert after > 6.5


def test_training_goes_on_from_a_snapshot(game):
    one, two = PPO(game, config(matches=8), seed=1), PPO(game, config(matches=8), seed=2)
    one.iterate()
    two.load_state_dict(one.state_dict())
    for ppo in (one, two):
        ppo.iterate()
    pairs = zip(one.network.parameters(), two.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_policy_plays_in_a_batch_with_planes(game, tmp_path):
    policy = PPO(game, config(matches=4), seed=1).policy("greedy")
    assert policy.sees_planes
    save_policy(tmp_path / "policy.safetensors", policy, game)
    again = load_policy(tmp_path / "policy.safetensors", game)
    chosen = []
    for each in (policy, again):
        batch = Batch(game, 8, 3, planes=True)
        lineup = Lineup(batch, np.arange(8), each, np.random.default_rng(0))
        actions = np.zeros((8, 2), np.int16)
        lineup.act(batch.observations[:, 0], batch.masks[:, 0], actions)
        chosen.append(actions)
    assert np.array_equal(*chosen)
    with pytest.raises(PolicyError, match="planes=True"):
        shown_to(policy, SimpleNamespace(planes=None), batch.observations[:, 0])
