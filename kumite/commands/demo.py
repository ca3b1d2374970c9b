"""The demo: the whole way from nothing to a report in minutes, as the sequence of commands that it prints."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from .judging import counting, set_threads
from .progress import Bars

if TYPE_CHECKING:
    from ..league.run import Run

SHARES = {"train": 0.5, "tournament": 0.15, "exploit": 0.25}
"""Of the time there is, by phase; what is left is for compiling, the replay and the report."""
ROUNDS = 4  # that the training time is meant for: a faster machine trains each response on more steps
MOST_ROUNDS = 12
LATENESS = 0.1  # of the training time, by which it may be exceeded before a round is broken off
TRAINING = ("preset=training",)  # one short round a match, where the arena has such a preset
PAIRS, TEST_PAIRS, PAYOFF_PAIRS, LOOKS = 40, 200, 40, 6
LEARNER = {"matches": 512, "minibatch": 4096}
"""Smaller batches than the defaults: more updates for each sample, since there are few samples."""
PROBE_ITERATIONS = 5
FEWEST_STEPS = 50_000
CONTROL_SHARE = 0.15  # of the exploiter's time, at most


class Demo:
    """Trains, rates, attacks, records and reports in one folder. Called again, it does what is missing."""

    def __init__(self, arena: str, out: Path, seconds: float, seed: int = 0, threads: int = 0):
        self.arena, self.out, self.seconds, self.seed, self.threads = arena, out, seconds, seed, threads
        self.begun = time.monotonic()
        self.spent: list[tuple[str, float, float]] = []  # phase, seconds allowed, seconds used

    def run(self) -> Path:
        """Everything; the report's path."""
        self._say(f"kumite demo: {self.arena}, about {self.seconds / 60:.3g} minutes, results in {self.out}")
        with self._phase("compile", 0.0, f"kumite check {self.arena}"):
            self._compile()
        with self._train() as run:
            self._tournament(run)
            self._exploit(run)
            self._record(run)
            if not run.store.events("demo"):  # called again, it had little to do
                for phase, allowed, used in self.spent:
                    run.store.add_event(0, "demo", {"name": phase, "budget": allowed, "seconds": used})
        path = self._report()
        for phase, allowed, used in self.spent:
            self._say(f"  {phase:<11}{used:6.0f} s" + (f" of {allowed:.0f} s" if allowed else ""))
        self._say(f"  {'together':<11}{time.monotonic() - self.begun:6.0f} s")
        return path

    # --- phases ---

    def _compile(self) -> None:
        """The first match of an arena on a machine compiles its rules."""
        from ..arenas import make_batch

        make_batch(self.arena, **self._options()).rollout_random(1)

    def _train(self) -> "Run":
        """A short double oracle; one round more as long as there is time for one like the last. The run, open."""
        from ..league.config import load_scheme
        from ..league.run import STORE, Run

        allowed = self.seconds * SHARES["train"]
        until = time.monotonic() + allowed
        if not (self.out / STORE).is_file():
            steps = self._affordable_steps(allowed / ROUNDS)
            settings = {"iterations": 1, "steps": steps, "pairs": PAYOFF_PAIRS, "gate_pairs": 2 * PAYOFF_PAIRS}
            # Where training is short, responses are refused at first; the next one then goes on from them.
            config = load_scheme("double-oracle", settings | {"patience": 0, **LEARNER, **self._own()})
            Run.create(self.out, self.arena, self._options(), config).close()
        run = Run.open(self.out, write=True)
        self.threads = self.threads or run.config.threads
        set_threads(self.threads)
        try:
            with self._phase("train", allowed, self._train_command(run)):
                self._rounds(run, until)
        except BaseException:
            run.close()
            raise
        return run

    def _rounds(self, run: "Run", until: float) -> None:
        """Rounds while there is time. A later one that takes too long is broken off: `kumite resume` ends it."""
        from ..league.trainer import Stopped, Trainer

        if run.store.events("demo trained"):
            return
        bars, late = Bars(), until + LATENESS * self.seconds * SHARES["train"]
        try:
            while True:
                begin = time.monotonic()
                done = run.config.iterations
                Trainer(run, bars, stop=lambda: run.config.iterations > 1 and time.monotonic() > late).train()
                now = time.monotonic()
                if now + (now - begin) > until or done >= MOST_ROUNDS:
                    break
                bars.say(f"round {done + 1}: kumite resume {self.out} --iterations {done + 1}")
                run.extend(done + 1)
        except Stopped as stopped:
            bars.say(f"out of time: {stopped}")
        finally:
            bars.close()
        run.store.add_event(run.config.iterations, "demo trained")
        run.store.add_event(run.config.iterations, "train command", {"command": self._train_command(run)})

    def _affordable_steps(self, seconds: float) -> int:
        """How many decisions this machine trains on in so long, to two figures; settles the number of threads."""
        if not self.threads:
            # Two threads on a core that others use are far slower than one: each waits for the other at every step.
            speeds = {threads: self._speed(threads) for threads in sorted({1, torch_threads()})}
            self.threads = max(speeds, key=lambda threads: speeds[threads])
        else:
            speeds = {self.threads: self._speed(self.threads)}
        told = ", ".join(f"{speed:,.0f} with {threads} thread(s)" for threads, speed in speeds.items())
        self._say(f"  decisions a second that this machine trains on: {told}")
        # A quarter of a round goes to its payoff games and its gate.
        steps = max(FEWEST_STEPS, 0.75 * speeds[self.threads] * seconds)
        scale = 10 ** max(0, len(str(int(steps))) - 2)
        return int(steps // scale * scale)

    def _speed(self, threads: int) -> float:
        """Decisions a second, the median of a few iterations."""
        from ..agents import resolve
        from ..agents.ppo import PPO, PPOConfig
        from ..arenas import make_game

        set_threads(threads)
        game = make_game(self.arena, **self._options())
        learner = PPO(game, PPOConfig(threads=threads, **LEARNER), resolve("uniform", game), self.seed)
        learner.iterate()  # the first one also allocates
        return median(learner.iterate().steps_per_second for _ in range(PROBE_ITERATIONS))

    def _tournament(self, run: "Run") -> None:
        """Everybody against everybody: the population, the final mixture, uniform play, CPU levels and style bots."""
        from ..eval.playing import open_store
        from ..eval.report.material import TOURNAMENT
        from ..eval.tournament import play_tournament, run_members, standings

        allowed = self.seconds * SHARES["tournament"]
        command = f"kumite tournament {self.out} --pairs {PAIRS} --seed {self.seed} --seconds {allowed:.0f}"
        with (
            self._phase("tournament", allowed, command),
            open_store(self.out / TOURNAMENT, run.game, {"seed": self.seed, "pairs": PAIRS}) as store,
        ):
            begin, members = time.monotonic(), run_members(run)
            with counting(f"tournament of {len(members)}", "games") as told:
                played = play_tournament(
                    run.game, members, store, pairs=PAIRS, seed=self.seed, played=told,
                    until=begin + allowed, threads=self.threads or None,
                )  # fmt: skip
            spent = {"command": command, "games": played, "seconds": time.monotonic() - begin}
            if played:
                store.add_event(0, "tournament", spent | {"pairs": PAIRS, "seed": self.seed})
            for row in standings(run.game, store).ratings.to_rows():
                spread = "frozen" if row["anchor"] else f"{row['lower']:.0f} to {row['upper']:.0f}"
                self._say(f"  {row['name']:<12} {row['elo']:6.0f} Elo ({spread})")

    def _exploit(self, run: "Run") -> None:
        """One exploiter with a minute only, after its positive control, and the scripted players: a smoke figure."""
        from ..agents import resolve
        from ..eval.exploitability import Budget, exploiter_config
        from ..eval.exploiter import Exploiter
        from ..eval.playing import open_store
        from ..eval.report.material import EXPLOIT, EXPLOITERS

        allowed = self.seconds * SHARES["exploit"]
        control, training = CONTROL_SHARE * allowed, 0.6 * allowed  # the tests take the rest
        command = (
            f"kumite exploit {self.out} --exploiters 1 --seconds {training:.0f} --pairs {TEST_PAIRS} --looks {LOOKS} "
            + "".join(f"-s {key}={value} " for key, value in LEARNER.items())
            + f"--seed {self.seed}"
        )
        with (
            self._phase("exploit", allowed, command),
            open_store(self.out / EXPLOIT, run.game, {"seed": self.seed}) as store,
        ):
            bars, target = Bars(), run.judged()
            config = exploiter_config(target, game=run.game, threads=self.threads or None, **LEARNER)

            def watched(who: str, share: float, look: Any) -> None:
                bars.say(f"  against {who}: {look.steps:,} decisions, {look.seconds:.0f} s, wins {look.win_rate:.1%}")

            attacker = Exploiter(
                run.game, target, store, self.out / EXPLOITERS, config=config, test_units=TEST_PAIRS, look_units=32,
                seed=self.seed, watched=watched,
            )  # fmt: skip
            scripted = [resolve(bot, run.game) for bot in run.game.arena.bots]
            found = attacker.run(1, Budget(0, training, LOOKS), Budget(0, control, LOOKS), scripted)
            store.add_event(0, "exploit command", {"command": command})
            self._say(f"  {found.target}: {found.sentence()}")
            if found.smoke:
                self._say("  smoke figure: " + "; ".join(found.smoke))

    def _record(self, run: "Run") -> None:
        """A match of what was trained against the best scripted player, as a replay."""
        from ..eval.report.material import REPLAYS, TOURNAMENT
        from ..eval.tournament import standings
        from ..league.store import RunStore
        from .replay import record

        with RunStore(self.out / TOURNAMENT, read_only=True) as store:
            order = [row["name"] for row in standings(run.game, store).ratings.to_rows()]
        foe = next((name for name in order if name in run.game.arena.bots), "uniform")
        path = self.out / REPLAYS / f"final-{foe}.npz"
        options = [f"{key}={value}" for key, value in run.game.options.items()]
        final = str(self.out / "final.json")
        given = " ".join(f"-o {shlex.quote(option)}" for option in options)
        with self._phase("replay", 0.0, f"kumite record {self.arena} {final} {foe} --out {path} {given}"):
            if not path.is_file():
                record(self.arena, final, foe, path, self.seed, options)
            self._say(f"  see it: kumite watch {path}")

    def _report(self) -> Path:
        from ..eval.report import build, collect, write

        with self._phase("report", 0.0, f"kumite report {self.out}"):
            return write(build(collect(self.out)), self.out / "report.html").resolve()

    # --- how it looks ---

    @contextmanager
    def _phase(self, name: str, allowed: float, command: str) -> Iterator[None]:
        """One phase: its heading, the command that does the same, and how long it took."""
        budget = f" (about {allowed:.0f} s)" if allowed else ""
        self._say(f"\n[{name}]{budget} {command}")
        begin = time.monotonic()
        yield
        self.spent.append((name, allowed, time.monotonic() - begin))

    def _own(self) -> dict[str, int]:
        return {"seed": self.seed, "threads": self.threads}

    def _options(self) -> dict[str, str]:
        from ..arenas import get

        pairs = (text.split("=") for text in TRAINING)
        return {key: value for key, value in pairs if value in get(self.arena).presets}

    def _train_command(self, run: "Run") -> str:
        config = run.config
        options = "".join(f" -o {key}={value}" for key, value in self._options().items())
        return (
            f"kumite train {self.arena} --scheme double-oracle{options} --iterations {config.iterations} "
            f"--steps {config.steps} --pairs {config.pairs} -s gate_pairs={config.gate_pairs} -s patience=0 "
            + "".join(f"-s {key}={value} " for key, value in LEARNER.items())
            + f"--seed {config.seed} --out {self.out}"
        )

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def torch_threads() -> int:
    """How many threads torch would take by itself."""
    import torch

    return torch.get_num_threads()
