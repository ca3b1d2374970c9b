"""`kumite tournament RUN` of two populations, one for each seat: rows meet columns, each rated in its own seat."""

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from . import print_json
from .judging import command_line, counting, make_table, show

if TYPE_CHECKING:
    from ..eval.roles import RoleStandings
    from ..league.executor import Executor
    from ..league.run import Run


def rate_roles(
    run: "Run",
    executor: "Executor",
    folder: Path,
    pairs: int,
    seed: int,
    bots: list[str] | None,
    seconds: float,
    as_json: bool,
) -> int:
    """Plays rows against columns as far as that is missing, and prints both populations' ratings; the exit code."""
    from ..eval.playing import open_store
    from ..eval.report.material import TOURNAMENT
    from ..eval.roles import play_roles, role_keys, role_members, role_standings

    members, facts = role_members(run, bots), {"seed": seed, "pairs": pairs}
    with closing(executor), open_store(folder / TOURNAMENT, run.game, facts) as store:
        begin = time.monotonic()
        with counting("tournament", "games") as played:
            done = play_roles(
                run.game, members, store, units=pairs, seed=seed, played=played,
                until=begin + seconds if seconds else None, executor=executor,
            )  # fmt: skip
        missing = len(store.missing_keys(role_keys(members, pairs, seed)))
        spent = {"command": command_line(), "games": done, "seconds": time.monotonic() - begin, **facts}
        store.add_event(0, "tournament", spent)
        found = role_standings(run.game, store)
    if as_json:
        print_json(role_values(found, folder / TOURNAMENT, missing))
    else:
        print_role_standings(found)
        print(f"games: {folder / TOURNAMENT}" + (f"; {missing} still to be played" if missing else ""))
    return 1 if missing else 0


def refuse_for_roles(run: "Run", **asked: Any) -> None:
    """Refuses options of a tournament whose members play both seats, by name."""
    for option, value in asked.items():
        if value:
            raise typer.BadParameter(
                f"--{option.replace('_', '-')}: {run.folder} has two populations, each for one seat: its rows meet its "
                "columns, and that is all"
            )


def role_values(found: "RoleStandings", path: Path, missing: int) -> dict[str, Any]:
    """As JSON values."""
    rated = found.ratings
    cells = [
        {
            "row": cell.row, "column": cell.column, "units": cell.units, "games": cell.games,
            "distinct": cell.distinct, "rate": cell.rate, "lower": cell.interval and cell.interval.lower,
            "upper": cell.interval and cell.interval.upper, "why": cell.why,
        }
        for cell in found.cells
    ]  # fmt: skip
    return {
        "store": str(path), "missing_games": missing, "games_per_unit": 1, "roles": list(rated.references),
        "advantage": {"elo": rated.advantage, "lower": rated.lower, "upper": rated.upper},
        "ratings": [row | {"seat": int(row["name"] in rated.seats[1])} for row in rated.ratings.to_rows()],
        "fit": vars(rated.ratings.fit), "cells": cells, "forfeits": found.forfeits,
    }  # fmt: skip


def print_role_standings(found: "RoleStandings") -> None:
    """Both populations' ratings, and what the first seat is worth."""
    rated = found.ratings
    rows = rated.ratings.to_rows()
    for seat, names in enumerate(rated.seats):
        title = f"Ratings of seat {seat}; 0: {rated.references[seat]}; unit: single game on a setup of its own"
        table = make_table("member", "Elo", "95 % interval", "games", "", title=title)
        for row in (row for row in rows if row["name"] in names):
            known = not (row["anchor"] or row["separated"])
            interval = f"{row['lower']:.0f} to {row['upper']:.0f}" if known else ""
            note = "frozen" if row["anchor"] else "infinite: an order, not a measurement" if row["separated"] else ""
            table.add_row(row["name"], f"{row['elo']:.0f}", interval, str(row["games"]), note)
        show(table)
    print(f"seat 0 is worth {rated.advantage:+.0f} Elo ({rated.lower:.0f} to {rated.upper:.0f}) between the two zeros")
    print(f"goodness of fit: {rated.ratings.fit}")
