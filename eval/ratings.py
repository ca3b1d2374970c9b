"""Bradley–Terry ratings on the Elo scale, with intervals, frozen anchors and a goodness of fit.

The model says that member i scores 1 / (1 + 10^((R_j − R_i) / 400)) on average against member j, a draw being half a
win. It is fitted by maximum likelihood over all games at once, so that the order of games cannot matter (Bradley and
Terry 1952; Hunter, "MM algorithms for generalized Bradley-Terry models", 2004, for when the maximum exists).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special, stats
from scipy.sparse.csgraph import connected_components

from ..league.payoff import PayoffTable
from .setups import FEWEST_SETUPS, SetupSpread

Array = NDArray[np.float64]

ELO_PER_LOGIT = 400 / np.log(10)
# Where a rating would be infinite, every member gets this many games drawn against an average one.
REGULARISING_GAMES = 0.5
ROUNDING = 1e-13  # share of a log-likelihood that its additions may be wrong by


class RatingError(ValueError):
    """Results no rating can be fitted to, or anchors that are not among the members."""


@dataclass(frozen=True)
class Results:
    """Who scored what against whom, in independent *units*: pairs of games with the seats exchanged, or single games.

    `units`, `points` and `squares` are `[n, n]`: how many units i and j met in, the sum of i's scores in [0, 1] over
    them, and the sum of their squares. `spread`: how units on one setup vary together, where it is known which those
    are.
    """

    names: tuple[str, ...]
    units: Array
    points: Array
    squares: Array
    games_per_unit: int = 1
    spread: SetupSpread | None = None

    @classmethod
    def from_scores(
        cls,
        names: Sequence[str],
        first: ArrayLike,
        second: ArrayLike,
        score: ArrayLike,
        games_per_unit: int = 1,
        setup: ArrayLike | None = None,
    ) -> Results:
        """From one row a unit: the two members' positions in `names` and the first one's score, each `[units]`.

        setup: a number for each unit, the same for those played on one setup; by default nothing is known of that.
        """
        n = len(names)
        i, j, s = np.asarray(first, np.int64), np.asarray(second, np.int64), np.asarray(score, np.float64)
        if (i == j).any() or not ((s >= 0) & (s <= 1)).all():
            raise RatingError("a unit is between two different members and scores between 0 and 1")
        units, points, squares = np.zeros((3, n, n))
        for total, ours, theirs in ((units, s**0, s**0), (points, s, 1 - s), (squares, s**2, (1 - s) ** 2)):
            np.add.at(total, (i, j), ours)
            np.add.at(total, (j, i), theirs)
        spread = None
        if setup is not None:
            low, high, own, on = np.minimum(i, j), np.maximum(i, j), np.where(i < j, s, 1 - s), np.asarray(setup)
            order = np.argsort(low * n + high, kind="stable")
            met = np.split(order, np.flatnonzero(np.diff((low * n + high)[order])) + 1)
            cells = [(int(low[here[0]]), int(high[here[0]]), on[here], own[here], 1.0) for here in met if len(here)]
            spread = SetupSpread.of(n, cells)
        return cls(tuple(names), units, points, squares, games_per_unit, spread)

    @classmethod
    def from_payoff(cls, table: PayoffTable) -> Results:
        """From a symmetric payoff table, pairs as units."""
        if not table.symmetric:
            raise RatingError("ratings need one population whose members all meet: this payoff table has two")
        cells, games = table.cells, table.games_per_pair
        points = (cells["wins"] + cells["draws"] / 2) / games
        return cls(tuple(table.rows), cells["pairs"].astype(float), points, cells["point_squares"].copy(), games)

    def rate(self) -> Array:
        """Mean score of i against j, `[n, n]`; NaN where they have not met, ½ on the diagonal."""
        rate = np.divide(self.points, self.units, out=np.full(self.units.shape, np.nan), where=self.units > 0)
        np.fill_diagonal(rate, 0.5)
        return rate

    def edges(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The pairs of members i < j that have met."""
        i, j = np.nonzero(np.triu(self.units, k=1) > 0)
        return i, j

    def dispersion(self, expected: Array | None = None) -> float:
        """Variance of a unit's score around its cell's mean, relative to that of independent games without draws.

        1 for such games; less with draws and where exchanging seats cancels luck; 2 where both games of a pair are
        copies of each other. Pooled over cells, with one imagined unit of dispersion 1 so that it is never zero.
        """
        i, j = self.edges()
        rate = (self.rate() if expected is None else expected)[i, j]
        units, points = self.units[i, j], self.points[i, j]
        within = np.maximum(self.squares[i, j] - points**2 / units, 0.0).sum() * self.games_per_unit
        nominal = ((units - 1) * rate * (1 - rate)).sum()
        return float((within + 0.25) / (nominal + 0.25))

    def shrunk(self) -> Array:
        """The posterior mean of `rate` under Jeffreys' half points in every cell: inside (0, 1) where they met."""
        worth = self.units * self.games_per_unit / self.dispersion()
        return (self.rate() * worth + 0.5) / (worth + 1)

    def posterior(self, rng: np.random.Generator, resamples: int) -> Iterator[Array]:
        """Score matrices `[n, n]` that the games leave possible.

        Every cell is drawn from a Beta distribution with Jeffreys' half points and as many games as the cell's variance
        is worth (games / dispersion). NaN where they have not met.
        """
        i, j = self.edges()
        rate, worth = self.rate()[i, j], self.units[i, j] * self.games_per_unit / self.dispersion()
        for _ in range(resamples):
            drawn = np.where(np.eye(len(self.names), dtype=bool), 0.5, np.nan)
            drawn[i, j] = rng.beta(0.5 + worth * rate, 0.5 + worth * (1 - rate))
            drawn[j, i] = 1 - drawn[i, j]
            yield drawn


