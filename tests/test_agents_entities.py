"""The networks a game can be played by: one list, and the one that shares its weights among units."""

import pytest
import torch

from kumite import arenas
from kumite.agents.checkpoint import load_policy, save_policy
from kumite.agents.entities import EMBEDDED, entity_layout
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.networks import NETWORKS, build, configure, taste
from kumite.agents.policy import BotPolicy, PolicyError
from kumite.agents.ppo import PPO, PPOConfig
from kumite.agents.trained import NetworkPolicy

torch.set_num_threads(1)
SMALL = PPOConfig(matches=16, horizon=8, minibatch=64, hidden=(16, 16), threads=1)


def skirmish(scenario: str = "3m"):
    return arenas.make_game("skirmish", scenario=scenario)


def network(scenario: str = "3m", **options) -> ActorCritic:
    return build(configure(skirmish(scenario), hidden=(16, 16), **options), 3)


def seen(game, n: int = 32) -> torch.Tensor:
    """Observations of real matches, some decisions on: [n, F]."""
    batch = arenas.make_batch("skirmish", matches=n, seed=2, **game.options)
    batch.rollout_random(40 * batch.game.frame_skip)
    return torch.from_numpy(batch.observations[:, 0].copy())


def test_the_network_is_chosen_by_facts_on_the_specs() -> None:
    assert configure(skirmish(), "auto").kind == "entities"
    assert configure(arenas.make_game("classic/kuhn"), "auto").kind == "flat"
    assert entity_layout(arenas.make_game("fight")) is None
    with pytest.raises(PolicyError, match="does not fit classic/kuhn"):
        configure(arenas.make_game("classic/kuhn"), "entities")
    with pytest.raises(PolicyError, match="did you mean 'entities'"):
        configure(skirmish(), "entitys")


def test_rows_and_pointing_choices_are_found_by_name() -> None:
    game = skirmish()
    plain, groups, pointed = entity_layout(game) or ((), (), ())
    names = [block.name for block in game.observation.blocks for _ in range(block.length)]
    assert {names[column].split()[0] for column in plain} == {"time", "score", "minerals", "gas", "supply"}
    for name, (first, count, width, place) in zip(("own", "foe"), groups, strict=True):
        assert names[first + place].endswith(" place")
        for number in range(count):
            assert all(text.startswith(f"{name} {number} ") for text in names[first + number * width :][:width])
    assert pointed == ((),) * 10 + ((1, 0), (1, 1), (1, 2))


def test_a_network_built_twice_is_the_same() -> None:
    for first, again in zip(network().parameters(), network().parameters(), strict=True):
        assert torch.equal(first, again)


def test_units_and_enemies_have_no_favourites() -> None:
    """Exchanging two enemies exchanges the choices that name them; exchanging two units exchanges their logits."""
    game, net = skirmish(), network()
    _, ((own, _, width, _), (foe, _, wide, _)), _ = net.config.layout
    observation = seen(game)
    logits, values, _ = net(observation, torch.zeros(32, 0))

    def exchanged(first: int, size: int) -> torch.Tensor:
        other = observation.clone()
        other[:, first : first + size] = observation[:, first + size : first + 2 * size]
        other[:, first + size : first + 2 * size] = observation[:, first : first + size]
        return other

    by_foes, value, _ = net(exchanged(foe, wide), torch.zeros(32, 0))
    order = [*range(10), 11, 10, 12]
    torch.testing.assert_close(by_foes, logits[:, :, order])
    torch.testing.assert_close(value, values)
    by_units, value, _ = net(exchanged(own, width), torch.zeros(32, 0))
    torch.testing.assert_close(by_units, logits[:, [1, 0, 2]])
    torch.testing.assert_close(value, values)


def test_what_is_not_there_is_not_looked_at() -> None:
    """An enemy that is not seen weighs nothing, and a unit that is dead has no wishes."""
    net, observation = network(), torch.rand(4, skirmish().observation.size, generator=torch.Generator().manual_seed(1))
    _, ((own, _, width, _), (foe, count, wide, _)), _ = net.config.layout
    observation[:, own : own + width] = 0
    observation[:, foe : foe + count * wide] = 0
    logits, values, _ = net(observation, torch.zeros(4, 0))
    assert (logits[:, 0] == 0).all()
    assert torch.isfinite(logits).all()
    assert torch.isfinite(values).all()


