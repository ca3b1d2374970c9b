"""Policies: masks are never violated, memory is fresh where a match began, a mixture is drawn once per match."""

import functools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kumite import arenas
from kumite.agents.lineup import Lineup
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import (
    BotPolicy,
    ConstantPolicy,
    MixturePolicy,
    Policy,
    PolicyError,
    UniformPolicy,
)
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.batch import Batch

torch.set_num_threads(1)
SIZES = (5, 2, 3)
FEATURES = 4


def network(seed: int = 0, **options: Any) -> ActorCritic:
    return ActorCritic(NetworkConfig(FEATURES, SIZES, hidden=(16, 16), **options), seed)


@functools.cache
def policies() -> tuple[Policy, ...]:
    sharp = network(1)
    sharp.head.weight.data.mul_(1e5)  # logits in the thousands: a legal choice may have a probability of exactly 0
    members: list[Policy] = [UniformPolicy(), ConstantPolicy([4, 1, 2]), NetworkPolicy(network(memory="gru"))]
    return (
        *members,
        NetworkPolicy(sharp),
        NetworkPolicy(sharp, "greedy"),
        NetworkPolicy(network(2), "temperature=0.01"),
        MixturePolicy([*members, NetworkPolicy(sharp, "greedy")], [1, 2, 3, 4]),
    )


def random_masks(rng: np.random.Generator, n: int, density: float = 0.4) -> np.ndarray:
    masks = np.zeros((n, len(SIZES), max(SIZES)), np.uint8)
    for slot, size in enumerate(SIZES):
        masks[:, slot, :size] = rng.random((n, size)) < density
        masks[np.arange(n), slot, rng.integers(size, size=n)] = 1
    return masks


def legal(actions: np.ndarray, masks: np.ndarray) -> bool:
    return bool(np.take_along_axis(masks, actions[..., None].astype(np.int64), -1).all())


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), density=st.sampled_from([0.0, 0.2, 0.9]))
@pytest.mark.parametrize("number", range(len(policies())))
def test_a_policy_never_chooses_what_is_illegal(number: int, seed: int, density: float) -> None:
    policy, rng = policies()[number], np.random.default_rng(seed)
    state = policy.initial_state(50)
    for _ in range(3):
        masks = random_masks(rng, 50, density)
        observation = rng.normal(size=(50, FEATURES)).astype(np.float32)
        actions, state = policy.act(observation, masks, state, rng)
        assert actions.dtype == np.int16
        assert actions.shape == (50, len(SIZES))
        assert state.shape == (50, policy.state_size)
        assert legal(actions, masks)


@pytest.mark.parametrize("number", range(len(policies())))
def test_refine_is_asked_slot_by_slot_about_the_right_rows(number: int) -> None:
    """The second slot may only repeat the parity of the first; rows are told apart by their number."""
    policy, rng = policies()[number], np.random.default_rng(3)
    masks = np.zeros((40, len(SIZES), max(SIZES)), np.uint8)
    for slot, size in enumerate(SIZES):
        masks[:, slot, :size] = 1
    asked: list[tuple[int, int]] = []

    def refine(rows: np.ndarray, slot: int, actions: np.ndarray, mask: np.ndarray) -> np.ndarray:
        asked.extend((int(row), slot) for row in rows)
        left = mask.copy()
        if slot == 1:
            left[np.arange(len(rows)), 1 - (actions[:, 0] + rows) % 2] = 0
        return left

    observation = rng.normal(size=(40, FEATURES)).astype(np.float32)
    actions, _ = policy.act(observation, masks, policy.initial_state(40), rng, refine)
    assert (actions[:, 1] == (actions[:, 0] + np.arange(40)) % 2).all()
    assert sorted(asked) == [(row, slot) for row in range(40) for slot in range(len(SIZES))]


def test_uniform_play_is_uniform_over_what_is_legal() -> None:
    masks = np.zeros((60_000, 1, 4), np.uint8)
    masks[:, 0, [0, 2, 3]] = 1
    policy = UniformPolicy()
    actions, _ = policy.act(np.zeros((60_000, 1)), masks, policy.initial_state(60_000), np.random.default_rng(0))
    counts = np.bincount(actions[:, 0], minlength=4)
    assert counts[1] == 0
    assert np.abs(counts[[0, 2, 3]] - 20_000).max() < 5 * np.sqrt(60_000 * 2 / 9)


