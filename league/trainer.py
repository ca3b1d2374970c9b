"""The one loop of every league: measure payoffs, solve the meta-game, choose opponents, train a response, gate, add.

Every phase leaves a row in the run's record when it is done, and does nothing when its row is there. So a run that was
killed goes on by starting over: what is recorded is skipped, and training continues from its snapshot.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from ..agents.checkpoint import load_snapshot, save_snapshot
from ..agents.policy import Policy
from ..agents.registry import resolve
from .exact.book import Book, open_book
from .executor import Executor, InProcess, LocalProcesses
from .loops import Assignment, Loop, Responses
from .magnet import Magnet
from .matchmaking import Meta, solve_meta
from .measuring import measure
from .oracle import Learner, Task, figures, get_oracle
from .play import derive_seed
from .population import RESPONSE, Player
from .records import GameKey, GameRecord, Member
from .roles import Roles
from .run import CHECKPOINTS, SNAPSHOTS, Run

COMMIT_SECONDS = 1.0  # finished games a kill can lose
LOOPS: dict[str, Callable[["Trainer"], Loop]] = {"responses": Responses, "roles": Roles, "magnet": Magnet}


class Stopped(RuntimeError):
    """The run was asked to stop, and is saved."""


class Reporter:
    """Is told how things go; this one keeps it to itself."""

    def begin(self, title: str, total: float) -> None:
        """A phase of so many games or samples begins."""

    def update(self, done: float, text: str = "") -> None:
        """So much of it is done; text: the figures that matter."""

    def end(self) -> None:
        """The phase is over."""

    def say(self, text: str) -> None:
        """Something was decided."""


class Trainer:
    """Trains a run to its end. stop: asked often; once it says yes, all is saved and `Stopped` is raised.

    workers: local processes that play payoff games, 0: this one plays them.
    """

    def __init__(
        self,
        run: Run,
        reporter: Reporter | None = None,
        *,
        workers: int = 0,
        stop: Callable[[], bool] = lambda: False,
    ):
        self.run, self.config, self.store = run, run.config, run.store
        self.reporter, self.workers, self.stop = reporter or Reporter(), workers, stop
        self.oracle = get_oracle(self.config.learner)
        self.loop = LOOPS[self.config.loop](self)

    @cached_property
    def book(self) -> Book:
        """The game written out, where something exact is asked for."""
        return open_book(self.run.game)

    def train(self) -> Meta:
        """Does all that is missing; the final meta-game."""
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        self.executor = self._executor()
        try:
            for iteration in range(1, self.config.iterations + 1):
                if not self.done("iteration", iteration):
                    self._iterate(iteration)
                if self._out_of_patience(iteration):
                    self.reporter.say(self._why_no_more())
                    break
            return self._finish()
        finally:
            self.executor.close()

    def _executor(self) -> Executor:
        run, config = self.run, self.config
        if self.workers:
            return LocalProcesses(run.arena, run.options, self.workers, config.matches)
        return InProcess(run.game, config.matches, config.threads or None)

    def _iterate(self, iteration: int) -> None:
        meta = self._meta(iteration)
        for population in self.run.populations:
            for part in self.loop.parts:
                if not self.done("judged", iteration, population.number, part):
                    work = self.loop.assign(iteration, population, part, meta)
                    candidate = self._respond(iteration, work)
                    self._admit(iteration, work, candidate, meta)
        self.store.add_event(iteration, "iteration")

    def _finish(self) -> Meta:
        """The payoffs and the meta-game with everybody in it."""
        meta = self._meta(self.config.iterations + 1)
        self.run.write_final(meta)
        if not self.done("finished", self.config.iterations):
            self.store.add_event(self.config.iterations, "finished")
        return meta

    # --- measure, solve ---

    def _meta(self, iteration: int) -> Meta:
        """The meta-game before an iteration, recorded once: members that join during it do not change it."""
        if saved := self.done("meta", iteration):
            return Meta.from_json(saved)
        evidence = measure(self, iteration)
        meta = solve_meta(self.config, self.run.populations, evidence, iteration)
        self.store.add_event(iteration, "meta", meta.as_json())
        if evidence is not None:
            names = ("value", "exploitability")
            self.store.add_scalars((f"meta/{name}", iteration, getattr(meta, name)) for name in names)
        return meta

    def play(self, title: str, policies: dict[str, Policy], keys: list[GameKey], *, keep: bool) -> Iterator[GameRecord]:
        """Plays games with a progress bar. keep: records them, at most `COMMIT_SECONDS` after they ended."""
        waiting: list[GameRecord] = []
        done, committed = 0, time.monotonic()
        begin = committed
        self.reporter.begin(title, len(keys))
        finished = self.executor.play(policies, keys)
        try:
            for records in finished:
                yield from records
                done += len(records)
                waiting += records if keep else []
                now = time.monotonic()
                if records:
                    self.reporter.update(done, f"{done / max(now - begin, 1e-9):,.0f} games/s")
                if now - committed > COMMIT_SECONDS:
                    self.store.add_games(waiting)
                    waiting, committed = [], now
                if done < len(keys):
                    self._look_up()
        finally:
            self.store.add_games(waiting)
            self.reporter.end()

    # --- respond ---

    def _respond(self, iteration: int, work: Assignment) -> Player:
        """A trained learner as a player: trained now, from its snapshot on, or already."""
        run, number, name = self.run, work.population.number, work.name
        path = run.folder / CHECKPOINTS / f"{name}{self.oracle.suffix}"
        if not (trained := self.done("trained", iteration, number, work.part)):
            learner, steps, seconds = self._train(iteration, work)
            policy = learner.policy(name=name)
            facts = {
                "population": number,
                "part": work.part,
                "name": name,
                "parent": work.continues or (work.parent.member.name if work.parent else None),
                "steps": steps,
                "seconds": seconds,
            }
            self.oracle.save(path, policy, run.game, {**facts, "iteration": iteration, "seed": self.config.seed})
            trained = {**facts, "hash": policy.policy_hash}
            self.store.add_event(iteration, "trained", trained)
        # What goes on with it is its learner's own state; anything older has had its use.
        if used := work.continues if self.loop.goes_on else name:
            self._snapshot_path(used).unlink(missing_ok=True)
        # Read back, so that what plays is what was written, after a kill as without one.
        policy = resolve(str(path), run.game, trust=run.trust)
        policy.name = name
        place = str(path.relative_to(run.folder))
        member = Member(
            name, "checkpoint", RESPONSE, trained["hash"], iteration, trained["parent"], place, population=number
        )
        return Player(member, policy)

    def _train(self, iteration: int, work: Assignment) -> tuple[Learner, int, float]:
        """Trains a learner, saving it every `snapshot_seconds`; the learner, its samples and seconds in this piece."""
        config, run, name, number = self.config, self.run, work.name, work.population.number
        words = (iteration, number, work.part) if work.part else (iteration, number)
        seed = derive_seed(config.seed, "response", *words)
        side = None if run.game.symmetric or work.opponents is None else number
        parent = work.parent.policy if work.parent else None
        task = Task(run.game, config, work.opponents, side, seed, parent, None, work.self_play)
        learner = self.oracle.start(task)
        snapshot, spent, before = self._snapshot_path(name), 0.0, 0
        if snapshot.is_file():
            saved = load_snapshot(snapshot)
            learner.load_state_dict(saved["learner"])
            spent, before = saved["seconds"], saved["before"]
            self.reporter.say(f"{name}: on from {learner.steps:,} samples")
        elif work.continues:
            learner.load_state_dict(load_snapshot(self._snapshot_path(work.continues))["learner"])
            before = learner.steps
        begin = last = time.monotonic()
        writer = self._writer(name, learner.steps)
        curves: list[tuple[str, int, float]] = []
        wins: float | None = None  # lately

        def save() -> None:
            self.store.add_scalars(curves)
            curves.clear()
            seconds = spent + time.monotonic() - begin
            save_snapshot(snapshot, {"learner": learner.state_dict(), "seconds": seconds, "before": before})

        self.reporter.begin(name, work.until)
        try:
            while learner.steps < work.until:
                progress = learner.iterate()
                for figure, value in figures(progress).items():
                    curves.append((f"{name}/{figure}", learner.steps, value))
                    if writer is not None:
                        writer.add_scalar(figure, value, learner.steps)
                if progress.win_rate == progress.win_rate:  # not NaN: some match ended
                    wins = progress.win_rate if wins is None else 0.9 * wins + 0.1 * progress.win_rate
                rate = "" if wins is None else f" · wins {wins:.0%}"
                self.reporter.update(learner.steps, f"{progress.steps_per_second:,.0f} steps/s{rate}")
                if time.monotonic() - last > config.snapshot_seconds:
                    save()
                    last = time.monotonic()
                self._look_up(save)
            if self.loop.goes_on:
                save()
            self.store.add_scalars(curves)
        finally:
            self.reporter.end()
            if writer is not None:
                writer.close()
        return learner, learner.steps - before, spent + time.monotonic() - begin

    def _snapshot_path(self, name: str) -> Path:
        return self.run.folder / SNAPSHOTS / f"{name}.safetensors"

    def _writer(self, name: str, steps: int) -> Any:
        """TensorBoard's, one folder a response; curves of a killed process beyond `steps` are hidden."""
        if not self.config.tensorboard:
            return None
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self.run.folder / "tensorboard" / name), purge_step=steps or None)

    # --- gate, add ---

    def _admit(self, iteration: int, work: Assignment, candidate: Player, meta: Meta) -> None:
        """Takes a response in, or refuses it; recorded at once with the reason."""
        admission = self.loop.admit(iteration, work, candidate, meta)
        candidate = Player(replace(candidate.member, role=admission.role), candidate.policy)
        member = candidate.member
        facts = {"population": member.population, "part": work.part, "name": member.name, "role": member.role}
        with self.store.transaction():
            self.run.add(candidate)
            self.store.add_event(iteration, "judged", facts | admission.facts)
        self.reporter.say(admission.text)

    # --- resuming and stopping ---

    def done(self, phase: str, iteration: int, population: int | None = None, part: str = "") -> dict[str, Any] | None:
        """What was recorded when a phase was done; None if it is not."""
        for at, _, data in reversed(self.store.events(phase)):
            if at == iteration and (
                population is None or (data["population"], data.get("part", "")) == (population, part)
            ):
                return data or {"done": True}
        return None

    def _out_of_patience(self, iteration: int) -> bool:
        """Whether nothing joined for too long."""
        joined = [at for at, _, data in self.store.events("judged") if data["role"] == RESPONSE]
        return 0 < self.config.patience <= iteration - max(joined, default=0)

    def _why_no_more(self) -> str:
        """What it means that nothing joined for so long. Only a computed best response that gains nothing is proof."""
        long = f"for {self.config.patience} iterations"
        if self.config.learner == "exact" and self.config.payoffs == "exact":
            return f"no best response gained anything {long}: the mixture is an equilibrium"
        return f"the oracle failed to improve {long}: the league stops, which does not prove that nobody could"

    def _look_up(self, save: Callable[[], None] = lambda: None) -> None:
        """Between two pieces of work: stops if asked to."""
        if self.stop():
            save()
            raise Stopped(f"stopped and saved: `kumite resume {self.run.folder}` goes on")