def test_rows_that_others_have_change_nothing() -> None:
    """Rows are gone through up to the last that is there in any of the matches."""
    game, net = skirmish("defeat-roaches"), network("defeat-roaches", activation="tanh")
    observation = seen(game, 8)
    full = torch.rand(1, game.observation.size, generator=torch.Generator().manual_seed(1)) + 0.1
    logits, values, _ = net(torch.cat([observation, full]), torch.zeros(9, 0))
    alone, value, _ = net(observation, torch.zeros(8, 0))
    assert (alone[:, 23] == 0).all()
    torch.testing.assert_close(logits[:8], alone)
    torch.testing.assert_close(values[:8], value)


@pytest.mark.parametrize("scenario", ["2s3z", "random", "move-to-beacon", "defeat-roaches", "collect-minerals-and-gas"])
def test_every_scenario_has_a_network_whose_gradient_is_finite(scenario: str) -> None:
    game, net = skirmish(scenario), network(scenario)
    logits, values, _ = net(seen(game, 8), torch.zeros(8, 0))
    assert logits.shape == (8, game.action.count, game.action.choices)
    (logits.square().sum() + values.sum()).backward()
    for name, weights in net.named_parameters():
        assert weights.grad is not None, name
        assert torch.isfinite(weights.grad).all(), name


def test_with_memory_the_sequence_is_the_steps_one_by_one() -> None:
    game, net = skirmish(), network(memory="gru")
    steps = torch.stack([seen(game, 4) + 0.1 * t for t in range(3)])
    fresh = torch.tensor([[True] * 4, [False, True, False, False], [False] * 4])
    logits, values = net.sequence(steps, torch.zeros(4, 16), fresh)
    state = torch.zeros(4, 16)
    for t in range(3):
        one, value, state = net(steps[t], state * ~fresh[t].unsqueeze(-1))
        torch.testing.assert_close(one, logits[t])
        torch.testing.assert_close(value, values[t])


# --- what a network is given to see ---


def test_an_open_loop_policy_sees_the_time_and_nothing_else() -> None:
    game = skirmish()
    net = build(configure(game, sees="time", hidden=(16,)), 1)
    assert net.config.kind == "flat"
    observation = seen(game)
    observation[:, 0] = 0.5
    logits, values, _ = net(observation, torch.zeros(32, 0))
    assert (logits == logits[0]).all()
    assert (values == values[0]).all()
    observation[0, 0] = 0.25
    assert (net(observation, torch.zeros(32, 0))[0][0] != logits[0]).any()


def test_what_a_network_sees_is_part_of_its_identity_and_its_file(tmp_path) -> None:
    game = skirmish()
    shapes = [configure(game, "flat", sees) for sees in ("", "time", "time, score")]
    policies = [NetworkPolicy(build(shape)) for shape in shapes]
    assert len({policy.policy_hash for policy in policies}) == 3
    for policy in (*policies, NetworkPolicy(network())):
        save_policy(tmp_path / "kept.safetensors", policy, game)
        loaded = load_policy(tmp_path / "kept.safetensors", game)
        assert loaded.policy_hash == policy.policy_hash
        assert loaded.network.config == policy.network.config


def test_the_identity_of_a_network_that_sees_all_is_what_it_was() -> None:
    """Policies saved before there were kinds of networks keep their hashes."""
    saved = {"features": 3, "sizes": [2], "hidden": [8], "activation": "relu", "memory": "none"}
    assert NetworkConfig(3, (2,), hidden=(8,)).as_json() == saved
    assert NetworkConfig.from_json(saved) == NetworkConfig(3, (2,), hidden=(8,))


def test_wrong_blocks_and_kinds_are_refused_by_name() -> None:
    with pytest.raises(PolicyError, match="did you mean 'time'"):
        configure(skirmish(), sees="tme")
    with pytest.raises(PolicyError, match="is 'flat'"):
        configure(skirmish(), "entities", sees="time")
    with pytest.raises(PolicyError, match="there are: 'entities'"):
        build(NetworkConfig(3, (2,), kind="unheard-of"))


