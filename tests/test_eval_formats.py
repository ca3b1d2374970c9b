"""Swiss rounds and ladders: who meets whom, what counts, and that calling again plays only what is missing."""

import json
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents import resolve
from kumite.agents.policy import ConstantPolicy
from kumite.cli import app
from kumite.eval.formats import BYE, LADDER, SWISS, challenges, pair_swiss, play_rounds, swiss_rounds
from kumite.eval.playing import EvaluationError, open_store
from kumite.league.records import GameRecord


@pytest.fixture(scope="module")
def race():
    return arenas.make_game("example")


class Strengths:
    """An executor whose stronger policy always wins: strengths by hash, equal ones draw. Counts what it played."""

    def __init__(self, strengths):
        self.strengths, self.games = strengths, 0

    def play(self, policies, keys):
        for key in keys:
            self.games += 1
            gap = self.strengths[key.row] - self.strengths[key.column]
            won = (gap > 0) - (gap < 0)
            yield [GameRecord(key, won, float(won), 1, 1, f"{key}")]

    def close(self):
        pass


def entered(*strengths):
    """Members m0, m1, ... of given strengths, and the executor that knows them."""
    members = {f"m{i}": ConstantPolicy([i]) for i in range(len(strengths))}
    known = {policy.policy_hash: strength for policy, strength in zip(members.values(), strengths, strict=True)}
    return members, Strengths(known)


def placed(found):
    return [(one.name, one.points) for one in found.placings]


def test_a_swiss_round_pairs_neighbours_who_have_not_met():
    assert pair_swiss(["a", "b", "c", "d"], set()) == [("a", "b"), ("c", "d")]
    met = {frozenset("ab"), frozenset("cd")}
    assert pair_swiss(["a", "b", "c", "d"], met) == [("a", "c"), ("b", "d")]
    # a-c would leave b and d, who have met: a must go on to d
    assert pair_swiss(["a", "b", "c", "d"], {frozenset("ab"), frozenset("bd")}) == [("a", "d"), ("b", "c")]
    with pytest.raises(EvaluationError, match="nobody meets again"):
        pair_swiss(["a", "b"], {frozenset("ab")})


def test_of_an_odd_number_the_last_without_one_has_a_bye():
    assert pair_swiss(["a", "b", "c"], set()) == [("a", "b"), ("c", BYE)]
    assert pair_swiss(["a", "b", "c"], {frozenset("ab"), frozenset(("c", BYE))}) == [("a", "c"), ("b", BYE)]


