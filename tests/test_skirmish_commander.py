"""Skirmish through the commander's interface: the cases of two files, run where that costs least.

The interface has a compiled driver of its own. Its cases run as plain Python in the fast suite, in the slow one
compiled.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kumite import arenas

CASES = [Path(__file__).parent / name for name in ("commander_cases.py", "commander_sight_cases.py")]
OPTIONS = {"interface": "commander", "screen": "8", "scenario": "3m"}


def run_cases(**environment: str) -> str:
    """Runs the cases in a process of their own; what pytest said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, CASES)]
    done = subprocess.run(
        command,
        cwd=CASES[0].parent.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_the_cases_hold_in_plain_python() -> None:
    assert " passed" in run_cases(NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_cases_hold_compiled() -> None:
    assert " passed" in run_cases()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_commander_keeps_the_contract() -> None:
    from kumite.arenas.check import conformance

    wrong = {name: verdict for name, verdict in conformance("skirmish", **OPTIONS).items() if verdict}
    assert not wrong


PLAY = """
import hashlib, json
import numpy as np
from kumite import arenas
batch = arenas.make_batch("skirmish", matches=2, seed=3, device=DEVICE, planes=True, **OPTIONS)
host = (lambda array: array.copy_to_host()) if DEVICE == "cuda" else np.asarray
played = []
for _ in range(10):
    batch.step(batch.random_actions())
    seen = [host(getattr(batch, name)).tobytes() for name in ("observations", "planes", "masks", "actions")]
    played.append([hashlib.sha256(array).hexdigest()[:12] for array in (batch.state.tobytes(), *seen)])
print(json.dumps(played))
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="needs the extra `cuda`")
def test_every_backend_leaves_the_same_bytes(run_python) -> None:
    source = PLAY.replace("OPTIONS", repr(OPTIONS))
    plain = {"NUMBA_DISABLE_JIT": "1"}
    played = [
        json.loads(run_python(source.replace("DEVICE", repr("cpu"))).splitlines()[-1]),
        json.loads(run_python(source.replace("DEVICE", repr("cpu")), **plain).splitlines()[-1]),
        json.loads(
            run_python(source.replace("DEVICE", repr("cuda")), **plain, NUMBA_ENABLE_CUDASIM="1").splitlines()[-1]
        ),
    ]
    assert played[0] == played[1] == played[2]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="needs the extra `cuda`")
def test_the_commander_compiles_for_a_gpu(run_python) -> None:
    source = f"""
from kumite import arenas
from kumite.arenas.batch_cuda import compile_ptx
print(compile_ptx(arenas.make_game("skirmish", **{OPTIONS}), planes=True)[:2000])
"""
    assert ".target sm_90" in run_python(source)


def test_the_interface_of_units_pays_nothing() -> None:
    """Its rules are the same objects, its driver has its own name, its batches have no planes."""
    from kumite.arenas.driver import driver_name

    units, commander = arenas.make_game("skirmish"), arenas.make_game("skirmish", **OPTIONS)
    assert units.arena.rules == arenas.get("skirmish").rules
    assert units.planes is None
    assert units.state == commander.state
    names = {driver_name("skirmish", game.arena.rules, False) for game in (units, commander)}
    assert len(names) == 2
