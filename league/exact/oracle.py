"""The exact oracle: a best response by enumeration, for small games. Nothing is learned and nothing is random."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...agents.policy import Policy
from ...agents.table import TablePolicy, save_table
from ...arenas.arena import Game
from ..config import LeagueError
from ..oracle import Task
from .book import Book, open_book
from .tree import LIMIT


@dataclass
class Answered:
    """What the one iteration did."""

    steps: int
    steps_per_second: float
    win_rate: float = float("nan")

    def scalars(self) -> dict[str, float]:
        """No curves."""
        return {}


class ExactLearner:
    """Answers at its first iteration. steps: histories of the game, all of which it has looked through then."""

    def __init__(self, task: Task, book: Book):
        if task.opponents is None:
            raise LeagueError("opponents = 'self' and learner = 'exact': a best response answers somebody else")
        self.task, self.book, self.steps = task, book, 0

    def iterate(self) -> Answered:
        """Finds the response."""
        begin = time.perf_counter()
        assert self.task.opponents is not None
        self.found = self.book.respond(self.task.opponents, self.task.side)
        self.steps = self.book.tree.states
        return Answered(self.steps, self.steps / (time.perf_counter() - begin))

    def policy(self, acting: str = "sample", name: str = "exact") -> TablePolicy:
        """The response; it plays nothing at random."""
        self.found.name = name
        return self.found

    def state_dict(self) -> dict[str, Any]:
        """Nothing: the answer takes moments, and is found again."""
        return {}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Begins again."""


class ExactOracle:
    """Best responses by enumeration; of equally good choices the lowest."""

    suffix = ".safetensors"
    at_once = True

    def settings(self) -> dict[str, Any]:
        """limit: histories at which enumeration gives up."""
        return {"limit": LIMIT}

    def start(self, task: Task) -> ExactLearner:
        """A learner for the task; the game is enumerated once."""
        return ExactLearner(task, open_book(task.game, task.config.learner_options.get("limit", LIMIT)))

    def save(self, path: Path, policy: Policy, game: Game, metadata: Mapping[str, Any]) -> None:
        """As a table."""
        if not isinstance(policy, TablePolicy):
            raise TypeError(f"{policy!r} is not a table")
        save_table(path, policy, game, metadata)
