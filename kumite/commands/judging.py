"""What the judging commands share: whom they judge, how they show progress, and how verdicts look in a terminal."""

import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from . import parse_options
from .progress import Bars

if TYPE_CHECKING:
    from ..agents.policy import Policy
    from ..arenas.arena import Game
    from ..eval.exploitability import Exploitability
    from ..eval.formats import Rounds
    from ..eval.tournament import Standings


def is_run(source: str) -> bool:
    """Whether this is a run's folder."""
    return (Path(source) / "run.sqlite").is_file()


def no_options(option: list[str] | None, source: str) -> None:
    """Refuses arena options beside a run, which has its own."""
    if option:
        raise typer.BadParameter(f"--option {option[0]}: {source} is a run and has its options already")


def set_threads(threads: int) -> None:
    """Torch's threads, for the whole process; 0 leaves them."""
    if threads:
        import torch

        torch.set_num_threads(threads)


def find_target(
    target: str, arena: str | None, option: list[str] | None, out: Path | None, verb: str, trust: bool
) -> "tuple[Game, list[Policy], Path]":
    """The game, the policy (or two, one a seat) and where results go, from a run's folder, a name or a file."""
    from ..agents import resolve
    from ..agents.checkpoint import describe
    from ..arenas import make_game
    from ..league.run import Run

    if is_run(target):
        no_options(option, target)
        with Run.open(target, trust=trust) as run:
            return run.game, [run.judged(seat) for seat in range(run.count)], out or Path(target)
    options: dict[str, Any] = parse_options(option)
    file = target.partition("@")[0]
    if arena is None and file.endswith(".safetensors") and Path(file).is_file():
        told = describe(file)
        arena, options = told["arena"], {**told["options"], **options}
    if arena is None:
        raise typer.BadParameter(f"{target} is no run's folder: say --arena as well")
    game = make_game(arena, **options)
    policy = resolve(target, game, trust=trust)
    name = Path(file).stem if Path(file).suffix else target.replace(":", "-").replace(",", "-")
    return game, [policy], out or Path("runs") / f"{verb}-{name}"


def measure_depth(folder: Path, arena: str, response_steps: int, response_runs: int = 1) -> None:
    """Plays what the depth section of a run's report needs; what was played before is not played again."""
    from ..agents.ppo_config import PPOConfig
    from ..eval.depth import ARENA, measure
    from ..eval.playing import open_store
    from ..eval.report.material import DEPTH
    from ..league.run import Run

    if arena != ARENA:
        raise typer.BadParameter(f"--depth {arena}: only {ARENA} has a depth section")
    if not is_run(str(folder)):
        raise typer.BadParameter(f"--depth: {folder} is no run's folder, so there is no trained policy to watch")
    with Run.open(folder) as run, open_store(folder / DEPTH, run.game, {"seed": run.config.seed}) as store:
        begin = time.monotonic()
        set_threads(run.config.threads)
        # Answers to the styles are trained with the settings of the run's own members.
        ours = PPOConfig(**run.config.learner_options) if run.config.learner == "ppo" else PPOConfig()
        learner = replace(ours, threads=run.config.threads or None)
        settings = {
            "response_steps": response_steps, "response_runs": response_runs, "settings": learner,
            "folder": folder / "depth", "seed": run.config.seed,
        }  # fmt: skip
        members = [player.policy for player in run.populations[0].players if player.learned]
        if not members:
            raise typer.BadParameter(
                f"--depth: {folder} has no trained member (refused responses are none), and depth is of trained agents"
            )
        bars = counting("depth: games", "games")
        told = {
            "trained": bars.also("depth: answers to the styles", "decisions"),
            "played": bars.also(bars.title, "games"),
        }
        with bars:
            measure(run.game, run.judged(), store, members=members, **settings, **told)
        store.add_event(0, "depth command", {"command": command_line(), "seconds": time.monotonic() - begin})


def parse_anchors(given: list[str] | None) -> dict[str, float] | None:
    """`["cpu-1=400"]` as a dict; None if none are given."""
    if not given:
        return None
    pairs = (text.partition("=") for text in given)
    try:
        return {name: float(elo) for name, _, elo in pairs}
    except ValueError:
        raise typer.BadParameter(f"--anchor {given}: expected NAME=ELO, as in cpu-1=400") from None


def check_format(form: str, rounds: int, gauntlet: list[str] | None, sprt: str | None) -> None:
    """Refuses a tournament's format that is not known, and options that belong to another one."""
    from ..arenas.arena import nearest
    from ..eval.formats import FORMATS, ROUND_ROBIN

    if form not in FORMATS:
        raise typer.BadParameter(f"--format {form}: expected one of {', '.join(FORMATS)}" + nearest(form, FORMATS))
    if form != ROUND_ROBIN and gauntlet:
        raise typer.BadParameter(f"--gauntlet {gauntlet[0]}: in {form} the results say who meets whom")
    if form != ROUND_ROBIN and sprt is not None:
        raise typer.BadParameter(f"--sprt {sprt}: a test is of one member against others, not in {form}")
    if rounds < 0 or (form == ROUND_ROBIN and rounds):
        raise typer.BadParameter(f"--rounds {rounds}: expected 1 or more (0: enough), of swiss or ladder")


def command_line() -> str:
    """This call as it would be typed again."""
    return shlex.join(["kumite", *sys.argv[1:]])


