"""Ratings game by game: known values, the libraries of their names, and that order matters to them."""

import numpy as np
import pytest
import trueskill as library

from kumite.eval.online import OPENSKILL, EloTicker, Skill, openskill, trueskill
from kumite.eval.ratings import RatingError


def test_one_game_of_trueskill():
    won, drawn = trueskill([("a", "b", 1)]), trueskill([("a", "b", 0)])
    assert (won["a"].mu, won["a"].sigma) == pytest.approx((29.396, 7.171), abs=5e-4)
    assert (won["b"].mu, won["b"].sigma) == pytest.approx((20.604, 7.171), abs=5e-4)
    assert (drawn["a"].mu, drawn["a"].sigma) == pytest.approx((25.0, 6.458), abs=5e-4)


def test_many_games_of_trueskill_agree_with_the_library():
    rng = np.random.default_rng(0)
    games = [(*map(str, rng.choice(6, 2, replace=False)), int(rng.integers(-1, 2))) for _ in range(200)]
    rater = library.TrueSkill()
    theirs = {str(i): rater.create_rating() for i in range(6)}
    for one, other, outcome in games:
        first, second = (one, other) if outcome >= 0 else (other, one)
        theirs[first], theirs[second] = library.rate_1vs1(theirs[first], theirs[second], outcome == 0, env=rater)
    for name, skill in trueskill(games).items():
        assert (skill.mu, skill.sigma) == pytest.approx((theirs[name].mu, theirs[name].sigma), abs=1e-4)


@pytest.mark.parametrize(
    ("model", "mu", "other", "sigma"),
    [
        ("plackett-luce", 27.63539, 22.36461, 8.0659),
        ("bradley-terry", 27.63539, 22.36461, 8.0659),
        ("thurstone-mosteller", 29.23097, 20.76903, 7.63129),
    ],
)
def test_one_game_of_openskill(model, mu, other, sigma):
    found = openskill([("a", "b", 1)], model)
    assert (found["a"].mu, found["b"].mu, found["a"].sigma) == pytest.approx((mu, other, sigma), abs=5e-5)
    lost = openskill([("b", "a", -1)], model)
    assert lost["a"].mu == pytest.approx(mu, abs=5e-5)
    assert openskill([("a", "b", 0)], model)["a"].mu == pytest.approx(25)
    assert set(OPENSKILL) == {"plackett-luce", "bradley-terry", "thurstone-mosteller"}


def test_elo_takes_from_one_what_it_gives_the_other():
    ticker = EloTicker(k=32)
    ticker.add("a", "b", 1)
    assert ticker.elo == {"a": 16.0, "b": -16.0}
    ticker.add("b", "a", 0)
    assert sum(ticker.elo.values()) == pytest.approx(0)
    assert ticker.elo["b"] == pytest.approx(-16 + 32 * (0.5 - 1 / (1 + 10 ** (32 / 400))))
    assert [name for name, _ in ticker.order()] == ["a", "b"]


def test_the_order_of_games_changes_who_is_ahead():
    """Why this is for a ticker only: everybody beats one and loses to one, and the last to win leads."""
    games = [("a", "b", 1), ("b", "c", 1), ("c", "a", 1)]
    leaders = set()
    for turn in range(3):
        ticker = EloTicker()
        for game in games[turn:] + games[:turn]:
            ticker.add(*game)
        leaders.add(ticker.order()[0][0])
    assert len(leaders) == 3


def test_wrong_uses_are_refused():
    with pytest.raises(RatingError, match="did you mean 'plackett-luce'"):
        openskill([], "placket-luce")
    for rate in (trueskill, openskill, lambda games: EloTicker().add(*games[0])):
        with pytest.raises(RatingError, match="expected 1, 0 or -1"):
            rate([("a", "b", 2)])
    assert Skill().mu == 25
