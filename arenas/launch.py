"""How a batch runs its driver on the CPU: machine code from the cache, and the memory it may take."""

import functools
import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from . import driver
from .arena import Arena
from .compile import PLAIN, bind, cache_folder, cache_root


@functools.cache
def cpu_driver(name: str, module: str, rules: Any, planes: bool) -> Any:
    """The compiled CPU driver of an arena, from the disk cache where its sources are unchanged."""
    folder = cache_folder(name, importlib.import_module(module))
    own = driver.driver_name(name, rules, planes)
    return bind(driver.run_range, own, folder, run_match=driver.bound_run_match(own, rules, planes))


def machine_code(arena: Arena, planes: bool, *arrays: Any) -> Callable[..., None]:
    """The driver's machine code for arrays of these types.

    numba's own call looks up the types of all thirty arrays each time: 15 us, against 2 us for a match's decision.
    """
    function = cpu_driver(arena.name, arena.module, arena.rules, planes)
    if PLAIN:
        return function
    with _saying_when_it_compiles(arena):
        function(*arrays, driver.LOOK, 0, 0, 0)  # compiles, or finds it in the cache
    types = tuple(numba.typeof(argument) for argument in (*arrays, 0, 0, 0, 0))
    return function.overloads[types].entry_point


def available_memory() -> int:
    """Bytes of memory that can be had without swapping."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def check_memory(matches: int, each: int, name: str) -> None:
    """Refuses a batch that would not fit, with the figures. each: bytes a match."""
    needed, free = matches * each, available_memory()
    if needed > 0.9 * free:
        raise MemoryError(
            f"{matches} matches of {name} need {needed / 2**20:,.0f} MiB ({each:,} B each), "
            f"{free / 2**20:,.0f} MiB are available: at most {int(0.9 * free / each):,} matches fit"
        )


LOADING_SECONDS = 8.0
"""Machine code loads in about one second, on a busy machine in some; what takes longer is being compiled."""


class _saying_when_it_compiles:
    """Says so on stderr if the first call of an arena in this process compiles."""

    known: set[str] = set()

    def __init__(self, arena: Arena):
        self.arena, self.timer = arena, None

    def __enter__(self) -> None:
        name = self.arena.name
        if name not in self.known and not PLAIN:
            self.known.add(name)
            folder = cache_folder(name, importlib.import_module(self.arena.module))
            seconds = LOADING_SECONDS if any(folder.rglob("*.nbi")) else 0.2
            words = f"kumite: compiling the rules of {name} (first use on this machine; kept in {cache_root()})"
            self.timer = threading.Timer(seconds, print, [words], {"file": sys.stderr, "flush": True})
            self.timer.daemon = True
            self.timer.start()

    def __exit__(self, *_: object) -> None:
        if self.timer:
            self.timer.cancel()