class counting:
    """A bar that is told (done, wanted) and says how fast it goes, not counting what was done before."""

    def __init__(self, title: str, what: str):
        self.title, self.what, self.bars = title, what, Bars()
        self.before, self.wanted, self.begun = 0, -1, 0.0

    def __enter__(self) -> Any:
        return self.update

    def update(self, done: int, wanted: int) -> None:
        """So much of it is done."""
        if wanted != self.wanted:
            self.before, self.wanted, self.begun = done, wanted, time.monotonic()
            self.bars.begin(self.title, wanted)
        rate = (done - self.before) / max(time.monotonic() - self.begun, 1e-9)
        self.bars.update(done, f"{rate:,.3g} {self.what}/s" if done > self.before else self.what)

    def also(self, title: str, what: str) -> Callable[[int, int], None]:
        """Told of another phase: the bar is that of the phase that was heard of last."""

        def told(done: int, wanted: int) -> None:
            if title != self.title:
                self.title, self.what, self.wanted = title, what, -1
            self.update(done, wanted)

        return told

    def __exit__(self, *_: object) -> None:
        self.bars.close()


class looking:
    """A line for each look at an exploiter."""

    def __init__(self) -> None:
        self.bars, self.title = Bars(), ""

    def __enter__(self) -> Any:
        return self.look

    def look(self, target: str, share: float, look: Any) -> None:
        """What the exploiter wins so far."""
        words = f"{look.steps:,} decisions, {look.seconds:.0f} s: wins {look.win_rate:.1%}, utility {look.utility:+.3f}"
        self.bars.say(f"  against {target}, {share:.0%} of its budget: {words}")

    def __exit__(self, *_: object) -> None:
        self.bars.close()


def make_table(*columns: str, title: str) -> Any:
    """A table for the terminal."""
    from rich.table import Table

    return Table(*columns, title=title)


def show(table: Any) -> None:
    """Prints a table."""
    from rich.console import Console

    Console().print(table)


def print_placings(found: "Rounds") -> None:
    """The table of a Swiss tournament, or the ladder."""
    title = f"{found.form.title()}, {len(found.rounds)} rounds" + (", unfinished" if found.missing else "")
    table = make_table("place", "member", "points", "score", "opposition", "meetings", title=title)
    for one in found.placings:
        row = (f"{one.points:g}", f"{one.score:.2f}", f"{one.opposition:g}", str(one.meetings))
        table.add_row(str(one.place), one.name, *row)
    show(table)


def print_standings(found: "Standings") -> None:
    """Ratings, their fit, and how many meetings were refused an interval."""
    from ..eval.report.strength import unit

    table = make_table("member", "Elo", "95 % interval", "games", "", title=f"Ratings; unit: {unit(found)}")
    for row in found.ratings.to_rows():
        copied = row["name"] in found.withheld
        known = not (row["anchor"] or row["separated"] or copied)
        interval = f"{row['lower']:.0f} to {row['upper']:.0f}" if known else ""
        note = "frozen" if row["anchor"] else "interval refused: copies" if copied else ""
        note = "infinite: an order, not a measurement" if row["separated"] else note
        table.add_row(row["name"], f"{row['elo']:.0f}", interval, str(row["games"]), note)
    show(table)
    for name, kinds in found.forfeits.items():
        print(f"{name} forfeited {', '.join(f'{count} ({kind})' for kind, count in kinds.items())}: counted as losses")
    print(f"goodness of fit: {found.ratings.fit}")
    refused = [cell for cell in found.cells if cell.interval is None]
    if refused:
        print(f"{len(refused)} of {len(found.cells)} meetings replay the same games: their intervals are refused")


def standings_values(found: "Standings", path: Path, missing: int, placed: "Rounds | None" = None) -> dict[str, Any]:
    """Standings as JSON values, with the placings where it was played in rounds."""
    cells = [
        {
            "row": cell.row, "column": cell.column, "units": cell.units, "games": cell.games,
            "distinct": cell.distinct, "rate": cell.rate, "lower": cell.interval and cell.interval.lower,
            "upper": cell.interval and cell.interval.upper, "why": cell.why,
        }
        for cell in found.cells
    ]  # fmt: skip
    return {
        "store": str(path),
        "missing_games": missing,
        "games_per_unit": found.games_per_unit,
        "ratings": [row | {"copies": row["name"] in found.withheld} for row in found.ratings.to_rows()],
        "fit": vars(found.ratings.fit),
        "cells": cells,
        "forfeits": found.forfeits,
        "format": placed.form if placed else "round-robin",
        "rounds": placed.rounds if placed else [],
        "placings": [vars(one) for one in placed.placings] if placed else [],
    }


def print_exploitability(found: "Exploitability") -> None:
    """Every exploiter's test, and what is certified."""
    table = make_table(
        "exploiter", "decisions", "seconds", "win rate", "utility", "at least", title="Tests on fresh games"
    )
    for attempt in (*found.attempts, *([found.control] if found.control else [])):
        name = f"control: {attempt.name}" if attempt is found.control else attempt.name
        blank = found.control_passed is False and attempt is not found.control
        shown = found.shown(attempt)
        lower = "not shown" if blank else "refused" if shown is None else f"{shown:.3f}"
        means = ("", "") if blank else (f"{attempt.win_rate:.3f}", f"{attempt.utility:.3f}")
        row = (f"{attempt.steps:,}", f"{attempt.seconds:.0f}", *means)
        table.add_row(name, *row, lower)
    show(table)
    for one in found.solved:
        verdict = "passed" if one.passed else "failed"
        print(f"control {one.name}: {one.share:.1%} of a best response's gain, asked {one.asked:.0%}: {verdict}")
    for one in found.leaks:
        bound = "no bound" if one.lower is None else f"{one.lower:+.3f}"
        verdict = "passed" if one.passed else "failed"
        print(f"control {one.name}: {one.gain:.3f}, without the leak {one.without:.3f}, more by {bound}: {verdict}")
    print(f"{found.target}: {found.sentence()}")
    if found.smoke:
        print(f"smoke figure: {'; '.join(found.smoke)}")
