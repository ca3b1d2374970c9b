"""PPO: what it collects, what it estimates, that it repeats itself exactly, goes on from a snapshot, and learns."""

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from kumite import arenas
from kumite.agents.bench import bench_ppo
from kumite.agents.checkpoint import load_snapshot, save_snapshot
from kumite.agents.network import ActorCritic, NetworkConfig, chosen, masked_log_probs
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, Policy, PolicyError, UniformPolicy
from kumite.agents.ppo import PPO, PPOConfig, Progress
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.arena import ArenaError, Game

torch.set_num_threads(1)


def config(**settings: Any) -> PPOConfig:
    small = {"matches": 32, "horizon": 8, "minibatch": 64, "hidden": (16, 16), "threads": 1}
    return PPOConfig(**{**small, **settings})


def frozen(arena: str, seed: int = 9, **options: Any) -> NetworkPolicy:
    network = ActorCritic(NetworkConfig.of(arenas.make_game(arena), hidden=(16, 16), **options), seed)
    network.head.weight.data[:-1].mul_(100)
    return NetworkPolicy(network)


MIXED = MixturePolicy([BotPolicy("gambler"), UniformPolicy(), frozen("example", memory="gru")], [1, 1, 2])


# --- what is collected ---


def test_without_opponents_both_sides_are_samples() -> None:
    ppo = PPO("example", config())
    assert ppo.seats.tolist() == list(range(64))
    ppo.iterate()
    assert ppo.steps == 64 * 8
    # The two sides of a match see each other's squares.
    assert torch.equal(ppo.observations[:, 0::2], ppo.observations[:, 1::2].flip(-1))


def test_against_opponents_one_side_is_a_sample_by_turns_or_as_asked() -> None:
    assert PPO("example", config(matches=4), BotPolicy("walker")).seats.tolist() == [0, 3, 4, 7]
    assert PPO("example", config(matches=4, side=1), BotPolicy("walker")).seats.tolist() == [1, 3, 5, 7]
    shared = PPO("example", config(matches=4, self_play=0.5), BotPolicy("walker"))
    assert shared.seats.tolist() == [0, 1, 2, 3, 4, 7]
    assert shared.lineup is not None
    assert shared.lineup.seats.tolist() == [5, 6]
    assert PPO("example", config(matches=4, self_play=1.0), BotPolicy("walker")).lineup is None


@pytest.mark.parametrize("memory", ["none", "gru"])
@pytest.mark.parametrize("arena", ["example", "classic/kuhn"])
def test_the_rollout_is_legal_and_its_log_probabilities_are_the_networks(arena: str, memory: str) -> None:
    """Also in the third rollout, which begins in the middle of matches: memory is kept, or fresh where one begins."""
    ppo = PPO(arena, config(memory=memory), UniformPolicy(), seed=3)
    ppo.network.head.weight.data[:-1].mul_(100)
    for _ in range(3):
        ppo._collect()
    assert ppo.masks.gather(-1, ppo.actions.unsqueeze(-1)).all()
    assert ppo.done.any()
    assert not ppo.done.all()
    with torch.no_grad():
        logits, values = ppo.network.sequence(ppo.observations, ppo.memory_before, ppo.fresh[:-1])
    torch.testing.assert_close(chosen(masked_log_probs(logits, ppo.masks), ppo.actions), ppo.log_probs)
    torch.testing.assert_close(values, ppo.values[:-1])
    assert int(ppo.batch.illegal.sum()) == 0


def test_memory_is_fresh_where_a_match_begins() -> None:
    ppo = PPO("example", config(memory="gru"), BotPolicy("walker"))
    for _ in range(3):
        ppo._collect()
        ended = ppo.done[-1]
        assert (ppo.memory[ended] == 0).all()
        assert (ppo.memory[~ended].abs().sum(1) > 0).all()
    begun = ppo.fresh[:-1]
    assert torch.equal(begun[1:], ppo.done[:-1])
    assert (ppo.observations[begun] == 0).all()  # on the example's track both sides start at square 0


