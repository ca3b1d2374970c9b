"""The actor-critic: its distribution against torch's own, its memory, and its initial weights."""

import pytest
import torch
from torch import nn
from torch.distributions import Categorical

from kumite.agents.network import (
    FLOOR,
    ActorCritic,
    NetworkConfig,
    chosen,
    entropy,
    masked_log_probs,
    sample,
)
from kumite.arenas import make_game

torch.set_num_threads(1)
SIZES = (4, 2, 3)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits [n, 3, 4] and masks with a legal choice everywhere."""
    rng = generator(1)
    mask = torch.rand(n, 3, 4, generator=rng) < 0.5
    mask[..., 0] = True
    return 3 * torch.randn(n, 3, 4, generator=rng), mask


def test_probabilities_and_entropy_are_those_of_a_masked_categorical() -> None:
    logits, mask = drawn(500)
    expected = Categorical(logits=torch.where(mask, logits, -torch.inf))
    log_probs = masked_log_probs(logits, mask)
    torch.testing.assert_close(log_probs[mask], expected.logits[mask])
    assert (log_probs[~mask] == FLOOR).all()
    actions = expected.sample()
    torch.testing.assert_close(chosen(log_probs, actions), expected.log_prob(actions).sum(-1))
    by_hand = torch.where(mask, -expected.probs * expected.logits, torch.tensor(0.0)).sum((-2, -1))
    torch.testing.assert_close(entropy(log_probs), by_hand)


def test_no_gradient_reaches_an_illegal_choice_and_none_is_nan() -> None:
    logits, mask = drawn(200)
    logits[0] *= 1e4
    logits.requires_grad_(True)
    log_probs = masked_log_probs(logits, mask)
    (chosen(log_probs, mask.int().argmax(-1)).sum() + entropy(log_probs).sum()).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[~mask] == 0).all()


def test_samples_follow_the_distribution() -> None:
    logits, mask = drawn(1)
    n = 40_000
    log_probs = masked_log_probs(logits, mask).expand(n, -1, -1)
    actions = sample(log_probs, mask.expand(n, -1, -1), torch.rand(n, 3, generator=generator()))
    shares = nn.functional.one_hot(actions, 4).float().mean(0)
    assert (shares - log_probs[0].exp() * mask[0]).abs().max() < 5 * 0.5 / n**0.5


@pytest.mark.parametrize("uniform", [0.0, 1 - 2**-24])
def test_the_ends_of_the_unit_interval_give_legal_choices(uniform: float) -> None:
    logits, mask = drawn(5000)
    logits *= 20  # many probabilities underflow
    actions = sample(masked_log_probs(logits, mask), mask, torch.full((5000, 3), uniform))
    assert mask.gather(-1, actions.unsqueeze(-1)).all()


def test_a_network_fits_the_specs_of_its_game() -> None:
    game = make_game("classic/kuhn")
    network = ActorCritic(NetworkConfig.of(game, hidden=(8,)))
    logits, values, state = network(torch.zeros(5, game.observation.size), torch.zeros(5, 0))
    assert logits.shape == (5, game.action.count, game.action.choices)
    assert values.shape == (5,)
    assert state.shape == (5, 0)


def test_the_policy_starts_near_uniform_and_the_seed_decides_the_weights() -> None:
    first, again, other = (ActorCritic(NetworkConfig(6, SIZES), seed) for seed in (5, 5, 6))
    logits, _, _ = first(torch.randn(100, 6, generator=generator()), torch.zeros(100, 0))
    assert logits.abs().max() < 0.2
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_making_a_network_draws_nothing_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    ActorCritic(NetworkConfig(6, SIZES, memory="gru"))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("options", "word"),
    [({"activation": "rel"}, "did you mean 'relu'"), ({"memory": "lstm"}, "'gru'"), ({"hidden": ()}, "widths")],
)
def test_wrong_settings_are_refused(options: dict, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        NetworkConfig(6, SIZES, **options)


def test_a_configuration_survives_json() -> None:
    config = NetworkConfig(6, SIZES, hidden=(32, 16), activation="tanh", memory="gru")
    assert NetworkConfig.from_json(config.as_json()) == config


# --- memory ---


def recurrent() -> ActorCritic:
    return ActorCritic(NetworkConfig(6, SIZES, hidden=(16, 8), memory="gru"), 3)


def test_the_memory_is_torchs_gated_recurrent_unit() -> None:
    network, theirs = recurrent(), nn.GRUCell(16, 16)
    theirs.load_state_dict(
        {
            "weight_ih": network.gate_input.weight,
            "weight_hh": network.gate_memory.weight,
            "bias_ih": network.gate_input.bias,
            "bias_hh": network.gate_memory.bias,
        }
    )
    seen, memory = torch.randn(9, 6, generator=generator()), torch.randn(9, 16, generator=generator(1))
    after = network(seen, memory)[2]
    torch.testing.assert_close(after, theirs(torch.relu(network.layers[0](seen)), memory))


@pytest.mark.parametrize("memory", ["none", "gru"])
def test_a_sequence_is_its_steps_one_by_one_with_memory_fresh_where_a_match_begins(memory: str) -> None:
    network = ActorCritic(NetworkConfig(6, SIZES, hidden=(16, 8), memory=memory), 3)
    network.head.weight.data.mul_(30)
    rng = generator(2)
    seen, fresh = torch.randn(12, 7, 6, generator=rng), torch.rand(12, 7, generator=rng) < 0.3
    start = torch.randn(7, network.state_size, generator=rng)
    logits, values = network.sequence(seen, start, fresh)
    state = start
    for t in range(12):
        state = torch.where(fresh[t].unsqueeze(-1), torch.zeros(()), state)
        step_logits, step_values, state = network(seen[t], state)
        torch.testing.assert_close(logits[t], step_logits)
        torch.testing.assert_close(values[t], step_values)


def test_what_came_before_a_match_does_not_reach_into_it() -> None:
    network, rng = recurrent(), generator(2)
    network.head.weight.data.mul_(30)
    seen, fresh = torch.randn(6, 4, 6, generator=rng), torch.zeros(6, 4, dtype=torch.bool)
    fresh[3] = True
    one, _ = network.sequence(seen, torch.zeros(4, 16), fresh)
    changed = seen.clone()
    changed[:3] += 1
    other, _ = network.sequence(changed, torch.ones(4, 16), fresh)
    assert torch.equal(one[3:], other[3:])
    assert (one[:3] - other[:3]).abs().min() > 0
