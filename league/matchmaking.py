"""Who plays whom: how many populations a game allows, and which opponents a response is trained against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arenas.arena import Game
from .config import LeagueConfig, LeagueError
from .payoff import PayoffTable
from .population import Player, Population
from .solvers import solve, solve_symmetric

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Meta:
    """The meta-game of one moment: who was in it, and with which weight each side's opponents draw them.

    mixtures: a probability for each name, by population. payoff: mean utility of the row members [m, n] and its
    standard errors, None where nothing was measured. value: of the mixtures against each other.
    """

    names: tuple[tuple[str, ...], ...]
    mixtures: tuple[Array, ...]
    payoff: Array | None = None
    errors: Array | None = None

    @property
    def value(self) -> float:
        """The row side's expected utility when both sides play their mixtures; 0 in a game with one population."""
        if self.payoff is None or len(self.mixtures) == 1:
            return 0.0
        return float(self.mixtures[0] @ self.payoff @ self.mixtures[1])

    @property
    def value_error(self) -> float:
        """Its standard error, from those of the cells."""
        if self.errors is None or len(self.mixtures) == 1:
            return 0.0
        errors = np.nan_to_num(self.errors)
        return float(np.sqrt(self.mixtures[0] ** 2 @ errors**2 @ self.mixtures[1] ** 2))

    @property
    def exploitability(self) -> float:
        """What the best members gain against the mixtures, on average over the sides: NashConv / 2 in the table alone.

        0 for a Nash mixture by its definition; players outside the table may gain more.
        """
        if self.payoff is None:
            return float("nan")
        row, column = self.mixtures[0], self.mixtures[-1]
        return float((self.payoff @ column).max() - (row @ self.payoff).min()) / 2

    def as_json(self) -> dict[str, Any]:
        """As JSON values, for the run's record."""
        return {
            "names": [list(names) for names in self.names],
            "mixtures": [mixture.tolist() for mixture in self.mixtures],
            "payoff": None if self.payoff is None else self.payoff.tolist(),
            "errors": None if self.errors is None else np.nan_to_num(self.errors).tolist(),
            "value": self.value,
            "exploitability": self.exploitability if self.payoff is not None else None,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Meta":
        """From what `as_json` gave."""
        tables = (None if saved[key] is None else np.array(saved[key]) for key in ("payoff", "errors"))
        names = tuple(tuple(names) for names in saved["names"])
        return cls(names, tuple(np.array(mixture) for mixture in saved["mixtures"]), *tables)


def number_of_populations(config: LeagueConfig, game: Game) -> int:
    """1 or 2, as the settings say or else as the game's symmetry asks. A symmetric shortcut is refused elsewhere."""
    if game.sides != 2:
        raise LeagueError(f"{game.arena.name} has sides = {game.sides}: a league needs a game of two sides")
    wanted = config.populations or (1 if game.symmetric else 2)
    fact = f"{game.arena.name} with these options has symmetric = False: its seats are different roles"
    if wanted == 1 and not game.symmetric:
        raise LeagueError(
            f"{fact}, so one population's payoffs would not mirror each other. populations = 1: expected 2"
            + (" (scheme 'independent' trains one learner a seat)" if config.opponents == "self" else "")
        )
    if config.opponents == "self" and wanted == 2:
        raise LeagueError(
            "opponents = 'self': one policy plays both seats, so populations = 2 does not fit: expected 1"
        )
    return wanted


def weights_of(rule: str, mixture: Array) -> Array:
    """How a rule draws from a population, given its meta-mixture: that, all alike, or the latest (also for "self")."""
    if rule == "mixture":
        return mixture
    if rule == "uniform":
        return np.full(len(mixture), 1 / len(mixture))
    return np.eye(len(mixture))[-1]


def solve_meta(config: LeagueConfig, populations: Sequence[Population], table: PayoffTable | None) -> Meta:
    """The meta-game of these populations. table: their payoffs, complete; None if the settings measure none."""
    names = tuple(tuple(population.names) for population in populations)
    if table is None:
        return Meta(names, tuple(np.full(len(n), 1 / len(n)) for n in names))
    payoff, errors = table.mean(), table.standard_error()
    if len(populations) == 1:
        return Meta(names, (solve_symmetric(config.meta_solver, payoff).row,), payoff, errors)
    solution = solve(config.meta_solver, payoff)
    return Meta(names, (solution.row, solution.column), payoff, errors)


def judged(config: LeagueConfig, meta: Meta) -> Meta:
    """The meta-game with the weights of what the scheme is judged by."""
    mixtures = tuple(weights_of(config.judged_by, mixture) for mixture in meta.mixtures)
    return Meta(meta.names, mixtures, meta.payoff, meta.errors)


def chosen(config: LeagueConfig, meta: Meta) -> Meta:
    """The meta-game with the weights that responses are trained against, and measured by at the gate."""
    mixtures = tuple(weights_of(config.opponents, mixture) for mixture in meta.mixtures)
    return Meta(meta.names, mixtures, meta.payoff, meta.errors)


def parent_of(config: LeagueConfig, population: Population, meta: Meta) -> Player | None:
    """Whose weights a response of this population starts from, if anybody's."""
    if config.warm_start == "scratch":
        return None
    if config.warm_start == "parent":
        weights = dict(zip(meta.names[population.number], meta.mixtures[population.number], strict=True))
        learned = [p for p in population.players if p.learned and weights.get(p.member.name, 0) > 0]
        if learned:
            return max(learned, key=lambda player: weights[player.member.name])
    return population.latest_learned()
