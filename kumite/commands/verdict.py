"""Judging on the command line: tournaments, ladders, exploitability, the report, and the demo that does it all."""

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import AsJson, Options, parse_options, print_json
from .judging import (
    check_format,
    command_line,
    counting,
    find_target,
    is_run,
    looking,
    make_table,
    measure_depth,
    no_options,
    parse_anchors,
    print_exploitability,
    print_placings,
    print_standings,
    set_threads,
    show,
    standings_values,
)
from .roles import rate_roles, refuse_for_roles
from .stopping import test_until_known

if TYPE_CHECKING:
    from ..agents.ppo import PPOConfig
    from ..arenas.arena import Game

INCOMPLETE = 1
"""Exit code where the work was done but what was asked for was not reached; the help of each command says what."""

Seed = Annotated[int, typer.Option(help="Seed of the evaluation games; other seeds are other games.")]
Threads = Annotated[int, typer.Option(help="Threads; 0: as many as torch and the batch take.")]
Arena = Annotated[
    str | None, typer.Option(help="The arena, where the first argument is a policy that does not say it itself.")
]
Out = Annotated[Path | None, typer.Option(help="Folder of the results. Default: the run's, or runs/VERB-NAME.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Load Stable-Baselines3 files, which can run code hidden in them.")
]


