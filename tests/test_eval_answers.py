"""PPO's answers to the styles: how they are trained, and what a round robin with the styles says of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kumite import arenas
from kumite.agents import resolve
from kumite.agents.checkpoint import load_policy
from kumite.agents.ppo import PPO, PPOConfig
from kumite.arenas.fight.choices import STYLES
from kumite.eval.answers import Answers, answer_to, judge_answers, judged, train_answers
from kumite.eval.matchups import Meeting
from kumite.eval.ratings import Results
from kumite.league.play import derive_seed

NAMES = (*map(answer_to, STYLES), *STYLES)
SETTINGS = PPOConfig(hidden=(8,), matches=16, self_play=0.5)


@pytest.fixture(scope="module")
def fight():
    return arenas.make_game("fight", rounds=1, seconds=5)


SCORES = tuple(Meeting(answer_to(style), style, 100, 0.9, 0.8, 0.95) for style in STYLES)


def results(strength, beats=(), units=1000):
    """The stronger wins more, by 4 in 100 for each step of strength; `beats`: pairs where the first wins 9 of 10."""
    rate = 0.5 + 0.04 * np.subtract.outer(strength, strength)
    for winner, loser in beats:
        i, j = NAMES.index(winner), NAMES.index(loser)
        rate[i, j], rate[j, i] = 0.9, 0.1
    played = np.full(rate.shape, float(units)) - np.diag([float(units)] * len(NAMES))
    return Results(NAMES, played, played * rate, played * rate, 2)  # units won or lost


def test_a_ladder_has_no_cycle_and_one_best_answer():
    found = judged(1, results(np.arange(12)[::-1]), SCORES)
    assert (found.cycles, found.alone) == ((), 0)
    assert dict(found.mixture)["anti-turtle"] == pytest.approx(1)
    assert dict(found.everybody)["anti-turtle"] == pytest.approx(1)
    assert found.value == pytest.approx(0.48)  # six steps above the best style
    assert not found.holds


def test_a_cycle_counts_where_an_answer_is_in_it():
    styles_only = [("turtle", "poker"), ("poker", "grabber"), ("grabber", "turtle")]
    found = judged(1, results(np.arange(12)[::-1], styles_only), SCORES)
    assert not found.holds
    mixed = [("anti-turtle", "turtle"), ("turtle", "anti-jumper"), ("anti-jumper", "anti-turtle")]
    found = judged(1, results(np.arange(12)[::-1], mixed), SCORES)
    assert {"anti-turtle", "turtle", "anti-jumper"} in [set(cycle.members) for cycle in found.cycles]
    assert (found.alone, found.holds) == (0, True)
    assert sum(weight > 0.01 for _, weight in found.everybody) == 3


def test_answers_that_do_not_beat_their_style_show_nothing():
    """Networks after 20,000 decisions were in ten cycles, and won 3 games of 100 against what they were to answer."""
    mixed = [("anti-turtle", "turtle"), ("turtle", "anti-jumper"), ("anti-jumper", "anti-turtle")]
    found = judged(1, results(np.arange(12)[::-1], mixed), (*SCORES[1:], replace(SCORES[0], lower=0.5)))
    assert found.cycles
    assert not found.holds


def test_answers_that_beat_their_own_style_alone_are_all_mixed():
    own = [(answer_to(style), style) for style in STYLES]
    found = judged(1, results(np.zeros(12), own), SCORES)
    assert found.mixed == 6
    assert found.value == pytest.approx(0.8 / 6)
    assert Answers.from_values(found.as_values()) == found


def test_answers_start_from_nothing_and_meet_their_style_alone(fight, tmp_path):
    found = train_answers(fight, 500, 2, SETTINGS, tmp_path, 7)
    alone = PPO(fight, replace(SETTINGS, self_play=0.0), resolve("poker", fight), derive_seed(7, "poker", 2))
    alone.train(500)
    for mine, theirs in zip(alone.network.parameters(), found["anti-poker"].network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_every_run_is_trained_and_judged_by_itself_and_once(fight, tmp_path):
    told = []
    settings = {"units": 4, "seed": 1, "trained": lambda done, wanted: told.append((done, wanted))}
    found = judge_answers(fight, 500, 2, SETTINGS, tmp_path, **settings)
    assert [each.run for each in found] == [1, 2]
    assert all(len(each.meetings) == 66 for each in found)
    assert [(meeting.row, meeting.column) for meeting in found[1].scores] == [(answer_to(s), s) for s in STYLES]
    assert told == sorted(told)
    assert told[-1] == (6_000, 6_000)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.glob("answer-*")}
    assert len(written) == len({load_policy(path, fight).policy_hash for path in written}) == 12
    assert judge_answers(fight, 500, 2, SETTINGS, tmp_path, **settings) == found
    assert {path: path.stat().st_mtime_ns for path in written} == written