def test_opponents_are_drawn_once_per_match_and_the_figures_know_them() -> None:
    ppo = PPO("example", config(matches=300), MIXED)
    lineup = ppo.lineup
    assert lineup is not None
    changes = []
    kept, step = lineup.seated.copy(), ppo.batch.step

    def watched(actions: np.ndarray) -> None:
        nonlocal kept
        changes.append((lineup.seated != kept, ppo.batch.done.copy()))
        kept = lineup.seated.copy()
        step(actions)

    ppo.batch.step = watched
    *_, progress = ppo.iterations(300 * 8 * 4)
    assert all(not (changed & ~ended).any() for changed, ended in changes)
    assert sum(changed.sum() for changed, _ in changes) > 100
    assert set(progress.against) == {"gambler", "uniform", "network"}
    games = sum(count for count, _ in progress.against.values())
    mean = sum(count * utility for count, utility in progress.against.values()) / games
    assert mean == pytest.approx(progress.mean_return)


def test_shaping_adds_the_score_and_falls_to_nothing() -> None:
    """On the example's track the outcome comes at the end and the score is the squares gained on the other."""
    plain = PPO("example", config(), BotPolicy("walker"), seed=4)
    shaped = PPO("example", config(shaping=0.5, shaping_steps=2 * 32 * 8), BotPolicy("walker"), seed=4)
    plain._collect()
    shaped._collect()
    lead = plain.observations[..., 0] - plain.observations[..., 1]
    inside = ~plain.done[:-1]
    gained = 10 * (lead[1:] - lead[:-1])
    torch.testing.assert_close(shaped.rewards[:-1][inside], (plain.rewards[:-1] + 0.5 * gained)[inside])
    shaped.steps = 32 * 8
    assert shaped._falling(0.5, 2 * 32 * 8) == 0.25
    shaped.steps = 3 * 32 * 8
    shaped._collect()
    assert set(shaped.rewards.unique().tolist()) <= {-1.0, 0.0, 1.0}


# --- estimates ---


def test_advantages_are_the_sum_of_discounted_surprises_within_a_match() -> None:
    ppo = PPO("example", config(gamma=0.9, gae_lambda=0.8), BotPolicy("walker"))
    rng = torch.Generator().manual_seed(0)
    for buffer in (ppo.rewards, ppo.values):
        buffer.copy_(torch.randn(buffer.shape, generator=rng))
    ppo.done.copy_(torch.rand(ppo.done.shape, generator=rng) < 0.3)
    found = ppo._advantages()
    for row in range(32):
        for begin in range(8):
            total = 0.0
            for t in range(begin, 8):
                over = bool(ppo.done[t, row])
                following = 0.0 if over else 0.9 * float(ppo.values[t + 1, row])
                total += 0.72 ** (t - begin) * (float(ppo.rewards[t, row]) + following - float(ppo.values[t, row]))
                if over:
                    break
            assert float(found[begin, row]) == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize("memory", ["none", "gru"])
def test_an_epoch_sees_every_sample_once(memory: str) -> None:
    ppo = PPO("example", config(memory=memory, epochs=2, minibatch=60), BotPolicy("walker"))
    pieces = [piece.tolist() for piece in ppo._minibatches()]
    total = 32 if memory == "gru" else 32 * 8
    epoch = len(pieces) // 2
    assert sorted(chain(*pieces[:epoch])) == sorted(chain(*pieces[epoch:])) == list(range(total))
    assert pieces[:epoch] != pieces[epoch:]
    samples = [len(piece) * (8 if memory == "gru" else 1) for piece in pieces]
    assert 30 < min(samples) <= max(samples) < 90


def test_a_magnet_holds_the_policy() -> None:
    def distance(coefficient: float) -> float:
        magnet = frozen("example").network
        settings = config(magnet_coefficient=coefficient, learning_rate=3e-3, entropy_coefficient=0.0)
        ppo = PPO("example", settings, BotPolicy("walker"), magnet=magnet)
        ppo.train(32 * 8 * 40)
        seen = ppo.observations.flatten(0, 1)
        mask = ppo.masks.flatten(0, 1)
        with torch.no_grad():
            mine = masked_log_probs(ppo.network(seen, torch.zeros(len(seen), 0))[0], mask)
            theirs = masked_log_probs(magnet(seen, torch.zeros(len(seen), 0))[0], mask)
        return float((mine.exp() * (mine - theirs)).sum((-2, -1)).mean())

    assert distance(5.0) < 0.1 * distance(0.0)


# --- repeating and going on ---


def weights(ppo: PPO) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in ppo.network.state_dict().values()]


