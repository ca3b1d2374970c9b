"""`kumite tournament --sprt`: one member against others, each match stopped as soon as a sequential test knows."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import print_json
from .judging import command_line, counting, make_table, show

if TYPE_CHECKING:
    from ..agents.policy import Policy
    from ..arenas.arena import Game
    from ..eval.sprt import SPRT
    from ..eval.stopping import Stopped
    from ..league.executor import Executor


def parse_sprt(given: str) -> "SPRT":
    """`"0,20"` as a test."""
    from ..eval.sprt import SPRT

    parts = given.split(",")
    try:
        elo0, elo1 = map(float, parts)
    except ValueError:
        raise typer.BadParameter(f"--sprt {given}: expected ELO0,ELO1, as in 0,20") from None
    try:
        return SPRT(elo0, elo1)
    except ValueError as wrong:
        raise typer.BadParameter(f"--sprt {given}: {wrong}") from None


def test_until_known(
    game: "Game",
    entered: Mapping[str, "Policy"],
    folder: Path,
    sprt: str,
    gauntlet: Sequence[str] | None,
    pairs: int | None,
    seed: int,
    seconds: float,
    executor: "Executor",
    as_json: bool,
) -> int:
    """Plays and prints the tests; the exit code."""
    from ..arenas.arena import nearest
    from ..eval.playing import EvaluationError, open_store
    from ..eval.report.material import SPRT
    from ..eval.stopping import MOST_UNITS, play_until_known
    from ..eval.tournament import check_members

    test = parse_sprt(sprt)
    check_members(entered)
    tested = list(gauntlet or list(entered)[-1:])
    if len(tested) > 1:
        raise typer.BadParameter(f"--sprt tests one member: got --gauntlet {', '.join(tested)}")
    (name,) = tested
    if name not in entered:
        raise EvaluationError(f"no member {name!r} in this tournament" + nearest(name, list(entered)))
    begin = time.monotonic()
    until = begin + seconds if seconds else None
    found: list[Stopped] = []
    with open_store(folder / SPRT, game, {"seed": seed}) as store:
        for other in entered:
            if other != name:
                with counting(f"{name} against {other}", "units") as played:
                    found.append(
                        play_until_known(
                            game, entered[name], entered[other], store, test, names=(name, other),
                            most=MOST_UNITS if pairs is None else pairs, seed=seed, played=played, until=until,
                            executor=executor,
                        )
                    )  # fmt: skip
        store.add_event(0, "sprt command", {"command": command_line(), "seconds": time.monotonic() - begin})
    if as_json:
        print_json({"store": str(folder / SPRT), "tests": [one.as_values() for one in found]})
    else:
        print_tests(found)
        print(f"games: {folder / SPRT}")
    return 0 if all(one.verdict in ("better", "not better") for one in found) else 1


def print_tests(found: Sequence["Stopped"]) -> None:
    """The verdicts, a row each."""
    test = found[0].test
    title = (
        f"SPRT, {test.model} Elo {test.elo0:g} against {test.elo1:g}, bounds {test.bounds[0]:.2f} {test.bounds[1]:.2f}"
    )
    table = make_table("tested", "against", "verdict", "LLR", "units", "score", "Elo, 95 % interval", title=title)
    for one in found:
        elo = f"{one.estimate.elo:+.0f} [{one.estimate.lower:+.0f}, {one.estimate.upper:+.0f}]"
        units, score = f"{one.progress.units:,}", f"{one.progress.score:.3f}"
        table.add_row(one.one, one.other, one.verdict, f"{one.progress.llr:.2f}", units, score, elo)
    show(table)
    for one in found:
        if one.why:
            print(f"{one.one} against {one.other}: {one.why}")
