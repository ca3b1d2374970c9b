"""Depth of the fight arena: habits are found where they are, and what is counted is what was done."""

import json
from dataclasses import replace

import numpy as np
import pytest

from kumite import arenas
from kumite.agents import resolve
from kumite.agents.checkpoint import load_policy
from kumite.agents.ppo_config import PPOConfig
from kumite.arenas.batch import Batch
from kumite.arenas.fight.choices import STYLES
from kumite.eval.answers import Answers
from kumite.eval.depth import CHART_GAMES, Depth, Use, measure, watch
from kumite.eval.habits import Habit, OpenLoopPolicy, search_habits
from kumite.eval.matchups import Meeting, character_chart
from kumite.eval.playing import EvaluationError, open_store
from kumite.eval.report import build, collect
from kumite.eval.report.material import DEPTH
from kumite.league.play import play_keys


@pytest.fixture
def game():
    return arenas.make_game("example")


@pytest.fixture(scope="module")
def fight():
    return arenas.make_game("fight", rounds=1, seconds=6)


def test_an_open_loop_plays_its_sequence_and_begins_anew_with_each_match(game):
    batch = Batch(game, 3)
    policy = OpenLoopPolicy([[1], [2], [0]])
    state, rng = policy.initial_state(3), np.random.default_rng(0)
    played = []
    for _ in range(4):
        actions, state = policy.act(batch.observations[:, 0], batch.masks[:, 0], state, rng)
        played.append(actions[:, 0].tolist())
    assert played == [[1] * 3, [2] * 3, [0] * 3, [1] * 3]
    policy.reset(state, np.array([True, False, False]))
    actions, _ = policy.act(batch.observations[:, 0], batch.masks[:, 0], state, rng)
    assert actions[:, 0].tolist() == [1, 2, 2]


def test_an_illegal_choice_takes_the_lowest_legal_one():
    policy = OpenLoopPolicy([[2]])
    mask = np.array([[[0, 1, 0]], [[1, 1, 1]]], np.uint8)
    actions, _ = policy.act(np.zeros((2, 1), np.float32), mask, policy.initial_state(2), np.random.default_rng(0))
    assert actions[:, 0].tolist() == [1, 2]


def test_the_habit_that_solves_a_race_is_found(game, tmp_path):
    """Running all the time beats a walker nine times in ten; a fixed sequence can do no better than that."""
    with open_store(tmp_path / "h.sqlite", game, {}) as store:
        constant, sequence = search_habits(game, resolve("walker", game), store, screen=16, units=200)
        games = store.game_count()
        again = search_habits(game, resolve("walker", game), store, screen=16, units=200)
        assert again == (constant, sequence)
        assert store.game_count() == games
    assert (constant.kind, constant.action, constant.tried) == ("constant action", "run", 3)
    assert 0.8 < constant.lower < constant.rate < constant.upper
    assert sequence.tried == 120
    assert sequence.lower > 0.5


def test_no_habit_beats_who_cannot_be_beaten(tmp_path):
    """In a race of two squares nothing is better than to run, so a habit that runs too is even at best."""
    game = arenas.make_game("example", length=2)
    with open_store(tmp_path / "h.sqlite", game, {}) as store:
        found = search_habits(game, resolve("constant:2", game), store, screen=8, units=100, generations=2)
    assert all(habit.upper < 0.7 for habit in found)


def test_what_is_counted_is_what_was_started(fight):
    """A fighter that only throws is counted as throwing or punishing, and nothing else."""
    throwing = OpenLoopPolicy([[0, 4, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]])
    uses, counts = watch(fight, throwing, 8, seed=1)
    by_name = {use.purpose: use for use in uses}
    assert by_name["throw"].starts > 20
    others = {"throw", "punish", "air attack"}
    assert sum(use.starts for name, use in by_name.items() if name not in others) == 0
    assert sum(use.share for use in uses) == pytest.approx(1)
    assert counts["rounds"] == 8
    assert by_name["throw"].per_thousand == pytest.approx(1000 * by_name["throw"].starts / counts["decisions"])


