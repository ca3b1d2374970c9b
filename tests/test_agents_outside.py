"""Agents from outside: the protocol, and every way to fail it: each is a typed forfeit, and nobody waits for ever."""

import json
import pickle
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from test_league_resume import alive
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents.outside import OutsidePolicy
from kumite.agents.policy import ConstantPolicy, Forfeit, MixturePolicy, PolicyError
from kumite.agents.process import Limits
from kumite.cli import app
from kumite.eval.playing import open_store
from kumite.eval.tournament import play_tournament, standings
from kumite.league.play import play_games
from kumite.league.records import Reason

README = Path(__file__).parents[1] / "agents" / "README.md"
QUICK = Limits(seconds=20.0, start=60.0, memory=1024)

# What every program below begins with: it answers the greeting and walks; `act` is what a test changes.
BODY = """
import json, os, sys, time
def act(message):
    return {"action": [1]}
{CHANGE}
asked = 0
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        print('{"ready": true}', flush=True)
    elif message["type"] == "act":
        asked += 1
        answer = act(message)
        print(answer if isinstance(answer, str) else json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def race():
    return arenas.make_game("example")


@pytest.fixture
def made(race, tmp_path):
    """Makes an agent from the lines that make it special."""
    agents = []

    def make(change="", limits=QUICK, name="agent", matches=2):
        program = tmp_path / f"{name}.py"
        program.write_text(BODY.replace("{CHANGE}", change))
        agents.append(OutsidePolicy(f"cmd:{sys.executable} -I -S {program}", race, limits, matches))
        return agents[-1]

    yield make
    for agent in agents:
        agent.close()


def lost(race, agent, games=2):
    """The reasons of an agent's games against one that never moves; it is checked that each is a loss."""
    records = play_games(race, agent, ConstantPolicy([0]), range(games))
    assert {(record.outcome, record.utility) for record in records} == {(-1, -1.0)}
    return [record.reason for record in records]


def test_a_program_plays_as_the_policy_it_imitates(race, made):
    walker = ConstantPolicy([1])
    outside = play_games(race, made(), ConstantPolicy([0]), range(4))
    inside = play_games(race, walker, ConstantPolicy([0]), range(4))
    facts = [[(r.outcome, r.utility, r.ticks, r.decisions, r.reason) for r in some] for some in (outside, inside)]
    assert facts[0] == facts[1]
    assert facts[0][0] == (1, 1.0, 10, 10, Reason.NORMAL)


def test_the_readmes_example_plays_any_arena(tmp_path):
    """At most 30 lines, and the same games from the same seeds, since its chance is the match's."""
    (example,) = re.findall(r"```python\n(#!/usr/bin/env python3\n.*?)```", README.read_text(), re.DOTALL)
    assert len(example.splitlines()) <= 30
    program = tmp_path / "my_agent"
    program.write_text(example)
    program.chmod(0o755)
    for name, seeds in (("classic/leduc", range(3)), ("example", range(2))):
        game = arenas.make_game(name)
        agent = OutsidePolicy(f"cmd:{program}", game, QUICK)
        first, second = (play_games(game, agent, ConstantPolicy([0] * game.action.count), seeds) for _ in range(2))
        assert first == second
        assert {record.reason for record in first} == {Reason.NORMAL}


def test_what_a_program_is_told(race, made, tmp_path):
    told = tmp_path / "told"
    agent = made(
        f"told = open({str(told)!r}, 'w')\n"
        "class Echo:\n"
        "    def __iter__(self):\n"
        "        for line in sys.__stdin__:\n"
        "            print(line, end='', file=told, flush=True)\n"
        "            yield line\n"
        "sys.stdin = Echo()\n"
    )
    play_games(race, agent, ConstantPolicy([0]), range(2), matches=1)
    messages = [json.loads(line) for line in told.read_text().splitlines()]
    hello = messages[0]
    assert (hello["type"], hello["protocol"], hello["arena"], hello["slots"]) == ("hello", 1, "example", [3])
    assert hello["observation"]["size"] == race.observation.size
    kinds = [message["type"] for message in messages[1:]]
    assert kinds == ["begin", *["act"] * 10, "end", "begin", *["act"] * 10]  # one process, one match after the other
    acts = [message for message in messages if message["type"] == "act"]
    assert acts[0]["legal"] == [[0, 1, 2]]
    assert acts[9]["legal"] == [[0, 1]]  # one square before the end nobody can run
    assert len(acts[0]["observation"]) == race.observation.size
    seeds = [message["seed"] for message in messages if message["type"] == "begin"]
    assert len(set(seeds)) == 2


# --- failing ---


def test_one_that_sleeps_for_ever_loses_by_time(race, made):
    agent = made("def act(message):\n    time.sleep(1e6)\n", Limits(seconds=0.3, start=60.0))
    begin = time.monotonic()
    assert lost(race, agent) == [Reason.TIMEOUT] * 2
    assert time.monotonic() - begin < 60


