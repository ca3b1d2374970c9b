"""Threads that play parts of a batch beside the caller's own, and stay awake for a moment after each.

A step of few matches takes a tenth of a millisecond, and a core that has gone to sleep half as long to wake. Where
parts come soon after each other, a thread that has just played therefore looks out for the next before it sleeps, and
lets others have its core meanwhile: two threads play 64 matches faster than one, where waking at each step was slower.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numba import types

from .compile import PLAIN, bind, cache_folder

PART = 256
PART_BYTES = 40 << 10
LEAST_PART = 16
GIVEN, PLAYED = 0, 8
"""Places in a bell, on cache lines of their own: how many parts were given, and how many are played."""
LOOKS = 200
"""Times a thread looks before it sleeps: about 0.1 ms."""
SOON = 2e-4
"""Seconds within which a part must have come for a thread to look out for the next. Where a network chooses between
steps it is longer: looking out would find nothing, and take a twelfth of its speed from training on all cores."""

_types: Any = types  # its stubs know no external functions
sched_yield: Any = _types.ExternalFunction("sched_yield", _types.int32())


def part_of(written: int) -> int:
    """Fewer matches than this are not worth a thread of their own: the work of a decision grows with what it writes.

    written: bytes that a decision writes for one match.
    """
    return max(LEAST_PART, min(PART, PART_BYTES // written))


def watch(bell, own, told, other, known, looks):
    """Tells a number, and looks, so many times at most, until another is not the known one. Returns whether it is not.

    It runs without Python's lock, which who is waited for may need. The call within keeps the compiler from looking
    once for all.
    """
    bell[own] = told
    for _ in range(looks):
        if bell[other] != known:
            return True
        sched_yield()
    return False


@cache
def _watch() -> Callable[..., bool]:
    """`watch` compiled; where a thread cannot yield nobody looks, and all sleep."""
    if PLAIN or not hasattr(os, "sched_yield"):
        return lambda *_: False
    return bind(watch, "crew", cache_folder("crew", sys.modules[__name__]))


class Mate(threading.Thread):
    """A thread that plays one part at a time, for one caller at a time: the one who holds `free`."""

    def __init__(self) -> None:
        super().__init__(name="kumite", daemon=True)
        self.watch = _watch()
        self.free, self.looking = threading.Lock(), threading.Lock()
        self.woken, self.finished = threading.Lock(), threading.Lock()
        self.woken.acquire()
        self.finished.acquire()
        self.bell = np.zeros(16, np.int64)
        self.given = 0
        self.asleep = False
        self.part: tuple[Any, ...] = ()
        self.error: BaseException | None = None
        self.start()

    def give(self, *part: Any) -> None:
        """Has a function and its arguments played; `result` must follow."""
        self.part = part
        with self.looking:  # who falls asleep sees both or neither
            self.given += 1
            self.bell[GIVEN] = self.given
            if self.asleep:
                self.asleep = False
                self.woken.release()

    def result(self) -> BaseException | None:
        """Waits until the part is played, and is free again. Returns what went wrong in it."""
        self.watch(self.bell, GIVEN, self.given, PLAYED, self.given - 1, LOOKS)
        self.finished.acquire()
        error, self.part, self.error = self.error, (), None
        self.free.release()
        return error

    def run(self) -> None:
        """Plays what is given, until the process ends."""
        played = looks = 0
        while True:
            if not self.watch(self.bell, PLAYED, played, GIVEN, played, looks):
                begin = time.perf_counter()
                with self.looking:
                    sleeps = self.asleep = self.given == played
                if sleeps:
                    self.woken.acquire()
                looks = LOOKS if looks == 0 and time.perf_counter() - begin < SOON else 0
            function, *arguments = self.part
            try:
                function(*arguments)
            except BaseException as error:
                self.error = error
            del function, arguments
            played += 1
            self.finished.release()


_crew: list[Mate] = []
os.register_at_fork(after_in_child=_crew.clear)  # threads do not survive a fork


def _hire(number: int) -> list[Mate]:
    """So many threads nobody else uses now; each is to be set free again."""
    hired = [mate for mate in list(_crew) if mate.free.acquire(blocking=False)]
    for spare in hired[number:]:
        spare.free.release()
    for _ in range(number - len(hired)):
        mate = Mate()
        mate.free.acquire()
        _crew.append(mate)
        hired.append(mate)
    return hired[:number]


def run_parts(
    function: Callable[..., None], arguments: tuple[Any, ...], low: int, high: int, threads: int, part: int = PART
) -> None:
    """Runs the driver over the matches from `low` to below `high`, in as many threads as are worth it: this is one."""
    parts = min(threads, (high - low) // part)
    if parts <= 1 or PLAIN:
        function(*arguments, low, high)
        return
    edges = [low + (high - low) * number // parts for number in range(parts + 1)]
    hired = _hire(parts - 1)
    for mate, ends in zip(hired, pairwise(edges[1:]), strict=True):
        mate.give(function, *arguments, *ends)
    try:
        function(*arguments, edges[0], edges[1])
    finally:
        wrong = [error for mate in hired if (error := mate.result()) is not None]
    if wrong:
        raise wrong[0]
