"""Jobs: games as they travel to whoever plays them, named by all that decides them, checked before they are played."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .. import arenas
from ..agents.policy import Policy, hash_of
from ..arenas.arena import ArenaError, Game
from .play import play_keys
from .records import GameKey, GameRecord, canonical


@dataclass(frozen=True)
class Job:
    """Some games for one worker, who makes the game from `arena` and `options`.

    content: the game's hash where the job was made, which covers the arena's name, version, tables and options. Of
    another hash, here or there, nothing is played: a worker's copy of the project may be older.
    """

    arena: str
    options: tuple[tuple[str, Any], ...]
    content: str
    policies: Mapping[str, Policy]  # by hash
    keys: Sequence[GameKey]
    matches: int = 1024

    @property
    def name(self) -> str:
        """The job's key: the same games make the same name, wherever and in whatever order they are asked for."""
        return _digest(sorted(game_name(self.content, key) for key in self.keys))

    def play(self, threads: int | None = None) -> Iterator[list[GameRecord]]:
        """Plays it here. Refused if the rules here, or a program named by a policy, are not those asked for."""
        game = _game(self.arena, self.options)
        if game.content_hash != self.content:
            raise ArenaError(
                f"{self.arena}: asked for games of content {self.content}, this worker has {game.content_hash}: "
                "give all workers the same kumite"
            )
        for name, policy in self.policies.items():
            if (here := hash_of(policy)) != name:
                raise ArenaError(f"{policy!r}: asked for hash {name}, it has {here} on this worker")
        return play_keys(game, self.policies, self.keys, matches=self.matches, threads=threads)


def make_jobs(
    arena: str,
    options: Mapping[str, Any],
    content: str,
    policies: Mapping[str, Policy],
    keys: Sequence[GameKey],
    size: int,
    matches: int,
) -> list[Job]:
    """The keys in jobs of at most `size` games, each key once, each job with the policies it needs."""
    once = list({canonical(key): key for key in keys}.values())
    jobs: list[Job] = []
    for at in range(0, len(once), size):
        part = once[at : at + size]
        needed = {name: policies[name] for key in part for name in (key.row, key.column)}
        jobs.append(Job(arena, tuple(sorted(options.items())), content, needed, part, matches))
    return jobs


def game_name(content: str, key: GameKey) -> str:
    """One game's name from all that decides it; the same from either side.

    content: the game's hash (arena, version, tables, options, how the setup is drawn). The key has the agents' hashes,
    which cover how they choose (sample, greedy) and what they may take, the setup's seed and the seats.
    """
    return _digest([content, *map(str, canonical(key))])


@cache
def _game(arena: str, options: tuple[tuple[str, Any], ...]) -> Game:
    return arenas.make_game(arena, **dict(options))


def _digest(words: Sequence[str]) -> str:
    return hashlib.blake2b(json.dumps(list(words)).encode(), digest_size=12).hexdigest()