@dataclass(frozen=True)
class Fit:
    """How well one number a member explains the results: a small `p_value` says it does not (cycles, say).

    Both statistics are divided by `dispersion`, the spread of units within cells relative to independent decisive
    games; `p_value` is of `chi_square` on `degrees` of freedom, by the F distribution because the dispersion is itself
    estimated, and NaN where no degrees are left.
    """

    chi_square: float
    deviance: float
    degrees: int
    p_value: float
    dispersion: float

    def __str__(self) -> str:
        """In words; of no degrees there is nothing to say."""
        if self.degrees < 1:
            return "no degree of freedom is left to test it"
        degrees = "1 degree" if self.degrees == 1 else f"{self.degrees} degrees"
        return f"χ² = {self.chi_square:.1f} on {degrees} of freedom, p = {self.p_value:.2g}"


@dataclass(frozen=True)
class Ratings:
    """Fitted ratings, all in Elo: `elo`, `standard_error`, `lower`, `upper` are `[n]`, `covariance` is `[n, n]`.

    Anchors have their given rating and no error. Without anchors the mean rating is 0 and errors are against that mean.
    `regularised` says that the results alone would give infinite ratings to, or relative to, the members `separated`:
    half a draw against an average member was added for everyone, and those figures are orders, not measurements.
    `errors` says what gives the errors: the spread between setups ("setups"), between units ("units"), or the model
    ("model"). `degrees`: of freedom of the t distribution that the intervals take; infinite but for "setups".
    """

    names: tuple[str, ...]
    elo: Array
    covariance: Array
    lower: Array
    upper: Array
    confidence: float
    games: Array
    anchors: dict[str, float]
    errors: str
    regularised: bool
    separated: tuple[str, ...]
    fit: Fit
    degrees: float = np.inf

    @property
    def standard_error(self) -> Array:
        return np.sqrt(np.diag(self.covariance))

    def expected(self) -> Array:
        """The model's expected score of i against j, `[n, n]`."""
        return _expected(self.elo / ELO_PER_LOGIT)

    def difference(self, one: str, other: str) -> tuple[float, float]:
        """How far `one` is rated above `other`, and the standard error of that."""
        i, j = _position(self.names, one), _position(self.names, other)
        variance = self.covariance[i, i] + self.covariance[j, j] - 2 * self.covariance[i, j]
        return float(self.elo[i] - self.elo[j]), float(np.sqrt(max(variance, 0.0)))

    def to_rows(self) -> list[dict[str, Any]]:
        """One dictionary a member, best first."""
        error = self.standard_error
        return [
            {
                "name": self.names[i], "elo": float(self.elo[i]), "standard_error": float(error[i]),
                "lower": float(self.lower[i]), "upper": float(self.upper[i]), "games": int(self.games[i]),
                "anchor": self.names[i] in self.anchors, "separated": self.names[i] in self.separated,
            }
            for i in np.argsort(-self.elo, kind="stable")
        ]  # fmt: skip


