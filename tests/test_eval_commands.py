"""The judging commands: what they print, what they keep, and what their exit codes say."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kumite.agents.registry import save_mixture
from kumite.arenas.replay import Replay
from kumite.cli import app
from kumite.league.store import RunStore


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls kumite in an empty folder and gives its exit code and stdout."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["kumite", *words])
        done = CliRunner().invoke(app, [*words])  # as a shell does: once exit codes other than 0 and 2 got lost there
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code == 2:  # said in a box
            raise ValueError(" ".join(done.output.replace("│", " ").split()))
        return done.exit_code, done.stdout

    return run


def train(call, folder="run"):
    """A run of a second."""
    settings = ("-s", "gate=none", "-s", "hidden=[16]", "-s", "minibatch=512", "-s", "tensorboard=false")
    sizes = ("--iterations", "1", "--steps", "3000", "--pairs", "8", "--matches", "64", "--threads", "1")
    call("train", "example", "--out", folder, *sizes, *settings)


def test_a_tournament_of_an_arena_is_kept_and_goes_on(call, tmp_path):
    code, out = call("tournament", "example", "constant:1", "--pairs", "12", "--bots", "gambler", "--json")
    values = json.loads(out)
    assert code == 0
    assert values["missing_games"] == 0
    assert values["games_per_unit"] == 1
    assert {row["name"] for row in values["ratings"]} == {"uniform", "gambler", "constant:1"}
    assert [cell["games"] for cell in values["cells"]] == [12, 12, 12]
    assert Path(values["store"]) == Path("runs/tournament-example/tournament.sqlite")
    call("tournament", "example", "constant:1", "--pairs", "20", "--bots", "gambler")
    with RunStore(tmp_path / values["store"], read_only=True) as store:
        assert store.game_count() == 60
        asked = [data["command"] for _, _, data in store.events("tournament")]
        played = [data["games"] for _, _, data in store.events("tournament")]
    assert asked[0] == "kumite tournament example constant:1 --pairs 12 --bots gambler --json"
    assert played == [36, 24]


def test_files_of_one_name_all_enter_a_tournament(call, tmp_path):
    """Once the last of two runs' `final.json` took the other's place without a word."""
    for folder, choice in (("one", 0), ("two", 1)):
        (tmp_path / folder).mkdir()
        save_mixture(tmp_path / folder / "final.json", {"uniform": 0.5, f"constant:{choice}": 0.5})
    _, out = call(
        "tournament", "example", "one/final.json", "two/final.json", "--pairs", "4", "--bots", "none", "--json"
    )
    assert {row["name"] for row in json.loads(out)["ratings"]} == {"uniform", "final", "two/final.json"}


def test_a_tournament_that_ran_out_of_time_says_so(call):
    code, out = call("tournament", "example", "--pairs", "3000", "--seconds", "0.001", "--json")
    assert code == 1
    assert json.loads(out)["missing_games"] > 0


def test_a_run_is_judged_and_reported(call, tmp_path):
    train(call)
    code, out = call("tournament", "run", "--pairs", "10")
    assert code == 0
    for word in ("gambler", "ppo-1", "frozen", "goodness of fit"):
        assert word in out
    code, out = call("ladder", "run", "--games", "40", "--json")
    assert code == (0 if json.loads(out)["highest"] else 1)
    assert json.loads(out)["rungs"][0]["level"] == "walker"
    small = ("-s", "hidden=[16]", "-s", "matches=64", "-s", "minibatch=512", "--threads", "1", "--no-control")
    code, out = call("exploit", "run", "--exploiters", "1", "--steps", "3000", "--looks", "2", "--pairs", "30", *small)
    assert code == 0
    assert "unknown above" in out
    assert "smoke figure" in out
    code, out = call("report", "run")
    assert (code, out.strip()) == (0, "run/report.html")
    assert (tmp_path / "run/report.html").stat().st_size > 500_000
    code, out = call("report", "run", "--format", "json")
    titles = [section["title"] for section in json.loads(out)["sections"]]
    assert titles[0] == "Exploitability"
    assert any(title.startswith("Ladder: ") for title in titles)
    code, out = call("report", "run", "--format", "csv", "--table", "ratings")
    assert out.splitlines()[0].startswith("name,kind,value")
    code, out = call("report", "run", "--format", "latex", "--out", "tables.tex")
    assert r"\toprule" in (tmp_path / "tables.tex").read_text()


def test_a_ladder_that_nobody_holds_exits_with_1(call):
    code, out = call("ladder", "uniform", "--arena", "example", "--games", "40")
    assert code == 1
    assert "highest rung held: none" in out
    assert "no further correction is due" in " ".join(out.split())


def test_a_checkpoint_says_its_arena_itself(call):
    train(call)
    code, _ = call("ladder", "run/checkpoints/ppo-1.safetensors", "--games", "20")
    assert code in (0, 1)
    assert Path("runs/ladder-ppo-1/ladder.sqlite").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ladder", "uniform"), "say --arena"),
        (("tournament", "exampel"), "did you mean 'example'"),
        (("tournament", "example", "--bots", "walkr"), "did you mean 'walker'"),
        (("tournament", "example", "--gauntlet", "gamler", "--pairs", "2"), "did you mean 'gambler'"),
        (("tournament", "example", "--anchor", "uniform"), "expected NAME=ELO"),
        (("report", "nowhere"), "holds nothing to report"),
    ],
)
def test_wrong_words_are_told_with_the_right_ones(call, words, told):
    with pytest.raises(Exception, match=told):
        call(*words)


DEMO = ("demo", "--arena", "example", "--minutes", "0.05", "--threads", "1", "--out", "runs/demo")


def test_the_demo_does_the_whole_job_and_goes_on_where_it_was(call, tmp_path):
    code, out = call(*DEMO)
    assert code == 0
    path = Path(out.splitlines()[-1])
    assert path == tmp_path / "runs/demo/report.html"
    page = path.read_text(encoding="utf-8")
    assert "Smoke figure" in page
    assert "kumite watch runs/demo/replays/" in page
    (replay,) = (tmp_path / "runs/demo/replays").iterdir()
    assert Replay.load(replay).first_difference() is None
    stores = [tmp_path / "runs/demo" / name for name in ("run.sqlite", "tournament.sqlite", "exploit.sqlite")]
    before = [counts(store) for store in stores]
    call(*DEMO)
    assert [counts(store) for store in stores] == before


def counts(path):
    with RunStore(path, read_only=True) as store:
        return store.game_count(), len(store.members())


@pytest.mark.slow
def test_a_killed_demo_ends_when_called_again(tmp_path):
    command = [sys.executable, "-c", "import sys; from kumite.cli import main; main()", *DEMO]
    for seconds in (4, 7, 10):
        running = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(seconds)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.splitlines()[-1]).is_file()


def test_depth_is_of_trained_agents(call):
    """A run whose responses were all refused was judged by uniform play, which passed most checks."""
    call("train", "fight", "--iterations", "0", "--out", "run", "--threads", "1", "-s", "tensorboard=false")
    with pytest.raises(ValueError, match="no trained member"):
        call("report", "run", "--depth", "fight", "--response-steps", "0")
