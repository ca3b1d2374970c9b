"""Who plays whom: how many populations a game allows, and which opponents a response is trained against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arenas.arena import Game
from .config import PRIORITISED, LeagueConfig, LeagueError
from .noise import Evidence, averaged, draws, tempered
from .play import derive_seed
from .population import MAIN, Player, Population, part_of_name
from .solvers import MetaSolution, logit, prioritise, solve, solve_symmetric

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Meta:
    """The meta-game of one moment: who was in it, and with which weight each side's opponents draw them.

    mixtures: a probability for each name, by population. payoff: mean utility of the row members [m, n] and its
    standard errors, None where nothing was measured. win_rate: of the row members, None where payoffs were computed.
    value: of the mixtures against each other.
    """

    names: tuple[tuple[str, ...], ...]
    mixtures: tuple[Array, ...]
    payoff: Array | None = None
    errors: Array | None = None
    win_rate: Array | None = None

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
            "win_rate": None if self.win_rate is None else self.win_rate.tolist(),
            "value": self.value,
            "exploitability": self.exploitability if self.payoff is not None else None,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Meta":
        """From what `as_json` gave."""
        keys = ("payoff", "errors", "win_rate")
        tables = (None if saved.get(key) is None else np.array(saved[key]) for key in keys)
        names = tuple(tuple(names) for names in saved["names"])
        return cls(names, tuple(np.array(mixture) for mixture in saved["mixtures"]), *tables)


def number_of_populations(config: LeagueConfig, game: Game) -> int:
    """1 or 2, as the settings say or else as the game's symmetry asks. A symmetric shortcut is refused elsewhere."""
    if game.sides != 2:
        raise LeagueError(f"{game.arena.name} has sides = {game.sides}: a league needs a game of two sides")
    if config.loop == "magnet":
        return 1  # one policy that is trained in both seats, and judged in both: nothing is taken for a mirror image
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


def weights_of(rule: str, mixture: Array, delta: float = 0.0) -> Array:
    """How a rule draws from a population, given its meta-mixture: that, all alike, or the latest (also for "self").

    "recent" draws alike from member ⌈delta n⌉ of n on (Bansal et al., "Emergent Complexity via Multi-Agent
    Competition", 2018, section 5.2): 0 is the whole history, 1 the latest.
    """
    n = len(mixture)
    if rule == "mixture":
        return mixture
    first = {"uniform": 0, "recent": max(int(np.ceil(delta * n)), 1) - 1}.get(rule, n - 1)
    return np.where(np.arange(n) >= first, 1 / (n - first), 0.0)


def solve_meta(
    config: LeagueConfig, populations: Sequence[Population], evidence: Evidence | None, iteration: int = 0
) -> Meta:
    """The meta-game of these populations. evidence: of their payoffs, complete; None if the settings measure none."""
    names = tuple(tuple(population.names) for population in populations)
    if evidence is None:
        return Meta(names, tuple(np.full(len(n), 1 / len(n)) for n in names))
    row, column = _mixtures(config, evidence, iteration)
    mixtures = (row,) if len(populations) == 1 else (row, column)
    return Meta(names, mixtures, evidence.mean, evidence.errors, evidence.win_rate)


def _mixtures(config: LeagueConfig, evidence: Evidence, iteration: int) -> tuple[Array, Array]:
    """Both sides' meta-mixtures; one and the same in a symmetric game."""
    name = config.meta_solver
    if name.startswith(PRIORITISED):
        assert evidence.win_rate is not None  # refused by the settings
        kind, rates = name.removeprefix(PRIORITISED), evidence.win_rate
        if evidence.symmetric:
            weights = prioritise(kind, rates[-1])
            return weights, weights
        return prioritise(kind, 1 - rates[:, -1]), prioritise(kind, rates[-1])
    if config.posterior_samples:
        rng = np.random.default_rng(derive_seed(config.seed, "posterior", iteration))
        found, _ = averaged(solver_of(config, evidence), draws(evidence, config.posterior_samples, rng))
        return found
    if name == "logit":
        return tempered(evidence, config.temperature)
    found = solver_of(config, evidence)(evidence.mean)
    return found.row, found.column


def solver_of(config: LeagueConfig, evidence: Evidence) -> Callable[[Array], MetaSolution]:
    """The scheme's meta-solver, of payoff matrices like these."""
    if config.meta_solver == "logit":
        heat = config.temperature or evidence.temperature
        return lambda matrix: logit(matrix, heat)
    name = "nash" if config.meta_solver.startswith(PRIORITISED) else config.meta_solver
    symmetric = evidence.symmetric
    return lambda matrix: solve_symmetric(name, matrix) if symmetric else solve(name, matrix)


def judged(config: LeagueConfig, meta: Meta) -> Meta:
    """The meta-game with the weights of what the scheme is judged by."""
    if config.judged_by == "main":
        mains = ([part_of_name(name) == MAIN for name in names] for names in meta.names)
        latest = (max([i for i, main in enumerate(found) if main], default=0) for found in mains)
        return replace(
            meta, mixtures=tuple(np.eye(len(names))[at] for names, at in zip(meta.names, latest, strict=True))
        )
    return replace(meta, mixtures=tuple(weights_of(config.judged_by, mixture) for mixture in meta.mixtures))


def chosen(config: LeagueConfig, meta: Meta) -> Meta:
    """The meta-game with the weights that responses are trained against, and measured by at the gate."""
    mixtures = (weights_of(config.opponents, mixture, config.delta) for mixture in meta.mixtures)
    return replace(meta, mixtures=tuple(mixtures))


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