def test_a_constant_action_gives_way_to_the_lowest_legal_choice() -> None:
    masks = np.array([[[1, 1, 1]], [[1, 0, 1]], [[0, 0, 1]]], np.uint8)
    actions, _ = ConstantPolicy([1]).act(np.zeros((3, 1)), masks, np.zeros((3, 0)), np.random.default_rng(0))
    assert actions[:, 0].tolist() == [1, 0, 2]
    with pytest.raises(PolicyError, match="1 slots, the action has 2"):
        ConstantPolicy([1, 1]).act(np.zeros((3, 1)), masks, np.zeros((3, 0)), np.random.default_rng(0))


# --- mixtures ---


class Marked(Policy):
    """Always plays one choice of the first slot, and counts its decisions in its memory."""

    state_size = 1

    def __init__(self, choice: int):
        self.choice, self.name = choice, f"marked-{choice}"

    def act(self, observation: Any, mask: Any, state: Any, rng: Any, refine: Any = None) -> tuple[Any, Any]:
        actions = np.zeros(mask.shape[:2], np.int16)
        actions[:, 0] = self.choice
        return actions, state + 1

    def identity(self) -> dict[str, Any]:
        return {"kind": "marked", "choice": self.choice}


def test_a_mixture_is_drawn_once_per_match() -> None:
    mixture = MixturePolicy([Marked(0), MixturePolicy([Marked(1), Marked(2)], [1, 3])], [0.5, 0.5])
    rng, n = np.random.default_rng(0), 8000
    masks, observation = np.ones((n, 1, 3), np.uint8), np.zeros((n, 1), np.float32)
    state = mixture.initial_state(n)
    first, state = mixture.act(observation, masks, state, rng)
    for decision in range(2, 5):
        again, state = mixture.act(observation, masks, state, rng)
        assert (again == first).all()
        assert (state[:, 1] == decision).all()
    shares = np.bincount(first[:, 0]) / n
    assert np.abs(shares - [0.5, 0.125, 0.375]).max() < 5 * 0.5 / np.sqrt(n)  # flattened weights, five standard errors

    ended = np.arange(n) % 2 == 0
    state = mixture.reset(state, ended)
    again, state = mixture.act(observation, masks, state, rng)
    assert (again[~ended] == first[~ended]).all()
    assert (state[ended, 1] == 1).all()
    assert (again[ended] == first[ended]).mean() < 0.5  # drawn afresh: alike by chance with probability 0.41


def test_act_leaves_the_memory_it_was_given_alone() -> None:
    for policy in policies():
        before = policy.initial_state(6)
        kept = before.copy()
        policy.act(
            np.ones((6, FEATURES), np.float32),
            random_masks(np.random.default_rng(0), 6),
            before,
            np.random.default_rng(0),
        )
        assert (before == kept).all()


@pytest.mark.parametrize(
    ("weights", "word"),
    [([1.0], "expected one each"), ([-1, 2], "0 or more"), ([0, 0], "not all 0"), ([1, np.nan], "numbers")],
)
def test_wrong_weights_are_refused(weights: list[float], word: str) -> None:
    with pytest.raises(PolicyError, match=word):
        MixturePolicy([UniformPolicy(), ConstantPolicy([0])], weights)


# --- identity ---


def test_the_hash_tells_policies_apart_and_knows_the_same_one_again() -> None:
    same = [NetworkPolicy(network(1)), NetworkPolicy(network(1), name="another name")]
    assert same[0].policy_hash == same[1].policy_hash
    others = [
        *same[:1],
        NetworkPolicy(network(1), "greedy"),
        NetworkPolicy(network(1), "temperature=0.5"),
        NetworkPolicy(network(2)),
        NetworkPolicy(network(1, activation="tanh")),
        UniformPolicy(),
        ConstantPolicy([0, 0, 0]),
        ConstantPolicy([0, 0, 1]),
        BotPolicy("walker"),
        MixturePolicy([UniformPolicy(), same[0]], [1, 2]),
        MixturePolicy([UniformPolicy(), same[0]], [2, 1]),
    ]
    assert len({policy.policy_hash for policy in others}) == len(others)


