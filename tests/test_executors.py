"""Executors: the same games wherever they are played, named by all that decides them, refused where that differs."""

import importlib.util
import json
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.outside import OutsidePolicy
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, UniformPolicy
from kumite.agents.process import Limits
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.arena import ArenaError
from kumite.cli import app
from kumite.eval.playing import EvaluationError, open_store, play_into
from kumite.league.executor import InProcess, LocalProcesses, RayCluster, make_executor, play_job
from kumite.league.jobs import game_name, make_jobs
from kumite.league.play import pair_keys
from kumite.league.records import GameKey

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason='Ray is not installed: pip install "kumite[ray]"'
)
WALKER = """
import json, sys
for line in sys.stdin:
    kind = json.loads(line)["type"]
    if kind in ("hello", "act"):
        print(json.dumps({"ready": True} if kind == "hello" else {"action": [1]}), flush=True)
"""


@pytest.fixture(scope="module")
def race():
    return arenas.make_game("example", length=6)


@pytest.fixture(scope="module")
def members(race, tmp_path_factory):
    """Every kind of policy that travels."""
    program = tmp_path_factory.mktemp("outside") / "walker.py"
    program.write_text(WALKER)
    network = NetworkPolicy(ActorCritic(NetworkConfig.of(race, hidden=(8,), memory="gru"), 0))
    outside = OutsidePolicy(f"cmd:{sys.executable} -I -S {program}", race, Limits(60.0, 60.0))
    some = [UniformPolicy(), BotPolicy("gambler"), MixturePolicy([network, ConstantPolicy([1])]), outside]
    return {policy.policy_hash: policy for policy in some}


@pytest.fixture(scope="module")
def keys(race, members):
    first, *others = members
    return [key for other in others for key in pair_keys(race, first, other, range(6))]


def rows(executor, members, keys):
    return {record.key: record for records in executor.play(members, keys) for record in records}


@pytest.fixture(scope="module")
def local(race):
    """Two processes, begun once."""
    executor = make_executor(race, "example", workers=2, matches=5)
    assert isinstance(executor, LocalProcesses)
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def expected(race, members, keys):
    return rows(InProcess(race, 16, 1), members, keys)


def test_local_processes_play_the_same_games(local, members, keys, expected):
    assert sorted(expected) == sorted(keys)
    assert rows(local, members, keys[::-1]) == expected


@needs_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_local_ray_of_two_workers_plays_the_same_games(race, members, keys, expected):
    executor = make_executor(race, "example", workers=2, ray="local", matches=5)
    assert isinstance(executor, RayCluster)
    try:
        assert rows(executor, members, keys[::-1]) == expected
    finally:
        executor.close()
    assert not executor.ray.is_initialized()


def test_without_ray_it_is_said_how_to_get_it(race, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ArenaError, match="pip install"):
        make_executor(race, "example", ray="local")


def test_jobs_cover_every_key_once_and_carry_only_what_they_need(race, members, keys):
    jobs = make_jobs("example", race.options, race.content_hash, members, [*keys, keys[0].swapped()], 4, 16)
    assert sorted(key for job in jobs for key in job.keys) == sorted([*keys[1:], keys[0].swapped()])
    for job in jobs:
        assert len(job.keys) <= 4
        assert set(job.policies) == {name for key in job.keys for name in (key.row, key.column)}


def test_a_game_is_named_by_all_that_decides_it(race, keys):
    """Agents, arena, version, content, setup and seat; from whichever side, it is the same game."""
    key, content = keys[0], race.content_hash
    names = {game_name(content, key), game_name(content, key.swapped())}
    assert len(names) == 1
    others = [key._replace(seed=99), key._replace(seat=1 - key.seat), key._replace(column="other")]
    names |= {game_name(content, other) for other in others}
    newer = replace(race, arena=replace(race.arena, version=race.arena.version + 1))
    renamed = replace(race, arena=replace(race.arena, name="other"))
    longer = arenas.make_game("example", length=7)
    names |= {game_name(game.content_hash, key) for game in (newer, renamed, longer)}
    greedy, sample = (
        NetworkPolicy(ActorCritic(NetworkConfig.of(race, hidden=(8,)), 0), acting) for acting in ("greedy", "sample")
    )
    names |= {game_name(content, GameKey(one.policy_hash, key.column, 0, 0)) for one in (greedy, sample)}
    assert len(names) == 1 + 3 + 3 + 2


def test_a_jobs_name_is_that_of_its_games_in_any_order(race, members, keys):
    settings = ("example", race.options, race.content_hash, members)
    (one,), (other,) = make_jobs(*settings, keys, 99, 16), make_jobs(*settings, keys[::-1], 99, 4)
    (less,) = make_jobs(*settings, keys[1:], 99, 16)
    assert one.name == other.name != less.name


def test_a_worker_with_other_rules_or_programs_refuses(race, members, keys):
    (job,) = make_jobs("example", race.options, race.content_hash, members, keys, 99, 16)
    with pytest.raises(ArenaError, match="give all workers the same kumite"):
        play_job(replace(job, content="0" * 16))
    name, policy = next(iter(members.items()))
    with pytest.raises(ArenaError, match=f"asked for hash {name[::-1]}"):
        play_job(replace(job, policies={name[::-1]: policy}))


def test_a_store_of_other_rules_takes_no_games(race, local, members, keys, tmp_path):
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        with pytest.raises(EvaluationError, match="other rules or options"):
            play_into(store, arenas.make_game("example", length=7), members, keys)
        assert play_into(store, race, members, keys, executor=local) == len(keys)
        assert play_into(store, race, members, keys) == 0


@pytest.mark.slow
def test_a_tournament_on_workers_is_the_same_tournament(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = []
    for number, extra in enumerate(((), ("--workers", "2"))):
        words = ["tournament", "example", "--bots", "gambler", "--pairs", "20", "--out", f"{number}", "--json", *extra]
        monkeypatch.setattr(sys, "argv", ["kumite", *words])
        done = CliRunner().invoke(app, words, standalone_mode=False)
        assert done.return_value == 0
        found.append({name: value for name, value in json.loads(done.stdout).items() if name != "store"})
    assert found[0] == found[1]