def tournament(
    source: Annotated[str, typer.Argument(help="A run's folder, or an arena.", metavar="RUN|ARENA")],
    members: Annotated[
        list[str] | None, typer.Argument(help="More members: bots, 'uniform', 'constant:0,1', checkpoint files.")
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(
            help="Units of each meeting: pairs of games, or single games. Default: 64, or with --sprt 20,000 at most."
        ),
    ] = None,
    seed: Seed = 0,
    bots: Annotated[
        str, typer.Option(help="The arena's bots that enter: 'all', 'none' or a list, as in cpu-1,cpu-4.")
    ] = "all",
    form: Annotated[
        str, typer.Option("--format", help="round-robin; swiss: who did alike well meets; ladder: neighbours do.")
    ] = "round-robin",
    rounds: Annotated[int, typer.Option(help="Of swiss or ladder; 0: as many as single out a winner.")] = 0,
    gauntlet: Annotated[
        list[str] | None, typer.Option(help="Only this member meets all others; may be given several times.")
    ] = None,
    agent: Annotated[
        list[str] | None,
        typer.Option(
            metavar="cmd:PROGRAM", help="A program outside that speaks JSON lines; may be given several times."
        ),
    ] = None,
    agent_seconds: Annotated[float, typer.Option(help="Wall-clock seconds a program has for a decision.")] = 1.0,
    agent_memory: Annotated[int, typer.Option(help="MiB a program may hold; 0: any.")] = 2048,
    agent_matches: Annotated[int, typer.Option(help="Processes of a program, each in a match of its own.")] = 2,
    anchor: Annotated[
        list[str] | None, typer.Option(metavar="NAME=ELO", help="A frozen rating. Default: uniform=0.")
    ] = None,
    sprt: Annotated[
        str | None,
        typer.Option(
            metavar="ELO0,ELO1",
            help="Test the --gauntlet member, or the last one named, against each other: stop when known, as in 0,20.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Stop playing after so long; 0: play everything.")] = 0.0,
    threads: Threads = 0,
    workers: Annotated[int, typer.Option(help="Processes that play, of one thread each; 0: only this one.")] = 0,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Play on a Ray cluster; 'local': one begun here.")
    ] = None,
    out: Out = None,
    trust: Trust = False,
    option: Options = None,
    as_json: AsJson = False,
) -> int:
    """Everybody against everybody, or in rounds, and Bradley-Terry ratings with intervals.

    From a run: its checkpoints, its final policy, uniform play and the arena's bots. What is played is kept: another
    call plays only what is missing. Exit code 1 if time ran out before everything was played. Where a run has two
    populations, one for each seat, rows meet columns, and each is rated in its own seat.

    With --sprt nobody is rated: a sequential test on normalised Elo asks whether one member is better by ELO1 rather
    than by ELO0, and stops as soon as either is refuted. Exit code 1 if a test is undecided.
    """
    from ..agents import resolve
    from ..agents.outside import OutsidePolicy
    from ..agents.process import Limits
    from ..arenas import make_game
    from ..eval.formats import play_rounds
    from ..eval.playing import open_store
    from ..eval.report.material import TOURNAMENT
    from ..eval.tournament import play_tournament, run_members, standings, tournament_keys
    from ..league.executor import make_executor
    from ..league.run import Run

    check_format(form, rounds, gauntlet, sprt)
    set_threads(threads)
    chosen = {"all": None, "none": []}.get(bots, [bot for bot in bots.split(",") if bot])
    if is_run(source):
        no_options(option, source)
        with Run.open(source, trust=trust) as run:
            if run.count == 2:
                refuse_for_roles(
                    run, format=form != "round-robin", gauntlet=gauntlet, agent=agent, sprt=sprt, anchor=anchor,
                    members=members,
                )  # fmt: skip
                executor = make_executor(run.game, run.arena, workers, ray, matches=512, threads=threads or None)
                units = 64 if pairs is None else pairs
                return rate_roles(run, executor, out or Path(source), units, seed, chosen, seconds, as_json)
            game, entered, made_from = run.game, run_members(run, chosen), run.arena
        folder = out or Path(source)
    else:
        game, made_from = make_game(source, **parse_options(option)), source
        names = ["uniform", *(game.arena.bots if chosen is None else chosen)]
        entered = {name: resolve(name, game) for name in names}
        folder = out or Path("runs") / f"tournament-{source.replace('/', '-')}"
    for name in members or []:
        stem = Path(name).stem if Path(name).suffix else name
        entered[name if stem in entered else stem] = resolve(name, game, trust=trust)
    for text in agent or []:
        outside = OutsidePolicy(text, game, Limits(agent_seconds, memory=agent_memory), agent_matches)
        if outside.name in entered:
            raise typer.BadParameter(f"--agent {text}: {outside.name} is entered already: say NAME={text}")
        entered[outside.name] = outside
    executor = make_executor(game, made_from, workers, ray, matches=512, threads=threads or None)
    if sprt is not None:
        with closing(executor):
            return test_until_known(game, entered, folder, sprt, gauntlet, pairs, seed, seconds, executor, as_json)
    pairs = 64 if pairs is None else pairs
    facts = {"seed": seed, "pairs": pairs}
    with closing(executor), open_store(folder / TOURNAMENT, game, facts) as store:
        begin = time.monotonic()
        settings = {
            "pairs": pairs, "seed": seed, "until": begin + seconds if seconds else None, "executor": executor,
        }  # fmt: skip
        placed = None
        with counting("tournament", "games") as played:
            if form == "round-robin":
                settings |= {"gauntlet": gauntlet or (), "played": played}
                done = play_tournament(game, entered, store, **settings)
                missing = len(store.missing_keys(tournament_keys(game, entered, pairs, seed, gauntlet or ())))
            else:
                placed = play_rounds(form, game, entered, store, rounds=rounds, played=played, **settings)
                done, missing = placed.played, placed.missing
        spent = {"command": command_line(), "games": done, "seconds": time.monotonic() - begin, **facts}
        store.add_event(0, "tournament", spent)
        found = standings(game, store, anchors=parse_anchors(anchor))
    if as_json:
        print_json(standings_values(found, folder / TOURNAMENT, missing, placed))
    else:
        if placed is not None:
            print_placings(placed)
        print_standings(found)
        print(f"games: {folder / TOURNAMENT}" + (f"; {missing} still to be played" if missing else ""))
    return INCOMPLETE if missing else 0


