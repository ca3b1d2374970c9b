"""The token network: ids come back exactly, tokens are read alike, and it trains, is saved and is refused by name."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kumite import arenas
from kumite.agents.checkpoint import load_policy, save_policy
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import PolicyError
from kumite.agents.ppo import PPO, PPOConfig
from kumite.agents.tokens import TokenLayout
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.arena import Block, ObsSpec
from kumite.arenas.battle.state import NOBODY

torch.set_num_threads(1)


def network(seed: int = 0, game=None, **options) -> ActorCritic:
    return ActorCritic(NetworkConfig.of(game or arenas.make_game("battle", teams="1"), "tokens", **options), seed)


def test_every_id_survives_the_scaling_to_float() -> None:
    game = arenas.make_game("battle", teams="1")
    reader = network(game=game).reader
    assert reader is not None
    for block in game.observation.blocks:
        if block.ids:
            at = game.observation.offset(block.name)
            seen = torch.zeros(block.ids, game.observation.size)
            every = np.arange(block.ids).astype(np.float32) * np.float32(block.scale)  # as the driver does it
            seen[:, at] = torch.from_numpy(every)
            read = reader.ids(seen)[block.kind].flatten(1)
            assert (read.sum(1) == torch.arange(block.ids)).all()


def test_the_ids_of_a_match_are_those_of_its_record() -> None:
    batch = arenas.make_batch("battle", matches=8, teams="16")
    for _ in range(4):
        batch.step(batch.random_actions())
    reader = network(game=batch.game).reader
    assert reader is not None
    read = reader.ids(torch.from_numpy(batch.observations[:, 0]))
    mon = batch.state.mon
    assert np.array_equal(read["species"][..., 0], mon["species"])
    assert np.array_equal(read["items"][..., 0], mon["held"])
    assert np.array_equal(read["moves"][..., :4], mon["moves"])
    assert np.array_equal(read["moves"][..., 4], np.where(mon["at"] == NOBODY, 0, mon["last_move"]))
    assert np.array_equal(read["types"][..., 2], mon["tera"])


def test_tokens_are_read_by_one_encoder_and_told_apart_by_their_place() -> None:
    net = network(3)
    reader = net.reader
    assert reader is not None
    layout = reader.layout
    assert len(layout.starts) == 12
    assert layout.groups == (0,) * 6 + (1,) * 6
    seen = torch.zeros(2, net.config.features)
    for row, token in enumerate((7, 9)):  # the same foe at two places on the sheet
        seen[row, layout.starts[token] : layout.starts[token] + layout.size] = 0.5
    first, second = reader(seen)
    assert not torch.equal(first, second)
    reader.place.weight.data.zero_()
    first, second = reader(seen)
    torch.testing.assert_close(first, second)


def test_equal_seeds_give_equal_weights_and_leave_torchs_generator_alone() -> None:
    before = torch.random.get_rng_state()
    one, same, other = network(1), network(1), network(2)
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), same.state_dict().values(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values()))


def test_a_checkpoint_holds_it(tmp_path) -> None:
    game = arenas.make_game("battle", teams="1")
    policy = NetworkPolicy(network(1, game, hidden=(16,), memory="gru"))
    save_policy(tmp_path / "x.safetensors", policy, game)
    loaded = load_policy(tmp_path / "x.safetensors", game)
    assert loaded.policy_hash == policy.policy_hash
    assert loaded.network.config == policy.network.config
    assert loaded.network.config.tokens == TokenLayout.of(game)


def test_ppo_trains_it_to_the_bit() -> None:
    def trained() -> PPO:
        config = PPOConfig(network="tokens", matches=8, horizon=8, minibatch=64, hidden=(16,), threads=1)
        ppo = PPO(arenas.make_game("battle", teams="1"), config, seed=4)
        ppo.iterate()
        return ppo

    one, other = trained(), trained()
    assert one.network.config.tokens is not None
    assert one.policy().policy_hash == other.policy().policy_hash
    fresh = ActorCritic(one.network.config, 0)
    assert any(not torch.equal(a, b) for a, b in zip(one.network.parameters(), fresh.parameters(), strict=True))


def test_what_has_no_tokens_is_refused_by_name() -> None:
    with pytest.raises(PolicyError, match="no block of classic/kuhn's observation belongs to a token"):
        NetworkConfig.of(arenas.make_game("classic/kuhn"), "tokens")
    with pytest.raises(ValueError, match="network 'token': expected 'flat' or 'tokens'"):
        NetworkConfig.of(arenas.make_game("classic/kuhn"), "token")
    example = arenas.make_game("example")
    blocks = (Block("a 1 kind", 1, 1.0, token="a 1", ids=3), Block("a 2 kind", 2, 1.0, token="a 2", ids=3))
    with pytest.raises(PolicyError, match="'a 2' is not built like 'a 1'"):
        TokenLayout.of(replace(example, observation=ObsSpec(blocks)))
    with pytest.raises(PolicyError, match="block 'x' of example has ids but no token"):
        TokenLayout.of(replace(example, observation=ObsSpec((Block("x", 1, 1.0, ids=3),))))