def test_a_network_policy_is_frozen() -> None:
    live = network(1)
    policy = NetworkPolicy(live)
    before = policy.policy_hash
    live.head.bias.data.add_(1)
    del policy.__dict__["policy_hash"]  # computed once and kept
    assert policy.policy_hash == before


@pytest.mark.parametrize("acting", ["gready", "temperature", "temperature=0", "temperature=-1", "temperature=inf", ""])
def test_a_wrong_way_of_acting_is_refused(acting: str) -> None:
    with pytest.raises(PolicyError, match="expected 'sample', 'greedy' or 'temperature='"):
        NetworkPolicy(network(), acting)


def test_a_low_temperature_sharpens_and_a_high_one_flattens() -> None:
    live = network(3)
    live.head.weight.data.mul_(50)
    masks = np.zeros((5000, len(SIZES), max(SIZES)), np.uint8)
    for slot, size in enumerate(SIZES):
        masks[:, slot, :size] = 1
    observation = np.tile(np.random.default_rng(1).normal(size=FEATURES).astype(np.float32), (5000, 1))

    def most_common(acting: str) -> float:
        policy = NetworkPolicy(live, acting)
        actions, _ = policy.act(observation, masks, policy.initial_state(5000), np.random.default_rng(0))
        return float(np.bincount(actions[:, 0]).max() / 5000)

    rates = [most_common(acting) for acting in ("temperature=10", "sample", "temperature=0.5", "greedy")]
    assert rates == sorted(rates)
    assert rates[0] < 0.3
    assert rates[-1] == 1.0


# --- lineups ---


def seats_of(batch: Batch, side: int) -> np.ndarray:
    return np.arange(len(batch)) * 2 + side


def test_a_lineup_seats_bots_in_the_batch_and_draws_again_when_a_match_ends() -> None:
    batch = Batch(arenas.make_game("example"), 400, seed=1)
    mixture = MixturePolicy([BotPolicy("walker"), ConstantPolicy([2]), BotPolicy("gambler")], [1, 1, 2])
    lineup = Lineup(batch, seats_of(batch, 1), mixture, np.random.default_rng(0))
    actions = np.zeros((800, 1), np.int16)
    seen_changes = 0
    for _ in range(30):
        seated = lineup.seated.copy()
        assert (batch.state.opponent[:, 0] == -1).all()
        assert (batch.state.opponent[:, 1] == np.array([0, -1, 1])[seated]).all()
        actions[:] = -7
        lineup.act(batch.observations.reshape(800, -1), batch.masks.reshape(800, 1, -1), actions)
        assert (actions[1::2, 0] == np.where(seated == 1, np.where(batch.masks[:, 1, 0, 2], 2, 0), -7)).all()
        actions[::2] = 1
        batch.step(np.maximum(actions, 0).reshape(400, 2, 1))
        lineup.draw(batch.done)
        assert (lineup.seated[~batch.done] == seated[~batch.done]).all()
        seen_changes += (lineup.seated != seated).sum()
    assert seen_changes > 100


def test_a_lineup_gives_fresh_memory_with_a_fresh_match() -> None:
    batch = Batch(arenas.make_game("example"), 64, seed=1)
    lineup = Lineup(batch, seats_of(batch, 1), Marked(1), np.random.default_rng(0))
    actions, played = np.ones((128, 1), np.int16), np.zeros(64)
    for _ in range(25):
        lineup.act(batch.observations.reshape(128, -1), batch.masks.reshape(128, 1, -1), actions)
        played += 1
        assert (lineup.memories[0][:, 0] == played).all()
        batch.step(actions.reshape(64, 2, 1))
        lineup.draw(batch.done)
        played[batch.done] = 0


def test_a_bot_cannot_act_from_observations() -> None:
    with pytest.raises(PolicyError, match="set_opponents"):
        BotPolicy("walker").act(np.zeros((1, 1)), np.ones((1, 1, 1)), np.zeros((1, 0)), np.random.default_rng(0))
