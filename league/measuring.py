"""The payoff table of a league: the games it lacks, those that are worth most, or the payoffs computed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .matchmaking import solver_of
from .noise import Evidence, averaged, draws, sensitivity, where_to_play
from .payoff import PayoffTable
from .play import derive_seed, pair_keys
from .records import GameKey

if TYPE_CHECKING:
    from .trainer import Trainer

ROUNDS = 4
"""In how many parts the extra pairs are spent, looking again after each."""
DRAWS = 64
"""Payoff tables drawn to see which cells the mixture depends on."""


def measure(trainer: Trainer, iteration: int) -> Evidence | None:
    """What is known of the payoffs before an iteration, all that is missing played; None where none are measured."""
    run, config = trainer.run, trainer.config
    if config.payoffs == "exact":
        policies = [[player.policy for player in population.players] for population in run.populations]
        columns = policies[1] if run.count == 2 else None
        return Evidence.exact(trainer.book.payoff(policies[0], columns), symmetric=run.count == 1)
    if not config.pairs:
        return None
    _fill(trainer, iteration)
    if config.extra_pairs and run.table().cells.size > 1:
        for number in range(ROUNDS):
            if not any((at, data["round"]) == (iteration, number) for at, _, data in run.store.events("extra")):
                _choose_more(trainer, iteration, number)
            _fill(trainer, iteration)
    return Evidence.of(run.table())


def _choose_more(trainer: Trainer, iteration: int, number: int) -> None:
    """Records which cells get more pairs in one round: those that the mixture moves with most."""
    config, table = trainer.config, trainer.run.table()
    evidence = Evidence.of(table)
    matrices = draws(evidence, DRAWS, np.random.default_rng(derive_seed(config.seed, "extra", iteration, number)))
    _, mixtures = averaged(solver_of(config, evidence), matrices)
    edges = np.linspace(0, config.extra_pairs, ROUNDS + 1).astype(int)
    given = where_to_play(
        sensitivity(matrices, mixtures),
        table.cells["pairs"],
        int(edges[number + 1] - edges[number]),
        symmetric=table.symmetric,
    )
    cells = [[table.rows[i], table.columns[j], int(given[i, j])] for i, j in np.argwhere(given > 0)]
    trainer.store.add_event(iteration, "extra", {"round": number, "cells": cells})


def _fill(trainer: Trainer, iteration: int) -> None:
    """Plays what the table lacks."""
    run, store = trainer.run, trainer.store
    missing = store.missing_keys(_wanted(trainer))
    if missing:
        policies = {h: p for population in run.populations for h, p in population.policies.items()}
        begin, before = time.perf_counter(), store.game_count()
        for _ in trainer.play("payoffs", policies, missing, keep=True):
            pass
        facts = {"games": store.game_count() - before, "seconds": time.perf_counter() - begin}
        store.add_event(iteration, "measured", facts)


def _wanted(trainer: Trainer) -> Iterator[GameKey]:
    """The games of the cells that are not full. Each cell has setups of its own, so that cells are independent."""
    run, config = trainer.run, trainer.config
    rows, columns = run.populations[0].hashes, run.populations[-1].hashes
    table = run.table()
    pairs = _pairs_wanted(trainer, table)
    for lacking in table.missing(pairs):
        row, column = rows[lacking.row], columns[lacking.column]
        cell = (row, column) if not run.game.symmetric else sorted((row, column))
        wanted = int(pairs[table.index(lacking.row), table.index(lacking.column, 0 if table.symmetric else 1)])
        seeds = [derive_seed(config.seed, "payoff", *cell, pair) for pair in range(wanted)]
        yield from pair_keys(run.game, row, column, seeds, run.per_pair)


def _pairs_wanted(trainer: Trainer, table: PayoffTable) -> np.ndarray:
    """How many pairs each cell is to have, [m, n]: what all have, and what was chosen for some."""
    wanted = np.full(table.cells.shape, trainer.config.pairs)
    at = [{name: i for i, name in enumerate(names)} for names in (table.rows, table.columns)]
    for _, _, data in trainer.store.events("extra"):
        for row, column, more in data["cells"]:
            if row in at[0] and column in at[1]:  # some have left
                wanted[at[0][row], at[1][column]] += more
                if table.symmetric:
                    wanted[at[0][column], at[1][row]] += more
    return wanted