def test_one_that_never_gets_ready_is_not_waited_for_in_every_game(race, made):
    agent = made("time.sleep(1e6)\n", Limits(seconds=0.2, start=0.2))
    begin = time.monotonic()
    assert lost(race, agent, 100) == [Reason.TIMEOUT] * 100
    assert time.monotonic() - begin < 60


def test_one_that_sleeps_now_and_then_loses_only_those_games(race, made):
    """Five decisions are answered, the sixth never: the games are lost at their sixth decision."""
    agent = made(
        "def act(message):\n    time.sleep(1e6 if asked > 5 else 0)\n    return {'action': [1]}\n",
        Limits(seconds=0.5, start=60.0),
    )
    records = play_games(race, agent, ConstantPolicy([0]), range(2))
    assert [(record.reason, record.decisions) for record in records] == [(Reason.TIMEOUT, 6)] * 2


@pytest.mark.parametrize("change", ["os._exit(3)\n", "def act(message):\n    raise ValueError('no idea')\n"])
def test_one_that_dies_loses_by_crash(race, made, change, capfd):
    assert lost(race, made(change)) == [Reason.CRASH] * 2
    said = capfd.readouterr().err
    assert said.count("forfeits a game (crash)") == 1
    assert "status 3" in said or "ValueError: no idea" in said


def test_one_that_floods_its_output_is_cut_off(race, made):
    flood = "def act(message):\n    while True:\n        sys.stdout.write({TEXT!r} * 1000)\n"
    for number, text in enumerate(("x", "{}\n")):
        assert lost(race, made(flood.replace("{TEXT!r}", repr(text)), name=f"a{number}")) == [Reason.ILLEGAL] * 2


def test_one_that_floods_its_errors_may_do_so(race, made):
    agent = made("def act(message):\n    sys.stderr.write('x' * 300_000)\n    return {'action': [1]}\n")
    (record,) = play_games(race, agent, ConstantPolicy([0]), range(1))
    assert (record.outcome, record.reason) == (1, Reason.NORMAL)


def test_one_that_speaks_unasked_is_not_understood(race, made):
    twice = "def act(message):\n    print('{\"action\": [1]}')\n    return {'action': [1]}\n"
    assert lost(race, made(twice)) == [Reason.ILLEGAL] * 2


@pytest.mark.parametrize("size", [16, 1 << 20])
def test_one_that_allocates_without_end_loses_by_memory(race, made, size):
    """Bit by bit, and all at once."""
    change = f"def act(message):\n    hoard = []\n    while True:\n        hoard.append(bytearray({size} << 20))\n"
    assert lost(race, made(change, Limits(seconds=60.0, start=60.0, memory=128)), 1) == [Reason.MEMORY]


def test_the_memory_of_its_children_is_its_own(race, made):
    child = "import time; hoard = bytearray(300 << 20); time.sleep(1e6)"
    change = (
        f"import subprocess\ndef act(message):\n    subprocess.run([sys.executable, '-I', '-S', '-c', {child!r}])\n"
    )
    assert lost(race, made(change, Limits(seconds=60.0, start=60.0, memory=200)), 1) == [Reason.MEMORY]


@pytest.mark.parametrize(
    "answer",
    ["garbage", '{"action": 1}', '{"action": [7]}', '{"action": [-1]}', '{"action": [1, 1]}', '{"action": [true]}',
     '{"action": [1.0]}', "[]", '{"move": [1]}', "[" * 5000, ""],
)  # fmt: skip
def test_one_that_answers_garbage_loses_by_an_illegal_action(race, made, answer):
    agent = made(f"def act(message):\n    return {answer!r}\n")
    assert lost(race, agent, 1) == [Reason.ILLEGAL]


def test_one_that_greets_wrongly_has_failed(race, made):
    assert lost(race, made("print('Welcome!', flush=True)\n"), 1) == [Reason.ILLEGAL]


def test_a_choice_must_be_legal_now(race, made):
    """Running is a choice of the race, but not one square before its end."""
    change = "def act(message):\n    return {'action': [2 if 2 not in message['legal'][0] else 1]}\n"
    (record,) = play_games(race, made(change), ConstantPolicy([0]), range(1))
    assert (record.outcome, record.reason, record.decisions) == (-1, Reason.ILLEGAL, 10)


def test_two_that_fail_at_once_share_the_loss(race, made, tmp_path):
    dies, sleeps = made("os._exit(3)\n", name="dies"), made("def act(message):\n    os._exit(4)\n", name="sleeps")
    (record,) = play_games(race, dies, sleeps, range(1))
    assert (record.outcome, record.utility, record.reason) == (0, 0.0, Reason.BOTH)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        store.add_games([record])
        assert store.forfeits() == {one.policy_hash: {Reason.BOTH: 1} for one in (dies, sleeps)}


# --- what is left behind ---


def test_no_process_outlives_its_games(race, made, tmp_path):
    noted = tmp_path / "processes"
    note = f"open({str(noted)!r}, 'a').write(str(os.getpid()) + '\\n')\n"
    play_games(race, made(note), ConstantPolicy([0]), range(4))
    lost(race, made(note + "def act(message):\n    time.sleep(1e6)\n", Limits(0.2, 60.0), name="other"), 1)
    processes = [int(line) for line in noted.read_text().split()]
    assert len(processes) == 3  # two for four games, one for the last
    assert not any(alive(process) for process in processes)


