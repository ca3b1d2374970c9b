"""Stable-Baselines3: its models as members of a league, and its PPO as a learner."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3 import A2C, DQN, PPO

from kumite import agents
from kumite.agents.checkpoint import load_snapshot, save_snapshot
from kumite.agents.policy import BotPolicy, MixturePolicy, PolicyError, UniformPolicy
from kumite.agents.sb3 import SB3Config, SB3Learner, SB3Oracle, SB3Policy, _even_part, load_sb3, save_sb3
from kumite.arenas import make_game
from kumite.arenas.arena import Game
from kumite.arenas.facades.vec import KumiteVecEnv
from kumite.league.play import play_games

torch.set_num_threads(1)

MODELS = {
    "ppo": (PPO, {"n_steps": 8, "batch_size": 16}),
    "a2c": (A2C, {"n_steps": 8}),
    "masked": (MaskablePPO, {"n_steps": 8, "batch_size": 16}),
    "dqn": (DQN, {"buffer_size": 100}),
}


@pytest.fixture
def game() -> Game:
    return make_game("example")


def model(kind: str, arena: str = "example", bias: tuple[float, ...] | None = None) -> Any:
    """An untrained model; `bias` on its logits or values makes it prefer a choice."""
    algorithm, settings = MODELS[kind]
    with torch.random.fork_rng():
        made = algorithm("MlpPolicy", KumiteVecEnv(arena, 2), device="cpu", seed=3, **settings)
    if bias is not None:
        layer = made.policy.q_net.q_net[-1] if kind == "dqn" else made.policy.action_net
        layer.bias.data[:] = torch.tensor(bias)
    return made


def played(policy: SB3Policy, game: Game, n: int, legal: tuple[int, ...]) -> np.ndarray:
    masks = np.zeros((n, 1, game.action.choices), np.uint8)
    masks[:, 0, list(legal)] = 1
    seen = np.zeros((n, game.observation.size), np.float32)
    return policy.act(seen, masks, policy.initial_state(n), np.random.default_rng(0))[0][:, 0]


@pytest.mark.parametrize("kind", MODELS)
def test_a_saved_model_plays_in_a_league(kind: str, game: Game, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    model(kind, bias=(-9.0, -9.0, 9.0)).save(path)
    policy = agents.resolve(str(path), game, trust=True)
    assert isinstance(policy, SB3Policy)
    assert policy.name == "model"
    assert set(played(policy, game, 50, (0, 1, 2))) == {2}  # it runs
    assert 2 not in played(policy, game, 50, (0, 1))  # where it may
    records = play_games(game, policy, BotPolicy("walker"), range(200), threads=1)
    assert np.mean([record.outcome for record in records]) > 0.5


@pytest.mark.parametrize("kind", ["ppo", "masked"])
def test_probabilities_are_the_models_own(kind: str, game: Game) -> None:
    made = model(kind, bias=(0.3, -0.4, 0.9))
    policy = SB3Policy(made, game)
    seen = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        theirs = made.policy.get_distribution(seen).distribution.logits
        mine, _ = policy.logits(seen, torch.zeros(20, 0))
    torch.testing.assert_close(torch.log_softmax(mine[:, 0], -1), theirs)


def test_several_slots_lie_where_the_masks_have_them() -> None:
    fight = make_game("fight")
    made = model("masked", "fight")
    policy, start = SB3Policy(made, fight), 0
    seen = torch.rand(4, fight.observation.size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        mine, _ = policy.logits(seen, torch.zeros(4, 0))
        flat = made.policy.action_net(made.policy.mlp_extractor.forward_actor(seen))
    for slot, size in enumerate(fight.action.sizes):
        assert torch.equal(mine[:, slot, :size], flat[:, start : start + size])
        assert (mine[:, slot, size:] == 0).all()
        start += size


def test_it_chooses_from_the_generator_it_is_given(game: Game) -> None:
    policy, before = SB3Policy(model("masked"), game), torch.get_rng_state()
    assert (played(policy, game, 50, (0, 1, 2)) == played(policy, game, 50, (0, 1, 2))).all()
    assert torch.equal(before, torch.get_rng_state())


def test_a_pickle_is_read_only_on_trust(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    model("ppo").save(path)
    with pytest.raises(PolicyError, match="--trust"):
        agents.resolve(str(path), game)
    with pytest.raises(PolicyError, match="--trust"):
        load_sb3(path, game)


def test_what_does_not_fit_is_refused(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    model("ppo").save(path)
    with pytest.raises(PolicyError, match=r"the model sees \(2,\)"):
        load_sb3(path, make_game("classic/kuhn"), trust=True)
    (tmp_path / "other.zip").write_bytes(b"nothing")
    with pytest.raises(PolicyError, match="no Stable-Baselines3 model"):
        load_sb3(tmp_path / "other.zip", game, trust=True)
    model("dqn").save(path)
    with pytest.raises(PolicyError, match="it acts greedily"):
        load_sb3(path, game, acting="sample", trust=True)
    save_sb3(path, SB3Policy(model("ppo"), game), game)
    with pytest.raises(PolicyError, match="other rules or options"):
        load_sb3(path, make_game("example", length=12), trust=True)
    load_sb3(path, make_game("example", length=12), trust=True, any_rules=True)


def test_a_saved_policy_keeps_its_identity(game: Game, tmp_path: Path) -> None:
    policy = SB3Policy(model("masked"), game, "temperature=0.5", "mine")
    saved = save_sb3(tmp_path / "a.zip", policy, game, {"steps": 1})
    loaded = load_sb3(tmp_path / "a.zip", game, trust=True)
    assert (loaded.policy_hash, loaded.acting, loaded.name) == (saved, "temperature=0.5", "mine")
    assert load_sb3(tmp_path / "a.zip", game, acting="greedy", trust=True).policy_hash != saved
    model("masked").load(tmp_path / "a.zip")  # still a model for its own library


# --- the learner ---

OPPONENTS = MixturePolicy([BotPolicy("walker"), UniformPolicy()])


def task(game: Game, **options: Any) -> SimpleNamespace:
    settings = {"horizon": 16, "minibatch": 512, "hidden": (16, 16), "learning_rate": 3e-3, **options}
    config = SimpleNamespace(learner_options=settings, matches=64, threads=1)
    return SimpleNamespace(game=game, config=config, opponents=OPPONENTS, side=None, seed=5, parent=None, writer=None)


@pytest.mark.parametrize("masked", [True, False])
def test_it_learns_and_its_policy_is_saved_by_the_oracle(masked: bool, game: Game, tmp_path: Path) -> None:
    oracle, before = SB3Oracle(), torch.get_rng_state()
    learner = oracle.start(task(game, masked=masked))
    rates = []
    while learner.steps < 60_000:
        progress = learner.iterate()
        rates.append(progress.win_rate)
        assert np.isfinite([progress.scalars()["entropy_loss"], progress.scalars()["approx_kl"]]).all()
    assert progress.steps == learner.steps == 60 * 1024 - 1024
    assert np.nanmean(rates[-10:]) > np.nanmean(rates[:10]) + 0.2
    assert torch.equal(before, torch.get_rng_state())
    policy = learner.policy(name="response")
    oracle.save(tmp_path / "response.zip", policy, game, {})
    assert agents.resolve(str(tmp_path / "response.zip"), game, trust=True).policy_hash == policy.policy_hash


def test_a_response_starts_from_its_parents_weights(game: Game) -> None:
    given = task(game)
    first = SB3Oracle().start(given)
    first.iterate()
    given.parent, given.seed = first.policy(), 6
    assert SB3Oracle().start(given).policy().policy_hash == first.policy().policy_hash


def test_two_learners_of_one_seed_are_equal(game: Game) -> None:
    one, other = SB3Oracle().start(task(game)), SB3Oracle().start(task(game))
    for learner in (one, other):
        learner.iterate()
        torch.randn(7, generator=torch.Generator().manual_seed(1))
        learner.iterate()
    assert one.policy().policy_hash == other.policy().policy_hash


def test_a_snapshot_goes_on_with_the_same_weights(game: Game, tmp_path: Path) -> None:
    learner = SB3Oracle().start(task(game))
    learner.iterate()
    save_snapshot(tmp_path / "s", learner.state_dict())
    resumed = SB3Oracle().start(task(game))
    resumed.load_state_dict(load_snapshot(tmp_path / "s"))
    assert resumed.steps == learner.steps
    assert resumed.policy().policy_hash == learner.policy().policy_hash
    old, new = (x.model.policy.optimizer.state_dict()["state"] for x in (learner, resumed))
    assert all(torch.equal(old[i]["exp_avg"], new[i]["exp_avg"]) for i in old)
    assert resumed.iterate().steps == 2 * learner.steps


def test_without_opponents_both_sides_learn(game: Game) -> None:
    learner = SB3Learner(game, SB3Config(horizon=8, minibatch=64, hidden=(8,)), None, 1, matches=16, threads=1)
    assert learner.iterate().steps == 8 * 16 * 2


@pytest.mark.parametrize(("total", "wanted", "found"), [(1024, 512, 512), (1000, 300, 250), (7, 3, 1), (64, 8192, 64)])
def test_minibatches_divide_a_rollout_evenly(total: int, wanted: int, found: int) -> None:
    assert _even_part(total, wanted) == found


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, game: Game) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sb3_contrib", None)
    with pytest.raises(PolicyError, match="sb3-contrib"):
        SB3Learner(game, SB3Config(), None, 1, matches=4)
