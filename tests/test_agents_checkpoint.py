"""Checkpoints and names: what is written comes back, what does not fit is refused, and no crash leaves half a file."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from kumite import agents
from kumite.agents.checkpoint import (
    describe,
    load_policy,
    load_snapshot,
    save_policy,
    save_snapshot,
    write_atomically,
)
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, PolicyError, UniformPolicy
from kumite.agents.registry import save_mixture
from kumite.agents.trained import NetworkPolicy
from kumite.arenas import make_game
from kumite.arenas.arena import Game

torch.set_num_threads(1)


@pytest.fixture
def game() -> Game:
    return make_game("example")


def policy(game: Game, acting: str = "sample", seed: int = 1) -> NetworkPolicy:
    config = NetworkConfig.of(game, hidden=(8, 8), memory="gru")
    return NetworkPolicy(ActorCritic(config, seed), acting, "trained")


@pytest.mark.parametrize("acting", ["sample", "greedy", "temperature=0.25"])
def test_a_policy_comes_back_as_it_was(game: Game, tmp_path: Path, acting: str) -> None:
    saved = policy(game, acting)
    path = tmp_path / "new" / "trained.safetensors"
    assert save_policy(path, saved, game, {"steps": 12, "seed": 3}) == saved.policy_hash
    loaded = load_policy(path, game)
    assert (loaded.policy_hash, loaded.acting, loaded.name) == (saved.policy_hash, acting, "trained")
    rng = np.random.default_rng(0)
    seen, state = rng.normal(size=(50, 2)).astype(np.float32), rng.normal(size=(50, 8)).astype(np.float32)
    masks = np.ones((50, 1, 3), np.uint8)
    for one, other in zip(
        saved.act(seen, masks, state, np.random.default_rng(1)),
        loaded.act(seen, masks, state, np.random.default_rng(1)),
        strict=True,
    ):
        assert (one == other).all()
    about = describe(path)
    assert about["arena"] == "example"
    assert about["training"] == {"steps": 12, "seed": 3}
    assert about["options"] == {"length": 10}
    assert [file.name for file in path.parent.iterdir()] == ["trained.safetensors"]


def test_another_way_of_acting_is_another_policy(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_policy(path, policy(game), game)
    greedy = load_policy(path, game, acting="greedy")
    assert greedy.policy_hash == policy(game, "greedy").policy_hash


def test_a_policy_of_other_rules_is_refused_with_the_option_that_differs(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_policy(path, policy(game), game)
    longer = make_game("example", length=12)
    with pytest.raises(PolicyError, match="length: 10, here 12"):
        load_policy(path, longer)
    assert load_policy(path, longer, any_rules=True).policy_hash == policy(game).policy_hash


def test_a_policy_of_another_arena_or_shape_is_refused(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_policy(path, policy(game), game)
    with pytest.raises(PolicyError, match=r"for example, and this game is classic/kuhn"):
        load_policy(path, make_game("classic/kuhn"), any_rules=True)
    other = NetworkPolicy(ActorCritic(NetworkConfig(5, (3,))))
    save_policy(path, other, game)
    with pytest.raises(PolicyError, match="features are 5, and this game's are 2"):
        load_policy(path, game, any_rules=True)


def test_a_policy_of_another_version_of_its_arena_is_refused(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_policy(path, policy(game), game)
    header_changed(path, "arena_version", 99)
    with pytest.raises(PolicyError, match="version 99, and this is version 1"):
        load_policy(path, game)


def header_changed(path: Path, key: str, value: object) -> None:
    """Rewrites one entry of a checkpoint's header."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["kumite"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    header[key] = value
    save_file(tensors, path, {"kumite": json.dumps(header)})