def test_a_program_sees_little_of_the_environment(race, made, monkeypatch):
    monkeypatch.setenv("MY_PASSWORD", "secret")
    agent = made("def act(message):\n    return {'action': [1 if 'MY_PASSWORD' not in os.environ else 9]}\n")
    (record,) = play_games(race, agent, ConstantPolicy([0]), range(1))
    assert record.reason is Reason.NORMAL


# --- as a policy ---


def test_its_hash_is_its_content_and_limits(race, made, tmp_path):
    one, same = made(name="one"), made(name="two")
    assert one.policy_hash == same.policy_hash  # another name for the same file
    assert made("asked = 1\n", name="three").policy_hash != one.policy_hash
    assert made(limits=Limits(1.0), name="four").policy_hash != one.policy_hash
    again = pickle.loads(pickle.dumps(one))
    assert again.policy_hash == one.policy_hash
    assert play_games(race, again, ConstantPolicy([0]), range(1))[0].outcome == 1


def test_where_nobody_can_lose_a_failure_is_an_error(race, made):
    observation = np.zeros((1, race.observation.size), np.float32)
    mask, rng = np.ones((1, 1, 3), np.uint8), np.random.default_rng(0)
    agent = made("os._exit(3)\n")
    with pytest.raises(PolicyError, match="agent forfeits: crash"):
        agent.act(observation, mask, agent.initial_state(1), rng)
    fine = made(name="fine")
    actions, state = fine.act(observation, mask, fine.initial_state(1), rng)
    assert (actions.tolist(), state.tolist()) == ([[1]], [[1.0]])


def test_a_mixture_may_have_one(race, made):
    records = play_games(race, MixturePolicy([made(), ConstantPolicy([0])]), ConstantPolicy([0]), range(10))
    assert {record.outcome for record in records} == {0, 1}


def test_earlier_slots_may_narrow_later_ones(race, made):
    """A choice that an earlier slot excludes is no failure: the lowest that is left is played."""
    agent = made("def act(message):\n    return {'action': [2, 2]}\n")
    observation, mask = np.zeros((1, 2), np.float32), np.ones((1, 2, 3), np.uint8)

    def refine(rows, slot, actions, left):
        narrowed = left.copy()
        narrowed[:, 2] = slot == 0
        return narrowed

    rng = np.random.default_rng(0)
    actions, _, failed = agent.act_or_forfeit(observation, mask, agent.initial_state(1), rng, refine)
    assert (actions.tolist(), dict(failed)) == ([[2, 0]], {})
    assert set(Forfeit) == {"crash", "timeout", "illegal", "memory"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("cmd:", "expected cmd:PROGRAM"), ("x cmd:python", "expected cmd:PROGRAM"), ("cmd:./nowhere", "no program")],
)
def test_what_cannot_be_run_is_refused_at_once(race, text, words):
    with pytest.raises(PolicyError, match=words):
        OutsidePolicy(text, race)
    with pytest.raises(PolicyError, match="expected positive limits"):
        OutsidePolicy("cmd:python3", race, Limits(seconds=0))


# --- in a tournament ---


def test_forfeits_count_and_are_shown(race, made, tmp_path):
    members = {"uniform": ConstantPolicy([0]), "fine": made(), "dies": made("os._exit(3)\n", name="dies")}
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        assert play_tournament(race, members, store, pairs=6) == 18
        found = standings(race, store, varies=True)
    assert found.forfeits == {"dies": {"forfeit-crash": 12}}
    assert found.cell("uniform", "dies").rate == 1.0
    assert found.cell("uniform", "dies").distinct == 6  # failing again is no copy
    assert found.withheld != ("dies",)


def test_the_command_line_enters_a_program(race, made, tmp_path, monkeypatch):
    made("def act(message):\n    return 'garbage'\n", name="mine")
    monkeypatch.chdir(tmp_path)
    words = ["tournament", "example", "--bots", "gambler", "--pairs", "2", "--agent-seconds", "20"]
    program = f"cmd:{sys.executable} -I -S mine.py"
    monkeypatch.setattr(sys, "argv", ["kumite", *words])
    done = CliRunner().invoke(app, [*words, "--agent", program, "--json"], standalone_mode=False)
    values = json.loads(done.stdout)
    assert values["forfeits"] == {"mine": {"forfeit-illegal": 4}}
    assert {row["name"] for row in values["ratings"]} == {"uniform", "gambler", "mine"}
    shown = CliRunner().invoke(app, [*words, "--agent", program], standalone_mode=False)
    assert "mine forfeited 4 (forfeit-illegal): counted as losses" in shown.stdout
    twice = CliRunner().invoke(app, [*words, "--agent", program, "--agent", program], standalone_mode=False)
    assert "entered already" in str(twice.exception)
