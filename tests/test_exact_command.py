"""`kumite exact`: what it prints, which policies it judges, and what it refuses."""

import json
from pathlib import Path

import pytest
import typer
from exact_games import exploitability, tree
from league_runs import trained
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents.checkpoint import save_policy
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import ConstantPolicy, MixturePolicy, PolicyError, UniformPolicy
from kumite.agents.registry import save_mixture
from kumite.agents.trained import NetworkPolicy
from kumite.cli import app
from kumite.eval.exact import ExactError, ask_both
from kumite.league.exact import enumerate_game
from kumite.league.run import Run


def call(*words):
    """Calls kumite and gives what it printed."""
    done = CliRunner().invoke(app, ["exact", *map(str, words)], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stdout


def figures(*words):
    return json.loads(call(*words, "--json"))


def test_the_figures_of_a_game():
    found = figures("classic/liars-dice", "-o", "dice=1", "-o", "sides=3")
    assert found["arena"] == "classic/liars-dice"
    assert found["options"] == {"dice": 1, "sides": 3}
    assert found["states"] == 1147
    assert found["information_sets"] == [96, 96]
    assert found["value"] == pytest.approx(1 / 9, abs=1e-9)
    assert abs(found["value_error"]) < 1e-9
    assert found["uniform_exploitability"] == pytest.approx(5 / 9, abs=1e-9)
    assert set(found["seconds"]) == {"enumerate", "solve"}
    assert found["exploitability_seconds"] > 0
    assert found["members"] == []


def test_without_the_linear_programme_there_is_no_value():
    found = figures("classic/kuhn", "--no-solve")
    assert found["value"] is None
    assert found["uniform_exploitability"] == pytest.approx(11 / 24)


def test_members_of_every_kind(tmp_path):
    game = arenas.make_game("classic/kuhn")
    network = NetworkPolicy(ActorCritic(NetworkConfig.of(game, hidden=(8,), memory="gru"), 1))
    save_policy(tmp_path / "net.safetensors", network, game)
    save_mixture(tmp_path / "mixture.json", {"net.safetensors": 1, "constant:1": 3})
    names = ["uniform", "constant:0", tmp_path / "net.safetensors", tmp_path / "mixture.json"]
    found = figures("classic/kuhn", *(word for name in names for word in ("--member", name)))["members"]
    policies = [
        UniformPolicy(),
        ConstantPolicy([0]),
        network,
        MixturePolicy([network, ConstantPolicy([1])], [1, 3]),
    ]
    for row, name, policy in zip(found, names, policies, strict=True):
        assert row["name"] == str(name)
        assert row["exploitability"] == pytest.approx(exploitability("classic/kuhn", policy), abs=1e-12)
        assert sum(row["best_responses"]) / 2 == pytest.approx(row["exploitability"])
        assert (row["estimated"], row["samples"]) == ([], None)
        assert row["hashes"] == [policy.policy_hash]


def test_a_run_is_judged_by_what_its_scheme_says(tmp_path):
    """Kuhn's seats are different roles: each side of the run's verdict plays its own."""
    with trained(tmp_path / "run", "classic/kuhn"):
        pass
    (row,) = figures("classic/kuhn", "--member", tmp_path / "run")["members"]
    with Run.open(tmp_path / "run") as run:
        pair = run.judged(0), run.judged(1)
    plans, _ = ask_both(tree("classic/kuhn"), pair)
    assert row["exploitability"] == pytest.approx(tree("classic/kuhn").form.exploitability(plans), abs=1e-12)
    assert len(row["hashes"]) == 2
    with pytest.raises(typer.BadParameter, match="is a run of classic/kuhn"):
        call("classic/leduc", "--member", tmp_path / "run")


def test_a_game_that_begins_in_too_many_ways_is_refused():
    """The fight took all memory there was: its beginnings were counted by parts, each of which was small enough."""
    game = arenas.make_game("fight")
    with pytest.raises(ExactError, match="fight is too large to enumerate"):
        enumerate_game(game)


def test_curves():
    found = figures("classic/kuhn", "--curve", "cfr", "--curve", "mmd-last", "--iterations", "20")["curves"]
    assert list(found) == ["cfr", "mmd-last"]
    assert list(found["cfr"]) == ["1", "10", "20"]
    assert found["cfr"]["10"] == pytest.approx(0.068699, abs=1e-6)


def test_the_tables_for_people():
    said = call("classic/kuhn", "--member", "uniform", "--curve", "cfr", "--iterations", "10")
    for words in ("states", "58 (30 of them ends)", "6 + 6", "-0.055555556", "0.458333", "exact", "0.068699"):
        assert words in said


def test_what_is_refused():
    with pytest.raises(
        ExactError, match=r"example is too large to enumerate: [\d,]+ histories reached, the limit is 500"
    ):
        call("example", "--limit", "500")
    with pytest.raises(PolicyError, match="did you mean 'uniform'"):
        call("classic/kuhn", "--member", "unifrom")
    with pytest.raises(ExactError, match=r"no method 'cfrr' \(did you mean 'cfr'"):
        call("classic/kuhn", "--curve", "cfrr")


def test_the_file_of_a_member_must_exist():
    missing = Path("nowhere.safetensors")
    with pytest.raises(PolicyError, match="no file"):
        call("classic/kuhn", "--member", missing)
