"""One source of rules, four ways to run it: compiled, plain Python, the CUDA simulator, and PTX for a GPU."""

import importlib.util
import json
from itertools import product

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.arena import ArenaError, hidden_bytes, match_dtype

GROUPS: dict[str, list[str]] = {}
"""Arenas that share a process of each kind, to start fewer: the classic games, and each other arena by itself."""
for arena_name in arenas.names():
    GROUPS.setdefault(arena_name.split("/")[0], []).append(arena_name)
SIZES = {"battle": (2, 20), "fight": (4, 90), "skirmish": (2, 25)}  # matches, decisions

PLAY = """
import hashlib, json
import numpy as np
from kumite import arenas
played = {}
for name, (matches, decisions) in PLAYS.items():
    planes = bool(arenas.make_game(name).planes)
    batch = arenas.make_batch(name, matches=matches, seed=3, device=DEVICE, planes=planes)
    shown = ("planes", "final_planes") if planes else ()
    host = (lambda array: array.copy_to_host()) if DEVICE == "cuda" else np.asarray
    played[name] = []
    for _ in range(decisions):
        batch.step(batch.random_actions())
        record = {field: hashlib.sha256(np.ascontiguousarray(batch.state[field]).tobytes()).hexdigest()[:12]
                  for field in batch.state.dtype.names}
        for field in ("observations", "masks", "rewards", "done", "outcome", "utility", "illegal", "actions", *shown):
            record["buffer " + field] = hashlib.sha256(host(getattr(batch, field)).tobytes()).hexdigest()[:12]
        played[name].append(record)
print(json.dumps(played))
"""

BACKENDS = {
    "compiled": ("cpu", {}),
    "plain": ("cpu", {"NUMBA_DISABLE_JIT": "1"}),
    "simulator": ("cuda", {"NUMBA_DISABLE_JIT": "1", "NUMBA_ENABLE_CUDASIM": "1"}),
}


@pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="needs the extra `cuda`")
@pytest.mark.parametrize("group", GROUPS)
def test_every_backend_leaves_the_same_bytes_in_every_field(group, run_python):
    plays = {name: SIZES.get(name, (8, 60)) for name in GROUPS[group]}
    played = {}
    for backend, (device, environment) in BACKENDS.items():
        source = PLAY.replace("PLAYS", repr(plays)).replace("DEVICE", repr(device))
        played[backend] = json.loads(run_python(source, **environment).splitlines()[-1])
    for name, backend in product(plays, ("plain", "simulator")):
        both = zip(played["compiled"][name], played[backend][name], strict=True)
        for decision, (expected, got) in enumerate(both):
            differing = [field for field in expected if expected[field] != got[field]]
            assert not differing, f"{name}: {backend} differs from compiled at decision {decision} in {differing}"


@pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="needs the extra `cuda`")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("capability", [(9, 0), pytest.param((8, 0), marks=pytest.mark.slow)])
def test_every_arena_compiles_for_a_gpu(group, capability, run_python):
    """In a process of its own: the stand-in for a device must not reach other tests."""
    source = f"""
import json
from kumite import arenas
from kumite.arenas.batch_cuda import compile_ptx
print(json.dumps([compile_ptx(arenas.make_game(name), {capability}) for name in {GROUPS[group]}]))
"""
    for name, ptx in zip(GROUPS[group], json.loads(run_python(source)), strict=True):
        assert f".target sm_{capability[0]}{capability[1]}" in ptx, name
        assert ".entry" in ptx, name
        assert "fma.rn.f32" not in ptx, (
            name
        )  # one multiply a feature: fused arithmetic would round otherwise than the CPU


@pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="needs the extra `cuda`")
@pytest.mark.parametrize("name", arenas.names())
def test_a_gpu_where_there_is_one_leaves_the_same_bytes(name):
    from numba import cuda

    if not cuda.is_available():
        pytest.skip("no CUDA device")
    cpu, gpu = (arenas.make_batch(name, matches=2048, seed=3, device=device) for device in ("cpu", "cuda"))
    for _ in range(200):
        actions = cpu.random_actions()
        cpu.step(actions)
        gpu.step(actions)
    assert cpu.state.tobytes() == gpu.state.tobytes()
    assert np.array_equal(cpu.observations, gpu.observations.copy_to_host())


