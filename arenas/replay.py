"""Replays: a match as its first record and the actions played, with a hash after every decision.

A replay is one `.npz` file: `spec` (JSON: arena, version, options, content hash, who played), `start` (the record),
`actions` int16 [T, S, K], `hashes` uint64 [T]. Re-simulating it must give every hash again.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import make_game
from .arena import ArenaError, Game
from .batch import Batch

FORMAT = 2


class ReplayError(ArenaError):
    """A file that is no replay, or one recorded under other rules."""


def record_hash(batch: Batch, i: int) -> int:
    """64 bits over every byte of match i."""
    return int.from_bytes(hashlib.blake2b(batch.save(i), digest_size=8).digest(), "little")


@dataclass
class Replay:
    """A recorded match. spec: JSON-able facts; start: `Batch.save` bytes; actions [T, S, K]; hashes [T]."""

    spec: dict[str, Any]
    start: bytes
    actions: np.ndarray
    hashes: np.ndarray
    players: tuple[str, ...] = field(default=())

    def save(self, path: Path | str) -> Path:
        """Writes the file atomically."""
        path = Path(path)
        arrays = {
            "spec": np.frombuffer(json.dumps(self.spec).encode(), np.uint8),
            "start": np.frombuffer(self.start, np.uint8),
            "actions": self.actions,
            "hashes": self.hashes,
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + f".{os.getpid()}.tmp")
        temporary.write_bytes(buffer.getvalue())
        return temporary.replace(path)

    @classmethod
    def load(cls, path: Path | str) -> "Replay":
        """Reads a replay; nothing in it is executed."""
        try:
            with np.load(path, allow_pickle=False) as file:
                spec = json.loads(file["spec"].tobytes())
                found = spec.get("format")
                replay = cls(spec, file["start"].tobytes(), file["actions"], file["hashes"], tuple(spec["players"]))
        except (OSError, ValueError, KeyError) as error:
            raise ReplayError(f"{path} is not a replay: {error}") from error
        if found != FORMAT:
            raise ReplayError(f"{path}: replay format {found}, this version reads {FORMAT}")
        return replay

    def game(self) -> Game:
        """The game it was played under; refused if the rules have changed since."""
        game = make_game(self.spec["arena"], **self.spec["options"])
        if game.content_hash != self.spec["content_hash"]:
            was = self.spec["content_hash"]
            raise ReplayError(
                f"recorded under {game.arena.name} version {self.spec['version']}, content {was}: "
                f"this installation has version {game.arena.version}, content {game.content_hash}"
            )
        return game

    def play(self) -> Iterator[Batch]:
        """A batch of one, first as the match began, then after each decision; after the last one as the match ended."""
        batch = Batch(self.game(), auto_reset=False)
        batch.load(0, self.start)
        yield batch
        for actions in self.actions:
            batch.step(actions[None])
            yield batch

    def first_difference(self) -> int | None:
        """The first decision whose record differs from the recorded one; None if all agree."""
        for t, batch in enumerate(self.play()):
            if t and record_hash(batch, 0) != int(self.hashes[t - 1]):
                return t - 1
        return None


class Recorder:
    """Records match i of a batch: make it when the match begins, call it after every step; `replay` once `finished`.

    The batch must leave matches as they end (`auto_reset=False`, as the facades of one match do): the last hash is that
    of the ended record.
    """

    def __init__(self, batch: Batch, i: int = 0, players: tuple[str, ...] = ()):
        if batch.auto_reset:
            raise ReplayError(
                "a batch with auto_reset=True replaces a match that ends by the next one, and its last record is lost: "
                "record from one with auto_reset=False"
            )
        self.batch, self.i, self.players = batch, i, players
        self.start = batch.save(i)
        self.actions: list[np.ndarray] = []
        self.hashes: list[int] = []
        self.finished = False
        self.outcome = 0

    def __call__(self) -> bool:
        """Takes note of the step just played; whether the match has ended."""
        if not self.finished:
            self.actions.append(self.batch.actions[self.i].copy())
            self.hashes.append(record_hash(self.batch, self.i))
            self.finished = bool(self.batch.done[self.i])
            self.outcome = int(self.batch.outcome[self.i])
        return self.finished

    @property
    def replay(self) -> Replay:
        """What was recorded so far."""
        game = self.batch.game
        spec = {
            "format": FORMAT,
            "arena": game.arena.name,
            "version": game.arena.version,
            "options": dict(game.options),
            "content_hash": game.content_hash,
            "players": list(self.players),
            "outcome": self.outcome,
        }
        actions = np.array(self.actions, np.int16).reshape(-1, *self.batch.actions.shape[1:])
        return Replay(spec, self.start, actions, np.array(self.hashes, np.uint64), self.players)
