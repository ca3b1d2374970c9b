"""The figures that arenas name themselves, and the comparison with SMAX."""

import sys
from dataclasses import replace

import pytest
import typer

from kumite import arenas
from kumite.arenas import bench, bench_smax, example
from kumite.arenas.arena import BenchCase
from kumite.arenas.skirmish import ARENA as SKIRMISH
from kumite.arenas.skirmish import crowd
from kumite.commands import machine


def test_an_arenas_own_figures_are_measured_beside_their_goals(monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 1)
    cases = (
        BenchCase("decisions", 1, {"length": 9}, 64, 2),
        BenchCase("decisions", 1e15, {}, 64),
        BenchCase("step", 1e9),
        BenchCase("cold", 3),
        BenchCase("warm", 3),
    )
    said: list[str] = []
    found = bench.measure_cases(replace(example.ARENA, bench=cases), 0.01, {"cold": 2.0, "warm": 4.0}, said.append)
    assert said == [case.title for case in cases if case.what not in ("cold", "warm")]  # before each that takes a while
    assert [row["reached"] for row in found] == [True, False, True, True, False]
    assert found[0]["title"] == "decisions/s, 64 matches, 2 threads, length 9"
    assert [row["measured"] for row in found[3:]] == [2.0, 4.0]
    assert found[0]["cores_used"] > 0


def test_an_arena_without_figures_of_its_own_has_none():
    assert bench.measure_cases(replace(example.ARENA, bench=()), 0.01, {}) == []


def test_skirmish_names_the_figures_that_it_is_to_reach():
    decisions = {(case.options["scenario"], case.matches) for case in SKIRMISH.bench if case.what == "decisions"}
    assert decisions == {("3m", 64), ("3m", 1024), ("3m", 4096), ("3m", 8192), ("27m_vs_30m", 256), ("full", 64)}
    assert {case.what for case in SKIRMISH.bench} == {"decisions", "step", "cold", "warm"}


def test_a_case_can_say_where_its_matches_begin(monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 1)
    begun = []
    case = BenchCase(
        "decisions", 1, {"length": 9}, 64, begin=(lambda batch: begun.append(len(batch)), "from the start")
    )
    found = bench.measure_cases(replace(example.ARENA, bench=(case,)), 0.01, {})
    assert found[0]["title"] == "decisions/s, 64 matches, 1 threads, length 9, from the start"
    assert begun == [64]


def test_the_full_games_figure_begins_with_128_units_on_the_map(monkeypatch):
    """Scripts have played, whoever they left is there, and what was added acts as any other unit."""
    monkeypatch.setattr(crowd, "PLAYED", 200)
    monkeypatch.setattr(crowd, "SETTLED", 0)
    batch = arenas.make_batch("skirmish", matches=9, seed=1, threads=1, scenario="full")
    crowd.crowded(batch)
    kinds = batch.state.unit["kind"]
    assert ((kinds > 0).sum(axis=1) == 128).all()
    assert (kinds[:, :128] > 0).all()
    assert (batch.state.tick == 200 * batch.game.frame_skip).all()
    assert (batch.state.opponent == -1).all()
    before = batch.state.copy()
    for _ in range(8):
        batch.step(batch.random_actions())
    assert (batch.state.unit["kind"] > 0).sum(axis=1).min() > 100
    walked = (batch.state.unit["x"] != before["unit"]["x"])[:, :128].sum(axis=1)
    assert walked.min() > 20
    assert not batch.illegal.any()


def test_the_timed_decisions_are_legal_and_the_same_every_time(monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 3)
    batch = arenas.make_batch("example", matches=32, seed=1)
    stepped = []
    play = batch.step
    monkeypatch.setattr(batch, "step", lambda actions: (play(actions), stepped.append(batch.state.tobytes())))
    rate, cores = bench.decision_rate(batch, 1e-9)
    assert rate > 0
    assert cores > 0
    assert len(stepped) == 4 * 16
    assert len({*stepped[:16]}) == len({*stepped}) == 16
    assert not batch.illegal.any()


# --- SMAX ---


def test_a_python_without_smax_is_told_what_to_do():
    with pytest.raises(bench_smax.SmaxError, match="pip install jaxmarl"):
        bench_smax._smax(sys.executable, 8, 0.1)
    with pytest.raises(bench_smax.SmaxError, match="--python no-such-python"):
        bench_smax._smax("no-such-python", 8, 0.1)


def test_smax_is_compared_with_skirmish_only():
    with pytest.raises(typer.BadParameter, match="is for skirmish, and this is fight"):
        machine.bench("fight", smax=True)


def test_the_ratio_is_to_what_was_measured_before_and_after(monkeypatch):
    rates = iter([100.0, 300.0])
    versions = {"jaxmarl": "0", "jax": "0"}
    answer = {"decisions_per_second": 50.0, "compile_seconds": 1.0, "versions": versions}
    monkeypatch.setattr(bench_smax, "_smax", lambda *_: answer)
    monkeypatch.setattr(bench, "median_rate", lambda run, seconds: next(rates) * (run() == 32))
    found = bench_smax.against_smax("python", 32, 1, 0.001)
    assert (found["before"], found["after"], found["smax"], found["ratio"]) == (100, 300, 50, 4)
