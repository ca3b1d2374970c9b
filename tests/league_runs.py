"""Runs of seconds for the league's tests, and what a child process does with one."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from kumite.league.config import LeagueConfig, load_scheme
from kumite.league.run import STORE, Run
from kumite.league.trainer import Reporter, Trainer

TINY = {
    "iterations": 2,
    "steps": 1500,
    "pairs": 20,
    "gate": "none",
    "gate_pairs": 20,
    "matches": 16,
    "threads": 1,
    "tensorboard": False,
    "hidden": (8, 8),
    "horizon": 8,
    "minibatch": 256,
}


class Said(Reporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.phases: list[str] = []
        self.updates = 0

    def begin(self, title: str, total: float) -> None:
        self.phases.append(title)

    def update(self, done: float, text: str = "") -> None:
        self.updates += 1

    def say(self, text: str) -> None:
        self.lines.append(text)


def settings(scheme: str = "double-oracle", **overrides: Any) -> LeagueConfig:
    """A scheme, tiny."""
    tiny = TINY | ({"pairs": 0} if load_scheme(scheme).loop == "magnet" else {})
    return load_scheme(scheme, {**tiny, **overrides})


def trained(folder: Path, arena: str = "example", scheme: str = "double-oracle", **overrides: Any) -> Run:
    """A run trained to its end in this process."""
    run = Run.create(folder, arena, {}, settings(scheme, **overrides))
    Trainer(run).train()
    return run


def members(run: Run) -> list[tuple[str, str, str]]:
    """Name, role and hash of each member."""
    return [(member.name, member.role, member.hash) for member in run.store.members()]


def rows(folder: Path) -> list[tuple]:
    """Every recorded game, when it was recorded included."""
    db = sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True)
    try:
        return db.execute("SELECT * FROM game").fetchall()
    finally:
        db.close()


class Counting(Reporter):
    """Counts updates where another process can read the number."""

    def __init__(self, counter: Any):
        self.counter = counter

    def update(self, done: float, text: str = "") -> None:
        self.counter.value += 1


def begin_or_resume(folder: str, arena: str, config: LeagueConfig, counter: Any) -> None:
    """What a child process does until it is killed: trains a run, begun now or earlier."""
    import torch

    os.setpgrp()
    torch.set_num_threads(1)
    place = Path(folder)
    run = Run.open(place, write=True) if (place / STORE).exists() else Run.create(place, arena, {}, config)
    Trainer(run, Counting(counter)).train()