@given(st.integers(2, 24), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_swiss_rounds_can_always_be_drawn(members, random):
    """Up to half as many rounds as members, in whatever order results put them; everybody plays in each, once."""
    names = [f"m{i}" for i in range(members)]
    met = set()
    for _ in range((members + 1) // 2):
        random.shuffle(names)
        meetings = pair_swiss(names, met)
        assert sorted(name for meeting in meetings for name in meeting if name != BYE) == sorted(names)
        assert not met & {frozenset(meeting) for meeting in meetings}
        met |= {frozenset(meeting) for meeting in meetings}


def test_eight_members_in_three_swiss_rounds(race, tmp_path):
    """The strongest wins its three meetings, the weakest none; nobody meets twice."""
    members, executor = entered(10, 80, 30, 70, 50, 20, 60, 40)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        found = play_rounds(SWISS, race, members, store, pairs=4, executor=executor)
        assert [len(one) for one in found.rounds] == [4, 4, 4]
        assert (found.played, found.missing, executor.games) == (48, 0, 48)
        meetings = [frozenset(meeting) for one in found.rounds for meeting in one]
        assert len(set(meetings)) == 12
        assert placed(found)[0] == ("m1", 3.0)
        assert placed(found)[-1] == ("m0", 0.0)
        assert [one.place for one in found.placings] == list(range(1, 9))
        assert all(one.meetings == 3 for one in found.placings)
        again = play_rounds(SWISS, race, members, store, pairs=4, executor=executor)
        assert (again.rounds, again.placings, again.played) == (found.rounds, found.placings, 0)


def test_a_drawn_meeting_is_half_a_point_and_a_bye_a_whole_one(race, tmp_path):
    members, executor = entered(5, 5, 1)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        found = play_rounds(SWISS, race, members, store, pairs=2, rounds=1, executor=executor)
    assert placed(found) == [("m2", 1.0), ("m0", 0.5), ("m1", 0.5)]
    assert [one.opposition for one in found.placings] == [0.0, 0.5, 0.5]


def test_as_many_swiss_rounds_as_single_out_a_winner(race, tmp_path):
    assert [swiss_rounds(n) for n in (2, 3, 4, 5, 8, 9, 64)] == [1, 2, 2, 3, 3, 4, 6]
    members, executor = entered(1, 2, 3, 4)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        with pytest.raises(EvaluationError, match="expected 2 or fewer"):
            play_rounds(SWISS, race, members, store, pairs=2, rounds=3, executor=executor)
        with pytest.raises(EvaluationError, match="no format 'cup'"):
            play_rounds("cup", race, members, store, pairs=2, executor=executor)


def test_neighbours_challenge_each_other_by_turns():
    assert challenges("abcde", 0) == [("a", "b"), ("c", "d")]
    assert challenges("abcde", 1) == [("b", "c"), ("d", "e")]


@given(st.permutations(range(7)))
@settings(max_examples=10, deadline=None)
def test_a_ladder_of_as_many_rounds_as_members_is_in_order(tmp_path_factory, order):
    race = arenas.make_game("example")
    members, executor = entered(*order)
    with open_store(tmp_path_factory.mktemp("ladder") / "t.sqlite", race, {}) as store:
        found = play_rounds(LADDER, race, members, store, pairs=1, executor=executor)
    strengths = [order[int(one.name[1:])] for one in found.placings]
    assert all(above > below for above, below in pairwise(strengths))


def test_a_draw_defends_the_place(race, tmp_path):
    members, executor = entered(3, 3, 1)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        found = play_rounds(LADDER, race, members, store, pairs=2, executor=executor)
    assert [one.name for one in found.placings] == ["m1", "m0", "m2"]  # the last entered begins on top


def test_a_round_cut_short_is_finished_before_the_next(race, tmp_path):
    members, executor = entered(1, 2, 3, 4)
    with open_store(tmp_path / "t.sqlite", race, {}) as store:
        past = time.monotonic() - 1
        found = play_rounds(SWISS, race, members, store, pairs=4, until=past, executor=executor)
        assert (found.rounds, found.played, found.missing) == ((), 1, 7)
        found = play_rounds(SWISS, race, members, store, pairs=4, executor=executor)
        assert (len(found.rounds), found.played, found.missing) == (2, 15, 0)


def test_real_members_in_rounds_give_ratings_too(race, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["tournament", "example", "constant:0", "constant:1", "--pairs", "10", "--format", "swiss"]
    monkeypatch.setattr(sys, "argv", ["kumite", *words])
    done = CliRunner().invoke(app, [*words, "--json"], standalone_mode=False)
    values = json.loads(done.stdout)
    assert (done.return_value or 0, values["missing_games"], values["format"]) == (0, 0, "swiss")
    assert {one["name"] for one in values["placings"]} == {"uniform", *race.arena.bots, "constant:0", "constant:1"}
    assert values["placings"][-1]["name"] == "constant:0"
    shown = CliRunner().invoke(app, words, standalone_mode=False)
    assert "Swiss" in shown.stdout
    assert "goodness of fit" in shown.stdout
    refused = CliRunner().invoke(app, [*words, "--gauntlet", "uniform"], standalone_mode=False)
    assert "--gauntlet" in str(refused.exception)
    tested = CliRunner().invoke(app, [*words, "--sprt", "0,20"], standalone_mode=False)
    assert "--sprt 0,20: a test is of one member against others" in str(tested.exception)
    unknown = CliRunner().invoke(app, [*words[:-1], "swis"], standalone_mode=False)
    assert "did you mean 'swiss'" in str(unknown.exception)
    assert resolve("uniform", race).name == "uniform"
