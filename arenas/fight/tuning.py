"""Better weights for a scripted opponent, by hill climbing: `python -m kumite.arenas.fight.tuning ren`.

The expert (`cpu-8`) of one character plays short matches against the experts of the others, the styles, lower levels
and uniform play; its beginner (`--beginner`) plays other beginners and uniform play. A step changes some weights at
random and is kept when the mean score on the same seeds is better. Prints the rows for `assets/fight/bots.toml`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from .. import make_batch
from ..arena import Outcome
from ..batch import Batch
from .bots import BOTS
from .choices import LEVELS, STYLES, Option
from .content import Weights, default_content

EXPERT, BEGINNER = BOTS[LEVELS - 1], BOTS[0]
RULES = {"matchup": "fixed", "rounds": 1, "seconds": 40}


def panel(character: int, beginner: bool, matches: int) -> tuple[Batch, np.ndarray]:
    """A batch in which one character's expert or beginner meets everybody it is to be good against, on both seats; and
    its setup rows."""
    count = len(default_content().names)
    own, others = (BEGINNER, [BEGINNER]) if beginner else (EXPERT, [*BOTS[1:LEVELS:2]])
    met = [(bot, who) for bot in (None, *others) for who in range(count)]
    if not beginner:
        met += [(EXPERT, who) for who in range(count) if who != character] * 3
        met += [(style, i % count) for i, style in enumerate(STYLES)] * 2
    names: list[list[str | None]] = [[], []]
    setup = np.zeros((matches, 2), np.int32)
    for i in range(matches):
        bot, who = met[i // 2 % len(met)]
        seat = i % 2
        names[seat].append(own)
        names[1 - seat].append(bot)
        setup[i, seat], setup[i, 1 - seat] = character, who
    return make_batch("fight", matches=matches, opponents={0: names[0], 1: names[1]}, **RULES), setup


def play(batch: Batch, setup: np.ndarray, seed: int) -> np.ndarray:
    """The score of every match to who is tuned: float [matches]."""
    batch.reset(seeds=np.random.default_rng(seed).integers(0, 2**62, len(batch)), setup=setup)
    score, open_ = np.zeros(len(batch)), np.ones(len(batch), bool)
    while open_.any():
        batch.step(batch.random_actions())
        ended = batch.done & open_
        score[ended] = np.select(
            [batch.outcome[ended] == Outcome.FIRST, batch.outcome[ended] == Outcome.DRAW], [1, 0.5], 0
        )
        open_ &= ~batch.done
    score[1::2] = 1 - score[1::2]
    return score


def mutated(weights: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Some weights of some situations multiplied, dropped or brought in; every situation sums to about 100."""
    new = weights.astype(float)
    for row in new:
        if generator.random() < 0.6:
            chosen = generator.random(len(row)) < 0.2
            row[chosen] = (row[chosen] + generator.integers(0, 8, chosen.sum())) * np.exp(
                generator.normal(0, 0.7, chosen.sum())
            )
            row *= 100 / row.sum()
    new = new.round()
    new[new.sum(axis=1) == 0, Option.WAIT] = 1
    return new.astype(np.int16)


def climb(character: int, beginner: bool, steps: int, matches: int, seed: int, target: float = 1.0) -> np.ndarray:
    """int16 [Situation, Option]: the best weights found. target: a mean score at which to stop."""
    generator = np.random.default_rng(seed)
    batch, setup = panel(character, beginner, matches)
    table = batch.tables.weights.copy()
    batch.tables = batch.tables._replace(weights=table)
    row = character + beginner * len(default_content().names)
    best = table[row].copy()
    for step in range(steps):
        table[row] = best
        old = play(batch, setup, seed + step).mean()
        if old >= target:
            break
        candidate = mutated(best, generator)
        table[row] = candidate
        new = play(batch, setup, seed + step).mean()
        if new > old + 0.25 * 0.5 / np.sqrt(matches):
            best = candidate
            print(f"# step {step}: {old:.3f} -> {new:.3f}", flush=True)
    return best


def main(arguments: Sequence[str] | None = None) -> None:
    """Climbs for one character's expert or beginner and prints its rows."""
    names = default_content().names
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("character", choices=names)
    parser.add_argument("--beginner", action="store_true", help="the beginner, against beginners and uniform play")
    parser.add_argument("--target", type=float, default=1.0, help="stop at this mean score")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--matches", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    who = names.index(given.character)
    best = climb(who, given.beginner, given.steps, given.matches, given.seed, given.target)
    print(f"[{'beginners' if given.beginner else 'experts'}.{given.character}]")
    for field, row in zip(fields(Weights), best, strict=True):
        words = ", ".join(f"{option.name.lower()} = {row[option]}" for option in Option if row[option] > 0)
        print(f"{field.name} = {{ {words} }}")


if __name__ == "__main__":
    main()