def bradley_terry(
    results: Results,
    anchors: Mapping[str, float] | None = None,
    *,
    confidence: float = 0.95,
    errors: Literal["auto", "model", "units", "setups"] = "auto",
) -> Ratings:
    """Maximum-likelihood ratings of everyone in `results`, `anchors` (name → Elo) being held where they are.

    Errors: "model" takes the inverse Hessian, right for independent decisive games and too wide with draws; "units"
    the sandwich estimator with the unit as cluster (White 1982; Liang and Zeger 1986), right whatever happens inside a
    pair; "setups" the same with the setup as cluster, right also where members are better on some setups than on others
    and all meetings share their setups. "auto" takes "setups" where they are known and enough, else "units" where units
    are pairs, but "model" where the ratings had to be regularised, because scores of a member that always wins say
    nothing. Where no ratings explain the results (a cycle), the intervals are of the ratings that fit the expected
    scores best.
    """
    n = len(results.names)
    frozen = {name: float(elo) for name, elo in (anchors or {}).items()}
    held = np.array([_position(results.names, name) for name in frozen], dtype=np.intp)
    free = np.setdiff1d(np.arange(n), held)
    _require_connected(results, held)
    separated = _separated(results, held)
    prior = REGULARISING_GAMES if separated else 0.0

    games = results.units * results.games_per_unit
    points = results.points * results.games_per_unit
    start = np.full(n, np.mean(list(frozen.values())) / ELO_PER_LOGIT if frozen else 0.0)
    start[held] = np.array(list(frozen.values())) / ELO_PER_LOGIT
    logits = _maximise(start, free, games, points, prior)
    if not frozen:
        logits -= logits.mean()

    expected = _expected(logits)
    bread = _inverse(_hessian(logits, games, prior), free)
    # A sandwich on residuals that the prior holds up would be no error at all.
    kind = errors if errors != "auto" else _kind_of_errors(results, bool(separated))
    covariance = bread if kind == "model" else bread @ _meat(results, expected, by_setup=kind == "setups") @ bread
    covariance = covariance * ELO_PER_LOGIT**2
    elo = logits * ELO_PER_LOGIT
    elo[held] = list(frozen.values())
    degrees = results.spread.setups - 1 if kind == "setups" and results.spread else np.inf
    reach = stats.t.isf((1 - confidence) / 2, degrees) * np.sqrt(np.diag(covariance))
    parameters = len(free) if frozen else n - 1
    return Ratings(
        results.names, elo, covariance, elo - reach, elo + reach, confidence, games.sum(axis=1), frozen, kind,
        bool(separated), separated, _goodness(results, expected, parameters), float(degrees),
    )  # fmt: skip


def _kind_of_errors(results: Results, regularised: bool) -> Literal["model", "units", "setups"]:
    if regularised:
        return "model"
    if results.spread is not None and results.spread.setups >= FEWEST_SETUPS:
        return "setups"
    return "units" if results.games_per_unit > 1 else "model"


def _expected(logits: Array) -> Array:
    return special.expit(logits[:, None] - logits[None, :])


def _log_likelihood(logits: Array, points: Array, prior: float) -> float:
    """Log-likelihood of `points [n, n]`, with `prior` games drawn by everyone against an average member."""
    above = logits - logits.mean()
    drawn = 0.5 * (special.log_expit(above) + special.log_expit(-above)).sum()
    return float((points * special.log_expit(logits[:, None] - logits[None, :])).sum() + prior * drawn)


def _gradient(logits: Array, games: Array, points: Array, prior: float) -> Array:
    pull = prior * (0.5 - special.expit(logits - logits.mean()))
    return (points - games * _expected(logits)).sum(axis=1) + pull - pull.mean()


def _hessian(logits: Array, games: Array, prior: float) -> Array:
    """Of minus the log-likelihood: the Laplacian of the graph whose edges weigh games × p (1 − p)."""
    expected = _expected(logits)
    weight = games * expected * (1 - expected)
    above = special.expit(logits - logits.mean())
    centring = np.eye(len(logits)) - 1 / len(logits)
    return _laplacian(weight) + centring @ np.diag(prior * above * (1 - above)) @ centring


def _inverse(hessian: Array, free: NDArray[np.intp]) -> Array:
    """Inverse on the free ratings; with no anchor, on the ratings whose mean is zero.

    A Laplacian has one direction of curvature 0: all ratings moved together. Giving that direction curvature 1 and
    taking it out again is exact; a small ridge instead would add the same large constant to every variance.
    """
    n = len(hessian)
    if len(free) == n:
        return np.asarray(np.linalg.inv(hessian + 1 / n) - 1 / n, dtype=np.float64)
    inverse = np.zeros_like(hessian)
    inverse[np.ix_(free, free)] = np.linalg.inv(hessian[np.ix_(free, free)])
    return inverse


