"""The scripted strategies of the full game, everybody against everybody: `python -m kumite.arenas.skirmish.balance`.

Its figures are kept in tests/data/skirmish_payoff.json, and a test finds a cycle in them: no strategy beats all others.
"""

import argparse
import hashlib
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import make_batch
from ..dice import SEED_LIMIT

STRATEGIES = ("worker-rush", "early-rush", "fast-expand", "turtle-tech", "harass", "random-biased")
MAPS = ("causeway", "plateau")
STRETCH = 16 * 30
"""Ticks played between two looks at who is done."""
PORTION = 20
"""Pairs played between two times that figures are kept."""


def derived_seed(seed: int, pair: int) -> int:
    """The seed of a pair's two matches."""
    digest = hashlib.blake2b(f"{seed} {pair}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % SEED_LIMIT


def pair_scores(first: str, second: str, map_name: str, pairs: range, seed: int) -> np.ndarray:
    """The first script's mean score in [0, 1] of each pair: two matches from one seed, the seats exchanged.

    pairs: which of the seed's, so that some can be played now and others later. Returns float64 [pairs].
    """
    half = len(pairs)
    seats = [[first] * half + [second] * half, [second] * half + [first] * half]
    options = {"scenario": "full", "map": map_name, "opponents": dict(enumerate(seats)), "auto_reset": False}
    batch = make_batch("skirmish", matches=2 * half, **options)
    batch.reset(seeds=np.tile([derived_seed(seed, pair) for pair in pairs], 2))
    while not batch.done.all():
        batch.rollout_random(STRETCH)
    score = (1 + batch.utility[:, 0]) / 2
    return (score[:half] + 1 - score[half:]) / 2


def wanted(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A cell for every two scripts and each map, still without figures. What seed it adds depends on nothing else."""
    for number, (first, second) in enumerate(itertools.combinations(STRATEGIES, 2)):
        if first in names and second in names:
            for place, map_name in enumerate(MAPS):
                yield {"first": first, "second": second, "map": map_name, "seed": len(MAPS) * number + place}


def played(cell: dict[str, Any], pairs: int, seed: int) -> Iterator[dict[str, Any]]:
    """The cell again and again until so many pairs are played; `quarters`: how many gave 0, 1/4 … 1 to the first."""
    cell = {"quarters": [0] * 5, **cell}
    while (begun := sum(cell["quarters"])) < pairs:
        portion = range(begun, min(begun + PORTION, pairs))
        scores = pair_scores(cell["first"], cell["second"], cell["map"], portion, seed + 100 * cell["seed"])
        counts = np.bincount(np.round(4 * scores).astype(int), minlength=5)
        cell = {**cell, "quarters": (np.array(cell["quarters"]) + counts).tolist()}
        yield cell


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


def write(path: Path, cells: Sequence[dict[str, Any]], seed: int) -> None:
    """The cells as a file, one a line."""
    rows = ",\n".join(json.dumps(cell) for cell in cells)
    draft = path.with_suffix(".part")
    draft.write_text(f'{{"seed": {seed}, "cells": [\n{rows}\n]}}\n', encoding="utf-8")
    draft.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m kumite.arenas.skirmish.balance", description=__doc__)
    parser.add_argument("--games", type=int, default=400, help="for every two scripts, half of them on each map")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scripts", nargs="+", default=STRATEGIES, choices=STRATEGIES)
    parser.add_argument("--out", type=Path, help="keep the figures here; what it holds already is not played again")
    given = parser.parse_args(arguments)
    if given.games < 4 or given.games % 4:
        parser.error(f"--games {given.games}: expected a multiple of 4, 4 or more: pairs of matches on two maps")
    kept = json.loads(given.out.read_text(encoding="utf-8")) if given.out and given.out.exists() else {"cells": []}
    if kept["cells"] and kept["seed"] != given.seed:
        parser.error(f"--seed {given.seed}: {given.out} was played with --seed {kept['seed']}")
    cells = {cell["seed"]: cell for cell in kept["cells"]}
    for cell in wanted(given.scripts):
        for more in played(cells.get(cell["seed"], cell), given.games // 4, given.seed):
            cells[cell["seed"]] = more
            if given.out:
                write(given.out, [cells[key] for key in sorted(cells)], given.seed)
        known = cells[cell["seed"]]
        words = f"{known['first']} - {known['second']} on {known['map']}: {known['quarters']}"
        print(words, file=sys.stderr, flush=True)
    names = [name for name in STRATEGIES if name in given.scripts]
    print(table([cell for cell in cells.values() if {cell["first"], cell["second"]} <= {*names}], names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