def same(one: PPO, other: PPO) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def learner(seed: int = 1, **settings: Any) -> PPO:
    return PPO("example", config(memory="gru", self_play=0.25, **settings), MIXED, seed)


def test_two_runs_of_one_seed_are_equal_to_the_bit() -> None:
    runs = [learner(), learner(), learner(seed=2)]
    figures = [run.train(1000) for run in runs]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2])
    assert [figures[0].entropy, figures[0].kl] == [figures[1].entropy, figures[1].kl]
    assert runs[0].batch.state.tobytes() == runs[1].batch.state.tobytes()


def test_training_touches_no_global_generator() -> None:
    before = torch.get_rng_state()  # numpy's may not even be named: tests/test_randomness.py
    learner().train(500)
    assert torch.equal(before, torch.get_rng_state())


def test_a_snapshot_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    straight = learner(anneal_steps=5000)
    straight.train(1000)
    save_snapshot(tmp_path / "snapshot", straight.state_dict())
    straight.train(1000)

    resumed = learner(seed=77, anneal_steps=5000)  # whatever it did before is forgotten
    resumed.train(300)
    resumed.load_state_dict(load_snapshot(tmp_path / "snapshot"))
    resumed.train(1000)
    assert same(straight, resumed)
    assert (straight.steps, straight.matches) == (resumed.steps, resumed.matches)
    assert straight.batch.state.tobytes() == resumed.batch.state.tobytes()


def test_a_snapshot_is_not_changed_by_training_on() -> None:
    ppo = learner()
    ppo.train(300)
    saved = ppo.state_dict()
    network = {name: tensor.clone() for name, tensor in saved["network"].items()}
    moments, memory = saved["optimizer"][0]["exp_avg"].clone(), saved["memory"].clone()
    ppo.train(600)
    assert all(torch.equal(network[name], tensor) for name, tensor in saved["network"].items())
    assert torch.equal(moments, saved["optimizer"][0]["exp_avg"])
    assert torch.equal(memory, saved["memory"])


def test_a_snapshot_with_other_opponents_is_refused() -> None:
    saved = learner().state_dict()
    other = PPO("example", config(memory="gru", self_play=0.25), MixturePolicy([UniformPolicy(), BotPolicy("walker")]))
    with pytest.raises(PolicyError, match="saved with opponents"):
        other.load_state_dict(saved)


# --- the face ---


def test_threads_are_set_in_each_iteration_not_only_in_train() -> None:
    ppo = PPO("example", config(threads=1))
    torch.set_num_threads(2)
    ppo.iterate()
    assert torch.get_num_threads() == 1


def test_the_callback_sees_each_iteration_and_may_stop() -> None:
    ppo, seen = PPO("example", config()), []

    def callback(progress: Progress) -> bool:
        seen.append(progress.steps)
        return len(seen) < 3

    ppo.train(10**6, callback)
    assert seen == [512, 1024, 1536]


def test_scalars_go_to_the_writer() -> None:
    class Writer:
        def __init__(self) -> None:
            self.rows: list[tuple[str, float, int]] = []

        def add_scalar(self, name: str, value: float, step: int) -> None:
            self.rows.append((name, value, step))

    writer = Writer()
    PPO("example", config(), writer=writer).train(1024)
    names = {name for name, _, _ in writer.rows}
    assert {"ppo/entropy", "ppo/kl", "ppo/clip_fraction", "ppo/win_rate", "ppo/steps_per_second"} <= names
    assert {step for _, _, step in writer.rows} == {512, 1024}
    assert all(np.isfinite(value) for _, value, _ in writer.rows)


def test_a_policy_taken_from_the_learner_stays_as_it_was() -> None:
    ppo = PPO("example", config())
    policy = ppo.policy("greedy", "first")
    before = policy.identity()
    ppo.train(2000)
    assert policy.identity() == before
    assert ppo.policy("greedy").policy_hash != policy.policy_hash


def test_wrong_uses_are_refused() -> None:
    with pytest.raises(PolicyError, match="expected 1 or more samples"):
        PPO("example", config()).train(0)
    with pytest.raises(PolicyError, match="the settings and the game ask for"):
        PPO("example", config(), network=ActorCritic(NetworkConfig(2, (3,))))
    with pytest.raises(ArenaError, match="did you mean 'example'"):
        PPO("exampel", config())


