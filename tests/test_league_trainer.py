"""The one loop under each scheme: who joins, against whom, with which games, and that it can be repeated."""

import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from league_runs import Said, members, rows, settings, trained

from kumite.agents import resolve
from kumite.agents.checkpoint import save_policy
from kumite.agents.policy import MixturePolicy
from kumite.agents.ppo import PPO, PPOConfig
from kumite.agents.registry import save_mixture
from kumite.league import loops as loops_module
from kumite.league import trainer as trainer_module
from kumite.league.config import LeagueError
from kumite.league.executor import LocalProcesses
from kumite.league.gate import judge
from kumite.league.matchmaking import Meta, judged, parent_of
from kumite.league.play import pair_keys, play_keys
from kumite.league.run import Run
from kumite.league.status import run_status
from kumite.league.trainer import Stopped, Trainer


def opponents_of_each_response(monkeypatch):
    """Notes the names and weights that each response is trained against."""
    seen = []
    start = trainer_module.get_oracle("ppo").start

    def noting(self, task):
        policy = task.opponents
        inside = policy if isinstance(policy, MixturePolicy) else None
        names = [m.name for m in inside.members] if inside else [policy.name] if policy else []
        seen.append((names, inside.weights.tolist() if inside else [1.0] * len(names), task.side))
        return start(task)

    monkeypatch.setattr("kumite.league.oracle.PPOOracle.start", noting)
    return seen


# --- schemes ---


def test_double_oracle_measures_everything_and_answers_the_nash_mixture(tmp_path, monkeypatch):
    seen = opponents_of_each_response(monkeypatch)
    with trained(tmp_path / "run", iterations=3) as run:
        assert [name for name, _, _ in members(run)] == ["uniform", "ppo-1", "ppo-2", "ppo-3"]
        table = run.table()
        assert table.cells["pairs"][np.triu_indices(4, 1)].tolist() == [20] * 6
        assert run.store.game_count() == 6 * 20
        solved = [Meta.from_json(data) for _, _, data in run.store.events("meta")]
    assert seen[0] == (["uniform"], [1.0], None)
    for meta, (names, weights, side) in zip(solved, seen, strict=False):
        expected = {n: w for n, w in zip(meta.names[0], meta.mixtures[0], strict=True) if w > 0}
        assert dict(zip(names, weights, strict=True)) == pytest.approx(expected)
        assert side is None
    assert solved[-1].payoff == pytest.approx(table.mean())


def test_fictitious_play_answers_all_members_alike(tmp_path, monkeypatch):
    seen = opponents_of_each_response(monkeypatch)
    trained(tmp_path / "run", scheme="fictitious-play", iterations=3).close()
    assert [(names, weights) for names, weights, _ in seen] == [
        (["uniform"], [1.0]),
        (["uniform", "ppo-1"], pytest.approx([1 / 2] * 2)),
        (["uniform", "ppo-1", "ppo-2"], pytest.approx([1 / 3] * 3)),
    ]


