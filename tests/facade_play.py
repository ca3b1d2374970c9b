"""What the facades' tests share: every arena in a form short enough to play often, and its play by the batch alone."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import facade_arena
import numpy as np
import pytest

from kumite import arenas

ARENAS = [*arenas.names(), "two-slots"]
SHORT: dict[str, dict[str, Any]] = {"fight": {"rounds": 1, "seconds": 5}}
"""Options under which matches end soon."""


@pytest.fixture(autouse=True)
def two_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registers the tests' own arena, for one test."""
    monkeypatch.setitem(arenas.REGISTRY, "two-slots", facade_arena)


def short(name: str) -> dict[str, Any]:
    """Options for an arena."""
    return SHORT.get(name, {})


class Tick(NamedTuple):
    """One decision of a batch, before and after; copies."""

    actions: np.ndarray
    observations: np.ndarray
    masks: np.ndarray
    rewards: np.ndarray
    done: np.ndarray
    outcome: np.ndarray
    utility: np.ndarray
    final_observations: np.ndarray


def play(batch: Any, decisions: int) -> Iterator[Tick]:
    """Random legal play of a batch, decision by decision."""
    for _ in range(decisions):
        actions = batch.random_actions()
        batch.step(actions)
        results = (getattr(batch, name).copy() for name in Tick._fields[1:])
        yield Tick(actions, *results)


def first_bot(name: str) -> str | None:
    """A bot of an arena, if it has any."""
    return next(iter(arenas.get(name).bots), None)
