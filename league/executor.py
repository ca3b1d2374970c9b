"""Executors: where games are played. In this process, in several local ones, or on the machines of a Ray cluster."""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import connection
from typing import Any, Protocol

from .. import arenas
from ..agents.policy import Policy
from ..arenas.arena import ArenaError, Game
from .jobs import Job, make_jobs
from .play import play_keys
from .records import GameKey, GameRecord

LOOK_AROUND = 0.5
"""Seconds after which a caller that waits for other processes gets a look at what else is asked of it."""
TRIES = 3
"""A job whose worker dies is given to another one so often; the same job has the same result."""


class Executor(Protocol):
    """Plays games by key, in any order; which executor it was changes no result."""

    def play(self, policies: Mapping[str, Policy], keys: Sequence[GameKey]) -> Iterator[list[GameRecord]]:
        """Yields finished games (and empty lists meanwhile, so that the caller can look around). policies: by hash."""
        ...

    def close(self) -> None:
        """Gives back what it holds."""
        ...


class InProcess:
    """Plays in this process: one big batch, threads inside."""

    def __init__(self, game: Game, matches: int = 1024, threads: int | None = None):
        self.game, self.matches, self.threads = game, matches, threads

    def play(self, policies: Mapping[str, Policy], keys: Sequence[GameKey]) -> Iterator[list[GameRecord]]:
        """Yields after each decision of the batch."""
        return play_keys(self.game, policies, keys, matches=self.matches, threads=self.threads)

    def close(self) -> None:
        """Nothing to give back."""


class _Workers:
    """What executors share that send jobs away: two jobs a worker, or more where one would exceed `matches`."""

    def __init__(self, arena: str, options: Mapping[str, Any], workers: int, matches: int):
        self.arena, self.options, self.workers, self.matches = arena, dict(options), workers, matches
        self.content = arenas.make_game(arena, **options).content_hash

    def jobs(self, policies: Mapping[str, Policy], keys: Sequence[GameKey]) -> list[Job]:
        """The keys as jobs."""
        size = max(1, min(self.matches, -(-len(keys) // (2 * self.workers))))
        return make_jobs(self.arena, self.options, self.content, policies, keys, size, self.matches)


class LocalProcesses(_Workers):
    """Plays in `workers` processes of one thread each, started afresh (not forked: torch's threads survive no fork).

    arena, options: how a worker makes the game. Policies travel with their games, by pickle between our own processes.
    """

    def __init__(self, arena: str, options: Mapping[str, Any], workers: int, matches: int = 1024):
        super().__init__(arena, options, workers, matches)
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)

    def play(self, policies: Mapping[str, Policy], keys: Sequence[GameKey]) -> Iterator[list[GameRecord]]:
        """Yields a job's games at a time."""
        waiting: set[Future[list[GameRecord]]] = set()
        try:
            waiting |= {self.pool.submit(play_job, job) for job in self.jobs(policies, keys)}
            while waiting:
                done, waiting = wait(waiting, timeout=LOOK_AROUND, return_when=FIRST_COMPLETED)
                yield [record for future in done for record in future.result()]
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """Ends the workers."""
        self.pool.shutdown(cancel_futures=True)


class RayCluster(_Workers):
    """Plays as Ray tasks of one core each; a job whose machine is lost is played again elsewhere.

    address: the cluster's (`auto`: the one this machine belongs to); None: a Ray of `workers` cores on this machine,
    unless this process is in one already. All machines need the same kumite, and policies from outside their programs.
    """

    def __init__(
        self, arena: str, options: Mapping[str, Any], workers: int, matches: int = 1024, address: str | None = None
    ):
        super().__init__(arena, options, workers, matches)
        try:
            self.ray: Any = importlib.import_module("ray")
        except ImportError:
            raise ArenaError('Ray is not installed: pip install "kumite[ray]"') from None
        ray = self.ray
        self.begun = not ray.is_initialized()
        if self.begun:
            cores = {"num_cpus": workers} if address is None else {}
            ray.init(address=address, include_dashboard=False, log_to_driver=False, **cores)
        self.task = ray.remote(num_cpus=1, max_retries=TRIES)(_play_on_ray)

    def play(self, policies: Mapping[str, Policy], keys: Sequence[GameKey]) -> Iterator[list[GameRecord]]:
        """Yields a job's games at a time."""
        waiting: list[Any] = []
        try:
            waiting = [self.task.options(name=job.name).remote(job) for job in self.jobs(policies, keys)]
            while waiting:
                done, waiting = self.ray.wait(waiting, timeout=LOOK_AROUND)
                yield [record for records in self.ray.get(done) for record in records]
        finally:
            for task in waiting:
                self.ray.cancel(task)

    def close(self) -> None:
        """Leaves the cluster, or ends the Ray that was begun here."""
        if self.begun:
            self.ray.shutdown()


def make_executor(game: Game, arena: str, workers: int = 0, ray: str | None = None, **sizes: Any) -> Executor:
    """The executor asked for: this process (`workers` 0), local ones, or Ray at an address (`local`: begun here).

    arena: what the game was made from: a name, or a file's. sizes: `matches`; and `threads`, in this process.
    """
    if not workers and ray is None:
        return InProcess(game, **sizes)
    sizes.pop("threads", None)  # a worker has one
    if ray is None:
        return LocalProcesses(arena, game.options, workers, **sizes)
    return RayCluster(arena, game.options, workers or 2, **sizes, address=None if ray == "local" else ray)


def play_job(job: Job) -> list[GameRecord]:
    """Plays a job with one thread."""
    return [record for records in job.play(threads=1) for record in records]


def _play_on_ray(job: Job) -> list[GameRecord]:
    import torch

    torch.set_num_threads(1)
    return play_job(job)


def _begin_worker() -> None:
    """Ctrl-C is the parent's to handle; one thread each; and a parent that is killed takes its workers with it."""
    import torch

    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    with contextlib.suppress(OSError):
        connection.wait([sentinel])
    os._exit(1)
