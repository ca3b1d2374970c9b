"""Threads that play parts of a batch: every match once, errors raised, asleep or awake, for several callers at once."""

import itertools
import os
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas import crew
from kumite.arenas.crew import LEAST_PART, PART, part_of, run_parts


def count(runs: np.ndarray, low: int, high: int) -> None:
    """A driver that counts how often each match is run."""
    runs[low:high] += 1


def test_the_more_a_decision_writes_the_fewer_matches_are_worth_a_thread():
    assert [part_of(written) for written in (1, 150, 1_000, 1_000_000)] == [PART, PART, 40, LEAST_PART]
    small = arenas.make_batch("example", matches=64, threads=2)
    assert small.threads == 1


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("matches", [1, 31, 64, 1000])
def test_every_match_is_run_once_whatever_the_threads(threads, matches):
    runs = np.zeros(2000, np.int64)
    run_parts(count, (runs,), 500, 500 + matches, threads, 32)
    assert runs[500 : 500 + matches].tolist() == [1] * matches
    assert runs.sum() == matches


@pytest.mark.parametrize("pause", [0.0, 2e-5, 1e-4, 0.05])
def test_a_thread_plays_its_part_whether_it_was_asleep_or_awake(pause):
    """Pauses from far shorter to far longer than a thread looks out for its next part."""
    runs = np.zeros(128, np.int64)
    rounds = 20 if pause > 1e-3 else 2_000
    for _ in range(rounds):
        run_parts(count, (runs,), 0, 128, 2, 32)
        time.sleep(pause)
    assert (runs == rounds).all()


def test_what_goes_wrong_in_a_thread_is_raised_and_the_next_step_works():
    def fails(runs, low, high):
        if low >= 64:
            raise OverflowError("in a thread")
        count(runs, low, high)

    runs = np.zeros(128, np.int64)
    with pytest.raises(OverflowError, match="in a thread"):
        run_parts(fails, (runs,), 0, 128, 2, 32)
    run_parts(count, (runs,), 0, 128, 2, 32)
    assert runs.tolist() == [2] * 64 + [1] * 64


def test_what_goes_wrong_here_waits_for_the_others_and_frees_them():
    def fails(runs, low, high):
        if low < 64:
            raise OverflowError("here")
        time.sleep(0.01)
        count(runs, low, high)

    runs = np.zeros(128, np.int64)
    with pytest.raises(OverflowError, match="here"):
        run_parts(fails, (runs,), 0, 128, 2, 32)
    assert runs.tolist() == [0] * 64 + [1] * 64
    assert all(mate.free.acquire(blocking=False) for mate in crew._crew)
    for mate in crew._crew:
        mate.free.release()


def test_callers_in_several_threads_do_not_share_one():
    """Two batches stepped from two threads of the user's own, at once."""
    runs = np.zeros((3, 96), np.int64)

    def steps(own):
        for _ in range(300):
            run_parts(count, (own,), 0, 96, 3, 32)

    callers = [threading.Thread(target=steps, args=(own,)) for own in runs]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert (runs == 300).all()


def test_a_batch_played_by_threads_is_the_batch_played_by_one():
    one, two = (arenas.make_batch("skirmish", matches=96, seed=3, threads=threads) for threads in (1, 3))
    assert (one.threads, two.threads) == (1, 3)
    for _ in range(30):
        actions = one.random_actions()
        assert np.array_equal(two.random_actions(), actions)
        one.step(actions)
        two.step(actions)
        assert one.state.tobytes() == two.state.tobytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own():
    runs = np.zeros(128, np.int64)
    run_parts(count, (runs,), 0, 128, 2, 32)
    child = os.fork()
    if child == 0:
        run_parts(count, (runs,), 0, 128, 2, 32)
        os._exit(0 if (runs == 2).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Late:
    """A lock for which one's own thread comes late."""

    def __init__(self) -> None:
        self.lock, self.late = threading.Lock(), threading.current_thread()

    def __enter__(self) -> None:
        if threading.current_thread() is self.late:
            time.sleep(0.02)
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


@pytest.mark.timeout(60)
def test_a_part_given_while_the_thread_falls_asleep_is_played_once():
    """Once it was seen before it had been rung for, played, and played again when the bell rang."""
    mate, runs = crew.Mate(), np.zeros(2, np.int64)
    mate.looking = Late()  # type: ignore[assignment]
    for _ in range(10):
        mate.free.acquire()
        mate.give(count, runs, 0, 2)
        assert mate.result() is None
    time.sleep(0.05)
    assert runs.tolist() == [10, 10]
    assert mate.is_alive()


def test_a_thread_looks_out_only_where_parts_come_soon(monkeypatch):
    """Looking out between the steps of training took a twelfth of its speed: a network is slower than that."""
    now = itertools.count()
    apart = 1.0
    monkeypatch.setattr(crew, "time", SimpleNamespace(perf_counter=lambda: apart * next(now)))
    mate, runs, looked = crew.Mate(), np.zeros(2, np.int64), []
    compiled = mate.watch

    def watch(bell, own, told, other, known, looks):
        if own == crew.PLAYED:
            looked.append(looks)
        return compiled(bell, own, told, other, known, looks)

    mate.watch = watch
    for apart in (1.0, 1e-9):
        looked.clear()
        for _ in range(50):
            mate.free.acquire()
            mate.give(count, runs, 0, 2)
            assert mate.result() is None
        assert any(looked) == (apart < crew.SOON)
    assert runs.tolist() == [100, 100]
