"""Who beats whom among the scripted opponents, measured: `python -m kumite.arenas.fight.balance`.

Every cell is played in pairs: one setup and one seed, twice, the opponents exchanging seats. The unit of every
interval is the pair.
"""

import argparse
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import make_batch
from ..arena import Outcome
from .bots import BOTS
from .choices import LEVELS, STYLES
from .content import default_content

UNIFORM = "uniform"
"""A name beside the bots': random legal play."""
SIGMA = 1.96


@dataclass(frozen=True)
class Bout:
    """One cell: who meets whom, with which characters."""

    first: str
    second: str
    character: str = "ren"
    versus: str = "ren"


@dataclass(frozen=True)
class Score:
    """Mean score of the first in a cell (win 1, draw 1/2) with a 95 % interval over pairs."""

    mean: float
    lower: float
    upper: float
    pairs: int

    @property
    def elo(self) -> float:
        """The rating difference that the mean stands for."""
        mean = min(max(self.mean, 1e-3), 1 - 1e-3)
        return 400 * math.log10(mean / (1 - mean))

    def __str__(self) -> str:
        return f"{100 * self.mean:5.1f} [{100 * self.lower:.0f}, {100 * self.upper:.0f}]"


def scores(bouts: Sequence[Bout], pairs: int, *, seed: int = 0, **options) -> np.ndarray:
    """Plays all bouts side by side: float [bouts, pairs], each entry a pair's mean score of the first.

    options: of fight, but for the matchup, which the bouts give.
    """
    names = default_content().names
    listed = [(bout, seat) for bout in bouts for _ in range(pairs) for seat in range(2)]
    players = [
        [(bout.first, bout.second)[seat] for bout, seat in listed],
        [(bout.second, bout.first)[seat] for bout, seat in listed],
    ]
    bodies = [
        [(bout.character, bout.versus)[seat] for bout, seat in listed],
        [(bout.versus, bout.character)[seat] for bout, seat in listed],
    ]
    opponents = {side: [None if name == UNIFORM else name for name in players[side]] for side in range(2)}
    batch = make_batch("fight", matches=len(listed), seed=seed, matchup="fixed", opponents=opponents, **options)
    setup = np.array([[names.index(name) for name in side] for side in bodies], np.int32).T
    numbers = np.random.default_rng(seed).integers(0, 2**62, (len(bouts) * pairs,))
    batch.reset(seeds=np.repeat(numbers, 2), setup=np.ascontiguousarray(setup))
    score, open_ = np.zeros(len(listed)), np.ones(len(listed), bool)
    idle = np.zeros_like(batch.actions)
    random = any(name == UNIFORM for side in players for name in side)
    while open_.any():
        batch.step(batch.random_actions() if random else idle)
        ended = batch.done & open_
        score[ended] = np.select(
            [batch.outcome[ended] == Outcome.FIRST, batch.outcome[ended] == Outcome.DRAW], [1.0, 0.5], 0.0
        )
        open_ &= ~batch.done
    by_seat = score.reshape(len(bouts), pairs, 2)
    return (by_seat[:, :, 0] + 1 - by_seat[:, :, 1]) / 2


def summary(results: np.ndarray) -> Score:
    """Mean and interval of pair scores."""
    flat = results.ravel()
    spread = SIGMA * float(flat.std(ddof=1)) / math.sqrt(flat.size)
    mean = float(flat.mean())
    return Score(mean, max(0.0, mean - spread), min(1.0, mean + spread), flat.size)


def style_matrix(pairs: int, names: Sequence[str] = STYLES, **options) -> list[list[Score | None]]:
    """The round robin of the styles; the diagonal is None."""
    met = list(itertools.combinations(range(len(names)), 2))
    found = scores([Bout(names[i], names[j]) for i, j in met], pairs, **options)
    matrix: list[list[Score | None]] = [[None] * len(names) for _ in names]
    for (i, j), results in zip(met, found, strict=True):
        matrix[i][j], matrix[j][i] = summary(results), summary(1 - results)
    return matrix


def cycles(matrix: Sequence[Sequence[Score | None]], names: Sequence[str] = STYLES) -> list[tuple[str, str, str]]:
    """Triples of which each beats the next, the lower end of every interval over one half."""

    def beats(i: int, j: int) -> bool:
        cell = matrix[i][j]
        return cell is not None and cell.lower > 0.5

    triples = itertools.permutations(range(len(names)), 3)
    return [
        (names[i], names[j], names[k])
        for i, j, k in triples
        if i < min(j, k) and beats(i, j) and beats(j, k) and beats(k, i)
    ]


def ladder(pairs: int, **options) -> list[tuple[str, Score, dict[str, Score]]]:
    """Each rung against the one below (below the first: uniform play), over all pairs of characters and by character.

    pairs: for each of the pairs of characters.
    """
    names, rungs = default_content().names, (UNIFORM, *BOTS[:LEVELS])
    met = list(itertools.product(names, names))
    bouts = [Bout(rungs[i + 1], rungs[i], *pair) for i in range(LEVELS) for pair in met]
    found = scores(bouts, pairs, **options).reshape(LEVELS, len(met), pairs)
    rows = []
    for i in range(LEVELS):
        own = {name: summary(found[i, [pair[0] == name for pair in met]]) for name in names}
        rows.append((rungs[i + 1], summary(found[i]), own))
    return rows


def chart(pairs: int, bot: str = "cpu-8", **options) -> dict[tuple[str, str], Score]:
    """Characters against each other, played by one bot."""
    met = list(itertools.permutations(default_content().names, 2))
    found = scores([Bout(bot, bot, *pair) for pair in met], pairs, **options)
    return {pair: summary(results) for pair, results in zip(met, found, strict=True)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables of the README."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pairs", type=int, default=100, help="pairs of games a cell")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)

    matrix = style_matrix(given.pairs, seed=given.seed)
    print("styles (score of the row against the column, per cent, 95 % intervals)")
    print(" " * 9 + "".join(f"{name:>17}" for name in STYLES))
    for name, row in zip(STYLES, matrix, strict=True):
        print(f"{name:9}" + "".join(f"{'' if cell is None else str(cell):>17}" for cell in row))
    print("cycles:", "; ".join(" > ".join((*cycle, cycle[0])) for cycle in cycles(matrix)) or "none")

    print("\nladder (against the rung below; then by own character)")
    for name, pooled, own in ladder(max(2, given.pairs // 4), seed=given.seed):
        print(f"{name}  {pooled}  {pooled.elo:+4.0f} Elo   " + "  ".join(f"{who} {cell}" for who, cell in own.items()))

    print("\ncharacters (cpu-8 on both sides)")
    for (one, other), cell in chart(given.pairs, seed=given.seed).items():
        print(f"{one:5} v {other:5} {cell}")


if __name__ == "__main__":
    main()