@pytest.mark.parametrize("settings", [{"network": "auto"}, {"network": "flat", "sees": "time"}])
def test_ppo_trains_what_it_is_asked_for(settings) -> None:
    game = skirmish()
    first, again = (
        PPO(game, PPOConfig(**{**vars(SMALL), **settings}), BotPolicy("attack-move"), seed=4) for _ in range(2)
    )
    before = [weights.clone() for weights in first.network.parameters()]
    assert first.iterate().entropy == again.iterate().entropy
    assert first.network.config.kind == ("entities" if settings["network"] == "auto" else "flat")
    assert any(not torch.equal(a, b) for a, b in zip(before, first.network.parameters(), strict=True))
    for a, b in zip(first.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(a, b)


def test_ppo_learns_the_same_without_slots_that_never_had_a_choice(monkeypatch) -> None:
    """Of 24 slots of marines nine begin with one."""
    game, settings = skirmish("defeat-roaches"), PPOConfig(**{**vars(SMALL), "network": "entities"})
    short, whole = (PPO(game, settings, seed=4) for _ in range(2))
    monkeypatch.setattr(whole, "_slots_with_a_choice", lambda: 24)
    figures = short.iterate(), whole.iterate()
    assert short._slots_with_a_choice() == 9
    assert figures[0].entropy == pytest.approx(figures[1].entropy)
    assert figures[0].entropy > 1
    for a, b in zip(short.network.parameters(), whole.network.parameters(), strict=True):
        torch.testing.assert_close(a, b)
    short.masks[1, 2, 20, :2] = True
    assert short._slots_with_a_choice() == 21


def test_without_the_outcome_the_reward_is_shaping_alone() -> None:
    ppo = PPO("example", PPOConfig(**{**vars(SMALL), "outcome": 0.0, "shaping": 2.0}), BotPolicy("walker"))
    for _ in range(4):
        ppo._collect()
    whole = PPO("example", PPOConfig(**{**vars(SMALL), "shaping": 2.0}), BotPolicy("walker"))
    for _ in range(4):
        whole._collect()
    assert whole.done.any()
    apart = whole.rewards - ppo.rewards
    assert (apart[~whole.done] == 0).all()
    assert apart[whole.done].abs().max() == 1  # the outcome of a match


def test_every_kind_is_a_policy_of_the_games_it_fits() -> None:
    assert list(NETWORKS)[-1] == "flat"  # the one that fits everything is asked last
    assert network().embed[0].out_features == EMBEDDED


def test_a_unit_is_told_the_way_to_what_is_nearest() -> None:
    """Two shards: attention is on the near one, and what it finds of it is its direction."""
    game, net = skirmish("collect-mineral-shards"), network("collect-mineral-shards")
    _, ((own, _, width, place), (node, _, wide, at)), _ = net.config.layout
    observation = torch.zeros(1, game.observation.size)
    for first, x, y in ((own, 0.1, 0.2), (node, 0.1, 0.4), (node + wide, -0.9, -0.9)):
        observation[0, first] = 1
        observation[0, first + place : first + place + 2] = torch.tensor([x, y])
    assert (place, at) == (1, 1)
    _, (embedded, here, places) = net._first(observation)
    towards = places[1].unsqueeze(1) - places[0].unsqueeze(2)
    apart = torch.cat([towards, towards.norm(dim=-1, keepdim=True)], -1)
    found = net._look(embedded[0], embedded[1], here[1], apart)[0, 0, EMBEDDED:]
    torch.testing.assert_close(found, torch.tensor([0.0, 0.8, 0.8]), atol=1e-3, rtol=0)
    assert width > wide


def test_a_policy_begins_with_the_taste_it_is_given() -> None:
    game = skirmish()
    bias = taste(game, "nothing:2, attack:1")
    assert bias.tolist() == [[2.0, *[0.0] * 9, 1.0, 1.0, 1.0]] * game.action.count
    for kind, lean, favoured in (("flat", "attack:3", slice(10, 13)), ("entities", "nothing:3", slice(0, 1))):
        settings = PPOConfig(**{**vars(SMALL), "network": kind, "lean": lean})
        ppo = PPO(game, settings, BotPolicy("attack-move"), seed=1)
        logits, _, _ = ppo.network(seen(game), torch.zeros(32, 0))
        apart = logits[..., favoured].mean() - logits[..., 2:10].mean()
        assert float(apart.detach()) == pytest.approx(3, abs=0.2)
        kept = PPO(game, settings, BotPolicy("attack-move"), seed=1, network=ppo.network)
        torch.testing.assert_close(kept.network(seen(game), torch.zeros(32, 0))[0], logits)  # no second time


def test_a_taste_for_what_there_is_not_is_refused() -> None:
    with pytest.raises(PolicyError, match="did you mean 'attack'"):
        taste(skirmish(), "atack:1")
    with pytest.raises(PolicyError, match="expected WORD:NUMBER"):
        taste(skirmish(), "attack")
    with pytest.raises(ValueError, match="no bias on choices that name a row"):
        network().lean(taste(skirmish(), "attack:1"))