def test_who_does_nothing_ends_every_round_by_time(fight):
    uses, counts = watch(fight, resolve("constant:0,0,0", fight), 4, seed=0)
    assert all(use.starts == 0 for use in uses)
    assert counts["rounds"] == counts["by_time"] == 4
    frames = 6 * 60 // fight.frame_skip
    assert counts["decisions"] == 2 * 4 * frames


def test_rounds_of_a_longer_match_are_all_counted():
    long = arenas.make_game("fight", rounds=3, seconds=2)
    _, counts = watch(long, resolve("constant:0,0,0", long), 3, seed=0)
    # A drawn round counts for both: two of them end a best of three.
    assert counts["rounds"] == counts["by_time"] == 6


def test_the_chart_does_not_depend_on_which_games_end_first(fight, monkeypatch):
    """Bounds by betting were off where they read games in the order in which they ended."""
    experts = [resolve("cpu-4", fight)]
    chart = character_chart(fight, experts, units=20, seed=0)

    def backwards(*arguments, **more):
        yield from reversed([records[::-1] for records in play_keys(*arguments, **more)])

    monkeypatch.setattr("kumite.eval.matchups.play_keys", backwards)
    assert character_chart(fight, experts, units=20, seed=0) == chart


def test_each_side_of_a_matchup_picks_its_best_member(fight):
    """Even where it stands in the list, a member that only loses is not chosen."""
    weak, strong = resolve("constant:0,0,0", fight), resolve("cpu-8", fight)
    chart = character_chart(fight, [weak, strong], picked=True, units=20, screen=16, seed=0)
    assert chart == character_chart(fight, [strong, weak], picked=True, units=20, screen=16, seed=0)
    alone = character_chart(fight, [strong], units=20, seed=0)
    assert chart == alone
    alike = character_chart(fight, [weak, strong], units=20, seed=0)
    assert alike != alone


def test_the_chart_has_every_meeting_of_characters_once(fight):
    chart = character_chart(fight, [resolve("cpu-4", fight)], units=10, seed=0)
    assert character_chart(fight, [resolve("cpu-4", fight)], units=10, seed=0) == chart
    assert len(chart) == 6
    assert all(meeting.games == 10 and meeting.lower <= meeting.rate <= meeting.upper for meeting in chart)


def depth(**changed):
    names = ("poke", "anti air", "throw", "overhead", "low", "projectile", "reversal", "super", "punish", "special")
    uses = tuple(Use(name, 10, 1.0, 0.1, 0.5) for name in names)
    settings = {
        "watched": "all", "judged": "final", "matches": 10, "decisions": 10_000, "uses": uses, "rounds": 100,
        "by_time": 10, "judged_by_time": 0.3,
        "styles": (), "cycles": (), "support": (("a", 0.4), ("b", 0.3), ("c", 0.3)),
        "chart": (Meeting("ren", "kaya", 100, 0.6, 0.5, 0.7), Meeting("ren", "ivo", 100, 0.35, 0.25, 0.45)),
        "chart_by": "cpu-8", "habits": (Habit("constant action", "x", 3, 100, 0.2, 0.1, 0.3),), "unit": "pair",
    }  # fmt: skip
    return Depth(**{**settings, **changed})


ANSWERED = Meeting("anti-turtle", "turtle", 100, 0.8, 0.7, 0.9)
ANSWERS = Answers(1, (ANSWERED,), (), (("a", 0.4), ("b", 0.3), ("c", 0.3)), (("x", 1.0),), 0.2, 0, (("a", 1.0),))


def test_a_verdict_whose_answers_were_of_another_kind_is_read_without_them():
    saved = json.loads(json.dumps(depth().as_values()))
    del saved["answers"]
    saved |= {"responses": [], "response_cycles": [], "response_support": [], "response_runs": 1}
    assert Depth.from_values(saved) == depth()
    assert len(depth().checks()) == 5


def test_a_verdict_saved_before_members_were_watched_is_read():
    saved = json.loads(json.dumps(depth().as_values()))
    del saved["judged"], saved["judged_by_time"]
    found = Depth.from_values(saved)
    assert (found.judged, found.judged_by_time) == ("all", 0.1)


