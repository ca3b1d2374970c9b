"""How a run stands, as JSON values: its members, payoffs, mixture and speed."""

import math
from typing import Any

import numpy as np

from .matchmaking import Meta, judged
from .payoff import PayoffTable
from .run import Run


def run_status(run: Run) -> dict[str, Any]:
    """Members with their weights, payoffs with standard errors, exploitability inside the table, throughput.

    weight: how often the scheme's verdict plays a member, None before the first meta-game. mean and standard_error
    [rows][columns] are None where unplayed. exploitability: NashConv / 2 of the verdict in the table alone.
    """
    store, config = run.store, run.config
    meta = run.meta()
    verdict = judged(config, meta) if meta else None
    weights: dict[str, float] = {}
    for names, mixture in zip(verdict.names, verdict.mixtures, strict=True) if verdict else ():
        weights |= dict(zip(names, mixture.tolist(), strict=True))
    done = [iteration for iteration, _, _ in store.events("iteration")]
    table = run.table()
    trained = [data for _, _, data in store.events("trained")]
    measured = [data for _, _, data in store.events("measured")]
    steps, games = sum(data["steps"] for data in trained), sum(data["games"] for data in measured)
    finished = any(iteration >= config.iterations for iteration, _, _ in store.events("finished"))
    return {
        "run": str(run.folder),
        "arena": run.arena,
        "options": run.options,
        "content_hash": store.content_hash,
        "scheme": config.scheme,
        "seed": config.seed,
        "config_hash": store.spec["config_hash"],
        "settings": config.as_json(),
        "state": "finished" if finished else "unfinished",
        "iteration": max(done, default=0),
        "iterations": config.iterations,
        "populations": run.count,
        "games_per_pair": run.per_pair,
        "members": [
            {
                "name": member.name,
                "kind": member.kind,
                "role": member.role,
                "population": member.population,
                "iteration": member.iteration,
                "parent": member.parent,
                "hash": member.hash,
                "path": member.path,
                "weight": weights.get(member.name),
            }
            for member in store.members()
        ],
        "payoff": _computed(meta) if meta and config.payoffs == "exact" else _measured(table),
        "games": store.game_count(),
        "judged_by": config.judged_by,
        "exploitability": verdict.exploitability if verdict and verdict.payoff is not None else None,
        "value": verdict.value if verdict else None,
        "throughput": {
            "steps": steps,
            "steps_per_second": _rate(steps, trained),
            "games_per_second": _rate(games, measured),
        },
    }


def _measured(table: PayoffTable) -> dict[str, Any]:
    """What was played, as it is now."""
    return {
        "rows": table.rows,
        "columns": table.columns,
        "mean": _finite(table.mean()),
        "standard_error": _finite(table.standard_error()),
        "pairs": table.cells["pairs"].tolist(),
    }


def _computed(meta: Meta) -> dict[str, Any]:
    """What was computed when the meta-game was last solved: nothing was played."""
    assert meta.payoff is not None
    nothing = np.zeros_like(meta.payoff)
    return {
        "rows": list(meta.names[0]),
        "columns": list(meta.names[-1]),
        "mean": meta.payoff.tolist(),
        "standard_error": nothing.tolist(),
        "pairs": nothing.astype(int).tolist(),
    }


def _rate(amount: float, phases: list[dict[str, Any]]) -> float:
    seconds = sum(data["seconds"] for data in phases)
    return amount / seconds if seconds else 0.0


def _finite(values: np.ndarray) -> list[list[float | None]]:
    return [[None if math.isnan(value) else value for value in row] for row in values.tolist()]