def _maximise(logits: Array, free: NDArray[np.intp], games: Array, points: Array, prior: float) -> Array:
    """Newton's method with halved steps; the log-likelihood is concave, so where it stops is the maximum."""
    best = _log_likelihood(logits, points, prior)
    for _ in range(200):
        gradient = np.zeros(len(logits))
        gradient[free] = _gradient(logits, games, points, prior)[free]
        step = _inverse(_hessian(logits, games, prior), free) @ gradient
        step *= min(1.0, 3.0 / max(float(np.abs(step).max(initial=0.0)), 1e-300))
        if np.abs(step).max(initial=0.0) < 1e-10:
            return logits
        # Near the maximum a step gains less than rounding takes: refusing it for that would never end.
        least = best - ROUNDING * (1 + abs(best))
        while (found := _log_likelihood(logits + step, points, prior)) < least and np.abs(step).max() > 1e-10:
            step /= 2
        logits, best = logits + step, max(found, best)
    raise RatingError("the ratings did not settle in 200 Newton steps: are anchors thousands of Elo from the results?")


def _meat(results: Results, expected: Array, *, by_setup: bool) -> Array:
    """Covariance of the points' sums, from the spread of units around the mean of their cell, or that of setups.

    One imagined unit of independent games in each cell stands for the degree of freedom that its mean took: a few units
    that happen to agree are no certainty.
    """
    units, games = results.units, results.games_per_unit
    imagined = np.where(units > 0, expected * (1 - expected) / games, 0.0)
    if by_setup:
        if results.spread is None:
            raise RatingError("errors = 'setups': these results do not say which units share a setup")
        return (results.spread.covariance + _laplacian(imagined)) * games**2
    within = np.maximum(results.squares - results.points**2 / np.maximum(units, 1e-300), 0.0)
    return _laplacian(np.where(units > 0, within, 0.0) + imagined) * games**2


def _laplacian(weight: Array) -> Array:
    """Of the graph with these edge weights `[n, n]`."""
    return np.diag(weight.sum(axis=1)) - weight


def _goodness(results: Results, expected: Array, parameters: int) -> Fit:
    i, j = results.edges()
    p, rate = expected[i, j], results.rate()[i, j]
    games = results.units[i, j] * results.games_per_unit
    dispersion = results.dispersion(expected)
    chi_square = float((games * (rate - p) ** 2 / (p * (1 - p))).sum() / dispersion)
    deviance = 2 * float((games * (special.rel_entr(rate, p) + special.rel_entr(1 - rate, 1 - p))).sum() / dispersion)
    degrees = len(i) - parameters
    spread_degrees = results.units[i, j].sum() - len(i) + 1
    p_value = float(stats.f.sf(chi_square / degrees, degrees, spread_degrees)) if degrees > 0 else float("nan")
    return Fit(chi_square, deviance, degrees, p_value, dispersion)


def _require_connected(results: Results, held: NDArray[np.intp]) -> None:
    count, label = _components(results.units > 0, held, "weak")
    if count > 1:
        groups = ["{" + ", ".join(np.array(results.names)[label == part]) + "}" for part in range(count)]
        raise RatingError(f"these groups of members never met, so no rating compares them: {' and '.join(groups)}")


def _separated(results: Results, held: NDArray[np.intp]) -> tuple[str, ...]:
    """Members outside the largest group in which everyone has taken points, directly or not, from everyone else.

    The maximum is finite exactly when that group is all of them (Ford 1957; Hunter 2004, assumption 1). Anchors stand
    at finite distances from each other, so they count as one member.
    """
    count, label = _components(results.points > 0, held, "strong")
    if count == 1:
        return ()
    sizes = np.bincount(label)
    home = label[held[0]] if len(held) else int(sizes.argmax())
    return tuple(name for name, part in zip(results.names, label) if part != home)


def _components(adjacency: NDArray[np.bool_], held: NDArray[np.intp], connection: str) -> tuple[int, NDArray[np.int32]]:
    joined = adjacency.copy()
    joined[np.ix_(held, held)] = True
    return connected_components(sparse.csr_matrix(joined), directed=True, connection=connection)


def _position(names: Sequence[str], name: str) -> int:
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f", expected one of {', '.join(names)}"
        raise RatingError(f"no member {name!r} among the results{hint}")
    return list(names).index(name)