def test_the_benchmark_compares_with_an_environment_that_costs_nothing() -> None:
    found = bench_ppo("example", seconds=0.5, config=config(matches=64))
    assert found["samples_per_second"] > 0
    assert found["share_of_null"] == pytest.approx(found["samples_per_second"] / found["null_samples_per_second"])
    assert found["sizes"] == [3]
    assert found["torch_threads"] == 1
    network = frozen("example").network
    found = bench_ppo("example", seconds=0.1, opponents=MIXED, network=network, config=config(matches=64))
    assert found["iterations"] >= 3
    assert found["bare_samples_per_second"] > found["null_samples_per_second"]


# --- learning ---


def utility(game: Game, policy: Policy, opponent: Policy, matches: int = 4000) -> tuple[float, float]:
    """Mean utility over fresh matches, half from each seat, and its standard error."""
    from kumite.agents.lineup import Lineup
    from kumite.arenas.batch import Batch

    batch, rng = Batch(game, matches, 123, threads=1), np.random.default_rng(5)
    seats = np.arange(matches) * 2 + np.arange(matches) % 2
    lineups = [Lineup(batch, seats, policy, rng), Lineup(batch, seats ^ 1, opponent, rng)]
    result = np.full(matches, np.nan)
    while np.isnan(result).any():
        actions = np.zeros((2 * matches, game.action.count), np.int16)
        for lineup in lineups:
            seen, legal = batch.observations, batch.masks
            lineup.act(seen.reshape(2 * matches, -1), legal.reshape(2 * matches, *legal.shape[2:]), actions)
        batch.step(actions.reshape(batch.actions.shape))
        first = batch.done & np.isnan(result)
        result[first] = batch.utility.reshape(-1)[seats][first]
        for lineup in lineups:
            lineup.draw(batch.done)
    return float(result.mean()), float(result.std() / matches**0.5)


def test_the_pages_example_runs() -> None:
    page = (Path(__file__).parents[1] / "agents" / "README.md").read_text(encoding="utf-8")
    (example,) = [block for block in page.split("```python\n") if block.startswith("from kumite")]
    code = example.split("```")[0].replace("200_000", "5_000")
    assert "5_000" in code
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert isinstance(names["policy"], NetworkPolicy)
    assert names["ppo"].steps >= 5000


@pytest.mark.parametrize("memory", ["none", "gru"])
def test_it_learns_to_outrun_the_walker(memory: str) -> None:
    """Uniform play hardly ever arrives before the walker; running always does in about six matches of seven."""
    settings = config(matches=128, horizon=16, minibatch=512, learning_rate=3e-3, memory=memory)
    ppo = PPO("example", settings, BotPolicy("walker"), seed=2)
    before, _ = utility(ppo.game, ppo.policy(), BotPolicy("walker"), 1000)
    ppo.train(120_000)
    after, error = utility(ppo.game, ppo.policy(), BotPolicy("walker"))
    running, _ = utility(ppo.game, ConstantPolicy([2]), BotPolicy("walker"))
    assert before < 0
    assert after > running - 4 * error - 0.05


def test_self_play_learns_to_run_too() -> None:
    ppo = PPO("example", config(matches=128, horizon=16, minibatch=512, learning_rate=3e-3), seed=2)
    ppo.train(120_000)
    after, error = utility(ppo.game, ppo.policy(), BotPolicy("walker"))
    assert after - 4 * error > 0.5


UNIFORM_EXPLOITABILITY = 0.458333
"""Of uniform play in Kuhn poker, in chips a game: what a best response wins, the mean of both seats."""


@pytest.mark.slow
@pytest.mark.parametrize("memory", ["none", "gru"])
def test_it_finds_the_best_response_to_uniform_play_in_kuhn_poker(memory: str) -> None:
    settings = PPOConfig(
        matches=256,
        horizon=16,
        minibatch=1024,
        hidden=(64, 64),
        activation="tanh",
        gamma=1.0,
        entropy_coefficient=0.05,
        memory=memory,
        threads=1,
    )
    ppo = PPO("classic/kuhn", settings, UniformPolicy(), seed=1)
    ppo.train(1_000_000)
    value, error = utility(ppo.game, ppo.policy("greedy"), UniformPolicy(), 40_000)
    assert value == pytest.approx(UNIFORM_EXPLOITABILITY, abs=4 * error + 0.005)
