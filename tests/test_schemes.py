"""Schemes compared: the arithmetic over runs, equal samples, exact curves, and a comparison that can be interrupted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from exact_games import exploitability

from kumite import arenas
from kumite.eval import schemes
from kumite.eval.aggregate import aggregate, interquartile_mean
from kumite.league.config import LeagueError, load_scheme
from kumite.league.run import Run

SMALL = {"matches": 16, "hidden": (8, 8), "minibatch": 256, "pairs": 20}


@pytest.fixture
def small(monkeypatch):
    """Runs of seconds, in place of those that are published."""
    entries = {
        "fictitious-play": schemes.Entry(2, settings={"warm_start": "scratch", **SMALL}),
        "regularised": schemes.Entry(3, settings=SMALL | {"pairs": 0}),
    }
    monkeypatch.setattr(schemes, "SCHEMES", entries)


# --- over runs ---


def test_the_interquartile_mean_is_of_the_middle_half():
    assert interquartile_mean([1, 2, 3, 4]) == pytest.approx(2.5)
    assert interquartile_mean([0, 1, 2, 3, 4, 5, 6, 1000]) == pytest.approx((2 + 3 + 4 + 5) / 4)
    # Of five, one and a quarter are left out at either end: ¾ of the second, the third, ¾ of the fourth.
    assert interquartile_mean([0, 1, 2, 3, 100]) == pytest.approx((0.75 * 1 + 2 + 0.75 * 3) / 2.5)
    assert interquartile_mean([7]) == 7


def test_an_interval_over_runs_covers_their_middle_and_is_of_no_width_where_they_agree():
    found = aggregate([[1.0, 2.0, 3.0, 4.0, 5.0]], np.random.default_rng(0))
    assert found.value == pytest.approx(3)
    assert 1 <= found.lower < 3 < found.upper <= 5
    same = aggregate([[2.0] * 5], np.random.default_rng(0))
    assert (same.lower, same.value, same.upper) == pytest.approx((2, 2, 2))


def test_strata_are_resampled_by_themselves():
    """Two games of other scales: each resample has as many runs of either, so their share never moves the interval."""
    found = aggregate([[0.0] * 4, [1.0] * 4], np.random.default_rng(0))
    assert (found.lower, found.upper, found.runs) == (0.5, 0.5, 8)
    with pytest.raises(ValueError, match="one run at least"):
        aggregate([[1.0], []], np.random.default_rng(0))


# --- what is compared ---


@pytest.mark.parametrize("game", schemes.GAMES)
@pytest.mark.parametrize("scheme", schemes.SCHEMES)
def test_all_schemes_get_equal_samples_in_all(game, scheme):
    config = schemes.settings(game, scheme, 3, 1_200_000)
    trial = schemes.GAMES[game]
    symmetric = arenas.make_game(trial.arena, **trial.options).symmetric
    sides = 1 if config.loop == "magnet" else config.populations or (1 if symmetric else 2)
    parts = 3 if config.loop == "roles" else 1
    assert config.iterations * config.steps * sides * parts == pytest.approx(1_200_000, rel=0.01)
    assert config.judged_by == load_scheme(scheme).judged_by
    assert config.seed == 3


def test_unknown_games_and_schemes_are_named():
    with pytest.raises(LeagueError, match=r"'lduc' is not compared.*'leduc'"):
        schemes.plan(["lduc"], ["regularised"], 1)
    with pytest.raises(LeagueError, match=r"'regularized' is not compared.*'regularised'"):
        schemes.plan(["leduc"], ["regularized"], 1)
    with pytest.raises(LeagueError, match="seeds = 0"):
        schemes.plan(["leduc"], ["regularised"], 0)


def test_samples_are_the_games_own_or_one_number_or_one_a_game():
    games = ["kuhn", "leduc"]
    assert schemes.budgets(games, []) == {"kuhn": 5_000_000, "leduc": 1_500_000}
    assert schemes.budgets(games, ["3000"]) == {"kuhn": 3000, "leduc": 3000}
    assert schemes.budgets(games, ["3_000", "2000"]) == {"kuhn": 3000, "leduc": 2000}
    for wrong in (["3000", "2000", "1000"], ["many"], ["0"], ["1000", "-5"]):
        with pytest.raises(LeagueError, match="expected one whole number, or one for each of 2 games"):
            schemes.budgets(games, wrong)


def test_a_curve_is_the_exact_exploitability_of_what_is_judged(tmp_path, small):
    result = schemes.run_one(tmp_path, "kuhn", "fictitious-play", 0, 4000)
    assert [point.steps for point in result.curve] == [0, 2048, 4096]
    assert result.curve[0].exploitability == pytest.approx(11 / 24)
    with Run.open(tmp_path / "kuhn" / "fictitious-play" / "0") as run:
        expected = exploitability("classic/kuhn", run.judged(0), run.judged(1))
    assert result.curve[-1].exploitability == pytest.approx(expected, abs=1e-12)


def test_what_is_done_is_not_done_again(tmp_path, small, monkeypatch):
    first = schemes.run_one(tmp_path, "kuhn", "regularised", 0, 3000)
    monkeypatch.setattr(schemes, "Trainer", None)
    assert schemes.run_one(tmp_path, "kuhn", "regularised", 0, 3000) == first
    with pytest.raises(LeagueError, match="holds a run with other settings"):
        schemes.run_one(tmp_path, "kuhn", "regularised", 0, 6000)


def test_runs_are_summed_up_by_game_and_scheme():
    point = schemes.Point(10, 0.5)
    runs = [
        schemes.Result("kuhn", "a", seed, "latest", [point, replace(point, steps=20, exploitability=value)])
        for seed, value in enumerate([0.1, 0.2, 0.3])
    ]
    (row,) = schemes.summary(runs)
    assert (row["runs"], row["steps"], row["start"], row["each"]) == (3, 20, 0.5, [0.1, 0.2, 0.3])
    assert row["exploitability"] == pytest.approx(0.2)
    assert 0.0999 < row["lower"] < 0.2 < row["upper"] < 0.3001
    drawn = schemes.points(runs)
    assert [drawn[0][key] for key in ("steps", "lower", "upper")] == pytest.approx([10, 0.5, 0.5])
    chart = schemes.picture(runs).to_dict()
    assert chart["hconcat"][0]["title"] == "kuhn"


def test_the_command_prints_a_row_a_scheme_and_draws(kumite, tmp_path, small):
    words = f"--games kuhn --schemes regularised --seeds 2 --steps 2000 --out {tmp_path / 'runs'}".split()
    code, out, _ = kumite("benchmark-schemes", *words, "--json", "--picture", tmp_path / "curves.svg")
    assert code == 0
    (row,) = json.loads(out)
    assert (row["game"], row["scheme"], row["judged_by"], row["runs"]) == ("kuhn", "regularised", "latest", 2)
    assert (tmp_path / "curves.svg").read_text(encoding="utf-8").startswith("<svg")
    code, out, err = kumite("benchmark-schemes", *words)
    assert code == 0
    assert "regularised" in out
    assert "run 2 of 2: kuhn, regularised, seed 1" in err
