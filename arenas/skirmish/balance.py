"""Everybody against everybody among the scripted strategies of the full game: `python -m kumite.arenas.skirmish.balance`.

Its figures are kept in assets/skirmish/payoff.json, and a test finds a cycle in them: no strategy beats all others.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import make_batch

STRATEGIES = ("worker-rush", "early-rush", "fast-expand", "turtle-tech", "harass", "random-biased")
MAPS = ("causeway", "plateau")
CHUNK = 16 * 30
"""Ticks played between two looks at who is done."""


def pair_scores(first: str, second: str, map_name: str, pairs: int, seed: int, threads: int | None = None) -> np.ndarray:
    """The first script's mean score in [0, 1] of each pair: two matches from one seed, the seats exchanged. [pairs]."""
    seats = [[first] * pairs + [second] * pairs, [second] * pairs + [first] * pairs]
    batch = make_batch(
        "skirmish",
        matches=2 * pairs,
        seed=seed,
        scenario="full",
        map=map_name,
        opponents=dict(enumerate(seats)),
        auto_reset=False,
        threads=threads,
    )
    batch.reset(seeds=np.tile(batch.state.seed[:pairs], 2))
    while not batch.done.all():
        batch.rollout_random(CHUNK)
    score = (1 + batch.utility[:, 0]) / 2
    return (score[:pairs] + 1 - score[pairs:]) / 2


def payoffs(names: Sequence[str], pairs: int, seed: int, threads: int | None = None) -> Iterator[dict[str, Any]]:
    """A cell for every two scripts and each map: whose, and how many pairs gave 0, 1/4, 1/2, 3/4 and 1 to the first."""
    for number, (first, second) in enumerate(itertools.combinations(names, 2)):
        for place, map_name in enumerate(MAPS):
            scores = pair_scores(first, second, map_name, pairs, seed + len(MAPS) * number + place, threads)
            counts = np.bincount(np.round(4 * scores).astype(int), minlength=5)
            yield {"first": first, "second": second, "map": map_name, "quarters": counts.tolist()}


def table(cells: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    """The mean score of the row's script against the column's, both maps together, as lines of Markdown."""
    points, pairs = np.zeros((2, len(names), len(names)))
    for cell in cells:
        i, j = names.index(cell["first"]), names.index(cell["second"])
        counts = np.array(cell["quarters"])
        won = float(counts @ np.arange(5) / 4)
        points[i, j] += won
        points[j, i] += counts.sum() - won
        pairs[i, j] += counts.sum()
        pairs[j, i] += counts.sum()
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for i, name in enumerate(names):
        row = [f"{points[i, j] / pairs[i, j]:.2f}" if pairs[i, j] else "" for j in range(len(names))]
        lines.append(f"| {name} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m kumite.arenas.skirmish.balance", description=__doc__)
    parser.add_argument("--games", type=int, default=400, help="for every two scripts, half of them on each map")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scripts", nargs="+", default=STRATEGIES, choices=STRATEGIES)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--out", type=Path, help="write the cells to this file")
    given = parser.parse_args(arguments)
    if given.games < 4 or given.games % 4:
        parser.error(f"--games {given.games}: expected a multiple of 4, 4 or more: pairs of matches on two maps")
    cells = []
    for cell in payoffs(given.scripts, given.games // 4, given.seed, given.threads):
        cells.append(cell)
        print(f"{cell['first']} against {cell['second']} on {cell['map']}: {cell['quarters']}", file=sys.stderr, flush=True)
    print(table(cells, given.scripts))
    if given.out:
        draft = given.out.with_suffix(".part")
        figures = {"games": given.games, "seed": given.seed, "scripts": list(given.scripts)}
        rows = ",\n".join("  " + json.dumps(cell) for cell in cells)
        draft.write_text(json.dumps(figures)[:-1] + ', "cells": [\n' + rows + "\n]}\n", encoding="utf-8")
        draft.replace(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
