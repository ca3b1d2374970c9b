"""Main agents and exploiters: whom they meet, when they are frozen, and what is reset."""

import pytest
from league_runs import members, settings, trained

from kumite.league import roles as roles_module
from kumite.league.config import LeagueError, load_scheme
from kumite.league.loops import Assignment
from kumite.league.population import LEAGUE_EXPLOITER, MAIN, MAIN_EXPLOITER, PASSING, meeting
from kumite.league.records import Member
from kumite.league.roles import Field, needs_verification, opponents_of, without_progress
from kumite.league.run import Run
from kumite.league.solvers import PayoffError, prioritise
from kumite.league.trainer import Stopped, Trainer

ROLES = {"steps": 500, "snapshot_steps": 500, "snapshot_limit": 1000, "pairs": 10, "gate_pairs": 32, "iterations": 3}


def field(rates, mains=(), exploiters=(), main=None, **more):
    """A field by name -> win rate; all but the current main are frozen."""
    frozen = [name for name in rates if name != main or name in mains]
    return Field(frozen, list(mains), list(exploiters), main, rates, **more)


# --- whom they meet ---


@pytest.mark.parametrize(
    ("priority", "weights"),
    [
        ("squared", [0.81, 0.25, 0.01]),
        ("variance", [0.09, 0.25, 0.09]),
        ("linear", [0.9, 0.5, 0.1]),
        ("linear_capped", [0.5, 0.5, 0.1]),
    ],
)
def test_opponents_are_weighed_by_how_hard_they_are(priority, weights):
    total = sum(weights)
    assert prioritise(priority, [0.1, 0.5, 0.9]).tolist() == pytest.approx([weight / total for weight in weights])


def test_where_everybody_is_beaten_always_all_are_alike():
    """The published code divides by zero here."""
    assert prioritise("squared", [1.0, 1.0]).tolist() == [0.5, 0.5]
    with pytest.raises(PayoffError, match="one or more between 0 and 1"):
        prioritise("squared", [0.5, float("nan")])
    with pytest.raises(PayoffError, match="one or more"):
        prioritise("squared", [])


def test_a_main_agent_plays_half_its_matches_against_the_past_and_half_against_itself():
    drawn = opponents_of(MAIN, field({"uniform": 0.5}, itself=True))
    assert drawn == pytest.approx({"uniform": 0.5, "": 0.5})


def test_of_two_populations_the_current_main_of_the_other_is_met():
    rates = {"uniform": 0.9, "main-1": 0.6, "main-2": 0.5}
    drawn = opponents_of(MAIN, field(rates, mains=["main-1"], main="main-2"))
    past = {"uniform": 0.5 * 0.01 / 0.17, "main-1": 0.5 * 0.16 / 0.17}
    assert drawn == pytest.approx({**past, "main-2": 0.5})
    # Too strong to learn from: an earlier one, as even as possible.
    hopeless = opponents_of(MAIN, field(rates | {"main-2": 0.2}, mains=["main-1"], main="main-2"))
    assert hopeless == pytest.approx({"uniform": past["uniform"], "main-1": past["main-1"] + 0.5})


def test_exploiters_that_still_win_are_met_again():
    rates = {"uniform": 0.9, "main-exploiter-1": 0.2}
    with_them = field(rates, exploiters=["main-exploiter-1"], itself=True)
    assert needs_verification(with_them) == ["main-exploiter-1"]
    drawn = opponents_of(MAIN, with_them)
    assert sum(drawn.values()) == pytest.approx(1)
    assert drawn[""] == pytest.approx(0.35)
    assert drawn["main-exploiter-1"] == pytest.approx(0.5 * 0.64 / 0.65 + 0.15)


def test_forgotten_mains_are_met_again_but_for_those_that_only_show_progress():
    names = ["main-1", "main-2", "main-3", "main-4"]
    assert without_progress(names, [0.9, 0.8, 0.7, 0.6]) == []  # each newer one is harder
    assert without_progress(names, [0.6, 0.9, 0.8, 0.7]) == ["main-1", "main-2"]  # the first is harder than the second
    assert without_progress([], []) == without_progress(["main-1"], [0.1]) == []
    rates = dict(zip(names, [0.6, 0.9, 0.8, 0.7], strict=True))
    assert needs_verification(field(rates, mains=names)) == ["main-1", "main-2"]
    assert needs_verification(field(rates | {"main-1": 0.75}, mains=names)) == []


def test_exploiters_meet_the_main_or_everybody():
    rates = {"uniform": 0.9, "main-1": 0.5, "main-2": 0.3}
    both = field(rates, mains=["main-1"], main="main-2")
    assert opponents_of(MAIN_EXPLOITER, both) == {"main-2": 1.0}
    assert opponents_of(MAIN_EXPLOITER, field(rates | {"main-2": 0.05}, mains=["main-1"], main="main-2")) == {
        "main-1": 1.0
    }
    assert opponents_of(MAIN_EXPLOITER, field({"uniform": 0.5})) == {"uniform": 1.0}  # there is no main yet
    assert opponents_of(LEAGUE_EXPLOITER, both) == pytest.approx({"uniform": 0.1 / 0.6, "main-1": 0.5 / 0.6})