def ladder(
    target: Annotated[str, typer.Argument(help="A run's folder, a bot, or a checkpoint file.", metavar="RUN|POLICY")],
    arena: Arena = None,
    games: Annotated[int, typer.Option(help="Units a rung.")] = 200,
    seed: Seed = 0,
    confidence: Annotated[float, typer.Option(help="Of the one-sided bound by which a rung is held.")] = 0.95,
    character: Annotated[str | None, typer.Option(help="What the policy plays. Default: as its game says.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Play every level, wherever it falls.")] = False,
    threads: Threads = 0,
    out: Out = None,
    trust: Trust = False,
    option: Options = None,
    as_json: AsJson = False,
) -> int:
    """Sends one policy up the rungs: every character at cpu-1, then at cpu-2, until it falls.

    Prints the highest rung held, with win rates and bounds. Exit code 1 if it holds none.
    """
    from ..eval.ladder import climb
    from ..eval.playing import open_store
    from ..eval.report.material import LADDER

    set_threads(threads)
    game, policies, folder = find_target(target, arena, option, out, "ladder", trust)
    if len(policies) > 1:
        raise typer.BadParameter(f"{target} has two populations, each for one seat: a climber plays both seats")
    with open_store(folder / LADDER, game, {"seed": seed, "games": games}) as store:
        begin = time.monotonic()
        with counting("ladder", "rungs") as played:
            found = climb(
                game, policies[0], store, games=games, seed=seed, confidence=confidence, own=character, whole=whole,
                played=played, threads=threads or None,
            )  # fmt: skip
        store.add_event(0, "ladder command", {"command": command_line(), "seconds": time.monotonic() - begin})
    if as_json:
        print_json(found.as_values())
        return 0 if found.highest else INCOMPLETE
    table = make_table("rung", "win rate", "at least", "at most", "units", "verdict", title=f"Ladder of {found.policy}")
    for rung in found.rungs:
        verdict = "held" if rung.held else "not held" if rung.reached else "not reached"
        bounds = [f"{bound:.3f}" if bound is not None else "-" for bound in (rung.lower, rung.upper)]
        name = f"{rung.level} {rung.character}".strip()
        table.add_row(name, f"{rung.rate:.3f}", *bounds, str(rung.units), rung.why or verdict)
    show(table)
    print(found.how)
    print(f"highest rung held: {found.highest or 'none'}")
    return 0 if found.highest else INCOMPLETE


def exploit(
    target: Annotated[str, typer.Argument(help="A run's folder, a bot, or a checkpoint file.", metavar="RUN|POLICY")],
    arena: Arena = None,
    exploiters: Annotated[int, typer.Option(help="How many are trained, each from another seed.")] = 3,
    steps: Annotated[int, typer.Option(help="Decisions each may train on; 0: as many as the seconds allow.")] = 0,
    seconds: Annotated[float, typer.Option(help="Seconds each may train; 0: as many as the steps need.")] = 0.0,
    pairs: Annotated[int, typer.Option(help="Fresh units of the test of each.")] = 500,
    looks: Annotated[int, typer.Option(help="Points of the budget curve.")] = 10,
    memory: Annotated[
        str | None, typer.Option(help="gru or none. Default: gru against mixtures and policies with memory.")
    ] = None,
    control: Annotated[bool, typer.Option(help="First train one against a planted leak, which it must find.")] = True,
    solved: Annotated[
        str | None,
        typer.Option(
            help="Solved games in which the same exploiter must find the gain, as in kuhn,leduc,goofspiel,corner."
        ),
    ] = None,
    leaks: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY", help="A policy in which every leak the arena knows is planted, and to be found."
        ),
    ] = None,
    scripted: Annotated[bool, typer.Option(help="Try the arena's bots as exploiters too.")] = True,
    kept: Annotated[
        list[Path] | None,
        typer.Option(help="More folders whose exploiters of other targets are replayed. Always: the results' own."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", "-s", metavar="KEY=VALUE", help="A setting of PPO, as in learning_rate=3e-4."),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Of the bound, over all exploiters together.")] = 0.95,
    seed: Seed = 0,
    threads: Threads = 0,
    out: Out = None,
    trust: Trust = False,
    option: Options = None,
    as_json: AsJson = False,
) -> int:
    """Trains exploiters against one frozen policy and certifies how exploitable it is at least.

    Only a lower bound can be certified; what a better exploiter would win is unknown. Exit code 1 if nothing could be
    certified, because the exploiter failed its control or its games were copies of each other.
    """
    from ..agents import resolve
    from ..agents.policy import UniformPolicy
    from ..eval.controls import check_all, check_on_leaks
    from ..eval.exploitability import Budget, exploiter_config
    from ..eval.exploiter import Exploiter, kept_in
    from ..eval.playing import open_store
    from ..eval.report.material import EXPLOIT, EXPLOITERS
    from ..league.config import parse_setting

    set_threads(threads)
    game, policies, folder = find_target(target, arena, option, out, "exploit", trust)
    one = policies[0] if len(policies) == 1 else (policies[0], policies[1])
    budget = Budget(steps if steps or seconds else 2_000_000, seconds, looks)
    # The leak is easily found by what works at all; the control ends as soon as it is.
    checked = Budget(budget.steps, budget.seconds, 2 * looks) if control else None
    wishes = {"threads": threads or None, **dict(map(parse_setting, setting or []))}
    configs = [exploiter_config(policy, memory, game, **wishes) for policy in policies]
    config = max(configs, key=lambda config: config.memory == "gru")

    def configure(other: "Game") -> "PPOConfig":
        """The same class of exploiter for another game."""
        return exploiter_config(UniformPolicy(), config.memory, other, **wishes)

    proofs = check_all([name for name in (solved or "").split(",") if name], configure, folder / EXPLOITERS, seed=seed)
    planted = ()
    if leaks is not None:
        with looking() as watched:
            planted = check_on_leaks(
                game, resolve(leaks, game, trust=trust), config, folder / EXPLOITERS, budget=budget, seed=seed,
                watched=watched,
            )  # fmt: skip
    with open_store(folder / EXPLOIT, game, {"seed": seed}) as store:
        begin = time.monotonic()
        with looking() as watched:
            attacker = Exploiter(
                game, one, store, folder / EXPLOITERS, config=config, test_units=pairs, seed=seed,
                confidence=confidence, watched=watched,
            )  # fmt: skip
            others = [resolve(bot, game) for bot in game.arena.bots] if scripted else []
            replayed = attacker.kept()
            for place in kept or []:
                replayed |= kept_in(place / EXPLOIT, place / EXPLOITERS, game, len(policies) == 2)
            found = attacker.run(exploiters, budget, checked, others, proofs, planted, replayed)
        store.add_event(0, "exploit command", {"command": command_line(), "seconds": time.monotonic() - begin})
    if as_json:
        print_json(found.as_values())
    else:
        print_exploitability(found)
    return INCOMPLETE if found.bound is None else 0


