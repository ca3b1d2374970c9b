"""Killed at any moment, a run goes on: nothing finished is played again, and it ends as a run left alone does."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from league_runs import begin_or_resume, members, rows, settings

from kumite.league.run import STORE, Run

KILLS = 5


@pytest.fixture(scope="module")
def processes():
    """Children fork from a server that has everything imported: they begin in a moment, and can be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kumite.league.trainer"])  # what of ours is found by name alone
    return context


def in_child(context, folder, arena, config, kill_at=None, delay=0.0):
    """Trains in a child process; kills it `delay` seconds after its `kill_at`-th sign of progress. Its signs."""
    counter = context.Value("q", 0)
    child = context.Process(target=begin_or_resume, args=(str(folder), arena, config, counter))
    child.start()
    while child.is_alive() and (kill_at is None or counter.value < kill_at):
        time.sleep(0.001)
    if kill_at is not None:
        time.sleep(delay)
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert child.exitcode == (0 if kill_at is None else -signal.SIGKILL)
    return counter.value


MORE = {
    "double-oracle": {"gate": "confidence-sequence", "patience": 0, "pairs": 60, "extra_pairs": 40},
    "fictitious-play": {"pairs": 60},
    "alphastar": {"steps": 3_000, "pairs": 60, "snapshot_steps": 3_000, "snapshot_limit": 6_000},
    "regularised": {},
}


@pytest.mark.parametrize(
    ("arena", "scheme"),
    [
        ("example", "double-oracle"),
        ("classic/kuhn", "fictitious-play"),
        pytest.param("example", "alphastar", marks=pytest.mark.slow),
        pytest.param("classic/kuhn", "regularised", marks=pytest.mark.slow),
    ],
)
def test_a_run_killed_five_times_ends_like_one_left_alone(arena, scheme, tmp_path, processes):
    given = {"steps": 8_000, "matches": 64, "iterations": 3, "snapshot_seconds": 0.05}
    config = settings(scheme, **{**given, **MORE[scheme]})
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    signs = in_child(processes, whole, arena, config)
    rng = np.random.default_rng(7)
    kept: list[tuple] = []
    for _ in range(KILLS):
        kill_at = int(rng.integers(0, signs // (KILLS + 1)))
        in_child(processes, killed, arena, config, kill_at, delay=rng.uniform(0, 0.03))
        if (killed / STORE).exists():  # it may have been killed before it had begun
            now = rows(killed)
            assert set(kept) <= set(now)  # each with the time it was first recorded: none was played again
            kept = now
    in_child(processes, killed, arena, config)
    end = rows(killed)
    assert set(kept) <= set(end)
    keys = [row[:4] for row in end]
    assert len(keys) == len(set(keys))
    with Run.open(whole) as alone, Run.open(killed) as resumed:
        assert members(resumed) == members(alone)
        assert [member.iteration for member in resumed.store.members()] == sorted(
            member.iteration for member in alone.store.members()
        )
        assert not config.pairs or not resumed.table().missing(config.pairs)
        assert len(resumed.store.events("finished")) == 1
        assert len(resumed.store.events("judged")) == len(alone.store.events("judged"))
    assert [row[:10] for row in end] == [row[:10] for row in rows(whole)]  # all but when


def recorded(folder: Path) -> int:
    """How many games are recorded so far, by a run that may not have begun to."""
    if not (folder / STORE).exists():
        return 0
    db = sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True)
    try:
        return db.execute("SELECT count(*) FROM game").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def test_a_kill_while_payoffs_are_played_keeps_the_finished_ones(tmp_path, processes):
    """Only payoffs here, so that every kill falls among them."""
    config = settings(iterations=0, initial=("uniform", "walker", "gambler"), pairs=30_000, matches=64)
    counts = [0]
    for _ in range(2):
        counter = processes.Value("q", 0)
        child = processes.Process(target=begin_or_resume, args=(str(tmp_path), "example", config, counter))
        child.start()
        while child.is_alive() and recorded(tmp_path) <= counts[-1]:
            time.sleep(0.001)  # games are kept a second after they were played: how many that is, differs
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        counts.append(recorded(tmp_path))
    assert 0 < counts[1] < counts[2] < 90_000


def test_ctrl_c_saves_and_names_the_command_that_goes_on(tmp_path):
    """Through the real command line, in a process of its own."""
    program = "from kumite.cli import main; import sys; sys.argv[0] = 'kumite'; main()"
    folder = tmp_path / "run"
    train = ["train", "example", "--out", str(folder), "--steps", "2000000", "--iterations", "1", "--pairs", "10"]
    small = ["--matches", "16", "--threads", "1", "-s", "hidden=[8, 8]", "-s", "horizon=8", "-s", "gate=none"]
    child = subprocess.Popen([sys.executable, "-c", program, *train, *small], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (folder / STORE).exists() or not meta_solved(folder):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.1)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert f"kumite resume {folder}" in said
    assert [file.name for file in (folder / "snapshots").iterdir()] == ["ppo-1.safetensors"]
    assert "Traceback" not in said


def meta_solved(folder) -> bool:
    """Whether the run has begun its first response."""
    db = sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True)
    try:
        return db.execute("SELECT COUNT(*) FROM event WHERE phase = 'meta'").fetchone()[0] > 0
    finally:
        db.close()


WORKER = """
import os, sys, time
from kumite.league.executor import LocalProcesses
if __name__ == "__main__":
    executor = LocalProcesses("example", {}, workers=1)
    print(executor.pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


def test_a_killed_run_leaves_no_workers_behind(tmp_path):
    program = tmp_path / "work.py"
    program.write_text(WORKER)
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    os.kill(worker, 0)  # it is there
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while alive(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Whether a process exists and is more than an entry nobody has collected yet."""
    try:
        os.kill(process, 0)
        stat = Path(f"/proc/{process}/stat")
        return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