# --- who is there ---


def test_a_passing_state_is_met_until_the_next_one_is_there():
    names = [("uniform", "initial"), ("main-1", PASSING), ("league-exploiter-1", PASSING), ("main-2", "response"),
             ("main-3", PASSING), ("gone", "refused")]  # fmt: skip
    rows = [Member(name, "checkpoint", role, name) for name, role in names]
    assert [m.name for m in meeting(rows, 0)] == ["uniform", "league-exploiter-1", "main-2", "main-3"]


@pytest.mark.parametrize("arena", ["example", "classic/kuhn"])
def test_three_learners_a_population_are_frozen_at_the_limit_at_the_latest(arena, tmp_path):
    with trained(tmp_path / "run", arena, "alphastar", **ROLES, snapshot_win_rate=1.0) as run:
        sides = [""] if run.count == 1 else ["row-", "column-"]
        names = [f"{side}{part}-{i}" for i in (1, 2, 3) for side in sides for part in run_parts()]
        assert [name for name, _, _ in members(run)] == [*(f"{side}uniform" for side in sides), *names]
        roles = {name: role for name, role, _ in members(run)}
        assert {roles[name] for name in names if name.endswith("-1")} == {PASSING}
        assert {roles[name] for name in names if name.endswith("-2")} == {"response"}
        parents = {member.name: member.parent for member in run.store.members()}
        for side in sides:
            assert parents[f"{side}main-3"] == f"{side}main-2"
            assert parents[f"{side}main-exploiter-3"] is None  # it began anew
        frozen = {data["name"]: data for _, _, data in run.store.events("judged")}
        assert frozen[f"{sides[0]}main-2"]["samples"] >= 1000
        assert run.judged().name == f"{sides[0]}main-3"
        assert sum(run.meta().win_rate.shape) == 2 * len(run.populations[0].players)


def run_parts():
    return (MAIN, MAIN_EXPLOITER, LEAGUE_EXPLOITER)


def test_bug_the_exploiter_was_reset_before_it_was_kept(tmp_path):
    """The published pseudocode takes the snapshot after the reset: what was learned would be lost."""
    with trained(tmp_path / "run", scheme="alphastar", **{**ROLES, "iterations": 2}) as run:
        trained_as = {data["name"]: data["hash"] for _, _, data in run.store.events("trained")}
        reset = [data["name"] for _, _, data in run.store.events("judged") if data["reset"]]
        assert "main-exploiter-2" in reset
        for name, _, found in members(run)[1:]:
            assert found == trained_as[name]


def test_freezing_asks_for_a_sure_win_against_each_and_not_for_lucky_averages(tmp_path, monkeypatch):
    """Against equals: an average of 30 games is above 0.6 now and then, a confidence sequence over it is not."""
    config = settings("alphastar", **{**ROLES, "snapshot_limit": 10**9, "snapshot_win_rate": 0.6, "iterations": 2})
    rates = []
    bounds = roles_module.bounds
    monkeypatch.setattr(
        roles_module, "bounds", lambda points, *given: rates.append(points.mean()) or bounds(points, *given)
    )
    with Run.create(tmp_path / "run", "example", {}, config) as run:
        Trainer(run).train()
        judged = [data for _, _, data in run.store.events("judged")]
    assert rates
    assert all(data["role"] == PASSING for data in judged if data.get("win_rate_at_least", 0) <= 0.6)
    assert any("win_rate_at_least" in data for data in judged)


def test_a_league_without_a_rival_has_no_least_win_rate(tmp_path):
    """min() of nobody is an error in the published pseudocode; here only the limit freezes a learner then."""
    with trained(tmp_path / "run", scheme="alphastar", **{**ROLES, "iterations": 1}) as run:
        loop, population = Trainer(run).loop, run.populations[0]
        population.players = [player for player in population.players if player.member.role == PASSING]
        work = Assignment("main-2", population, MAIN, None, None)
        assert loop._least(2, work, population.players[0]) is None


def test_a_stopped_league_goes_on_to_the_same_members(tmp_path):
    options = {**ROLES, "iterations": 2}
    with trained(tmp_path / "whole", scheme="alphastar", **options) as run:
        expected = members(run)
    with Run.create(tmp_path / "stopped", "example", {}, settings("alphastar", **options)) as run:
        stops = 0
        while not run.store.events("finished"):
            asked = iter(range(5 + 9 * stops))  # longer each time: a gate cut short is played anew
            try:
                Trainer(run, stop=lambda asked=asked: next(asked, None) is None).train()
            except Stopped:
                stops += 1
        assert stops > 2
        assert members(run) == expected


def test_settings_of_roles_are_checked():
    with pytest.raises(LeagueError, match="snapshot_win_rate"):
        load_scheme("alphastar", {"snapshot_win_rate": 0.2})