def test_changed_weights_are_noticed(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_policy(path, policy(game), game)
    header_changed(path, "policy_hash", "0" * 16)
    with pytest.raises(PolicyError, match="damaged"):
        load_policy(path, game)


def test_what_is_no_checkpoint_is_refused(game: Game, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no checkpoint"):
        load_policy(tmp_path / "missing.safetensors", game)
    (tmp_path / "text.safetensors").write_text("not safetensors at all")
    with pytest.raises(PolicyError, match="no safetensors file"):
        load_policy(tmp_path / "text.safetensors", game)
    save_file({"x": torch.zeros(2)}, tmp_path / "foreign.safetensors")
    with pytest.raises(PolicyError, match="expected a 'kumite policy 1' file, got 'another'"):
        load_policy(tmp_path / "foreign.safetensors", game)
    save_snapshot(tmp_path / "snapshot.safetensors", {"a": 1})
    with pytest.raises(PolicyError, match="got 'kumite snapshot 1'"):
        load_policy(tmp_path / "snapshot.safetensors", game)


def test_a_snapshot_is_any_nesting(tmp_path: Path) -> None:
    big = 2**100 + 1  # numpy's generators keep numbers of 128 bits
    tree = {
        "weights": [torch.arange(6.0).reshape(2, 3), {"deep": np.array([1, 2], np.int16)}],
        "flags": torch.tensor([True, False]),
        "empty": np.zeros((0, 4), np.float32),
        "scalar": torch.tensor(3.5),
        "state": {"big": big, "name": "PCG64", "none": None, "list": []},
        "number": np.int64(7),
    }
    save_snapshot(tmp_path / "s", tree)
    back = load_snapshot(tmp_path / "s")
    assert torch.equal(back["weights"][0], tree["weights"][0])
    assert back["weights"][1]["deep"].dtype == np.int16
    assert back["weights"][1]["deep"].tolist() == [1, 2]
    assert back["flags"].dtype == torch.bool
    assert back["empty"].shape == (0, 4)
    assert back["scalar"].item() == 3.5
    assert back["state"] == {"big": big, "name": "PCG64", "none": None, "list": []}
    assert back["number"] == 7


def test_views_that_share_memory_are_saved_apart(tmp_path: Path) -> None:
    base = torch.arange(10.0)
    save_snapshot(tmp_path / "s", {"a": base[:4], "b": base[2:6].flip(0), "c": base.view(2, 5).t()})
    back = load_snapshot(tmp_path / "s")
    assert back["b"].tolist() == [5, 4, 3, 2]
    assert back["c"].tolist() == base.view(2, 5).t().tolist()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def broken(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


# --- by name ---


def test_names_of_every_kind_resolve(game: Game, tmp_path: Path) -> None:
    saved = policy(game)
    save_policy(tmp_path / "a.safetensors", saved, game)
    save_mixture(tmp_path / "mix.json", {"uniform": 1, "walker": 2, "a.safetensors@greedy": 1}, "a mixture")
    assert isinstance(agents.resolve("uniform", game), UniformPolicy)
    bot = agents.resolve("walker", game)
    assert isinstance(bot, BotPolicy)
    assert bot.bot == "walker"
    constant = agents.resolve("constant:2", game)
    assert isinstance(constant, ConstantPolicy)
    assert constant.action == (2,)
    assert agents.resolve(f"{tmp_path}/a.safetensors", game).policy_hash == saved.policy_hash
    mixture = agents.resolve(f"{tmp_path}/mix.json", game)
    assert isinstance(mixture, MixturePolicy)
    assert mixture.name == "a mixture"
    assert mixture.weights.tolist() == [0.25, 0.5, 0.25]
    assert mixture.members[2].policy_hash == policy(game, "greedy").policy_hash


def test_a_mixture_of_one_is_that_policy(game: Game, tmp_path: Path) -> None:
    save_mixture(tmp_path / "mix.json", {"uniform": 0, "walker": 1})
    assert agents.resolve(f"{tmp_path}/mix.json", game).policy_hash == agents.resolve("walker", game).policy_hash


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("unifrom", "did you mean 'uniform'"),
        ("walkr", "did you mean 'walker'"),
        ("constant:3", r"below \[3\]"),
        ("constant:1,1", "expected 1 numbers"),
        ("constant:x", "expected 1 numbers"),
        ("nowhere/a.safetensors", "no folder 'nowhere'"),
        ("mix.json@greedy", "no file 'mix.json'"),
    ],
)
def test_wrong_names_are_refused_with_the_nearest(game: Game, name: str, word: str) -> None:
    with pytest.raises(PolicyError, match=word):
        agents.resolve(name, game)


def test_a_missing_file_names_its_neighbour(game: Game, tmp_path: Path) -> None:
    save_policy(tmp_path / "first.safetensors", policy(game), game)
    with pytest.raises(PolicyError, match=r"did you mean 'first.safetensors'"):
        agents.resolve(f"{tmp_path}/frist.safetensors", game)


def test_a_mixture_that_is_none_is_refused(game: Game, tmp_path: Path) -> None:
    (tmp_path / "mix.json").write_text('{"members": [{"policy": "uniform"}]}')
    with pytest.raises(PolicyError, match="weight"):
        agents.resolve(f"{tmp_path}/mix.json", game)
    save_mixture(tmp_path / "mix.json", {"uniform": 1, "walker": -1})
    with pytest.raises(PolicyError, match="numbers of 0 or more"):
        agents.resolve(f"{tmp_path}/mix.json", game)
    save_mixture(tmp_path / "mix.json", {"uniform": 1})
    with pytest.raises(PolicyError, match="its members, not by @greedy"):
        agents.resolve(f"{tmp_path}/mix.json@greedy", game)
