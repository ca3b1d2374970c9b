"""Matches that end as soon as a sequential test knows: what they play, what they say, and how they are reported."""

import json
import time
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents import resolve
from kumite.cli import app
from kumite.eval.playing import EvaluationError, open_store, play_into, unit_keys, unit_seeds
from kumite.eval.report import build, collect
from kumite.eval.sprt import SPRT
from kumite.eval.stopping import BATCH, Stopped, play_until_known


@pytest.fixture(scope="module")
def game():
    return arenas.make_game("example")


@pytest.fixture
def store(game, tmp_path):
    with open_store(tmp_path / "sprt.sqlite", game, {}) as store:
        yield store


def test_a_clear_difference_ends_early_and_says_which_way(game, store):
    strong, weak = resolve("gambler", game), resolve("uniform", game)
    found = play_until_known(game, strong, weak, store, SPRT(0, 20), threads=1)
    assert found.verdict == "better"
    assert found.progress.units < 2000
    assert sum(found.progress.counts) == found.progress.units == store.game_count()  # mirrored setups: single games
    assert found.progress.llr > SPRT(0, 20).bounds[1]
    assert found.estimate.lower > 0
    assert found.trace[0][0] == BATCH
    assert all(llr < SPRT(0, 20).bounds[1] for _, llr in found.trace[:-1])
    back = play_until_known(game, weak, strong, store, SPRT(0, 20), threads=1)
    assert back.verdict == "not better"
    assert Stopped.from_values(json.loads(json.dumps(found.as_values(), allow_nan=False))) == found
    endless = replace(found, estimate=SPRT(0, 20).estimate([0, 0, 400]))
    assert Stopped.from_values(json.loads(json.dumps(endless.as_values(), allow_nan=False))) == endless


def test_the_verdict_depends_on_the_games_and_not_on_what_was_there(game, store, tmp_path):
    one, other = resolve("gambler", game), resolve("walker", game)
    fresh = play_until_known(game, one, other, store, SPRT(0, 20), most=100, threads=1)
    again = play_until_known(game, one, other, store, SPRT(0, 20), most=100, threads=1)
    assert again == fresh
    with open_store(tmp_path / "other.sqlite", game, {}) as there:
        # More than is asked for was played here, in another order.
        hashes = {policy.policy_hash: policy for policy in (one, other)}
        keys = unit_keys(game, *hashes, unit_seeds(0, "sprt", 100)[::-1])
        play_into(there, game, hashes, keys)
        assert play_until_known(game, one, other, there, SPRT(0, 20), most=100, threads=1) == fresh


def test_equals_stay_undecided_at_the_most_units(game, store):
    one, other = resolve("uniform", game), resolve("constant:1", game)
    wide = SPRT(-1, 1)
    found = play_until_known(game, one, other, store, wide, most=70, threads=1)
    assert found.verdict == "undecided"
    assert found.progress.units == 70
    assert found.trace[-1][0] == 70


def test_pairs_give_five_outcomes_in_a_game_whose_seats_differ(tmp_path):
    kuhn = arenas.make_game("classic/kuhn")
    with open_store(tmp_path / "k.sqlite", kuhn, {}) as store:
        found = play_until_known(
            kuhn, resolve("uniform", kuhn), resolve("constant:1", kuhn), store, SPRT(0, 30), most=40, threads=1
        )
        assert len(found.progress.counts) == 5
        assert found.games_per_unit == 2
        assert store.game_count() == 2 * found.progress.units
        assert not found.why  # a small tree repeats by nature


def test_what_cannot_be_tested_is_refused(game, store):
    one = resolve("walker", game)
    with pytest.raises(EvaluationError, match="one policy"):
        play_until_known(game, one, resolve("walker", game), store, SPRT(0, 20))
    with pytest.raises(EvaluationError, match="1 or more units: got 0"):
        play_until_known(game, one, resolve("gambler", game), store, SPRT(0, 20), most=0)
    with pytest.raises(EvaluationError, match="before the first look"):
        play_until_known(game, one, resolve("gambler", game), store, SPRT(0, 20), until=time.monotonic() - 1, most=900)


def test_the_command_tests_one_member_against_the_others_and_the_report_shows_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        done = CliRunner().invoke(app, [*words], standalone_mode=False)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.return_value or 0, done.stdout

    words = ("tournament", "example", "--sprt", "0,20", "--bots", "gambler,walker", "--threads", "1")
    code, out = call(*words, "--gauntlet", "gambler", "--json")
    values = json.loads(out)
    assert code == 0
    assert [(one["one"], one["other"]) for one in values["tests"]] == [("gambler", "uniform"), ("gambler", "walker")]
    assert values["tests"][0]["verdict"] == "better"
    assert values["tests"][0]["progress"]["llr"] >= values["tests"][0]["bounds"][1]
    code, out = call(*words, "constant:1", "--pairs", "40")
    assert code == 1  # a wooden player against a uniform one: forty games are too few to know
    assert "constant:1" in out
    report = build(collect(tmp_path / "runs" / "tournament-example"))
    (section,) = (section for section in report.sections if section.key == "sprt")
    rows = report.table("sprt").rows
    assert len(rows) == 5
    assert rows[0]["verdict"] == "better"
    assert section.charts[0].table.rows[0] == {"series": "gambler against uniform", "step": 0, "value": 0.0}
    for wrong, told in (("20", "expected ELO0,ELO1"), ("20,0", "smaller elo0")):
        with pytest.raises(Exception, match=told):
            call("tournament", "example", "--sprt", wrong)
    with pytest.raises(Exception, match="did you mean 'gambler'"):
        call("tournament", "example", "--sprt", "0,20", "--gauntlet", "gamler")
