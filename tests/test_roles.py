"""Ratings of two populations, one for each seat: known truths, what is frozen, and a run judged and reported."""

import json
import sys

import numpy as np
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents import resolve
from kumite.cli import app
from kumite.eval.playing import EvaluationError, open_store
from kumite.eval.ratings import ELO_PER_LOGIT, Results
from kumite.eval.report import build, collect
from kumite.eval.report.material import TOURNAMENT
from kumite.eval.roles import has_roles, play_roles, rate_roles, role_standings
from kumite.league.config import load_scheme
from kumite.league.run import Run
from kumite.league.trainer import Trainer

ROWS = {"row-uniform": 0.0, "row-a": 150.0, "row-b": -80.0}
COLUMNS = {"column-uniform": 0.0, "column-c": 220.0, "column-d": 60.0, "column-e": -40.0}
ADVANTAGE = 90.0


def meet(games, rng, rows=ROWS, columns=COLUMNS, setup=0.0):
    """Every row against every column on `games` setups; setup: how far rows differ from one setup to the next."""
    strength = np.array([*rows.values()])[:, None] - np.array([*columns.values()])[None, :] + ADVANTAGE
    own = rng.normal(0, setup, (games, len(rows), 1))
    won = rng.random((games, *strength.shape)) < expit(strength / ELO_PER_LOGIT + own)
    on, i, j = (index.ravel() for index in np.indices(won.shape))
    names = (*rows, *columns)
    return Results.from_scores(names, i, len(rows) + j, won.ravel().astype(float), 1, on)


def test_each_population_has_its_zero_and_the_seat_its_worth():
    found = rate_roles(meet(4000, np.random.default_rng(0)), (tuple(ROWS), tuple(COLUMNS)))
    np.testing.assert_allclose(found.ratings.elo, [*ROWS.values(), *COLUMNS.values()], atol=15)
    assert found.advantage == pytest.approx(ADVANTAGE, abs=12)
    assert found.lower < ADVANTAGE < found.upper
    assert found.references == ("row-uniform", "column-uniform")
    assert found.ratings.anchors == {"row-uniform": 0.0, "column-uniform": 0.0}
    assert found.ratings.elo[0] == found.ratings.elo[3] == 0
    assert found.ratings.standard_error[[0, 3]].tolist() == [0, 0]


def test_expected_scores_are_those_of_the_model():
    results = meet(3000, np.random.default_rng(1))
    found = rate_roles(results, (tuple(ROWS), tuple(COLUMNS)))
    np.testing.assert_allclose(found.expected(), results.rate()[:3, 3:], atol=0.03)


def test_intervals_cover_the_truth_also_where_setups_suit_some():
    rng, inside = np.random.default_rng(2), []
    for _ in range(150):
        found = rate_roles(meet(60, rng), (tuple(ROWS), tuple(COLUMNS)))
        rated, truth = found.ratings, np.array([*ROWS.values(), *COLUMNS.values()])
        free = [1, 2, 4, 5, 6]
        inside += [*((rated.lower <= truth) & (truth <= rated.upper))[free], found.lower < ADVANTAGE < found.upper]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_without_uniform_play_the_mean_is_the_zero():
    rows = {"row-a": 100.0, "row-b": -100.0}
    found = rate_roles(meet(3000, np.random.default_rng(3), rows), (tuple(rows), tuple(COLUMNS)))
    assert found.references == ("the mean of rows", "column-uniform")
    assert found.ratings.elo[:2].sum() == pytest.approx(0, abs=1e-9)
    assert found.advantage == pytest.approx(ADVANTAGE, abs=15)


def test_members_of_one_population_never_meet():
    results = Results.from_scores(("row-a", "row-b", "column-c"), [0, 0], [1, 2], [1.0, 0.5])
    with pytest.raises(EvaluationError, match="members of one population met"):
        rate_roles(results, (("row-a", "row-b"), ("column-c",)))
    with pytest.raises(EvaluationError, match="name the rows first"):
        rate_roles(results, (("row-b", "row-a"), ("column-c",)))


def test_one_policy_may_have_both_roles(tmp_path):
    """In Kuhn poker the second seat is worth more: 1/18 of a chip at best play, and something between even players."""
    kuhn = arenas.make_game("classic/kuhn")
    bets, folds = resolve("constant:1", kuhn), resolve("constant:0", kuhn)
    uniform = resolve("uniform", kuhn)
    members = (
        {"row-uniform": uniform, "row-bets": bets},
        {"column-uniform": uniform, "column-bets": bets, "column-folds": folds},
    )
    with open_store(tmp_path / TOURNAMENT, kuhn, {"seed": 0}) as store:
        assert play_roles(kuhn, members, store, units=80) == 6 * 80
        assert play_roles(kuhn, members, store, units=80) == 0
        assert has_roles(store)
        found = role_standings(kuhn, store)
    assert found.ratings.seats == (("row-uniform", "row-bets"), ("column-uniform", "column-bets", "column-folds"))
    rates = {(cell.row, cell.column): cell.rate for cell in found.cells}
    assert rates["row-bets", "column-folds"] == 1.0  # who bets takes every pot of one who folds
    assert 0.3 < rates["row-uniform", "column-uniform"] < 0.7
    assert [cell.units for cell in found.cells] == [80] * 6
    report = build(collect(tmp_path))
    assert report.sections[0].title == "Ratings by role"
    assert len(report.table("role-ratings").rows) == 5
    assert "parameter for the roles" in report.table("role-ratings").note
    with pytest.raises(EvaluationError, match="has no roles"):
        play_roles(arenas.make_game("example"), members, store, units=1)


def test_a_run_of_roles_is_rated_by_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = {"iterations": 1, "steps": 2_000, "pairs": 8, "gate": "none", "hidden": [8], "minibatch": 512}
    config = load_scheme("double-oracle", settings | {"matches": 64, "threads": 1, "tensorboard": False})
    with Run.create(tmp_path / "run", "classic/kuhn", {}, config) as run:
        Trainer(run).train()
        assert run.count == 2

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["kumite", *words])
        done = CliRunner().invoke(app, [*words], standalone_mode=False)
        if done.exception:
            raise done.exception
        return done.return_value or 0, done.stdout

    code, out = call("tournament", "run", "--pairs", "30", "--json")
    values = json.loads(out)
    assert (code, values["missing_games"]) == (0, 0)
    names = {row["name"]: row["seat"] for row in values["ratings"]}
    assert {"row-uniform": 0, "column-uniform": 1, "row-ppo-1": 0, "column-ppo-1": 1}.items() <= names.items()
    assert values["advantage"]["lower"] < values["advantage"]["upper"]
    code, out = call("tournament", "run", "--pairs", "30")
    assert "seat 0 is worth" in out
    titles = [section.title for section in build(collect(tmp_path / "run")).sections]
    assert "Ratings by role" in titles
    assert "Ratings" not in titles
    with pytest.raises(Exception, match="--gauntlet: run has two populations"):
        call("tournament", "run", "--gauntlet", "row-uniform")