@pytest.mark.parametrize(
    ("changed", "fails"),
    [
        ({}, None),
        ({"support": (("a", 0.6), ("b", 0.4))}, "no style beats all"),
        ({"uses": (Use("poke", 10, 1.0, 1.0, 0.5), Use("throw", 0, 0.0, 0.0, 0.0))}, "everything is used"),
        ({"by_time": 20}, "rounds ended by time"),
        ({"habits": (Habit("constant action", "x", 3, 100, 0.45, 0.4, 0.51),)}, "no habit beats the judged policy"),
        ({"chart": (Meeting("ren", "ivo", 100, 0.71, 0.6, 0.8),)}, "character matchups"),
        (
            {"answers": (replace(ANSWERS, meetings=(replace(ANSWERED, lower=0.49),)),)},
            "answers to styles are habits too",
        ),
        (
            {"answers": (ANSWERS, replace(ANSWERS, mixture=(("a", 0.6), ("b", 0.4))))},
            "answers to styles are habits too",
        ),
    ],
)
def test_each_check_fails_for_its_own_reason(changed, fails):
    held = {what: holds for what, _, _, holds in depth(**{"answers": (ANSWERS,), **changed}).checks()}
    assert len(held) == 6
    assert [what for what, holds in held.items() if not holds] == ([fails] if fails else [])


def test_depth_is_for_fight_alone(game, tmp_path):
    with open_store(tmp_path / "d.sqlite", game, {}) as store, pytest.raises(EvaluationError, match="depth is defined"):
        measure(game, resolve("walker", game), store)


@pytest.mark.slow
def test_everything_is_measured_once_and_reported(fight, tmp_path):
    with open_store(tmp_path / DEPTH, fight, {}) as store:
        found = measure(fight, resolve("cpu-6", fight), store, units=8, matches=16)
        games = store.game_count()
        assert measure(fight, resolve("cpu-6", fight), store, units=8, matches=16) == found
        assert store.game_count() == games
        settings = {"units": 8, "matches": 16, "response_steps": 2000, "folder": tmp_path / "depth"}
        found = measure(fight, resolve("cpu-6", fight), store, **settings)
        written = [file.stat().st_mtime_ns for file in sorted((tmp_path / "depth").glob("answer-*"))]
        assert measure(fight, resolve("cpu-6", fight), store, **settings) == found
        assert [file.stat().st_mtime_ns for file in sorted((tmp_path / "depth").glob("answer-*"))] == written
    assert Depth.from_values(json.loads(json.dumps(found.as_values()))) == found
    assert len(found.styles) == 15
    (answers,) = found.answers
    assert len(answers.meetings) == 66
    assert [(meeting.row, meeting.column) for meeting in answers.scores] == [(f"anti-{name}", name) for name in STYLES]
    assert sum(weight for _, weight in found.support) == pytest.approx(1)
    report = build(collect(tmp_path))
    section = next(section for section in report.sections if section.key == "depth")
    assert [chart.key for chart in section.charts] == [
        "depth-uses",
        "depth-styles",
        "depth-answers-1",
        "depth-matchups",
    ]
    assert [row["check"] for row in report.table("depth-checks").rows] == [what for what, *_ in found.checks()]


def test_several_members_are_charted_in_both_ways_and_given_settings_train_the_answers(tmp_path):
    game = arenas.make_game("fight", matchup="random", rounds=1, seconds=5)
    pair = [resolve("cpu-2", game), resolve("cpu-8", game)]
    settings = {"units": 2, "matches": 4, "response_steps": 500, "folder": tmp_path}
    with open_store(tmp_path / "d.sqlite", game, {}) as store:
        found = measure(game, pair[1], store, members=pair, settings=PPOConfig(hidden=(8,), matches=16), **settings)
    assert [meeting.games for meeting in found.chart + found.picked] == [2 * CHART_GAMES] * 12
    assert "2 trained members" in found.chart_by
    assert (found.watched, found.judged) == ("2 trained members, drawn alike", "cpu-8")
    assert Depth.from_values(json.loads(json.dumps(found.as_values()))) == found
    assert load_policy(next(tmp_path.glob("answer-*")), game).network.config.hidden == (8,)