@pytest.mark.parametrize("name", arenas.names())
def test_no_byte_of_a_record_is_hidden(name):
    assert hidden_bytes(arenas.make_game(name).state) == 0


def test_hidden_bytes_are_found():
    assert hidden_bytes(np.dtype([("a", np.int8), ("b", np.int32)], align=True)) == 3
    inner = np.dtype([("a", np.int8), ("b", np.int16)], align=True)
    assert hidden_bytes(np.dtype([("x", inner, (4,)), ("y", np.int64)], align=True)) == 4


def test_a_field_called_like_a_method_of_numpys_records_is_refused():
    """Compiled rules would find the field, plain Python the method."""
    with pytest.raises(ArenaError, match="may not be called 'round'"):
        match_dtype([("round", np.int8)], slots=1, setup=0)


TWIN = '''
"""One of two arenas that differ in one number and share a record type."""
from dataclasses import dataclass
from typing import NamedTuple
import numpy as np
from kumite.arenas.arena import ActionSpec, Arena, Block, Game, ObsSpec, Rules, Slot, match_dtype
from kumite.arenas.compile import rule

class Tables(NamedTuple):
    tape: np.ndarray

@rule
def reset(tables, match):
    match.x = 0

@rule
def step(tables, match, actions):
    match.x += STRIDE

@rule
def legal(tables, match, side, mask):
    mask[0, 0] = 1

@rule
def observe(tables, match, side, out):
    out[0] = match.x

@dataclass(frozen=True)
class Options:
    pass

def prepare(arena, options):
    return Game(arena, {}, Tables(np.zeros((1, 0), np.int32)), match_dtype([("x", np.int32)], slots=1, setup=0),
                ObsSpec((Block("x", 1),)), ActionSpec((Slot("only", ("pass",)),)), (), True, 1000)

ARENA = Arena("twin-STRIDE", 1, "A twin", Rules(reset, step, legal, observe), Options, prepare,
              lambda game, match: "x", __name__)
'''


def test_arenas_of_one_record_type_hit_the_cache_and_run_their_own_rules(tmp_path, run_python):
    """A factory closure would never hit the disk cache; a shared name would run the other arena's rules."""
    for stride in (1, 7):
        (tmp_path / f"twin{stride}.py").write_text(TWIN.replace("STRIDE", str(stride)))
    source = """
from kumite import arenas
from kumite.arenas.launch import cpu_driver
out = []
for stride in (1, 7):
    batch = arenas.make_batch(f"twin{stride}.py", matches=2)
    batch.rollout_random(3)
    driver = cpu_driver(batch.arena.name, batch.arena.module, batch.arena.rules, False)
    out.append((int(batch.state.x[0]), sum(driver.stats.cache_hits.values())))
print(out)
"""
    cache = {"KUMITE_CACHE_DIR": str(tmp_path / "cache")}
    assert run_python(source, **cache).strip() == "[(3, 0), (21, 0)]"
    assert run_python(source, **cache).strip() == "[(3, 1), (21, 1)]"
    edited = (tmp_path / "twin7.py").read_text().replace("+= 7", "+= 5")
    (tmp_path / "twin7.py").write_text(edited)
    assert run_python(source, **cache).strip() == "[(3, 1), (15, 0)]"  # an edit is seen


def test_a_process_that_used_threads_may_fork(run_python):
    source = """
import os, sys, warnings
from kumite import arenas
warnings.simplefilter("ignore", DeprecationWarning)  # Python's own warning on forking with threads is the point here
batch = arenas.make_batch("example", matches=1024, threads=2)
child = os.fork()
batch.rollout_random(10)
if child == 0:
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run_python(source).strip() == "0"


def test_a_rule_called_directly_is_refused_in_words():
    from kumite.arenas.example import step

    with pytest.raises(TypeError, match="run it through a Batch"):
        step(None, None, None)