def report(
    folder: Annotated[Path, typer.Argument(help="A run's folder, or a tournament's.", metavar="RUN")],
    form: Annotated[str, typer.Option("--format", help="html, md, csv, json or latex.")] = "html",
    out: Annotated[
        Path | None, typer.Option(help="Where to write; '-' prints. Default: RUN/report.html, or print.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Only this table, as in --format csv --table ratings.")] = None,
    depth: Annotated[
        str | None, typer.Option(metavar="ARENA", help="First play what shows an arena's depth: fight (minutes).")
    ] = None,
    response_steps: Annotated[
        int, typer.Option(help="With --depth: decisions to train an answer to each style on; 0: none.", min=0)
    ] = 3_000_000,
    response_runs: Annotated[
        int, typer.Option(help="With --depth: training runs of these answers, each judged by itself.", min=1)
    ] = 1,
) -> int:
    """Writes the verdict on a run: one HTML file that needs no network, or its tables as text."""
    from ..eval.report import build, collect, render, write

    if depth is not None:
        measure_depth(folder, depth, response_steps, response_runs)
    found = build(collect(folder))
    if out is None and form == "html":
        out = folder / "report.html"
    if out is None or str(out) == "-":
        sys.stdout.write(render(found, form, table))
    else:
        print(write(found, out, form, table))
    return 0


def demo(
    out: Annotated[Path, typer.Option(help="Where everything goes; calling again goes on.")] = Path("runs/demo"),
    arena: Annotated[str, typer.Option(help="The arena.")] = "fight",
    minutes: Annotated[float, typer.Option(help="About how long it may take, compiling aside.")] = 8.0,
    seed: Annotated[int, typer.Option(help="Seed of everything.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads; 0: as many as torch and the batch take.")] = 0,
) -> int:
    """The main job in minutes: trains a small league, rates it, attacks it, records a match and writes the report."""
    from .demo import Demo

    set_threads(threads)
    print(Demo(arena, out, minutes * 60, seed, threads).run())
    return 0
