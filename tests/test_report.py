"""The report from one folder: what it collects, what it says of it, and what it refuses to put on one page."""

import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from kumite import arenas
from kumite.agents import resolve
from kumite.eval.exploitability import Budget, Control, Exploitability, LeakControl, exploiter_config
from kumite.eval.exploiter import Exploiter
from kumite.eval.ladder import climb
from kumite.eval.playing import open_store, unit_keys
from kumite.eval.report import ReportError, build, collect
from kumite.eval.report.history import _games, _points
from kumite.eval.report.material import EXPLOIT, LADDER, TOURNAMENT
from kumite.eval.report.page import html
from kumite.eval.tournament import play_tournament, run_members
from kumite.league.config import load_scheme
from kumite.league.records import GameRecord, Member, Reason
from kumite.league.run import STORE as RUN
from kumite.league.run import Run
from kumite.league.store import RunStore
from kumite.league.trainer import Trainer

SMALL = {"hidden": (16,), "matches": 64, "horizon": 16, "minibatch": 512, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run in miniature, with everything that can be measured of it."""
    folder = tmp_path_factory.mktemp("report") / "run"
    settings = {"iterations": 2, "steps": 4_000, "pairs": 24, "gate": "none", "hidden": [16], "minibatch": 512}
    config = load_scheme("double-oracle", settings | {"matches": 64, "threads": 1, "tensorboard": False})
    with Run.create(folder, "example", {}, config) as run:
        Trainer(run).train()
        game, final = run.game, run.judged()
        with open_store(folder / TOURNAMENT, game, {"seed": 3, "pairs": 24}) as store:
            play_tournament(game, run_members(run), store, pairs=24, seed=3)
            store.add_event(
                0, "tournament", {"command": "kumite tournament RUN --pairs 24", "seconds": 1.5, "games": 9}
            )
        with open_store(folder / EXPLOIT, game, {"seed": 4}) as store:
            attacker = Exploiter(
                game, final, store, folder / "exploiters", config=exploiter_config(final, **SMALL), test_units=40
            )
            attacker.run(1, Budget(4_000, looks=2))
        with open_store(folder / LADDER, game, {"seed": 5}) as store:
            climb(game, resolve("gambler", game), store, games=60, rungs=("uniform", "walker"))
    return folder


@pytest.fixture(scope="module")
def report(folder):
    return build(collect(folder))


def test_every_measurement_has_its_section(report):
    titles = [section.title for section in report.sections]
    expected = ["Exploitability", "Ratings", "Who beats whom", "Ladder or cycle", "Ladder: gambler", "Training"]
    assert titles == [*expected, "What this rests on"]
    keys = [table.key for table in report.tables()]
    assert len(keys) == len(set(keys))
    assert {"ratings", "payoffs", "exploiters", "budget-curve", "nash", "cyclic-share", "ladder", "settings"} <= set(
        keys
    )
    assert {"versions", "members", "times", "responses", "meta", "curve-entropy"} <= set(keys)


def test_every_table_says_its_unit_and_its_command(report):
    for table in report.tables():
        assert table.unit
        assert table.command.startswith("kumite ")
    assert report.table("ratings").command == "kumite tournament RUN --pairs 24"
    assert "single game" in report.table("ratings").unit  # the example's setups are exactly mirrored
    assert report.table("curve-entropy").unit == "run (one)"


def test_places_and_population_figures_have_their_spread(report):
    ratings = {row["name"]: row for row in report.table("ratings").rows}
    places = {name: [int(end) for end in row["places"].split("–")] for name, row in ratings.items() if row["places"]}
    assert all(1 <= ends[0] <= ends[-1] <= len(ratings) for ends in places.values())
    rows = report.table("population").rows
    assert {row["name"] for row in rows} == set(ratings)
    assert sum(row["mass"] for row in rows) == pytest.approx(1)
    for row in rows:
        assert row["mass_lower"] <= row["mass_upper"]
        assert row["skill_lower"] <= row["skill_upper"]


def test_every_chart_has_the_same_as_a_table(report):
    charts = [chart for section in report.sections for chart in section.charts]
    assert len(charts) >= 8
    assert len({chart.key for chart in charts}) == len(charts)
    assert all(len(chart.table.rows) for chart in charts)


def test_ratings_are_anchored_and_have_intervals(report):
    rows = {row["name"]: row for row in report.table("ratings").rows}
    assert set(rows) == {"uniform", "ppo-1", "ppo-2", "walker", "gambler"}
    assert rows["uniform"]["value"] == 0
    assert rows["uniform"]["note"] == "frozen"
    assert rows["gambler"]["kind"] == "scripted"
    assert rows["ppo-1"]["kind"] == "trained"
    assert rows["gambler"]["lower"] < rows["gambler"]["value"] < rows["gambler"]["upper"]


def test_the_exploiters_sentence_and_its_warning_are_there(report):
    section = report.sections[0]
    assert "exploitable for at least" in section.text
    assert "unknown above" in section.text
    assert section.warning.startswith("Smoke figure: ")
    fact = next(fact for fact in report.facts if fact.label == "Exploitability")
    assert "smoke figure" in fact.small


def test_a_failing_control_blanks_every_bound_on_the_page(folder, tmp_path):
    """Solved game, planted leak or both: what its exploiters won is then no figure, in no table and no picture."""
    import shutil

    copy = tmp_path / "failed"
    copy.mkdir()
    shutil.copy(folder / EXPLOIT, copy / EXPLOIT)
    with RunStore(copy / EXPLOIT) as store:
        (_, _, saved) = store.events("exploitability")[-1]
        shown = build(collect(copy))
        leak = LeakControl("leak:never-tech:cpu-2", "ppo 16", "c0de", 4_000, 0.5, 0.5, -0.02, 0.983)
        solved = Control("kuhn", "ppo 16", "c0de", 4_000, 0.3, 0.4, 0.95, 0.1)
        for failed in ({"leaks": (leak,)}, {"solved": (solved,)}):
            store.add_event(0, "exploitability", replace(Exploitability.from_values(saved), **failed).as_values())
            blank = build(collect(copy))
            assert "Nothing is certified" in blank.sections[0].text
            assert next(fact for fact in blank.facts if fact.label == "Exploitability").value == "not certified"
            for row in blank.table("exploiters").rows:
                assert (row["lower"], row["utility"], row["win_rate"]) == (None, None, None)
                assert row["note"] == "not shown: a control failed"
            assert all(
                row["value"] is row["utility"] is row["lower"] is None for row in blank.table("budget-curve").rows
            )
            page = html(blank)
            tests = page[page.index("Tests on fresh games") : page.index("Budget curve")]
            for row in shown.table("exploiters").rows:
                assert f"{row['lower']:.3f}" not in tests
                assert f"{row['utility']:.3f}" not in tests
    assert blank.table("controls").rows[0]["passed"] is False
    assert all(row["lower"] is not None for row in shown.table("exploiters").rows)
    assert any(row["value"] is not None for row in shown.table("budget-curve").rows)


def test_seeds_versions_hashes_and_times_are_there(folder, report):
    settings = {(row["group"], row["key"]): row["value"] for row in report.table("settings").rows}
    assert settings["league", "seed"] == "0"
    assert settings["options", "length"] == "10"
    assert settings[TOURNAMENT, "seed"] == "3"
    assert settings["learner", "minibatch"] == "512"
    versions = {row["what"] for row in report.table("versions").rows}
    assert {"kumite", "torch", "numba", "arena example"} <= versions
    hashes = {row["name"]: row["hash"] for row in report.table("members").rows}
    assert len(hashes["ppo-2"]) == 16
    phases = [row["phase"] for row in report.table("times").rows]
    assert {"trained", "measured", "tournament", "trained exploiter"} <= set(phases)
    assert collect(folder).content_hash in report.sections[-1].text


def test_the_same_games_give_the_same_report(folder, report):
    again = build(collect(folder))
    assert [table.rows for table in again.tables()] == [table.rows for table in report.tables()]


def test_a_tournament_alone_is_a_report(tmp_path):
    game = arenas.make_game("example")
    with open_store(tmp_path / TOURNAMENT, game, {}) as store:
        play_tournament(game, {name: resolve(name, game) for name in ("uniform", "walker", "gambler")}, store, pairs=16)
    report = build(collect(tmp_path))
    assert [section.title for section in report.sections][:2] == ["Ratings", "Who beats whom"]
    assert report.title == "example"


def test_forfeits_copies_and_infinite_ratings_are_told(tmp_path):
    """A tournament in which one crashes, two replay one game, and one never loses."""
    game = arenas.make_game("example")
    names = ("uniform", "crasher", "king", "copy")
    rng = np.random.default_rng(0)
    with open_store(tmp_path / TOURNAMENT, game, {}) as store:
        for name in names:
            store.add_member(Member(name, "bot", "entrant", f"h-{name}"))
        for i, row in enumerate(names):
            for column in names[i + 1 :]:
                copied = {row, column} == {"uniform", "copy"}
                for key in unit_keys(game, f"h-{row}", f"h-{column}", range(40)):
                    won = -1 if column == "king" else 1 if row == "king" else int(rng.choice((-1, 1)))
                    crash = row == "crasher" and won < 0 and key.seed < 10
                    reason = Reason.CRASH if crash else Reason.NORMAL
                    path = "one" if copied else f"{row}{column}{key.seed}"
                    store.add_games([GameRecord(key, 1 if copied else won, 1.0, 30, 8, path, reason)])
        expected = store.forfeits()["h-crasher"][Reason.CRASH]
    report = build(collect(tmp_path))
    members = {row["name"]: row for row in report.table("members").rows}
    assert members["crasher"]["forfeits"] == f"{expected} forfeit-crash"
    assert members["king"]["forfeits"] == "0"
    cells = {(row["row"], row["column"]): row for row in report.table("payoffs").rows}
    assert cells["uniform", "copy"]["lower"] is None
    assert cells["uniform", "copy"]["distinct"] == 1
    assert cells["uniform", "copy"]["note"] == "interval refused: copies dominate"
    ratings = report.sections[0]
    assert "infinite" in ratings.text
    assert "orders, not measurements" in ratings.text
    rows = {row["name"]: row for row in report.table("ratings").rows}
    assert rows["king"]["note"].startswith("won or lost everything")
    assert "copies" not in rows["uniform"]["note"]  # two thirds of its games are its own
    assert "In 1 of 6 meetings" in report.sections[1].warning


def test_members_that_have_not_all_met_have_no_mixture(tmp_path):
    game = arenas.make_game("example")
    members = {name: resolve(name, game) for name in ("uniform", "walker", "gambler")}
    with open_store(tmp_path / TOURNAMENT, game, {}) as store:
        play_tournament(game, members, store, pairs=8, gauntlet=["uniform"])
    titles = [section.title for section in build(collect(tmp_path)).sections]
    assert "Ratings" in titles
    assert "Ladder or cycle" not in titles


def test_nothing_and_mixed_rules_are_refused(tmp_path):
    with pytest.raises(ReportError, match="holds nothing to report"):
        collect(tmp_path)
    short, long = arenas.make_game("example", length=6), arenas.make_game("example", length=12)
    open_store(tmp_path / TOURNAMENT, short, {}).close()
    open_store(tmp_path / EXPLOIT, long, {}).close()
    with pytest.raises(ReportError, match="not played under the same rules"):
        collect(tmp_path)


def test_rules_that_have_changed_since_are_told(folder, tmp_path):
    import shutil

    copy = tmp_path / "old"
    copy.mkdir()
    shutil.copy(folder / TOURNAMENT, copy / TOURNAMENT)
    with sqlite3.connect(copy / TOURNAMENT) as store:
        store.execute("UPDATE run SET content_hash = 'other'")
    report = build(collect(copy))
    assert "The rules installed now are others" in report.sections[-1].warning


def test_an_unknown_table_is_refused_with_the_nearest(report):
    with pytest.raises(ReportError, match="did you mean 'ratings'"):
        report.table("rating")


def test_ratings_from_a_runs_own_games_name_what_trained_it(folder, tmp_path):
    import shutil

    copy = tmp_path / "alone"
    copy.mkdir()
    shutil.copy(folder / RUN, copy / RUN)
    command = build(collect(copy)).table("ratings").command
    assert command.startswith("kumite train example")


def test_each_iterations_curves_begin_where_the_last_ones_ended(report):
    by_member: dict[str, list[int]] = {}
    for row in report.table("curve-entropy").rows:
        by_member.setdefault(row["series"], []).append(row["step"])
    (first, early), (second, late) = by_member.items()
    assert (first, second) == ("ppo-1", "ppo-2")
    trained = {row["name"]: row["steps"] for row in report.table("responses").rows}
    assert max(early) == trained["ppo-1"] < min(late)
    assert max(late) == trained["ppo-1"] + trained["ppo-2"]


def test_curves_are_thinned_by_the_games_behind_them():
    steps = np.arange(1.0, 101.0)
    ended = np.cumsum(np.where(steps <= 50, 1.0, 99.0))
    win_rate = np.stack([steps, np.where(steps <= 50, 0.0, 1.0), steps], axis=1)
    weights = _games(win_rate, np.stack([steps, ended, steps], axis=1))
    assert weights[[0, 99]].tolist() == [1, 99]
    rows = list(_points("a", win_rate, weights, 10))
    assert len(rows) == 10
    assert rows[0]["value"] > 0.85  # the first half's few games are a tenth of the first point
    assert rows[-1] == {"series": "a", "step": 100, "value": 1.0}
    even = list(_points("a", win_rate, _games(win_rate, None), 10))
    assert [row["value"] for row in even] == [0.0] * 5 + [1.0] * 5
    gaps = win_rate.copy()
    gaps[:, 1] = np.nan
    assert list(_points("a", gaps, _games(gaps, None), 10)) == []
