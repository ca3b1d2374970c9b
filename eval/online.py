"""Ratings that move with every game: for a live ticker, and for comparison with what other projects print.

They depend on the order of games (arXiv 2311.17295 shows ranks that change with it), so no table of a report is made
from them: `ratings.bradley_terry` rates the same games all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from scipy.stats import norm

from ..arenas.arena import nearest
from .ratings import RatingError

Game = tuple[str, str, int]
"""(one, other, outcome): +1 where `one` won, 0 a draw, −1."""


@dataclass
class EloTicker:
    """Elo, game by game: the winner takes `k` times the surprise from the loser. New members begin at `start`."""

    k: float = 32.0
    start: float = 0.0
    elo: dict[str, float] = field(default_factory=dict)

    def add(self, one: str, other: str, outcome: int) -> None:
        """A game has ended."""
        mine, theirs = self.elo.get(one, self.start), self.elo.get(other, self.start)
        gain = self.k * ((_checked(outcome) + 1) / 2 - 1 / (1 + 10 ** ((theirs - mine) / 400)))
        self.elo[one], self.elo[other] = mine + gain, theirs - gain

    def order(self) -> list[tuple[str, float]]:
        """Who stands where, best first."""
        return sorted(self.elo.items(), key=lambda item: -item[1])


@dataclass(frozen=True)
class Skill:
    """A belief: normal with mean `mu` and deviation `sigma`."""

    mu: float = 25.0
    sigma: float = 25 / 3


def trueskill(
    games: Iterable[Game], *, beta: float = 25 / 6, tau: float = 25 / 300, draws: float = 0.1
) -> dict[str, Skill]:
    """TrueSkill of games of two, in their order.

    Herbrich, Minka and Graepel, "TrueSkill: A Bayesian Skill Rating System" (2006), whose message passing ends after
    one pass between two players. beta: deviation of a performance; tau: of what a skill moves between games; draws:
    the chance of one between equals.
    """
    found: dict[str, Skill] = {}
    margin = norm.ppf((draws + 1) / 2) * sqrt(2) * beta
    for one, other, outcome in games:
        winner, loser = (one, other) if _checked(outcome) >= 0 else (other, one)
        (m, s), (n, t) = (
            (skill.mu, skill.sigma**2 + tau**2) for skill in (found.get(w, Skill()) for w in (winner, loser))
        )
        c = sqrt(2 * beta**2 + s + t)
        v, w = _drawn((m - n) / c, margin / c) if outcome == 0 else _won((m - n) / c, margin / c)
        found[winner] = Skill(m + s / c * v, sqrt(s * (1 - s / c**2 * w)))
        found[loser] = Skill(n - t / c * v, sqrt(t * (1 - t / c**2 * w)))
    return found


OPENSKILL = {
    "plackett-luce": "PlackettLuce",
    "bradley-terry": "BradleyTerryFull",
    "thurstone-mosteller": "ThurstoneMostellerFull",
}


def openskill(games: Iterable[Game], model: str = "plackett-luce", **settings: Any) -> dict[str, Skill]:
    """OpenSkill of games of two, in their order, by the library of that name. model: a key of `OPENSKILL`."""
    if model not in OPENSKILL:
        raise RatingError(f"no OpenSkill model {model!r}" + nearest(model, list(OPENSKILL)))
    try:
        from openskill import models
    except ImportError as error:
        raise RatingError(f"OpenSkill ratings need the extra: pip install 'kumite[ratings]' ({error})") from error
    rater = getattr(models, OPENSKILL[model])(**settings)
    found: dict[str, Any] = {}
    for one, other, outcome in games:
        teams = [[found.get(name) or rater.rating(name=name)] for name in (one, other)]
        places: Sequence[float] = {1: (1, 2), 0: (1, 1), -1: (2, 1)}[_checked(outcome)]
        (found[one],), (found[other],) = rater.rate(teams, ranks=list(places))
    return {name: Skill(rating.mu, rating.sigma) for name, rating in found.items()}


def _checked(outcome: int) -> int:
    if outcome not in (-1, 0, 1):
        raise RatingError(f"outcome = {outcome!r}: expected 1, 0 or -1")
    return outcome


def _won(ahead: float, margin: float) -> tuple[float, float]:
    """How far a win moves means, and how much it narrows deviations: a normal distribution cut off at the margin."""
    x = ahead - margin
    v = float(norm.pdf(x) / norm.cdf(x))
    return v, v * (v + x)


def _drawn(ahead: float, margin: float) -> tuple[float, float]:
    """The same for a draw: cut off at both margins."""
    low, high = -margin - ahead, margin - ahead
    inside = float(norm.cdf(high) - norm.cdf(low))
    v = float(norm.pdf(low) - norm.pdf(high)) / inside
    return v, v**2 + float(high * norm.pdf(high) - low * norm.pdf(low)) / inside