def test_a_share_of_self_play_is_the_learners(tmp_path, monkeypatch):
    shares = []
    start = trainer_module.get_oracle("ppo").start

    def noting(self, task):
        learner = start(task)
        shares.append((task.self_play, len(learner.seats), len(learner.batch)))
        return learner

    monkeypatch.setattr("kumite.league.oracle.PPOOracle.start", noting)
    with trained(tmp_path / "run", self_play=0.5):
        pass
    for share, seats, matches in shares:
        assert (share, seats) == (0.5, matches + matches // 2)  # both seats of half the matches
    assert shares


def test_self_play_has_no_opponents_and_goes_on_from_its_latest_weights(tmp_path, monkeypatch):
    seen = opponents_of_each_response(monkeypatch)
    with trained(tmp_path / "run", scheme="self-play") as run:
        assert [names for names, _, _ in seen] == [[], []]
        assert [member.parent for member in run.store.members()] == [None, None, "ppo-1"]
        assert run.judged().name == "ppo-2"  # the latest, and not a mixture


def test_independent_learners_answer_each_others_latest_on_both_kinds_of_games(tmp_path, monkeypatch):
    seen = opponents_of_each_response(monkeypatch)
    with trained(tmp_path / "a", scheme="independent") as run:
        assert [len(population.players) for population in run.populations] == [3, 3]
        assert run.store.game_count() == 9 * 20
    expected = [["column-uniform"], ["row-uniform"], ["column-ppo-1"], ["row-ppo-1"]]
    assert [names for names, _, _ in seen] == expected
    assert {side for _, _, side in seen} == {None}  # the seats of a race are alike
    seen.clear()
    trained(tmp_path / "b", arena="classic/kuhn", scheme="independent").close()
    assert [(names, side) for names, _, side in seen] == list(zip(expected, (0, 1, 0, 1), strict=True))


def test_roles_keep_their_seats_in_the_payoffs_of_an_asymmetric_game(tmp_path):
    """Two policies in both populations meet from either seat: two cells, never added up."""
    options = {"initial": ("uniform", "constant:0"), "iterations": 0, "pairs": 400}
    with trained(tmp_path / "run", arena="classic/kuhn", **options) as run:
        assert run.populations[0].names == ["row-uniform", "row-constant:0"]
        mean = run.table().mean()
        uniform, constant = (player.member.hash for player in run.populations[0].players)
        assert len(run.store.pairs(uniform, constant, games_per_pair=1).seeds) == 800
        for row, column, cell in ((uniform, constant, mean[0, 1]), (constant, uniform, mean[1, 0])):
            pairs = run.store.pairs(row, column, games_per_pair=1, seat=0)
            assert len(pairs.seeds) == 400
            assert pairs.utility.mean() == pytest.approx(cell)
    # Exactly: uniform against uniform 1/8; it takes the ante from who never bets whenever it bets itself.
    assert mean[0, 0] == pytest.approx(1 / 8, abs=0.25)
    assert mean[0, 1] == pytest.approx(1 / 2, abs=0.2)
    assert mean[1, 0] == pytest.approx(-1 / 2, abs=0.2)
    assert mean[1, 1] == pytest.approx(0, abs=0.2)


# --- repeating ---


def test_equal_settings_and_seeds_give_equal_members_and_games(tmp_path):
    runs = [trained(tmp_path / name) for name in "ab"]
    other = trained(tmp_path / "c", seed=1)
    found = [members(run) for run in (*runs, other)]
    assert found[0] == found[1]
    assert found[0] != found[2]
    played = [[row[:10] for row in rows(tmp_path / name)] for name in "abc"]  # all but when
    assert played[0] == played[1]
    assert played[0] != played[2]


def test_a_stopped_run_goes_on_to_the_same_members(tmp_path):
    """Asked to stop again and again, at another point each time."""
    whole = trained(tmp_path / "whole", gate="lower-bound", steps=6000, patience=0)
    stopped = Run.create(tmp_path / "stopped", "example", {}, settings(gate="lower-bound", steps=6000, patience=0))
    stops = 0
    while not stopped.store.events("finished"):
        asked = iter(range(7 + 20 * (stops % 4)))
        with suppress(Stopped):
            Trainer(stopped, stop=lambda asked=asked: next(asked, None) is None).train()
        stops += next(asked, None) is None
        stopped.close()
        stopped = Run.open(tmp_path / "stopped", write=True)
    assert stops >= 5
    assert members(stopped) == members(whole)
    assert [row[:10] for row in rows(tmp_path / "stopped")] == [row[:10] for row in rows(tmp_path / "whole")]
    assert not list((tmp_path / "stopped" / "snapshots").iterdir())


def test_a_finished_run_does_nothing_more(tmp_path):
    with trained(tmp_path / "run") as run:
        before = (members(run), rows(run.folder), run.store.events())
        said = Said()
        Trainer(run, said).train()
        assert (members(run), rows(run.folder), run.store.events()) == before
        assert said.phases == []


def test_a_finished_run_can_be_given_more_iterations(tmp_path):
    long = trained(tmp_path / "long", iterations=3)
    trained(tmp_path / "short", iterations=1).close()
    with Run.open(tmp_path / "short", write=True) as run:
        with pytest.raises(LeagueError, match="iterations = 1: the run has 1 already"):
            run.extend(1)
        run.extend(3)
        Trainer(run).train()
        assert members(run) == members(long)
        assert run_status(run)["state"] == "finished"
    with Run.open(tmp_path / "short") as run:
        assert run.config.iterations == 3


# --- the gate ---


def test_the_gate_asks_for_a_gain_beyond_doubt():
    rng = np.random.default_rng(0)
    even = rng.choice([-1.0, 1.0], 400)
    assert not judge(even - even.mean() + 0.01, 0.0, 0.0, 0.95).passed
    assert judge(np.clip(even + 0.5, -1, 1), 0.0, 0.0, 0.95).passed
    better = even - even.mean() + 0.15
    assert judge(better, 0.0, 0.0, 0.95).passed
    assert not judge(better, 0.0, 0.1, 0.95).passed  # the value to beat is not well known
    assert not judge(better, 0.1, 0.0, 0.95).passed
    assert not judge(np.ones(2), 0.0, 0.0, 0.95).passed  # two wins prove little
    assert judge(np.ones(40), 0.0, 0.0, 0.95).passed
    assert not judge(np.zeros(1000), 0.0, 0.0, 0.95).passed


def test_the_gate_errs_as_rarely_as_it_says():
    """Equal players: at most one in twenty passes, give or take the noise of 2000 trials."""
    rng = np.random.default_rng(1)
    passed = [judge(rng.choice([-1.0, 0.0, 1.0], 100), 0.0, 0.0, 0.95).passed for _ in range(2000)]
    assert np.mean(passed) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
    assert np.mean(passed) > 0.02


def test_a_refused_response_is_kept_apart_and_patience_ends_the_league(tmp_path, monkeypatch):
    monkeypatch.setattr(loops_module, "judge", lambda *given: replace(judge(*given), passed=False))
    said = Said()
    run = Run.create(
        tmp_path / "run", "example", {}, settings(gate="lower-bound", iterations=5, patience=2, warm_start="latest")
    )
    Trainer(run, said).train()
    assert [(name, role) for name, role, _ in members(run)] == [
        ("uniform", "initial"), ("ppo-1", "refused"), ("ppo-2", "refused")
    ]  # fmt: skip
    assert run.populations[0].names == ["uniform"]
    assert run.store.game_count() == 0  # nobody to meet
    assert run.store.members()[2].parent == "ppo-1"  # it went on from the refused one's weights
    assert any("the oracle failed to improve: ppo-1 is refused, gains" in line for line in said.lines)
    assert "the oracle failed to improve for 2 iterations" in said.lines[-1]
    run.close()
    with Run.open(tmp_path / "run", write=True) as again:
        Trainer(again).train()
        assert len(members(again)) == 3


def test_games_of_the_gate_are_no_payoff_games(tmp_path):
    with trained(tmp_path / "run", gate="lower-bound", iterations=1, steps=20_000, gate_pairs=64) as run:
        (verdict,) = [data for _, _, data in run.store.events("judged")]
        assert verdict["pairs"] == 64
        assert verdict["role"] == "response"  # one that was trained on so much surely beats uniform play
        assert verdict["bound"] > 0
        assert run.store.game_count() == 20


# --- members ---


def test_a_checkpoint_can_begin_a_league_and_is_copied_into_it(tmp_path):
    learner = PPO("example", PPOConfig(matches=16, horizon=8, hidden=(8, 8)), seed=5)
    learner.iterate()
    save_policy(tmp_path / "old.safetensors", learner.policy(), learner.game)
    initial = ("uniform", str(tmp_path / "old.safetensors"), f"{tmp_path / 'old.safetensors'}@greedy", "walker")
    with trained(tmp_path / "run", initial=initial, iterations=1, warm_start="latest") as run:
        names = ["uniform", "old", "old@greedy", "walker", "ppo-1"]
        assert [name for name, _, _ in members(run)] == names
        kinds = [member.kind for member in run.store.members()]
        assert kinds == ["uniform", "checkpoint", "checkpoint", "bot", "checkpoint"]
        assert run.store.members()[-1].parent == "old"
    (tmp_path / "old.safetensors").unlink()
    with Run.open(tmp_path / "run") as run:
        assert run.populations[0].player("old@greedy").policy.acting == "greedy"


def test_initial_members_are_checked_before_anything_is_written(tmp_path):
    for initial, message in (("walkr", "no policy 'walkr'.*'walker'"), ("no.safetensors", "no file 'no.safetensors'")):
        with pytest.raises(ValueError, match=message):
            Run.create(tmp_path / "run", "example", {}, settings(initial=(initial,)))
    learner = PPO("example", PPOConfig(matches=1, horizon=1, hidden=(4,)))
    save_policy(tmp_path / "old.safetensors", learner.policy(), learner.game)
    save_mixture(tmp_path / "two.json", {"old.safetensors": 1, "uniform": 1})
    for initial in ((str(tmp_path / "two.json"),), (str(tmp_path / "old.safetensors"), str(tmp_path / "two.json"))):
        with pytest.raises(LeagueError, match="a mixture is no member"):
            Run.create(tmp_path / "run", "example", {}, settings(initial=initial))
    assert not (tmp_path / "run").exists()


def test_a_changed_checkpoint_is_noticed(tmp_path):
    with trained(tmp_path / "run") as run:
        first, second = (run.folder / member.path for member in run.store.members()[1:])
    first.write_bytes(second.read_bytes())
    with Run.open(tmp_path / "run") as run, pytest.raises(ValueError, match="'ppo-1' was recorded with hash"):
        _ = run.populations


def test_the_parent_is_the_member_its_side_plays_most(tmp_path):
    with trained(tmp_path / "run", scheme="fictitious-play", iterations=3) as run:
        (population,) = run.populations
        meta = Meta((tuple(population.names),), (np.array([0.5, 0.1, 0.3, 0.1]),))
        chosen = {
            rule: parent_of(replace(run.config, warm_start=rule), population, meta) for rule in ("parent", "latest")
        }
        assert {rule: player.member.name for rule, player in chosen.items()} == {"parent": "ppo-2", "latest": "ppo-3"}
        assert parent_of(replace(run.config, warm_start="scratch"), population, meta) is None


# --- verdict and status ---


def test_the_final_mixture_is_a_policy_file(tmp_path):
    with trained(tmp_path / "run") as run:
        final = resolve(str(run.folder / "final.json"), run.game)
        meta = judged(run.config, run.meta())
        assert final.policy_hash == run.judged().policy_hash
        assert sum(meta.mixtures[0]) == pytest.approx(1)


def test_status_tells_members_payoffs_mixture_and_speed(tmp_path):
    with trained(tmp_path / "run", arena="classic/kuhn", scheme="fictitious-play") as run:
        found = json.loads(json.dumps(run_status(run)))
    assert found["state"] == "finished"
    assert (found["iteration"], found["populations"], found["games"]) == (2, 2, 9 * 20)
    assert [member["name"] for member in found["members"] if member["population"] == 1] == found["payoff"]["columns"]
    assert sum(member["weight"] for member in found["members"]) == pytest.approx(2)
    assert np.shape(found["payoff"]["mean"]) == np.shape(found["payoff"]["standard_error"]) == (3, 3)
    payoff, share = np.array(found["payoff"]["mean"]), np.full(3, 1 / 3)
    gap = (payoff @ share).max() - (share @ payoff).min()
    assert found["exploitability"] == pytest.approx(gap / 2)
    assert found["throughput"]["steps"] >= 4 * 1500
    assert found["throughput"]["steps_per_second"] > 0
    assert found["throughput"]["games_per_second"] > 0


def test_curves_are_recorded_and_tensorboard_has_them(tmp_path):
    with trained(tmp_path / "run", iterations=1, tensorboard=True) as run:
        curve = run.store.scalars("ppo-1/entropy")
        assert curve[-1, 0] == run.store.events("trained")[0][2]["steps"]
        assert np.isfinite(curve[:, 1]).all()
        assert len(run.store.scalars("meta/exploitability")) == 2
    assert list((tmp_path / "run" / "tensorboard" / "ppo-1").iterdir())


def test_an_unfinished_run_can_be_looked_at(tmp_path):
    run = Run.create(tmp_path / "run", "example", {}, settings())
    found = run_status(run)
    assert (found["state"], found["exploitability"], found["games"]) == ("unfinished", None, 0)
    assert [member["weight"] for member in found["members"]] == [None]
    with pytest.raises(LeagueError, match="not solved a meta-game"):
        run.judged()


# --- the folder ---


def test_a_folder_holds_one_run_and_one_writer(tmp_path):
    run = Run.create(tmp_path / "run", "example", {}, settings())
    with pytest.raises(LeagueError, match="holds a run already: `kumite resume"):
        Run.create(tmp_path / "run", "example", {}, settings())
    with pytest.raises(LeagueError, match="another process is at work"):
        Run.open(tmp_path / "run", write=True)
    with Run.open(tmp_path / "run") as reader:
        assert reader.config == run.config
    run.close()
    Run.open(tmp_path / "run", write=True).close()
    with pytest.raises(LeagueError, match="holds no run"):
        Run.open(tmp_path)


def test_a_run_under_other_rules_is_refused(tmp_path, monkeypatch):
    Run.create(tmp_path / "run", "example", {}, settings()).close()
    from kumite import arenas

    arena = arenas.get("example")
    monkeypatch.setattr("kumite.arenas.example.ARENA", replace(arena, version=arena.version + 1))
    with pytest.raises(LeagueError, match="made under other rules"):
        Run.open(tmp_path / "run")


def test_a_run_killed_before_its_first_member_begins_again(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "_begin", lambda self: None)
    Run.create(tmp_path / "run", "example", {}, settings()).close()
    monkeypatch.undo()
    with Run.open(tmp_path / "run", write=True) as run:
        assert [name for name, _, _ in members(run)] == ["uniform"]


# --- executors ---


def test_local_processes_give_the_same_games(tmp_path):
    with trained(tmp_path / "run") as run:
        (population,) = run.populations
        hashes = [player.member.hash for player in population.players]
        keys = pair_keys(run.game, hashes[0], hashes[2], range(30))
        here = {r.key: r for finished in play_keys(run.game, population.policies, keys) for r in finished}
        executor = LocalProcesses("example", run.options, workers=2, matches=10)
        try:
            there = {r.key: r for finished in executor.play(population.policies, keys) for r in finished}
        finally:
            executor.close()
    assert there == here
