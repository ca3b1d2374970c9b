"""The team pools that ship: training teams, and held-out splits to measure generalisation with.

All were composed from the usage table inside the vocabulary (`compose.py`) and accepted by Showdown's validator.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arena import nearest
from .content import FOLDER
from .teams import Team, TeamError, read_team

SIZES = (1, 4, 16, 64, 256)
"""Training pools: the first so many teams, so that a smaller pool lies inside a larger one."""
TRAINING = "training"


@dataclass(frozen=True)
class Pool:
    """Teams and the archetype each was built around. name: a split of `assets/battle/teams.json`, with a size."""

    name: str
    archetypes: tuple[str, ...]
    teams: tuple[Team, ...]


@functools.cache
def _file() -> dict[str, list[tuple[str, str]]]:
    given = json.loads((FOLDER / "teams.json").read_text(encoding="utf-8"))
    return {split: rows for split, rows in given.items() if isinstance(rows, list)}


def held_out() -> tuple[str, ...]:
    """Names of the splits that are not for training."""
    return tuple(split for split in _file() if split != TRAINING)


@functools.cache
def read_pool(name: str) -> Pool:
    """A pool by name: "training 64" (a size of SIZES), or one of `held_out()`. TeamError where there is none."""
    split, _, size = name.partition(f"{TRAINING} ")
    known = [f"{TRAINING} {count}" for count in SIZES]
    if size and name in known:
        rows = _file()[TRAINING][: int(size)]
    elif split in held_out():
        rows = _file()[split]
    else:
        raise TeamError(f"no pool {name!r}" + nearest(name, [*known, *held_out()]))
    return Pool(name, tuple(archetype for archetype, _ in rows), tuple(read_team(text) for _, text in rows))


def dissimilarity(first: Team, second: Team) -> float:
    """How unlike two teams are: 0 for the same six sets, 1 for no species in common.

    A species both have counts half for being there and half for the share of item, ability, Tera type and moves that
    are the same.
    """
    alike = 0.0
    others = {member.species: member for member in second}
    for member in first:
        other = others.get(member.species)
        if other is not None:
            same = [member.item == other.item, member.ability == other.ability, member.tera == other.tera]
            shared = len(set(member.moves) & set(other.moves))
            alike += 0.5 + 0.5 * (sum(same) + shared) / (3 + max(len(member.moves), len(other.moves)))
    return 1 - alike / max(len(first), len(second))


def novelty(teams: Sequence[Team], known: Sequence[Team]) -> float:
    """How unlike `known` a pool is: the mean over its teams of the dissimilarity to the nearest known one."""
    return float(np.mean([min(dissimilarity(team, other) for other in known) for team in teams]))
