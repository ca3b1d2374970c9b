"""The one loop of every league: measure payoffs, solve the meta-game, choose opponents, train a response, gate, add.

Every phase leaves a row in the run's record when it is done, and does nothing when its row is there. So a run that was
killed goes on by starting over: what is recorded is skipped, and training continues from its snapshot.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..agents.checkpoint import load_snapshot, save_snapshot
from ..agents.policy import Policy
from ..agents.registry import resolve
from .executor import Executor, InProcess, LocalProcesses
from .gate import Verdict, judge
from .matchmaking import Meta, chosen, parent_of, solve_meta
from .oracle import Learner, Task, figures, get_oracle
from .play import derive_seed, pair_keys, pair_utilities
from .population import REFUSED, RESPONSE, Player, Population
from .records import GameKey, GameRecord, Member
from .run import CHECKPOINTS, SNAPSHOTS, Run

COMMIT_SECONDS = 1.0  # finished games a kill can lose


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

    def train(self) -> Meta:
        """Does all that is missing; the final meta-game."""
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        self.executor = self._executor()
        try:
            for iteration in range(1, self.config.iterations + 1):
                if not self._done("iteration", iteration):
                    self._iterate(iteration)
                if self._out_of_patience(iteration):
                    self.reporter.say(f"no response joined for {self.config.patience} iterations: the league is done")
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
            if not self._done("judged", iteration, population.number):
                candidate = self._respond(iteration, population, meta)
                self._admit(iteration, population, meta, candidate)
        self.store.add_event(iteration, "iteration")

    def _finish(self) -> Meta:
        """The payoffs and the meta-game with everybody in it."""
        meta = self._meta(self.config.iterations + 1)
        self.run.write_final(meta)
        if not self._done("finished", self.config.iterations):
            self.store.add_event(self.config.iterations, "finished")
        return meta

    # --- measure, solve ---

    def _meta(self, iteration: int) -> Meta:
        """The meta-game before an iteration, recorded once: members that join during it do not change it."""
        if saved := self._done("meta", iteration):
            return Meta.from_json(saved)
        table = None
        if self.config.pairs:
            self._measure(iteration)
            table = self.run.table()
        meta = solve_meta(self.config, self.run.populations, table)
        self.store.add_event(iteration, "meta", meta.as_json())
        if table is not None:
            names = ("value", "exploitability")
            self.store.add_scalars((f"meta/{name}", iteration, getattr(meta, name)) for name in names)
        return meta

    def _measure(self, iteration: int) -> None:
        """Plays what the payoff table lacks."""
        missing = self.store.missing_keys(self._wanted())
        if missing:
            policies = {h: p for population in self.run.populations for h, p in population.policies.items()}
            begin, before = time.perf_counter(), self.store.game_count()
            for _ in self._play("payoffs", policies, missing, keep=True):
                pass
            facts = {"games": self.store.game_count() - before, "seconds": time.perf_counter() - begin}
            self.store.add_event(iteration, "measured", facts)

    def _wanted(self) -> Iterator[GameKey]:
        """The games of the cells that are not full. Each cell has setups of its own, so that cells are independent."""
        run = self.run
        rows, columns = run.populations[0].hashes, run.populations[-1].hashes
        for lacking in run.table().missing(self.config.pairs):
            row, column = rows[lacking.row], columns[lacking.column]
            cell = (row, column) if not run.game.symmetric else sorted((row, column))
            seeds = [derive_seed(self.config.seed, "payoff", *cell, pair) for pair in range(self.config.pairs)]
            yield from pair_keys(run.game, row, column, seeds, run.per_pair)

    def _play(
        self, title: str, policies: dict[str, Policy], keys: list[GameKey], *, keep: bool
    ) -> Iterator[GameRecord]:
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

    def _respond(self, iteration: int, population: Population, meta: Meta) -> Player:
        """The response of one population: trained now, from its snapshot on, or already."""
        run, number = self.run, population.number
        name = run.member_name(number, iteration)
        path = run.folder / CHECKPOINTS / f"{name}{self.oracle.suffix}"
        if not (trained := self._done("trained", iteration, number)):
            parent = parent_of(self.config, population, meta)
            learner, seconds = self._train(iteration, population, meta, name, parent)
            policy = learner.policy(name=name)
            facts = {
                "population": number,
                "name": name,
                "parent": parent.member.name if parent else None,
                "steps": learner.steps,
                "seconds": seconds,
            }
            self.oracle.save(path, policy, run.game, {**facts, "iteration": iteration, "seed": self.config.seed})
            trained = {**facts, "hash": policy.policy_hash}
            self.store.add_event(iteration, "trained", trained)
            self._snapshot_path(name).unlink(missing_ok=True)
        # Read back, so that what plays is what was written, after a kill as without one.
        policy = resolve(str(path), run.game, trust=run.trust)
        policy.name = name
        place = str(path.relative_to(run.folder))
        member = Member(
            name, "checkpoint", RESPONSE, trained["hash"], iteration, trained["parent"], place, population=number
        )
        return Player(member, policy)

    def _train(
        self, iteration: int, population: Population, meta: Meta, name: str, parent: Player | None
    ) -> tuple[Learner, float]:
        """Trains a response, saving the learner every `snapshot_seconds`; the learner and the seconds it took."""
        config, run, number = self.config, self.run, population.number
        opponents = None if config.opponents == "self" else self._opponents(population, meta)
        seed = derive_seed(config.seed, "response", iteration, number)
        side = None if run.game.symmetric else number
        learner = self.oracle.start(Task(run.game, config, opponents, side, seed, parent.policy if parent else None))
        snapshot, spent = self._snapshot_path(name), 0.0
        if snapshot.is_file():
            saved = load_snapshot(snapshot)
            learner.load_state_dict(saved["learner"])
            spent = saved["seconds"]
            self.reporter.say(f"{name}: on from {learner.steps:,} samples")
        begin = last = time.monotonic()
        writer = self._writer(name, learner.steps)
        curves: list[tuple[str, int, float]] = []
        wins: float | None = None  # lately

        def save() -> None:
            self.store.add_scalars(curves)
            curves.clear()
            save_snapshot(snapshot, {"learner": learner.state_dict(), "seconds": spent + time.monotonic() - begin})

        self.reporter.begin(name, config.steps)
        try:
            while learner.steps < config.steps:
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
            self.store.add_scalars(curves)
        finally:
            self.reporter.end()
            if writer is not None:
                writer.close()
        return learner, spent + time.monotonic() - begin

    def _opponents(self, population: Population, meta: Meta) -> Policy:
        """Whom a population's responses are trained against, one drawn for each match."""
        other = self.run.populations[-1 - population.number] if self.run.count == 2 else population
        drawn = chosen(self.config, meta)
        return other.mixture(drawn.names[other.number], drawn.mixtures[other.number], "opponents")

    def _snapshot_path(self, name: str) -> Path:
        return self.run.folder / SNAPSHOTS / f"{name}.safetensors"

    def _writer(self, name: str, steps: int) -> Any:
        """TensorBoard's, one folder a response; curves of a killed process beyond `steps` are hidden."""
        if not self.config.tensorboard:
            return None
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self.run.folder / "tensorboard" / name), purge_step=steps or None)

    # --- gate, add ---

    def _admit(self, iteration: int, population: Population, meta: Meta, candidate: Player) -> None:
        """Takes a response in, or refuses it; recorded at once with the reason."""
        verdict = self._judge(iteration, population, meta, candidate) if self.config.gate != "none" else None
        if verdict is not None and not verdict.passed:
            candidate = Player(replace(candidate.member, role=REFUSED), candidate.policy)
        with self.store.transaction():
            self.run.add(candidate)
            facts = {"population": population.number, "name": candidate.member.name, "role": candidate.member.role}
            self.store.add_event(iteration, "judged", facts | (verdict.as_json() if verdict else {}))
        if verdict is None:
            self.reporter.say(f"{candidate.member.name} joins")
        else:
            word = "joins" if verdict.passed else "is refused"
            self.reporter.say(
                f"{candidate.member.name} {word}: gains {verdict.gain:+.3f}, at least {verdict.bound:+.3f}"
            )

    def _judge(self, iteration: int, population: Population, meta: Meta, candidate: Player) -> Verdict:
        """What fresh pairs say of a response. They are not payoff games: those that chose it would flatter it there."""
        config, run, number = self.config, self.run, population.number
        opponents = self._opponents(population, meta)
        hashes = candidate.member.hash, opponents.policy_hash
        seeds = [derive_seed(config.seed, "gate", iteration, number, pair) for pair in range(config.gate_pairs)]
        if number == 1 and not run.game.symmetric:
            keys = [GameKey(*hashes, seed, 1) for seed in seeds]
        else:
            keys = pair_keys(run.game, *hashes, seeds, run.per_pair)
        policies = {hashes[0]: candidate.policy, hashes[1]: opponents}
        records = list(self._play(f"gate of {candidate.member.name}", policies, keys, keep=False))
        drawn = chosen(config, meta)
        reference = drawn.value if number == 0 else -drawn.value
        return judge(pair_utilities(records), reference, drawn.value_error, config.gate_confidence)

    # --- resuming and stopping ---

    def _done(self, phase: str, iteration: int, population: int | None = None) -> dict[str, Any] | None:
        """What was recorded when a phase was done; None if it is not."""
        for at, _, data in reversed(self.store.events(phase)):
            if at == iteration and (population is None or data["population"] == population):
                return data or {"done": True}
        return None

    def _out_of_patience(self, iteration: int) -> bool:
        """Whether nothing joined for too long."""
        joined = [at for at, _, data in self.store.events("judged") if data["role"] == RESPONSE]
        return 0 < self.config.patience <= iteration - max(joined, default=0)

    def _look_up(self, save: Callable[[], None] = lambda: None) -> None:
        """Between two pieces of work: stops if asked to."""
        if self.stop():
            save()
            raise Stopped(f"stopped and saved: `kumite resume {self.run.folder}` goes on")
